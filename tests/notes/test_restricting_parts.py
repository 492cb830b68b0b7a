r"""Parts of a display that restrict the claims beside them: ``\implies``, ``i = j``, ``sonst``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: entries}
symbols:
  x: {shape: [N], role: input}
  y: {shape: [N]}
  p: {shape: [N]}
  u: {shape: [], role: param}
  v: {shape: [], role: param}
define:
  - y_i = \max(0, x_i)
  - p = \mathrm{softmax}(x)
---

"""
D = r"\frac{\partial p_i}{\partial x_j}"
OFF = rf"{D} = -p_i p_j"
ON = rf"{D} = p_i(1-p_i)"
UP = r"\frac{\partial y_i}{\partial x_i} = 1"
DOWN = r"\frac{\partial y_i}{\partial x_i} = 0"


def words(display: str) -> list[str]:
    found = check(read(f"{HEADER}$${display}$$\n", "note.md"), 0.0).verdicts
    return [v.verdict for v in found if v.verdict != "not-a-claim"]


@pytest.mark.parametrize(
    "display",
    [
        rf"x_i > 0 \implies {UP}",
        rf"x_i > 0 \Rightarrow {UP}",
        rf"i \neq j \Longrightarrow {OFF}",
        rf"i = j:\quad {ON}",
        rf"{ON} \quad (i = j)",
        rf"{ON}, \qquad i = j",
        rf"{ON} \quad \text{{cuando }} i = j",
        rf"{ON} \quad \text{{se }} i = j, \qquad {OFF} \quad \text{{se }} i \neq j",
        rf"{OFF} \quad\text{{wenn }} i\neq j, \qquad {ON} \quad\text{{sonst}}",
        rf"{UP} \quad\text{{if }} x_i > 0, \qquad {DOWN} \quad\text{{otherwise}}",
        rf"\left.{D}\right|_{{i=j}} = p_i(1-p_i)",
        rf"\left.{D}\right|_{{i \neq j}} = -p_i p_j",
        rf"{D} = \begin{{cases}} p_i(1-p_i) & i = j \\ -p_i p_j & \text{{sonst}} \end{{cases}}",
    ],
)
def test_it_holds_where_it_is_claimed(display: str) -> None:
    assert set(words(display)) == {"proved"}
    wrong = display.replace("p_i(1-p_i)", "2p_i(1-p_i)").replace("-p_i p_j", "-2p_i p_j")
    wrong = wrong.replace(UP, "@").replace(DOWN, UP).replace("@", DOWN)
    assert set(words(wrong)) == {"wrong"}


@pytest.mark.parametrize(
    ("display", "expected"),
    [
        # Quantities that are equal are a claim; so are indices that the claim has not.
        (rf"{UP} \quad (u = v)", ["wrong"]),
        (rf"{OFF}, \quad i = k", ["wrong"]),
        (rf"i \neq j \iff {OFF}", ["wrong"]),
        (r"i = j", []),
        (rf"{D} \overset{{i=j}}{{=}} p_i(1-p_i)", ["unreadable"]),
        (rf"{D} \overset{{(1)}}{{=}} p_i(\delta_{{ij}}-p_j)", ["proved"]),
    ],
)
def test_other_parts_restrict_nothing(display: str, expected: list[str]) -> None:
    assert words(display) == expected

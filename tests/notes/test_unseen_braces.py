r"""Braces that print nothing: a claim is what is printed, and so is its repair."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.patch import patched
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {H: units, D: inputs}
symbols:
  z: {shape: [H], role: input}
  t: {shape: [H], role: label}
  c: {shape: [H], role: constant}
  x: {shape: [D], role: input}
  W: {shape: [H, D], role: param}
  y: {shape: [H]}
  E: {shape: []}
  L: {shape: []}
define:
  - L = \frac12 \|z - t\|^2 + \sum_i c_i z_i
  - y = W x
  - E = \frac12 \|y - t\|^2
---
\newcommand{\wrong}[1]{\textcolor{red}{#1}}

"""


def verdict(claim: str) -> Verdict:
    (found,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    return found


@pytest.mark.parametrize(
    ("side", "right"),
    [
        ("z - {t - c}", False),
        ("z - t {+ c}", True),
        ("z - {t} + c", True),
        ("z + {c - t}", True),
        (r"z -{\color{red} t + c}", True),
        (r"z -{\color{red} t - c}", False),
        (r"z - \textcolor{blue}{t + c}", True),
        (r"z \textcolor{blue}{- t + c}", True),
        (r"z - \textcolor{blue}{t - c}", False),
        (r"z - \wrong{t + c}", True),
        (r"z - \wrong{t - c}", False),
        (r"z - \mathord{t + c}", True),
        (r"z - \left({t - c}\right)", True),
        (r"1{z - t} + c", True),
    ],
)
def test_a_claim_is_what_is_printed(side: str, right: bool) -> None:
    assert verdict(rf"\frac{{\partial L}}{{\partial z}} = {side}").verdict == (
        "proved" if right else "wrong"
    )


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial z} = z - {t - c}",
        r"\frac{\partial L}{\partial z} = c - \textcolor{blue}{t - z}",
        r"\frac{\partial L}{\partial z} = \wrong{t - z - c}",
        r"\frac{\partial L}{\partial z} = {t - z - c}",
        r"\frac{\partial L}{\partial z} = c - \wrong{\textcolor{blue}{t} - z}",
        r"\frac{\partial E}{\partial W} = \wrong{(y - t) x}",
        r"\frac{\partial E}{\partial W} = 2 \wrong{(y - t) x^\top}",
        r"\frac{\partial E}{\partial x} = \textcolor{red}{W} {(y - t)}",
    ],
)
def test_a_repair_is_right_as_it_is_printed(claim: str) -> None:
    note = read(f"{HEADER}$${claim}$$", "n.md")
    text = patched(check(note)).text
    assert text != note.source.text
    assert text.count("{") == text.count("}")
    assert [v.verdict for v in check(read(text, "n.md")).verdicts] == ["proved"]


@pytest.mark.parametrize("side", [r"\textcolor{red}{x (y - t)^\top}", r"{x} {(y - t)^\top}"])
def test_a_transpose_stands_on_brackets_that_are_seen(side: str) -> None:
    found = verdict(rf"\frac{{\partial E}}{{\partial W}} = {side}")
    assert found.verdict == "correct-up-to-layout"
    (repair,) = found.repairs
    assert verdict(repair.latex).verdict == "proved"
    assert r"\right)^\top" in repair.latex


@pytest.mark.parametrize("side", [r"\log{x_i + 1}", r"\sum_i {x_i + 1}", r"\exp{x_1 - x_2}"])
def test_how_far_a_function_reaches_is_not_told_by_what_is_not_seen(side: str) -> None:
    found = verdict(f"L = {side}")
    assert found.verdict == "unreadable"
    assert "parentheses" in found.note


def test_a_claim_is_shown_with_its_braces() -> None:
    claim = r"\frac{\partial L}{\partial z} = z - \textcolor{blue}{t + c}"
    assert verdict(claim).latex == claim

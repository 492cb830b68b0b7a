"""What is true in the other layout is said to be so, with the transpose to put in."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.report import claim_json
from derive.notes.verdicts import Verdict

NOTE = r"""---
derive: 1
dims: {n: inputs, m: outputs}
symbols:
  x: {shape: [n], role: input}
  W: {shape: [m, n], role: param}
  y: {shape: [m]}
  L: {shape: [], role: loss, of: y}
define:
  - y = W x
layout: LAYOUT
---
"""


def verdict(claim: str, layout: str = "gradient") -> Verdict:
    text = f"{NOTE.replace('LAYOUT', layout)}\n$${claim}$$\n"
    (found,) = check(read(text, "note.md"), 1.0).verdicts
    return found


@pytest.mark.parametrize(
    "right",
    [
        r"x \left(\frac{\partial L}{\partial y}\right)^\top",
        r"x \otimes \frac{\partial L}{\partial y}",
    ],
)
def test_the_transpose_of_a_gradient_is_right_in_the_other_layout(right: str) -> None:
    claim = rf"\frac{{\partial L}}{{\partial W}} = {right}"
    found = verdict(claim)
    assert found.verdict == "correct-up-to-layout"
    assert found.problems[0].kind == "layout"
    assert found.problems[0].message == "true in the other layout: the transpose of this"
    (instead,) = found.repairs
    assert instead.proved
    assert verdict(instead.latex).verdict == "proved"
    assert claim_json(found, "gradient")["layout"] == "transposed"
    assert verdict(claim, "any").verdict == "proved"


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        (r"\frac{\partial y}{\partial x} = W", ("proved", "correct-up-to-layout")),
        (r"\frac{\partial y}{\partial x} = W^\top", ("correct-up-to-layout", "proved")),
    ],
)
def test_a_jacobian_is_right_in_one_layout_and_transposed_in_the_other(
    claim: str, verdicts: tuple[str, str]
) -> None:
    found = (verdict(claim, "numerator").verdict, verdict(claim, "denominator").verdict)
    assert found == verdicts


def test_a_vector_may_stand_as_a_row_where_any_layout_will_do() -> None:
    claim = r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} W"
    assert verdict(claim).verdict == "correct-up-to-layout"
    assert verdict(claim, "any").verdict == "proved"


def test_what_is_wrong_in_both_layouts_is_wrong() -> None:
    claim = r"\frac{\partial L}{\partial W} = 2 x \left(\frac{\partial L}{\partial y}\right)^\top"
    assert verdict(claim).verdict in ("wrong", "ill-formed")


def test_a_vector_too_short_for_the_diagonal_is_blamed_as_it_is_written() -> None:
    header = NOTE.replace("y: {shape: [m]}", "y: {shape: [n]}\n  v: {shape: [m], role: param}")
    header = header.replace("y = W x", r"y = \tanh(x)").replace("LAYOUT", "gradient")
    note = read(header + r"$$\frac{\partial y}{\partial x} = v$$", "note.md")
    (found,) = check(note, 1.0).verdicts
    (problem,) = found.problems
    assert (found.verdict, problem.found) == ("ill-formed", "v")
    assert problem.message.startswith("the left side has shape n×n, the right side m×1")


ROWS = r"""---
derive: 1
dims: {n: inputs, m: outputs}
convention: row
symbols:
  x: {shape: [n], role: input}
  W: {shape: [n, m], role: param}
  A: {shape: [m, m], role: param}
  w: {shape: [m], role: param}
  y: {shape: [m]}
  g: {shape: []}
  L: {shape: [], role: loss, of: y}
define:
  - y = xW
  - g = y A y^\top
---
"""
ANGLE = r"""---
derive: 1
dims: {d: dim}
symbols:
  a: {shape: [d], role: input}
  p: {shape: [d], role: input}
  c: {shape: []}
define:
  - c = \frac{a^\top p}{\|a\|\|p\|}
---
"""


def judged(header: str, claim: str) -> Verdict:
    (found,) = check(read(f"{header}\n$${claim}$$\n", "note.md")).verdicts
    return found


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial y} W^\top", "proved"),
        (r"\frac{\partial L}{\partial W} = x^\top \frac{\partial L}{\partial y}", "proved"),
        (r"\frac{\partial g}{\partial y} = y (A + A^\top)", "proved"),
        (r"\nabla_x L = \left(\frac{\partial y}{\partial x}\right)^\top \nabla_y L", "proved"),
        (r"\frac{\partial L}{\partial x} = W \frac{\partial L}{\partial y}", "ill-formed"),
        (r"\frac{\partial g}{\partial y} = (A + A^\top) y", "ill-formed"),
    ],
)
def test_no_vector_is_a_column_where_the_header_has_only_rows(claim: str, verdict: str) -> None:
    assert judged(ROWS, claim).verdict == verdict


def test_a_row_in_the_other_layout_is_told_to_be_both() -> None:
    slope = r"\frac{\partial L}{\partial y}"
    found = verdict(rf"\frac{{\partial L}}{{\partial W}} = x^\top {slope}")
    assert found.verdict == "correct-up-to-layout"
    assert "as a row, and in the other layout" in found.problems[0].message
    found = verdict(rf"\frac{{\partial L}}{{\partial W}} = \left({slope}\right)^\top x")
    assert found.verdict == "correct-up-to-layout"
    assert "other layout" not in found.problems[0].message


def test_a_vector_may_be_a_column_where_one_in_the_header_is() -> None:
    header = ROWS.replace("  L: {", "  s: {shape: []}\n  L: {")
    header = header.replace("  - g =", "  - s = y A w\n  - g =")
    assert judged(header, r"\frac{\partial g}{\partial y} = (A + A^\top) y").verdict == "proved"


def test_vectors_of_one_formula_are_all_columns_or_all_rows() -> None:
    claim = r"\frac{\partial c}{\partial a} = \frac{1}{\|a\|}\left(I - \frac{%s}{\|a\|^2}\right)"
    claim += r"\frac{p}{\|p\|}"
    assert judged(ANGLE, claim % r"a a^\top").verdict == "proved"
    found = judged(ANGLE, claim % r"a^\top a")
    assert found.verdict == "ill-formed"
    assert claim % r"a a^\top" in [repair.latex for repair in found.repairs]

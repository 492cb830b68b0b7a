"""What a sum runs over, which indices a condition is about, how long a vector of ones is; rows."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

SQUARES = r"""---
derive: 1
dims: {n: entries}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [n], role: param}
  f: {shape: []}
  g: {shape: []}
define:
  - f = \sum_i x_i^2
  - g = \sum_i w_i x_i
---
"""
CLASSES = r"""---
derive: 1
dims: {K: classes}
symbols:
  z: {shape: [K], role: input}
  c: {shape: [], role: index}
  f: {shape: []}
define:
  - f = \log \sum_k e^{z_k} - z_c
---
"""
LINES = r"""---
derive: 1
dims: {N: samples, D: inputs, K: outputs}
symbols:
  X: {shape: [N, D], role: input}
  W: {shape: [D, K], role: param}
  b: {shape: [K], role: param}
  Y: {shape: [N, K]}
  E: {shape: []}
define:
  - Y = X W + \mathbf 1_N b^\top
  - E = \frac12 \|Y\|^2
---
"""


def verdict(header: str, claim: str) -> Verdict:
    (found,) = check(read(f"{header}\n$$\n{claim}\n$$\n", "note.md"), 1.0).verdicts
    return found


@pytest.mark.parametrize(
    ("limits", "message", "repaired"),
    [
        (
            "_{i=0}^{n}",
            "the sum starts at 0, but i stands on an axis that starts at 1",
            "_{i=1}^{n}",
        ),
        ("_{i=-1}^{n}", "the sum starts at -1, but", "_{i=1}^{n}"),
        ("_{i=1}^{n+1}", "the sum runs to n + 1, but i stands on an axis of n", "_{i=1}^{n}"),
        ("_{i=1}^{2n}", "the sum runs to 2*n, but i stands on an axis of n", None),
    ],
)
def test_a_sum_beyond_its_axis_is_ill_formed(limits, message, repaired):
    found = verdict(SQUARES, rf"f = \sum{limits} x_i^2")
    assert found.verdict == "ill-formed"
    assert found.problems[0].message.startswith(message)
    assert repaired is None or found.repairs[0].latex.strip() == rf"f = \sum{repaired} x_i^2"


@pytest.mark.parametrize("limits", ["_i", "_{i=1}^n", "_{i=0}^{n-1}", "_{i=1}"])
def test_a_sum_over_a_whole_axis_is_right_whatever_its_first_index_is(limits):
    assert verdict(SQUARES, rf"f = \sum{limits} x_i x_i").verdict == "proved"


@pytest.mark.parametrize(("limits", "shown"), [("_{i=2}^n", "_{i=1}^n"), ("_{i=1}^{n-1}", None)])
def test_a_sum_over_a_part_of_an_axis_is_wrong(limits, shown):
    found = verdict(SQUARES, rf"f = \sum{limits} x_i^2")
    assert found.verdict == "wrong"
    assert shown is None or found.repairs[0].latex.strip() == rf"f = \sum{shown} x_i^2"


def test_entries_are_summed_up_without_an_index_over_the_whole_axis_alone():
    assert verdict(SQUARES, r"g = \sum_i w x").verdict == "proved"
    for limits in ("_{i=2}^n", r"_{i \neq j}"):
        assert verdict(SQUARES, rf"g = \sum{limits} w x").verdict == "ill-formed"


def test_an_index_in_its_own_limit_is_ill_formed():
    found = verdict(SQUARES, r"f = \sum_i \left(x_i^2 + \sum_{i=1}^{i-1} x_i^2\right)")
    assert found.verdict == "ill-formed"
    assert found.problems[0].message == "index i stands in its own limit"


@pytest.mark.parametrize(
    "claim", [r"\frac{\partial f}{\partial x_{k-1}} = 2 x_{k-1}", "x_{i-1} = 2 x_{i-1}"]
)
def test_an_index_that_stands_on_no_axis_is_one_claim_s_mistake(claim):
    text = f"{SQUARES}\n$$\n{claim}\n$$\n\n$$\nf = \\sum_i x_i x_i\n$$\n"
    first, second = check(read(text, "note.md"), 1.0).verdicts
    assert first.verdict == "ill-formed"
    assert second.verdict == "proved"


@pytest.mark.parametrize("words", [r"\text{if } k \neq c", r", k \neq c", r"\forall k \neq c"])
def test_a_condition_on_an_index_that_is_given_holds(words):
    softmax = r"\frac{e^{z_k}}{\sum_j e^{z_j}}"
    claim = rf"\frac{{\partial f}}{{\partial z_k}} = {softmax}"
    assert verdict(CLASSES, rf"{claim} \quad {words}").verdict in ("proved", "agrees")
    assert verdict(CLASSES, rf"{claim} - 1 \quad {words}").verdict == "wrong"


def test_brackets_around_a_condition_are_one_where_it_holds():
    softmax = r"\frac{e^{z_k}}{\sum_j e^{z_j}}"
    claim = rf"\frac{{\partial f}}{{\partial z_k}} = {softmax}"
    assert verdict(CLASSES, f"{claim} - [k = c]").verdict == "proved"
    assert verdict(CLASSES, rf"{claim} - [k \neq c]").verdict == "wrong"


def test_a_sum_may_leave_out_an_index_that_is_given():
    claim = r"f = \log\left(e^{z_c} + \sum_{k \neq c} e^{z_k}\right) - z_c"
    assert verdict(CLASSES, claim).verdict == "proved"


@pytest.mark.parametrize("ones", [r"\mathbf 1_N", r"\mathbf 1", r"\boldsymbol{1}"])
def test_a_vector_of_ones_is_as_long_as_its_neighbour_or_as_its_index_says(ones):
    claim = rf"\frac{{\partial E}}{{\partial b}} = Y^\top {ones}"
    assert verdict(LINES, claim).verdict == "proved"
    assert verdict(LINES, rf"\frac{{\partial E}}{{\partial b}} = Y {ones}").verdict != "proved"


def test_a_vector_of_ones_by_itself_is_as_long_as_the_other_side():
    header = SQUARES.replace("x_i^2", "x_i", 1)
    assert verdict(header, r"\frac{\partial f}{\partial x} = \mathbf{1}").verdict == "proved"
    assert verdict(header, r"\frac{\partial f}{\partial x} = 2 \, \mathbf{1}").verdict == "wrong"


@pytest.mark.parametrize("left", [r"\nabla_x f(x)", r"\frac{\partial f}{\partial x}(x)"])
def test_what_a_derivative_is_a_function_of_is_no_factor(left):
    assert verdict(SQUARES, rf"{left} = 2 x").verdict == "proved"
    assert verdict(SQUARES, rf"{left} = 2 x \odot x").verdict == "wrong"


def test_a_definition_beyond_its_axis_is_refused():
    header = SQUARES.replace(r"\sum_i x_i^2", r"\sum_{i=0}^{n} x_i^2")
    with pytest.raises(DeriveError, match="the sum starts at 0"):
        check(read(f"{header}\n$$\nf = 1\n$$\n", "note.md"), 0.0)


def test_a_name_of_two_letters_with_an_index_is_shown_whole():
    header = SQUARES.replace("  w: {", "  dx: {shape: [n]}\n  w: {")
    text = f"{header}\nWith $dx = \\frac{{\\partial f}}{{\\partial x}}$:\n\n$$\ndx_i = 3 x_i\n$$\n"
    *_, found = check(read(text, "note.md"), 0.0).verdicts
    assert found.formula.latex[found.start :].startswith("dx_i")


FORMS = r"""---
derive: 1
dims: {n: entries}
symbols:
  x: {shape: [n], role: input}
  A: {shape: [n, n], role: param}
  f: {shape: []}
define:
  - f = x^\top A x
---
"""


def test_a_vector_is_a_row_where_no_column_conforms_unless_the_note_says_what_it_is():
    claim = r"\frac{\partial f}{\partial A} = x^\top x"
    open_header = FORMS.replace(r"x^\top A x", r"\sum_{ij} x_i A_{ij} x_j")
    assert verdict(open_header, claim).verdict == "correct-up-to-layout"
    # A definition in which it is a column says so, too.
    for header in (FORMS, open_header.replace("symbols:", "convention: column\nsymbols:")):
        found = verdict(header, claim)
        assert found.verdict == "ill-formed"
        latex = r"\frac{\partial f}{\partial A} = x x^\top"
        assert latex in [repair.latex.strip() for repair in found.repairs]

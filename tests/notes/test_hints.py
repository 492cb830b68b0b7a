r"""What is said of names that are not declared, of rows and columns, and of what is not judged."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: observations, p: covariates}
convention: column
symbols:
  X: {shape: [n, p], role: input}
  y: {shape: [n], role: label}
  w: {shape: [p], role: param}
  b: {shape: [p], role: param}
  r: {shape: [n]}
  Z: {shape: [n, p]}
  J: {shape: [], role: loss, of: Z}
  \lambda: {shape: [], role: constant}
  L: {shape: []}
  v: {shape: []}
define:
  - 'r = X w - y'
  - 'Z = X + \mathbf 1 b^\top'
  - 'L = \frac12 r^\top r + \frac\lambda2 w^\top w'
  - 'v = \log_2(1 + \lambda^2)'
---

"""


def judged(body: str, effort: float = 0.0) -> Verdict:
    return check(read(HEADER + body, "note.md"), effort).verdicts[0]


@pytest.mark.parametrize(
    ("body", "line"),
    [
        (r"Let $q = X^\top r$.", "q: {shape: [p]}"),
        (r"Let $q_j = \sum_i r_i X_{ij}$.", "q: {shape: [p]}"),
        (r"Let $\phi = r^\top r$.", r"'\phi': {shape: []}"),
        (r"Let $e = Xw - y$.", "e: {shape: [n]}"),
        (r"Let $A = X^\top X$.", "A: {shape: [p, p]}"),
    ],
)
def test_what_the_text_defines_comes_with_the_line_that_declares_it(body: str, line: str) -> None:
    found = judged(body)
    assert found.verdict == "ill-formed"
    assert found.note.endswith(f"declare {line}")


@pytest.mark.parametrize("claim", [r"\nabla_w L = q", r"q_{jk} = \sum_i r_i X_{ij}"])
def test_what_is_no_definition_comes_without(claim: str) -> None:
    found = judged(f"$${claim}$$")
    assert found.verdict == "ill-formed"
    assert "declare" not in found.note


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_w L = r^\top X + \lambda w", "ill-formed"),
        (r"\nabla_w L = X^\top r + \lambda w^\top", "ill-formed"),
        (r"\nabla_w L = r^\top X + \lambda w^\top", "correct-up-to-layout"),
        (r"\nabla_w L = X^\top r + \lambda w", "proved"),
    ],
)
def test_a_row_and_a_column_are_not_added_where_vectors_are_columns(
    claim: str, verdict: str
) -> None:
    found = judged(f"$${claim}$$")
    assert found.verdict == verdict
    if verdict == "ill-formed":
        assert found.problems[0].message == "a row and a column are added"


def test_without_a_convention_the_vector_may_be_a_row() -> None:
    header = HEADER.replace("convention: column\n", "")
    body = r"$$\nabla_w L = r^\top X + \lambda w$$"
    (found,) = check(read(header + body, "note.md"), 0.0).verdicts
    assert found.verdict == "correct-up-to-layout"


@pytest.mark.parametrize("power", ["^\\top", "^2"])
def test_a_transpose_of_three_axes_is_not_read(power: str) -> None:
    claim = rf"\frac{{\partial J}}{{\partial b}} = \frac{{\partial Z}}{{\partial b}}{power}"
    assert judged(rf"$${claim} \frac{{\partial J}}{{\partial Z}}$$").verdict == "unreadable"


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial v}{\partial \lambda} = \frac{2\lambda}{(1+\lambda^2)\ln 2}", "proved"),
        (r"\frac{\partial v}{\partial \lambda} = \frac{2\lambda}{1+\lambda^2}", "wrong"),
        (r"v = \log_{10}(1 + \lambda^2) / \log_{10} 2", "proved"),
        (r"v = \log_{\lambda}(1 + \lambda^2)", "unreadable"),
        (r"v = \lg(1 + \lambda^2)", "unreadable"),
    ],
)
def test_a_logarithm_may_have_a_number_for_its_base(claim: str, verdict: str) -> None:
    header = HEADER.replace("{shape: [], role: constant}", "{shape: [], role: param}")
    (found,) = check(read(f"{header}$${claim}$$", "note.md"), 0.0).verdicts
    assert found.verdict == verdict


@pytest.mark.parametrize("name", [r"\operatorname{sg}[X]", r"\mathrm{stopgrad}(X)"])
def test_a_stop_gradient_is_not_read(name: str) -> None:
    found = judged(f"$$Z = {name}$$")
    assert found.verdict == "unreadable"
    assert found.problems[0].message.startswith("a stop-gradient")


@pytest.mark.parametrize(
    ("sign", "reason"),
    [(r"\approx", "about equal"), (r"\propto", "proportional"), (r"\ne", "differ")],
)
def test_a_relation_that_is_not_judged_is_said_to_be_none(sign: str, reason: str) -> None:
    found = judged(rf"$$\nabla_w L {sign} X^\top r$$")
    assert found.verdict == "not-a-claim"
    assert reason in found.note


def test_indices_that_differ_need_no_such_word() -> None:
    assert not judged(r"For $i \neq j$ we have $\frac{\partial w_i}{\partial w_j} = 0$.").note


def test_a_derivative_by_what_has_no_name_is_not_judged() -> None:
    header = HEADER.replace("r = X w - y", r"r = \tanh(X w - y)")
    for by, verdict in ("X w - y", "unreadable"), ("X w + y", "ill-formed"):
        claim = rf"\nabla_w L = X^\top\frac{{\partial L}}{{\partial({by})}} + \lambda w"
        (found,) = check(read(f"{header}$${claim}$$", "note.md"), 0.0).verdicts
        assert found.verdict == verdict

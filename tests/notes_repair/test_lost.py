"""Most of a formula has got lost: what the definitions have in brackets puts it right."""

import pytest

from tests.notes_repair.test_repair import first_repair, verdict

CONTRAST = r"""---
derive: 1
dims: {d: width, n: samples}
symbols:
  a: {shape: [d], role: param}
  q: {shape: [d], role: param}
  p: {shape: [d], role: param}
  X: {shape: [n, d], role: input}
  t: {shape: [n], role: label}
  s: {shape: [d]}
  u: {shape: []}
  J: {shape: []}
  R: {shape: []}
  c: {shape: []}
define:
  - u = \|a - p\|^2 - \|a - q\|^2
  - J = -\log \sigma(q^\top p)
  - R = \frac{1}{2n} \|X a - t\|^2
  - s = \tanh(a)
  - c = \frac{a^\top q}{\|a\| \|q\|}
---
"""
COSINE = r"\frac{\partial c}{\partial a} = \frac{q}{\|a\| \|q\|} - c \frac{a}{\|a\|^2}"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (r"\frac{\partial u}{\partial a} = 2", r"2 (q - p)"),
        (r"\frac{\partial J}{\partial q} = p", r"(\sigma(q^\top p) - 1) p"),
        (r"\frac{\partial J}{\partial q} = ((q^\top p) - 1) p", r"(\sigma(q^\top p) - 1) p"),
        (r"\nabla_a R = \frac{1}{n} X^\top", r"\frac{1}{n} X^\top (X a - t)"),
        (r"\nabla_a R = X^\top (X a - t)", r"\frac{1}{n} X^\top (X a - t)"),
    ],
)
def test_what_the_definitions_have_in_brackets_is_put_back(wrong: str, right: str) -> None:
    assert first_repair(CONTRAST, wrong) == f"{wrong.partition(' = ')[0]} = {right}"


def test_a_function_without_its_argument_gets_one_of_the_definitions() -> None:
    header = CONTRAST.replace("  - R =", r"  - w = \sigma(u)" + "\n  - R =")
    header = header.replace("  J: {shape: []}", "  J: {shape: []}\n  w: {shape: []}")
    repaired = first_repair(header, r"\frac{\partial J}{\partial q} = (\sigma - 1) p")
    assert repaired == r"\frac{\partial J}{\partial q} = (\sigma(q^\top p) - 1) p"


@pytest.mark.parametrize(
    "between", ["2 ", "a^2 ", r"\mathrm{diag}(1 - s^2) ", r"\mathrm{diag}(1 - s^2) \circ "]
)
def test_what_stands_between_a_function_and_its_brackets_goes(between: str) -> None:
    wrong = rf"\frac{{\partial s}}{{\partial a}} = \mathrm{{diag}}{between}(1 - s^2)"
    right = r"\frac{\partial s}{\partial a} = \mathrm{diag}(1 - s^2)"
    assert first_repair(CONTRAST, wrong) == right


@pytest.mark.parametrize(("right", "wrong"), [(r"\|a\| \|q\|", r"\|q\|"), (r"\|a\|^2", r"\|a\|")])
def test_norms_are_mended_below_the_line_where_they_stand(right: str, wrong: str) -> None:
    found = verdict(CONTRAST, COSINE.replace(right, wrong)).repairs[0]
    assert all(edit.text.strip() in (r"\|a\|", "^2") for edit in found.edits)
    assert found.proved


def test_bars_pair_before_an_operator_between_two_norms_is_a_place() -> None:
    for sign in (r"\cdot", r"\circ", "*"):
        right = COSINE.replace(r"\|a\| \|q\|", rf"\|a\| {sign} \|q\|")
        assert verdict(CONTRAST, right).verdict == "proved"


INDEXED = r"""---
derive: 1
dims: {n: units}
symbols:
  x: {shape: [n], role: input}
  a: {shape: [n], role: param}
  p: {shape: [n]}
  r: {shape: [n]}
  L: {shape: [], role: loss, of: [p, r]}
define:
  - p_i = \frac{e^{x_i}}{\sum_k e^{x_k}}
  - r_i = \sigma(a_i x_i)
---
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (r"\frac{\partial p_i}{\partial x_j} = p_i", r"p_i (\delta_{ij} - p_j)"),
        (r"\frac{\partial r_i}{\partial x_i} = a \sigma'(a_i x_i)", r"a_i \sigma'(a_i x_i)"),
        (r"\frac{\partial r_i}{\partial x_i} = a_i \sigma'(a_i x)", r"a_i \sigma'(a_i x_i)"),
        (r"\frac{\partial r_i}{\partial x_i} = a_i (a_i x_i)", r"a_i \sigma'(a_i x_i)"),
    ],
)
def test_a_lost_factor_or_index_is_put_back(wrong: str, right: str) -> None:
    expected = f"{wrong.partition(' = ')[0]} = {right}"
    assert first_repair(INDEXED, wrong) == expected


@pytest.mark.parametrize(
    "wrong", [r"\frac{\partial r_i}{\partial a_i}", r"\frac{\partial L}{\partial r_i}"]
)
def test_a_whole_chain_rule_is_right_whatever_it_is_set_equal_to(wrong: str) -> None:
    chain = r"\frac{\partial L}{\partial r_i} \frac{\partial r_i}{\partial a_i}"
    repair = verdict(INDEXED, f"{chain} = {wrong}").repairs[0]
    assert repair.latex.strip().startswith(f"{chain} = ")
    assert repair.proved


MATRICES = r"""---
derive: 1
dims: {n: samples, d: width}
symbols:
  X: {shape: [n, d], role: input}
  M: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  s: {shape: [], role: param}
  m: {shape: [n]}
  E: {shape: [n, d]}
  J: {shape: []}
  p: {shape: []}
  G: {shape: [n, d]}
define:
  - m = e^{X w}
  - E = M \circ X
  - J = \sum_i m_i + s \, w^\top w
  - p = \frac{1}{2 s^2} \sum_{i,k} E_{ik} E_{ik}
  - G = \tanh(E)
---
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            r"\frac{\partial^2 J}{\partial w^2} = X^\top X + 2 s I",
            r"X^\top \mathrm{diag}(m) X + 2 s I",
        ),
        (
            r"\frac{\partial^2 J}{\partial w^2} = X^\top \mathrm{diag}(m) X + 2 s",
            r"X^\top \mathrm{diag}(m) X + 2 s I",
        ),
        (r"\frac{\partial p}{\partial M} = \frac{1}{s^2} X", r"\frac{1}{s^2} X \circ E"),
        (
            r"\frac{\partial p}{\partial s} = -\frac{1}{s} \sum_{i,k} E_{ik}^2",
            r"-\frac{1}{s^3} \sum_{i,k} E_{ik}^2",
        ),
        (
            r"\frac{\partial p}{\partial s} = -\frac{4}{2 s^3} \sum_{i,k} E_{ik}^2",
            r"-\frac{2}{2 s^3} \sum_{i,k} E_{ik}^2",
        ),
        (r"m_i = e^{-\sum_k X_{ik} w_k}", r"e^{\sum_k X_{ik} w_k}"),
        (r"\frac{1}{m_i} = e^{\sum_k X_{ik} w_k}", r"e^{-\sum_k X_{ik} w_k}"),
    ],
)
def test_gates_identities_powers_and_signs_are_put_right(wrong: str, right: str) -> None:
    assert first_repair(MATRICES, wrong) == f"{wrong.partition(' = ')[0]} = {right}"


def test_a_repair_binds_no_letter_that_the_claim_holds_for() -> None:
    wrong = (
        r"\frac{\partial p_i}{\partial x_j}"
        r" = p_i \left( \delta_{ij} - \frac{e^{x_k}}{\sum_k e^{x_k}} \right)"
    )
    for repair in verdict(INDEXED, wrong).repairs:
        assert r"\sum_i" not in repair.latex
        assert r"\sum_j" not in repair.latex
    assert r"\frac{e^{x_j}}{\sum_k e^{x_k}}" in first_repair(INDEXED, wrong)


def test_a_function_is_not_given_an_argument_of_a_sum_that_it_stands_outside_of() -> None:
    header = INDEXED.replace("  L: {", "  u: {shape: []}\n  L: {")
    header = header.replace("  - r_i", "  - u = \\sum_k \\sigma(x_k) a_k\n  - r_i")
    found = verdict(header, r"\frac{\partial u}{\partial a_i} = \sigma + 0 \sum_k \sigma(x_k)")
    assert "k is not bound" not in found.problems[0].message

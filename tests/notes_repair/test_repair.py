"""Wrong claims are repaired by the smallest edit, at the place where the slip is."""

import time

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

INDEXED = r"""---
derive: 1
dims: {N: quantizers, M: code words}
symbols:
  X: {shape: [N], role: input}
  a: {shape: [M], role: param}
  b: {shape: [M], role: param}
  c: {shape: [M], role: param}
  Z: {shape: [N]}
  L: {shape: [], role: loss, of: Z}
define:
  - Z_i = \sum_{j=1}^M a_j \tanh[c_j (X_i - b_j)]
---
"""
MATRICES = r"""---
derive: 1
dims: {D: inputs, H: hidden, K: classes}
symbols:
  x: {shape: [D], role: input}
  y: {shape: [K], role: label}
  W: {shape: [H, D], role: param}
  V: {shape: [K, H], role: param}
  z: {shape: [H]}
  h: {shape: [H]}
  s: {shape: [K]}
  J: {shape: []}
define:
  - z = W x
  - h = \tanh(z)
  - s = V h
  - J = \frac{1}{2} \|s - y\|^2
---
"""
ANGLE = r"""---
derive: 1
dims: {d: dim}
symbols:
  a: {shape: [d], role: input}
  p: {shape: [d], role: input}
  A: {shape: [d, d], role: input}
  c: {shape: []}
  q: {shape: []}
define:
  - c = \frac{a^\top p}{\|a\|\|p\|}
  - q = p^\top A p
---
"""


def verdict(header: str, claim: str, effort: float = 5.0) -> Verdict:
    """Return the verdict on one formula."""
    checked = check(read(f"{header}\n$$\n{claim}\n$$\n", "note.md"), effort)
    return checked.verdicts[-1]


def first_repair(header: str, claim: str, effort: float = 5.0) -> str:
    """Return the text of the first repair."""
    repairs = verdict(header, claim, effort).repairs
    return repairs[0].latex.strip() if repairs else "none"


B = r"\frac{\partial L}{\partial b_i} = a_i c_i \sum_{l=1}^N \frac{\partial L}{\partial Z_l} "
SQUARE = r"\left\{\tanh^2[c_i(X_l - b_i)] - 1\right\}"

REPAIRS = [
    pytest.param(
        INDEXED, B.replace("a_i c_i", "a_i c_j") + SQUARE, B + SQUARE, id="one index occurrence"
    ),
    pytest.param(
        INDEXED,
        B + r"\left\{\tanh^2[c_j(X_l - b_j)] - 1\right\}",
        B + SQUARE,
        id="all occurrences of an index",
    ),
    pytest.param(
        INDEXED, B + r"\left\{\tanh^2[c_i(X_l - b_i)] + 1\right\}", B + SQUARE, id="a sign"
    ),
    pytest.param(
        INDEXED, B + r"\left\{\tanh^2[c_i(X_l - c_i)] - 1\right\}", B + SQUARE, id="a symbol"
    ),
    pytest.param(
        INDEXED, B + r"\left\{\tanh[c_i(X_l - b_i)] - 1\right\}", B + SQUARE, id="a square"
    ),
    pytest.param(
        INDEXED, B + r"\left\{\tanh^2[c_i(X_l - b_i)] - 2\right\}", B + SQUARE, id="a number"
    ),
    pytest.param(
        INDEXED,
        r"\frac{\partial L}{\partial a_i} = 2 \sum_{l=1}^N \frac{\partial L}{\partial Z_l}"
        r" \tanh[c_i(X_l - b_i)]",
        r"\frac{\partial L}{\partial a_i} = \sum_{l=1}^N \frac{\partial L}{\partial Z_l}"
        r" \tanh[c_i(X_l - b_i)]",
        id="a factor too many",
    ),
    pytest.param(
        INDEXED,
        r"\frac{\partial L}{\partial a_i} = \frac{\partial L}{\partial Z_l} \tanh[c_i(X_l - b_i)]",
        r"\frac{\partial L}{\partial a_i} = \sum_{l} \frac{\partial L}{\partial Z_l}"
        r" \tanh[c_i(X_l - b_i)]",
        id="a missing sum",
    ),
    pytest.param(
        INDEXED,
        r"\frac{\partial Z_l}{\partial b_i} = \sum_{k=1}^M a_i c_i \{\tanh^2[c_i(X_l - b_i)] - 1\}",
        r"\frac{\partial Z_l}{\partial b_i} = a_i c_i \{\tanh^2[c_i(X_l - b_i)] - 1\}",
        id="a sum too many",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial V} = (s - y) h",
        r"\frac{\partial J}{\partial V} = (s - y) h^\top",
        id="a missing transpose",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial h} = V (s - y)",
        r"\frac{\partial J}{\partial h} = V^\top (s - y)",
        id="a transpose of a matrix",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial V} = h^\top (s - y)",
        r"\frac{\partial J}{\partial V} = (s - y) h^\top",
        id="the order of two factors",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial z} = V^\top (s - y) \otimes (1 - h^2)",
        r"\frac{\partial J}{\partial z} = V^\top (s - y) \circ (1 - h^2)",
        id="an elementwise product",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial h} = s - y",
        r"\frac{\partial J}{\partial h} = V^\top \left(s - y\right)",
        id="a missing matrix before a sum",
    ),
]


@pytest.mark.parametrize(("header", "claim", "repaired"), REPAIRS)
def test_a_slip_of_every_kind_is_undone(header: str, claim: str, repaired: str) -> None:
    assert first_repair(header, claim).replace(" ", "") == repaired.replace(" ", "")


def test_two_slips_are_undone_together() -> None:
    wrong = B.replace("a_i c_i", "a_i c_j") + SQUARE.replace("- 1", "+ 1")
    assert first_repair(INDEXED, wrong) == (B + SQUARE).strip()


def test_the_position_is_that_of_the_wrong_index() -> None:
    claim = B.replace("a_i c_i", "a_i c_j") + SQUARE
    (problem,) = verdict(INDEXED, claim).problems
    place = verdict(INDEXED, claim).formula.latex.index("c_j") + 2
    assert (problem.start, problem.found, problem.expected) == (place, "j", "i")


def test_an_author_s_spacing_is_kept() -> None:
    wrong = r"\frac{\partial J}{\partial V}  =  (s-y)\,h"
    assert first_repair(MATRICES, wrong) == r"\frac{\partial J}{\partial V}  =  (s-y)\,h^\top"


def test_an_author_s_transpose_is_kept() -> None:
    wrong = r"\frac{\partial J}{\partial W} = (V^T (s - y) \circ (1 - h^2)) x"
    assert first_repair(MATRICES, wrong).endswith("x^T")


def test_factors_change_places_rather_than_a_transpose_has_an_outer_product() -> None:
    assert first_repair(ANGLE, r"\frac{\partial q}{\partial A} = p^\top p").endswith(r"= p p^\top")
    claim = r"\frac{\partial c}{\partial a} = \frac{1}{\|a\|}\left(I - \frac{%s}{\|a\|^2}\right)"
    claim += r"\frac{p}{\|p\|}"
    assert first_repair(ANGLE, claim % r"a^\top a") == claim % r"a a^\top"


def test_no_repair_holds_the_left_side() -> None:
    for claim in (r"\frac{\partial J}{\partial h} = y", r"\frac{\partial J}{\partial V} = h"):
        for repair in verdict(MATRICES, claim, 1.0).repairs:
            assert claim.split(" = ")[0] not in repair.latex.split(" = ")[1]


def test_no_repair_is_a_fraction_of_two_numbers_that_are_equal() -> None:
    claim = r"\frac{\partial Z_l}{\partial a_i} = \frac{1}{2} \tanh[c_i(X_l - b_i)]"
    found = verdict(INDEXED, claim).repairs
    assert found[0].latex.strip() == claim.replace(r"\frac{1}{2} ", "")
    assert not any(r"\frac{2}{2}" in r.latex or r"\frac{1}{1}" in r.latex for r in found)


def test_no_repair_transposes_a_number() -> None:
    claim = r"\frac{\partial Z_l}{\partial a_i} = \tanh[c_i(X_l - b_j)]"
    for repair in verdict(INDEXED, claim).repairs:
        assert r"\top" not in repair.latex


def test_the_limit_to_the_work_is_kept_and_said() -> None:
    claim = r"\frac{\partial L}{\partial c_i} = X_l X_l X_l \sum_{l=1}^N b_l b_l b_l + a_i + b_i"
    start = time.process_time()
    found = verdict(INDEXED, claim, 0.05)
    assert time.process_time() - start < 1
    assert not found.repairs
    assert "--effort" in found.note


def test_no_repair_makes_both_sides_vanish() -> None:
    """A factor 0 is mended where it stands, not by a derivative of what does not depend."""
    claim = r"\frac{\partial J}{\partial V} = 0 (s - y) h^\top"
    repairs = verdict(MATRICES, claim).repairs
    assert repairs
    for repair in repairs:
        assert repair.latex.strip().startswith(r"\frac{\partial J}{\partial V} = ")


TWICE = [
    pytest.param(
        INDEXED,
        B + SQUARE.replace("X_l", "-X_l").replace("- b_i", "- a_i"),
        B + SQUARE,
        id="a sign and a symbol within a function",
    ),
    pytest.param(
        INDEXED,
        r"\frac{\partial L}{\partial X_l} = \frac{\partial L}{\partial Z_l} \sum_{j=1}^M c_j c_j"
        r" \left\{4 - \tanh^2[c_j(X_l - b_j)]\right\}",
        r"\frac{\partial L}{\partial X_l} = \frac{\partial L}{\partial Z_l} \sum_{j=1}^M a_j c_j"
        r" \left\{1 - \tanh^2[c_j(X_l - b_j)]\right\}",
        id="a symbol and a number under a sum",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial W} = (V (s - y) \circ (1 - h)) x^\top",
        r"\frac{\partial J}{\partial W} = (V^\top (s - y) \circ (1 - h^2)) x^\top",
        id="a transpose and a square",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial W} = (V^\top (s + y) \circ (1 - h^2))",
        r"\frac{\partial J}{\partial W} = (V^\top (s - y) \circ (1 - h^2)) x^\top",
        id="a sign, and a factor that got lost around it",
    ),
    pytest.param(
        MATRICES,
        r"\frac{\partial J}{\partial x} = W^\top (V^\top (s - y) \circ (1 - h)) x",
        r"\frac{\partial J}{\partial x} = W^\top (V^\top (s - y) \circ (1 - h^2))",
        id="a square that got lost, and a factor too many",
    ),
]


@pytest.mark.parametrize(("header", "claim", "repaired"), TWICE)
def test_two_slips_are_found_in_little_work(header: str, claim: str, repaired: str) -> None:
    assert first_repair(header, claim, 2.0).replace(" ", "") == repaired.replace(" ", "")


def test_the_same_is_found_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = B + SQUARE.replace("X_l", "-X_l").replace("- b_i", "- a_i")
    first = verdict(INDEXED, claim, 0.4)
    clock = iter(range(10**9))
    for name in ("monotonic", "perf_counter", "process_time", "thread_time", "time"):
        monkeypatch.setattr(time, name, lambda: float(next(clock)))
    assert verdict(INDEXED, claim, 0.4) == first

r"""An index of one side may be a number on the other: ``\sum_{s=t}^n``, ``\min(k, t)``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

SUMS = r"""---
derive: 1
index_base: 1
dims: {n: steps, k: weights}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n]}
  f: {shape: []}
  L: {shape: [], role: loss, of: y}
define:
  - y_t = \sum_{s=1}^t x_s
  - f = \sum_i x_i i^2
---
"""
WINDOW = r"""---
derive: 1
index_base: 1
dims: {n: length, k: width}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n-k+1]}
  L: {shape: [], role: loss, of: y}
define:
  - y_t = \sum_{j=1}^k w_j x_{t+j-1}
---
"""
RETURNS = r"""---
derive: 1
index_base: 1
dims: {n: steps}
symbols:
  r: {shape: [n], role: input}
  \gamma: {shape: [], role: param}
  G: {shape: []}
  H: {shape: []}
  F: {shape: []}
  V: {shape: [n]}
define:
  - G = \sum_{t=1}^n \gamma^{t-1} r_t
  - H = \sum_t t r_t
  - F = \sum_{k=0}^{n-1} \gamma^k r_{k+1}
  - V_t = \sum_{s=t}^n \gamma^{s-t} r_s
---
"""


def judged(header: str, claim: str) -> Verdict:
    (verdict,) = check(read(f"{header}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial x_t} = \sum_{s=t}^n \frac{\partial L}{\partial y_s}",
        r"\frac{\partial L}{\partial x_t} = \sum_{s=\max(1,t)}^n \frac{\partial L}{\partial y_s}",
        r"\frac{\partial f}{\partial x_i} = i^2",
    ],
)
def test_what_is_right_is_accepted(claim: str) -> None:
    assert judged(SUMS, claim).verdict in ("proved", "agrees")


def test_a_window_has_its_ends_by_an_index() -> None:
    terms = r"w_j \frac{\partial L}{\partial y_{t-j+1}}"
    claim = r"\frac{\partial L}{\partial x_t} = \sum_{j=%s}^{\min(k,t)}" + terms
    assert judged(WINDOW, claim % r"\max(1,t-n+k)").verdict in ("proved", "agrees")
    short = judged(WINDOW, claim % "1")
    assert short.verdict == "ill-formed"
    assert "is read outside its range" in short.problems[0].message


def test_what_is_wrong_is_wrong() -> None:
    of = r"\frac{\partial L}{\partial x_t} ="
    assert judged(SUMS, of + r"\sum_{s=1}^t \frac{\partial L}{\partial y_s}").verdict == "wrong"
    assert judged(SUMS, r"\frac{\partial f}{\partial x_i} = i").verdict == "wrong"


def test_a_letter_of_no_side_is_not_declared() -> None:
    verdict = judged(SUMS, r"\frac{\partial L}{\partial x_t} = \sum_{j=1}^{\min(k,q)} w_j")
    assert verdict.problems[0].message == "q is not declared"


def test_a_sum_to_an_index_stays_on_its_axis() -> None:
    verdict = judged(SUMS, r"\frac{\partial L}{\partial x_t} = \sum_{j=1}^t w_j")
    assert verdict.verdict == "ill-formed"
    assert "the sum runs to t, which may be up to n" in verdict.problems[0].message


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial G}{\partial r_t} = \gamma^{t-1}",
        r"\frac{\partial G}{\partial\gamma} = \sum_{t=2}^n (t-1) \gamma^{t-2} r_t",
        r"\frac{\partial H}{\partial r_i} = i",
        r"F = G",
        r"G = \sum_{t=0}^{n-1} \gamma^t r_{t+1}",
        r"\frac{\partial V_t}{\partial r_s} = [s \ge t] \gamma^{s-t}",
        r"\sum_{t=1}^n t = \frac{n(n+1)}{2}",
        r"\sum_{t=0}^{n-1} \gamma^t = \frac{1 - \gamma^n}{1 - \gamma}",
    ],
)
def test_an_index_of_a_sum_is_a_number_in_definitions_as_in_claims(claim: str) -> None:
    assert judged(RETURNS, claim).verdict in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial G}{\partial r_t} = \gamma^t",
        r"G = \sum_{t=0}^{n-1} \gamma^{t+1} r_{t+1}",
        r"\sum_{t=1}^n t = \frac{n(n-1)}{2}",
        r"\sum_{t=1}^n \gamma^t = \frac{1 - \gamma^n}{1 - \gamma}",
    ],
)
def test_an_index_of_a_sum_is_the_number_that_it_is(claim: str) -> None:
    assert judged(RETURNS, claim).verdict == "wrong"

r"""A loss that may be any function is a number: ``R^2`` changes by ``2R`` times what R does."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: entries}
symbols:
  x: {shape: [n], role: input}
  y: {shape: [n]}
  D: {shape: []}
  R: {shape: [], role: loss, of: y}
  \ell: {shape: [n], role: loss, of: y}
define:
  - y = \tanh(x)
  - D = \sum_i x_i^2
---
"""


def judged(claim: str) -> Verdict:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial R^2}{\partial y} = 2R\frac{\partial R}{\partial y}",
        r"\nabla_y R^2 = 2R\,\nabla_y R",
        r"\frac{\partial R^2}{\partial x} = 2R\frac{\partial R}{\partial y} \odot (1 - y^2)",
        r"\frac{\partial (2R)}{\partial y} = 2\frac{\partial R}{\partial y}",
        r"\frac{\partial (R + D)}{\partial x_i} = \frac{\partial R}{\partial y_i}(1-y_i^2) + 2x_i",
        r"\frac{\partial (RD)}{\partial x_i} = D\frac{\partial R}{\partial x_i} + 2R x_i",
        r"\frac{\partial \log R}{\partial x_i} = \frac1R \frac{\partial R}{\partial x_i}",
        r"\frac{\partial R(y)}{\partial y_i} = \frac{\partial R}{\partial y_i}",
        r"\frac{\partial R(y_i)}{\partial y_i} = \frac{\partial R}{\partial y_i}",
        r"\frac{\partial R(D + 1)}{\partial y_i} = \frac{\partial R}{\partial y_i}(D + 1)",
        r"\nabla_y R(y)^2 = 2R\,\nabla_y R",
        r"\frac{\partial R^2}{\partial R} = 2R",
        r"\frac{\partial \ell_i^2}{\partial y_j} = 2\ell_i \frac{\partial \ell_i}{\partial y_j}",
        r"\frac{\partial\sum_i \ell_i}{\partial y_j} = \sum_i \frac{\partial \ell_i}{\partial y_j}",
        r"d(R^2) = 2R\,(\nabla_y R)^\top dy",
        r"d(R^2) = 2R\,dR",
    ],
)
def test_what_is_made_of_a_loss_is_differentiated_through_it(claim: str) -> None:
    assert judged(claim).verdict == "proved"


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial R^2}{\partial y} = \frac{\partial R}{\partial y}",
        r"\nabla_y R^2 = \nabla_y R",
        r"\frac{\partial (R + D)}{\partial x_i} = 2x_i",
        r"\frac{\partial R}{\partial x_i} = R",
    ],
)
def test_what_leaves_the_loss_out_is_wrong(claim: str) -> None:
    assert judged(claim).verdict == "wrong"


def test_what_a_second_derivative_of_a_loss_is_nothing_says() -> None:
    for of in (r"\partial^2 R", r"\partial^2 R^2"):
        verdict = judged(rf"\frac{{{of}}}{{\partial y_i \partial y_j}} = 0")
        assert verdict.verdict == "unreadable"
        assert "a second derivative of R, which may be any function" in verdict.problems[0].message


def test_a_differential_of_what_nothing_defines_is_refused_in_words() -> None:
    assert judged(r"d(\nabla_y R) = dy").verdict == "unreadable"
    header = HEADER.replace("D: {shape", "q: {shape: [n]}\n  D: {shape")
    (verdict,) = check(read(rf"{header}$$dq = dx$$", "n.md"), 0.0).verdicts
    assert verdict.verdict == "ill-formed"
    assert verdict.problems[0].message == "nothing says what q is"


def test_what_a_loss_is_here_is_not_judged() -> None:
    assert judged(r"R = \sum_i y_i^2").verdict == "not-a-claim"
    assert judged(r"R(y) = \sum_i y_i^2").verdict == "not-a-claim"
    assert judged(r"R(D + 1) = RD + R").verdict == "proved"
    assert judged(r"R' = R").verdict == "ill-formed"


PENALTY = r"""---
derive: 1
dims: {N: samples, D: inputs, K: classes}
symbols:
  x: {shape: [D], role: input}
  W: {shape: [K, D], role: param}
  s: {shape: [K]}
  E: {shape: [], role: loss, of: s}
  \lambda: {shape: [], role: constant}
  J: {shape: []}
  F: {shape: []}
define:
  - s = W x
  - J = \frac1N E + \frac\lambda2 \|W\|^2
  - F = 2 J
---
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (
            r"\frac{\partial J}{\partial W}"
            r" = \frac1N \frac{\partial E}{\partial s} x^\top + \lambda W",
            "proved",
        ),
        (
            r"\frac{\partial J}{\partial W} = \frac1N \frac{\partial E}{\partial W} + \lambda W",
            "proved",
        ),
        (r"\frac{\partial J}{\partial x} = \frac1N W^\top \frac{\partial E}{\partial s}", "proved"),
        (r"\frac{\partial F}{\partial x} = \frac2N \frac{\partial E}{\partial x}", "proved"),
        (r"\frac{\partial J}{\partial E} = \frac1N", "proved"),
        (r"\frac{\partial J}{\partial x} = W^\top \frac{\partial E}{\partial s}", "wrong"),
        (r"\frac{\partial J}{\partial W} = \frac1N \frac{\partial E}{\partial W}", "wrong"),
        (r"\frac{\partial^2 J}{\partial x \partial x^\top} = 0", "unreadable"),
    ],
)
def test_what_is_made_of_a_loss_has_the_derivatives_of_it(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{PENALTY}$${claim}$$", "n.md"), 0.0).verdicts
    assert found.verdict == verdict


def test_the_derivative_of_a_loss_that_may_be_any_defines_nothing() -> None:
    header = PENALTY.replace("F = 2 J", r"F = x^\top \frac{\partial E}{\partial x}")
    with pytest.raises(DeriveError, match="the derivative of an unspecified loss"):
        check(read(header, "n.md"))

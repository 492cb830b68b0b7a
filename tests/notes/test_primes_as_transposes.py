r"""A prime on a vector or a matrix is its transpose where a claim is true so."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: samples, d: features}
symbols:
  X: {shape: [n, d], role: input}
  \beta: {shape: [d], role: param}
  y: {shape: [n], role: label}
  t: {shape: [], role: input}
  r: {shape: [n]}
  Q: {shape: []}
define:
  - r = y - X\beta
  - Q = \frac12 (y - X\beta)'(y - X\beta)
---
"""


def judged(claim: str, effort: float = 0.0) -> list[Verdict]:
    return list(check(read(f"{HEADER}\n$${claim}$$\n", "n.md"), effort).verdicts)


@pytest.mark.parametrize(
    "claim",
    [
        r"\nabla_\beta Q = X'X\beta - X'y",
        r"\nabla_\beta Q = -X'(y - X\beta)",
        r"(\nabla_\beta Q)' = -(y - X\beta)'X",
        r"Q = \frac12 r'r",
        r"Q = \frac12\sum_i (y_i - X_i'\beta)^2",
    ],
)
def test_a_prime_is_a_transpose_where_that_is_true(claim: str) -> None:
    (found,) = judged(claim)
    assert (found.verdict, found.readings) == ("proved", ("took ' as the transpose",))


@pytest.mark.parametrize(
    "claim",
    [
        r"\nabla_\beta Q = X'(y - X\beta)",
        r"Q = r'r",
        r"Q = \frac12 r'r''",
        r"\beta' = \beta",
        r"\frac{\partial t^2}{\partial t} = (t^2)'",
    ],
)
def test_a_prime_is_no_transpose_where_that_is_false(claim: str) -> None:
    (found,) = judged(claim)
    assert found.verdict in ("ill-formed", "unreadable")


def test_a_transpose_is_put_for_a_prime_in_repairs() -> None:
    (found,) = judged(r"\nabla_\beta Q = X'(y - X\beta)", 2.0)
    assert found.repairs[0].latex == r"\nabla_\beta Q = -X^\top(y - X\beta)"


def test_a_primed_parameter_on_the_left_of_an_update_is_still_its_new_value() -> None:
    (found,) = judged(r"\beta' = \beta - \eta\nabla_\beta Q")
    assert found.verdict == "proved"

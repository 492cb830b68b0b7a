r"""Where a derivative is taken, upright e, numbers of displays, and δ as two things at once."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: columns, m: rows, K: classes}
symbols:
  t: {shape: [], role: input}
  B: {shape: []}
  A: {shape: [m, n], role: input}
  x: {shape: [n], role: param}
  b: {shape: [m], role: label}
  f: {shape: []}
  z: {shape: [K], role: input}
  p: {shape: [K]}
  y: {shape: [K], role: label}
  E: {shape: []}
  \delta: {shape: [K]}
define:
  - B = t^3 + t
  - f = \frac12 \|A x - b\|^2
  - p_k = \frac{\mathrm{e}^{z_k}}{\sum_l \mathrm{e}^{z_l}}
  - E = -\sum_k y_k \log p_k
---
"""


def judged(claim: str) -> list[Verdict]:
    return list(check(read(f"{HEADER}\n$${claim}$$\n", "n.md"), 0.0).verdicts)


def words(claim: str) -> list[str]:
    return [verdict.verdict for verdict in judged(claim)]


@pytest.mark.parametrize(
    "place",
    [
        r"\frac{\partial B}{\partial t}\Big\rvert_{t=0}",
        r"\left.\frac{\partial B}{\partial t}\right\rvert_{t=0}",
        r"\left[\frac{\partial B}{\partial t}\right]_{t=0}",
        r"(\frac{\partial B}{\partial t})_{t=0}",
        r"\nabla_t B\big|_{t=0}",
    ],
)
def test_a_derivative_is_taken_where_the_subscript_says(place: str) -> None:
    assert words(rf"{place} = 1") == ["proved"]
    assert words(rf"{place} = 3t^2 + 1") == ["wrong"]


def test_two_bars_in_a_display_are_two_places() -> None:
    first, second = r"\nabla_x f\big|_{x=0} = -A^\top b", r"\nabla_x f\Big|_{x=0} = 0"
    assert words(rf"{first}, \qquad {second}") == ["proved", "wrong"]
    assert words(rf"{first} + |t| - |t|, \quad \|x\|_2^2 \Big|_{{x=0}} = 0") == ["proved"] * 2


@pytest.mark.parametrize("number", [r"\eqno(1)", r"\leqno{(1)}"])
def test_the_number_of_a_display_is_no_part_of_it(number: str) -> None:
    assert words(rf"\frac{{\partial B}}{{\partial t}} = 3t^2 + 1 {number}") == ["proved"]
    assert words(rf"\frac{{\partial B}}{{\partial t}} = 3t^2 {number}") == ["wrong"]


def test_upright_e_is_the_number() -> None:
    assert words(r"\frac{\partial e^t}{\partial t} = \mathrm{e}^t") == ["proved"]
    assert words(r"\frac{\partial e^t}{\partial t} = t\mathrm{e}^t") == ["wrong"]
    assert words(r"\log \mathrm{e} = 1") == ["proved"]


def test_delta_with_two_letters_is_kroneckers_beside_a_declared_vector() -> None:
    (found,) = judged(r"\frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} - p_j)")
    assert (found.verdict, found.readings) == (
        "proved",
        (r"took \delta with two indices as Kronecker's",),
    )
    assert words(r"\frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} + p_j)") == ["wrong"]
    assert words(r"\frac{\partial p_i}{\partial z_j} = p_i(z_{ij} - p_j)") == ["ill-formed"]

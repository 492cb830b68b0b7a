r"""Inverses of matrices vary with them: ``d(A⁻¹) = −A⁻¹ dA A⁻¹``."""

import numpy as np
import pytest

from derive.index.inverses import inverse_name
from derive.index.local import derivative
from derive.index.terms import Entry, Index, Size
from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {D: width}
symbols:
  x: {shape: [D], role: input}
  y: {shape: [D], role: input}
  A: {shape: [D, D], role: param}
  w: {shape: [D]}
  f: {shape: []}
define:
  - w = A^{-1} y
  - f = \frac12 y^\top A^{-1} y
---
"""


def words(*claims: str) -> list[str]:
    body = "\n\n".join(f"$${claim}$$" for claim in claims)
    return [verdict.verdict for verdict in check(read(HEADER + body, "n.md")).verdicts]


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial (x^\top A^{-1} y)}{\partial A} = -A^{-\top} x y^\top A^{-\top}",
        r"\frac{\partial \operatorname{tr}(A^{-1})}{\partial A} = -(A^{-2})^\top",
        r"\frac{\partial \operatorname{tr}(A^{-1})}{\partial A} = -(A^{-1} A^{-1})^\top",
        r"\frac{\partial f}{\partial A} = -\frac12 A^{-\top} y y^\top A^{-\top}",
        r"\frac{\partial f}{\partial y} = \frac12 (A^{-1} + A^{-\top}) y",
        r"\frac{\partial w_i}{\partial A_{jk}} = -(A^{-1})_{ij} w_k",
        r"dw = -A^{-1}\,dA\,w + A^{-1}\,dy",
        r"df = -\frac12 y^\top A^{-1}\,dA\,A^{-1} y",
    ],
)
def test_what_is_right_is_proved(claim: str) -> None:
    assert words(claim) == ["proved"]


def test_what_takes_the_inverse_for_a_constant_is_wrong() -> None:
    assert (
        words(
            r"\frac{\partial (x^\top A^{-1} y)}{\partial A} = 0",
            r"\frac{\partial w_i}{\partial A_{jk}} = 0",
            r"\frac{\partial f}{\partial A} = -\frac12 A^{-1} y y^\top",
            r"dw = -A^{-1}\,dA\,y + A^{-1}\,dy",
            r"\frac{\partial \operatorname{tr}(A^{-1})}{\partial A} = -(A^{-3})^\top",
        )
        == ["wrong"] * 5
    )


def test_a_stack_of_inverses_varies_matrix_by_matrix() -> None:
    B, D = Size("B"), Size("D")
    b, i, j, c, k, m = map(Index, "bijckm")
    (term,) = derivative(Entry(inverse_name("A"), (B, D, D), b, i, j), "A", (c, k, m))
    assert term.deltas == ((b, c),)
    generator = np.random.default_rng(0)
    matrix, step = generator.normal(size=(2, 3, 3)), generator.normal(size=(2, 3, 3))
    inverse = np.linalg.inv(matrix)
    difference = np.linalg.inv(matrix + 1e-6 * step) - np.linalg.inv(matrix - 1e-6 * step)
    inverses = {term.coefficient.args[n].indices for n in (-2, -1)}
    assert inverses == {(b, i, k), (b, m, j)}
    want = -np.einsum("bik,bkm,bmj->bij", inverse, step, inverse)
    np.testing.assert_allclose(difference / 2e-6, want, rtol=1e-6)


DEFINED = r"""---
derive: 1
dims: {n: samples, p: width}
symbols:
  X: {shape: [n, p], role: input}
  y: {shape: [n], role: input}
  \lambda: {shape: [], role: constant}
  A: {shape: [p, p]}
  w: {shape: [p]}
define: ['A = X^\top X + \lambda I', 'w = A^{-1} X^\top y']
---
"""


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        (r"\frac{\partial w}{\partial y} = A^{-1} X^\top", ("proved", "agrees")),
        (r"\frac{\partial w}{\partial \lambda} = -A^{-1} w", ("proved", "agrees")),
        (r"\frac{\partial w}{\partial \lambda} = A^{-1} w", ("wrong",)),
        (r"d(A^{-1}) = -A^{-1}\,dA\,A^{-1}", ("proved", "agrees")),
    ],
)
def test_a_matrix_that_is_defined_has_an_inverse_too(claim, verdicts) -> None:
    (found,) = check(read(f"{DEFINED}$${claim}$$", "n.md")).verdicts
    assert found.verdict in verdicts

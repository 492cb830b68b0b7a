r"""Vectors of a standard basis: ``\nabla_z\ell = p - e_c``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {K: classes, n: width}
symbols:
  z: {shape: [K], role: input}
  x: {shape: [n], role: input}
  y: {shape: [K], role: label}
  W: {shape: [K, n], role: param}
  A: {shape: [K, K], role: constant}
  c: {shape: [], role: index}
  p: {shape: [K]}
  s: {shape: [K]}
  \ell: {shape: []}
define:
  - s = W x
  - p = \operatorname{softmax}(z)
  - \ell = -\log p_c
---

"""


def words(body: str, header: str = HEADER) -> list[str]:
    return [verdict.verdict for verdict in check(read(header + body, "note.md"), 0.0).verdicts]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla_z \ell = p - e_c", "proved"),
        (r"\nabla_z \log p_c = \mathbf e_c - p", "proved"),
        (r"\nabla_z \ell = p + e_c", "wrong"),
        (r"\nabla_z \ell = e_c - p", "wrong"),
        (r"\frac{\partial s_i}{\partial W} = e_i x^\top", "proved"),
        (r"\frac{\partial s}{\partial x_j} = W e_j", "proved"),
        (r"\frac{\partial p_i}{\partial z} = p_i (\vec e_i - p)", "proved"),
        (r"A_{ij} = e_i^\top A e_j", "proved"),
        (r"A_{1j} = e_1^\top A e_j", "proved"),
        (r"A_{ij} = e_j^\top A e_i", "wrong"),
        (r"\ell = -\log (e_c^\top p)", "proved"),
        # What is a number, or an entry of something, is no vector.
        (r"\frac{\partial\ell}{\partial z_i} = e_i", "ill-formed"),
        (r"\nabla_W \ell = \sum_i e_i W", "ill-formed"),
        (r"\exp(z_c) = e^{z_c}", "proved"),
    ],
)
def test_e_with_an_index_is_a_vector_of_the_standard_basis(claim: str, verdict: str) -> None:
    assert words(f"$${claim}$$") == [verdict]


def test_what_is_undeclared_goes_by_its_name() -> None:
    (found,) = check(
        read(rf"{HEADER}$$\frac{{\partial\ell}}{{\partial z_i}} = e_i$$", "n.md")
    ).verdicts
    assert found.problems[0].message == "e_i is not declared"


def test_an_e_of_the_note_is_none() -> None:
    header = HEADER.replace("  s: {shape", "  e: {shape: [K]}\n  s: {shape")
    assert words(r"Let $e = p - y$. $$\sum_i y_i e_i = y^\top p - y^\top y$$", header) == [
        "not-a-claim",
        "proved",
    ]
    assert words(r"Let $e_i = p_i - y_i$. $$\nabla_z \ell = p - e_c$$") == ["ill-formed"] * 2

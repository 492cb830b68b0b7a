r"""What hangs on the arguments of a function hangs on its value: ``\sigma(z)^2``, ``f(x)_i``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: inputs, m: outputs}
symbols:
  z: {shape: [n], role: input}
  W: {shape: [m, n], role: param}
  \phi: {role: function}
  L: {shape: []}
  M: {shape: []}
  a: {shape: [m]}
  h: {shape: [m]}
define:
  - L = \sum_i \sigma(z_i)^2
  - M = \sum_i \phi(z)_i^2
  - a = \phi(W z)
  - h(z) = \sigma(W z)
---
"""


def word(claim: str) -> str:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict.verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial L}{\partial z_i} = 2(\sigma(z_i))^2(1-\sigma(z_i))",
        r"\frac{\partial L}{\partial z_i} = 2\sigma(z_i)^{2}(1-\sigma(z_i))",
        r"\frac{\partial M}{\partial z} = 2\phi(z) \odot \phi'(z)",
        r"\phi'(z_i)^2 = \phi'(z_i)\phi'(z_i)",
        r"\sigma(z)^{-1} = 1 + e^{-z}",
        r"\log \sigma(z_i)^2 = 2 \log \sigma(z_i)",
        r"M = \phi(z)^\top \phi(z)",
        r"a_i^2 = \phi(Wz)_i^2",
        r"\frac{\partial a_i}{\partial W_{ij}} = \phi'(Wz)_i z_j",
    ],
)
def test_a_power_a_transpose_or_an_index_is_that_of_the_value(claim: str) -> None:
    assert word(claim) == "proved"


def test_a_power_is_none_of_the_argument() -> None:
    squared = r"\frac{\partial L}{\partial z_i} = 2 z_i \sigma(z_i^2)(1-\sigma(z_i^2))"
    assert word(squared) == "wrong"
    assert word(r"\phi'(z_i)^2 = \phi'(z_i^2)") == "wrong"


def test_the_same_is_so_of_a_symbol_that_is_written_with_arguments() -> None:
    assert word(r"\|h\|^2 = h(z)^\top h(z)") == "proved"
    of_the_square = r"\frac{\partial h(z)_i^2}{\partial W_{ij}} ="
    assert word(rf"{of_the_square} 2 h(z)_i^2 (1 - h_i) z_j") == "proved"
    assert word(rf"{of_the_square} \sigma'(Wz)_i z_j") == "wrong"

r"""Identities of every number, of letters that no note declares: ``\tanh'(u) = 1 - \tanh^2(u)``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: values}
symbols:
  x: {shape: [N], role: input}
  a: {shape: [N], role: input}
  h: {shape: [N]}
define:
  - h = \sigma(x)
---
"""


def words(claim: str) -> list[str]:
    return [v.verdict for v in check(read(f"{HEADER}{claim}\n", "n.md"), 0.5).verdicts]


@pytest.mark.parametrize(
    "claim",
    [
        r"$\sigma'(z) = \sigma(z)(1-\sigma(z))$",
        r"$\sigma'(z) = \sigma(z)(1-\sigma(z)) = \sigma(z)\sigma(-z)$",
        r"$\tanh'(u) = 1 - \tanh^2(u)$",
        r"$\sigma' = \sigma(1-\sigma)$",
        r"$\tanh' = 1 - \tanh^2$",
        r"$\sigma'(z) = \sigma(1-\sigma)$",
        r"$\sigma(z) = \frac{1}{1 + e^{-z}}$",
        r"$\frac{d}{dz} \sigma(z) = \sigma(z) - \sigma(z)^2$",
        r"$\frac{d \log(u)}{d u} = \frac{1}{u}$",
        r"$\mathrm{ReLU}'(z) = \mathbb{1}[z > 0]$",
        r"For $z > 0$, $\mathrm{ReLU}(z) = |z|$.",
        r"$\sigma(0) = \frac12$",
        r"$\sigma'(0) = \frac14$",
        r"$\tanh(0) = 0$",
        # What a derivative is by is a variable, in a function or not.
        r"$\frac{d}{dz}\frac{z}{1+|z|} = \frac{1}{(1+|z|)^2}$",
        r"$\frac{d}{dz} \frac{z}{\sqrt{1 + z^2}} = \frac{1}{(1+z^2)^{3/2}}$",
        r"$\frac{\partial}{\partial z} z^2 = 2z$",
        r"$\frac{d}{dz} 5z = 5$",
        # What is declared stays what it is.
        r"$\sigma'(x) = \sigma(x) (1 - \sigma(x))$",
    ],
)
def test_an_identity_holds_for_every_number(claim: str) -> None:
    assert {word for word in words(claim) if word != "not-a-claim"} == {"proved"}


@pytest.mark.parametrize(
    "claim",
    [
        r"$\sigma'(z) = \sigma(z)(1+\sigma(z))$",
        r"$\tanh'(u) = 1 - \tanh(u)$",
        r"$\sigma' = \sigma(\sigma - 1)$",
        r"$\tanh(z) = \sigma(0)$",
        r"$\tanh(z) = \sigma(1) z$",
        r"$\sigma(0) = 0$",
        r"$\mathrm{ReLU}(z) = |z|$",
        r"$\sigma'(z) = \sigma(w)(1-\sigma(z))$",
        r"$\frac{d}{dz} \frac{z}{\sqrt{1 + z^2}} = \frac{1}{(1+z^2)^{1/2}}$",
        r"$\frac{dz}{dt} = z$",
        r"$\frac{d}{dz} z w = w$",
    ],
)
def test_one_that_does_not_hold_is_wrong_or_not_read(claim: str) -> None:
    assert set(words(claim)) <= {"wrong", "ill-formed"}


def test_where_a_side_has_no_value_nothing_is_claimed() -> None:
    assert words(r"$\log(s t) = \log s + \log t$") == ["agrees"]


@pytest.mark.parametrize(
    "claim",
    [
        r"$h = \sigma(z)$",
        r"$\frac{\partial h}{\partial x} = \sigma'(z)$",
        r"$\log p(x) = \log p(z)$",
        r"$y = \tanh(u)$",
        r"$\pi(u) = \exp(u)$",
        r"$\log p = -\log(1 + e^{-z})$",
        r"$\sigma(z_i) = \sigma(z_i)$",
    ],
)
def test_a_letter_that_means_something_has_to_be_declared(claim: str) -> None:
    assert set(words(claim)) == {"ill-formed"}


def test_what_a_variable_is_called_stays_undeclared_elsewhere() -> None:
    claim = r"$\sigma'(z) = \sigma(z)(1-\sigma(z))$, hence $h = \sigma(z)$."
    assert words(claim) == ["proved", "ill-formed"]


@pytest.mark.parametrize("claim", [r"$\theta = \{a, x\}$", r"$\theta = (a, x, h, \dots)$"])
def test_a_name_for_several_symbols_is_no_claim(claim: str) -> None:
    assert words(claim) == ["not-a-claim"]


def test_what_a_function_is_called_is_no_claim() -> None:
    assert words(r"$\sigma(z) = \max(0, z)$") == ["not-a-claim"]
    assert words(r"$\sigma(z) = \frac{1}{1 + e^{-z}}$") == ["proved"]

"""Products of derivatives: what is done to one of them counts, and what a gradient is of."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

NETWORK = r"""---
derive: 1
dims: {H: hidden, D: inputs}
symbols:
  x: {shape: [D], role: input}
  W: {shape: [H, D], role: param}
  b: {shape: [H], role: param}
  z: {shape: [H]}
  L: {shape: [], role: loss, of: z}
define:
  - z = W x + b
layout: any
---
"""
ROWS = r"""---
derive: 1
dims: {B: batch, D: inputs, K: outputs}
symbols:
  X: {shape: [B, D], role: input}
  W: {shape: [K, D], role: param}
  Y: {shape: [B, K]}
  T: {shape: [B, K], role: label}
  L: {shape: []}
define:
  - Y = X W^\top
  - L = \frac{1}{2} \|Y - T\|_F^2
layout: gradient
---
"""
ONE = r"\frac{\partial L}{\partial z}"
TWO = r"\frac{\partial z}{\partial W}"


def verdict(header: str, claim: str) -> Verdict:
    (found,) = check(read(f"{header}\n$$\n{claim}\n$$\n", "note.md"), 0.0).verdicts
    return found


@pytest.mark.parametrize("chain", [f"{ONE} {TWO}", rf"\left({ONE}\right) \left({TWO}\right)"])
def test_a_chain_of_derivatives_is_the_derivative(chain: str) -> None:
    assert verdict(NETWORK, rf"\frac{{\partial L}}{{\partial W}} = {chain}").verdict == "proved"


@pytest.mark.parametrize(
    "changed",
    [
        rf"-{ONE}", rf"2 {ONE}", rf"\left({ONE}\right)^2", rf"\frac{{{ONE}}}{{2}}",
        rf"\exp\left({ONE}\right)", rf"\sigma\left({ONE}\right)", rf"\sqrt{{{ONE}}}",
        rf"\max({ONE}, 0)", rf"{ONE} + {ONE}", rf"\sum_{{k=1}}^3 {ONE}", rf"\frac{{1}}{{{ONE}}}",
    ],
)  # fmt: skip
def test_what_is_done_to_a_derivative_is_not_lost_in_a_chain(changed: str) -> None:
    claim = rf"\frac{{\partial L}}{{\partial W}} = \left({changed}\right) {TWO}"
    assert verdict(NETWORK, claim).verdict in ("wrong", "ill-formed")


@pytest.mark.parametrize("changed", [f"-{TWO}", f"2 {TWO}", rf"\exp\left({TWO}\right)"])
def test_nor_is_what_is_done_to_the_second_one(changed: str) -> None:
    claim = rf"\frac{{\partial L}}{{\partial W}} = {ONE} \left({changed}\right)"
    assert verdict(NETWORK, claim).verdict in ("wrong", "ill-formed")


@pytest.mark.parametrize(
    "claim",
    [
        r"\nabla_X L = \nabla_Y L W",
        r"\nabla_X L = (\nabla_Y L) W",
        r"\nabla_X L = 2 \nabla_Y L \, W - (\nabla_Y L) W",
        r"\nabla_W L = \nabla_Y L^\top X",
        r"\nabla_X \frac{1}{2} \|X W^\top - T\|_F^2 = \nabla_Y L W",
    ],
)
def test_a_gradient_is_of_a_number_and_the_rest_is_multiplied_by_it(claim: str) -> None:
    assert verdict(ROWS, claim).verdict == "proved"


def test_a_gradient_of_a_number_that_is_a_product_is_of_all_of_it() -> None:
    header = ROWS.replace("L: {shape: []}", "L: {shape: []}\n  a: {shape: [D], role: input}")
    claim = r"\nabla_a \, a^\top X^\top X a = 2 X^\top X a"
    assert verdict(header, claim).verdict == "proved"


def test_a_wrong_factor_beside_a_gradient_is_wrong() -> None:
    assert not verdict(ROWS, r"\nabla_X L = \nabla_Y L W^\top").fine


def test_a_derivative_with_more_than_two_axes_is_no_goal_of_a_repair() -> None:
    claim = f"{ONE} {TWO} = {TWO}"
    (found,) = check(read(f"{NETWORK}\n$$\n{claim}\n$$\n", "note.md")).verdicts
    assert not found.fine


def test_one_row_of_a_derivative_is_no_whole_one_in_a_chain() -> None:
    more = "  V: {shape: [H, H], role: param}\n  y: {shape: [H]}"
    header = NETWORK.replace("  L: {shape: [], role: loss, of: z}", more)
    header = header.replace("  - z = W x + b", "  - z = W x + b\n  - y = V z")
    chain = r"\left(\frac{\partial y}{\partial z}\right)_1 \frac{\partial z}{\partial x}"
    assert verdict(header, rf"\frac{{\partial y_1}}{{\partial x}} = {chain}").verdict == "proved"
    assert not verdict(header, rf"\frac{{\partial y}}{{\partial x}} = {chain}").fine

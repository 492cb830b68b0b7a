"""Every line of every derivation is equal to the line before it."""

from functools import cache

import mpmath
import numpy as np
import pytest

from derive.gradient.derivation import derivations, local_derivation
from derive.gradient.edges import active
from derive.index.partial import Partial
from derive.index.terms import tensors
from tests.calculus.judge import SHAPES, case
from tests.calculus.layers import LAYERS
from tests.gradient.numbers import numbers_of

every_layer = pytest.mark.parametrize("name", LAYERS)


#: Two lines may differ by this much of their values; what cancels to 0 is rounding.
TOLERANCE = mpmath.mpf(10) ** -40


@cache
def numbers_of_case(name):
    c = case(name, SHAPES[0])
    return numbers_of(c.layer, c.sizes, c.arrays, c.cotangents)


def assert_equal_lines(derivation, numbers):
    sizes = derivation.node.sizes
    before = numbers.value(derivation.steps[0].before, sizes)
    for step in derivation.steps:
        after = numbers.value(step.after, sizes)
        apart = abs(after - before)
        assert np.all(apart <= TOLERANCE * (1 + abs(before))), f"{derivation.wrt}: {step}"
        before = after


@every_layer
def test_every_line_equals_the_one_before(name):
    c, numbers = case(name, SHAPES[0]), numbers_of_case(name)
    for derivation in derivations(c.layer):
        assert_equal_lines(derivation, numbers)


@every_layer
def test_every_line_of_a_local_derivative_equals_the_one_before(name):
    c, numbers = case(name, SHAPES[0]), numbers_of_case(name)
    differentiable = active(c.layer, c.wrt)
    for node in c.layer.nodes:
        for wrt in sorted(tensors(node.body) & differentiable):
            derivation = local_derivation(c.layer, node.name, wrt)
            assert isinstance(derivation.steps[0].before, Partial)
            assert_equal_lines(derivation, numbers)


@every_layer
def test_the_lines_lead_from_the_derivative_to_the_gradient_that_is_used(name):
    for derivation in derivations(LAYERS[name]()):
        first, last = derivation.steps[0], derivation.steps[-1]
        assert first.before == derivation.node.entry
        assert last.after == derivation.node.body
        for step, following in zip(derivation.steps, derivation.steps[1:], strict=False):
            assert step.after == following.before

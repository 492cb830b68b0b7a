"""Every line of every derivation is equal to the line before it."""

import mpmath
import numpy as np
import pytest

from derive.gradient.derivation import derivations
from tests.calculus.judge import SHAPES, case
from tests.calculus.layers import LAYERS
from tests.gradient.numbers import numbers_of

every_layer = pytest.mark.parametrize("name", LAYERS)


#: Two lines may differ by this much of their values; what cancels to 0 is rounding.
TOLERANCE = mpmath.mpf(10) ** -40


@pytest.mark.parametrize("shapes", SHAPES[:2])
@every_layer
def test_every_line_equals_the_one_before(name, shapes):
    c = case(name, shapes)
    numbers = numbers_of(c.layer, c.sizes, c.arrays, c.cotangents)
    for derivation in derivations(c.layer):
        sizes = derivation.node.sizes
        before = numbers.value(derivation.steps[0].before, sizes)
        for step in derivation.steps:
            after = numbers.value(step.after, sizes)
            apart = abs(after - before)
            assert np.all(apart <= TOLERANCE * (1 + abs(before))), f"{derivation.wrt}: {step}"
            before = after


@every_layer
def test_the_lines_lead_from_the_derivative_to_the_gradient_that_is_used(name):
    for derivation in derivations(LAYERS[name]()):
        first, last = derivation.steps[0], derivation.steps[-1]
        assert first.before == derivation.node.entry
        assert last.after == derivation.node.body
        for step, following in zip(derivation.steps, derivation.steps[1:], strict=False):
            assert step.after == following.before

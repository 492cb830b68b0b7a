"""Layers are judged where their definitions have a value."""

import mpmath
import pytest

from derive import Definition, exp, select, sum_over
from derive.layer.model import Layer
from derive.verify.draw import Draw
from tests.emit.modules import programs


def masked_shares() -> Layer:
    """Return shares of those that a label admits: 0/0 where it admits none."""
    d = Definition("masked", "Masked shares.")
    n = d.sizes("N")
    s, m, v = d.input("s", n), d.label("m", n), d.input("v", n)
    j, k = d.indices("j k")
    w = d.node("w", n)
    w[j] = select(m[j] > 0, exp(s[j]), 0)
    d.output("O", sum_over(j, v[j] * w[j]) / sum_over(k, w[k]))
    return d.build()


@pytest.mark.parametrize("number", range(3))
def test_values_are_drawn_at_which_the_definition_is_a_number(number: int) -> None:
    for seed in range(4):
        draw = Draw(programs(masked_shares()), number, seed)
        assert all(mpmath.isfinite(value) for value in draw.expected["forward"]["O"].flat)

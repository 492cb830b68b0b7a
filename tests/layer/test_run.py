"""What has no value is said in the layer's own names, with its line."""

import mpmath
import numpy as np
import pytest

from derive import Definition, log, relu, sqrt
from derive.errors import DeriveError
from derive.layer.run import exact, run


def elementwise(function):
    d = Definition("f")
    x = d.input("x", d.sizes("N"))
    d.output("y", function(x))
    return d.build()


def computed(layer, values):
    (N,) = layer.sizes
    arrays = {"x": np.array(values)}
    with mpmath.workdps(30):
        return run(layer, exact(layer, arrays), {N: len(values)})["y"]


@pytest.mark.parametrize("function", [log, sqrt, lambda x: x**1.5, lambda x: relu(sqrt(x))])
def test_a_definition_that_has_no_real_value_is_named(function):
    layer = elementwise(function)
    assert float(computed(layer, [4.0])[0]) >= 0
    with pytest.raises(DeriveError, match="y has no real value at some values of x: y") as raised:
        computed(layer, [4.0, -2.0])
    assert raised.value.span is not None and raised.value.span.file == __file__
    assert "layer.domain" in str(raised.value)


def test_an_entry_beyond_its_axis_is_named_with_its_line():
    d = Definition("shifted")
    N = d.sizes("N")
    x, i, y = d.input("x", N), d.indices("i"), d.output("y", N)
    y[i] = x[i + 1]
    layer = d.build()
    with pytest.raises(DeriveError, match=r"y: x\[i \+ 1\] is read at 2 of 2") as raised:
        run(layer, {"x": np.zeros(2)}, {layer.sizes[0]: 2})
    assert "y[i] = x[i + 1]" in str(raised.value)

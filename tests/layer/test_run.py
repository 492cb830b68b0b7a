"""What has no value is said in the layer's own names, with its line."""

import mpmath
import numpy as np
import pytest

from derive import Definition, log, relu, select, sqrt
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


def test_a_guard_that_says_too_little_is_named_where_that_is_asked_for():
    def guarded(limit):
        d = Definition("differences")
        N = d.sizes("N")
        x, i, y = d.input("x", N), d.indices("i"), d.output("y", N)
        y[i] = select(x[i] > -5, select(i + limit < N, x[i + 1] - x[i], 0), x[i + 7])
        return d.build()

    right, wrong = guarded(1), guarded(0)
    arrays = {"x": np.array([1.0, 3.0, 2.0])}
    for strict in (False, True):
        found = run(right, arrays, {right.sizes[0]: 3}, strict=strict)["y"]
        np.testing.assert_array_equal(found, [2.0, -1.0, 0.0])
    run(wrong, arrays, {wrong.sizes[0]: 3})
    d = Definition("before_and_after")
    N = d.sizes("N")
    x, i, y = d.input("x", N), d.indices("i"), d.output("y", N)
    y[i] = select(i > 0, x[2 * i - 2], 0)
    both = d.build()
    # What is told is a place that is read, not the -2 that the guard keeps from being read.
    with pytest.raises(DeriveError, match=r"is read at 4 of 4"):
        run(both, {"x": np.zeros(4)}, {both.sizes[0]: 4}, strict=True)
    with pytest.raises(DeriveError, match=r"y: x\[i \+ 1\] is read at 3 of 3"):
        run(wrong, arrays, {wrong.sizes[0]: 3}, strict=True)


def test_a_guard_that_says_too_little_for_a_plain_index_is_a_mistake():
    d = Definition("joined")
    A, B = d.sizes("A B")
    x, z, i, y = d.input("x", A), d.input("z", B), d.indices("i"), d.output("y", A + B)
    y[i] = select(i <= A, x[i], z[i - A])
    layer, arrays = d.build(), {"x": np.zeros(2), "z": np.zeros(3)}
    run(layer, arrays, {A: 2, B: 3})
    with pytest.raises(DeriveError, match=r"y: x\[i\] is read at 2 of 2"):
        run(layer, arrays, {A: 2, B: 3}, strict=True)


def test_powers_of_sizes_and_indices_are_positions():
    d = Definition("shuffled")
    C, r = d.sizes("C r")
    x, (c, a, b) = d.input("x", C * r * r), d.indices("c a b")
    y, z = d.output("y", C, r, r), d.output("z", r)
    y[c, a, b] = x[c * r * r + r * a + b]
    z[a] = select(a**2 < r, x[a**2], 0)
    layer = d.build()
    values = np.arange(12.0)
    for given in ({"x": values}, exact(layer, {"x": values})):
        found = run(layer, given, {C: 3, r: 2})
        np.testing.assert_array_equal(found["y"], values.reshape(3, 2, 2))
        np.testing.assert_array_equal(found["z"], [0, 1])


def test_an_entry_beyond_its_axis_is_named_with_its_line():
    d = Definition("shifted")
    N = d.sizes("N")
    x, i, y = d.input("x", N), d.indices("i"), d.output("y", N)
    y[i] = x[i] + x[2]
    layer = d.build()
    with pytest.raises(DeriveError, match=r"y: x\[2\] is read at 2 of 2") as raised:
        run(layer, {"x": np.zeros(2)}, {layer.sizes[0]: 2})
    assert "y[i] = x[i] + x[2]" in str(raised.value)


def test_a_negative_power_of_zero_is_named_with_its_line():
    d = Definition("power")
    N = d.sizes("N")
    x, n, i, y = d.input("x", N), d.integers("n", N), d.indices("i"), d.output("y", N)
    y[i] = x[i] ** (n[i] - 1)
    layer = d.build()
    arrays = exact(layer, {"x": np.zeros(2), "n": np.array([1, 0])})
    with pytest.raises(DeriveError, match="y has no real value at some values of n, x") as raised:
        run(layer, arrays, {layer.sizes[0]: 2})
    assert "y[i] = x[i] ** (n[i] - 1)" in str(raised.value)

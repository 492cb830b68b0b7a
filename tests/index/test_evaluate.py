"""The interpreter on what has corners: guards, empty ranges, all kinds of numbers."""

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.index.evaluate import evaluate
from derive.index.functions import Select
from derive.index.terms import Delta, Entry, Index, IndexArgmax, IndexMax, IndexSum, Size

N, M = Size("N"), Size("M")
i, j = Index("i"), Index("j")


def x(index):
    return Entry("x", (N,), index)


def objects(*numbers):
    return np.array([mpmath.mpf(number) for number in numbers], object)


def test_the_branch_that_is_not_chosen_may_divide_by_zero_in_any_number():
    quotient = Select(sp.Ne(x(i), 0), sp.sin(x(i)) / x(i), 1)
    for values in (np.array([0.0, 2.0]), objects(0, 2)):
        found = evaluate(quotient, (i,), {"x": values}, {N: 2}, (2,))
        assert found[0] == 1
        assert abs(found[1] - np.sin(2.0) / 2) < 1e-15


def test_an_entry_out_of_range_is_refused_unless_a_selection_guards_it():
    given = {"x": np.array([1.0, 2.0, 5.0])}
    with pytest.raises(IndexError, match=r"x\[i \+ 1\] is read at 3 of 3"):
        evaluate(x(i + 1), (i,), given, {N: 3}, (3,))
    guarded = Select(sp.Lt(i + 1, N), x(i + 1), 0)
    np.testing.assert_array_equal(evaluate(guarded, (i,), given, {N: 3}, (3,)), [2, 5, 0])


def test_a_sum_over_nothing_is_zero():
    for values in (np.zeros(0), objects()):
        assert evaluate(IndexSum(x(j), j, N), (), {"x": values}, {N: 0}, ()) == 0


def test_the_first_of_equal_maxima_is_its_position():
    given = {"x": np.array([1.0, 7.0, 7.0])}
    assert evaluate(IndexMax(x(j), j, N), (), given, {N: 3}, ()) == 7
    assert evaluate(IndexArgmax(x(j), j, N), (), given, {N: 3}, ()) == 1


def test_numbers_are_exact_to_the_precision_that_is_set():
    with mpmath.workdps(50):
        found = evaluate(x(i) / 3 + sp.pi, (i,), {"x": objects(1)}, {N: 1}, (1,))[0]
        assert abs(found - (mpmath.mpf(1) / 3 + mpmath.pi)) < mpmath.mpf(10) ** -48


def test_an_index_and_a_size_are_numbers_too():
    expression = IndexSum(j * x(j), j, N) / N + i
    found = evaluate(expression, (i,), {"x": np.array([4.0, 5.0, 7.0])}, {N: 3}, (2,))
    np.testing.assert_allclose(found, [19 / 3, 22 / 3])


def test_a_delta_compares_positions_also_with_data():
    given = {"x": np.zeros(1), "label": np.array([2, 0])}
    hit = Delta(Entry("label", (M,), i), j)
    found = evaluate(hit, (i, j), given, {M: 2}, (2, 3))
    np.testing.assert_array_equal(found, [[0, 0, 1], [1, 0, 0]])

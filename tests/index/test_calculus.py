"""The index calculus on random formulas: nothing changes a value, derivatives are derivatives."""

import mpmath
import numpy as np
import pytest
import sympy as sp
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from derive.index.delta import close, eliminate, prenex, solve_affine
from derive.index.functions import Select
from derive.index.local import Term, derivative, scaled
from derive.index.rewrite import fold, matches, rewrite
from derive.index.simplify import cancelled, collected, operations, signed, tidy
from derive.index.terms import (
    Delta,
    Entry,
    Index,
    IndexProduct,
    IndexSum,
    Size,
    free_indices,
    fresh,
    substitute,
    sum_over,
)
from tests.index.formulas import (
    FREE,
    SHAPES,
    SIZES,
    M,
    N,
    arrays,
    distance,
    formula,
    plain,
    trees,
    value,
)

relaxed = settings(max_examples=60, deadline=None, derandomize=True)
i, j, k = Index("i"), Index("j"), Index("k")


def x(index):
    return Entry("x", (N,), index)


@pytest.fixture(autouse=True)
def _sixty_digits():
    with mpmath.workdps(60):
        yield


def difference(expression, name):
    """Return ∂ expression[i] / ∂ name[…] by central differences."""
    step, here = mpmath.mpf(10) ** -20, arrays()
    columns = []
    for where in np.ndindex(here[name].shape):
        sides = []
        for sign in (1, -1):
            moved = here[name].copy()
            moved[where] = moved[where] + sign * step
            sides.append(value(expression, given={**here, name: moved}))
        columns.append((sides[0] - sides[1]) / (2 * step))
    return np.stack(columns, axis=-1).reshape((SIZES[N], *here[name].shape))


@relaxed
@given(trees, st.sampled_from(list(SHAPES)))
def test_a_derivative_is_the_limit_of_differences(tree, name):
    expression = formula(tree, plain)
    target = tuple(fresh() for _ in SHAPES[name])
    terms = derivative(expression, name, target)
    over = ((FREE, N), *zip(target, SHAPES[name], strict=True))
    found = value(close(terms), over)
    assert distance(found, difference(expression, name)) < 1e-30
    reduced = [eliminate(term, dict(over)) for term in terms]
    closed = close(term for term in reduced if term is not None)
    assert distance(value(closed, over), found) < 1e-50
    assert distance(value(tidy(closed), over), found) < 1e-50
    assert distance(value(solve_affine(tidy(closed), dict(over)), over), found) < 1e-50


@relaxed
@given(trees)
def test_formulas_that_differ_in_the_letters_of_bound_indices_are_equal(tree):
    assert formula(tree, plain) == formula(tree, lambda depth: f"z{9 - depth}")
    assert hash(formula(tree, plain)) == hash(formula(tree, lambda depth: f"z{9 - depth}"))


@relaxed
@given(trees)
def test_a_substitution_captures_nothing(tree):
    expression = formula(tree, plain)
    letter = Index("j1")  # what the outermost binders call theirs
    moved = substitute(expression, {FREE: letter})
    assert FREE not in free_indices(moved)
    assert distance(value(moved, ((letter, N),)), value(expression)) == 0
    assert substitute(moved, {letter: FREE}) == expression


@relaxed
@given(trees)
def test_tidying_keeps_the_value_and_lengthens_nothing(tree):
    expression = formula(tree, plain)
    for rule in (tidy, cancelled, collected, signed):
        assert distance(value(rule(expression)), value(expression)) < 1e-50
    assert operations(tidy(expression)) <= operations(expression)


@relaxed
@given(trees, st.sampled_from(list(SHAPES)))
def test_saved_values_stand_for_what_they_hold(tree, name):
    body = formula(tree, plain)
    assume(free_indices(body) == {FREE})
    target = tuple(fresh() for _ in SHAPES[name])
    over = ((FREE, N), *zip(target, SHAPES[name], strict=True))
    slope = close(derivative(body, name, target))
    folded = fold(slope, body, Entry("h", (N,), FREE), dict(over))
    held = {**arrays(), "h": value(body)}
    assert distance(value(folded, over, held), value(slope, over)) < 1e-50


@relaxed
@given(
    trees,
    st.sampled_from([1, -1, 2]),
    st.integers(-3, 3),
    st.sampled_from([N, M]),
)
def test_solving_a_delta_for_its_summed_index_keeps_the_value(tree, slope, offset, size):
    summand = formula(tree, plain)
    assume(free_indices(summand) <= {FREE})
    body = substitute(summand, {FREE: j}) * Delta(slope * j + offset, k)
    expression = IndexSum(body, j, N)
    over = ((k, size),)
    solved = solve_affine(expression, dict(over))
    assert distance(value(solved, over), value(expression, over)) < 1e-50
    assert slope == 2 or not solved.has(Delta)


@relaxed
@given(trees)
def test_pulling_the_sums_to_the_front_and_back_keeps_the_value(tree):
    expression = formula(tree, plain)
    assert distance(value(close(prenex(expression))), value(expression)) < 1e-50


def test_a_wild_index_is_never_matched_with_a_bound_one():
    trace = IndexSum(Entry("A", (N, N), j, j), j, N)
    row = IndexSum(Entry("A", (N, N), i, j), j, N)
    assert list(matches(row, trace, frozenset({i}))) == []
    assert fold(trace, row, Entry("h", (N,), i), {}) == trace
    assert rewrite(trace, row, sp.S.One) == trace


def test_a_saved_value_is_put_in_only_where_its_tensor_has_an_entry():
    h = Entry("h", (N,), i)
    assert fold(sp.tanh(x(k)), sp.tanh(x(i)), h, {k: N}) == Entry("h", (N,), k)
    assert fold(sp.tanh(x(k)), sp.tanh(x(i)), h, {k: N + 1}) == sp.tanh(x(k))
    assert fold(sp.tanh(x(k + 1)), sp.tanh(x(i)), h, {k: N}) == sp.tanh(x(k + 1))
    total = IndexSum(sp.tanh(x(j)), j, N + 1)
    assert fold(total, sp.tanh(x(i)), h, {}) == total


def test_what_multiplies_a_selection_is_put_under_its_condition():
    guarded = Select(sp.Lt(i + 1, N), sp.cos(x(i + 1)), 0)
    product = scaled(Entry("dx", (N,), i + 1), guarded)
    assert isinstance(product, Select)
    assert product.args[0] == guarded.args[0]


def test_a_derivative_keeps_an_access_under_the_condition_that_keeps_it_in_range():
    body = sp.tanh(Select(sp.Lt(i + 1, N), x(i + 1), 0))
    (term,) = derivative(body, "x", (k,))
    assert term.deltas == ((i + 1, k),)
    assert isinstance(term.coefficient, Select)


def test_a_delta_has_no_derivative():
    body = Delta(Entry("label", (N,), i), k) * x(i)
    (term,) = derivative(body, "x", (j,))
    assert term.coefficient == Delta(Entry("label", (N,), i), k)


def test_the_product_rule_leaves_out_the_factor_itself():
    (term,) = derivative(IndexProduct(x(j), j, N), "x", (k,))
    reduced = eliminate(term, {k: N})
    found = value(reduced.coefficient, ((k, N),))
    numbers = arrays()["x"]
    expected = [mpmath.fprod(v for n, v in enumerate(numbers) if n != m) for m in range(3)]
    assert distance(found, np.array(expected, object)) < 1e-50


def test_deltas_between_different_numbers_kill_a_term_and_equal_ones_vanish():
    assert eliminate(Term((), ((sp.S.One, sp.S.Zero),), x(i)), {}) is None
    assert eliminate(Term((), ((i, i),), x(i)), {}) == Term((), (), x(i))


def test_a_delta_between_free_indices_stays():
    term = Term((), ((i, k),), x(i))
    assert eliminate(term, {i: N, k: N}) == term


def test_a_stride_stays_a_delta_because_it_has_no_whole_solution():
    term = Term(((j, N),), ((2 * j + i, k),), x(j))
    assert eliminate(term, {k: Size("L")}) == term


def test_a_sum_takes_the_range_of_its_index_into_account_where_nothing_depends_on_it():
    assert sum_over(j, M, x(i)) == M * x(i)


@pytest.mark.parametrize(
    "expression",
    [
        -x(i) * (1 - sp.tanh(x(i)) ** 2),
        -3 * x(i) * (2 - sp.tanh(x(i)) ** 2 - x(i) ** 4) * sp.exp(x(i)),
        -x(i) * IndexSum(x(j) * (1 - x(j) ** 2), j, N),
        -x(i) * IndexSum(IndexSum(x(j) * x(k) * (1 - x(j) ** 2), k, N), j, N),
        -x(i) * (1 - x(i)) * (2 - x(i) ** 3),
    ],
)
def test_a_sign_that_is_carried_into_a_difference_keeps_the_value(expression):
    assert signed(expression) != expression
    assert distance(value(signed(expression)), value(expression)) < 1e-50


def test_a_quotient_is_cancelled_to_an_equal_shorter_one():
    s = Entry("s", ())
    quotient = (-s / x(i) + (1 - s) / (1 - x(i))) * x(i) * (1 - x(i))
    assert cancelled(quotient) == x(i) - s
    assert distance(value(cancelled(quotient)), value(quotient)) < 1e-50


def test_a_delta_puts_in_the_position_that_it_pins_down_where_that_cancels():
    """The gradient of a cross-entropy by its logits is the softmax less the one-hot label."""
    label, seed = Entry("label", (M,), k), Entry("s", ())
    short = x(j) - Delta(label, j)
    assert tidy(x(j) * (1 - Delta(label, j) / x(label))) == short
    assert sp.expand(tidy(seed * x(j) * (1 - Delta(label, j) / x(label))) - seed * short) == 0
    # What would only be read at another place stays, and so does what the delta says nothing of.
    for other in (x(j) * (1 - Delta(label, j) * x(i)), x(i) * (1 - Delta(label, j) / x(label))):
        assert tidy(other) == other


def test_a_solved_index_keeps_to_its_axis_where_the_other_runs_on():
    expression = IndexSum(Entry("v", (M,), j) * Delta(j, k), j, M)
    over = ((k, N),)
    assert SIZES[N] > SIZES[M]
    assert distance(value(solve_affine(expression, dict(over)), over), value(expression, over)) == 0

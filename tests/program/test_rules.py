"""Every rule of stability: two equal sides, of which the second keeps its digits."""

from __future__ import annotations

from functools import reduce

import mpmath
import numpy as np
import pytest
import sympy as sp

from derive.index.evaluate import evaluate
from derive.index.functions import Select, expm1, log1p, logaddexp, sigmoid, softplus
from derive.index.terms import Delta, Entry, Index, IndexSum, Size, free_indices
from derive.layer.model import Layer
from derive.program.rules import Around, Rules
from derive.program.scalar_rules import ALWAYS
from derive.program.shift import SHIFT, shifted
from derive.program.stabilise import BEFORE as ALL_BEFORE
from derive.program.stabilise import RULES, safe

K, k = Size("K"), Index("k")
x, y, z, t = Entry("x", ()), Entry("y", ()), Entry("z", ()), Entry("t", (K,), k)
NOTHING = Layer("none", "", (), (), (), ())
#: Enough to see what is left of 1 + exp(-1000).
DIGITS = 1000
#: The rules whose first sides overflow in squares.
#: At what scales rules about overflow are tried: squares, or third powers alone.
EXTREME = {
    name: (1.0, 1e160, 1e-170)
    for name in (
        *("norm", "scaled sum", "sum of squares below", "length of a few numbers"),
        "square over a root",
    )
} | {"powers of a length below": (1.0, 1e110, 1e120)}
STEP = mpmath.mpf(10) ** -30


def rewritten(expression, rows):
    return Rules(rows, Around(labels=frozenset({"n"})))(expression)


def numbers():
    """Values of x: a grid to ±1000, small ones, and 0."""
    small = 10.0 ** np.arange(-300.0, 0.0, 20)
    yield from np.concatenate([np.linspace(-1000, 1000, 41), np.linspace(-40, 40, 41), small, [0]])


def vectors(scales):
    """Values of t: several scales, one that dominates, all equal."""
    generator = np.random.default_rng(3)
    for scale in scales:
        for _ in range(4):
            yield scale * generator.normal(size=4)
    yield np.array([0.5, 90.25, -3.0, 1.0])
    yield np.array([0.5, -3.0, 3e6, 1.0])
    yield np.array([-300.5, 1e-3, -3.0, 1.0])
    yield 1e8 + generator.integers(0, 8, 4)
    yield np.full(4, 3.25)


def points(rule):
    generator = np.random.default_rng(5)
    scalar = {str(e.tensor) for e in rule.example().atoms(Entry)} == {"x"}
    if scalar:
        return [{"x": np.array(value)} for value in numbers()]
    return [
        {"t": value, "x": generator.normal(size=4), "n": np.array(int(np.argmax(value)))}
        for value in vectors(EXTREME.get(rule.name, (1.0, 30.0, 300.0)))
    ]


def values(expression, arrays):
    indices = tuple(sorted(free_indices(expression), key=str))
    with np.errstate(all="ignore"):
        return evaluate(expression, indices, arrays, {K: 4}, (4,) * len(indices))


def exact(arrays):
    return {
        name: array
        if array.dtype.kind == "i"
        else np.array([mpmath.mpf(float(v)) for v in array.flat], object).reshape(array.shape)
        for name, array in arrays.items()
    }


def moves(arrays):
    """Yield the arrays with one number moved by a tiny part of itself."""
    for name, array in arrays.items():
        for place in np.ndindex(array.shape) if array.dtype == object else ():
            moved = array.copy()
            moved[place] *= 1 + STEP
            yield {**arrays, name: moved}


#: What a rule leaves to another one, which is applied to what it gives.
_NEXT = {"1 - powers of a softmax": "1 - softmax"}


def errors(rule):
    """Return the worst errors of both sides, relative to how much rounded inputs move the value."""
    before = rule.example()
    rules = (rule, *(each for each in RULES if each.name == _NEXT.get(rule.name)))
    after = shifted(before) if rule is SHIFT else rewritten(before, rules)
    computed = (before, after if rule is SHIFT else safe(after, NOTHING))
    worst = [0.0, 0.0]
    for arrays in points(rule):
        with mpmath.workdps(DIGITS):
            given = exact(arrays)
            true, same = values(before, given), values(after, given)
            change = sum(np.abs(values(before, moved) - true) for moved in moves(given)) / STEP
        got = [values(side, arrays) for side in computed]
        for place in np.ndindex(true.shape):
            want = true[place]  # complex where a logarithm is of a negative number
            if not isinstance(want, mpmath.mpf) or not 1e-290 < abs(want) < 1e300:
                continue
            with mpmath.workdps(DIGITS):
                assert abs(same[place] - want) <= max(1e-50, rule.within) * abs(want)
                scale = max(abs(want), np.asarray(change, object)[place])
                for side, array in enumerate(got):
                    number = float(array[place])
                    off = abs(mpmath.mpf(number) - want) / scale
                    worst[side] = max(worst[side], float(off) if np.isfinite(number) else np.inf)
    return worst


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_keeps_digits_that_were_lost(rule):
    before, after = errors(rule)
    assert after < 2e-15
    # The loss is not of digits where 0 times infinity is no number, or a derivative a kink's.
    whole = ("x log x", "label beside what overflows", "softplus by parts")
    whole = (*whole, "exp beside what vanishes")
    assert before > 1e-13 or rule.name in whole


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_says_where_and_why(rule):
    for text in (rule.name, rule.before, rule.after, rule.domain, rule.source):
        assert text.strip()
    assert len({each.name for each in RULES}) == len(RULES)


def test_x_log_x_is_0_at_0():
    (rule,) = (each for each in ALWAYS if each.name == "x log x")
    with np.errstate(all="ignore"):
        assert np.isnan(values(x * sp.log(x), {"x": np.array(0.0)}))
        assert values(rule.rewrite(x * sp.log(x), Around()), {"x": np.array(0.0)}) == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (sp.log(1 + sp.exp(x)), softplus(x)),
        (1 / (1 + sp.exp(-x)), sigmoid(x)),
        (sp.log(1 / (1 + sp.exp(-x))), -softplus(-x)),
        (sp.log(1 - sigmoid(x)), -softplus(x)),
        (sp.log(1 + x**2), log1p(x**2)),
        (sp.log(2 + sp.exp(x)), logaddexp(sp.log(2), x)),
        (x - sp.log(sp.exp(x) + sp.exp(y)), -softplus(y - x)),
        (sp.exp(x) / (2 * sp.exp(x) + 2 * sp.exp(y)), sigmoid(x - y) / 2),
        (y * sp.exp(x) - y, y * expm1(x)),
        (sp.exp(x) / (1 + sp.exp(x)) ** 2, sigmoid(-x) * sigmoid(x)),
        (sp.log(sigmoid(x) / sigmoid(-x)), x),
        (sp.sinh(x) ** 2 / sp.cosh(x) ** 3, sp.tanh(x) ** 2 * sp.sech(x)),
        (2 / (sp.exp(x) + sp.exp(-x)), sp.sech(x)),
        (sp.log(sigmoid(x) - sigmoid(y)), sp.log(-expm1(y - x)) - softplus(-x) - softplus(y)),
        (sigmoid(x) ** y, sp.exp(-y * softplus(-x))),
        (x / (sp.exp(y) * sigmoid(x) + 1), x * sigmoid(softplus(-x) - y)),
        (sp.exp(x) / (1 + sp.exp(x) + sp.exp(y)), sigmoid(x - softplus(y))),
        (sp.log(1 + sp.exp(x) + sp.exp(y)) - x, softplus(softplus(y) - x)),
        (softplus(x) - x, softplus(-x)),
        (sp.log(sigmoid(x) + sigmoid(y)), logaddexp(-softplus(-x), -softplus(-y))),
        (
            sp.log(2 * sp.exp(x) * sigmoid(y) / (sp.exp(x) * sigmoid(y) + sigmoid(z))),
            sp.log(2) - softplus(softplus(-y) - softplus(-z) - x),
        ),
        (sp.log(Select(x < 0, sp.exp(x) / 2, sp.exp(y))), Select(x < 0, x - sp.log(2), y)),
        (
            sp.log(Select(x < 0, Select(y < 0, sp.exp(x), sp.exp(y)), 1)),
            Select(x < 0, Select(y < 0, x, y), 0),
        ),
    ],
)
def test_rules_meet_one_another(before, after):
    assert reduce(rewritten, ALL_BEFORE, before) == after


@pytest.mark.parametrize(
    "expression",
    [
        2 - sp.tanh(x) ** 2,
        1 - sp.tanh(x) ** 3,
        y - sigmoid(x),
        y - sp.erf(x),
        y * sp.erf(x) + 1,
        sp.sqrt(x**2 + 1),
        sp.exp(x) - 2,
        IndexSum(t**2, k, K) / K - (IndexSum(t, k, K) / (K + 1)) ** 2,
        sp.sqrt(IndexSum(t**2, k, K) + 1),
        y * sp.log(x),
        sp.exp(t) - Delta(Entry("n", ()), k),
        sp.log(Select(x < 0, x**2, 0)),
        sp.log(Select(x < 0, y, -1)),
        sp.sqrt(-IndexSum(t**2, k, K)),
        sp.sqrt(IndexSum(IndexSum(t**3, k, K), Index("i"), K)),
    ],
)
def test_what_only_looks_like_it_is_left_alone(expression):
    assert rewritten(expression, RULES[:-1]) == expression
    assert shifted(expression) == expression

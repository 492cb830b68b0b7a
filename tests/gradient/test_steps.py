"""What a step says of itself: which part changed, and where its sums stand."""

from functools import cache

import pytest
import sympy as sp

from derive import Definition, sign
from derive.gradient.derivation import derivations
from derive.gradient.places import moved, places
from derive.gradient.reverse import reverse
from derive.index.changes import changed
from derive.index.delta import close
from derive.index.local import Term, one_level
from derive.index.partial import Partial, worked
from derive.index.terms import Entry, Index, IndexSum, Size, fresh
from derive.layer.model import Rule
from tests.calculus.layers import LAYERS

N, M = Size("N"), Size("M")
i, j, k = Index("i"), Index("j"), Index("k")


def x(at):
    return Entry("x", (N,), at)


def W(*at):
    return Entry("W", (N, M), *at)


def stands_in(part, whole):
    """Tell whether a part is a subexpression, or some of the arguments of a sum or a product."""
    for node in sp.preorder_traversal(whole):
        if node == part:
            return True
        if type(node) is type(part) and isinstance(node, (sp.Add, sp.Mul)):
            left = list(node.args)
            if all(a in left for a in part.args):
                return True
    return False


@cache
def derived(name):
    return derivations(LAYERS[name]())


@pytest.mark.parametrize("name", LAYERS)
def test_the_part_that_changed_stands_in_the_line_before_and_what_it_became_in_the_one_after(name):
    for one in derived(name):
        for step in one.steps:
            assert stands_in(step.part, step.before), step
            assert stands_in(step.became, step.after), step


@pytest.mark.parametrize("name", LAYERS)
def test_every_line_differs_from_the_one_before_unless_an_index_is_renamed(name):
    for one in derived(name):
        for step in one.steps:
            assert (step.before == step.after) == (step.rule is Rule.RENAME)


@pytest.mark.parametrize("name", LAYERS)
def test_the_steps_are_kept_with_the_gradient(name):
    layer = LAYERS[name]()
    traced, plain = reverse(layer, traced=True), reverse(layer)
    steps = {one.node.name: one.steps for one in derived(name)}
    for node, bare in zip(traced.nodes, plain.nodes, strict=True):
        assert node.steps == steps.get(node.name, ())
        assert bare.steps == ()
        assert node.body == bare.body


def test_a_change_below_a_sum_is_found_there():
    before = IndexSum(x(j) * sp.exp(x(j) + x(i)), j, N)
    part, became = changed(before, IndexSum(x(j) * sp.exp(x(j) + x(k)), j, N))
    assert (part, became) == (x(i), x(k))


def test_a_sum_that_changes_within_a_sum_is_the_part():
    inner = IndexSum(W(i, j), j, M)
    part, became = changed(IndexSum(x(i) * inner, i, N), IndexSum(x(i) * W(i, k), i, N))
    outer = IndexSum(x(i) * inner, i, N)
    assert stands_in(part, outer)
    assert isinstance(part, IndexSum)
    assert isinstance(became, Entry)


def test_several_factors_that_change_are_one_part():
    y, z, u, v = (Entry(name, ()) for name in "yzuv")
    assert changed(y * z * u, v**2 * sp.exp(v) * u) == (y * z, v**2 * sp.exp(v))


def test_sums_have_places_from_the_outside_in():
    a, b = fresh(), fresh()
    term = Term(((a, N), (b, M)), (), x(a) * W(a, b))
    assert places((term,), close) == {a: {0}, b: {1}}
    assert places((term,), close, (i,)) == {i: {0}, a: {1}, b: {2}}


def test_what_moved_is_told_by_places():
    assert moved({i: {0}, j: {1}}, {i: {1}, j: {0}}) == (1, 0)
    assert moved({i: {0}, j: {1}}, {i: {0}, j: {1}}) == ()
    # Two indices with one letter cannot keep two.
    assert moved({i: {1}, j: {2}}, {i: {0}, j: {0}}) == ()


def test_a_derivative_is_worked_out_down_to_what_is_left():
    body = x(j) * sp.tanh(x(j))

    def left(part):
        return Partial(part, x(k)) if isinstance(part, sp.tanh) else None

    found = close(one_level(body, "x", (k,), left))
    open_end = Partial(sp.tanh(x(j)), x(k))
    assert found.has(open_end)
    whole = worked(found, lambda p: close(one_level(p.body, "x", (k,), lambda part: None)))
    assert sp.expand(whole - close(one_level(body, "x", (k,), lambda part: None))) == 0


def test_an_entry_is_a_rule_of_its_own():
    d = Definition("gathered", "Reads an entry, and nothing else.")
    n, m = d.sizes("N M")
    values, where = d.input("x", m), d.integers("where", n)
    at = d.indices("i")
    y = d.output("y", n)
    y[at] = values[where[at]]
    (one,) = derivations(d.build())
    assert [step.rule for step in one.steps] == [Rule.CHAIN, Rule.DEFINITION, Rule.ENTRY]


def test_a_sign_is_flat_and_its_argument_no_constant():
    d = Definition("gate", "The derivative by x is 0 wherever it exists.")
    n = d.sizes("N")
    values, w = d.input("x", n), d.param("w", n)
    d.output("y", sign(values) * w)
    one, other = derivations(d.build())
    assert [step.rule for step in one.steps] == [Rule.CHAIN, Rule.DEFINITION, Rule.FLAT]
    assert one.steps[-1].detail == ("sign",)
    assert Rule.CONSTANT in {step.rule for step in other.steps}


def test_a_power_is_an_exponential_to_its_exponent():
    d = Definition("powers", "The base and the exponent are both differentiated by.")
    n = d.sizes("N")
    q, p, i = d.input("q", n), d.param("p"), d.indices("i")
    y = d.output("y", n)
    y[i] = q[i] ** p.at()
    base, exponent = derivations(d.build())
    assert (base.wrt, exponent.wrt) == ("q", "p")
    assert Rule.POWER in {step.rule for step in base.steps}
    rules = {step.rule for step in exponent.steps}
    assert Rule.EXPONENTIAL in rules and Rule.POWER not in rules


def test_every_rule_is_used():
    used = {step.rule for name in LAYERS for one in derived(name) for step in one.steps}
    used |= {Rule.FLAT, Rule.EXPONENTIAL}  # of no layer: the tests above
    assert used == set(Rule)

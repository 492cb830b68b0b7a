"""Proved, refuted, or equal at random points: no verdict is ever wrong."""

import math
import time

import numpy as np
import pytest
import sympy as sp

from derive.index.canonical import Undefined, vanishes
from derive.index.equality import Proved, Refuted, Sampled, equality
from derive.index.evaluate import evaluate
from derive.index.functions import Select, relu, sigmoid, step
from derive.index.limits import Budget, Timeout
from derive.index.terms import Delta, Entry, Index, IndexSum, Size
from derive.layer.model import Domain, Fact
from tests.index.layer_pairs import layer_pairs
from tests.index.mutants import mutants
from tests.index.pairs import (
    FACTS,
    SCALARS,
    STEPS,
    SUMS,
    A,
    N,
    Pair,
    i,
    k,
    r,
    s,
    sampler,
    total,
    x,
    y,
)

PAIRS = [*SCALARS, *SUMS, *STEPS, *FACTS, *layer_pairs()]


def decide(pair: Pair, seconds: float = 5.0):
    return equality(
        pair.left,
        pair.right,
        pair.axes,
        sampler(pair),
        facts=pair.facts,
        domains=pair.domains,
        definitions=pair.definitions,
        seconds=seconds,
    )


def test_there_are_many_pairs():
    assert len(PAIRS) >= 100
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_what_is_equal_is_proved(pair):
    assert isinstance(decide(pair), Proved)


def test_proofs_are_quick():
    taken = []
    for pair in PAIRS:
        start = time.process_time()
        decide(pair)
        taken.append(time.process_time() - start)
    assert sorted(taken)[len(taken) // 2] < 0.1
    assert sorted(taken)[-6] < 1


@pytest.mark.parametrize("pair", FACTS, ids=lambda pair: pair.name)
def test_a_proof_names_the_facts_it_takes(pair):
    declared = {fact.text for fact in pair.facts} | {
        f"{domain.tensor} is {domain.values}" for domain in pair.domains
    }
    assert set(decide(pair).facts_used) == declared


def test_a_proof_does_not_name_facts_it_does_not_take():
    one = Fact(total(k, of=y(k)), sp.S.One, "Σ_k y_k = 1")
    plain = Pair("", sp.tanh(-y(k)), -sp.tanh(y(k)), (k,), (one,), (Domain("y", "unit"),))
    assert decide(plain) == Proved(())
    taken = Pair("", total(i, of=y(i)) * s, s + 0 * r, (), (one,), (Domain("s", "positive"),))
    assert decide(taken) == Proved(("Σ_k y_k = 1",))


# --- what is wrong ---------------------------------------------------------------------------


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_a_mutant_is_refuted_or_equal(pair):
    for what, wrong in list(mutants(pair.right, pair.axes))[::2]:
        mutant = Pair(pair.name, pair.left, wrong, pair.free, pair.facts, pair.domains,
                      pair.definitions, pair.ranges)  # fmt: skip
        verdict = decide(mutant)
        if isinstance(verdict, Refuted):
            assert not _proved(mutant), f"a false proof: {what}: {wrong}"
        elif isinstance(verdict, Sampled):
            assert (verdict.points, verdict.undefined) == (0, "right"), f"{what}: {wrong}"


def _proved(pair: Pair) -> bool:
    """Tell what the canonical form says by itself, without the numbers that come before it."""
    try:
        return vanishes(
            pair.left - pair.right,
            pair.facts,
            pair.domains,
            free=dict(pair.axes),
            budget=Budget.of_seconds(2),
        )
    except (Timeout, Undefined):
        return False


def test_there_are_a_thousand_mutants():
    assert sum(len(list(mutants(pair.right, pair.axes))[::2]) for pair in PAIRS) > 1000


def test_a_witness_reproduces_the_difference():
    wrong = Pair("", total(i, of=x(i) * A(i, k)), total(i, of=x(i) * A(k, i)), (k,))
    witness = decide(wrong).witness
    sizes = {Size(name): value for name, value in witness.sizes}
    arrays = {name: np.asarray(values) for name, values in witness.inputs}
    assert set(arrays) == {"x", "A"}
    where = tuple(value for _, value in witness.index)
    values = [
        evaluate(side, (k,), arrays, sizes, (sizes[N],))[where]
        for side in (wrong.left, wrong.right)
    ]
    assert values == pytest.approx([witness.left, witness.right])
    assert values[0] != pytest.approx(values[1])


def test_a_witness_of_a_derived_gradient_shows_what_the_layer_is_given():
    pair = next(pair for pair in PAIRS if pair.name == "quantizer, b")
    wrong = Pair("", pair.left, -pair.right, pair.free, definitions=pair.definitions,
                 ranges=pair.ranges)  # fmt: skip
    assert {name for name, _ in decide(wrong).witness.inputs} == {"X", "a", "b", "c", "dZ"}


def test_a_difference_that_float64_does_not_see_is_refuted():
    tiny = sp.Rational(1, 10**20)
    assert isinstance(decide(Pair("", s, s + tiny)), Refuted)
    assert isinstance(decide(Pair("", sp.sin(s), sp.sin(s) * (1 + tiny))), Refuted)


def test_noise_of_float64_refutes_nothing():
    large = sp.Integer(10) ** 12
    assert isinstance(decide(Pair("", (s + large) ** 2 - large**2 - 2 * large * s, s**2)), Proved)


def test_a_difference_on_one_side_of_a_kink_is_found():
    assert isinstance(decide(Pair("", relu(s - 2), sp.S.Zero)), Refuted)
    assert isinstance(decide(Pair("", step(s + 2), sp.S.One)), Refuted)


def test_what_has_no_value_is_passed_over():
    assert isinstance(decide(Pair("", sp.log(s) - sp.log(s) + r, r)), Proved)
    assert decide(Pair("", r, sp.log(-sp.exp(s)))) == Sampled(0, "right")
    assert decide(Pair("", sp.log(-sp.exp(r)), s)) == Sampled(0, "left")
    assert decide(Pair("", sp.log(-sp.exp(r)), sp.sqrt(-sp.exp(s)))) == Sampled(0, "both")
    assert decide(Pair("", 1 / (s - s), r)) == Sampled(0, "left")


def test_logarithms_and_roots_are_looked_at_where_they_exist():
    log = total(i, of=sp.log(x(i)))
    assert isinstance(decide(Pair("", log, 2 * log)), Refuted)
    assert isinstance(decide(Pair("", total(i, of=sp.log(x(i) ** 3)), 3 * log)), Proved)


def test_what_holds_where_both_sides_exist_but_not_by_rule_is_not_proved():
    verdict = decide(Pair("", sp.log(s * r), sp.log(s) + sp.log(r)))
    assert isinstance(verdict, Sampled) and verdict.points > 3


def test_a_claim_that_needs_a_fact_is_refuted_without_it():
    for pair in FACTS:
        if not any(isinstance(fact.left, Size) for fact in pair.facts):
            bare = Pair("", pair.left, pair.right, pair.free)
            assert isinstance(decide(bare), Refuted)


def test_definitions_are_put_in_only_where_they_are_needed():
    h = Entry("h", (N,), k)
    definitions = {"h": ((i,), sigmoid(x(i))), "e": ((), sp.exp(s))}
    assert isinstance(
        decide(Pair("", h - h**2, h * (1 - h), (k,), definitions=definitions)), Proved
    )
    slope = Pair("", h * (1 - h), sp.sech(x(k) / 2) ** 2 / 4, (k,), definitions=definitions)
    assert isinstance(decide(slope), Proved)
    wrong = Pair("", h * (1 - h), sp.sech(x(k)) ** 2 / 4, (k,), definitions=definitions)
    assert isinstance(decide(wrong), Refuted)


def test_a_nested_definition_is_put_in_as_well():
    levels = 9
    tensors = [Entry(f"h{n}", ()) for n in range(levels)]
    definitions = {"h0": ((), sp.tanh(s))}
    for n in range(1, levels):
        definitions[f"h{n}"] = ((), tensors[n - 1] + r)
    pair = Pair("", tensors[-1], (levels - 1) * r + sp.tanh(s), definitions=definitions)
    assert isinstance(decide(pair), Proved)


def test_an_unbound_index_is_an_error():
    with pytest.raises(ValueError, match="unbound: i"):
        equality(x(i), x(k), [(k, N)], sampler(Pair("", x(i), x(k), (k,))))


def test_a_claim_out_of_the_range_of_a_tensor_is_not_proved():
    short = Size("K")
    o = Index("o")
    wrong = Pair("", IndexSum(x(o), o, short), total(i, of=x(i)))
    assert not isinstance(decide(wrong), Proved)
    shifted = Pair("", total(i, of=x(i + 1)), total(i, of=x(i)))
    assert not isinstance(decide(shifted), Proved)
    crossed = Pair("", total(i, of=Delta(i, k) * s), s, (k,), ranges={k: short})
    assert not isinstance(decide(crossed), Proved)


def test_sizes_at_which_a_selection_reads_what_is_not_there_refute_nothing():
    left = Entry("z", (N,), i)
    right = Select(sp.Eq(i, 0), x(sp.Integer(1)), sp.S.Zero)

    def draw(seed):
        # Where there is one entry, there is no second.
        size = 1 if seed % 2 else 3
        values = np.arange(2.0, 2.0 + size)
        return {"x": values, "z": np.array([3.0, 0.0, 0.0][:size])}, {N: size}

    assert not isinstance(equality(left, right, [(i, N)], draw), Refuted)
    assert isinstance(equality(left, 2 * right, [(i, N)], draw), Refuted)


def test_the_limit_to_the_work_of_a_proof_is_respected():
    hard = (1 + sum(sp.tanh(Entry(f"x{n}", ())) for n in range(9))) ** 14
    pair = Pair("", hard, hard * sigmoid(s) / (1 - sigmoid(-s)))
    start = time.process_time()
    assert isinstance(decide(pair, seconds=0.3), Sampled)
    assert time.process_time() - start < 3


def test_facts_are_imposed_in_mpmath_where_the_sampler_cannot_hold_them():
    one = Fact(total(k, of=y(k)), sp.S.One, "Σ_k y_k = 1")

    def draw(seed):
        values = np.random.default_rng(seed).uniform(0.1, 1, 7)
        return {"y": values / math.fsum(values)}, {N: 7}

    def exact(arrays):
        values = np.asarray([sp.Float(str(v), 60)._to_mpmath(220) for v in arrays["y"]], object)
        return {"y": values / values.sum()}

    assert equality(total(i, of=y(i)), sp.S.One, (), draw, facts=(one,), exact=exact) == Proved(
        ("Σ_k y_k = 1",)
    )

"""What an explanation says of a layer is true of it, step by step and link by link."""

import json
import re

import pytest
import sympy as sp

from derive import (
    Definition,
    absolute,
    exp,
    max_over,
    maximum,
    minimum,
    relu,
    select,
    sign,
    sum_over,
    tanh,
)
from derive.explain.explained import numbered
from derive.explain.explanation import explanation
from derive.explain.links import links, setting
from derive.explain.names import for_gradient
from derive.explain.text import written
from derive.explain.trace import trace_json
from derive.explain.tree import Letter, Plus, settled
from derive.explain.words import in_line, sentence
from derive.gradient.derivation import derivations
from derive.gradient.jacobian import jacobian
from derive.gradient.reverse import reverse
from derive.gradient.structure import Structure
from derive.index.terms import Index
from derive.layer.find import load as shipped_layer

#: An index to sum over.
K = Index("k")


def vectors(formula):
    """Return the layer ``y = formula(x, w)`` of vectors."""
    d = Definition("one", "")
    N = d.sizes("N")
    x, w = d.input("x", N), d.param("w", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = formula(x, w, i, N)
    return d.build()


def steps(layer, wrt="x"):
    """Return the lines of a derivation: what comes after, and the reason."""
    (one,) = (one for one in derivations(layer) if one.wrt == wrt)
    lines = numbered(one, for_gradient(layer, reverse(layer)))
    return [(written(line.right), in_line(line.reason)) for _, line in lines]


def reasons(layer, wrt="x"):
    """Return why each link to a tensor has its operators."""
    found = links(setting(layer), wrt)
    return [in_line(sentence(link.reason)) for link in found if link.wrt == wrt]


def test_a_sign_has_the_derivative_0_and_is_not_said_to_lack_its_argument():
    layer = vectors(lambda x, w, i, N: sign(x[i]) * w[i])
    (reason,) = reasons(layer)
    assert reason == (
        "y does not change with x where it is differentiable, so the Jacobian is 0, by convention "
        "also at the jumps."
    )
    assert steps(layer)[-1] == ("0", "∂/∂u sign(u) = 0, by convention also at the jump")
    assert [why for _, why in steps(layer, "w")][2] == "constants: w is not in them"


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, w, i, N: select(x[i] > 0, w[i], 2 * w[i]),
        lambda x, w, i, N: select(x[i] > 0, w[i], 0),
    ],
)
def test_what_only_chooses_between_constants_is_flat(formula):
    assert steps(vectors(formula))[-1] == (
        "0",
        "constant where it is differentiable, so the derivative is 0, by convention also at the "
        "jumps",
    )


def test_a_flat_summand_and_a_flat_factor_have_a_line_of_their_own():
    found = steps(vectors(lambda x, w, i, N: x[i] * sign(x[i]) + tanh(w[i]) * sign(x[i])))
    assert [why for _, why in found].count("∂/∂u sign(u) = 0, by convention also at the jump") == 1
    assert not any("constants: x" in why for _, why in found)


def test_what_is_behind_something_flat_is_not_called_a_constant():
    d = Definition("behind", "")
    N = d.sizes("N")
    z, w = d.input("z", N), d.param("w", N)
    x = d.node("x", 2 * z)
    d.output("y", sign(x) * w)
    assert steps(d.build(), "z")[-1][1].startswith("constant where it is differentiable")


def test_the_derivative_of_a_function_with_a_kink_is_printed_with_its_convention():
    def last(formula):
        return steps(vectors(formula))[2][1]

    assert last(lambda x, w, i, N: relu(x[i])) == (
        "chain rule with ∂/∂u relu(u) = [u > 0], by convention 0 at u = 0"
    )
    assert last(lambda x, w, i, N: absolute(x[i])) == (
        "chain rule with ∂/∂u |u| = sign(u), by convention 0 at u = 0"
    )
    assert last(lambda x, w, i, N: maximum(w[i], x[i])) == (
        "chain rule with ∂/∂u max(u, v) = 1 − [v > u], ∂/∂v max(u, v) = [v > u]; at a tie the "
        "first one counts"
    )
    assert last(lambda x, w, i, N: tanh(minimum(x[i], w[i]))) == (
        "chain rule with ∂/∂u tanh(u) = 1 − tanh²(u)"
    )


def test_both_kinds_of_kinks_in_one_step_are_told_of():
    found = steps(vectors(lambda x, w, i, N: relu(x[i]) + maximum(x[i], w[i])))
    (why,) = (why for _, why in found if "max" in why)
    assert why.endswith("by convention 0 at u = 0; at a tie the first one counts")


def test_ties_of_a_maximum_go_to_the_first():
    layer = vectors(lambda x, w, i, N: max_over(i, x[i]) + w[i])
    whys = [why for _, why in steps(layer)]
    assert "a maximum changes with the entry that attains it, at a tie with the first" in whys


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        (lambda x, w, i, N: x[N - 1 - i], Structure.HANKEL),
        (lambda x, w, i, N: x[N - 1 - i] * w[i], Structure.ANTIDIAGONAL),
        (lambda x, w, i, N: x[N - 1 - i] * x[i], Structure.MIXED),
        (lambda x, w, i, N: sum_over(K, select(sp.Ne(i, K), x[K], 0)), Structure.MASKED),
        (lambda x, w, i, N: sum_over(K, select(sp.Lt(i + K, N), x[K], 0)), Structure.MASKED),
        (lambda x, w, i, N: sum_over(K, select(i >= K, x[K], 0)), Structure.TRIANGULAR),
        # A selection of two things is no mask, and a condition of one index relates no two.
        (lambda x, w, i, N: sum_over(K, select(i >= K, x[K], w[i] * x[K])), Structure.DENSE),
        (lambda x, w, i, N: sum_over(K, select(w[i] > 0, x[K], w[K] * x[K])), Structure.DENSE),
        (lambda x, w, i, N: sum_over(K, select(i >= K, 0, x[K])), Structure.TRIANGULAR),
        (
            lambda x, w, i, N: sum_over(
                K, select(i >= K, w[K] * x[K], 0) + select(i <= K, w[i] * x[K], 0)
            ),
            Structure.MIXED,
        ),
        (lambda x, w, i, N: tanh(x[i]) ** 2 + x[i], Structure.DIAGONAL),
        (
            lambda x, w, i, N: sum_over(
                K, select(sp.And(sp.Le(K, i + 1), sp.Le(i, K + 1)), x[K], 0)
            ),
            Structure.BANDED,
        ),
    ],
)
def test_a_jacobian_is_named_as_what_it_is(formula, kind):
    assert jacobian(vectors(formula), "y", "x").structure is kind


def test_every_second_place_makes_no_toeplitz_matrix_and_no_band():
    d = Definition("second", "")
    N, M = d.sizes("N M")
    x, k = d.input("x", 2 * N + M), d.param("k", M)
    i, w = d.indices("i w")
    y, z = d.output("y", N), d.output("z", N)
    y[i] = sum_over(w, k[w] * x[2 * i + w])
    z[i] = x[2 * i] * x[2 * i + 1]
    layer = d.build()
    (link, *_) = (link for link in links(setting(layer), "x") if link.of == "y")
    assert link.structure is Structure.STRIDED
    assert jacobian(layer, "y", "x").structure is Structure.MASKED
    assert jacobian(layer, "z", "x").structure is Structure.STRIDED


def test_what_goes_through_an_output_and_past_it_is_diagonal():
    d = Definition("past", "")
    N = d.sizes("N")
    x = d.input("x", N)
    h = d.output("h", tanh(x))
    d.output("y", h * h + x)
    assert jacobian(d.build(), "y", "x").structure is Structure.DIAGONAL


def test_factors_that_share_an_index_are_no_outer_product():
    d = Definition("first", "")
    N, M = d.sizes("N M")
    W, S = d.param("W", M, 2), d.input("S", M, N)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, W[j, 0] * S[j, i])
    (reason,) = reasons(d.build(), "W")
    assert "share no index" not in reason
    assert "so the transposed Jacobian is applied by a matrix product" in reason


def test_an_exchange_of_sums_is_no_work_of_a_delta():
    d = Definition("pairs", "")
    N = d.sizes("N")
    x, s = d.input("x", N), d.param("s")
    i, j = d.indices("i j")
    d.output("E", sum_over(i, sum_over(j, exp(-s * (x[i] - x[j]) ** 2))))
    whys = [why for _, why in steps(d.build(), "s")]
    assert "the order of the sums is exchanged" in whys
    assert not any("δ" in why for why in whys)


def test_a_sum_that_is_split_is_said_to_be():
    d = Definition("halves", "")
    N = d.sizes("N")
    x = d.input("x", 2 * N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = x[2 * i] * x[2 * i + 1]
    assert steps(d.build())[-1][1] == "the sum is split, term by term"


def test_what_cancels_has_a_line_before_the_delta():
    found = steps(shipped_layer("softmax_mlp"), "t")
    whys = [why for _, why in found]
    assert whys[-4:-1] == ["∂R/∂g, as found above", "simplified", "δ leaves one term of the sum"]
    assert found[-3][0] == "Σ_l (g_i y_l − y_l δ_{li})"


def test_another_order_of_summands_is_no_line():
    a, b = Letter("a"), Letter("b")
    there, back = (Plus(((False, one), (True, other))) for one, other in ((a, b), (b, a)))
    assert settled(there) != settled(back)
    assert settled(Plus(((False, a), (True, b)))) == settled(Plus(((True, b), (False, a))))


def test_numbers_are_reduced_and_stand_first():
    d = Definition("half", "")
    N = d.sizes("N")
    x, t, s = d.input("x", N), d.label("t", N), d.param("s", N)
    i = d.indices("i")
    d.output("L", -sum_over(i, exp(-2 * s[i]) * (x[i] - t[i]) ** 2) / 2)
    layer = d.build()
    assert steps(layer)[-1][0] == "−(x_i − t_i) exp(−2 s_i)"
    (chain_of_x,) = (one for one in explanation(layer, ["x"]).chains)
    assert written(chain_of_x.steps[-1]) == "dx = −(x − t) ∘ exp(−2 s)"


def test_equal_terms_in_matrix_form_are_one_term():
    d = Definition("quart", "")
    N, M = d.sizes("N M")
    x, A = d.input("x", N), d.param("A", N, M)
    i, j, k = d.indices("i j k")
    total = sum_over(i, sum_over(j, sum_over(k, x[i] * A[i, j] * A[k, j] * x[k])))
    d.output("q", total)
    (chain_of_x,) = explanation(d.build(), ["x"]).chains
    assert written(chain_of_x.steps[-1]) == "dx = 2 A Aᵀ x"


@pytest.mark.parametrize("name", ["quantizer", "softmax_mlp", "binary_mlp"])
def test_the_parts_of_a_step_have_the_letters_of_its_lines(name):
    found = json.loads(trace_json(explanation(shipped_layer(name))))
    for one in found["derivations"]:
        for step in one["steps"]:
            for part, whole in (("part", "before"), ("became", "after")):
                letters = set(re.findall(r"Σ_(\w)|_\{?(\w+)", step[part]["text"]))
                assert letters <= set(re.findall(r"Σ_(\w)|_\{?(\w+)", step[whole]["text"])), step

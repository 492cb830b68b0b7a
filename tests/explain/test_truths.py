"""What an explanation says of a layer is true of it, step by step and link by link."""

import pytest

from derive import Definition, absolute, max_over, maximum, minimum, relu, select, sign, tanh
from derive.explain.explained import numbered
from derive.explain.links import links, setting
from derive.explain.names import for_gradient
from derive.explain.text import written
from derive.explain.words import in_line, sentence
from derive.gradient.derivation import derivations
from derive.gradient.reverse import reverse


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

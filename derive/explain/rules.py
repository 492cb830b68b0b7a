"""Why a line of a derivation follows from the one before, in phrases."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.explain.compose import compose
from derive.explain.facts import fact_equation
from derive.explain.names import for_layer, letters
from derive.explain.tree import Derivative, Equation, Letter, Number, Partial
from derive.explain.words import Phrase, phrase
from derive.index.functions import (
    maximum,
    minimum,
    relu,
    scalar_derivative,
    sigmoid,
    softplus,
)
from derive.index.functions import (
    step as unit_step,
)
from derive.layer.model import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from derive.explain.words import Field
    from derive.layer.model import Layer, Step

__all__ = ["reason"]

#: Functions whose derivative is worth writing out, by their names.
_KNOWN = {
    f.__name__: f
    for f in (
        *(sp.exp, sp.log, sp.tanh, sp.sin, sp.cos, sp.sinh, sp.cosh, sigmoid, softplus, sp.sech),
        *(relu, sp.Abs, maximum, minimum),
    )
}
#: Those with a kink at 0, those with one where their arguments are equal, and those with a jump.
_KINKS, _TIES = ("relu", "Abs"), ("maximum", "minimum")
_JUMPS = {f.__name__: f for f in (sp.sign, unit_step)}


def reason(step: Step, layer: Layer, wrt: str, loss: str) -> Phrase:
    """Return the phrase that says why a line follows from the one before.

    Parameters
    ----------
    step : Step
        The line.
    layer : Layer
        The layer that is differentiated.
    wrt : str
        The tensor that it is differentiated by.
    loss : str
        What is differentiated.
    """
    key = f"rule.{step.rule.value}"
    names: Field = tuple(Letter(name) for name in step.detail)
    if step.rule is Rule.COTANGENT:
        return phrase(key, gradient=tuple(Partial(Letter(loss), Letter(n)) for n in step.detail))
    if step.rule in (Rule.CHAIN, Rule.DEFINITION, Rule.SAVED):
        return phrase(key, through=names)
    if step.rule is Rule.CONSTANT:
        return phrase(key, wrt=Letter(wrt))
    if step.rule is Rule.FACT:
        return phrase(key, fact=_fact(step.detail[0], layer))
    if step.rule is Rule.FLAT:
        return _with_derivatives(key, step, _JUMPS, layer) or phrase(f"{key}.plain")
    if step.rule is Rule.FUNCTION:
        return _function(key, step, layer) or phrase(f"{key}.plain")
    return phrase(key)


def _function(key: str, step: Step, layer: Layer) -> Phrase | None:
    """Return the phrase for functions, and what is agreed on where they have no derivative."""
    more: dict[str, Field] = {}
    if any(name in _KINKS for name in step.detail):
        key = f"{key}.kink"
        more["kink"] = Equation(Letter(next(_letters(layer))), Number("0"))
    if any(name in _TIES for name in step.detail):
        key = f"{key}.tie"
    return _with_derivatives(key, step, _KNOWN, layer, **more)


def _with_derivatives(
    key: str, step: Step, known: Mapping[str, Any], layer: Layer, **more: Field
) -> Phrase | None:
    """Return the phrase with the derivatives of a step's functions, if all of them are known."""
    if not step.detail or not known.keys() >= set(step.detail):
        return None
    names = dict.fromkeys(step.detail)
    derivative = tuple(one for name in names for one in _derivatives(known[name], layer))
    return phrase(key, derivative=derivative, **more)


def _fact(text: str, layer: Layer) -> Equation:
    (fact,) = (fact for fact in layer.facts if fact.text == text)
    return fact_equation(fact, for_layer(layer))


def _letters(layer: Layer) -> Iterator[str]:
    """Yield letters that the layer does not use, for the arguments of functions."""
    return letters("uvtsz", layer.names)


def _derivatives(function: Any, layer: Layer) -> tuple[Equation, ...]:
    """Return ``∂/∂u tanh(u) = 1 − tanh²(u)``; one equation for each argument."""
    count = 2 if function.__name__ in _TIES else 1
    arguments = [sp.Symbol(name, real=True) for name in islice(_letters(layer), count)]
    whole = function(*arguments)
    return tuple(
        Equation(
            Derivative(compose(whole), Letter(argument.name)),
            compose(scalar_derivative(whole, argument)),
        )
        for argument in arguments
    )

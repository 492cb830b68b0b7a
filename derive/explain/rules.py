"""Why a line of a derivation follows from the one before, in phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sympy as sp

from derive.explain.compose import compose
from derive.explain.names import for_layer, letters
from derive.explain.tree import Derivative, Equation, Letter, Partial
from derive.explain.words import Phrase, phrase
from derive.index.functions import scalar_derivative, sigmoid, softplus
from derive.layer.model import Rule

if TYPE_CHECKING:
    from derive.explain.words import Field
    from derive.layer.model import Layer, Step

__all__ = ["reason"]

#: Functions whose derivative is worth writing out, by their names.
_KNOWN = {
    f.__name__: f
    for f in (sp.exp, sp.log, sp.tanh, sp.sin, sp.cos, sp.sinh, sp.cosh, sigmoid, softplus, sp.sech)
}


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
    if step.rule is Rule.FUNCTION:
        known = [_KNOWN[name] for name in step.detail if name in _KNOWN]
        if len(known) == len(step.detail):
            return phrase(key, derivative=tuple(_derivative(f, layer) for f in known))
        return phrase(f"{key}.plain")
    return phrase(key)


def _fact(text: str, layer: Layer) -> Equation:
    (fact,) = (fact for fact in layer.facts if fact.text == text)
    notation = for_layer(layer)
    return Equation(compose(fact.left, notation), compose(fact.right, notation))


def _derivative(function: Any, layer: Layer) -> Equation:
    """Return ``∂/∂u tanh(u) = 1 − tanh²(u)``, with a letter that the layer does not use."""
    letter = sp.Symbol(next(letters("uvtsz", layer.names)), real=True)
    whole = function(letter)
    derived = compose(scalar_derivative(whole, letter))
    return Equation(Derivative(compose(whole), Letter(letter.name)), derived)

"""What things are called on paper: letters for bound indices, cotangents, and the loss.

Inside an expression a bound index is named after its height, a cotangent is a tensor ``dZ``. A
reader wants ``Σ_l`` and ``∂L/∂Z_l``. A :class:`Notation` holds the choice.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from derive.explain.tree import Letter
from derive.gradient.edges import readers
from derive.gradient.reverse import cotangent_names, letters_taken
from derive.index.terms import Delta, Entry, Index, Reduction
from derive.layer.model import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import sympy as sp

    from derive.gradient.derivation import Derivation
    from derive.layer.model import Layer

__all__ = ["Notation", "for_gradient", "for_layer", "for_lines", "letters", "short", "short_names"]

#: Letters for bound indices: beside the free ones of a gradient (i, j, k), and in a definition.
BESIDE = "lmnpqrstuvwxyz"
NATURAL = "ijklmnpqrstuvwxyz"

#: Names for what is differentiated, where it has no name in the layer.
_LOSSES = ("L", "J", "E", "loss")


@dataclass(frozen=True, slots=True)
class Notation:
    """How expressions of one layer are to be written.

    Parameters
    ----------
    letters : str
        The letters to choose from for bound indices, in order of preference.
    taken : frozenset of str
        Names that no bound index may have: those of tensors and sizes.
    order : tuple of str
        The tensors' names, parameters first; factors keep that order.
    cotangents : mapping of str to str
        The tensor of which a name is the gradient: ``dZ`` is that of ``Z``.
    direct : mapping of str to str
        The output of which a name is the given gradient, where other nodes read it: not all of
        its gradient.
    loss : str
        What is differentiated.
    unit : str
        The cotangent that is 1 and not written: that of a layer's only output, a scalar.
    lead : int
        How many first axes of every cotangent number the losses.
    origin : int
        What indices count from on paper.
    shifted : bool
        Whether what is computed from indices is to be written as of indices from 1.
    places : frozenset of str
        Tensors that hold places: they are counted like indices.
    """

    letters: str = BESIDE
    taken: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    cotangents: Mapping[str, str] = field(default_factory=dict)
    direct: Mapping[str, str] = field(default_factory=dict)
    loss: str = "L"
    unit: str = ""
    lead: int = 0
    origin: int = 0
    shifted: bool = False
    places: frozenset[str] = frozenset()


def letters(wished: str, taken: Iterable[str]) -> Iterator[str]:
    """Yield letters that are not taken, numbered ones when all are used up.

    >>> list(itertools.islice(letters("ij", {"i"}), 3))
    ['j', 'i1', 'j1']
    """
    used = set(taken)
    numbered = (f"{letter}{count}" for count in itertools.count(1) for letter in wished)
    return (letter for letter in itertools.chain(wished, numbered) if letter not in used)


def for_lines(one: Derivation, notation: Notation) -> list[Notation]:
    """Return the notation of each line of a derivation, the first side included.

    Where sums have come to other places, their indices keep their letters until they are renamed
    (:class:`derive.layer.model.Step`).
    """
    taken = notation.taken | {index.name for index in one.node.indices}
    free = [letter for letter in notation.letters if letter not in taken]
    result = [notation]
    for step in one.steps:
        if step.letters and max(step.letters) < len(free):
            later = range(max(step.letters) + 1, len(free))
            early = [p for p in range(max(step.letters)) if p not in step.letters]
            order = "".join(free[place] for place in (*step.letters, *later, *early))
            result.append(replace(notation, letters=order))
        else:
            result.append(notation)
    return result


def short(title: str, of: str) -> Letter:
    """Return the letter of a gradient; one that had to be renamed is a name like any other."""
    plain = title in (f"d{of}", f"d{of}_total")
    return Letter(title[1:], (), "d") if plain else Letter(title)


def short_names(notation: Notation, wrt: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Return which names of gradients are to be explained, each with its tensor.

    One stands for all that are called d and the name; of those asked for, if there is one.

    >>> short_names(Notation(cotangents={"d_x": "x", "dw": "w", "dv": "v"}), ["x", "v", "w"])
    (('dv', 'v'), ('d_x', 'x'))
    """
    called = {name: title for title, name in notation.cotangents.items()}
    names = [name for name in dict.fromkeys([*wrt, *called]) if name in called]
    plain = [(called[name], name) for name in names if called[name] == f"d{name}"]
    other = [(called[name], name) for name in names if called[name] != f"d{name}"]
    return (*plain[:1], *other)


def for_layer(layer: Layer) -> Notation:
    """Return the notation for a layer's own definitions."""
    return Notation(
        letters=NATURAL,
        taken=letters_taken(layer),
        order=_order(layer),
        origin=origin(layer),
        shifted=bool(layer.base),
        places=_places(layer),
    )


def for_gradient(layer: Layer, gradient: Layer, wrt: Iterable[str] | None = None) -> Notation:
    """Return the notation for the equations of a layer's gradients.

    Parameters
    ----------
    layer : Layer
        What was differentiated.
    gradient : Layer
        What :func:`derive.gradient.reverse.reverse` made of it.
    wrt : iterable of str, optional
        The tensors that it was differentiated by, if not all.
    """
    names = layer.wrt_names(wrt)
    called, titles = cotangent_names(layer, names)
    read = readers(layer)
    # What is given for an output that other nodes read is not its whole cotangent: it keeps its
    # own name.
    cotangents = {title: name for name, title in titles.items()}
    cotangents |= {called[name]: name for name in layer.outputs if not read[name]}
    direct = {called[name]: name for name in layer.outputs}
    only = layer.outputs[0]
    scalar = len(layer.outputs) == 1 and not layer.tensor(only).shape
    taken = letters_taken(layer)
    loss = only if scalar else next(letter for letter in _LOSSES if letter not in taken)
    given = gradient.tensor(called[only])
    unit = called[only] if scalar and not given.shape else ""
    return Notation(
        letters=BESIDE,
        taken=taken | {loss},
        order=(*_order(layer), *gradient.names),
        cotangents=cotangents,
        direct={name: of for name, of in direct.items() if name not in (*cotangents, unit)},
        loss=loss,
        unit=unit,
        lead=len(given.shape) - len(layer.tensor(only).shape),
        origin=origin(layer),
        shifted=bool(layer.base),
        places=_places(layer),
    )


def origin(layer: Layer) -> int:
    """Return what the layer's indices count from on paper: 1, if nothing is computed with them.

    Where an index is shifted, compared or used as a number (``X[2 i + k]``), the formulas hold
    for indices from 0 only, or from where their author counts.
    """
    if layer.base is not None:
        return layer.base
    return 1 if all(_plain(node.body) for node in layer.nodes) else 0


def _places(layer: Layer) -> frozenset[str]:
    return frozenset(tensor.name for tensor in layer.tensors if tensor.role is Role.INDEX)


def _plain(expression: sp.Basic) -> bool:
    if isinstance(expression, Entry):
        return all(isinstance(index, Index) for index in expression.indices)
    if isinstance(expression, Delta):
        return all(isinstance(index, Index) for index in expression.args)
    if isinstance(expression, Index):
        return False
    return all(_plain(argument) for argument in _operands(expression))


def _operands(expression: sp.Basic) -> list[sp.Basic]:
    """Return what a formula is computed from: a binder's body, but not its index."""
    return list(expression.args[:1] if isinstance(expression, Reduction) else expression.args)


def _order(layer: Layer) -> tuple[str, ...]:
    """Return the names as they were declared, parameters before what they are applied to."""
    params = [tensor.name for tensor in layer.tensors if tensor.role is Role.PARAM]
    return tuple(dict.fromkeys([*params, *layer.names]))

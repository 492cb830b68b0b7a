"""Compute a layer with the interpreter: no generated code, any kind of number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import mpmath

from derive.errors import DeriveError
from derive.index.arrays import objects
from derive.index.evaluate import evaluate
from derive.index.terms import tensors
from derive.layer.sample import extents, impose

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.layer.model import Layer, Node

__all__ = ["NoValueError", "exact", "run"]


class NoValueError(DeriveError):
    """A definition that has no real value where it was asked for."""


def run(
    layer: Layer,
    arrays: Mapping[str, Array],
    sizes: Mapping[Size, int],
    *,
    strict: bool = False,
) -> dict[str, Array]:
    """Return the value of every node of a layer, in the order of its nodes.

    Parameters
    ----------
    layer : Layer
        What to compute; a gradient is a layer too.
    arrays : mapping of str to array
        A value for each tensor that the layer is given, by name; more may be there. Real ones
        are of one kind: float64 or another precision, complex128, or objects (mpmath numbers);
        subscripts are integers.
    sizes : mapping of Size to int
        A number for each size.
    strict : bool
        Whether a branch of a selection may not read outside a tensor where it is the one taken.

    Returns
    -------
    dict of str to array
        The values of the nodes, by name; what is given is not repeated.

    Raises
    ------
    DeriveError
        If a value is missing, or its shape does not fit the sizes; if an entry outside a tensor is
        read.
    NoValueError
        If a node has no value among mpmath's real numbers.

    Examples
    --------
    >>> import numpy as np
    >>> from derive.layers import quantizer
    >>> layer = quantizer.layer.build()
    >>> N, M = layer.sizes
    >>> one = np.array([1.0])
    >>> arrays = {"X": np.array([0.0, 2.0]), "a": 3 * one, "b": one, "c": 100 * one}
    >>> run(layer, arrays, {N: 2, M: 1})["Z"]
    array([-3.,  3.])
    """
    known: dict[str, Array] = {}
    for tensor in layer.tensors:
        if tensor.name not in arrays:
            raise DeriveError(f"{layer.name}: no value for {tensor.name}")
        value, expected = arrays[tensor.name], extents(tensor, sizes)
        if value.shape != expected:
            raise DeriveError(f"{tensor.name}: expected shape {expected}, got {value.shape}")
        known[tensor.name] = value
    result: dict[str, Array] = {}
    for node in layer.nodes:
        known[node.name] = result[node.name] = _value(node, known, sizes, strict)
    return result


def _value(
    node: Node, known: Mapping[str, Array], sizes: Mapping[Size, int], strict: bool
) -> Array:
    """Return the value of a node."""
    shape = extents(node.tensor, sizes)
    try:
        value = evaluate(node.body, node.indices, known, sizes, shape, strict=strict)
    except IndexError as error:
        # An index that nobody has named is shown as a colon.
        what = re.sub(r"[~_]\d+", ":", str(error))
        raise DeriveError(f"{node.name}: {what}", node.span) from error
    except (TypeError, ValueError, ZeroDivisionError) as error:
        # What mpmath says of complex numbers that are compared, and of negative powers of 0.
        if not any(array.dtype == object for array in known.values()):
            raise
        raise _no_value(node) from error
    if value.dtype == object and any(isinstance(part, mpmath.mpc) for part in value.flat):
        raise _no_value(node)
    return value


def _no_value(node: Node) -> NoValueError:
    given = ", ".join(sorted(tensors(node.body)))
    message = f"{node.name} has no real value at some values of {given}: {node.entry} = {node.body}"
    hint = 'declare which values there are, as in `layer.domain(x, "positive")`: or unit, nonzero'
    return NoValueError(message, node.span, hint=hint)


def exact(layer: Layer, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays as objects of mpmath at its current precision; integers stay integers.

    What the layer declares of its tensors (``Σ_k y_k = 1``) is imposed again at that precision:
    to float64's 16 digits it would be false at 50.

    Parameters
    ----------
    layer : Layer
        Whose facts are to hold.
    arrays : mapping of str to array
        Values by name; names that the layer does not know are converted as well.
    """
    return impose(layer, objects(arrays))

"""Why an operator is the right one, in English: the clauses of :mod:`derive.explain.reasons`.

They begin in lower case and have no full stop: :func:`derive.explain.words.sentence` joins them.
No word agrees with a field in number or gender, so that every language can say the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["REASONS"]

_STRUCTURES = {
    "structure.zero": (
        "{of} does not change with {wrt} where it is differentiable, so the Jacobian is 0, by "
        "convention also at the jumps"
    ),
    "structure.scalar": "both {of} and {wrt} are numbers, so the Jacobian is one number",
    "structure.row": "{of} is a number, so the Jacobian has one entry for each entry of {wrt}",
    "structure.column": "{wrt} is one number for all of {of}, so the Jacobian is a single column",
    "structure.column.array": (
        "{wrt} is one number for all of {of}, so the Jacobian has one entry for each of them"
    ),
    "structure.identity": (
        "of all entries of {wrt}, {of} contains {read} alone, with the factor 1, "
        "so the Jacobian is the identity"
    ),
    "structure.diagonal": "{of} depends on {read} alone, so the Jacobian is {matrix}",
    "structure.diagonal.plain": "{of} depends on {read} alone, so the Jacobian is diagonal",
    "structure.repeated": (
        "for every {others}, {of} depends on {read} alone, "
        "so the Jacobian is a stack of diagonal matrices"
    ),
    "structure.block": (
        "of all entries of {wrt}, {of} reads only those of the form {read}, "
        "so the Jacobian is block diagonal"
    ),
    "structure.rank_one": (
        "the derivative of {of} with respect to {wrt} is a factor for the row times a factor for "
        "the column, so the Jacobian has rank one"
    ),
    "structure.diagonal_and_rank_one": (
        "{of} depends on every {wrt}, and on the one with its own index in one more way, so the "
        "Jacobian is a diagonal matrix plus a matrix of rank one"
    ),
    "structure.toeplitz": (
        "{of} reads {reads}, with weights that do not change with the place, "
        "so each row of the Jacobian is another row, shifted"
    ),
    "structure.banded": (
        "of all entries of {wrt}, {of} reads only {reads}, so the Jacobian is banded"
    ),
    "structure.hankel": (
        "{of} reads {reads}, with weights that do not change with the place and from back to "
        "front, so the Jacobian is the same along each anti-diagonal"
    ),
    "structure.antidiagonal": (
        "of all entries of {wrt}, {of} reads only {reads}, from back to front, so the Jacobian is "
        "0 but for some anti-diagonals"
    ),
    "structure.strided": (
        "of all entries of {wrt}, {of} reads only {reads}, so each row of the Jacobian is 0 "
        "everywhere else, and from row to row these places need not move by one"
    ),
    "structure.gathered": (
        "{of} reads only {read}, at a place that is given as data, so each row of the Jacobian "
        "is 0 everywhere else"
    ),
    "structure.gathered.maximum": (
        "{of} depends only on {read}, the first place with the greatest value, so each row of "
        "the Jacobian is 0 everywhere else"
    ),
    "structure.selected": (
        "of all entries of {wrt}, {of} reads only {read}, at a fixed place, so each row of the "
        "Jacobian is 0 everywhere else"
    ),
    "structure.masked": "an entry of the Jacobian is 0 unless {condition}",
    "structure.mixed": (
        "{of} reads {wrt} in more than one way, so the Jacobian is a sum of sparse parts"
    ),
    "structure.weights": "{of} is linear in every {wrt}, so the Jacobian is the matrix {matrix}",
    "structure.dense": "{of} depends on every {wrt}, so the Jacobian is dense",
}

_OPERATORS = {
    "operator.start": "the chain begins here, with {one}",
    "operator.copy": "what arrives passes unchanged",
    "operator.scale": "{factor} is a number and scales the result",
    "operator.scale.array": "that number scales {factor}",
    "operator.scale.numbers": "it is multiplied by the number {cotangent}",
    "operator.scale.gradient": "the number {cotangent} scales it",
    "operator.elementwise": "multiplying by a diagonal matrix is the elementwise product",
    "operator.elementwise.before": (
        "{factor} has only indices that {cotangent} has, so the two are first multiplied "
        "elementwise"
    ),
    "operator.elementwise.after": (
        "{factor} does not have the summed index {summed}, so it comes out of the sum and "
        "multiplies the result elementwise"
    ),
    "operator.elementwise.repeated": "then it is multiplied elementwise by {factor}",
    "operator.matrix.first.transposed": (
        "the summed index {summed} is the first of {entry}, so {matrix} appears transposed"
    ),
    "operator.matrix.first.plain": (
        "the summed index {summed} is the first of {entry}, over which a matrix on the right is "
        "summed, so {matrix} appears as it is"
    ),
    "operator.matrix.second.transposed": (
        "the summed index {summed} is the second of {entry}, so {matrix} appears transposed"
    ),
    "operator.matrix.second.plain": (
        "the summed index {summed} is the second of {entry}, over which a matrix on the left is "
        "summed, so {matrix} appears as it is"
    ),
    "operator.matrix.gradient": (
        "the summed index {summed} is the first of {cotangent}, which stands on the left, "
        "so {cotangent} appears transposed"
    ),
    "operator.matrix.jacobian": (
        "the index {summed} of the rows is summed, so the transposed Jacobian is applied by a "
        "matrix product"
    ),
    "operator.outer": (
        "the δ leaves no sum between the two factors and they share no index, so their product "
        "is an outer product"
    ),
    "operator.dot": "the only index is shared and summed, so the product is a dot product",
    "operator.dot.several": (
        "the indices {summed} are shared and summed, so the product is the sum of all entries of "
        "an elementwise product"
    ),
    "operator.sum": ("the index {summed} is summed, because every {summed} uses the same {wrt}"),
    "operator.sum.samples": (
        "the batch index {summed} is summed, because every sample uses the same {wrt}"
    ),
    "operator.repeat": (
        "{wrt} has the index {new} and {of} does not, so the same value arrives at every {new}"
    ),
    "operator.scatter": (
        "what arrives for {of} is added to {read}, and places that are read more than once add up"
    ),
    "operator.convolution": (
        "what arrives for {of} is added to {read} with the weight {factor}, "
        "a transposed convolution"
    ),
    "operator.correlation": (
        "{factor} is read at a place that moves with the summed index, so {cotangent} slides "
        "along it, a correlation"
    ),
    "operator.contraction": "the product is summed over {summed}",
    "operator.diagonal_and_rank_one": (
        "the diagonal part is an elementwise product, and the part of rank one needs a single "
        "dot product"
    ),
    "operator.terms": "each part is applied by itself, and the results are added",
}

_CHAINS = {
    "chain.together": (
        "{first} and {second} are multiplied at once: their product {product} is simpler than "
        "they are."
    ),
    "chain.together.facts": (
        "{first} and {second} are multiplied at once: with {facts} their product {product} is "
        "simpler than they are."
    ),
    "chain.together.part": (
        "{first} and {second} are multiplied at once, so the whole chain does without {first}."
    ),
    "chain.indices": (
        "A matrix has two indices and this gradient has more, so it stays in index form."
    ),
    "chain.formless": (
        "No product of whole vectors and matrices says this, so it stays in index form."
    ),
}

REASONS: Mapping[str, str] = {**_STRUCTURES, **_OPERATORS, **_CHAINS}

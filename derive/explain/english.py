"""The sentences of an explanation in English, by their keys.

A name in braces is a field: a formula, or a name that is the same in every language. The
catalogues in ``locales/`` translate these very sentences, each under its key.

The clauses of reasons (``structure.*``, ``operator.*``) begin in lower case and have no full
stop: :func:`derive.explain.words.sentence` joins them. A formula stands for one thing (no plural,
no gender that a word would have to agree with).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ENGLISH"]

_STRUCTURES = {
    "structure.zero": "{of} does not depend on {wrt}, so the Jacobian is 0",
    "structure.scalar": "{of} and {wrt} are numbers, so the Jacobian is one number",
    "structure.row": "{of} is a number, so the Jacobian is one row: a gradient with respect to {wrt}",
    "structure.column": "{wrt} is a number, so the Jacobian is one column",
    "structure.identity": (
        "of all entries of {wrt}, {of} contains {read} alone, with the factor 1, "
        "so the Jacobian is the identity"
    ),
    "structure.diagonal": "{of} depends on {read} alone, so the Jacobian is {matrix}",
    "structure.diagonal.plain": "{of} depends on {read} alone, so the Jacobian is diagonal",
    "structure.repeated": (
        "of all entries of {wrt}, {of} depends on {read} alone, which other entries of the same "
        "array read as well, so the Jacobian is a stack of diagonal matrices"
    ),
    "structure.block": (
        "of all entries of {wrt}, {of} reads only those of the form {read}, "
        "so the Jacobian is block diagonal"
    ),
    "structure.rank_one": (
        "the derivative of {of} with respect to {wrt} is a product of a factor for the row and "
        "a factor for the column, so the Jacobian has rank one: {matrix}"
    ),
    "structure.diagonal_and_rank_one": (
        "{of} depends on every {wrt}, and on its own counterpart in one more way, so the Jacobian "
        "is a diagonal matrix plus one of rank one: {matrix}"
    ),
    "structure.toeplitz": (
        "{of} reads {wrt} at the shifted place {reads}, always with the same weights, so each row "
        "of the Jacobian is another one, moved"
    ),
    "structure.banded": "{of} reads {wrt} only at {reads}, so the Jacobian is banded",
    "structure.gathered": (
        "{of} reads only {read}, at a place that is given as data, so each row of the Jacobian "
        "is 0 everywhere else"
    ),
    "structure.gathered.maximum": (
        "{of} takes the value of {read}, the first place with the greatest value, so each row of "
        "the Jacobian is 0 everywhere else"
    ),
    "structure.selected": (
        "{of} reads only {read}, a fixed place of {wrt}, so each row of the Jacobian is 0 "
        "everywhere else"
    ),
    "structure.masked": "the derivative is 0 unless {condition}",
    "structure.mixed": (
        "{of} reads {wrt} in more than one way, and the Jacobian is the sum of a sparse part for each"
    ),
    "structure.weights": "{of} is linear in every {wrt}, so the Jacobian is the matrix {matrix}",
    "structure.dense": "{of} depends on every {wrt}, so the Jacobian is dense",
}

_OPERATORS = {
    "operator.start": "the chain begins here, with ∂{of}/∂{of} = 1",
    "operator.copy": "{cotangent} passes unchanged",
    "operator.scale": "{factor} is a number and scales the result",
    "operator.scale.numbers": "numbers are simply multiplied, here with {cotangent}",
    "operator.scale.gradient": "{cotangent} is a number and scales it",
    "operator.elementwise": "multiplying by a diagonal matrix is the elementwise product",
    "operator.elementwise.before": (
        "{factor} has no other index than {cotangent}, so the two are multiplied elementwise first"
    ),
    "operator.elementwise.after": (
        "{factor} does not have the summed index {summed}, so it comes out of the sum and "
        "multiplies the result elementwise"
    ),
    "operator.elementwise.repeated": "then it is multiplied elementwise by {factor}",
    "operator.matrix.first.transposed": (
        "the summed index {summed} is the first of {entry}, so {matrix} appears transposed: {product}"
    ),
    "operator.matrix.first.plain": (
        "the summed index {summed} is the first of {entry}, and the factor to the left of a matrix "
        "is summed over that one, so {matrix} appears as it is: {product}"
    ),
    "operator.matrix.second.transposed": (
        "the summed index {summed} is the second of {entry}, so {matrix} appears transposed: {product}"
    ),
    "operator.matrix.second.plain": (
        "the summed index {summed} is the second of {entry}, and the factor to the right of a "
        "matrix is summed over that one, so {matrix} appears as it is: {product}"
    ),
    "operator.matrix.jacobian": (
        "the index {summed} is summed, so the product with the transposed Jacobian is a matrix "
        "product: {product}"
    ),
    "operator.matrix.jacobian.plain": (
        "the index {summed} is summed, as in a product with the transposed Jacobian"
    ),
    "operator.outer": "no index is shared and none is summed, so the product is an outer product: {product}",
    "operator.outer.plain": "no index is shared and none is summed, so the product is an outer product",
    "operator.dot": "the shared index is summed, so the product is a dot product: {product}",
    "operator.dot.plain": "the shared index is summed, so the product is a dot product",
    "operator.sum": "the index {summed} is summed, because the same {wrt} is used for every {summed}",
    "operator.sum.samples": (
        "the batch index {summed} is summed, because every sample uses the same {wrt}"
    ),
    "operator.repeat": "{wrt} has the index {new}, which {of} lacks, so the same value arrives for every {new}",
    "operator.scatter": (
        "what arrives for {of} is added to {read}; places that are read more than once add up"
    ),
    "operator.convolution": (
        "what arrives for {of} is added to every {read} with its weight: a transposed convolution"
    ),
    "operator.correlation": (
        "{factor} is read at a place that moves with the summed index, so {cotangent} slides "
        "along it: a correlation"
    ),
    "operator.contraction": "the product is summed over {summed} at once",
    "operator.diagonal_and_rank_one": (
        "the diagonal part is an elementwise product, the part of rank one needs a single dot "
        "product: {product}"
    ),
    "operator.terms": "each part is applied by itself, and the results are added",
    "operator.terms.product": "each part is applied by itself, and the results are added: {product}",
}

_HEADINGS = {
    "heading.gradients": "Gradients",
    # The page: its headings, what is stated once, and the words in its tables.
    "heading.definition": "Definition",
    "heading.layout": "Conventions",
    "heading.graph": "The graph of the layer",
    "heading.derivations": "Derivation",
    "heading.results": "Results",
    "heading.shapes": "Symbols",
    "heading.facts": "Facts used",
    "column.index": "index form",
    "column.matrix": "matrix form",
    "column.symbol": "symbol",
    "column.role": "role",
    "column.shape": "shape",
    "column.meaning": "meaning",
    "part.links": "The links of the chain",
    "part.steps": "Line by line",
    "part.whole": "The whole chain",
    "layout.loss": "{loss} is any scalar that depends on {outputs}.",
    "layout.gradient": "A gradient has the shape of its tensor: {gradient} stands where {entry} does.",
    "layout.numerator": (
        "In matrix form derivatives are in numerator layout: a gradient has the shape of its "
        "tensor, transposed."
    ),
    "layout.rows": "In matrix form vectors are rows.",
    "layout.columns": "In matrix form vectors are columns.",
    "layout.short": "{short} is short for {gradient}.",
    "layout.circle": "∘ multiplies entry by entry.",
    "layout.origin": "Indices count from 0.",
    "matrix.none": "no matrix form",
    "shapes.product": "shapes: {shapes}",
    "where": "where",
    "facts.none": "No declared fact was needed.",
    "role.input": "input",
    "role.param": "parameter",
    "role.label": "label",
    "role.constant": "constant",
    "role.index": "positions",
    "role.node": "intermediate",
    "role.output": "output",
    "role.cotangent": "cotangent",
    "role.size": "size",
}

ENGLISH: Mapping[str, str] = {**_STRUCTURES, **_OPERATORS, **_HEADINGS}

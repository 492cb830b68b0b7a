"""An explanation as JSON: the derivations themselves, and all that is said of them.

The schema is in ``docs/explain.md``.
"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from derive.explain.authored import authored
from derive.explain.compose import compose
from derive.explain.latex import written_latex
from derive.explain.names import for_lines
from derive.explain.pointed import pointed
from derive.explain.rules import reason
from derive.explain.text import written
from derive.explain.words import direction, in_line, say, sentence

if TYPE_CHECKING:
    import sympy as sp

    from derive.explain.chain import Chain
    from derive.explain.explanation import Explanation
    from derive.explain.links import Link
    from derive.explain.names import Notation
    from derive.explain.page import Prose
    from derive.explain.tree import Equation, Formula
    from derive.gradient.derivation import Derivation
    from derive.layer.model import Step, Tensor

__all__ = ["SCHEMA", "trace_json"]

#: Counted up when a reader of the old schema would misread the new one.
SCHEMA = 1


def trace_json(found: Explanation, language: str = "en") -> str:
    """Return the trace of an explanation, the reasons in a language."""
    return json.dumps(_Trace(found, language).whole(), ensure_ascii=False, indent=2) + "\n"


class _Trace:
    """Turns what belongs to one explanation into JSON."""

    def __init__(self, found: Explanation, language: str) -> None:
        self.found, self.language = found, language
        self.notation = found.report.notation

    def whole(self) -> dict[str, Any]:
        layer, matrices = self.found.layer, self.found.matrices
        return {
            "schema": SCHEMA,
            "name": layer.name,
            "doc": layer.doc,
            "language": self.language,
            "direction": direction(self.language),
            "loss": self.notation.loss,
            "indices_from": self.notation.origin,
            "vectors": "rows" if matrices.rows else "columns",
            "tensors": [self.tensor(tensor) for tensor in layer.by_name.values()],
            "definitions": [
                {"name": line.name, **self.forms(line.equation, matrices.equations[line.name])}
                for line in self.found.report.definitions
            ],
            "where": [self.formula(equation) for equation in matrices.where],
            "links": [self.link(link) for link in self.found.links],
            "derivations": [self.derivation(one) for one in self.found.derivations],
            "chains": [self.chain(chain) for chain in self.found.chains],
            "results": [
                {"wrt": line.wrt, **self.forms(line.equation, matrices.equations[line.name])}
                for line in self.found.report.gradients
            ],
        }

    def formula(self, formula: Formula | Equation) -> dict[str, str]:
        shown = authored(formula, self.found.layer)
        return {"text": written(shown), "latex": written_latex(shown, self.notation.origin)}

    def prose(self, prose: Prose) -> str:
        return in_line(authored(prose, self.found.layer), self.language)

    def forms(self, index: Equation, matrix: Equation | Formula | None) -> dict[str, Any]:
        return {
            "index": self.formula(index),
            "matrix": None if matrix is None else self.formula(matrix),
        }

    def tensor(self, tensor: Tensor) -> dict[str, Any]:
        output = tensor.name in self.found.layer.outputs
        shape = [str(size.xreplace(dict(self.found.sizes))) for size in tensor.shape]
        role = "output" if output else tensor.role.value
        return {"name": tensor.name, "role": role, "shape": shape, "doc": tensor.doc}

    def link(self, link: Link) -> dict[str, Any]:
        return {
            "of": link.of,
            "wrt": link.wrt,
            **self.forms(link.index, link.matrix),
            "structure": link.structure.value,
            "operators": [operator.value for operator in link.operators],
            "product": None if link.product is None else self.formula(link.product),
            "einsum": link.einsum or None,
            "reason": self.prose(sentence(link.reason, self.language)),
        }

    def derivation(self, one: Derivation) -> dict[str, Any]:
        notations = for_lines(one, self.notation)
        return {
            "of": one.of or None,
            "wrt": one.wrt,
            "steps": [
                self.step(step, one, lines)
                for step, lines in zip(one.steps, pairwise(notations), strict=True)
            ],
            "facts": list(one.node.facts),
        }

    def step(self, step: Step, one: Derivation, lines: tuple[Notation, Notation]) -> dict[str, Any]:
        def shown(expression: sp.Expr, notation: Notation) -> dict[str, str]:
            return self.formula(compose(expression, notation, one.node.indices))

        old, new = lines
        why = reason(step, self.found.layer, one.wrt, self.notation.loss)
        return {
            "rule": step.rule.value,
            "detail": list(step.detail),
            "before": shown(step.before, old),
            "after": shown(step.after, new),
            "part": self.formula(pointed(step.before, step.part, old, one.node.indices)),
            "became": self.formula(pointed(step.after, step.became, new, one.node.indices)),
            "reason": self.prose(say(why, self.language)),
        }

    def chain(self, chain: Chain) -> dict[str, Any]:
        return {
            "wrt": chain.wrt,
            "steps": [self.formula(step) for step in chain.steps],
            "whole": None if chain.whole is None else self.formula(chain.whole),
            "einsum": chain.einsum or None,
            "remarks": [self.prose(say(r, self.language)) for r in chain.remarks],
        }

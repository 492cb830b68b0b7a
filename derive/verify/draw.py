"""Sizes and values at which generated functions are judged, and what they should return there."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

from derive.index.terms import Reduction
from derive.layer.model import Node, Role
from derive.layer.run import exact, run
from derive.layer.sample import extents, sample, sample_sizes
from derive.layer.updates import gradient_name, needed_gradients
from derive.verify import differences, precision
from derive.verify.finding import Finding, tolerance
from derive.verify.floats import PRECISIONS, singles
from derive.verify.precision import worst

if TYPE_CHECKING:
    from collections.abc import Mapping

    from derive.index.arrays import Array
    from derive.index.terms import Size
    from derive.layer.model import Layer
    from derive.program.suite import Suite
    from derive.verify.call import Caller

__all__ = ["Draw", "all_nodes"]


#: Leading dimensions of the batch, one of each draw of shapes.
_LEADS: tuple[tuple[int, ...], ...] = ((3,), (), (1, 2))
_COTANGENTS = 2
#: The most work of the judges in one draw: entries that are moved, times places to compute.
_WORK = 50_000
#: How often sizes are drawn before smaller ones are taken, and values before no number is.
_DRAWN = 20
#: Gradients below this are compared as if they were of this size, by judges that round.
_FLOOR = 1e-3
#: The first step of differences; where there are kinks, one that hardly ever goes across.
_STEP, _STEP_AT_KINKS = 2.0**-6, 2.0**-16
#: How much more than the formulas generated code may lose: it adds in another order.
_MORE_ROUNDING = 1000


class Draw:
    """One choice of sizes and values, and what the functions should return there.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    number : int
        Which draw: that decides the dimensions of the batch, and whether many sizes are 1.
    seed : int
        Of the random numbers.
    """

    #: What gives the results that functions are compared with.
    judge = "reference"

    def __init__(self, suite: Suite, number: int, seed: int = 0) -> None:
        generator = np.random.default_rng([seed, number])
        self.suite = suite
        self.layers = dict(suite.layers)
        self.lead = _LEADS[number % len(_LEADS)]
        every = all_nodes(suite)
        self.forward = self.layers["forward"].with_outputs(suite.layer.outputs)
        self.sizes = self._drawn(every, generator, ones=number % 2 == 1)
        sizes = self.sizes
        arrays, outputs = self._defined(generator)
        for kind in ("backward", "jvp", "sgd_step"):
            if kind in self.layers:
                # What only this function is given: cotangents, tangents, rates.
                for name, value in sample(self.layers[kind], sizes, generator).items():
                    arrays.setdefault(name, value)
        self.arrays = singles(arrays)
        many = sample(every, sizes, generator)
        self.many = singles({name: many[name] for name in suite.cotangents})
        self._computed: dict[Any, dict[str, dict[str, Array]]] = {}
        self.expected = self._expected(outputs)

    def _drawn(self, every: Layer, generator: np.random.Generator, ones: bool) -> dict[Size, int]:
        """Return sizes, small enough for the judges where a layer has many axes."""
        by_name = {size.name: size for size in every.sizes}
        fixed = {
            by_name[self.suite.batch]: int(np.prod(self.lead)),
            by_name[self.suite.many]: _COTANGENTS,
        }
        sizes = {**sample_sizes(every, generator, ones), **fixed}
        for top in range(len(sizes) + 1, 1, -1):
            for _ in range(_DRAWN):
                if _work(self.forward, sizes) <= _WORK:
                    return sizes
                sizes = {**sample_sizes(every, generator, ones, top), **fixed}
        return sizes

    def _defined(self, generator: np.random.Generator) -> tuple[dict[str, Array], dict[str, Array]]:
        """Return inputs at which every output is a number, and the outputs at fifty digits.

        A mask of nothing may make them 0/0. Where no such inputs are found, the last ones drawn:
        the report then shows what is no number.
        """
        for _ in range(_DRAWN):
            arrays = sample(self.forward, self.sizes, generator)
            values = precision.values(self.forward, singles(arrays), self.sizes)
            if all(mpmath.isfinite(entry) for value in values.values() for entry in value.flat):
                break
        return arrays, values

    def _expected(self, value: dict[str, Array]) -> dict[str, dict[str, Array]]:
        """Return every function's results at fifty digits; the layer's own are known."""
        suite, sizes = self.suite, self.sizes
        names = suite.layer.wrt_names()
        outputs = suite.layer.outputs

        def gradients(cotangents: Mapping[str, Array]) -> dict[str, Array]:
            seeds = dict(zip(outputs, (cotangents[c] for c in suite.cotangents), strict=True))
            found = precision.gradients(self.forward, self.arrays, seeds, sizes, names)
            return dict(zip(suite.gradients, (found[name] for name in names), strict=True))

        back = gradients(self.arrays)
        each = [
            gradients({c: self.many[c][p] for c in suite.cotangents}) for p in range(_COTANGENTS)
        ]
        tangents = {name: self.arrays[s] for name, s in zip(names, suite.seeds, strict=True)}
        slope = precision.directional(self.forward, self.arrays, tangents, sizes)
        found = {
            "forward": value,
            "backward": back,
            "forward_backward": {**value, **back},
            "jvp": dict(zip(suite.tangents, (slope[name] for name in outputs), strict=True)),
            "vjp_many": {n: np.stack([one[n] for one in each]) for n in suite.gradients},
        }
        if suite.layer.updates:
            found["sgd_step"] = self._step()
        return found

    def _step(self) -> dict[str, Array]:
        """Return the update with the gradient of the summed loss, the rest by its definition."""
        layer, suite = self.layers["sgd_step"], self.suite
        names = needed_gradients(suite.layer)
        ones = {
            name: np.ones(extents(self.forward.tensor(name), self.sizes))
            for name in suite.layer.outputs
        }
        found = precision.gradients(self.forward, self.arrays, ones, self.sizes, names)
        # The updates alone, as they were written, with the reference gradients given.
        given = {gradient_name(name): found[name] for name in names}
        called = [
            replace(layer.tensor(name), name=gradient_name(name), role=Role.CONSTANT)
            for name in names
        ]
        news = [
            Node(layer.tensor(new), update.indices, update.body)
            for new, update in zip(layer.outputs, suite.layer.updates, strict=True)
        ]
        alone = replace(layer, nodes=tuple(news), tensors=(*layer.tensors, *called))
        with mpmath.workdps(60):
            return run(alone, {**exact(layer, self.arrays), **given}, self.sizes)

    def findings(self, callers: Mapping[str, Caller]) -> list[Finding]:
        """Return how every result of every function compares, by target."""
        found = []
        for target, caller in callers.items():
            for label, dtype in PRECISIONS.items():
                for kind in self.expected:
                    found += self.against_reference(target, caller, label, dtype, kind)
                if self.suite.saved:
                    saved = caller.saved(self._shaped("forward"), self.sizes, dtype)
                    found += self.against_reference(
                        target, caller, label, dtype, "backward", saved=saved
                    )
            found += self._against_differences(target, caller)
        found += self._against_complex_step(callers)
        return found

    def _shaped(self, kind: str) -> dict[str, Array]:
        """Return what a function is given, over the batch's own dimensions."""
        arrays = {**self.arrays, **(self.many if kind == "vjp_many" else {})}
        return {name: self._with_lead(name, value, kind) for name, value in arrays.items()}

    def _call(self, caller: Caller, kind: str, dtype: Any, **keywords: Any) -> dict[str, Array]:
        """Return a function's results, with the batch as one axis as in the reference."""
        got = caller(kind, self._shaped(kind), self.sizes, dtype, **keywords)
        wanted = self.expected[kind]
        return {name: _like(value, wanted[name], dtype) for name, value in got.items()}

    def _with_lead(self, name: str, value: Array, kind: str) -> Array:
        """Return the array with the batch's own dimensions, as a user has it."""
        layer = self.layers[kind]
        tensor = next((t for t in layer.tensors if t.name == name), None)
        if tensor is None:
            return value
        names = [str(size) for size in tensor.shape]
        if self.suite.batch not in names[:2]:
            return value
        place = names.index(self.suite.batch)
        return value.reshape((*value.shape[:place], *self.lead, *value.shape[place + 1 :]))

    def against_reference(
        self, target: str, caller: Caller, label: str, dtype: Any, kind: str, **keywords: Any
    ) -> list[Finding]:
        """Return how a function's results compare with what they should be, in one precision."""
        title = f"{kind} with saved" if keywords else kind
        found = []
        for name, value in self._call(caller, kind, dtype, **keywords).items():
            # Below its least normal number a precision holds fewer digits.
            reference = self.expected[kind][name]
            floor = float(np.finfo(dtype).tiny) if np.any(reference != 0) else 0.0
            entry = worst(name, value, reference, dtype, floor)
            if entry is not None:
                limit = tolerance(self.judge, dtype)
                finding = Finding(title, name, target, label, self.judge, entry, limit)
                found.append(self._fair(finding, dtype, (kind, name)))
        return found

    def _fair(self, finding: Finding, dtype: Any, *results: tuple[str, str]) -> Finding:
        """Return a finding that allows for what the formulas of some results themselves lose."""
        if not finding.wrong:
            return finding
        lost = _MORE_ROUNDING * max(self._lost(kind, name, dtype) for kind, name in results)
        return replace(finding, limit=max(finding.limit, lost))

    def _lost(self, kind: str, name: str, dtype: Any) -> float:
        """Return what formulas lose of a result in a precision, of its largest entry.

        That is how far they are from themselves in a wider one, not from what they should be; what
        double precision loses, single precision loses in its own units at least.
        """
        if dtype is np.float64:
            return self._apart(kind, name, np.float64, np.longdouble)
        units = float(np.finfo(dtype).eps / np.finfo(np.float64).eps)
        double = self._lost(kind, name, np.float64)
        return max(self._apart(kind, name, dtype, np.float64), units * double)

    def _apart(self, kind: str, name: str, dtype: Any, wider: Any) -> float:
        """Return how far a result in two precisions is apart, of its largest entry."""
        rough, fine = (self.formulas(each)[kind][name] for each in (dtype, wider))
        scale = np.abs(fine).max()
        return float(np.abs(rough - fine).max() / scale) if scale > 0 else 0.0

    def formulas(self, dtype: Any) -> dict[str, dict[str, Array]]:
        """Return what every function's formulas are in a precision."""
        if dtype not in self._computed:
            found: dict[str, dict[str, Array]] = {}
            saved: dict[str, Array] = {}
            for kind, layer in self.suite.computed:
                arrays = {**self.arrays, **saved, **(self.many if kind == "vjp_many" else {})}
                given = {tensor.name: arrays[tensor.name] for tensor in layer.tensors}
                given = {
                    name: value if value.dtype.kind in "iu" else value.astype(dtype)
                    for name, value in given.items()
                }
                with np.errstate(all="ignore"):
                    # A guard that says too little is a mistake in the definition.
                    values = run(layer, given, self.sizes, strict=kind == "forward")
                if kind == "forward":
                    saved = {name: values[name] for name in self.suite.saved}
                outputs = self.forward.outputs if kind == "forward" else layer.outputs
                found[kind] = {name: values[name] for name in outputs}
            self._computed[dtype] = found
        return self._computed[dtype]

    def _against_differences(self, target: str, caller: Caller) -> list[Finding]:
        """Judge the gradients by the generated forward function alone."""
        suite = self.suite
        names = suite.layer.wrt_names()
        weights = dict(zip(suite.layer.outputs, suite.cotangents, strict=True))

        def terms(arrays: dict[str, Array]) -> Array:
            shaped = {n: self._with_lead(n, v, "forward") for n, v in arrays.items()}
            out = caller("forward", shaped, self.sizes, np.float64)
            return np.concatenate(
                [out[o].ravel() * self.arrays[c].ravel() for o, c in weights.items()]
            )

        given = {t.name: self.arrays[t.name] for t in suite.layer.tensors}
        step = _STEP_AT_KINKS if suite.layer.kinks else _STEP

        def findings(lost: float = 0.0) -> list[Finding]:
            slopes, errors = differences.gradients(terms, given, names, step=step, lost=lost)
            return self._against_slopes(target, caller, slopes, "differences", errors)

        found = findings()
        return findings(self._terms_lost()) if any(each.wrong for each in found) else found

    def _terms_lost(self) -> float:
        """Return how far ``Σ cotangent · output`` may be off for what its formulas lose."""
        suite, values = self.suite, self.formulas(np.float64)["forward"]
        return sum(
            self._lost("forward", output, np.float64)
            * float(np.abs(values[output]).max() * np.abs(self.arrays[cotangent]).sum())
            for output, cotangent in zip(suite.layer.outputs, suite.cotangents, strict=True)
        )

    def _against_complex_step(self, callers: Mapping[str, Caller]) -> list[Finding]:
        if self.suite.layer.kinks:
            return []
        suite = self.suite
        names = suite.layer.wrt_names()
        seeds = dict(
            zip(suite.layer.outputs, (self.arrays[c] for c in suite.cotangents), strict=True)
        )
        given = (self.forward, self.arrays, seeds, self.sizes, names)
        slopes = differences.complex_step(*given)

        def findings(errors: Mapping[str, float] | None = None) -> list[Finding]:
            return [
                finding
                for target, caller in callers.items()
                for finding in self._against_slopes(target, caller, slopes, "complex step", errors)
            ]

        found = findings()
        if not any(each.wrong for each in found):
            return found
        # The step goes through the definition as written, which may cancel where the code does
        # not. Twice, as what it is compared with loses something, too.
        wider = differences.complex_step(*given, dtype=np.clongdouble)
        return findings({name: 2 * _gap(slopes[name], wider[name]) for name in names})

    def _against_slopes(
        self,
        target: str,
        caller: Caller,
        slopes: Mapping[str, Array],
        judge: str,
        errors: Mapping[str, float] | None = None,
    ) -> list[Finding]:
        """Judge the gradients by slopes that are off themselves, if it is known by how much."""
        got = self._call(caller, "backward", np.float64)
        found = []
        for gradient, tensor in zip(self.suite.gradients, self.suite.layer.wrt, strict=True):
            slope = slopes[tensor.name]
            entry = worst(gradient, got[gradient], slope, floor=_FLOOR)
            if entry is not None:
                off = errors[tensor.name] / max(np.abs(slope).max(), _FLOOR) if errors else 0.0
                limit = tolerance(judge, np.float64) + float(off)
                finding = Finding("backward", gradient, target, "f64", judge, entry, limit)
                # The slopes are made of outputs.
                outputs = (("forward", output) for output in self.suite.layer.outputs)
                found.append(self._fair(finding, np.float64, ("backward", gradient), *outputs))
        return found


def all_nodes(suite: Suite) -> Layer:
    """Return a layer with all sizes that a suite has, and what gradients do not need as well.

    It has the name that complaints call it by.
    """
    layers = dict(suite.layers)
    backward, forward = layers["vjp_many"], layers["forward"]
    defined = {node.name for node in backward.nodes}
    others = tuple(node for node in forward.nodes if node.name not in defined)
    return replace(backward, name=suite.layer.name, nodes=(*others, *backward.nodes))


def _work(layer: Layer, sizes: Mapping[Size, int]) -> int:
    """Return what differences by every entry cost: the entries, times what is computed for each."""

    def places(expression: Any) -> int:
        inner = max(map(places, expression.args), default=1)
        own = expression.size.xreplace(dict(sizes)) if isinstance(expression, Reduction) else 1
        return int(own) * inner

    moved = sum(math.prod(extents(tensor, sizes)) for tensor in layer.wrt)
    return moved * sum(
        math.prod(extents(node.tensor, sizes)) * places(node.body) for node in layer.nodes
    )


def _gap(first: Array, second: Array) -> float:
    return float(np.abs(first - second).max(initial=0.0))


def _like(value: Array, reference: Array, dtype: Any) -> Array:
    """Return a result in the shape of its reference; not a number where it is no such array."""
    if value.dtype != dtype or value.size != reference.size:
        value = np.full(reference.size, np.nan)
    shaped: Array = value.reshape(reference.shape)
    return shaped

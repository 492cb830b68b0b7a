"""The Python interface of a generated module, the same for every target.

Each public function reads its arguments, learns the sizes, checks everything before any memory
is touched, flattens the batch, calls the kernel, and hands the results out. Here that is put
together as text, one field for each part; the template only prints the parts in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.arrays import extent_text
from derive.emit.names import python_name
from derive.emit.sizes import Binding, Formal, bounds, solve_sizes
from derive.program.ir import Buffer, Expr, Extent, Program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from derive.program.suite import Suite

__all__ = ["Check", "Field", "Function", "Record", "functions", "records"]


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a named tuple, with its shape and meaning."""

    name: str
    doc: str


@dataclass(frozen=True, slots=True)
class Record:
    """A named tuple that the module returns."""

    name: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Check:
    """Refuse the call with ``error`` if ``condition`` holds."""

    condition: str
    error: str


@dataclass(frozen=True, slots=True)
class Function:
    """The parts of a public function, in the order in which they run."""

    name: str
    summary: str
    parameters: tuple[str, ...]
    returns: str
    doc: tuple[str, ...]
    reading: tuple[str, ...]
    sizes: tuple[str, ...]
    checks: tuple[Check, ...]
    results: tuple[str, ...]
    call: str
    answer: tuple[str, ...]


#: Lines of a function's body are no longer than this.
_WIDTH = 92

_SUMMARY = {
    "forward": "Return the layer's value.",
    "backward": "Return the gradients, given the cotangents of the outputs.",
    "forward_backward": "Return the layer's value and its gradients, in one pass.",
    "jvp": "Return the tangent of the output, given tangents of the inputs (zero if not given).",
    "vjp_many": "Return the gradients for P cotangents at once: every gradient has a first axis P.",
    "sgd_step": "Return the parameters after one step of gradient descent on the summed loss.",
}


def records(suite: Suite, describe: Callable[[str], str]) -> tuple[Record, ...]:
    """Return the named tuples of a module.

    Parameters
    ----------
    suite : Suite
        The layer and its programs.
    describe : callable
        From the name of a node or gradient to its formula.
    """
    layer = suite.layer
    shapes = {b.name: b.shape for p in suite.programs for b in p.buffers}

    def field(name: str, label: str = "") -> Field:
        lead = "*batch" if _batched(shapes[name], suite) else ""
        text = shape_text(_own(shapes[name], suite), lead)
        formula = describe(name)
        return Field(python_name(label or name), f"shape {text}: {formula}")

    found = [
        Record("Saved", "What ``forward`` saves for ``backward``.", tuple(map(field, suite.saved))),
        Record("Gradients", "One gradient for each input and parameter, each of its shape.",
               tuple(map(field, suite.gradients))),
        Record("Pass", "The outputs, then the gradients.",
               tuple(map(field, (*layer.outputs, *suite.gradients)))),
    ]
    if len(layer.outputs) > 1:
        found.append(Record("Outputs", "The outputs.", tuple(map(field, layer.outputs))))
        found.append(
            Record("Tangents", "The tangents of the outputs.", tuple(map(field, suite.tangents)))
        )
    if layer.updates:
        names = tuple(update.tensor for update in layer.updates)
        found.append(
            Record("Step", "The parameters after the step.",
                   tuple(field(f"{name}_new", name) for name in names))
        )
    return tuple(found)


def functions(suite: Suite) -> tuple[Function, ...]:
    """Return the public functions of a module."""
    return tuple(_function(program, suite) for program in suite.programs)


def shape_text(shape: Sequence[Expr], lead: str = "") -> str:
    """Return a shape as messages and documentation show it.

    >>> shape_text((Extent("N"),)), shape_text((), "*batch")
    ('(N,)', '(*batch,)')
    """
    parts = [*([lead] if lead else []), *(extent_text(extent, tight=False) for extent in shape)]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _batched(shape: Sequence[Expr], suite: Suite) -> bool:
    return Extent(suite.batch) in shape[:2]


def _own(shape: Sequence[Expr], suite: Suite) -> tuple[Expr, ...]:
    """Return a shape without the axes of the batch and of the cotangents."""
    leading = (Extent(suite.batch), Extent(suite.many))
    return tuple(extent for extent in shape if extent not in leading)


def _formal(buffer: Buffer, suite: Suite) -> Formal:
    lead = []
    if Extent(suite.many) in buffer.shape[:1]:
        lead.append(suite.many)
    if _batched(buffer.shape, suite):
        lead.append("*lead")
    name = python_name(buffer.name)
    return Formal(name, buffer.name, _own(buffer.shape, suite), tuple(lead), buffer.integer)


def _extents(formal: Formal) -> str:
    """Return the tuple of numbers that the shape must be."""
    parts = [*formal.lead, *(extent_text(extent, tight=False) for extent in formal.shape)]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _label(formal: Formal) -> str:
    return _extents(formal).replace("*lead", "*batch")


def _flat(formal: Formal, suite: Suite) -> str:
    """Return the array with the batch as one axis, as the kernels take it."""
    if "*lead" not in formal.lead:
        return formal.name
    lead = [suite.batch if part == "*lead" else part for part in formal.lead]
    parts = [*lead, *(extent_text(extent, tight=False) for extent in formal.shape)]
    return f"{formal.name}.reshape({', '.join(parts)})"


def _function(program: Program, suite: Suite) -> Function:
    layer, kind = suite.layer, program.name
    formals = {b.name: _formal(b, suite) for b in program.of_kind("input")}
    outputs = [_formal(b, suite) for b in program.of_kind("output")]
    given = [formals[tensor.name] for tensor in layer.tensors]
    cotangents = [formals[n] for n in suite.cotangents if n in formals and kind != "jvp"]
    # A scalar loss has the cotangent 1 unless another is given.
    scalars = [f for f in cotangents if not f.shape and kind != "vjp_many"]
    required = [f for f in cotangents if f not in scalars]
    seeds = [formals[n] for n in suite.seeds] if kind == "jvp" else []
    rates = [formals[rate.name] for rate in layer.rates if rate.name in formals]
    saved = [formals[n] for n in suite.saved] if kind == "backward" else []
    arrays = [*required, *given]
    own = [s for s in program.sizes if s not in (suite.batch, suite.many)]
    bindings, extra = solve_sizes(
        [*given, *required], own, [s for s in own if s not in _axis_sizes(suite)]
    )
    parameters = [f"{f.name}: np.ndarray" for f in arrays]
    keywords = [f"{name}: int" for name in extra]
    keywords += [f"{f.name}: float" for f in rates]
    keywords += [f"{f.name}: np.ndarray | float = 1.0" for f in scalars]
    keywords += [f"{f.name}: np.ndarray | None = None" for f in seeds]
    keywords += ["save: bool = False"] if kind == "forward" else []
    keywords += ["saved: Saved | None = None"] if kind == "backward" else []
    keywords += [_out_type(kind, outputs, suite)]
    results = outputs[: len(layer.outputs)] if kind == "forward" else outputs
    kept = outputs[len(results) :]
    returns, answer = _answer(kind, results, kept, suite)
    return Function(
        kind,
        _SUMMARY[kind],
        (*parameters, "*", *keywords),
        returns,
        _doc(kind, arrays, results, suite),
        (*_reading(arrays, given), *_extra(seeds, rates)),
        (
            *(f"{b.size} = {b.text}" for b in bindings),
            *([f"{suite.many} = {required[0].name}.shape[0]"] if kind == "vjp_many" else []),
            f"{suite.batch} = math.prod(lead)",
        ),
        _checks(program, arrays, given, bindings, extra, formals, suite),
        (
            *_scalar_lines(scalars, rates),
            *_seed_lines(seeds),
            *_result_lines(results, kept, arrays),
            *_saved_lines(saved, program, suite),
        ),
        _call(kind, program, formals, outputs, suite),
        answer,
    )


def _axis_sizes(suite: Suite) -> set[str]:
    """Return the sizes that are an axis of some tensor; a stride is none."""
    layer = suite.layer
    shapes = [t.shape for t in layer.tensors] + [node.tensor.shape for node in layer.nodes]
    return {str(extent) for shape in shapes for extent in shape}


def _out_type(kind: str, outputs: Sequence[Formal], suite: Suite) -> str:
    count = len(suite.layer.outputs) if kind == "forward" else len(outputs)
    return f"out: {'np.ndarray' if count == 1 and _single(kind) else 'tuple'} | None = None"


def _single(kind: str) -> bool:
    """Tell whether the function returns a bare array when it has one result."""
    return kind in ("forward", "jvp")


def _doc(
    kind: str, arrays: Sequence[Formal], results: Sequence[Formal], suite: Suite
) -> tuple[str, ...]:
    lines = ["", "Parameters", "----------"]
    docs = {tensor.name: tensor.doc for tensor in suite.layer.tensors}
    for formal in arrays:
        what = "integers" if formal.integer else "float32 or float64"
        lines.append(f"{formal.name} : array of shape {_label(formal)}, {what}")
        if docs.get(formal.label):
            lines.append(f"    {docs[formal.label]}")
    lines += ["", "Returns", "-------"]
    lines += [f"{formal.label} : array of shape {_label(formal)}" for formal in results]
    return tuple(lines)


def _reading(arrays: Sequence[Formal], given: Sequence[Formal]) -> list[str]:
    """Return the lines that take the arrays in: their type, dtype and rank."""
    reals = [f for f in [*given, *arrays] if not f.integer]
    lines = [f'dtype = _dtype("{reals[0].label}", {reals[0].name})' if reals else "dtype = _REAL"]
    for formal in arrays:
        rank = len(formal.shape) + sum(part != "*lead" for part in formal.lead)
        batched = "*lead" in formal.lead
        kind = "_INTEGER" if formal.integer else "dtype"
        lines.append(
            f'{formal.name} = _array("{formal.label}", {formal.name}, {kind}, "{_label(formal)}", '
            f"{rank}, {batched})"
        )
    leader = next((f for f in given if f.lead), None)
    if leader is None:
        lines.append("lead = ()")
    else:
        lines.append(f"lead = {leader.name}.shape[: {leader.name}.ndim - {len(leader.shape)}]")
    return lines


def _extra(seeds: Sequence[Formal], rates: Sequence[Formal]) -> list[str]:
    lines = []
    for formal in seeds:
        rank, batched = len(formal.shape), bool(formal.lead)
        lines.append(
            f"if {formal.name} is not None:\n"
            f'        {formal.name} = _array("{formal.label}", {formal.name}, dtype, '
            f'"{_label(formal)}", {rank}, {batched})'
        )
    return lines


def _checks(
    program: Program,
    arrays: Sequence[Formal],
    given: Sequence[Formal],
    bindings: Sequence[Binding],
    extra: Sequence[str],
    formals: dict[str, Formal],
    suite: Suite,
) -> tuple[Check, ...]:
    names = [b.size for b in bindings]
    sources = {b.size: b.source for b in bindings}
    leader = next((f.label for f in given if f.lead), "")
    checks = [
        Check(f"not isinstance({name}, int)", f'TypeError("{name}: expected an int")')
        for name in extra
    ]
    every = [*names, *extra]
    if every:
        least = f"min({', '.join(every)})" if len(every) > 1 else every[0]
        pairs = ", ".join(f"{name}={name}" for name in every)
        checks.append(Check(f"{least} < 1", f"_empty({pairs})"))
    for formal in arrays:
        own = all(
            isinstance(extent, Extent) and sources.get(extent.name) == formal.label
            for extent in formal.shape
        )
        # The array that tells all its sizes has the right shape: its rank was checked.
        if not (own and len(set(formal.shape)) == len(formal.shape)) or (
            formal.lead and formal.label != leader
        ):
            checks.append(_shape_check(formal, sources, leader))
    if program.name == "jvp":
        for name in suite.seeds:
            checks.append(_shape_check(formals[name], sources, leader, optional=True))
    for condition, subject, message in bounds(program):
        label = formals[subject].label if subject in formals else subject
        checks.append(
            Check(condition, f'ValueError(f"{message.replace("{label}", label)}")')
        )
    return tuple(checks)


def _shape_check(
    formal: Formal, sources: dict[str, str], leader: str, optional: bool = False
) -> Check:
    extents = _extents(formal)
    from_where = []
    if "*lead" in formal.lead:
        from_where.append(f'("batch", lead, "{leader}")')
    seen = set()
    for extent in formal.shape:
        for name, source in sources.items():
            if name in extent_text(extent).replace("(", " ").replace(")", " ").split() and (
                name not in seen
            ):
                seen.add(name)
                from_where.append(f'("{name}", {name}, "{source}")')
    present = f"{formal.name} is not None and " if optional else ""
    return Check(
        f"{present}{formal.name}.shape != {extents}",
        f'_mismatch("{formal.label}", "{_label(formal)}", '
        f"({', '.join(from_where)}{',' if len(from_where) == 1 else ''}), {formal.name})",
    )


def _scalar_lines(scalars: Sequence[Formal], rates: Sequence[Formal]) -> list[str]:
    lines = [
        f'{f.name} = _scalar("{f.label}", {f.name}, dtype, '
        f"{'lead' if '*lead' in f.lead else '()'})"
        for f in scalars
    ]
    return lines + [f'{f.name} = _scalar("{f.label}", {f.name}, dtype, ())' for f in rates]


def _seed_lines(seeds: Sequence[Formal]) -> list[str]:
    return [
        f"{f.name} = np.zeros({_extents(f)}, dtype) if {f.name} is None else {f.name}"
        for f in seeds
    ]


def _result_lines(
    results: Sequence[Formal], kept: Sequence[Formal], arrays: Sequence[Formal]
) -> list[str]:
    names = ", ".join(f.name for f in results)
    shapes = [f'("{f.label}", {_extents(f)})' for f in results]
    inputs = ", ".join(f.name for f in arrays)
    comma = "," if len(arrays) == 1 else ""
    target = f"({names},)" if len(results) == 1 else names
    lines = [
        _wrapped(f"{target} = _results(", ["out", "dtype", f"({inputs}{comma})", *shapes])
    ]
    return lines + [f"{f.name} = np.empty({_extents(f)}, dtype)" for f in kept]


def _saved_lines(saved: Sequence[Formal], program: Program, suite: Suite) -> list[str]:
    if not saved:
        return []
    specs = ", ".join(f'("{f.label}", {_extents(f)})' for f in saved)
    forward = next(p for p in suite.programs if p.name == "forward")
    sizes = ", ".join(forward.sizes)
    given = [_flat(_formal(b, suite), suite) for b in forward.of_kind("input")]
    outs = [_formal(b, suite) for b in forward.of_kind("output")]
    own = [f for f in outs if f.label not in {s.label for s in saved}]
    made = ", ".join(
        f"np.empty({_flat_shape(f, suite)}, dtype)" if f in own
        else _flat(f, suite)
        for f in outs
    )
    names = ", ".join(f.name for f in saved)
    comma = "," if len(saved) == 1 else ""
    return [
        f"{names}{comma} = _saved(saved, dtype, {specs})",
        "if saved is None:\n"
        f"        _forward(dtype, {sizes}, {', '.join(given)}, {made})",
    ]


def _flat_shape(formal: Formal, suite: Suite) -> str:
    lead = [suite.batch if part == "*lead" else part for part in formal.lead]
    parts = [*lead, *(extent_text(extent, tight=False) for extent in formal.shape)]
    return f"({', '.join(parts)}{',' if len(parts) == 1 else ''})"


def _call(
    kind: str,
    program: Program,
    formals: dict[str, Formal],
    outputs: Sequence[Formal],
    suite: Suite,
) -> str:
    inputs = [_flat(formal, suite) for formal in formals.values()]
    results = [_flat(formal, suite) for formal in outputs]
    return _wrapped(f"_{kind}(", ["dtype", *program.sizes, *inputs, *results])


def _wrapped(start: str, arguments: Sequence[str]) -> str:
    """Return a call on one line of the function's body, or over several if it is too long."""
    line = f"{start}{', '.join(arguments)})"
    if len(line) <= _WIDTH:
        return line
    rows, row = list[str](), ""
    for argument in arguments:
        if row and len(row) + len(argument) + 2 > _WIDTH - 4:
            rows.append(row)
            row = ""
        row += f"{' ' if row else ''}{argument},"
    return "\n".join((start, *(f"        {row}" for row in (*rows, row)), "    )"))


def _answer(
    kind: str, results: Sequence[Formal], kept: Sequence[Formal], suite: Suite
) -> tuple[str, tuple[str, ...]]:
    """Return the return type, and the lines that return."""
    names = ", ".join(f.name for f in results)
    record = {
        "forward": "Outputs",
        "backward": "Gradients",
        "forward_backward": "Pass",
        "jvp": "Tangents",
        "vjp_many": "Gradients",
        "sgd_step": "Step",
    }[kind]
    bare = len(results) == 1 and _single(kind)
    value = results[0].name if bare else f"{record}({names})"
    plain = "np.ndarray" if bare else record
    if kind != "forward":
        return plain, (f"return {value}",)
    # A saved node that is an output too was handed out already; the same array serves.
    every = {f.label: f.name for f in (*results, *kept)}
    saved = ", ".join(every[name] for name in suite.saved)
    return (
        f"{plain} | tuple[{plain}, Saved]",
        ("if save:\n" f"        return {value}, Saved({saved})", f"return {value}"),
    )

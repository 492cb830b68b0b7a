"""The Python interface of a generated module, the same for every target.

Each public function reads its arguments, learns the sizes, checks everything before anything is
computed, flattens the batch, calls the kernel, and hands the results out. Here that is put
together as text, one field for each part; the template only prints the parts in their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from derive.emit.arrays import tuple_text
from derive.emit.checks import Check, checks, computed_axes, reading
from derive.emit.docs import RETURNED, SUMMARY, documentation
from derive.emit.formals import Formal, formal, number_or, or_number
from derive.emit.names import python_name
from derive.emit.sizes import Binding, solve_sizes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.emit.target import Described
    from derive.program.ir import Program
    from derive.program.suite import Suite

__all__ = [
    *("TEMPLATES", "Arguments", "Function", "arguments", "broken", "functions"),
    *("is_bare", "kernel_parameters", "results_of"),
]

#: The templates of the interface, which those of every target include.
TEMPLATES = tuple(f"python/{name}.jinja" for name in ("about.txt", "support.py", "functions.py"))

#: Lines of a function's body are no longer than this.
_WIDTH = 92


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


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function is given.

    Parameters
    ----------
    given : tuple of Formal
        What the layer is given.
    arrays : tuple of Formal
        The positional arguments: cotangents, then what is given.
    bindings : tuple of Binding
        How the sizes are learnt from them.
    extra : tuple of str
        Sizes that no shape tells: integers.
    rates, scalars, seeds, saved : tuple of Formal
        The rates of the update; the cotangents that are 1 unless given; the tangents that are
        zero unless given; the values of nodes that are computed again unless given.
    """

    given: tuple[Formal, ...]
    arrays: tuple[Formal, ...]
    bindings: tuple[Binding, ...]
    extra: tuple[str, ...]
    rates: tuple[Formal, ...]
    scalars: tuple[Formal, ...]
    seeds: tuple[Formal, ...]
    saved: tuple[Formal, ...]

    @property
    def keywords(self) -> dict[str, str]:
        """The keyword arguments for arrays and numbers: from the definition's name to Python's."""
        labelled = {f.label: f.name for f in (*self.rates, *self.scalars, *self.seeds)}
        return {**{size: python_name(size) for size in self.extra}, **labelled}


def arguments(program: Program, suite: Suite) -> Arguments:
    """Return what the function of a program is given."""
    layer, kind = suite.layer, program.name
    formals = {buffer.name: formal(buffer, suite) for buffer in program.of_kind("input")}
    given = tuple(formals[tensor.name] for tensor in layer.tensors)
    wanted = kind in ("backward", "forward_backward", "vjp_many")
    cotangents = [formals[name] for name in suite.cotangents] if wanted else []
    # The cotangent of a scalar loss is 1 unless another is given.
    scalars = [f for f in cotangents if not f.shape and kind != "vjp_many"]
    arrays = (*(f for f in cotangents if f not in scalars), *given)
    own = [size for size in program.sizes if size not in (suite.batch, suite.many)]
    bindings, extra = solve_sizes([*given, *cotangents], own, _asked(given, own, suite))
    return Arguments(
        given,
        arrays,
        bindings,
        extra,
        tuple(formals[rate.name] for rate in layer.rates if rate.name in formals),
        tuple(scalars),
        tuple(formals[name] for name in suite.seeds) if kind == "jvp" else (),
        tuple(formals[name] for name in suite.saved) if kind == "backward" else (),
    )


def _asked(given: Sequence[Formal], sizes: Sequence[str], suite: Suite) -> list[str]:
    """Return the sizes that every function asks for: no axis, such as a stride, and not told.

    Functions that know more (the cotangents' shapes) ask for them all the same, as the others do.
    """
    layer = suite.layer
    shapes = [t.shape for t in layer.tensors] + [node.tensor.shape for node in layer.nodes]
    axes = {str(extent) for shape in shapes for extent in shape}
    _, unknown = solve_sizes(given, sizes)
    return [size for size in unknown if size not in axes]


def functions(suite: Suite, described: Described) -> tuple[Function, ...]:
    """Return the public functions of a module."""
    return tuple(_function(program, suite, described) for program in suite.programs)


def _function(program: Program, suite: Suite, described: Described) -> Function:
    kind, takes = program.name, arguments(program, suite)
    outputs = [formal(buffer, suite) for buffer in program.of_kind("output")]
    results = results_of(kind, outputs, suite)
    keywords = _keywords(kind, takes, results, suite)
    types = [f"{f.name}: np.ndarray{or_number(f)}" for f in takes.arrays]
    return Function(
        kind,
        SUMMARY[kind],
        (*types, "*", *(text for text, _, _ in keywords)),
        _returned(kind, results),
        documentation(
            kind,
            takes.arrays,
            {called: meaning for _, called, meaning in keywords},
            results,
            suite,
            described,
        ),
        (*reading(takes.given, takes.arrays, takes.seeds), *_counts(takes.extra)),
        _sizes(kind, takes, suite),
        checks(
            *(
                (suite.forward, program),
                takes.given,
                takes.arrays,
                takes.seeds,
                takes.bindings,
                takes.extra,
            ),
            computed_axes(suite.layer),
        ),
        (*_numbers(takes), *_room(kind, takes, results, outputs), *_recomputed(takes, suite)),
        _call(kind, program, outputs, suite),
        _answer(kind, results, outputs, suite),
    )


def _keywords(
    kind: str, takes: Arguments, results: Sequence[Formal], suite: Suite
) -> list[tuple[str, str, str]]:
    """Return the keyword arguments: as declared, as documented, and what they are."""
    names = [python_name(size) for size in takes.extra]
    found = [(f"{name}: int", f"{name} : int", "a size that no shape tells") for name in names]
    for f in takes.rates:
        found.append((f"{f.name}: float", f"{f.name} : float", "a number"))
    for f in takes.scalars:
        what = f"{f.name} : float or array of shape {f.shown}, default 1"
        meaning = "cotangent of the loss, for all samples or for each"
        if len(suite.layer.outputs) > 1:
            # Nobody said that it is a loss, or that it is all of it.
            output = suite.layer.outputs[suite.cotangents.index(f.label)]
            meaning = f"cotangent of {output}, for all samples or for each; 0 if it is in no loss"
        found.append((f"{f.name}: np.ndarray | float = 1.0", what, meaning))
    for f in takes.seeds:
        what = f"{f.name} : {number_or(f)}array of shape {f.shown}, optional"
        typed = f"{f.name}: np.ndarray{or_number(f)} | None = None"
        found.append((typed, what, "tangent; zero if not given"))
    if kind == "forward":
        meaning = "whether to return ``(value, saved)``, with what ``backward`` can use again"
        found.append(("save: bool = False", "save : bool, default False", meaning))
    if kind == "backward":
        meaning = "what ``forward(…, save=True)`` returned with the value; else computed again"
        found.append(("saved: Saved | None = None", "saved : Saved, optional", meaning))
    bare = is_bare(kind, results)
    what = "an array" if bare else f"a tuple of {len(results)} arrays"
    found.append(
        (
            f"out: {'np.ndarray' if bare else 'tuple[np.ndarray, ...]'} | None = None",
            f"out : {what}, optional".replace(" an ", " ").replace(" a ", " "),
            "where to put the results: writeable, aligned, in C order, of their shapes and dtype, "
            "in memory that nothing else uses",
        )
    )
    return found


def _counts(extra: Sequence[str]) -> list[str]:
    names = [(size, python_name(size)) for size in extra]
    return [f'{name} = _count("{size}", {name})' for size, name in names]


def _sizes(kind: str, takes: Arguments, suite: Suite) -> tuple[str, ...]:
    lines = [f"{python_name(binding.size)} = {binding.text}" for binding in takes.bindings]
    if kind == "vjp_many":
        lines.append(f"{suite.many} = {takes.arrays[0].name}.shape[0]")
    return (*lines, f"{suite.batch} = math.prod(lead)")


def _numbers(takes: Arguments) -> list[str]:
    """Return the lines that take in what may be a number, or left out."""
    lines = []
    for f in takes.scalars:
        lead = "lead" if f.batch else "()"
        lines.append(f'{f.name} = _scalar("{f.label}", {f.name}, dtype, {lead})')
    for f in takes.rates:
        lines.append(f'{f.name} = _scalar("{f.label}", {f.name}, dtype, ())')
    for f in takes.seeds:
        lines.append(f"{f.name} = np.zeros({f.extents}, dtype) if {f.name} is None else {f.name}")
    return lines


def _room(
    kind: str, takes: Arguments, results: Sequence[Formal], outputs: Sequence[Formal]
) -> list[str]:
    """Return the lines that check what is saved, and make room for the results."""
    lines = []
    if kind == "backward":
        target = f"{_target(takes.saved)} = " if takes.saved else ""
        lines.append(broken(f"{target}_saved(", ["saved", "dtype", *(f.spec for f in takes.saved)]))
    # A cotangent that is given as a number has an array of its own by now.
    held = [*takes.arrays, *takes.scalars, *takes.seeds, *takes.saved]
    inputs = tuple_text([f.name for f in held]).split(", ")
    specs = [f.spec for f in results]
    lines.append(broken(f"{_target(results)} = _results(", ["out", "dtype", *inputs, *specs]))
    kept = outputs[len(results) :]
    return lines + [f"{f.name} = np.empty({f.extents}, dtype)" for f in kept]


def _recomputed(takes: Arguments, suite: Suite) -> list[str]:
    """Return the call of the forward kernel for what was not saved."""
    if not takes.saved:
        return []
    forward = suite.forward
    kept = {f.label for f in takes.saved}
    outputs = [formal(buffer, suite) for buffer in forward.of_kind("output")]
    room = [f.flat if f.label in kept else f"np.empty({f.joined}, dtype)" for f in outputs]
    inputs = [formal(buffer, suite).flat for buffer in forward.of_kind("input")]
    sizes = [python_name(size) for size in forward.sizes]
    call = broken("_forward(", ["dtype", *sizes, *inputs, *room], "        ")
    return [f"if saved is None:\n        {call}"]


def _call(kind: str, program: Program, outputs: Sequence[Formal], suite: Suite) -> str:
    inputs = [formal(buffer, suite).flat for buffer in program.of_kind("input")]
    sizes = [python_name(size) for size in program.sizes]
    return broken(f"_{kind}(", ["dtype", *sizes, *inputs, *(f.flat for f in outputs)])


def results_of(kind: str, outputs: Sequence[Formal], suite: Suite) -> Sequence[Formal]:
    """Return what a function returns of what its kernel writes: not what it saves besides."""
    return outputs[: len(suite.layer.outputs)] if kind == "forward" else outputs


def is_bare(kind: str, results: Sequence[Formal]) -> bool:
    """Tell whether a function returns an array by itself, and no tuple."""
    return len(results) == 1 and kind in ("forward", "jvp")


def kernel_parameters(kind: str, names: Sequence[str]) -> str:
    """Return the parameters of a kernel as they stand in its ``def``, the dtype first.

    >>> kernel_parameters("forward", ("N", "x"))
    'dtype, N, x'
    """
    start = f"def _{kind}("
    return broken(start, ("dtype", *names), "").removeprefix(start).removesuffix(")")


def _target(formals: Sequence[Formal]) -> str:
    return ", ".join(f.name for f in formals) if len(formals) > 1 else f"({formals[0].name},)"


def broken(start: str, arguments: Sequence[str], indent: str = "    ") -> str:
    """Return a call on one line, or over several if it is too long.

    >>> broken("f(", ["x", "y"])
    'f(x, y)'
    """
    line = f"{start}{', '.join(arguments)})"
    if len(line) + len(indent) <= _WIDTH:
        return line
    rows, row = list[str](), ""
    for argument in arguments:
        if row and len(row) + len(argument) + len(indent) + 6 > _WIDTH:
            rows.append(row)
            row = ""
        row += f"{' ' if row else ''}{argument},"
    return "\n".join((start, *(f"{indent}    {row}" for row in (*rows, row)), f"{indent})"))


def _returned(kind: str, results: Sequence[Formal]) -> str:
    plain = "np.ndarray" if is_bare(kind, results) else RETURNED[kind]
    return f"{plain} | tuple[{plain}, Saved]" if kind == "forward" else plain


def _answer(
    kind: str, results: Sequence[Formal], outputs: Sequence[Formal], suite: Suite
) -> tuple[str, ...]:
    """Return the lines that return."""
    names = ", ".join(f.name for f in results)
    value = names if is_bare(kind, results) else f"{RETURNED[kind]}({names})"
    if kind != "forward":
        return (f"return {value}",)
    # A saved node that is an output too was handed out already; the same array serves.
    called = {f.label: f.name for f in outputs}
    saved = ", ".join(called[name] for name in suite.saved)
    return (f"if save:\n        return {value}, Saved({saved})", f"return {value}")

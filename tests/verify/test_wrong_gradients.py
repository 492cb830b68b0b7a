"""A generated function with one thing wrong in it is always reported, with the entry and values.

The NumPy of three layers is broken in every line of every kernel, in every way that fits the
line; the C in a few chosen places. What raises is reported by its message.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import cache

import numpy as np
import pytest
import sympy as sp

from derive import Definition, absolute, sqrt, sum_over
from derive.errors import DeriveError
from derive.verify.call import Caller, imported
from derive.verify.draw import Draw
from derive.verify.finding import tolerance
from derive.verify.load import build, find_compiler, library_name
from derive.verify.long import Long
from derive.verify.runner import verify
from tests.calculus.layers import LAYERS
from tests.emit.modules import programs, source_of, written

try:
    find_compiler()
    COMPILER = True
except DeriveError:
    COMPILER = False

#: What to break, and how: a sign, a factor, an operation, a transpose.
BREAKS = [
    (r"\+=", "-="),
    (r"-=", "+="),
    (r"np\.add\(", "np.subtract("),
    (r"np\.subtract\(", "np.add("),
    (r"np\.multiply\((.+), (.+), out=", r"np.add(\1, \2, out="),
    (r"np\.multiply\((.+), (.+), out=(.+)\)", r"np.copyto(\3, \1)"),
    (r"\[\.\.\.\] = ", "[...] = -1.0 * "),
    (r"\.T\b", ""),
    (r"1\.0", "2.0"),
    (r"np\.tanh\(", "np.sinh("),
    (r"_sigmoid\((\w+)", r"_sigmoid(2 * \1"),
]
#: One tensor for another of the same shape.
SWAPS = {
    "quantizer": [("a", "c"), ("b", "a"), ("c", "b")],
    "softmax_mlp": [],
    "shared_weights": [],
}
#: Lines that move memory about and compute nothing.
SILENT = re.compile(
    r"np\.empty|reshape\(|block|range\(|high = |rows = |_b = |^\s*s\d+ = |errstate|#"
)
#: What all exponentials of a softmax are divided by: it cancels, where only the softmax is needed.
CANCELS = re.compile(r"np\.subtract\((t_b|s\d+), s\d+\[:, None\], out=s\d+\)")


@cache
def draws(name):
    """Return choices of sizes; in the last there are many samples, for what is done in chunks."""
    suite = programs(LAYERS[name]())
    many = next(each for each in Long.each(suite) if each.long.name == suite.batch)
    return [*(Draw(suite, number) for number in range(3)), many]


def broken(source, swaps):
    """Yield the line and the whole text of every mutant."""
    lines = source.splitlines()
    kernels = [
        node
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        and node.args.args[:1]
        and node.args.args[0].arg == "dtype"
    ]
    for kernel in kernels:
        for number in range(kernel.body[0].lineno - 1, kernel.end_lineno):
            line = lines[number]
            if SILENT.search(line):
                continue
            found = {re.sub(pattern, new, line, count=1) for pattern, new in BREAKS}
            # The names that are read: after the equality sign, or within the call.
            found |= {re.sub(rf"(?<=[(, ]){a}\b(?!\))", b, line, count=1) for a, b in swaps}
            for mutant in sorted(found - {line}):
                whole = "\n".join([*lines[:number], mutant, *lines[number + 1 :]])
                if parses(whole):
                    yield line, mutant, whole


def parses(source):
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def reported(path, name):
    """Return what is said of a module; nothing if all is right."""
    module = imported(path)
    vars(module)["_SHARE"] = 64  # few samples are shared among threads then
    caller = Caller(module, programs(LAYERS[name]()))
    for draw in draws(name):
        try:
            with np.errstate(all="ignore"):
                wrong = [finding for finding in draw.findings({"numpy": caller}) if finding.wrong]
        except DeriveError as error:
            return str(error)
        if wrong:
            return str(wrong[0])
    return ""


@pytest.mark.slow
@pytest.mark.parametrize("name", SWAPS)
def test_every_broken_line_is_reported(name, tmp_path):
    layer = LAYERS[name]()
    path = written(layer, tmp_path, "numpy") / f"{layer.name}.py"
    source = path.read_text(encoding="utf-8")
    assert not reported(path, name)
    mutants = list(broken(source, SWAPS[name]))
    assert len(mutants) > 40
    missed = []
    for line, mutant, whole in mutants:
        path.write_text(whole, encoding="utf-8")
        if not reported(path, name) and not CANCELS.search(line):
            missed.append(f"{line.strip()}   →   {mutant.strip()}")
    assert missed == []


WRONG_C = {
    "sign": ("quantizer", r"\] -= ", "] += ", "db"),
    "index": ("quantizer", r"a_c\[i_M\] \* sech2_1", "a_c[0] * sech2_1", "dX"),
    "factor": ("quantizer", r"dZ_1 \* t3, width", "t3, width", "dX"),
    "transpose": ("shared_weights", r"W, 0, 0, dx\)", "W, 1, 0, dx)", "d"),
}


def edited(layer, folder, old, new):
    """Return a layer's C with something else in its gradients, as a module."""
    made = written(layer, folder, "c")
    file = made / f"{layer.name}.c"
    source = file.read_text(encoding="utf-8")
    # Its loops may be in functions of their own, before it.
    start = source.index(f"void {layer.name}_backward")
    wrong = source[:start] + re.sub(old, new, source[start:], count=1)
    assert wrong != source
    file.write_text(wrong, encoding="utf-8")
    # As somebody would who edits the C by hand: the module's own check must not save us.
    build(file, made / "_build", blas=False)
    module = made / f"{layer.name}.py"
    key = source_of(made / "_build" / library_name(layer.name))
    text = module.read_text(encoding="utf-8")
    module.write_text(re.sub(r'"[0-9a-f]{64}"', f'"{key}"', text), encoding="utf-8")
    return imported(module)


@pytest.mark.skipif(not COMPILER, reason="needs a C compiler")
@pytest.mark.parametrize("what", WRONG_C)
def test_broken_c_is_reported_with_its_entry_and_both_values(what, tmp_path):
    name, old, new, result = WRONG_C[what]
    layer = LAYERS[name]()
    report = verify(programs(layer), {"c": edited(layer, tmp_path, old, new)})
    assert {finding.precision for finding in report.wrong} == {"f64"}
    assert all(finding.result.startswith(result) for finding in report.wrong)
    assert re.search(
        rf"c f64 backward.*\): {result}.* = \S+, reference \S+: relative error \d",
        str(report.wrong[0]),
    )


@pytest.mark.parametrize(
    ("old", "new"), [("[low:high]", "[:rows]"), ("high = min(low + block, ", "high = max(block, ")]
)
def test_blocks_that_are_not_where_they_should_be_are_reported(old, new, tmp_path):
    layer = LAYERS["quantizer"]()
    path = written(layer, tmp_path, "numpy") / "quantizer.py"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    try:
        # What nothing is written to may be any number.
        with np.errstate(all="ignore"):
            wrong = verify(programs(layer), {"numpy": imported(path)}, draws=1).wrong
    except DeriveError as error:
        assert "raises ValueError" in str(error)
        return
    assert {finding.judge for finding in wrong} == {"formulas"}


def cancelling():
    """Return a layer that loses five digits, and in single precision nearly all."""
    d = Definition("cancelling")
    N, M = d.sizes("N M")
    x, w = d.input("x", N), d.param("w", M)
    i, j = d.indices("i j")
    s, t, y = d.node("s", N), d.node("t", N), d.output("y", N)
    s[i] = 100000 * x[i]
    t[i] = s[i] ** 2
    y[i] = sum_over(j, (s[i] + w[j]) * s[i] - t[i])
    return d.build()


@pytest.mark.parametrize("target", ["numpy", "c"] if COMPILER else ["numpy"])
def test_what_the_formulas_lose_themselves_is_no_mistake(target, tmp_path):
    layer = cancelling()
    made = written(layer, tmp_path, target)
    if target == "c":
        build(made / "cancelling.c", made / "_build", blas=False)
    path = made / "cancelling.py"
    report = verify(programs(layer), {target: imported(path)}, draws=2)
    assert report.wrong == ()
    # That is beyond what is allowed elsewhere.
    for precision, dtype in (("f32", np.float32), ("f64", np.float64)):
        found = report.worst("reference", target, precision)
        assert found.relative > tolerance("reference", dtype)
    if target == "numpy":
        text = path.read_text(encoding="utf-8")
        assert "100000.0" in text
        path.write_text(text.replace("100000.0", "100001.0"), encoding="utf-8")
        assert verify(programs(layer), {target: imported(path)}, draws=1).wrong


#: A block that begins elsewhere, that sets what it should add to, rows that are left out, and sums
#: of blocks that are not added up, or overwritten.
WRONG_BLOCKS = {
    "place": ("softmax_mlp", r"x \+ done \* D", "x"),
    "sum": ("softmax_mlp", r"\(ptrdiff_t\)done > 0, dV", "0, dV"),
    "step": ("softmax_mlp", r"done \+= extent_1", "done += extent_1 + 1"),
    "addition": ("embedding", r"dW\[i_1\] \+= dW_block\[i_1\]", "dW[i_1] += 0"),
    "overwritten": ("embedding", r"done \? dtable_block : dtable", "dtable"),
}


@pytest.mark.skipif(not COMPILER, reason="needs a C compiler")
@pytest.mark.parametrize("what", WRONG_BLOCKS)
def test_blocks_of_c_that_are_not_what_they_should_be_are_reported(what, tmp_path):
    name, *change = WRONG_BLOCKS[what]
    layer = LAYERS[name]()
    module = edited(layer, tmp_path, *change)
    wrong = verify(programs(layer), {"c": module}, draws=1).wrong
    assert {finding.judge for finding in wrong} == {"formulas"}


def test_the_text_that_is_judged_is_the_one_on_disk(tmp_path, monkeypatch):
    # Byte code is kept by time, in seconds, and length: these three have both in common.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    path = tmp_path / "made.py"
    for number in range(3):
        path.write_text(f"X = {number}\n", encoding="utf-8")
        assert number == imported(path).X
    assert list(tmp_path.iterdir()) == [path]


def test_a_result_that_is_not_a_number_is_wrong(tmp_path):
    layer = LAYERS["quantizer"]()
    path = written(layer, tmp_path, "numpy") / "quantizer.py"
    text = path.read_text(encoding="utf-8")
    line = "    np.multiply(u2, t2, out=db)\n"
    assert line in text
    path.write_text(text.replace(line, line + "    db[-1] = np.nan\n"), encoding="utf-8")
    report = verify(programs(layer), {"numpy": imported(path)}, draws=1)
    assert {finding.result for finding in report.wrong} == {"db"}
    assert all(np.isnan(float(finding.worst.got)) for finding in report.wrong)


def test_a_result_of_another_dtype_or_size_is_wrong(tmp_path):
    layer = LAYERS["quantizer"]()
    path = written(layer, tmp_path, "numpy") / "quantizer.py"
    text = path.read_text(encoding="utf-8")
    for old, new in (
        ("return Gradients(dX, da, db, dc)", "return Gradients(dX, da, db.astype('f2'), dc)"),
        ("return Gradients(dX, da, db, dc)", "return Gradients(dX, da, db[1:], dc)"),
    ):
        path.write_text(text.replace(old, new), encoding="utf-8")
        report = verify(programs(layer), {"numpy": imported(path)}, draws=1)
        assert {finding.result for finding in report.wrong} == {"db"}


def test_a_function_that_raises_is_one_message(tmp_path):
    layer = LAYERS["quantizer"]()
    path = written(layer, tmp_path, "numpy") / "quantizer.py"
    text = path.read_text(encoding="utf-8").replace("def backward(", "def backwards(")
    path.write_text(text, encoding="utf-8")
    message = r"quantizer\.backward of .*quantizer\.py raises AttributeError: .*backward"
    with pytest.raises(DeriveError, match=message):
        verify(programs(layer), {"numpy": imported(path)}, draws=1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nowhere\n", "cannot be imported: No module named 'nowhere'"),
        ("x = (\n", "cannot be imported: .*line 1"),
        ("raise RuntimeError('no')\n", "cannot be imported: no"),
    ],
)
def test_a_module_that_cannot_be_imported_is_one_message(tmp_path, text, message):
    path = tmp_path / "made.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeriveError, match=message):
        imported(path)
    with pytest.raises(DeriveError, match="there is no generated module"):
        imported(tmp_path / "other.py")


def small_beside():
    """Return a layer with kinks, whose scalar gradients are small beside its large outputs."""
    d = Definition("small_beside")
    N, M = d.sizes("N M")
    x, f, g, h = d.input("x", N), d.param("f"), d.param("g"), d.param("h", M)
    i, j = d.indices("i j")
    y, z = d.output("y", N), d.output("z", N)
    y[i] = 300 * absolute(x[i]) + f.at() * g.at() * sum_over(j, h[j] ** 2) / 1000
    z[i] = 30000 * absolute(x[i])
    return d.build()


def test_what_differences_cannot_see_is_no_mistake_and_what_they_see_is_one(tmp_path):
    layer = small_beside()
    path = written(layer, tmp_path, "numpy") / "small_beside.py"
    suite = programs(layer)
    for seed in range(5):
        report = verify(suite, {"numpy": imported(path)}, draws=3, seed=seed)
        assert [str(finding) for finding in report.wrong] == []
    wrong = path.read_text(encoding="utf-8").replace("Gradients(dx,", "Gradients(dx * 1.00001,")
    path.write_text(wrong, encoding="utf-8")
    report = verify(suite, {"numpy": imported(path)}, draws=1)
    assert "differences" in {finding.judge for finding in report.wrong}


def test_what_a_complex_step_loses_is_no_mistake_and_what_it_sees_is_one(tmp_path):
    d = Definition("phase")
    N = d.sizes("N")
    a, b, i = d.input("a", N), d.input("b", N), d.indices("i")
    y = d.output("y", N)
    # For a below 0 the denominator cancels.
    y[i] = 2 * sp.atan(b[i] / (sqrt((100 * a[i]) ** 2 + b[i] ** 2) + 100 * a[i]))
    layer = d.build()
    path = written(layer, tmp_path, "numpy") / "phase.py"
    suite = programs(layer)
    for seed in range(2):
        report = verify(suite, {"numpy": imported(path)}, draws=3, seed=seed)
        assert [str(finding) for finding in report.wrong] == []
    wrong = path.read_text(encoding="utf-8").replace("Gradients(da,", "Gradients(da * 1.0000001,")
    path.write_text(wrong, encoding="utf-8")
    report = verify(suite, {"numpy": imported(path)}, draws=1)
    assert "complex step" in {finding.judge for finding in report.wrong}


def test_differences_do_not_go_across_kinks(tmp_path):
    """At this seed a sum is nearer to 0 than the smallest of the ordinary steps."""
    d = Definition("near_kinks")
    N, M = d.sizes("N M")
    x, w = d.input("x", N), d.param("w", M, N)
    n, m = d.indices("n m")
    h, y = d.node("h"), d.output("y")
    h[()] = sum_over(n, sum_over(m, x[n] * w[m, n]))
    y[()] = absolute(h.at()) * sum_over(n, x[n])
    layer = d.build()
    path = written(layer, tmp_path, "numpy") / "near_kinks.py"
    report = verify(programs(layer), {"numpy": imported(path)}, draws=1, seed=38)
    assert [str(finding) for finding in report.wrong] == []

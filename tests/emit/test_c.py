"""Generated C: compiled without a warning, run, sanitized, and compared with the interpreter."""

from __future__ import annotations

import ctypes
import os
import pickle
import platform
import re
import runpy
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from derive import Definition, erf, exp, select, sqrt, sum_over, tanh
from derive.emit.c import source
from derive.emit.c_names import c_names, is_reserved
from derive.layer.run import run
from derive.layer.sample import sample, sample_sizes
from derive.layers import quantizer, softmax_mlp
from derive.program.suite import suite
from derive.verify.call import Caller
from derive.verify.load import FLAGS, blas_flags, build
from derive.verify.long import Long
from tests.calculus.layers import LAYERS
from tests.emit.modules import call, case, expected, imported, written
from tests.emit.raw import Job, called

KINDS = ("forward", "backward", "forward_backward", "jvp", "vjp_many")
#: The shipped layers, and one for every kind of thing that C can get wrong.
CHOSEN = (
    *("quantizer", "softmax_mlp", "softmax_mlp_rows", "binary_mlp"),
    *("causal_attention", "convolution_stride_two", "correlation_flipped", "max_pooling"),
    *("embedding", "extremes", "kinks", "neighbours", "rbf"),
)
GCC = shutil.which("gcc")
COMPILERS = [
    found
    for found in (GCC, shutil.which("clang"))
    if found and platform.machine() in ("x86_64", "AMD64") and sys.platform == "linux"
]
WARNINGS = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror")
TOLERANCE = {np.float64: 1e-11, np.float32: 2e-4}


@cache
def programs(name):
    return suite(LAYERS[name]())


def texts(layer, folder):
    """Write a layer's C and return the file."""
    made = source(layer.name, layer.name, suite(layer).programs)
    (folder / f"{layer.name}.c").write_text(made.kernel, encoding="utf-8")
    (folder / f"{layer.name}.h").write_text(made.header, encoding="utf-8")
    return folder / f"{layer.name}.c"


def module(layer, folder):
    """Generate a layer, compile it, and import it as a user does."""
    made = written(layer, folder, "c")
    build(made / f"{layer.name}.c", made / "_build", blas=False)
    return imported(made / f"{layer.name}.py")


def warnings(file, *flags, compiler=GCC):
    command = [compiler, *WARNINGS, *flags, "-c", str(file), "-o", os.devnull]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


def assert_close(got, want, dtype):
    for name, value in got.items():
        scale = np.max(np.abs(want[name]), initial=1.0)
        tolerance = TOLERANCE[dtype] * scale
        assert value.dtype == dtype
        np.testing.assert_allclose(value, want[name], rtol=0, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("name", CHOSEN)
def test_every_function_agrees_with_the_interpreter(name, tmp_path):
    layer = LAYERS[name]()
    made = module(layer, tmp_path)
    for seed, ones in ((1, False), (2, True)):
        at = case(layer, seed, ones)
        for kind in (*KINDS, "sgd_step") if layer.updates else KINDS:
            want = expected(at, kind)
            for dtype in TOLERANCE:
                assert_close(call(made, at, kind, dtype), want, dtype)
    # Where an axis is long, vectors are full, and several are taken at a time.
    caller = Caller(made, programs(name))
    for draw in Long.each(programs(name)):
        assert [str(found) for found in draw.findings({"c": caller}) if found.wrong] == []


@pytest.mark.skipif(GCC is None, reason="needs gcc")
@pytest.mark.parametrize("name", CHOSEN)
def test_it_compiles_without_a_warning(name, tmp_path):
    assert warnings(texts(LAYERS[name](), tmp_path), "-O2") == ""


@pytest.mark.parametrize("registers", ["-march=x86-64-v3", "-march=x86-64-v4"])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_it_compiles_without_a_warning_for_longer_vectors(compiler, registers, tmp_path):
    file = texts(LAYERS["quantizer"](), tmp_path)
    assert warnings(file, "-O2", registers, compiler=compiler) == ""


def jobs_of(name, library, seed):
    made, generator = programs(name), np.random.default_rng(seed)
    layers = dict(made.computed)
    for program in made.programs:
        layer = layers[program.name]
        for ones in (False, True):
            sizes = sample_sizes(layer, generator, ones)
            arrays = sample(layer, sizes, generator)
            if program.name == "backward":
                arrays |= run(layers["forward"], arrays, sizes)
            want = run(layer, arrays, sizes)
            named = {size.name: number for size, number in sizes.items()}
            for dtype in TOLERANCE:
                yield Job(str(library), name, program, named, arrays, dtype), want


def differences():
    """Return a layer with an axis of differences, which is summed over samples block by block."""
    d = Definition("differences")
    T = d.sizes("T")
    x, w = d.input("x", T), d.param("w")
    t = d.indices("t")
    h, y = d.node("h", T - 1), d.output("y", T - 1)
    h[t] = (x[t + 1] - x[t]) * w
    y[t] = h[t] ** 2
    return d.build()


@pytest.mark.skipif(GCC is None, reason="needs gcc")
def test_blocks_of_rows_whose_length_is_a_difference_compile_without_a_warning(tmp_path):
    file = texts(differences(), tmp_path)
    assert "rows_of(B, length((ptrdiff_t)T - 1))" in file.read_text(encoding="utf-8")
    assert warnings(file) == ""


@pytest.mark.skipif(GCC is None or sys.platform != "linux", reason="needs gcc on Linux")
def test_it_runs_clean_under_the_sanitizers(tmp_path):
    runtime = subprocess.run(
        [GCC, "-print-file-name=libasan.so"], capture_output=True, text=True, check=True
    ).stdout.strip()
    if not Path(runtime).is_absolute():
        pytest.skip("gcc comes without libasan")
    jobs, wanted = [], []
    for name in CHOSEN:
        file, library = texts(LAYERS[name](), tmp_path), tmp_path / f"{name}.so"
        sanitize = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all")
        command = [GCC, "-std=c11", "-O0", "-g", *sanitize, "-shared", "-fPIC", str(file)]
        subprocess.run([*command, "-o", str(library), "-lm"], check=True)
        for job, want in jobs_of(name, library, 5):
            jobs.append(job)
            wanted.append(want)
    (tmp_path / "jobs").write_bytes(pickle.dumps(jobs))
    result = subprocess.run(
        [sys.executable, "-m", "tests.emit.raw", tmp_path / "jobs", tmp_path / "results"],
        env={**os.environ, "LD_PRELOAD": runtime, "ASAN_OPTIONS": "detect_leaks=0"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "runtime error" not in result.stderr
    results = pickle.loads((tmp_path / "results").read_bytes())
    for job, got, want in zip(jobs, results, wanted, strict=True):
        assert_close(got, want, job.dtype)


def keyword_layer():
    d = Definition("int", "Names that C has taken.")
    N, double = d.sizes("N double")
    restrict = d.input("restrict", N)
    imaginary, errno = d.param("I", double), d.param("errno", double)
    index, y0 = d.indices("index y0")
    NAN = d.node("NAN", N)
    NAN[index] = sum_over(y0, imaginary[y0] * tanh(errno[y0] * restrict[index]))
    INT_MAX = d.output("INT_MAX", N)
    INT_MAX[index] = exp(NAN[index]) * NAN[index]
    return d.build()


def test_names_that_c_has_taken_are_escaped(tmp_path):
    layer = keyword_layer()
    made, at = module(layer, tmp_path), case(layer, 3)
    for kind in KINDS:
        assert_close(call(made, at, kind), expected(at, kind), np.float64)
    if GCC is not None:
        assert warnings(tmp_path / "c" / "int.c") == ""


def test_a_layer_may_have_the_names_of_shares_groups_and_blocks(tmp_path):
    d = Definition("ours")
    N, M = d.sizes("shares GROUP")
    slot, done = d.input("slot", N), d.param("done", M, N)
    nth, share = d.indices("nth share")
    rows, begin = d.node("rows", tanh(done @ slot)), d.output("begin", M)
    begin[share] = sum_over(nth, tanh(slot[nth] * rows[share]))
    layer = d.build()
    made, at = module(layer, tmp_path), case(layer, 3)
    for kind in KINDS:
        assert_close(call(made, at, kind), expected(at, kind), np.float64)


@pytest.mark.parametrize(
    "name", ["I", "int", "double", "exp", "expf", "y0", "j1", "NAN", "M_PI", "errno", "restrict"]
)
def test_a_reserved_name_gets_an_underscore(name):
    assert c_names([name]) == {name: f"{name}_"}


def test_escaped_names_never_collide():
    names = c_names(["I_", "I", "int", "int_", "work", "sigmoid_f64"])
    assert len(set(names.values())) == len(names)
    assert not any(map(is_reserved, names.values()))


def test_an_empty_batch_gives_empty_outputs_and_gradients_of_zero(tmp_path):
    made = module(softmax_mlp.layer.build(), tmp_path)
    D, H, K = 3, 4, 2
    x, y = np.empty((0, D)), np.empty((0, K))
    W, w = np.ones((H, D)), np.ones(H)
    V, v = np.ones((K, H)), np.ones(K)
    result = made.forward_backward(x, W, w, V, v, y)
    assert result.R.shape == (0,) and result.dx.shape == (0, D)
    for gradient, of in ((result.dW, W), (result.dw, w), (result.dV, V), (result.dv, v)):
        assert gradient.shape == of.shape and not gradient.any()


@pytest.mark.parametrize("numbers", [1, 150])
@pytest.mark.parametrize(
    "name",
    [
        *("softmax_mlp", "softmax_mlp_rows", "binary_mlp", "max_pooling"),
        *("embedding", "shared_weights", "factorization_machine", "bilinear"),
    ],
)
def test_blocks_of_any_size_give_the_same(name, numbers, tmp_path):
    """One row a block; then several, and fewer in the last."""
    layer = LAYERS[name]()
    made = module(layer, tmp_path)
    ctypes.c_size_t.in_dll(made._LIBRARY, f"{name}_block").value = numbers
    at = case(layer, 4)
    for kind in KINDS:
        for dtype in TOLERANCE:
            assert_close(call(made, at, kind, dtype), expected(at, kind), dtype)


def test_scratch_memory_does_not_grow_with_the_batch(tmp_path):
    library = module(softmax_mlp.layer.build(), tmp_path)._LIBRARY
    room, block = library.softmax_mlp_forward_backward_work, 2097152
    few, some, many = (room(batch, 784, 512, 10) for batch in (1, 600, 1000000))
    assert few < some < many < 1.1 * block
    # Rows are not split, and there are some of them in a block.
    assert room(600, 9, 100000, 10) == room(1000000, 9, 100000, 10)


def test_nor_does_it_where_loops_go_through_the_samples_in_another_order(tmp_path):
    room = module(LAYERS["embedding"](), tmp_path)._LIBRARY.embedding_backward_work
    vocabulary, wide = 1000, 8
    one, more = (room(batch, 100, vocabulary, wide) for batch in (10**5, 10**7))
    # A block, and what its words add up to.
    assert one == more < 1.1 * (2097152 + vocabulary * wide)


def test_a_module_that_is_not_compiled_says_what_to_do(tmp_path):
    made = written(quantizer.layer.build(), tmp_path, "c")
    with pytest.raises(ImportError, match="has not been compiled: run `derive build quantizer`"):
        runpy.run_path(str(made / "quantizer.py"))


def test_a_library_of_another_version_is_not_loaded(tmp_path):
    made = written(quantizer.layer.build(), tmp_path, "c")
    build(made / "quantizer.c", made / "_build", blas=False)
    module_text = (made / "quantizer.py").read_text(encoding="utf-8")
    other = re.sub(r'"[0-9a-f]{64}"', f'"{"0" * 64}"', module_text)
    (made / "quantizer.py").write_text(other, encoding="utf-8")
    with pytest.raises(ImportError, match="another version"):
        runpy.run_path(str(made / "quantizer.py"))


@pytest.mark.skipif(not blas_flags(), reason="needs the scipy-openblas32 wheel")
@pytest.mark.parametrize("name", ["softmax_mlp", "softmax_mlp_rows", "bilinear"])
def test_matrix_products_by_cblas_are_the_same(name, tmp_path, monkeypatch):
    flags = (*blas_flags(), "-DDERIVE_CBLAS_LEAST=1.0", "-DDERIVE_CBLAS_THIN=1")
    monkeypatch.setattr("derive.verify.load.blas_flags", lambda: flags)
    library = build(texts(LAYERS[name](), tmp_path), tmp_path).library
    for job, want in jobs_of(name, library, 6):
        assert_close(called(job), want, job.dtype)


def test_a_size_below_zero_runs_nothing(tmp_path):
    # A window that is longer than what it slides over.
    d = Definition("window")
    N, K = d.sizes("N K")
    x, w = d.input("x", N), d.param("w", K)
    i, k = d.indices("i k")
    y = d.output("y", N - K + 1)
    y[i] = sum_over(k, w[k] * x[i + k])
    layer = d.build()
    library = build(texts(layer, tmp_path), tmp_path, blas=False).library
    forward = suite(layer).programs[0]
    sizes = {"B": 1, "N": 2, "K": 5}
    arrays = {"x": np.ones((1, 2)), "w": np.ones(5)}
    program = type(forward)(
        forward.name,
        forward.sizes,
        tuple(
            b if b.name != "y" else type(b)("y", (b.shape[0],), "output") for b in forward.buffers
        ),
        forward.body,
    )
    job = Job(str(library), "window", program, sizes, arrays, np.float64)
    assert np.isnan(called(job)["y"]).all()


def test_what_a_selection_does_not_choose_is_never_read(tmp_path):
    d = Definition("before")
    N = d.sizes("N")
    x = d.input("x", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = select(i > 0, x[i - 1] * x[i], x[i])
    text = texts(d.build(), tmp_path).read_text(encoding="utf-8")
    assert "(ptrdiff_t)i_N > 0 ? x[i_B * N + inside((ptrdiff_t)i_N - 1, N)]" in text
    assert "if ((ptrdiff_t)i_N - 1 >= 0 && " in text


def test_a_guard_that_says_too_little_reads_nothing_beyond_its_axis(tmp_path):
    d = Definition("before")
    N = d.sizes("N")
    x = d.input("x", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = select(i < N + 5, x[i + 10**12], 0)
    layer = d.build()
    library = build(texts(layer, tmp_path), tmp_path, blas=False).library
    job = Job(
        *(str(library), "before", suite(layer).programs[0], {"B": 2, "N": 3}),
        *({"x": np.arange(6.0).reshape(2, 3)}, np.float64),
    )
    np.testing.assert_array_equal(called(job)["y"], [[2.0] * 3, [5.0] * 3])


def test_the_quantizer_calls_tanh_once_in_each_pass():
    (program,) = [p for p in programs("quantizer").programs if p.name == "forward_backward"]
    text = source("q", "q", [program]).kernel
    kernel = text.split("static void q_forward_backward_share1_f64")[1]
    # Once for the vectors of a group, and once for a vector by itself.
    assert kernel.count(" tanh_vec_f64(") == kernel.count(" tanh_vec_f32(") == 2
    assert "tanh(" not in kernel and "tanhf(" not in kernel
    # No workspace over samples and values.
    work = re.search(r"size_t q_forward_backward_work\([^{]*{[^}]*return ([^;]*);", text)
    assert work is not None
    assert set(re.findall(r"[A-Za-z]\w*", work[1])) == {"M", "LANES_F32", "SHARES"}


def gaussian_units():
    """Return a layer whose hot loop has an error function: GELU."""
    d = Definition("gaussian_units")
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", x / 2 * (1 + erf(x / sqrt(2))))
    return d.build()


@pytest.mark.skipif(not COMPILERS, reason="needs gcc or clang on x86-64")
@pytest.mark.parametrize("compiler", COMPILERS)
@pytest.mark.parametrize("kind", ["forward", "forward_backward"])
@pytest.mark.parametrize("layer", [quantizer.layer.build(), gaussian_units()], ids=lambda d: d.name)
def test_the_loop_over_lanes_is_made_of_operations_on_vectors(layer, compiler, kind, tmp_path):
    file = texts(layer, tmp_path)
    command = [compiler, *FLAGS, "-mavx2", "-mfma", "-S", str(file), "-o", "-"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for bits, packed, single in (("f64", "pd", "sd"), ("f32", "ps", "ss")):
        name = f"{layer.name}_{kind}_share1_{bits}"
        if f"\n{name}" not in listing:
            # It is so small that a compiler puts it where it is called.
            name = f"{layer.name}_{kind}_{bits}"
        # Compilers make copies of it for constant arguments, under longer names.
        body = re.split(rf"\n{name}[\w.]*:", listing)[1].split(f".size\t{name}")[0]
        # The polynomial, the division and all that follows: of whole vectors, and of nothing else.
        assert len(re.findall(rf"vfn?madd\d+{packed}\s.*%ymm", body)) >= 8
        assert re.findall(rf"vdiv{packed}\s.*%ymm", body)
        assert not re.findall(rf"v(div{single}|fn?madd\d+{single})\s", body)
        assert not re.search(r"call\s+(tanh|exp|erf)", body)

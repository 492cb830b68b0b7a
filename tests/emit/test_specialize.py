"""A library compiled for given sizes computes the same, and takes no others."""

from __future__ import annotations

import json

import numpy as np
import pytest

from derive.cli import main
from derive.emit.generate import produce
from derive.emit.write import write_file
from derive.layer.find import load
from derive.program.suite import sizes, suite
from derive.verify.call import imported
from derive.verify.load import build


def generated(folder):
    for path, text in produce(suite(load("quantizer")), ("c",)).items():
        write_file(folder / path, text)
    return folder


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    return generated(tmp_path_factory.mktemp("generated"))


@pytest.fixture(scope="module")
def modules(tmp_path_factory):
    """Return the module over a library for any sizes, and over one for M = 3 and 6 samples."""
    found = []
    for known in ({}, {**dict.fromkeys(sizes(load("quantizer")), 0), "M": 3, "B": 6}):
        source = generated(tmp_path_factory.mktemp("generated")) / "c" / "quantizer.c"
        assert build(source, source.parent / "_build", sizes=known).fresh
        found.append(imported(source.with_suffix(".py")))
    return found


def arrays(dtype, *, batch=(6,), n=5, m=3, many=()):
    generator = np.random.default_rng(7)
    X = generator.normal(size=(*batch, n)).astype(dtype)
    dZ = generator.normal(size=(*many, *batch, n)).astype(dtype)
    return X, dZ, generator.normal(size=(3, m)).astype(dtype)


def test_a_module_knows_the_sizes_of_the_library_that_is_there(tmp_path):
    found = []
    for known in (4, 7):
        source = generated(tmp_path / str(known)) / "c" / "quantizer.c"
        every = {**dict.fromkeys(sizes(load("quantizer")), 0), "M": known}
        found.append(build(source, source.parent / "_build", sizes=every).library)
    # What a build that did not come to its end leaves.
    found[1].replace(found[0])
    module = imported(tmp_path / "4" / "c" / "quantizer.py")
    X, _, parameters = arrays(np.float64, m=4)
    with pytest.raises(ValueError, match="size M must be 7"):
        module.forward(X, *parameters)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("batch", [(6,), (2, 3)])
def test_every_function_computes_the_same_bits(modules, dtype, batch):
    X, dZ, parameters = arrays(dtype, batch=batch)
    _, many, _ = arrays(dtype, batch=batch, many=(2,))
    for plain in (True, False):
        # An array in another order is no plain call: the extension leaves it to Python.
        given = X if plain else np.asfortranarray(X)
        results = [
            [
                module.forward(given, *parameters),
                *module.backward(dZ, given, *parameters),
                *module.forward_backward(dZ, given, *parameters),
                module.jvp(given, *parameters, dX=dZ),
                *module.vjp_many(many, given, *parameters),
            ]
            for module in modules
        ]
        for general, special in zip(*results, strict=True):
            np.testing.assert_array_equal(general, special)


@pytest.mark.parametrize(
    "change, name, expected, got",
    [({"m": 4}, "M", 3, 4), ({"m": 1}, "M", 3, 1), ({"batch": (5,)}, "B", 6, 5)],
)
def test_other_sizes_are_refused_at_the_border(modules, change, name, expected, got):
    general, special = modules
    X, dZ, parameters = arrays(np.float64, **change)
    general.forward(X, *parameters)
    said = f"size {name} must be {expected}, for which quantizer.c was compiled, got {got}"
    for call in (
        lambda: special.forward(X, *parameters),
        lambda: special.backward(dZ, X, *parameters),
        lambda: special.jvp(X, *parameters, dX=dZ),
    ):
        with pytest.raises(ValueError, match=f"^{said}$"):
            call()


def test_the_command_compiles_again_for_other_sizes(out, capsys):
    def run(*arguments):
        status = main.entry(["build", "quantizer", "--out", str(out), *arguments])
        return status, *capsys.readouterr()

    for chosen in (["--specialize", "M=16, N=256"], [], ["--specialize", "M=16"]):
        for word in ("compiled", "up to date"):
            status, shown, _ = run(*chosen)
            assert (status, shown.splitlines()[0]) == (0, f"quantizer: {word}")
    status, shown, _ = run("--specialize", "M=16", "--format", "json")
    assert json.loads(shown)["sizes"] == {"M": 16}


@pytest.mark.parametrize(
    "value, said",
    [
        ("K=16", "quantizer has no size K\n  hint: its sizes are P, B, N, M"),
        ("M=16,k=2", "quantizer has no size k\n  hint: its sizes are P, B, N, M"),
        ("M", "expected sizes as in M=16,N=256, got 'M'"),
        ("M=", "expected sizes as in M=16,N=256, got 'M='"),
        ("M=0", "expected sizes as in M=16,N=256, got 'M=0'"),
        ("M=-1", "expected sizes as in M=16,N=256, got 'M=-1'"),
        ("M=1.5", "expected sizes as in M=16,N=256, got 'M=1.5'"),
        ("M=1,M=2", "two values for M"),
        ("M=18446744073709551618", "no array is as long as 'M=18446744073709551618' says"),
        ("M=9223372036854775808", "no array is as long as 'M=9223372036854775808' says"),
        (f"M={'9' * 5000}", f"no array is as long as 'M={'9' * 5000}' says"),
    ],
)
def test_what_is_no_size_is_refused(out, capsys, value, said):
    assert main.entry(["build", "quantizer", "--out", str(out), "--specialize", value]) == 2
    assert capsys.readouterr().err == f"error: --specialize: {said}\n"

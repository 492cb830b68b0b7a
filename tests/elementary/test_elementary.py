"""The elementary functions of generated C against references of higher precision."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from derive.emit import c_coefficients
from derive.index.elementary import FUNCTIONS as REAL
from derive.index.functions import erfc
from tests.elementary import coefficients
from tests.elementary.compiled import FUNCTIONS, OF_NUMBERS, Compiled, double, text, ulps

#: The greatest error seen over all single-precision numbers is below this, in last places; the
#: same bound holds for what double precision is tested with.
BOUNDS = {
    **{"exp": 1.1, "log": 0.8, "log1p": 0.8, "expm1": 1.7, "softplus": 1.6},
    **{"tanh": 2.0, "sigmoid": 1.5, "sech": 1.6, "sech2": 1.9},
    **{"erf": 1.2, "erfc": 1.7},
}
#: Of numbers one by one, where that is not what is in one lane of a vector.
OF_NUMBERS_BOUNDS = {"log1p": 1.4}
KINDS = [*((name, "") for name in FUNCTIONS), *((name, "_number") for name in OF_NUMBERS)]
SPECIAL = (
    *(0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan, 1e-45, -1e-45, 1e-40, -3e-39, 1e-30),
    *(88.7, 88.73, 89.0, -87.4, -103.9, -104.0, -150.0, 3e38, -3e38, 9.0, 10.0, 11.0, 44.0),
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    return Compiled(tmp_path_factory.mktemp("elementary"))


def bound(name, kind):
    return OF_NUMBERS_BOUNDS.get(name, BOUNDS[name]) if kind else BOUNDS[name]


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_single_precision_is_right_to_the_last_places(name, kind, compiled):
    # Every 4099th of all numbers, all signs and exponents among them.
    bits = np.arange(0, 1 << 32, 4099, dtype=np.uint64).astype(np.uint32)
    # Where tanh, or what it lacks to 1, is of the size of the last place of 1.
    last = np.concatenate([2.0 ** np.linspace(-26, -21, 50_000), np.linspace(7, 9, 50_000)])
    with np.errstate(all="ignore"):
        usual = np.linspace(-12, 12, 300_001)
        special = np.concatenate([SPECIAL, last, -last, usual]).astype(np.float32)
        x = np.concatenate([bits.view(np.float32), special])
        assert ulps(compiled(name, x, kind), double(name, x)).max() <= bound(name, kind)


def test_the_bounds_stand_in_the_generated_text():
    made = text()
    for name, bound in BOUNDS.items():
        told = f"Right to {bound} units in the last place, as the tests show.\n */\n"
        assert f"{told}INLINE vec_f32 {name}_vec_f32(" in made


MPMATH = {
    **{"exp": mp.exp, "expm1": mp.expm1, "log": mp.log, "log1p": mp.log1p, "tanh": mp.tanh},
    "sigmoid": lambda x: 1 / (1 + mp.exp(-x)),
    "sech": mp.sech,
    "sech2": lambda x: mp.sech(x) ** 2,
    "softplus": lambda x: mp.log1p(mp.exp(x)),
    **{"erf": mp.erf, "erfc": REAL[erfc][1]},
}


@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_double_precision_is_right_to_the_last_places(name, kind, compiled):
    generator = np.random.default_rng(1)
    sizes = 10.0 ** generator.uniform(-18, 3, 400)
    x = np.concatenate([sizes, -sizes, generator.normal(size=400), generator.uniform(-40, 40, 400)])
    x = np.concatenate([x, [1e-310, 4.9e-324, -708.0, -744.9, -730.5, 709.7, 1e300]])
    # Where tanh, or what it lacks to 1, is of the size of the last place of 1.
    last = 2.0 ** generator.uniform(-56, -49, 400)
    x = np.concatenate([x, last, -last, generator.uniform(17, 20, 400)])
    if name.startswith("log"):
        x = x[x > (0 if name == "log" else -1)]
    got = compiled(name, x, kind)
    with mp.workdps(60):
        for point, value in zip(x, got, strict=True):
            want = MPMATH[name](mp.mpf(float(point)))
            if abs(want) > mp.mpf(2) ** 1024:
                assert value == np.inf
                continue
            unit = np.spacing(abs(float(want)))
            assert abs(mp.mpf(float(value)) - want) <= bound(name, kind) * unit, (point, value)


#: What the functions are at the ends of the line, at zeros and at what is no number.
ENDS = {
    "exp": (0.0, 1.0, 1.0, np.inf),
    "expm1": (-1.0, -0.0, 0.0, np.inf),
    "log": (np.nan, -np.inf, -np.inf, np.inf),
    "log1p": (np.nan, -0.0, 0.0, np.inf),
    "tanh": (-1.0, -0.0, 0.0, 1.0),
    "sigmoid": (0.0, 0.5, 0.5, 1.0),
    "sech": (0.0, 1.0, 1.0, 0.0),
    "sech2": (0.0, 1.0, 1.0, 0.0),
    "softplus": (0.0, np.log(2.0), np.log(2.0), np.inf),
    "erf": (-1.0, -0.0, 0.0, 1.0),
    "erfc": (2.0, 1.0, 1.0, 0.0),
}


@pytest.mark.parametrize("real", [np.float64, np.float32])
@pytest.mark.parametrize(("name", "kind"), KINDS)
def test_the_ends_of_the_line_have_their_values(name, kind, real, compiled):
    x = np.array([-np.inf, -0.0, 0.0, np.inf, np.nan], real)
    got = compiled(name, x, kind)
    np.testing.assert_array_equal(got, np.array([*ENDS[name], np.nan], real))
    np.testing.assert_array_equal(np.signbit(got[1:3]), np.signbit(ENDS[name][1:3]))


def test_any_number_of_values_is_computed_whole(compiled):
    for count in range(40):
        x = np.random.default_rng(count).normal(size=count)
        np.testing.assert_allclose(compiled("tanh", x), np.tanh(x), rtol=1e-15)


def test_the_coefficients_are_those_that_the_script_finds():
    assert coefficients.text() == coefficients.FILE.read_text(encoding="utf-8")
    assert c_coefficients.EXPM1["f32"][0] == "0.5"

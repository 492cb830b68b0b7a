"""Functions on vectors, for C: which there are, and the constants in their text.

Every elementary function is branch-free, from one template for both precisions. Some are
polynomials; the others apply the function of one number to each lane, which a compiler makes one
operation where the machine has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from derive.emit.c_coefficients import ERF, ERFC, ERFC_LOST, EXPM1, LOG
from derive.emit.c_names import words
from derive.emit.c_text import DOUBLE, EACH, FLOAT, HELPERS, IN_LANES, Real
from derive.render import render

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["POLYNOMIALS", "TEMPLATES", "Helper", "Lanes", "helpers"]


@dataclass(frozen=True, slots=True)
class Helper:
    """All that the template of a function of one number prints."""

    type: str
    bits: str
    f: str


@dataclass(frozen=True, slots=True)
class Lanes:
    """All that the template of a function of vectors prints.

    All lanes as a mask, as gcc and as clang have it.
    The constants: the format's bits for the fraction, its bias; the number whose last bit is 1;
    where exp, expm1, exp(-2 x) and erfc stop changing; the polynomials, highest coefficient first.
    """

    type: str
    bits: str
    f: str
    upper: str
    letter: str
    every: str
    every_of_clang: str
    integer: str
    integer_most: str
    name: str
    scalar: str
    mantissa: str
    bias: str
    magic: str
    log2_e: str
    log_2_high: str
    log_2_low: str
    exp_most: str
    exp_least: str
    expm1_least: str
    exp_magic: str
    minus_two_log2_e: str
    half_log_2_high: str
    half_log_2_low: str
    decay_magic: str
    decay_most: str
    two_to_minus_63: str
    sqrt_half: str
    least_normal: str
    log_scale: str
    log_scale_exponent: str
    expm1_even_lead: str
    expm1_even: tuple[str, ...]
    expm1_odd_lead: str
    expm1_odd: tuple[str, ...]
    decay_even_lead: str
    decay_even: tuple[str, ...]
    decay_odd_lead: str
    decay_odd: tuple[str, ...]
    log_lead: str
    log: tuple[str, ...]
    low_bits: str
    erf_lead: str
    erf: tuple[str, ...]
    erfc_most: str
    erfc_lead: str
    erfc: tuple[str, ...]
    erfc_last: str
    erfc_lost: str
    halves: tuple[str, ...]


def _polynomial(coefficients: Iterable[str], f: str) -> tuple[str, tuple[str, ...]]:
    lead, *rest = [f"{c}{f}" for c in coefficients][::-1]
    return lead, tuple(rest)


def _lanes(real: Real, numbers: dict[str, str], numbers_f: dict[str, str]) -> Lanes:
    even, odd = (_polynomial(EXPM1[real.bits][start::2], real.suffix) for start in (0, 1))
    # (1 - exp(-2 r)) / 2: the same polynomial, in -2 r.
    halved = [f"{float(c) * (-2.0) ** (n + 1)}" for n, c in enumerate(EXPM1[real.bits])]
    decay_even, decay_odd = (_polynomial(halved[start::2], real.suffix) for start in (0, 1))
    logarithm = _polynomial(LOG[real.bits], real.suffix)
    near, far = (_polynomial(c[real.bits], real.suffix) for c in (ERF, ERFC))
    return Lanes(
        type=real.type,
        bits=real.bits,
        f=real.suffix,
        upper=real.bits.upper(),
        name="",
        scalar="",
        expm1_even_lead=even[0],
        expm1_even=even[1],
        expm1_odd_lead=odd[0],
        expm1_odd=odd[1],
        decay_even_lead=decay_even[0],
        decay_even=decay_even[1],
        decay_odd_lead=decay_odd[0],
        decay_odd=decay_odd[1],
        log_lead=logarithm[0],
        log=logarithm[1],
        erf_lead=near[0],
        erf=near[1],
        erfc_lead=far[0],
        erfc=far[1][:-1],
        erfc_last=far[1][-1],
        erfc_lost=f"{ERFC_LOST[real.bits]}{real.suffix}",
        halves=("8", "4", "2", "1"),
        **numbers,
        **{name: f"{value}{real.suffix}" for name, value in numbers_f.items()},
    )


_LANES = (
    _lanes(
        DOUBLE,
        {
            "letter": "d",
            "every": "0xff",
            "every_of_clang": "0xff",
            "integer": "int64_t",
            "integer_most": "INT64_MAX",
            "mantissa": "52",
            "bias": "1023",
            "low_bits": "27",
        },
        {
            "magic": "6755399441055744.0",  # 1.5 * 2**52
            "log2_e": "1.4426950408889634",
            "log_2_high": "0.6931471803691238",  # 32 bits
            "log_2_low": "1.9082149292705877e-10",
            "exp_most": "710.0",
            "exp_least": "-746.0",
            "expm1_least": "-50.0",
            "exp_magic": "6755399441057790.0",  # 2 * bias more
            "minus_two_log2_e": "-2.8853900817779268",
            "half_log_2_high": "0.3465735901845619",
            "half_log_2_low": "9.541074646352939e-11",
            "decay_magic": "6755399441056831.0",  # 64 + bias more
            "decay_most": "375.0",
            "two_to_minus_63": "1.0842021724855044e-19",
            "sqrt_half": "0.7071067811865476",
            "least_normal": "2.2250738585072014e-308",
            "log_scale": "18014398509481984.0",  # 2**54
            "log_scale_exponent": "54.0",
            "erfc_most": "28.0",
        },
    ),
    _lanes(
        FLOAT,
        {
            "letter": "s",
            "every": "-1",
            "every_of_clang": "0xffff",
            "integer": "int32_t",
            "integer_most": "INT32_MAX",
            "mantissa": "23",
            "bias": "127",
            "low_bits": "13",
        },
        {
            "magic": "12582912.0",  # 1.5 * 2**23
            "log2_e": "1.442695",
            "log_2_high": "0.69314575",  # 15 bits
            "log_2_low": "1.4286068e-06",
            "exp_most": "89.0",
            "exp_least": "-104.0",
            "expm1_least": "-30.0",
            "exp_magic": "12583166.0",
            "minus_two_log2_e": "-2.88539",
            "half_log_2_high": "0.346572875",
            "half_log_2_low": "7.143034e-07",
            "decay_magic": "12583103.0",
            "decay_most": "60.0",
            "two_to_minus_63": "1.0842021724855044e-19",
            "sqrt_half": "0.70710677",
            "least_normal": "1.1754944e-38",
            "log_scale": "33554432.0",  # 2**25
            "log_scale_exponent": "25.0",
            "erfc_most": "11.0",
        },
    ),
)

#: The elementary functions with polynomials of their own.
POLYNOMIALS = (
    *("exp", "expm1", "log", "log1p", "tanh", "sech2", "sigmoid", "sech", "softplus"),
    *("erf", "erfc"),
)
_ERF = ("half", "near", "tail", "erf", "erfc")
_FIRST = ("vector", "bits", "pick", "bound", "scaled")
_PARTS = ("power", "exp", "expm1", "decay", "tanh", "sech2")
_PARTS_2 = ("sigmoid", "sech", "logarithm", "log", "log1p", "softplus", *_ERF)
_PARTS_3 = ("lane", "swapped", "sum", "product", "max", "share", "choose", "first")
_PARTS_4 = ("gather", "scatter", "matrices")
#: Functions of two branches, where each lane takes one of two values.
_CHOICES = ("relu", "step", "sign", "maximum", "minimum", "greatest")
#: The templates of functions of numbers and of vectors, each after those that it calls.
TEMPLATES = (
    *(f"c/functions/{name}.c.jinja" for name in HELPERS),
    "c/lanes/types.c.jinja",
    *("c/lanes/forks.c.jinja", "c/lanes/shares.c.jinja", "c/lanes/blas.c.jinja"),
    *(
        f"c/lanes/{name}.c.jinja"
        for name in (*_FIRST, *_PARTS, *_CHOICES, *_PARTS_2, *_PARTS_3, *_PARTS_4)
    ),
    *("c/lanes/one.c.jinja", "c/lanes/two.c.jinja", "c/lanes/number.c.jinja"),
)
#: The words of a text that call for a part; the others are called by their name.
_CALLED = {
    "vector": ("vec_{}", "ints_{}"),
    "pick": ("pick_{}", "every_{}", "whole_{}"),
    "bound": ("at_most_{}", "at_least_{}"),
    "bits": ("bits_{}", "real_{}"),
    "power": ("power_{}", "turns_{}", "series_{}", "two_to_{}"),
    **{name: (f"{name}_vec_{{}}",) for name in POLYNOMIALS},
}


def helpers(text: str) -> tuple[str, ...]:
    """Return the functions that the text of a C file calls, in an order in which they can stand."""
    found: list[str] = []
    said = words(text)
    # From the last to the first: what one calls comes before it.
    for calling, template, context in reversed(list(_all())):
        if not said.isdisjoint(calling):
            made = render(template, context).rstrip("\n")
            found.insert(0, made)
            said |= words(made)
    return tuple(found)


def _all() -> Iterator[tuple[tuple[str, ...], str, Helper | Lanes]]:
    for name in HELPERS:
        for real in (DOUBLE, FLOAT):
            helper = Helper(real.type, real.bits, real.suffix)
            yield (f"{name}_{real.bits}",), f"c/functions/{name}.c.jinja", helper
    yield ("VECTOR", "INLINE"), "c/lanes/types.c.jinja", _LANES[0]
    yield ("most_threads",), "c/lanes/forks.c.jinja", _LANES[0]
    yield ("share_f32", "share_f64", "shares_of"), "c/lanes/shares.c.jinja", _LANES[0]
    yield ("blas_pays",), "c/lanes/blas.c.jinja", _LANES[0]
    for name in _FIRST:
        yield from _part(name)
    for function, (count, scalar) in EACH.items():
        own = function if function in _CHOICES else ("one", "two")[count - 1]
        for lanes in _LANES:
            filled = replace(lanes, name=function, scalar=f"{scalar}{lanes.f}")
            yield (f"{function}_vec_{lanes.bits}",), f"c/lanes/{own}.c.jinja", filled
    for name in (*_PARTS, *_PARTS_2, *_PARTS_3, *_PARTS_4):
        yield from _part(name)
    for name in IN_LANES:
        for lanes in _LANES:
            named = replace(lanes, name=name)
            yield (f"{name}_{lanes.bits}",), "c/lanes/number.c.jinja", named


def _part(name: str) -> Iterator[tuple[tuple[str, ...], str, Lanes]]:
    for lanes in _LANES:
        calling = tuple(word.format(lanes.bits) for word in _CALLED.get(name, (f"{name}_{{}}",)))
        yield calling, f"c/lanes/{name}.c.jinja", lanes

r"""What a d is of: in ``dX^{-1}`` the inverse, in ``d x^\top x`` the product, in ``dx^2`` both."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: n, m: m}
symbols:
  X: {shape: [n, n], role: input}
  A: {shape: [n, n], role: constant}
  S: {shape: [n, n], role: constant}
  B: {shape: [n, m], role: input}
  C: {shape: [m, n], role: input}
  x: {shape: [n], role: input}
  y: {shape: [n], role: input}
  a: {shape: [n], role: constant}
  s: {shape: [], role: input}
  t: {shape: [], role: input}
  f: {shape: []}
  g: {shape: []}
  z: {shape: [n]}
  h: {shape: []}
  L: {shape: [], role: loss, of: z}
define:
  - z = \tanh(x)
  - h = \|z\|^2
  - f = x^\top x
  - g = x^\top A x
assume:
  - s > 0
  - S = S^\top
---
"""

PRODUCT = ("took d before a product as that of its first factor",)
OF_POWER = ("took a d before a power as the differential of the power",)
POWER_OF = ("took a d before a power as the power of the differential",)


def verdicts(claim: str) -> list[Verdict]:
    return list(check(read(f"{HEADER}$${claim}$$\n", "n.md")).verdicts)


@pytest.mark.parametrize(
    "claim",
    [
        r"dX^{-1} = -X^{-1} (dX) X^{-1}",
        r"\mathrm{d}X^{-1} = -X^{-1}\,\mathrm{d}X\,X^{-1}",
        r"d X^{-\top} = -X^{-\top} (dX)^\top X^{-\top}",
        r"d s^{-1} = -s^{-2}\,ds",
        r"d(a^\top X^{-1} a) = a^\top (dX^{-1}) a = -a^\top X^{-1} (dX) X^{-1} a",
        r"dX^\top = (dX)^\top",
        r"d(X^{-1})_{ij} = -(X^{-1} dX X^{-1})_{ij}",
    ],
)
def test_the_differential_of_an_inverse(claim: str) -> None:
    assert {v.verdict for v in verdicts(claim)} == {"proved"}


def test_an_inverse_among_other_factors() -> None:
    (verdict,) = verdicts(r"\mathrm{tr}(X\,dX^{-1}) = -\mathrm{tr}(X^{-1} dX)")
    assert verdict.verdict in ("proved", "agrees")


@pytest.mark.parametrize("sign", ["d", r"\partial "])
def test_a_repair_keeps_the_differential(sign: str) -> None:
    (verdict,) = verdicts(f"{sign}X^{{-1}} = X^{{-1}} ({sign}X) X^{{-1}}")
    assert verdict.verdict == "wrong"
    assert verdict.repairs[0].latex == f"{sign}X^{{-1}} = -X^{{-1}} ({sign}X) X^{{-1}}"


@pytest.mark.parametrize(
    ("claim", "readings"),
    [
        (r"dX^2 = (dX) X + X\,dX", ()),
        (r"d X^3 = (dX) X^2 + X (dX) X + X^2 dX", ()),
        (r"d x_i^2 = 2 x_i\,dx_i", ()),
        (r"d X_{ij}^2 = 2 X_{ij}\,dX_{ij}", ()),
        (r"d(s+1)^2 = 2(s+1)\,ds", ()),
        (r"\|dx\|^2 = \sum_i dx_i^2", ()),
        (r"ds^2 = ds\,ds", POWER_OF),
        (r"d s^3 = s\,ds^2 + s^2 ds", OF_POWER),
        (r"d(s^2 t) = t\,ds^2 + s^2\,dt", OF_POWER),
    ],
)
def test_powers_are_read_so_that_the_claim_is_true(claim: str, readings: tuple[str, ...]) -> None:
    (verdict,) = verdicts(claim)
    assert (verdict.verdict, verdict.readings) == ("proved", readings)


@pytest.mark.parametrize(
    ("claim", "repair"),
    [
        (r"d s^2 = s\,ds", r"d s^2 = 2 s\,ds"),
        (r"d s^3 = 3 s\,ds", r"d s^3 = 3 s^2\,ds"),
    ],
)
def test_a_wrong_differential_of_a_power_is_mended_as_one(claim: str, repair: str) -> None:
    (verdict,) = verdicts(claim)
    assert (verdict.verdict, verdict.repairs[0].latex) == ("wrong", repair)


@pytest.mark.parametrize(
    ("claim", "readings"),
    [
        (r"d x^\top x = 2x^\top dx", ()),
        (r"d x^\top A x = x^\top (A + A^\top)\,dx", ()),
        (r"d BC = dB\,C + B\,dC", ()),
        (r"d s^2 t = 2 s t\,ds + s^2\,dt", ()),
        (r"\frac12 d x^\top x = x^\top dx", ()),
        (r"d\,\frac12\|x\|^2 = x^\top dx", ()),
        (r"df = d x^\top x = 2x^\top dx", ()),
        (r"dg = dx^\top A x + x^\top A\,dx", ()),
        (r"dx^\top A x = x^\top A^\top dx", PRODUCT),
    ],
)
def test_a_differential_before_a_product(claim: str, readings: tuple[str, ...]) -> None:
    assert {(v.verdict, v.readings) for v in verdicts(claim)} == {("proved", readings)}


def test_what_stands_last_is_no_differential_of_a_product() -> None:
    (verdict,) = verdicts(r"df = dx^\top x")
    assert verdict.verdict == "wrong"
    assert verdict.repairs[0].latex == r"df = 2 dx^\top x"


def test_a_fact_that_helps_another_reading_alone_is_not_named() -> None:
    (verdict,) = verdicts(r"d x^\top A x = x^\top A\,dx")
    assert verdict.verdict == "wrong"
    assert "true if" not in verdict.note


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"d e^s = e^s\,ds", "proved"),
        (r"d \sqrt{s} = \frac{ds}{2\sqrt{s}}", "proved"),
        (r"d \frac{s}{t} = \frac{ds}{t} - \frac{s\,dt}{t^2}", "proved"),
        (r"d \frac{s}{t} = \frac{ds}{t} + \frac{s\,dt}{t^2}", "wrong"),
        (r"d(x_i y_i) = x_i\,dy_i + y_i\,dx_i", "proved"),
        (r"d(x_i^2) = 2x_i\,dx_i", "proved"),
        (r"d(x_i^2) = x_i\,dx_i", "wrong"),
        (r"d\sum_i x_i^3 = 3\sum_i x_i^2\,dx_i", "proved"),
        (r"d\sigma(s) = \sigma(s)(1-\sigma(s))\,ds", "proved"),
        (r"d 2^s = 2^s\ln 2\,ds", "proved"),
        (r"d e^{-s} = e^{-s}\,ds", "wrong"),
        (r"d q^{-1} = -q^{-2}\,dq", "ill-formed"),
        # A factor that the note does not declare.
        (r"f = \frac{1}{d} \sum_i x_i^2", "ill-formed"),
        (r"f = 1/d \sum_i x_i^2", "ill-formed"),
        (r"f = d\sum_i x_i^2", "ill-formed"),
        (r"f = d\sqrt{s}", "ill-formed"),
        (r"x_i = d(A x)_i", "ill-formed"),
    ],
)
def test_a_differential_of_what_is_no_symbol(claim: str, verdict: str) -> None:
    assert [v.verdict for v in verdicts(claim)] == [verdict]


def test_a_function_ends_before_a_differential() -> None:
    (verdict,) = verdicts(r"d \sin s = \cos s\,ds")
    assert (verdict.verdict, verdict.readings) == ("proved", ())


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\partial X^{-1} = -X^{-1}(\partial X)X^{-1}", "proved"),
        (r"\partial(BC) = (\partial B)C + B\,\partial C", "proved"),
        (r"\partial\ln s = \frac{\partial s}{s}", "proved"),
        (r"\partial f = 2x^\top dx", "unreadable"),
        (r"\partial f = \frac{\partial f}{\partial x}\,\partial x", "unreadable"),
        # Subgradients.
        (r"\partial h(x) = A^\top \partial f(A x)", "unreadable"),
        (r"\partial(f + g) = \partial f + 2\partial g", "unreadable"),
    ],
)
def test_a_partial_is_a_d_where_every_side_has_one(claim: str, verdict: str) -> None:
    assert [v.verdict for v in verdicts(claim)] == [verdict]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"d^2 g = 2\,dx^\top A\,dx", "proved"),
        (r"d^2 g = dx^\top A\,dx", "wrong"),
        (r"d^2(x^\top A x) = 2\,dx^\top A\,dx", "proved"),
        (r"d^2 s^3 = 6 s\,ds^2", "proved"),
        (r"d^2 s^3 = 6 s\,ds", "wrong"),
        (r"\mathrm{d}^2 e^s = e^s\,(\mathrm{d}s)^2", "proved"),
        # z need not change evenly where x does.
        (r"d^2 h = 2 dz^\top dz", "unreadable"),
        (r"d^2 L = dz^\top dz", "unreadable"),
        (r"d^2 = 4", "ill-formed"),
        # Beside a second differential, a square is that of a first one.
        (r"d^2 s^2 = 2\,ds^2", "proved"),
        (r"\frac12 d^2 s^2 + \frac12 d^2 t^2 = ds^2 + dt^2", "proved"),
        (r"d^2 s^2 = ds^2", "wrong"),
        (r"d(ds) = ds", "unreadable"),
        (r"d(s\,ds) = s\,ds", "unreadable"),
    ],
)
def test_a_second_differential(claim: str, verdict: str) -> None:
    assert [v.verdict for v in verdicts(claim)] == [verdict]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"d s^t = t s^{t - 1}\,ds + s^t \ln s\,dt", "proved"),
        (r"d s^{2t} = 2 t s^{2t - 1}\,ds + s^{2t} 2\ln s\,dt", "proved"),
        (r"d s^t = s^{t - 1}\,ds", "wrong"),
        (r"d x^\top = (dx)^\top", "proved"),
        (r"df = d\,x^\top x", "proved"),
        (r"d\,x^\top x = x^\top dx", "wrong"),
    ],
)
def test_a_d_before_symbols_above_and_behind_a_space(claim: str, verdict: str) -> None:
    assert [v.verdict for v in verdicts(claim)] == [verdict]


def test_the_square_of_a_size_is_no_second_differential() -> None:
    header = """---
derive: 1
dims: {d: size}
symbols:
  x: {shape: [d], role: input}
  f: {shape: []}
define:
  - f = \\frac1d x^\\top x
---
"""
    (verdict,) = check(read(f"{header}$$d^2 f = d\\,x^\\top x$$\n", "n.md")).verdicts
    assert verdict.verdict == "proved"

r"""Claims about what has kinks: compared on both sides of them."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: width}
symbols:
  x: {shape: [], role: input}
  u: {shape: [n], role: input}
  a: {shape: [n], role: input}
  p: {shape: [n], role: input}
  y_{true}: {shape: [n], role: label}
  h: {shape: []}
  q: {shape: []}
  c: {shape: []}
  M: {shape: []}
  T: {shape: []}
  E: {shape: []}
define:
  - h = \begin{cases}\frac12 x^2 & |x| \leq 2\\ 2|x| - 2 & \text{otherwise}\end{cases}
  - q = \min(\max(0, x), 6)
  - c = \min(\max(x, -3), 3)
  - M = \max_k u_k
  - T = \max(0, \|a-p\|^2 - \|a-u\|^2 + 1)
  - E = \frac12 \|u - y_{true}\|^2
---
"""
HUBER = (
    r"\frac{\partial h}{\partial x} ="
    r" \begin{cases} x & |x|\leq 2\\ %s & \text{otherwise}\end{cases}"
)


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (HUBER % r"2\,\mathrm{sign}(x)", True),
        (HUBER % "2", False),
        (r"\frac{\partial q}{\partial x} = \mathbb{1}[0 < x < 6]", True),
        (r"\frac{\partial q}{\partial x} = \mathbb{1}[x > 0]", False),
        (r"\frac{\partial c}{\partial x} = \mathbb{1}[-3 < x < 3]", True),
        (r"\frac{\partial c}{\partial x} = 1", False),
        (r"|M| = M", False),
        (r"\frac{\partial T}{\partial a} = 2(u-p)\,\mathbb{1}[T>0]", True),
        (r"\frac{\partial T}{\partial a} = 2(u-p)\,\mathbb{1}[T>1]", False),
        (r"\frac{\partial \max(0, x + 4)}{\partial x} = 1", False),
        (r"\left.\frac{\partial \max(0, 1 - x)}{\partial x}\right|_{x=1} = 0", True),
        (r"\left.\frac{\partial \max(1 - x, 0)}{\partial x}\right|_{x=1} = 0", True),
    ],
)
def test_a_claim_holds_on_both_sides_of_a_kink(claim: str, right: bool) -> None:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict in (("proved", "agrees") if right else ("wrong",))


def test_an_indicator_is_repaired_by_what_is_true() -> None:
    claim = r"\frac{\partial T}{\partial a} = 2(u-p)\,\mathbb{1}[T>1]"
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert [repair.latex for repair in verdict.repairs] == [claim.replace("T>1", "T>0")]


def test_a_label_may_have_an_index_in_its_name() -> None:
    claim = r"\frac{\partial E}{\partial u} = y_{true} - u"
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert verdict.verdict == "wrong"
    assert verdict.repairs


FAR = r"""---
derive: 1
dims: {N: samples}
symbols:
  x: {shape: [N], role: input}
  g: {shape: [N], role: input}
  a: {shape: [N], role: input}
  c: {shape: [N]}
  d: {shape: [N]}
  s: {shape: [N]}
  u: {shape: [N]}
  v: {shape: [N]}
  h: {shape: []}
  k: {shape: [N]}
  m: {shape: []}
  p: {shape: []}
define:
  - c_n = \max(-10, \min(10, x_n))
  - d_n = \max(0, a_n - 1000)
  - s_n = x_n + \mathbb{1}[x_n > 15] (x_n - 15)
  - u_n = \frac{g_n}{\max(1, m / 50)}
  - v_n = \begin{cases} x_n & |x_n - 40| < 1 \\ 0 & \text{otherwise}\end{cases}
  - k_n = \max(0.001, |x_n|)
  - m = \|g\|
  - h = \sum_n \max(0, 30 - x_n)
  - p = \frac12 \sum_n x_n^2
assume:
  - a_n > 0
---
"""


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial c_n}{\partial x_n} = 1", False),
        (r"\frac{\partial c_n}{\partial x_n} = \mathbb{1}[-10 < x_n < 10]", True),
        (r"\frac{\partial c_n}{\partial x_n} = \mathbb{1}[-10 < x_n]", False),
        (r"\frac{\partial d_n}{\partial a_n} = 0", False),
        (r"\frac{\partial d_n}{\partial a_n} = \mathbb{1}[a_n > 1000]", True),
        (r"\frac{\partial s_n}{\partial x_n} = 1", False),
        (r"\frac{\partial s_n}{\partial x_n} = 1 + \mathbb{1}[x_n > 15]", True),
        (r"\frac{\partial u_n}{\partial g_l} = \delta_{nl}", False),
        (r"\frac{\partial v_n}{\partial x_n} = 0", False),
        (r"\frac{\partial k_n}{\partial x_n} = \mathrm{sign}(x_n)", False),
        (r"\frac{\partial h}{\partial x_n} = -1", False),
        (r"\frac{\partial h}{\partial x_n} = -\mathbb{1}[x_n < 30]", True),
        (r"\frac{\partial p}{\partial x_n} = x_n \mathbb{1}[x_n < 30]", False),
        (r"\frac{\partial p}{\partial x_n} = \min(x_n, 200)", False),
        (r"\frac{\partial \max(0, x_n - 90)}{\partial x_n} = 0", False),
        (r"\frac{\partial h}{\partial x_n} = 0 \quad \text{if } x_n > 30", True),
        (r"\frac{\partial h}{\partial x_n} = -1 \quad \text{if } x_n > 30", False),
    ],
)
def test_a_threshold_may_be_of_any_size(claim: str, right: bool) -> None:
    (verdict,) = check(read(f"{FAR}$${claim}$$", "n.md"), effort=0.0).verdicts
    assert verdict.verdict in (("proved", "agrees") if right else ("wrong",))


SQUARE = r"""---
derive: 1
symbols:
  s: {shape: [], role: input}
  m: {shape: [], role: constant}
  f: {shape: []}
  l: {shape: []}
define:
  - f = s^2
  - l = \log(1 + e^s)
---
"""


@pytest.mark.parametrize(
    "much",
    [
        r"\max(0, m - 10)",
        r"\max(0, m - 10)^2",
        r"\max^2(0, m - 10)",
        r"[m - 10]_+",
        r"[m - 10]_+^2",
        r"\mathrm{relu}^2(m - 10)",
        r"\min^2(0, m + 10)",
        r"(\mathrm{sign}(m - 12) + 1)",
        r"(|m - 10| - 10 + m)",
    ],
)
def test_both_sides_of_a_threshold_are_tried_however_it_is_written(much: str) -> None:
    claim = rf"\frac{{\partial f}}{{\partial s}} = 2s + {much}"
    (verdict,) = check(read(f"{SQUARE}$${claim}$$", "n.md"), effort=0.0).verdicts
    assert verdict.verdict == "wrong"


@pytest.mark.parametrize("threshold", [5, 10, 15, 20, 30])
def test_a_small_jump_at_a_threshold_is_one(threshold: int) -> None:
    claims = [
        rf"\begin{{cases}} 1 & s > {threshold} \\ \sigma(s) & \text{{otherwise}}\end{{cases}}",
        rf"\sigma(\min(s, {threshold}))",
        rf"\sigma(\max(s, -{threshold}))",
    ]
    for claim in claims:
        text = rf"{SQUARE}$$\frac{{\partial l}}{{\partial s}} = {claim}$$"
        (verdict,) = check(read(text, "n.md"), effort=0.0).verdicts
        assert verdict.verdict == "wrong", claim


@pytest.mark.parametrize(
    "claim",
    [
        r"\begin{cases} \frac{1}{1 + e^{-s}} & s > 15 \\ \sigma(s) & \text{otherwise}\end{cases}",
        r"\sigma(\min(s, 30)) + \mathbb{1}[s > 30] (\sigma(s) - \sigma(30))",
        r"\frac{e^{s - \max(s, 0)}}{e^{-\max(s, 0)} + e^{s - \max(s, 0)}}",
        r"1 - \frac{1}{1 + e^{\max(s, -20)}} + \mathbb{1}[s < -20](\sigma(s) - \sigma(-20))",
    ],
)
def test_rounding_at_a_threshold_is_no_jump(claim: str) -> None:
    text = rf"{SQUARE}$$\frac{{\partial l}}{{\partial s}} = {claim}$$"
    (verdict,) = check(read(text, "n.md"), effort=0.0).verdicts
    assert verdict.verdict in ("proved", "agrees")


def test_values_far_off_hide_no_difference() -> None:
    claim = r"\frac{\partial p}{\partial x_n} = x_n + 10^{-4} \mathbb{1}[x_n < 30]"
    (verdict,) = check(read(f"{FAR}$${claim}$$", "n.md"), effort=0.0).verdicts
    assert verdict.verdict == "wrong"


@pytest.mark.parametrize(
    "claim",
    [
        r"\cosh^2 x_n - \sinh^2 x_n = 1",
        r"(x_n + 1)^3 - x_n^3 - 3 x_n^2 - 3 x_n = 1",
        r"\frac{\partial}{\partial x_n} \log(1 + e^{x_n}) = \frac{e^{x_n}}{1 + e^{x_n}}",
        r"(\cosh x_n - 1) \mathbb{1}[x_n < 30] = 2 \sinh^2(x_n / 2) \mathbb{1}[x_n < 30]",
    ],
)
def test_rounding_far_off_is_no_difference(claim: str) -> None:
    (verdict,) = check(read(f"{FAR}$${claim}$$", "n.md"), effort=0.0).verdicts
    assert verdict.verdict in ("proved", "agrees")

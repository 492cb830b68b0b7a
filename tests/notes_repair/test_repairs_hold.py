r"""A repair is judged as a claim is: put in, it is not wrong."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.patch import mended
from derive.notes.report import changes, repaired, with_changes
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {N: entries}
symbols:
  s: {shape: [], role: input}
  v: {shape: [], role: param}
  m: {shape: [], role: constant}
  x: {shape: [N], role: input}
  n: {shape: []}
  q: {shape: []}
  f: {shape: []}
  r: {shape: []}
  y: {shape: [N]}
  p: {shape: [N]}
define:
  - n = \frac{s}{\sqrt{v} + 10^{-8}}
  - q = s^2
  - f = \log(1 + e^s)
  - 'r = \sqrt{\sum_j x_j^2 + 10^{-8}}'
  - 'y_i = \max(0, x_i)'
  - p = \mathrm{softmax}(x)
assume:
  - v > 0
---
"""


def judged(claim: str) -> Verdict:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    return verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial n}{\partial s} = \frac{1}{\sqrt{v + 10^{-8}}}",
        r"\frac{\partial n}{\partial s} = \frac{1}{\sqrt v}",
        r"\frac{\partial n}{\partial s} = \frac{1}{\sqrt{v} + 10^{-9}}",
        r"\frac{\partial q}{\partial s} = 2s + 10^{-12} m",
        r"\frac{\partial q}{\partial s} = 2s + \max(0, m - 500)",
        r"\frac{\partial q}{\partial s} = 2s + e^{-m^2 - 30}",
        r"\frac{\partial f}{\partial s}"
        r" = \begin{cases} 1 & \text{if } s > 10 \\ \sigma(s) & \text{otherwise}\end{cases}",
        r"r = \|x\|",
        r"\frac{\partial r}{\partial x_i} = \frac{x_i}{\|x\|_2}",
    ],
)
def test_a_repaired_claim_is_not_wrong(claim: str) -> None:
    text = f"{HEADER}$${claim}$$"
    (wrong,) = check(read(text, "n.md")).verdicts
    assert wrong.verdict == "wrong"
    for repair in wrong.repairs:
        better = with_changes(text, changes(wrong.formula, repair))
        (verdict,) = check(read(better, "n.md"), effort=0.0).verdicts
        assert verdict.verdict == "proved" if repair.proved else "agrees"


def test_what_is_proved_comes_first() -> None:
    repairs = judged(r"\frac{\partial q}{\partial s} = 2 \min(s, 10)").repairs
    assert [repair.proved for repair in repairs] == sorted(
        (repair.proved for repair in repairs), reverse=True
    )


@pytest.mark.parametrize(
    ("claim", "idle"),
    [
        (r"\frac{\partial n}{\partial s} = \frac{2}{\sqrt v + 10^{-8}}", r"{\partial q}"),
        (r"\frac{\partial q}{\partial s} = 2s - \max(0, m - 50)", r"\max(0, - 50)"),
        (r"\frac{\partial q}{\partial s} = 2s + \log(1 + e^m)", r"\log(1 )"),
    ],
)
def test_no_repair_puts_in_what_is_nothing(claim: str, idle: str) -> None:
    repairs = [repair.latex for repair in judged(claim).repairs]
    assert repairs
    assert not any(idle in latex for latex in repairs)


@pytest.mark.parametrize(
    ("claim", "own"),
    [
        (r"\partial y_i/\partial x_i = 1", r"{\partial y_i}{\partial x_i}"),
        (r"\partial p_i/\partial x_j = 2 p_i", r"{\partial p_i}{\partial x_j}"),
    ],
)
def test_no_repair_has_the_derivative_that_it_is_about(claim: str, own: str) -> None:
    assert not any(own in repair.latex for repair in judged(claim).repairs)


def test_what_is_written_is_what_was_shown() -> None:
    note = rf"""{HEADER}
$$r = \|x\| + 10^{{-9}}$$

$$\frac{{\partial r}}{{\partial x_i}} = \frac{{x_i}}{{\|x\|_2}}$$
"""
    first = check(read(note, "n.md"))
    patch = mended(first, lambda text: check(read(text, "n.md")))
    after = check(read(patch.text, "n.md"), effort=0.0).verdicts
    for before, now in zip(first.verdicts, after, strict=True):
        assert (before.latex != now.latex) == (before.id in patch.made)
        assert now.fine == (before.id in patch.made)
    assert patch.made == (2,)
    assert [number for number, _ in patch.skipped] == [1]


def test_the_brackets_of_cases_stay() -> None:
    cases = r"\left\{\begin{array}{ll} p_i(1-p_i) & i = j\\ %sp_ip_j & i\neq j\end{array}\right."
    verdict = judged(rf"\frac{{\partial p_i}}{{\partial x_j}} = {cases % ''}")
    assert verdict.latex.endswith(r"\right.")
    assert repaired(verdict, verdict.repairs[0]).endswith(cases % "-")


def test_a_derivative_by_a_function_of_a_symbol_may_be_wrong() -> None:
    claim = (
        r"\frac{\partial\ell}{\partial\log\sigma_d} = 3\tanh(\sigma_d) + \sum_n\frac{x_{nd}^2}{2}"
    )
    note = rf"""---
derive: 1
dims: {{N: samples, D: dims}}
symbols:
  x: {{shape: [N, D], role: input}}
  '\sigma': {{shape: [D], role: param}}
  '\ell': {{shape: []}}
define:
  - '\ell = -N\sum_d\log\sigma_d - \sum_n\sum_d \frac{{x_{{nd}}^2}}{{2\sigma_d^2}}'
assume:
  - '\sigma_d > 0'
---
$${claim}$$
"""
    (verdict,) = check(read(note, "n.md")).verdicts
    assert verdict.verdict == "wrong"


PLAIN = r"""---
derive: 1
dims: {n: rows, m: columns}
symbols:
  K: {shape: [n, n], role: constant}
  a: {shape: [n], role: param}
  W: {shape: [n, m], role: param}
  \lambda: {shape: [], role: constant}
  R: {shape: []}
  Q: {shape: []}
  P: {shape: []}
  B: {shape: []}
define:
  - R = \frac{\lambda}{2} a^\top K a
  - Q = \sum_{ij} W_{ij}^2
  - P = \left[\|a\|^2 - 50\right]_+^2
  - B = \sum_{i < j} \log(1 + e^{a_i - a_j})
assume:
  - K = K^\top
---
"""


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (r"\frac{\partial R}{\partial a} = \frac{\lambda}{2} K a", r"\lambda K a"),
        (r"\frac{\partial Q}{\partial W} = 2W^\top", "2W"),
        (r"\frac{\partial Q}{\partial W_{ij}} = 2W_{ij} \delta_{ij}", "2W_{ij}"),
        (r"\nabla_a P = 2 [\|a\|^2 - 50]_+ a", r"4 [\|a\|^2 - 50]_+ a"),
        (
            r"B = \sum_j \sum_{i \le j} \log(1 + e^{a_i - a_j})",
            r"\sum_j \sum_{i < j} \log(1 + e^{a_i - a_j})",
        ),
        (r"Q = \sum_i \sum_{j \neq i} W_{ij}^2", r"\sum_i \sum_{j} W_{ij}^2"),
    ],
)
def test_the_first_repair_is_the_plainest(wrong: str, right: str) -> None:
    (verdict,) = check(read(f"{PLAIN}$${wrong}$$", "n.md")).verdicts
    left = wrong.partition(" = ")[0]
    text = repaired(verdict, verdict.repairs[0])
    assert "".join(text.split()) == "".join(f"{left} = {right}".split())


def test_no_repair_has_a_name_of_what_the_claim_is_about() -> None:
    note = r"""---
derive: 1
dims: {n: observations}
symbols:
  r: {shape: [n], role: input}
  c: {shape: [], role: constant}
  h: {shape: [n]}
  H: {shape: []}
  \psi: {shape: [n]}
define:
  - H = \sum_i h_i
  - h_i = \begin{cases} \frac12 r_i^2 & |r_i| \le c \\ c|r_i| - \frac12 c^2 & |r_i| > c\end{cases}
assume:
  - c > 0
---
$$\frac{\partial H}{\partial r_i} = \begin{cases} r_i & |r_i|\le c\\ c & |r_i| > c\end{cases}$$

$$\psi = \frac{\partial H}{\partial r}$$
"""
    wrong, _ = check(read(note, "n.md")).verdicts
    assert wrong.verdict == "wrong"
    assert wrong.repairs
    assert not any(r"\psi" in repair.latex for repair in wrong.repairs)

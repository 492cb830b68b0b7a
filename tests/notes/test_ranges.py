r"""From where to where indices run: within their axes, over whole numbers, as limits tell."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

WINDOWS = r"""
dims: {N: n, k: ker}
symbols:
  x: {shape: [N], role: input}
  w: {shape: [k], role: param}
  y: {shape: [N-k+1]}
  L: {shape: [], role: loss, of: y}
define: ['y_t = \sum_{s=1}^k w_s x_{t+s-1}']
"""
PREFIXES = r"""
dims: {T: frames}
symbols:
  a: {shape: [T], role: input}
  c: {shape: [T]}
  P: {shape: []}
define:
  - c_t = \sum_{s=1}^{t} a_s
  - P = \sum_i c_i^2
"""
WORDS = r"""
dims: {B: batch, V: vocab, d: dim}
symbols:
  E: {shape: [V, d], role: param}
  t: {shape: [B], role: index}
  H: {shape: [B, d]}
  s: {shape: [B], role: input}
  L: {shape: [], role: loss, of: H}
  q: {shape: [V]}
define:
  - H_{ik} = E_{t_i, k}
  - 'q_v = \sum_{i: t_i = v} s_i'
"""
HALVES = r"""
dims: {H: half, N: all, p: pairs}
symbols:
  u: {shape: ['2*H'], role: input}
  x: {shape: [N], role: input}
  m: {shape: [H]}
  f: {shape: []}
  g: {shape: []}
define:
  - m_i = \frac{1}{2}(u_{2i-1} + u_{2i})
  - f = \sum_{t=1}^{N/2} x_t
  - g = \sum_{t=1}^{2p} x_t^2
"""
LENGTHS = r"""
dims: {N: samples, T: times}
symbols:
  x: {shape: [N, T], role: input}
  n: {shape: [N], role: index}
  S: {shape: [N]}
define: ['S_i = \sum_{t=1}^{n_i} x_{it}']
"""
ROWS = r"""
dims: {B: batch, D: dims}
symbols:
  z: {shape: [B, D], role: input}
  T: {shape: []}
define: ['T = \|z_1 - z_2\|^2 - \|z_1 - z_3\|^2']
"""
ACTIONS = r"""
dims: {n: points, A: actions}
symbols:
  x: {shape: [n], role: input}
  f: {shape: []}
  \theta: {shape: [A], role: param}
  \pi: {shape: [A]}
  a: {shape: [], role: index}
define:
  - f = \sum_i x_i^2
  - \pi_j = \frac{\exp\theta_j}{\sum_k\exp\theta_k}
"""
SLOPE = r"\frac{\partial L}{\partial w_s}"
TERM = r"\frac{\partial L}{\partial y_t} x_{t+s-1}"
ABOVE = r"\sum_{i=t}^{T}\sum_{s=1}^{i} a_s"


def judged(header: str, claim: str, effort: float = 0.0) -> Verdict:
    (found,) = check(read(f"---\nderive: 1{header}---\n$${claim}$$\n", "n.md"), effort).verdicts
    return found


@pytest.mark.parametrize(
    "end", ["N+k-1", "2N", "N-k+s", "2N-k", "N-2k+N", "N-(1-k)", "N-k+k/2", "N-k+3/2", "N^2"]
)
def test_a_sum_that_may_run_past_the_end_of_its_axis_is_ill_formed(end: str) -> None:
    claim = rf"{SLOPE} = \sum_{{t=1}}^{{{end}}} {TERM}"
    assert judged(WINDOWS, claim).verdict == "ill-formed"


@pytest.mark.parametrize("end", ["N k", "N+k-1", "2N", "N^2"])
def test_so_is_one_that_is_right_where_a_size_is_1(end: str) -> None:
    claim = rf"\sum_{{i=1}}^{{{end}}} x_i = \sum_i x_i"
    assert judged(WINDOWS, claim).verdict == "ill-formed"


@pytest.mark.parametrize(
    ("less", "verdict"),
    [
        ("1", "agrees"),
        (r"\frac12", "ill-formed"),
        (r"\frac{\partial x_j}{\partial L}", "ill-formed"),
    ],
)
def test_limits_are_whole_numbers(less: str, verdict: str) -> None:
    limits = rf"_{{s=\max(1, j-N+k+1-{less})}}^{{\min(k, j)}}".replace("+1-1", "")
    claim = rf"\frac{{\partial L}}{{\partial x_j}} = \sum{limits}"
    claim += r" \frac{\partial L}{\partial y_{j-s+1}} w_s"
    found = judged(WINDOWS, claim).verdict
    assert ("agrees" if found == "proved" else found) == verdict


def test_no_repair_runs_past_the_end() -> None:
    claim = rf"{SLOPE} = \sum_{{t=1}}^{{N-k}} {TERM}"
    found = judged(WINDOWS, claim, 1.0)
    assert found.verdict == "wrong"
    assert found.repairs
    assert all(judged(WINDOWS, repair.latex).verdict == "proved" for repair in found.repairs)


@pytest.mark.parametrize(
    ("header", "claim"),
    [
        # What the limits within need is given by the limits around them.
        (PREFIXES, rf"\frac{{\partial P}}{{\partial a_t}} = 2 {ABOVE}"),
        (PREFIXES, rf"\sum_{{i=t}}^T c_i = {ABOVE}"),
        # Another axis than that of what is compared with it.
        (WORDS, r"q_v = \sum_{i=1}^B \mathbb{1}[t_i = v] s_i"),
        (WORDS, r"\frac{\partial L}{\partial E_{vk}} = \sum_{i: t_i = v} "
         r"\frac{\partial L}{\partial H_{ik}}"),
        (WORDS, r"\frac{\partial L}{\partial E_{v}} = \sum_{i: t_i = v} "
         r"\frac{\partial L}{\partial H_{i}}"),
        (WORDS, r"\frac{\partial L}{\partial E_{vk}} = "
         r"\sum_{\substack{i=1 \\ t_i = v}}^B \frac{\partial L}{\partial H_{ik}}"),
        (WORDS, r"\frac{\partial L}{\partial E_{t_j k}} = \sum_{i: t_i = t_j} "
         r"\frac{\partial L}{\partial H_{ik}}"),
        (HALVES, r"\frac{\partial m_i}{\partial u_{2i}} = \frac12"),
        (HALVES, r"\frac{\partial f}{\partial x_1} = 1"),
        (HALVES, r"f = \sum_{i=1}^{N/2} x_i"),
        (HALVES, r"g = \sum_{i=1}^{2p} x_i x_i"),
        (LENGTHS, r"S_i = \sum_{s=1}^{n_i} x_{is}"),
        (LENGTHS, r"S_i = \sum_t x_{it} - \sum_{s=n_i+1}^{T} x_{is}"),
        (ROWS, r"\frac{\partial T}{\partial z_1} = 2(z_3 - z_2)"),
        (ACTIONS, r"\frac{\partial\log\pi_a}{\partial\theta_j} = \delta_{aj} - \pi_j"),
        (ACTIONS, r"\pi_a = \pi_a + \sum_{j \neq a} \pi_j - (1 - \pi_a)"),
        (ACTIONS, r"\sum_{1 \le i < j \le n} 1 = \frac{n(n-1)}{2}"),
    ],
)  # fmt: skip
def test_a_range_is_as_long_as_what_stands_there_says(header: str, claim: str) -> None:
    assert judged(header, claim).verdict in ("proved", "agrees")


@pytest.mark.parametrize(
    ("header", "claim", "verdict"),
    [
        (PREFIXES, rf"\frac{{\partial P}}{{\partial a_t}} = {ABOVE}", "wrong"),
        (WORDS, r"q_v = \sum_i s_i", "wrong"),
        (HALVES, r"\frac{\partial m_i}{\partial u_{2i}} = 1", "wrong"),
        (HALVES, r"f = \sum_{i=1}^{N/3} x_i", "ill-formed"),
        (ROWS, r"\frac{\partial T}{\partial z_1} = 2(z_2 - z_3)", "wrong"),
        (ACTIONS, r"\frac{\partial\log\pi_a}{\partial\theta_j} = \delta_{aj}", "wrong"),
        (ACTIONS, r"\sum_{1 \le i < j \le n} 1 = \frac{n(n+1)}{2}", "wrong"),
    ],
)
def test_what_is_wrong_is_found(header: str, claim: str, verdict: str) -> None:
    assert judged(header, claim).verdict == verdict


def test_where_nothing_says_how_far_an_index_runs_that_is_said() -> None:
    found = judged(ACTIONS, r"\sum_{i<j} 1 = \frac{n(n-1)}{2}")
    assert found.problems[0].message == "nothing says how far i runs"


def test_an_index_that_nobody_named_is_not_shown() -> None:
    with pytest.raises(DeriveError, match=r"there is no entry 3|z\[2, :\] is read"):
        judged(ROWS.replace("B: batch", "B: 2"), "T = 0")

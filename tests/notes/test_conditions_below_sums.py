r"""Sums over what a condition leaves of an axis: ``\sum_{j \neq c_i}``, ``\sum_{n: t_n = v}``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {N: samples, K: classes, V: words}
symbols:
  z: {shape: [K], role: input}
  S: {shape: [N, K], role: input}
  c: {shape: [N], role: index}
  t: {shape: [N], role: index}
  x: {shape: [N], role: input}
  y: {shape: [N], role: label}
  E: {shape: []}
  M: {shape: []}
  P: {shape: [N]}
  q: {shape: [V]}
define:
  - E = \sum_{k<l} z_k z_l
  - M = \sum_{1 \le i < j \le K} z_i z_j
  - P_i = \sum_{j \neq c_i} S_{ij}
  - q_v = \sum_{n:\, t_n = v} x_n
assume:
  - y_n \in \{0, 1\}
---
"""


def judged(claim: str) -> Verdict:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial P_i}{\partial S_{ij}} = \mathbb{1}[j \neq c_i]",
        r"\frac{\partial P_i}{\partial S_{ij}} = 1 - \delta_{j c_i}",
        r"P_i = \sum_{j:\, j \neq c_i} S_{ij}",
        r"P_i = \sum_{j \mid j \neq c_i} S_{ij}",
        r"\frac{\partial q_v}{\partial x_n} = \mathbb{1}[t_n = v]",
        r"E = M",
        r"E = \sum_{i,j: i<j} z_i z_j",
        r"E = \frac12 \sum_{i \neq j} z_i z_j",
        r"\frac{\partial E}{\partial z_k} = \sum_{l \neq k} z_l",
        r"\sum_k z_k = z_1 + \sum_{k \geq 2} z_k",
        r"\sum_n y_n x_n = \sum_{n:\, y_n = 1} x_n",
        r"\frac{\partial E}{\partial z_k} = \sum_{l < k} z_l + \sum_{l > k} z_l",
    ],
)
def test_a_sum_is_over_what_the_condition_leaves(claim: str) -> None:
    assert judged(claim).verdict in ("proved", "agrees")


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\frac{\partial P_i}{\partial S_{ij}} = \delta_{j c_i}", "wrong"),
        (r"P_i = \sum_{j:\, j = c_i} S_{ij}", "wrong"),
        (r"\frac{\partial E}{\partial z_k} = \sum_{l > k} z_l", "wrong"),
        (r"E = \sum_{i,j: i \neq j} z_i z_j", "wrong"),
        # Of one of the letters nothing says what it runs over.
        (r"E = \sum_{i \neq j} z_i z_j", "ill-formed"),
        (r"\sum_n x_n = \sum_{n:\, y_n = 1} x_n", "wrong"),
        (r"E = \sum_{c_i \neq 2} z_i", "unreadable"),
    ],
)
def test_a_sum_over_too_much_or_too_little_is_not_right(claim: str, verdict: str) -> None:
    assert judged(claim).verdict == verdict


def test_that_two_indices_are_summed_is_told() -> None:
    assert any("a sum over both" in r for r in judged(r"E = \sum_{k<l} z_l z_k").readings)


CONVOLVED = r"""---
derive: 1
dims: {N: n, M: m}
symbols:
  a: {shape: [N], role: input}
  b: {shape: [M], role: input}
  c: {shape: [N+M-1]}
  L: {shape: [], role: loss, of: c}
define:
  - 'c_k = \sum_{i=1}^N \sum_{j: i+j-1=k} a_i b_j'
---
"""


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial c_k}{\partial a_i} = \sum_{j: i+j-1=k} b_j",
        r"\frac{\partial L}{\partial a_i} = \sum_{k,j: i+j-1=k}"
        r" \frac{\partial L}{\partial c_k} b_j",
        r"\frac{\partial L}{\partial a_i} = \sum_{k=1}^{N+M-1} \sum_{j: i+j-1=k}"
        r" \frac{\partial L}{\partial c_k} b_j",
        r"\frac{\partial L}{\partial a_i} = \sum_{k: i \le k \le i+M-1}"
        r" \frac{\partial L}{\partial c_k} b_{k-i+1}",
        r"\frac{\partial L}{\partial a_i} = \sum_{k: 1 \le k - i + 1 \le M}"
        r" \frac{\partial L}{\partial c_k} b_{k-i+1}",
        r"\frac{\partial L}{\partial a_i} = \sum_{\substack{k, j \\ i+j-1=k}}"
        r" \frac{\partial L}{\partial c_k} b_j",
        r"\frac{\partial c_k}{\partial a_i} = \sum_{j: i+j=k} b_j",
        r"\frac{\partial L}{\partial a_i} = \sum_{k,j: i+j=k} \frac{\partial L}{\partial c_k} b_j",
    ],
)
def test_what_is_compared_below_a_sum_need_not_run_over_one_axis(claim: str) -> None:
    (found,) = check(read(f"{CONVOLVED}$${claim}$$", "n.md"), 0.0).verdicts
    assert found.verdict in (("wrong",) if "i+j=k" in claim else ("proved", "agrees"))

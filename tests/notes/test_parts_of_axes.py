r"""Sums over part of an axis, the last entry of one, and indices on axes of different sizes."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

SHIFTED = r"""
dims: {n: length}
symbols: {x: {shape: [n], role: input}, y: {shape: [n], role: input}, f: {shape: []}}
define: ['f = \sum_{i=1}^{n-1} x_i y_{i+1}']
"""
STEPS = r"""
dims: {T: steps, n: width}
symbols:
  h: {shape: [T, n], role: input}
  W: {shape: [n, n], role: param}
  f: {shape: []}
define: ['f = \frac12 \sum_{t=2}^T \|h_t - W h_{t-1}\|^2']
"""
DIFFERENCES = r"""
dims: {n: length}
symbols: {x: {shape: [n], role: input}, d: {shape: [n-1]}, f: {shape: []}}
define: ['d_i = x_{i+1} - x_i', 'f = \frac12 \sum_i d_i^2']
"""
WINDOWS = r"""
dims: {n: in, k: kernel}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n-k+1]}
  L: {shape: [], role: loss, of: y}
define: ['y_i = \sum_{j=1}^k w_j x_{i+j-1}']
"""
STRING = r"""
dims: {n: length}
symbols: {x: {shape: [n], role: input}, f: {shape: []}}
define: ['f = \sum_{i=1}^{n-1} (x_{i+1} - x_i)^2']
"""
CLASSES = r"""
dims: {K: classes}
symbols: {z: {shape: [K], role: param}, p: {shape: [K]}, x: {shape: [K], role: input}}
define: ['p = \mathrm{softmax}(z)']
"""
LAGS = r"""
dims: {T: times, p: lags}
symbols:
  y: {shape: [T], role: input}
  a: {shape: [p], role: param}
  c: {shape: [], role: param}
  S: {shape: []}
  h: {shape: []}
  k: {shape: []}
define:
  - S = \sum_{t=p+1}^T (y_t - c)^2
  - h = \frac12\sum_{t=p+1}^T (y_t - \sum_{i=1}^p a_i y_{t-i})^2
  - k = \sum_{t=3}^T y_{t-2}^2
"""
NEIGHBOURS = r"""
dims: {n: times}
symbols: {x: {shape: [n], role: input}, f: {shape: []}}
define: ['f = \sum_{i=2}^n x_i x_{i-1}']
"""
ROWS = (
    r"\frac{\partial f}{\partial x_i} = \begin{cases} x_2 & i=1 \\"
    r" x_{i+1} + x_{i-1} & 1<i<n \\ x_{n-1} & i=n \end{cases}"
)
FIRST, LAST = r"\frac{\partial L}{\partial w_1}", r"\frac{\partial L}{\partial w_k}"


def verdict(header: str, claim: str) -> str:
    (found,) = check(read(f"---\nderive: 1{header}---\n$${claim}$$\n", "n.md")).verdicts
    return found.verdict


@pytest.mark.parametrize(
    ("header", "claim"),
    [
        (SHIFTED, r"\frac{\partial f}{\partial x_1} = y_2"),
        (SHIFTED, r"\frac{\partial f}{\partial x_n} = 0"),
        (SHIFTED, r"\frac{\partial}{\partial x_1} \sum_{i=2}^n x_i x_{i-1} = x_2"),
        (STEPS, r"\frac{\partial f}{\partial W} = -\sum_{t=2}^T (h_t - W h_{t-1}) h_{t-1}^\top"),
        (DIFFERENCES, r"\frac{\partial f}{\partial x_1} = -d_1"),
        (DIFFERENCES, r"\frac{\partial f}{\partial x_n} = d_{n-1}"),
        (DIFFERENCES, r"\frac{\partial f}{\partial x_i} = d_{i-1} - d_i \quad 1 < i < n"),
        # It is said of those i that d has.
        (DIFFERENCES, r"\frac{\partial (d_i^2)}{\partial x_i} = -2 (x_{i+1} - x_i)"),
        (DIFFERENCES, r"\frac{\partial d_i}{\partial x_{i+1}} = x_i / x_i"),
        (WINDOWS, rf"{FIRST} = \sum_{{i=1}}^{{n-k+1}} \frac{{\partial L}}{{\partial y_i}} x_i"),
        (WINDOWS, rf"{FIRST} = \sum_i \frac{{\partial L}}{{\partial y_i}} x_i"),
        (WINDOWS, rf"{LAST} = \sum_i \frac{{\partial L}}{{\partial y_i}} x_{{i+k-1}}"),
        (CLASSES, r"p_K = 1 - \sum_{k=1}^{K-1} p_k"),
        (CLASSES, r"\frac{\partial p_K}{\partial z_K} = p_K (1 - p_K)"),
        (CLASSES, r"\sum_{k=1}^{K-1} \frac{\partial p_k}{\partial z_K} = -p_K (1 - p_K)"),
        (CLASSES, r"\sum_{i=1}^{K-1} (x_{i+1} - x_i) = x_K - x_1"),
        (NEIGHBOURS, ROWS),
        (NEIGHBOURS.replace("{n: times}", "{n: 2}"), ROWS),
        # Nor is n = 1 meant where a sum ends at n - 1.
        (STRING, r"\frac{\partial^2 f}{\partial x_1^2} = 2"),
        # A sum has a size's name for its index.
        (CLASSES, r"\sum_K p_K = 1"),
        # No sizes are meant at which p ≥ T.
        (LAGS, r"\frac{\partial^2 S}{\partial c^2} = 2(T-p)"),
        (LAGS, r"\frac{\partial^2 S}{\partial c^2} = 2\sum_{t=p+1}^T 1"),
        # What its limits are says how many values an index takes.
        (LAGS, r"\frac{\partial^2 h}{\partial a_i\partial a_j} = \sum_{t=p+1}^T y_{t-i} y_{t-j}"),
        (LAGS, r"k = \sum_{t=1}^{T-2} y_t^2"),
        (LAGS, r"k = \sum_{t=4}^{T+1} y_{t-3}^2"),
        (LAGS, r"k = \sum_{t=0}^{T-3} y_{t+1}^2"),
    ],
)
def test_what_is_right_is_not_called_wrong(header: str, claim: str) -> None:
    assert verdict(header, claim) in ("proved", "agrees")


@pytest.mark.parametrize(
    ("header", "claim", "found"),
    [
        (SHIFTED, r"\frac{\partial f}{\partial x_1} = y_1", "wrong"),
        (STEPS, r"\frac{\partial f}{\partial W} = -\sum_{t=1}^T (h_t - W h_t) h_t^\top", "wrong"),
        (DIFFERENCES, r"\frac{\partial f}{\partial x_n} = d_n", "ill-formed"),
        # There is an x_n, but no d_n.
        (DIFFERENCES, r"\frac{\partial f}{\partial x_i} = -d_i", "ill-formed"),
        (DIFFERENCES, r"\frac{\partial d_i}{\partial x_i} = x_i / x_i", "wrong"),
        (NEIGHBOURS, ROWS.replace("x_{n-1}", "x_n"), "wrong"),
        (NEIGHBOURS, ROWS.replace("x_{i+1} +", "x_{i+1} -"), "wrong"),
        (WINDOWS, rf"{FIRST} = \sum_i \frac{{\partial L}}{{\partial y_i}} x_{{i+1}}", "wrong"),
        (CLASSES, r"\frac{\partial p_K}{\partial z_K} = p_K", "wrong"),
        (CLASSES, r"\sum_{i=1}^{K-1} (x_{i+1} - x_i) = x_{K-1} - x_1", "wrong"),
        (LAGS, r"\frac{\partial^2 S}{\partial c^2} = 2(T-p+1)", "wrong"),
        (LAGS, r"k = \sum_{t=2}^T y_{t-1}^2", "wrong"),
        (LAGS, r"k = \sum_{t=0}^{T-2} y_{t+1}^2", "wrong"),
        (LAGS, r"k = \sum_{t=3}^{T+1} y_{t-2}^2", "wrong"),
        (LAGS, r"k = \sum_{t=2}^T y_{t-2}^2", "ill-formed"),
    ],
)
def test_what_is_wrong_is_found(header: str, claim: str, found: str) -> None:
    assert verdict(header, claim) == found


def test_of_an_axis_without_inner_entries_nothing_is_said() -> None:
    claim = r"\frac{\partial f}{\partial x_i} = x_{i+1} + x_{i-1} \quad\text{for } 1<i<n"
    assert verdict(NEIGHBOURS, claim) in ("proved", "agrees")
    assert verdict(NEIGHBOURS.replace("{n: times}", "{n: 2}"), claim) == "unreadable"


def test_a_wrong_row_has_a_witness_and_a_repair_with_sizes_and_indices_as_they_are() -> None:
    claim = ROWS.replace("x_{i+1} +", "x_{i+1} -")
    (found,) = check(read(f"---\nderive: 1{NEIGHBOURS}---\n$${claim}$$\n", "n.md")).verdicts
    assert found.witness is not None
    assert found.repairs[0].latex == ROWS
    for repair in found.repairs:
        assert r"n^\top" not in repair.latex
        assert "i^" not in repair.latex

"""A sum over the wrong part of an axis, and an entry at swapped places, are put right."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: samples, n: dims, m: outs}
symbols:
  X: {shape: [N, n], role: input}
  W: {shape: [n, m], role: param}
  Y: {shape: [N, m]}
  L: {shape: [], role: loss, of: Y}
  G: {shape: [N, m]}
  r: {shape: [n], role: input}
  y: {shape: [n]}
  z: {shape: [n]}
  S: {shape: []}
  T: {shape: []}
  V: {shape: [n, n], role: param}
  q: {shape: []}
define:
  - Y = X W
  - y_i = \sum_{t=1}^i r_t
  - S = \sum_i y_i^2
  - z_i = \sum_{t=i}^n r_t
  - T = \sum_i z_i^2
  - q = \sum_i \sum_{j \neq i} V_{ij} r_i r_j
---

$G = \frac{\partial L}{\partial Y}$.
"""
W = r"\frac{\partial L}{\partial W_{ij}}"


@pytest.mark.parametrize(
    ("claim", "repaired"),
    [
        (rf"{W} = \sum_{{k}} X_{{ik}}G_{{kj}}", r"\sum_{k} X_{ki}G_{kj}"),
        (rf"{W} = \sum_{{k}} G_{{kj}}X_{{ik}}", r"\sum_{k} G_{kj}X_{ki}"),
        (
            r"\frac{\partial S}{\partial r_i} = 2\sum_{t=1}^{i} y_t",
            r"2\sum_{t=i}^{n} y_t",
        ),
        (r"\frac{\partial T}{\partial r_i} = 2\sum_{t=i}^{n} z_t", r"2\sum_{t=1}^{i} z_t"),
        (
            r"\frac{\partial q}{\partial r_i} = \sum_{j} (V_{ij} + V_{ji}) r_j",
            r"\sum_{j \neq i} (V_{ij} + V_{ji}) r_j",
        ),
        (
            r"\frac{\partial q}{\partial r_i} = \sum_j (V_{ij} + V_{ji}) r_j",
            r"\sum_{j \neq i} (V_{ij} + V_{ji}) r_j",
        ),
    ],
)
def test_places_are_put_right(claim: str, repaired: str) -> None:
    verdict = check(read(f"{HEADER}\n$${claim}$$", "n.md")).verdicts[-1]
    assert not verdict.fine
    assert verdict.repairs[0].latex.split(" = ", 1)[1] == repaired


RISKS = r"""---
derive: 1
dims: {A: actions, N: subjects, P: covariates}
symbols:
  \theta: {shape: [A], role: param}
  \pi: {shape: [A]}
  x: {shape: [N, P], role: constant}
  \beta: {shape: [P], role: param}
  d: {shape: [N], role: label}
  r: {shape: [N]}
  \ell: {shape: []}
define:
  - \pi = \mathrm{softmax}(\theta)
  - r_i = \exp(\beta^\top x_i)
  - \ell = \sum_{i=1}^N d_i \left( \beta^\top x_i - \log \sum_{j=i}^N r_j \right)
---
"""
RISK = r"\sum_{i=1}^N d_i \left( x_i - \frac{\sum_{j=1}^N r_j x_j}{\sum_{j=1}^N r_j} \right)"


@pytest.mark.parametrize(
    ("claim", "repaired"),
    [
        (rf"\frac{{\partial \ell}}{{\partial \beta}} = {RISK}", RISK.replace("j=1", "j=i")),
        (r"\nabla_\theta \log \pi_a = 1 - \pi", r"e_a - \pi"),
    ],
)
def test_a_part_is_put_where_all_of_it_stands(claim: str, repaired: str) -> None:
    verdict = check(read(f"{RISKS}\n$${claim}$$", "n.md")).verdicts[-1]
    assert verdict.verdict == "wrong"
    assert verdict.repairs[0].latex.split(" = ", 1)[1] == repaired

"""An index that is off by one is put right, in the note's own way of writing."""

import pytest

from derive.cli._derived import derived_forms
from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {T: length, C: kernel, n: states}
symbols:
  u: {shape: [T], role: input}
  \kappa: {shape: [C], role: param}
  q: {shape: [T-C+1]}
  L: {shape: [], role: loss, of: q}
  A: {shape: [n, n], role: param}
  x: {shape: [T, n], role: input}
  S: {shape: []}
define:
  - q_t = \sum_{i=1}^C \kappa_i u_{t+i-1}
  - S = \frac12 \sum_{t=2}^T \sum_j x_{t,j} x_{t-1,j}
---
"""


@pytest.mark.parametrize(
    ("claim", "repaired"),
    [
        (r"\frac{\partial q_t}{\partial \kappa_i} = u_{t+i}", "u_{t+i-1}"),
        (r"\frac{\partial q_t}{\partial \kappa_i} = u_{t + i - 2}", "u_{t + i - 1}"),
        (
            r"\frac{\partial L}{\partial \kappa_i}"
            r" = \sum_t \frac{\partial L}{\partial q_t} u_{t+i}",
            r"\sum_t \frac{\partial L}{\partial q_t} u_{t+i-1}",
        ),
        (r"\frac{\partial q_t}{\partial \kappa_1} = u_{t+1}", "u_{t}"),
        (r"S = \frac12 \sum_{t=2}^T \sum_j x_{tj} x_{tj}", "x_{t-1,j}"),
    ],
)
def test_an_index_is_moved_by_one(claim: str, repaired: str) -> None:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert not verdict.fine
    assert repaired in verdict.repairs[0].latex.split(" = ", 1)[1]


def test_what_is_read_outside_is_called_as_the_note_calls_it() -> None:
    claim = r"\frac{\partial L}{\partial u_s} = \frac{\partial L}{\partial q_{s+1}}"
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.0).verdicts
    what = r"\partial L/\partial q is read outside its range"
    assert [problem.message for problem in verdict.problems] == [what]


@pytest.mark.parametrize("base", [0, 1])
@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial g_i}{\partial x_i} = x_i", "x_{i + 1}"),
        (r"\frac{\partial g_i}{\partial x_{i+1}} = 2 x_i", "x_i"),
        (r"\frac{\partial h}{\partial M_{c_i, j}} = M_{ij}", r"2 M_{c_j,j} \delta_{c_j,c_i}"),
    ],
)
def test_the_right_form_has_the_places_that_are_computed(claim: str, right: str, base: int) -> None:
    header = rf"""---
derive: 1
index_base: {base}
dims: {{n: length, m: length}}
symbols:
  x: {{shape: [n], role: input}}
  M: {{shape: [m, n], role: param}}
  c: {{shape: [n], role: index}}
  g: {{shape: [n-1]}}
  h: {{shape: []}}
define:
  - g_i = x_{{i+1}} x_i
  - h = \sum_i M_{{c_i, i}}^2
---
"""
    checked = check(read(f"{header}$${claim}$$", "n.md"), 0.0)
    assert right in derived_forms(checked)[1].split(" = ")[1]

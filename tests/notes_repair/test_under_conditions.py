"""What is claimed under a condition is mended for where the condition holds."""

import pytest

from derive.cli._derived import derived_forms
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.report import repaired
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: dims}
symbols:
  y: {shape: [], role: label}
  z: {shape: [], role: input}
  J: {shape: []}
  r: {shape: [], role: input}
  d: {shape: [], role: constant}
  H: {shape: []}
  u: {shape: [n], role: input}
  v: {shape: [n], role: input}
  m: {shape: [], role: constant}
  D: {shape: []}
  L: {shape: []}
define:
  - J = -y \log \sigma(z) - (1-y) \log(1 - \sigma(z))
  - H = \begin{cases} \frac12 r^2 & |r| \le d \\ d(|r| - \frac12 d) & \text{otherwise}\end{cases}
  - D = \|u - v\|
  - L = y D^2 + (1 - y) \max(0, m - D)^2
assume:
  - y \in \{0, 1\}
  - d > 0
  - m > 0
---
"""
J = r"\frac{\partial J}{\partial z}"
H = r"\frac{\partial H}{\partial r}"
L = r"\frac{\partial L}{\partial v}"


def wrong(text: str) -> Verdict:
    found = check(read(f"{HEADER}\n{text}\n", "note.md")).verdicts
    (verdict,) = (v for v in found if v.verdict != "not-a-claim")
    assert verdict.verdict == "wrong"
    return verdict


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (rf"For $y = 0$, ${J} = -\sigma(z)$.", rf"{J} = \sigma(z)"),
        (rf"For $y = 1$, ${J} = 1 - \sigma(z)$.", rf"{J} = -\left(1 - \sigma(z)\right)"),
        (rf"For $r > d$, ${H} = -d$.", rf"{H} = d"),
        (rf"For $r < -d$, ${H} = d$.", rf"{H} = -d"),
        (
            rf"For $y = 0$ and $D < m$: ${L} = -2(m-D)\frac{{u - v}}{{D}}$.",
            rf"{L} = 2(m-D)\frac{{u - v}}{{D}}",
        ),
    ],
)
def test_a_repair_holds_where_the_claim_is_made(text: str, mended: str) -> None:
    found = wrong(text)
    assert repaired(found, found.repairs[0]) == mended


@pytest.mark.parametrize(("value", "right"), [("0", r"\sigma(z)"), ("1", r"\sigma(z) - 1")])
def test_the_right_form_has_the_values_that_are_supposed(value: str, right: str) -> None:
    checked = check(read(rf"{HEADER}For $y = {value}$, ${J} = z$.", "n.md"), 0.1)
    (found,) = derived_forms(checked).values()
    assert found.endswith(right)
    assert "y" not in found

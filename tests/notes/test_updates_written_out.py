r"""An update goes against the gradient, written out or not."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: s, d: f}
symbols:
  X: {shape: [n, d], role: input}
  P: {shape: [d, d], role: constant}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  J: {shape: []}
  '\eta': {shape: [], role: constant}
define:
  - J = \frac12\|Xw-y\|^2
---
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"w \leftarrow w - \eta X^\top(Xw-y)", "proved"),
        (r"w \leftarrow w + \eta X^\top(y-Xw)", "proved"),
        (r"w \leftarrow w - \frac{\eta}{n} X^\top(Xw-y)", "proved"),
        (r"w := w - \eta(X^\top Xw - X^\top y)", "proved"),
        (r"w_j \leftarrow w_j - \eta \sum_i X_{ij}(\sum_k X_{ik}w_k - y_i)", "proved"),
        (r"w \leftarrow w + \eta X^\top(Xw-y)", "wrong"),
        (r"w \leftarrow w - \eta X^\top(y-Xw)", "wrong"),
        (r"w := w + \eta X^\top(Xw-y)", "wrong"),
        # What is no gradient claims nothing.
        (r"w \leftarrow w - \eta X^\top y", "not-a-claim"),
        (r"w \leftarrow w + \eta w", "not-a-claim"),
        (r"w \leftarrow w + P X^\top(Xw-y)", "not-a-claim"),
        (r"w := w + \eta X^\top y", "not-a-claim"),
    ],
)
def test_a_step_is_judged_where_it_is_along_the_gradient(step: str, verdict: str) -> None:
    (found,) = check(read(f"{HEADER}$${step}$$", "n.md"), 0.0).verdicts
    assert found.verdict == verdict


@pytest.mark.parametrize(("sign", "verdict"), [("-", "proved"), ("+", "wrong"), (r"- 2", "proved")])
def test_what_is_below_a_rate_may_belong_to_the_gradient(sign: str, verdict: str) -> None:
    header = HEADER.replace(r"\frac12\|Xw-y\|^2", r"\frac1{2n}\|Xw-y\|^2")
    assert header != HEADER
    step = rf"w \leftarrow w {sign}\frac{{\eta}}{{n}} X^\top(Xw-y)"
    (found,) = check(read(f"{header}$${step}$$", "n.md"), 0.0).verdicts
    assert found.verdict == verdict


def test_the_sign_is_what_is_repaired():
    (found,) = check(read(rf"{HEADER}$$w \leftarrow w + \eta X^\top(Xw-y)$$", "n.md")).verdicts
    assert found.repairs[0].latex == r"w \leftarrow w - \eta X^\top(Xw-y)"


def test_with_two_objectives_nobody_knows_which_is_meant():
    header = HEADER.replace("  J:", "  R: {shape: []}\n  J:")
    header = header.replace("\n---\n", "\n  - R = \\|w\\|^2\n---\n")
    (found,) = check(read(rf"{header}$$w \leftarrow w + \eta X^\top(Xw-y)$$", "n.md")).verdicts
    assert found.verdict == "not-a-claim"


FACTORS = r"""---
derive: 1
dims: {n: s, d: f}
symbols:
  X: {shape: [n, d], role: input}
  R: {shape: [n, n], role: constant}
  Q: {shape: [d, d], role: constant}
  S: {shape: [d, d], role: constant}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  v: {shape: [d], role: constant}
  c: {shape: [], role: constant}
  m: {shape: [], role: constant}
  b: {shape: [], role: constant}
  a: {shape: [], role: param}
  J: {shape: []}
define:
  - J = \frac12\|Xw-y\|^2
assume:
  - c > 0
  - m < 0
  - v > 0
  - S = S^\top
---
"""


@pytest.mark.parametrize(
    ("step", "verdict"),
    [
        (r"- c \nabla_w J", "proved"),
        (r"+ (-c) \nabla_w J", "proved"),
        (r"- b \nabla_w J", "proved"),
        (r"- \frac{c}{b} \nabla_w J", "proved"),
        (r"- \eta_t \nabla_w J", "proved"),
        (r"- m \nabla_w J", "wrong"),
        (r"+ m \nabla_w J", "proved"),
        (r"- (-c) \nabla_w J", "wrong"),
        (r"- (-\eta) \nabla_w J", "wrong"),
        (r"- (2 - 5) \nabla_w J", "wrong"),
        (r"- (-c) X^\top(Xw - y)", "wrong"),
        (r"- (2 - 5) X^\top(Xw - y)", "wrong"),
        (r"+ m X^\top(Xw - y)", "proved"),
        (r"- a \nabla_w J", "not-a-claim"),
        (r"- (1 - c) \nabla_w J", "not-a-claim"),
        (r"- (1 - c) X^\top(Xw - y)", "not-a-claim"),
        (r"- \frac{c}{1 + c} \nabla_w J", "agrees"),
        (r"- \frac{\eta}{\|\nabla_w J\|} \nabla_w J", "agrees"),
        (r"- \eta v \odot \nabla_w J", "agrees"),
        (r"+ \eta v \odot \nabla_w J", "wrong"),
        (r"- \eta w \odot \nabla_w J", "not-a-claim"),
        (r"- X^\top X \nabla_w J", "agrees"),
        (r"- (-X^\top X) \nabla_w J", "wrong"),
        (r"- (\nabla_w^2 J)^{-1} \nabla_w J", "agrees"),
        (r"+ (\nabla_w^2 J)^{-1} \nabla_w J", "wrong"),
        (r"- Q \nabla_w J", "not-a-claim"),
        (r"- R \nabla_w J", "ill-formed"),
        (r"- X \nabla_w J", "ill-formed"),
        (r"- y \nabla_w J", "ill-formed"),
        (r"- T \nabla_w J", "ill-formed"),
        (r"- c K \nabla_w J", "ill-formed"),
        (r"- \eta \nabla_w K", "ill-formed"),
        (r"- (X^\top T X) \nabla_w J", "ill-formed"),
        (r"- \eta \frac{\partial J}{\partial w_i}", "ill-formed"),
        (r"- (X X^\top)^{-1} \nabla_w J", "unreadable"),
        (r"- c (\nabla_w J)^\top", "correct-up-to-layout"),
    ],
)
def test_a_step_goes_down_by_all_that_stands_before_the_gradient(step: str, verdict: str) -> None:
    (found,) = check(read(rf"{FACTORS}$$w \leftarrow w {step}$$", "n.md"), 0.0).verdicts
    assert found.verdict == verdict


@pytest.mark.parametrize("step", [r"- (-c) \nabla_w J", r"+ c \nabla_w J", r"- m X^\top(Xw-y)"])
def test_the_repair_of_a_step_uphill_goes_down(step: str) -> None:
    (found,) = check(read(rf"{FACTORS}$$w \leftarrow w {step}$$", "n.md"), 0.0).verdicts
    (again,) = check(read(f"{FACTORS}$${found.repairs[0].latex}$$", "n.md"), 0.0).verdicts
    assert again.verdict == "proved"


def test_a_rate_that_is_not_declared_is_said_to_be_taken_as_positive() -> None:
    (found,) = check(read(rf"{FACTORS}$$w \leftarrow w - \eta \nabla_w J$$", "n.md")).verdicts
    assert found.readings == (r"took \eta, which is not declared, as a positive number",)


def test_a_new_value_under_a_name_of_its_own_is_a_step_too() -> None:
    header = FACTORS.replace("  J:", "  w^+: {shape: [d]}\n  J:")
    (found,) = check(read(rf"{header}$$w^+ = w - (-c) \nabla_w J$$", "n.md"), 0.0).verdicts
    assert found.verdict == "wrong"


def test_a_step_between_words_that_cannot_be_read_is_reported() -> None:
    text = rf"{FACTORS}Take $w \leftarrow w + -1 \cdot \nabla_w J$."
    (found,) = check(read(text, "n.md")).verdicts
    assert found.verdict == "unreadable"

r"""Values that a symbol has in turn, ``w_{t+1} = w_t - \eta \nabla J(w_t)``: no entries of it."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: s, d: f}
symbols:
  X: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  J: {shape: []}
  '\eta': {shape: [], role: constant}
define:
  - J(w) = \frac12\|Xw-y\|^2
---
"""
SQUARES = r"""---
derive: 1
dims: {n: s, d: f}
symbols:
  X: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  q: {shape: []}
define:
  - q(w) = \|w\|^2
---
"""
NUMBER = r"""---
derive: 1
symbols:
  w: {shape: [], role: param}
  J: {shape: []}
  '\eta': {shape: [], role: constant}
define:
  - J(w) = w^4
---
"""


def judged(header: str, claim: str) -> Verdict:
    (found,) = check(read(f"{header}$${claim}$$\n", "n.md"), 0.0).verdicts
    return found


@pytest.mark.parametrize(
    ("header", "step", "verdict"),
    [
        (HEADER, r"w_{t+1} = w_t - \eta\nabla J(w_t)", "proved"),
        (HEADER, r"w_{t+1} \leftarrow w_t - \eta\nabla J(w_t)", "proved"),
        (HEADER, r"w_1 = w_0 - \eta\nabla J(w_0)", "proved"),
        (HEADER, r"w^{(t+1)} = w^{(t)} - \eta\nabla J(w^{(t)})", "proved"),
        (HEADER, r"w^{t+1} = w^t - \eta\nabla J(w^t)", "proved"),
        (HEADER, r"w_{t+1} = w_t - \eta X^\top (X w_t - y)", "proved"),
        (HEADER, r"w' = w - \eta\nabla J(w)", "proved"),
        (HEADER, r"w^+ = w - \eta\nabla J(w)", "proved"),
        (HEADER, r"w_{\text{new}} = w - \eta\frac{\partial J}{\partial w}", "proved"),
        (HEADER, r"\Delta w = -\eta\nabla J(w)", "proved"),
        (NUMBER, r"w^{-1} = w - \eta J'(w)", "wrong"),
        (NUMBER, r"w^2 = w - \eta J'(w)", "wrong"),
        (HEADER, r"\Delta w = \eta X^\top(y - Xw)", "proved"),
        (NUMBER, r"w_{t+1} = w_t - \eta J'(w_t)", "proved"),
        (NUMBER, r"w_{t+1} = w_t + \eta (4 w_t^3)", "wrong"),
        (HEADER, r"w_{t+1} = w_t + \eta\nabla J(w_t)", "wrong"),
        (HEADER, r"w_{t+1} = w_t - \eta X^\top (y - X w_t)", "wrong"),
        (HEADER, r"\Delta w = \eta\nabla J(w)", "wrong"),
        # No step along the gradient claims anything.
        (NUMBER, r"w_{t+1} = w_t - \frac{J'(w_t)}{J''(w_t)}", "not-a-claim"),
        (HEADER, r"w_{t+1} = w_t - \frac{\nabla J(w_t)}{\|\nabla J(w_t)\|}", "not-a-claim"),
    ],
)
def test_a_step_to_the_next_value_is_an_update(header: str, step: str, verdict: str) -> None:
    assert judged(header, step).verdict == verdict


def test_the_sign_of_the_step_is_what_is_repaired() -> None:
    (found,) = check(read(rf"{HEADER}$$w_{{t+1}} = w_t + \eta\nabla J(w_t)$$", "n.md")).verdicts
    assert found.repairs[0].latex == r"w_{t+1} = w_t - \eta\nabla J(w_t)"


@pytest.mark.parametrize(
    ("header", "claim", "verdict"),
    [
        (HEADER, r"\nabla J(w_t) = X^\top(X w_t - y)", "proved"),
        (HEADER, r"\nabla J(w_t) = X^\top(X w_t + y)", "wrong"),
        (HEADER, r"\nabla J(w^{(k)}) = X^\top(X w^{(k)} - y)", "proved"),
        # Of two of them nothing is known.
        (HEADER, r"J(w_{t+1}) = J(w_t)", "unreadable"),
        (HEADER, r"w_{t+1} - w_t = -\eta\nabla J(w_t)", "unreadable"),
        # A row of a matrix is an argument as long as w.
        (SQUARES, r"q(X_i) = \|X_i\|^2", "proved"),
        (SQUARES, r"\nabla q(X_i) = 2 X_i", "proved"),
        (SQUARES, r"\nabla q(X_i) = X_i", "wrong"),
        (SQUARES, r"\nabla q(X_i) = 2 X_j", "ill-formed"),
    ],
)
def test_an_argument_of_another_shape_is_w_at_some_step(
    header: str, claim: str, verdict: str
) -> None:
    assert judged(header, claim).verdict == verdict


@pytest.mark.parametrize("claim", [r"\nabla J(X_{it}) = w_t", r"\nabla J(y_t) = 0", "J(y_t) = 0"])
def test_an_index_of_nothing_stops_nothing(claim: str) -> None:
    assert not judged(HEADER, claim).fine


@pytest.mark.parametrize(
    ("following", "now"),
    [
        ("w^{new}", "w"),
        (r"w^{\text{new}}", "w"),
        ("w^{new}", "w^{old}"),
        ("w_{new}", "w_{old}"),
        ("w^{(new)}", "w^{(old)}"),
        ("w^{next}", "w"),
        ("w^{(t+1)}", "w^{(t)}"),
    ],
)
def test_a_word_may_say_which_value_it_is(following: str, now: str) -> None:
    for sign, verdict in ("-", "proved"), ("+", "wrong"):
        for gradient in rf"\nabla J({now})", rf"X^\top(X {now} - y)":
            found = judged(HEADER, rf"{following} = {now} {sign} \eta {gradient}")
            assert found.verdict in (verdict, "agrees" if sign == "-" else verdict)


BARE = HEADER.replace("J(w) =", "J =")


@pytest.mark.parametrize(
    ("header", "step", "verdict"),
    [
        (HEADER, r"w \mathrel{-}= \eta\nabla_w J", "proved"),
        (HEADER, r"w \mathrel{+}= \eta\nabla_w J", "wrong"),
        (HEADER, r"w -= \eta\nabla J(w)", "proved"),
        (HEADER, r"w += \eta X^\top(y - Xw)", "proved"),
        (HEADER, r"w -= \eta X^\top(y - Xw)", "wrong"),
        (HEADER, r"w += X", "not-a-claim"),
        (BARE, r"w_{t+1} = w_t - \eta\nabla J(w_t)", "proved"),
        (BARE, r"w^{(t+1)} = w^{(t)} + \eta\nabla J(w^{(t)})", "wrong"),
        (BARE, r"w -= \eta\nabla J(w)", "proved"),
    ],
)
def test_steps_in_the_manner_of_programs_and_of_a_loss_without_its_argument(
    header: str, step: str, verdict: str
) -> None:
    assert judged(header, step).verdict == verdict


def test_the_sign_of_a_step_in_the_manner_of_programs_is_mended() -> None:
    assert judged(HEADER, r"w \mathrel{+}= \eta\nabla_w J").repairs[0].latex == (
        r"w \mathrel{-}= \eta\nabla_w J"
    )

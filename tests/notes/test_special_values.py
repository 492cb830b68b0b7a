r"""Claims that are made for special values: ``\text{if } b = 0``, ``when $b = 0$``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {N: samples}
symbols:
  x: {shape: [N], role: input}
  w: {shape: [N], role: param}
  b: {shape: [], role: param}
  y: {shape: [N], role: label}
  h: {shape: [N]}
  \bar x: {shape: []}
  L: {shape: []}
  q: {shape: []}
define:
  - h = w\odot x + b
  - L = \frac12\|h - y\|^2
  - \bar x = \frac1N\sum_n x_n
  - q = \frac12\sum_n (x_n - b)^2
---
"""
D = r"\frac{\partial L}{\partial w}"
AT_0 = rf"{D} = (w\odot x - y)\odot x"
TWICE = rf"{D} = 2(w\odot x - y)\odot x"


def judged(body: str) -> list[Verdict]:
    found = check(read(f"{HEADER}\n{body}\n", "note.md"), 0.0).verdicts
    return [verdict for verdict in found if verdict.verdict != "not-a-claim"]


def words(body: str) -> list[str]:
    return [verdict.verdict for verdict in judged(body)]


@pytest.mark.parametrize(
    "body",
    [
        rf"$${AT_0} \quad\text{{if }} b = 0$$",
        rf"$${AT_0} \quad\text{{for }} b = 0$$",
        rf"$${AT_0} \quad\text{{at }} b = 0$$",
        rf"$${AT_0}, \qquad\text{{when }} b = 0$$",
        rf"When $b = 0$, ${AT_0}$.",
        rf"If $b = 0$ then $${AT_0}.$$",
        rf"At $b = 0$ it is ${AT_0}$.",
        rf"With $b = 0$ we have ${AT_0}$.",
        rf"Suppose $b = 0$. Then ${AT_0}$.",
        rf"Assume that $b = 0$. In this case $${AT_0}.$$",
        rf"Si $b = 0$. Entonces ${AT_0}$.",
        rf"It is ${AT_0}$ if $b = 0$.",
        rf"$${D} = 0 \quad\text{{if }} x = 0$$",
        rf"$${D} = 0 \quad\text{{if }} x = \mathbf 0$$",
        r"$$\frac{\partial q}{\partial b} = 0 \quad\text{at } b = \bar x$$",
        r"At $b = \bar x$ we find $\frac{\partial q}{\partial b} = 0$.",
        r"$$\frac{\partial L}{\partial w_i} = x_1 (h_1 - y_1) \quad\text{for } i = 1$$",
        r"If $y = h$ then $\nabla_w L = 0$.",
        # What holds anyway needs no condition.
        rf"If $\|w\| = 1$ then ${D} = (h - y)\odot x$.",
    ],
)
def test_a_claim_is_judged_at_the_values_that_it_is_made_for(body: str) -> None:
    assert set(words(body)) <= {"proved", "agrees", "unreadable"}
    if "y = h" not in body:
        assert set(words(body)) <= {"proved", "agrees"}


@pytest.mark.parametrize(
    "body",
    [
        rf"$${TWICE} \quad\text{{if }} b = 0$$",
        rf"When $b = 0$, ${TWICE}$.",
        rf"$${D} = y \quad\text{{if }} x = 0$$",
        r"$$\frac{\partial q}{\partial b} = 1 \quad\text{at } b = \bar x$$",
        r"$$\frac{\partial L}{\partial w_i} = x_2 (h_1 - y_1) \quad\text{for } i = 1$$",
        # A definition that is written once more restricts nothing; another sentence has ended.
        rf"If $h = w\odot x + b$ then ${TWICE}$.",
        rf"When $b = 0$ all is easier. In general ${AT_0}$.",
        rf"Suppose $b = 0$. Then ${TWICE}$.",
        f"Suppose $b = 0$.\n\nThen ${AT_0}$.",
        rf"Suppose $b = 0$. All is easier. Then ${AT_0}$.",
        # What does not concern a claim does not restrict it.
        rf"For $\gamma = 0$ we get ${TWICE}$.",
    ],
)
def test_what_is_wrong_there_too_is_wrong(body: str) -> None:
    assert set(words(body)) == {"wrong"}


@pytest.mark.parametrize(
    "body",
    [
        rf"If $\|w\| = 1$ then ${TWICE}$.",
        rf"$${TWICE} \quad\text{{if }} h = 0$$",
        rf"$${D} = 0 \quad\text{{at }} w = w^*$$",
        r"When $y_i = h_i$, $\frac{\partial L}{\partial w_i} = 0$.",
    ],
)
def test_what_is_claimed_where_no_values_are_drawn_is_not_judged(body: str) -> None:
    assert set(words(body)) == {"unreadable"}


def test_then_carries_on_only_a_sentence_that_supposes_and_claims_nothing() -> None:
    assert words(rf"For $b = 0$ we have ${AT_0}$. Then ${AT_0}$.")[1:] == ["wrong"]


def test_the_witness_is_one_of_the_values_that_the_claim_is_made_for() -> None:
    (found,) = judged(r"$$\frac{\partial q}{\partial b} = 1 \quad\text{at } b = \bar x$$")
    assert found.witness is not None
    assert abs(found.witness.left) < 1e-9


FORMS = r"""---
derive: 1
dims: {N: samples, K: classes}
symbols:
  x: {shape: [N], role: input}
  A: {shape: [N, N], role: param}
  z: {shape: [K], role: input}
  t: {shape: [K], role: label}
  f: {shape: []}
  p: {shape: [K]}
  J: {shape: []}
define:
  - f = x^\top A x
  - p = \mathrm{softmax}(z)
  - J = -\sum_k t_k\log p_k
---
"""


def form(body: str, effort: float = 0.5) -> str:
    return check(read(f"{FORMS}\n{body}\n", "note.md"), effort).verdicts[-1].verdict


@pytest.mark.parametrize(
    "body",
    [
        r"If $A = A^\top$, then $\nabla_x f = 2Ax$.",
        r"If $A^\top = A$, then $\nabla_x f = 2Ax$.",
        r"$$\nabla_x f = 2Ax \quad\text{if } A = A^\top$$",
        r"$$\nabla_x f = 2x \quad\text{if } A = I$$",
        r"If $\sum_k t_k = 1$, then $\nabla_z J = p - t$.",
        r"For $K = 2$ we have $\frac{\partial p_1}{\partial z_2} = -p_1(1-p_1)$.",
    ],
)
def test_what_is_supposed_may_be_a_fact(body: str) -> None:
    assert form(body) in ("proved", "agrees")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"If $A = A^\top$, then $\nabla_x f = 3Ax$.", "unreadable"),
        (r"If $f = x^\top A x$, then $\nabla_x f = 2Ax$.", "wrong"),
        (r"If $f(x) = x^\top A x$, then $\nabla_x f = 2Ax$.", "wrong"),
        (r"$$\nabla_x f = 3x \quad\text{if } A = I$$", "wrong"),
        (r"$$\left.\nabla_x f\right|_{A = I} = 2x$$", "proved"),
        (r"$$\left.\nabla_x f\right|_{A = I_N} = 2x$$", "proved"),
        (r"For $K = 2$ we have $\frac{\partial p_1}{\partial z_2} = -p_1$.", "wrong"),
    ],
)
def test_else_a_claim_is_judged_as_far_as_it_can_be(body: str, expected: str) -> None:
    assert form(body) == expected

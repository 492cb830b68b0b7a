r"""What is required of a derivative is no claim, nor is what follows where it is met."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: s}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [n], role: param}
  c: {shape: [n], role: constant}
  L: {shape: []}
define:
  - L = \frac12\|w\|^2-w^\top x
---
"""
D = r"\nabla_w L"


def words(body: str) -> list[str]:
    found = check(read(HEADER + body, "n.md"), 0.0).verdicts
    return [v.verdict for v in found]


@pytest.mark.parametrize(
    "body",
    [
        rf"Setting ${D} = 0$ gives $w = x$.",
        rf"$${D} = 0 \implies w = x$$",
        rf"$${D} = 0 \iff w = x$$",
        rf"$${D} = 0 \Longrightarrow w = x$$",
        rf"$${D} = 0 \Longleftrightarrow w = x$$",
        rf"$${D} = 0 \quad \Rightarrow \quad w = x.$$",
        rf"$${D} \stackrel{{!}}{{=}} 0 \implies w = x$$",
        rf"\begin{{align}} {D} &= 0 \\ \Rightarrow w &= x \end{{align}}",
        rf"At the optimum, ${D} = 0$, so $w = x$.",
        rf"Solving ${D} = 0$ for $w$ yields $w = x$.",
        rf"The stationarity condition ${D} = 0$ gives us $w = x$.",
        rf"We require ${D} = \mathbf 0$. Hence $w = x$.",
        rf"${D} = 0$ at the minimum, where $w = x$.",
        rf"Setting the derivative to zero, $${D} = 0,$$ we get $$w = x.$$",
        rf"From ${D} = 0$ we get $w = x$.",
        rf"If ${D} = 0$, then $w = x$.",
        rf"Igualando ${D} = 0$ se obtiene $w = x$.",
        rf"Igualando a cero la derivada, ${D} = 0$, resulta $w = x$.",
        rf"Przyrównując ${D} = 0$ otrzymujemy $w = x$.",
        rf"W punkcie stacjonarnym ${D} = 0$, stąd $w = x$.",
        rf"Приравнивая производную к нулю, ${D} = 0$, получаем $w = x$.",
        rf"В точке минимума ${D} = 0$, откуда $w = x$.",
        rf"נשווה לאפס: ${D} = 0$, ולכן $w = x$.",
        rf"Setzt man ${D} = 0$, so folgt $w = x$.",
        rf"En posant ${D} = 0$, on trouve $w = x$.",
        rf"令 ${D} = 0$，得 $w = x$。",
        rf"${D} = 0$ only if $w = x$.",
        rf"We find $w = x$ by solving ${D} = 0$.",
        rf"The root of $${D} = 0$$ is $w = x$.",
        rf"Pour ${D} = 0$ il faut $w = x$.",
        rf"De ${D} = 0$ on tire $w = x$.",
        rf"For ${D} = 0$ we need $w = x$.",
    ],
)
def test_what_is_required_and_what_follows_from_it_are_no_claims(body: str) -> None:
    assert words(body) == ["not-a-claim"] * 2


@pytest.mark.parametrize(
    "words_before",
    [
        "Let",
        "Now let",
        "At convergence,",
        "When converged,",
        "The solution satisfies",
        "The minimiser $w$ satisfies",
        "We find $w$ with",
        "We look for $w$ such that",
        "We need",
        "This must equal zero:",
        "KKT conditions:",
        "Primal feasibility:",
        "The constraint is",
        "Sea",
        "Пусть",
    ],
)
def test_a_derivative_that_is_to_be_zero_is_not_said_to_be(words_before: str) -> None:
    assert words(f"{words_before} ${D} = 0$.") == ["not-a-claim"]
    assert words(f"{words_before} ${D} = w + x$.") == ["wrong"]


@pytest.mark.parametrize("before", ["We find", "We let $w = x$ and see", "It is clear that"])
def test_a_derivative_that_is_said_to_be_zero_is_claimed(before: str) -> None:
    assert "wrong" in words(f"{before} ${D} = 0$.")


def test_the_derivative_before_the_zero_is_claimed_all_the_same():
    assert words(rf"Setting $${D} = w - x = 0$$ gives the solution.") == ["proved", "not-a-claim"]
    assert words(rf"Setting $${D} = w + x = 0$$ gives the solution.") == ["wrong", "not-a-claim"]
    assert words(rf"$$0 = {D} = w - x \implies x = w$$")[1:] == ["proved", "not-a-claim"]


def test_conclusions_that_a_definition_settles_are_claims():
    set_to_zero = rf"Setting ${D} = 0$ with "
    assert words(rf"{set_to_zero} ${D} = w + x$.") == ["not-a-claim", "wrong"]
    assert words(rf"{set_to_zero} $L = w^\top x$.") == ["not-a-claim", "wrong"]
    assert words(rf"{set_to_zero} $\|w\|^2 = w^\top w$.") == ["not-a-claim", "proved"]


@pytest.mark.parametrize("scale", ["", "2 "])
def test_what_is_free_may_be_concluded_to_be_something_defined(scale: str) -> None:
    header = HEADER.replace("L: {", "\\bar x: {shape: [n]}\n  L: {").replace(
        "define:", "define:\n  - \\bar x = x"
    )
    body = rf"Setting ${D} = 0$ gives $w = {scale}\bar x$."
    found = check(read(header + body, "n.md"), 0.0).verdicts
    assert [v.verdict for v in found] == ["not-a-claim"] * 2
    found = check(read(rf"{header}It is $\bar x = 2 x$.", "n.md"), 0.0).verdicts
    assert [v.verdict for v in found] == ["wrong"]


MIXTURE = r"""---
derive: 1
dims: {N: n, K: k}
symbols:
  r: {shape: [N, K], role: constant}
  \pi: {shape: [K], role: param}
  \lambda: {shape: [], role: param}
  \Lambda: {shape: []}
define:
  - \Lambda = \sum_{n,k} r_{nk}\log\pi_k + \lambda\left(1 - \sum_k\pi_k\right)
assume:
  - \pi_k > 0
  - \sum_k r_{nk} = 1
---

Setting $\frac{\partial\Lambda}{\partial\pi_k} = 0$ gives $\pi_k = \frac1\lambda\sum_n r_{nk}$.
"""


def test_a_constraint_that_is_used_and_what_follows_from_it_are_no_claims():
    summed = r"Summing over $k$ and using $\sum_k\pi_k = 1$ gives $\lambda = N$"
    body = rf"{summed}, so that $\pi_k = \frac1N\sum_n r_{{nk}}$."
    found = check(read(MIXTURE + body, "n.md"), 0.0).verdicts
    assert [v.verdict for v in found] == ["not-a-claim"] * 5
    body = r"Using $\frac{\partial\Lambda}{\partial\lambda} = \sum_k\pi_k$ we go on."
    found = check(read(MIXTURE + body, "n.md"), 0.0).verdicts
    assert found[-1].verdict == "wrong"


@pytest.mark.parametrize(
    "body",
    [
        rf"We get ${D} = 0$.",
        rf"Plainly ${D} = 0$ for the training set.",
        rf"We want to show that ${D} = 0$.",
        rf"The gradient vanishes: ${D} = 0$.",
        rf"We set out. It is ${D} = 0$.",
        "It is $w = x$.",
        "Therefore $w = x$.",
    ],
)
def test_without_such_words_it_is_a_claim(body: str) -> None:
    assert words(body) == ["wrong"]


def test_the_next_sentence_concludes_nothing_unless_it_says_so():
    assert words(rf"Setting ${D} = 0$ solves it. It is $w = x$.") == ["not-a-claim", "wrong"]


@pytest.mark.parametrize("zero", [r"\mathbf 0", r"\boldsymbol 0", r"\vec 0", r"\mathbf{0}_n"])
def test_a_bold_zero_is_zero_of_any_shape(zero: str) -> None:
    assert words(rf"$$\nabla_x (c^\top w) = {zero}$$") == ["proved"]
    assert words(rf"$$\frac{{\partial c}}{{\partial w}} = {zero}$$") == ["proved"]
    assert words(rf"$$c - {zero} = c$$") == ["proved"]
    assert words(rf"$${D} = {zero}$$") == ["wrong"]


@pytest.mark.parametrize("arrow", [r"\impliedby", r"\Longleftarrow"])
def test_an_arrow_to_the_left_supposes_what_is_right_of_it(arrow: str) -> None:
    assert words(rf"$${D} = 0 {arrow} w = x$$") == ["proved"]
    assert words(rf"$${D} = 0 {arrow} w = 2x$$") == ["wrong"]


def test_that_it_is_zero_nowhere_is_no_claim_that_it_is_zero() -> None:
    assert words(rf"${D} = 0$ has no solution with $w_i > x_i$.") == ["not-a-claim"] * 2


def test_a_derivative_that_is_zero_for_some_values_is_claimed_to_be() -> None:
    assert words(rf"${D} = 0$ for all $w_i > 0$.")[0] in ("wrong", "unreadable")
    assert words(rf"We have $w = x$ by definition, and ${D} = 0$.")[1] == "wrong"

"""What can be read in two ways is read in the way in which it is true, and the report says so."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

NUMBERS = r"""---
derive: 1
symbols:
  x: {shape: [], role: input}
  y: {shape: [], role: label}
  g: {shape: []}
  L: {shape: []}
define:
  - g(x) = \frac{1}{1 + e^{-x}}
  - L = -y \log \sigma(x) - (1 - y) \log (1 - \sigma(x))
---
"""
VECTORS = r"""---
derive: 1
dims: {n: size}
symbols:
  u: {shape: [n], role: input}
  v: {shape: [n], role: input}
  s: {shape: []}
define:
  - s = u \cdot v
---
"""
POLICY = r"""---
derive: 1
dims: {A: actions, F: features}
symbols:
  \phi: {shape: [A, F], role: input}
  \theta: {shape: [F], role: param}
  r: {shape: [A], role: constant}
  \pi: {shape: [A]}
  Q: {shape: [A]}
  J: {shape: []}
  K: {shape: []}
define:
  - \pi_a = \frac{\exp(\theta^\top\phi_a)}{\sum_b\exp(\theta^\top\phi_b)}
  - J = \sum_a\pi_a r_a
  - Q_a = r_a \pi_a
  - K = \sum_a\pi_a Q_a
---
"""


def verdict(header: str, claim: str) -> Verdict:
    (found,) = check(read(f"{header}\n$$\n{claim}\n$$\n", "note.md"), 0.0).verdicts
    return found


@pytest.mark.parametrize(
    ("header", "claim", "reading"),
    [
        (
            NUMBERS,
            r"\frac{\partial}{\partial x} \log \sigma(x) (1 - y) = (1 - y) (1 - \sigma(x))",
            "took log as that of the first factor after it, times the rest",
        ),
        (
            NUMBERS,
            r"\frac{\partial}{\partial x} \log \sigma(x) (1 - y) = 1 - \sigma(x)",
            "took log as that of the whole product after it",
        ),
        (
            NUMBERS,
            r"L = -\log \sigma(x) y - (1 - y) \log (1 - \sigma(x))",
            "took log as that of the first factor after it, times the rest",
        ),
        (NUMBERS, r"\frac{dg}{dx} = g (1 - g)", "took g before brackets as a factor"),
        (
            VECTORS,
            r"\frac{\partial s}{\partial u_i} = v_i (u \cdot v) / (u \cdot v)",
            r"took \cdot between vectors as the scalar product",
        ),
        (
            VECTORS,
            r"\frac{\partial}{\partial u} \frac{1}{2} |u|^2 = u",
            "took bars around a vector as its norm",
        ),
        (
            POLICY,
            r"\nabla_\theta J = \sum_a \pi_a \nabla_\theta\log\pi_a\, r_a",
            "took log as that of the first factor after it, times the rest",
        ),
        (
            POLICY,
            r"\nabla_\theta K = 2 \sum_a \pi_a \nabla_\theta\log\pi_a\, Q_a",
            "took log as that of the first factor after it, times the rest",
        ),
        (
            NUMBERS,
            r"\frac{\partial}{\partial x} (\sin x\, y) = y \cos x",
            "took sin as that of the first factor after it, times the rest",
        ),
    ],
)
def test_the_reading_is_reported(header: str, claim: str, reading: str) -> None:
    found = verdict(header, claim)
    assert (found.verdict, found.problems) == ("proved", ())
    assert reading in found.readings


def test_no_reading_makes_a_wrong_claim_right() -> None:
    found = verdict(NUMBERS, r"\frac{\partial}{\partial x} \log \sigma(x) (1 - y) = 1 - y")
    assert not found.fine
    found = verdict(POLICY, r"\nabla_\theta J = \sum_a \nabla_\theta\log\pi_a\, r_a")
    assert found.verdict == "wrong"


def test_a_function_without_brackets_is_of_all_that_follows_where_that_is_true() -> None:
    found = verdict(NUMBERS, r"\frac{\partial}{\partial x} \sin x y = y \cos x y")
    assert (found.verdict, found.readings) == ("proved", ())


CONVOLUTION = r"""---
derive: 1
dims: {n: length, k: taps}
symbols:
  x: {shape: [n], role: input}
  w: {shape: [k], role: param}
  y: {shape: [n-k+1]}
  L: {shape: [], role: loss, of: y}
define:
  - y_i = \sum_{j=1}^k w_j x_{i+j-1}
---
"""


def test_reading_behind_the_last_entry_is_found() -> None:
    claim = r"\frac{\partial L}{\partial w_j} = \sum_i \frac{\partial L}{\partial y_i} x_{i+j}"
    found = verdict(CONVOLUTION, claim)
    assert found.verdict == "ill-formed"
    assert found.problems[0].message == "x is read outside its range"


def test_a_condition_may_keep_an_index_within_its_range() -> None:
    claim = (
        r"\frac{\partial L}{\partial x_t} = \sum_{j=1}^k w_j \frac{\partial L}{\partial y_{t-j+1}}"
    )
    assert verdict(CONVOLUTION, claim).problems[0].kind == "index-range"
    inside = verdict(CONVOLUTION, rf"{claim} \quad \text{{if }} k \leq t \leq n-k+1")
    assert inside.verdict == "agrees"


def test_an_entry_that_there_is_only_in_long_vectors_is_compared_there() -> None:
    header = VECTORS.replace(r"s = u \cdot v", r"s = \sum_i u_i v_i")
    assert verdict(header, r"\frac{\partial s}{\partial u_7} = v_7").verdict == "proved"
    assert verdict(header, r"\frac{\partial s}{\partial u_7} = v_6").verdict == "wrong"


def test_an_entry_that_is_not_there_is_named() -> None:
    header = VECTORS.replace("n: size", "n: 3")
    found = verdict(header, r"\frac{\partial s}{\partial u_4} = v_4")
    assert found.problems[0].message == "there is no entry 4 on an axis of 3"


BOUNDED = r"""---
derive: 1
symbols:
  x: {{shape: [], role: input}}
  f: {{shape: []}}
define:
  - f = \sqrt{{x^2}}
assume:
  - {fact}
---
"""


@pytest.mark.parametrize(
    ("fact", "derivative"),
    [
        ("x > 0", "1"),
        ("x < 0", "-1"),
        ("x < -1", "-1"),
        ("2 < x", "1"),
        (r"-2 \leq x \leq -1", "-1"),
        (r"x \in (1, 3)", "1"),
        (r"x \in [-3, -1]", "-1"),
        (r"x \in \{1, 2\}", "1"),
    ],
)
def test_values_are_drawn_within_declared_bounds(fact: str, derivative: str) -> None:
    header = BOUNDED.format(fact=f"'{fact}'")
    assert verdict(header, rf"\frac{{df}}{{dx}} = {derivative}").fine
    other = "1" if derivative == "-1" else "-1"
    assert not verdict(header, rf"\frac{{df}}{{dx}} = {other}").fine


def test_two_bounds_of_one_quantity_hold_together() -> None:
    header = BOUNDED.format(fact="'x > 0'\n  - 'x < 1'")
    assert verdict(header, r"\max(x, 1) = 1").fine


def test_that_a_quantity_is_real_is_no_news() -> None:
    header = BOUNDED.format(fact=r"'x \in \mathbb{R}'")
    assert verdict(header, r"f = |x|").fine


def test_a_spelling_renamed_to_nothing_is_refused_at_its_line() -> None:
    text = VECTORS.replace("define:", "rename: {w: W}\ndefine:")
    with pytest.raises(DeriveError, match="w stands for W, which is not declared") as caught:
        check(read(text, "note.md"))
    assert caught.value.span is not None
    assert caught.value.span.line == 8


@pytest.mark.parametrize("before", ["If", "as long as it does not rain, whenever", "Suppose that"])
def test_what_a_word_before_it_supposes_is_no_claim(before: str) -> None:
    text = f"{VECTORS}\n{before} $s = 2 u \\cdot v$ and so $s = v \\cdot u$.\n"
    supposed, claimed = check(read(text, "note.md"), 0.0).verdicts
    assert (supposed.verdict, supposed.note) == ("not-a-claim", "supposed, not claimed")
    assert claimed.verdict == "proved"


@pytest.mark.parametrize("before", ["", "belief", "If it rains,"])
def test_other_words_before_a_formula_leave_it_a_claim(before: str) -> None:
    (found,) = check(read(f"{VECTORS}\n{before} $s = 2 u \\cdot v$\n", "note.md"), 0.0).verdicts
    assert not found.fine


@pytest.mark.parametrize(
    "claim",
    [
        # Of an unspecified loss nothing is known at another point.
        r"\left.\frac{\partial J}{\partial u}\right|_{u=0} = v",
        r"s|_{q=0} = 1",
        r"\frac{\partial^4 s}{\partial u^4} = 0",
        r"\det(u v^\top) = 0",
        r"\mathrm{vec}(u) = u",
    ],
)
def test_what_has_no_meaning_here_is_named(claim: str) -> None:
    header = VECTORS.replace(
        "  s: {shape: []}", "  s: {shape: []}\n  J: {shape: [], role: loss, of: s}"
    )
    found = verdict(header, claim)
    assert found.verdict == "unreadable"
    assert found.problems[0].message


def test_an_equation_about_what_is_given_changes_no_other_claim() -> None:
    note = r"""---
derive: 1
dims: {n: samples, d: width}
symbols:
  x: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  L: {shape: []}
define: ['L = \frac12 \|w\|^2']
---
The mean is $w = \sum_i x_i$.

$$\nabla_w L = \sum_i x_i$$

$$\nabla_w L = w$$
"""
    *_, one, two = check(read(note, "n.md")).verdicts
    assert (one.verdict, two.verdict) == ("wrong", "proved")

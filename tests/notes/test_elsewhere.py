r"""A function of the note, differentiated at other arguments than its own."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: width}
symbols:
  x: {shape: [n], role: input}
  h: {shape: [n], role: constant}
  f: {shape: []}
define: ['f(x) = \sum_i x_i^2']
---
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"\nabla f(h) = 2h", "proved"),
        (r"\nabla f(h) = 0", "wrong"),
        (r"\nabla f(x + h) = 2x + 2h", "proved"),
        (r"\nabla f(x) - \nabla f(h) = 2(x - h)", "proved"),
        (r"\nabla f(-x) = -\nabla f(x)", "proved"),
        (r"\nabla f(0) = 0", "proved"),
        (r"\nabla^2 f(h) = 2I", "proved"),
        # The gradient by x, at h: what does not have x in it.
        (r"\nabla_x f(h) = 2h", "proved"),
        (r"\nabla_x f(2x) = 8x", "proved"),
        (r"\nabla_x f(2x) = 2x", "wrong"),
        (r"\nabla f(2x) = 4x", "proved"),
        (r"\frac{\partial f(2x)}{\partial x} = 8x", "proved"),
        (r"\frac{\partial f(x)}{\partial x} = 2x", "proved"),
    ],
)
def test_the_derivative_is_that_at_the_argument(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{HEADER}$${claim}$$", "n.md")).verdicts
    assert found.verdict == verdict


THROUGH = r"""---
derive: 1
dims: {n: width}
symbols:
  x: {shape: [n], role: param}
  h: {shape: [n], role: input}
  A: {shape: [n, n], role: constant}
  p: {shape: [n]}
  f: {shape: []}
  g: {shape: []}
define:
  - p = \tanh(x)
  - f(x) = \sum_i p_i
  - g(x) = \frac12 x^\top A x
---
"""


@pytest.mark.parametrize(
    ("claim", "verdicts"),
    [
        (r"f(h) = \sum_i \tanh h_i", {"proved"}),
        (r"f(x + h) - f(x) = 0", {"wrong"}),
        (r"f(-x) = -f(x)", {"proved"}),
        (r"\nabla_x f(2x) = 2(1 - \tanh^2(2x))", {"proved"}),
        (r"\frac{\partial f}{\partial x}(h) = 1 - \tanh^2(h)", {"proved"}),
        (r"\frac{\partial f}{\partial x}(h) = 1 - \tanh^2(x)", {"wrong"}),
        (r"\frac{\partial f(h)}{\partial h_i} = 1 - \tanh^2(h_i)", {"proved"}),
        (r"\nabla f(x)^\top h = \sum_i (1 - p_i^2) h_i", {"proved"}),
        (r"\nabla f(x)_i = 1 - p_i^2", {"proved"}),
        # The sums of the argument are not those around it.
        (r"\nabla g(A h) = \frac12 (A + A^\top) A h", {"proved", "agrees"}),
        (r"\nabla g(A h) = A \mathbf 1 \operatorname{tr}(A \operatorname{diag}(h))", {"wrong"}),
    ],
)
def test_the_argument_is_put_through_what_is_defined_between(
    claim: str, verdicts: set[str]
) -> None:
    (found,) = check(read(f"{THROUGH}$${claim}$$", "n.md")).verdicts
    assert found.verdict in verdicts


VARIANCE = r"""---
derive: 1
dims: {N: samples}
symbols:
  x: {shape: [N], role: input}
  \mu: {shape: [], role: param}
  \sigma^2: {shape: [], role: param}
  \eta: {shape: [], role: constant}
  \ell: {shape: []}
define: ['\ell = -\frac N2 \log\sigma^2 - \frac{1}{2\sigma^2} \sum_n (x_n - \mu)^2']
assume: ['\sigma^2 > 0']
---
"""


@pytest.mark.parametrize(("power", "verdict"), [("4", "proved"), ("6", "wrong")])
def test_a_power_of_a_square_that_is_a_symbol_is_one_of_it(power: str, verdict: str) -> None:
    left = r"\frac{\partial\ell}{\partial\sigma^2} = -\frac{N}{2\sigma^2}"
    claim = rf"{left} + \frac{{1}}{{2\sigma^{power}}} \sum_n (x_n - \mu)^2"
    (found,) = check(read(f"{VARIANCE}$${claim}$$", "n.md")).verdicts
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("words", "verdict"), [("Gradient ascent:", "not-a-claim"), ("A step:", "wrong")]
)
def test_a_step_uphill_is_no_mistake_where_the_note_goes_uphill(words: str, verdict: str) -> None:
    step = r"\mu \leftarrow \mu + \eta \frac{1}{\sigma^2} \sum_n (x_n - \mu)"
    (found,) = check(read(f"{VARIANCE}{words} $${step}$$", "n.md")).verdicts
    assert found.verdict == verdict


AT_ZERO = r"""---
derive: 1
dims: {n: samples, d: features}
symbols:
  X: {shape: [n, d], role: input}
  A: {shape: [d, d], role: input}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  b: {shape: [], role: param}
  f: {shape: []}
  g: {shape: []}
  r: {shape: [n]}
  s: {shape: [d]}
define:
  - f(w) = \frac12\|Xw-y\|^2
  - g(w) = w^\top A w + b
  - r(w) = Xw - y
  - s(w) = \sigma(w)
---
"""


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"f(0) = \frac12\|y\|^2", "proved"),
        (r"f(\mathbf 0) = \frac12\|y\|^2", "proved"),
        (r"f(w) = f(0) + \nabla f(0)^\top w + \frac12\|Xw\|^2", "proved"),
        (r"g(0) = b", "proved"),
        (r"r(0) = -y", "proved"),
        (r"s(0) = \frac12", "proved"),
        (r"s(w_i) = \sigma(w_i)", "proved"),
        (r"f(0) = \|y\|^2", "wrong"),
        (r"g(0) = 0", "wrong"),
        (r"s(0) = 0", "wrong"),
    ],
)
def test_zero_for_a_vector_is_the_vector_of_zeros(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{AT_ZERO}$${claim}$$", "n.md")).verdicts
    assert found.verdict == verdict

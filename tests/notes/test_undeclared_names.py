r"""A name with an index or a prime is another name than the one without: ``N_k``, ``\pi'``."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {N: values}
symbols:
  x: {shape: [N], role: input}
  f: {shape: []}
define:
  - f = \frac1N \sum_i x_i
---
"""


def judged(claim: str) -> Verdict:
    (verdict,) = check(read(f"{HEADER}$${claim}$$", "n.md"), 0.0).verdicts
    return verdict


@pytest.mark.parametrize(
    ("claim", "name"),
    [
        (r"\frac{\partial f}{\partial x_i} = \frac{1}{N_k}", "N_k"),
        (r"\frac{\partial f}{\partial x_i} = \frac{1}{N'}", "N'"),
        (r"f = \frac1N \sum_{i=1}^{N_k} x_i", "N_k"),
        (r"\frac{\partial f}{\partial x_i} = \frac{\pi_k}{\pi_k N}", r"\pi_k"),
        (r"\frac{\partial f}{\partial x_i} = \frac{\pi'}{\pi' N}", r"\pi'"),
        (r"\frac{\partial x}{\partial x} = I'", "I'"),
    ],
)
def test_it_is_neither_a_size_nor_a_constant(claim: str, name: str) -> None:
    verdict = judged(claim)
    assert verdict.verdict == "ill-formed"
    assert verdict.problems[0].message == f"{name} is not declared"


@pytest.mark.parametrize(
    "claim",
    [
        r"\frac{\partial f}{\partial x_i} = \frac{N \pi^2}{N^2 \pi^2}",
        r"\frac{\partial f}{\partial x} = \frac1N \mathbf 1_N",
        r"\frac{\partial x}{\partial x} = I_N",
        r"\frac{\partial x_i}{\partial x_j} = I_{ij}",
        r"\frac{\partial x_i}{\partial x_j} = \delta_{ij}",
    ],
)
def test_what_needs_no_declaration_keeps_its_scripts(claim: str) -> None:
    assert judged(claim).verdict == "proved"


RESIDUALS = r"""---
derive: 1
dims: {N: samples}
symbols:
  x: {shape: [N], role: input}
  w: {shape: [N], role: param}
  y: {shape: [N], role: label}
  L: {shape: []}
define:
  - L = \frac12\|w\odot x - y\|^2
---
"""


@pytest.mark.parametrize("name", ["e", r"\pi"])
def test_a_constant_that_the_note_sets_to_something_else_is_not_declared(name: str) -> None:
    body = rf"Let ${name} = w\odot x - y$. Then $\nabla_w L = {name} \odot x$ and $L = {name}^2/2$."
    found = check(read(RESIDUALS + body, "n.md"), 0.0).verdicts
    assert [v.verdict for v in found] == ["ill-formed"] * 3
    assert {v.problems[0].message for v in found} == {f"{name} is not declared"}


def test_a_constant_that_is_not_set_stays_one() -> None:
    for claim in (
        r"\nabla_w (e L) = e \nabla_w L",
        r"e = e^1",
        r"\nabla_w \pi^2 L = \pi^2 \nabla_w L",
    ):
        (found,) = check(read(f"{RESIDUALS}${claim}$", "n.md"), 0.0).verdicts
        assert found.fine
    body = r"Let $e = w - y$. Still $\frac{d}{dw_i} \sum_j e^{w_j} = e^{w_i}$."
    found_ = check(read(RESIDUALS + body, "n.md"), 0.0).verdicts
    assert found_[-1].verdict == "proved"

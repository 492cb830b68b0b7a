"""Every side of a chain is judged once, also where what is right by its meaning comes last."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.verdicts import Verdict

HEADER = r"""---
derive: 1
dims: {n: samples, d: features}
symbols:
  X: {shape: [n, d], role: input}
  w: {shape: [d], role: param}
  y: {shape: [n], role: label}
  f: {shape: []}
define:
  - f(w) = \frac12\|Xw-y\|^2
---
"""


def verdicts(text: str, effort: float = 0.0) -> tuple[Verdict, ...]:
    return check(read(f"{HEADER}\n{text}\n", "note.md"), effort).verdicts


def found(chain: str) -> list[str]:
    return [verdict.verdict for verdict in verdicts(f"$$\n{chain}\n$$")]


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (r"17 = X^\top(Xw-y) = \nabla f(w)", ["ill-formed", "proved"]),
        (r"X^\top(Xw+y) = X^\top(Xw-y) = \nabla f(w)", ["wrong", "proved"]),
        (r"5w = \tfrac12\|Xw-y\|^2 = f", ["ill-formed", "proved"]),
        (r"X^\top(Xw-y) = X^\top Xw - X^\top y = \nabla f(w)", ["proved", "proved"]),
        (r"2w = X^\top Xw - X^\top y = X^\top(Xw-y) = \nabla f(w)", ["wrong", "proved", "proved"]),
        (r"2w = X^\top(Xw-y) = \nabla f(w) = X^\top y", ["wrong", "proved", "wrong"]),
    ],
)
def test_the_first_side_of_a_chain_is_judged(chain: str, expected: list[str]) -> None:
    assert found(chain) == expected


@pytest.mark.parametrize(
    "lines",
    [
        r"\begin{aligned} X^\top(Xw+y) &= X^\top(Xw-y)\\ &= \nabla f(w) \end{aligned}",
        r"\begin{aligned} X^\top(Xw+y) &= X^\top(Xw-y)\\ &= X^\top Xw - X^\top y\\"
        r" &= \nabla f(w) \end{aligned}",
    ],
)
def test_so_is_that_of_lines_which_end_in_the_derivative(lines: str) -> None:
    first, *rest = found(lines)
    assert first == "wrong"
    assert set(rest) == {"proved"}


def test_what_is_wrong_is_named_at_the_step_where_the_derivative_is_met() -> None:
    chain = r"X^\top(Xw+y) = X^\top Xw + X^\top y = \nabla f(w)"
    first, second = verdicts(f"$$\n{chain}\n$$")
    assert (first.verdict, first.note) == ("proved", "true, but the step after it is wrong")
    assert second.verdict == "wrong"


def test_the_first_side_is_repaired() -> None:
    first, _ = verdicts(r"$X^\top(Xw+y) = X^\top(Xw-y) = \nabla f(w)$", 2.0)
    assert first.repairs[0].latex == r"X^\top(Xw-y) = X^\top(Xw-y) = \nabla f(w)"


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (r"0 = \frac{\partial f}{\partial w_i} - [X^\top(Xw-y)]_i", ["proved"]),
        (r"1 = \frac{\partial w_i}{\partial w_i}", ["proved"]),
        (r"0 = \frac{\partial f}{\partial w_i} - 2[X^\top(Xw-y)]_i", ["wrong"]),
        (r"f = 2w_i", ["ill-formed"]),
    ],
)
def test_a_number_that_comes_first_says_it_of_every_entry(chain: str, expected: list[str]) -> None:
    assert found(chain) == expected


@pytest.mark.parametrize(
    ("chain", "expected"),
    [
        (r"q = \|Xw-y\|^2 = (Xw-y)^\top(Xw-y)", ["ill-formed", "proved"]),
        (r"q = \|Xw-y\|^2 = (Xw-y)^\top(Xw+y)", ["ill-formed", "wrong"]),
        (r"q = p_1 = \|Xw-y\|^2 = 2\|Xw-y\|^2", ["ill-formed", "ill-formed", "wrong"]),
        (
            r"q = \nabla\nabla q = X^\top X = (X^\top X)^\top",
            ["unreadable", "unreadable", "proved"],
        ),
    ],
)
def test_links_beside_a_first_side_that_is_not_read_are_judged(
    chain: str, expected: list[str]
) -> None:
    assert found(chain) == expected


def test_what_a_link_lacks_is_said_of_the_link_that_lacks_it() -> None:
    first, second, _ = verdicts(r"$q = p_1 = \|Xw-y\|^2 = 2\|Xw-y\|^2$")
    assert "q is not declared" not in second.problems[0].message
    assert first.problems[0].kind == second.problems[0].kind == "undefined-symbol"

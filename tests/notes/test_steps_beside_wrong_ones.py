"""What is right in a chain beside a wrong step is right of the first side alone."""

import json

import pytest

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.report import note_json

HEADER = r"""---
derive: 1
dims: {N: entries}
symbols:
  x: {shape: [N], role: input}
  Q: {shape: []}
define:
  - 'Q = \sum_i x_i^3'
---

"""
D = r"\frac{\partial Q}{\partial x_i}"


def told(body: str) -> list[tuple[str, str, str]]:
    found = check(read(f"{HEADER}{body}\n", "note.md"), 0.0).verdicts
    return [(v.verdict, v.latex.strip(), v.note) for v in found]


FIRST = "as a value of the first side, which the step before it is not"


@pytest.mark.parametrize(
    "body",
    [
        rf"$${D} = 2x_i^2 = 3x_i^2$$",
        rf"$${D} = x_j = 3x_i^2$$",
        rf"$$\begin{{align}} {D} &= 2x_i^2 \\ &= 3x_i^2 \end{{align}}$$",
        f"$${D} = 2x_i^2$$\n$$= 3x_i^2$$",
    ],
)
def test_a_side_after_a_wrong_one_is_set_equal_to_the_first(body: str) -> None:
    wrong, right = told(body)
    assert wrong[0] in ("wrong", "ill-formed")
    assert right == ("proved", f"{D} = 3x_i^2", FIRST)


def test_nothing_false_is_told_of_a_side_between_two_wrong_ones() -> None:
    found = told(rf"$${D} = 2x_i^2 = 3x_i^2 = x_i^2 = 3x_i^2$$")
    assert [word for word, _, _ in found] == ["wrong", "proved", "wrong", "proved"]
    assert {latex for word, latex, _ in found if word == "proved"} == {f"{D} = 3x_i^2"}


def test_what_is_right_leftwards_is_set_equal_to_the_last() -> None:
    right, wrong = told(rf"$$3x_i^2 = 2x_i^2 = {D}$$")
    assert wrong[0] == "wrong"
    assert right[:2] == ("proved", f"3x_i^2 = {D}")


def test_steps_beside_right_ones_are_what_is_written() -> None:
    found = told(rf"$${D} = 3x_i^2 = 2x_i^2 + x_i^2$$")
    assert found[1] == ("proved", "3x_i^2 = 2x_i^2 + x_i^2", "")


def test_so_it_is_in_the_data_for_other_programs() -> None:
    checked = check(read(f"{HEADER}$${D} = 2x_i^2 = 3x_i^2$$\n", "note.md"), 0.0)
    one, two = note_json(checked, {})["claims"]
    assert one["latex"] == f"{D} = 2x_i^2"
    assert two["latex"] == f"{D} = 3x_i^2"
    assert two["column"] > one["column"]
    assert json.dumps(two)

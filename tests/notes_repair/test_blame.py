"""Which side is blamed, and what a slip may be: only what somebody wrote."""

import pytest

from derive.notes import stacks
from derive.notes.edits import Vocabulary, variants
from derive.notes.parse import parse
from derive.notes.settle import moved, swapped
from derive.notes.stacks import Shaped
from derive.notes.tree import Line, Name, Relation, walk
from tests.notes_repair.test_repair import MATRICES, first_repair, verdict

NAMED = MATRICES.replace("  - s = V h\n", "  - s = V h\n  - e = s - y\n").replace(
    "  J: {shape: []}", "  e: {shape: [K]}\n  g: {shape: [K], role: constant}\n  J: {shape: []}"
)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        pytest.param("s - y = g", "s - y = e", id="a symbol that is given"),
        pytest.param("s - y = s", "s - y = e", id="a symbol that is defined otherwise"),
        pytest.param("s - y = -e^2", "s - y = e", id="a power of a symbol"),
        pytest.param("s + y = e", "s - y = e", id="the side before a symbol"),
    ],
)
def test_the_side_that_is_easier_to_repair_is_to_blame(wrong: str, right: str) -> None:
    assert first_repair(NAMED, wrong) == right


def test_names_with_a_number_below_are_no_entries() -> None:
    header = MATRICES.replace("W: ", "W_2: ").replace("W x", "W_2 x")
    right = r"\frac{\partial z}{\partial x} = W_2"
    wrong = r"\frac{\partial z}{\partial x} = -W_2^2"
    assert first_repair(header, wrong).replace(" ", "") == right.replace(" ", "")


def test_what_has_no_width_is_no_slip() -> None:
    line = parse("f x", ("f", "x", "y"))
    assert isinstance(line, Line)
    side = line.statements[0].body
    assert not isinstance(side, Relation)
    name = next(p for p in walk(side) if isinstance(p, Name) and p.spelling == "x")
    words = Vocabulary((), (("x", ("y",)),), (), "f x")
    assert any(move[0].text == "y" for _, move in variants(side, words))
    silent = swapped(side, name, moved(name, 1))
    assert not any(move[0].text == "y" for _, move in variants(silent, words))


@pytest.mark.parametrize(
    ("one", "two", "within", "may"),
    [
        # What keeps a shape needs a partner that gives the right one; what has no value none.
        (Shaped(True, True, False), Shaped(True, False, True), False, True),
        (Shaped(True, True, False), Shaped(True, False, False), False, False),
        (Shaped(True, False, False), Shaped(True, False, False), False, True),
        (Shaped(False, False, False), Shaped(True, False, False), False, False),
        (Shaped(False, False, False), Shaped(True, False, False), True, True),
        (Shaped(True, False, False), Shaped(False, False, False), True, False),
    ],
)
def test_pairs_are_left_out_by_their_shapes(
    one: Shaped, two: Shaped, within: bool, may: bool
) -> None:
    assert stacks.conform(one, two, within=within) is may


def test_a_symbol_with_a_script_of_its_own_around_an_index_is_exchanged_in_both_parts() -> None:
    header = MATRICES.replace("y: {", "'y^{(i)}': {").replace("s - y", "s - y^{(i)}")
    claim = r"\frac{\partial J}{\partial s_k} = s_k - "
    right = claim + "y^{(i)}_k"
    other = header.replace("x: {", "'x^{(i)}': {").replace("W x", "W x^{(i)}")
    other = other.replace("D: inputs", "D: classes").replace("shape: [D]", "shape: [K]")
    other = other.replace("[H, D]", "[H, K]").replace("D: classes, ", "")
    assert first_repair(other, claim + "x_k^{(i)}") == right


def test_an_entry_that_brackets_cannot_have_is_no_internal_error() -> None:
    found = verdict(MATRICES, r"z_1 = \left(-z\right)_{11}")
    assert found.verdict in ("unreadable", "ill-formed", "wrong")

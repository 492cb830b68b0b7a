"""Links that a chain lacks, what is too much, and what is too much of a repair."""

import pytest

from tests.notes_repair.test_repair import INDEXED, MATRICES, first_repair, verdict

OPERATOR = r"\frac{\partial Z_i}{\partial X_i} = \sum_j a_j \frac{\partial}{\partial X_i} "
TANH = r"\tanh [c_j (X_i - b_j)]"


@pytest.mark.parametrize(
    ("header", "wrong", "link"),
    [
        (
            INDEXED,
            r"\frac{\partial L}{\partial X_i} = \sum_{l=1}^N \frac{\partial L}{\partial Z_l}",
            r"\frac{\partial Z_l}{\partial X_i}",
        ),
        (
            MATRICES,
            r"\nabla_z J = \left(\frac{\partial s}{\partial z}\right)^\top",
            r"\nabla_{s} J",
        ),
    ],
)
def test_the_link_that_a_chain_lacks_is_put_in(header: str, wrong: str, link: str) -> None:
    assert first_repair(header, wrong) == f"{wrong} {link}"


@pytest.mark.parametrize("factor", ["a_j", "X_i", TANH])
def test_what_is_too_much_behind_an_operator_goes(factor: str) -> None:
    right = OPERATOR + TANH
    assert first_repair(INDEXED, f"{right} {factor}").replace(" ", "") == right.replace(" ", "")


def test_an_outer_product_is_written_as_its_author_does() -> None:
    wrong = r"\frac{\partial J}{\partial V} = h^\top"
    assert r"\otimes" not in first_repair(MATRICES, wrong)
    header = MATRICES + "\nWe write $\\otimes$ for outer products.\n"
    assert first_repair(header, r"\frac{\partial J}{\partial V} = h").endswith(r"\otimes h")


def test_brackets_around_two_things_get_the_function_that_they_had() -> None:
    header = MATRICES.replace("  J: {shape: []}", "  J: {shape: []}\n  Q: {role: function}")
    header = header.replace(r"  - J =", "  - Q(p, q) = p^2 - q\n  - J =")
    claim = r"2 Q(J, 3) - Q(J, 3) = (J, 3)"
    assert first_repair(header, claim) == r"2 Q(J, 3) - Q(J, 3) = Q(J, 3)"


def test_a_repair_leaves_some_of_the_formula() -> None:
    # Two edits would make the left side of it: that says nothing of what was meant.
    wrong = (
        r"\frac{\partial L}{\partial Z_i} \frac{\partial Z_i}{\partial X_i} = "
        r"\frac{\partial L}{\partial Z_i} \sum_{j=1}^M a_j c_j"
        r" \{1 - 2 \sum_j \tanh^2[c_j (X_i - b_j)]\}"
    )
    found = verdict(INDEXED, wrong)
    for repair in found.repairs:
        assert r"\tanh^2" in repair.latex


def test_factors_in_the_wrong_order_change_places_however_long_they_are() -> None:
    wrong = (
        r"\frac{\partial J}{\partial x} = 2 \frac{1}{2} (s - y) (V \mathrm{diag}(1 - h^2) W)^\top"
    )
    right = (
        r"\frac{\partial J}{\partial x} = 2 \frac{1}{2} (V \mathrm{diag}(1 - h^2) W)^\top (s - y)"
    )
    assert right in [repair.latex.strip() for repair in verdict(MATRICES, wrong).repairs]


def test_a_symbol_is_rather_exchanged_than_a_term_added() -> None:
    assert first_repair(MATRICES, r"\frac{\partial J}{\partial s} = s") == (
        r"\frac{\partial J}{\partial s} = s - y"
    )
    header = MATRICES.replace("  J: {shape: []}", "  J: {shape: []}\n  e: {shape: [K]}").replace(
        "  - J =", "  - e = s - y\n  - J ="
    )
    assert first_repair(header, r"s - y = s") == r"s - y = e"


def test_a_symbol_may_be_another_one_without_its_power() -> None:
    assert first_repair(MATRICES, r"\frac{\partial z}{\partial x} = V^2") == (
        r"\frac{\partial z}{\partial x} = W"
    )


def test_a_repair_says_more_than_that_something_is_itself() -> None:
    found = verdict(MATRICES, r"h \frac{\partial h}{\partial z} = h^\top")
    assert all(repair.latex.strip() != r"h = h^\top" for repair in found.repairs)


def test_a_step_that_nothing_gives_a_meaning_is_left_out() -> None:
    chain = r"\frac{\partial J}{\partial s} = s - y = q q_0"
    assert first_repair(MATRICES, chain) == r"\frac{\partial J}{\partial s} = s - y"
    wrong = r"\frac{\partial J}{\partial s} = s + 3 y = q q_0"
    assert first_repair(MATRICES, wrong) != r"\frac{\partial J}{\partial s} = s + 3 y"
    # The step before it is not even of the right shape.
    misshapen = r"\frac{\partial J}{\partial s} = x = q q_0"
    assert verdict(MATRICES, misshapen).verdict == "ill-formed"


def test_a_slip_in_each_entry_of_a_matrix_is_repaired_there() -> None:
    wrong = r"W = \begin{pmatrix} W_{11} & W_{12} W_{11} \\ V_{21} & W_{22} \end{pmatrix}"
    right = r"W = \begin{pmatrix} W_{11} & W_{12} \\ W_{21} & W_{22} \end{pmatrix}"
    header = MATRICES.replace("{D: inputs, H: hidden", "{D: 2, H: 2")
    assert first_repair(header, wrong) == right


@pytest.mark.parametrize("wrong", [r"Q \circ (s)", r"(s) Q", r"(s)", "Q"])
def test_a_function_of_the_note_gets_its_argument_back(wrong: str) -> None:
    header = MATRICES.replace("  J: {shape: []}", "  J: {shape: []}\n  Q: {role: function}")
    header = header.replace(r"\frac{1}{2} \|s - y\|^2", "Q(s)")
    header = header.replace("  - J =", r"  - Q(p) = \frac{1}{2} \sum_k (p_k - y_k)^2" + "\n  - J =")
    repaired = first_repair(header, rf"J = {wrong}")
    assert repaired.replace(" ", "") in ("J=Q(s)", "J=Qs")

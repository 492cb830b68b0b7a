r"""Conditions within a formula: in brackets of their own, and where something does not hold."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {K: classes}
symbols:
  z: {shape: [K], role: input}
  p: {shape: [K]}
define:
  - p = \mathrm{softmax}(z)
---

"""
D = r"\frac{\partial p_i}{\partial z_j}"
OFF = rf"{D} = -p_i p_j"
ON = rf"{D} = p_i(1 - p_i)"


def words(body: str) -> list[str]:
    found = check(read(HEADER + body, "note.md"), 0.0).verdicts
    return [verdict.verdict for verdict in found if verdict.verdict != "not-a-claim"]


@pytest.mark.parametrize(
    "condition",
    [
        r"\quad (\text{for } i \neq j)",
        r"(\text{for } i \neq j)",
        r", \quad (\text{for } i \neq j).",
        r"\quad \left(\text{if } i \neq j\right)",
        r"\quad [\text{when $i \neq j$}]",
        r"\quad (\text{where } i \neq j)",
        r"\quad (\text{przy } i \neq j)",
        r"\quad (\text{unless } i = j)",
        r"\quad \text{unless } i = j",
        r"\quad \text{außer } i = j",
        r"\quad \text{sauf si } i = j",
        r"\quad \text{chyba że } i = j",
        r"\quad \text{если не } i = j",
        r"\quad \text{dès que } i \neq j",
        r"\quad \text{bei } i \neq j",
    ],
)
def test_a_condition_behind_a_claim_restricts_it(condition: str) -> None:
    assert words(f"$${OFF} {condition}$$") == ["proved"]
    assert words(f"$${ON} {condition}$$") == ["wrong"]


@pytest.mark.parametrize(
    "text", ["even for", "also if", "not only for", "whether or not", "nie tylko dla"]
)
def test_what_holds_elsewhere_as_well_is_not_restricted(text: str) -> None:
    assert words(rf"$${OFF} \quad \text{{{text} }} i \neq j$$") == ["wrong"]


@pytest.mark.parametrize(
    "body",
    [
        r"$$(\text{for } i \neq j) \quad @$$",
        r"$$@ (\text{if } i \neq j), \quad # \ (\text{if } i = j)$$",
        r"$$@ \ (\text{if } i \neq j), \quad # \ (\text{otherwise})$$",
        r"$$@ \quad \text{unless } i = j, \qquad # \quad \text{otherwise}$$",
        r"$$@ \quad \text{dla } i \neq j, \qquad # \quad \text{w pozostałych przypadkach}$$",
        r"\begin{align} @ && (\text{for } i \neq j), \\ # && (\text{for } i = j). \end{align}",
    ],
)
def test_each_condition_restricts_its_own_claim(body: str) -> None:
    right = body.replace("@", OFF).replace("#", ON)
    wrong = body.replace("@", ON).replace("#", OFF)
    assert set(words(right)) == {"proved"}
    assert set(words(wrong)) == {"wrong"}


@pytest.mark.parametrize(
    "rows",
    [
        r"@ & (\text{if } i \neq j) \\ # & (\text{otherwise})",
        r"@ & \text{unless } i = j \\ # & \text{if } i = j",
        r"@ & \text{außer } i = j \\ # & \text{sonst}",
    ],
)
def test_rows_of_cases_may_say_unless_and_stand_in_brackets(rows: str) -> None:
    one, two = "-p_i p_j", "p_i(1 - p_i)"
    cases = rf"$${D} = \begin{{cases}} {rows} \end{{cases}}$$"
    assert words(cases.replace("@", one).replace("#", two)) == ["proved"]
    assert words(cases.replace("@", two).replace("#", one)) == ["wrong"]

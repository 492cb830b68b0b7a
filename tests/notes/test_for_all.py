r"""Conditions for all entries: ``\text{if } w_j > 0 \text{ for all } j`` in a claim without j."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {N: entries}
symbols:
  w: {shape: [N], role: param}
  f: {shape: []}
define:
  - 'f = \sum_j |w_j|'
---

"""
ONES = r"\nabla_w f = \mathbf 1"


def words(body: str) -> list[str]:
    found = check(read(HEADER + body, "note.md"), 0.0).verdicts
    return [verdict.verdict for verdict in found if verdict.verdict != "not-a-claim"]


@pytest.mark.parametrize(
    "body",
    [
        rf"$${ONES} \quad\text{{if }} w_j > 0 \text{{ for all }} j$$",
        rf"$${ONES} \quad\text{{if }} w_j > 0$$",
        rf"$${ONES} \quad\text{{where }} w_j > 0\ \forall j$$",
        rf"If $w_j > 0$ for all $j$, ${ONES}$.",
        rf"If $w_j > 0$, ${ONES}$.",
        r"If $w_j > 0$ for all $j$, $f = \sum_i w_i$.",
        r"$$f = \sum_i w_i \quad \text{where } w_j \ge 0$$",
        r"$$f = \sum_i w_i \quad \text{if } w > 0$$",
    ],
)
def test_a_condition_with_an_index_of_its_own_is_for_all_entries(body: str) -> None:
    assert words(body) in (["agrees"], ["proved"])


SUM = r"f = \sum_{j=1}^N w_j"


@pytest.mark.parametrize(
    "body",
    [
        rf"If $w_j \ge 0$ for all $j$, then ${SUM}$.",
        rf"Falls $w_j \ge 0$ für alle $j$, so ist ${SUM}$.",
        rf"If $w_j \ge 0$ for $j = 1, \dots, N$, then ${SUM}$.",
        rf"If $w_j \ge 0$, $j = 1, \dots, N$, then ${SUM}$.",
        rf"${SUM}$ for $w_j \ge 0$ ($j = 1, \dots, N$).",
        rf"If all $w_j \ge 0$, then ${SUM}$.",
        rf"If every $w_j \ge 0$, then ${SUM}$.",
        rf"Falls alle $w_j \ge 0$ sind, so ist ${SUM}$.",
        rf"Sind alle $w_j \ge 0$, so ist ${SUM}$.",
        rf"Si tous les $w_j \ge 0$, alors ${SUM}$.",
        rf"Si todos los $w_j \ge 0$, entonces ${SUM}$.",
        rf"Jeśli wszystkie $w_j \ge 0$, to ${SUM}$.",
        rf"Если все $w_j \ge 0$, то ${SUM}$.",
        rf"אם כל $w_j \ge 0$ אז ${SUM}$.",
        rf"$${SUM} \quad \text{{if }} w_j \ge 0 \text{{ for all }} j$$",
        rf"$${SUM} \quad \text{{if }} w_j \ge 0 \ \forall j$$",
    ],
)
def test_an_index_that_a_claim_only_sums_over_is_not_that_of_its_condition(body: str) -> None:
    assert words(body) in (["agrees"], ["proved"])
    assert words(body.replace("f = ", "f = -")) == ["wrong"]
    assert words(body.replace(r"\ge", r"\le")) == ["wrong"]


@pytest.mark.parametrize(
    "body",
    [
        rf"If $w_j \ge 0$ for some $j$, then ${SUM}$.",
        rf"If $w_k \ge 0$ for at least one $k$, then ${SUM}$.",
        rf"Falls $w_j \ge 0$ für ein $j$, so ist ${SUM}$.",
        rf"If not all $w_j \ge 0$, then ${SUM}$.",
        rf"If some $w_j \ge 0$, then ${SUM}$.",
        rf"$${SUM} \quad \text{{if }} w_j \ge 0 \text{{ for some }} j$$",
        rf"$${SUM} \quad \text{{if }} w_k \ge 0 \text{{ for at least one }} k$$",
    ],
)
def test_what_holds_for_some_values_restricts_nothing(body: str) -> None:
    assert words(body) == ["wrong"]


@pytest.mark.parametrize(
    "body",
    [
        rf"$${ONES} \quad\text{{if }} w_j < 0 \text{{ for all }} j$$",
        rf"If $w_j < 0$, ${ONES}$.",
        r"$$f = -\sum_i w_i \quad \text{where } w_j \ge 0$$",
        r"$$f = -\sum_i w_i \quad \text{if } w > 0$$",
    ],
)
def test_what_is_wrong_where_it_holds_is_wrong(body: str) -> None:
    assert words(body) == ["wrong"]

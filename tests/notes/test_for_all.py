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

r"""Labels of which one entry is 1: both that they are 0 or 1 and that their sum is 1 holds."""

import numpy as np
import pytest

from derive.notes.check import check
from derive.notes.declare import world_of
from derive.notes.document import read

ONE_HOT = r"""  - \sum_k y_k = 1
  - y_k \in \{0,1\}
"""
ROWS = (
    r"""  - Y_{nk} \in \{0,1\}
  - \sum_k Y_{nk} = 1
""",
    r"""  - \sum_k Y_{nk} = 1
  - Y_{nk} \in \{0,1\}
""",
)
D, G = r"\frac{\partial E}{\partial z_k}", r"\frac{\partial F}{\partial Z_{nk}}"
SUM = r"""  - \sum_k y_k = 1
"""


def note(facts: str, body: str) -> str:
    return rf"""---
derive: 1
dims: {{K: classes, N: samples}}
symbols:
  z: {{shape: [K], role: input}}
  y: {{shape: [K], role: label}}
  t: {{shape: [K], role: label}}
  p: {{shape: [K]}}
  E: {{shape: []}}
  Z: {{shape: [N, K], role: input}}
  Y: {{shape: [N, K], role: label}}
  P: {{shape: [N, K]}}
  F: {{shape: []}}
define:
  - p_k = \frac{{\exp(z_k)}}{{\sum_l \exp(z_l)}}
  - E = -\sum_k y_k \log p_k
  - P_{{nk}} = \frac{{\exp(Z_{{nk}})}}{{\sum_l \exp(Z_{{nl}})}}
  - F = -\sum_n \sum_k Y_{{nk}} \log P_{{nk}}
assume:
{facts}---

{body}
"""


def words(facts: str, body: str) -> list[str]:
    found = check(read(note(facts, body), "n.md"), 0.0).verdicts
    return [verdict.verdict for verdict in found if verdict.verdict != "not-a-claim"]


@pytest.mark.parametrize("facts", ROWS)
def test_values_meet_a_sum_and_a_set_together(facts: str) -> None:
    world = world_of(read(note(facts, ""), "n.md"))
    for seed in range(4):
        for draw in range(10):
            labels = world.values(1000 * seed + draw, seed)[0]["Y"]
            assert set(np.unique(labels)) <= {0.0, 1.0}
            assert (labels.sum(axis=1) == 1).all()


def test_no_sizes_are_tried_with_too_few_entries_for_a_sum() -> None:
    facts = "  - \\sum_k y_k = 2\n  - y_k \\in \\{0,1\\}\n"
    world = world_of(read(note(facts, ""), "n.md"))
    for seed in range(4):
        labels = world.values(1000 * seed, seed)[0]["y"]
        assert sorted(labels)[-2:] == [1.0, 1.0]
        assert labels.sum() == 2


@pytest.mark.parametrize(
    "claim",
    [
        r"$$y_k^2 = y_k$$",
        r"$$\sum_k y_k^2 = 1$$",
        r"$$E = -\log\sum_k y_k p_k$$",
        r"$$y_k y_j = 0 \text{ for } k \neq j$$",
        rf"$${D} = p_k - y_k^2$$",
        rf"$${D} = \begin{{cases}} p_k - 1 & \text{{if }} y_k = 1\\ p_k & "
        r"\text{if } y_k = 0\end{cases}$$",
        rf"If $y_k = 1$, then ${D} = p_k - 1$.",
        rf"$${D} = p_k \quad \text{{if }} y_k = 0$$",
        r"If $y_c = 1$, then $E = -\log p_c$.",
        r"$$E = -\log p_c \quad \text{where } y_c = 1$$",
        rf"If $y_c = 1$, then ${D} = p_k - \delta_{{kc}}$.",
        r"$$y_j = 0 \quad \text{if } y_k = 1 \text{ and } j \neq k$$",
    ],
)
def test_what_holds_for_one_hot_labels_alone_holds(claim: str) -> None:
    (word,) = words(ONE_HOT, claim)
    assert word in ("proved", "agrees")


@pytest.mark.parametrize(
    "claim",
    [
        rf"$${D} = \begin{{cases}} p_k & \text{{if }} y_k = 1\\ p_k - 1 & "
        r"\text{if } y_k = 0\end{cases}$$",
        rf"If $y_k = 1$, then ${D} = p_k$.",
        r"If $y_c = 1$, then $E = \log p_c$.",
        r"If $y_c = 0$, then $E = -\log p_c$.",
        rf"If $y_c = 1$, then ${D} = p_k + \delta_{{kc}}$.",
        r"$$y_j = 1 \quad \text{if } y_k = 1 \text{ and } j \neq k$$",
        r"$$\sum_k y_k p_k = 0$$",
        r"$$y_1 = 0$$",
    ],
)
def test_what_does_not_hold_for_one_hot_labels_is_wrong(claim: str) -> None:
    assert words(ONE_HOT, claim) == ["wrong"]


def test_an_index_that_no_condition_has_is_not_bound() -> None:
    assert words(ONE_HOT, r"If $y_c = 1$, then $E = -\log p_c + z_j$.") == ["ill-formed"]


@pytest.mark.parametrize("facts", ROWS)
def test_rows_of_a_batch_are_one_hot_too(facts: str) -> None:
    right = rf"When $Y_{{nk}} = 1$, ${G} = P_{{nk}} - 1$. It is ${G} = P_{{nk}} - Y_{{nk}}^2$."
    assert words(facts, right) == ["proved", "proved"]


def test_what_has_a_sum_alone_may_have_all_of_it_in_one_entry() -> None:
    assert words(SUM, rf"If $y_k = 1$, then ${D} = p_k - 1$.") == ["proved"]
    assert words(SUM, rf"If $y_k = 1$, then ${D} = p_k$.") == ["wrong"]
    assert words(SUM, r"$$\sum_k y_k^2 = 1$$") == ["wrong"]


def test_two_labels_that_are_each_one_hot_are_not_known_to_differ() -> None:
    facts = ONE_HOT + "  - \\sum_k t_k = 1\n  - t_k \\in \\{0,1\\}\n"
    assert words(facts, r"$$\sum_k y_k t_k = 0$$") == ["wrong"]
    assert words(facts, r"$$\sum_k y_k t_k = 1$$") == ["wrong"]

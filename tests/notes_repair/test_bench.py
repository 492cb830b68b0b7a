"""The benchmark of repairs, on a small sample."""

import pytest

from derive.notes import tree
from derive.notes.parse import parse
from tests.bench.mutants import same_product
from tests.bench.notes import measure


def test_a_sample_of_slips_is_detected_and_repaired() -> None:
    score = measure(quick=True, parts="s")
    assert score.counts["single"] >= 20
    assert score.share("single detected", "single") == 1
    assert score.share("single repaired", "single") >= 0.95, score.misses


@pytest.mark.parametrize(
    ("latex", "one", "two", "same"),
    [
        # What stands in brackets that hold factors only is a factor like those around them.
        (r"(p - t) [v \circ h] x", "h", "x", True),
        (r"b - c (M) x", "M", "x", True),
        (r"b - c (M) x", "M", "b", False),
        (r"(p - t) (h - x)", "p", "x", False),
        (r"p (h - x)", "p", "h", False),
        # Before a sum, in it, or above a line: one product.
        (r"p \sum_i h x", "p", "x", True),
        (r"-p \sum_i h x", "-", "x", True),
        (r"p \frac{h}{2} x", "h", "x", True),
        (r"p \frac{h}{x}", "h", "x", False),
        (r"p \sum_i h + x", "p", "x", False),
        (r"p \prod_i h x", "p", "x", False),
    ],
)
def test_a_product_is_one_in_brackets_and_under_a_sum_as_well(
    latex: str, one: str, two: str, same: bool
) -> None:
    line = parse(latex, tuple("ptvhxbcM"))
    assert isinstance(line, tree.Line)
    body = line.statements[0].body
    first, second = ((latex.index(name), latex.index(name) + 1) for name in (one, two))
    assert same_product(body, first, second) is same

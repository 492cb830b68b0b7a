"""The benchmark of repairs, on a small sample."""

from tests.bench.notes import measure


def test_a_sample_of_slips_is_detected_and_repaired() -> None:
    score = measure(quick=True, parts="s")
    assert score.counts["single"] >= 20
    assert score.share("single detected", "single") == 1
    assert score.share("single repaired", "single") >= 0.95, score.misses

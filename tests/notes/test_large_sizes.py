"""Sizes that are large numbers cost no more than letters: small ones stand in for them."""

import time
import tracemalloc

import pytest

from derive.notes.check import check
from derive.notes.document import read

NOTE = r"""---
derive: 1
dims: {N: 60000, D: 784, s: 28}
symbols:
  X: {shape: [N, D], role: input}
  w: {shape: [D], role: param}
  y: {shape: [N], role: label}
  B: {shape: [512, 784], role: param}
  f: {shape: []}
  J: {shape: []}
define:
  - J = \frac{1}{60000} \sum_{n=1}^{60000} \frac{1}{2} (\sum_{d=1}^{784} X_{nd} w_d - y_n)^2
  - f = \frac{1}{28} \sum_{k=1}^{784} w_k
---
"""
CLAIMS = [
    (r"\frac{\partial J}{\partial w} = \frac{1}{N} X^\top (X w - y)", "proved"),
    (r"\frac{\partial J}{\partial w} = \frac{1}{60000} X^\top (X w - y)", "proved"),
    (r"\frac{\partial J}{\partial w_d} = \frac{1}{N} \sum_{n=1}^{60000} (X_n^\top w - y_n) X_{nd}",
     "proved"),
    (r"\frac{\partial \|B w\|^2}{\partial w} = 2 B^\top B w", "proved"),
    (r"\frac{\partial J}{\partial w} = \frac{1}{6000} X^\top (X w - y)", "wrong"),
    (r"\frac{\partial J}{\partial w} = \frac{1}{D} X^\top (X w - y)", "wrong"),
    (r"\frac{\partial J}{\partial w} = \frac{1}{N} X (X w - y)", "ill-formed"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "verdict"), CLAIMS)
def test_a_claim_is_judged_at_sizes_that_stand_in(claim: str, verdict: str) -> None:
    (found,) = check(read(f"{NOTE}$${claim}$$\n", "note.md"), 0.0).verdicts
    assert found.verdict == verdict
    if found.witness is not None:
        assert max(size for _, size in found.witness.sizes) < 10
        assert "large sizes compared as small ones, which stand in for any" in found.readings


def test_what_is_true_of_just_these_sizes_is_true() -> None:
    header = NOTE.replace("N: 60000, D: 784, s: 28", "D: 784").replace("N, D", "3, D")
    header = header.replace("60000", "3").replace("shape: [N]", "shape: [3]")
    claim = r"\frac{\partial f}{\partial w_k} = \frac{1}{\sqrt{D}}"
    (found,) = check(read(f"{header}$${claim}$$\n", "note.md"), 0.0).verdicts
    assert found.verdict == "proved"
    other = claim.replace("D}", "D + 1}")
    (found,) = check(read(f"{header}$${other}$$\n", "note.md"), 0.0).verdicts
    assert found.verdict == "wrong"


def test_time_and_memory_are_bounded() -> None:
    text = NOTE + "".join(f"$${claim}$$\n\n" for claim, _ in CLAIMS)
    started = time.process_time()
    tracemalloc.start()
    check(read(text, "note.md"), 0.0)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100e6
    assert time.process_time() - started < 60

"""Declared facts, as explanations print them."""

from __future__ import annotations

import pytest

from derive.cli import main

NOTE = r"""---
derive: 1
dims: {N: samples, D: features, K: classes}
symbols:
  X: {shape: [N, D], role: input}
  W: {shape: [D, K], role: param}
  Y: {shape: [N, K], role: label}
  Z: {shape: [N, K]}
  P: {shape: [N, K]}
  J: {shape: []}
define:
  - Z = X W
  - P = \mathrm{softmax}(Z)
  - J = -\frac{1}{N} \sum_{n,k} Y_{nk} \log P_{nk}
assume:
  - \sum_k Y_{nk} = 1
---
"""


@pytest.mark.parametrize(
    ("ending", "written"),
    [("txt", "Σ_j Y_{ij} = 1"), ("tex", "Y_{ij}"), ("html", "Y"), ("md", "Y_{ij}"), ("json", "Y")],
)
def test_what_holds_of_every_row_is_written_with_a_letter(tmp_path, ending, written):
    note, out = tmp_path / "note.md", tmp_path / f"out.{ending}"
    note.write_text(NOTE, encoding="utf-8")
    assert main.entry(["explain", str(note), "-o", str(out)]) == 0
    text = out.read_text(encoding="utf-8")
    assert "~0" not in text
    assert written in text


def test_what_a_single_row_is_added_to_is_not_said_to_have_no_matrix_form(tmp_path, capsys):
    note = tmp_path / "note.md"
    text = NOTE.replace("  Y:", "  b: {shape: [1, K], role: param}\n  Y:").replace("X W", "X W + b")
    note.write_text(text, encoding="utf-8")
    assert main.entry(["explain", str(note)]) == 0
    assert "No product of whole vectors" not in capsys.readouterr().out

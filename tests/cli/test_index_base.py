"""What the indices of a note count from, in all that is shown of it."""

from __future__ import annotations

import json

import pytest

NOTE = r"""---
derive: 1
index_base: {base}
dims: {{T: times, K: classes}}
symbols:
  x: {{shape: [T], role: input}}
  q: {{shape: [K], role: index}}
  b: {{shape: [1, K], role: param}}
  J: {{shape: []}}
define:
  - J = \sum_{{t={second}}}^{{{last}}} x_t x_{{t-1}} + \sum_k b_{{{first}k}} x_{{q_k}}
---
"""
FROM_1 = NOTE.format(base=1, first=1, second=2, last="T")
FROM_0 = NOTE.format(base=0, first=0, second=1, last="T-1")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (FROM_1, ["b_{1l} δ_{q_l,i}", "[i ≥ 2]", "x_{i−1}", "δ_{1i}"]),
        (FROM_0, ["b_{0l} δ_{q_l,i}", "[i ≥ 1]", "x_{i−1}", "δ_{0i}"]),
    ],
)
def test_a_note_is_shown_counted_as_it_counts(derive, tmp_path, text, parts):
    file = tmp_path / "note.md"
    file.write_text(text)
    shown = derive("show", str(file))[1]
    explained = derive("explain", str(file))[1]
    for part in parts:
        assert part in shown
        assert part in explained
    assert ("count from 0" in shown) == (text is FROM_0)
    assert ("count from 0" in explained) == (text is FROM_0)


@pytest.mark.parametrize(("text", "base"), [(FROM_1, 1), (FROM_0, 0)])
def test_the_base_is_in_the_json(derive, tmp_path, text, base):
    file = tmp_path / "note.md"
    file.write_text(text)
    assert json.loads(derive("show", str(file), "--format", "json")[1])["indices_from"] == base

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


#: Its reasons name single indices: summed ones, and those of rows that all do the same.
PRODUCT = r"""---
derive: 1
index_base: {base}
dims: {{T: t, S: s, F: f}}
symbols:
  P: {{shape: [T, S], role: input}}
  V: {{shape: [S, F], role: input}}
  b: {{shape: [F], role: param}}
  s: {{shape: [S], role: input}}
  O: {{shape: [T, F]}}
  q: {{shape: [S]}}
  L: {{shape: [], role: loss, of: [O, q]}}
define:
  - O_{{ij}} = \sum_k P_{{ik}} V_{{kj}} + b_j
  - q_i = s_i \sum_j V_{{ij}}^2 + \sum_j P_{{ji}}
---
"""


@pytest.mark.parametrize("language", ["en", "es"])
def test_reasons_call_an_index_by_its_letter_whatever_it_counts_from(derive, tmp_path, language):
    file = tmp_path / "product.md"
    found = []
    for base in (1, 0):
        file.write_text(PRODUCT.format(base=base))
        page = derive("explain", str(file), "--to", "json", "--lang", language)[1]
        found.append([link["reason"] for link in json.loads(page)["links"]])
    assert found[0] == found[1]
    assert not any("− 1" in reason for reason in found[0])

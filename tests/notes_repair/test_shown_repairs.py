"""Repairs are shown without what the source says beside them."""

from derive.notes.check import check
from derive.notes.document import read
from derive.notes.report import repaired

NOTE = r"""% ---
% derive: 1
% dims: {n: entries}
% symbols:
%   x: {shape: [n], role: input}
%   f: {shape: []}
% define:
%   - f = \sum_i x_i^2
% ---
\begin{align*}
\frac{\partial f}{\partial x} &= x + x \\ % that is so
  &= 3 x % and this is not
  + x - x
\end{align*}
"""


def test_a_repair_has_none_of_the_comments_of_its_source() -> None:
    (found,) = (v for v in check(read(NOTE, "n.tex", tex=True)).verdicts if v.repairs)
    text = repaired(found, found.repairs[0])
    assert "that is so" not in text
    assert "and this is not" not in text


MASKED = r"""---
derive: 1
dims: {d: in, r: rank, N: batch}
symbols:
  X: {shape: [N, d], role: input}
  P: {shape: [N, r], role: param}
  Q: {shape: [d, r], role: param}
  M: {shape: [N, d], role: constant}
  J: {shape: []}
define:
  - J = \frac12 \| M \odot (X - P Q^\top) \|_F^2
assume:
  - M_{ij} \in \{0, 1\}
---
"""


def test_what_is_multiplied_entry_by_entry_before_a_matrix_product_gets_brackets() -> None:
    claim = r"\nabla_P J = -(X - P Q^\top) Q"
    (verdict,) = check(read(f"{MASKED}$${claim}$$", "n.md")).verdicts
    assert [repair.latex for repair in verdict.repairs] == [
        r"\nabla_P J = -(M \circ (X - P Q^\top)) Q",
    ]

"""What the tests of ``derive check`` share: a small note with mistakes, and how to run it."""

from pathlib import Path

HEADER = """---
derive: 1
dims: {N: values, M: steps}
symbols:
  X: {shape: [N], role: input}
  a: {shape: [M], role: param}
  b: {shape: [M], role: param}
  Z: {shape: [N]}
  L: {shape: [], role: loss, of: Z}
define:
  - Z_i = \\sum_{j=1}^M a_j \\tanh(X_i - b_j)
---
"""
#: Right, an index that is not bound, a wrong sign with a wrong index, and right again.
BODY = r"""
# Steps

$$\frac{\partial Z_l}{\partial a_i} = \tanh(X_l - b_i)$$

$$\frac{\partial Z_l}{\partial b_i} = a_i [\tanh^2(X_l - b_j) - 1]$$

Hence $\partial L/\partial a_i = -\sum_l \frac{\partial L}{\partial Z_l} \tanh(X_l - b_i)$, and

$$Z_i = \sum_{j=1}^M a_j \tanh(X_i - b_j)$$
"""
NOTE = HEADER + BODY
RIGHT = HEADER + r"$$\frac{\partial Z_l}{\partial a_i} = \tanh(X_l - b_i)$$" + "\n"
WORDS = ["not-a-claim", "proved", "ill-formed", "wrong"]


def written(folder: Path, text: str | bytes, name: str = "note.md") -> str:
    """Write a note and return its path."""
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return str(path)

"""The right form of a wrong claim is short, and in the note's own letters."""

import pytest

from derive.cli._derived import derived_forms
from derive.notes.check import check
from derive.notes.document import read

NET = r"""---
derive: 1
dims: {D: inputs, H: hidden, K: classes}
symbols:
  x: {shape: [D], role: input}
  y: {shape: [K], role: label}
  W: {shape: [H, D], role: param}
  V: {shape: [K, H], role: param}
  s: {shape: [H]}
  h: {shape: [H]}
  t: {shape: [K]}
  '\hat p': {shape: [K]}
  J: {shape: []}
  '\delta_s': {shape: [H]}
define:
  - s = W x
  - h = \tanh s
  - t = V h
  - '\hat p = \mathrm{softmax}(t)'
  - J = -\sum_k y_k \log \hat p_k
assume:
  - \sum_k y_k = 1
---

$$\delta_s = \frac{\partial J}{\partial s}$$
"""


def right_form(header: str, claim: str) -> str:
    checked = check(read(f"{header}\n$$\n{claim}\n$$\n", "note.md"), 0.0)
    return derived_forms(checked)[checked.verdicts[-1].id]


@pytest.mark.parametrize(
    ("claim", "right"),
    [
        (r"\frac{\partial J}{\partial t} = y", r"\hat{p}_i - y_i"),
        (r"\frac{\partial J}{\partial V_{kj}} = y_k h_j", r"h_j (\hat{p}_k - y_k)"),
        (
            r"\frac{\partial J}{\partial h} = V y",
            r"\sum_{l=1}^{K} V_{li} (\hat{p}_l - y_l)",
        ),
        (
            r"\delta_s = V^\top y",
            r"(1 - h_i^2) \sum_{l=1}^{K} V_{li} (\hat{p}_l - y_l)",
        ),
    ],
)
def test_it_uses_the_facts_and_the_intermediate_names(claim: str, right: str) -> None:
    assert right_form(NET, claim).split(" = ")[1] == right


def test_sums_in_sums_keep_their_indices_apart() -> None:
    assert right_form(NET, r"\frac{\partial J}{\partial x} = x").endswith(
        r"\sum_{l=1}^{H} W_{li} (1 - h_l^2) "
        r"\sum_{m=1}^{K} V_{ml} (\hat{p}_m - y_m)"
    )


OPEN = r"""---
derive: 1
dims: {n: size}
symbols:
  x: {shape: [n], role: input}
  y: {shape: [n]}
  f: {role: function}
  '\phi': {role: function}
define:
  - y = f(x) \odot \phi(x)
---
"""


def test_a_function_that_may_be_any_is_printed_by_its_name() -> None:
    right = right_form(OPEN, r"\frac{\partial y_i}{\partial x_i} = 1")
    assert "\\phi'(x_i)" in right
    assert "f'(x_i)" in right
    assert "sin" not in right


def test_two_functions_that_may_be_any_are_two() -> None:
    claim = r"y = f(x) \odot f(x)"
    assert check(read(f"{OPEN}\n$${claim}$$\n", "note.md"), 0.0).verdicts[0].verdict == "wrong"


def test_a_witness_holds_all_that_it_takes_to_see_the_difference() -> None:
    text = r"""---
derive: 1
dims: {n: size}
symbols:
  x: {shape: [n], role: input}
  c: {shape: [], role: constant}
  f: {shape: []}
define:
  - f = c \sum_i x_i^2
---
$$\frac{\partial f}{\partial x_k} = 3 c x_k$$
"""
    (verdict,) = check(read(text, "note.md"), 0.0).verdicts
    witness = verdict.witness
    assert witness is not None
    values, ((letter, k),) = dict(witness.values), witness.index
    assert letter == "k"
    assert len(values["x"]) == dict(witness.sizes)["n"]
    assert witness.left == pytest.approx(2 * values["c"] * values["x"][k - 1])
    assert witness.right == pytest.approx(3 * values["c"] * values["x"][k - 1])


MANY = r"""---
derive: 1
dims: {n: size, P: losses}
symbols:
  x: {shape: [n], role: input}
  z: {shape: [n]}
  L: {shape: [P], role: loss, of: z}
define:
  - z = \tanh x
---
"""


def test_what_speaks_of_all_losses_alike_is_answered_without_their_number() -> None:
    right = right_form(MANY, r"\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial z_i}")
    assert right.startswith(r"\frac{\partial L}{\partial x_i} = \frac{\partial L}{\partial z_i}")
    right = right_form(
        MANY, r"\frac{\partial L_k}{\partial x_i} = \frac{\partial L_k}{\partial z_i}"
    )
    assert r"= \frac{\partial L_k}{\partial z_i}" in right

"""Facts that compare two quantities: no values are tried that violate them."""

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.document import read

ORDINAL = r"""---
derive: 1
dims: {n: thresholds}
symbols:
  s: {shape: [], role: input}
  a: {shape: [], role: param}
  b: {shape: [], role: param}
  c: {shape: [], role: param}
  u: {shape: [n], role: param}
  v: {shape: [n], role: param}
  t: {shape: [n], role: param}
  p: {shape: [n], role: label}
  \ell: {shape: []}
define:
  - '\ell = -\log(\sigma(b - s) - \sigma(a - s))'
assume: [FACTS]
---
"""


def verdict(facts: str, claim: str) -> str:
    (found,) = check(
        read(f"{ORDINAL.replace('FACTS', facts)}\n$${claim}$$\n", "n.md"), 0.0
    ).verdicts
    return found.verdict


@pytest.mark.parametrize(
    ("facts", "claim"),
    [
        ("'a < b'", r"\frac{\partial \ell}{\partial s} = 1 - \sigma(a-s) - \sigma(b-s)"),
        ("'b > a'", r"|b - a| = b - a"),
        ("'a < b < c'", r"|c - b| + |b - a| = c - a"),
        ("'b < c', 'a < b'", r"|c - b| + |b - a| = c - a"),
        ("'0 < a < b'", r"|b| = b"),
        ("'0 < a < b < 1'", r"|\log a| = -\log a"),
        (r"'u_i \le v_i'", r"|v_i - u_i| = v_i - u_i"),
        (r"'u < v'", r"|v_i - u_i| = v_i - u_i"),
        (r"'t_k < t_{k+1}'", r"\sum_{k=1}^{n-1} |t_{k+1} - t_k| = t_n - t_1"),
    ],
)
def test_what_is_compared_is_drawn_in_order(facts: str, claim: str) -> None:
    assert verdict(facts, claim) in ("proved", "agrees")
    # Nor is it said of values in the other order.
    assert verdict("", claim) == "wrong" or claim.startswith(r"\frac")


def test_what_is_wrong_is_wrong_in_order() -> None:
    claim = r"\frac{\partial \ell}{\partial s} = 1 - \sigma(a-s) + \sigma(b-s)"
    assert verdict("'a < b'", claim) == "wrong"


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        (r"'a < u'", "a fact of this form is not read"),
        (r"'a < \ell'", "a fact of this form is not read"),
        (r"'u_i < v_j'", "a fact of this form is not read"),
        (r"'\sum_k p_k = 1', 'u < p'", "where other facts are declared"),
        (r"'a > 0', 'a < b', 'c < b'", "where other facts are declared"),
        (r"'a < b', 'b < a'", "no values were found"),
    ],
)
def test_what_cannot_be_drawn_in_order_is_refused(facts: str, message: str) -> None:
    with pytest.raises(DeriveError, match=message):
        verdict(facts, "a = a")

"""An index under another name: what SymPy makes of it, found without asking SymPy again."""

from __future__ import annotations

import pytest
import sympy as sp

from derive.index.terms import Entry, Index, IndexSum, Size, substitute

N = Size("N")
FUNCTIONS = (sp.tanh, sp.sinh, sp.cosh, sp.sech, sp.sin, sp.cos, sp.tan, sp.exp, sp.log, sp.Abs)
#: They sort before and after each other, and before and after bound and fresh indices.
NAMES = ("A", "Z", "_1", "a", "i", "z", "~000000000000", "~999999999999")


def difference(i, j):
    """Return x_i − x_j: which of the two SymPy takes for positive depends on the names."""
    return Entry("x", (N,), i) - Entry("x", (N,), j)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("name", NAMES)
def test_a_renamed_function_is_what_sympy_makes_of_it(function, name):
    i, j, other = Index("i"), Index("j"), Index(name)
    for body in (function(difference(i, j)), 2 - function(-difference(j, i)) ** 3):
        assert substitute(body, {i: other}) == body.xreplace({i: other})
        if name != "i":
            both = {i: other, j: Index("h")}
            assert substitute(body, both) == body.xreplace(both)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "j"])
def test_an_opened_sum_is_what_sympy_makes_of_it(name):
    i, j, other = Index("i"), Index("j"), Index(name)
    total = IndexSum(sp.tanh(difference(i, j)), i, N)
    body, bound, _ = total.args
    assert total.open(other)[0] == body.xreplace({bound: other})
    assert IndexSum(total.open(other)[0], other, N) == total


def test_indices_that_become_one_are_no_renaming():
    i, j = Index("i"), Index("j")
    assert substitute(sp.tanh(difference(i, j)), {i: j}) == 0
    assert substitute(sp.tanh(difference(i, j)), {i: Index("k"), j: Index("k")}) == 0
    assert substitute(sp.tanh(difference(i, j)), {i: j, j: i}) == sp.tanh(difference(j, i))

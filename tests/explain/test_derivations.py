"""Derivations as a student reads them, line by line."""

from functools import cache
from pathlib import Path

import pytest

from derive.explain.explained import derived
from derive.explain.names import for_gradient
from derive.explain.text import written
from derive.explain.words import in_line
from derive.gradient.derivation import derivations
from derive.gradient.reverse import reverse
from derive.layer.model import Rule
from tests.calculus.layers import LAYERS

GOLDEN = Path(__file__).parent / "golden" / "derivations.txt"
LINES = dict(
    part.strip().split("\n", 1) for part in GOLDEN.read_text(encoding="utf-8").split("## ")[1:]
)


@cache
def by_tensor(name):
    return {one.wrt: one for one in derivations(LAYERS[name]())}


def shown(name, wrt):
    """Return a derivation as text: a line and the reason for it below it."""
    layer = LAYERS[name]()
    block = derived(by_tensor(name)[wrt], for_gradient(layer, reverse(layer)))
    rows = [f"= {written(line.right)}\n    {in_line(line.reason, 'en')}" for line in block.lines]
    return "\n".join([written(block.left), *rows])


@pytest.mark.parametrize("title", LINES)
def test_a_derivation_reads_as_a_teacher_would_write_it(title):
    assert shown(*title.split()) == LINES[title]


@pytest.mark.parametrize("name", LAYERS)
def test_a_rule_says_what_it_is_about(name):
    named = {Rule.CHAIN, Rule.DEFINITION, Rule.COTANGENT, Rule.FUNCTION, Rule.SAVED, Rule.FACT}
    for one in by_tensor(name).values():
        for step in one.steps:
            assert bool(step.detail) == (step.rule in named), step.rule


@pytest.mark.parametrize("name", LAYERS)
def test_what_is_put_in_has_a_derivation_of_its_own(name):
    known = by_tensor(name)
    for one in known.values():
        for step in one.steps:
            if step.rule is Rule.COTANGENT:
                assert set(step.detail) <= set(known)

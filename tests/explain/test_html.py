"""The HTML of an explanation: well formed, complete, and by itself."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import sympy as sp

from derive.explain.breaking import cells
from derive.explain.compose import compose
from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.html import html
from derive.explain.mathml import mathml
from derive.explain.text import written
from derive.explain.tree import Equation, Letter, Marked, Over, Partial, Plus, Times
from derive.index.functions import Select
from derive.index.terms import Entry, Index, Size
from derive.layer.find import load, shipped
from tests.calculus.layers import LAYERS
from tests.explain.test_breaking import equations

#: What MathML Core has.
ELEMENTS = {
    *("math", "mi", "mn", "mo", "mtext", "mrow", "mfrac", "msub", "msup", "msubsup", "mover"),
    *("munder", "munderover", "msqrt", "mspace", "mtable", "mtr", "mtd"),
}


def parsed(text):
    return ElementTree.fromstring(f"<div>{text.replace('<wbr>', '')}</div>")


def test_every_formula_is_well_formed_and_shows_all_its_letters():
    for equation, origin in equations():
        tree = parsed(mathml(equation, display=True, origin=origin))
        assert {element.tag for element in tree.iter()} - {"div"} <= ELEMENTS
        shown = "".join(tree.itertext())
        for letter in re.findall(r"[a-zA-Zα-ω]", written(equation.right)):
            assert letter in shown or letter in "if,else" or letter == "δ"


def test_scripts_and_fractions_have_just_their_parts():
    wanted = {"mfrac": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2, "msubsup": 3}
    for equation, origin in equations():
        for element in parsed(mathml(equation, origin=origin)).iter():
            if element.tag in (*wanted, "munderover"):
                assert len(element) == wanted.get(element.tag, 3)


def test_a_wide_formula_may_be_broken_and_a_narrow_one_not():
    narrow = Times((Letter("a"), Letter("b")))
    assert "<wbr>" not in mathml(narrow)
    wide = Plus(tuple((False, Times((Letter("a"), Letter("b")))) for _ in range(20)))
    assert mathml(wide).count("<wbr>") == 19
    assert cells(written(wide)) > 34
    bracket = Times((Letter("c"), wide))
    assert mathml(bracket).count("<wbr>") >= 20


def test_minus_infinity_is_a_sign_and_no_word():
    at = Entry("x", (Size("N"),), Index("i"))
    shown = mathml(compose(Select(sp.Gt(at, 0), at, -sp.oo)))
    assert "<mi>∞</mi>" in shown and "oo" not in shown
    parsed(shown)


def test_marks_are_classes():
    assert '<mrow class="new"><mi>a</mi></mrow>' in mathml(Over(Marked(Letter("a")), Letter("b")))


def test_a_derivative_in_a_sentence_is_no_fraction():
    found = Partial(Letter("L"), Letter("b"))
    assert "<mfrac>" not in mathml(found) and "<mfrac>" in mathml(found, display=True)
    assert "<mfrac>" not in mathml(Equation(found, Letter("c")))


@pytest.mark.parametrize("name", [*sorted(shipped()), "kinks", "attention_nested"])
def test_a_page_is_one_file_that_fetches_nothing(name):
    layer = load(name) if name in shipped() else LAYERS[name]()
    text = html(page_of(explanation(layer), pictures=True))
    assert not re.search(r"<script|<link|https?://|@import|url\(|\son\w+=", text)
    assert '<svg class="drawing"' in text and "</html>" in text
    assert re.findall(r"<h2>(.*?)</h2>", text)[0] == "Definition"


def test_hebrew_runs_from_right_to_left_and_its_formulas_do_not():
    text = html(page_of(explanation(load("quantizer"), ["b"]), "he"))
    assert '<html lang="he" dir="rtl">' in text
    assert "<bdi><math>" in text and "bdi { unicode-bidi: isolate; direction: ltr; }" in text


def test_what_is_no_markup_is_escaped():
    layer = load("quantizer")
    tensors = tuple(replace(tensor, doc="<b>&") for tensor in layer.tensors)
    text = html(page_of(explanation(replace(layer, tensors=tensors))))
    assert "&lt;b&gt;&amp;" in text and "<b>" not in text

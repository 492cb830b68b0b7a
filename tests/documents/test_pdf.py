"""The documents compile, nothing runs off the page, and no letter is missing.

These tests need a TeX system and poppler; ``make test-documents`` runs them.
"""

import re
import shutil
import subprocess

import pytest

from derive.cli._tex import pdf
from derive.explain.document import document
from derive.explain.explained import page_of
from derive.explain.explanation import explanation
from derive.explain.page import Code, Page, Paragraph
from derive.explain.words import LANGUAGES
from derive.layer.find import load, shipped
from tests.calculus.layers import LAYERS

pytestmark = [
    pytest.mark.documents,
    pytest.mark.skipif(
        not all(map(shutil.which, ("latexmk", "pdflatex", "xelatex", "pdftotext"))),
        reason="needs latexmk, pdflatex, xelatex and pdftotext",
    ),
]
#: Layers with wide formulas.
WIDE = ("attention_nested", "layer_norm_nested", "gru_cell", "kinks")


def complaints(latex, folder):
    """Compile a document; return what TeX has to complain of."""
    (folder / "x.tex").write_text(latex, encoding="utf-8")
    engine = latex.splitlines()[0].rpartition("= ")[2]
    run = subprocess.run(
        [engine, "-interaction=nonstopmode", "-halt-on-error", "x.tex"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    log = (folder / "x.log").read_text(encoding="utf-8", errors="replace")
    assert run.returncode == 0, re.findall(r"^!.*", log, re.MULTILINE)
    wide = re.findall(r"Overfull \\hbox \((\d+)", log)
    missing = re.findall(r"Missing character: .*", log)
    # Less than two points are not seen.
    return [f"{points}pt" for points in wide if int(points) > 1] + missing


@pytest.mark.parametrize("name", sorted(shipped()))
def test_a_shipped_layer_fits_its_pages(name, tmp_path):
    assert complaints(document(page_of(explanation(load(name)), pictures=True)), tmp_path) == []


@pytest.mark.parametrize("name", WIDE)
def test_a_layer_with_wide_formulas_fits_its_pages(name, tmp_path):
    assert complaints(document(page_of(explanation(LAYERS[name]()), pictures=True)), tmp_path) == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_every_language_has_its_letters(language, tmp_path):
    found = explanation(load("softmax_mlp_rows"))
    assert complaints(document(page_of(found, language)), tmp_path) == []


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_code_in_a_sentence_has_its_letters_in_every_language(language, tmp_path):
    direction = "rtl" if language == "he" else "ltr"
    sentence = Paragraph((Code("einsum('ij,j->i', A, x)"),))
    page = Page("code", (), language, direction, 1, (sentence,))
    assert complaints(document(page), tmp_path) == []


def test_a_formula_that_is_not_broken_runs_off_the_page(tmp_path):
    wide = r"\begin{document}${" + " + ".join(["a_i"] * 60) + "}$"
    text = document(page_of(explanation(load("quantizer"))))
    assert complaints(text.replace(r"\begin{document}", wide), tmp_path)


def test_the_pdf_is_the_same_every_time_and_holds_the_words():
    latex = document(page_of(explanation(load("quantizer"), ["b"])))
    made = pdf(latex)
    assert made.startswith(b"%PDF-") and made == pdf(latex)
    text = subprocess.run(
        ["pdftotext", "-", "-"], input=made, capture_output=True, check=True
    ).stdout.decode()
    assert "chain rule through" in text and "Results" in text

"""The words of an explanation: every sentence in every language, and none that is not said."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import derive.explain
from derive.errors import DeriveError
from derive.explain.english import ENGLISH
from derive.explain.page import Code
from derive.explain.tree import Equation, Letter, Number
from derive.explain.words import (
    LANGUAGES,
    Phrase,
    check_language,
    direction,
    in_line,
    phrase,
    said,
    say,
    sentence,
)

FOLDER = Path(derive.explain.__file__).parent
TRANSLATED = [language for language in LANGUAGES if language != "en"]
FIELD = re.compile(r"\{(\w+)\}")


def messages(language):
    with (FOLDER / "locales" / f"{language}.po").open("rb") as file:
        return [
            message for message in read_po(file, locale=language, abort_invalid=True) if message.id
        ]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_translates_every_sentence_once_and_no_other(language):
    keys = [message.context for message in messages(language)]
    assert sorted(keys) == sorted(ENGLISH)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_sentence_is_translated_from_the_english_one_of_today(language):
    assert {m.context: m.id for m in messages(language)} == dict(ENGLISH)
    assert [m.context for m in messages(language) if m.fuzzy or not m.string] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_has_the_fields_of_the_english_sentence(language):
    for message in messages(language):
        assert set(FIELD.findall(message.string)) == set(FIELD.findall(message.id)), message.context
        assert FIELD.sub("", message.string).isprintable()
        assert "{" not in FIELD.sub("", message.string), message.context


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_ends_as_the_english_sentence_does(language):
    ends = {m.context: (m.id[-1] in ".:", m.string[-1] in ".:") for m in messages(language)}
    assert {key: pair for key, pair in ends.items() if pair[0] != pair[1]} == {}


@pytest.mark.parametrize("language", ["ru", "he"])
def test_a_translation_is_in_the_letters_of_its_language(language):
    letters = {"ru": "[а-яё]", "he": "[א-ת]"}[language]
    for message in messages(language):
        words = FIELD.sub("", message.string)
        assert re.search(letters, words), message.context
        assert not re.search("[A-Za-z]", words), message.context


def spelled_keys():
    """Return the text of every key in the program; what is put into it stands as ``*``."""
    found = set()
    for path in FOLDER.parent.rglob("*.py"):
        if path.name.startswith("english"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            elif isinstance(node, ast.JoinedStr):
                found.add(
                    "".join(p.value if isinstance(p, ast.Constant) else "*" for p in node.values)
                )
    return found


def test_no_sentence_is_kept_that_nothing_says():
    texts = spelled_keys()
    # The clauses of reasons are put together from parts: that each is said, test_links finds out.
    others = [key for key in ENGLISH if not key.startswith(("structure.", "operator.", "chain."))]
    patterns = [
        re.compile(re.escape(text).replace(r"\*", r"[\w.]+"))
        for text in texts
        if re.match(r"\w+\..*\*", text)
    ]

    def is_said(key):
        parts = key.split(".")[1:]
        spelled = all(part in texts or f"*.{part}" in texts for part in parts)
        return key in texts or (spelled and any(pattern.fullmatch(key) for pattern in patterns))

    assert [key for key in others if not is_said(key)] == []


def test_formulas_stand_among_the_words():
    what = phrase("rule.definition", through=Letter("h"))
    assert say(what) == ("definition of ", Letter("h"))
    assert said(what, "es") == "definición de h"


def test_several_formulas_have_commas_between_them():
    what = phrase("operator.contraction", summed=(Letter("i"), Letter("j")))
    assert said(what) == "the product is summed over i, j"


def test_clauses_make_one_sentence_with_their_result():
    clauses = (phrase("operator.copy"), phrase("operator.terms"))
    assert in_line(sentence(clauses, result=Letter("x"))) == (
        "What arrives passes unchanged; each part is applied by itself, and the results are "
        "added: x."
    )


def test_a_formula_in_hebrew_keeps_its_direction():
    one = Equation(Letter("a"), Number("1"))
    assert said(phrase("rule.definition", through=one), "he").endswith("\u2066a = 1\u2069")
    code = phrase("rule.definition", through=Code("a[i]"))
    assert said(code, "he").endswith("\u2066a[i]\u2069")
    assert said(code, "ru").endswith("a[i]")
    assert [language for language in LANGUAGES if direction(language) == "rtl"] == ["he"]


def test_an_unknown_language_is_refused_by_naming_the_known_ones():
    with pytest.raises(DeriveError) as caught:
        check_language("de")
    assert "'de'" in str(caught.value)
    assert "he (עברית)" in str(caught.value.hint)
    with pytest.raises(DeriveError):
        say(phrase("rule.sum"), "xx")


def test_a_missing_phrase_and_a_missing_field_are_errors():
    with pytest.raises(KeyError):
        say(Phrase("no.such.key"))
    with pytest.raises(KeyError):
        say(Phrase("rule.definition"))


def test_who_reads_english_does_not_load_the_library_for_other_languages():
    program = (
        "import sys; from derive.explain.words import phrase, said; "
        "said(phrase('rule.sum')); print('babel' in sys.modules); "
        "said(phrase('rule.sum'), 'pl'); print('babel' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "True"]

"""``derive check --explain``: each mistake beside the derivation of what was meant."""

import json
import re
from pathlib import Path

import pytest

from tests.cli.checking import HEADER, RIGHT, written

NOTES = Path(__file__).parents[1] / "notes"
#: What the command prints. To renew one: run it, look at it, and put it there.
GOLDEN = Path(__file__).with_name("golden") / "check_explain.txt"
DELTA = "δ leaves one term of the sum."
#: One wrong index: c in the golden note, a here.
WRONG = HEADER + "$$\\frac{\\partial Z_l}{\\partial b_i} = a_j [\\tanh^2(X_l - b_i) - 1]$$\n"


def claim(text, number):
    """Return the part of a page that is about one claim."""
    (found,) = re.findall(rf"^Claim {number}, .*?(?=^Claim |\Z)", text, re.MULTILINE | re.DOTALL)
    return found


def parts(text):
    """Return the lines of derivations at which claims part from them, with the reasons."""
    return re.findall(r"line (\d+): (.*)", text)


@pytest.fixture
def explained(derive, tmp_path):
    """Explain a note that consists of one claim."""

    def call(claim, *arguments, header=HEADER):
        note = written(tmp_path, f"{header}$${claim}$$\n")
        _, out, err = derive("check", note, "--explain", *arguments)
        assert err == ""
        return out

    return call


def test_the_wrong_index_of_the_quantizer_parts_where_delta_leaves_one_term(derive, monkeypatch):
    monkeypatch.chdir(NOTES)
    status, out, err = derive("check", "quantizer.md", "--explain")
    assert (status, err) == (1, "")
    _, page = out.split("\n\nClaim 12", maxsplit=1)
    page = f"Claim 12{page}"
    assert page == GOLDEN.read_text(encoding="utf-8"), "derive check quantizer.md --explain"
    assert parts(claim(page, 20)) == [("6", DELTA)]
    assert parts(claim(page, 27)) == [("6", DELTA)]
    # Two mistakes in one: an index of the definition, and one of the result.
    assert parts(claim(page, 12)) == [("1", "definition of Z.")]
    assert parts(claim(page, 13)) == [("1", "definition of Z."), ("5", DELTA)]


@pytest.mark.parametrize(
    ("claim", "line", "reason"),
    [
        # A factor that the inner derivative brings.
        (r"a_i [\tanh^2(c_i(X_l - b_i)) - 1]", "4", "sum rule, term by term."),
        (r"a_j c_i [\tanh^2(c_i(X_l - b_i)) - 1]", "5", DELTA),
        (r"-a_i c_i [1 - \tanh(c_i(X_l - b_i))]", "3", "chain rule with"),
    ],
)
def test_a_mistake_in_a_link_is_found_at_its_own_step(explained, claim, line, reason):
    header = (
        HEADER.replace("  b:", "  c: {shape: [M], role: param}\n  b:")
        .replace(r"\\tanh(X_i - b_j)", r"\\tanh(c_j(X_i - b_j))")
        .replace("\\tanh(X_i - b_j)", "\\tanh(c_j(X_i - b_j))")
    )
    out = explained(rf"\frac{{\partial Z_l}}{{\partial b_i}} = {claim}", header=header)
    ((found, why),) = parts(out)
    assert (found, why[: len(reason)]) == (line, reason)


def test_a_lost_sum_parts_at_the_chain_rule(explained):
    out = explained(
        r"\frac{\partial L}{\partial a_i} = \frac{\partial L}{\partial Z_l} \tanh(X_l - b_i)"
    )
    ((line, why),) = parts(out)
    assert (line, why) == ("1", "chain rule through Z.")


def test_a_sign_parts_where_the_derivation_has_it_first(derive):
    _, out, _ = derive("check", str(NOTES / "strangers" / "W33.md"), "--explain")
    assert parts(out) == [("3", "sum rule, term by term.")]


def test_a_transposition_parts_at_the_result(derive):
    _, out, _ = derive("check", str(NOTES / "strangers" / "W11.md"), "--explain")
    assert "They part at the result" in claim(out, 5) and parts(out) == []


def test_no_step_is_guessed_where_the_note_says_it_in_other_words(derive):
    _, out, _ = derive("check", str(NOTES / "strangers" / "W01.md"), "--explain")
    assert "No step can be named" in claim(out, 3) and parts(out) == []


def test_a_claim_without_a_derivation_says_so(derive):
    _, out, _ = derive("check", str(NOTES / "softmax_mlp.md"), "--explain", "--effort", "0.3")
    found = claim(out, 26)
    assert "s(x) = ‸Wx" in found and "There is no derivation to put beside it." in found
    assert "They part at the result" in claim(out, 44)


def test_a_claim_about_another_derivative_parts_before_the_first_step(derive):
    _, out, _ = derive("check", str(NOTES / "binary_mlp.md"), "--explain", "--effort", "0.3")
    assert "They part before the first step" in claim(out, 15)


def test_a_note_with_nothing_wrong_has_nothing_to_explain(derive, tmp_path):
    status, out, _ = derive("check", written(tmp_path, RIGHT), "--explain")
    assert status == 0 and "Nothing is wrong, so there is nothing to explain." in out


def test_latex_has_exactly_the_wrong_symbol_in_red(derive, tmp_path):
    status, out, _ = derive("check", written(tmp_path, WRONG), "--explain", "--to", "latex")
    assert status == 1 and out.startswith("% !TeX program") and "1 claim" not in out
    assert re.findall(r"\{\\color\{red\} [^}]*\}", out) == [r"{\color{red} j}"]
    assert r"= a_{\color{red} j} [\tanh^2(X_l - b_i) - 1]" in out
    assert r"= a_{\color{blue} i} [\tanh^2(X_l - b_i) - 1]" in out


def test_html_has_exactly_the_wrong_symbol_in_red(derive, tmp_path):
    file = tmp_path / "page.html"
    _, out, _ = derive("check", written(tmp_path, WRONG), "--explain", "-o", str(file))
    assert f"{file} written" in out and "1 claim" in out
    text = file.read_text(encoding="utf-8")
    assert re.findall(r'class="wrong"[^>]*>([^<]*)<', text) == ["j"]
    assert 'a_<span class="wrong">j</span>' in text


def test_the_words_are_in_the_language_that_is_asked_for(explained):
    claim = r"\frac{\partial Z_l}{\partial b_i} = a_j [\tanh^2(X_l - b_i) - 1]"
    assert "Se separan en este paso, línea 4:" in explained(claim, "--lang", "es")
    assert "הם נפרדים בצעד הזה, שורה 4:" in explained(claim, "--lang", "he")


def test_json_is_what_it_was(derive, tmp_path):
    note = written(tmp_path, WRONG)
    _, out, _ = derive("check", note, "--format", "json")
    assert json.loads(out)["claims"][0]["verdict"] == "ill-formed"
    status, out, err = derive("check", note, "--format", "json", "--explain")
    assert (status, out) == (2, "") and "--explain is for --format text" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--to", "html"], "--to, -o and --lang are for explanations"),
        (["--lang", "en"], "--to, -o and --lang are for explanations"),
        (["--explain", "--lang", "fr"], "no explanations in the language 'fr'"),
        (["--explain", "-o", "missing/q.tex"], "there is no folder missing"),
        (["--explain", "-o", "q.doc"], "the ending names no format"),
        (["--explain", "-o", "q.json"], "an explanation of mistakes has no JSON"),
        (["--explain", "--to", "html", "other.md"], "a page of explanations is about one note"),
    ],
)
def test_what_cannot_be_done_is_refused(derive, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    status, out, err = derive("check", written(tmp_path, WRONG), *arguments)
    assert (status, out) == (2, "") and message in err

r"""How far a condition in the text reaches: lists, sections, brackets, until it is taken back."""

import pytest

from derive.notes.check import check
from derive.notes.document import read

HEADER = r"""---
derive: 1
dims: {n: samples, K: classes}
symbols:
  r: {shape: [], role: input}
  H: {shape: []}
  y: {shape: [], role: label}
  z: {shape: [], role: input}
  J: {shape: []}
  a: {shape: [K], role: input}
  p: {shape: [K]}
  v: {shape: [n], role: input}
  s: {shape: []}
define:
  - H = \max(0, r)^2
  - J = -y \log \sigma(z) - (1-y) \log(1 - \sigma(z))
  - p = \mathrm{softmax}(a)
  - s = \sum_i \max(0, v_i)
assume:
  - y \in \{0, 1\}
---

"""
#: What the examples write in short: claims that hold for r > 0, for r < 0, for y = 1 and so on.
SHORT = {
    "@up2": r"$\frac{\partial^2 H}{\partial r^2} = 2$",
    "@up": r"$\frac{\partial H}{\partial r} = 2r$",
    "@down2": r"$\frac{\partial^2 H}{\partial r^2} = 0$",
    "@down": r"$\frac{\partial H}{\partial r} = 0$",
    "@yes": r"$\frac{\partial J}{\partial z} = \sigma(z) - 1$",
    "@no": r"$\frac{\partial J}{\partial z} = \sigma(z)$",
    "@off": r"$\frac{\partial p_i}{\partial a_j} = -p_i p_j$",
    "@one": r"$\frac{\partial s}{\partial v_i} = 1$",
    "@on": r"$\frac{\partial p_i}{\partial a_j} = p_i(1 - p_i)$",
}
LETTERS = {"proved": "p", "agrees": "p", "wrong": "w", "unreadable": "?"}


def letters(body: str, file: str = "note.md") -> str:
    for short, claim in SHORT.items():
        body = body.replace(short, claim)
    header = HEADER
    if file.endswith(".tex"):
        header = "".join(f"% {line}\n" for line in HEADER.strip().splitlines())
    found = check(read(f"{header}{body}\n", file), 0.0).verdicts
    return "".join(LETTERS[v.verdict] for v in found if v.verdict != "not-a-claim")


LIST = "- @up\n- @up2\n"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"If $r > 0$:\n\n{LIST}\nOtherwise:\n\n- @down\n", "ppp"),
        (f"If $r > 0$:\n{LIST}Otherwise:\n- @down\n", "ppp"),
        (f"If $r > 0$:\n\n{LIST}\nOtherwise:\n\n- @up\n", "ppw"),
        (f"If $r > 0$, then\n\n{LIST}", "pp"),
        ("If $r > 0$ then we have the following:\n\n1. @up;\n2. @up2.\n", "pp"),
        ("If $r > 0$, then\n\n- the first is @up,\n- the second is @up2.\n", "pp"),
        ("When $r > 0$, they are\n\n| a | b |\n|---|---|\n| 1 | @up |\n| 2 | @up2 |", "pp"),
        (f"**Case 1: $r > 0$.**\n\n{LIST}\n**Case 2: $r < 0$.**\n\n- @down\n", "ppp"),
        ("Suppose $y = 1$. Then:\n\n- @yes\n- @no\n\nNow suppose $y = 0$. Then:\n\n- @no", "pwp"),
        ("- If $r > 0$:\n  - @up\n  - @up2\n- If $r < 0$:\n  - @down\n- @up", "pppw"),
        # It ends with the list, and holds in no list that it does not introduce.
        (f"If $r > 0$:\n\n{LIST}\nThe gradient is @up.", "ppw"),
        ("If $r > 0$ all is easy.\n\n- @up\n", "w"),
        ("For $r > 0$ we have @up\n\n- @up\n", "pw"),
        ("- For $r > 0$: @up\n- @up\n", "pw"),
        ("There are two cases, $r > 0$ and $r \\le 0$:\n\n- @up", "w"),
        ("For $r > 0$:\n\n- @up\n- in general, @up\n", "pw"),
    ],
)
def test_what_introduces_a_list_holds_in_all_of_it(body: str, expected: str) -> None:
    assert letters(body) == expected


def test_lists_of_latex_are_lists() -> None:
    up = "\\begin{itemize}\n\\item @up\n\\item @up2\n\\end{itemize}\n"
    down = "\\begin{itemize}\n\\item @down\n\\end{itemize}\n"
    document = "\\begin{{document}}\n{}\\end{{document}}"
    assert letters(document.format(f"If $r > 0$, then\n{up}"), "n.tex") == "pp"
    both = f"If $r > 0$, then\n{up}Otherwise\n{down}"
    assert letters(document.format(both), "n.tex") == "ppp"
    assert letters(document.format(f"If $r > 0$, then\n{up}Always is\n{up}"), "n.tex") == "ppww"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("## When $r > 0$\n\n$@up$\n\n## Two\n\n$@up$", "pw"),
        ("## If $r > 0$\n\n$@up$\n\n## Case $r < 0$\n\n$@down$", "pp"),
        ("## If $r > 0$\n@up\n\n## Otherwise\n@down", "pp"),
        ("### Case $i \\neq j$:\n\nUsing the rule,\n\n$@off$\n\n### Combined\n\n$@off$", "pw"),
        ("## For $r > 0$\n\n### First\n\n@up\n\n### Second\n\n@up2\n\n## Next\n\n@up", "ppw"),
        ("## Results for $r > 0$ and $r < 0$\n\n@up", "w"),
        # Who concludes from both sections may mean both; who says so does.
        ("## If $r < 0$\n\n@down.\n\n## If $r > 0$\n\n@up.\n\nHence, @up.", "pp?"),
        ("## If $r > 0$\n\n@up.\n\nTogether, @up2.", "pp"),
        ("## If $r > 0$\n\n@up.\n\nIn general, @up.", "pw"),
        # A bold line has no end.
        ("**Case 2: $i \\neq j$**\n\nBy the rule,\n\n$@off$\n\nThe matrix is\n\n$@off$", "p?"),
        ("**For $r > 0$ we have:**\n\n$@up$\n\nThe gradient is @up.", "pw"),
    ],
)
def test_a_condition_that_is_a_heading_holds_below_it(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("For $r > 0$ we have\n\n$@up$\n\nand\n\n$@up2$\n\nThe rest is @up.", "ppw"),
        ("For $r > 0$:\n\n$@up$\n\n$@up2$", "pp"),
        ("For $r > 0$\n\n$@up$", "p"),
        ("If $r > 0$, then @up.\n\nHence @up2.", "pp"),
        ("If $r > 0$, then @up. Hence @up2.", "pp"),
        ("If $r > 0$, then @up. Then @up.", "pw"),
        ("If $r > 0$, then @up. The gradient is @up.", "pw"),
        ("If $r < 0$, then @down. If $r > 0$, then @up. Hence @up.", "pp?"),
        ("If $r < 0$, then @down. If $r > 0$, then @up. Hence @no.", "ppw"),
        ("If $r > 0$, then\n\n$@up$\n\nOtherwise,\n\n$@down$", "pp"),
        ("If $r > 0$, then\n\n$@up$\n\nOtherwise,\n\n$@up$", "pw"),
    ],
)
def test_a_sentence_goes_on_over_blank_lines(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    "every",
    [
        "and for any $y$ we get",
        "and for all $y$ we get",
        "and for general $y$,",
        "and for arbitrary $y$,",
        "and for every $y$,",
        "and hence for all $y$:",
        "whereas always",
        "and in general",
        "and for $y \\in \\{0, 1\\}$",
        "and regardless of $y$",
    ],
)
def test_what_is_said_of_all_values_is_under_no_condition_on_them(every: str) -> None:
    assert letters(f"For $y = 1$ we get @yes, {every} @yes.") == "pw"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("For $r > 0$, @up, so for any $r$: @up.", "pw"),
        ("For $i \\neq j$ we have @off, and for any $i, j$ we have @off.", "pw"),
        ("For $y = 1$ we get @yes, and @yes for any $y$.", "p?"),
        # Other symbols may be anything all the same, and so may the indices of what is supposed.
        ("For $r > 0$ we get @up, and for any $y$ also @up2.", "pp"),
        ("For $v_i > 0$ we get @one for all $i$.", "p"),
        ("If $v_j > 0$ for all $j$, then @one.", "p"),
        ("If $v_i > 0$, then for every $i$, @one.", "p"),
        ("For all $i$ with $v_i > 0$, @one.", "p"),
    ],
)
def test_only_what_is_free_is_freed(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("The off-diagonal entries ($i \\neq j$) are @off.", "p"),
        ("Diagonal ($i = j$): @on. Off-diagonal ($i \\ne j$): @off.", "pp"),
        ("The positive part ($r > 0$) has @up.", "p"),
        ("In the active regime ($r > 0$), @up.", "p"),
        ("The gradient for positive examples ($y = 1$) is @yes.", "p"),
        ("For positives ($y = 1$) we have @yes, and for negatives ($y = 0$) we have @no.", "pp"),
        ("For positives ($y = 1$) we have @yes, and for negatives ($y = 0$) we have @yes.", "pw"),
        ("For these (i.e. $H > 0$) we have @up, and for the others (i.e. $H = 0$) @down.", "pp"),
        ("@up inside ($r > 0$), @down outside ($r \\le 0$).", "pp"),
        ("@up inside ($r > 0$), @up outside ($r \\le 0$).", "pw"),
        ("**Diagonal ($i = j$):**\n\n$@on$\n\n**Off-diagonal ($i \\neq j$):**\n\n$@off$", "pp"),
        ("In both cases ($y = 0$ and $y = 1$) @yes.", "w"),
        ("Except on the diagonal ($i = j$), @off.", "p"),
        ("Unlike the diagonal ($i = j$), here @off.", "w"),
        ("The diagonal ($i = j$) is special. @on.", "w"),
        # What is said of something else may be said of others.
        ("Entries with $i \\neq j$ aside, the diagonal ($i = j$) has @on.", "p"),
        ("Positive examples ($y = 1$) have @yes, and hence @yes.", "pp"),
        ("Positive examples ($y = 1$) have @yes while the loss has @yes.", "p?"),
    ],
)
def test_a_condition_in_brackets_is_one_of_the_noun_before_it(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("For $r > 0$, @up, for $r < 0$, @down.", "pp"),
        ("For $r > 0$ we have @up, for $r < 0$ we have @down.", "pp"),
        ("If $r > 0$, @up, if $r < 0$, @down.", "pp"),
        ("If $r > 0$, @up, if $r < 0$, @up.", "pw"),
        ("We have @up for $r > 0$, @down for $r < 0$.", "pp"),
        ("We have @up, if $r > 0$, @down, if $r < 0$.", "pp"),
    ],
)
def test_a_condition_with_a_comma_of_its_own_is_that_of_the_claim_behind_it(
    body: str, expected: str
) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    "words",
    [
        "In the region $r > 0$ we have",
        "On $r > 0$,",
        "Under $r > 0$:",
        "Once $r > 0$,",
        "Where $r > 0$,",
        "Under the assumption that $r > 0$,",
    ],
)
def test_words_for_places_suppose(words: str) -> None:
    assert letters(f"{words} @up.") == "p"
    assert letters(f"{words} @down.") == "w"
    assert letters("We find that @up in the region $r > 0$.") == "p"

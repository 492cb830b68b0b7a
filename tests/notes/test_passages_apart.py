"""Sentences in brackets and footnotes suppose nothing behind them; commands are no words."""

import pytest

from derive.notes.check import check
from derive.notes.document import read
from tests.notes.test_reach_of_conditions import letters


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("(If $y = 1$, then @yes.) We have @yes.", "pw"),
        ("(For $r > 0$ this is easy: @up.) @up", "pw"),
        ("(For $y = 1$, @yes.) The gradient is @yes.", "pw"),
        ("Let $r > 0$. (This is easy for $y = 1$: then @yes.) Then @up.", "pp"),
        ("Suppose $r > 0$. (If $y = 1$, then @yes.) Then @up.", "pp"),
        ("If $r > 0$, then @up (and @up2). @up", "ppw"),
        ("(If $r > 0$, then @up.) (If $y = 1$, @up.) @up", "pww"),
        # A condition and no more is one of what stands before it.
        ("We have @up. (For $r > 0$.)", "w"),
        ("@up (for $r > 0$). @up", "pw"),
    ],
)
def test_a_sentence_in_brackets_supposes_nothing_behind_them(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"It is easy.\footnote{For $y = 1$ it is @yes.} Hence @yes.", "pw"),
        (r"Note\footnote{If $r > 0$, life is easy.} that @up.", "w"),
        (r"We have @no\footnote{If $r > 0$, also @up.} and @up.", "wpw"),
        (r"If $r > 0$\footnote{If $y = 1$, @yes.}, then @up.", "pp"),
    ],
)
def test_a_footnote_supposes_nothing_behind_it(body: str, expected: str) -> None:
    assert letters(body, "note.tex") == expected


@pytest.mark.parametrize(
    "before",
    [
        r"\begin{lemma}",
        r"\begin{lemma}[Name]\label{a}",
        r"\begin{proof}",
        r"\section{Name}",
        r"\section*{Name}\label{a}",
        r"\paragraph{Name.}",
        r"\noindent",
        r"\textbf{Proof.}",
    ],
)
@pytest.mark.parametrize("blank", ["\n", " "])
def test_let_is_heard_behind_what_lays_out(before: str, blank: str) -> None:
    assert letters(f"{before}{blank}Let $r > 0$. Then @up.", "note.tex") == "p"
    assert letters(f"Text. {before}{blank}Let $r > 0$. Then @down.", "note.tex") == "w"


@pytest.mark.parametrize("words", ["WLOG", "W.l.o.g.", "Without loss of generality,", "Let WLOG"])
def test_what_is_supposed_without_loss_of_generality_is_supposed(words: str) -> None:
    assert letters(f"{words} $r > 0$. Then @up. @up") == "pw"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("- If $r > 0$, then @up.\n- Otherwise, @down.\n", "pp"),
        ("- If $r > 0$, @up.\n- Else @up.\n", "pw"),
        ("- If $r > 0$, @up.\n- In all other cases @down.\n", "pp"),
        ("- If $r > 0$:\n  - @up\n  - @up2\n- Otherwise:\n  - @down\n  - @down2\n", "pppp"),
        ("- If $r > 0$:\n  - @up\n- Otherwise:\n  - @up2\n  - @down\n", "pwp"),
        ("If $r > 0$, @up; elsewhere @down.", "pp"),
        ("As we show elsewhere, @down.", "w"),
    ],
)
def test_otherwise_goes_on_with_the_entry_before_it(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    "words",
    ["iff", "if and only if", "exactly when", "precisely if", "just when", "if, and only if,"],
)
def test_what_holds_exactly_there_is_judged_there(words: str) -> None:
    assert letters(f"@yes {words} $y = 1$. @off {words} $i \\neq j$. @up {words} $y = 0$.") == "ppw"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (r"For $i \not= j$, @off.", "p"),
        (r"For $i \not= j$, @on.", "w"),
        (r"For $r \not\le 0$, @up. For $r \not> 0$, @down. For $r \ngtr 0$, @up.", "ppw"),
        (r"@down2 [if $r < 0$], @up2 [if $r > 0$].", "pp"),
        ("@up salvo que $r < 0$.", "p"),
    ],
)
def test_conditions_may_be_struck_out_and_in_other_brackets(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("If $r > 0$, then @up; if also $y = 1$, then @yes and @up2.", "ppp"),
        ("If $r > 0$, then @up. If, in addition, $y = 1$, then @yes and @up2.", "ppp"),
        ("Let $r > 0$. Then @up. Let moreover $y = 1$. Then @yes and @up2.", "ppp"),
        ("For $r > 0$ (and $y = 1$) we have @up and @yes.", "pp"),
        ("If $r > 0$, then @up. If $y = 1$, then @yes and @up2.", "ppw"),
    ],
)
def test_a_further_condition_keeps_the_one_before_it(body: str, expected: str) -> None:
    assert letters(body) == expected


@pytest.mark.parametrize(
    "words", ["It is not true that", "It is false that", "it isn't the case that", "Nieprawda, że"]
)
def test_what_is_denied_is_not_judged(words: str) -> None:
    assert letters(f"{words} @up. It is not hard to see that @up.") == "w"
    right = r"$\frac{\partial J}{\partial z} = \sigma(z) - y$"
    assert letters(f"{words} {right}. It is not hard to see that {right}.") == "p"


MATRIX = r"""---
derive: 1
dims: {N: features}
symbols:
  A: {shape: [N, N], role: constant}
  x: {shape: [N], role: input}
  q: {shape: []}
  n: {shape: []}
define:
  - q = x^\top A x
  - n = \|x\|
---

"""


@pytest.mark.parametrize(
    "body",
    [
        r"Let $A = A^\top$. Then $\nabla_x q = 2 A x$.",
        r"For $A^\top = A$, $\nabla_x q = 2 A x$.",
        r"For $\|x\| = 1$, $\nabla_x n = x$.",
        r"Let $\|x\| = 1$. Then $\nabla_x n = x$.",
    ],
)
def test_what_a_symbol_is_supposed_to_be_is_not_passed_over(body: str) -> None:
    found = [v.verdict for v in check(read(MATRIX + body, "n.md"), 0.0).verdicts]
    assert found[-1] == "unreadable"

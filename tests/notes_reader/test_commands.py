r"""Commands that a note defines for itself: written out, with every character's place."""

import random

import pytest

from derive.errors import DeriveError
from derive.notes.check import check
from derive.notes.commands import Commands, defined
from derive.notes.document import read
from derive.notes.edited import applied
from derive.notes.patch import patched
from derive.notes.report import changes, repaired
from derive.notes.verdicts import Edit, Repair

HEADER = r"""---
derive: 1
dims: {N: values}
symbols:
  x: {shape: [N], role: input}
  \vy: {shape: [N]}
  s: {shape: []}
define:
  - \vy_i = x_i^2
  - s = \norm{x}^2
---
\newcommand{\norm}[1]{\left\lVert#1\right\rVert}
\newcommand\vy{\mathbf y}
"""
TEX = "\n".join(f"% {line}" for line in HEADER.split("\n\\newcommand")[0].splitlines())
BODY = HEADER[HEADER.index("\\newcommand") :]


def latex(text: str, file: str = "n.md") -> list[str]:
    return [formula.latex for formula in read(text, file).formulas]


@pytest.mark.parametrize(
    ("definition", "use", "written"),
    [
        (r"\newcommand{\half}[1]{\frac{#1}{2}}", r"\half{x}", r"\frac{x}{2}"),
        (r"\newcommand{\half}[1]{\frac{#1}{2}}", r"\half x", r"\frac{x}{2}"),
        (r"\renewcommand\vec[1]{\mathbf#1}", r"\vec x + \vec\alpha", r"\mathbf x + \mathbf\alpha"),
        (r"\providecommand{\R}{\mathbb{R}}", r"x\in\R^N", r"x\in\mathbb{R}^N"),
        (r"\newcommand*{\dl}[1][L]{\partial #1}", r"\dl/\dl[x_i]", r"\partial L/\partial x_i"),
        (
            r"\def\d#1#2{\frac{\partial #1}{\partial #2}}",
            r"\d yx",
            r"\frac{\partial y}{\partial x}",
        ),
        (r"\DeclareMathOperator{\crelu}{CReLU}", r"\crelu(x)", r"\operatorname{CReLU}(x)"),
        (r"\DeclareMathOperator*{\amax}{arg\,max}", r"\amax_i", r"\operatorname*{arg\,max}_i"),
        (r"\DeclareMathOperator{\E}{\mathbb{E}}", r"\E x", r"\mathbb{E} x"),
        (
            r"\DeclarePairedDelimiter\abs{\lvert}{\rvert}",
            r"\abs*{x}",
            r"\left\lvert x \right\rvert",
        ),
        (r"\DeclarePairedDelimiter\abs||", r"\abs{x}", r"\abs{x}"),
        (r"\NewDocumentCommand{\p}{m m}{#2_{#1}}", r"\p{i}{x}", r"x_{i}"),
        (r"\let\eps=\epsilon", r"\eps x", r"\epsilon x"),
        (r"\newcommand{\a}{\alpha}", r"\a x\\a", r"\alpha x\\a"),
        (r"\newcommand{\sq}[1]{#1\cdot#1}\newcommand{\w}{w}", r"\sq{\w_i}", r"w_i\cdot w_i"),
        (r"\newcommand{\v}{\mathbf v\xspace}", r"\v = 1", r"\mathbf v = 1"),
        ("\\newcommand{\\v}[1]{%\n  \\mathbf{#1}%  so\n}", r"\v x = 1", r"\mathbf{x} = 1"),
    ],
)
def test_a_command_is_written_out(definition: str, use: str, written: str) -> None:
    assert latex(f"{definition}\n\n${use}$") == [written]
    assert latex(f"{definition}\n\\begin{{document}}\n\\[{use}\\]\n\\end{{document}}", "n.tex") == [
        written
    ]


def test_functions_that_are_known_stay_what_they_are() -> None:
    assert latex(r"\newcommand{\softmax}{\mathop{\mathrm{softmax}}} $\softmax(x)$") == [
        r"\softmax(x)"
    ]


def test_what_is_defined_in_a_formula_is_no_part_of_it() -> None:
    assert latex(r"$\newcommand{\a}{b}$ and $$\def\c{d} y = \a\c$$") == [r" y = bd"]


def test_a_definition_holds_from_where_it_stands() -> None:
    assert latex(r"$y = \a$ \def\a{b} $y = \a$ \def\a{c} $y = \a$") == [
        r"y = \a",
        "y = b",
        "y = c",
    ]


def test_what_is_commented_out_defines_nothing() -> None:
    assert latex("% \\def\\a{b}\n\\begin{document}\n$y = \\a$\n\\end{document}", "n.tex") == [
        r"y = \a"
    ]
    assert latex(r"`\def\a{b}` $y = \a$") == [r"y = \a"]


def test_what_takes_its_arguments_in_another_way_is_left() -> None:
    assert defined(r"\def\pair(#1,#2){#1#2}", 0, 99)[0] is None
    assert defined(r"\NewDocumentCommand{\x}{O{a} m}{#1#2}", 0, 99)[0] is None
    assert latex(r"\def\pair(#1,#2){#1#2} $\pair(a,b) = 1$") == [r"\pair(a,b) = 1"]


def test_every_character_has_its_place() -> None:
    text = r"\newcommand{\q}[2]{\frac{#1}{#2}} $z = \q{y_i}{x_j} + 1$"
    (formula,) = read(text, "n.md").formulas
    assert formula.latex == r"z = \frac{y_i}{x_j} + 1"
    for own in ("z", "y_i", "x_j", "+ 1"):
        at = formula.latex.index(own)
        assert text[formula.offset(at) :].startswith(own)
    # What the definition has stands where the command is, up to its last brace.
    first, last = formula.latex.index(r"\frac"), formula.latex.index("} +")
    assert text[formula.offset(first) :].startswith(r"\q{y_i}")
    assert text[formula.offset(last) :].startswith("} + 1")


def claims(body: str, tex: bool = False):  # type: ignore[no-untyped-def]
    text = f"{TEX}\n{BODY}\\begin{{document}}\n{body}" if tex else HEADER + body
    return check(read(text, "n.tex" if tex else "n.md"))


@pytest.mark.parametrize("tex", [False, True])
def test_names_and_formulas_of_the_header_may_use_them(tex: bool) -> None:
    body = "\\def\\d#1#2{\\frac{\\partial #1}{\\partial #2}}\n"
    checked = claims(body + r"$\d{\vy_i}{x_j} = 2 x_i \delta_{ij}$, $\nabla_x s = 2 x$", tex)
    assert [verdict.verdict for verdict in checked.verdicts] == ["proved", "proved"]


@pytest.mark.parametrize("tex", [False, True])
def test_the_header_hears_nothing_that_is_no_definition(tex: bool) -> None:
    later = "% \\newcommand\\vy{q}\n" if tex else "`\\newcommand\\vy{q}`\n"
    header = claims(later + r"$\nabla_x s = 2 x$", tex).note.header
    assert r"\mathbf{y}" in header.names()


def test_a_declared_name_that_is_known_without_a_definition_keeps_its_meaning() -> None:
    commands = Commands(r"symbols: {\alpha: {shape: []}, \vy: {shape: []}}")
    commands.define(r"\def\alpha{a}", 0, 99)
    commands.define(r"\def\vy{y}", 0, 99)
    assert list(commands.known) == [r"\vy"]


def test_a_mistake_in_an_argument_is_mended_where_it_stands() -> None:
    body = "\\def\\d#1#2{\\frac{\\partial #1}{\\partial #2}}\n$\\d{s}{x_k} = 2 x_k \\d{x_k}{x_j}$"
    checked = claims(body.replace("= 2 x_k \\d{x_k}{x_j}", "= \\d{\\sum_i x_i^2}{x_j}"))
    (verdict,) = checked.verdicts
    text = patched(checked).text
    assert r"$\d{s}{x_k} = \d{\sum_i x_i^2}{x_k}$" in text
    assert repaired(verdict, verdict.repairs[0]) in text


def test_a_mistake_in_a_definition_is_mended_where_it_is_used() -> None:
    checked = claims(
        r"\newcommand{\twice}[1]{3 #1} $\frac{\partial s}{\partial x_k} = \twice{x_k}$"
    )
    (verdict,) = checked.verdicts
    (change,) = changes(verdict.formula, verdict.repairs[0])
    assert (change.found, change.text) == (r"\twice{x_k}", "2 x_k")
    assert r"\newcommand{\twice}[1]{3 #1}" in patched(checked).text
    assert repaired(verdict, verdict.repairs[0]).endswith("= 2 x_k")


def test_a_mistake_in_an_argument_that_stands_twice_is_mended_whole() -> None:
    body = r"\newcommand{\twice}[1]{#1 + #1} $\frac{\partial s}{\partial x_k} = \twice{x_i}$"
    checked = claims(body)
    (verdict,) = checked.verdicts
    text = patched(checked).text
    assert [v.verdict for v in check(read(text, "n.md")).verdicts] == ["proved"]
    assert all(c.found == r"\twice{x_i}" for c in changes(verdict.formula, verdict.repairs[0]))


def test_a_repair_within_a_quotation_has_no_marks() -> None:
    body = "> $$ \\frac{\\partial \\vy_i}{\\partial x_j} =\n> 2 \\delta_{ij} x_k $$"
    (verdict,) = claims(body).verdicts
    assert ">" not in repaired(verdict, verdict.repairs[0])


@pytest.mark.parametrize(
    ("definition", "use", "message"),
    [
        (r"\def\q#1#2{#1#2}", r"\q{a}", r"\q takes 2 arguments"),
        (r"\newcommand{\q}[1]{#1}", r"{\q}", r"\q takes 1 argument"),
        (r"\def\q{\r\r}\def\r{\q}", r"\q", "or without end"),
        (
            "".join(
                rf"\def\q{a}{{\q{b}\q{b}}}"
                for a, b in zip("abcdefghijklmnop", "bcdefghijklmnopq", strict=True)
            ),
            r"\qa",
            "more than 16384 characters",
        ),
    ],
)
def test_what_cannot_be_written_out_is_one_message_at_its_place(
    definition: str, use: str, message: str
) -> None:
    text = f"{definition}\n\n$y = {use}$"
    with pytest.raises(DeriveError) as caught:
        read(text, "n.md")
    assert message in caught.value.message
    assert caught.value.span is not None
    assert caught.value.span.line == 3


def test_whatever_follows_a_definition_is_read_or_refused_in_words() -> None:
    generator = random.Random(5)
    pieces = (
        *(r"\newcommand", r"\def", r"\let", r"\a", r"\b", "{", "}", "[1]", "[", "]", "#1", "#9"),
        *("$", "x", " ", "\n", "=", "%", "*", "\\", r"\DeclareMathOperator", r"\begin{document}"),
    )
    for _ in range(400):
        text = "".join(generator.choices(pieces, k=generator.randrange(2, 16)))
        for file in ("n.md", "n.tex"):
            try:
                note = read(text, file)
            except DeriveError:
                continue
            for formula in note.formulas:
                for at in range(len(formula.latex)):
                    assert 0 <= formula.offset(at) < len(text)


def test_changes_of_one_command_are_one_change() -> None:
    text = HEADER + "\\newcommand{\\two}[1]{x_i #1 x_i}\n\n$s = \\two{x_j x_k}$\n"
    (formula,) = read(text, "n.md").formulas
    start = formula.latex.index("x_i")
    edits = tuple(Edit(k, k + 1, "z", "symbol") for k in (start, start + 4, start + 8))
    repair = Repair(edits, applied(formula.latex, edits), True)
    (change,) = changes(formula, repair)
    assert (change.found, change.text) == (r"\two{x_j x_k}", "z_i z_j z_k x_i")

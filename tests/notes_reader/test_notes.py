"""A note gives its header and its formulas, each character with its place."""

import pytest

from derive.errors import DeriveError
from derive.notes.declare import world_of
from derive.notes.document import Note, read

HEADER = """---
derive: 1
dims: {N: samples, H: 4}
symbols:
  X: {shape: [N], role: input}
  '\\hat y': {shape: [N, 2*H], doc: the output}
  'X''': {shape: []}
  L: {shape: [], role: loss, of: [X, '\\hat y']}
  '\\phi': {role: function}
define:
  - a = b
  - 'X'' = c'
assume:
  - X_i > 0
layout: numerator
convention: row
index_base: 0
rename: {'\\mathbf w': X}
---
"""


def latex(note: Note) -> list[str]:
    return [formula.latex for formula in note.formulas]


def test_the_header_is_read() -> None:
    header = read(HEADER, "n.md").header
    assert header is not None
    assert [(dim.name, dim.doc, dim.size) for dim in header.dims] == [
        ("N", "samples", None),
        ("H", "", 4),
    ]
    assert [(s.name, s.shape, s.role, s.of) for s in header.symbols] == [
        ("X", ("N",), "input", ()),
        (r"\hat{y}", ("N", "2*H"), None, ()),
        ("X'", (), None, ()),
        ("L", (), "loss", ("X", r"\hat{y}")),
        (r"\phi", None, "function", ()),
    ]
    assert header.symbols[1].spelling == r"\hat y"
    assert header.symbols[1].span.line == 6
    assert [formula.latex for formula in header.define] == ["a = b", "X' = c"]
    assert [formula.latex for formula in header.assume] == ["X_i > 0"]
    assert (header.layout, header.convention, header.index_base) == ("numerator", "row", 0)
    assert header.rename == ((r"\mathbf{w}", "X"),)
    assert r"\mathbf{w}" in header.names()


def test_a_definition_knows_its_place_through_yaml_quotes() -> None:
    header = read(HEADER, "n.md").header
    assert header is not None
    span = header.define[1].span(5, 6)
    assert (span.line, span.column, span.text) == (12, 12, "  - 'X'' = c'")


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_byte_order_marks_do_not_matter(ends: str, mark: str) -> None:
    text = mark + (HEADER + "\n$$\na\n= b\n$$\n").replace("\n", ends)
    note = read(text.encode("utf-8"), "n.md")
    assert note.header is not None
    (formula,) = note.formulas
    place = formula.latex.index("b")
    span = formula.span(place, place + 1)
    assert (span.line, span.column, span.text) == (23, 3, "= b")
    assert text[formula.offset(place)] == "b"


def test_the_header_of_a_latex_file_is_in_its_first_comments() -> None:
    text = "% !TEX root\n% ---\n% derive: 1\n% symbols:\n%   q: {shape: [], role: papam}\n% ---\n"
    with pytest.raises(DeriveError) as caught:
        read(text, "n.tex")
    assert caught.value.hint == "did you mean param?"
    span = caught.value.span
    assert span is not None
    assert (span.line, span.column) == (5, 26)
    note = read(text.replace("papam", "param") + "$a$ % $b$\n\\[c\\]", "n.tex")
    assert note.header is not None
    assert latex(note) == ["a", "c"]


def test_formulas_of_all_kinds_are_found_in_order() -> None:
    note = read(
        "$a$ and \\(b\\)\n$$c\n$$\n\\[d\\]\n\\begin{align*}e&=f\\end{align*}\n"
        "```math\ng\n```\n$`h`$"
    )
    assert latex(note) == ["a", "b", "c\n", "d", r"\begin{align*}e&=f\end{align*}", "\ng\n", "h"]
    assert [formula.display for formula in note.formulas] == [
        False, False, True, True, True, True, False,
    ]  # fmt: skip


def test_code_comments_and_money_are_no_formulas() -> None:
    text = "`$a$` ``$b`$`` costs $5 and $6, \\$7\n```python\n$$c$$\n```\n~~~\n$d$\n~~~\n"
    text += "<!-- $e$ -->\n$f$"
    assert latex(read(text)) == ["f"]
    tex = "\\verb|$a$| % $b$\n\\begin{verbatim}$c$\\end{verbatim} \\% $d$ \\$e"
    assert latex(read(tex, "n.tex")) == ["d"]


def test_a_spaced_dollar_opens_a_formula_only_where_it_looks_like_one() -> None:
    assert latex(read("with $ x = y $ here, $ 5 or $ 6")) == [" x = y "]


def test_only_the_body_of_a_latex_document_counts() -> None:
    text = "\\newcommand{\\x}{$a$}\n\\begin{document}$b$\\end{document}$c$"
    assert latex(read(text, "n.tex")) == ["b"]


def test_a_formula_may_be_skipped() -> None:
    note = read("<!-- derive: skip -->\n$$a$$\n$$b$$")
    assert [formula.skip for formula in note.formulas] == [True, False]
    note = read("% derive: skip\n$$a$$\n$$b$$", "n.tex")
    assert [formula.skip for formula in note.formulas] == [True, False]


def test_a_quoted_display_loses_its_marks_and_keeps_its_places() -> None:
    text = "> $$\n> a =\n> b\n> $$\n"
    (formula,) = read(text).formulas
    assert formula.latex == "\na =\nb\n"
    for index, character in enumerate(formula.latex):
        assert text[formula.offset(index)] == character
    span = formula.span(5, 6)
    assert (span.line, span.column, span.text) == (3, 3, "> b")


def test_a_folded_definition_keeps_its_places() -> None:
    text = "---\nderive: 1\ndefine:\n  - >\n    a =\n    b\n  - c =\n    d\n---\n"
    header = read(text).header
    assert header is not None
    for formula, letter, line in zip(header.define, "bd", (6, 8), strict=True):
        place = formula.latex.index(letter)
        assert (formula.span(place, place + 1).line) == line
        assert text[formula.offset(place)] == letter


def test_a_note_may_have_no_header() -> None:
    assert read("text $a$").header is None
    assert read("").formulas == ()


def test_a_formula_must_end() -> None:
    for text, file in (("a\n $$b", "n.md"), ("a\n $b\n\n", "n.tex"), ("a\n \\[b", "n.md")):
        with pytest.raises(DeriveError, match="never ends") as caught:
            read(text, file)
        assert caught.value.span is not None
        assert (caught.value.span.line, caught.value.span.column) == (2, 2)


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"a\n \xff", "the byte 0xff is not UTF-8", (2, 2)),
        (b"a\n \0", "there is a NUL character here", (2, 2)),
        (b"---\nderive: 1\n", "the header that begins here never ends", (1, 1)),
    ],
)
def test_what_is_no_text_is_refused_at_its_place(
    data: bytes, message: str, place: tuple[int, int]
) -> None:
    with pytest.raises(DeriveError) as caught:
        read(data, "n.md")
    assert caught.value.message == message
    assert caught.value.span is not None
    assert (caught.value.span.line, caught.value.span.column) == place


@pytest.mark.parametrize(
    ("line", "message", "column"),
    [
        ("symbls: {}", "unknown key symbls", 1),
        ("symbols: 3", "symbols must be a mapping: name: value", 10),
        ("symbols: {x: 3}", "x must say its shape: {shape: [N], role: input}", 14),
        ("symbols: {x: {role: input}}", "x has no shape", 11),
        ("symbols: {x: {shape: N}}", "a shape is a list: [N, M], or [] for a scalar", 22),
        ("symbols: {x: {shape: [1.5]}}", "1.5 is no size", 23),
        ("symbols: {x: {shape: [], role: inptu}}", "unknown role inptu", 32),
        ("symbols: {x: {shape: [], role: [a]}}", "role must be one text, not a list", 32),
        ("symbols: {x: {shape: [], rol: input}}", "unknown key rol of x", 26),
        ("symbols: {x: {shape: []}, x: {shape: []}}", "x is given a second time", 27),
        (r"symbols: {'\hat y': {shape: []}, '\hat{y}': {shape: []}}",
         r"\hat{y} is the same name as \hat y in line 3", 34),
        (r"symbols: {'\foo': {shape: []}}",
         r"\foo cannot be a name: cannot read \foo: unknown command", 11),
        ("index_base: 0.5", "index_base is 0 or 1, not 0.5", 13),
        ("dims: {N: 0}", "a size is a positive whole number, not 0", 11),
        ("dims: {N: 2.5}", "a size is a positive whole number, not 2.5", 11),
        ("layout: rows", "unknown layout rows", 9),
        ("define: [[a]]", "a formula in define must be one text, not a list", 10),
        ("define: ['']", "a formula in define is empty", 10),
        ("define: !!python/name:os.system x", "tags (!) are not used in notes", 9),
        ("define: &a [x]", "anchors and aliases (& and *) are not used in notes", 9),
        ("dims: {N: [a}", "the header is not valid YAML: expected ',' or ']', but got '}'", 13),
        (r'define: ["\hat y"]', "the header is not valid YAML: found unknown escape character 'h'",
         12),
        ("layer: q\nsymbols: {}", "layer: q already says the symbols and definitions", 1),
    ],
)  # fmt: skip
def test_a_wrong_header_is_refused_at_its_place(line: str, message: str, column: int) -> None:
    with pytest.raises(DeriveError) as caught:
        read(f"---\nderive: 1\n{line}\n---\n", "n.md")
    assert caught.value.message == message
    span = caught.value.span
    assert span is not None
    assert (span.line, span.column) == (3 + line.count("\n"), column)


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("dims: {}", "the header does not say derive: 1"),
        ("derive: 2", "only version 1 of the note format is known"),
        ("", "the header is empty: it must say derive: 1"),
        ("- a", "the header must be made of lines key: value"),
        ("x: " + "[" * 5000, "the header is nested too deeply"),
        (
            "derive: 1\ndims: {N: " + "a" * 70_000 + "}",
            "the header is longer than 65536 characters",
        ),
    ],
)
def test_a_header_says_its_version_and_is_bounded(header: str, message: str) -> None:
    with pytest.raises(DeriveError) as caught:
        read(f"---\n{header}\n---\n")
    assert caught.value.message == message


def test_an_error_shows_the_line_with_a_caret() -> None:
    with pytest.raises(DeriveError) as caught:
        read("---\nderive: 1\nlayout: rows\n---\n", "n.md")
    assert str(caught.value).splitlines()[:3] == [
        "n.md:3:9: unknown layout rows",
        "    layout: rows",
        "            ^^^^",
    ]


def test_a_file_has_a_size_limit() -> None:
    with pytest.raises(DeriveError, match="is longer than"):
        read("x" * (1 << 20) + "x")


ZERO = r"""---
derive: 1
dims: {n: size}
symbols:
  x: {shape: [n], role: input}
  w_0: {shape: [], role: param}
  f: {shape: []}
define:
  - f = w_0 + \sum_i x_i
---
"""


@pytest.mark.parametrize(
    ("formula", "base"),
    [
        (r"\frac{\partial f}{\partial w_0} = 1", 1),
        (r"\int_0^1 x dx = 2", 1),
        (r"\sum_{i=0}^{n} i = 2", 1),
        (r"\frac{\partial f}{\partial x_0} = 1", 0),
        (r"\frac{\partial f}{\partial x_{0}} = 1", 0),
    ],
)
def test_indices_count_from_0_where_an_entry_0_is_written(formula: str, base: int) -> None:
    assert world_of(read(f"{ZERO}$${formula}$$\n", "note.md")).base == base

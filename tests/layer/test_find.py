"""Finding a layer by name or by file, and what is said when that fails."""

import pytest

from derive.errors import DeriveError, DeriveErrors
from derive.layer.find import load, shipped

GOOD = """
from derive import Definition, tanh

layer = Definition("mine", "A layer of my own.")
N = layer.sizes("N")
x = layer.input("x", N)
layer.output("y", tanh(x))
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="mine.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def message(path):
    with pytest.raises(DeriveError) as caught:
        load(str(path))
    return str(caught.value).replace(f"{path.parent}/", "")


def test_every_shipped_layer_is_found_by_its_own_name():
    assert list(shipped()) == ["binary_mlp", "quantizer", "softmax_mlp", "softmax_mlp_rows"]
    assert [load(name).name for name in shipped()] == list(shipped())


def test_a_layer_is_read_from_a_file(file):
    assert load(str(file(GOOD))).name == "mine"


def test_a_built_layer_in_a_file_will_do(file):
    assert load(str(file(GOOD + "layer = layer.build()"))).name == "mine"


def test_a_layer_file_imports_from_its_own_folder(file):
    file("SIZE = 'N'", "beside_the_layer.py")
    text = "from beside_the_layer import SIZE\n" + GOOD.replace('"N"', "SIZE")
    assert load(str(file(text))).sizes[0].name == "N"


def test_a_file_that_changed_is_read_again(file):
    load(str(file(GOOD)))
    assert load(str(file(GOOD.replace('"mine"', '"other"')))).name == "other"


def test_an_unknown_name_gets_the_closest_ones(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeriveError) as caught:
        load("quantiser")
    assert str(caught.value) == "unknown layer 'quantiser'\n  hint: did you mean quantizer?"
    with pytest.raises(DeriveError, match="unknown layer 'zzz'") as caught:
        load("zzz")
    assert "there are binary_mlp, quantizer" in caught.value.hint


def test_a_name_with_a_file_of_that_name_gets_a_hint_at_it(file, monkeypatch):
    monkeypatch.chdir(file(GOOD).parent)
    with pytest.raises(DeriveError) as caught:
        load("mine")
    assert caught.value.hint == "to read the file here, write mine.py"


def test_a_missing_file_is_named(tmp_path):
    assert message(tmp_path / "no.py") == "no.py cannot be read: No such file or directory"


def test_a_folder_is_not_a_layer_file(tmp_path):
    (tmp_path / "folder.py").mkdir()
    assert message(tmp_path / "folder.py") == "folder.py cannot be read: Is a directory"


def test_a_file_of_another_kind_is_refused(file):
    text = message(file("", "layer.txt"))
    assert (
        text == "layer.txt is not a layer file: a Python file (.py) or a note (.md, .tex) is needed"
    )


def test_a_syntax_error_is_shown_with_a_caret(file):
    shown = message(file("x = 1\ny = = 2\n"))
    assert shown == "mine.py:2:5: invalid syntax\n    y = = 2\n        ^"


def test_text_that_is_not_utf8_is_an_error_of_the_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_bytes(b"x = '\xff\xfe'\n")
    assert "mine.py" in message(path)


def test_a_null_byte_is_shown_with_a_caret(tmp_path):
    path = tmp_path / "mine.py"
    path.write_bytes(b"\xc3\xa9 = 3\r\nx = 1\0\r\n")
    assert message(path).endswith(
        "mine.py:2:6: source code cannot contain null bytes\n    x = 1 \n         ^"
    )


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_shown_as_one(name):
    with pytest.raises(
        DeriveError, match=f"^'{name}' names no layer\n  hint: there are binary_mlp"
    ):
        load(name)


def test_an_exception_is_shown_at_its_line(file):
    shown = message(file("x = 1\nz = {}['key']\n"))
    assert shown == "mine.py:2:1: KeyError: 'key'\n    z = {}['key']\n    ^^^^^^^^^^^^^"


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ("y[i] = x[i] if x[i] > 0 else 0", "write select(condition, a, b), or maximum"),
        ("y[i] = max(x[i], 0)", "write select(condition, a, b), or maximum"),
        ("import numpy as np; y[i] = np.exp(x[i])", "take the function from derive"),
        ("import math; y[i] = math.exp(x[i])", "take the function from derive"),
        ("import math; y[i] = math.sin(x[i])", "`from derive import sin`"),
        ("import numpy as np; y[i] = np.tanh(x[i])", "`from derive import tanh`"),
        ("y[i] = sum(x)", "write sum_over(i, x[i])"),
        ("y[i] = [v for v in x][0]", "write sum_over(i, x[i])"),
        ("y[i] = x[i] / len(x)", "sizes are symbols"),
        ("y[i] = 1 if x[i] > 0 and x[i] < 1 else 0", "as in (x > 0) & (x < 1), never by `and`"),
        ("y[i] = x[i] > 0 & x[i]", "put each condition in parentheses"),
        ("for n in range(N): y[n] = x[n]", "y[i] = … with an index i defines every entry at once"),
        ("y[i] = sum(x[n] for n in range(N))", "sum_over(j, x[j]) is a sum"),
        ("y[i] = [x[n] for n in range(N - 1)][0]", "there are no loops over them"),
        ("import numpy as np; layer.output('z', np.exp(x))", "take the function from derive"),
        ("y[i] = x.sum()", "sum_over(i, x[i]), max_over, mean_over"),
        ("y[i] = (x * x).mean()", "sum_over(i, x[i]), max_over, mean_over"),
        ("y[i] = x[i].sum()", "an entry is one number: sum_over(k, x[i, k]) adds up"),
        ("y[i] = (2 * x[i]).mean(axis=-1)", "an entry is one number: sum_over(k, x[i, k])"),
        ("y[i] = x[i].T", "x @ y and x.T are of whole arrays"),
        ("y[i] = layer.stop_gradient(x[i])", 'held = layer.label("held", N)'),
        ("y[i] = stop_gradient(x[i])", 'held = layer.label("held", N)'),
        ("y[i] = x.detach()[i]", 'held = layer.label("held", N)'),
        ("from derive import argmin_over", 'best = layer.integers("best", N)'),
        ("y[i] = argmin_over(i, x[i])", 'best = layer.integers("best", N)'),
        ("y[i] = x.argmax()", 'best = layer.integers("best", N)'),
        ("layer.output('z', x > 0)", "compare entries, not arrays"),
        ("y[i] = sigmod(x[i])", "did you mean sigmoid?"),
        ("import sympy; layer.output('z', sympy.cosh(x))", "from derive import cosh"),
        ("import math; layer.output('z', math.exp(x))", "take the function from derive"),
        ("import derive; y[i] = derive.sum_over(x)", "the index comes first: sum_over(i, x[i])"),
        ("y[i] = round(x[i])", "a rounded number has no place"),
        ("layer.output('z', laier)", "did you mean layer?"),
        ("import derive; derive.softmax(x, axis=0)", "an axis is named by its index"),
    ],
)
def test_what_python_and_numpy_cannot_do_with_a_formula_has_a_hint(file, body, hint):
    start = "from derive import Definition\nlayer = Definition('d')\nN = layer.sizes('N')\n"
    known = "x, i, y = layer.input('x', N), layer.indices('i'), layer.output('y', N)\n"
    with pytest.raises(DeriveError) as raised:
        load(str(file(f"{start}{known}{body}\n")))
    assert raised.value.span is not None and raised.value.span.line == 5
    assert hint in raised.value.hint


def test_leaving_the_program_in_a_file_is_an_error_too(file):
    assert "SystemExit: 3" in message(file("raise SystemExit(3)"))


def test_a_keyboard_interrupt_is_not_swallowed(file):
    with pytest.raises(KeyboardInterrupt):
        load(str(file("raise KeyboardInterrupt")))


def test_a_file_without_a_layer_says_so(file):
    assert message(file("x = 1")).startswith("mine.py defines no layer")
    assert message(file("layer = 3")) == "mine.py: layer is not a Definition, but of type int"


def test_a_mistake_found_at_once_has_the_line_of_the_file(file):
    text = GOOD.replace("tanh(x)", "x @ layer.input('z', N + 1)")
    assert message(file(text)).startswith("mine.py:7:1: a matrix product of shapes")


def test_mistakes_found_at_the_end_are_shown_together(file):
    text = GOOD + 'i, j = layer.indices("i j")\nw = layer.node("w", N)\nw[i] = x[j]\nx[i] = 1\n'
    with pytest.raises(DeriveErrors) as caught:
        load(str(file(text)))
    assert "x is given, and cannot be defined as well" in str(caught.value)


def test_the_search_path_is_left_as_it_was(file):
    import sys

    before = list(sys.path)
    load(str(file(GOOD)))
    assert sys.path == before

"""Find a layer: a shipped one by its name, or the one in a user's own file.

A layer file is a program of the user's, and is run as one. Whatever goes wrong in it becomes a
:class:`~derive.errors.DeriveError` at the line where it went wrong.
"""

from __future__ import annotations

import difflib
import importlib
import linecache
import re
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import sympy as sp

from derive.errors import DeriveError, Span
from derive.layer import arrays
from derive.layer.build import Definition
from derive.layer.model import Layer
from derive.layers import shipped

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["load", "shipped"]

_METHODS = (
    "there are functions in place of methods: sum_over(i, x[i]), max_over, mean_over, exp(x); "
    "x @ y and x.T are as in NumPy"
)
_TAKEN = "take the function from derive: `from derive import {function}`"
_HELD = (
    "what no gradient is to pass through is declared a second time, as in "
    'held = layer.label("held", N); whoever calls the code gives it the same values'
)
_PLACE = (
    "the place of a minimum or a maximum is given from outside: "
    'best = layer.integers("best", N), and x[i, best[i]]; max_over and min_over are the values'
)
_ENTRY = (
    "an entry is one number: sum_over(k, x[i, k]) adds up over an index, as max_over, min_over and "
    "mean_over go over it; x @ y and x.T are of whole arrays"
)
#: What to write instead of what SymPy and NumPy refuse in their own words; of a function, its name.
_HINTS = {
    "stop_gradient'": _HELD,
    "'detach'": _HELD,
    "'argmin_over'": _PLACE,
    "'argmax_over'": _PLACE,
    "'argmin'": _PLACE,
    "'argmax'": _PLACE,
    "truth value of Relational": (
        "write select(condition, a, b), or maximum, minimum, relu; "
        "join conditions as in (x > 0) & (x < 1), never by `and`, `or`, `not`, or as 0 < x < 1"
    ),
    "operand type(s) for &": "put each condition in parentheses: (x > 0) & (x < 1)",
    "operand type(s) for |": "put each condition in parentheses: (x > 0) | (x < 1)",
    "cannot be iterated over": "write sum_over(i, x[i]), or max_over, mean_over, product_over",
    "has no len()": "sizes are symbols: take the one that the array was declared with",
    "cannot be interpreted as an integer": (
        "sizes are symbols, and there are no loops over them: y[i] = … with an index i defines "
        "every entry at once, and sum_over(j, x[j]) is a sum"
    ),
    "'Handle' object has no attribute": _METHODS,
    "'Array' object has no attribute": _METHODS,
    "not supported between instances of": (
        "compare entries, not arrays: y[i] = select(x[i] > 0, a[i], b[i])"
    ),
    "SympifyError": (f"{_TAKEN}; or write it of entries, as in y[i] = sp.{{function}}(x[i])"),
    "real number, not Handle": _TAKEN,
    "real number, not Array": _TAKEN,
    "Cannot round symbolic expression": "a rounded number has no place in a layer",
    "missing 1 required positional argument: 'body'": ("the index comes first: sum_over(i, x[i])"),
    "does not support ufuncs": _TAKEN,
    "Cannot convert expression to float": _TAKEN,
    "unexpected keyword argument 'axis'": (
        "an axis is named by its index: exp(x[i, j]) / sum_over(i, exp(x[i, j])), "
        "max_over(i, x[i, j]); functions of whole arrays go along the last one"
    ),
    "loop of ufunc does not support": _TAKEN,
}


def load(name: str) -> Layer:
    """Return a layer by the name of a shipped one, or by the path of a Python file.

    Parameters
    ----------
    name : str
        ``quantizer``, or ``path/to/my_layer.py``: a file that defines ``layer``.

    Raises
    ------
    DeriveError
        If there is no such layer, or its file is wrong; with the file, the line and a caret.
    """
    if name in shipped():
        module = importlib.import_module(f"derive.layers.{name}")
        return _built(module.layer, Path(name))
    path = Path(name)
    if not name.strip():
        raise DeriveError(f"{name!r} names no layer", hint=f"there are {', '.join(shipped())}")
    if path.suffix == ".py":
        return _built(_run(path).get("layer"), path)
    if path.suffix or len(path.parts) > 1 or path.exists():
        raise DeriveError(
            f"{name} is not a layer file: a Python file (.py) or a note (.md, .tex) is needed"
        )
    close = difflib.get_close_matches(name, shipped(), n=3)
    beside = path.with_suffix(".py")
    if beside.exists():
        hint = f"to read the file here, write {beside}"
    elif close:
        hint = f"did you mean {' or '.join(close)}?"
    else:
        hint = f"there are {', '.join(shipped())}; or give the path of a .py file, or of a note"
    raise DeriveError(f"unknown layer {name!r}", hint=hint)


def _built(found: object, path: Path) -> Layer:
    if isinstance(found, Definition):
        return found.build()
    if isinstance(found, Layer):
        return found
    if found is None:
        raise DeriveError(
            f"{path} defines no layer",
            hint='a layer file has a line such as layer = Definition("name", "What it computes.")',
        )
    raise DeriveError(f"{path}: layer is not a Definition, but of type {type(found).__name__}")


def _run(path: Path) -> dict[str, object]:
    """Run a file as Python does: its own folder is where it imports from first."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise DeriveError(f"{path} cannot be read: {error.strerror}") from error
    if b"\0" in source:
        raise DeriveError("source code cannot contain null bytes", _null(source, path))
    names: dict[str, object] = {"__name__": "__layer__", "__file__": str(path)}
    linecache.checkcache(str(path))
    sys.path.insert(0, str(path.resolve().parent))
    try:
        exec(compile(source, str(path), "exec"), names)
    except DeriveError as error:
        if error.span is not None:
            raise
        raise DeriveError(error.message, _line(error, path), error.hint) from error
    except SyntaxError as error:
        raise DeriveError(error.msg, _where(error, path)) from error
    except (Exception, SystemExit) as error:
        text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
        hint = next((hint for part, hint in _HINTS.items() if part in text), "")
        span = _line(error, path)
        hint = hint.format(function=_called(span))
        hint = hint or (_ENTRY if _of_entry(error) else _near(error, names))
        raise DeriveError(text, span, hint) from error
    finally:
        sys.path.pop(0)
    return names


def _of_entry(error: BaseException) -> bool:
    """Tell whether something was asked of a scalar that it does not have."""
    return isinstance(error, AttributeError) and isinstance(error.obj, sp.Expr)


def _called(span: Span | None) -> str:
    """Return the function of another package that a line calls, if there is one of its name here.

    >>> _called(Span("f.py", 1, text="y[i] = math.sin(x[i])"))
    'sin'
    """
    called = re.findall(r"\.(\w+)\(", "" if span is None else span.text)
    return next((name for name in called if name in arrays.__all__), "exp")


def _near(error: BaseException, names: Collection[str]) -> str:
    """Return what may have been meant by a name that is none."""
    if not isinstance(error, NameError) or not error.name:
        return ""
    known = [*(name for name in names if not name.startswith("_")), *arrays.__all__]
    close = difflib.get_close_matches(error.name, dict.fromkeys(known), 1, 0.6)
    return f"did you mean {close[0]}?" if close else ""


def _null(source: bytes, path: Path) -> Span:
    """Return the place of the first null byte."""
    before = source[: source.index(b"\0")].decode("utf-8", errors="replace")
    text = source.decode("utf-8", errors="replace")
    lines = before.split("\n")
    line = text.split("\n")[len(lines) - 1].rstrip("\r")
    column = len(lines[-1]) + 1
    return Span(str(path), len(lines), column, column + 1, line)


def _where(error: SyntaxError, path: Path) -> Span:
    """Return the place of a syntax error, which may be in a file that the layer file imports."""
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    file = error.filename or str(path)
    text = (error.text or linecache.getline(file, line)).rstrip("\n")
    same = error.end_lineno in (None, line) and (error.end_offset or 0) > column
    return Span(file, line, column, (error.end_offset or 0) if same else column + 1, text)


def _line(error: BaseException, path: Path) -> Span | None:
    """Return the last line of the layer file that was being run."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == str(path)]
    if not frames or frames[-1].lineno is None:
        return None
    line = frames[-1].lineno
    text = linecache.getline(str(path), line).rstrip("\n")
    start = len(text) - len(text.lstrip())
    return Span(str(path), line, start + 1, max(len(text) + 1, start + 2), text)

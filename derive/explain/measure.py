r"""How wide some LaTeX is, roughly: in points, at a size of ten points.

Only what :mod:`derive.explain.latex` writes has to be understood. The widths are those of
Computer Modern, a little rounded up: a row that is estimated to fit does fit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["FUNCTIONS", "LIMITS", "Unit", "parts_of_fraction", "units", "width"]

_TOKEN = re.compile(r"\\begin\{[a-z*]+\}|\\[A-Za-z]+\*?|\\.|\s+|.", re.DOTALL)
#: What begins and ends environments, and their rows.
_INSIDE = re.compile(r"\\(?:begin|end)\{[a-z*]+\}|\\\\")
_LETTER, _CAPITAL, _WIDE, _DIGIT, _BRACKET, _TALL_BRACKET = 5.9, 7.2, 9.2, 5.1, 4.0, 8.3
_SCRIPT, _SCRIPT_SPACE = 0.72, 0.6
#: Binary signs and relations, with the space around them.
_SIGNS = {"+": 12.3, "-": 12.3, "=": 13.5, "<": 13.5, ">": 13.5, ",": 4.6, "|": 3.0, "/": 5.2}
_COMMANDS = {r"\circ": 9.6, r"\oslash": 12.3, r"\cdot": 7.5, r"\,": 1.7, r"\quad": 10.0}
_COMMANDS |= {r"\le": 13.5, r"\ge": 13.5, r"\ne": 13.5, r"\sum": 17.0, r"\prod": 14.6}
_COMMANDS |= {r"\max": 19.5, r"\min": 18.0, r"\neg": 7.0, r"\partial": 5.9, r"\top": 7.8}
#: The names of functions that LaTeX has commands for.
FUNCTIONS = {r"\exp", r"\log", r"\tanh", r"\sin", r"\cos", r"\tan", r"\sinh", r"\cosh", r"\min"}
#: Signs that have their limits below and above them.
LIMITS = {r"\sum", r"\prod", r"\max", r"\operatorname*"}
_ONE_ARGUMENT = {r"\mathrm", r"\mathbf", r"\text", r"\operatorname", r"\operatorname*"}
_ACCENTS = {r"\hat", r"\bar", r"\tilde", r"\dot"}
_SPACE_OF_FUNCTION = 1.7


@dataclass(frozen=True, slots=True)
class Unit:
    """A smallest part of a formula, with its scripts.

    ``head`` is the command or the character that it begins with.
    """

    text: str
    width: float
    head: str


def width(latex: str, *, inner: bool = False) -> float:
    r"""Return the estimated width of some LaTeX.

    Within a fraction or a script (``inner``) limits stand beside their sign, and fractions are
    smaller.

    >>> width(r"\frac{a}{b}") < width("a b") < width("a + b")
    True
    """
    return sum(unit.width for unit in units(latex, inner=inner))


def _group_end(latex: str, start: int) -> int:
    """Return where the group in braces ends that begins at a place: after its brace."""
    depth = 0
    for place in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[place], 0)
        if depth == 0:
            return place + 1
    raise ValueError(f"a group without an end: {latex[start:]}")


def units(latex: str, *, inner: bool = False) -> list[Unit]:
    r"""Take some LaTeX apart into units, and space between them.

    >>> [unit.text for unit in units(r"\sum_{l=1}^N a_l \tanh\left(b\right)")]
    ['\\sum_{l=1}^N', ' ', 'a_l', ' ', '\\tanh', '\\left(', 'b', '\\right)']
    """
    found = []
    place = 0
    while place < len(latex):
        head, wide, place_after = _unit(latex, place, inner)
        end, scripts = _scripts(latex, place_after)
        if head in LIMITS and not inner:
            wide = max(wide, scripts)
        elif end > place_after:
            wide += scripts + _SCRIPT_SPACE
        found.append(Unit(latex[place:end], wide, head))
        place = end
    return found


def parts_of_fraction(latex: str) -> tuple[str, str]:
    r"""Return what is above and what is below in a fraction.

    >>> parts_of_fraction(r"\frac{a}{b + \frac{c}{d}}")
    ('a', 'b + \\frac{c}{d}')
    """
    middle = _group_end(latex, len(r"\frac"))
    last = _group_end(latex, middle)
    return latex[len(r"\frac") + 1 : middle - 1], latex[middle + 1 : last - 1]


def _unit(latex: str, place: int, inner: bool) -> tuple[str, float, int]:
    """Return what stands at a place without its scripts: its head, its width and its end."""
    match = _TOKEN.match(latex, place)
    assert match is not None
    head, end = match[0], match.end()
    if head.isspace():
        return " ", 0.0, end
    if head == "{":
        end = _group_end(latex, place)
        return head, width(latex[place + 1 : end - 1], inner=inner), end
    if head == r"\color":
        end = _group_end(latex, end)
        return head, 0.0, end
    if head in (r"\left", r"\right"):
        bracket = _TOKEN.match(latex, end)
        assert bracket is not None
        return head, _TALL_BRACKET, bracket.end()
    if head == r"\frac":
        last = _group_end(latex, _group_end(latex, end))
        parts = (width(part, inner=True) for part in parts_of_fraction(latex[place:last]))
        return head, max(parts) * (_SCRIPT if inner else 1.0) + 2.4, last
    if head == r"\sqrt":
        last = _group_end(latex, end)
        return head, width(latex[end + 1 : last - 1], inner=inner) + 10.0, last
    if head in _ONE_ARGUMENT:
        last = _group_end(latex, end)
        return head, 5.6 * (last - end - 2) + _SPACE_OF_FUNCTION, last
    if head in _ACCENTS:
        last = _group_end(latex, end)
        return head, width(latex[end + 1 : last - 1]), last
    if head.startswith(r"\begin"):
        rows, last = _rows(latex, end)
        lines = [width(row.replace("&", r"\quad ")) for row in rows]
        return head, max(lines) + 8.0, last
    return head, _simple(head), end


def _rows(latex: str, start: int) -> tuple[list[str], int]:
    """Return the rows of the environment that has begun at a place, and its end.

    Rows of environments within it are theirs.
    """
    rows, depth = [], 1
    for match in _INSIDE.finditer(latex, start):
        depth += {"b": 1, "e": -1}.get(match[0][1], 0)
        if depth == 0 or (depth == 1 and match[0] == r"\\"):
            rows.append(latex[start : match.start()])
            start = match.end()
        if depth == 0:
            return rows, match.end()
    raise ValueError(f"an environment without an end: {latex[start:]}")


def _simple(head: str) -> float:
    if head in _SIGNS:
        return _SIGNS[head]
    if head in _COMMANDS:
        return _COMMANDS[head]
    if head in FUNCTIONS:
        return 5.2 * (len(head) - 1) + _SPACE_OF_FUNCTION
    if head in "()[]":
        return _BRACKET
    if head.isdigit():
        return _DIGIT
    return _WIDE if head in "mwMW" else _CAPITAL if head.isupper() else _LETTER


def _scripts(latex: str, place: int) -> tuple[int, float]:
    """Return where the scripts end, and the width of the widest."""
    below: dict[str, float] = {}
    while place < len(latex) and latex[place] in "_^":
        sign = latex[place]
        _, wide, end = _unit(latex, place + 1, inner=True)
        below[sign] = wide * _SCRIPT
        place = end
    return place, max(below.values(), default=0.0)

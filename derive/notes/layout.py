r"""Passes over the tokens of a formula: which bars pair, and where a line goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.notes.lexer import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derive.notes.cursor import Tok

#: Operators that may stand for what is left out, as in ``f(\cdot)``.
EMPTY_PLACES = frozenset({r"\cdot", "*", r"\star", r"\bullet", r"\circ", r"\ast"})
_OPERAND_END = frozenset({"NAME", "NUMBER", "MARK", "DOTS", "CLOSE", "RBRACE", "PRIMES", "END"})
_ENTER = frozenset({"OPEN", "LBRACE", "BEGIN", "OPTOPEN"})
_LEAVE = frozenset({"CLOSE", "RBRACE", "END", "OPTCLOSE"})
#: Separators that may also be mere layout.
_SOFT = frozenset({"newline", "quad", "text"})
_PUNCTUATION = frozenset({",", ";", "."})


def arrange(tokens: list[Tok]) -> tuple[list[Tok], list[Tok]]:
    """Return the tokens with bars paired and lines joined, and the remarks left out."""
    return join_lines(bind_signs(pair_bars(tokens)))


def bind_signs(tokens: list[Tok]) -> list[Tok]:
    r"""Give a sign right after a sum or a function to the next factor: ``\sum_i -2 x_i``."""
    result = list(tokens)
    for place, token in enumerate(tokens):
        if token.type not in ("BIG", "FUNC"):
            continue
        if place and tokens[place - 1].type in ("SUB", "SUP"):
            continue
        after = after_scripts(tokens, place + 1)
        if after < len(tokens) and tokens[after].type == "SIGN":
            result[after] = tokens[after]._replace(type="UNARY")
    return result


def after_scripts(tokens: Sequence[Tok], place: int) -> int:
    """Return the place after any scripts and primes."""
    while place < len(tokens) and tokens[place].type in ("SUB", "SUP", "PRIMES"):
        scripted = tokens[place].type != "PRIMES"
        place += 1
        while scripted and place < len(tokens) and tokens[place].type in ("FONT", "ACCENT"):
            place += 1
        if scripted and place < len(tokens):
            depth = 0
            while place < len(tokens):
                depth += (tokens[place].type in _ENTER) - (tokens[place].type in _LEAVE)
                place += 1
                if depth <= 0:
                    break
    return place


def pair_bars(tokens: list[Tok]) -> list[Tok]:
    """Tell opening bars from closing ones, from ``p(a|s)`` and from ``f|_{x=0}``.

    Bars pair within one pair of brackets, cell or line. One that stands where an operand must
    begin opens; one after an operand closes what is open; else it opens where a partner
    follows, and separates where none does. An operator alone between two is an empty place.
    """
    result = list(tokens)
    levels: list[list[int]] = [[]]
    for place, token in enumerate(tokens):
        if token.type in _ENTER:
            levels.append([])
        elif token.type in _LEAVE:
            _pair(result, levels.pop())
        elif token.type in ("CELL", "ROW") or (token.type, token.value) == ("SEP", "newline"):
            _pair(result, levels[-1])
            levels[-1] = []
        elif token.type == "BAR":
            levels[-1].append(place)
    for level in levels:
        _pair(result, level)
    return result


def _pair(tokens: list[Tok], places: list[int]) -> None:
    """Give each bar of one level its role."""
    for value in ("|", r"\|"):
        own = [place for place in places if tokens[place].value == value]
        own = _evaluations(tokens, own)
        opened = -1
        for number, place in enumerate(own):
            operand = place > 0 and tokens[place - 1].type in _OPERAND_END
            if opened >= 0:
                if place == opened + 2 and tokens[opened + 1].value in EMPTY_PLACES:
                    tokens[opened + 1] = tokens[opened + 1]._replace(type="MARK")
                role, opened = "CLOSE", -1
            elif operand and (len(own) - number) % 2:
                role = "SEP"
            else:
                role, opened = "OPEN", place
            tokens[place] = tokens[place]._replace(type=role)
        if opened >= 0:
            token = tokens[opened]
            raise Unreadable(f"this {token.value} is never closed", token.start, token.end)


def _evaluations(tokens: list[Tok], places: list[int]) -> list[int]:
    """Take out bars with a subscript after an operand and no partner: ``f|_{x=0}``."""
    left: list[int] = []
    for place in places:
        # Nothing opens with a subscript.
        if len(left) % 2 == 0 and _evaluates(tokens, place):
            tokens[place] = tokens[place]._replace(type="EVAL")
        else:
            left.append(place)
    if len(left) % 2 == 0:
        return left
    for place in reversed(left):
        if _evaluates(tokens, place):
            tokens[place] = tokens[place]._replace(type="EVAL")
            return [other for other in left if other != place]
    return left


def _evaluates(tokens: list[Tok], place: int) -> bool:
    """Tell whether a bar stands after an operand, and has a subscript."""
    after = tokens[place + 1].type if place + 1 < len(tokens) else ""
    return after == "SUB" and place > 0 and tokens[place - 1].type in _OPERAND_END


def join_lines(tokens: list[Tok]) -> tuple[list[Tok], list[Tok]]:
    r"""Drop separators inside one expression, and reduce each run of them to one.

    ``= a \\ &\quad + b`` goes on after the break; ``, \quad`` is one comma, and
    ``, \quad \forall`` a condition.
    """
    result: list[Tok] = []
    remarks: list[Tok] = []
    depth: list[str] = []
    place = 0
    while place < len(tokens):
        token = tokens[place]
        if token.type != "SEP":
            if token.type in _ENTER:
                depth.append(token.type)
            elif token.type in _LEAVE and depth:
                depth.pop()
            result.append(token)
            place += 1
            continue
        stop = place
        while stop < len(tokens) and tokens[stop].type == "SEP":
            stop += 1
        run = tokens[place:stop]
        remarks.extend(entry for entry in run if entry.value == "text")
        inside = bool(depth) and depth[-1] == "OPEN"
        before = result[-1].type if result else ""
        if not _goes_on(run, before, tokens, stop, inside):
            result.extend(_reduced(run, inside, bool(before), stop < len(tokens)))
        place = stop
    return result, remarks


def _goes_on(run: list[Tok], before: str, tokens: list[Tok], stop: int, inside: bool) -> bool:
    """Tell whether a run of separators stands inside one expression."""
    after = tokens[stop] if stop < len(tokens) else None
    values = {token.value for token in run}
    if after is not None and after.type == "REL" and before not in ("", *_ENTER):
        return values <= _SOFT | _PUNCTUATION
    if not values <= _SOFT:
        return False
    if before in ("", "REL", "SIGN", "OP", "CELL", "ROW", *_ENTER):
        return True
    if after is None or after.type in ("REL", "OP", "CELL", "ROW", *_LEAVE):
        return True
    if after.type == "SIGN" and not inside:
        return after.value == "+" or not _relation_follows(tokens, stop)
    return False


def _relation_follows(tokens: list[Tok], place: int) -> bool:
    """Tell whether a relation comes before the next separator on the same level."""
    depth = 0
    for token in tokens[place:]:
        if token.type in _ENTER:
            depth += 1
        elif token.type in _LEAVE:
            depth -= 1
            if depth < 0:
                return False
        elif depth == 0 and token.type == "REL":
            return True
        elif depth == 0 and token.type == "SEP":
            return False
    return False


def _reduced(run: list[Tok], inside: bool, before: bool, after: bool) -> list[Tok]:
    """Reduce a run of separators: words win over punctuation, punctuation over space.

    A comma with a space or a break beside it becomes ``;``: it ends a list of conditions.
    """
    words = [token for token in run if token.value not in _SOFT | _PUNCTUATION]
    if words:
        return words
    signs = [token for token in run if token.value in _PUNCTUATION]
    if not signs:
        return run[:1]
    if not inside and (not after or not before):
        return []
    if len(signs) < len(run) and not inside:
        return [signs[0]._replace(value=";")]
    return signs

"""Names for programs, from LaTeX spellings."""

from __future__ import annotations

import re

from derive.notes.symbols import lookup

__all__ = ["identifier"]


def identifier(spelling: str, taken: set[str]) -> str:
    r"""Return a name for programs that is like a LaTeX spelling.

    >>> identifier(r"\hat{y}", set()), identifier("W^{(1)}", set()), identifier("x'", {"x1"})
    ('y_hat', 'W1', 'x_prime')
    >>> identifier("Θ_1", set()), identifier(r"\Theta_1", set())
    ('Theta_1', 'Theta_1')
    """
    spelling = "".join(map(_command, spelling))
    text = re.sub(
        r"\\(hat|bar|tilde|vec|dot|overline|widehat|widetilde)\s*\{?(\\?[A-Za-z]+)\}?",
        r"\2_\1",
        spelling,
    )
    text = re.sub(r"\\(mathbf|boldsymbol|mathrm|mathcal|mathbb|text|mathit|mathsf)", "", text)
    text = text.replace("'", "_prime").replace("+", "_plus_").replace("-", "_minus_")
    text = re.sub(r"\^\{?\(?(\d+)\)?\}?", r"\1", text)
    text = re.sub(r"[^A-Za-z0-9_]+", "_", text.replace("\\", "").replace("{", "").replace("}", ""))
    text = re.sub(r"__+", "_", text).strip("_") or "q"
    text = text if text[0].isalpha() else f"q{text}"
    name, number = text, 2
    while name in taken:
        name, number = f"{text}_{number}", number + 1
    taken.add(name)
    return name


def _command(sign: str) -> str:
    """Return the command that a letter stands for which LaTeX has one for, with a space after."""
    found = None if sign.isascii() or not sign.isalpha() else lookup(sign)
    return sign if found is None else f"{found[1]} "

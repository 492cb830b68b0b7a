r"""Several left sides with as many right ones: ``a, b = c, d`` claims that a = c and b = d."""

from __future__ import annotations

from derive.notes.raw import RawChain, RawLine, RawPart, RawSum

__all__ = ["paired"]


def paired(line: RawLine) -> RawLine:
    """Return a line with an equation for each pair of sides, where it begins with such pairs."""
    parts, separators = line.parts, line.separators
    count = next((n for n, sign in enumerate(separators) if sign.value != ","), len(separators)) + 1
    half = (count + 1) // 2
    middle = parts[half - 1]
    if count < 3 or count % 2 == 0 or not isinstance(middle, RawChain):
        return line
    if [sign.value for sign in middle.relations] != ["="] or None in middle.sides:
        return line
    left = (*parts[: half - 1], middle.sides[0])
    right = (middle.sides[1], *parts[half:count])
    if not all(isinstance(part, RawSum) for part in (*left, *right)):
        return line
    chains: tuple[RawPart, ...] = tuple(
        RawChain((one, two), middle.relations)
        for one, two in zip(left, right, strict=True)
        if isinstance(one, RawSum) and isinstance(two, RawSum)
    )
    return RawLine((*chains, *parts[count:]), (*separators[: half - 1], *separators[count - 1 :]))

r"""Claims of no quantity of the note: ``\sigma'(z) = \sigma(z)(1 - \sigma(z))`` for every number z.

Where all that a claim names are known scalar functions and letters that the note does not declare,
these letters are variables. They are judged for all real values.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from derive.layer.model import Role, Tensor
from derive.notes import tree
from derive.notes.functions import ELEMENTWISE
from derive.notes.meaning import CONSTANTS, IDENTITIES, ONES, ZEROS
from derive.notes.names import spellings
from derive.notes.scope import Tensor as Symbol
from derive.notes.settle import moved, rebuilt, renamed
from derive.notes.tree import FunctionCall, Group, Name, Node, Product, Relation, Scripted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.notes.world import World

__all__ = ["has_variables", "introduces", "with_same_variables", "with_variables"]

#: What a formula of numbers is made of.
_PARTS = (
    *(tree.Name, tree.Number, tree.Scripted, tree.Add, tree.Term, tree.Product, tree.Operator),
    *(tree.Fraction, tree.Group, tree.FunctionCall, tree.Derivative, tree.Root, tree.Indicator),
    *(tree.Relation, tree.Mark, tree.Wrapped, tree.Norm),
)
#: The letter of functions that stand without any argument: ``\sigma' = \sigma(1 - \sigma)``.
_LETTER = "u"


def with_variables(sides: list[Node], world: World) -> list[Node] | None:
    """Return the sides of a claim of every number, with symbols for its variables; None of others.

    Every variable is somewhere the argument of a function, and on more sides than one: what stands
    on one side alone is defined there, or a slip. Or a derivative is by it, of what it stands in.
    """
    sides = [_quotients(side) for side in sides] if "d" not in world.tensors else sides
    if not all(_is_plain(part, world) for side in sides for part in tree.walk(side)):
        return None
    names = [spellings(side) for side in sides]
    functions = {name for name in set[str]().union(*names) if _is_function(name, world)}
    letters = set[str]().union(*names) - functions - CONSTANTS.keys()
    called = any(True for side in sides for _ in _arguments(side, functions))
    if len(letters) == 1 or (not letters and not called):
        # A function that stands alone is meant at the only variable that there is.
        (letter,) = letters or {_LETTER}
        alone = [letter not in own for own in names]
        given = Name(-1, -1, letter)
        sides = [
            _with_argument(side, functions, given) if lacking else side
            for side, lacking in zip(sides, alone, strict=True)
        ]
        letters = {letter}
    if not letters or not all(_is_variable(letter, sides, functions) for letter in letters):
        return None
    for letter in sorted(letters):
        spelling = _introduced(letter, world)
        sides = [renamed(side, letter, spelling) for side in sides]
    return sides


def _quotients(node: Node) -> Node:
    """Return a side in which ``du`` is no product of d and u."""
    if isinstance(node, tree.Derivative) and node.plain is not None:
        node = replace(node, plain=None)
    return rebuilt(node, _quotients)


def with_same_variables(
    conditions: Sequence[Relation], sides: list[Node], world: World
) -> tuple[Relation, ...]:
    """Return conditions with the symbols for the variables of the claim that they restrict."""
    universal = with_variables(sides, world) or []
    found: list[Node] = list(conditions)
    for spelling in _variables(universal, world):
        found = [renamed(condition, spelling[:-1], spelling) for condition in found]
    return tuple(condition for condition in found if isinstance(condition, Relation))


def introduces(side: Node, world: World) -> bool:
    r"""Tell whether a side is ``\sigma(z)`` of a function that the note's header does not define.

    What is set equal to it may be what the note calls so.
    """
    if not isinstance(side, Product) or len(side.factors) != 2 or not has_variables([side], world):
        return False
    name, group = side.factors
    spelling = name.spelling if isinstance(name, Name) else ""
    usual = ELEMENTWISE.get(spelling)
    return (
        usual is not None
        and usual == world.functions.get(spelling)
        and (isinstance(group, Group) and isinstance(group.items[0], Name))
    )


def has_variables(sides: Sequence[Node], world: World) -> bool:
    """Tell whether a claim is one of every number."""
    return bool(_variables(sides, world))


def _variables(sides: Sequence[Node], world: World) -> list[str]:
    """Return the spellings of the variables in some sides."""
    every = sorted(name for name in spellings(*sides) if name.endswith(" "))
    return [name for name in every if ("variable", name[:-1]) in world.known]


def _is_plain(part: Node, world: World) -> bool:
    """Tell whether a part may stand in a claim of every number: no symbol of the note does."""
    if not isinstance(part, _PARTS) or (isinstance(part, (Scripted, FunctionCall)) and part.sub):
        return False
    if isinstance(part, FunctionCall):
        return _is_function(part.name, world) or part.name in ("max", "min")
    if isinstance(part, Scripted):
        return not any(map(tree.transposes, part.sup))
    if isinstance(part, Product):
        # ``p(x)`` of a p that nobody knows is no product; nor is ``\\pi(a)`` one of π.
        return not any(
            isinstance(one, Name) and not _is_function(one.spelling, world) and _brackets(two)
            for one, two in zip(part.factors, part.factors[1:], strict=False)
        )
    if not isinstance(part, Name):
        return True
    spelling = part.spelling
    return _is_function(spelling, world) or spelling in CONSTANTS or _is_letter(spelling, world)


def _is_letter(spelling: str, world: World) -> bool:
    """Tell whether a name is one sign that stands for nothing in the note."""
    known = {*world.tensors, *world.sizes, *world.losses, *world.functions, *world.macros}
    known |= {*world.calls, *CONSTANTS, *IDENTITIES, *ONES, *ZEROS}
    single = len(spelling) == 1 or (spelling[0] == "\\" and spelling[1:].isalpha())
    return single and spelling not in known and spelling != "d"


def _is_function(spelling: str, world: World) -> bool:
    """Tell whether a name is that of a function of one number."""
    if spelling in world.tensors or spelling in world.sizes:
        return False
    if spelling in world.macros:
        return len(world.macros[spelling].parameters) == 1
    return spelling in world.functions or spelling in ELEMENTWISE


def _brackets(node: Node) -> Group | None:
    inner = node.base if isinstance(node, Scripted) else node
    return inner if isinstance(inner, Group) else None


def _named(node: Node, functions: set[str]) -> bool:
    """Tell whether a node is the name of a function, with or without primes and a power."""
    name = node.base if isinstance(node, Scripted) else node
    return isinstance(name, Name) and name.spelling in functions


def _arguments(side: Node, functions: set[str]) -> Iterator[Node]:
    """Yield what functions are applied to, and exponents of e."""
    for part in tree.walk(side):
        if isinstance(part, FunctionCall) and part.argument is not None:
            yield part.argument
        elif isinstance(part, Scripted) and part.base == Name(0, 0, "e"):
            yield from part.sup
        elif isinstance(part, Product):
            pairs = zip(part.factors, part.factors[1:], strict=False)
            yield from (two for one, two in pairs if _applies(one, two, functions))


def _applies(one: Node, two: Node, functions: set[str]) -> bool:
    r"""Tell whether a function is applied to what follows; in ``\sigma(1 - \sigma)`` it is not."""
    group = _brackets(two)
    if group is None or not _named(one, functions):
        return False
    inside = spellings(group)
    return not inside or not inside <= functions


def _is_variable(letter: str, sides: list[Node], functions: set[str]) -> bool:
    name = Name(0, 0, letter)
    within = any(name in tree.walk(a) for side in sides for a in _arguments(side, functions))
    if within and sum(name in tree.walk(side) for side in sides) > 1:
        return True
    parts = [part for side in sides for part in tree.walk(side)]
    derivatives = (part for part in parts if isinstance(part, tree.Derivative))
    return any(name in d.wrt and d.of and name in tree.walk(d.of) for d in derivatives)


def _with_argument(node: Node, functions: set[str], argument: Name) -> Node:
    """Return a side whose functions all stand alone, each with its argument."""
    if isinstance(node, FunctionCall):
        if node.argument is not None:
            return rebuilt(node, lambda part: _with_argument(part, functions, argument))
        given = moved(argument, node.end)
        return replace(node, argument=Group(node.end, node.end, "(", ")", (given,)), bracketed=True)
    if isinstance(node, Product):
        behind = (*node.factors[1:], tree.Empty(node.end, node.end))
        factors = tuple(
            one if _applies(one, two, functions) else _with_argument(one, functions, argument)
            for one, two in zip(node.factors, behind, strict=True)
        )
        return replace(node, factors=factors)
    if _named(node, functions):
        group = Group(node.end, node.end, "(", ")", (moved(argument, node.end),))
        sign = tree.Operator(node.end, node.end, "")
        return Product(node.start, node.end, (node, group), (sign,))
    return rebuilt(node, lambda part: _with_argument(part, functions, argument))


def _introduced(letter: str, world: World) -> str:
    """Return the spelling of a variable, which no note has; it may be any number."""
    key = ("variable", letter)
    if key not in world.known:
        name = world.name(letter)
        world.give(Tensor(name, (), Role.INPUT))
        spelling = f"{letter} "
        world.tensors[spelling] = Symbol(name, ())
        world.known[key] = spelling
    found: str = world.known[key]
    return found

"""What is said of a claim."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy as sp

    from derive.notes.source import Formula

__all__ = [
    "AGREES",
    "ILL_FORMED",
    "LAYOUT",
    "NOT_A_CLAIM",
    "PROVED",
    "UNREADABLE",
    "WRONG",
    "Edit",
    "Problem",
    "Repair",
    "Truth",
    "Verdict",
    "Witness",
]

PROVED = "proved"
AGREES = "agrees"
LAYOUT = "correct-up-to-layout"
WRONG = "wrong"
ILL_FORMED = "ill-formed"
NOT_A_CLAIM = "not-a-claim"
UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace ``formula.latex[start:end]`` by ``text``; ``kind`` says what sort of change it is."""

    start: int
    end: int
    text: str
    kind: str


@dataclass(frozen=True, slots=True)
class Repair:
    """Edits that make a claim true.

    Parameters
    ----------
    edits : tuple of Edit
        In the order of the text.
    latex : str
        The repaired formula.
    proved : bool
        Whether the repaired claim was proved, or only agrees.
    """

    edits: tuple[Edit, ...]
    latex: str
    proved: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at one place of a formula.

    Parameters
    ----------
    kind : str
        ``value``, ``unbound-index``, ``shape``, ``undefined-symbol``, ``index-size``, ``rank``,
        ``argument``, ``derivative``, ``unreadable``, ``layout``, ``fact``.
    start, end : int
        The place in the formula's text.
    found, expected : str
        What stands there, and what should (empty where that is not known).
    message : str
        One sentence.
    """

    kind: str
    start: int
    end: int
    found: str
    expected: str
    message: str


@dataclass(frozen=True, slots=True)
class Witness:
    """Where two sides differ.

    Parameters
    ----------
    sizes : tuple of (str, int)
        The sizes.
    index : tuple of (str, int)
        The place among the free indices, rows and columns.
    left, right : float
        The values of the two sides there.
    draw : int
        Which of the random draws it is.
    values : tuple of (str, nested tuples)
        What the quantities that the sides depend on are there, as far as they are small.
    """

    sizes: tuple[tuple[str, int], ...]
    index: tuple[tuple[str, int], ...]
    left: float
    right: float
    draw: int = 0
    values: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """The side of a claim that is right by its meaning.

    Parameters
    ----------
    start, end : int
        Its place in the formula's text.
    expression : sympy expression or None
        What it means; None where that has no expression of its own.
    """

    start: int
    end: int
    expression: sp.Expr | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of one claim.

    Parameters
    ----------
    id : int
        Counted from 1 in the order of the note.
    formula : Formula
        Where it stands.
    start, end : int
        The claim's place in the formula's text.
    verdict : str
        One of the words above.
    problems : tuple of Problem
        What is wrong, if anything.
    repairs : tuple of Repair
        At most three, the smallest first.
    derived : str
        The right form, in LaTeX.
    witness : Witness, optional
        For a wrong claim.
    facts : tuple of str
        The declared facts without which it would not be true.
    readings : tuple of str
        What was chosen where the text allows more than one reading.
    note : str
        One more sentence, such as why a search ended without a repair.
    truth : Truth, optional
        What the claim is judged by.
    equation : str
        What is right of a side beside a wrong one: that it is the side that it is judged by.
    """

    id: int
    formula: Formula
    start: int
    end: int
    verdict: str
    problems: tuple[Problem, ...] = ()
    repairs: tuple[Repair, ...] = ()
    derived: str = ""
    witness: Witness | None = None
    facts: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    note: str = field(default="")
    truth: Truth | None = field(default=None, compare=False, repr=False)
    equation: str = ""

    @property
    def latex(self) -> str:
        """What is judged: the claim's text, or what is right where that is another equation."""
        return self.equation or self.formula.latex[self.start : self.end]

    @property
    def fine(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.verdict in (PROVED, AGREES, LAYOUT, NOT_A_CLAIM)

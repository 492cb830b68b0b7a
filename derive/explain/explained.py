"""The page of an explanation: what is said, in which order, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain as joined
from typing import TYPE_CHECKING

from derive.explain.authored import authored
from derive.explain.compose import compose
from derive.explain.facts import fact_equation
from derive.explain.focus import focused
from derive.explain.graph import graph_picture
from derive.explain.layout import Orientation
from derive.explain.names import for_layer, for_lines, short, short_names
from derive.explain.page import (
    Block,
    Boxed,
    Code,
    Derived,
    Formulas,
    Heading,
    Line,
    Page,
    Pair,
    Paragraph,
    Picture,
    SideBySide,
    Table,
)
from derive.explain.rules import reason
from derive.explain.shapes import product_shapes, shape_formula
from derive.explain.signs import signs
from derive.explain.sparsity import sparsity_drawing
from derive.explain.tree import Equation, Formula, Letter, Partial, settled
from derive.explain.words import direction, phrase, say, sentence
from derive.index.terms import tensors

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from derive.explain.explanation import Explanation
    from derive.explain.links import Link
    from derive.explain.names import Notation
    from derive.explain.page import Prose
    from derive.explain.report import Line as Equated
    from derive.gradient.derivation import Derivation
    from derive.layer.model import Layer, Tensor

__all__ = ["LEVELS", "derived", "numbered", "page_of"]

#: How much is said: results, chain and reasons; or every line of every derivation as well.
LEVELS = ("steps", "summary")


def page_of(
    found: Explanation, language: str = "en", level: str = "steps", *, pictures: bool = False
) -> Page:
    """Return the page.

    Parameters
    ----------
    found : Explanation
        What is explained.
    language : str
        The language of its words.
    level : str
        One of :data:`LEVELS`.
    pictures : bool
        Whether it shows the layer's graph, and which entries of each Jacobian are not 0.

    Raises
    ------
    DeriveError
        If there is no such language.
    """
    writer = _Writer(found, language, pictures)
    whole = level == "steps"
    sections = [
        *([writer.definition(), writer.where()] if whole else []),
        writer.conventions(),
        writer.derivations(steps=whole),
        writer.chains(),
        writer.results(),
        *([writer.symbols(), writer.facts()] if whole else [writer.where()]),
    ]
    return Page(
        found.layer.name,
        (found.layer.doc,),
        language,
        direction(language),
        found.report.notation.origin,
        authored(tuple(joined(*sections)), found.layer),
    )


def derived(one: Derivation, notation: Notation, language: str = "en") -> Derived:
    """Return the lines of a derivation, each with its reason.

    Parameters
    ----------
    one : Derivation
        The derivation.
    notation : Notation
        How its expressions are written.
    language : str
        The language of the reasons.
    """
    start = one.steps[0].before if one.steps else one.node.entry
    left = compose(start, notation, one.node.indices)
    lines = tuple(line for _, line in numbered(one, notation, language))
    return Derived(left, lines or (Line(compose(one.node.body, notation, one.node.indices), ()),))


def numbered(
    one: Derivation, notation: Notation, language: str = "en"
) -> tuple[tuple[int, Line], ...]:
    """Return the lines of a derivation, each with the place of its step in ``one.steps``."""
    indices = one.node.indices
    notations = for_lines(one, notation)
    lines: list[tuple[int, Line]] = []
    shown = compose(one.steps[0].before, notation, indices) if one.steps else None
    for place, (step, own) in enumerate(zip(one.steps, notations[1:], strict=True)):
        before, shown = shown, compose(step.after, own, indices)
        # What only SymPy tells apart, or the order of summands, is the same line on paper.
        if settled(shown) != settled(before):
            marked = compose(focused(step.after, step.became), own, indices)
            why = reason(step, one.layer, one.wrt, notation.loss)
            lines.append((place, Line(marked, say(why, language))))
    return tuple(lines)


@dataclass(frozen=True, slots=True)
class _Writer:
    """Says what belongs to one explanation."""

    found: Explanation
    language: str
    pictures: bool

    def say(self, key: str, **fields: object) -> Prose:
        return say(phrase(key, **fields), self.language)  # type: ignore[arg-type]

    def heading(self, key: str) -> Heading:
        return Heading(self.say(f"heading.{key}"))

    @property
    def titles(self) -> tuple[Prose, Prose]:
        return self.say("column.index"), self.say("column.matrix")

    def definition(self) -> Iterator[Block]:
        yield self.heading("definition")
        lines = self.found.report.definitions
        yield SideBySide(self.titles, tuple(self.pair(line) for line in lines))
        if self.pictures:
            names = [line.wrt for line in self.found.report.gradients]
            drawing = graph_picture(self.found.layer, names)
            yield Picture(drawing, self.say("heading.graph"))

    def where(self) -> Iterator[Block]:
        """Say what the names stand for that matrix forms needed."""
        if self.found.matrices.where:
            yield Paragraph(self.say("part.where"))
            yield Formulas(tuple((equation, ()) for equation in self.found.matrices.where))

    def conventions(self) -> Iterator[Block]:
        """Say once what holds on the whole page."""
        notation, layer = self.found.report.notation, self.found.layer
        said: list[Prose] = []
        if notation.loss not in layer.outputs:
            outputs = tuple(Letter(name) for name in layer.outputs)
            said.append(self.say("layout.loss", loss=Letter(notation.loss), outputs=outputs))
        left = self.found.report.gradients[0].equation.left
        matrices = [e for e in self.found.matrices.equations.values() if e is not None]
        turned = bool(matrices) and self.found.orientation is not Orientation.TENSOR
        if isinstance(left, Partial) and left.wrt.indices and not turned:
            said.append(self.say("layout.gradient", gradient=left, entry=left.wrt))
        if _skips(layer):
            said.append(self.say("layout.partial"))
        if matrices:
            said.append(self.say("layout.rows" if self.found.matrices.rows else "layout.columns"))
            if turned:
                said.append(self.say(f"layout.{self.found.orientation.value}"))
            wanted = [line.wrt for line in self.found.report.gradients]
            for title, name in short_names(notation, wanted):
                letter = short(title, name)
                said.append(self.say("layout.short", short=letter, gradient=self.gradient(name)))
        for title, name in notation.direct.items():
            letter = short(title, name)
            said.append(self.say("layout.direct", short=letter, gradient=self.gradient(name)))
        shown = [(link.index, link.matrix, link.product) for link in self.found.links]
        said += [say(sign, self.language) for sign in signs([matrices, shown])]
        if notation.origin == 0:
            said.append(self.say("layout.origin"))
        yield self.heading("layout")
        yield Paragraph(tuple(run for prose in said for run in (*prose, " "))[:-1])

    def derivations(self, *, steps: bool) -> Iterator[Block]:
        """Say how each gradient comes about: those of intermediates first, from the loss down."""
        yield self.heading("derivations")
        found = {one.wrt: one for one in self.found.derivations}
        wanted = {line.wrt for line in self.found.report.gradients}
        names = dict.fromkeys([*(link.wrt for link in self.found.links), *found])
        for name in sorted(names, key=wanted.__contains__):
            yield Heading((self.gradient(name),), 2)
            links = self.found.links_to(name)
            if links:
                yield SideBySide(((), ()), tuple(map(self.link, links)))
            for link in links if self.pictures else ():
                pattern = sparsity_drawing(self.found.layer, link.jacobian)
                if pattern is not None and link.jacobian.rows and link.jacobian.columns:
                    yield Picture(pattern, (Partial(Letter(link.of), Letter(link.wrt)),))
            if steps and name in found:
                yield derived(found[name], self.found.report.notation, self.language)

    def gradient(self, wrt: str) -> Formula:
        return Partial(Letter(self.found.report.notation.loss), Letter(wrt))

    def link(self, link: Link) -> Pair:
        """Return the Jacobian of a link in both forms, and why its operator follows."""
        left = Partial(Letter(link.of), Letter(link.wrt))
        wide = len(link.jacobian.rows) + len(link.jacobian.columns) > 2
        none = self.say("matrix.indices" if wide else "matrix.none")
        matrix = none if link.matrix is None else Equation(left, link.matrix)
        remark = sentence(link.reason, self.language, link.product)
        shapes = self.shapes(link.product)
        return Pair(link.index, matrix, (*remark, " ", *shapes) if shapes else remark)

    def shapes(self, product: Formula | None) -> Prose:
        """Return the shapes of a product, where there is one."""
        if product is None:
            return ()
        shapes, rows = self.found.shapes, self.found.matrices.rows
        found = product_shapes(product, shapes, self.found.sizes, rows=rows)
        return self.say("shapes.product", shapes=found) if found is not None else ()

    def chains(self) -> Iterator[Block]:
        """Say how all links work together: step by step, and as one product."""
        chains = self.found.chains
        yield self.heading("chain")
        steps = dict.fromkeys(step for chain in chains for step in chain.steps)
        yield Formulas(tuple((step, ()) for step in steps))
        remarks = dict.fromkeys(remark for chain in chains for remark in chain.remarks)
        for remark in remarks:
            about = [chain.wrt for chain in chains if remark in chain.remarks]
            # What a remark names says what it is about; where all are meant, nothing need.
            plain = remark.fields or len(about) == len(chains)
            yield Paragraph((*(() if plain else self.about(about)), *say(remark, self.language)))
        whole = [c.whole for c in chains if c.whole is not None and len(c.steps) > 1]
        if whole:
            yield Paragraph(self.say("part.whole"))
            yield Formulas(tuple((equation, ()) for equation in whole))

    def about(self, names: Sequence[str]) -> Prose:
        """Return which gradients a remark is about: they stand before it."""
        runs = [run for name in names for run in (", ", self.gradient(name))]
        return (*runs[1:], ": ")

    def results(self) -> Iterator[Block]:
        yield self.heading("results")
        lines = self.found.report.gradients
        yield Boxed(self.titles, tuple(self.pair(line) for line in lines))

    def pair(self, line: Equated) -> Pair:
        matrix = self.found.matrices.equations[line.name]
        calls = [chain.einsum for chain in self.found.chains if chain.wrt == line.wrt]
        instead = (Code(calls[0]),) if any(calls) else self.say("matrix.none")
        return Pair(line.equation, instead if matrix is None else matrix)

    def symbols(self) -> Iterator[Block]:
        """Say what every symbol is."""
        yield self.heading("shapes")
        columns = ("symbol", "role", "shape", "meaning")
        titles = tuple(self.say(f"column.{column}") for column in columns)
        yield Table(titles, tuple(map(self.symbol, self.found.layer.by_name.values())))

    def symbol(self, tensor: Tensor) -> tuple[Prose, ...]:
        output = tensor.name in self.found.layer.outputs
        role = "output" if output else tensor.role.value
        shape = (shape_formula(tensor.shape, self.found.sizes),) if tensor.shape else ()
        return (Letter(tensor.name),), self.say(f"role.{role}"), shape, (tensor.doc,)

    def facts(self) -> Iterator[Block]:
        used = {text for one in self.found.derivations for text in one.node.facts}
        notation = for_layer(self.found.layer)
        facts = [fact for fact in self.found.layer.facts if fact.text in used]
        yield self.heading("facts")
        if not facts:
            yield Paragraph(self.say("facts.none"))
            return
        yield Formulas(tuple((fact_equation(fact, notation), ()) for fact in facts))


def _skips(layer: Layer) -> bool:
    """Tell whether a node reads a quantity, and another that depends on it as well."""
    above: dict[str, set[str]] = {}
    found = False
    for node in layer.nodes:
        own = set(tensors(node.body))
        further = set().union(*(above.get(name, set()) for name in own))
        found = found or not own.isdisjoint(further)
        above[node.name] = own | further
    return found

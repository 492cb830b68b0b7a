"""Templates hold text: no arithmetic, no comparison, no call; and all that they print is given."""

from __future__ import annotations

import dataclasses
import sys
import typing
from pathlib import Path

import jinja2
import pytest
from jinja2 import meta, nodes

from derive.emit import c, c_extension, c_lanes, c_module, numpy
from derive.explain import document, html, svg
from derive.render import environment

FOLDER = Path(__file__).parents[1] / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.jinja"))
#: What is rendered with what; the others are included by these, or are text alone.
CONTEXTS = {
    "numpy/module.py.jinja": numpy.Context,
    "c/kernel.c.jinja": c.Kernel,
    "c/kernel.h.jinja": c.Header,
    "c/extension.c.jinja": c_extension.Extension,
    "c/module.py.jinja": c_module.Module,
    "html/blocks.html.jinja": html.Fragment,
    "html/drawing.svg.jinja": svg.Context,
    "html/page.html.jinja": html.Context,
    "latex/document.tex.jinja": document.Document,
    "latex/fragment.tex.jinja": document.Fragment,
}
ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr),
    *(nodes.For, nodes.If, nodes.Include, nodes.Const),
)


def parsed(template):
    return environment().parse((FOLDER / template).read_text(encoding="utf-8"))


def included(template):
    """Return a template and those that it includes, parsed."""
    tree = parsed(template)
    found = [tree]
    for node in tree.find_all(nodes.Include):
        found += included(node.template.value)
    return found


def attributes(template):
    return {node.attr for tree in included(template) for node in tree.find_all(nodes.Getattr)}


def members(kind):
    """Return the names of the fields of the records within a record."""
    found = set()
    for hint in typing.get_type_hints(kind).values():
        inner = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else hint
        if dataclasses.is_dataclass(inner):
            found |= {field.name for field in dataclasses.fields(inner)} | members(inner)
    return found


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_holds_text_and_names_alone(template):
    for node in parsed(template).find_all(nodes.Node):
        assert isinstance(node, ALLOWED), f"{template}:{node.lineno}: {type(node).__name__}"
        if isinstance(node, nodes.If):
            assert isinstance(node.test, (nodes.Name, nodes.Getattr)), f"{template}:{node.lineno}"
        if isinstance(node, nodes.For):
            assert isinstance(node.iter, (nodes.Name, nodes.Getattr)), f"{template}:{node.lineno}"
            assert node.test is None and not node.recursive
        if isinstance(node, nodes.Include):
            assert isinstance(node.template, nodes.Const)


@pytest.mark.parametrize("template", CONTEXTS)
def test_a_context_has_just_what_its_template_prints(template):
    wanted = set().union(*map(meta.find_undeclared_variables, included(template)))
    assert wanted == {field.name for field in dataclasses.fields(CONTEXTS[template])}


@pytest.mark.parametrize("template", CONTEXTS)
def test_a_template_asks_records_for_what_they_have(template):
    assert attributes(template) <= members(CONTEXTS[template])


def test_all_that_records_have_is_printed():
    # A record may be printed by two templates, such as a function of C and its declaration.
    assert set().union(*map(attributes, CONTEXTS)) == set().union(*map(members, CONTEXTS.values()))


@pytest.mark.parametrize("context", CONTEXTS.values())
def test_a_context_holds_strings_alone(context):
    def check(kind):
        assert kind.__dataclass_params__.frozen
        for name, hint in typing.get_type_hints(kind).items():
            inner = hint
            if typing.get_origin(hint) is tuple:
                inner, rest = typing.get_args(hint)
                assert rest is ..., f"{kind.__name__}.{name}"
            if dataclasses.is_dataclass(inner):
                check(inner)
            else:
                assert inner is str, f"{kind.__name__}.{name}"

    check(context)


def test_every_template_is_used():
    used = {name for template in CONTEXTS for name in names(template)}
    helpers = {name for name in TEMPLATES if name not in used}
    assert set(c_lanes.TEMPLATES) <= helpers
    printed = {c_lanes.Helper: set(), c_lanes.Lanes: set()}
    for name in helpers:
        variables = meta.find_undeclared_variables(parsed(name))
        if name in c_lanes.TEMPLATES:
            # A function of C, in one precision: of a number, or of a vector.
            kind = c_lanes.Helper if name.startswith("c/functions/") else c_lanes.Lanes
            printed[kind] |= variables
            assert variables <= {field.name for field in dataclasses.fields(kind)}
        else:
            assert name.removeprefix("numpy/").removesuffix(".py.jinja") in numpy.KERNEL_HELPERS
            assert not variables
    for kind, variables in printed.items():
        assert variables == {field.name for field in dataclasses.fields(kind)}


def names(template):
    return {template}.union(
        *(names(node.template.value) for node in parsed(template).find_all(nodes.Include))
    )


def test_a_name_that_a_context_lacks_is_an_error():
    undefined = environment().from_string("{{ missing }}")
    with pytest.raises(Exception, match="'missing' is undefined"):
        undefined.render()


def test_compiled_templates_are_kept_while_their_text_is_the_same(tmp_path, monkeypatch):
    texts, compiled = tmp_path / "templates", tmp_path / "compiled"
    texts.mkdir()
    compiled.mkdir()
    monkeypatch.setattr("derive.render._COMPILED", compiled)
    monkeypatch.setattr("derive.render.folder", lambda: texts)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    done = []
    plain = jinja2.Environment.compile
    monkeypatch.setattr(
        jinja2.Environment,
        "compile",
        lambda *given, **more: done.append(1) or plain(*given, **more),
    )
    for text, times in (("one", 1), ("one", 1), ("two", 2)):
        (texts / "t.jinja").write_text(text, encoding="utf-8")
        # As in a process of its own.
        assert environment.__wrapped__().get_template("t.jinja").render() == text
        assert len(done) == times
    assert [path.name.split("-")[0] for path in compiled.iterdir()] == ["template"]


@pytest.mark.parametrize("there", [True, False])
def test_templates_are_compiled_where_nothing_can_be_kept(there, tmp_path, monkeypatch):
    folder = tmp_path / "compiled"
    if there:
        folder.mkdir()
        monkeypatch.setattr("tempfile.NamedTemporaryFile", _refused)
    monkeypatch.setattr("derive.render._COMPILED", folder)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert environment.__wrapped__().get_template("c/kernel.h.jinja")
    assert not folder.exists() or not list(folder.iterdir())


def _refused(*given, **more):
    raise PermissionError("read-only")

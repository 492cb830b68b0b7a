"""Modules are generated and compiled once for all tests."""

from __future__ import annotations

from functools import cache

import pytest

from derive.verify.load import build
from tests.emit.made import TARGETS, layer_of
from tests.emit.modules import imported, written


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("generated")


@pytest.fixture(scope="session")
def source(folder):
    """Return the path of a layer's module of a target, generated and compiled once."""

    @cache
    def path(target, name):
        layer = layer_of(name)
        made = written(layer, folder / name, target)
        if target == "c":
            build(made / f"{layer.name}.c", made / "_build", blas=False)
        return made / f"{layer.name}.py"

    return path


@pytest.fixture(params=TARGETS)
def module(request, source):
    """Return the module of a layer, for each target."""
    load = cache(lambda name: imported(source(request.param, name)))
    return load

"""What links and chains claim in matrix form, held against numbers.

Every formula is computed as a reader would, with columns of shape (n, 1) and rows of (1, n).
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import sympy as sp

from derive.explain.chain import chain
from derive.explain.layout import Orientation, layout_for
from derive.explain.links import links, setting
from derive.explain.text import written
from derive.gradient.reverse import cotangent_names, reverse
from derive.gradient.structure import Structure, pattern
from derive.index.delta import prenex
from derive.index.evaluate import evaluate
from derive.layer.model import Role
from derive.layer.run import run
from derive.layer.sample import extents, sample
from tests.calculus.judge import generator, normal
from tests.explain.scaled import ALL
from tests.explain.test_matrix import Page

NAMES = sorted(set(ALL) - {"constant_output"})


@cache
def numbers(name):
    """Return sizes, all different, and the values of a layer, its gradients and its cotangents."""
    layer, random = ALL[name](), generator("links", name)
    first = 4 if len(layer.sizes) < 3 else 2
    sizes = {size: first + place for place, size in enumerate(layer.sizes)}
    gradient = reverse(layer)
    arrays = sample(layer, sizes, random)
    for tensor in gradient.tensors:
        if tensor.role is Role.COTANGENT:
            arrays[tensor.name] = normal(random, *extents(tensor, sizes))
    given, whole = cotangent_names(layer)
    if len(layer.outputs) == 1 and not layer.tensor(layer.outputs[0]).shape:
        arrays[given[layer.outputs[0]]] = np.asarray(1.0)
    arrays |= {**run(layer, arrays, sizes), **run(gradient, arrays, sizes)}
    for tensor, title in whole.items():
        # The gradients of some intermediates are never written down: they may be anything.
        arrays.setdefault(title, normal(random, *extents(layer.tensor(tensor), sizes)))
    return sizes, arrays


def values(name, where):
    """Return the value of every name on the page, those of sizes and shorthands too."""
    sizes, arrays = numbers(name)
    known = {**arrays, **{str(size): np.asarray(float(n)) for size, n in sizes.items()}}
    for node in where.shorthands.found.values():
        extent = tuple(int(size.xreplace(sizes)) for size in node.tensor.shape)
        known[node.name] = evaluate(node.body, node.indices, known, sizes, extent)
    return known, sizes


def page(name, where, side):
    """Return what computes a formula of the page; gradients that lie the other way are turned."""
    known, _ = values(name, where)
    found = Page(known, where.layout.rows, side)
    found.arrays |= {n: a.T for n, a in found.arrays.items() if n in where.layout.turned}
    return found


def as_printed(array, rows, turned):
    """Return an array as it lies on the page."""
    if array.ndim == 1:
        return array.reshape((1, -1) if rows != turned else (-1, 1))
    return array.T if turned and array.ndim == 2 else array


def assert_printed(formula, array, name, where, title=""):
    """Compare the value of a formula, computed as it is printed."""
    expected = as_printed(array, where.layout.rows, title in where.layout.turned)
    got = page(name, where, array.shape[0] if array.ndim else 1).value(formula)
    assert np.allclose(np.broadcast_to(got, expected.shape), expected, 1e-8, 1e-9), (
        f"{name}: {title} = {written(formula)}"
    )


@cache
def setting_of(name):
    return setting(ALL[name]())


def written_in_every_way(name):
    """Yield a layer's setting with rows and with columns, gradients lying in every way."""
    where = setting_of(name)
    for rows in (False, True):
        for orientation in Orientation:
            layout = layout_for(where.layer, where.notation.cotangents, rows, orientation)
            yield replace(where, layout=layout)


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_chain_has_the_value_of_the_gradient_in_every_layout(name):
    for where in written_in_every_way(name):
        chains = [chain(where, tensor.name) for tensor in where.layer.wrt]
        known, _ = values(name, where)
        for one in chains:
            title = where.titles[one.wrt]
            if one.whole is not None:
                assert_printed(one.whole.right, known[title], name, where, title)


@pytest.mark.parametrize("name", NAMES)
def test_jacobians_and_products_of_links_have_the_value_of_the_index_form(name):
    for where in written_in_every_way(name):
        found = links(where)
        known, sizes = values(name, where)
        for link in found:
            of, wrt = (where.layer.tensor(tensor) for tensor in (link.of, link.wrt))
            indices = (*link.jacobian.rows, *link.jacobian.columns)
            shape = (*extents(of, sizes), *extents(wrt, sizes))
            array = evaluate(link.jacobian.body, indices, known, sizes, shape)
            if link.matrix is not None:
                lies = "" if link.jacobian.rows else where.titles[link.wrt]
                assert_printed(link.matrix, array, name, where, lies)
            if link.product is not None:
                cotangent = known[where.titles[link.of]]
                product = np.tensordot(cotangent, array, cotangent.ndim)
                assert_printed(link.product, product, name, where, where.titles[link.wrt])


#: What has entries that are 0 at every place.
SPARSE = {
    *(Structure.TRIANGULAR, Structure.MASKED, Structure.MIXED, Structure.STRIDED),
    *(Structure.BANDED, Structure.TOEPLITZ, Structure.ANTIDIAGONAL, Structure.HANKEL),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_structure_of_a_link_is_the_one_that_its_numbers_have(name):
    where = setting_of(name)
    known, sizes = values(name, where)
    for link in links(where):
        body, kind = link.jacobian.body, link.structure
        rows, columns = link.jacobian.rows, link.jacobian.columns
        of, wrt = (where.layer.tensor(tensor) for tensor in (link.of, link.wrt))
        shape = (*extents(of, sizes), *extents(wrt, sizes))
        array = evaluate(body, (*rows, *columns), known, sizes, shape)
        matrix = array.reshape(int(np.prod(shape[: len(rows)])), -1)
        if kind is Structure.IDENTITY:
            assert np.array_equal(matrix, np.eye(len(matrix)))
        if kind is Structure.DIAGONAL:
            assert np.array_equal(matrix, np.diag(np.diag(matrix)))
        if kind in (Structure.REPEATED, Structure.BLOCK):
            pairs = [set(pattern(term, rows, columns).pairs) for term in prenex(sp.expand(body))]
            for row, column in set.intersection(*pairs):
                axes = (rows.index(row), len(rows) + columns.index(column))
                moved = np.moveaxis(array, axes, (0, 1))
                assert not moved[~np.eye(*moved.shape[:2], dtype=bool)].any()
        if kind is Structure.RANK_ONE:
            assert np.linalg.matrix_rank(matrix) == 1
        if kind is Structure.DIAGONAL_AND_RANK_ONE:
            # Minors of order two that miss the diagonal vanish.
            assert np.isclose(matrix[0, 2] * matrix[1, 3], matrix[0, 3] * matrix[1, 2])
        if kind is Structure.DENSE:
            assert np.count_nonzero(matrix) > matrix.size / 2
        if kind is Structure.GATHERED and len(wrt.shape) == 1:
            assert (np.count_nonzero(matrix, axis=1) <= 1).all()
        if kind is Structure.TOEPLITZ and len(of.shape) == len(wrt.shape) == 1:
            assert np.array_equal(matrix[1:, 1:], matrix[:-1, :-1])
        if kind in SPARSE:
            assert 0 < np.count_nonzero(matrix) < matrix.size

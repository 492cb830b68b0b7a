"""Links of the chain rule: structure, operators and reasons; and that the numbers agree."""

from functools import cache
from pathlib import Path

import pytest

from derive import Definition, exp, relu, select, sum_over, tanh
from derive.explain.chain import chain
from derive.explain.english import ENGLISH
from derive.explain.layout import Orientation
from derive.explain.links import links, setting
from derive.explain.operators import Operator
from derive.explain.text import written
from derive.explain.words import LANGUAGES, in_line, said, sentence
from derive.gradient.structure import Structure
from derive.layer.batch import batch
from tests.calculus.layers import LAYERS

MORE = {f"{name}, batched": (lambda name=name: batch(LAYERS[name]())) for name in ("softmax_mlp",)}


def more(define):
    def build():
        definition = Definition(define.__name__, "")
        define(definition)
        return definition.build()

    MORE[define.__name__] = build


@more
def steps(d):
    """The derivative by x is 0 wherever it exists."""
    N = d.sizes("N")
    x, w = d.input("x", N), d.param("w", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = select(x[i] > 0, w[i], 2 * w[i])


@more
def first_entry(d):
    N = d.sizes("N")
    x, w = d.input("x", N), d.param("w", N)
    i = d.indices("i")
    y = d.output("y", N)
    y[i] = w[i] * x[0] ** 2


@more
def waves(d):
    """The Jacobian is one name, of a function that is not linear."""
    N, M = d.sizes("N M")
    x, c = d.input("x", N), d.param("c", M)
    i, j = d.indices("i j")
    y = d.output("y", M)
    y[i] = sum_over(j, exp(c[i] * x[j]) / c[i])
    u, z = d.param("u", M), d.output("z", N)
    z[j] = sum_over(i, exp(x[j] * c[i]) * u[i])


@more
def running_sum(d):
    """The Jacobian has no matrix form but the name that the definition needs."""
    N = d.sizes("N")
    x = d.input("x", N)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, select(j <= i, x[j], 0))


@more
def backwards(d):
    """Read from back to front, with weights and without."""
    N = d.sizes("N")
    x, w = d.input("x", N), d.param("w", N)
    i = d.indices("i")
    v, y, z = d.output("v", N), d.output("y", N), d.output("z", N)
    v[i] = 3 * w[N - 1 - i]
    y[i] = x[N - 1 - i] + w[N - 1 - i] * tanh(x[i])
    z[i] = tanh(w[i]) * x[N - 1 - i]


@more
def first_column(d):
    """One factor shares the index that is summed with what arrives."""
    N, M = d.sizes("N M")
    W, S = d.param("W", M, 2), d.input("S", M, N)
    i, j = d.indices("i j")
    y = d.output("y", N)
    y[i] = sum_over(j, W[j, 0] * S[j, i])


@more
def embedding_by_a_matrix(d):
    """What is gathered is multiplied by a matrix: the matrix comes first on the way back."""
    T, V, D, K = d.sizes("T V D K")
    tok, E, W = d.integers("tok", T), d.param("E", V, D), d.param("W", D, K)
    t, e, k = d.indices("t e k")
    s = d.output("s", T, K)
    s[t, k] = sum_over(e, E[tok[t], e] * W[e, k])


@more
def graph_step(d):
    """The derivative of what is cut off is a matrix product again, and no named one."""
    V, F = d.sizes("V F")
    A, M = d.constant("A", V, V), d.input("M", V, F)
    i, j, k = d.indices("i j k")
    Z = d.output("Z", V, F)
    Z[i, j] = relu(sum_over(k, A[i, k] * M[k, j]))


@more
def residual(d):
    """One number scales a whole matrix."""
    T, D = d.sizes("T D")
    X, H, a = d.input("X", T, D), d.input("H", T, D), d.param("a")
    i, j = d.indices("i j")
    Y = d.output("Y", T, D)
    Y[i, j] = X[i, j] + a * H[i, j]


@more
def bell(d):
    """A number scales what is multiplied entry by entry."""
    N, D, K = d.sizes("N D K")
    x, s, c = d.input("x", N, D), d.param("s", K), d.param("c", K, D)
    i, j, k = d.indices("i j k")
    y = d.output("y", N)
    y[i] = sum_over(k, exp(-sum_over(j, (x[i, j] - c[k, j]) ** 2) / (3 * s[k])))


ALL = {**LAYERS, **MORE}


@cache
def layer_of(name):
    return ALL[name]()


@cache
def links_of(name, rows=None, orientation=Orientation.TENSOR):
    return links(setting(layer_of(name), rows=rows, orientation=orientation))


def shown(name):
    return "\n".join(
        f"{link.of}/{link.wrt}: {in_line(sentence(link.reason, result=link.product))}"
        for link in links_of(name)
    )


def sections(text):
    """Return the parts of a golden file by their titles."""
    parts = (part.partition("\n") for part in text.split("## ")[1:])
    return {title: body.strip() for title, _, body in parts}


GOLDEN = Path(__file__).parent / "golden" / "reasons.txt"
REASONS = sections(GOLDEN.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", REASONS)
def test_reasons_read_as_a_teacher_would_give_them(name):
    assert shown(name) == REASONS[name]


def test_what_is_linear_is_said_to_be_and_nothing_else():
    found = {f"{link.of}/{link.wrt}": link.reason[0].key for link in links_of("waves")}
    assert found["z/u"] == "structure.weights"
    assert found["y/x"] == found["z/c"] == "structure.dense"
    assert found["z/x"] == "structure.diagonal"


def test_a_jacobian_that_the_page_has_a_name_for_is_that_name():
    where = setting(layer_of("running_sum"))
    assert written(where.written(where.layer.node("y"))) == "U x"
    (link,) = links(where)
    assert (written(link.matrix), written(link.product)) == ("U", "Uᵀ dy")


def test_a_number_that_scales_the_result_is_told_with_what_it_is_multiplied_by():
    assert "multiplied elementwise by −(1/3) Σ_l 2 (x_{ik} − c_{lk})" in shown("bell")


OPERATORS = {
    "backwards": {
        "z/x": "anti-diagonal: elementwise, scatter",
        "z/w": "diagonal: elementwise",
        "y/x": "sum of sparse parts: elementwise, scatter",
        "v/w": "Hankel: scatter, scale",
        "y/w": "anti-diagonal: elementwise, scatter",
    },
    "first_column": {
        "y/W": "selected: matrix, scatter",
        "y/S": "block diagonal: outer",
    },
    "embedding_by_a_matrix": {
        "s/E": "gathered: matrix, scatter",
        "s/W": "block diagonal: matrix",
    },
    "convolution_stride_two": {
        "Y/X": "strided: convolution",
        "Y/w": "dense: correlation",
    },
    "quantizer": {
        "Z/X": "diagonal: elementwise",
        "Z/a": "dense: matrix",
        "Z/b": "dense: matrix, elementwise",
        "Z/c": "dense: matrix, elementwise",
    },
    "softmax_mlp": {
        "R/g": "row: scale",
        "g/t": "diagonal and rank one: dot, scale, elementwise",
        "t/V": "block diagonal: outer",
        "t/v": "identity: copy",
        "t/z": "dense: matrix",
        "z/s": "diagonal: elementwise",
        "s/x": "dense: matrix",
        "s/W": "block diagonal: outer",
        "s/w": "identity: copy",
    },
    "gru_cell": {
        "h_new/h": "diagonal: elementwise",
        "h_new/z": "diagonal: elementwise",
        "h_new/n": "diagonal: elementwise",
        "n/x": "dense: elementwise, matrix",
        "n/h": "dense: elementwise, matrix",
        "n/Wn": "block diagonal: elementwise, outer",
        "n/Un": "block diagonal: elementwise, outer",
        "n/bn": "diagonal: elementwise",
        "n/r": "diagonal: elementwise",
        "r/x": "dense: elementwise, matrix",
        "r/h": "dense: elementwise, matrix",
        "r/Wr": "block diagonal: elementwise, outer",
        "r/Ur": "block diagonal: elementwise, outer",
        "r/br": "diagonal: elementwise",
        "z/x": "dense: elementwise, matrix",
        "z/h": "dense: elementwise, matrix",
        "z/Wz": "block diagonal: elementwise, outer",
        "z/Uz": "block diagonal: elementwise, outer",
        "z/bz": "diagonal: elementwise",
    },
    "batch_norm": {
        "y/x": "diagonal: elementwise",
        "y/gamma": "repeated diagonal: elementwise, sum",
        "y/beta": "repeated diagonal: sum",
        "y/mu": "repeated diagonal: elementwise, sum",
        "y/var": "repeated diagonal: elementwise, sum, scale",
        "var/x": "block diagonal: repeat, elementwise, scale",
        "var/mu": "diagonal: elementwise, scale",
        "mu/x": "block diagonal: repeat, scale",
    },
    "bilinear": {
        "y/x": "dense: matrix",
        "y/z": "dense: matrix",
        "y/W": "block diagonal: outer",
        "y/b": "identity: copy",
    },
    "shared_weights": {
        "y/x": "dense: matrix",
        "y/W": "sum of sparse parts: outer, elementwise",
        "y/h": "dense: elementwise, matrix",
        "h/x": "dense: elementwise, matrix",
        "h/W": "block diagonal: elementwise, outer",
    },
    "kronecker": {
        "z/x": "sum of sparse parts: elementwise, sum",
        "y/x": "repeated diagonal: elementwise, sum, scale",
        "y/W": "diagonal: elementwise, scale",
    },
    "padded": {
        "y/x": "banded: convolution",
        "y/w": "masked: correlation",
    },
    "neighbours": {
        "z/x": "triangular: matrix, elementwise, scale",
        "y/x": "banded: elementwise, convolution",
    },
    "cross_entropy_by_class": {
        "y/x": "row: scatter, scale",
    },
    "same_tensor_twice": {
        "y/x": "sum of sparse parts: elementwise, sum",
    },
    "colliding_names": {
        "y_total/y": "row: scale",
        "y/x": "rank one: dot, scale",
        "y/i": "diagonal: scale",
        "y/dy": "rank one: dot, scale",
        "dy/x": "diagonal: elementwise",
        "dy/dx": "diagonal: elementwise",
        "dy/d_x": "diagonal: elementwise",
    },
}


@pytest.mark.parametrize("name", OPERATORS)
def test_structures_and_operators_are_found_from_the_index_form(name):
    found = {
        f"{link.of}/{link.wrt}": f"{link.structure.value}: "
        f"{', '.join(operator.value for operator in link.operators)}"
        for link in links_of(name)
    }
    assert found == OPERATORS[name]


def test_every_reason_can_be_given_in_every_language_and_every_one_is():
    given = set()
    for name in ALL:
        where = setting(layer_of(name))
        for link in links_of(name):
            given |= {clause.key for clause in link.reason}
            assert all(in_line(sentence(link.reason, language)) for language in LANGUAGES)
        remarks = [remark for t in layer_of(name).wrt for remark in chain(where, t.name).remarks]
        given |= {remark.key for remark in remarks}
        assert all(said(remark, language) for remark in remarks for language in LANGUAGES)
    known = {key for key in ENGLISH if key.startswith(("structure.", "operator.", "chain."))}
    assert known - given == set()


def test_the_documentation_names_every_structure_and_operator():
    text = (Path(__file__).parents[2] / "docs" / "explain.md").read_text(encoding="utf-8")
    for kind in (*Structure, *Operator):
        assert f"`{kind.value}`" in text, kind

"""Matrix forms: what they read like, and that they have the value of the index form.

The value is checked twice: of the tree, and of the formula that is printed, computed as a
reader would, with columns of shape (n, 1) and rows of shape (1, n).
"""

from dataclasses import replace
from functools import cache, reduce

import numpy as np
import pytest
import sympy as sp

from derive.explain import algebra, tree
from derive.explain.algebra import Hadamard, Name, Outer, Product, Transpose, transposed, value
from derive.explain.check import is_equal
from derive.explain.einsum import einsum_text
from derive.explain.layout import Layout, laid_out, uses_rows
from derive.explain.matrices import in_matrices
from derive.explain.matrix import matrix_form
from derive.explain.names import for_gradient
from derive.explain.report import report
from derive.explain.text import written
from derive.gradient.reverse import reverse
from derive.index import functions
from derive.index.evaluate import evaluate
from derive.index.terms import Entry, Index, Size, sum_over
from derive.layer.model import Node, Role, Tensor
from tests.calculus.layers import LAYERS
from tests.explain.scaled import ALL

SHOWN = {
    "quantizer": """
Z = U a
dX = dZ ∘ ((1 − U ∘ U) (a ∘ c))
da = Uᵀ dZ
db = a ∘ c ∘ ((U ∘ U − 1)ᵀ dZ)
dc = a ∘ ((V ∘ (1 − U ∘ U))ᵀ dZ)
∂Z/∂X = diag((1 − U ∘ U) (a ∘ c))
∂Z/∂a = U
∂Z/∂b = (U ∘ U − 1) diag(a ∘ c)
∂Z/∂c = (V ∘ (1 − U ∘ U)) diag(a)
U_{ij} = tanh(c_j (X_i − b_j))
V_{ij} = X_i − b_j
""",
    "softmax_mlp_rows": """
r = x W1 + b1
h = σ(r)
θ = h W2 + b2
ŷ = exp(θ)/(𝟏 exp(θ)ᵀ)
J = −y log(ŷ)ᵀ
dθ = ŷ − y
dh = dθ W2ᵀ
dr = dh ∘ h ∘ (1 − h)
dx = dr W1ᵀ
dW1 = xᵀ dr
db1 = dr
dW2 = hᵀ dθ
db2 = dθ
""",
    "binary_mlp": """
z = W x + b1
h = σ(z)
θ = Uᵀ h + b2
ŷ = σ(θ)
L = −y log ŷ − (1 − y) log(1 − ŷ)
dθ = ŷ − y
dh = dθ U
dz = dh ∘ h ∘ (1 − h)
dx = Wᵀ dz
dU = dθ h
db2 = dθ
dW = dz xᵀ
db1 = dz
""",
    "softmax_mlp": """
s = W x + w
z = σ(s)
t = V z + v
g = exp(t)/(𝟏ᵀ exp(t))
R = −yᵀ log g
dt = g − y
dz = Vᵀ dt
ds = dz ∘ z ∘ (1 − z)
dx = Wᵀ ds
dW = ds xᵀ
dw = ds
dV = dt zᵀ
dv = dt
""",
    "attention": """
s = Q Kᵀ/√E
A = diag(1 ⊘ (exp(s) 𝟏)) exp(s)
O = A V
dA = dO Vᵀ
ds = A ∘ (dA − (A ∘ dA) 𝟏 𝟏ᵀ)
dQ = ds K/√E
dK = dsᵀ Q/√E
dV = Aᵀ dO
""",
}


def lines(found):
    return (*found.definitions, *found.intermediate, *found.gradients, *found.jacobians)


@pytest.mark.parametrize("name", SHOWN)
def test_matrix_forms_read_as_in_the_notes(name):
    found = report(LAYERS[name]())
    matrices = in_matrices(found)
    shown = [matrices.equations[line.name] for line in lines(found)]
    texts = [written(equation) for equation in (*shown, *matrices.where) if equation is not None]
    assert texts == SHOWN[name].strip().splitlines()


def test_a_layer_of_row_vectors_can_be_written_with_columns():
    found = report(LAYERS["softmax_mlp_rows"]())
    shown = {n: written(e) for n, e in in_matrices(found, rows=False).equations.items()}
    assert shown["r"] == "r = W1ᵀ x + b1"
    assert shown["dx"] == "dx = W1 dr"
    assert shown["dW1"] == "dW1 = x drᵀ"
    assert shown["J"] == "J = −yᵀ log ŷ"


def test_the_convention_is_the_one_that_the_layer_is_written_in():
    rows = {name for name in LAYERS if uses_rows(LAYERS[name]())}
    assert "softmax_mlp_rows" in rows
    assert not rows & {"softmax_mlp", "binary_mlp", "quantizer", "gru_cell", "deep_chain"}


class Page:
    """Computes a printed formula. A 1 that is summed over adds up; another one broadcasts.

    A row times a column is a number, and what no row of one entry can be multiplied with does not
    come after it: ``zᵀ x w`` is no product.
    """

    def __init__(self, arrays, rows, size):
        self.rows, self.size = rows, size
        self.arrays = {
            name: array if array.ndim != 1 else array.reshape((1, -1) if rows else (-1, 1))
            for name, array in arrays.items()
        }

    def value(self, formula):
        if isinstance(formula, tree.Letter) and formula.name == "𝐈":
            return np.eye(self.size)
        result = np.asarray(getattr(self, type(formula).__name__)(formula))
        return result.reshape(()) if result.shape == (1, 1) else result

    def Number(self, formula):
        return np.pi if formula.digits == "pi" else float(formula.digits)

    def Letter(self, formula):
        return self.arrays[formula.prefix + formula.name]

    def Plus(self, formula):
        terms = [(negative, self.value(term)) for negative, term in formula.terms]
        return reduce(np.add, (-term if negative else term for negative, term in terms))

    def Times(self, formula):
        scale, total = 1.0, None  # the scalars, and the product of the others so far
        is_number = False  # whether that product is one
        for factor in formula.factors:
            ones = self.ones(factor)
            if ones is not None:
                assert ones == "row" or not is_number
                total = ones if total is None else self.joined(total, ones)
                continue
            array = self.value(factor)
            assert not is_number or array.ndim == 0 or len(array) == 1
            if array.ndim == 0:
                scale = scale * array
            elif total is None or (isinstance(total, str) and total == "column"):
                total = array
            elif isinstance(total, str):
                total = array.sum(axis=0, keepdims=True)
            else:
                total = total @ array
            if isinstance(total, np.ndarray) and total.shape == (1, 1):
                scale, total, is_number = scale * total[0, 0], None, True
        return scale if total is None or isinstance(total, str) else scale * total

    def ones(self, factor):
        turned = isinstance(factor, tree.Transposed)
        letter = factor.base if turned else factor
        if not (isinstance(letter, tree.Letter) and letter.name == "𝟏"):
            return None
        return "row" if turned != self.rows else "column"

    def joined(self, total, ones):
        if isinstance(total, str):
            assert (total, ones) == ("column", "row")
            return np.ones((1, 1))
        return total if ones == "row" else total.sum(axis=1, keepdims=True)

    def Over(self, formula):
        return self.value(formula.numerator) / self.value(formula.denominator)

    def Power(self, formula):
        return self.value(formula.base) ** self.value(formula.exponent)

    def Transposed(self, formula):
        return self.value(formula.base).T

    def Bracket(self, formula):
        return self.value(formula.inside)

    def Elementwise(self, formula):
        factors = [self.value(factor) for factor in formula.factors]
        return reduce(np.divide if formula.divides else np.multiply, factors)

    def Call(self, formula):
        arguments = [self.value(argument) for argument in formula.arguments]
        if formula.function == "diag":
            vector = arguments[0].reshape(-1)
            return np.diag(vector if vector.size > 1 else np.full(self.size, vector))
        if formula.function == "diagonal":
            return np.diag(arguments[0]).reshape((1, -1) if self.rows else (-1, 1))
        if formula.function == "power":
            return arguments[0] ** arguments[1]
        return elementwise(formula.function, arguments)


def elementwise(name, arguments):
    kinds = {"abs": np.abs, "max": np.maximum, "min": np.minimum, "sqrt": np.sqrt}
    if name in kinds:
        return kinds[name](*arguments)
    function = getattr(functions, name, None) or getattr(sp, name)
    count, index = Size("count"), Index("i")
    flat = arguments[0].reshape(-1)
    body = function(Entry("u", (count,), index))
    got = evaluate(body, (index,), {"u": flat}, {count: flat.size}, (flat.size,))
    return got.reshape(arguments[0].shape)


def numbers(nodes):
    """Return sizes, all different and not 1, and an array for every tensor that is read."""
    random = np.random.default_rng(11)
    entries = {entry for node in nodes for entry in node.body.atoms(Entry)}
    letters = {size for node in nodes for s in node.tensor.shape for size in s.atoms(Size)}
    letters |= {size for node in nodes for size in node.body.atoms(Size)}
    sizes = {size: 2 + place for place, size in enumerate(sorted(letters, key=str))}
    arrays = {}
    for entry in sorted(entries, key=str):
        shape = tuple(int(size.xreplace(sizes)) for size in entry.shape)
        arrays[entry.tensor] = random.uniform(0.1, 0.9, shape)
    return sizes, arrays


def computed(node, arrays, sizes):
    shape = tuple(int(size.xreplace(sizes)) for size in node.tensor.shape)
    return evaluate(node.body, node.indices, arrays, sizes, shape)


@cache
def equations(name):
    """Return all equations of a layer and its gradients, and what is 1 in them."""
    layer = ALL[name]()
    gradient = reverse(layer)
    own = {node.name for node in layer.nodes}
    unit = for_gradient(layer, gradient).unit
    return layer.nodes + tuple(n for n in gradient.nodes if n.name not in own), unit


@cache
def form_of(node, unit):
    return matrix_form(node, unit=unit)


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_form_has_the_value_of_the_index_form_as_a_tree_and_as_printed(name):
    nodes, unit = equations(name)
    for node in nodes:
        form = form_of(node, unit)
        if form is None:
            continue
        sizes, arrays = numbers([node, *form.where])
        if unit:
            arrays[unit] = np.asarray(1.0)
        for extra in form.where:
            arrays[extra.name] = computed(extra, arrays, sizes)
        expected = computed(node, arrays, sizes)
        assert np.allclose(value(form.tree, arrays, sizes), expected, 1e-9)
        letters = {str(size): np.asarray(float(number)) for size, number in sizes.items()}
        for rows in (False, True):
            formula = laid_out(form.tree, Layout(rows, {}))
            side = expected.shape[0] if expected.ndim else 1
            got = Page({**letters, **arrays}, rows, side).value(formula)
            right = expected
            if expected.ndim == 1:
                right = expected.reshape((1, -1) if rows else (-1, 1))
            shown = f"{node.name} = {written(formula)}"
            assert np.allclose(np.broadcast_to(got, right.shape), right, 1e-9), shown


def test_most_equations_of_rank_two_have_a_matrix_form():
    without = {
        name: [node.name for node in nodes if form_of(node, unit) is None]
        for name in sorted(LAYERS)
        for nodes, unit in [equations(name)]
    }
    plain = {
        "quantizer", "softmax_mlp", "softmax_mlp_rows", "binary_mlp", "attention", "layer_norm",
        "batch_norm", "rbf", "gru_cell", "softmax_rows", "attention_nested", "causal_attention",
        "factorization_machine", "shared_weights", "quadratic_form", "gelu_mlp", "kinks",
        "free_index_named_as_a_bound_one", "nested_sums_of_one_letter", "same_tensor_twice",
    }  # fmt: skip
    assert {name: names for name, names in without.items() if name in plain and names} == {}
    assert without["bilinear"] == ["dW"]
    assert without["convolution_stride_two"] == ["Y", "dw", "dX"]


def test_a_form_of_another_value_is_refused():
    n = Size("n")
    i, j = Index("i"), Index("j")
    node = Node(
        Tensor("y", (n,), Role.NODE),
        (i,),
        sum_over(j, n, Entry("W", (n, n), i, j) * Entry("x", (n,), j)),
    )
    W, x = Name("W", 2), Name("x", 1)
    assert is_equal(Product(W, x), node.body, node, ())
    assert not is_equal(Product(transposed(W), x), node.body, node, ())
    assert not is_equal(x, node.body, node, ())
    assert not is_equal(Outer(x, x), node.body, node, ())
    assert not is_equal(Hadamard((W, x)), node.body, node, ())


def test_a_form_is_judged_at_sizes_that_leave_no_axis_empty():
    A, B, M = Size("A"), Size("B"), Size("M")
    left = A - 2 * B
    i, j = Index("i"), Index("j")
    node = Node(
        Tensor("y", (M,), Role.NODE),
        (i,),
        sum_over(j, left, Entry("W", (M, left), i, j) * Entry("h", (left,), j)),
    )
    W, h = Name("W", 2), Name("h", 1)
    assert is_equal(Product(W, h), node.body, node, ())
    assert not is_equal(Product(W, W), node.body, node, ())
    assert not is_equal(h, node.body, node, ())
    never = replace(node, tensor=Tensor("y", (M - M,), Role.NODE))
    assert not is_equal(Product(W, h), never.body, never, ())


def test_a_transpose_goes_as_far_inside_as_it_can():
    W, u, v = Name("W", 2), Name("u", 1), Name("v", 1)
    assert transposed(Product(W, Outer(u, v))) == Product(Outer(v, u), Transpose(W))
    assert transposed(Transpose(W)) == W
    assert algebra.rank(Product(W, u)) == 1


def test_a_tensor_of_rank_three_is_written_as_einsum():
    nodes, unit = equations("bilinear")
    (node,) = (node for node in nodes if node.name == "dW")
    assert matrix_form(node, unit=unit) is None
    assert einsum_text(node) == 'dW = einsum("i,j,k->ijk", dy, x, z)'


def test_a_sum_of_products_is_a_sum_of_einsums():
    N, M = Size("N"), Size("M")
    i, j, k = Index("i"), Index("j"), Index("k")
    A, u = Entry("A", (N, M), i, j), Entry("u", (N,), k)
    node = Node(Tensor("T", (N, M, N), Role.NODE), (i, j, k), A * u / sp.sqrt(M) - 2 * A**2 * u)
    assert einsum_text(node) == (
        'T = 1/sqrt(M)*einsum("ij,k->ijk", A, u) - 2*einsum("ij,ij,k->ijk", A, A, u)'
    )


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_line_of_einsum_has_the_value_of_the_index_form(name):
    nodes, unit = equations(name)
    for node in nodes:
        text = einsum_text(node, unit)
        if text is None:
            continue
        sizes, arrays = numbers([node])
        if unit:
            arrays[unit] = np.asarray(1.0)
        letters = {str(size): float(number) for size, number in sizes.items()}
        names = {"einsum": np.einsum, "sqrt": np.sqrt, "pi": np.pi, **letters, **arrays}
        got = eval(text.partition(" = ")[2], {"__builtins__": {}}, names)
        assert np.allclose(got, computed(node, arrays, sizes), 1e-9), text


def test_what_is_no_product_of_tensors_is_not_written_as_einsum():
    nodes, _ = equations("max_pooling")
    assert [einsum_text(node) for node in nodes] == [None, None]


def test_the_same_factor_gets_one_name_on_a_page():
    matrices = in_matrices(report(LAYERS["quantizer"]()))
    assert [written(equation.left) for equation in matrices.where] == ["U_{ij}", "V_{ij}"]

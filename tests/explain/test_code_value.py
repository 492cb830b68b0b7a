"""The code form is read back and computed: it must have the value of what it was written from."""

import ast
import math

import numpy as np
import pytest

from derive.explain.code import code
from derive.gradient.reverse import reverse
from derive.index.evaluate import evaluate
from derive.index.terms import Entry, Index, Size
from derive.layer.sample import extents
from tests.calculus.layers import LAYERS

FUNCTIONS = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "tanh": math.tanh, "sin": math.sin,
    "cos": math.cos, "erf": math.erf, "abs": abs, "max": max, "min": min, "floor": math.floor,
    "sech": lambda v: 1 / math.cosh(v), "sigmoid": lambda v: 1 / (1 + math.exp(-v)),
    "softplus": lambda v: math.log1p(math.exp(v)), "relu": lambda v: max(v, 0.0),
    "asin": math.asin, "acos": math.acos, "asinh": math.asinh, "acosh": math.acosh,
    "atanh": math.atanh, "sign": lambda v: float(np.sign(v)), "delta": lambda a, b: float(a == b),
}  # fmt: skip


class Reader:
    """Computes a formula in code form, a binder's range from an axis on which its index stands."""

    def __init__(self, arrays, names):
        self.arrays, self.names = arrays, names

    def value(self, node):
        return getattr(self, type(node).__name__)(node)

    def Expression(self, node):
        return self.value(node.body)

    def Constant(self, node):
        return node.value

    def Name(self, node):
        if node.id == "pi":
            return math.pi
        return self.names[node.id] if node.id in self.names else self.arrays[node.id].item()

    def Subscript(self, node):
        indices = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return self.arrays[node.value.id][tuple(int(self.value(index)) for index in indices)]

    def UnaryOp(self, node):
        return -self.value(node.operand)

    def BinOp(self, node):
        left = self.value(node.left)
        # What a condition is multiplied with counts where it holds, and may be nowhere else.
        if left is False and isinstance(node.op, ast.Mult):
            return False
        right = self.value(node.right)
        return {
            ast.Add: lambda: left + right, ast.Sub: lambda: left - right,
            ast.Mult: lambda: left * right,
            ast.Div: lambda: left / right, ast.Pow: lambda: left**right,
        }[type(node.op)]()  # fmt: skip

    def Compare(self, node):
        operands = [self.value(operand) for operand in (node.left, *node.comparators)]
        test = {
            ast.Lt: float.__lt__, ast.LtE: float.__le__, ast.Gt: float.__gt__,
            ast.GtE: float.__ge__, ast.Eq: float.__eq__, ast.NotEq: float.__ne__,
        }  # fmt: skip
        pairs = zip(node.ops, operands, operands[1:], strict=False)
        return all(test[type(op)](float(a), float(b)) for op, a, b in pairs)

    def BoolOp(self, node):
        parts = [self.value(value) for value in node.values]
        return all(parts) if isinstance(node.op, ast.And) else any(parts)

    def Call(self, node):
        name, _, letter = node.func.id.partition("_")
        if node.func.id == "where":
            condition, first, second = node.args
            return self.value(first if self.value(condition) else second)
        if not letter:
            return FUNCTIONS[name](*map(self.value, node.args))
        values = []
        for position in range(self.extent(letter, node.args[0])):
            inside = Reader(self.arrays, {**self.names, letter: position})
            if all(inside.value(condition) for condition in node.args[1:]):
                values.append(inside.value(node.args[0]))
        if name == "argmax":
            return values.index(max(values))
        return {"sum": sum, "prod": math.prod, "max": max}[name](values)

    def extent(self, letter, body):
        return min(
            self.arrays[node.value.id].shape[place]
            for node in ast.walk(body)
            if isinstance(node, ast.Subscript)
            for place, index in enumerate(
                node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            )
            if isinstance(index, ast.Name) and index.id == letter
        )


#: Layers in which a sum's range cannot be read from an axis.
AFFINE = {
    "convolution_stride_two", "convolution_symbolic_stride", "correlation_flipped",
    "convolution_2d", "max_pooling", "padded", "diagonals_and_constants", "neighbours",
    "groups_of_channels",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(set(LAYERS) - AFFINE))
def test_the_code_form_has_the_value_of_the_expression(name):
    random = np.random.default_rng(5)
    layer = reverse(LAYERS[name](), keep_outputs=True)
    for node in layer.nodes:
        entries = sorted(node.body.atoms(Entry), key=str)
        letters = node.body.atoms(Size).union(*(size.atoms(Size) for size in node.tensor.shape))
        sizes = {size: 2 + place % 2 for place, size in enumerate(sorted(letters, key=str))}
        integers = {
            inner.tensor
            for entry in entries
            for position in entry.indices
            for inner in position.atoms(Entry)
        }
        arrays = {}
        for entry in entries:
            shape = tuple(int(size.xreplace(sizes)) for size in entry.shape)
            whole = entry.tensor in integers
            arrays[entry.tensor] = (
                random.integers(0, 2, shape) if whole else random.uniform(0.1, 0.9, shape)
            )
        extent = extents(node.tensor, sizes)
        expected = evaluate(node.body, node.indices, arrays, sizes, extent)
        written = ast.parse(code(node.body), mode="eval")
        numbers = {str(size): value for size, value in sizes.items()}
        for where in np.ndindex(extent):
            positions = dict(zip(map(str, node.indices), where, strict=True))
            got = Reader(arrays, {**numbers, **positions}).value(written)
            assert got == pytest.approx(expected[where], rel=1e-12), (node.name, code(node.body))


def test_the_reader_tells_a_wrong_sign():
    node = reverse(LAYERS["quantizer"](), ["a"]).nodes[-1]
    wrong = code(-node.body)
    assert wrong != code(node.body)
    arrays = {name: np.full(2, 0.5) for name in "Xabc"} | {"dZ": np.ones(2)}
    value = Reader(arrays | {"X": np.ones(2)}, {"i": 0}).value(ast.parse(wrong, mode="eval"))
    assert value < 0


def test_an_index_as_a_number_is_written_as_its_letter():
    assert code(Index("i") * Entry("x", (Size("N"),), Index("i"))) == "i*x[i]"

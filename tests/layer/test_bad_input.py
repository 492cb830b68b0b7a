"""Every mistake in a definition is reported once, at its own line, and all are reported at once."""

import linecache

import pytest
import sympy as sp

import derive
from derive import Definition, absolute, exp, grad, min_over, select, softmax, sum_over, tanh
from derive.errors import DeriveError, DeriveErrors
from derive.layer.batch import batch
from derive.layer.check import check
from derive.program.suite import suite
from tests.seeds import printed_under

HEAD = """\
d = Definition("wrong")
N, M = d.sizes("N M")
x, z, W, s = d.input("x", N), d.input("z", M), d.param("W", M, N), d.param("s")
i, j, k = d.indices("i j k")
"""
TAIL = """
d.build()
"""
#: What the user wrote on line 5, and what the message has to say.
MISTAKES = {
    "unbound index": (
        'y = d.output("y"); y[()] = x[i]',
        "index i is not bound",
    ),
    "index of the right side only": (
        'y = d.output("y", N); y[i] = x[i] * z[j]',
        "index j is not bound",
    ),
    "index with two sizes": (
        'y = d.output("y", N); y[i] = x[i] * z[i]',
        "index i runs over N, but stands on an axis of size M",
    ),
    "sum over two sizes": (
        'y = d.output("y"); y[()] = sum_over(i, x[i] * z[i])',
        "index i is summed over two sizes, N, M",
    ),
    "sum whose size is unknown": (
        'y = d.output("y"); y[()] = sum_over(i, x[i + 1])',
        "index i stands alone on no axis",
    ),
    "sum over nothing": (
        'y = d.output("y"); y[()] = sum_over(i, x[i], size=0)',
        "y: a size is at least 1, and not 0",
    ),
    "remainder": (
        'y = d.output("y", N); y[i] = x[i] % 2',
        "y: a remainder, Mod(x[i], 2), has no place in a layer",
    ),
    "rounded number": (
        'import sympy; y = d.output("y", N); y[i] = sympy.floor(x[i])',
        "y: a rounded number, floor(x[i]), has no place in a layer",
    ),
    "rounded size": (
        'v = d.input("v", N // 2); y = d.output("y"); y[()] = sum_over(j, v[j])',
        "y: a rounded number, floor(N/2), has no place in a layer",
    ),
    "division by zero": (
        'y = d.output("y", N); y[i] = x[i] / 0',
        "y: a division by zero has no place in a layer",
    ),
    "power of nothing": (
        'y = d.output("y", N); y[i] = 0 ** x[i]',
        "y: 0**x[i]: what is not positive has no such powers",
    ),
    "power of a negative number": (
        'y = d.output("y", N); y[i] = (-2) ** x[i]',
        "y: (-2)**x[i]: what is not positive has no such powers",
    ),
    "complex number": (
        'y = d.output("y", N); y[i] = 1j * x[i]',
        "y: complex numbers have no place in a layer",
    ),
    "too many indices": (
        'y = d.output("y", N); y[i] = x[i, j]',
        "x has 1 axes (N,), but is read with 2 indices",
    ),
    "too few indices": (
        'y = d.output("y", N); y[i] = W[i]',
        "W has 2 axes (M, N), but is read with 1 indices",
    ),
    "wrong rank on the left": (
        'y = d.output("y", N); y[i, j] = x[i]',
        "y has 1 axes (N,), but is defined with 2 indices",
    ),
    "index twice on the left": (
        'y = d.output("y", N, N); y[i, i] = x[i]',
        "an index stands twice on the left",
    ),
    "number on the left": (
        'y = d.output("y", N); y[0] = s',
        "on the left stand plain indices only",
    ),
    "cycle": ('u, y = d.node("u", N), d.output("y", N); u[i] = y[i]; y[i] = u[i]', "u → y → u"),
    "defined by itself": ('y = d.output("y", N); y[i] = y[i] + x[i]', "y → y"),
    "never defined": (
        'y = d.output("y", N); u = d.node("u", N); y[i] = u[i]',
        "u is declared, but never defined",
    ),
    "declared twice": ('x = d.input("x", M); d.output("y", x * z)', "x is declared twice"),
    "defined twice": ('y = d.output("y", N); y[i] = x[i]; y[i] = 2 * x[i]', "y is defined twice"),
    "given and defined": (
        'x[i] = 1; d.output("y", x * x)',
        "x is given, and cannot be defined as well",
    ),
    "non-ASCII name": ('é = d.input("é", N); d.output("y", x * x)', "'é' is not a name"),
    "leading underscore": ('_u = d.input("_u", N); d.output("y", x * x)', "'_u' is not a name"),
    "underscore index": ('_i = d.indices("_i"); d.output("y", x * x)', "'_i' is not a name"),
    "non-ASCII index": ('ι = d.indices("ι"); d.output("y", x * x)', "'ι' is not a name"),
    "bad size": ('y = d.output("y", 2.5); y[i] = x[i]', "2.5 is not a size"),
    "negative size": ('y = d.output("y", -3); y[i] = x[i]', "-3 is not a size"),
    "foreign size": (
        'y = d.output("y", Definition("e").sizes("Q")); y[i] = x[0]',
        "Q is not made of the declared sizes",
    ),
    "given tensor of foreign size": (
        'q = d.input("q", Definition("e").sizes("Q")); d.output("y", q * q)',
        "Q is not made of the declared sizes",
    ),
    "given tensor of bad size": (
        'q = d.input("q", 1.5); d.output("y", x * x)',
        "1.5 is not a size",
    ),
    "foreign tensor": (
        'e = Definition("e"); q = e.input("q", e.sizes("N")); y = d.output("y", N); y[i] = q[i]',
        "unknown tensor q",
    ),
    "tensor of a mistaken definition": (
        'q = Definition("e").input("q", N); d.output("y", q * x)',
        "y reads a tensor of another definition, which has a mistake",
    ),
    "formulas compared": (
        'y = d.output("y", N); y[i] = select(i == j, x[i], 0)',
        "False is not a condition",
    ),
    "shapes of a product": ('d.output("y", W @ z)', "N meets M"),
    "shapes of a sum": ('d.output("y", x + z)', "between shapes (N,) and (M,)"),
    "shape of a definition": (
        'y = d.output("y", M); y[i] = tanh(x)',
        "an array of shape (N,) where a scalar is needed",
    ),
    "matrix product with a scalar": ('d.output("y", s @ x)', "use * for a scalar"),
    "text for a number": ('d.output("y", x + "one")', "'one' is not a number"),
    "infinity": ('d.output("y", x * float("inf"))', "inf is not a number"),
    "array in a sum": (
        'd.output("y", sum_over(i, x))',
        "an array of shape (N,) where a scalar is needed",
    ),
    "index that is a fraction": (
        'y = d.output("y", N); y[i] = x[i / 2]',
        "index i/2 is not an integer",
    ),
    "real tensor in a subscript": (
        'y = d.output("y", N); y[i] = x[z[0]]',
        "z is not a tensor of integers",
    ),
    "sum over what is no index": (
        'y = d.output("y"); y[()] = sum_over(x, x[i])',
        "x is not an index",
    ),
    "sum over an array": (
        'd.output("y", sum_over(x * x, i))',
        "an array of shape (N,) is not an index",
    ),
    "list of arrays": ('d.output("y", [x, x])', "y: [x, x] is a list, and not a size"),
    "list of sizes": (
        'y = d.output("y", (N, M)); y[i, j] = x[i]',
        "y: (N, M) is a list, and not a size",
    ),
    "values of a name": (
        'd.domain("x", "positive"); d.output("y", x * x)',
        "'x' is no tensor whose values could be declared",
    ),
    "values of an entry": (
        'd.domain(x[i], "positive"); d.output("y", x * x)',
        "x[i] is no tensor whose values could be declared",
    ),
    "unknown set of values": ('d.domain(x, "odd"); d.output("y", x * x)', "'odd' is not one of"),
    "no output": ('d.node("y", x * x)', "nothing is an output"),
    "softmax of a scalar": ('d.output("y", softmax(s))', "softmax needs an axis"),
    "sum of SymPy's": (
        'y = d.output("y", N); y[i] = sp.Sum(x[j], (j, 0, N - 1))',
        "y: no code is made for the function Sum",
    ),
    "function of SymPy's": (
        'y = d.output("y", N); y[i] = sp.gamma(x[i])',
        "y: no code is made for the function gamma",
    ),
    "function of SymPy's with a hint": (
        'y = d.output("y", N); y[i] = sp.Heaviside(x[i])',
        "y: no code is made for the function Heaviside",
    ),
    "pieces that leave out something": (
        'y = d.output("y", N); y[i] = sp.Piecewise((x[i], x[i] > 0))',
        "y: no code is made for the function Piecewise",
    ),
    "function of SymPy's in an update": (
        'd.output("y", x * s); d.update(s, sp.gamma(s[()]))',
        "the update of s: no code is made for the function gamma",
    ),
    "index past its axis where a condition looks": (
        'y = d.output("y", N + M); y[i] = select(x[i] > 0, 1, 0)',
        "index i runs over M + N, but stands on an axis of size N in x[i]",
    ),
    "position before the first": (
        'y = d.output("y", N); y[i] = x[-1] + x[i]',
        "y: x[-1] is read at -1, but positions are from 0 to N - 1",
    ),
    "position after the last": (
        'y = d.output("y", N); y[i] = x[N] + x[i]',
        "y: x[N] is read at N, but positions are from 0 to N - 1",
    ),
    "positions that run past the axis": (
        'y = d.output("y", N); y[i] = x[i + 1]',
        "y: x[i + 1] is read at N, but positions are from 0 to N - 1",
    ),
    "position in a sum that runs past the axis": (
        'y = d.output("y", M); y[i] = sum_over(j, x[j] * x[N + j])',
        "is read at 2*N - 1, but positions are from 0 to N - 1",
    ),
    "parameter updated twice": (
        'd.output("y", s * s); d.update(s, s - grad(s)); d.update(s, s / 2)',
        "s is updated twice",
    ),
    "update that reads an input": (
        'd.output("y", x * x); d.update(s, s - x[0])',
        "the update of s reads x, which is an input",
    ),
    "update that reads a node": (
        'y = d.output("y", s * s); d.update(s, s - y)',
        "the update of s reads y, which is a node",
    ),
    "update by the gradient by an input": (
        'd.output("y", sum_over(i, x[i])); d.update(s, s - grad(x)[0])',
        "the update of s reads the gradient by x",
    ),
    "update by a gradient whose name is a tensor's": (
        'ds = d.param("ds"); d.output("y", s * ds); d.update(s, s - grad(s))',
        "ds is the gradient by s here, and a tensor as well",
    ),
    "input that is updated": (
        'd.output("y", x * x); d.update(x, x / 2)',
        "x is updated, but is an input",
    ),
    "update of another shape": (
        'd.output("y", x * x); d.update(s, W)',
        "the update of s: an array of shape (M, N) where a scalar is needed",
    ),
    "update with indices": (
        'd.output("y", x * s); d.update(W, W[j, i] / 2)',
        "the update of W: index i is not bound",
    ),
    "update of an entry": (
        'd.output("y", x * s); d.update(W[i, j], 0)',
        "W[i, j] is updated, but is no parameter",
    ),
    "sliced tensor": ('y = d.output("y", N); y[i] = x[:]', "is not a number or an expression"),
}


def mistakes_of(body, file):
    """Run a definition file with this body; return its mistakes."""
    text = HEAD + body + TAIL
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    names = {
        f.__name__: f for f in (Definition, exp, grad, min_over, select, softmax, sum_over, tanh)
    }
    with pytest.raises(DeriveError) as caught:
        exec(compile(text, file, "exec"), {**names, "sp": sp})
    error = caught.value
    return error.errors if isinstance(error, DeriveErrors) else (error,)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_one_message_with_its_line_and_a_caret(name):
    body, message = MISTAKES[name]
    file = f"{name.replace(' ', '_')}.py"
    (error,) = mistakes_of(body, file)
    assert message in error.message
    assert error.span is not None
    line = 1 if name == "no output" else 5
    assert (error.span.file, error.span.line) == (file, line)
    shown = str(error).splitlines()
    assert shown[0].startswith(f"{file}:{line}:")
    assert shown[1].strip()
    assert set(shown[2].strip()) == {"^"}


def test_all_mistakes_are_reported_at_once_each_at_its_line():
    body = "\n".join(
        (
            'y, u = d.output("y", N), d.node("u", M)',
            "y[i] = x[i] * z[j]",
            "u[i] = z[i, j]",
            'v = d.node("v", W @ z)',
            'w = d.node("w", v + x)',
            'x = d.param("x", N)',
            'd.output("out", w * w)',
        )
    )
    errors = mistakes_of(body, "many.py")
    assert [error.span.line for error in errors] == [6, 7, 8, 9, 10]
    text = str(DeriveErrors(errors))
    assert all(f"many.py:{line}:" in text for line in range(6, 11))


def test_what_a_minimum_is_taken_of_is_a_mistake_like_others():
    d = Definition("least")
    N = d.sizes("N")
    x, i = d.input("x", N), d.indices("i")
    d.output("y", min_over(i, x))
    d.output("z", x[i, i])
    with pytest.raises(DeriveErrors) as caught:
        d.build()
    messages = [error.message for error in caught.value.errors]
    assert messages == [
        "an array of shape (N,) where a scalar is needed",
        "x has 1 axes (N,), but is read with 2 indices",
    ]


_COMPLAINTS = """
from derive import Definition, sum_over
from derive.errors import DeriveError

d = Definition("wrong")
N = d.sizes("N")
x, a, b, i = d.input("x", N), d.input("a", N), d.input("b", N), d.indices("i")
y, z = d.output("y", N), d.output("z")
y[i] = x[a[i] + b[i] + x[i]]
z[()] = sum(sum_over(i, x[i] ** power, size=-power) for power in range(1, 6))
try:
    d.build()
except DeriveError as error:
    print(error)
"""


def test_complaints_do_not_depend_on_the_hash_seed():
    printed = printed_under(("1", "2", "3", "4"), _COMPLAINTS)
    assert len(printed) == 1
    text = printed.pop()
    assert "x: a is not a tensor of integers" in text
    assert text.index("not -1") < text.index("not -5")


def test_a_function_without_code_is_named_with_its_line():
    d = Definition("special")
    N = d.sizes("N")
    x, i, y = d.input("x", N), d.indices("i"), d.output("y", N)
    y[i] = sp.gamma(x[i])
    with pytest.raises(DeriveError, match="y: no code is made for the function gamma") as raised:
        suite(d.build())
    assert "y[i] = sp.gamma(x[i])" in str(raised.value)


def test_a_mistake_inside_the_package_is_not_blamed_on_the_package():
    (error,) = mistakes_of('d.output("y", softmax(W @ z))', "nested.py")
    assert error.span.file == "nested.py"


def test_a_good_layer_has_no_complaints_also_as_a_batch():
    d = Definition("good")
    N = d.sizes("N")
    x = d.input("x", N)
    d.output("y", tanh(x) * exp(x))
    assert check(d.build()) == []
    assert check(batch(d.build())) == []


def test_a_sum_of_sympys_is_answered_by_ours():
    body = 'y = d.output("y", N); y[i] = sp.Sum(x[j], (j, 0, N - 1))'
    (error,) = mistakes_of(body, "sum.py")
    assert "sum_over(j, x[j])" in error.hint


def test_a_scalar_is_compared_and_given_to_functions_as_it_stands():
    d = Definition("huber")
    N = d.sizes("N")
    x, b, c = d.input("x", N), d.param("b"), d.param("c")
    i, y = d.indices("i"), d.output("y", N)
    both = (absolute(x[i]) <= b) & (b > 0) & (c < b) & (b >= x[i]) & sp.Ne(c, 0)
    y[i] = select(both, sp.atan(b), b * x[i])
    (node,) = d.build().nodes
    u, v, w = x[i], b.at(), c.at()
    meant = sp.And(sp.Abs(u) <= v, v > 0, w < v, v >= u, sp.Ne(w, 0))
    assert node.body == select(meant, sp.atan(v), v * u)
    with pytest.raises(TypeError, match="not supported between"):
        x > 0  # noqa: B015
    with pytest.raises(TypeError, match="not supported between"):
        b > x  # noqa: B015


@pytest.mark.parametrize(
    "name", ["tan", "sinh", "cosh", "asin", "acos", "atan", "asinh", "acosh", "atanh"]
)
def test_functions_of_a_number_are_applied_to_every_entry(name):
    d = Definition("applied")
    x, i = d.input("x", d.sizes("N")), d.indices("i")
    d.output("y", getattr(derive, name)(2 * x))
    (node,) = d.build().nodes
    assert node.body.xreplace({node.indices[0]: i}) == getattr(sp, name)(2 * x[i])


def test_a_scalar_is_an_exponent_and_is_read_and_defined_by_dots():
    d = Definition("power")
    x, p, y = d.input("x"), d.param("p"), d.output("y")
    y[...] = exp(x[...]) ** p + 2**p + x**p
    (node,) = d.build().nodes
    assert node.body == exp(x) ** p.at() + 2 ** p.at() + x.at() ** p.at()


@pytest.mark.parametrize(
    "body",
    [
        "select(i < N - 1, x[i + 1], 0)",
        "select(i < 1, v[i], 0)",
        "select(N > 3, x[3], 0)",
        "x[N - 1 - i]",
        "x[N - 2]",
    ],
)
def test_what_is_guarded_or_may_be_there_is_no_mistake(body):
    d = Definition("guarded")
    N = d.sizes("N")
    x, v, i, y = d.input("x", N), d.input("v", 1), d.indices("i"), d.output("y", N)
    y[i] = eval(body, {"x": x, "v": v, "i": i, "N": N, "select": select})
    assert check(d.build()) == []


def test_an_index_in_the_second_place_gets_a_hint():
    (error,) = mistakes_of('d.output("y", sum_over(x, i))', "turned.py")
    assert (error.message, error.hint) == (
        "x is not an index",
        "the index comes first, one at a time, as in sum_over(i, …)",
    )


def test_a_fact_without_a_text_is_written_with_letters():
    d = Definition("facts")
    N, M = d.sizes("N M")
    p, (i, j) = d.label("p", N, M), d.indices("i j")
    d.fact(sum_over(i, p[i, j]), 1)
    d.fact(sum_over(i, sum_over(j, p[i, j] + p[0, 0], size=M)) / 2, 3)
    d.output("y", p * p)
    assert [fact.text for fact in d.build().facts] == [
        "Σ_i p[i, j] = 1",
        "Σ_i Σ_j (p[0, 0] + p[i, j])/2 = 3",
    ]
    with pytest.raises(DeriveError, match=r"an array of shape \(N, M\) where a scalar is needed"):
        d.fact(p, 1)


def test_the_magnitude_of_an_array_is_its_absolute_value():
    d = Definition("magnitude")
    N = d.sizes("N")
    x, y, i = d.input("x", N), d.output("y", N), d.indices("i")
    y[i] = (abs(x) + x)[i]
    (node,) = d.build().nodes
    assert node.body == sp.Abs(x[i]) + x[i]


@pytest.mark.parametrize(
    ("body", "hint"),
    [
        ('y = d.output("y"); y[()] = sum_over((i, j), W[i, j])', "one at a time, as in sum_over(i"),
        ('J = d.output("J")', "write J[()] = …"),
        ('V = d.output("V", M, N)', "write V[i, j] = …"),
        ('y = d.output("y", N); y[i] = x[i - 1]', "select(i - 1 >= 0, x[i - 1], 0)"),
        ('y = d.output("y", N); y[i] = x[i + 1]', "select(i + 1 < N, x[i + 1], 0)"),
        ('y = d.output("y", N); y[i] = x[i] + select(i > 0, y[i - 1], 0)', "no recurrences"),
        ('y = d.output("y", N); y[i] = x[-1]', "write N - 1 for -1"),
        ('y = d.output("y", N); y[i] = x[i // 2]', "axes of their own, as in y[i, k] = x[2 * i"),
        ('y = d.output("y", N); y[i] = x[i] * (i % 2)', "axes of their own, as in y[i, k] = x[2"),
        ('y = d.output("y", N); y[i] = x[(i + 3) % N]', "select(i < N, x[i + N], x[i - N])"),
        ('d.output("y", x * float("-inf"))', "select(condition, s[i, j], -1e9)"),
        ('y = d.output("y", M); y[i] = sum_over(k, W[k, i])', "select(i < N, W[k, i], 0)"),
        (
            'y = d.output("y", N); y[i] = sum_over(k, x[k + i + 1] * x[k])',
            "select(i + k + 1 < N, x[i + k + 1], 0)",
        ),
        (
            'y = d.output("y", M, N); y[i, j] = sum_over(k, W[i, k] * W[k, j])',
            "size N in W[i, k] and size M in W[k, j]: do their indices stand in the right order?",
        ),
        ('y = d.output("y", x + W)', "name the axes, as in y[i, j] = x[i, j] + b[j]"),
        (
            'import sympy; y = d.output("y", N); y[i] = sympy.atan2(x[i], s[()])',
            "2 * sp.atan(y / (sqrt(x**2 + y**2) + x))",
        ),
    ],
)
def test_a_hint_is_about_what_was_written(body, hint):
    (error,) = mistakes_of(body, "hint.py")
    assert hint in error.hint


def test_what_is_no_number_at_all_is_no_mask():
    (error,) = mistakes_of('d.output("y", x * float("nan"))', "nan.py")
    assert error.message == "nan is not a number" and not error.hint


def test_a_letter_is_chosen_where_the_line_does_not_have_the_users():
    body = 'y, total = d.output("y", M), sum_over(k, W[k, j])\ny[j] = total'
    (error,) = mistakes_of(body, "elsewhere.py")
    assert "select(j < N, W[i, j], 0)" in error.hint

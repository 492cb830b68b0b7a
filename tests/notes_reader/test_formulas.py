"""Every construct of the notes is read as what its text says, and no more."""

import pytest

from derive.errors import DeriveError
from derive.notes.outline import outline
from derive.notes.parse import grammar, parse
from derive.notes.tree import Derivative, Name, Scripted, Term, walk

READINGS = [
    # scripts, fonts, accents
    (r"W_{i,j}^{(1)}", "W_{i, j}^{(1)}"),
    (r"x^{(i)} A^{l-1} w^{new} e^{-x}", r"(x^{(i)} A^{(l -1)} w^{\mathrm{new}} e^{-x})"),
    (r"\hat y^{2} + \hat{y}^2", r"(\hat{y}^{2} +\hat{y}^{2})"),
    (r"\mathbf{\hat x} \hat{\mathbf x}", r"(\hat{\mathbf{x}} \hat{\mathbf{x}})"),
    (r"\mathbf{x_i}", r"\mathbf{x}_{i}"),
    (r"\widehat{y_i}", r"\hat{y}_{i}"),
    (r"\mathbf{Wx}^T", r"{(\mathbf{W} \mathbf{x})}^{T}"),
    (r"\text{loss} \mathrm{loss}", r"(\mathrm{loss} \mathrm{loss})"),
    (r"W^T W^\top W^{\intercal} W^{\mathsf T}", r"(W^{T} W^{\top} W^{\top} W^{\top})"),
    (r"W^{-1} W^{-\top}", r"(W^{-1} W^{-\top})"),
    (r"f' f'' f^\prime f^{\prime\prime} f'^2", "(f' f'' f' f'' f'^{2})"),
    (r"w^* x_{i\cdot} W_{:,j} A^+ f(\cdot)", r"(w^{*} x_{(i \cdot)} W_{:, j} A^{+} f (\cdot))"),
    (r"x^12 \frac12 \frac1N", "(x^{1} 2 {1 / 2} {1 / N})"),
    ("x² Wᵀ bᵢ e⁻¹", r"(x^{2} W^{\top} b_{i} e^{-1})"),
    (r"W^{m}{}_{k}", "W_{k}^{m}"),
    # products and sums
    (r"a \circ b \odot c \otimes d \cdot e \times f * g / h @ k",
     r"(a \circ b \odot c \otimes d \cdot e \times f * g / h @ k)"),
    (r"f(x) a(x)", "(f (x) a (x))"),
    (r"-a + b - c \pm d", r"(-a +b -c \pmd)"),
    (r"a \times -0.5(b)", r"(a \times -0.5 (b))"),
    (r"{a + b} c", "(a +(b c))"),
    (r"c - {t - z}", "(c -t -z)"),
    (r"c - \textcolor{blue}{t - z} x", "(c -t -(z x))"),
    (r"c -{\color{red} t - {z}}", "(c -t -z)"),
    (r"a/{b c} {} + d", "((a / b c) +d)"),
    (r"{a + b}^2 {x y}_i {z}'", "({(a +b)}^{2} {(x y)}_{i} z')"),
    (r"{a + b \over c} d", "({(a +b) / c} d)"),
    (r"\log{x y} z", "(log@{(x y)} z)"),
    (r"\exp{-x} {a = b}", "(exp@{-x} a) = b"),
    (r"x^{a - {b - c}}", "x^{(a -b -c)}"),
    # spaces of a given width
    (r"a \kern.2em b^{\mkern-1.5mu\mathsf{T}} \mspace{2mu} c \hskip 2pt plus 1pt d \hspace{1pt} e",
     "(a b^{\\top} c d e)"),
    (r"a = b \hspace{2em} c = d", "a = b ;; c = d"),
    (r"a = b \hskip 2em c = d", "a = b ;; c = d"),
    (r"\left( a + b \right. \\ \left. + c \right) x", "(((a +b +c)) x)"),
    (r"{=} a {+} b", "∅ = (a +b)"),
    # sums, products, extrema
    (r"\sum_{j=1}^M a_j x_j + b", "(sum_{j = 1}^{M}((a_{j} x_{j})) +b)"),
    (r"\sum_i \sum_{j \neq i} \prod_k a", r"sum_{i}(sum_{j \neq i}(prod_{k}(a)))"),
    (r"\sum_{i,j} a \sum\limits_{j \in S} b", r"sum_{i, j}((a sum_{j \in S}(b)))"),
    (r"\sum a_i", "sum(a_{i})"),
    (r"\sum_{i} -2 x_i", "sum_{i}((-2 x_{i}))"),
    (r"\max_j x_j + \max(0, x)", "(max_{j}(x_{j}) +max@(0, x))"),
    (r"\arg\max_j x_j", "argmax_{j}(x_{j})"),
    (r"\underset{w}{\arg\min} f", "argmin_{w}(f)"),
    (r"\operatorname*{arg\,max}_{\theta} f", r"argmax_{\theta}(f)"),
    (r"\sum_{\substack{i \\ i \ne j}} x_i", r"sum_{i, i \neq j}(x_{i})"),
    (r"sum_j exp(x_j)", "sum_{j}(exp@(x_{j}))"),
    # functions
    (r"\tanh^2[u] \tanh^2 u", "(tanh^{2}@[u] tanh^{2}@<u>)"),
    (r"\tanh(c)^2", "tanh@(c)^{2}"),
    (r"y \log p (1 - y)", "(y log@<(p ((1 -y)))>)"),
    (r"\log \sigma(x) + 1", r"(log@<(\sigma (x))> +1)"),
    (r"\log\sum_i e^{x_i}", "log@<sum_{i}(e^{x_{i}})>"),
    (r"\mathrm{softmax}_j(S_{ij})", "softmax_{j}@(S_{(i j)})"),
    (r"\operatorname{foo}(x) \text{relu}(x) softmax(x)", "(foo@(x) relu@(x) softmax@(x))"),
    (r"\log|x| \exp\{x\} \exp{x}", r"(log@|x| exp@\{x\} exp@{x})"),
    (r"\sigma'(z) f = \tanh", r"(\sigma' (z) f) = tanh@"),
    (r"\mathbb{1}[y = k] \mathbf 1_{\{x > 0\}} 1(a > b)", "(1{y = k} 1{x > 0} 1{a > b})"),
    (r"\lambda_{\max} + x_\min", r"(\lambda_{max@} +x_{min@})"),
    # derivatives
    (r"\frac{\partial L}{\partial b_i}", "D[L; b_{i}]"),
    (r"\partial L/\partial b_i \cdot x", r"(D[L; b_{i}] \cdot x)"),
    (r"{\partial L}/{\partial x}", "D[L; x]"),
    (r"{\partial L \over \partial x}", "D[L; x]"),
    (r"\dfrac{dL}{dx} + dL/dx", "(D[L; x or plain] +D[L; x or plain])"),
    (r"\frac{\partial}{\partial b_i} a \sum_j b_j + c", "(Dop[(a sum_{j}(b_{j})); b_{i}] +c)"),
    (r"\frac{\partial^2 L}{\partial x_i \partial x_j}", "D^2[L; x_{i}, x_{j}]"),
    (r"\frac{\partial^2 L}{\partial x^2}", "D^2[L; x, x]"),
    (r"\frac{\partial x^\top A x}{\partial x}", r"D[(x^{\top} A x); x]"),
    (r"\frac{-\partial L}{\partial x}", "-D[L; x]"),
    (r"\nabla_{W} L + \nabla L", "(grad[L; W] +grad[L; ])"),
    (r"\nabla_x (Ax) y", "(grad[((A x)); x] y)"),
    (r"\nabla_z L \odot \sigma'(z)", r"(grad[L; z] \odot \sigma' (z))"),
    (r"D_x f \cdot g", r"(Dsub[f; x or plain] \cdot g)"),
    (r"\partial_x f", "Dsub[f; x]"),
    (r"\left.\frac{\partial L}{\partial x}\right|_{x=0}", "D[L; x] at {x = 0}"),
    (r"\frac{\partial L}{\partial x}\Big|_{x=0}", "D[L; x] at {x = 0}"),
    (r"\left(\frac{\partial L}{\partial W}\right)_{ij}^T", "(D[L; W])_{(i j)}^{T}"),
    (r"\frac{a}{d}", "{a / d}"),
    # brackets
    (r"\|x\|_2^2 + \|A\|_F |a| + |b|", "(||x||_{2}^{2} +(||A||_{F} |a|) +|b|)"),
    (r"p(a|s) N(u|m,S)", "(p (a| s) N (u| m, S))"),
    (r"D(q \| p)", r"(D (q\| p))"),
    (r"\left\langle a, b \right\rangle \lfloor x \rfloor",
     r"(\langlea, b\rangle floor@\lfloorx\rfloor)"),
    (r"[0, 1) \bigl( a \bigr)", "([0, 1) (a))"),
    # matrices and cases
    (r"\begin{pmatrix} a & b \\ c & \ddots \end{pmatrix}", "pmatrix<a & b // c & <ddots>>"),
    (r"\left[\begin{array}{cc} a & b \end{array}\right]", "bmatrix<a & b>"),
    (r"\begin{bmatrix} a \\ \vdots \\ \end{bmatrix}^T", "bmatrix<a // <vdots>>^{T}"),
    (r"(b_1 \quad \dots \quad b_M)", "(b_{1}quad <dots>quad b_{M})"),
    (r"\begin{cases} a & \text{if } i = j \\ 0 & \text{otherwise} \end{cases}",
     "cases<a <if: i = j> // 0 <otherwise: >>"),
    (r"\left\{\begin{array}{ll} a & x > 0 \\ b & x \le 0 \end{array}\right.",
     r"cases<a <restricted: x > 0> // b <restricted: x \le 0>>"),
    # chains, lines, conditions
    (r"a = b \approx c := d \neq e", r"a = b \approx c := d \neq e"),
    (r"W \leftarrow W - \gamma g", r"W \leftarrow (W -(\gamma g))"),
    (r"W \mathrel{-}= g", "W -= g"),
    (r"a \stackrel{(1)}{=} b \overset{\text{def}}{=} c", "a = b = c"),
    (r"a =", "a = ∅"),
    (r"= b", "∅ = b"),
    (r"a = \\ = b", "a = b"),
    (r"a = b \\ &\quad + c", "a = (b +c)"),
    (r"a &= b \\ -c &= d", "a = b ;; -c = d"),
    (r"a &= b \\ & - c", "a = (b -c)"),
    (r"a = b,\\ &= c", "a = b = c"),
    (r"a = 0 \quad , \quad \forall l \neq i", r"a = 0 <forall: l \neq i>"),
    (r"a = 0 \text{ if } i \neq j, \quad a = 1 \text{ if } i = j",
     r"a = 0 <if: i \neq j> ;; a = 1 <if: i = j>"),
    (r"a_i = b_i, \quad i = 1, \dots, N", "a_{i} = b_{i} <restricted: i = 1, <dots>, N>"),
    (r"a_i = b_i \quad (i \ne j)", r"a_{i} = b_{i} <restricted: (i \neq j)>"),
    (r"a_i = b_i \text{ for all } i = 1, …, N", "a_{i} = b_{i} <for: i = 1, <dots>, N>"),
    (r"a = b, for i = 1, 2", "a = b <for: i = 1, 2>"),
    (r"\forall i: a_i = 0", "a_{i} = 0 <forall: i>"),
    (r"a = b \text{ where } b = c + d", "a = b <where: b = (c +d)>"),
    (r"a = b; c = d \text{ and } e = f", "a = b ;; c = d ;; e = f"),
    (r"y > 0, z > 0", "y > 0 ;; z > 0"),
    (r"a = b \text{ (by the rule)} = c", r"a = b = c  # \text{ (by the rule)}"),
    (r"\text{if $x > 0$ then } a = b", "a = b <if: x > 0>"),
    # wrappers
    (r"\boxed{a} = \boxed{b}", "boxed<a> = boxed<b>"),
    (r"\boxed{a = b} = c", "a = b = c"),
    (r"\boxed{a = b, \quad c = d}", "a = b ;; c = d"),
    (r"\underbrace{a}_{x \in R} \overbrace{b}^{n}", "(underbrace<a> overbrace<b>)"),
    (r"\overset{n \times m}{W} x", "(overset<W> x)"),
    (r"\color{red}{a} + \textcolor{blue}{b} \phantom{c} \tag{1} \label{e} \nonumber",
     "(a +b)"),
    (r"\displaystyle a \, \; b \! c", "(a b c)"),
    (r"\pdv{L}{x} + \dv{}{x}", "(D[L; x] +Dop[; x or plain])"),
]  # fmt: skip


@pytest.mark.parametrize(("latex", "expected"), READINGS)
def test_a_construct_is_read_as_its_text_says(latex: str, expected: str) -> None:
    assert outline(parse(latex)) == expected


@pytest.mark.parametrize(
    ("latex", "message", "column"),
    [
        (r"a + \foo b", r"cannot read \foo: unknown command", 5),
        (r"a + (b", "this ( is never closed", 5),
        ("a + b)", "this ) closes nothing", 6),
        ("{a", "this { is never closed", 1),
        ("a}", "this } closes nothing", 2),
        ("(a]}", "this } closes nothing", 4),
        (r"\{a)", r"\{ is not closed before this )", 4),
        ("a_i_j", "a second _ on the same symbol", 4),
        ("a + = b", "cannot read this relation here", 5),
        (r"\frac{a}", "the formula ends too early: something must follow", 8),
        (r"\sum_i", "this sum has nothing to work on", 1),
        (r"\begin{tikz} a \end{tikz}", "cannot read the environment tikz", 1),
        (r"\left( a", "this ( is never closed", 1),
        ("a \0", "cannot read U+0000: unknown sign", 3),
        ("np.sum(x)", "cannot read this point", 3),
        ("x!", "cannot read !: unknown sign", 2),
    ],
)
def test_what_cannot_be_read_is_named_with_its_place(latex: str, message: str, column: int) -> None:
    with pytest.raises(DeriveError) as caught:
        parse(latex)
    assert caught.value.message == message
    assert caught.value.span is not None
    assert (caught.value.span.line, caught.value.span.column) == (1, column)


def test_a_misspelled_command_gets_a_suggestion() -> None:
    with pytest.raises(DeriveError) as caught:
        parse(r"\parial L")
    assert caught.value.hint == r"did you mean \partial?"


def test_the_grammar_is_free_of_conflicts_and_built_once() -> None:
    assert grammar() is grammar()
    assert grammar().options.strict


def test_nodes_know_their_place() -> None:
    latex = r"\frac{\partial L}{\partial b_i} = -a_{j}^T"
    line = parse(latex)
    found = {latex[node.start : node.end] for node in walk(line)}
    assert {
        r"\frac{\partial L}{\partial b_i}",
        "b_i",
        "i",
        "L",
        "-a_{j}^T",
        "a_{j}^T",
        "j",
    } <= found
    term = next(node for node in walk(line) if isinstance(node, Term))
    assert latex[slice(*term.sign_range)] == "-"
    scripted = next(
        node for node in walk(line) if isinstance(node, Scripted) and node.sup_range is not None
    )
    assert scripted.sub_range is not None
    assert scripted.sup_range is not None
    assert latex[slice(*scripted.sub_range)] == "_{j}"
    assert latex[slice(*scripted.sup_range)] == "^T"


def test_places_do_not_take_part_in_comparison() -> None:
    assert parse(r"\hat{y}_i").statements[0].body == parse(r"  \hat y_{i}").statements[0].body


def test_an_ambiguous_derivative_keeps_its_other_reading() -> None:
    (node,) = (node for node in walk(parse(r"\frac{dL}{dx}")) if isinstance(node, Derivative))
    assert node.plain is not None
    assert outline(node.plain) == "{(d L) / (d x)}"


def test_a_name_is_one_range_however_it_is_wrapped() -> None:
    (name,) = (
        node
        for node in walk(parse(r"a + \mathbf{\hat{W}}"))
        if isinstance(node, Name) and node.spelling != "a"
    )
    assert name.parts == ((4, 20),)

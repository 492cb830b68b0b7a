r"""Products and maxima over a part of an axis: what is outside counts for nothing."""

from pathlib import Path

import numpy as np
import pytest

from derive.layer.model import Layer
from derive.notes.check import check
from derive.notes.declare import world_of
from derive.notes.document import read
from derive.notes.verdicts import Verdict
from tests.emit.modules import imported, written

HEADER = r"""---
derive: 1
dims: {T: frames}
symbols:
  a: {shape: [T], role: input}
  b: {shape: [T], role: input}
  c: {shape: [T]}
  g: {shape: [T]}
  m: {shape: [T]}
  f: {shape: []}
  P: {shape: []}
  Q: {shape: []}
  \ell: {shape: []}
define:
  - c_t = \prod_{s=1}^{t} a_s
  - g_t = \max_{s=1}^{t} a_s
  - m_t = \min_{s \ge t} a_s
  - f = \prod_t a_t
  - P = \sum_{i=1}^T \prod_{t=1}^{i} a_t
  - Q = \sum_{i=1}^T \prod_{t=1}^{i} a_t \prod_{t=i+1}^{T} b_t
  - \ell = \log \sum_{i=1}^T \prod_{t=1}^{i} e^{a_t} \prod_{t=i+1}^{T} e^{b_t}
---
"""


def judged(claims: list[str]) -> list[Verdict]:
    """Return the verdicts on claims of one note."""
    text = "".join(f"\n$${claim}$$\n" for claim in claims)
    return list(check(read(HEADER + text, "n.md"), 0.0).verdicts)


def test_what_holds_of_a_part_of_an_axis_is_right():
    claims = [
        "c_1 = a_1",
        "g_1 = a_1",
        "m_T = a_T",
        r"g_T = \max_s a_s",
        r"m_1 = \min_s a_s",
        r"\min_{s=2}^{T} a_s = m_2",
        r"c_T = \prod_{t=1}^{T} a_t",
        r"\frac{\partial c_2}{\partial a_1} = a_2",
        r"\frac{\partial g_1}{\partial a_1} = 1",
        r"\frac{\partial c_i}{\partial a_j} = \frac{c_i}{a_j}\mathbb{1}[j \le i]",
        r"\frac{\partial P}{\partial a_T} = \prod_{t=1}^{T-1} a_t",
        r"\frac{\partial P}{\partial a_t} = \sum_{i=t}^T \prod_{s=1, s \neq t}^{i} a_s",
        r"a_t \frac{\partial P}{\partial a_t} = \sum_{i \ge t} \prod_{s=1}^{i} a_s",
        r"P = \sum_i \prod_{s \le i} a_s",
        r"Q = \sum_{i=1}^T \left(\prod_{s=1}^{i} a_s\right)\left(\prod_{s=i+1}^{T} b_s\right)",
        r"a_t \frac{\partial Q}{\partial a_t} + b_t \frac{\partial Q}{\partial b_t} = Q",
        r"\frac{\partial Q}{\partial a_1} = \sum_i \prod_{s=2}^{i} a_s \prod_{s=i+1}^T b_s",
        # What stands to the left of the sign of equality is so for every t.
        r"a_t \frac{\partial f}{\partial a_t} = f",
    ]
    assert [v.verdict in ("proved", "agrees") for v in judged(claims)] == [True] * len(claims)


def test_what_holds_of_none_or_of_all_is_wrong():
    claims = [
        "c_1 = 0",
        r"g_1 = \max(a_1, 0)",
        r"\sum_t c_t = \prod_t a_t",
        r"P = \prod_{t=1}^{T} a_t",
        r"Q = \sum_{i=1}^T \prod_{t=1}^{i} \left(a_t \prod_{t=i+1}^{T} b_t\right)",
        r"\frac{\partial f}{\partial a_t} = \prod_{s < t} a_s",
        r"a_t \frac{\partial P}{\partial a_t} = \sum_{i=1}^T \prod_{s=1}^{i} a_s",
        r"a_t \frac{\partial P}{\partial a_t} = 2 P",
        r"a_t \frac{\partial f}{\partial a_t} = 2 f",
    ]
    assert [v.verdict for v in judged(claims)] == ["wrong"] * len(claims)


def test_what_is_the_derivative_itself_is_proved():
    claims = [
        r"\frac{\partial f}{\partial a_t} = \prod_{s \neq t} a_s",
        r"\frac{\partial \ell}{\partial a_t} + \frac{\partial \ell}{\partial b_t} = 1",
        r"P = \sum_{i=1}^T \prod_{s=1}^{i} a_s",
    ]
    assert [v.verdict for v in judged(claims)] == ["proved"] * len(claims)


def test_an_index_on_the_right_alone_is_not_bound():
    (found,) = judged(["f = a_t"])
    assert found.problems[0].kind == "unbound-index"


def only(*names: str) -> Layer:
    """Return the layer with some of the definitions."""
    head, _, define = HEADER.partition("define:\n")
    kept = [line for line in define.splitlines() if line.strip(" -").split(" = ")[0] in names]
    plain = {line.split("_t")[0] for line in names}
    head = "\n".join(
        line
        for line in head.splitlines()
        if "role" in line or "shape" not in line or line.split(":")[0].strip() in plain
    )
    return world_of(read(f"{head}\ndefine:\n" + "\n".join(kept) + "\n---\n", "n.md")).layer


def expected(a: np.ndarray, b: np.ndarray) -> dict[str, np.ndarray]:
    """Return what the definitions mean, by loops."""
    ends = range(len(a))
    paths = [np.prod(a[: i + 1]) * np.prod(b[i + 1 :]) for i in ends]
    sums = np.array([np.sum(a[: i + 1]) + np.sum(b[i + 1 :]) for i in ends])
    return {
        "c": np.cumprod(a),
        "g": np.maximum.accumulate(a),
        "m": np.minimum.accumulate(a[::-1])[::-1],
        "P": np.sum(np.cumprod(a)),
        "Q": np.sum(paths),
        "ell": sums.max() + np.log(np.sum(np.exp(sums - sums.max()))),
    }


CASES = {
    "c": ("c_t", ("a",)), "g": ("g_t", ("a",)), "m": ("m_t", ("a",)), "P": ("P", ("a",)),
    "Q": ("Q", ("a", "b")), "ell": (r"\ell", ("a", "b")),
}  # fmt: skip


def first(results):
    """Return the first of several results, or the only one."""
    return results[0] if isinstance(results, tuple) else results


def gradients(module, name, given, direction):
    """Return the gradients of a result, or of its product with a direction."""
    if np.ndim(direction):
        return module.backward(direction, *given.values())
    return module.backward(*given.values(), **{f"d{name}": float(direction)})


@pytest.mark.parametrize("name", CASES)
def test_the_generated_code_computes_it_and_its_gradient(name: str, tmp_path: Path) -> None:
    spelling, read_ = CASES[name]
    layer = only(spelling)
    used = [tensor.name for tensor in layer.tensors]
    module = imported(written(layer, tmp_path, "numpy") / "n.py")
    generator = np.random.default_rng(5)
    for count in (1, 2, 3, 7):
        values = {one: generator.standard_normal(count) for one in "ab"}
        given = {one: values[one] for one in used}
        result = first(module.forward(*given.values()))
        np.testing.assert_allclose(result, expected(**values)[name], rtol=1e-12)
        direction = generator.standard_normal(np.shape(result))
        found = gradients(module, name, given, direction)
        for one in read_:
            slope = np.empty(count)
            for place in range(count):
                step = 1e-6 * np.eye(count)[place]
                up, down = (
                    expected(**{**values, one: values[one] + s})[name] for s in (step, -step)
                )
                slope[place] = np.sum(direction * (up - down)) / 2e-6
            np.testing.assert_allclose(getattr(found, f"d{one}"), slope, rtol=1e-6, atol=1e-8)


def test_a_factor_that_is_0_has_a_gradient(tmp_path: Path) -> None:
    module = imported(written(only("c_t"), tmp_path, "numpy") / "n.py")
    a = np.array([2.0, 0.0, 3.0, 5.0])
    used = (a, a)[: len(only("c_t").tensors)]
    found = module.backward(np.array([0.0, 0.0, 0.0, 1.0]), *used)
    np.testing.assert_array_equal(found.da, [0.0, 30.0, 0.0, 0.0])


def test_a_product_of_exponentials_does_not_overflow(tmp_path: Path) -> None:
    module = imported(written(only(r"\ell"), tmp_path, "numpy") / "n.py")
    a, b = np.full(4, 900.0), np.full(4, -900.0)
    assert float(first(module.forward(a, b))) == 3600.0
    np.testing.assert_array_equal(module.backward(a, b).da, np.ones(4))

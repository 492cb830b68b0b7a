"""Update steps of any form: of scalars, by several gradients, by none."""

from __future__ import annotations

import pytest

from derive import Definition, grad, sum_over
from derive.emit.generate import generated
from derive.program.suite import suite
from derive.verify.load import build
from derive.verify.runner import verify
from tests.emit.made import TARGETS
from tests.emit.modules import imported, written


def regression():
    """Return a linear regression with a scalar among its parameters, and the rate."""
    d = Definition("regression")
    K = d.sizes("K")
    x, w, b, c = d.input("x", K), d.param("w", K), d.param("b"), d.param("c")
    k = d.indices("k")
    d.output("L", (sum_over(k, w[k] * x[k]) + b * c - 1) ** 2)
    return d, d.rate("lr"), w, b, c


def each_by_its_gradient():
    d, lr, w, b, _ = regression()
    d.update(w, w - lr * grad(w))
    d.update(b, b - lr * grad(b))
    return d.build()


def by_gradients_of_others():
    d, lr, w, b, c = regression()
    d.update(b, b - lr * grad(c) * grad(b))
    d.update(w, w - lr * grad(c) * w - grad(w) * b)
    return d.build()


def by_no_gradient():
    d, _, w, b, _ = regression()
    d.update(b, 0.5 * b)
    d.update(w, 0)
    return d.build()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    "made", [each_by_its_gradient, by_gradients_of_others, by_no_gradient], ids=lambda f: f.__name__
)
def test_an_update_of_any_form_is_computed(made, target, tmp_path):
    layer = made()
    folder = written(layer, tmp_path, target)
    if target == "c":
        build(folder / "regression.c", folder / "_build", blas=False)
    report = verify(suite(layer), {target: imported(folder / "regression.py")})
    steps = [finding for finding in report.findings if finding.function == "sgd_step"]
    assert {finding.result for finding in steps} == {f"{u.tensor}_new" for u in layer.updates}
    assert [str(finding) for finding in report.wrong] == []


def test_what_is_generated_does_not_say_where_the_update_was_written():
    d, lr, w, _, _ = regression()
    d.update(w, w - lr * grad(w))
    e, lr, w, _, _ = regression()
    e.update(w, w - lr * grad(w))
    one, other = (generated([suite(layer.build())], ["numpy"]) for layer in (d, e))
    assert one == other

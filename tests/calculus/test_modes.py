"""Every mode of differentiation of every layer, against differences of the definition."""

import numpy as np
import pytest

from derive.gradient.forward import forward
from derive.gradient.reverse import reverse
from derive.gradient.second import hessian_vector
from derive.index.evaluate import evaluate
from derive.index.terms import Size
from derive.layer.batch import batch, batch_size
from derive.layer.run import exact
from derive.layer.sample import sample
from derive.verify import precision
from tests.calculus.judge import (
    SHAPES,
    assert_close,
    case,
    derived,
    derived_jacobian,
    evaluated,
    generator,
    normal,
    shape,
    total,
)
from tests.calculus.layers import LAYERS

every_layer = pytest.mark.parametrize("name", LAYERS)
every_shape = pytest.mark.parametrize("shapes", SHAPES)


@every_shape
@every_layer
def test_reverse_mode_gives_the_gradients_by_all_inputs_and_parameters(name, shapes):
    c = case(name, shapes)
    layer = derived(reverse, name)
    cotangents = dict(zip((t.name for t in layer.tensors), c.cotangents.values(), strict=False))
    got = evaluated(layer, {**c.arrays, **cotangents}, c.sizes)
    for result, (tensor, reference) in zip(
        got.values(), c.pulled(c.cotangents).items(), strict=True
    ):
        assert_close(tensor, result, reference)


@every_shape
@every_layer
def test_forward_mode_gives_the_derivative_along_a_direction(name, shapes):
    c = case(name, shapes)
    layer = derived(forward, name)
    names = [tensor.name for tensor in layer.tensors[len(c.layer.tensors) :]]
    tangents = dict(zip(names, c.tangents.values(), strict=True))
    got = evaluated(layer, {**c.arrays, **tangents}, c.sizes)
    reference = precision.directional(c.layer, c.arrays, c.tangents, c.sizes, digits=36)
    for of, result in zip(c.layer.outputs, got.values(), strict=True):
        assert_close(of, result, reference[of])


@every_shape
@every_layer
def test_the_jacobian_holds_every_derivative(name, shapes):
    c = case(name, shapes)
    for of, wrt in c.jacobians:
        found = derived_jacobian(name, of, wrt)
        known = {**c.arrays, **values(c)}
        got = evaluate(
            found.body,
            (*found.rows, *found.columns),
            exact(c.layer, known),
            c.sizes,
            (*shape(c.layer, of, c.sizes), *shape(c.layer, wrt, c.sizes)),
        )
        assert_close(f"∂{of}/∂{wrt}", got, c.jacobians[of, wrt])


@every_shape
@every_layer
def test_many_cotangents_at_once_give_as_many_gradients(name, shapes):
    c = case(name, shapes)
    several = Size("P" if Size("P") not in c.sizes else "PP")
    layer = derived(reverse, name, cotangents=several)
    random = generator(name, "cotangents")
    count = 1 if shapes == "all one" else 3
    many = exact(
        c.layer,
        {of: normal(random, count, *shape(c.layer, of, c.sizes)) for of in c.layer.outputs},
    )
    given = dict(zip((t.name for t in layer.tensors), many.values(), strict=False))
    got = evaluated(layer, {**c.arrays, **given}, {**c.sizes, several: count})
    for result, (tensor, reference) in zip(got.values(), c.pulled(many).items(), strict=True):
        assert_close(tensor, result, reference)


@pytest.mark.parametrize("shapes", SHAPES[:2])
@every_layer
def test_gradients_of_a_batch_are_summed_for_parameters_and_stacked_for_inputs(name, shapes):
    c = case(name, shapes)
    batched, size = batch(c.layer), batch_size(c.layer)
    random, count = generator(name, "batch"), 2
    own = {t.name for t in batched.tensors if t.shape[:1] == (size,)}
    own |= {node.name for node in batched.nodes if node.tensor.shape[:1] == (size,)}
    other = {**c.arrays, **{k: v for k, v in sample(c.layer, c.sizes, random).items() if k in own}}
    samples = [c.arrays, other]
    slopes = [
        c.jacobians,
        precision.jacobians(c.layer, other, c.sizes, digits=36),
    ]
    arrays = {
        k: np.stack([given[k] for given in samples]) if k in own else v for k, v in c.arrays.items()
    }
    cotangents = exact(
        c.layer,
        {
            of: normal(random, *([count] if of in own else []), *shape(c.layer, of, c.sizes))
            for of in c.layer.outputs
        },
    )

    def pulled(wrt, which):
        return total(
            np.tensordot(
                cotangents[of][which] if of in own else cotangents[of],
                slopes[which][of, wrt],
                len(c.layer.tensor(of).shape),
            )
            for of in c.layer.outputs
            if of in own or which == 0
        )

    layer = derived(reverse, name, batch)
    given = dict(zip((t.name for t in layer.tensors), cotangents.values(), strict=False))
    got = evaluated(layer, {**arrays, **given}, {**c.sizes, size: count})
    for wrt, result in zip(c.wrt, got.values(), strict=True):
        parts = [pulled(wrt, which) for which in range(count)]
        assert_close(wrt, result, np.stack(parts) if wrt in own else total(parts))


@pytest.mark.parametrize("shapes", SHAPES[:2])
@every_layer
def test_the_tangent_of_the_gradient_is_the_hessian_times_a_vector(name, shapes):
    c = case(name, shapes)
    layer = derived(hessian_vector, name)
    cotangents = dict(zip((t.name for t in layer.tensors), c.cotangents.values(), strict=False))
    names = [t.name for t in layer.tensors[-len(c.wrt) :]]
    tangents = dict(zip(names, c.tangents.values(), strict=True))
    got = evaluated(layer, {**c.arrays, **cotangents, **tangents}, c.sizes)
    reference = precision.hessian_vector(
        c.layer, c.arrays, c.cotangents, c.tangents, c.sizes, digits=34
    )
    for wrt, result in zip(c.wrt, got.values(), strict=True):
        assert_close(wrt, result, reference[wrt])


def values(c):
    """Return the values of the layer's own nodes."""
    names = tuple(node.name for node in c.layer.nodes)
    return evaluated(c.layer.with_outputs(names), c.arrays, c.sizes)

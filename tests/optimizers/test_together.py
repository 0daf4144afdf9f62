"""Hooks on a device: the numbers of the host, nothing read, gradients others hold unchanged."""

import numpy as np
import pytest

from dezero import Parameter, Variable
from dezero.backend import no_sync
from dezero.optimizers import ClipGrad, WeightDecay
from dezero.optimizers.together import groups_of
from tests.strict_device import strict_device

HOOKS = {
    "norm": ClipGrad(1.0),
    "loose": ClipGrad(1e6),
    "each": ClipGrad(1.0, each=True),
    "value": ClipGrad(value=0.5),
    "both": ClipGrad(1.0, value=0.5),
    "decay": WeightDecay(0.1),
}


def params_of(move, rng):
    params = []
    for dtype in ("f4", "f2", "f4", "f8"):
        x, g = (2 * rng.standard_normal((2, 3, 4))).astype(dtype)
        turned = np.asfortranarray(x) if dtype == "f8" else x
        params.append(Parameter(move(turned)))
        params[-1].grad = Variable(move(g))
    return params


@pytest.mark.parametrize("name", HOOKS)
def test_the_numbers_are_the_hosts(name):
    here = params_of(np.copy, np.random.default_rng(0))
    HOOKS[name](here)
    with strict_device() as device:
        there = params_of(device.from_host, np.random.default_rng(0))
        before = [p.grad.data for p in there]
        kept = [g.get() for g in before]
        with no_sync():
            HOOKS[name](there)
        for ours, twin, g, old in zip(there, here, before, kept, strict=True):
            eps = 2e-3 if twin.dtype == "f2" else 1e-6
            assert ours.grad.dtype == twin.dtype
            np.testing.assert_allclose(ours.grad.data.get(), twin.grad.data, eps, eps)
            np.testing.assert_array_equal(g.get(), old)


def test_groups():
    with strict_device() as device:
        params = params_of(device.from_host, np.random.default_rng(0))
        groups = groups_of(params)
        assert [len(g.params) for g in groups] == [2, 1, 1]
        groups[0].give(groups[0].flat * 2)
        assert groups_of([]) == []
        for a, b in zip(params_of(np.copy, np.random.default_rng(0)), params, strict=True):
            factor = 2 if a.dtype == "f4" else 1
            np.testing.assert_array_equal(b.grad.data.get(), factor * a.grad.data)


def test_a_gradient_of_another_shape():
    with strict_device() as device:
        param = Parameter(device.from_host(np.zeros(3)), "W")
        param.grad = Variable(device.from_host(np.zeros(4)))
        with pytest.raises(ValueError, match="update: expected the gradient of 'W' .* got .4,."):
            ClipGrad(1.0)([param])

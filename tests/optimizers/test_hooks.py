"""Hooks: weight decay, clipping, freezing, and those that users write as in the book."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.layers import Layer, Linear
from dezero.optimizers import SGD, Adam, ClipGrad, FreezeParam, WeightDecay
from tests.strict_device import strict_device


def model_of(*values, dtype=np.float64):
    model = Layer()
    for i, value in enumerate(values):
        setattr(model, f"p{i}", Parameter(np.array(value, dtype)))
    return model


def give(model, *gradients):
    for param, g in zip(model.params(), gradients, strict=True):
        param.grad = None if g is None else Variable(np.array(g, param.dtype))


def clipped(hook, *gradients, dtype=np.float64):
    model = model_of(*[np.zeros(np.shape(g)) for g in gradients], dtype=dtype)
    give(model, *gradients)
    hook(list(model.params()))
    return [p.grad.data for p in model.params()]


def own_weight_decay(params):
    """As the book writes it: into the gradient's array."""
    for param in params:
        param.grad.data += 0.1 * param.data


class TestSharedGradient:
    """y = (p + q)^2 gives p and q one gradient, 2 (1 + 10) = 22; decay makes it 22.1 and 23."""

    @pytest.mark.parametrize("hook", [WeightDecay(0.1), own_weight_decay])
    def test_decay_acts_once_on_each(self, hook):
        model = model_of(1.0, 10.0)
        optimizer = SGD(1.0).setup(model)
        optimizer.add_hook(hook)
        y = (model.p0 + model.p1) ** 2
        y.backward()
        optimizer.update()
        assert float(model.p0.grad) == pytest.approx(22.1)
        assert float(model.p1.grad) == pytest.approx(23.0)
        assert [float(p) for p in model.params()] == pytest.approx([1 - 22.1, 10 - 23.0])

    @pytest.mark.parametrize("hook", [WeightDecay(0.1), ClipGrad(1.0), ClipGrad(value=1.0)])
    def test_our_hooks_never_write_into_an_array(self, hook):
        model = model_of([1.0, 2.0])
        shared = np.array([30.0, 40.0])
        shared.flags.writeable = False
        model.p0.grad = Variable(shared)
        hook(list(model.params()))
        np.testing.assert_array_equal(shared, [30.0, 40.0])
        assert model.p0.grad.data is not shared


class TestWeightDecay:
    def test_is_the_gradient_of_half_the_square(self):
        model = model_of([1.0, -2.0], [4.0])
        give(model, [1.0, 1.0], None)
        optimizer = SGD(0.1).setup(model)
        optimizer.add_hook(WeightDecay(0.5))
        optimizer.update()
        np.testing.assert_allclose(model.p0.data, [1 - 0.1 * 1.5, -2 - 0.1 * 0.0])
        np.testing.assert_array_equal(model.p1.data, [4.0])

    @pytest.mark.parametrize("dtype", [np.float16, np.float32])
    def test_keeps_the_dtype(self, dtype):
        model = model_of([1.0], dtype=dtype)
        give(model, [1.0])
        WeightDecay(np.float64(0.5))(list(model.params()))
        assert model.p0.grad.dtype == dtype

    @pytest.mark.parametrize("rate", [-1.0, float("nan"), float("inf")])
    def test_rate_is_checked(self, rate):
        with pytest.raises(ValueError, match="WeightDecay: expected rate >= 0 and finite"):
            WeightDecay(rate)


class TestClipGrad:
    def test_norm_of_all_together(self):
        one, other = clipped(ClipGrad(1.0), [3.0, 0.0], [[4.0]])
        np.testing.assert_allclose(one, [0.6, 0.0], rtol=1e-15)
        np.testing.assert_allclose(other, [[0.8]], rtol=1e-15)

    def test_norm_of_each_by_itself(self):
        one, other = clipped(ClipGrad(2.0, each=True), [3.0, 4.0], [[0.5]])
        np.testing.assert_allclose(one, [1.2, 1.6], rtol=1e-15)
        np.testing.assert_array_equal(other, [[0.5]])

    def test_below_the_limit_nothing_changes(self):
        one, other = clipped(ClipGrad(5.0), [3.0], [4.0])
        assert (one[0], other[0]) == (3.0, 4.0)

    def test_value(self):
        (g,) = clipped(ClipGrad(value=1.0), [3.0, -0.5, -np.inf])
        np.testing.assert_array_equal(g, [1.0, -0.5, -1.0])

    def test_value_before_norm(self):
        (g,) = clipped(ClipGrad(1.0, value=1.0), [1.0, 100.0])
        np.testing.assert_allclose(g, [0.5**0.5] * 2, rtol=1e-15)

    def test_float16_whose_squares_overflow(self):
        (g,) = clipped(ClipGrad(1.0), [30_000.0] * 4, dtype=np.float16)
        assert g.dtype == np.float16
        np.testing.assert_allclose(g, 0.5, rtol=2e-3)
        (g,) = clipped(ClipGrad(1.0), np.ones(90_000), dtype=np.float16)
        np.testing.assert_allclose(g, 1 / 300, rtol=2e-3)
        (g,) = clipped(ClipGrad(1.0), np.full(100, 60_000.0), dtype=np.float16)
        np.testing.assert_allclose(g, 0.1, rtol=2e-3)

    @pytest.mark.parametrize("size", [1e30, 1e-30, 1e38])
    def test_float32_whose_squares_overflow_or_vanish(self, size):
        (g,) = clipped(ClipGrad(size), [3 * size, 0.0, -2 * size], dtype=np.float32)
        assert g.dtype == np.float32
        np.testing.assert_allclose(g, np.array([3, 0, -2]) / 13**0.5 * size, rtol=1e-6)

    def test_huge_float64(self):
        one, other = clipped(ClipGrad(1.0), [3e300], [-4e300])
        assert (one[0], other[0]) == pytest.approx((0.6, -0.8))

    def test_zero_empty_and_none(self):
        zero, empty = clipped(ClipGrad(1.0), [0.0, 0.0], [])
        np.testing.assert_array_equal(zero, [0.0, 0.0])
        assert empty.shape == (0,)
        ClipGrad(1.0)([])

    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_gradients_that_are_not_finite_change_nothing(self, bad):
        model = model_of([1.0], [2.0])
        optimizer = SGD().setup(model)
        optimizer.add_hook(ClipGrad(1.0))
        give(model, [5.0], [bad])
        with pytest.raises(RuntimeError, match=f"ClipGrad: expected finite .* norm of {bad}"):
            optimizer.update()
        assert [p.data[0] for p in model.params()] == [1.0, 2.0] and model.p0.grad.data[0] == 5.0

    @pytest.mark.parametrize(
        "options", [{}, {"max_norm": 0}, {"value": -1.0}, {"max_norm": 1, "value": 0}]
    )
    def test_limits_are_checked(self, options):
        with pytest.raises(ValueError, match="ClipGrad: expected a positive max_norm or value"):
            ClipGrad(**options)

    @pytest.mark.oracle
    def test_like_torch(self, rng):
        torch = pytest.importorskip("torch")
        gradients = [rng.standard_normal((3, 2)), rng.standard_normal(4)]
        tensors = [torch.zeros(g.shape, dtype=torch.float64) for g in gradients]
        for tensor, g in zip(tensors, gradients, strict=True):
            tensor.grad = torch.tensor(g)
        torch.nn.utils.clip_grad_norm_(tensors, 0.5)
        for got, tensor in zip(clipped(ClipGrad(0.5), *gradients), tensors, strict=True):
            np.testing.assert_allclose(got, tensor.grad.numpy(), rtol=1e-5)

    def test_on_a_device(self):
        with strict_device() as device:
            param = Parameter(device.from_host(np.zeros(2, np.float32)))
            param.grad = Variable(device.from_host(np.array([3.0, 4.0], np.float32)))
            ClipGrad(1.0, value=100.0)([param])
            np.testing.assert_allclose(param.grad.data.get(), [0.6, 0.8], rtol=1e-6)


class TestFreezeParam:
    def test_layers_and_parameters(self):
        model = Layer()
        model.a, model.b = Linear(2, in_size=2), Linear(2, in_size=2)
        optimizer = SGD(1.0).setup(model)
        optimizer.add_hook(FreezeParam(model.a, model.b.b))
        optimizer.add_hook(WeightDecay(0.1))  # sees none that is frozen
        before = {name: p.data.copy() for name, p in model.named_params()}
        for param in model.params():
            param.grad = Variable(np.ones(param.shape, param.dtype))
        optimizer.update()
        moved = [name for name, p in model.named_params() if (p.data != before[name]).any()]
        assert moved == ["b/W"]

    def test_what_the_layer_gets_later_is_frozen_too(self):
        model = Layer()
        model.a = Layer()
        optimizer = SGD(1.0).setup(model)
        optimizer.add_hook(FreezeParam(model.a))
        model.a.p = Parameter(np.ones(1))
        model.a.p.grad = Variable(np.ones(1))
        optimizer.update()
        assert model.a.p.data == 1


def test_hooks_run_in_order_and_see_only_what_has_a_gradient():
    model = model_of([1.0], [2.0])
    give(model, [1.0], None)
    seen = []
    optimizer = Adam().setup(model)
    optimizer.add_hook(lambda params: seen.append(list(params)))
    optimizer.add_hook(lambda params: [p.cleargrad() for p in params])
    optimizer.add_hook(lambda params: seen.append(list(params)))
    optimizer.update()
    assert len(seen[0]) == 1 and seen[0][0] is model.p0 and seen[1] == []
    assert model.p0.data == 1.0

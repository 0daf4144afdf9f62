"""What specs cannot say of `batch_norm`: running statistics, memory, torch, upstream's faults."""

import inspect

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad
from dezero.core import Parameter, Variable, test_mode
from dezero.testing import check_grads

test_mode.__test__ = False
SHAPES = [(6, 3), (4, 3, 5), (4, 3, 2, 5), (3, 3, 2, 3, 2)]


def drawn(rng, *shapes, dtype=np.float64):
    return [rng.standard_normal(shape).astype(dtype) for shape in shapes]


def channels_last_memory(x):
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)


class TestUpstream:
    def test_bug_42_the_misspelt_name_and_the_signature(self):
        assert F.batch_nrom is F.batch_norm
        names = list(inspect.signature(F.batch_nrom).parameters)
        assert names[:7] == ["x", "gamma", "beta", "mean", "var", "decay", "eps"]
        defaults = inspect.signature(F.batch_norm).parameters
        assert defaults["decay"].default == 0.9 and defaults["eps"].default == 2e-5

    def test_arrays_of_running_statistics_are_written_to(self, rng):
        x, gamma, beta = drawn(rng, (8, 3), (3,), (3,), dtype=np.float32)
        mean, var = np.zeros(3, np.float32), np.ones(3, np.float32)
        y = F.batch_norm(x, gamma, beta, mean, var)
        assert y.dtype == np.float32
        np.testing.assert_allclose(mean, 0.1 * x.mean(0), rtol=1e-5)
        np.testing.assert_allclose(var, 0.9 + 0.1 * x.var(0) * 8 / 7, rtol=1e-5)

    def test_the_variance_of_keras_divides_by_n(self, rng):
        (x,) = drawn(rng, (8, 3))
        mean, var = np.zeros(3), np.ones(3)
        F.batch_norm(x, None, None, mean, var, 0.9, unbiased=False)
        np.testing.assert_allclose(var, 0.9 + 0.1 * x.var(0))
        F.batch_norm(x[:1], None, None, mean, var, 0.5, unbiased=False)
        np.testing.assert_allclose(var, (0.9 + 0.1 * x[:].var(0)) / 2)

    def test_what_is_masked_counts_nowhere(self, rng):
        (x,) = drawn(rng, (4, 5, 3))
        mask = np.arange(5) < np.array([5, 2, 0, 3])[:, None]
        x[~mask] = 7e9
        mean, var = np.zeros(3), np.ones(3)
        y = F.batch_norm(x, None, None, mean, var, 0.5, layout="NLC", unbiased=False, mask=mask)
        np.testing.assert_allclose(y.data[mask].mean(0), 0, atol=1e-9)
        np.testing.assert_allclose(mean, x[mask].mean(0) / 2)
        np.testing.assert_allclose(var, 0.5 + x[mask].var(0) / 2)
        nothing = F.batch_norm(x, None, None, mean, var, layout="NLC", mask=mask & False)
        np.testing.assert_allclose(mean, x[mask].mean(0) / 2)
        assert np.isfinite(nothing.data).all()

    def test_running_statistics_may_be_variables(self, rng):
        (x,) = drawn(rng, (8, 3))
        mean, var = Parameter(np.zeros(3)), Variable(np.ones(3))
        array = mean.data
        F.batch_norm(x, None, None, mean, var, 0.5)
        assert mean.data is array
        np.testing.assert_allclose(mean.data, 0.5 * x.mean(0))
        np.testing.assert_allclose(var.data, 0.5 + 0.5 * x.var(0, ddof=1))

    def test_the_function_itself_writes_to_nothing(self, rng):
        x, mean = drawn(rng, (8, 3), (3,))
        var = np.ones(3)
        for array in (mean, var):
            array.setflags(write=False)
        function = F.BatchNorm(mean, var, 0.9, 2e-5)
        function(x, np.ones(3), np.zeros(3))
        after = function.averages()
        np.testing.assert_allclose(after[0], 0.9 * mean + 0.1 * x.mean(0))
        np.testing.assert_allclose(after[1], 0.9 + 0.1 * x.var(0, ddof=1))

    def test_outside_training_statistics_are_used_and_kept(self, rng):
        x, mean = drawn(rng, (8, 3), (3,))
        var = np.array([0.5, 1.0, 2.0])
        kept = mean.copy(), var.copy()
        with test_mode():
            y = F.batch_norm(x, None, None, mean, var)
        np.testing.assert_allclose(y.data, (x - mean) / np.sqrt(var + 2e-5))
        np.testing.assert_array_equal([mean, var], kept)
        again = F.batch_norm(x, None, None, mean, var, train=False)
        np.testing.assert_array_equal(again.data, y.data)
        with test_mode():
            F.batch_norm(x, None, None, mean, var, train=True)
        assert (mean != kept[0]).all()

    def test_without_statistics_the_batch_is_used_in_every_mode(self, rng):
        (x,) = drawn(rng, (8, 3))
        with test_mode():
            y = F.batch_norm(x)
        np.testing.assert_array_equal(y.data, F.batch_norm(x).data)
        with test_mode():
            again = F.BatchNorm()(x, np.ones(3), np.zeros(3))
        np.testing.assert_array_equal(y.data, again.data)


class TestStatisticsThatSayNothing:
    @pytest.mark.parametrize("bad", [np.nan, np.inf])
    def test_a_channel_without_numbers_keeps_its_statistics(self, rng, bad):
        (x,) = drawn(rng, (8, 3))
        x[2, 1] = bad
        mean, var = np.full(3, 7.0), np.full(3, 5.0)
        with np.errstate(invalid="ignore"):
            y = F.batch_norm(x, None, None, mean, var)
        assert np.isnan(y.data[:, 1]).any() and np.isfinite(y.data[:, [0, 2]]).all()
        assert mean[1] == 7 and var[1] == 5
        assert (mean[[0, 2]] != 7).all() and (var[[0, 2]] != 5).all()

    @pytest.mark.parametrize("shape", [(1, 3), (1, 3, 1, 1), (0, 3), (4, 3, 0)])
    def test_one_value_or_none(self, shape):
        mean, var = np.full(3, 7.0), np.full(3, 5.0)
        y = F.batch_norm(np.full(shape, 9.0), np.ones(3), np.arange(3.0), mean, var)
        assert y.shape == shape and np.moveaxis(y.data, 1, -1).reshape(-1).tolist() in (
            [0, 1, 2],
            [],
        )
        assert (mean == 7).all() and (var == 5).all()

    def test_an_error_leaves_them_alone(self):
        mean, locked = np.zeros(3), np.ones(3)
        locked.setflags(write=False)
        with pytest.raises(ValueError, match=r"expected var of shape \(3,\)"):
            F.batch_norm(np.ones((4, 3)), None, None, mean, np.ones(2))
        with pytest.raises(ValueError, match="expected var as an array to write to, got a read"):
            F.batch_norm(np.ones((4, 3)), None, None, mean, locked)
        assert not mean.any()
        F.batch_norm(np.ones((4, 3)), None, None, mean, locked, train=False)


def test_a_later_step_does_not_change_the_gradient_of_an_earlier_one(rng):
    x, later = drawn(rng, (8, 3), (8, 3))
    mean, var, v = np.zeros(3), np.ones(3), Variable(x)
    gamma = Parameter(np.ones(3))
    y = F.batch_norm(v, gamma, None, mean, var, train=False)
    F.batch_norm(later, None, None, mean, var)
    (y * x).sum().backward()
    np.testing.assert_allclose(gamma.grad.data, (x * x).sum(0) / np.sqrt(1 + 2e-5))
    np.testing.assert_allclose(v.grad.data, x / np.sqrt(1 + 2e-5))


class TestMemory:
    @pytest.mark.parametrize("train", [False, True])
    @pytest.mark.parametrize("memory", [np.ascontiguousarray, channels_last_memory])
    def test_results_lie_as_their_inputs_do(self, rng, memory, train):
        x = memory(rng.standard_normal((4, 3, 5, 6)))
        v, gamma, seen = Variable(x), Parameter(np.ones(3)), []
        v.register_hook(lambda gx: seen.append(gx.data.strides))
        y = F.batch_norm(v, gamma, None, np.zeros(3), np.ones(3), train=train)
        assert y.data.strides == x.strides
        (y * Variable.constant(memory(rng.standard_normal(x.shape)))).sum().backward()
        assert seen == [x.strides]

    def test_a_gradient_that_lies_otherwise(self, rng):
        x, gy = drawn(rng, (4, 3, 5, 6), (4, 3, 5, 6))
        results = []
        for memory in (np.ascontiguousarray, channels_last_memory):
            v = Variable(x)
            y = F.batch_norm(v)
            y.grad = Variable(memory(gy))
            y.backward()
            results.append(v.grad.data)
        np.testing.assert_allclose(*results, rtol=1e-12)


class TestPrecision:
    def test_float16_is_summed_in_float32(self, rng):
        x = (1000 + 100 * rng.standard_normal((4096, 2))).astype(np.float16)
        v, mean, var = Variable(x), np.zeros(2, np.float32), np.ones(2, np.float32)
        y = F.batch_norm(v, None, None, mean, var, 0.0)
        wide = x.astype(float)
        assert y.dtype == np.float16
        np.testing.assert_allclose(y.data, (wide - wide.mean(0)) / wide.std(0), atol=3e-3)
        np.testing.assert_allclose(var, wide.var(0, ddof=1), rtol=1e-5)
        (y * y).sum().backward()
        assert v.grad.dtype == np.float16 and np.isfinite(v.grad.data).all()

    @pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
    def test_a_mean_far_from_zero(self, rng, layout):
        shape = (16, 3, 20, 20) if layout == "NCHW" else (16, 20, 20, 3)
        axes = (0, 2, 3) if layout == "NCHW" else (0, 1, 2)
        x = (rng.standard_normal(shape) + 1e4).astype(np.float32)
        gy = rng.standard_normal(shape).astype(np.float32)
        wide, v = x.astype(float), Variable(x)
        y = F.batch_norm(v, layout=layout)
        std = np.sqrt(wide.var(axes, keepdims=True) + 2e-5)
        normed = (wide - wide.mean(axes, keepdims=True)) / std
        np.testing.assert_allclose(y.data, normed, atol=5e-6)
        y.grad = Variable(gy)
        y.backward()
        g = gy - gy.mean(axes, keepdims=True)
        gx = (g - normed * (g * normed).mean(axes, keepdims=True)) / std
        np.testing.assert_allclose(v.grad.data, gx, atol=2e-4)


def of_torch(x, gamma, beta, running, train):
    """Return torch's batch norm of `x`, channels first."""
    torch = pytest.importorskip("torch")
    return torch.nn.functional.batch_norm(x, *running, gamma, beta, train, 0.1, 2e-5)


@pytest.mark.oracle
@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("shape", SHAPES)
def test_agreement_with_torch_to_second_order(rng, shape, layout, train, affine):
    torch = pytest.importorskip("torch")
    first = (lambda a: a) if layout == "NCHW" else (lambda a: np.moveaxis(a, 1, -1))
    x, gamma, beta, gy, ggx = drawn(rng, shape, (3,), (3,), shape, shape)
    mean, var = rng.standard_normal(3), rng.uniform(0.5, 2, 3)
    inputs = [x, gamma, beta] if affine else [x]
    theirs = [torch.tensor(a, requires_grad=True) for a in (*inputs, gy)]
    ours = [Variable(np.ascontiguousarray(first(a)) if a.ndim > 1 else a) for a in (*inputs, gy)]
    running = [torch.tensor(mean), torch.tensor(var)]
    *args, their_gy = theirs
    their_y = of_torch(*args, *[None] * (3 - len(args)), running, train)
    their_first = torch.autograd.grad(their_y, args, their_gy, create_graph=True)
    their_sum = sum(
        (g * (g.detach() + 1) * (torch.tensor(ggx) if g.ndim > 1 else 1)).sum() for g in their_first
    )
    their_second = torch.autograd.grad(their_sum, theirs, allow_unused=True)
    *args, our_gy = ours
    y = F.batch_norm(*args, *[None] * (3 - len(args)), mean, var, layout=layout, train=train)
    firsts = grad(y, args, our_gy, create_graph=True)
    weight = Variable.constant(first(ggx))
    total = sum((g * (g.detach() + 1) * (weight if g.ndim > 1 else 1)).sum() for g in firsts)
    second = grad(total, ours, allow_unused=True)
    for a, b in ((y, their_y), *zip(firsts, their_first, strict=True)):
        b = b.detach().numpy()
        np.testing.assert_allclose(a.data, first(b) if b.ndim > 1 else b, rtol=1e-8, atol=1e-10)
    for a, b in zip(second, their_second, strict=True):
        if a is None or b is None:
            rest = b if a is None else a
            assert rest is None or not np.any(np.asarray(rest.data))
            continue
        b = b.numpy()
        np.testing.assert_allclose(a.data, first(b) if b.ndim > 1 else b, rtol=1e-7, atol=1e-9)


@pytest.mark.oracle
@pytest.mark.parametrize("shape", SHAPES)
def test_running_statistics_of_torch_after_three_steps(rng, shape):
    torch = pytest.importorskip("torch")
    mean, var = np.zeros(3), np.ones(3)
    theirs = [torch.zeros(3, dtype=torch.float64), torch.ones(3, dtype=torch.float64)]
    for _ in range(3):
        (x,) = drawn(rng, shape)
        F.batch_norm(x, None, None, mean, var)
        of_torch(torch.tensor(x), None, None, theirs, True)
    np.testing.assert_allclose(mean, theirs[0].numpy(), rtol=1e-12)
    np.testing.assert_allclose(var, theirs[1].numpy(), rtol=1e-12)


class TestFaultsOfUpstream:
    @pytest.mark.parametrize("shape", [(6, 3), (4, 3, 2, 5)])
    def test_bug_7_second_order(self, rng, shape):
        check_grads(F.batch_norm, *drawn(rng, shape, (3,), (3,)), order=2)
        x, weight = Variable(rng.standard_normal(shape)), rng.standard_normal(shape)
        (gx,) = grad((F.batch_norm(x) * weight).sum(), [x], create_graph=True)
        (ggx,) = grad((gx * gx).sum(), [x])
        assert np.abs(ggx.data).max() > 1e-3

    def test_bug_29_backward_in_test_mode(self, rng):
        x, gamma, beta = map(Variable, drawn(rng, (6, 3), (3,), (3,)))
        var = np.array([0.5, 1.0, 2.0])
        with test_mode():
            F.batch_nrom(x, gamma, beta, np.zeros(3), var).sum().backward()
        np.testing.assert_allclose(x.grad.data[0], gamma.data / np.sqrt(var + 2e-5))
        np.testing.assert_allclose(gamma.grad.data, (x.data / np.sqrt(var + 2e-5)).sum(0))
        assert beta.grad.data.tolist() == [6, 6, 6]

    @pytest.mark.parametrize("shape", [(4, 3, 5), (3, 3, 2, 3, 2)])
    def test_bug_40_three_and_five_axes(self, rng, shape):
        (x,) = drawn(rng, shape)
        y = F.batch_nrom(x, np.ones(3), np.zeros(3), np.zeros(3), np.ones(3)).data
        axes = (0, *range(2, len(shape)))
        np.testing.assert_allclose(y.mean(axes), 0, atol=1e-12)
        np.testing.assert_allclose(y.std(axes), 1, rtol=1e-3)

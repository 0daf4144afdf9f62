"""Faults 27 to 40 of upstream: calls that crash."""

import copy
import operator
import pickle  # noqa: TID251 - what this test is about

import numpy as np
import pytest
from PIL import Image

import dezero.functions as F
import dezero.layers as L
from dezero import utils
from dezero.core import Parameter, Variable, test_mode
from dezero.models import MLP, Model
from dezero.optimizers import SGD, FreezeParam
from dezero.testing import check_grads
from dezero.transforms import ToArray, ToPIL


@pytest.mark.parametrize("convolve", [F.conv2d, F.deconv2d, F.conv2d_simple])
def test_fault_27_second_order_in_the_weights_of_convolutions(convolve, rng):
    x, b = rng.standard_normal((2, 3, 5, 4)), rng.standard_normal(3)
    W = rng.standard_normal((3, 3, 3, 2))
    check_grads(lambda x, W, b: convolve(x, W, b, (2, 1), 1), x, W, b)
    W = Variable(W)
    F.sum(convolve(Variable(x), W) ** 2).backward(create_graph=True)
    gW, W.grad = W.grad, None
    F.sum(gW**2).backward()
    assert W.grad.shape == W.shape and np.abs(W.grad.data).max() > 0


@pytest.mark.parametrize("kernel", [(1, 3), (3, 2), (2, 1)])
def test_fault_28_average_pooling_with_a_kernel_that_is_not_square(kernel, rng):
    x = rng.standard_normal((2, 3, 5, 4))
    check_grads(lambda x: F.average_pooling(x, kernel, (2, 1), 1), x)
    one = np.lib.stride_tricks.sliding_window_view(x, kernel, axis=(2, 3)).mean(axis=(4, 5))
    np.testing.assert_allclose(F.average_pooling(x, kernel).data, one)


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 2, 2)])
def test_fault_29_batch_norm_goes_backward_in_test_mode(shape, rng):
    x, gamma, beta = rng.standard_normal(shape), rng.uniform(0.5, 2, 3), rng.standard_normal(3)
    mean, var = rng.standard_normal(3), rng.uniform(0.5, 2, 3)
    with test_mode():
        check_grads(lambda *args: F.batch_norm(*args, mean, var), x, gamma, beta)


def test_fault_30_a_recurrent_layer_with_another_size_than_its_input(rng):
    layer = L.RNN(4, in_size=3)
    assert layer.h2h.W.shape == (4, 4)
    x = rng.standard_normal((2, 3)).astype(np.float32)
    first = layer(x)
    assert first.shape == layer(x).shape == (2, 4)
    expected = np.tanh(x @ layer.x2h.W.data + layer.x2h.b.data + first.data @ layer.h2h.W.data)
    np.testing.assert_allclose(layer.h.data, expected, rtol=1e-5)


def test_fault_31_frozen_parameters_do_not_stop_the_update():
    model = MLP((3, 2))
    optimizer = SGD(1.0).setup(model)
    optimizer.add_hook(FreezeParam(model.l0))
    F.sum(model(np.ones((2, 4), np.float32))).backward()
    before = [p.data.copy() for p in model.params()]
    optimizer.update()
    moved = [not np.array_equal(p.data, b) for p, b in zip(model.params(), before, strict=True)]
    assert moved == [False, False, True, True]


@pytest.mark.parametrize("axis", [-1, -2, np.int64(1), (0, -1), (np.int32(-2),)])
@pytest.mark.parametrize("name", ["max", "min"])
def test_fault_32_largest_along_any_kind_of_axis(name, axis, rng):
    data = rng.permutation(12).reshape(3, 4).astype(float)
    for keepdims in (False, True):
        x = Variable(data)
        y = getattr(F, name)(x, axis, keepdims)
        whole = tuple(map(int, axis)) if isinstance(axis, tuple) else int(axis)
        expected = getattr(data, name)(axis=whole, keepdims=keepdims)
        assert np.array_equal(y.data, expected)
        F.sum(y * y).backward()
        assert np.array_equal(x.grad.data.sum(), 2 * expected.sum())


def test_fault_33_a_leaf_has_a_gradient_and_a_graph():
    x = Variable(np.array([1.0, 2.0]), "x")
    x.backward()
    assert np.array_equal(x.grad.data, [1, 1])
    text = utils.get_dot_graph(x)
    assert text.startswith("digraph g") and "x" in text and "->" not in text


def test_fault_34_an_empty_batch_is_flattened():
    assert F.flatten(np.zeros((0, 3, 4))).shape == (0, 12)
    x = Variable(np.zeros((0, 3, 4), np.float32))
    F.sum(F.flatten(x)).backward()
    assert x.grad.shape == x.shape


SHAPES = [((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((4, 2, 3), (3, 2)), ((4, 2, 3), (4, 3, 5))]


@pytest.mark.parametrize(("s0", "s1"), SHAPES)
def test_fault_34_matmul_of_any_number_of_axes(s0, s1, rng):
    x0, x1 = rng.standard_normal(s0), rng.standard_normal(s1)
    np.testing.assert_allclose(F.matmul(x0, x1).data, x0 @ x1)
    check_grads(F.matmul, x0, x1)


@pytest.mark.parametrize("name", "add sub mul div pow".split())
def test_fault_35_numbers_on_the_left(name):
    x = Variable(np.array([1.0, 2.0], np.float32))
    reverse = {"add": 2.0 + x, "sub": 2.0 - x, "mul": 2.0 * x, "div": 2.0 / x, "pow": 2.0**x}[name]
    y = getattr(F, name)(2.0, x)
    operation = getattr(operator, {"div": "truediv"}.get(name, name))
    for z in (y, reverse):
        np.testing.assert_allclose(z.data, operation(2.0, x.data))
        assert z.dtype == np.float32


def test_fault_35_the_operators_that_upstream_lacks():
    x, y = Variable(np.array([1.0, 2.0])), Variable(np.array([2.0, 0.5]))
    np.testing.assert_allclose((x**y).data, [1, 2**0.5])
    check_grads(operator.pow, np.array([1.5, 2.0]), np.array([2.0, 0.5]))
    assert float(x @ y) == 3
    assert [(x < y).data.tolist(), (x >= y).data.tolist()] == [[True, False], [False, True]]
    assert float(Variable(2.5)) == 2.5 and int(Variable(2.5)) == 2
    assert bool(Variable(1.0)) and not Variable(0.0)


def test_fault_36_clip_on_one_side(rng):
    x = np.array([-2.0, 0.5, 3.0])
    for low, high in ((None, 1.0), (-1.0, None)):
        np.testing.assert_array_equal(F.clip(x, low, high).data, np.clip(x, low, high))
        check_grads(lambda x, low=low, high=high: F.clip(x, low, high), x)


def test_fault_36_whole_numbers_into_floating_functions():
    x = np.array([[1, 2, 3], [3, -2, 1]])
    assert np.isfinite(float(F.softmax_cross_entropy(x, np.array([2, 0]))))
    assert np.array_equal(F.leaky_relu(x, 0.5).data, [[1, 2, 3], [3, -1, 1]])


def test_fault_37_grey_pictures():
    grey = np.arange(12, dtype=np.uint8).reshape(3, 4)
    x = ToArray()(Image.fromarray(grey))
    assert x.shape == (1, 3, 4) and np.array_equal(x[0], grey)
    back = ToPIL()(x)
    assert np.array_equal(np.asarray(back), grey)


def test_fault_37_floating_pictures():
    x = np.arange(36.0, dtype=np.float32).reshape(3, 3, 4)
    assert np.array_equal(np.asarray(ToPIL()(x)), x.transpose(1, 2, 0).astype(np.uint8))


def test_fault_37_pairs_of_any_kind():
    for two in ([2, 3], (np.int64(2), np.int32(3)), np.array([2, 3])):
        assert utils.pair(two) == (2, 3)
    assert utils.pair(np.int64(3)) == (3, 3)


def test_fault_38_weights_before_the_first_call(tmp_path):
    with pytest.raises(RuntimeError, match="l0/W"):
        MLP((3, 2)).save_weights(tmp_path / "w.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["weights", "weights.npz", "weights.bin"])
def test_fault_38_a_path_is_read_back_as_it_was_written(tmp_path, name):
    one, other = L.Linear(3, in_size=2), L.Linear(3, in_size=2)
    one.save_weights(str(tmp_path / name))
    other.load_weights(str(tmp_path / name))
    assert np.array_equal(one.W.data, other.W.data)


def test_fault_39_a_used_layer_can_be_copied_and_pickled():
    model = Model()
    model.l, model.p = L.Linear(2), Parameter(np.ones(1))
    x = Variable(np.ones((1, 3), np.float32))
    y = model.l(x)
    for twin in (pickle.loads(pickle.dumps(model)), copy.deepcopy(model)):  # noqa: S301
        assert np.array_equal(twin.l(x).data, y.data)
        assert twin.l.W is not model.l.W


@pytest.mark.parametrize("shape", [(4, 3, 5), (2, 3, 4, 2, 2)])
def test_fault_40_batch_norm_of_sequences_and_volumes(shape, rng):
    x = rng.standard_normal(shape).astype(np.float32)
    layer = L.BatchNorm()
    y = layer(x).data
    axes = (0, *range(2, x.ndim))
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=axes), 1, atol=1e-3)
    narrow = x[:2, :, :2].astype(float)
    check_grads(lambda x: F.batch_norm(x, np.ones(3), np.zeros(3)), narrow)

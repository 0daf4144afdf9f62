"""What specs cannot say of `dezero/functions/pooling.py`: torch, memory, ties, old faults."""

import itertools

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable, no_grad
from tests.functions.torch_grid import agree, everywhere

KERNELS = [(1, 1), (2, 2), (3, 3), (4, 2), (5, 3), (2, 5)]
STRIDES = [(1, 1), (2, 2), (3, 1), (5, 6)]


def poolings(kernel):
    """Every stride, half and no padding, both ways to round, with and without ties."""
    half = tuple(k // 2 for k in kernel)
    pads = dict.fromkeys([(0, 0), half, (0, half[1])])
    for stride, pad, ceil in itertools.product(STRIDES, pads, (False, True)):
        yield {"kernel_size": kernel, "stride": stride, "ceil_mode": ceil}, pad


@pytest.mark.oracle
@pytest.mark.parametrize("kernel", KERNELS)
def test_max_pooling_agrees_with_torch(rng, kernel):
    torch = pytest.importorskip("torch")
    for i, (words, pad) in enumerate(poolings(kernel)):
        x = rng.standard_normal((2, (3, 17)[i % 2], 7, 8))
        everywhere(
            lambda v, layout, w=words, p=pad: F.pooling(v, pad=p, layout=layout, **w),
            lambda t, w=words, p=pad: torch.nn.functional.max_pool2d(t, padding=p, **w),
            np.round(2 * x) if i % 3 == 0 else x,
            rng,
        )


@pytest.mark.oracle
@pytest.mark.parametrize("ceil", [False, True])
@pytest.mark.parametrize("dilation", [(2, 1), (2, 3)])
@pytest.mark.parametrize("pad", [0, 1])
def test_dilated_pooling_agrees_with_torch(rng, pad, dilation, ceil):
    torch = pytest.importorskip("torch")
    agree(
        lambda v: F.pooling(v, (3, 2), (2, 1), pad, dilation=dilation, ceil_mode=ceil),
        lambda t: torch.nn.functional.max_pool2d(t, (3, 2), (2, 1), pad, dilation, ceil),
        rng.standard_normal((2, 16, 9, 8)),
        rng,
    )


@pytest.mark.oracle
@pytest.mark.parametrize("channels", [2, 16])
@pytest.mark.parametrize("kernel, pad", [(2, 0), (3, 1)])
def test_nan_and_infinity_as_in_torch(rng, kernel, pad, channels):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((2, channels, 6, 6))
    x[0, :, 1, 1] = x[0, 1, 0, 0] = np.nan
    x[1] = -np.inf
    T = torch.tensor(x, requires_grad=True)
    t = torch.nn.functional.max_pool2d(T, kernel, 2, pad)
    t.backward(torch.ones_like(t))
    for held in (x, np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)):
        X = Variable(held)
        y = F.pooling(X, kernel, 2, pad)
        np.testing.assert_array_equal(y.data, t.detach().numpy())
        y.backward()
        np.testing.assert_array_equal(X.grad.data, T.grad.numpy())


@pytest.mark.oracle
def test_pooling1d_agrees_with_torch(rng):
    torch = pytest.importorskip("torch")
    x = rng.standard_normal((2, 3, 11))
    agree(
        lambda v: F.pooling1d(v, 3, 2, 1, ceil_mode=True),
        lambda t: torch.nn.functional.max_pool1d(t, 3, 2, 1, ceil_mode=True),
        x,
        rng,
    )
    agree(
        lambda v: F.transpose(
            F.pooling1d(F.transpose(v, (0, 2, 1)), 2, 3, layout="NLC"), (0, 2, 1)
        ),
        lambda t: torch.nn.functional.max_pool1d(t, 2, 3),
        x,
        rng,
    )


def runs_along_channels(x):
    return x.transpose(0, 2, 3, 1).flags.c_contiguous


POOLINGS = [
    lambda x: F.pooling(x, 2, 2),
    lambda x: F.pooling(x, 3, 2, 1),
    lambda x: F.average_pooling(x, 2, 2),
    lambda x: F.average_pooling(x, 3, 2, 1, count_include_pad=False),
    lambda x: F.adaptive_average_pooling(x, 3),
    lambda x: F.upsample(x, 2),
    lambda x: F.upsample(x, 2, mode="bilinear"),
    lambda x: F.pad2d(x, 1, "edge"),
]
REARRANGEMENTS = [
    lambda x: F.pad2d(x, 1),
    lambda x: F.pixel_shuffle(x, 2),
    lambda x: F.pixel_unshuffle(x, 2),
]


@pytest.mark.parametrize("channels", [4, 16])
@pytest.mark.parametrize("function", [*POOLINGS, *REARRANGEMENTS])
def test_memory_keeps_its_order_there_and_back(rng, function, channels):
    x = rng.standard_normal((2, channels, 4, 6)).astype(np.float32)
    last = np.ascontiguousarray(x.transpose(0, 2, 3, 1)).transpose(0, 3, 1, 2)
    results, arrived = [], []
    for held, ordered in ((x, lambda a: a.flags.c_contiguous), (last, runs_along_channels)):
        between = Variable(held) * 1
        between.register_hook(lambda gx: arrived.append(gx.data))
        y = function(between)
        assert ordered(y.data)
        # A flatten after the pooling makes planes of the gradient.
        order = "C" if function in POOLINGS else "K"
        y.grad = Variable(np.ones_like(y.data, order=order))
        y.backward()
        assert ordered(arrived[-1].copy(order="K"))
        results.append(y.data)
    np.testing.assert_array_equal(*results)


def test_the_first_of_equals_gets_the_gradient():
    x = Variable(np.zeros((1, 1, 4, 4)))
    y = F.pooling(x, 2, 2)
    y.backward()
    np.testing.assert_array_equal(x.grad.data[0, 0, ::2, ::2], 1)
    assert x.grad.data.sum() == 4


def test_simple_pooling_shares_among_equals():
    x = Variable(np.zeros((1, 1, 2, 2)))
    F.pooling_simple(x, 2, 2).backward()
    np.testing.assert_array_equal(x.grad.data, np.full((1, 1, 2, 2), 0.25))


def test_indexes_count_row_by_row():
    x = np.array([[1.0, 2, 0, 0], [0, 0, 0, 3]]).reshape(1, 1, 2, 4)
    function = F.Pooling(2, 2)
    function(Variable(x))
    np.testing.assert_array_equal(function.indexes, [[[[1, 3]]]])
    same = F.Pooling2DWithIndexes(function)
    np.testing.assert_array_equal(same(x * 10).data, [[[[20, 30]]]])
    np.testing.assert_array_equal(same.indexes, function.indexes)
    gx = F.Pooling2DGrad(function)(np.array([[[[5.0, 6.0]]]]))
    np.testing.assert_array_equal(gx.data[0, 0], [[0, 5, 0, 0], [0, 0, 0, 6]])


def test_values_are_the_same_without_a_graph(rng):
    x = rng.standard_normal((2, 3, 7, 7))
    with no_grad():
        y = F.pooling(x, 3, 2, 1)
    np.testing.assert_array_equal(y.data, F.pooling(Variable(x), 3, 2, 1).data)


def test_integers_stay_integers():
    x = Variable(np.array([[-5, -7], [-6, -8]]).reshape(1, 1, 2, 2))
    y = F.pooling(x, 3, 3, 1)
    assert y.data.item() == -5 and y.dtype.kind == "i"
    y.backward()
    np.testing.assert_array_equal(x.grad.data[0, 0], [[1, 0], [0, 0]])


def test_a_result_shares_no_memory_with_x(rng):
    x = rng.standard_normal((1, 2, 3, 3))
    for function in (F.pooling, F.average_pooling):
        assert not np.shares_memory(function(x, 1).data, x)
    assert not np.shares_memory(F.upsample(x, 1).data, x)


def test_bug_09_padding_never_wins():
    x = Variable(np.full((1, 1, 3, 3), -1.0))
    for function in (F.pooling, F.pooling_simple):
        assert (function(x, 3, 1, 1).data == -1).all()
    F.pooling(x, 3, 1, 1).backward()
    assert x.grad.data.sum() == 9


def test_bug_37_windows_are_lists_or_numpy_integers():
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    expected = [[[[5, 7], [13, 15]]]]
    for size in ([2, 2], np.int64(2), np.array([2, 2])):
        np.testing.assert_array_equal(F.pooling(x, size, size).data, expected)


def test_bug_42_input_shape_is_spelt_right():
    function = F.Pooling(2)
    function(Variable(np.zeros((1, 2, 3, 4))))
    for other in (function, F.Pooling2DGrad(function), F.Pooling2DWithIndexes(function)):
        assert other.input_shape == (1, 2, 3, 4)


def test_bug_43_settings_are_pairs():
    function = F.Pooling(2, np.int64(3))
    assert function.kernel_size == (2, 2) and function.stride == (3, 3)
    assert all(type(n) is int for n in (*function.kernel_size, *function.stride))

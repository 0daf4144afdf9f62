"""How arrays with channels are seen as (S, A, C, B), and when they are copied."""

import numpy as np
import pytest

from dezero.functions.channels import LAYOUTS, Channels, channel_axis
from tests.strict_device import strict_device

CONTIGUOUS = np.ascontiguousarray
SHAPES = {2: (6, 3), 3: (6, 3, 4), 4: (6, 3, 4, 5), 5: (6, 3, 4, 5, 2)}


def channels_last_memory(x):
    return np.moveaxis(CONTIGUOUS(np.moveaxis(x, 1, -1)), -1, 1)


def sideways(x):
    return CONTIGUOUS(x.T).T


def gaps(x):
    return np.repeat(x, 2, axis=-1)[..., ::2]


@pytest.mark.parametrize("by_sample", [False, True])
@pytest.mark.parametrize("memory", [CONTIGUOUS, channels_last_memory, sideways, gaps])
@pytest.mark.parametrize("ndim", SHAPES)
@pytest.mark.parametrize("axis", [1, -1])
def test_there_and_back(ndim, axis, memory, by_sample):
    x = memory(np.arange(np.prod(SHAPES[ndim]), dtype=float).reshape(SHAPES[ndim]))
    axis %= ndim
    channels = Channels(x, axis, by_sample)
    view = channels.view(x)
    assert view.flags.c_contiguous and view.shape[2] == x.shape[axis]
    np.testing.assert_array_equal(channels.back(view), x)
    rest = tuple(i for i in range(ndim) if i not in ((0, axis) if by_sample else (axis,)))
    expected = x.sum(rest) if rest else x
    np.testing.assert_array_equal(view.sum((1, 3)), expected.reshape(view.shape[0], -1))


@pytest.mark.parametrize("axis", [1, 3])
@pytest.mark.parametrize("memory", [CONTIGUOUS, channels_last_memory])
def test_both_orders_of_memory_are_taken_as_they_are(axis, memory):
    x = memory(np.zeros((2, 3, 4, 5)))
    channels = Channels(x, axis)
    assert np.shares_memory(channels.view(x), x) == (axis == 1 or memory is CONTIGUOUS)
    y = channels.back(np.zeros(channels.shape))
    assert y.shape == x.shape
    if axis == 1 or memory is CONTIGUOUS:
        assert y.strides == x.strides


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 4, 4), (2, 3, 0), (2, 0, 4), (1, 1, 1, 1)])
def test_empty_and_single(shape):
    x = np.ones(shape)
    for by_sample in (False, True):
        channels = Channels(x, 1, by_sample)
        assert channels.back(channels.view(x)).shape == shape


def test_on_a_device():
    with strict_device() as device:
        x = device.from_host(np.arange(12.0).reshape(2, 3, 2).swapaxes(0, 2))
        channels = Channels(x, 1)
        np.testing.assert_array_equal(channels.back(channels.view(x)).get(), x.get())


def test_layouts_by_any_name():
    x = np.zeros((2, 3, 4))
    assert {name: channel_axis("f", x, name) for name in LAYOUTS} == {
        "NCHW": 1, "NHWC": 2, "NCL": 1, "NLC": 2, "NCDHW": 1, "NDHWC": 2,
    }  # fmt: skip

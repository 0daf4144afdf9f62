"""Windows: what counts as a size, a stride, a padding."""

import json

import numpy as np
import pytest

from dezero.functions.windows import (
    get_conv_outsize,
    get_deconv_outsize,
    output_shape,
    paddings,
    pair,
    plain_padding,
    sizes,
)


@pytest.mark.parametrize("x", [2, np.int64(2), (2, 2), [2, 2], np.array([2, 2])])
def test_pair_takes_numbers_and_sequences(x):
    assert pair(x) == (2, 2)
    assert all(type(v) is int for v in pair(x))


@pytest.mark.parametrize("x", ["ab", None, 2.0, True, (1, 2.5), {1, 2}])
def test_pair_refuses_other_kinds(x):
    with pytest.raises(TypeError, match="pair: expected"):
        pair(x)


@pytest.mark.parametrize("x", [(1,), (1, 2, 3), ()])
def test_pair_wants_two(x):
    with pytest.raises(ValueError, match="pair: expected x as a number or 2 numbers"):
        pair(x)


def test_sizes_have_a_least():
    with pytest.raises(ValueError, match=r"conv2d: expected stride >= 1, got \(0, 0\)"):
        sizes("conv2d", "stride", 0, 2, 1)


def test_output_sizes_are_inverse():
    assert get_conv_outsize(28, 3, 1, 0) == 26
    assert get_conv_outsize(5, 2, 2, 1) == 3
    for size in (7, 11):
        out = get_conv_outsize(size, 3, 2, 1)
        assert get_deconv_outsize(out, 3, 2, 1) == size


STEPS = {"stride": (2, 1), "dilation": (1, 2)}


def test_paddings():
    def of(pad):
        return paddings("conv2d", pad, (5, 6), (3, 2), **STEPS)

    assert of(1) == ((1, 1), (1, 1))
    assert of((1, 2)) == ((1, 1), (2, 2))
    assert of(((0, 1), [2, 3])) == of(np.array([[0, 1], [2, 3]])) == ((0, 1), (2, 3))
    assert of("valid") == of("VALID") == ((0, 0), (0, 0))
    assert of("same") == ((1, 1), (1, 1))
    with pytest.raises(ValueError, match="expected pad as numbers, 'same' or 'valid', got 'full'"):
        of("full")
    with pytest.raises(ValueError, match="expected pad >= 0"):
        of(-1)


@pytest.mark.parametrize(
    "pad, axes, plain",
    [
        (np.int64(1), 2, 1),
        ((1, np.int8(2)), 2, [1, 2]),
        (np.ones((2, 2), int), 2, [[1, 1], [1, 1]]),
        ((0, 2), 1, [0, 2]),
        ("same", 1, "same"),
    ],
)
def test_padding_that_a_file_can_hold(pad, axes, plain):
    assert plain_padding("f", pad, axes) == plain
    assert json.loads(json.dumps(plain_padding("f", pad, axes))) == plain


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_padding_gives_one_output_per_stride(size, stride):
    steps = {"stride": (stride,), "dilation": (2,)}
    for k in (1, 2, 3, 4):
        pads = paddings("conv1d", "same", (size,), (k,), **steps)
        out = output_shape("conv1d", (size,), (k,), (stride,), pads=pads, dilation=(2,))
        assert out == (-(-size // stride),)
        assert 0 <= pads[0][1] - pads[0][0] <= 1


def test_a_window_must_fit():
    args = ("conv2d", (4, 4), (5, 3), (1, 1))
    with pytest.raises(ValueError, match=r"conv2d: expected windows no larger .* kernel \(5, 3\)"):
        output_shape(*args, pads=((0, 0), (0, 0)), dilation=(1, 1))
    assert output_shape(*args, pads=((1, 0), (0, 0)), dilation=(1, 1)) == (1, 2)

"""Convolutions beside torch in float64, to second order, over a grid of windows."""

import itertools

import numpy as np
import pytest

import dezero.functions as F
from dezero.autograd import grad
from dezero.core import Variable

# (kernel, stride, pad, dilation): even, uneven, strides beyond the kernel, padding beyond half of
# it, dilation, and whatever leaves one pixel.
WINDOWS = [
    *itertools.product((1, 2, 3), (1, 2), (0, 1, 2), (1,)),
    *itertools.product((4, 5), (1, 3), (0, 4), (1,)),
    *itertools.product((2, 3), (1, 2, 4), (0, 2), (2, 3)),
    ((2, 3), (3, 1), (0, 2), (1, 2)),
    ((5, 1), (1, 2), (3, 0), (1, 1)),
    ((1, 4), 6, 1, 1),
]
GROUPS = [(1, 3, 4), (2, 4, 6), (3, 3, 6), (4, 4, 4)]
SIZES = [(9, 10), (7, 13)]


def second_order(y, inputs, module_grad, product):
    """y, the gradients of sum sin(y), and the gradients of the sum of their squares."""
    first = module_grad(product(y), inputs)
    total = sum((g * g).sum() for g in first)
    return [y, *first, *module_grad(total, inputs)]


def ours(function, arrays, **options):
    xs = [Variable(a) for a in arrays]
    y = function(*xs, **options)
    results = second_order(
        y, xs, lambda z, at: grad(z, at, create_graph=True), lambda a: F.sum(F.sin(a))
    )
    return [r.data for r in results]


def theirs(function, arrays, *options):
    torch = pytest.importorskip("torch")
    xs = [torch.tensor(a, requires_grad=True) for a in arrays]
    y = function(torch)(*xs, *options)
    results = second_order(
        y,
        xs,
        lambda z, at: torch.autograd.grad(z, at, create_graph=True),
        lambda a: torch.sin(a).sum(),
    )
    return [r.detach().numpy() for r in results]


def close(results, expected):
    for ours, theirs in zip(results, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


def drawn(rng, *shapes):
    return [rng.uniform(-1, 1, shape) for shape in shapes]


def fitting(kernel, pad, dilation, size):
    kernel, pad, dilation = (np.broadcast_to(v, 2) for v in (kernel, pad, dilation))
    return all((kernel - 1) * dilation < np.array(size) + 2 * pad)


@pytest.mark.oracle
@pytest.mark.parametrize("groups", GROUPS, ids=str)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_conv2d_is_torchs(rng, size, groups):
    groups, ins, outs = groups
    for kernel, stride, pad, dilation in WINDOWS:
        if not fitting(kernel, pad, dilation, size):
            continue
        shape = (outs, ins // groups, *np.broadcast_to(kernel, 2))
        arrays = drawn(rng, (2, ins, *size), shape, (outs,))
        options = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
        expected = theirs(
            lambda torch: torch.nn.functional.conv2d, arrays, stride, pad, dilation, groups
        )
        close(ours(F.conv2d, arrays, **options), expected)
        # Channels last, and an input with gaps in memory: the same numbers.
        x, W, b = arrays
        gaps = np.repeat(x.transpose(0, 2, 3, 1), 2, axis=2)[:, :, ::2]
        found = ours(F.conv2d, [gaps, W.transpose(2, 3, 1, 0), b], layout="NHWC", **options)
        order = [(0, 3, 1, 2), *[(0, 3, 1, 2), (3, 2, 0, 1), (0,)] * 2]
        close([a.transpose(axes) for a, axes in zip(found, order, strict=True)], expected)


@pytest.mark.oracle
@pytest.mark.parametrize("groups", GROUPS, ids=str)
def test_deconv2d_is_torchs(rng, groups):
    groups, ins, outs = groups
    for kernel, stride, pad, dilation in WINDOWS:
        reach = (np.broadcast_to(kernel, 2) - 1) * np.broadcast_to(dilation, 2)
        if any(2 * np.broadcast_to(pad, 2) > reach):
            continue
        shape = (ins, outs // groups, *np.broadcast_to(kernel, 2))
        arrays = drawn(rng, (2, ins, 3, 4), shape, (outs,))
        options = {"stride": stride, "pad": pad, "dilation": dilation, "groups": groups}
        torchs = (stride, pad, 0, groups, dilation)
        expected = theirs(lambda torch: torch.nn.functional.conv_transpose2d, arrays, *torchs)
        close(ours(F.deconv2d, arrays, **options), expected)


@pytest.mark.oracle
@pytest.mark.parametrize("extra", [(0, 0), (1, 0), (1, 2)])
def test_outsize_is_output_padding(rng, extra):
    arrays = drawn(rng, (2, 3, 4, 3), (3, 2, 3, 4), (2,))
    expected = theirs(lambda torch: torch.nn.functional.conv_transpose2d, arrays, 3, 1, extra)
    found = ours(F.deconv2d, arrays, stride=3, pad=1, outsize=(10 + extra[0], 8 + extra[1]))
    close(found, expected)


@pytest.mark.oracle
@pytest.mark.parametrize("window", [(3, 1, 0, 1), (2, 2, 1, 3), (5, 3, 4, 2)], ids=str)
def test_conv1d_is_torchs(rng, window):
    kernel, stride, pad, dilation = window
    options = {"stride": stride, "pad": pad, "dilation": dilation}
    arrays = drawn(rng, (2, 4, 11), (6, 2, kernel), (6,))
    expected = theirs(lambda torch: torch.nn.functional.conv1d, arrays, stride, pad, dilation, 2)
    close(ours(F.conv1d, arrays, groups=2, **options), expected)
    arrays = drawn(rng, (2, 4, 5), (4, 3, kernel), (6,))
    if 2 * pad <= (kernel - 1) * dilation:
        torchs = (stride, pad, 0, 2, dilation)
        expected = theirs(lambda torch: torch.nn.functional.conv_transpose1d, arrays, *torchs)
        close(ours(F.deconv1d, arrays, groups=2, **options), expected)


def test_memory_of_a_result_runs_along_its_channels(rng):
    x, W = drawn(rng, (2, 3, 6, 6), (4, 3, 3, 3))
    y = F.conv2d(x, W)
    assert y.data.transpose(0, 2, 3, 1).flags.c_contiguous
    assert F.relu(y).data.transpose(0, 2, 3, 1).flags.c_contiguous


def test_empty_batch(rng):
    x, W, b = Variable(np.ones((0, 3, 6, 6))), *map(Variable, drawn(rng, (4, 3, 3, 3), (4,)))
    y = F.conv2d(x, W, b)
    y.sum().backward()
    assert y.shape == (0, 4, 4, 4) and x.grad.shape == x.shape
    assert not W.grad.data.any() and not b.grad.data.any()
    assert F.deconv2d(y, W).shape == (0, 3, 6, 6)


def test_mixed_dtypes_are_computed_in_the_wider(rng):
    x, W = drawn(rng, (1, 2, 4, 4), (3, 2, 2, 2))
    narrow = Variable(x.astype("f4"))
    wide = Variable(W)
    y = F.conv2d(narrow, wide, np.arange(3))
    assert y.dtype == np.float64
    y.sum().backward()
    assert narrow.grad.dtype == np.float32 and wide.grad.dtype == np.float64
    assert F.conv2d(np.ones((1, 1, 3, 3), "u1"), np.ones((1, 1, 2, 2), int)).dtype == np.float32


def test_a_picture_without_gradient_costs_none(rng):
    x, W = drawn(rng, (1, 2, 4, 4), (3, 2, 2, 2))
    y = F.conv2d(x, Variable(W))
    assert y.creator.fast_backward(np.ones(y.shape))[0] is None

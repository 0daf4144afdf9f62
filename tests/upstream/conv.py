"""`dezero.functions_conv`, the convolutions, windows by hand."""

import numpy as np

from dezero import core
from dezero import functions as F
from tests.upstream import Name, node, same, thing, value

RNG = np.random.default_rng(0)
IMAGES = RNG.standard_normal((2, 3, 5, 4))
KERNEL = RNG.standard_normal((4, 3, 3, 2))
BIAS = RNG.standard_normal(4)
FEATURES = RNG.standard_normal((2, 4, 3, 3))
BACK_BIAS = RNG.standard_normal(3)


def two(x):
    return x if isinstance(x, tuple) else (x, x)


def windows(img, kernel_size, stride, pad, to_matrix=True, *, fill=0.0):
    """Upstream's columns: (N, C, KH, KW, OH, OW), or one row for each place of the window."""
    (KH, KW), (SH, SW), (PH, PW) = two(kernel_size), two(stride), two(pad)
    N, C, H, width = img.shape
    wide = np.full((N, C, H + 2 * PH, width + 2 * PW), fill)
    wide[:, :, PH : PH + H, PW : PW + width] = img
    OH, OW = (H + 2 * PH - KH) // SH + 1, (width + 2 * PW - KW) // SW + 1
    col = np.empty((N, C, KH, KW, OH, OW))
    for i in range(OH):
        for j in range(OW):
            col[..., i, j] = wide[:, :, i * SH : i * SH + KH, j * SW : j * SW + KW]
    return col.transpose(0, 4, 5, 1, 2, 3).reshape(N * OH * OW, -1) if to_matrix else col


def im2col(x, kernel_size, stride=1, pad=0, to_matrix=True):
    return windows(x, kernel_size, stride, pad, to_matrix)


def col2im_array(col, img_shape, kernel_size, stride, pad, to_matrix=True):  # noqa: PLR0917 - upstream's order
    """The transpose of `windows`: each pixel collects from every window that shows it."""
    places = windows(np.arange(np.prod(img_shape)).reshape(img_shape) + 1.0, kernel_size, stride,
                     pad, to_matrix)  # fmt: skip
    sums = np.bincount(places.astype(int).ravel(), col.ravel(), np.prod(img_shape) + 1)
    return sums[1:].reshape(img_shape)


def col2im(x, input_shape, kernel_size, stride=1, pad=0, to_matrix=True):  # noqa: PLR0917 - upstream's order
    return col2im_array(x, input_shape, kernel_size, stride, pad, to_matrix)


def conv2d(x, W, b=None, stride=1, pad=0):
    y = np.einsum("nckloi,dckl->ndoi", windows(x, W.shape[2:], stride, pad, False), W)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def deconv2d(x, W, b=None, stride=1, pad=0, outsize=None):  # noqa: PLR0917 - upstream's order
    (SH, SW), (PH, PW), (KH, KW) = two(stride), two(pad), W.shape[2:]
    N, _, H, width = x.shape
    size = (SH * (H - 1) + KH - 2 * PH, SW * (width - 1) + KW - 2 * PW)
    size = size if outsize is None else two(outsize)
    col = np.einsum("ndoi,dckl->nckloi", x, W)
    y = col2im_array(col, (N, W.shape[1], *size), (KH, KW), stride, pad, False)
    return y if b is None else y + b.reshape(1, -1, 1, 1)


def pooling(x, kernel_size, stride=1, pad=0):
    return windows(x, kernel_size, stride, pad, False, fill=-np.inf).max(axis=(2, 3))


def average_pooling(x, kernel_size, stride=1, pad=0):
    return windows(x, kernel_size, stride, pad, False).mean(axis=(2, 3))


def grad_w(cls):
    """Made from the node of a convolution, it computes the gradient by the kernel."""
    y = F.conv2d(core.Variable(IMAGES), core.Variable(KERNEL), None, (2, 1), 1)
    gy = RNG.standard_normal(y.shape)
    gW = cls(y.creator)(core.Variable(IMAGES), core.Variable(gy))
    col = windows(IMAGES, (3, 2), (2, 1), 1, False)
    return same(gW, np.einsum("ndoi,nckloi->dckl", gy, col))


def pool_grad(cls):
    """Made from the node of a pooling, it hands each gradient to the largest of its window."""
    y = F.pooling(core.Variable(IMAGES), 2, 2)
    gy = RNG.standard_normal(y.shape)
    col = windows(IMAGES, 2, 2, 0, False)
    top = col == col.max(axis=(2, 3), keepdims=True)
    expected = col2im_array(top * gy[:, :, None, None], IMAGES.shape, 2, 2, 0, False)
    return same(cls(y.creator)(core.Variable(gy)), expected)


def pool_with_indexes(cls):
    """Made from the node of a pooling, it takes from other images what was largest there."""
    y = F.pooling(core.Variable(IMAGES), 2, 2)
    other = RNG.standard_normal(IMAGES.shape)
    col = windows(IMAGES, 2, 2, 0, False)
    top = col == col.max(axis=(2, 3), keepdims=True)
    expected = (top * windows(other, 2, 2, 0, False)).sum(axis=(2, 3))
    return same(cls(y.creator)(core.Variable(other)), expected)


COLUMNS = windows(IMAGES, (3, 2), (2, 1), 1)
CUBES = windows(IMAGES, (3, 2), (2, 1), 1, False)


def both(name: str, formula, *args, **options) -> list[Name]:
    """One name in `functions_conv` and in `functions`."""
    return [value(f"{room}.{name}", formula, *args, **options)
            for room in ("functions_conv", "functions")]  # fmt: skip


NAMES = [
    *both("conv2d_simple", conv2d, IMAGES, KERNEL),
    *both("conv2d_simple", conv2d, IMAGES, KERNEL, BIAS, (2, 1), 1),
    *both("conv2d", conv2d, IMAGES, KERNEL),
    *both("conv2d", conv2d, IMAGES, KERNEL, BIAS, (2, 1), 1),
    *both("conv2d", conv2d, IMAGES, KERNEL, None, 2, (1, 0)),
    *both("deconv2d", deconv2d, FEATURES, KERNEL),
    *both("deconv2d", deconv2d, FEATURES, KERNEL, BACK_BIAS, (2, 1), 1),
    *both("deconv2d", deconv2d, FEATURES, KERNEL, None, 2, 0, (8, 6)),
    *both("pooling_simple", pooling, IMAGES, 2, 2),
    *both("pooling", pooling, IMAGES, 2),
    *both("pooling", pooling, IMAGES, (3, 2), (2, 1), 1),
    *both("average_pooling", average_pooling, IMAGES, 2),
    *both("average_pooling", average_pooling, IMAGES, (3, 2), (2, 1), 1),
    *both("im2col", im2col, IMAGES, (3, 2), (2, 1), 1),
    *both("im2col", im2col, IMAGES, 2, 1, 0, False),
    *both("col2im", col2im, COLUMNS, IMAGES.shape, (3, 2), (2, 1), 1),
    *both("col2im", col2im, CUBES, IMAGES.shape, (3, 2), (2, 1), 1, False),
    value("functions_conv.im2col_array", windows_like := (
        lambda img, kernel_size, stride, pad, to_matrix=True: windows(
            img, kernel_size, stride, pad, to_matrix
        )
    ), IMAGES, 2, 1, 0, wrap=False),
    value("functions_conv.im2col_array", windows_like, IMAGES, (3, 2), 2, 1, False, wrap=False),
    value("functions_conv.col2im_array", col2im_array, COLUMNS, IMAGES.shape, (3, 2), (2, 1), 1,
          wrap=False),
    node("functions_conv.Conv2d", lambda stride=1, pad=0: lambda x, W, b: conv2d(
        x, W, b, stride, pad), ((2, 1), 1), IMAGES, KERNEL, BIAS),
    node("functions_conv.Deconv2d", lambda stride=1, pad=0, outsize=None: lambda x, W, b: deconv2d(
        x, W, b, stride, pad, outsize), (2, 0, (8, 6)), FEATURES, KERNEL, BACK_BIAS),
    thing("functions_conv.Conv2DGradW", lambda conv2d: 0, grad_w),
    node("functions_conv.Pooling", lambda kernel_size, stride=1, pad=0: lambda x: pooling(
        x, kernel_size, stride, pad), ((3, 2), 2, 1), IMAGES),
    thing("functions_conv.Pooling2DGrad", lambda mpool2d: 0, pool_grad),
    thing("functions_conv.Pooling2DWithIndexes", lambda mpool2d: 0, pool_with_indexes),
    node("functions_conv.AveragePooling", lambda kernel_size, stride=1, pad=0: lambda x:
         average_pooling(x, kernel_size, stride, pad), ((3, 2), 2, 1), IMAGES),
    node("functions_conv.Im2col", lambda kernel_size, stride, pad, to_matrix: lambda x: im2col(
        x, kernel_size, stride, pad, to_matrix), (2, 1, 0, True), IMAGES),
    node("functions_conv.Col2im",
         lambda input_shape, kernel_size, stride, pad, to_matrix: lambda x: col2im(
             x, input_shape, kernel_size, stride, pad, to_matrix),
         (IMAGES.shape, (3, 2), (2, 1), 1, True), COLUMNS),
]  # fmt: skip

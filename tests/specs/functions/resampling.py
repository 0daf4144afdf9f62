"""Specs of `dezero/functions/resampling.py`."""

import math

import numpy as np

import dezero.functions as F
from tests.specs import const, fails, spec
from tests.specs.functions.pooling import first, last


def along(x, axis, out, ratio, mode):
    """Pixels along one axis, each from its place on the old one: `ratio` old pixels for a new."""
    n = x.shape[axis]
    pixels = []
    for o in range(out):
        if mode in ("nearest", "centres"):
            place = int((o + (0.5 if mode == "centres" else 0)) * ratio)
            pixels.append(np.take(x, min(place, n - 1), axis))
            continue
        corners = (n - 1) / (out - 1) if out > 1 else 0
        at = o * corners if mode == "corners" else max((o + 0.5) * ratio - 0.5, 0)
        left = min(int(at), n - 1)
        share = at - left
        right = np.take(x, min(left + 1, n - 1), axis)
        pixels.append((1 - share) * np.take(x, left, axis) + share * right)
    return np.stack(pixels, axis)


def resized(mode, size, ratios=None):
    def run(x):
        for axis, out in zip((2, 3), size, strict=True):
            ratio = x.shape[axis] / out if ratios is None else ratios[axis - 2]
            x = along(x, axis, out, ratio, mode)
        return x

    return run


def up(shape, mode, size, ratios=None, **kwargs):
    called = {"areas": "bilinear", "corners": "bilinear", "centres": "nearest-exact"}
    words = {"mode": called[mode]} if mode in called else {}
    words |= {"align_corners": True} if mode == "corners" else {}
    if not {"scale", "size"} & set(kwargs):
        kwargs["size"] = size
    words |= kwargs
    return spec(F.upsample, shape, kwargs=words, oracle=resized(mode, size, ratios))


KEYS = {
    "lanczos3": lambda d: np.sinc(d) * np.sinc(d / 3) * (d < 3),
    "bilinear": lambda d: np.maximum(1 - d, 0),
    "bicubic": lambda d: (
        (1.5 * d**3 - 2.5 * d**2 + 1) * (d < 1)
        + (-0.5 * d**3 + 2.5 * d**2 - 4 * d + 2) * ((d >= 1) & (d < 2))
    ),
}


def by_kernel(method, size, antialias=False):
    """Each pixel as the mean of all, weighted by the kernel at their distance."""

    def run(x):
        for axis, out in zip((2, 3), size, strict=True):
            n = x.shape[axis]
            wide = max(n / out, 1) if antialias else 1
            places = (np.arange(out)[:, None] + 0.5) * n / out - 0.5
            weights = KEYS[method](abs(places - np.arange(n)) / wide)
            weights /= weights.sum(axis=1, keepdims=True)
            x = np.moveaxis(np.tensordot(weights, x, (1, axis)), 0, axis)
        return x

    return run


def resizing(shape, size, method, **kwargs):
    oracle = by_kernel(method, size, **kwargs)
    return spec(F.resize2d, shape, const(size), const(method), kwargs=kwargs,
                oracle=lambda x, *_: oracle(x))  # fmt: skip


def shuffled(x, r):
    n, c, h, w = x.shape
    y = np.zeros((n, c // r**2, h * r, w * r))
    for k in range(c):
        i, j = divmod(k % r**2, r)
        y[:, k // r**2, i::r, j::r] = x[:, k]
    return y


def unshuffled(x, r):
    blocks = [x[:, :, i::r, j::r] for i in range(r) for j in range(r)]
    n, c, h, w = blocks[0].shape
    return np.stack(blocks, axis=2).reshape(n, c * r * r, h, w)


def border(shape, pad, widths, mode, numpy_mode=None, **kwargs):
    return spec(
        F.pad2d,
        shape,
        const(pad),
        kwargs={"mode": mode} | kwargs,
        oracle=lambda x, _: np.pad(x, ((0, 0), (0, 0), *widths), mode=numpy_mode or mode),
    )


ONES = np.ones((1, 1, 2, 2))
SPECS = [
    *(up((2, 2, 3, 4), mode, (6, 8), scale=2) for mode in ("nearest", "areas", "corners")),
    *(up((1, 2, 3, 5), mode, (7, 3)) for mode in ("nearest", "areas", "corners")),
    *(up((1, 2, 4, 1), mode, (1, 3)) for mode in ("nearest", "areas", "corners")),
    up((1, 2, 3, 4), "nearest", (3, 5), (1, 1 / 1.4), scale=(1.3, 1.4)),
    up((1, 2, 3, 4), "areas", (4, 2), (1 / 1.4, 2), scale=[1.4, 0.5]),
    up((1, 2, 3, 5), "centres", (7, 3)),
    up((1, 2, 3, 4), "centres", (4, 2), (1 / 1.4, 2), scale=(1.4, 0.5)),
    up((0, 2, 3, 3), "areas", (6, 6), scale=2),
    spec(
        F.upsample,
        (1, 3, 2, 4),
        kwargs={"scale": np.float32(2), "mode": "linear", "layout": "NHWC"},
        oracle=lambda x: last(resized("areas", (6, 4))(first(x))),
    ),
    spec(
        F.upsample,
        (2, 2, 4),
        kwargs={"scale": 1.5, "mode": "linear", "layout": "NCL"},
        oracle=lambda x: along(x, 2, 6, 1 / 1.5, "areas"),
    ),
    spec(
        F.upsample,
        (2, 4, 2),
        kwargs={"size": 7, "layout": "NLC"},
        oracle=lambda x: along(x, 1, 7, 4 / 7, "nearest"),
    ),
    fails(F.upsample, ONES, error=ValueError, match="upsample: expected scale or size"),
    fails(F.upsample, ONES, 2, kwargs={"size": 3}, error=ValueError, match="Give one", id="both"),
    fails(F.upsample, ONES, "2", error=TypeError, match="upsample: expected numbers as scale"),
    fails(F.upsample, ONES, 0.3, error=ValueError, match="upsample: expected a scale > 0"),
    fails(F.upsample, ONES, math.nan, error=ValueError, match="a scale > 0", id="nan"),
    fails(F.upsample, ONES, (2, 2, 2), error=ValueError, match="a scale > 0 for each", id="three"),
    fails(F.upsample, ONES[:, :, :0], 2, error=ValueError, match="upsample: expected pixels"),
    fails(
        F.upsample,
        ONES,
        2,
        kwargs={"mode": "bicubic"},
        error=ValueError,
        match="upsample: unknown name 'bicubic'",
    ),
    resizing((1, 2, 4, 5), (3, 7), "bicubic"),
    resizing((1, 2, 6, 3), (4, 2), "lanczos3", antialias=True),
    resizing((1, 2, 5, 4), (2, 4), "bilinear", antialias=True),
    spec(
        F.resize2d,
        (1, 4, 6, 2),
        const(2),
        const("area"),
        kwargs={"layout": "NHWC"},
        oracle=lambda x, *_: x.reshape(1, 2, 2, 2, 3, 2).mean((2, 4)),
    ),
    spec(
        F.resize2d,
        (1, 1, 2, 2),
        const((4, 2)),
        const("nearest"),
        oracle=lambda x, *_: np.repeat(x, 2, 2),
    ),
    fails(F.resize2d, ONES, 2, "cubic", error=ValueError, match="resize2d: unknown name 'cubic'"),
    fails(F.resize2d, ONES[:, :, :0], 2, error=ValueError, match="resize2d: expected pixels"),
    fails(F.resize2d, ONES, 2.5, error=TypeError, match="resize2d: expected"),
    border((1, 2, 3, 4), 1, ((1, 1), (1, 1)), "constant"),
    border((1, 2, 3, 4), ((1, 2), (0, 3)), ((1, 2), (0, 3)), "reflect"),
    border((1, 2, 3, 4), (1, 2), ((1, 1), (2, 2)), "edge"),
    border((1, 2, 3, 4), (1, 2), ((1, 1), (2, 2)), "replicate", "edge"),
    border((1, 2, 3, 4), (2, 1), ((2, 2), (1, 1)), "symmetric"),
    border((1, 2, 3, 4), (4, 0), ((4, 4), (0, 0)), "wrap"),
    spec(
        F.pad2d,
        (1, 3, 2, 4),
        const((1, 0)),
        kwargs={"value": 0.5, "layout": "NHWC"},
        oracle=lambda x, _: np.pad(x, ((0, 0), (1, 1), (0, 0), (0, 0)), constant_values=0.5),
    ),
    fails(F.pad2d, ONES, "same", error=ValueError, match="pad2d: expected numbers of pixels"),
    fails(F.pad2d, ONES, -1, error=ValueError, match="pad2d: expected pad >= 0"),
    fails(F.pad2d, ONES, 1, "mirror", error=ValueError, match="pad2d: unknown name 'mirror'"),
    fails(F.pad2d, ONES[:, :, :0], 1, "edge", error=ValueError, match="pictures that have some"),
    spec(F.pixel_shuffle, (2, 12, 2, 3), const(2), oracle=shuffled),
    spec(
        F.pixel_shuffle,
        (2, 2, 3, 9),
        const(3),
        kwargs={"layout": "NHWC"},
        oracle=lambda x, r: last(shuffled(first(x), r)),
    ),
    spec(F.pixel_unshuffle, (2, 2, 4, 6), const(2), oracle=unshuffled),
    spec(
        F.pixel_unshuffle,
        (2, 4, 6, 2),
        const(2),
        kwargs={"layout": "NHWC"},
        oracle=lambda x, r: last(unshuffled(first(x), r)),
    ),
    fails(
        F.pixel_shuffle,
        ONES,
        2,
        error=ValueError,
        match=r"pixel_shuffle: expected channels that 2\*\*2 divides",
    ),
    fails(
        F.pixel_unshuffle,
        ONES,
        3,
        error=ValueError,
        match="pixel_unshuffle: expected a height and width that 3 divides",
    ),
]

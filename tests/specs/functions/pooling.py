"""Specs of `dezero/functions/pooling.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec


def windows(x, kernel, stride=(1, 1), pads=((0, 0), (0, 0)), *, dilation=(1, 1), out=None):
    """Yield (i, j, pixels (N, C, k)) of each window, those beyond x left out."""
    height, width = x.shape[2:]
    if out is None:
        parts = zip((height, width), kernel, stride, pads, dilation, strict=True)
        out = [(n + sum(p) - (k - 1) * d - 1) // s + 1 for n, k, s, p, d in parts]
    for i in range(out[0]):
        for j in range(out[1]):
            rows = [i * stride[0] - pads[0][0] + k * dilation[0] for k in range(kernel[0])]
            columns = [j * stride[1] - pads[1][0] + k * dilation[1] for k in range(kernel[1])]
            inside = [(r, c) for r in rows for c in columns if 0 <= r < height and 0 <= c < width]
            yield i, j, np.stack([x[:, :, r, c] for r, c in inside], axis=-1)


def pooled(reduce):
    def run(x, kernel, *args, **kwargs):
        results = {(i, j): reduce(part) for i, j, part in windows(x, kernel, *args, **kwargs)}
        out = np.max(list(results), axis=0) + 1
        y = np.zeros((*x.shape[:2], *out))
        for (i, j), value in results.items():
            y[:, :, i, j] = value
        return y

    return run


maximum = pooled(lambda part: part.max(axis=-1))


def gaps(x, *args, **kwargs):
    """How far the largest pixel of each window is above the next one."""
    found = [np.ravel(x[:0])]
    for _, _, part in windows(x, *args, **kwargs):
        ranked = np.sort(part, axis=-1)
        if ranked.shape[-1] > 1:
            found.append(np.ravel(ranked[..., -1] - ranked[..., -2]))
    return np.concatenate(found)


def first(x):
    return x.transpose(0, 3, 1, 2)


def last(y):
    return y.transpose(0, 2, 3, 1)


def line(x):
    return x[:, :, None]


def case(
    shape, kernel, stride=(1, 1), pads=((0, 0), (0, 0)), *, id, dilation=(1, 1), out=None, **k
):
    known = {"dilation": dilation, "out": out}
    return spec(
        F.pooling,
        shape,
        kwargs={"kernel_size": kernel, "stride": stride, "pad": pads, "dilation": dilation} | k,
        oracle=lambda x: maximum(x, kernel, stride, pads, **known),
        kinks=lambda x: gaps(x, kernel, stride, pads, **known),
        low=-5,
        high=5,
        id=id,
    )


SPECS = [
    case((2, 3, 4, 6), (2, 2), (2, 2), id="tiles"),
    case((1, 2, 5, 5), (2, 2), (2, 2), id="rest"),
    case((2, 16, 4, 4), (2, 2), (2, 2), id="channels"),
    case((1, 17, 5, 4), (3, 2), (2, 1), ((1, 1), (1, 0)), id="padded"),
    case((1, 2, 5, 4), (3, 3), id="overlapping"),
    case((1, 2, 7, 8), (2, 1), (3, 4), id="gaps"),
    case((1, 2, 3, 3), (2, 2), (1, 1), ((1, 1), (1, 1)), id="half-padded"),
    case((1, 2, 2, 3), (5, 4), (2, 3), ((4, 3), (3, 3)), id="padded-beyond-half"),
    case((1, 2, 7, 6), (3, 2), (2, 1), ((1, 0), (0, 2)), dilation=(2, 3), id="dilated"),
    case((1, 2, 6, 5), (2, 2), (2, 2), ceil_mode=True, out=(3, 3), id="ceil"),
    case((1, 2, 3, 2), (3, 3), (3, 2), ((1, 1), (1, 1)), ceil_mode=True, out=(2, 2), id="ceil-pad"),
    case((1, 1, 1, 1), (1, 1), id="pixel"),
    case((0, 2, 4, 4), (2, 2), (2, 2), id="empty"),
    case((2, 0, 4, 4), (3, 3), id="no-channels"),
    spec(
        F.pooling,
        (2, 4, 5, 3),
        kwargs={"kernel_size": 2, "stride": None, "layout": "NHWC"},
        oracle=lambda x: last(maximum(first(x), (2, 2), (2, 2))),
        kinks=lambda x: gaps(first(x), (2, 2), (2, 2)),
        low=-5,
        high=5,
    ),
    spec(
        F.pooling,
        (1, 2, 5, 4),
        kwargs={"kernel_size": 3, "stride": 2, "pad": "same"},
        oracle=lambda x: maximum(x, (3, 3), (2, 2), ((1, 1), (0, 1))),
        kinks=lambda x: gaps(x, (3, 3), (2, 2), ((1, 1), (0, 1))),
        low=-5,
        high=5,
    ),
    spec(
        F.pooling1d,
        (2, 3, 7),
        kwargs={"kernel_size": 3, "stride": 2, "pad": 1},
        oracle=lambda x: maximum(line(x), (1, 3), (1, 2), ((0, 0), (1, 1)))[:, :, 0],
        kinks=lambda x: gaps(line(x), (1, 3), (1, 2), ((0, 0), (1, 1))),
        low=-5,
        high=5,
    ),
    spec(
        F.pooling1d,
        (2, 7, 3),
        kwargs={"kernel_size": 2, "stride": None, "pad": "valid", "dilation": 2, "layout": "NLC"},
        oracle=lambda x: maximum(first(x[:, None]), (1, 2), (1, 2), dilation=(1, 2))[
            :, :, 0
        ].transpose(0, 2, 1),
        kinks=lambda x: gaps(first(x[:, None]), (1, 2), (1, 2), dilation=(1, 2)),
        low=-5,
        high=5,
    ),
    spec(
        F.pooling_simple,
        (1, 2, 4, 5),
        kwargs={"kernel_size": 2, "stride": (2, 1), "pad": (1, 0)},
        oracle=lambda x: maximum(x, (2, 2), (2, 1), ((1, 1), (0, 0))),
        kinks=lambda x: gaps(x, (2, 2), (2, 1), ((1, 1), (0, 0))),
        low=-5,
        high=5,
    ),
    fails(
        F.pooling,
        np.ones((1, 1, 4, 4)),
        5,
        error=ValueError,
        match="pooling: expected windows no larger than the padded picture",
    ),
    fails(
        F.pooling,
        np.ones((1, 1, 4, 4)),
        2,
        2,
        2,
        error=ValueError,
        match="pooling: expected pixels under every window, got one on padding alone: kernel",
    ),
    fails(
        F.pooling,
        np.ones((1, 1, 2, 2)),
        2,
        1,
        1,
        kwargs={"dilation": 3},
        error=ValueError,
        match="pooling: expected pixels under every window",
        id="astride",
    ),
    fails(
        F.pooling,
        np.ones((1, 4, 4)),
        2,
        error=ValueError,
        match=r"pooling: expected x \(N, C, H, W\) of real numbers in up to .* got \(1, 4, 4\)",
    ),
    fails(
        F.pooling,
        np.ones((1, 1, 4, 4), complex),
        2,
        error=TypeError,
        match="pooling: expected x .* of real numbers",
        id="complex",
    ),
    fails(
        F.pooling,
        np.ones((1, 1, 4, 4)),
        2,
        kwargs={"layout": "CHWN"},
        error=ValueError,
        match="pooling: expected layout 'NCHW' or 'NHWC', got 'CHWN'",
    ),
    *(
        fails(
            function,
            np.ones(shape),
            5,
            error=ValueError,
            match=f"^{name}: expected windows no larger than the padded picture",
        )
        for name, function, shape in (
            ("pooling1d", F.pooling1d, (1, 1, 4)),
            ("pooling_simple", F.pooling_simple, (1, 1, 4, 4)),
        )
    ),
    fails(
        F.pooling1d,
        np.ones((1, 1, 4)),
        2,
        kwargs={"layout": "NHWC"},
        error=ValueError,
        match="pooling1d: expected layout 'NCL' or 'NLC', got 'NHWC'",
    ),
    fails(
        F.pooling1d,
        np.ones((1, 1, 4, 4)),
        2,
        error=ValueError,
        match="pooling1d: expected x with three axes",
    ),
]

"""Specs of `dezero/functions/adaptive_pooling.py`."""

import numpy as np

import dezero.functions as F
from tests.specs import fails, spec
from tests.specs.functions.pooling import first, last


def binned(x, size, reduce):
    """Reduce each bin as torch places them."""
    h, w = x.shape[2:]
    y = np.zeros((*x.shape[:2], *size))
    for i in range(size[0]):
        for j in range(size[1]):
            rows = slice(i * h // size[0], int(np.ceil((i + 1) * h / size[0])))
            columns = slice(j * w // size[1], int(np.ceil((j + 1) * w / size[1])))
            y[:, :, i, j] = reduce(x[:, :, rows, columns], axis=(2, 3))
    return y


def distances(x):
    """How far each element is from its nearest neighbour in value, within a channel."""
    flat = np.sort(x.reshape(*x.shape[:2], -1), axis=2)
    return np.diff(flat, axis=2).ravel()


def case(func, shape, size, id, *, given=None):
    reduce = np.mean if func is MEAN else np.max
    far = {"low": -50, "high": 50, "kinks": distances} if func is MAX else {}
    given = {"output_size": size if given is None else given}
    return spec(func, shape, kwargs=given, oracle=lambda x: binned(x, size, reduce), id=id, **far)


MEAN, MAX = F.adaptive_average_pooling, F.adaptive_max_pooling
SPECS = [
    spec(F.global_average_pooling, (2, 3, 4, 5), oracle=lambda x: x.mean((2, 3))),
    spec(
        F.global_average_pooling,
        (2, 4, 5, 3),
        kwargs={"keepdims": True, "layout": "NHWC"},
        oracle=lambda x: x.mean((1, 2), keepdims=True),
    ),
    spec(F.global_average_pooling, (2, 3, 5), kwargs={"layout": "NCL"}, oracle=lambda x: x.mean(2)),
    spec(
        F.global_max_pooling,
        (2, 3, 3, 4),
        oracle=lambda x: x.max((2, 3)),
        kinks=distances,
        low=-50,
        high=50,
    ),
    spec(
        F.global_max_pooling,
        (2, 3, 4, 2),
        kwargs={"keepdims": True, "layout": "NHWC"},
        oracle=lambda x: x.max((1, 2), keepdims=True),
        kinks=lambda x: distances(first(x)),
        low=-50,
        high=50,
    ),
    spec(
        F.global_max_pooling,
        (2, 5, 3),
        kwargs={"layout": "NLC"},
        oracle=lambda x: x.max(1),
        kinks=lambda x: distances(x.transpose(0, 2, 1)),
        low=-50,
        high=50,
    ),
    case(MEAN, (2, 3, 5, 7), (3, 4), "overlapping"),
    case(MEAN, (1, 2, 4, 6), (2, 3), "tiles"),
    case(MEAN, (1, 2, 3, 4), (5, 3), "larger"),
    case(MEAN, (1, 2, 3, 4), (3, 3), "one-kept", given=(None, 3)),
    case(MEAN, (0, 2, 3, 4), (2, 3), "empty"),
    case(MAX, (1, 2, 5, 3), (3, 2), "overlapping"),
    case(MAX, (1, 2, 4, 4), (2, 2), "tiles", given=2),
    case(MAX, (1, 1, 3, 3), (4, 2), "larger"),
    spec(
        MEAN,
        (1, 5, 4, 2),
        kwargs={"output_size": (3, 4), "layout": "NHWC"},
        oracle=lambda x: last(binned(first(x), (3, 4), np.mean)),
    ),
    spec(
        MAX,
        (1, 4, 3, 2),
        kwargs={"output_size": (3, 2), "layout": "NHWC"},
        oracle=lambda x: last(binned(first(x), (3, 2), np.max)),
        kinks=lambda x: distances(first(x)),
        low=-50,
        high=50,
    ),
    spec(
        MEAN,
        (2, 2, 7),
        kwargs={"output_size": 3, "layout": "NCL"},
        oracle=lambda x: binned(x[:, :, None], (1, 3), np.mean)[:, :, 0],
    ),
    spec(
        MAX,
        (1, 7, 2),
        kwargs={"output_size": 3, "layout": "NLC"},
        oracle=lambda x: last(binned(first(x[:, None]), (1, 3), np.max))[:, 0],
        kinks=lambda x: distances(first(x[:, None])),
        low=-50,
        high=50,
    ),
    fails(
        F.global_max_pooling,
        np.ones((2, 3, 0, 4)),
        error=ValueError,
        match="global_max_pooling: expected x with the axes of layout .* and with pixels",
    ),
    fails(
        MEAN,
        np.ones((2, 3, 4)),
        2,
        error=ValueError,
        match="adaptive_average_pooling: expected x with the axes of layout",
    ),
    fails(
        MAX,
        np.ones((2, 3, 4, 4)),
        (2, 2, 2),
        error=ValueError,
        match="adaptive_max_pooling: expected output_size as a number or 2 numbers",
    ),
    *(
        fails(
            function,
            np.ones((2, 3, 4, 4), complex),
            *sizes,
            error=TypeError,
            match=f"^{name}: expected real numbers, got x .* complex128",
        )
        for name, function, sizes in (
            ("adaptive_average_pooling", MEAN, (3,)),
            ("adaptive_max_pooling", MAX, (2,)),
            ("global_max_pooling", F.global_max_pooling, ()),
        )
    ),
]

import numpy as np

import dezero.functions as F
from dezero.core import Parameter
from tests.specs import const, fails, spec


def normed(x, axis=1, eps=2e-5):
    others = tuple(i for i in range(x.ndim) if i != axis % x.ndim)
    return (x - x.mean(others, keepdims=True)) / np.sqrt(x.var(others, keepdims=True) + eps)


def along(v, x, axis=1):
    return v.reshape([-1 if i == axis % x.ndim else 1 for i in range(x.ndim)])


def batch_norm(x, gamma, beta):
    return along(gamma, x) * normed(x) + along(beta, x)


def last(x, gamma, beta):
    return normed(x, -1) * gamma + beta


def fixed(x, gamma, beta, mean, var):
    scale = gamma / np.sqrt(var.astype(float) + 2e-5)
    return (x - along(mean, x)) * along(scale, x) + along(beta, x)


def fixed_last(x, gamma, beta, mean, var):
    return (x - mean) * gamma / np.sqrt(var.astype(float) + 2e-5) + beta


PLACES = np.array([[1, 0, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0]], bool)


def masked(x, gamma, beta):
    """The same with channels last and the statistics of PLACES, of (3, 4) places."""
    chosen = x[PLACES]
    return (x - chosen.mean(0)) / np.sqrt(chosen.var(0) + 2e-5) * gamma + beta


def masked_first(x, gamma, beta):
    return masked(x.transpose(0, 2, 1), gamma, beta).transpose(0, 2, 1)


# float32, for integers beside a floating constant take its dtype.
MEAN, VAR = np.array([[0.3, -0.2, 0.1], [0.5, 1.5, 2.0]], np.float32)
RUNNING = (const(MEAN), const(VAR))
EVAL = {"train": False}
X = np.zeros((4, 3))

SPECS = [
    spec(F.batch_norm, (6, 3), (3,), (3,), oracle=batch_norm, low=-2, high=2),
    spec(F.batch_norm, (4, 3, 5), (3,), (3,), oracle=batch_norm, low=-2, high=2),
    spec(F.batch_norm, (4, 3, 2, 5), (3,), (3,), oracle=batch_norm, low=-2, high=2),
    spec(F.batch_norm, (3, 3, 2, 3, 2), (3,), (3,), oracle=batch_norm, low=-2, high=2),
    spec(
        F.batch_norm,
        (4, 2, 5, 3),
        (3,),
        (3,),
        kwargs={"layout": "NHWC"},
        oracle=last,
        low=-2,
        high=2,
    ),
    spec(F.batch_norm, (6, 3), oracle=normed, low=-2, high=2, id="plain"),
    spec(
        F.batch_norm,
        (6, 3),
        kwargs={"eps": 0.1},
        oracle=lambda x: normed(x, eps=0.1),
        low=-2,
        high=2,
    ),
    spec(F.batch_norm, (0, 3), (3,), (3,), oracle=lambda x, g, b: x),
    spec(F.batch_norm, (1, 3), (3,), (3,), oracle=lambda x, g, b: 0 * x + b, id="one"),
    spec(F.batch_norm, (6, 3), (3,), (3,), *RUNNING, kwargs=EVAL, oracle=fixed),
    spec(F.batch_norm, (4, 3, 2, 5), (3,), (3,), *RUNNING, kwargs=EVAL, oracle=fixed),
    spec(
        F.batch_norm,
        (4, 2, 5, 3),
        (3,),
        (3,),
        *RUNNING,
        kwargs={"layout": "NHWC", **EVAL},
        oracle=fixed_last,
    ),
    spec(F.batch_norm, (1, 3), (3,), (3,), *RUNNING, kwargs=EVAL, oracle=fixed),
    spec(F.batch_norm, (0, 3), (3,), (3,), *RUNNING, kwargs=EVAL, oracle=fixed),
    *(
        spec(
            F.batch_norm,
            shape,
            (2,),
            (2,),
            kwargs={"layout": layout, "mask": PLACES},
            oracle=oracle,
            low=-2,
            high=2,
        )
        for shape, layout, oracle in (
            ((3, 4, 2), "NLC", masked),
            ((3, 2, 4), "NCL", masked_first),
        )
    ),
    fails(
        F.batch_norm,
        np.zeros((3, 4, 2)),
        kwargs={"mask": PLACES},
        error=ValueError,
        match=r"batch_norm: expected a mask of shape \(3, 2\), that of x .*, got \(3, 4\) bool",
    ),
    fails(
        F.batch_norm,
        np.zeros(3),
        error=ValueError,
        match=r"batch_norm: expected x \(N, C\) with up to three axes of space, got \(3,\)",
    ),
    fails(
        F.batch_norm,
        X,
        kwargs={"layout": "NHCW"},
        error=ValueError,
        match="batch_norm: layout: unknown name 'NHCW'. Did you mean 'NHWC'",
    ),
    fails(
        F.batch_norm,
        X,
        np.ones(4),
        error=ValueError,
        match=r"batch_norm: expected gamma of shape \(3,\), one for each channel of x \(4, 3\)",
    ),
    fails(
        F.batch_norm,
        X,
        None,
        np.ones((1, 3)),
        error=ValueError,
        match=r"batch_norm: expected beta of shape \(3,\)",
    ),
    fails(
        F.batch_norm,
        X,
        None,
        None,
        [0.0, 0.0, 0.0],
        np.ones(3),
        error=TypeError,
        match="batch_norm: expected mean as a floating array, .* got list",
    ),
    fails(
        F.batch_norm,
        X,
        None,
        None,
        np.zeros(3),
        error=TypeError,
        match="batch_norm: expected var as a floating array, .* got NoneType None. Give both",
    ),
    fails(
        F.batch_norm,
        X,
        kwargs={"train": False},
        error=TypeError,
        match="expected mean .* got NoneType None. Give both mean and var, or neither and not",
    ),
    fails(
        F.batch_norm,
        X,
        None,
        None,
        np.zeros(3),
        np.ones(3, int),
        error=TypeError,
        match=r"batch_norm: expected var as a floating array, .* got \(3,\) int64",
    ),
    fails(
        F.batch_norm,
        X,
        kwargs={"train": False},
        error=TypeError,
        match="batch_norm: expected mean as a floating array",
    ),
    fails(
        F.batch_norm,
        X,
        None,
        None,
        np.zeros(2),
        np.ones(2),
        error=ValueError,
        match=r"batch_norm: expected mean of shape \(3,\)",
    ),
    fails(
        F.batch_norm,
        X,
        Parameter(None),
        error=RuntimeError,
        match=r"batch_norm: expected gamma of shape \(3,\), got a Parameter whose shape is not",
    ),
]

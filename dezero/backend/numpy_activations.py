"""Activations by name, element by element, and their derivatives: one call each, in plain NumPy.

None overflows for large |x|, in float16 either.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend.numpy_kernels import erf

__all__ = ["activate", "activate_gradient"]

SELU_SCALE, SELU_ALPHA = 1.0507009873554805, 1.6732632423543772
# By bytes per number: the largest x whose exponential is finite, rounded down.
_EXP_LIMIT = {4: 88.0, 8: 709.0}
_ROOT, _CUBE = math.sqrt(2 / math.pi), 0.044715


def activate(name: str, x: np.ndarray, alpha: float = 0.0) -> np.ndarray:
    """Return the activation `name` of floating x; alpha is the slope or the limit of some."""
    return _TABLE[name][0](x, alpha)


def activate_gradient(name: str, gy: np.ndarray, z: np.ndarray, alpha: float = 0.0) -> np.ndarray:
    """Return gy times the derivative of the activation `name`.

    Args:
        name, alpha: as in `activate`.
        gy: gradient of the result.
        z: x; of relu, relu6, sigmoid and tanh the result.
    """
    return _TABLE[name][1](gy, z, alpha)


def _sigmoid(x: np.ndarray) -> np.ndarray:
    # Not through tanh(x / 2): that loses all digits of the small values at negative x.
    if x.dtype.itemsize == 2:
        return _sigmoid(x.astype(np.float32)).astype(x.dtype)
    y = np.exp(np.minimum(-x, _EXP_LIMIT.get(x.dtype.itemsize, 709.0)))
    y += 1.0
    return 1.0 / y


def _sigmoid_back(gy: np.ndarray, y: np.ndarray) -> np.ndarray:
    gx = 1.0 - y
    gx *= y
    return gy * gx


def _tanh_back(gy: np.ndarray, y: np.ndarray) -> np.ndarray:
    gx = y * y
    gx *= gy
    return gy - gx


def _softplus(x: np.ndarray) -> np.ndarray:
    # Ten times as fast as NumPy's logaddexp(x, 0), and the same numbers.
    y = np.log1p(np.exp(-np.absolute(x)))
    y += np.maximum(x, 0)
    return y


def _silu_back(gy: np.ndarray, x: np.ndarray) -> np.ndarray:
    s = _sigmoid(x)
    gx = 1.0 - s
    gx *= x
    gx += 1.0
    gx *= s
    return gy * gx


def _mish_back(gy: np.ndarray, x: np.ndarray) -> np.ndarray:
    t = np.tanh(_softplus(x))
    u = np.clip(x, -1000.0, 1000.0)  # its factor beyond is 0, and twice of more overflows float16
    return gy * (t + u * (1.0 - t * t) * _sigmoid(x))


def _normal_cdf(x: np.ndarray) -> np.ndarray:
    y = erf(x * math.sqrt(0.5))
    y += 1.0
    y *= 0.5
    return y


def _gelu_back(gy: np.ndarray, x: np.ndarray) -> np.ndarray:
    u = np.minimum(np.absolute(x), 40.0)  # the density beyond is 0, and squares could overflow
    gx = np.exp(u * u * -0.5)
    gx *= x * (1 / math.sqrt(2 * math.pi))
    gx += _normal_cdf(x)
    return gy * gx


def _gelu_tanh(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the tanh in it, and x within the limits beyond which that is 1 or -1."""
    u = np.clip(x, -20.0, 20.0)  # the cube of more overflows float16
    return np.tanh(_ROOT * (u + _CUBE * (u * u * u))), u


def _gelu_tanh_back(gy: np.ndarray, x: np.ndarray) -> np.ndarray:
    t, u = _gelu_tanh(x)
    slope = (1.0 - t * t) * (_ROOT * (1.0 + 3 * _CUBE * (u * u)))
    return gy * (0.5 + 0.5 * t + 0.5 * u * slope)


def _leaky_relu(x: np.ndarray, slope: float) -> np.ndarray:
    if 0 < slope <= 1:
        return np.maximum(x, x * slope)
    # Not where(x > 0, x, slope * x): the product may overflow where it is not wanted.
    y = np.minimum(x, 0) * slope
    y += np.maximum(x, 0)
    return y


def _leaky_relu_back(gy: np.ndarray, x: np.ndarray, slope: float) -> np.ndarray:
    positive = (x > 0).astype(gy.dtype)
    # Several times as fast as where, and as exact: one of the two terms is 0.
    return gy * (positive + (1.0 - positive) * slope)


def _elu(x: np.ndarray, alpha: float) -> np.ndarray:
    y = np.expm1(np.minimum(x, 0))
    y *= alpha
    y += np.maximum(x, 0)
    return y


def _elu_back(gy: np.ndarray, x: np.ndarray, alpha: float) -> np.ndarray:
    positive = (x > 0).astype(gy.dtype)
    left = alpha * np.exp(np.minimum(x, 0))
    return gy * ((1.0 - positive) * left + positive)


def _hard_sigmoid(x: np.ndarray) -> np.ndarray:
    return np.clip(x * (1 / 6) + 0.5, 0.0, 1.0)


def _bent(x: np.ndarray) -> np.ndarray:
    """Where hard_sigmoid is no constant."""
    return (x > -3) & (x < 3)


# name: (y of x and alpha, gx of gy, z and alpha)
_TABLE: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "elu": (_elu, _elu_back),
    "gelu": (lambda x, _: x * _normal_cdf(x), lambda gy, x, _: _gelu_back(gy, x)),
    "gelu_tanh": (
        lambda x, _: x * (0.5 + 0.5 * _gelu_tanh(x)[0]),
        lambda gy, x, _: _gelu_tanh_back(gy, x),
    ),
    "hard_sigmoid": (
        lambda x, _: _hard_sigmoid(x),
        lambda gy, x, _: gy * (1 / 6) * _bent(x),
    ),
    "hard_swish": (
        lambda x, _: x * _hard_sigmoid(x),
        lambda gy, x, _: gy * (_hard_sigmoid(x) + x * (1 / 6) * _bent(x)),
    ),
    "hard_tanh": (
        lambda x, _: np.minimum(np.maximum(x, -1.0), 1.0),
        lambda gy, x, _: gy * ((x >= -1) & (x <= 1)),
    ),
    "leaky_relu": (_leaky_relu, _leaky_relu_back),
    "mish": (lambda x, _: x * np.tanh(_softplus(x)), lambda gy, x, _: _mish_back(gy, x)),
    "relu": (lambda x, _: np.maximum(x, 0), lambda gy, y, _: gy * (y > 0)),
    "relu6": (
        lambda x, _: np.minimum(np.maximum(x, 0), 6),
        lambda gy, y, _: gy * ((y > 0) & (y < 6)),
    ),
    "selu": (
        lambda x, _: SELU_SCALE * _elu(x, SELU_ALPHA),
        lambda gy, x, _: SELU_SCALE * _elu_back(gy, x, SELU_ALPHA),
    ),
    "sigmoid": (lambda x, _: _sigmoid(x), lambda gy, y, _: _sigmoid_back(gy, y)),
    "silu": (lambda x, _: x * _sigmoid(x), lambda gy, x, _: _silu_back(gy, x)),
    "softplus": (lambda x, _: _softplus(x), lambda gy, x, _: gy * _sigmoid(x)),
    "softsign": (
        lambda x, _: x / (1.0 + np.absolute(x)),
        lambda gy, x, _: gy / (1.0 + np.absolute(x)) / (1.0 + np.absolute(x)),
    ),
    "tanh": (lambda x, _: np.tanh(x), lambda gy, y, _: _tanh_back(gy, y)),
}

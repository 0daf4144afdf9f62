"""Normalisation of one sample along some of its axes: `layer_norm`, `rms_norm`."""

from math import prod
from typing import Any

from dezero.backend import kernels, xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.shape import astype, reshape, transpose

__all__ = ["LayerNorm", "RMSNorm", "layer_norm", "rms_norm"]


class LayerNorm(Function):
    """Normalise each row of x (M, D), then scale by gamma (D,) and shift by beta (D,)."""

    def __init__(self, eps: float = 1e-5) -> None:
        self.eps = eps

    def forward(self, x: Any, gamma: Any, beta: Any) -> Any:
        x = floating(x)
        y, *self.rows = kernels(x).row_norm(_in_one_piece(x), gamma, beta, self.eps)
        return y.astype(x.dtype, copy=False)

    def backward(self, gy: Variable) -> tuple:
        x, gamma, beta = self.inputs
        if x.dtype.itemsize == 2:
            x, gy = astype(x, "f4"), astype(gy, "f4")
        shifted = x - x.mean(axis=1, keepdims=True)
        inverse = ((shifted * shifted).mean(axis=1, keepdims=True) + self.eps) ** -0.5
        normed = shifted * inverse
        ggamma = (gy * normed).sum(axis=0)
        g = gy * gamma
        g = g - g.mean(axis=1, keepdims=True) - normed * (g * normed).mean(axis=1, keepdims=True)
        return g * inverse, ggamma, gy.sum(axis=0)

    def fast_backward(self, gy: Any) -> tuple:
        x, gamma, _ = self.inputs
        gy, x = _in_one_piece(gy), _in_one_piece(floating(x.data))
        return kernels(gy).row_norm_gradient(gy, x, gamma.data, *self.rows)


def _in_one_piece(x: Any) -> Any:
    # Squares of float16 overflow beyond 256.
    return xp(x).ascontiguousarray(x, dtype="f4" if x.dtype.itemsize == 2 else x.dtype)


@differentiable
def layer_norm(
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    eps: float = 1e-5,
    axis: int | tuple[int, ...] = -1,
) -> Variable:
    """Normalise over `axis`: y = gamma * (x - mean) / sqrt(variance + eps) + beta.

    Args:
        x: floating Variable or array, any shape with at least one axis.
        gamma, beta: scale and shift, of the shape of x along `axis`; None for 1 and 0.
        eps: added to the variance, which divides by the number of elements.
        axis: int or tuple of ints, the axes of one sample to normalise over together.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: axis is no axis of x, gamma or beta do not fit, or there is nothing to
            normalise over.
    Reference:
        Ba et al. 2016, "Layer normalization", eq. 4.
    """
    x = Variable.wrap(x)
    axes = _axes("layer_norm", x, axis)
    gamma = _per_element("layer_norm", "gamma", gamma, x, axes)
    beta = _per_element("layer_norm", "beta", beta, x, axes)
    return _along(LayerNorm(eps), x, axes, gamma, beta)


class RMSNorm(Function):
    """Divide each row of x (M, D) by the root of its mean square, then scale by gamma (D,)."""

    def __init__(self, eps: float = 1e-6) -> None:
        self.eps = eps

    def forward(self, x: Any, gamma: Any) -> Any:
        x = floating(x)
        y, *self.rows = kernels(x).row_norm(_in_one_piece(x), gamma, None, self.eps)
        return y.astype(x.dtype, copy=False)

    def backward(self, gy: Variable) -> tuple:
        x, gamma = self.inputs
        if x.dtype.itemsize == 2:
            x, gy = astype(x, "f4"), astype(gy, "f4")
        inverse = ((x * x).mean(axis=1, keepdims=True) + self.eps) ** -0.5
        normed = x * inverse
        g = gy * gamma
        gx = (g - normed * (g * normed).mean(axis=1, keepdims=True)) * inverse
        return gx, (gy * normed).sum(axis=0)

    def fast_backward(self, gy: Any) -> tuple:
        x, gamma = self.inputs
        gy, x = _in_one_piece(gy), _in_one_piece(floating(x.data))
        return kernels(gy).row_norm_gradient(gy, x, gamma.data, *self.rows)[:2]


@differentiable
def rms_norm(
    x: Any, gamma: Any = None, eps: float = 1e-6, axis: int | tuple[int, ...] = -1
) -> Variable:
    """Divide by the root mean square over `axis`: y = gamma * x / sqrt(mean(x ** 2) + eps).

    Args:
        x: floating Variable or array, any shape with at least one axis.
        gamma: scale, of the shape of x along `axis`; None for 1.
        eps: added to the mean square; 1e-6 is Keras's, torch's is the dtype's epsilon.
        axis: int or tuple of ints, the axes of one sample to normalise over together.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: axis is no axis of x, gamma does not fit, or there is nothing to normalise over.
    Reference:
        Zhang and Sennrich 2019, "Root mean square layer normalization", eq. 4.
    """
    x = Variable.wrap(x)
    axes = _axes("rms_norm", x, axis)
    return _along(RMSNorm(eps), x, axes, _per_element("rms_norm", "gamma", gamma, x, axes))


def _axes(name: str, x: Variable, axis: int | tuple[int, ...]) -> tuple[int, ...]:
    axes = tuple(axis) if isinstance(axis, tuple | list) else (axis,)
    if x.ndim == 0 or not axes or not all(-x.ndim <= i < x.ndim for i in axes):
        raise ValueError(
            f"{name}: expected axes of x, got axis={axis} and x {describe(x)}. "
            "Count axes from 0, or from the end with -1."
        )
    axes = tuple(sorted({i % x.ndim for i in axes}))
    if 0 in (x.shape[i] for i in axes):
        raise ValueError(
            f"{name}: expected elements to normalise over, got x {describe(x)}. "
            "Take an axis that is not empty."
        )
    return axes


def _per_element(name: str, which: str, value: Any, x: Variable, axes: tuple[int, ...]) -> Variable:
    """Return gamma or beta on one axis, ones or zeros if it was not given."""
    sizes = tuple(x.shape[i] for i in axes)
    if value is None:
        fill = xp(x.data).ones if which == "gamma" else xp(x.data).zeros
        return Variable.constant(fill(prod(sizes), dtype=floating(x.data).dtype))
    value = Variable.wrap(value)
    if value.shape != sizes:
        raise ValueError(
            f"{name}: expected {which} of shape {sizes}, as x {describe(x)} is along axis, "
            f"got {describe(value)}. Give it the size of the normalised axes."
        )
    return reshape(value, (value.size,))


def _along(function: Function, x: Variable, axes: tuple[int, ...], *weights: Variable) -> Variable:
    """Return what `function` makes of x (M, D), where D is all of `axes`."""
    rest = tuple(i for i in range(x.ndim) if i not in axes)
    last = axes == tuple(range(len(rest), x.ndim))
    moved = x if last else transpose(x, rest + axes)
    d = weights[0].size
    y = reshape(function(reshape(moved, (moved.size // d, d)), *weights), moved.shape)
    return y if last else transpose(y, _inverse(rest + axes))


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(sorted(range(len(axes)), key=lambda i: axes[i]))

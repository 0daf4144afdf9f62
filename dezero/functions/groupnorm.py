"""Normalisation of groups of channels, and of single ones, in each sample by itself."""

from math import prod
from typing import Any

from dezero.backend import kernels, xp
from dezero.core import Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.channels import Channels, by_channel, channel_axis, other_axes, per_channel
from dezero.functions.linalg import whole_matmul
from dezero.functions.shape import astype, reshape, transpose

__all__ = ["GroupNorm", "group_norm", "instance_norm", "local_response_norm"]


class GroupNorm(Function):
    """Normalise x over space and the channels of a group, scale and shift each channel."""

    def __init__(self, groups: int, eps: float = 1e-5, *, axis: int = 1) -> None:
        self.groups, self.eps, self.axis = groups, float(eps), axis

    def forward(self, x: Any, gamma: Any, beta: Any) -> Any:
        x = floating(x)
        self.channels = Channels(x, self.axis, by_sample=True)
        view = self._view(x)
        n, pixels, _, rest = view.shape
        # The channels of a group lie side by side: to the kernel they are one.
        whole = view.reshape((n, pixels, self.groups, (x.shape[self.axis] // self.groups) * rest))
        moments = kernels(x).channel_moments(whole)
        numbers = kernels(x).group_scale(*moments, gamma, beta, self.eps)
        self.mean, self.inverse, scale, shift = numbers
        y = kernels(x).channel_affine(view, scale, shift, self.mean)
        return self.channels.back(y).astype(x.dtype, copy=False)

    def _view(self, x: Any) -> Any:
        # Sums and squares of float16 need float32.
        return self.channels.view(x.astype("f4") if x.dtype.itemsize == 2 else x)

    def backward(self, gy: Variable) -> tuple:
        x, gamma, _ = self.inputs
        if x.dtype.itemsize == 2:
            x, gy = astype(x, "f4"), astype(gy, "f4")
        at, size = self.axis, x.shape[self.axis] // self.groups
        split = (*x.shape[:at], self.groups, size, *x.shape[at + 1 :])
        axes = tuple(i for i in range(1, len(split)) if i != at)  # those of a group

        def mean(v: Variable) -> Variable:
            count = v.size // max(len(v) * self.groups, 1)
            return v.sum(axis=axes, keepdims=True) / max(count, 1)

        shifted = reshape(x, split)
        shifted = shifted - mean(shifted)
        inverse = (mean(shifted * shifted) + self.eps) ** -0.5
        normed = shifted * inverse
        g = reshape(gy * by_channel(gamma, x.ndim, at), split)
        g = g - mean(g) - normed * mean(g * normed)
        rest = other_axes(x.ndim, at)
        ggamma = (gy * reshape(normed, x.shape)).sum(axis=rest)
        return reshape(g * inverse, x.shape), ggamma, gy.sum(axis=rest)

    def fast_backward(self, gy: Any) -> tuple:
        x, gamma, _ = self.inputs
        gy, view, inverse = self._view(gy), self._view(floating(x.data)), self.inverse
        sums = kernels(gy).channel_products(gy, view, self.mean)
        ggamma, gbeta = kernels(gy).group_sums(*sums, inverse, gamma.data)
        if not x.requires_grad:
            return None, ggamma, gbeta
        pixels = max(view.shape[1] * view.shape[3], 1)
        given = self.mean, inverse, gamma.data, self.groups, pixels
        gx = kernels(gy).channel_gradient(gy, view, *kernels(gy).group_back(*sums, *given))
        return self.channels.back(gx), ggamma, gbeta


@differentiable
def group_norm(
    x: Any,
    groups: int,
    gamma: Any = None,
    beta: Any = None,
    eps: float = 1e-5,
    *,
    layout: str = "NCHW",
) -> Variable:
    """Normalise each group of channels of each sample, then y = gamma * x + beta by channel.

    Args:
        x: Variable or array (N, C), or with up to three axes of space after C (before it: "NHWC").
        groups: into how many groups of neighbours C is divided; 1 for all channels together.
        gamma, beta: scale and shift (C,); None for 1 and 0.
        eps: added to the variance; 1e-5 is torch's, Keras has 1e-3.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
    Returns:
        Variable, shape and dtype of x, laid out in memory as x.
    Raises:
        TypeError: groups is no integer.
        ValueError: groups does not divide C, a group has a single value, or shapes do not fit.
    Reference: Wu and He 2018, "Group normalization", eq. 1-7.
    """
    x = Variable.wrap(x)
    axis = channel_axis("group_norm", x, layout)
    size = x.shape[axis]
    if not hasattr(groups, "__index__"):
        raise TypeError(
            f"group_norm: expected an integer as groups, got {describe(groups)}. Try 32."
        )
    if groups < 1 or size % groups:
        raise ValueError(
            f"group_norm: expected groups to divide the {size} channels of x {describe(x)}, got "
            f"{groups}. Take a divisor, or check layout."
        )
    return _normalized("group_norm", x, GroupNorm(int(groups), eps, axis=axis), gamma, beta)


@differentiable
def instance_norm(
    x: Any, gamma: Any = None, beta: Any = None, eps: float = 1e-5, *, layout: str = "NCHW"
) -> Variable:
    """Normalise each channel of each sample over space, then y = gamma * x + beta by channel.

    Args:
        x: Variable or array (N, C, L), (N, C, H, W) or (N, C, D, H, W); C last with "NHWC".
        gamma, beta: scale and shift (C,); None for 1 and 0.
        eps: added to the variance; 1e-5 is torch's.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
    Returns:
        Variable, shape and dtype of x, laid out in memory as x.
    Raises:
        ValueError: a channel has a single value, or shapes do not fit.
    Reference: Ulyanov et al. 2016, "Instance normalization", eq. 3.
    """
    x = Variable.wrap(x)
    axis = channel_axis("instance_norm", x, layout)
    return _normalized("instance_norm", x, GroupNorm(x.shape[axis], eps, axis=axis), gamma, beta)


def _normalized(name: str, x: Variable, function: GroupNorm, gamma: Any, beta: Any) -> Variable:
    groups, axis = function.groups, function.axis
    if x.size and x.size == len(x) * groups:
        raise ValueError(
            f"{name}: expected more than one value to normalise over, got x {describe(x)} with "
            f"{groups} groups, which gives 0 everywhere. Take fewer groups, or check layout."
        )
    gamma = per_channel(name, "gamma", gamma, x, axis)
    return function(x, gamma, per_channel(name, "beta", beta, x, axis))


@differentiable
def local_response_norm(
    x: Any,
    size: int = 5,
    alpha: float = 1e-4,
    beta: float = 0.75,
    k: float = 1.0,
    *,
    layout: str = "NCHW",
) -> Variable:
    """Divide by the neighbours' strength: y = x / (k + alpha * mean(x ** 2)) ** beta.

    Args:
        x: Variable or array (N, C), or with up to three axes of space after C (before it: "NHWC").
        size: channels to take the mean over, the one in the middle included; those that are not
            there count as 0.
        alpha, beta, k: as above.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: size is no positive integer, or layout is not known.
    Note: as in torch; the paper and Keras multiply alpha by the sum, which is `size` as much.
    Reference: Krizhevsky et al. 2012, "ImageNet classification", section 3.3.
    """
    x = Variable.wrap(x)
    axis = channel_axis("local_response_norm", x, layout)
    if not hasattr(size, "__index__") or size < 1:
        raise ValueError(f"local_response_norm: expected a whole size >= 1, got {size}. Try 5.")
    c = x.shape[axis]
    module, dtype = xp(x.data), floating(x.data).dtype
    wide = "f4" if dtype.itemsize == 2 else dtype  # squares of float16 overflow beyond 256
    # A product with a band of ones adds neighbours, quickly and with every derivative.
    distance = module.arange(c)[None, :] - module.arange(c)[:, None]
    band = (distance >= -(size // 2)) & (distance <= (size - 1) // 2)
    band = Variable.constant(band.astype(wide) * (alpha / size))
    v = astype(x, wide)
    square = v * v
    if axis == x.ndim - 1:
        total = whole_matmul(square, transpose(band))
    else:
        rows = reshape(square, (len(x), c, prod(x.shape[2:])))
        total = reshape(whole_matmul(band, rows), x.shape)
    return astype(v * (k + total) ** -beta, dtype)

"""Batch normalisation: zero mean and unit variance for each channel, over batch and space."""

from typing import Any

import numpy as np

from dezero.backend import is_array, is_readable, kernels, xp
from dezero.core import Config, Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.channels import Channels, by_channel, channel_axis, other_axes, per_channel
from dezero.functions.elementwise import where
from dezero.functions.placing import placed
from dezero.functions.reduction import sum
from dezero.functions.shape import astype

__all__ = ["BatchNorm", "batch_nrom", "batch_norm"]


class BatchNorm(Function):
    """Normalise x by the statistics of the batch, outside training by `mean` and `var`, arrays.

    It writes to neither: `averages` returns what becomes of them, and `batch_norm` assigns it.
    """

    def __init__(
        self,
        mean: Any = None,
        var: Any = None,
        decay: float = 0.9,
        eps: float = 2e-5,
        *,
        axis: int = 1,
        train: bool | None = None,
        unbiased: bool = True,
    ) -> None:
        self.avg_mean, self.avg_var, self.decay, self.eps = mean, var, float(decay), float(eps)
        self.axis, self.unbiased = axis, unbiased
        self.train = mean is None or bool(Config.train if train is None else train)

    def forward(self, x: Any, gamma: Any, beta: Any) -> Any:
        x = floating(x)
        self.channels = Channels(x, self.axis)
        view = self._view(x)
        self.count = view.shape[1] * view.shape[3]
        if self.train:
            self.mean, self.var = kernels(x).channel_moments(view)
            numbers = kernels(x).channel_scale(self.var, gamma, beta, self.eps)
        else:  # copies: a training step in between must not change this step's gradient
            given = self.avg_mean, self.avg_var, gamma, beta, self.eps
            self.mean, *numbers = kernels(x).channel_frozen(*given)
        self.inverse, scale, shift = numbers
        if self.train or type(x) is not np.ndarray:
            y = kernels(x).channel_affine(view, scale, shift, self.mean)
        else:
            y = kernels(x).channel_affine(view, scale, shift - self.mean * scale)
        return self.channels.back(y).astype(x.dtype, copy=False)

    def _view(self, x: Any) -> Any:
        # Sums and squares of float16 need float32.
        return self.channels.view(x.astype("f4") if x.dtype.itemsize == 2 else x)

    def average(self) -> None:
        """Write into the running statistics what `averages` returns, on a device in one launch."""
        count, least = self.count, 2 if self.unbiased else 1
        if not is_readable(count) or type(self.mean) is np.ndarray:
            self.avg_mean[...], self.avg_var[...] = self.averages()
        elif count >= least:
            factor = count / (count - 1) if self.unbiased else 1.0
            given = self.avg_mean, self.avg_var, self.mean[0], self.var[0]
            kernels(self.mean).moving_moments(*given, factor, self.decay)

    def averages(self) -> tuple[Any, Any]:
        """Return running mean and variance after this batch, float64 (C,).

        A channel whose batch holds NaN or infinity keeps what it had, and so do all if the batch
        has only one value for each: that says nothing of the variance without bias.
        """
        old = self.avg_mean.astype("f8"), self.avg_var.astype("f8")
        count, least = self.count, 2 if self.unbiased else 1
        if is_readable(count):
            if count < least:
                return old
            factor = count / (count - 1) if self.unbiased else 1.0
        else:  # NaN where there are too few: the old values stay then as well
            module = xp(count)
            factor = count / module.maximum(count - 1, 1) if self.unbiased else 1.0
            factor = module.where(count < least, np.nan, factor)
        return _averaged(old, self.mean[0], self.var[0] * factor, self.decay)

    def backward(self, gy: Variable) -> tuple:
        x, gamma, _ = self.inputs
        half = x.dtype.itemsize == 2
        if half:
            x, gy = astype(x, "f4"), astype(gy, "f4")
        axes, count = other_axes(x.ndim, self.axis), max(self.count, 1)
        if self.train:
            shifted = x - x.sum(axis=axes, keepdims=True) / count
            variance = (shifted * shifted).sum(axis=axes, keepdims=True) / count
            inverse = (variance + self.eps) ** -0.5
        else:
            shifted = x - self._constant(self.mean[0], gy)
            inverse = self._constant(self.inverse[0], gy)
        normed = shifted * inverse
        g = gy * by_channel(gamma, x.ndim, self.axis)
        if self.train:
            g = g - g.sum(axis=axes, keepdims=True) / count
            g = g - normed * ((g * normed).sum(axis=axes, keepdims=True) / count)
        return g * inverse, (gy * normed).sum(axis=axes), gy.sum(axis=axes)

    def _constant(self, v: Any, gy: Variable) -> Variable:
        return Variable.constant(by_channel(v.astype(gy.dtype), gy.ndim, self.axis))

    def fast_backward(self, gy: Any) -> tuple:
        x, gamma, beta = self.inputs
        gy, kernel = self._view(gy), kernels(gy)
        if x.requires_grad and self.train:
            view = self._view(floating(x.data))
            sums = kernel.channel_products(gy, view, self.mean)
            given = self.mean, self.inverse, gamma.data, max(self.count, 1)
            *numbers, ggamma, gbeta = kernel.channel_back(*sums, *given)
            gx = kernel.channel_gradient(gy, view, *numbers)
            return self.channels.back(gx), ggamma, gbeta
        scale = gamma.data * self.inverse
        if not self.train and not gamma.requires_grad and not beta.requires_grad:
            return self.channels.back(kernel.channel_affine(gy, scale)), None, None
        view = self._view(floating(x.data))
        total, product = kernel.channel_products(gy, view, self.mean)
        product *= self.inverse
        gx = self.channels.back(kernel.channel_affine(gy, scale)) if x.requires_grad else None
        return gx, product[0], total[0]


@differentiable
def batch_norm(  # noqa: PLR0917
    x: Any,
    gamma: Any = None,
    beta: Any = None,
    mean: Any = None,
    var: Any = None,
    decay: float = 0.9,
    eps: float = 2e-5,
    *,
    layout: str = "NCHW",
    train: bool | None = None,
    unbiased: bool = True,
    mask: Any = None,
) -> Variable:
    """Normalise each channel: y = gamma * (x - mean) / sqrt(var + eps) + beta.

    In training mean and var are those of the batch, and the running statistics `mean` and `var`
    are written to: mean = decay * mean + (1 - decay) * batch mean, var likewise.

    Args:
        x: Variable or array (N, C), or with up to three axes of space after C (before it: "NHWC").
        gamma, beta: scale and shift (C,); None for 1 and 0.
        mean, var: running statistics, floating arrays (C,); None to keep none.
        decay: what remains of them; 1 minus torch's momentum.
        eps: added to var; 2e-5 is upstream's, torch has 1e-5, Keras 1e-3.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
        train: whether to use the batch's statistics; None for `Config.train`, and for True where
            there are no running ones.
        unbiased: whether the running variance divides by n - 1; False is Keras's.
        mask: booleans, the shape of x without its channels, True where x counts in training's
            statistics; None for everywhere.
    Returns:
        Variable, shape and dtype of x, laid out in memory as x.
    Raises:
        TypeError, ValueError: arguments do not fit together.
    Note: one value per channel gives beta. Neither it nor NaN changes running statistics.
    Reference: Ioffe and Szegedy 2015, "Batch normalization", algorithm 1.
    """
    x = Variable.wrap(x)
    axis = channel_axis("batch_norm", x, layout)
    gamma = per_channel("batch_norm", "gamma", gamma, x, axis)
    beta = per_channel("batch_norm", "beta", beta, x, axis)
    is_training = Config.train if train is None else train
    if mean is None and var is None and train is not False:
        is_training = True
    else:
        mean = _running("mean", mean, x, axis, is_training)
        var = _running("var", var, x, axis, is_training)
    options = {"axis": axis, "train": is_training, "unbiased": unbiased}
    function: Any = BatchNorm(mean, var, decay, eps, **options)
    if mask is not None and is_training:
        function = _Masked(function, _checked_mask(mask, x, axis))
    y = function(x, gamma, beta)
    if is_training and mean is not None and var is not None:
        function.average()
    return y


batch_nrom = batch_norm


class _Masked:
    """What a `BatchNorm` does in training, its statistics those of the places in `mask`."""

    def __init__(self, whole: BatchNorm, mask: Any) -> None:
        self.whole, self.mask = whole, mask

    def __call__(self, x: Variable, gamma: Variable, beta: Variable) -> Variable:
        whole, dtype = self.whole, floating(x.data).dtype
        wide = astype(x, "f4" if dtype.itemsize == 2 else dtype)
        axes, self.count = other_axes(x.ndim, whole.axis), self._counted()
        readable = is_readable(self.mask)
        divisor = max(self.count, 1) if readable else xp(self.mask).maximum(self.count, 1)
        mean = sum(where(self.mask, wide, 0.0), axes, True) / divisor
        shifted = wide - mean
        squares = where(self.mask, shifted * shifted, 0.0)  # NaN may be where x does not count
        var = sum(squares, axes, True) / divisor
        self.mean, self.var = (v.data.reshape(-1).astype("f8") for v in (mean, var))
        scale = by_channel(gamma, x.ndim, whole.axis) * (var + whole.eps) ** -0.5
        return astype(shifted * scale + by_channel(beta, x.ndim, whole.axis), dtype)

    def _counted(self) -> Any:
        count = self.mask.sum()
        return int(count) if is_readable(self.mask) else count

    def average(self) -> None:
        whole = self.whole
        whole.mean, whole.var, whole.count = self.mean[None], self.var[None], self.count
        whole.average()


def _averaged(old: tuple[Any, Any], mean: Any, var: Any, decay: float) -> tuple[Any, Any]:
    """Return running statistics moved towards those of a batch, where they are finite."""
    module = xp(mean)
    sound = module.isfinite(mean) & module.isfinite(var)
    moved = old[0] * decay + mean * (1 - decay), old[1] * decay + var * (1 - decay)
    return module.where(sound, moved[0], old[0]), module.where(sound, moved[1], old[1])


def _checked_mask(mask: Any, x: Variable, axis: int) -> Any:
    """Return `mask` as booleans that broadcast to x."""
    mask = placed("batch_norm", mask, x.data)
    shape = x.shape[:axis] + x.shape[axis + 1 :]
    if mask.shape != shape:
        raise ValueError(
            f"batch_norm: expected a mask of shape {shape}, that of x {describe(x)} without its "
            f"channels, got {describe(mask)}. Reshape it, or check layout."
        )
    return (mask != 0).reshape((*shape[:axis], 1, *shape[axis:]))


def _running(name: str, value: Any, x: Variable, axis: int, train: bool) -> Any:
    """Return running statistics as an array, one that can be written to in training."""
    array = value.data if isinstance(value, Variable) else value
    if not is_array(array) or array.dtype.kind != "f":
        advice = "Convert it with numpy.asarray."
        if array is None:  # without running statistics there is no other way than training's
            advice = "Give both mean and var, or neither and not train=False."
        raise TypeError(
            f"batch_norm: expected {name} as a floating array, for training writes to it, got "
            f"{describe(array)}. {advice}"
        )
    if train and not getattr(array.flags, "writeable", True):
        raise ValueError(
            f"batch_norm: expected {name} as an array to write to, got a read-only one "
            f"{describe(array)}. Give a copy, or train=False."
        )
    array = placed("batch_norm", array, x.data)
    return per_channel("batch_norm", name, array, x, axis).data

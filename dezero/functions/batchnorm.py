"""Batch normalisation: zero mean and unit variance for each channel, over batch and space."""

from typing import Any

from dezero.backend import is_array, kernels, xp
from dezero.core import Config, Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.channels import Channels, by_channel, channel_axis, other_axes, per_channel
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
    ) -> None:
        self.avg_mean, self.avg_var, self.decay, self.eps = mean, var, float(decay), float(eps)
        self.axis = axis
        self.train = mean is None or bool(Config.train if train is None else train)

    def forward(self, x: Any, gamma: Any, beta: Any) -> Any:
        x = floating(x)
        self.channels = Channels(x, self.axis)
        view = self._view(x)
        self.count = view.shape[1] * view.shape[3]
        if self.train:
            self.mean, self.var = kernels(x).channel_moments(view)
        else:  # copies: a training step in between must not change this step's gradient
            self.mean, self.var = (v.astype("f8")[None] for v in (self.avg_mean, self.avg_var))
        self.inverse = 1 / xp(x).sqrt(self.var + self.eps)
        scale, shift = gamma * self.inverse, beta.astype("f8")[None]
        if self.train:
            y = kernels(x).channel_affine(view, scale, shift, self.mean)
        else:
            y = kernels(x).channel_affine(view, scale, shift - self.mean * scale)
        return self.channels.back(y).astype(x.dtype, copy=False)

    def _view(self, x: Any) -> Any:
        # Sums and squares of float16 need float32.
        return self.channels.view(x.astype("f4") if x.dtype.itemsize == 2 else x)

    def averages(self) -> tuple[Any, Any]:
        """Return running mean and variance after this batch, float64 (C,).

        A channel whose batch holds NaN or infinity keeps what it had, and so do all if the batch
        has only one value for each: that says nothing of the variance.
        """
        old = self.avg_mean.astype("f8"), self.avg_var.astype("f8")
        if self.count < 2:
            return old
        module, (mean, var) = xp(old[0]), (self.mean[0], self.var[0])
        unbiased = self.count / (self.count - 1)
        sound = module.isfinite(mean) & module.isfinite(var)
        new = (
            old[0] * self.decay + mean * (1 - self.decay),
            old[1] * self.decay + var * (unbiased * (1 - self.decay)),
        )
        return tuple(module.where(sound, b, a) for a, b in zip(old, new, strict=True))

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
        scale = gamma.data * self.inverse
        if not self.train and not gamma.requires_grad and not beta.requires_grad:
            return self.channels.back(kernel.channel_affine(gy, scale)), None, None
        view = self._view(floating(x.data))
        total, product = kernel.channel_products(gy, view, self.mean)
        product *= self.inverse
        gx = None
        if x.requires_grad and self.train:
            by_x = scale * self.inverse * product / -max(self.count, 1)
            shift = scale * total / -max(self.count, 1) - by_x * self.mean
            gx = self.channels.back(kernel.channel_gradient(gy, view, scale, by_x, shift))
        elif x.requires_grad:
            gx = self.channels.back(kernel.channel_affine(gy, scale))
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
) -> Variable:
    """Normalise each channel: y = gamma * (x - mean) / sqrt(var + eps) + beta.

    In training mean and var are those of the batch, and the running statistics `mean` and `var`
    are written to: mean = decay * mean + (1 - decay) * batch mean, var likewise, unbiased.

    Args:
        x: Variable or array (N, C), or with up to three axes of space after C (before it: "NHWC").
        gamma, beta: scale and shift (C,); None for 1 and 0.
        mean, var: running statistics, floating arrays (C,); None to keep none.
        decay: what remains of them; 1 minus torch's momentum.
        eps: added to var; 2e-5 is upstream's, torch has 1e-5, Keras 1e-3.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
        train: whether to use the batch's statistics; None for `Config.train`, and for True where
            there are no running ones.
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
    if mean is None and var is None and train is not False:
        return BatchNorm(eps=eps, axis=axis)(x, gamma, beta)
    is_training = Config.train if train is None else train
    mean = _running("mean", mean, x, axis, is_training)
    var = _running("var", var, x, axis, is_training)
    function = BatchNorm(mean, var, decay, eps, axis=axis, train=is_training)
    y = function(x, gamma, beta)
    if is_training:
        mean[...], var[...] = function.averages()
    return y


batch_nrom = batch_norm


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
    return per_channel("batch_norm", name, array, x, axis).data

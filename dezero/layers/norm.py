"""Normalisation: of batches, groups and instances by channel, of single samples by feature."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import initializers
from dezero.core import Parameter, Variable
from dezero.core.errors import lookup
from dezero.functions import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from dezero.functions.channels import LAYOUTS, channel_axis
from dezero.initializers import Initializer
from dezero.layers import parameters
from dezero.layers.layer import Layer
from dezero.layers.members import Buffer


class _Norm(Layer):
    """Scale `gamma` and shift `beta` of shape (size,), where the first call may tell the size."""

    # What a subclass computes of x, once there is a size.
    _normed: Any

    def __init__(
        self,
        size: int | None,
        eps: float,
        dtype: DTypeLike,
        name: str | None,
        *,
        scale: bool = True,
        shift: bool = True,
    ) -> None:
        kind = type(self).__name__
        if not float(eps) > 0:
            raise ValueError(f"{kind}: expected eps > 0, got {eps}. Try 1e-5.")
        self.size, self.eps, self.name = size, float(eps), name
        self.dtype = parameters.checked_dtype(kind, dtype)
        self.gamma = Parameter(None, "gamma") if scale else None
        self.beta = Parameter(None, "beta") if shift else None
        if size is not None:
            self.size = parameters.checked_size(f"{kind}: expected size", size)
            for holder, first, kept in self._first_values():
                parameters.fill(holder, first, (self.size,), kept)

    def _first_values(self) -> list[tuple[Any, Initializer, np.dtype]]:
        """Return (Parameter or Buffer, its first values, dtype) of everything of shape (size,)."""
        values = [
            (self.gamma, initializers.Ones(), self.dtype),
            (self.beta, initializers.Zeros(), self.dtype),
        ]
        return [value for value in values if value[0] is not None]

    def _size_of(self, x: Variable) -> int:
        return parameters.last_size(self, x)

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = Variable.wrap(x)
        if self.size is not None:
            return self._normed(x)
        with parameters.learning(self):
            size = self._size_of(x)
            for holder, first, kept in self._first_values():
                if holder.data is None:
                    parameters.fill_beside(x, holder, first, (size,), kept)
            self.size = size
            return self._normed(x)

    def details(self) -> str:
        return "?" if self.size is None else str(self.size)

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        dtypes = {id(holder): kept for holder, _, kept in self._first_values()}
        return (self.size or "size",), dtypes[id(getattr(self, name))]

    def weights_loaded(self) -> None:
        self.size = self._first_values()[0][0].size

    def config(self) -> dict[str, Any]:
        return {"size": self.size, "eps": self.eps, "dtype": self.dtype.name}


class LayerNorm(_Norm):
    """y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and var over the last axis.

    Args:
        size: features on the last axis; None takes them from the first call.
        eps: keeps the root away from 0.
        dtype: floating dtype of gamma and beta, shape (size,).
        name: for people.
    Reference: Ba, Kiros and Hinton 2016, "Layer normalization", eq. 4.
    """

    def __init__(
        self,
        size: int | None = None,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(size, eps, dtype, name)

    def _normed(self, x: Variable) -> Variable:
        return layer_norm(x, self.gamma, self.beta, self.eps)


class RMSNorm(_Norm):
    """y = gamma * x / sqrt(mean(x ** 2) + eps), the mean over the last axis.

    Args:
        size: features on the last axis; None takes them from the first call.
        eps: keeps the root away from 0; 1e-6 is Keras's, torch's is the dtype's epsilon.
        dtype: floating dtype of gamma, shape (size,).
        name: for people.
    Reference: Zhang and Sennrich 2019, "Root mean square layer normalization", eq. 4.
    """

    def __init__(
        self,
        size: int | None = None,
        eps: float = 1e-6,
        dtype: DTypeLike = np.float32,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(size, eps, dtype, name, shift=False)

    def _normed(self, x: Variable) -> Variable:
        return rms_norm(x, self.gamma, self.eps)


class _ChannelNorm(_Norm):
    """A norm whose gamma and beta belong to channels, wherever the layout has them."""

    def __init__(
        self,
        size: int | None,
        eps: float,
        dtype: DTypeLike,
        name: str | None,
        *,
        layout: str,
        scale: bool,
        shift: bool,
    ) -> None:
        lookup(f"{type(self).__name__}: layout", layout, LAYOUTS)
        self.layout = layout
        super().__init__(size, eps, dtype, name, scale=scale, shift=shift)

    def _size_of(self, x: Variable) -> int:
        kind = type(self).__name__
        size = x.shape[channel_axis(kind, x, self.layout)]
        if not size:
            raise ValueError(
                f"{kind}: expected x with at least one channel, got shape {x.shape} with layout "
                f"{self.layout}. Give data of shape (N, C), or check layout."
            )
        return size

    def details(self) -> str:
        parts = [super().details()]
        parts += [self.layout] if self.layout != "NCHW" else []
        parts += ["no scale"] if self.gamma is None else []
        parts += ["no shift"] if self.beta is None else []
        return ", ".join(parts)

    def config(self) -> dict[str, Any]:
        return {
            **super().config(),
            "layout": self.layout,
            "scale": self.gamma is not None,
            "shift": self.beta is not None,
        }


class BatchNorm(_ChannelNorm):
    """y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and var of each channel over the batch.

    In `test_mode()`, and where the layer is frozen (`trainable = False`), mean and var are the
    running statistics `avg_mean` and `avg_var`, Buffers that training moves towards the batch's.

    Args:
        size: channels; None takes them from the first call.
        decay: what remains of running statistics at a step; 1 minus torch's momentum.
        eps: keeps the root away from 0; 2e-5 is upstream's, torch has 1e-5, Keras 1e-3.
        dtype: floating dtype of gamma and beta; running statistics are never less than float32.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
        scale, shift: whether there are gamma and beta.
        name: for people.
    Note: NaN or infinity in a channel leaves its running statistics as they are.
    Reference: Ioffe and Szegedy 2015, "Batch normalization", algorithms 1 and 2.
    """

    def __init__(
        self,
        size: int | None = None,
        decay: float = 0.9,
        eps: float = 2e-5,
        dtype: DTypeLike = np.float32,
        *,
        layout: str = "NCHW",
        scale: bool = True,
        shift: bool = True,
        name: str | None = None,
    ) -> None:
        if not 0 <= float(decay) <= 1:
            raise ValueError(
                f"BatchNorm: expected decay from 0 to 1, got {decay}. It is what remains of the "
                "running statistics: 0.9 for torch's momentum 0.1."
            )
        self.decay = float(decay)
        self.avg_mean, self.avg_var = Buffer(None, "avg_mean"), Buffer(None, "avg_var")
        super().__init__(size, eps, dtype, name, layout=layout, scale=scale, shift=shift)

    def _normed(self, x: Variable) -> Variable:
        return batch_norm(
            x,
            self.gamma,
            self.beta,
            self.avg_mean,
            self.avg_var,
            self.decay,
            self.eps,
            layout=self.layout,
            train=None if self._trainable else False,
        )

    def _first_values(self) -> list[tuple[Any, Initializer, np.dtype]]:
        kept = np.promote_types(self.dtype, np.float32)
        return [
            (self.avg_mean, initializers.Zeros(), kept),
            (self.avg_var, initializers.Ones(), kept),
            *super()._first_values(),
        ]

    def config(self) -> dict[str, Any]:
        return {"decay": self.decay, **super().config()}


class GroupNorm(_ChannelNorm):
    """y = gamma * (x - mean) / sqrt(var + eps) + beta, mean and var of each group of channels.

    Args:
        groups: into how many groups of neighbours the channels of a sample are divided.
        size: channels; None takes them from the first call.
        eps: keeps the root away from 0; 1e-5 is torch's, Keras has 1e-3.
        dtype: floating dtype of gamma and beta.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
        scale, shift: whether there are gamma and beta.
        name: for people.
    Reference: Wu and He 2018, "Group normalization", eq. 1-7.
    """

    def __init__(
        self,
        groups: int,
        size: int | None = None,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
        *,
        layout: str = "NCHW",
        scale: bool = True,
        shift: bool = True,
        name: str | None = None,
    ) -> None:
        self.groups = parameters.checked_size("GroupNorm: expected groups", groups)
        super().__init__(size, eps, dtype, name, layout=layout, scale=scale, shift=shift)
        if self.size is not None and self.size % self.groups:
            raise ValueError(
                f"GroupNorm: expected groups to divide size, got {groups} groups of {size} "
                "channels. Take a divisor."
            )

    def _normed(self, x: Variable) -> Variable:
        return group_norm(x, self.groups, self.gamma, self.beta, self.eps, layout=self.layout)

    def details(self) -> str:
        return f"{self.groups} groups of {super().details()}"

    def config(self) -> dict[str, Any]:
        return {"groups": self.groups, **super().config()}


class InstanceNorm(_ChannelNorm):
    """y = (x - mean) / sqrt(var + eps), mean and var of each channel of each sample.

    Args:
        size: channels; None takes them from the first call.
        eps: keeps the root away from 0; 1e-5 is torch's.
        dtype: floating dtype of gamma and beta.
        layout: "NCHW" for channels on axis 1, "NHWC" for channels last, with any number of axes.
        scale, shift: whether there are gamma and beta for each channel; as in torch not by itself.
        name: for people.
    Reference: Ulyanov et al. 2016, "Instance normalization", eq. 3.
    """

    def __init__(
        self,
        size: int | None = None,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
        *,
        layout: str = "NCHW",
        scale: bool = False,
        shift: bool = False,
        name: str | None = None,
    ) -> None:
        super().__init__(size, eps, dtype, name, layout=layout, scale=scale, shift=shift)

    def _normed(self, x: Variable) -> Variable:
        return instance_norm(x, self.gamma, self.beta, self.eps, layout=self.layout)

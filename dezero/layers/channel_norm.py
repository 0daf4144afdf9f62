"""Normalisation of channels: over the batch."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import initializers
from dezero.core import Parameter, Variable
from dezero.core.errors import lookup
from dezero.functions import batch_norm
from dezero.functions.channels import LAYOUTS, channel_axis
from dezero.initializers import Initializer
from dezero.layers import parameters
from dezero.layers.layer import Layer
from dezero.layers.members import Buffer


class _ChannelNorm(Layer):
    """Scale `gamma` and shift `beta` of each channel, whose number the first call may tell."""

    def __init__(
        self,
        size: int | None,
        eps: float,
        dtype: DTypeLike,
        *,
        layout: str,
        scale: bool,
        shift: bool,
        name: str | None,
    ) -> None:
        kind = type(self).__name__
        if not float(eps) > 0:
            raise ValueError(f"{kind}: expected eps > 0, got {eps}. Try 1e-5.")
        lookup(f"{kind}: layout", layout, LAYOUTS)
        self.size, self.eps, self.layout, self.name = size, float(eps), layout, name
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

    def _ready(self, x: Any) -> Variable:
        """Return `x` as a Variable, and take the number of channels from it if that is open."""
        x = Variable.wrap(x)
        if self.size is None:
            kind = type(self).__name__
            size = x.shape[channel_axis(kind, x, self.layout)]
            if not size:
                raise ValueError(
                    f"{kind}: expected x with at least one channel, got shape {x.shape} with "
                    f"layout {self.layout}. Give data of shape (N, C), or check layout."
                )
            for holder, first, dtype in self._first_values():
                if holder.data is None:
                    parameters.fill_beside(x, holder, first, (size,), dtype)
            self.size = size
        return x

    def details(self) -> str:
        parts = ["?" if self.size is None else str(self.size)]
        parts += [self.layout] if self.layout != "NCHW" else []
        parts += ["no scale"] if self.gamma is None else []
        parts += ["no shift"] if self.beta is None else []
        return ", ".join(parts)

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        dtypes = {id(holder): dtype for holder, _, dtype in self._first_values()}
        return (self.size or "size",), dtypes[id(getattr(self, name))]

    def weights_loaded(self) -> None:
        self.size = self._first_values()[0][0].size

    def config(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "eps": self.eps,
            "dtype": self.dtype.name,
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
        super().__init__(size, eps, dtype, layout=layout, scale=scale, shift=shift, name=name)

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return batch_norm(
            self._ready(x),
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
        dtype = np.promote_types(self.dtype, np.float32)
        return [
            (self.avg_mean, initializers.Zeros(), dtype),
            (self.avg_var, initializers.Ones(), dtype),
            *super()._first_values(),
        ]

    def config(self) -> dict[str, Any]:
        return {"decay": self.decay, **super().config()}

"""Transposed convolutions as Keras has them: Conv1DTranspose, Conv2DTranspose."""

from typing import Any

from dezero import functions as F
from dezero.functions.windows import sizes
from dezero.keras.layers.convolutional import TURNED, BaseConv


class Conv2DTranspose(BaseConv):
    """Transposed convolution of pictures, kernel (KH, KW, filters, in).

    Args:
        filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias
            and what follows: as in `Conv2D`.
        output_padding: rows and columns to add to the smallest result of padding "valid"; None for
            the sizes that Keras chooses.
    """

    fields = (
        "filters", "kernel_size", "strides", "padding", "output_padding", "data_format",
        "dilation_rate", "activation", "use_bias",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        output_padding: Any = None,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        window = filters, kernel_size, strides, padding, data_format, dilation_rate
        first = kernel_initializer, bias_initializer
        penalties = kernel_regularizer, bias_regularizer, activity_regularizer
        limits = kernel_constraint, bias_constraint
        super().__init__(*window, 1, activation, use_bias, *first, *penalties, *limits, **kwargs)
        kind = type(self).__name__
        self.output_padding: Any = None
        if output_padding is not None:
            self.output_padding = sizes(kind, "output_padding", output_padding, self.rank, 0)
            if any(p >= s for p, s in zip(self.output_padding, self.strides, strict=True)):
                raise ValueError(
                    f"{kind}: expected output_padding below strides {self.strides}, got "
                    f"{output_padding}. Each stride leaves so many sizes open."
                )

    def build(self, input_shape: Any) -> None:
        """Make the kernel (*window, filters, in) and the bias (filters,)."""
        channels = self._channels(input_shape)
        self.kernel = self._weight("kernel", (*self.kernel_size, self.filters, channels))
        self.bias = self._weight("bias", (self.filters,)) if self.use_bias else None

    def _places(self, input_shape: Any) -> tuple:
        first = 1 if self.is_last else 2
        sizes = input_shape[first : first + self.rank]
        return tuple(None if n is None else self._size(i, n) for i, n in enumerate(sizes))

    def _size(self, axis: int, n: int) -> int:
        """Return how long Keras makes what was n long."""
        stride = self.strides[axis]
        reach = (self.kernel_size[axis] - 1) * self.dilation_rate[axis] + 1
        if self.output_padding is None:
            return n * stride + (0 if self.padding == "same" else max(reach - stride, 0))
        cut = 2 * (reach // 2) if self.padding == "same" else 0
        return (n - 1) * stride + reach - cut + self.output_padding[axis]

    def call(self, inputs: Any) -> Any:
        """Return the activation of the transposed convolution of `inputs`."""
        W = self.kernel if self.is_last else F.transpose(self.kernel, TURNED[self.rank])
        size = self._places(inputs.shape)
        function = F.deconv1d if self.rank == 1 else F.deconv2d
        outsize = size[0] if self.rank == 1 else size
        options = {"pad": self.padding, "outsize": outsize, **self._window_options()}
        return self._activated(function(inputs, W, self.bias, **options))


class Conv1DTranspose(Conv2DTranspose):
    """Transposed convolution of sequences, kernel (K, filters, in); see `Conv2DTranspose`."""

    rank = 1


Convolution1DTranspose, Convolution2DTranspose = Conv1DTranspose, Conv2DTranspose

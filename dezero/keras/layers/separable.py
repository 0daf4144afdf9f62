"""Convolutions channel by channel: DepthwiseConv and SeparableConv, of pictures and sequences."""

from typing import Any

from dezero import functions as F
from dezero.functions.windows import sizes
from dezero.keras import activations
from dezero.keras.layers.convolutional import TURNED, Windowed


class _ByChannel(Windowed):
    """A convolution that gives each channel `depth_multiplier` kernels of its own."""

    depth_multiplier: int

    def _depthwise(self, inputs: Any, W: Any, bias: Any = None) -> Any:
        """Convolve each channel of `inputs` by its kernels, W (*window, in, multiplier)."""
        channels, several = W.shape[-2:]
        W = F.reshape(W, (*self.kernel_size, 1, channels * several))
        W = W if self.is_last else F.transpose(W, TURNED[self.rank])
        function = F.conv1d if self.rank == 1 else F.conv2d
        options = {"pad": self.padding, "groups": channels, **self._window_options()}
        return function(inputs, W, bias, **options)


class DepthwiseConv2D(_ByChannel):
    """Convolution of each channel by its own kernels, (KH, KW, in, depth_multiplier).

    Args:
        kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias: as in
            `Conv2D`.
        depth_multiplier: kernels of each channel.
        depthwise_initializer, depthwise_regularizer, depthwise_constraint, bias_initializer,
            bias_regularizer, bias_constraint, activity_regularizer: as in `Dense`.
    """

    fields = (
        "kernel_size", "strides", "padding", "depth_multiplier", "data_format", "dilation_rate",
        "activation", "use_bias",
    )  # fmt: skip
    roles = ("depthwise", "bias")
    kernel: Any = None
    bias: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Any = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        kind = type(self).__name__
        window = {"data_format": data_format, "dilation_rate": dilation_rate}
        self._set_window(kernel_size, strides, padding, **window)
        self.depth_multiplier = sizes(kind, "depth_multiplier", depth_multiplier, 1, 1)[0]
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self._set_roles(
            depthwise=(depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            bias=(bias_initializer, bias_regularizer, bias_constraint),
        )

    def build(self, input_shape: Any) -> None:
        """Make the kernel (*window, in, depth_multiplier) and the bias."""
        channels, several = self._channels(input_shape), self.depth_multiplier
        shape = (*self.kernel_size, channels, several)
        self.kernel = self._weight("depthwise", shape, name="kernel")
        self.bias = self._weight("bias", (channels * several,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """Return the activation of the convolutions of `inputs`."""
        return self._activated(self._depthwise(inputs, self.kernel, self.bias))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs, None where it is not known."""
        channels = self._channels(input_shape) * self.depth_multiplier
        return self._shape_with(input_shape, self._places(input_shape), channels)


class DepthwiseConv1D(DepthwiseConv2D):
    """Convolution of each channel of sequences by its own kernels; see `DepthwiseConv2D`."""

    rank = 1
    paddings = ("valid", "same", "causal")


class SeparableConv2D(_ByChannel):
    """Convolution of each channel by its own kernels, then of all channels pixel by pixel.

    Args:
        filters, kernel_size, strides, padding, data_format, dilation_rate, activation, use_bias: as
            in `Conv2D`.
        depth_multiplier: kernels of each channel.
        depthwise_initializer, pointwise_initializer and so on: as in `Dense`, of the kernels
            (KH, KW, in, depth_multiplier) and (1, 1, in * depth_multiplier, filters).
    """

    fields = (
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
        "depth_multiplier", "activation", "use_bias",
    )  # fmt: skip
    roles = ("depthwise", "pointwise", "bias")
    depthwise_kernel: Any = None
    pointwise_kernel: Any = None
    bias: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        kind = type(self).__name__
        self.filters = sizes(kind, "filters", filters, 1, 1)[0]
        window = {"data_format": data_format, "dilation_rate": dilation_rate}
        self._set_window(kernel_size, strides, padding, **window)
        self.depth_multiplier = sizes(kind, "depth_multiplier", depth_multiplier, 1, 1)[0]
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self._set_roles(
            depthwise=(depthwise_initializer, depthwise_regularizer, depthwise_constraint),
            pointwise=(pointwise_initializer, pointwise_regularizer, pointwise_constraint),
            bias=(bias_initializer, bias_regularizer, bias_constraint),
        )

    def build(self, input_shape: Any) -> None:
        """Make the two kernels and the bias."""
        channels, several = self._channels(input_shape), self.depth_multiplier
        shape = (*self.kernel_size, channels, several)
        self.depthwise_kernel = self._weight("depthwise", shape, name="depthwise_kernel")
        shape = (*(1,) * self.rank, channels * several, self.filters)
        self.pointwise_kernel = self._weight("pointwise", shape, name="pointwise_kernel")
        self.bias = self._weight("bias", (self.filters,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """Return the activation of both convolutions of `inputs`."""
        y = self._depthwise(inputs, self.depthwise_kernel)
        W: Any = self.pointwise_kernel
        W = W if self.is_last else F.transpose(W, TURNED[self.rank])
        function = F.conv1d if self.rank == 1 else F.conv2d
        return self._activated(function(y, W, self.bias, layout=self.layout))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs, None where it is not known."""
        self._channels(input_shape)
        return self._shape_with(input_shape, self._places(input_shape), self.filters)


class SeparableConv1D(SeparableConv2D):
    """Separable convolution of sequences; padding may be "causal". See `SeparableConv2D`."""

    rank = 1
    paddings = ("valid", "same", "causal")


SeparableConvolution1D, SeparableConvolution2D = SeparableConv1D, SeparableConv2D

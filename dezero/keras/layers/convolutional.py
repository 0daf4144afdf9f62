"""Convolutions as Keras has them, of pictures and sequences: Conv1D, Conv2D."""

from typing import Any, ClassVar

from dezero import functions as F
from dezero.functions.windows import output_shape, paddings, sizes
from dezero.keras import activations
from dezero.keras.layers.weighted import Weighted, checked_format, checked_words

# Axes of a kernel (*window, in, out) as the functions want them where channels are first.
TURNED = {1: (2, 1, 0), 2: (3, 2, 0, 1)}
LAYOUTS = {1: ("NLC", "NCL"), 2: ("NHWC", "NCHW")}


class Windowed(Weighted):
    """What layers with a sliding window share: its settings, and the shape of the outputs."""

    rank: ClassVar[int] = 2
    paddings: ClassVar[tuple[str, ...]] = ("valid", "same")
    kernel_size: tuple[int, ...]
    strides: tuple[int, ...]
    dilation_rate: tuple[int, ...]

    def _set_window(self, kernel_size: Any, strides: Any, padding: Any, **others: Any) -> None:
        """Check and keep the settings; `others` are data_format and dilation_rate."""
        kind = type(self).__name__
        self.kernel_size = sizes(kind, "kernel_size", kernel_size, self.rank, 1)
        self.strides = sizes(kind, "strides", strides, self.rank, 1)
        self.padding = checked_words(kind, "padding", padding, self.paddings)
        self.data_format = checked_format(kind, others["data_format"])
        dilation_rate = others.get("dilation_rate", 1)
        self.dilation_rate = sizes(kind, "dilation_rate", dilation_rate, self.rank, 1)

    @property
    def is_last(self) -> bool:
        """Whether the channels are on the last axis."""
        return self.data_format == "channels_last"

    @property
    def layout(self) -> str:
        """Order of the axes in the functions' words."""
        return LAYOUTS[self.rank][0 if self.is_last else 1]

    def _channels(self, input_shape: Any) -> int:
        """Return the number of channels; ValueError if that, or the number of axes, is unknown."""
        channels = input_shape[-1 if self.is_last else 1] if len(input_shape) > 1 else None
        if len(input_shape) != self.rank + 2 or channels is None:
            raise ValueError(
                f"{type(self).__name__}: expected an input with {self.rank + 2} axes, "
                f"{self.data_format}, whose number of channels is known, got {input_shape}. "
                "Give input_shape, or add the missing axes with Reshape."
            )
        return channels

    def _window_options(self) -> dict[str, Any]:
        """Return stride, dilation and layout as the functions take them."""
        one = self.rank == 1
        return {
            "stride": self.strides[0] if one else self.strides,
            "dilation": self.dilation_rate[0] if one else self.dilation_rate,
            "layout": self.layout,
        }

    def _shape_with(self, input_shape: Any, places: Any, channels: int) -> tuple:
        """Return the shape of outputs: `places` along the window's axes, and the channels."""
        if self.is_last:
            return (input_shape[0], *places, channels)
        return (input_shape[0], channels, *places)

    def _places(self, input_shape: Any) -> tuple:
        """Return how often the window fits along each axis, None where that is not known."""
        first = 1 if self.is_last else 2
        found: list[int | None] = []
        for axis in range(self.rank):
            size = input_shape[first + axis]
            kernel, stride = (self.kernel_size[axis],), (self.strides[axis],)
            steps = {"stride": stride, "dilation": (self.dilation_rate[axis],)}
            if size is None:
                found.append(None)
                continue
            pad: Any = self.padding
            if pad == "causal":
                pad = (((kernel[0] - 1) * self.dilation_rate[axis], 0),)
            kind = type(self).__name__
            pads = paddings(kind, pad, (size,), kernel, **steps)
            dilation = steps["dilation"]
            found += output_shape(kind, (size,), kernel, stride, pads=pads, dilation=dilation)
        return tuple(found)


class BaseConv(Windowed):
    """A convolution with one kernel: its arguments are those of `Conv2D`."""

    fields = (
        "filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups",
        "activation", "use_bias",
    )  # fmt: skip
    roles = ("kernel", "bias")
    kernel: Any = None
    bias: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        filters: int,
        kernel_size: Any,
        strides: Any = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Any = 1,
        groups: int = 1,
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
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        kind = type(self).__name__
        self.filters = sizes(kind, "filters", filters, 1, 1)[0]
        window = {"data_format": data_format, "dilation_rate": dilation_rate}
        self._set_window(kernel_size, strides, padding, **window)
        self.groups = sizes(kind, "groups", groups, 1, 1)[0]
        if self.filters % self.groups:
            raise ValueError(
                f"{kind}: expected filters in {groups} equal groups, got {filters}. "
                "Change groups or filters."
            )
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self._set_roles(
            kernel=(kernel_initializer, kernel_regularizer, kernel_constraint),
            bias=(bias_initializer, bias_regularizer, bias_constraint),
        )

    def build(self, input_shape: Any) -> None:
        """Make the kernel (*window, in / groups, filters) and the bias (filters,)."""
        channels = self._channels(input_shape)
        if channels % self.groups:
            raise ValueError(
                f"{type(self).__name__}: expected input channels in {self.groups} equal groups, "
                f"got input {input_shape}. Change groups."
            )
        ends = channels // self.groups, self.filters
        self.kernel = self._weight("kernel", (*self.kernel_size, *ends))
        self.bias = self._weight("bias", (self.filters,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """Return the activation of the convolution of `inputs`."""
        W = self.kernel if self.is_last else F.transpose(self.kernel, TURNED[self.rank])
        function = F.conv1d if self.rank == 1 else F.conv2d
        options = {"pad": self.padding, "groups": self.groups, **self._window_options()}
        if self.rank == 2 and self.activation is activations.relu:
            return F.conv2d_relu(inputs, W, self.bias, **options)
        return self._activated(function(inputs, W, self.bias, **options))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs, None where it is not known."""
        self._channels(input_shape)
        return self._shape_with(input_shape, self._places(input_shape), self.filters)


class Conv2D(BaseConv):
    """Convolution of pictures by kernels (KH, KW, in / groups, filters).

    Args:
        filters: channels of the outputs.
        kernel_size, strides, dilation_rate: int or pair.
        padding: "valid" or "same", with one more after than before where it is uneven.
        data_format: "channels_last" (the default) or "channels_first".
        groups: the channels fall into as many groups that do not see each other.
        activation: function or its name.
        use_bias: whether there is a bias.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer,
            activity_regularizer, kernel_constraint, bias_constraint: as in `Dense`.
    """


class Conv1D(BaseConv):
    """Convolution of sequences (N, T, C); padding may also be "causal". See `Conv2D`."""

    rank = 1
    paddings = ("valid", "same", "causal")


Convolution1D, Convolution2D = Conv1D, Conv2D

"""Pooling as Keras has it, of pictures and sequences, by windows and global."""

from typing import Any, ClassVar

from dezero import functions as F
from dezero.core import as_array
from dezero.keras.layers.convolutional import LAYOUTS, Windowed
from dezero.keras.layers.weighted import Weighted, checked_format


class _Pooling(Windowed):
    """Pooling by a window that slides: its size, strides (None: its size) and padding.

    Args:
        pool_size, strides: int, or one for each axis.
        padding: "valid" or "same".
        data_format: "channels_last" (the default) or "channels_first".
    """

    fields = ("pool_size", "strides", "padding", "data_format")
    function: ClassVar[Any]

    def __init__(
        self,
        pool_size: Any = 2,
        strides: Any = None,
        padding: str = "valid",
        data_format: str | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name=name, **kwargs)
        steps = pool_size if strides is None else strides
        self._set_window(pool_size, steps, padding, data_format=data_format)
        self.pool_size = self.kernel_size

    def call(self, inputs: Any) -> Any:
        """Return what the window finds."""
        window: Any = self.pool_size, self.strides
        if self.rank == 1:
            window = self.pool_size[0], self.strides[0]
        return type(self).function(inputs, *window, self.padding, layout=self.layout)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs, None where it is not known."""
        shape = tuple(input_shape)
        channels = shape[-1 if self.is_last else 1]
        return self._shape_with(shape, self._places(shape), channels)


def _mean_2d(*window: Any, layout: str) -> Any:
    return F.average_pooling(*window, count_include_pad=False, layout=layout)


def _mean_1d(*window: Any, layout: str) -> Any:
    return F.average_pooling1d(*window, count_include_pad=False, layout=layout)


class MaxPooling2D(_Pooling):
    """The largest pixel under a window; see `AveragePooling2D` for the arguments."""

    function = staticmethod(F.pooling)


class MaxPooling1D(_Pooling):
    """The largest element under a window of sequences (N, T, C)."""

    rank = 1
    function = staticmethod(F.pooling1d)


class AveragePooling2D(_Pooling):
    """The mean of the pixels under a window; padding does not count.

    Args:
        pool_size, strides: int or pair; strides None for the window's size.
        padding: "valid" or "same".
        data_format: "channels_last" (the default) or "channels_first".
    """

    function = staticmethod(_mean_2d)


class AveragePooling1D(_Pooling):
    """The mean of the elements under a window of sequences (N, T, C)."""

    rank = 1
    function = staticmethod(_mean_1d)


class _Global(Weighted):
    """Pooling over all pixels or times.

    Args:
        data_format: "channels_last" (the default) or "channels_first".
        keepdims: keep the axes with size 1.
    """

    fields = ("data_format", "keepdims")
    rank: ClassVar[int] = 2
    function: ClassVar[Any]

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_format(type(self).__name__, data_format)
        self.keepdims = bool(keepdims)

    @property
    def _layout(self) -> str:
        return LAYOUTS[self.rank][0 if self.data_format == "channels_last" else 1]

    def call(self, inputs: Any) -> Any:
        """Return one number for each channel."""
        return type(self).function(inputs, keepdims=self.keepdims, layout=self._layout)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return (N, C), or the shape with axes of size 1."""
        last = self.data_format == "channels_last"
        ends = input_shape[0], input_shape[-1 if last else 1]
        if not self.keepdims:
            return ends
        ones = (1,) * self.rank
        return (ends[0], *ones, ends[1]) if last else (*ends, *ones)


class GlobalMaxPooling2D(_Global):
    """The largest pixel of each channel."""

    function = staticmethod(F.global_max_pooling)


class GlobalAveragePooling2D(_Global):
    """The mean of the pixels of each channel."""

    function = staticmethod(F.global_average_pooling)


class GlobalMaxPooling1D(_Global):
    """The largest element of each channel over time."""

    rank = 1
    function = staticmethod(F.global_max_pooling)


class GlobalAveragePooling1D(_Global):
    """The mean of each channel over time; with a mask, over the times that count."""

    rank = 1
    function = staticmethod(F.global_average_pooling)
    supports_masking = True

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return one number for each channel."""
        if mask is None:
            return super().call(inputs)
        axis = 1 if self.data_format == "channels_last" else 2
        keep = as_array(mask) != 0
        keep = keep[:, :, None] if axis == 1 else keep[:, None, :]
        total = F.sum(F.where(keep, inputs, 0.0), axis, self.keepdims)
        return total / keep.sum(axis, keepdims=self.keepdims).clip(1).astype(total.dtype)

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Return None: there are no times any more."""


MaxPool1D, MaxPool2D = MaxPooling1D, MaxPooling2D
AvgPool1D, AvgPool2D = AveragePooling1D, AveragePooling2D
GlobalMaxPool1D, GlobalMaxPool2D = GlobalMaxPooling1D, GlobalMaxPooling2D
GlobalAvgPool1D, GlobalAvgPool2D = GlobalAveragePooling1D, GlobalAveragePooling2D

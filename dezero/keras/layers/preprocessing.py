"""Layers that prepare inputs: Rescaling, Resizing, CenterCrop, Normalization."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import backend_of, to_host
from dezero.core import Config, Variable, as_array
from dezero.core.errors import describe
from dezero.functions.windows import sizes
from dezero.keras.layers.weighted import Weighted, checked_format, checked_words, plain

# What Keras 3 takes to make pictures of another size.
INTERPOLATIONS = ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5")


def floats(x: Any) -> Any:
    """Return x as a Variable of a floating dtype."""
    x = Variable.wrap(x)
    return x if x.dtype.kind == "f" else Variable.constant(x.data.astype(Config.dtype))


class Rescaling(Weighted):
    """y = x * scale + offset, such as Rescaling(1 / 255) for pixels.

    Args:
        scale, offset: numbers, or one for each channel.
    """

    fields = ("scale", "offset")
    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        """Return the inputs, scaled."""
        x = floats(inputs)
        y = x * _like(self.scale, x)
        return y + _like(self.offset, x) if np.any(self.offset) else y

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        lists = {name: plain(np.asarray(getattr(self, name)).tolist()) for name in self.fields}
        return super().get_config() | lists


def pictures(kind: str, x: Any) -> Any:
    """Return floats of pictures (N, H, W, C) or (H, W, C).

    Raises:
        ValueError: x has another number of axes.
    """
    x = floats(x)
    if x.ndim not in (3, 4):
        raise ValueError(
            f"{kind}: expected pictures (N, H, W, C), or one (H, W, C), got shape {x.shape}. "
            "Add the missing axes with Reshape."
        )
    return x


def _like(value: Any, x: Any) -> Any:
    """Return a number as it is, several as an array on the device of x."""
    if np.ndim(value) == 0:
        return float(value)
    return backend_of(x.data).from_host(np.asarray(value, x.dtype))


class Resizing(Weighted):
    """Pictures (N, H, W, C) or (H, W, C) of another size.

    Args:
        height, width: the new size.
        interpolation: "bilinear", "nearest", "bicubic", "area", "lanczos3" or "lanczos5".
        crop_to_aspect_ratio: cut borders off rather than change the proportions.
        pad_to_aspect_ratio: add borders of fill_value rather than change the proportions.
        fill_mode: "constant".
        fill_value: of the borders.
        antialias: whether pictures that get smaller are smoothed.
        data_format: "channels_last" (the default) or "channels_first".
    """

    fields = (
        "height", "width", "interpolation", "crop_to_aspect_ratio", "pad_to_aspect_ratio",
        "fill_mode", "fill_value", "antialias", "data_format",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.height, self.width = sizes("Resizing", "size", (height, width), 2, 1)
        self.interpolation = checked_words(
            "Resizing", "interpolation", interpolation, INTERPOLATIONS
        )
        self.fill_mode = checked_words("Resizing", "fill_mode", fill_mode, ("constant",))
        if crop_to_aspect_ratio and pad_to_aspect_ratio:
            raise ValueError(
                "Resizing: expected one of crop_to_aspect_ratio and pad_to_aspect_ratio, got both. "
                "Leave one out."
            )
        self.crop_to_aspect_ratio = bool(crop_to_aspect_ratio)
        self.pad_to_aspect_ratio = bool(pad_to_aspect_ratio)
        self.fill_value, self.antialias = float(fill_value), bool(antialias)
        self.data_format = checked_format("Resizing", data_format)

    def call(self, inputs: Any) -> Any:
        """Return the pictures in their new size."""
        x = pictures("Resizing", inputs)
        if x.ndim == 3:
            return self.call(F.expand_dims(x, 0))[0]
        last = self.data_format == "channels_last"
        layout = "NHWC" if last else "NCHW"
        h, w = x.shape[1:3] if last else x.shape[2:]
        if self.crop_to_aspect_ratio:
            x = cropped(x, *self._fitting(h, w, min), layout=layout)
        elif self.pad_to_aspect_ratio:
            tall, wide = self._fitting(h, w, max)
            border = ((tall - h) // 2,) * 2, ((wide - w) // 2,) * 2
            x = F.pad2d(x, border, value=self.fill_value, layout=layout)
        words = {"antialias": self.antialias, "layout": layout}
        return F.resize2d(x, (self.height, self.width), self.interpolation, **words)

    def _fitting(self, h: int, w: int, choose: Any) -> tuple[int, int]:
        """Return height and width in the proportions wanted, the smaller or larger ones."""
        tall = max(choose(h, int(np.float32(w * self.height) / self.width)), 1)
        wide = max(choose(w, int(np.float32(h * self.width) / self.height)), 1)
        return tall, wide

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the new shape."""
        *lead, a, b, c = input_shape
        last = self.data_format == "channels_last"
        return (*lead, self.height, self.width, c) if last else (*lead, a, self.height, self.width)


def cropped(x: Any, height: int, width: int, *, layout: str) -> Any:
    """Return the middle of pictures."""
    h, w = x.shape[1:3] if layout == "NHWC" else x.shape[2:]
    top, left = (h - height) // 2, (w - width) // 2
    places = (slice(top, top + height), slice(left, left + width))
    lead = (slice(None),) * (1 if layout == "NHWC" else 2)
    return F.get_item(x, (*lead, *places))


class CenterCrop(Weighted):
    """The middle of pictures; smaller ones are made larger, with their proportions.

    Args:
        height, width: the new size.
        data_format: "channels_last" (the default) or "channels_first".
    """

    fields = ("height", "width", "data_format")

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.height, self.width = sizes("CenterCrop", "size", (height, width), 2, 1)
        self.data_format = checked_format("CenterCrop", data_format)

    def call(self, inputs: Any) -> Any:
        """Return the middle of the pictures."""
        x = pictures("CenterCrop", inputs)
        if x.ndim == 3:
            return self.call(F.expand_dims(x, 0))[0]
        layout = "NHWC" if self.data_format == "channels_last" else "NCHW"
        h, w = x.shape[1:3] if layout == "NHWC" else x.shape[2:]
        if h >= self.height and w >= self.width:
            return cropped(x, self.height, self.width, layout=layout)
        words = {"crop_to_aspect_ratio": True, "data_format": self.data_format}
        return Resizing(self.height, self.width, **words, name="resizing").call(x)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the new shape."""
        *lead, a, b, c = input_shape
        last = self.data_format == "channels_last"
        return (*lead, self.height, self.width, c) if last else (*lead, a, self.height, self.width)


class Normalization(Weighted):
    """y = (x - mean) / sqrt(variance), both given or learnt from data by `adapt`.

    Args:
        axis: axes that keep numbers of their own, counted with the batch; None for one of all.
        mean, variance: numbers or arrays; None until `adapt`.
        invert: the way back, y = x * sqrt(variance) + mean.
    """

    fields = ("axis", "invert")
    mean: Any = None
    variance: Any = None

    def __init__(
        self,
        axis: Any = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if (mean is None) != (variance is None):
            raise ValueError(
                f"Normalization: expected both mean and variance or neither, got {mean} and "
                f"{variance}. Leave both to adapt."
            )
        axes = () if axis is None else axis
        self.axis = tuple(axes) if isinstance(axes, list | tuple) else (int(axes),)
        self.invert, self.input_mean, self.input_variance = bool(invert), mean, variance
        self._set_roles(mean=("zeros",), variance=("ones",), count=("zeros",))

    def _kept(self, ndim: int) -> tuple[int, ...]:
        return tuple(sorted(a % ndim for a in self.axis))

    def build(self, input_shape: Any) -> None:
        """Make room for mean and variance, of the shape of the inputs along `axis`."""
        shape = tuple(input_shape[a] for a in self._kept(len(input_shape)))
        if None in shape:
            raise ValueError(
                f"Normalization: expected sizes that are known along axis {self.axis}, got "
                f"{tuple(input_shape)}. Give input_shape."
            )
        if self.input_mean is None:
            self.mean = self._weight("mean", shape, trainable=False)
            self.variance = self._weight("variance", shape, trainable=False)
            self.count = self._weight("count", (), trainable=False)
        else:
            given = self.input_mean, self.input_variance
            for value in map(np.shape, given):
                if len(value) > len(shape) or any(
                    n not in (1, m) for n, m in zip(value[::-1], shape[::-1], strict=False)
                ):
                    raise ValueError(
                        f"Normalization: expected mean and variance that fit {shape}, the sizes "
                        f"of inputs {tuple(input_shape)} along axis {self.axis}, got {value}."
                    )
            self.mean, self.variance = (
                np.broadcast_to(np.asarray(v, np.float32), shape).copy() for v in given
            )

    def adapt(self, data: Any) -> None:
        """Set mean and variance to those of an array, or of an iterable of batches."""
        if self.input_mean is not None:
            raise ValueError(
                "Normalization.adapt: expected a layer without mean and variance, got given ones. "
                "Leave them out."
            )
        whole = isinstance(data, Variable | np.ndarray) or not isinstance(data, Iterable)
        count, mean, square = 0, np.float64(0), np.float64(0)
        for batch in [data] if whole else data:
            x = to_host(as_array(batch[0] if isinstance(batch, tuple) else batch))
            x = np.asarray(x, np.float64)
            kept = self._kept(x.ndim)
            axes = tuple(i for i in range(x.ndim) if i not in kept)
            n = x.size // max(int(np.prod([x.shape[a] for a in kept])), 1)
            if not n:
                continue
            # Chan et al. 1979: the squares about the mean of two parts together.
            of_batch = x.mean(axes)
            about = ((x - np.expand_dims(of_batch, axes)) ** 2).sum(axes)
            step = of_batch - mean
            square = square + about + step**2 * (count * n / (count + n))
            mean, count = mean + step * (n / (count + n)), count + n
            shape = x.shape
        if not count:
            raise ValueError(
                f"Normalization.adapt: expected data, got {describe(data)} without any. "
                "Give an array, or batches."
            )
        if not self.built:
            self.build((None, *shape[1:]))
            self.built = True
        self.mean = mean.astype(np.float32)
        self.variance = (square / count).astype(np.float32)

    def call(self, inputs: Any) -> Any:
        """Return the normalised inputs, float."""
        x = floats(inputs)
        kept = self._kept(x.ndim)
        shape = tuple(n if i in kept else 1 for i, n in enumerate(x.shape))
        mean, variance = (
            Variable.wrap(v).data.astype(x.dtype).reshape(shape) for v in (self.mean, self.variance)
        )
        root = np.maximum(variance**0.5, 1e-7)
        return x * root + mean if self.invert else (x - mean) / root

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        given = {"mean": self.input_mean, "variance": self.input_variance}
        lists = {k: None if v is None else np.asarray(v).tolist() for k, v in given.items()}
        names = [f"{role}_initializer" for role in ("mean", "variance", "count")]
        config = {k: v for k, v in super().get_config().items() if k not in names}
        return config | lists

"""Layers that vary pictures in training: RandomFlip, RandomRotation and so on."""

from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import backend_of, to_host
from dezero.core import Variable
from dezero.keras.layers.preprocessing import pictures
from dezero.keras.layers.regularization import Disturbing, trains
from dezero.keras.layers.weighted import checked_format, checked_words
from dezero.transforms.affine import affine_matrix, resample

FILLS = ("constant", "reflect", "wrap", "nearest")


class _Random(Disturbing):
    """Vary each picture of (N, H, W, C), or one (H, W, C), by its own draw."""

    supports_masking = False
    varies = True
    data_format: str = "channels_last"

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the pictures, in training varied."""
        x = pictures(type(self).__name__, inputs)
        if not trains(training):
            return x
        if x.ndim == 3:
            return self._varied(F.expand_dims(x, 0))[0]
        return self._varied(x)

    def _varied(self, x: Any) -> Any:
        """Return pictures (N, H, W, C), or channels first, varied."""
        raise NotImplementedError(
            f"{type(self).__name__}._varied: expected the subclass to define it. Return pictures."
        )

    def _size(self, x: Any) -> tuple[int, int]:
        return x.shape[1:3] if self.data_format == "channels_last" else x.shape[2:]

    def _uniform(self, bounds: tuple[float, float], n: int) -> np.ndarray:
        return self._rng().uniform(*bounds, n)


def bounds(kind: str, name: str, factor: Any, low: float, high: float) -> tuple[float, float]:
    """Return (lower, upper) of a number, which goes both ways, or of two.

    Raises:
        ValueError: it lies outside low to high.
    """
    several = isinstance(factor, list | tuple)
    pair = tuple(factor) if several else (factor, factor)
    fits = len(pair) == 2 and all(isinstance(v, int | float | np.number) for v in pair)
    if not fits or not all(low <= v <= high for v in pair):
        raise ValueError(
            f"{kind}: expected {name} as a number or two from {low} to {high}, got {factor!r}. "
            "It is a part: 0.1, not 10."
        )
    lower, upper = (min(pair), max(pair)) if several else (-abs(factor), abs(factor))
    return max(float(lower), low), float(upper)


class RandomFlip(_Random):
    """Swap left and right, above and below, each for half of the pictures.

    Args:
        mode: "horizontal", "vertical" or "horizontal_and_vertical".
        seed: of its own generator.
        data_format: "channels_last" (the default) or "channels_first".
    """

    fields = ("mode", "seed", "data_format")

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: Any = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        modes = ("horizontal", "vertical", "horizontal_and_vertical")
        self.mode = checked_words("RandomFlip", "mode", mode, modes)
        self.data_format = checked_format("RandomFlip", data_format)
        self._set_seed(seed)

    def _varied(self, x: Any) -> Any:
        first = 1 if self.data_format == "channels_last" else 2
        for name, axis in (("horizontal", first + 1), ("vertical", first)):
            if name in self.mode:
                flipped = self._rng().random(x.shape[0]) < 0.5
                x = F.where(flipped[:, None, None, None], F.flip(x, axis), x)
        return x


class _Affine(_Random):
    """Resample pictures by matrices that are drawn."""

    def _set_affine(self, fill_mode: Any, interpolation: Any, **others: Any) -> None:
        kind = type(self).__name__
        self.fill_mode = checked_words(kind, "fill_mode", fill_mode, FILLS)
        known = ("bilinear", "nearest")
        self.interpolation = checked_words(kind, "interpolation", interpolation, known)
        self.fill_value = float(others["fill_value"])
        self.data_format = checked_format(kind, others["data_format"])
        self._set_seed(others["seed"])

    def _matrices(self, n: int, size: tuple[int, int]) -> np.ndarray:
        """Return matrices (n, 2, 3) for pictures of this height and width."""
        raise NotImplementedError(
            f"{type(self).__name__}._matrices: expected the subclass to define it."
        )

    def _varied(self, x: Any) -> Any:
        last = self.data_format == "channels_last"
        pictures = to_host(x.data)
        planes = pictures.transpose(0, 3, 1, 2) if last else pictures
        y = resample(
            planes,
            self._matrices(len(planes), planes.shape[2:]),
            order=1 if self.interpolation == "bilinear" else 0,
            fill_mode=self.fill_mode,
            fill=self.fill_value,
        )
        y = np.ascontiguousarray(y.transpose(0, 2, 3, 1)) if last else y
        return Variable.constant(backend_of(x.data).from_host(y))


class RandomRotation(_Affine):
    """Rotate about the centre, by a part of the full circle.

    Args:
        factor: f for -f to f, or (lower, upper); positive is counter-clockwise.
        fill_mode: "constant", "reflect", "wrap" or "nearest": what appears at the edges.
        interpolation: "bilinear" or "nearest".
        seed: of its own generator.
        fill_value: of fill_mode "constant".
        data_format: "channels_last" (the default) or "channels_first".
    Note: the result is a constant: gradients do not reach what made the pictures. "wrap" repeats
        the picture with its own period, where Keras's is off by a pixel.
    """

    fields = ("factor", "fill_mode", "interpolation", "seed", "fill_value", "data_format")

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.factor = bounds("RandomRotation", "factor", factor, -1.0, 1.0)
        others = {"seed": seed, "fill_value": fill_value, "data_format": data_format}
        self._set_affine(fill_mode, interpolation, **others)

    def _matrices(self, n: int, size: tuple[int, int]) -> np.ndarray:
        return affine_matrix(size, rotation=360 * self._uniform(self.factor, n))


class RandomZoom(_Affine):
    """Zoom about the centre: with 0.2 as much as 20 % more of the picture is seen, or less.

    Args:
        height_factor: f for -f to f, or (lower, upper); positive makes the picture smaller.
        width_factor: the same of the width; None for the same draw as the height's.
        fill_mode, interpolation, seed, fill_value, data_format: as in `RandomRotation`.
    """

    fields = (
        "height_factor", "width_factor", "fill_mode", "interpolation", "seed", "fill_value",
        "data_format",
    )  # fmt: skip

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        low = -0.999  # at -1 the picture would be a single point
        self.height_factor = bounds("RandomZoom", "height_factor", height_factor, low, 1.0)
        self.width_factor = (
            None
            if width_factor is None
            else bounds("RandomZoom", "width_factor", width_factor, low, 1.0)
        )
        others = {"seed": seed, "fill_value": fill_value, "data_format": data_format}
        self._set_affine(fill_mode, interpolation, **others)

    def _matrices(self, n: int, size: tuple[int, int]) -> np.ndarray:
        tall = 1 / (1 + self._uniform(self.height_factor, n))
        wide = tall if self.width_factor is None else 1 / (1 + self._uniform(self.width_factor, n))
        return affine_matrix(size, zoom=(tall, wide))


class RandomTranslation(_Affine):
    """Shift pictures by parts of their height and width.

    Args:
        height_factor: f for -f to f, or (lower, upper); positive moves them down.
        width_factor: the same; positive moves them to the right.
        fill_mode, interpolation, seed, fill_value, data_format: as in `RandomRotation`.
    """

    fields = RandomZoom.fields

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: Any = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        kind = "RandomTranslation"
        self.height_factor = bounds(kind, "height_factor", height_factor, -1.0, 1.0)
        self.width_factor = bounds(kind, "width_factor", width_factor, -1.0, 1.0)
        others = {"seed": seed, "fill_value": fill_value, "data_format": data_format}
        self._set_affine(fill_mode, interpolation, **others)

    def _matrices(self, n: int, size: tuple[int, int]) -> np.ndarray:
        down = self._uniform(self.height_factor, n) * size[0]
        return affine_matrix(size, shift=(down, self._uniform(self.width_factor, n) * size[1]))


class RandomContrast(_Random):
    """Draw pixels away from the mean of their channel, or towards it.

    Args:
        factor: f for factors from 1 - f to 1 + f, or (lower, upper) for 1 - lower to 1 + upper.
        value_range: pixels are cut off there.
        seed: of its own generator.
    """

    fields = ("factor", "value_range", "seed")

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        pair = factor if isinstance(factor, list | tuple) else (factor, factor)
        if len(pair) != 2 or not all(0 <= v <= 1 for v in pair):
            raise ValueError(
                f"RandomContrast: expected factor from 0 to 1, or two, got {factor!r}. Try 0.2."
            )
        self.factor, self.value_range = tuple(map(float, pair)), tuple(value_range)
        self._set_seed(seed)

    def _varied(self, x: Any) -> Any:
        low, high = self.factor
        factor = self._uniform((1 - low, 1 + high), x.shape[0])
        mean = F.mean(x, (1, 2), True)
        factor = backend_of(x.data).from_host(factor.astype(x.dtype)[:, None, None, None])
        return F.clip((x - mean) * factor + mean, *self.value_range)

"""Random changes of brightness, contrast, saturation and hue."""

from typing import Any

import numpy as np

from dezero.transforms.formats import RandomTransform, drawn_range, is_number, work_dtype
from dezero.transforms.pictures import LUMA

__all__ = ["ColorJitter"]

CHUNK = 1 << 16  # values changed at a time, few enough for the processor's cache


class ColorJitter(RandomTransform):
    """Change brightness, contrast, saturation and hue by chance, in this order.

    Args:
        brightness: factor; a number b draws from 1 - b to 1 + b (not below 0), a pair from low
            to high.
        contrast: factor on the distance from the picture's mean grey, as brightness.
        saturation: factor on the distance from each pixel's grey, as brightness.
        hue: turns around the colour circle; a number h draws from -h to h, at most 0.5.
        white: the largest value of floating pictures; integers have their type's, uint8 255.
        seed: as in RandomAffine.
    Raises:
        ValueError: a picture has neither 1 nor 3 channels.
    Note: put it before Normalize: values are cut off below 0 and above white. Grey pictures have
        no saturation and no hue to change.
    """

    numbers = 4

    def __init__(
        self,
        brightness: Any = 0.0,
        contrast: Any = 0.0,
        saturation: Any = 0.0,
        hue: Any = 0.0,
        *,
        white: float = 255.0,
        seed: Any = None,
    ) -> None:
        super().__init__(seed)
        self.brightness = _factors("brightness", brightness)
        self.contrast = _factors("contrast", contrast)
        self.saturation = _factors("saturation", saturation)
        self.hue = drawn_range("ColorJitter", "hue", hue, least=-0.5)
        if self.hue[1] > 0.5:
            raise ValueError(
                f"ColorJitter: expected hue within -0.5 to 0.5, got {hue!r}. 0.5 is half a turn."
            )
        if not is_number(white) or not 0 < white < np.inf:
            raise ValueError(
                f"ColorJitter: expected white to be a finite number above 0, got {white!r}. "
                "Take 255, or 1 for pictures from 0 to 1."
            )
        self.white = float(white)

    def picture(self, image: Any) -> Any:
        """Change a Pillow image; what has three channels but no RGB in them becomes RGB."""
        other = image.mode in {"YCbCr", "HSV", "LAB"}
        return super().picture(image.convert("RGB") if other else image)

    def vary(self, xs: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Change each picture of (N, C, H, W) as u (N, 4) chooses."""
        if xs.shape[1] not in {1, 3}:
            raise ValueError(
                f"ColorJitter: expected 1 or 3 channels, got shape {xs.shape[1:]}. "
                "Put Convert('RGB') before it."
            )
        ys = np.empty(xs.shape, xs.dtype)
        white = np.iinfo(xs.dtype).max if xs.dtype.kind in "iu" else self.white
        step = max(1, CHUNK // max(1, xs[:1].size))
        for start in range(0, len(xs), step):
            part = slice(start, start + step)
            y = self._vary(xs[part].astype(work_dtype(xs.dtype)), u[part], white)
            ys[part] = np.rint(y, out=y) if xs.dtype.kind in "iu" else y
        return ys

    def _vary(self, y: np.ndarray, u: np.ndarray, white: float) -> np.ndarray:
        """Change `y` in place."""
        ranges = (self.brightness, self.contrast, self.saturation, self.hue)
        factors = [
            (low + (high - low) * u[:, i]).astype(y.dtype)[:, None, None, None]
            for i, (low, high) in enumerate(ranges)
        ]
        if self.brightness != (1.0, 1.0):
            y *= factors[0]
            np.clip(y, 0, white, out=y)
        if self.contrast != (1.0, 1.0):
            _away_from(_grey(y).mean(axis=(1, 2, 3), keepdims=True), y, factors[1], white)
        if self.saturation != (1.0, 1.0) and y.shape[1] == 3:
            _away_from(_grey(y), y, factors[2], white)
        if self.hue != (0.0, 0.0) and y.shape[1] == 3:
            np.clip(y, 0, white, out=y)
            _turn_hue(y, factors[3])
        return y


def _factors(what: str, value: Any) -> tuple[float, float]:
    low, high = drawn_range("ColorJitter", what, value, centre=1.0)
    if np.ndim(value) == 0:
        low = max(low, 0.0)
    if low < 0:
        raise ValueError(
            f"ColorJitter: expected {what} factors >= 0, got {value!r}. Give a smaller number."
        )
    return low, high


def _grey(y: np.ndarray) -> np.ndarray:
    if y.shape[1] == 1:
        return y
    # Not with tensordot: BLAS rounds one picture otherwise than many.
    red, green, blue = (y[:, i : i + 1] * part for i, part in enumerate(LUMA))
    return red + green + blue  # (N, 1, H, W)


def _away_from(grey: np.ndarray, y: np.ndarray, factor: np.ndarray, white: float) -> None:
    y *= factor
    y += (1 - factor) * grey
    np.clip(y, 0, white, out=y)


def _turn_hue(y: np.ndarray, turn: np.ndarray) -> None:
    """Turn the hue of (N, 3, H, W) in place, brightest and darkest channel as they are.

    By Smith 1978, "Color gamut transform pairs" (HSV), with hue in sixths of a turn.
    """
    red, green, blue = (y[:, i : i + 1] for i in range(3))
    most, least = y.max(axis=1, keepdims=True), y.min(axis=1, keepdims=True)
    span = most - least
    safe = np.where(span > 0, span, 1)
    hue = np.where(
        most == red,
        (green - blue) / safe,
        np.where(most == green, 2 + (blue - red) / safe, 4 + (red - green) / safe),
    )
    hue += 6 * turn
    for i, phase in enumerate((5, 3, 1)):
        place = np.mod(hue + phase, 6)
        part = np.clip(np.minimum(place, 4 - place), 0, 1)
        y[:, i : i + 1] = most - span * part

"""Between Pillow images and arrays, between modes, between sizes."""

from typing import Any

import numpy as np

from dezero.transforms.formats import (
    PictureTransform,
    from_picture,
    is_number,
    is_picture,
    pair,
    to_picture,
    work_dtype,
)

__all__ = ["Convert", "Resize", "ToArray", "ToPIL", "grey"]

# Pillow's own numbers, so that Pillow is imported on use.
RESAMPLING = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
# ITU-R BT.601, section 2.5.1: what red, green and blue add to brightness.
LUMA = (0.299, 0.587, 0.114)


class Convert(PictureTransform):
    """Change the mode: "RGB", "BGR" (red and blue swapped), "L" (grey) or any mode of Pillow.

    Args:
        mode: the mode; for arrays one of "RGB", "BGR", "L".
    Note: arrays of one channel are grey, of three RGB; from RGBA the last channel is dropped.
    """

    def __init__(self, mode: str = "RGB") -> None:
        if not isinstance(mode, str):
            raise TypeError(f"Convert: expected a mode such as 'RGB', got {mode!r}. Give a string.")
        self.mode = mode

    def picture(self, image: Any) -> Any:
        """Convert a Pillow image; that of "BGR" is an RGB image with red and blue swapped."""
        if self.mode == "BGR":
            return to_picture(from_picture(image.convert("RGB"))[::-1], "RGB")
        return image.convert(self.mode)

    def arrays(self, xs: np.ndarray) -> np.ndarray:
        """Convert (N, C, H, W)."""
        channels = xs.shape[1]
        if self.mode not in {"RGB", "BGR", "L"} or channels not in {1, 3, 4}:
            raise ValueError(
                f"Convert: expected mode 'RGB', 'BGR' or 'L' and 1, 3 or 4 channels of an array, "
                f"got {self.mode!r} and shape {xs.shape[1:]}. Convert a Pillow image instead."
            )
        if self.mode == "L":
            return xs if channels == 1 else grey(xs)
        if channels == 1:
            return np.repeat(xs, 3, axis=1)
        return xs[:, :3] if self.mode == "RGB" else xs[:, 2::-1]


def grey(xs: np.ndarray) -> np.ndarray:
    """Return the brightness (N, 1, H, W) of (N, 3, H, W), rounded where xs holds integers."""
    red, green, blue = (xs[:, i : i + 1].astype(work_dtype(xs.dtype)) for i in range(3))
    y = red * LUMA[0] + green * LUMA[1] + blue * LUMA[2]
    return (np.rint(y) if xs.dtype.kind in "iu" else y).astype(xs.dtype)


class Resize(PictureTransform):
    """Resample to `size` with Pillow: smooth, also when it shrinks.

    Args:
        size: an integer for a square, or (width, height).
        mode: Pillow's filter, by number or name: "nearest", "box", "bilinear", "hamming",
            "bicubic", "lanczos".
    Note: arrays that are not uint8 are resampled in float32.
    """

    def __init__(self, size: Any, mode: Any = 2) -> None:
        self.size = pair("Resize", size)
        number = RESAMPLING.get(mode, mode) if isinstance(mode, str) else mode
        if not is_number(number) or number not in RESAMPLING.values():
            raise ValueError(
                f"Resize: expected a filter of {', '.join(RESAMPLING)}, got {mode!r}. "
                "Take bilinear."
            )
        self.mode = int(number)

    def picture(self, image: Any) -> Any:
        """Resize a Pillow image; palettes and black and white become colours and greys."""
        if image.mode in {"P", "1"} and self.mode:
            image = to_picture(from_picture(image))
        return image.resize(self.size, self.mode)

    def arrays(self, xs: np.ndarray) -> np.ndarray:
        """Resize (N, C, H, W)."""
        if min(xs.shape[2:]) < 1:
            raise ValueError(
                f"Resize: expected pictures with pixels, got shape {xs.shape[1:]}. Leave it out."
            )
        ys = np.empty((*xs.shape[:2], *self.size[::-1]), xs.dtype)
        for x, y in zip(xs, ys, strict=True):
            if x.dtype == np.uint8 and len(x) == 3:
                y[...] = from_picture(to_picture(x).resize(self.size, self.mode))
                continue
            for plane, out in zip(x, y, strict=True):
                out[...] = self._plane(plane)
        return ys

    def _plane(self, plane: np.ndarray) -> np.ndarray:
        work = plane if plane.dtype == np.uint8 else plane.astype(np.float32)
        result = np.asarray(to_picture(work).resize(self.size, self.mode))
        if plane.dtype == np.uint8 or plane.dtype.kind == "f":
            return result
        if plane.dtype.kind == "b":
            return result >= 0.5
        limits = np.iinfo(plane.dtype)  # bicubic and lanczos overshoot
        return np.clip(np.rint(result.astype(np.float64)), limits.min, limits.max)


class ToArray(PictureTransform):
    """Make an array (C, H, W) of a Pillow image, C = 1 for grey; an array is passed on as it is.

    Args:
        dtype: the type of the new array; its values stay those of the image, 0 to 255.
    """

    def __init__(self, dtype: Any = np.float32) -> None:
        self.dtype = np.dtype(dtype)

    def __call__(self, x: Any) -> Any:
        if is_picture(x):
            return from_picture(x).astype(self.dtype, copy=False)
        if isinstance(x, np.ndarray):
            return x
        raise TypeError(
            f"ToArray: expected a Pillow image or an array, got {type(x).__name__}. "
            "Open the file with PIL.Image.open first."
        )

    def batch(self, xs: Any) -> Any:
        """Do the same to a list of images; an array is passed on as it is."""
        return xs if isinstance(xs, np.ndarray) else np.stack([self(x) for x in xs])


class ToPIL(PictureTransform):
    """Make a Pillow image of an array (C, H, W) or (H, W) of 1, 3 or 4 channels.

    Args:
        scale: white is 255 / scale. Give 255 for floats from 0 to 1; values beyond are then cut
            off. None takes the values as they are, which have to be from 0 to 255, as ToArray
            gives them.
    """

    def __init__(self, scale: float | None = None) -> None:
        if scale is not None and (not is_number(scale) or not 0 < scale < np.inf):
            raise ValueError(f"ToPIL: expected a finite scale above 0, got {scale!r}. Try 255.")
        self.scale = scale

    def batch(self, xs: Any) -> list[Any]:
        """Return a list of Pillow images, one for each picture of (N, C, H, W) or (N, H, W)."""
        return [self(x) for x in xs]

    def __call__(self, x: Any) -> Any:
        if is_picture(x):
            return x
        x = self._checked(x, (2, 3), "(C, H, W) or (H, W)")
        x = x[None] if x.ndim == 2 else x
        if len(x) not in {1, 3, 4} or min(x.shape) < 1:
            raise ValueError(
                f"ToPIL: expected 1, 3 or 4 channels in (C, H, W), got shape {x.shape}. "
                "Bring the channels to the front with transpose(2, 0, 1)."
            )
        return to_picture(self._bytes(x))

    def _bytes(self, x: np.ndarray) -> np.ndarray:
        if x.dtype.kind == "b":
            return x * np.uint8(255)
        if self.scale is not None:
            x = np.clip(np.nan_to_num(x.astype(np.float64) * self.scale), 0, 255)
        elif x.dtype != np.uint8:
            self._check_values(x)
        return x if x.dtype == np.uint8 else np.rint(x).astype(np.uint8)

    @staticmethod
    def _check_values(x: np.ndarray) -> None:
        low, high = float(x.min()), float(x.max())
        if not (-0.5 <= low and high <= 255.5):
            advice = "Undo Normalize, or give scale, and values beyond white are cut off."
        elif high <= 1.0 and np.any(x != np.rint(x)):
            advice = "Give scale=255 if 1.0 is white, scale=1 if it is as dark as it seems."
        else:
            return
        raise ValueError(f"ToPIL: expected values from 0 to 255, got {low:g} to {high:g}. {advice}")

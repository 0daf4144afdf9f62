"""Changes of the values of pictures: all channels up or down, brighter or darker."""

from typing import Any

import numpy as np

from dezero.preprocessing.affine import axes_of

__all__ = ["apply_brightness_shift", "apply_channel_shift", "brightened", "shifted"]


def apply_channel_shift(x: np.ndarray, intensity: float, channel_axis: int = 0) -> np.ndarray:
    """Add `intensity` to one picture; what leaves the picture's own range is cut off.

    Args:
        x: (C, H, W) or (H, W, C).
        intensity: what is added.
        channel_axis: as in Keras; the result does not depend on it.
    """
    axes_of("apply_channel_shift", x, (None, None, None))
    if x.size == 0:
        return x.copy()
    y = shifted(x[None], np.array([intensity]))[0]
    return np.rint(y).astype(x.dtype) if x.dtype.kind in "iu" else y.astype(x.dtype)


def shifted(xs: np.ndarray, intensity: np.ndarray) -> np.ndarray:
    """Return pictures (N, ...), each with its own intensity added, within its own range."""
    low, high = (f(xs, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
    amount = intensity.reshape(-1, 1, 1, 1).astype(_working(xs))
    return np.clip(xs + amount, low, high)


def apply_brightness_shift(x: np.ndarray, brightness: float, scale: bool = True) -> np.ndarray:
    """Multiply one picture by `brightness`; values above white are cut off.

    Args:
        x: (C, H, W) or (H, W, C); of four channels the last, the opacity, stays.
        brightness: 1 changes nothing.
        scale: stretch the values first so that the lowest is 0 and the highest 255.
    Note: white is 255. Where values lie outside 0 to 255, white is their highest and black their
        lowest. Nothing is rounded; Keras rounds down to whole numbers twice, which makes pictures
        from 0 to 1 black.
    """
    planes, back = axes_of("apply_brightness_shift", x, (None, None, None))
    if x.size == 0:
        return x.copy()
    planes = planes[None].astype(_working(x))
    if scale:
        planes = planes - planes.min()
        planes = planes * (255 / (planes.max() or 1))
    return brightened(planes, np.array([brightness]))[0].transpose(back)


def brightened(xs: np.ndarray, brightness: np.ndarray) -> np.ndarray:
    """Return pictures (N, C, H, W), each multiplied by its own factor, within black and white."""
    least, most = (f(xs, axis=(1, 2, 3), keepdims=True) for f in (np.min, np.max))
    beyond = (least < 0) | (most > 255)
    low, high = np.where(beyond, least, 0), np.where(beyond, most, 255)
    factor = brightness.reshape(-1, 1, 1, 1).astype(_working(xs))
    ys = np.clip((xs - low) * factor + low, low, high)
    if xs.shape[1] == 4:
        ys[:, 3] = xs[:, 3]
    return ys


def _working(xs: Any) -> Any:
    return xs.dtype if xs.dtype.kind == "f" else np.float32

"""One picture changed by chance, Keras's `random_...` functions.

The numbers come from `dezero.backend.random`, never from NumPy's global generator.
"""

from typing import Any

import numpy as np

from dezero.backend.random import default_rng
from dezero.preprocessing.affine import apply_affine_transform, axes_of
from dezero.preprocessing.intensity import apply_brightness_shift, apply_channel_shift

__all__ = [
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
]


def random_rotation(  # noqa: PLR0917
    x: np.ndarray,
    rg: float,
    row_axis: int | None = None,
    col_axis: int | None = None,
    channel_axis: int | None = None,
    fill_mode: str = "nearest",
    cval: Any = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Rotate one picture by -rg to rg degrees; the axes as in apply_affine_transform."""
    theta = default_rng().uniform(-rg, rg)
    axes = {"row_axis": row_axis, "col_axis": col_axis, "channel_axis": channel_axis}
    filling = {"fill_mode": fill_mode, "cval": cval, "order": interpolation_order}
    return apply_affine_transform(x, theta=theta, **axes, **filling)


def random_shift(  # noqa: PLR0917
    x: np.ndarray,
    wrg: float,
    hrg: float,
    row_axis: int | None = None,
    col_axis: int | None = None,
    channel_axis: int | None = None,
    fill_mode: str = "nearest",
    cval: Any = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Move one picture by up to `wrg` of its width and `hrg` of its height, either way."""
    planes, _ = axes_of("random_shift", x, (channel_axis, row_axis, col_axis))
    right, down = default_rng().uniform(-1, 1, 2)
    shift = {"tx": right * wrg * planes.shape[2], "ty": down * hrg * planes.shape[1]}
    axes = {"row_axis": row_axis, "col_axis": col_axis, "channel_axis": channel_axis}
    filling = {"fill_mode": fill_mode, "cval": cval, "order": interpolation_order}
    return apply_affine_transform(x, **shift, **axes, **filling)


def random_shear(  # noqa: PLR0917
    x: np.ndarray,
    intensity: float,
    row_axis: int | None = None,
    col_axis: int | None = None,
    channel_axis: int | None = None,
    fill_mode: str = "nearest",
    cval: Any = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Shear one picture by -intensity to intensity degrees."""
    shear = default_rng().uniform(-intensity, intensity)
    axes = {"row_axis": row_axis, "col_axis": col_axis, "channel_axis": channel_axis}
    filling = {"fill_mode": fill_mode, "cval": cval, "order": interpolation_order}
    return apply_affine_transform(x, shear=shear, **axes, **filling)


def random_zoom(  # noqa: PLR0917
    x: np.ndarray,
    zoom_range: tuple[float, float],
    row_axis: int | None = None,
    col_axis: int | None = None,
    channel_axis: int | None = None,
    fill_mode: str = "nearest",
    cval: Any = 0.0,
    interpolation_order: int = 1,
) -> np.ndarray:
    """Zoom width and height of one picture, each by its own factor from zoom_range."""
    if np.ndim(zoom_range) != 1 or len(zoom_range) != 2 or min(zoom_range) <= 0:
        raise ValueError(
            f"random_zoom: expected zoom_range to be two numbers above 0, got {zoom_range!r}. "
            "(0.8, 1.2) draws from 0.8 to 1.2."
        )
    zx, zy = default_rng().uniform(zoom_range[0], zoom_range[1], 2)
    axes = {"row_axis": row_axis, "col_axis": col_axis, "channel_axis": channel_axis}
    filling = {"fill_mode": fill_mode, "cval": cval, "order": interpolation_order}
    return apply_affine_transform(x, zx=zx, zy=zy, **axes, **filling)


def random_channel_shift(
    x: np.ndarray, intensity_range: float, channel_axis: int = 0
) -> np.ndarray:
    """Add one number from -intensity_range to intensity_range to all of one picture."""
    intensity = default_rng().uniform(-intensity_range, intensity_range)
    return apply_channel_shift(x, intensity, channel_axis)


def random_brightness(
    x: np.ndarray, brightness_range: tuple[float, float], scale: bool = True
) -> np.ndarray:
    """Multiply one picture by a number from brightness_range; scale as apply_brightness_shift."""
    if np.ndim(brightness_range) != 1 or len(brightness_range) != 2:
        raise ValueError(
            f"random_brightness: expected brightness_range to be two numbers, got "
            f"{brightness_range!r}. (0.8, 1.2) draws factors from 0.8 to 1.2."
        )
    return apply_brightness_shift(x, default_rng().uniform(*brightness_range), scale)

"""A batch of pictures changed as drawn: one resampling for all that moves pixels."""

from typing import Any

import numpy as np

from dezero.preprocessing.affine import affine_matrices, is_still
from dezero.preprocessing.intensity import brightened, shifted
from dezero.transforms import resample

__all__ = ["changed", "channels_first"]


def changed(xs: np.ndarray, change: dict[str, Any], options: Any) -> np.ndarray:
    """Return pictures, each with its own changes, as a new array of options.dtype.

    Args:
        xs: (N, H, W, C) or (N, C, H, W), as options.data_format says.
        change: what `draw` returns.
        options: what has the attributes of an ImageDataGenerator.
    """
    planes = channels_first(xs, options.data_format)
    dtype = np.dtype(options.dtype)
    if is_still(change):
        planes = _flipped(planes, change)
    else:
        matrices = affine_matrices(planes.shape[2:], change)
        filling = {"fill_mode": options.fill_mode, "fill": options.cval}
        planes = resample(
            planes.astype(dtype), matrices, order=options.interpolation_order, **filling
        )
    if change.get("channel_shift_intensity") is not None:
        planes = shifted(planes.astype(dtype, copy=False), change["channel_shift_intensity"])
    if change.get("brightness") is not None:
        planes = brightened(planes.astype(dtype, copy=False), change["brightness"])
    if options.data_format == "channels_last":
        planes = planes.transpose(0, 2, 3, 1)
    return np.array(planes, dtype, order="C")


def channels_first(xs: np.ndarray, data_format: str) -> np.ndarray:
    """Return a view (N, C, H, W) of a batch."""
    return xs.transpose(0, 3, 1, 2) if data_format == "channels_last" else xs


def _flipped(planes: np.ndarray, change: dict[str, Any]) -> np.ndarray:
    mirrored, upended = change.get("flip_horizontal", False), change.get("flip_vertical", False)
    if not np.any(mirrored) and not np.any(upended):
        return planes
    planes = planes.copy()
    for flags, axis in ((mirrored, 3), (upended, 2)):
        which = np.broadcast_to(flags, len(planes))
        planes[which] = np.flip(planes[which], axis)
    return planes

"""A batch of pictures changed as drawn: one resampling for all that moves pixels."""

from typing import Any

import numpy as np

from dezero.preprocessing.affine import affine_matrices, is_still
from dezero.preprocessing.intensity import brightened, shifted
from dezero.preprocessing.splines import warped

__all__ = ["changed", "channels_first"]


def changed(xs: np.ndarray, change: dict[str, Any], options: Any, dtype: np.dtype) -> np.ndarray:
    """Return pictures, each with its own changes, as a new array.

    Args:
        xs: (N, H, W, C) or (N, C, H, W), as options.data_format says.
        change: what `draw` returns.
        options: what has the attributes of an ImageDataGenerator.
        dtype: of the result.
    """
    ys = np.empty(xs.shape, dtype)
    planes, source = (channels_first(x, options.data_format) for x in (ys, xs))
    if is_still(change):
        ys[...] = xs
        _flip(planes, change)
    else:
        matrices = affine_matrices(planes.shape[2:], change)
        filling = {"fill_mode": options.fill_mode, "fill": options.cval}
        warped(source, matrices, order=options.interpolation_order, out=planes, **filling)
    if change.get("channel_shift_intensity") is not None:
        planes[...] = shifted(planes, change["channel_shift_intensity"])
    if change.get("brightness") is not None:
        planes[...] = brightened(planes, change["brightness"])
    return ys


def channels_first(xs: np.ndarray, data_format: str) -> np.ndarray:
    """Return a view (N, C, H, W) of a batch."""
    return xs.transpose(0, 3, 1, 2) if data_format == "channels_last" else xs


def _flip(planes: np.ndarray, change: dict[str, Any]) -> None:
    for side, axis in (("horizontal", 3), ("vertical", 2)):
        which = np.broadcast_to(change.get(f"flip_{side}", False), len(planes))
        if which.any():
            planes[which] = np.flip(planes[which], axis)

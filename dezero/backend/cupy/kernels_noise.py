"""Noise drawn at a place of a stream, on the GPU: no mask is kept or copied."""

from typing import Any

import numpy as np

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.noise import SPECS
from dezero.backend.numpy_noise import scale_of
from dezero.backend.philox import Place, mask_blocks, normal_blocks
from dezero.backend.registry import xp

__all__ = ["dropout", "gaussian_dropout", "standard_normal"]

_SPECS = {spec.name: spec for spec in SPECS}
# What is added to key and block outside of captured steps: three zeros on each device.
_nothing: dict[int, Any] = {}


def _numbers(like: Any, place: Place) -> tuple:
    base = place.base
    if base is None:
        device = getattr(getattr(like, "device", None), "id", -1)
        base = _nothing.get(device)
        if base is None:
            base = _nothing[device] = xp(like).zeros(3, dtype=np.uint64)
    return *(np.uint64(word) for word in (*place.key, place.block)), base


def dropout(x: Any, place: Place, dropped: int) -> Any:
    """Return floating x, each element 0 with the probability dropped / 65536, the rest scaled."""
    y = xp(x).empty(x.shape, dtype=x.dtype)
    x = xp(x).ascontiguousarray(x)
    if x.size:
        blocks, numbers = mask_blocks(x.size, dropped), _numbers(x, place)
        how = x.size, dropped, scale_of(dropped)
        kernel(_SPECS["dropout"])(x, *numbers, *how, y, size=blocks)
    return y


def gaussian_dropout(x: Any, place: Place, stddev: float) -> Any:
    """Return floating x times normal noise of mean 1, of so much deviation."""
    y = xp(x).empty(x.shape, dtype=x.dtype)
    x = xp(x).ascontiguousarray(x)
    if x.size:
        blocks, numbers = normal_blocks(x.size), _numbers(x, place)
        kernel(_SPECS["gaussian_dropout"])(x, *numbers, x.size, stddev, y, size=blocks)
    return y


def standard_normal(like: Any, place: Place) -> Any:
    """Return float32 of the standard normal distribution, of the shape of `like`."""
    y = xp(like).empty(like.shape, dtype=np.float32)
    if y.size:
        blocks, numbers = normal_blocks(y.size), _numbers(like, place)
        kernel(_SPECS["standard_normal"])(*numbers, y.size, y, size=blocks)
    return y

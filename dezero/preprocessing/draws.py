"""What ImageDataGenerator draws for each picture: its ranges, and numbers from them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.backend import random as backend_random

__all__ = ["NUMBERS", "check_range", "check_shift", "check_zoom", "draw", "generator_of"]

NUMBERS = 12  # uniform numbers for a picture, whatever is asked for: no option moves another's


def generator_of(seed: Any) -> "np.random.Generator":
    """Return a generator: of the seed, or for None the library's own."""
    if seed is None:
        return backend_random.default_rng()
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(check_seed(seed))


def check_seed(seed: Any) -> int:
    """Return the seed as an integer if it is one, not below 0."""
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(
            f"seed: expected an integer >= 0, got {seed!r}. Leave it out for a new one."
        )
    return int(seed)


def start_of(seed: Any) -> int:
    """Return the seed, or for None one that the library's generator draws."""
    return int(backend_random.default_rng().integers(2**63)) if seed is None else check_seed(seed)


def draw(options: Any, shape: tuple[int, int], u: np.ndarray) -> dict[str, Any]:
    """Return the changes of N pictures, arrays (N,) by the names of `get_random_transform`.

    Args:
        options: what has the attributes of an ImageDataGenerator.
        shape: (height, width) of the pictures.
        u: uniform numbers (N, NUMBERS).
    Note: intensity and brightness are None where they are not asked for.
    """
    height, width = shape
    low, high = options.zoom_range
    change: dict[str, Any] = {
        "theta": _around(options.rotation_range, u[:, 0]),
        "tx": _shifts(options.width_shift_range, width, u[:, 1], u[:, 2]),
        "ty": _shifts(options.height_shift_range, height, u[:, 3], u[:, 4]),
        "shear": _around(options.shear_range, u[:, 5]),
        "zx": low + (high - low) * u[:, 6],
        "zy": low + (high - low) * u[:, 7],
        "flip_horizontal": (u[:, 8] < 0.5) & bool(options.horizontal_flip),
        "flip_vertical": (u[:, 9] < 0.5) & bool(options.vertical_flip),
        "channel_shift_intensity": None,
        "brightness": None,
    }
    if options.channel_shift_range:
        change["channel_shift_intensity"] = _around(options.channel_shift_range, u[:, 10])
    if options.brightness_range is not None:
        dark, bright = options.brightness_range
        change["brightness"] = dark + (bright - dark) * u[:, 11]
    return change


def _around(most: float, u: np.ndarray) -> np.ndarray:
    return (2 * u - 1) * most


def _shifts(shift: Any, side: int, u: np.ndarray, sign: np.ndarray) -> np.ndarray:
    """Return shifts in pixels.

    Keras's rules: an integer k draws whole pixels below k, a sequence one of its elements, each
    with either sign; a float is uniform. What is below 1 is a part of the side.
    """
    if isinstance(shift, float | np.floating):
        pixels = _around(float(shift), u)
    else:
        choices = np.arange(shift) if np.ndim(shift) == 0 else np.asarray(shift)
        if not choices.size:  # the integer 0
            return np.zeros(len(u))
        index = np.minimum((u * choices.size).astype(np.intp), choices.size - 1)
        pixels = choices[index] * np.where(sign < 0.5, -1.0, 1.0)
    return pixels * side if np.max(shift) < 1 else pixels


def is_number(value: Any) -> bool:
    """Return whether `value` is a finite Python or NumPy number, and no boolean."""
    plain = isinstance(value, int | float | np.integer | np.floating)
    return plain and not isinstance(value, bool) and bool(np.isfinite(value))


def check_range(name: str, value: Any) -> Any:
    """Return a number if it is one, not below 0."""
    if not is_number(value) or value < 0:
        raise ValueError(
            f"ImageDataGenerator: expected {name} to be a number >= 0, got {value!r}. "
            "A number r draws from -r to r."
        )
    return value


def check_shift(name: str, value: Any) -> Any:
    """Return a shift if it is a number >= 0 or a sequence of numbers."""
    if np.ndim(value) == 0:
        return check_range(name, value)
    if np.ndim(value) != 1 or not len(value) or not all(map(is_number, value)):
        raise ValueError(
            f"ImageDataGenerator: expected {name} to be a number or a list of numbers, got "
            f"{value!r}. A float below 1 is a part of the side, others are pixels."
        )
    return value


def check_zoom(value: Any) -> list[float]:
    """Return [low, high] for a number z, 1 - z to 1 + z, or for a pair."""
    pair: Sequence[Any] = [1 - value, 1 + value] if is_number(value) else value
    if np.ndim(pair) != 1 or len(pair) != 2 or not all(map(is_number, pair)) or min(pair) <= 0:
        raise ValueError(
            f"ImageDataGenerator: expected zoom_range to be a number below 1 or a pair of numbers "
            f"above 0, got {value!r}. 0.2 draws from 0.8 to 1.2, and below 1 enlarges."
        )
    return [pair[0], pair[1]]


def check_pair(name: str, value: Any) -> Any:
    """Return None or a pair of numbers >= 0."""
    if value is None:
        return None
    if np.ndim(value) != 1 or len(value) != 2 or not all(map(is_number, value)) or min(value) < 0:
        raise ValueError(
            f"ImageDataGenerator: expected {name} to be two numbers >= 0, got {value!r}. "
            "(0.8, 1.2) draws factors from 0.8 to 1.2."
        )
    return value

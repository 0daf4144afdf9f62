"""Soft-edged shapes on a 28 by 28 canvas, drawn for many pictures at once.

A shape is a signed distance in pixels, positive inside; `cover` turns it into the part of each
pixel that the shape fills. Arrays are float32: (n, 1) for one number per picture, (n, 28) for a
curve over rows or columns, (n, 28, 28) for pixels.
"""

import numpy as np

__all__ = [
    "COLS",
    "ROWS",
    "SIDE",
    "chance",
    "cover",
    "curve",
    "deep",
    "draw",
    "strip",
    "triangle",
    "wave",
]

SIDE = 28
ROWS = np.arange(SIDE, dtype=np.float32)  # read as columns too: the canvas is square
COLS = ROWS


def draw(rng: np.random.Generator, n: int, low: float, high: float) -> np.ndarray:
    """Return n uniform numbers in [low, high) as float32 (n, 1)."""
    return rng.random((n, 1), dtype=np.float32) * np.float32(high - low) + np.float32(low)


def chance(rng: np.random.Generator, n: int, probability: float) -> np.ndarray:
    """Return True for about this part of n pictures, (n, 1)."""
    return rng.random((n, 1), dtype=np.float32) < probability


def deep(values: np.ndarray) -> np.ndarray:
    """Give a number or a curve over the rows, (n, 1) or (n, 28), an axis for the columns."""
    return values[:, :, None]


def cover(distance: np.ndarray) -> np.ndarray:
    """Return how much of each pixel lies inside: 0 or 1 but for half a pixel at the edge."""
    inside = distance + np.float32(0.5)
    return np.clip(inside, 0.0, 1.0, out=inside)


def strip(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the cover (n, 28) of the rows, or columns, from low (n, 1) to high (n, 1)."""
    return cover(np.minimum(ROWS - low, high - ROWS))


def curve(start: np.ndarray, end: np.ndarray, *knots: tuple[float, np.ndarray]) -> np.ndarray:
    """Return a piecewise linear curve over the rows, (n, 28).

    Args:
        start, end: rows (n, 1) where the position is 0 and 1.
        knots: (position, value (n, 1)), positions rising; constant before and after.
    """
    position = (ROWS - start) / (end - start)
    at, value = knots[0]
    result = np.broadcast_to(value, position.shape).astype(np.float32)
    for next_at, next_value in knots[1:]:
        part = (position - np.float32(at)) * np.float32(1.0 / (next_at - at))
        result += (next_value - value) * np.clip(part, 0.0, 1.0, out=part)
        at, value = next_at, next_value
    return result


def wave(period: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Return a triangle wave over the rows, (n, 28) in [-1, 1]; period in pixels."""
    return triangle(ROWS / period + phase)


def triangle(turns: np.ndarray) -> np.ndarray:
    """Return the triangle wave that is 1 at whole turns and -1 half-way between them."""
    return 4.0 * np.abs(turns - np.floor(turns) - np.float32(0.5)) - np.float32(1.0)

"""The two forms of a picture: an array (C, H, W) or (H, W), and a Pillow image."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

__all__ = [
    "PictureTransform",
    "RandomTransform",
    "check_dtype",
    "drawn_range",
    "from_picture",
    "is_number",
    "is_picture",
    "pair",
    "to_picture",
    "work_dtype",
]

MODES = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Pillow modes whose arrays are the picture's values, channels last.
PLAIN_MODES = frozenset({"L", "LA", "RGB", "RGBA", "I", "F", "I;16", "CMYK", "YCbCr", "HSV", "LAB"})


def is_picture(x: Any) -> bool:
    """Return whether `x` is a Pillow image, without importing Pillow."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(x, module.Image)


def from_picture(image: Any) -> np.ndarray:
    """Return a Pillow image as a new array (C, H, W), C = 1 for grey.

    Palettes become colours (with their transparency if they have any), black and white 0 and 255.
    """
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    elif image.mode not in PLAIN_MODES:
        image = image.convert("L" if image.mode == "1" else "RGBA" if "A" in image.mode else "RGB")
    array = np.asarray(image)
    if array.ndim == 2:
        return array[None].copy()
    return np.ascontiguousarray(array.transpose(2, 0, 1))  # (C, H, W)


def to_picture(x: np.ndarray, mode: str | None = None) -> Any:
    """Return an array (C, H, W) or (H, W) as a Pillow image, of this mode if the channels fit it.

    uint8 of 1 to 4 channels, or one channel of float32, int32 or uint16: what Pillow can hold.
    """
    from PIL import Image

    x = x[None] if x.ndim == 2 else x
    if x.dtype != np.uint8:
        return Image.fromarray(np.ascontiguousarray(x[0]))
    if mode is None or Image.getmodebands(mode) != len(x) or mode in {"1", "P"}:
        mode = MODES[len(x)]
    data = x[0] if len(x) == 1 else x.transpose(1, 2, 0)  # (H, W, C)
    data = np.ascontiguousarray(data)
    return Image.frombytes(mode, (data.shape[1], data.shape[0]), data.tobytes())


def pair(name: str, value: Any, what: str = "size", least: int = 1) -> tuple[int, int]:
    """Return (value, value) for an integer, or the two integers of a sequence or array."""
    both = (value, value) if np.ndim(value) == 0 else tuple(value)
    message = (
        f"{name}: expected {what} to be an integer >= {least} or two of them (width, height), "
        f"got {value!r}. Give whole numbers of pixels."
    )
    if len(both) != 2 or any(not is_number(v) or isinstance(v, float | np.floating) for v in both):
        raise TypeError(message)
    if min(both) < least:
        raise ValueError(message)
    return int(both[0]), int(both[1])


def is_number(value: Any) -> bool:
    """Return whether `value` is a Python or NumPy integer or float, and no boolean."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def drawn_range(
    name: str, what: str, value: Any, centre: float = 0.0, least: float = -np.inf
) -> tuple[float, float]:
    """Return (low, high) to draw from: a pair as it is, of a number d centre - d and centre + d."""
    if np.ndim(value) == 0 and is_number(value):
        low, high = centre - abs(value), centre + abs(value)
    elif np.ndim(value) == 1 and len(value) == 2 and all(map(is_number, value)):
        low, high = map(float, value)
    else:
        raise TypeError(
            f"{name}: expected {what} to be a number or a pair (low, high), got {value!r}. "
            f"A number d draws from {centre:g} - d to {centre:g} + d."
        )
    if not (low <= high and np.isfinite(high - low)) or low < least:
        bound = "" if least == -np.inf else f", not below {least:g}"
        raise ValueError(
            f"{name}: expected {what} from a low to a finite high end{bound}, got {value!r}, that "
            f"is {low:g} to {high:g}. Give a smaller number or another pair."
        )
    return float(low), float(high)


def check_dtype(name: str, x: np.ndarray) -> None:
    """Refuse an array that holds no real numbers."""
    if x.dtype.kind not in "buif":
        raise TypeError(
            f"{name}: expected a picture of numbers, got dtype {x.dtype}. Convert it with astype."
        )


def work_dtype(dtype: np.dtype) -> type:
    """Return the floating type to compute pictures of `dtype` in."""
    small = dtype.itemsize <= 2 or dtype == np.float32
    return np.float32 if small else np.float64


class PictureTransform:
    """A change of pictures, equal for arrays and Pillow images, one or many; a parent.

    A subclass has `arrays`, from (N, C, H, W) to (N, C', H', W').
    """

    def __call__(self, x: Any) -> Any:
        if is_picture(x):
            return self.picture(x)
        xs = self._checked(x, (2, 3), "(C, H, W) or (H, W)")[None]
        return self._restored(xs)[0]

    def batch(self, xs: Any) -> Any:
        """Do the same to each picture of (N, C, H, W) or (N, H, W), or of a list."""
        if isinstance(xs, Sequence):
            ys = [self(x) for x in xs]
            return ys if not ys or any(map(is_picture, ys)) else np.stack(ys)
        return self._restored(self._checked(xs, (3, 4), "(N, C, H, W) or (N, H, W)"))

    def picture(self, image: Any) -> Any:
        """Do the same to a Pillow image, by way of an array."""
        return to_picture(self.arrays(from_picture(image)[None])[0], image.mode)

    def arrays(self, xs: np.ndarray) -> np.ndarray:
        """Change (N, C, H, W); for subclasses to write."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method arrays(xs), got none. "
            "Define it, from (N, C, H, W) to (N, C, H, W)."
        )

    def _restored(self, xs: np.ndarray) -> np.ndarray:
        if xs.ndim == 4:
            return self.arrays(xs)
        ys = self.arrays(xs[:, None])  # (N, 1, H, W)
        return ys[:, 0] if ys.shape[1] == 1 else ys

    def _checked(self, x: Any, axes: tuple[int, int], shape: str) -> np.ndarray:
        name = type(self).__name__
        if not isinstance(x, np.ndarray):
            raise TypeError(
                f"{name}: expected a Pillow image or an array {shape}, got {type(x).__name__}. "
                "Convert it with numpy.asarray first."
            )
        if x.ndim not in axes:
            raise ValueError(
                f"{name}: expected an array {shape}, got shape {x.shape}. "
                "Put it before Flatten, and channels before height and width."
            )
        check_dtype(name, x)
        return x


class RandomTransform(PictureTransform):
    """A change by chance, drawn anew for each picture; a parent.

    A subclass has `numbers`, how many uniform numbers it needs for one picture, and `vary`.

    Args:
        seed: start of its own generator, or a Generator; None takes one from
            `dezero.backend.random`. The same seed gives the same draws, one by one or in batches,
            and different ones to transforms of another class.
    Note: threads may share it: each call takes its numbers from the generator in one go.
    """

    numbers = 1

    def __init__(self, seed: "int | np.random.Generator | None" = None) -> None:
        self.rng = generator(type(self).__name__, seed)

    def arrays(self, xs: np.ndarray) -> np.ndarray:
        """Change each picture of (N, C, H, W) by its own draw."""
        return self.vary(xs, self.rng.random((len(xs), self.numbers)))

    def vary(self, xs: np.ndarray, u: np.ndarray) -> np.ndarray:
        """Change (N, C, H, W) by uniform numbers u (N, numbers); for subclasses to write."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method vary(xs, u), got none. "
            "Define it, from (N, C, H, W) and (N, numbers) to (N, C, H, W)."
        )


def generator(name: str, seed: Any) -> "np.random.Generator":
    """Return a generator that depends on the seed and on the name of who draws."""
    if isinstance(seed, np.random.Generator):
        return seed
    if seed is None:
        from dezero.backend import random

        seed = int(random.default_rng().integers(2**63))
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise TypeError(
            f"{name}: expected seed to be an integer >= 0 or a Generator, got {seed!r}. "
            "Leave it out for a new one."
        )
    # With the name, flips to the side and upside down that share a seed do not go together.
    return np.random.default_rng([int(seed), int.from_bytes(name.encode(), "big")])

"""Picture files, Pillow images and arrays (H, W, C) or (C, H, W), each made of the others.

A picture file is data from strangers: it is opened by the readers of the usual formats alone, and
whatever is wrong with it is one error that names it.
"""

import functools
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np

__all__ = [
    "COLOR_MODES",
    "FILTERS",
    "PictureError",
    "array_to_img",
    "check_data_format",
    "img_to_array",
    "load_img",
    "save_img",
]

# What data_format None stands for; `keras.backend.set_image_data_format` changes it.
DEFAULTS = {"data_format": "channels_last"}
COLOR_MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}
CHANNELS = {1: "L", 3: "RGB", 4: "RGBA"}
# Pillow's own numbers, so that Pillow is imported on use.
FILTERS = {"nearest": 0, "lanczos": 1, "bilinear": 2, "bicubic": 3, "box": 4, "hamming": 5}
# What Pillow reads without calling a program, as it does for PostScript.
FORMATS = ("JPEG", "PNG", "BMP", "DIB", "GIF", "PPM", "TIFF", "WEBP", "TGA", "ICO")
DEEP = ("I", "F")  # first letter of the modes with more than 8 bits for a value


class PictureError(OSError, ValueError):
    """A file is no picture, is damaged, or would be too large in memory."""


def load_img(
    path: Any,
    color_mode: str = "rgb",
    target_size: tuple[int, int] | None = None,
    interpolation: str = "nearest",
    keep_aspect_ratio: bool = False,
) -> Any:
    """Return a file as a Pillow image.

    Args:
        path: the file, or an open one.
        color_mode: "rgb", "rgba" or "grayscale"; grey of 16 bits stays so.
        target_size: (height, width) to resize to.
        interpolation: "nearest", "bilinear", "bicubic", "lanczos", "box" or "hamming".
        keep_aspect_ratio: cut what is too wide or too high off both sides before resizing.
    Raises:
        PictureError: it is no picture, is damaged, or is too large.
        FileNotFoundError: there is no such file.
        ValueError: another color_mode, target_size or interpolation.
    """
    check_choice("load_img", "color_mode", color_mode, tuple(COLOR_MODES))
    size = None if target_size is None else check_size("load_img", target_size)
    check_choice("load_img", "interpolation", interpolation, tuple(FILTERS))
    image = _decoded(path, color_mode)
    if size is None or image.size == (size[1], size[0]):
        return image
    box = _middle(image.size, size) if keep_aspect_ratio else None
    return image.resize((size[1], size[0]), FILTERS[interpolation], box)


def _decoded(path: Any, color_mode: str) -> Any:
    from PIL import Image

    name = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else "the open file"
    if name == "the open file" and not hasattr(path, "read"):
        raise TypeError(
            f"load_img: expected a path or an open file, got {type(path).__name__}. "
            "For an array take array_to_img."
        )
    source: Any = path if hasattr(path, "read") else open(path, "rb")
    try:
        with Image.open(source, formats=_formats()) as image:
            _check_header(name, image, color_mode, Image.MAX_IMAGE_PIXELS)
            image.load()
            mode = COLOR_MODES[color_mode]
            if image.mode == mode or (mode == "L" and image.mode.startswith("I")):
                return image.copy()
            return image.convert(mode)
    except (PictureError, MemoryError):
        raise
    # Pillow's readers have no closed list of what damaged files throw: OSError, SyntaxError,
    # ValueError, struct.error, DecompressionBombError and more.
    except Exception as error:
        raise PictureError(
            f"{name}: expected a picture ({', '.join(FORMATS)}), got {type(error).__name__}: "
            f"{error}. Mend or delete the file."
        ) from error
    finally:
        if source is not path:
            source.close()


@functools.cache
def _formats() -> tuple[str, ...]:
    from PIL import Image

    Image.init()
    return tuple(kind for kind in FORMATS if kind in Image.OPEN)


def _check_header(name: str, image: Any, color_mode: str, most: int | None) -> None:
    """Refuse, before anything is decoded, what would fill the memory or lose its values."""
    width, height = image.size
    if most is not None and width * height > most:
        raise PictureError(
            f"{name}: expected a picture of at most {most} pixels, got {width} by {height}. "
            "Shrink it, or raise PIL.Image.MAX_IMAGE_PIXELS if you trust the file."
        )
    if image.mode[0] in DEEP and color_mode != "grayscale":
        raise PictureError(
            f"{name}: expected 8 bits for each value, got mode {image.mode}, of which "
            f'{color_mode} would cut off the rest. Load it with color_mode="grayscale".'
        )


def _middle(size: tuple[int, int], target: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the largest box in the middle that has the sides of `target` (height, width)."""
    width, height = size
    tall = min(height, width * target[0] // target[1])
    wide = min(width, height * target[1] // target[0])
    left, top = (width - wide) // 2, (height - tall) // 2
    return left, top, left + wide, top + tall


def img_to_array(img: Any, data_format: str | None = None, dtype: Any = None) -> np.ndarray:
    """Return a Pillow image as an array (H, W, C) or (C, H, W); grey has one channel.

    Args:
        img: a Pillow image, or an array (H, W) or (H, W, C).
        data_format: "channels_last" (None) or "channels_first".
        dtype: None is float32; the values stay those of the image, 0 to 255.
    """
    first = check_data_format("img_to_array", data_format) == "channels_first"
    x = np.array(img, dtype or np.float32)
    if x.ndim not in (2, 3):
        raise ValueError(
            f"img_to_array: expected one picture (H, W) or (H, W, C), got shape {x.shape}. "
            "Take a single one of the batch."
        )
    if x.ndim == 2:
        x = x[:, :, None]
    return x.transpose(2, 0, 1) if first else x


def array_to_img(
    x: Any, data_format: str | None = None, scale: bool = True, dtype: Any = None
) -> Any:
    """Return an array (H, W, C) or (C, H, W) of 1, 3 or 4 channels as a Pillow image.

    Args:
        x: the picture.
        data_format: "channels_last" (None) or "channels_first".
        scale: stretch the values so that the lowest becomes 0 and the highest 255.
        dtype: what is computed in; None is float32.
    Raises:
        ValueError: another shape; or, without scale, values beyond 0 to 255 or not finite.
    Note: values are rounded; Keras cuts their fraction off.
    """
    first = check_data_format("array_to_img", data_format) == "channels_first"
    x = np.asarray(x, dtype or np.float32)
    if x.ndim == 3 and first:
        x = x.transpose(1, 2, 0)
    if x.ndim != 3 or x.shape[2] not in CHANNELS or x.size == 0:
        raise ValueError(
            f"array_to_img: expected one picture (H, W, C) of 1, 3 or 4 channels, got shape "
            f"{x.shape} as channels last. Take one of the batch, or set data_format."
        )
    if not np.isfinite(x).all():
        raise ValueError("array_to_img: expected finite values, got NaN or infinity. Mend them.")
    if scale:
        x = x - x.min()
        x = x * (255 / (x.max() or 1))
    elif x.min() < 0 or (x.max() >= 256 and x.shape[2] > 1):
        raise ValueError(
            f"array_to_img: expected values from 0 to 255, got {x.min():g} to {x.max():g}. "
            "Pass scale=True."
        )
    return _image(x)


def _image(x: np.ndarray) -> Any:
    from PIL import Image

    height, width, channels = x.shape
    if channels == 1 and x.max() > 255:
        return Image.fromarray(np.ascontiguousarray(x[:, :, 0], np.int32))
    data = np.ascontiguousarray(np.minimum(np.rint(x), 255), np.uint8)
    return Image.frombytes(CHANNELS[channels], (width, height), data.tobytes())


def save_img(
    path: Any,
    x: Any,
    data_format: str | None = None,
    file_format: str | None = None,
    scale: bool = True,
    **kwargs: Any,
) -> None:
    """Write an array (H, W, C) or (C, H, W) as a picture file.

    Args:
        path: the file; its ending tells the format if file_format does not.
        x, data_format, scale: as in array_to_img.
        file_format: "png", "jpg", ...
        **kwargs: for Pillow's `save`.
    """
    if file_format is None and isinstance(path, str | os.PathLike):
        file_format = Path(path).suffix[1:]
    kind = (file_format or "").lower().replace("jpg", "jpeg")
    image = array_to_img(x, data_format, scale)
    if image.mode == "RGBA" and kind == "jpeg":
        warnings.warn(
            "save_img: JPEG holds no transparency, it is left out. Take png.", stacklevel=2
        )
        image = image.convert("RGB")
    if image.mode == "I" and kind == "jpeg":
        raise ValueError("save_img: expected values up to 255 for JPEG, got higher. Take png.")
    image.save(path, format=kind or None, **kwargs)


def check_data_format(name: str, data_format: str | None) -> str:
    """Return data_format, that of DEFAULTS for None, if it is one."""
    data_format = data_format or DEFAULTS["data_format"]
    check_choice(name, "data_format", data_format, ("channels_last", "channels_first"))
    return data_format


def check_choice(name: str, what: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Refuse a value that is none of the choices."""
    if not any(value is choice or value == choice for choice in choices):
        listed = ", ".join(map(repr, choices))
        raise ValueError(
            f"{name}: expected {what} to be one of {listed}, got {value!r}. Take one of them."
        )


def check_size(name: str, size: Any) -> tuple[int, int]:
    """Return (height, width) if `size` is two whole numbers above 0, or one for both."""
    both = (size, size) if np.ndim(size) == 0 else tuple(size)
    if len(both) != 2 or any(
        isinstance(side, bool) or not isinstance(side, int | np.integer) or side < 1
        for side in both
    ):
        raise ValueError(
            f"{name}: expected a size (height, width) of whole numbers above 0, got {size!r}. "
            "Give it in pixels."
        )
    return int(both[0]), int(both[1])

"""From a picture to the array that published weights were trained on."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero.core.errors import describe, lookup

# Blue, green, red. Simonyan and Zisserman 2014, section 2.1, subtract the mean of the training set;
# the numbers are those of their published weights, and of He et al.'s, averaged over the picture.
_MEANS = {"vgg": (103.939, 116.779, 123.68), "msra": (103.063, 115.903, 123.152)}
# Red, green, blue of ImageNet scaled to 0..1, which torchvision's weights were trained with.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
STYLES = {"vgg": None, "msra": None, "torchvision": None}


def preprocess(
    image: Any,
    size: Any = (224, 224),
    dtype: DTypeLike = np.float32,
    *,
    style: str = "vgg",
) -> np.ndarray:
    """Return a picture as (3, H, W), scaled and coloured as published weights want it.

    Args:
        image: Pillow picture of 8 bits for each value, palettes, grey and transparent ones as
            well; or uint8 array (H, W) or (H, W, 3), red first.
        size: (width, height), or an integer for a square; None keeps that of the picture.
        dtype: floating dtype of the result.
        style: "vgg" and "msra" stretch to `size` and give blue, green, red less their means, for
            weights that come from Caffe; "torchvision" keeps the proportions, cuts the middle out
            and gives red, green, blue of mean 0 and deviation 1 over ImageNet.
    Raises:
        TypeError: image is no picture, or dtype is not floating.
        ValueError: style is unknown, size is no size, or the picture has more bits or no pixels.
    """
    lookup("preprocess: style", style, STYLES)
    if np.dtype(dtype).kind != "f":
        raise TypeError(f"preprocess: expected a floating dtype, got {np.dtype(dtype)}.")
    image = _picture(image)
    if image.mode.split(";")[0] in {"I", "F"} or 0 in image.size:
        raise ValueError(
            f"preprocess: expected pixels of 8 bits for each value, got a picture of mode "
            f"{image.mode} and size {image.size}. Scale its values to 0..255 as uint8 first."
        )
    image = image.convert("RGB")
    width, height = _size(size) if size is not None else image.size
    if style == "torchvision":
        if size is not None:
            image = _middle(image, width, height)
        pixels = np.asarray(image, dtype=np.float64) / 255
        pixels = (pixels - _MEAN) / _STD
    else:
        image = image if size is None else image.resize((width, height))
        pixels = np.asarray(image, dtype=np.float64)[:, :, ::-1] - _MEANS[style]
    return np.ascontiguousarray(pixels.transpose(2, 0, 1), dtype=dtype)


def _picture(image: Any) -> Any:
    if hasattr(image, "convert"):
        return image
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim not in (2, 3) or array.shape[2:] not in ((), (3,)):
        raise TypeError(
            "preprocess: expected a Pillow picture or a uint8 array (H, W, 3), got "
            f"{describe(image)}. Open it with PIL.Image.open."
        )
    from PIL import Image

    return Image.fromarray(array)


def _size(size: Any) -> tuple[int, int]:
    pair = (size, size) if isinstance(size, int | np.integer) else size
    if (
        not isinstance(pair, tuple | list)
        or len(pair) != 2
        or not all(isinstance(n, int | np.integer) and n > 0 for n in pair)
    ):
        raise ValueError(
            f"preprocess: expected size as (width, height), got {describe(size)}. Try (224, 224)."
        )
    return int(pair[0]), int(pair[1])


def _middle(image: Any, width: int, height: int) -> Any:
    """Resize so that a margin of a seventh remains, and cut it off, as torchvision evaluates."""
    old_width, old_height = image.size
    if width * old_height >= height * old_width:
        wide = round(width * 256 / 224)
        tall = wide * old_height // old_width
    else:
        tall = round(height * 256 / 224)
        wide = tall * old_width // old_height
    left, top = round((wide - width) / 2), round((tall - height) / 2)
    resized = image.resize((wide, tall), resample=2)  # bilinear
    return resized.crop((left, top, left + width, top + height))

"""Changes to a sample or to a whole batch of samples: arrays or Pillow pictures in and out.

A picture is (H, W) or (C, H, W), a batch of them (N, H, W) or (N, C, H, W). Sizes are (width,
height), as in Pillow and in the book. Random changes draw from a generator of their own.
"""

from dezero.transforms.affine import affine_matrix, resample
from dezero.transforms.base import SLAB, Compose, apply_batch
from dezero.transforms.color import ColorJitter
from dezero.transforms.crops import CenterCrop, RandomCrop, RandomErasing
from dezero.transforms.formats import from_picture, is_picture, to_picture
from dezero.transforms.geometry import (
    RandomAffine,
    RandomHorizontalFlip,
    RandomRotation,
    RandomShear,
    RandomShift,
    RandomTranslation,
    RandomVerticalFlip,
    RandomZoom,
)
from dezero.transforms.pictures import Convert, Resize, ToArray, ToPIL
from dezero.transforms.shares import RESIZE_METHODS, shares
from dezero.transforms.values import AsType, Flatten, Normalize, Scaling, ToFloat, ToInt

__all__ = [
    "RESIZE_METHODS",
    "SLAB",
    "AsType",
    "CenterCrop",
    "ColorJitter",
    "Compose",
    "Convert",
    "Flatten",
    "Normalize",
    "RandomAffine",
    "RandomCrop",
    "RandomErasing",
    "RandomHorizontalFlip",
    "RandomRotation",
    "RandomShear",
    "RandomShift",
    "RandomTranslation",
    "RandomVerticalFlip",
    "RandomZoom",
    "Resize",
    "Scaling",
    "ToArray",
    "ToFloat",
    "ToInt",
    "ToPIL",
    "affine_matrix",
    "apply_batch",
    "from_picture",
    "is_picture",
    "resample",
    "shares",
    "to_picture",
]

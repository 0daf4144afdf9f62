"""Fashion-MNIST if this machine has it or can fetch it, else drawn garments, which say so."""

import os
from collections.abc import Callable
from typing import Any

from dezero.datasets.images import ImageDataset, flat_unit
from dezero.datasets.mnist import FashionMNIST
from dezero.datasets.places import DataNotFound
from dezero.datasets.synthetic import SyntheticFashion

__all__ = ["load_fashion"]


def load_fashion(
    where: str | os.PathLike[str] = "auto",
    transform: Callable[[Any], Any] | None = flat_unit,
    *,
    size: int | None = None,
) -> tuple[ImageDataset, ImageDataset]:
    """Return the training and the test part of Fashion-MNIST, or of its stand-in.

    Args:
        where: "real", "synthetic", a folder with the files of the real one; "auto" takes the real
            one where it is found, and else prints that the garments are drawn.
        transform: as of the data sets.
        size: the number of training images, a sixth of it for the test; None is all there are.
    Returns:
        (train, test); their `title` tells a headline which of the two they are.
    Raises:
        ValueError: the folder is none, or size is below 6.
        DataNotFound: "real" or a folder was asked for, and the files are nowhere.
    """
    if size is not None and size < 6:
        raise ValueError(f"load_fashion: expected size >= 6, got {size}. None takes all images.")
    sizes = (size, None if size is None else size // 6)
    if where != "synthetic":
        root = None if where in ("auto", "real") else where
        try:
            train, test = (FashionMNIST(part, transform, root=root) for part in (True, False))
        except DataNotFound:
            if where != "auto":
                raise
            print("Fashion-MNIST was neither found nor reachable: training on synthetic garments.")
        else:
            for part, count in zip((train, test), sizes, strict=True):
                part.data, part.label = part.data[:count], part.label[:count]
            return train, test
    train, test = (
        SyntheticFashion(part, transform, size=count)
        for part, count in zip((True, False), sizes, strict=True)
    )
    return train, test

"""ImageNet's 1000 classes by name, and its pictures where somebody has them."""

import functools
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dezero.datasets.folder import ImageFolder
from dezero.datasets.places import DataNotFound

__all__ = ["ImageNet"]


@functools.cache
def classes() -> dict[str, str]:
    """Return WordNet number -> words of each class, in the order of the class numbers."""
    from importlib.resources import files

    text = files("dezero.datasets").joinpath("imagenet_classes.txt").read_text("utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return dict(line.split(" ", 1) for line in lines)


class ImageNet(ImageFolder):
    """The pictures of ILSVRC 2012, from folders named by WordNet number: train/n01440764/x.JPEG.

    Args:
        train: the folder "train" or the folder "val" below root.
        transform: callable on one Pillow image, as in ImageFolder.
        target_transform: callable on one label.
        root: the folder; None looks for "imagenet" in DEZERO_DATA.
    Raises:
        DataNotFound: there is no such folder. The pictures are not ours to download.
        ValueError: a folder is none of the 1000 classes.
    Note: `ImageNet.labels()` needs no pictures. Labels are the usual class numbers, also where
        some folders are missing.

    Reference:
        Russakovsky et al. 2015, "ImageNet large scale visual recognition challenge".
    """

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        root: str | os.PathLike[str] | None = None,
    ) -> None:
        part = "train" if train else "val"
        base = root
        if base is None:
            base = Path(os.environ.get("DEZERO_DATA") or ".") / "imagenet"
        folder = Path(base).expanduser() / part
        if not folder.is_dir():
            raise DataNotFound(
                f"ImageNet: expected a folder with one folder of pictures for each class, got "
                f"none at {folder}. Ask for the pictures at image-net.org, and pass root or set "
                "DEZERO_DATA. For the names alone, ImageNet.labels() is enough.",
                [(str(folder), "no such folder")],
            )
        super().__init__(folder, transform, target_transform)
        self.train = train

    def find_classes(self) -> dict[str, int]:
        """Return WordNet number -> class number, of the folders that are there."""
        numbers = {name: index for index, name in enumerate(classes())}
        found = super().find_classes()
        unknown = sorted(set(found) - set(numbers))
        if unknown:
            raise ValueError(
                f"ImageNet: expected folders named by the WordNet numbers of the 1000 classes, "
                f"got {', '.join(unknown[:5])} in {self.root}. Use ImageFolder for other pictures."
            )
        return {name: numbers[name] for name in found}

    @staticmethod
    def labels() -> dict[int, str]:  # type: ignore[override]
        """Return class number -> words of WordNet: {0: "tench, Tinca tinca", ...}."""
        return dict(enumerate(classes().values()))

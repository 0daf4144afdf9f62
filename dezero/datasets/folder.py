"""Pictures in folders, one folder for each class, decoded when they are asked for."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dezero.datasets.idx import DataCorrupt
from dezero.datasets.images import ImageDataset
from dezero.transforms import from_picture, is_picture

__all__ = ["EXTENSIONS", "ImageFolder", "PictureFiles"]

EXTENSIONS = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
MODES = ("RGB", "L", "RGBA", None)
THUMBNAIL = 64


class PictureFiles(Sequence[Any]):
    """Files as a sequence of Pillow images, each read and decoded when it is indexed.

    Args:
        paths: the files.
        mode: Pillow mode to convert to, "RGB", "L", "RGBA"; None keeps that of the file.
    """

    def __init__(self, paths: Sequence[str], mode: str | None = "RGB") -> None:
        self.paths = list(paths)
        self.mode = mode

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(len(self))[index]]
        return open_picture(self.paths[index], self.mode)


def open_picture(path: str, mode: str | None = "RGB") -> Any:
    """Return the decoded Pillow image of a file.

    Raises:
        DataCorrupt: it is no picture, is damaged or too large, or `mode` would lose its values.
    """
    from PIL import Image

    try:
        with open(path, "rb") as file, Image.open(file) as image:
            if mode in {"RGB", "RGBA", "L"} and image.mode.split(";")[0] in {"I", "F"}:
                raise DataCorrupt(
                    f"{path}: expected 8 bits for each value, got mode {image.mode}, of which "
                    f"{mode} would cut off the rest. Convert the file, or pass mode=None."
                )
            image.load()
            return image.convert(mode) if mode and mode != image.mode else image.copy()
    except (DataCorrupt, MemoryError):
        raise
    # Pillow's readers have no closed list of what damaged files throw: OSError, SyntaxError,
    # ValueError, struct.error, DecompressionBombError and more.
    except Exception as error:
        raise DataCorrupt(
            f"{path}: expected a picture, got {type(error).__name__}: {error}. "
            "Mend or delete the file."
        ) from error


class ImageFolder(ImageDataset):
    """Pictures below `root`, one folder for each class: root/cat/1.jpg, root/dog/indoors/2.png.

    Args:
        root: the folder. Its folders, in alphabetical order, are the classes 0, 1, 2, ...
        transform: callable on one Pillow image; what it leaves a Pillow image becomes an array
            uint8 (C, H, W), and so does every picture where transform is None.
        target_transform: callable on one label.
        extensions: endings of the files to read, in any case.
        mode: "RGB", "L" for grey, "RGBA", or None for what each file has.
    Raises:
        ValueError: root is no folder or holds no picture, or mode is another.
        DataCorrupt: when a picture is asked for and cannot be decoded; the message names it.
    Note: `classes`, `class_to_index`, `samples` (path, class) and `label` are there at once; no
        file is opened before it is indexed. Names that begin with a dot are passed over.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        extensions: Sequence[str] = EXTENSIONS,
        mode: str | None = "RGB",
    ) -> None:
        self.root = Path(root).expanduser()
        endings = [extensions] if isinstance(extensions, str) else extensions
        self.extensions = tuple(f".{ending.lower().lstrip('.')}" for ending in endings)
        if mode not in MODES:
            raise ValueError(
                f"{type(self).__name__}: expected mode to be one of {MODES}, got {mode!r}. "
                "Put Convert into transform for others."
            )
        self.mode = mode
        super().__init__(True, transform, target_transform)

    def prepare(self) -> None:
        self.class_to_index = self.find_classes()
        names = sorted(self.class_to_index)
        self.classes = tuple(names)  # type: ignore[misc]
        self.samples = [
            (path, self.class_to_index[name])
            for name in names
            for path in _files(self.root / name, self.extensions, frozenset())
        ]
        if not self.samples:
            raise ValueError(
                f"{type(self).__name__}: expected pictures ({', '.join(self.extensions)}) in "
                f"folders below {self.root}, one for each class, got {len(names)} folders and no "
                "picture. Check root and extensions."
            )
        self.data = PictureFiles([path for path, _ in self.samples], self.mode)
        self.label = np.array([index for _, index in self.samples], np.int64)

    def find_classes(self) -> dict[str, int]:
        """Return folder -> class number, for a subclass to change."""
        if not self.root.is_dir():
            raise ValueError(
                f"{type(self).__name__}: expected root to be a folder, got {str(self.root)!r}. "
                "Give the folder that holds one folder for each class."
            )
        folders = (entry for entry in os.scandir(self.root) if entry.is_dir())
        names = sorted(entry.name for entry in folders if not entry.name.startswith("."))
        return {name: index for index, name in enumerate(names)}

    def labels(self) -> dict[int, str]:  # type: ignore[override]
        """Return class number -> name."""
        return {index: name for name, index in self.class_to_index.items()}

    @property
    def takes_index_arrays(self) -> bool:
        return type(self).__getitem__ is ImageFolder.__getitem__

    def __getitem__(self, index: Any) -> Any:
        x, t = super().__getitem__(index)
        return (from_picture(x) if is_picture(x) else x), t

    def _facts(self) -> list[str]:
        return [f"{len(self.samples)} pictures", f"{len(self.classes)} classes", str(self.root)]

    def tiles(self, index: np.ndarray) -> np.ndarray:
        """Return thumbnails of 64 by 64, cut out of the middle, uint8 (N, 3, 64, 64)."""
        from PIL import Image, ImageOps

        size, smooth = (THUMBNAIL, THUMBNAIL), Image.Resampling.BILINEAR
        pictures = (open_picture(self.data.paths[i]) for i in index)
        return np.stack([from_picture(ImageOps.fit(picture, size, smooth)) for picture in pictures])


def _files(folder: Path, extensions: tuple[str, ...], above: frozenset[str]) -> Iterator[str]:
    """Yield the pictures below `folder` in order; links are followed, but not in circles."""
    real = os.path.realpath(folder)
    if real in above:
        return
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from _files(folder / entry.name, extensions, above | {real})
        elif entry.name.lower().endswith(extensions):
            yield entry.path

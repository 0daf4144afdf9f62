"""Pictures in folders, one folder for each class: what `flow_from_directory` returns."""

import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.files import FileIterator
from dezero.preprocessing.iterator import PictureIterator, Saving
from dezero.preprocessing.listing import ENDINGS, class_folders, picture_files
from dezero.preprocessing.pictures import check_choice

__all__ = ["DirectoryIterator"]

CLASS_MODES = ("categorical", "binary", "sparse", "input", None)


class DirectoryIterator(FileIterator):
    """Endless batches of the pictures below `directory`, each picture changed.

    Args:
        directory: the folder that holds one folder for each class.
        image_data_generator: what changes the pictures.
        target_size: (height, width) that each is resized to.
        color_mode: "rgb", "rgba" or "grayscale".
        classes: names of the folders, in the order of their numbers; None takes all, sorted.
        class_mode: targets one-hot ("categorical"), 0 or 1 ("binary"), class numbers ("sparse",
            integers where Keras has floats), the changed pictures themselves ("input"), or None.
        batch_size, shuffle, seed: as in PictureIterator.
        save_to_dir, save_prefix, save_format: where to write each picture, and as what.
        follow_links: also to what lies outside of directory.
        subset: "training" or "validation"; the first validation_split of each class, in order of
            their names, is for validation.
        interpolation, keep_aspect_ratio: as in load_img.
    Note: `samples`, `filenames`, `filepaths`, `classes` (a number for each file),
        `class_indices` and `num_classes` are there at once; no file is opened before its batch.
    """

    def __init__(  # noqa: PLR0917
        self,
        directory: Any,
        image_data_generator: Any,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
    ) -> None:
        self._read_as(
            image_data_generator,
            target_size=target_size,
            color_mode=color_mode,
            data_format=data_format,
            saving=Saving(save_to_dir, save_prefix, save_format),
            subset=subset,
            interpolation=interpolation,
            keep_aspect_ratio=keep_aspect_ratio,
            dtype=dtype,
        )
        check_choice("flow_from_directory", "class_mode", class_mode, CLASS_MODES)
        self.directory, self.class_mode = os.fspath(directory), class_mode
        names = _class_names(self.directory, classes)
        if class_mode == "binary" and len(names) > 2:
            raise ValueError(
                f"flow_from_directory: expected two classes for binary, got {names}. "
                "Take categorical or sparse."
            )
        found = picture_files(self.directory, names, ENDINGS, follow_links)
        found = [self.in_subset(paths) for paths in found]
        self.num_classes = len(names)
        self.class_indices = {name: number for number, name in enumerate(names)}
        self.filenames = [path for paths in found for path in paths]
        self.filepaths = [os.path.join(self.directory, path) for path in self.filenames]
        self.samples = len(self.filenames)
        counts = [len(paths) for paths in found]
        self.classes = np.repeat(np.arange(len(names), dtype=np.int32), counts)
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        PictureIterator.__init__(self, self.samples, batch_size, shuffle, seed)


def _class_names(directory: str, classes: Sequence[str] | None) -> list[str]:
    there = class_folders("flow_from_directory", directory)
    if not classes:
        return there
    missing = [name for name in classes if not os.path.isdir(os.path.join(directory, name))]
    if isinstance(classes, str) or missing:
        raise ValueError(
            f"flow_from_directory: expected classes to be folders of {directory}, got "
            f"{classes!r}. There are {there}."
        )
    return list(classes)

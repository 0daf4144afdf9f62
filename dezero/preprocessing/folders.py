"""Batches of picture files as a data set: image_dataset_from_directory."""

import dataclasses
import itertools
import math
import os
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.batches import Batches
from dezero.preprocessing.draws import is_number, start_of
from dezero.preprocessing.listing import class_folders, picture_files
from dezero.preprocessing.pictures import (
    COLOR_MODES,
    check_choice,
    check_data_format,
    check_size,
    img_to_array,
    load_img,
)
from dezero.preprocessing.resizing import cropped, resize
from dezero.transforms import RESIZE_METHODS

__all__ = ["image_dataset_from_directory"]

ENDINGS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")
SUBSETS = (None, "training", "validation", "both")


def image_dataset_from_directory(  # noqa: PLR0917
    directory: Any,
    labels: Any = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: Any = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: Any = None,
    verbose: bool = True,
) -> Any:
    """Return the pictures below a folder as a data set of batches (x, y), x float32 of 0 to 255.

    Args:
        directory: holds one folder for each class where labels are inferred, else the pictures.
        labels: "inferred" from the folders, None for none, or a list of class numbers, one for
            each file in order of the paths.
        label_mode: "int" int32 (N,), "categorical" one-hot, "binary" float32 (N, 1), None.
        class_names: the folders in the order of their numbers; None takes all, sorted.
        color_mode: "rgb", "rgba" or "grayscale".
        batch_size: None gives single pictures.
        image_size: (height, width); interpolation: how to get there, see `resize`.
        shuffle, seed: a new order in every epoch.
        validation_split, subset: the last part of the files is "validation", the first
            "training"; "both" returns two data sets. Give a seed, or shuffle=False.
        follow_links: also to what lies outside of directory.
        crop_to_aspect_ratio, pad_to_aspect_ratio: cut off, or surround with black, rather than
            distort.
        data_format, verbose: as in Keras. format: for scripts, not used.
    Note: values are those of Keras but for JPEG, where its decoder is up to 8 greys of 255 away,
        and colours made grey, where it is one away.
    """
    name = "image_dataset_from_directory"
    check_choice(name, "label_mode", label_mode, ("int", "categorical", "binary", None))
    check_choice(name, "color_mode", color_mode, tuple(COLOR_MODES))
    check_choice(name, "interpolation", interpolation, RESIZE_METHODS)
    _check_subset(validation_split, subset, shuffle, seed)
    directory = os.fspath(directory)
    paths, numbers, names = _listed(directory, labels, class_names, follow_links)
    if labels is None or label_mode is None:
        numbers, label_mode, names = None, None, names if labels == "inferred" else None
    if label_mode == "binary" and len(names or ()) != 2:
        raise ValueError(
            f"{name}: expected two classes for binary, got {names}. Take int or categorical."
        )
    if verbose:
        belonging = f" belonging to {len(names)} classes" if names is not None else ""
        print(f"Found {len(paths)} files{belonging}.")
    start = start_of(seed)
    order = np.random.default_rng([start, 0]).permutation(len(paths)) if shuffle else None
    reader = _Reader(
        color_mode,
        check_size(name, image_size),
        interpolation,
        "crop" if crop_to_aspect_ratio else "pad" if pad_to_aspect_ratio else "distort",
        check_data_format(name, data_format),
    )
    coded = None if numbers is None else _coded(numbers, label_mode, len(names or ()))
    parts = _split(len(paths), order, validation_split, subset, verbose)
    sets = []
    for rows, mixed in parts:
        made = _dataset(
            paths, coded, rows, reader=reader, batch_size=batch_size, seed=start if mixed else None
        )
        made.class_names = names
        made.file_paths = [paths[row] for row in rows.tolist()]
        sets.append(made)
    return sets if subset == "both" else sets[0]


@dataclasses.dataclass(frozen=True)
class _Reader:
    """How a file becomes an array of one size."""

    color_mode: str
    size: tuple[int, int]
    method: str
    fit: str
    data_format: str

    def __call__(self, path: str) -> np.ndarray:
        x = img_to_array(load_img(path, self.color_mode))
        if self.fit == "crop":
            x = cropped(x, self.size, 0)
        if self.fit == "pad":
            x = _padded(x, self.size)
        x = resize(x, self.size, self.method, 0)
        return x if self.data_format == "channels_last" else x.transpose(2, 0, 1)


def _padded(x: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return x in the middle of black that has the proportions of `size`, up to a row or column."""
    height, width = x.shape[:2]
    top = max(0, width * size[0] // size[1] - height) // 2
    left = max(0, height * size[1] // size[0] - width) // 2
    return np.pad(x, ((top, top), (left, left), (0, 0)))  # the same on both sides, as in Keras


def _check_subset(share: Any, subset: Any, shuffle: bool, seed: Any) -> None:
    name = "image_dataset_from_directory"
    check_choice(name, "subset", subset, SUBSETS)
    if (share is None) != (subset is None):
        raise ValueError(
            f"{name}: expected validation_split and subset together, got {share!r} and "
            f"{subset!r}. Pass both or none."
        )
    if share is None:
        return
    if not is_number(share) or not 0 < share < 1:
        raise ValueError(
            f"{name}: expected validation_split between 0 and 1, got {share!r}. 0.2 is usual."
        )
    if shuffle and seed is None and subset != "both":
        raise ValueError(
            f"{name}: expected a seed with subset={subset!r}, so that the other call leaves out "
            "the same files, got none. Pass the same seed to both."
        )


def _listed(
    directory: str, labels: Any, class_names: Any, follow_links: bool
) -> tuple[list[str], np.ndarray, list[str]]:
    """Return paths, class numbers, and names of classes."""
    name = "image_dataset_from_directory"
    there = class_folders(name, directory)
    inferred = isinstance(labels, str) and labels == "inferred"
    if not inferred and labels is not None and not isinstance(labels, list | tuple):
        raise ValueError(
            f'{name}: expected labels to be "inferred", None or a list, got {labels!r}. '
            "Give one class number for each file."
        )
    if class_names is not None and (not inferred or not set(class_names) <= set(there)):
        raise ValueError(
            f"{name}: expected class_names to be folders of {directory} beside inferred labels, "
            f"got {class_names!r}. There are {there}."
        )
    names = list(there if class_names is None else class_names)
    found = picture_files(directory, names if inferred else [""], ENDINGS, follow_links)
    paths = [os.path.join(directory, path) for files in found for path in files]
    if not paths:
        raise ValueError(
            f"{name}: expected pictures ({', '.join(ENDINGS)}) below {directory}, got none. "
            "Check the folder."
        )
    if inferred or labels is None:
        numbers = np.repeat(np.arange(len(found)), [len(files) for files in found])
        return paths, numbers, names
    return paths, *_given(labels, len(paths))


def _given(labels: Any, count: int) -> tuple[np.ndarray, list[str]]:
    numbers, classes = np.asarray(labels), sorted(set(labels))
    if numbers.shape != (count,) or numbers.dtype.kind not in "iu":
        raise ValueError(
            f"image_dataset_from_directory: expected a class number for each of {count} files, "
            f"got {numbers.dtype} {numbers.shape}. They go by the order of the paths."
        )
    if classes != list(range(len(classes))):
        raise ValueError(
            f"image_dataset_from_directory: expected class numbers 0, 1, 2, ..., got {classes}. "
            "Number them without gaps."
        )
    return numbers, [str(number) for number in classes]


def _coded(numbers: np.ndarray, label_mode: str | None, classes: int) -> np.ndarray:
    if label_mode == "categorical":
        return np.eye(classes, dtype=np.float32)[numbers]
    if label_mode == "binary":
        return numbers[:, None].astype(np.float32)
    return numbers.astype(np.int32)


def _split(
    count: int, order: Any, share: float | None, subset: str | None, verbose: bool
) -> list[tuple[np.ndarray, bool]]:
    """Return the rows of each data set asked for, and whether each epoch mixes them anew."""
    rows = np.arange(count) if order is None else order
    mixed = order is not None
    if share is None:
        return [(rows, mixed)]
    cut = count - int(share * count)
    parts = {"training": (rows[:cut], mixed), "validation": (rows[cut:], mixed)}
    if subset == "both":
        parts["validation"] = (rows[cut:], False)
    chosen = {what: part for what, part in parts.items() if subset in (what, "both")}
    for what, (part, _) in chosen.items():
        if not len(part):
            raise ValueError(
                f"image_dataset_from_directory: expected files for {what}, got none of {count} "
                f"with validation_split={share}. Change it."
            )
        if verbose:
            print(f"Using {len(part)} files for {what}.")
    return list(chosen.values())


def _dataset(
    paths: list[str],
    coded: np.ndarray | None,
    rows: np.ndarray,
    *,
    reader: _Reader,
    batch_size: int | None,
    seed: int | None,
) -> Batches:
    """Return a data set of these rows, mixed anew in each epoch where there is a seed."""
    epochs = itertools.count(1)

    def make() -> Iterator[Any]:
        order = rows
        if seed is not None:
            order = np.random.default_rng([seed, next(epochs)]).permutation(rows)
        for start in range(0, len(order), batch_size or 1):
            part = order[start : start + (batch_size or 1)]
            x = np.stack([reader(paths[row]) for row in part.tolist()])
            x, t = (x, coded) if batch_size else (x[0], coded)
            if t is None:
                yield x
            else:
                yield x, t[part] if batch_size else t[part[0]]

    return Batches(make, math.ceil(len(rows) / (batch_size or 1)))

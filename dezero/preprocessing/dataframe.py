"""Pictures listed in a table, with their labels: what `flow_from_dataframe` returns.

A table is whatever gives a column by its name, a pandas DataFrame or a dict of lists; pandas is
never imported.
"""

import os
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.files import FileIterator
from dezero.preprocessing.iterator import PictureIterator, Saving
from dezero.preprocessing.listing import ENDINGS
from dezero.preprocessing.pictures import check_choice

__all__ = ["DataFrameIterator"]

WITHOUT_CLASSES = ("input", "multi_output", "raw", None)
CLASS_MODES = ("binary", "categorical", "sparse", *WITHOUT_CLASSES)


class DataFrameIterator(FileIterator):
    """Endless batches of the pictures that a table names, each picture changed.

    Args:
        dataframe: the table.
        directory: folder that the names are relative to; None takes them as paths.
        image_data_generator: what changes the pictures.
        x_col: the column of file names.
        y_col: that of labels; a list of columns for "multi_output" and several raw values.
        weight_col: that of sample weights.
        classes: names in the order of their numbers, rows of others are left out; None takes all,
            sorted.
        class_mode: as in DirectoryIterator, where labels are strings, or for "categorical" lists
            of them too; "raw" gives the values of y_col, "multi_output" a list of columns.
        validate_filenames: leave out, with a warning, rows whose file is not there.
        target_size, color_mode, batch_size, shuffle, seed, data_format, save_to_dir, save_prefix,
            save_format, subset, interpolation, keep_aspect_ratio, dtype: as in DirectoryIterator;
            the first validation_split of all rows is for validation.
    """

    def __init__(  # noqa: PLR0917
        self,
        dataframe: Any,
        directory: Any = None,
        image_data_generator: Any = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
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
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: Any = None,
        validate_filenames: bool = True,
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
        check_choice("flow_from_dataframe", "class_mode", class_mode, CLASS_MODES)
        self.directory, self.class_mode = os.fspath(directory or ""), class_mode
        names = _names(dataframe, x_col)
        paths = [os.path.join(self.directory, name) for name in names]
        rows = _present(paths, x_col) if validate_filenames else list(range(len(paths)))
        labels: Sequence[Any] = []
        if class_mode not in WITHOUT_CLASSES:
            labels = _labels(dataframe, y_col, class_mode)
            rows, labels, found = _of_classes(rows, labels, classes)
            _check_binary(class_mode, found)
            self.class_indices = {name: number for number, name in enumerate(found)}
        rows = list(self.in_subset(rows))
        self.filenames = [names[row] for row in rows]
        self.filepaths = [paths[row] for row in rows]
        self.samples = len(rows)
        self.classes = [_numbers(labels[row], self.class_indices) for row in rows if labels]
        if weight_col is not None:
            self.sample_weight = np.asarray(dataframe[weight_col])[rows]
        if class_mode in {"raw", "multi_output"}:
            self.targets = _values(dataframe, y_col, rows, class_mode)
        self._announce("validated" if validate_filenames else "non-validated")
        PictureIterator.__init__(self, self.samples, batch_size, shuffle, seed)

    def _announce(self, how: str) -> None:
        line = f"Found {self.samples} {how} image filenames"
        if self.class_mode not in WITHOUT_CLASSES:
            line += f" belonging to {len(self.class_indices)} classes"
        print(f"{line}.")


def _names(dataframe: Any, x_col: str) -> list[str]:
    names = list(dataframe[x_col])
    if not all(isinstance(name, str) for name in names):
        raise TypeError(
            f"flow_from_dataframe: expected file names in column {x_col!r}, got other values. "
            "Convert them with astype(str)."
        )
    return names


def _present(paths: list[str], x_col: str) -> list[int]:
    rows = [
        row
        for row, path in enumerate(paths)
        if path.lower().endswith(ENDINGS) and os.path.isfile(path)
    ]
    if len(rows) < len(paths):
        warnings.warn(
            f"flow_from_dataframe: {len(paths) - len(rows)} names in column {x_col!r} are no "
            f"picture files and are left out; looked for endings {', '.join(ENDINGS)}.",
            stacklevel=4,
        )
    return rows


def _labels(dataframe: Any, y_col: Any, class_mode: str | None) -> list[Any]:
    labels = [None if _is_missing(label) else label for label in dataframe[y_col]]
    kinds: Any = (str, list, tuple) if class_mode == "categorical" else str
    if not all(label is None or isinstance(label, kinds) for label in labels):
        raise TypeError(
            f"flow_from_dataframe: expected strings in column {y_col!r} for {class_mode}, got "
            'other values. Convert them with astype(str), or take class_mode="raw".'
        )
    return labels


def _is_missing(label: Any) -> bool:
    return label is None or (isinstance(label, float) and label != label)


def _of_classes(
    rows: list[int], labels: list[Any], classes: Sequence[str] | None
) -> tuple[list[int], list[Any], list[str]]:
    """Return the rows that have a class, the labels, and the names of the classes."""
    several = [label if isinstance(label, list | tuple) else [label] for label in labels]
    there = sorted({name for row in rows for name in several[row] if name is not None})
    names = list(dict.fromkeys(classes)) if classes else there
    kept = [[name for name in label if name in names] for label in several]
    labels = [
        chosen if isinstance(label, list | tuple) else (chosen or [None])[0]
        for label, chosen in zip(labels, kept, strict=True)
    ]
    return [row for row in rows if kept[row]], labels, names


def _check_binary(class_mode: str | None, names: list[str]) -> None:
    if class_mode == "binary" and len(names) != 2:
        raise ValueError(
            f"flow_from_dataframe: expected two classes for binary, got {names}. "
            "Take categorical or sparse."
        )


def _numbers(label: Any, numbers: dict[Any, int]) -> Any:
    if isinstance(label, list | tuple):
        return [numbers[name] for name in label]
    return numbers[label]


def _values(dataframe: Any, y_col: Any, rows: list[int], class_mode: str) -> Any:
    def column(name: Any) -> np.ndarray:
        return np.array(list(dataframe[name]))[rows]

    if class_mode == "multi_output":
        if not isinstance(y_col, list):
            raise TypeError(
                f"flow_from_dataframe: expected y_col to be a list of columns for multi_output, "
                f"got {y_col!r}. Write [{y_col!r}]."
            )
        return [column(name) for name in y_col]
    if isinstance(y_col, list):
        return np.stack([column(name) for name in y_col], axis=1)
    return column(y_col)

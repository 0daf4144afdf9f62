"""Batches of picture files, decoded when they are asked for; what its subclasses list."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from dezero.preprocessing.iterator import PictureIterator, Saving
from dezero.preprocessing.pictures import (
    COLOR_MODES,
    FILTERS,
    check_choice,
    check_data_format,
    check_size,
    load_img,
)

__all__ = ["FileIterator"]

CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


class FileIterator(PictureIterator):
    """Endless batches of pictures from files; a parent.

    A subclass calls `_read_as`, sets the attributes below, and then `PictureIterator.__init__`.
    """

    filepaths: list[str]
    classes: Any  # of each file: a number, or several
    class_indices: dict[Any, int]
    class_mode: str | None
    sample_weight: np.ndarray | None = None
    targets: Any = None  # of "raw" and "multi_output"

    def _read_as(
        self,
        image_data_generator: Any,
        *,
        target_size: Any,
        color_mode: str,
        data_format: str | None,
        saving: Saving,
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
        dtype: Any,
    ) -> None:
        name = type(self).__name__
        self.image_data_generator = image_data_generator
        self.target_size = check_size(name, target_size)
        check_choice(name, "color_mode", color_mode, tuple(COLOR_MODES))
        check_choice(name, "interpolation", interpolation, tuple(FILTERS))
        self.color_mode, self.interpolation = color_mode, interpolation
        self.keep_aspect_ratio = keep_aspect_ratio
        self.data_format = check_data_format(name, data_format)
        self.dtype = np.dtype(dtype or np.float32)
        self.saving, self.subset = saving, subset
        self.split: tuple[float, float] | None = None
        if subset is not None:
            share = image_data_generator.validation_share(subset)
            self.split = (0.0, share) if subset == "validation" else (share, 1.0)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """Shape of a single picture in the batches."""
        channels = CHANNELS[self.color_mode]
        if self.data_format == "channels_last":
            return (*self.target_size, channels)
        return (channels, *self.target_size)

    def in_subset(self, files: Sequence[Any]) -> Sequence[Any]:
        """Return the part of a list that belongs to the subset."""
        if self.split is None:
            return files
        start, stop = (int(share * len(files)) for share in self.split)
        return files[start:stop]

    @property
    def labels(self) -> Any:
        """Class numbers of all files, or their targets."""
        return self.classes if self.targets is None else self.targets

    def make_batch(self, rows: np.ndarray, rng: "np.random.Generator") -> Any:
        """Return the changed pictures of these files, with their targets and weights."""
        pictures = [self._decoded(self.filepaths[row]) for row in rows.tolist()]
        x = self.image_data_generator.augmented(np.stack(pictures), rng)
        self.saving.write(x, rows, self.data_format, rng)
        if self.class_mode is None:
            return x
        t = self._targets(x, rows)
        return (x, t) if self.sample_weight is None else (x, t, self.sample_weight[rows])

    def _decoded(self, path: str) -> np.ndarray:
        image = load_img(
            path, self.color_mode, self.target_size, self.interpolation, self.keep_aspect_ratio
        )
        x = np.asarray(image)
        x = x[:, :, None] if x.ndim == 2 else x
        return x if self.data_format == "channels_last" else x.transpose(2, 0, 1)

    def _targets(self, x: np.ndarray, rows: np.ndarray) -> Any:
        if self.class_mode == "input":
            return x.copy()
        if self.class_mode == "multi_output":
            return [values[rows] for values in self.targets]
        if self.class_mode == "raw":
            return self.targets[rows]
        if self.class_mode == "categorical":
            t = np.zeros((len(rows), len(self.class_indices)), self.dtype)
            for i, row in enumerate(rows.tolist()):
                t[i, self.classes[row]] = 1
            return t
        kind = np.int32 if self.class_mode == "sparse" else self.dtype
        return np.array([self.classes[row] for row in rows.tolist()], kind)

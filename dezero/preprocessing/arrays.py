"""Batches of pictures that are in memory: what `ImageDataGenerator.flow` returns."""

import warnings
from typing import Any

import numpy as np

from dezero.preprocessing.iterator import PictureIterator, Saving
from dezero.preprocessing.pictures import check_choice, check_data_format

__all__ = ["NumpyArrayIterator"]


class NumpyArrayIterator(PictureIterator):
    """Endless batches x, (x, y) or (x, y, sample_weight) of arrays, each picture changed.

    Args:
        x: pictures of rank 4; or (pictures, others) where others is an array or a list of arrays
            that are batched beside them unchanged.
        y: targets, or None.
        image_data_generator: what changes the pictures.
        batch_size, shuffle, seed: as in PictureIterator.
        sample_weight: one weight for each sample.
        data_format: None is channels_last.
        save_to_dir, save_prefix, save_format: where to write each picture, and as what.
        subset: "training" or "validation"; the first validation_split of them is for validation.
        ignore_class_split: the two parts of y need not have the same classes.
        dtype: of the batches; None is float32. The pictures in memory stay as they are.
    """

    def __init__(  # noqa: PLR0917
        self,
        x: Any,
        y: Any,
        image_data_generator: Any,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        save_to_dir: Any = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:
        self.data_format = check_data_format("flow", data_format)
        self.dtype = np.dtype(dtype or np.float32)
        self.image_data_generator = image_data_generator
        self.saving = Saving(save_to_dir, save_prefix, save_format)
        x, misc = _parts(x)
        columns: list[Any] = [_pictures(x, self.data_format, self.dtype), *misc]
        columns += [None if values is None else np.asarray(values) for values in (y, sample_weight)]
        _check_lengths(columns)
        if subset is not None:
            share = image_data_generator.validation_share(subset)
            columns = _part(columns, subset, share, None if ignore_class_split else y)
        self.x: np.ndarray = columns[0]
        self.x_misc: list[np.ndarray] = columns[1:-2]
        self.y, self.sample_weight = columns[-2:]
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def make_batch(self, rows: np.ndarray, rng: "np.random.Generator") -> Any:
        """Return the changed pictures of these rows, with what belongs to them."""
        x: Any = self.image_data_generator.augmented(self.x.take(rows, axis=0), rng)
        self.saving.write(x, rows, self.data_format, rng)
        if self.x_misc:
            x = [x, *(values.take(rows, axis=0) for values in self.x_misc)]
        if self.y is None:
            return x
        beside = [self.y] if self.sample_weight is None else [self.y, self.sample_weight]
        return (x, *(values.take(rows, axis=0) for values in beside))


def _parts(x: Any) -> tuple[Any, list[np.ndarray]]:
    """Return the pictures, and the arrays that come beside them."""
    if not isinstance(x, tuple | list) or len(x) != 2 or np.ndim(x[0]) != 4:
        return x, []
    others = x[1] if isinstance(x[1], list) else [x[1]]
    return x[0], [np.asarray(values) for values in others]


def _pictures(x: Any, data_format: str, dtype: np.dtype) -> np.ndarray:
    x = np.asarray(x)
    if x.dtype.kind not in "buif":
        x = _as_numbers(x, dtype)
    if x.ndim != 4:
        raise ValueError(
            f"flow: expected x of rank 4, (N, H, W, C), got shape {x.shape}. "
            "Add an axis: x[None] for one picture, x[..., None] for grey ones."
        )
    axis = 3 if data_format == "channels_last" else 1
    if x.shape[axis] not in (1, 3, 4):
        warnings.warn(
            f"flow: expected 1, 3 or 4 channels on axis {axis} ({data_format}), got shape "
            f"{x.shape}. Set data_format if they are on the other side.",
            stacklevel=4,
        )
    return x


def _as_numbers(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    try:
        if x.dtype.kind == "O":
            return x.astype(dtype)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"flow: expected pictures of numbers, got objects ({error}). Convert them first."
        ) from error
    raise TypeError(f"flow: expected pictures of numbers, got {x.dtype}. Convert them first.")


def _check_lengths(columns: list[Any]) -> None:
    lengths = [len(values) for values in columns if values is not None]
    if len(set(lengths)) > 1:
        raise ValueError(
            f"flow: expected as many labels and weights as pictures, got lengths {lengths}. "
            "Each picture needs its own."
        )


def _part(columns: list[Any], subset: str, share: float, y: Any) -> list[Any]:
    """Return the first or the last part of each array."""
    check_choice("flow", "subset", subset, ("training", "validation"))
    cut = int(len(columns[0]) * share)
    if y is not None and not np.array_equal(np.unique(y[:cut]), np.unique(y[cut:])):
        raise ValueError(
            f"flow: expected the same classes in the first {cut} samples and in the rest, got "
            "others. Shuffle x and y together first, or pass ignore_class_split=True."
        )
    part = slice(None, cut) if subset == "validation" else slice(cut, None)
    return [None if values is None else values[part] for values in columns]

"""`Pipeline`: elements from arrays or generators, to be mapped, shuffled and batched."""

import builtins
import glob
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.preprocessing.batches import ENDLESS, UNKNOWN, Batches, mapped, rows_of, slices

__all__ = ["Pipeline"]


class Pipeline(Batches):
    """A data set as `tf.data.Dataset` is: `Pipeline.from_tensor_slices((x, y)).batch(32)`."""

    @staticmethod
    def from_tensor_slices(tensors: Any) -> "Pipeline":
        """Return the rows of arrays: an array, or a tuple or dict of them.

        Raises:
            ValueError: the arrays differ in their number of rows.
        """
        held = _arrays(tensors)
        return Pipeline(lambda: iter(slices(held)), rows_of(held))

    @staticmethod
    def from_tensors(tensors: Any) -> "Pipeline":
        """Return the data set of this one element."""
        held = _arrays(tensors)
        return Pipeline(lambda: iter([held]), 1)

    @staticmethod
    def from_generator(generator: Callable[..., Any], *ignored: Any, **types: Any) -> "Pipeline":
        """Return what `generator(*args)` yields; `output_types` and so on are accepted.

        Args:
            generator: a function, which is called for each epoch.
        """
        args = types.get("args") or ()
        return Pipeline(lambda: iter(generator(*args)), UNKNOWN)

    @staticmethod
    def range(*args: int, **ignored: Any) -> "Pipeline":
        """Return whole numbers, as Python's `range` has them, as int64."""
        numbers = np.arange(*args, dtype=np.int64)
        return Pipeline(lambda: iter(numbers), len(numbers))

    @staticmethod
    def zip(*datasets: Any) -> "Pipeline":
        """Return tuples of the elements of several data sets, as many as the shortest has."""
        parts = datasets[0] if len(datasets) == 1 else datasets
        known = [int(part.cardinality()) for part in parts]
        ends = [n for n in known if n != ENDLESS]
        length = UNKNOWN if UNKNOWN in known else min(ends, default=ENDLESS)
        return Pipeline(lambda: builtins.zip(*parts, strict=False), length)

    @staticmethod
    def list_files(file_pattern: Any, shuffle: bool | None = None, seed: Any = None) -> "Pipeline":
        """Return the paths that fit a pattern, or several, sorted; shuffled unless told not to."""
        patterns = [file_pattern] if isinstance(file_pattern, str) else file_pattern
        paths = sorted(path for pattern in patterns for path in glob.glob(pattern))

        def make() -> Iterator[Any]:
            return iter(paths)

        found = Pipeline(make, len(paths))
        return found.shuffle(max(1, len(paths)), seed) if shuffle in (None, True) else found


def _arrays(tensors: Any) -> Any:
    """Return a structure with arrays for its leaves; a list is one array, as TensorFlow has it."""
    return mapped(np.asarray, tensors)

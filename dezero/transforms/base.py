"""What a transform is: a callable on one sample, with `batch` for many at once."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dezero.transforms.formats import is_picture
from dezero.transforms.values import Scaling

__all__ = ["SLAB", "Compose", "apply_batch"]

SLAB = 1024


def apply_batch(transform: Callable[[Any], Any] | None, xs: Any) -> Any:
    """Apply `transform` to each of `xs`, at once where the transform has a `batch` method.

    Args:
        transform: a callable on one sample; None changes nothing.
        xs: array, the first axis counts samples; or a list of samples.
    Returns:
        Array with the same first axis; a list where the samples become Pillow pictures.
    """
    if transform is None:
        return xs
    batch = getattr(transform, "batch", None)
    if batch is not None and not (isinstance(xs, Sequence) and any(map(is_picture, xs))):
        return batch(xs if hasattr(xs, "dtype") else np.asarray(xs))
    if not len(xs):
        return xs
    ys = [transform(x) for x in xs]
    return ys if any(map(is_picture, ys)) else np.stack([np.asarray(y) for y in ys])


class Compose:
    """Apply `transforms` one after the other; an empty sequence changes nothing."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]] = ()) -> None:
        self.transforms = list(transforms or ())

    def __call__(self, x: Any) -> Any:
        for transform in self.transforms:
            x = transform(x)
        return x

    def batch(self, xs: Any) -> Any:
        """Do the same to each sample of (N, ...)."""
        if len(xs) <= SLAB or len(self.transforms) < 2:
            return self._batch(xs)
        # A whole data set goes through slab by slab: what lies between two transforms stays small.
        first = self._batch(xs[:SLAB])
        if isinstance(first, list):
            return first + [
                y for i in range(SLAB, len(xs), SLAB) for y in self._batch(xs[i : i + SLAB])
            ]
        result = np.empty((len(xs), *first.shape[1:]), first.dtype)
        result[:SLAB] = first
        for start in range(SLAB, len(xs), SLAB):
            part = self._batch(xs[start : start + SLAB])
            if part.dtype != result.dtype:  # as stacking all at once would have it
                result = result.astype(np.result_type(result, part), copy=False)
            result[start : start + SLAB] = part
        return result

    def as_scaling(self) -> Scaling | None:
        """Return what all of them do to each value, if that is one `Scaling`."""
        whole: Scaling | None = Scaling() if type(self) is Compose else None
        for transform in self.transforms:
            told = getattr(transform, "as_scaling", None)
            whole = None if whole is None or told is None else whole.then(told())
        return whole

    def _batch(self, xs: Any) -> Any:
        for transform in self.transforms:
            xs = apply_batch(transform, xs)
        return xs

"""Inputs of a model beside what it was built for."""

from typing import Any

from dezero.backend import is_array
from dezero.core.errors import describe
from dezero.keras.tensors import KerasTensor

__all__ = ["fitted"]


def fitted(x: Any, entry: KerasTensor, name: str) -> Any:
    """Return `x` as the input `entry` of a model; the batch is free, and sizes that are None.

    Numbers of another kind are taken in the dtype of the entry: of pictures of uint8 with float32,
    200 + 200 is 400 and not 144.

    As in Keras an axis of 1 at the end may be missing, or be one too many: numbers (N,) go into a
    model of `input_shape=(1,)`.

    Args:
        x: array or Variable; what has no shape is returned as it is.
        entry: the shape, with the batch, and the dtype.
        name: of the model.
    Raises:
        ValueError: a size differs.
    """
    found, shape = getattr(x, "shape", None), entry.shape
    if is_array(x) and x.dtype != entry.dtype and x.dtype.kind in "fiub":
        x = x.astype(entry.dtype)
    if found is None or found[1:] == shape[1:] and len(found) == len(shape):
        return x
    if len(found) + 1 == len(shape) and shape[-1] == 1 and found:
        x = x.reshape((*found, 1))
    elif len(found) == len(shape) + 1 and found[-1] == 1:
        x = x.reshape(found[:-1])
    sizes = zip(x.shape[1:], shape[1:], strict=False)
    if len(x.shape) != len(shape) or any(b is not None and a != b for a, b in sizes):
        raise ValueError(
            f"{name}: expected inputs of shape {tuple(shape)}, got {describe(x)}. "
            "The first axis is the batch: for one sample write x[None]."
        )
    return x

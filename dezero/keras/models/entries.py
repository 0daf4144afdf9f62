"""Inputs of a model beside what it was built for."""

from typing import Any

from dezero.core.errors import describe

__all__ = ["fitted"]


def fitted(x: Any, shape: tuple, name: str) -> Any:
    """Return `x` as an input of `shape`, None for sizes that may vary; the batch is free.

    As in Keras an axis of 1 at the end may be missing, or be one too many: numbers (N,) go into a
    model of `input_shape=(1,)`.

    Args:
        x: array or Variable; what has no shape is returned as it is.
        shape: of the input, with the batch.
        name: of the model.
    Raises:
        ValueError: a size differs.
    """
    found = getattr(x, "shape", None)
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

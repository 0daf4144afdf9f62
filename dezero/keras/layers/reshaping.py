"""Layers that put the same elements elsewhere: Reshape, Permute, RepeatVector."""

from math import prod
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.core import Variable
from dezero.keras.layers.weighted import Weighted
from dezero.keras.masks import mask_of
from dezero.keras.tensors import tensors_in

__all__ = ["Permute", "RepeatVector", "Reshape"]


class _Moving(Weighted):
    """A layer whose outputs have the dtype of its inputs."""

    def output_dtype(self, inputs: tuple) -> Any:
        """Return the dtype of the inputs."""
        return next((tensor.dtype for tensor in tensors_in(inputs)), self.dtype)


def _is_size(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


class Reshape(_Moving):
    """Give each sample another shape with the same elements in the same order.

    Args:
        target_shape: without the batch; one entry may be -1, to be worked out.
    """

    fields = ("target_shape",)

    def __init__(self, target_shape: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sizes = tuple(target_shape) if isinstance(target_shape, list | tuple) else (target_shape,)
        if not all(_is_size(n) and n >= -1 for n in sizes) or sizes.count(-1) > 1:
            raise ValueError(
                f"Reshape: expected sizes of which one may be -1, got {target_shape!r}. "
                "Leave the batch axis out."
            )
        self.target_shape = tuple(int(n) for n in sizes)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the batch and target_shape, -1 replaced by the size if that is known."""
        batch, *inner = input_shape
        if None in inner:
            return (batch, *(None if n == -1 else n for n in self.target_shape))
        known = prod(n for n in self.target_shape if n != -1)
        size = prod(inner)
        if -1 not in self.target_shape and size != known:
            self._refuse(input_shape)
        if -1 in self.target_shape and (not known or size % known):
            self._refuse(input_shape)
        return (batch, *(size // known if n == -1 else n for n in self.target_shape))

    def _refuse(self, shape: Any) -> None:
        raise ValueError(
            f"Reshape: expected samples that fill {self.target_shape}, got {tuple(shape)[1:]} in "
            f"layer {self.name!r}. The number of elements stays the same."
        )

    def call(self, inputs: Any) -> Any:
        """Return the inputs in their new shape."""
        x = Variable.wrap(inputs)
        y = F.reshape(x, self.compute_output_shape(x.shape))
        # The same tensor would take its mask along, which belongs to the old axes.
        return F.get_item(x, ...) if y is x and mask_of(x) is not None else y


class Permute(_Moving):
    """Put the axes of each sample in another order.

    Args:
        dims: the axes, counted from 1, since 0 is the batch: (2, 1) turns a picture over.
    """

    fields = ("dims",)

    def __init__(self, dims: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        order = tuple(dims) if isinstance(dims, list | tuple) else (dims,)
        if not all(map(_is_size, order)) or sorted(order) != list(range(1, len(order) + 1)):
            raise ValueError(
                f"Permute: expected dims with each of 1 to their number once, got {dims!r}. "
                "(2, 1) swaps two axes."
            )
        self.dims = tuple(int(n) for n in order)

    def build(self, input_shape: Any) -> None:
        """Refuse inputs of another number of axes."""
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the sizes in their new order."""
        if len(input_shape) != len(self.dims) + 1:
            raise ValueError(
                f"Permute: expected inputs of {len(self.dims) + 1} axes for dims {self.dims}, got "
                f"shape {tuple(input_shape)} in layer {self.name!r}. Name every axis but the batch."
            )
        return (input_shape[0], *(input_shape[n] for n in self.dims))

    def call(self, inputs: Any) -> Any:
        """Return the inputs with their axes in the new order."""
        return F.transpose(inputs, (0, *self.dims))


class RepeatVector(_Moving):
    """Make a sequence of n times the same vector: (N, D) becomes (N, n, D).

    Args:
        n: length of the sequence.
    """

    fields = ("n",)

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not _is_size(n):
            raise TypeError(f"RepeatVector: expected an integer as n, got {n!r}. Give a number.")
        if n < 1:
            raise ValueError(f"RepeatVector: expected n >= 1, got {n}. It is how often x comes.")
        self.n = int(n)

    def build(self, input_shape: Any) -> None:
        """Refuse inputs that are no vectors."""
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return (batch, n, features)."""
        if len(input_shape) != 2:
            raise ValueError(
                f"RepeatVector: expected inputs (N, D), got shape {tuple(input_shape)} in layer "
                f"{self.name!r}. Flatten them before."
            )
        return (input_shape[0], self.n, input_shape[1])

    def call(self, inputs: Any) -> Any:
        """Return the vectors, repeated."""
        x = Variable.wrap(inputs)
        return F.repeat(F.reshape(x, (x.shape[0], 1, x.shape[1])), self.n, axis=1)

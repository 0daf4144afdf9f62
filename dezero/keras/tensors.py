"""`KerasTensor`: an array that is still to come, and the `Node`s that will make it.

Calling a layer on a KerasTensor computes nothing. It notes in a Node what is called with what; a
functional `Model` runs the Nodes between its inputs and its outputs, with arrays.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.keras.naming import unique_name

__all__ = [
    "KerasTensor",
    "Node",
    "flat",
    "is_symbolic",
    "mapped",
    "packed",
    "shape_of",
    "tensors_in",
]


class KerasTensor:
    """The place of an array in a model that is being put together.

    Args:
        shape: with the batch axis in front; None for sizes that may vary.
        dtype: of the array to come.
        name: for people; counted if None.
    """

    # NumPy leaves `array + tensor` to us.
    __array_ufunc__ = None

    def __init__(self, shape: Any, dtype: Any = "float32", name: str | None = None) -> None:
        self.shape: tuple = tuple(shape)
        self.dtype = np.dtype(dtype).name
        self.name = name or unique_name("keras_tensor")
        self.node: Any = None

    @property
    def ndim(self) -> int:
        """Number of axes, the batch counted."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<KerasTensor shape={self.shape}, dtype={self.dtype}, name={self.name}>"

    def __bool__(self) -> bool:
        raise TypeError(
            "KerasTensor: expected an array to decide by, got a tensor without values. "
            "Put the decision into a layer's call."
        )

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError(
            "KerasTensor: expected an array, got a tensor without values. "
            "Use layers of dezero.keras, or wrap the function in Lambda."
        )

    def __add__(self, other: Any) -> Any:
        return _applied("add", self, other)

    def __radd__(self, other: Any) -> Any:
        return _applied("add", other, self)

    def __sub__(self, other: Any) -> Any:
        return _applied("sub", self, other)

    def __rsub__(self, other: Any) -> Any:
        return _applied("sub", other, self)

    def __mul__(self, other: Any) -> Any:
        return _applied("mul", self, other)

    def __rmul__(self, other: Any) -> Any:
        return _applied("mul", other, self)

    def __truediv__(self, other: Any) -> Any:
        return _applied("div", self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _applied("div", other, self)

    def __pow__(self, other: Any) -> Any:
        return _applied("pow", self, other)

    def __neg__(self) -> Any:
        return _applied("neg", self)

    def __matmul__(self, other: Any) -> Any:
        return _applied("matmul", self, other)

    def __getitem__(self, index: Any) -> Any:
        return _applied("get_item", self, index=index)


# Makes the layer of an operator; `layers.operators` puts itself here, for it stands above.
OPERATORS: dict[str, Callable[..., Any]] = {}


def _applied(name: str, *operands: Any, **options: Any) -> Any:
    return OPERATORS["layer"](name, *operands, **options)


class Node:
    """One call of a layer on KerasTensors.

    Args:
        layer: what was called.
        args, kwargs: with what: KerasTensors, alone or in lists and dicts, and whatever else.
        outputs: KerasTensors, alone or in a list, tuple or dict.
    """

    def __init__(self, layer: Any, args: tuple, kwargs: dict, outputs: Any) -> None:
        self.layer, self.args, self.kwargs, self.outputs = layer, args, kwargs, outputs
        self.parents = [tensor.node for tensor in tensors_in((args, kwargs))]
        for tensor in flat(outputs):
            tensor.node = self

    @property
    def input_tensors(self) -> list[KerasTensor]:
        """The KerasTensors that go in."""
        return list(tensors_in((self.args, self.kwargs)))


def flat(part: Any) -> list:
    """Return what a structure of lists, tuples and dicts holds, in order."""
    if isinstance(part, dict):
        return [leaf for value in part.values() for leaf in flat(value)]
    if isinstance(part, list | tuple):
        return [leaf for value in part for leaf in flat(value)]
    return [part]


def mapped(function: Callable[[Any], Any], part: Any) -> Any:
    """Return a structure like `part` of `function` of each leaf."""
    if isinstance(part, dict):
        return {key: mapped(function, value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return type(part)([mapped(function, value) for value in part])
    return function(part)


def packed(like: Any, values: Iterator) -> Any:
    """Return a structure like `like` of the next `values`."""
    return mapped(lambda _: next(values), like)


def tensors_in(part: Any) -> Iterator[KerasTensor]:
    """Yield the KerasTensors of a structure."""
    if type(part) is KerasTensor:
        yield part
    elif isinstance(part, dict):
        for value in part.values():
            yield from tensors_in(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from tensors_in(value)


def is_symbolic(part: Any) -> bool:
    """Return whether there is a KerasTensor in a structure."""
    return next(tensors_in(part), None) is not None


def shape_of(part: Any) -> Any:
    """Return the shape of an array, with None as the batch, or of a KerasTensor; or of several."""
    if isinstance(part, dict):
        return {key: shape_of(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        if part and all(isinstance(entry, int | float) for entry in part):
            return (len(part),)
        return [shape_of(value) for value in part]
    shape = tuple(getattr(part, "shape", ()))
    return shape if type(part) is KerasTensor else (None, *shape[1:])[: len(shape)]

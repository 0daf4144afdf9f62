"""Arithmetic on KerasTensors: `x + y`, `1 - x`, `x[:, 0]` become layers of the model."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import is_array
from dezero.core import as_array
from dezero.core.errors import describe, lookup
from dezero.keras.layers.weighted import Weighted
from dezero.keras.naming import unique_name
from dezero.keras.tensors import OPERATORS, KerasTensor

__all__ = ["Operator"]

# {operator: (name of its layers, function)}
KINDS: dict[str, tuple[str, Callable[..., Any]]] = {
    "add": ("add", F.add),
    "sub": ("subtract", F.sub),
    "mul": ("multiply", F.mul),
    "div": ("true_divide", F.div),
    "pow": ("power", F.pow),
    "neg": ("negative", F.neg),
    "matmul": ("matmul", F.matmul),
    "get_item": ("get_item", F.get_item),
}
UNARY = ("neg", "get_item")


class Operator(Weighted):
    """One operator on tensors, or on a tensor and a constant.

    Args:
        operator: one of KINDS.
        constant: number or array that stands beside the one input.
        reverse: whether the constant comes first, as in `1 - x`.
        index: of "get_item", as Python has it or as `get_config` wrote it.
    """

    def __init__(
        self,
        operator: str,
        *,
        constant: Any = None,
        reverse: bool = False,
        index: Any = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        base, self.function = lookup("Operator", operator, KINDS)
        super().__init__(name=name or unique_name(base), **kwargs)
        self.operator, self.reverse = operator, bool(reverse)
        # A dict is what get_config made of an index, for JSON has no slices.
        self.index = _read_index(index["index"]) if isinstance(index, dict) else index
        self.constant = self._prepared(constant)

    def _prepared(self, constant: Any) -> Any:
        """Return a number as it is, and an array in the layer's own dtype if it is floating."""
        if constant is None or isinstance(constant, int | float):
            return constant
        array = np.asarray(as_array(constant))
        return array.astype(self.dtype) if array.dtype.kind == "f" else array

    def call(self, inputs: Any) -> Any:
        """Return what the operator makes of the inputs."""
        if self.operator == "get_item":
            return self.function(inputs, self.index)
        operands = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        if self.constant is not None:
            operands.insert(0 if self.reverse else 1, self.constant)
        return self.function(*operands)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape that the operands give together."""
        several = isinstance(input_shape[0], list | tuple) if input_shape else False
        shapes = [tuple(s) for s in input_shape] if several else [tuple(input_shape)]
        if self.operator == "get_item":
            return _indexed(shapes[0], self.index)
        if self.constant is not None:
            shapes.insert(0 if self.reverse else 1, np.shape(self.constant))
        if self.operator == "matmul":
            return _multiplied(*shapes)
        result = shapes[0]
        for shape in shapes[1:]:
            result = _broadcast(result, shape)
        return result

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        constant = self.constant.tolist() if is_array(self.constant) else self.constant
        config = super().get_config() | {"operator": self.operator, "reverse": self.reverse}
        config["constant"] = constant
        config["index"] = {"index": _saved_index(self.index)} if self.operator in UNARY else None
        return config


def applied(operator: str, *operands: Any, index: Any = None) -> Any:
    """Return the KerasTensor of an operator on KerasTensors and constants."""
    tensors = [x for x in operands if type(x) is KerasTensor]
    constants = [x for x in operands if type(x) is not KerasTensor]
    for constant in constants:
        as_array(constant)  # refuses what is neither number nor array, None too
    options = (
        {"constant": constants[0], "reverse": operands[0] is constants[0]} if constants else {}
    )
    layer = Operator(operator, index=index, **options)
    return layer(tensors[0] if len(tensors) == 1 else tensors)


OPERATORS["layer"] = applied


def _broadcast(one: tuple, other: tuple) -> tuple:
    """Return the shape of an elementwise result; a size known beside None is taken, unless 1."""
    ndim = max(len(one), len(other))
    result = []
    for a, b in zip(_wide(one, ndim), _wide(other, ndim), strict=True):
        if a is not None and b is not None and a != b and 1 not in (a, b):
            raise ValueError(
                f"KerasTensor: expected shapes that broadcast, got {one} and {other}. "
                "Reshape one of them."
            )
        result.append(b if a == 1 else a if b in (1, None) else b)
    return tuple(result)


def _wide(shape: tuple, ndim: int) -> tuple:
    return (1,) * (ndim - len(shape)) + shape


def _multiplied(one: tuple, other: tuple) -> tuple:
    """Return the shape of a matrix product."""
    if min(len(one), len(other)) < 2 or (None not in (one[-1], other[-2]) and one[-1] != other[-2]):
        raise ValueError(
            f"KerasTensor: expected shapes (..., N, D) and (..., D, M) for @, got {one} and "
            f"{other}. Transpose one with Permute."
        )
    return (*_broadcast(one[:-2], other[:-2]), one[-2], other[-1])


def _indexed(shape: tuple, index: Any) -> tuple:
    """Return the shape of x[index], found with two sizes for each that is not known."""
    found = []
    for size in (24, 40):
        sizes = [size if n is None else n for n in shape]
        try:
            # One element for all: nothing of the size is made.
            found.append(np.broadcast_to(np.zeros(()), sizes)[index].shape)
        except (IndexError, TypeError) as error:
            raise ValueError(
                f"KerasTensor: expected an index for shape {shape}, got {index!r} ({error})."
            ) from error
    return tuple(a if a == b else None for a, b in zip(*found, strict=True))


def _saved_index(index: Any) -> Any:
    """Return an index fit for JSON: {"slice": [start, stop, step]}, {"tuple": [...]}, "..."."""
    if isinstance(index, slice):
        return {"slice": [_saved_index(n) for n in (index.start, index.stop, index.step)]}
    if isinstance(index, tuple):
        return {"tuple": [_saved_index(part) for part in index]}
    if index is Ellipsis:
        return "..."
    if isinstance(index, np.integer):
        return int(index)
    if index is None or isinstance(index, int):
        return index
    if isinstance(index, list | np.ndarray):
        return {"array": np.asarray(index).tolist()}
    raise TypeError(
        f"get_config: expected an index of numbers and slices, got {describe(index)}. "
        "Take the elements in a layer of your own."
    )


def _read_index(saved: Any) -> Any:
    if isinstance(saved, dict):
        ((kind, value),) = saved.items()
        if kind == "slice":
            return slice(*map(_read_index, value))
        return tuple(map(_read_index, value)) if kind == "tuple" else np.asarray(value)
    return Ellipsis if saved == "..." else saved

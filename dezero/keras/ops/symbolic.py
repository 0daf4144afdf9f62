"""Functions that compute arrays, and become layers of a model where a KerasTensor is among them."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend import is_array
from dezero.core import as_array, no_grad
from dezero.core.errors import describe, lookup
from dezero.keras import activations
from dezero.keras.layers.base import Layer
from dezero.keras.layers.shapes import TRIED, likely
from dezero.keras.layers.table import LAYERS
from dezero.keras.naming import unique_name
from dezero.keras.tensors import OPERATORS, KerasTensor, flat, is_symbolic, tensors_in

__all__ = ["OPS", "Operation", "op"]

# The functions that a description may name, by their names here.
OPS: dict[str, Callable[..., Any]] = {}


class Operation(Layer):
    """A function of `keras.ops` as a layer: where it stands, its other arguments are fixed.

    Args:
        op: name of the function, in OPS.
        args, kwargs: its arguments; {"tensor": 0} stands for the first input.
        dtypes: of the inputs.
    """

    def __init__(
        self, op: str, args: Any = (), kwargs: Any = None, dtypes: Any = (), **options: Any
    ) -> None:
        self.function = lookup("ops", op, OPS)
        options["name"] = options.get("name") or unique_name(op)
        super().__init__(**options)
        self.op, self.dtypes = op, list(dtypes)
        self.args, self.words = list(args), dict(kwargs or {})
        self._dtype: Any = self.dtype

    def call(self, inputs: Any) -> Any:
        """Return what the function makes of the inputs."""
        values = flat(inputs)
        words = {name: _filled(value, values) for name, value in self.words.items()}
        return self.function(*[_filled(value, values) for value in self.args], **words)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, found by running the function on ones."""
        several = bool(input_shape) and isinstance(input_shape[0], list | tuple)
        shapes, results = (input_shape if several else [input_shape]), []
        for sizes in TRIED:
            known = [[sizes[i > 0] if n is None else n for i, n in enumerate(s)] for s in shapes]
            ones = [np.ones(likely(s), d) for s, d in zip(known, self.dtypes, strict=True)]
            with no_grad():
                results.append(self.call(ones))
        self._dtype = flat(results[0])[0].dtype
        pairs = zip(flat(results[0]), flat(results[1]), strict=True)
        found = [_common(a.shape, b.shape) for a, b in pairs]
        return found if isinstance(results[0], list | tuple) else found[0]

    def output_dtype(self, inputs: tuple) -> Any:
        """Return the dtype that the function gave."""
        return self._dtype

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        own = {"op": self.op, "args": self.args, "kwargs": self.words, "dtypes": self.dtypes}
        return super().get_config() | own


def op(function: Callable[..., Any], name: str | None = None) -> Any:
    """Return a function that also takes KerasTensors, and enter it in OPS."""
    called = name or function.__name__

    @functools.wraps(function)
    def either(*args: Any, **kwargs: Any) -> Any:
        if not is_symbolic((args, kwargs)):
            return function(*args, **kwargs)
        tensors: list[KerasTensor] = list(tensors_in((args, kwargs)))
        places = {id(tensor): i for i, tensor in reversed(list(enumerate(tensors)))}
        layer = Operation(
            called,
            [_fixed(value, places) for value in args],
            {key: _fixed(value, places) for key, value in kwargs.items()},
            [tensor.dtype for tensor in tensors],
        )
        return layer(tensors[0] if len(tensors) == 1 else tensors)

    either.__name__ = either.__qualname__ = called
    OPS[called] = function
    return either


def _fixed(value: Any, places: dict[int, int]) -> Any:
    """Return an argument fit for JSON, {"tensor": i} for a KerasTensor."""
    if type(value) is KerasTensor:
        return {"tensor": places[id(value)]}
    if isinstance(value, list | tuple):
        return [_fixed(part, places) for part in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.dtype | type):
        return np.dtype(value).name
    if is_array(value) or hasattr(value, "dtype"):
        array = np.asarray(as_array(value))
        return {"array": array.tolist(), "dtype": array.dtype.name}
    raise TypeError(
        f"keras.ops: expected numbers, texts and tensors as arguments, got {describe(value)}. "
        "Write a layer of your own for it."
    )


def _filled(value: Any, values: list) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_filled(part, values) for part in value)  # axes are tuples
    if isinstance(value, dict):
        return values[value["tensor"]] if "tensor" in value else _array(value)
    return value


def _array(saved: dict[str, Any]) -> np.ndarray:
    return np.asarray(saved["array"], saved["dtype"])


def _common(one: tuple, other: tuple) -> tuple:
    return tuple(a if a == b else None for a, b in zip(one, other, strict=True))


LAYERS["Operation"] = Operation


# The activations, which stand below layers, find here what they are of a KerasTensor; all of them
# are entered at once, for a saved model may name any.
_ACTIVATIONS = {
    name: op(function, f"activations_{name}") for name, function in activations.ACTIVATIONS.items()
}
OPERATORS["activation"] = _ACTIVATIONS.__getitem__

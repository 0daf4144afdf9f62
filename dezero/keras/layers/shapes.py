"""Shapes that a constructor is given, first values, and shapes found out by running a layer."""

import inspect
import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from dezero.backend import backend_of, is_array, to_host
from dezero.core import as_array, no_grad, test_mode
from dezero.core.errors import describe, nearest

__all__ = ["assign", "bounded", "first_values", "given", "likely", "probed"]

# Arguments of all layers in Keras 2; what the others were for is over.
OLD = (
    "autocast", "batch_input_shape", "batch_shape", "batch_size", "dynamic", "input_dim",
    "input_dtype", "input_shape", "sparse", "weights",
)  # fmt: skip
# What sizes that may vary are tried with: the batch, and any other.
TRIED = ((2, 24), (3, 40))


def given(kind: type, old: dict[str, Any]) -> tuple | None:
    """Return the shape of the inputs, the batch in front, or None.

    Args:
        kind: class of the layer.
        old: what its constructor got beside the arguments that it names.
    Raises:
        TypeError: there is an argument that Keras does not have, or a size is no integer.
    """
    for name in old:
        if name not in OLD:
            own = [
                p.name
                for base in kind.__mro__[:-1]
                for p in inspect.signature(base).parameters.values()
                if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
            ]
            raise TypeError(
                f"{kind.__name__}: unknown argument {name!r}. {nearest(name, {*OLD, *own})}"
            )
    shape = _shape_in(old)
    if shape is not None and not all(n is None or isinstance(n, int | np.integer) for n in shape):
        raise TypeError(
            f"{kind.__name__}: expected a shape of whole numbers and None, got {shape}. "
            "Write shape=(28, 28), the batch left out."
        )
    return shape


def _shape_in(old: dict[str, Any]) -> tuple | None:
    for name in ("batch_input_shape", "batch_shape"):
        if old.get(name) is not None:
            return tuple(old[name])
    shape = old.get("input_shape")
    if shape is None and old.get("input_dim") is not None:
        shape = (old["input_dim"],)
    if shape is None:
        return None
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    return (old.get("batch_size"), *sizes)


# While a model of a file is made: bytes that its weights may still take.
_left: ContextVar[list[int] | None] = ContextVar("left", default=None)
# Elements of the zeros that a layer of a file is tried with.
MAX_TRIED = 1 << 26


@contextmanager
def bounded(size: int) -> Iterator[None]:
    """Refuse weights of more than `size` bytes in a `with` block, before they are made; all are 0.

    A file that declares more weights than it holds is refused so, whatever its layers are.
    """
    token = _left.set([size])
    try:
        yield
    finally:
        _left.reset(token)


def _spend(left: list[int], shape: tuple, dtype: Any) -> None:
    left[0] -= math.prod(shape) * np.dtype(dtype).itemsize
    if left[0] < 0:
        raise ValueError(
            f"weights: expected no more than what the file holds, got a weight of shape {shape} "
            "beyond that. Is the file damaged?"
        )


def likely(shape: Any) -> Any:
    """Return a shape that a layer is tried with; ValueError if a file asks for a huge one."""
    if _left.get() is not None and math.prod(shape) > MAX_TRIED:
        raise ValueError(f"shapes: expected inputs of a likely size, got {shape}.")
    return shape


def first_values(initializer: Any, shape: tuple, dtype: np.dtype, rng: Any) -> np.ndarray:
    """Return the first values of a weight, from one of our initializers or a function of shape."""
    left = _left.get()
    if left is not None:
        _spend(left, shape, dtype)
        return np.zeros(shape, dtype)
    taken = inspect.signature(initializer).parameters.values()
    if sum(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in taken) > 2:
        values = initializer(shape, dtype, rng)
    else:
        values = initializer(shape, dtype)
    return np.array(as_array(values), dtype)


def assign(owner: str, weights: list, values: Any) -> None:
    """Give weights new values, all or none.

    Raises:
        ValueError: their number or a shape differs.
    """
    found = [as_array(v) if is_array(v) or hasattr(v, "data") else np.asarray(v) for v in values]
    shapes = [w.shape for w in weights]
    if len(found) != len(weights) or any(a.shape != s for a, s in zip(found, shapes, strict=True)):
        raise ValueError(
            f"set_weights: expected {len(weights)} arrays of shapes {shapes} for {owner!r}, "
            f"got {[a.shape for a in found]}. Compare with get_weights()."
        )
    for weight, value in zip(weights, found, strict=True):
        weight.data[...] = backend_of(weight.data).from_host(to_host(value).astype(weight.dtype))


def probed(layer: Any, arguments: tuple, options: dict[str, Any]) -> Any:
    """Return the shapes of the outputs, found by running `layer` on zeros of two sizes.

    Args:
        layer: built.
        arguments: shapes, alone or in lists and dicts, of what `call` is given.
        options: what else it is given.
    Raises:
        ValueError: the layer does not run on zeros of these shapes.
    """
    results = []
    for batch, size in TRIED:
        zeros = [_zeros(shape, batch, size, layer.dtype) for shape in arguments]
        try:
            with no_grad(), test_mode(), layer.states_aside():
                results.append(_shapes(layer(*zeros, **options)))
        except (TypeError, ValueError, IndexError) as error:
            raise ValueError(
                f"{type(layer).__name__}: expected a layer that runs on zeros of shape "
                f"{list(arguments)}, got {error} Write compute_output_shape, or check the shapes."
            ) from error
    return _common(*results)


def _zeros(shape: Any, batch: int, size: int, dtype: Any) -> Any:
    if isinstance(shape, dict):
        return {key: _zeros(value, batch, size, dtype) for key, value in shape.items()}
    if isinstance(shape, list) or (shape and isinstance(shape[0], tuple | list)):
        return [_zeros(value, batch, size, dtype) for value in shape]
    sizes = [batch if i == 0 else size for i in range(len(shape))]
    known = [s if n is None else n for n, s in zip(shape, sizes, strict=True)]
    return np.zeros(likely(known), dtype)


def _shapes(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _shapes(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_shapes(value) for value in part]
    if not hasattr(part, "shape"):
        raise TypeError(f"expected call to return arrays or Variables, got {describe(part)}.")
    return tuple(part.shape)


def _common(one: Any, other: Any) -> Any:
    """Return the shape that two results share, None where they differ."""
    if isinstance(one, dict):
        return {key: _common(one[key], other[key]) for key in one}
    if isinstance(one, list):
        return [_common(a, b) for a, b in zip(one, other, strict=True)]
    return tuple(a if a == b else None for a, b in zip(one, other, strict=True))

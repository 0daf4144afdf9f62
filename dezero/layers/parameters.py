"""First values of parameters, and the settings that come with them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from dezero import constraints, initializers, regularizers
from dezero.backend import Backend, backend_of, needed_gpu
from dezero.backend.random import default_rng
from dezero.core import Variable, as_array
from dezero.core.errors import describe
from dezero.initializers import Initializer

# Of numbers in a constant that a manifest may hold.
MAX_SAVED = 1000

_deferred: ContextVar[bool] = ContextVar("dezero_deferred", default=False)


@contextmanager
def deferred() -> Iterator[None]:
    """Have layers made inside leave all parameters without data, to be given from a file.

    A file says how large layers are; until its arrays are there, no memory is asked for.
    """
    token = _deferred.set(True)
    try:
        yield
    finally:
        _deferred.reset(token)


def fill(param: Variable, initializer: Initializer, shape: tuple, dtype: Any, **ways: Any) -> None:
    """Give `param` its first values, on the host; inside `deferred()` do nothing."""
    if not _deferred.get():
        param.data = initializer(shape, dtype, default_rng(), **ways)


def fill_beside(
    x: Any, param: Variable, initializer: Initializer, shape: tuple, dtype: Any, **ways: Any
) -> None:
    """Give `param` its first values on the device of `x`."""
    data = initializer(shape, dtype, default_rng(), **ways)
    param.data = backend_of(as_array(x)).from_host(data)


def backend_for(layer: Any) -> Backend:
    """Return the backend of a layer's first Parameter with data, or where it was moved to."""
    data = next((p.data for p in layer.params() if p.data is not None), None)
    if data is None and getattr(layer, "_is_on_gpu", False):
        return needed_gpu(type(layer).__name__)
    return backend_of(np.empty(0) if data is None else data)


def zeros_for(layer: Any, shape: tuple, dtype: Any) -> Any:
    """Return one sample of zeros where a layer is."""
    x = np.zeros((1, *shape), dtype)
    backend = backend_for(layer)
    return x if backend.name == "numpy" else backend.from_host(x)


@contextmanager
def learning(*layers: Any) -> Iterator[None]:
    """Have layers take their sizes from the call inside; if it fails, they are as before it."""
    before = [(layer, dict(layer.__dict__)) for layer in layers]
    holders = [v for _, kept in before for v in kept.values() if isinstance(v, Variable)]
    lazy, done = [holder for holder in holders if holder.data is None], False
    try:
        yield
        done = True
    finally:
        if not done:
            for holder in lazy:
                holder.data = None
            for layer, kept in before:
                layer.__dict__.update(kept)


def last_size(layer: Any, x: Any) -> int:
    """Return x.shape[-1], which a lazily shaped layer takes as its input size."""
    shape = as_array(x).shape
    if not shape or not shape[-1]:
        raise ValueError(
            f"{type(layer).__name__}: expected x with at least one feature on its last axis, "
            f"got shape {shape}. Give in_size, or data of shape (N, features)."
        )
    return shape[-1]


def checked_size(what: str, size: Any) -> int:
    """Return `size` as int; TypeError unless it is an integer, ValueError unless positive."""
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(f"{what}, an integer, got {describe(size)}. Give a whole number.")
    if size < 1:
        raise ValueError(f"{what} >= 1, got {size}. Give a positive number.")
    return int(size)


def checked_ratio(owner: str, ratio: Any) -> float:
    """Return dropout_ratio as float; TypeError unless a number, ValueError unless in [0, 1)."""
    if isinstance(ratio, bool) or not isinstance(ratio, int | float | np.integer | np.floating):
        raise TypeError(
            f"{owner}: expected a number as dropout_ratio, got {describe(ratio)}. Try 0.5."
        )
    if not 0 <= ratio < 1:
        raise ValueError(
            f"{owner}: expected 0 <= dropout_ratio < 1, got {ratio}. It is the share that is "
            "dropped."
        )
    return float(ratio)


def sample_shape(caller: str, shape: Any) -> tuple[int, ...]:
    """Return the shape of one sample as a tuple; a number stands for (number,).

    Raises:
        TypeError: an entry is no integer, such as Keras's None for the batch axis.
        ValueError: an entry is negative.
    """
    sizes = tuple(shape) if isinstance(shape, list | tuple) else (shape,)
    for size in sizes:
        if isinstance(size, bool) or not isinstance(size, int | np.integer):
            raise TypeError(
                f"{caller}: expected integers as input_shape, got {shape!r}. "
                "Leave the batch axis out: (784,), not (None, 784)."
            )
        if size < 0:
            raise ValueError(f"{caller}: expected sizes >= 0 as input_shape, got {shape!r}.")
    return sizes


def checked_dtype(owner: str, dtype: Any) -> np.dtype:
    """Return `dtype` as numpy.dtype; TypeError unless it is floating."""
    try:
        result = np.dtype(dtype)
    except TypeError:
        result = None
    if result is None or result.kind != "f":
        raise TypeError(f"{owner}: expected a floating dtype, got {result or dtype}. Try float32.")
    return result


def set_rules(layer: Any, penalties: dict[str, Any], limits: dict[str, Any]) -> None:
    """Set `layer.regularizers` and `layer.constraints` from {parameter name: object or None}."""
    found = {name: regularizers.get(v) for name, v in penalties.items() if v is not None}
    layer.__dict__["regularizers"] = found
    found = {name: constraints.get(v) for name, v in limits.items() if v is not None}
    layer.__dict__["constraints"] = found


def saved_initializer(key: str, initializer: Initializer) -> dict[str, Any]:
    """Return the initializer as the argument `key`; a large array is left to the file's weights."""
    if isinstance(initializer, initializers.Constant) and np.size(initializer.value) > MAX_SAVED:
        return {}
    return {key: initializers.serialize(initializer)}


def saved_rules(layer: Any, names: dict[str, str]) -> dict[str, Any]:
    """Return the regularizers and constraints as arguments; `names` maps parameter to prefix."""
    saved: dict[str, Any] = {}
    for name, prefix in names.items():
        if name in layer.regularizers:
            saved[f"{prefix}_regularizer"] = _saved_penalty(layer, layer.regularizers[name])
        if name in layer.constraints:
            saved[f"{prefix}_constraint"] = constraints.serialize(layer.constraints[name])
    return saved


def _saved_penalty(layer: Any, penalty: Any) -> dict[str, Any]:
    if type(penalty) in regularizers.REGULARIZERS.values():
        return penalty.config()
    shown = getattr(penalty, "__name__", type(penalty).__name__)
    raise TypeError(
        f"save: expected a regularizer of dezero's own, got {shown} in {type(layer).__name__} "
        f"{layer.name or layer.details()}. Use L1 or L2, or save the weights with save_weights."
    )

"""Weights to and from named arrays and files, all or nothing."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from dezero.backend import backend_of, to_host
from dezero.backend.layout import in_order, memory_order
from dezero.core import Parameter
from dezero.io.weightfile import load_arrays, save_arrays
from dezero.layers.foreign import Names, given_arrays, translated_weights
from dezero.layers.members import Buffer


class _Slot(NamedTuple):
    """A place for an array: a Parameter or Buffer, or (None) the attribute `name` of `owner`."""

    owner: Any
    name: str
    holder: Parameter | Buffer | None


def check_initialised(
    caller: str, layer: Any, advice: str = "Call the model once, or build(input_shape)."
) -> None:
    """Raise a RuntimeError that names the parameters and buffers without data, if there are any."""
    missing = [path for path, param in layer.named_params() if param.data is None]
    missing += [path for path, array in layer.named_buffers() if array is None]
    if missing:
        raise RuntimeError(
            f"{caller}: expected parameters that have their shapes, got none yet for "
            f"{', '.join(missing)}. {advice}"
        )


def weight_arrays(caller: str, layer: Any) -> dict[str, Any]:
    """Return {path: array} of all parameters and buffers; the arrays are not copied.

    Raises:
        RuntimeError: a parameter has no shape yet.
        ValueError: two of them have the same path.
    """
    check_initialised(caller, layer)
    arrays: dict[str, Any] = {}
    pairs = [(path, param.data) for path, param in layer.named_params()]
    for path, array in [*pairs, *layer.named_buffers()]:
        if path in arrays:
            raise ValueError(
                f"{caller}: expected different paths, got two parameters called {path!r}. "
                "Two keys of a dict read alike, as 1 and '1' do."
            )
        arrays[path] = array
    return arrays


def assign_weights(
    caller: str,
    layer: Any,
    arrays: Mapping[str, np.ndarray],
    *,
    keep: Collection[str] = (),
    own: bool = False,
) -> None:
    """Give every parameter and buffer of `layer` its array, or none at all.

    Args:
        caller: first word of an error.
        layer: whose weights are replaced; devices and dtypes stay.
        arrays: {path: array}.
        keep: paths of layers that stay as they are.
        own: whether nobody else has the arrays, so that they need not be copied.
    Raises:
        ValueError: one error lists all paths that are missing or unknown and all shapes and kinds
            of dtype that do not fit.
    """
    heads = tuple(f"{path}/" for path in keep)
    slots = {path: slot for path, slot in _slots(layer).items() if not path.startswith(heads)}
    faults = [f"missing {path}" for path in slots if path not in arrays]
    faults += [f"unknown {path}" for path in arrays if path not in slots]
    sizes: dict[tuple[int, str], int] = {}
    for path, slot in slots.items():
        if path in arrays:
            faults += _misfit(path, slot, arrays[path], sizes)
    if faults:
        raise ValueError(
            f"{caller}: expected the weights of this {type(layer).__name__}, got "
            f"{'; '.join(faults)}. Nothing was loaded: build the model that saved them."
        )
    home = next((param.data for param in layer.params() if param.data is not None), None)
    taken: set[int] | None = set() if own else None
    ready = [(slot, _prepared(slot, arrays[path], home, taken)) for path, slot in slots.items()]
    lazy = {
        id(s.owner): s.owner for s, _ in ready if s.holder is not None and s.holder.data is None
    }
    for slot, array in ready:
        if slot.holder is not None:
            slot.holder.data = array
        else:
            setattr(slot.owner, slot.name, array)
    for owner in lazy.values():
        owner.weights_loaded()


def save_weights(layer: Any, path: Any) -> None:
    """See `Layer.save_weights`."""
    save_arrays(path, weight_arrays("save_weights", layer))


def load_weights(layer: Any, path: Any, names: Names | None = None) -> None:
    """See `Layer.load_weights`."""
    given = isinstance(path, Mapping)
    arrays = given_arrays("load_weights", path) if given else load_arrays(path)
    arrays = translated_weights("load_weights", layer, arrays, names)
    assign_weights("load_weights", layer, arrays, own=not given)


def _slots(layer: Any) -> dict[str, _Slot]:
    slots = {}
    for path, owner, name, value in layer._walk("", set()):
        if isinstance(value, Parameter):
            slots[path] = _Slot(owner, name, value)
    for path, owner in (("", layer), *layer.named_layers()):
        for name in owner._buffers:
            value = owner.__dict__[name]
            holder = value if isinstance(value, Buffer) else None
            slots[f"{path}/{name}".lstrip("/")] = _Slot(owner, name, holder)
    return slots


def _expected(slot: _Slot) -> tuple[tuple | None, np.dtype | None]:
    """Return the shape and dtype that fit, as `Layer.lazy_spec` does."""
    if slot.holder is None:
        array = getattr(slot.owner, slot.name)
        return array.shape, array.dtype
    if slot.holder.data is not None:
        return slot.holder.shape, slot.holder.dtype
    shape, dtype = slot.owner.lazy_spec(slot.name)
    return shape, None if dtype is None else np.dtype(dtype)


def _misfit(path: str, slot: _Slot, array: np.ndarray, sizes: dict) -> list[str]:
    shape, dtype = _expected(slot)
    faults = []
    if shape is not None:
        # A size known by name only is whatever the first array says it is.
        named = [
            sizes.setdefault((id(slot.owner), want), got) if isinstance(want, str) else want
            for want, got in zip(shape, array.shape, strict=False)
        ]
        if len(shape) != array.ndim or tuple(named) != array.shape:
            shown = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
            faults.append(f"{path} of shape {array.shape} instead of {shown}")
    kind = "f" if dtype is None else dtype.kind
    if array.dtype.kind != kind:
        faults.append(f"{path} of dtype {array.dtype} instead of {dtype or 'floating'}")
    return faults


def _prepared(slot: _Slot, array: np.ndarray, home: Any, taken: set[int] | None) -> Any:
    """Return the array as the slot keeps it; `taken` is the memory given away, None to copy all."""
    _, dtype = _expected(slot)
    result = np.asarray(to_host(array), dtype=dtype, order="C")
    memory = _memory(result)
    # A copy where the caller may keep the array, and where two names of a file have one array.
    if memory is _memory(array) and (taken is None or id(memory) in taken):
        result = result.copy()
    elif taken is not None:
        taken.add(id(memory))
    array = result
    if slot.holder is None:
        home = getattr(slot.owner, slot.name)
    elif slot.holder.data is not None:
        home = slot.holder.data
    if home is not None and home.shape == array.shape:
        order = memory_order(home)
        array = in_order(array.transpose(order).reshape(-1), array.shape, order)
    return array if home is None else backend_of(home).from_host(array)


def _memory(array: Any) -> Any:
    """Return the array that owns the memory of this one."""
    while isinstance(getattr(array, "base", None), np.ndarray):
        array = array.base
    return array

"""Tensors as torch stores them: a window on a run of elements, with an offset and strides."""

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, NoReturn

import numpy as np

from dezero.io.opcodes import kind_of
from dezero.io.rawfile import BFLOAT16, itemsize, native, stored_dtype

__all__ = ["Storage", "Tensor", "build_arrays", "checked_tensor", "pick_tensors"]

Refuse = Callable[[str], NoReturn]

MAX_DIMENSIONS = 64
# Under which the training scripts in use keep the state dict among other things.
WRAPPERS = ("state_dict", "model_state_dict", "model")


class Storage(NamedTuple):
    """Elements `first` to `first + length` of a run of `count` elements called `key`."""

    key: str
    code: str
    count: int
    first: int
    length: int

    @property
    def nbytes(self) -> int:
        """Size of the whole run."""
        return self.count * itemsize(self.code)


class Tensor(NamedTuple):
    """Elements of a storage; offset and strides count elements of the dtype `code`."""

    storage: Storage
    code: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Bytes of the tensor as the file stores it."""
        return math.prod(self.shape) * itemsize(self.code)


def checked_tensor(
    refuse: Refuse, storage: Any, offset: Any, shape: Any, strides: Any, *, code: str | None = None
) -> Tensor:
    """Return the tensor if it lies within its storage, each of its elements once."""
    if not isinstance(storage, Storage) or not _are_sizes(offset, shape, strides):
        refuse("expected a tensor with a storage, offset, shape and strides, got another")
    tensor = Tensor(storage, code or storage.code, offset, shape, strides)
    last = offset + sum((size - 1) * step for size, step in zip(shape, strides, strict=True))
    room = storage.length * itemsize(storage.code)
    if tensor.nbytes and max(tensor.nbytes, (last + 1) * itemsize(tensor.code)) > room:
        refuse(
            f"expected tensors within their storages, got one of shape {str(shape)[:80]}, strides "
            f"{str(strides)[:80]} and offset {str(offset)[:40]} on {room} bytes"
        )
    return tensor


def _are_sizes(offset: Any, shape: Any, strides: Any) -> bool:
    if type(shape) is not tuple or type(strides) is not tuple or len(shape) != len(strides):
        return False
    sizes = (offset, *shape, *strides)
    return len(shape) <= MAX_DIMENSIONS and all(type(n) is int and n >= 0 for n in sizes)


def pick_tensors(refuse: Refuse, content: Any, key: str | None) -> dict[str, Any]:
    """Return the tensors and numbers of the state dict that is `content` or within it."""
    if key is not None:
        if not isinstance(content, dict) or not isinstance(content.get(key), dict):
            refuse(f"expected a dict under the key {key!r}, got {_entries(content)}")
        content = content[key]
    if content == {}:
        return {}
    holds = _Holds()
    while not holds(content):
        content = _inner(refuse, content, holds)
    wrapped = [content[name] for name in WRAPPERS if key is None and holds(content.get(name))]
    content = wrapped[0] if wrapped else content
    picked: dict[str, Any] = {}
    for name, value in content.items():
        if holds(value) or not isinstance(name, str):
            refuse(
                f"expected tensors by name, got {kind_of(value)} called {str(name)[:80]!r}. Choose "
                "a dict of tensors with key="
            )
        # Strings, None and lists of a training script are no weights.
        if isinstance(value, Tensor | bool | int | float):
            picked[name] = value
    return picked


class _Holds:
    """Whether a value is a dict with a tensor in it; remembered, for a file may repeat dicts."""

    def __init__(self) -> None:
        self.known: dict[int, bool] = {}

    def __call__(self, value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        if id(value) not in self.known:
            self.known[id(value)] = any(isinstance(v, Tensor) for v in value.values())
        return self.known[id(value)]


def _inner(refuse: Refuse, content: Any, holds: _Holds) -> Any:
    """Return the one dict within `content` that a state dict can be in."""
    if not isinstance(content, dict):
        refuse(f"expected a dict of tensors, got {kind_of(content)}")
    names = [name for name in WRAPPERS if holds(content.get(name))]
    names = names[:1] or [name for name, value in content.items() if holds(value)]
    names = names or [name for name in WRAPPERS if content.get(name)]
    if not names:
        refuse(f"expected a dict of tensors, got one without any: {_entries(content)}")
    if len(names) > 1:
        refuse(f"expected one dict of tensors, got several: {_entries(content)}. Choose with key=")
    return content.pop(names[0])  # taken out, so that a dict within itself comes to an end


def _entries(content: Any) -> str:
    if not isinstance(content, dict):
        return kind_of(content)
    shown = ", ".join(f"{str(name)[:40]!r}" for name in list(content)[:8])
    return f"{shown}, ..." if len(content) > 8 else shown or "nothing"


def build_arrays(
    refuse: Refuse,
    tensors: Mapping[str, Any],
    read: Callable[[Storage], np.ndarray],
    *,
    order: str,
    max_bytes: int,
) -> dict[str, np.ndarray]:
    """Return the arrays of what `pick_tensors` found, storage by storage.

    Args:
        refuse: raises an error from a reason.
        tensors: name -> Tensor or number.
        read: returns the whole run of a storage as uint8.
        order: byte order of the file, "<" or ">".
        max_bytes: what the tensors may take in all; each counts once, whatever its names.
    """
    groups: dict[str, dict[Tensor, None]] = {}
    for tensor in tensors.values():
        if isinstance(tensor, Tensor):
            groups.setdefault(tensor.storage.key, {})[tensor] = None
    total = sum(tensor.nbytes for group in groups.values() for tensor in group)
    if total > max_bytes:
        refuse(
            f"expected at most {max_bytes} bytes of tensors, got {total}: they overlap in the file "
            "or max_bytes is too small"
        )
    made: dict[Tensor, np.ndarray] = {}
    for group in groups.values():
        raw = read(next(iter(group)).storage)
        for tensor in group:
            made[tensor] = _array(refuse, raw, tensor, order, alone=len(group) == 1)
    return {
        name: made[value] if isinstance(value, Tensor) else _number(refuse, name, value)
        for name, value in tensors.items()
    }


def _array(
    refuse: Refuse, raw: np.ndarray, tensor: Tensor, order: str, *, alone: bool
) -> np.ndarray:
    dtype, size = stored_dtype(tensor.code, order), itemsize(tensor.code)
    start = tensor.storage.first * itemsize(tensor.storage.code) + tensor.offset * size
    steps = [step * size for step in tensor.strides]
    try:
        if tensor.nbytes:
            stored = np.ndarray(tensor.shape, dtype, raw, start, steps)  # type: ignore[arg-type]
        else:
            stored = np.empty(tensor.shape, dtype)
    except (ValueError, MemoryError):  # (0, 2**62, 2**62) holds nothing, yet has no shape in NumPy
        refuse(f"expected shapes that an array can have, got {str(tensor.shape)[:80]}")
    array = native(stored, tensor.code)
    fresh = tensor.code in (BFLOAT16, "bool") or (alone and array.nbytes == raw.size)
    return array if fresh else array.copy()


def _number(refuse: Refuse, name: str, value: Any) -> np.ndarray:
    if type(value) is int and not -(1 << 63) <= value < 1 << 63:
        refuse(f"expected integers of 64 bits, got a larger one called {name[:80]!r}")
    return np.asarray(value)

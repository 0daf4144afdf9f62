"""Tensors of torch's ``.pth`` and ``.pt`` files, read without torch and without running anything.

Both layouts: the zip of torch 1.6 and later (``NAME/data.pkl`` and ``NAME/data/KEY``), and before
it five pickles (magic number, protocol, system, objects, storage keys) with the storages behind.
"""

import re
import zipfile
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dezero.io.opcodes import Interpreter, Name, kind_of
from dezero.io.rawfile import BFLOAT16, RawFile
from dezero.io.tensors import (
    Refuse,
    Storage,
    Tensor,
    build_arrays,
    checked_tensor,
    pick_tensors,
)
from dezero.io.zipfiles import PathLike, SafeZip

__all__ = ["LEGACY_MAGIC", "load_pth"]

# Of the pickle alone, which holds names and shapes; ten thousand tensors take one megabyte.
MAX_PICKLE = 8 << 20
MAGIC_NUMBER, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
# The first pickle of the older layout, behind the byte that tells the pickle's protocol.
LEGACY_MAGIC = b"\x8a\n" + MAGIC_NUMBER.to_bytes(10, "little") + b"."
PICKLE = re.compile(r"(?:[^/]+/)?data\.pkl")

_STORAGES = {
    "DoubleStorage": "f8", "FloatStorage": "f4", "HalfStorage": "f2", "BFloat16Storage": BFLOAT16,
    "LongStorage": "i8", "IntStorage": "i4", "ShortStorage": "i2", "CharStorage": "i1",
    "ByteStorage": "u1", "BoolStorage": "bool", "ComplexFloatStorage": "c8",
    "ComplexDoubleStorage": "c16",
}  # fmt: skip
_DTYPES = {
    "float64": "f8", "float32": "f4", "float16": "f2", "bfloat16": BFLOAT16, "int64": "i8",
    "int32": "i4", "int16": "i2", "int8": "i1", "uint8": "u1", "uint16": "u2", "uint32": "u4",
    "uint64": "u8", "bool": "bool", "complex64": "c8", "complex128": "c16",
}  # fmt: skip
_ELEMENTS = {
    Name(module, name): code
    for module, table in (("torch", _STORAGES), ("torch.cuda", _STORAGES), ("torch", _DTYPES))
    for name, code in table.items()
} | {Name("torch.storage", "UntypedStorage"): "u1"}


def load_pth(
    path: PathLike, key: str | None = None, *, max_bytes: int | None = None
) -> dict[str, np.ndarray]:
    """Read the tensors of a state dict that torch saved; torch itself is not needed.

    Args:
        path: a ``.pth`` or ``.pt`` file, in either layout.
        key: entry of the file that holds the state dict; None finds it where the file is one
            itself, or has it as "state_dict", "model_state_dict" or "model", or has but one.
        max_bytes: refuse tensors that take more than this in the file; None allows its size.
    Returns:
        dict, name -> C-contiguous numpy.ndarray; bfloat16 comes as float32 without loss, a number
        as a 0-d array. Several names of one tensor have one array.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it holds what is no tensor and no number, such as a whole model, or is damaged.
            Nothing in it is run, and every size is compared with the file before memory is
            asked for.
    """
    with open(path, "rb") as file:
        zipped = file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    if zipped:
        with SafeZip("load_pth", path) as archive:
            return _load_zip(archive, key, max_bytes)
    with RawFile("load_pth", path) as source:
        return _load_legacy(source, key, max_bytes)


def _load_zip(archive: SafeZip, key: str | None, max_bytes: int | None) -> dict[str, np.ndarray]:
    if any(member.endswith("/constants.pkl") for member in archive.members):
        archive.refuse("expected a state dict, got a TorchScript program. Save its state_dict()")
    for member, info in archive.members.items():
        if info.compress_type != zipfile.ZIP_STORED:
            archive.refuse("expected it stored, got it compressed", member)
    archive.check_total(archive.size, "Its members overlap")
    pickles = [member for member in archive.members if PICKLE.fullmatch(member)]
    if len(pickles) != 1:
        archive.refuse(f"expected one member NAME/data.pkl, as torch writes, got {len(pickles)}")
    root = pickles[0].removesuffix("data.pkl")
    refuse: Refuse = partial(archive.refuse, member=pickles[0])
    order = b"little"
    if f"{root}byteorder" in archive.members:
        order = archive.read_bytes(f"{root}byteorder", 16)
    if order not in (b"little", b"big"):
        archive.refuse(f"expected little or big, got {order!r}", f"{root}byteorder")
    objects = _Objects(archive.read_bytes(pickles[0], MAX_PICKLE), refuse)
    tensors = pick_tensors(refuse, objects.load(), key)
    objects.forget()

    def read(storage: Storage) -> np.ndarray:
        member = f"{root}data/{storage.key}"
        if member not in archive.members:
            refuse(f"expected the member {member[:80]!r}, which it mentions, got none")
        size = archive.members[member].file_size
        if size != storage.nbytes:
            archive.refuse(f"expected {storage.nbytes} bytes, got {size}", member)
        return archive.read_raw(member)

    limit = archive.size if max_bytes is None else max_bytes
    order = "<" if order == b"little" else ">"
    return build_arrays(refuse, tensors, read, order=order, max_bytes=limit)


def _load_legacy(source: RawFile, key: str | None, max_bytes: int | None) -> dict[str, np.ndarray]:
    refuse: Refuse = source.refuse
    head = source.take(min(source.size, MAX_PICKLE), "beginning")
    if not head.startswith(b"\x80"):
        what = "a tar of the first months of torch" if head[257:262] == b"ustar" else "neither"
        refuse(
            f"expected a zip of torch 1.6 or later or the pickles before it, got {what}; it begins "
            f"{head[:8]!r}. Where torch can load it, save it there again"
        )
    objects = _Objects(head, refuse)
    if objects.load() != MAGIC_NUMBER or objects.load() != PROTOCOL:
        refuse("expected a file of torch.save, got another pickle")
    system = objects.load()
    if not isinstance(system, dict) or system.get("little_endian") is not True:
        refuse("expected a file of a little-endian machine, got another")
    tensors = pick_tensors(refuse, objects.load(), key)
    places = _legacy_places(source, objects)
    objects.forget()
    del head  # eight megabytes that the arrays may need

    def read(storage: Storage) -> np.ndarray:
        if storage.key not in places:
            refuse(f"expected data for the storage {storage.key[:80]!r}, got none")
        source.seek(places[storage.key])
        count = int.from_bytes(source.take(8, "a storage"), "little")
        if count != storage.count:
            refuse(f"expected a storage of {storage.count} elements, got one of {count}")
        raw = np.empty(storage.nbytes, np.uint8)
        source.fill(raw, "a storage")
        return raw

    limit = source.size if max_bytes is None else max_bytes
    return build_arrays(refuse, tensors, read, order="<", max_bytes=limit)


def _legacy_places(source: RawFile, objects: "_Objects") -> dict[str, int]:
    """Return where each storage begins, by its key."""
    keys, places = objects.load(), {}
    if not isinstance(keys, list):
        source.refuse(f"expected a list of the storages, got {kind_of(keys)}")
    place = objects.place
    for key in keys:
        storage = objects.storages.get(key) if isinstance(key, str) else None
        if storage is None or key in places:
            source.refuse("expected each storage once in its list, got another or one twice")
        places[key] = place
        place += 8 + storage.nbytes
    if place > source.size:
        source.refuse(f"expected storages up to byte {str(place)[:40]}, got {source.size} bytes")
    return places


class _Objects:
    """Gives the names in a pickle their meaning, and keeps the storages that it mentions."""

    def __init__(self, data: bytes, refuse: Refuse) -> None:
        self.refuse = refuse
        self.storages: dict[str, Storage] = {}
        self._interpreter = Interpreter(
            data, names=_NAMES, call=self._call, persistent=self._storage, refuse=refuse
        )

    def load(self) -> Any:
        """Return what the next pickle holds."""
        return self._interpreter.load()

    @property
    def place(self) -> int:
        """Where the last pickle ended."""
        return self._interpreter.place

    def forget(self) -> None:
        """Let go of the bytes, which the cycle with the interpreter would keep for a while."""
        self._interpreter.data = b""

    def _call(self, name: Name, given: tuple) -> Any:
        work = _CALLS.get(name)
        if work is None:
            self.refuse(f"expected tensors and numbers, got an object of {name}. Nothing was run")
        return work(self, given)

    def _storage(self, saved: Any) -> Storage:
        """Take ("storage", class, key, device, count), and in the older layout its window."""
        if type(saved) is not tuple or len(saved) not in (5, 6) or saved[0] != "storage":
            self.refuse(f"expected references to storages, got {kind_of(saved)}")
        _, kind, key, _, count, window = (*saved, None)[:6]
        code = _ELEMENTS.get(kind) if isinstance(kind, Name) else None
        if code is None or not isinstance(key, str) or type(count) is not int or count < 0:
            self.refuse("expected a class, a key and a size of each storage, got others")
        whole = Storage(key, code, count, 0, count)
        if self.storages.setdefault(key, whole) != whole:
            self.refuse(f"expected one size of the storage {key[:80]!r}, got two")
        if window is None:
            return whole
        if type(window) is not tuple or len(window) != 3:
            self.refuse(f"expected a part of a storage, got {kind_of(window)}")
        _, first, length = window
        if not (type(first) is int and type(length) is int and 0 <= first <= first + length):
            self.refuse("expected a part of a storage, got no sizes")
        if first + length > count:
            self.refuse(f"expected a part of {count} elements, got one up to {first + length}")
        return whole._replace(first=first, length=length)

    def _tensor(self, given: tuple) -> Tensor:
        """Take (storage, offset, shape, strides), two that say nothing of values, and views."""
        *place, _, _, views = _padded(given, 7)
        self._check_views(views)
        return checked_tensor(self.refuse, *place)

    def _typed_tensor(self, given: tuple) -> Tensor:
        """Take the same, with the dtype before the views."""
        *place, _, _, kind, views = _padded(given, 8)
        self._check_views(views)
        code = _ELEMENTS.get(kind) if isinstance(kind, Name) else None
        if code is None:
            self.refuse(f"expected a dtype that NumPy has, got {kind_of(kind)}")
        return checked_tensor(self.refuse, *place, code=code)

    def _check_views(self, views: Any) -> None:
        """Refuse {"conj": True} and {"neg": True}: the storage then holds other values."""
        if views:
            self.refuse(
                "expected tensors as their storages hold them, got a conjugate or negative view. "
                "Save tensor.clone() of it"
            )

    def _parameter(self, given: tuple) -> Tensor:
        (tensor,) = _padded(given, 1)
        if not isinstance(tensor, Tensor):
            self.refuse(f"expected a tensor in a Parameter, got {kind_of(tensor)}")
        return tensor

    def _subclass(self, given: tuple) -> Any:
        """Take (function, class, its arguments): a tensor with attributes of its own."""
        function, kind, arguments = _padded(given, 3)
        known = isinstance(function, Name) and isinstance(kind, Name)
        if not known or function not in _REBUILDERS or kind not in _PLAIN:
            self.refuse(f"expected plain tensors, got an object of {kind_of(kind)}")
        if type(arguments) is not tuple:
            self.refuse(f"expected arguments of a tensor, got {kind_of(arguments)}")
        return self._call(function, arguments)

    def _size(self, given: tuple) -> tuple:
        (sizes,) = _padded(given, 1)
        return sizes if type(sizes) is tuple else ()

    def _dict(self, given: tuple) -> dict:
        """Take nothing, or a list of [key, value] as of Python 2."""
        (pairs,) = _padded(given, 1)
        pairs = pairs if type(pairs) is list else []
        self._interpreter.count_made(len(pairs))  # a file may name one list again and again
        made = {}
        for pair in pairs:
            if type(pair) not in (list, tuple) or len(pair) != 2 or not isinstance(pair[0], str):
                self.refuse("expected a dict of (name, value), got another")
            made[pair[0]] = pair[1]
        return made


def _padded(given: tuple, count: int) -> tuple:
    return (*given, *[None] * count)[:count]


_REBUILDERS = {
    Name("torch._utils", "_rebuild_tensor"): _Objects._tensor,
    Name("torch._utils", "_rebuild_tensor_v2"): _Objects._tensor,
    Name("torch._utils", "_rebuild_tensor_v3"): _Objects._typed_tensor,
}
_PARAMETER = Name("torch.nn.parameter", "Parameter")
_PLAIN = {_PARAMETER, Name("torch", "Tensor")}
# What may be "called", and what of ours then runs.
_CALLS: dict[Any, Callable[..., Any]] = {
    **_REBUILDERS,
    Name("torch._utils", "_rebuild_parameter"): _Objects._parameter,
    Name("torch._utils", "_rebuild_parameter_with_state"): _Objects._parameter,
    _PARAMETER: _Objects._parameter,
    Name("torch.autograd.variable", "Variable"): _Objects._parameter,
    Name("torch._tensor", "_rebuild_from_type_v2"): _Objects._subclass,
    Name("torch", "Size"): _Objects._size,
    Name("collections", "OrderedDict"): _Objects._dict,
}
_NAMES = {*_CALLS, *_ELEMENTS, *_PLAIN}

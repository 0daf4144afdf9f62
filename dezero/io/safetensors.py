"""``.safetensors`` files: a header of plain JSON, then the arrays' bytes, nothing that runs code.

Layout, https://github.com/huggingface/safetensors: 8 bytes with the length of the header, little
endian; the header ``{NAME: {"dtype", "shape", "data_offsets": [BEGIN, END]}, "__metadata__":
{STRING: STRING}}``; then the data, which the arrays fill without a gap or an overlap.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple, NoReturn

import numpy as np

from dezero.io.rawfile import BFLOAT16, RawFile, itemsize, native, stored_dtype
from dezero.io.zipfiles import CHUNK, MAX_NAME, PathLike, plain_array, replace_file

__all__ = ["load_safetensors", "safetensors_metadata", "save_safetensors"]

METADATA = "__metadata__"
# A hundred bytes for each of 160,000 arrays; the format itself stops at 100 MB.
MAX_HEADER = 16 << 20
MAX_ARRAYS = 100_000

_CODES = {
    "BOOL": "bool", "U8": "u1", "I8": "i1", "U16": "u2", "I16": "i2", "U32": "u4", "I32": "i4",
    "U64": "u8", "I64": "i8", "F16": "f2", "BF16": BFLOAT16, "F32": "f4", "F64": "f8", "C64": "c8",
}  # fmt: skip
_TAGS = {np.dtype(code): tag for tag, code in _CODES.items() if code != BFLOAT16}

_BLANK = re.compile(r"[ \t\n\r]*")
_LIST = re.compile(r"\[([0-9, \t\n\r]{0,2000})\]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_SURROGATE = re.compile("[\ud800-\udfff]")


class _Entry(NamedTuple):
    """What the header says of one array; begin and end count from the start of the data."""

    tag: str
    shape: tuple[int, ...]
    begin: int
    end: int


class _Header(NamedTuple):
    entries: dict[str, _Entry]
    metadata: dict[str, str]
    start: int


def save_safetensors(
    path: PathLike,
    arrays: Mapping[str, np.ndarray],
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write named arrays to exactly `path`, whole or not at all, for any reader of safetensors.

    Args:
        path: file to make or to replace; the old file stays until the new one is complete.
        arrays: name -> array of booleans, integers, float16, 32 or 64, or complex64, any shape.
        metadata: further strings for the header. Its "format" is "pt" unless given, the value
            that most readers look for; it says nothing about the layout, which is NumPy's.
    Raises:
        TypeError: a value is no array or of another dtype, or a name or metadata is no string.
        ValueError: a name is reserved or too long.
        OSError: the file could not be written; what was at `path` is untouched.
    Note: equal arrays give equal files, byte for byte.
    """
    if not isinstance(arrays, Mapping):
        raise TypeError(f"save_safetensors: expected a dict, got {type(arrays).__name__}.")
    checked = {name: _checked(name, value) for name, value in arrays.items()}
    # Large elements first, so that each array begins at a multiple of its element's size.
    order = sorted(checked, key=lambda name: -checked[name].itemsize)
    begin, offsets = 0, {}
    for name in order:
        offsets[name] = [begin, begin + checked[name].nbytes]
        begin += checked[name].nbytes
    head: dict[str, Any] = {METADATA: {"format": "pt"} | _checked_metadata(metadata)}
    for name, array in checked.items():
        entry = {"dtype": _tag(array), "shape": list(array.shape), "data_offsets": offsets[name]}
        head[name] = entry
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    if len(text) > MAX_HEADER or len(checked) > MAX_ARRAYS:
        raise ValueError(
            f"save_safetensors: expected a header of at most {MAX_HEADER} bytes for at most "
            f"{MAX_ARRAYS} arrays, got {len(text)} bytes for {len(checked)}. Write several files."
        )

    def write(file: BinaryIO) -> None:
        file.write(len(text).to_bytes(8, "little") + text)
        for name in order:
            array = checked[name]
            stored = array.astype(array.dtype.newbyteorder("<"), copy=False)
            flat = stored.reshape(-1).view(np.uint8)
            for start in range(0, flat.size, CHUNK):
                file.write(flat[start : start + CHUNK].data)

    replace_file("save_safetensors", path, write)


def load_safetensors(path: PathLike, *, max_bytes: int | None = None) -> dict[str, np.ndarray]:
    """Read every array of a ``.safetensors`` file, whoever wrote it.

    Args:
        path: the file, with whatever suffix.
        max_bytes: refuse arrays that take more memory than this in all; None allows what the file
            holds, twice that for bfloat16.
    Returns:
        dict, name -> C-contiguous numpy.ndarray in this machine's byte order, in the order of the
        header. bfloat16, which NumPy lacks, comes as float32 without loss.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it is no such file or is damaged, or has float8 or other dtypes that NumPy
            lacks; the message names file and array. Sizes are compared with the file before
            memory is asked for.
    """
    with RawFile("load_safetensors", path) as source:
        header = _read_header(source)
        total = sum(_memory(entry) for entry in header.entries.values())
        if max_bytes is not None and total > max_bytes:
            source.refuse(f"expected at most {max_bytes} bytes of arrays, got {total}")
        arrays: dict[str, np.ndarray] = {}
        for name, entry in header.entries.items():
            source.seek(header.start + entry.begin)
            arrays[name] = _read_array(source, name, entry)
        return arrays


def safetensors_metadata(path: PathLike) -> dict[str, str]:
    """Return the strings that the header of a ``.safetensors`` file carries, often none.

    Raises:
        OSError, ValueError: as of `load_safetensors`; the arrays themselves are not read.
    """
    with RawFile("safetensors_metadata", path) as source:
        return _read_header(source).metadata


def _checked(name: object, value: Any) -> np.ndarray:
    if not isinstance(name, str):
        raise TypeError(f"save_safetensors: expected names that are strings, got {name!r}.")
    if name == METADATA or len(name) > MAX_NAME or _SURROGATE.search(name):
        raise ValueError(
            f"save_safetensors: expected a name of at most {MAX_NAME} characters other than "
            f"{METADATA!r}, got {name[:80]!r}. Rename that array."
        )
    array = plain_array("save_safetensors", name, value)
    if array.dtype.newbyteorder("=") not in _TAGS:
        raise TypeError(
            f"save_safetensors: expected {name!r} of a dtype that the format has, got "
            f"{array.dtype}. Convert it, or use save_npz."
        )
    return array


def _tag(array: np.ndarray) -> str:
    return _TAGS[array.dtype.newbyteorder("=")]


def _checked_metadata(metadata: Any) -> dict[str, str]:
    given = {} if metadata is None else metadata
    if not isinstance(given, Mapping) or not all(
        isinstance(part, str) and not _SURROGATE.search(part)
        for pair in given.items()
        for part in pair
    ):
        raise TypeError(
            "save_safetensors: expected metadata of strings by name, got "
            f"{str(metadata)[:80]}. Turn numbers into strings."
        )
    return dict(given)


def _memory(entry: _Entry) -> int:
    return (entry.end - entry.begin) * (2 if entry.tag == "BF16" else 1)


def _read_array(source: RawFile, name: str, entry: _Entry) -> np.ndarray:
    code, part = _CODES[entry.tag], f"array {name[:80]!r}"
    stored = np.empty((entry.end - entry.begin) // itemsize(code), stored_dtype(code))
    source.fill(stored.view(np.uint8), part)
    try:
        return native(stored, code).reshape(entry.shape)
    except ValueError:  # (0, 2**62, 2**62) holds nothing, yet NumPy cannot shape it
        source.refuse(f"expected a shape that an array can have, got {str(entry.shape)[:80]}", part)


def _read_header(source: RawFile) -> _Header:
    length = int.from_bytes(source.take(8, "header"), "little")
    if length > MAX_HEADER:
        source.refuse(f"expected at most {MAX_HEADER} bytes, got {length} declared", "header")
    try:
        text = source.take(length, "header").decode()
    except UnicodeDecodeError as error:
        source.refuse(f"expected UTF-8, got {error.reason} at byte {error.start}", "header")
    scanner = _Scanner(source, text)
    entries: dict[str, _Entry] = {}
    metadata: dict[str, str] = {}
    for name in scanner.keys():
        if name == METADATA:
            metadata = {key: scanner.string() for key in scanner.keys()}
        elif len(name) > MAX_NAME:
            source.refuse(f"expected at most {MAX_NAME} characters, got {len(name)}", "a name")
        else:
            entries[name] = _read_entry(source, scanner, f"array {name[:80]!r}")
    scanner.end()
    _check_places(source, entries, source.size - 8 - length)
    return _Header(entries, metadata, 8 + length)


def _read_entry(source: RawFile, scanner: "_Scanner", part: str) -> _Entry:
    fields: dict[str, Any] = {}
    for key in scanner.keys():
        if key not in ("dtype", "shape", "data_offsets"):
            source.refuse(f"expected dtype, shape and data_offsets, got {key[:80]!r}", part)
        fields[key] = scanner.string() if key == "dtype" else scanner.sizes()
    if set(fields) != {"dtype", "shape", "data_offsets"} or len(fields["data_offsets"]) != 2:
        source.refuse("expected dtype, shape and two data_offsets", part)
    entry = _Entry(fields["dtype"], tuple(fields["shape"]), *fields["data_offsets"])
    code = _CODES.get(entry.tag)
    if code is None:
        source.refuse(f"expected a dtype among {', '.join(_CODES)}, got {entry.tag[:40]!r}", part)
    nbytes = math.prod(entry.shape) * itemsize(code)
    if entry.end - entry.begin != nbytes:
        source.refuse(
            f"its shape {str(entry.shape)[:80]} of {entry.tag} takes {str(nbytes)[:40]} bytes, but "
            f"its data_offsets are [{entry.begin}, {entry.end}]",
            part,
        )
    return entry


def _check_places(source: RawFile, entries: dict[str, _Entry], size: int) -> None:
    reached = 0
    for name, entry in sorted(entries.items(), key=lambda pair: pair[1][2:]):
        if entry.begin != reached or entry.end > size:
            source.refuse(
                f"its data_offsets [{entry.begin}, {entry.end}] leave a gap, overlap or lie "
                f"outside: expected them to begin at {reached} and to end by {size}",
                f"array {name[:80]!r}",
            )
        reached = entry.end
    if reached != size:
        source.refuse(f"expected {reached} bytes after the header, got {size}")


class _Scanner:
    """Reads the one kind of JSON that a header may be: objects of strings and lists of sizes.

    A general parser would build whatever is nested in a hostile header before anyone looks.
    """

    def __init__(self, source: RawFile, text: str):
        self.source, self.text, self.place = source, text, 0

    def keys(self) -> Iterator[str]:
        """Yield each key of an object; the caller reads the value before it asks for the next."""
        self._expect("{")
        seen: set[str] = set()
        closed = self._passes("}")
        while not closed:
            key = self.string()
            if key in seen:
                self.source.refuse(f"expected each key once, got {key[:80]!r} twice", "header")
            seen.add(key)
            if len(seen) > MAX_ARRAYS + 1:
                self.source.refuse(f"expected at most {MAX_ARRAYS} names, got more", "header")
            self._expect(":")
            yield key
            closed = self._passes("}")
            if not closed:
                self._expect(",")

    def string(self) -> str:
        """Return the string that stands here."""
        self._skip()
        if self.text[self.place : self.place + 1] != '"':
            self._fail("a string")
        try:
            value, self.place = json.JSONDecoder().raw_decode(self.text, self.place)
        except ValueError:
            self._fail("a string")
        if _SURROGATE.search(value):
            self._fail("characters")
        return value

    def sizes(self) -> list[int]:
        """Return the list of integers >= 0 that stands here."""
        self._skip()
        found = _LIST.match(self.text, self.place)
        parts = found[1].split(",") if found and found[1].strip() else []
        digits = [part.strip() for part in parts]
        if found is None or len(digits) > 64 or not all(map(_SIZE.fullmatch, digits)):
            self._fail("a list of at most 64 sizes")
        self.place = found.end()
        return [int(part) for part in digits]

    def end(self) -> None:
        """Refuse anything but blanks from here on."""
        self._skip()
        if self.place != len(self.text):
            self._fail("nothing more")

    def _skip(self) -> None:
        found = _BLANK.match(self.text, self.place)
        self.place = found.end() if found else self.place

    def _passes(self, mark: str) -> bool:
        self._skip()
        if not self.text.startswith(mark, self.place):
            return False
        self.place += 1
        return True

    def _expect(self, mark: str) -> None:
        if not self._passes(mark):
            self._fail(repr(mark))

    def _fail(self, wanted: str) -> NoReturn:
        shown = self.text[self.place : self.place + 40]
        self.source.refuse(f"expected {wanted} at character {self.place}, got {shown!r}", "header")

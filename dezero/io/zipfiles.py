"""Zips of ``.npy`` members, written whole or not at all and read without trusting them.

``npz.py`` and ``archive.py`` share this. A file may be hostile: no size that it declares is
believed, and no memory asked for, before it has been compared with the bytes that are there.
"""

import contextlib
import errno
import math
import os
import re
import secrets
import shutil
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, NamedTuple, NoReturn

import numpy as np

from dezero.backend import is_array, to_host

PathLike = str | os.PathLike[str]

CHUNK = 1 << 20
MAX_MEMBERS = 100_000
MAX_HEADER = 1 << 16
MAX_NAME = 1024
# Deflate stores a match of 258 bytes in two bits at best (RFC 1951, 3.2.5): 258 * 8 / 2 = 1032.
DEFLATE_RATIO = 1032
# A fixed time stamp, the earliest a zip can hold: the same arrays give the same file.
EPOCH = (1980, 1, 1, 0, 0, 0)

_DESCR = re.compile(r"[<>|=]?[biufc][0-9]{1,2}")
# One entry of a header; Python 2 wrote its integers with an L.
_ITEM = re.compile(
    r"""\s*(['"])(descr|fortran_order|shape)\1\s*:\s*"""
    r"""('[^']*'|"[^"]*"|True|False|\((?:\s*[0-9]{1,19}L?\s*,)*\s*(?:[0-9]{1,19}L?)?\s*\))"""
    r"""\s*(?:,|(?=\}))"""
)
_BAD_NAME = re.compile(
    r"[\x00-\x1f\x7f\\\ud800-\udfff]|^/|^[A-Za-z]:/|(?:^|/)\.{1,2}(?:/|$)|//|^$|/$"
)


class ArrayHeader(NamedTuple):
    """What a ``.npy`` header declares, and how many bytes the header itself takes."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    length: int

    @property
    def nbytes(self) -> int:
        """Memory that the array will take."""
        return math.prod(self.shape) * self.dtype.itemsize


class SafeZip:
    """A zip opened for reading, all of whose faults are a ValueError that names file and member.

    Args:
        caller: public function on whose behalf the file is read; begins each message.
        path: where the file is.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it is no zip, or a member has a name, size or compression that is not allowed.
    """

    def __init__(self, caller: str, path: PathLike):
        self.caller = caller
        self.path = os.fspath(path)
        self._file = open(self.path, "rb")
        try:
            self.size = os.fstat(self._file.fileno()).st_size
            with self.explained():
                self._zip = zipfile.ZipFile(self._file)
            self.members = self._checked_members()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> "SafeZip":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def refuse(self, reason: str, member: str | None = None) -> NoReturn:
        """Raise the one kind of error that a bad file gives."""
        where = f"{self.path!r}" if member is None else f"{self.path!r}, member {member!r}"
        raise ValueError(f"{self.caller}: {where}: {reason}.")

    @contextlib.contextmanager
    def explained(self, member: str | None = None) -> Iterator[None]:
        """Turn what zipfile and zlib throw at damaged bytes into `refuse`."""
        try:
            yield
        except MemoryError:
            raise
        except OSError as error:
            if error.errno != errno.EINVAL:  # a seek to where the file cannot be is damage too
                raise
            self.refuse(f"expected an undamaged zip file, got one that fails with {error}", member)
        # zipfile has no closed list of what it throws: BadZipFile, zlib.error, struct.error,
        # NotImplementedError, RuntimeError, EOFError, ValueError and more.
        except Exception as error:
            what = f"{type(error).__name__}: {error}"[:200]  # names are quoted in it
            self.refuse(f"expected an undamaged zip file, got one that fails with {what}", member)

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        infos = self._zip.infolist()
        if len(infos) > MAX_MEMBERS:
            self.refuse(f"expected at most {MAX_MEMBERS} members, got {len(infos)}")
        members: dict[str, zipfile.ZipInfo] = {}
        for info in infos:
            name = info.orig_filename
            shown = name[:80]
            if len(name) > MAX_NAME or _BAD_NAME.search(name):
                self.refuse("expected a relative name without '..' or '\\'", shown)
            if name in members:
                self.refuse("expected each member once, got it twice", shown)
            self._check_sizes(info, shown)
            members[name] = info
        return members

    def _check_sizes(self, info: zipfile.ZipInfo, shown: str) -> None:
        if info.flag_bits & 1:
            self.refuse("expected no encryption, got an encrypted member", shown)
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            self.refuse(f"expected it stored or deflated, got method {info.compress_type}", shown)
        if info.compress_size > self.size:  # zipfile asks for memory for all of it
            self.refuse(f"declares {info.compress_size} bytes, the file has {self.size}", shown)
        ratio = 1 if info.compress_type == zipfile.ZIP_STORED else DEFLATE_RATIO
        most = info.compress_size * ratio
        if info.file_size > most:
            self.refuse(
                f"declares {info.file_size} bytes, but its data cannot hold more than {most}", shown
            )

    def check_total(self, limit: int, advice: str) -> None:
        """Refuse a file whose members together declare more than `limit` bytes."""
        total = sum(info.file_size for info in self.members.values())
        if total > limit:
            self.refuse(f"expected at most {limit} bytes of arrays, got {total}. {advice}")

    def read_bytes(self, member: str, limit: int) -> bytes:
        """Return a whole member of at most `limit` bytes."""
        size = self.members[member].file_size
        if size > limit:
            self.refuse(f"expected at most {limit} bytes, got {size}", member)
        with self.explained(member), self._zip.open(self.members[member]) as stream:
            data = stream.read()
        if len(data) != size:
            self.refuse(f"ends after {len(data)} of {size} bytes", member)
        return data

    def read_raw(self, member: str) -> np.ndarray:
        """Return the bytes of a whole member as a uint8 array of its own."""
        flat = np.empty(self.members[member].file_size, np.uint8)
        with contextlib.ExitStack() as stack:
            with self.explained(member):
                stream = stack.enter_context(self._zip.open(self.members[member]))
            self._fill(flat, stream, member, None)
        return flat

    def read_array(
        self,
        member: str,
        *,
        check: Callable[[ArrayHeader], None] | None = None,
        digest: Any = None,
    ) -> np.ndarray:
        """Return the array of a ``.npy`` member, C-contiguous and in this machine's byte order.

        Args:
            member: name in `members`.
            check: called with the header before memory is asked for.
            digest: a hashlib object that is fed every byte of the member.
        """
        info = self.members[member]
        with contextlib.ExitStack() as stack:
            with self.explained(member):
                stream = stack.enter_context(self._zip.open(info))
            header = self._read_header(stream, member, digest)
            if header.length + header.nbytes != info.file_size:
                self.refuse(
                    f"its header declares {header.dtype} {header.shape} = {header.nbytes} bytes, "
                    f"but {info.file_size - header.length} follow",
                    member,
                )
            if check is not None:
                check(header)
            with self.explained(member):
                flat = np.empty(math.prod(header.shape), header.dtype)
            self._fill(flat, stream, member, digest)
        with self.explained(member):  # (0, 2**62, 2**62) holds nothing, yet NumPy cannot shape it
            if header.fortran_order:
                array = flat.reshape(header.shape[::-1]).transpose()
            else:
                array = flat.reshape(header.shape)
        return np.asarray(array, dtype=header.dtype.newbyteorder("="), order="C")

    def _take(self, stream: Any, count: int, member: str, digest: Any) -> bytes:
        with self.explained(member):
            data = stream.read(count)
        if len(data) != count:
            self.refuse(f"ends {count - len(data)} bytes early", member)
        if digest is not None:
            digest.update(data)
        return data

    def _fill(self, flat: np.ndarray, stream: Any, member: str, digest: Any) -> None:
        target = flat.view(np.uint8)
        for start in range(0, target.size, CHUNK):
            piece = target[start : start + CHUNK]
            piece[:] = np.frombuffer(self._take(stream, piece.size, member, digest), np.uint8)

    def _read_header(self, stream: Any, member: str, digest: Any) -> ArrayHeader:
        magic = self._take(stream, 8, member, digest)
        if magic[:6] != b"\x93NUMPY" or magic[6:] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
            self.refuse(f"expected a .npy array, got a member that begins {magic!r}", member)
        width = 2 if magic[6] == 1 else 4
        length = int.from_bytes(self._take(stream, width, member, digest), "little")
        if length > MAX_HEADER:
            self.refuse(f"expected a header of at most {MAX_HEADER} bytes, got {length}", member)
        text = self._take(stream, length, member, digest).decode("latin-1")
        fields = _parse_fields(text)
        if fields is None:
            self.refuse(
                f"expected a header of a plain numeric array, got {text[:80]!r}. Objects, strings "
                "and records are not read: they could run code (pickle)",
                member,
            )
        dtype, shape, fortran_order = fields
        return ArrayHeader(dtype, shape, fortran_order, 8 + width + length)


def _parse_fields(text: str) -> tuple[np.dtype[Any], tuple[int, ...], bool] | None:
    """Read ``{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }``, or return None.

    ast.literal_eval would do for honest headers, but nesting can overflow its parser's C stack.
    """
    text = text.strip()
    if not text.startswith("{"):
        return None
    fields: dict[str, str] = {}
    place = 1
    while (found := _ITEM.match(text, place)) is not None:
        if found[2] in fields:
            return None
        fields[found[2]] = found[3]
        place = found.end()
    if text[place:].strip() != "}" or len(fields) != 3:
        return None
    dtype = plain_dtype(fields["descr"][1:-1])
    shape = fields["shape"]
    if dtype is None or fields["fortran_order"] not in ("True", "False") or shape[0] != "(":
        return None
    sizes = tuple(int(size) for size in re.findall("[0-9]+", shape))
    if len(sizes) == 1 and "," not in shape:  # (3) is a number in brackets, not a shape
        return None
    return dtype, sizes, fields["fortran_order"] == "True"


def plain_dtype(descr: str) -> np.dtype[Any] | None:
    """Return the boolean, integer, floating or complex dtype of that name, else None."""
    if not _DESCR.fullmatch(descr):
        return None
    try:
        return np.dtype(descr)
    except TypeError:
        return None


def check_name(caller: str, name: object) -> None:
    """Refuse the name of an array that the readers would refuse."""
    if not isinstance(name, str):
        raise TypeError(f"{caller}: expected names that are strings, got {name!r}.")
    if len(name) + 4 > MAX_NAME or _BAD_NAME.search(name + ".npy") or _BAD_NAME.search(name):
        raise ValueError(
            f"{caller}: expected a relative name without '..' or '\\', got {name[:80]!r}. "
            "Rename that array."
        )


def plain_array(caller: str, name: str, value: Any) -> np.ndarray:
    """Return `value` as a C-contiguous numeric array, or refuse it by name."""
    if not is_array(value) and not isinstance(value, np.generic):
        raise TypeError(
            f"{caller}: expected {name!r} to be an array, got {type(value).__name__}. "
            "Convert it with numpy.asarray first."
        )
    array = np.asarray(to_host(value), order="C")
    if plain_dtype(array.dtype.str) is None:
        raise TypeError(
            f"{caller}: expected {name!r} to hold booleans or numbers, got dtype {array.dtype}. "
            "Objects, strings and records cannot be stored safely."
        )
    return array


def npy_header(array: np.ndarray) -> bytes:
    """Return the ``.npy`` header (version 1.0) of a C-contiguous array."""
    fields = f"{{'descr': {array.dtype.str!r}, 'fortran_order': False, 'shape': {array.shape!r}, }}"
    # numpy.lib.format: data begins at a multiple of 64, the header ends in a line feed.
    padded = fields + " " * (-(10 + len(fields) + 1) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode("latin-1")


def npy_chunks(array: np.ndarray) -> Iterator[bytes | memoryview]:
    """Yield header and data of a C-contiguous array, piece by piece."""
    yield npy_header(array)
    flat = array.reshape(-1).view(np.uint8)
    for start in range(0, flat.size, CHUNK):
        yield flat[start : start + CHUNK].data


def write_member(target: zipfile.ZipFile, name: str, chunks: Any, method: int) -> None:
    """Add one member to a zip, piece by piece."""
    info = zipfile.ZipInfo(name, EPOCH)
    info.compress_type = method
    info.external_attr = 0o644 << 16  # else tools that unpack it make files that nobody may read
    with target.open(info, "w", force_zip64=True) as stream:
        for chunk in chunks:
            stream.write(chunk)


def replace_file(caller: str, path: PathLike, write: Callable[[BinaryIO], None]) -> None:
    """Write a file whole or not at all: into a temporary one beside it, which then takes its name.

    Args:
        caller: public function named in the error.
        path: file to make or to replace; a link is followed.
        write: is given the open temporary file.
    Raises:
        OSError: nothing was changed; the message says what could not be written, and where.
    """
    goal = os.path.realpath(os.fsdecode(path))
    if os.path.lexists(goal) and not os.path.isfile(goal):
        # os.replace would put a plain file in the place of a pipe or a device such as /dev/null.
        raise OSError(
            errno.EISDIR if os.path.isdir(goal) else errno.EINVAL,
            f"{caller}: expected a file to write, got {os.fspath(path)!r}, which is a folder, a "
            "device, a pipe or a link to itself. Choose another name.",
        )
    temporary = os.path.join(os.path.dirname(goal), f".dezero-{secrets.token_hex(6)}.tmp")
    try:
        try:
            with open(temporary, "xb") as file:
                write(file)
                file.flush()
                os.fsync(file.fileno())
            if os.path.exists(goal):
                shutil.copymode(goal, temporary)
            os.replace(temporary, goal)
        except BaseException:
            with contextlib.suppress(OSError):
                os.remove(temporary)
            raise
    except OSError as error:
        kept = "The file that was there is untouched" if os.path.exists(goal) else "Nothing is left"
        raise OSError(
            error.errno,
            f"{caller}: could not write {os.fspath(path)!r}: {error.strerror or error}. "
            f"{kept}; free some space or choose another folder.",
        ) from error


def write_zip(caller: str, path: PathLike, write: Callable[[zipfile.ZipFile], None]) -> None:
    """Make or replace a zip file whole, or not at all; `write` adds its members."""

    def fill(file: BinaryIO) -> None:
        with zipfile.ZipFile(file, "w", allowZip64=True) as target:
            write(target)

    replace_file(caller, path, fill)

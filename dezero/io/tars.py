"""Chosen members of a tar, plain or gzipped, read as one stream and never extracted.

Only members named beforehand, of exactly the size named beforehand, are kept; whatever else the
archive holds is passed over, whatever it is called. No memory is asked for on its word.
"""

import gzip
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

__all__ = ["read_tar"]

BLOCK = 512
CHUNK = 1 << 18
GZIP_MAGIC = b"\x1f\x8b"
REGULAR = (b"0", b"\0", b"7")


def read_tar(
    caller: str,
    path: str | os.PathLike[str],
    members: Mapping[str, int | range],
    *,
    max_other: int = 16 << 20,
) -> dict[str, bytearray]:
    """Return the chosen members of a tar file.

    Args:
        caller: who asks; begins each message.
        path: the file, plain or gzipped.
        members: name -> size in bytes of what is wanted; a range where it is not known exactly.
        max_other: the most bytes that members passed over may take before the last wanted one.
    Returns:
        name -> content, for every name in `members`.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it is no tar, is damaged or ends early, lacks a member, has one twice, of
            another size or as a link, or holds more besides than max_other.
    Note: reading ends with the last wanted member. A tar has no sums over its data: compare the
        file's hash first.
    """
    with open(path, "rb") as plain:
        packed = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        with gzip.GzipFile(fileobj=plain, mode="rb") if packed else plain as file:
            reader = _Reader(f"{caller}: {Path(path)}", file, max_other)  # type: ignore[arg-type]
            return reader.take(members)


class _Reader:
    """A tar stream; each fault is a ValueError that begins with `where`."""

    def __init__(self, where: str, file: BinaryIO, room: int) -> None:
        self.where = where
        self.file = file
        self.room = room

    def refuse(self, expected: str, got: str) -> NoReturn:
        raise ValueError(
            f"{self.where}: expected {expected}, got {got}. Delete the file and fetch it again."
        )

    def take(self, members: Mapping[str, int | range]) -> dict[str, bytearray]:
        found: dict[str, bytearray] = {}
        while len(found) < len(members):
            header = self.read(bytearray(BLOCK))
            if not any(header):
                missing = ", ".join(sorted(set(members) - set(found)))
                self.refuse(f"the members {missing}", "the end of the archive without them")
            self.check_sum(header)
            name, size, kind = _name(header), self.number(header), header[156:157]
            if name not in members:
                self.skip(size)
                continue
            if kind not in REGULAR:
                self.refuse(f"{name} to be a plain file", f"a member of type {bytes(kind)!r}")
            sizes = members[name]
            sizes = range(sizes, sizes + 1) if isinstance(sizes, int) else sizes
            if size not in sizes or name in found:
                got = "a second one" if name in found else f"{size} bytes"
                self.refuse(f"one {name} of {_span(sizes)} bytes", got)
            found[name] = self.read(bytearray(size))
            self.read(bytearray(-size % BLOCK))
        return found

    def read(self, buffer: bytearray) -> bytearray:
        """Fill `buffer` from the stream."""
        view, filled = memoryview(buffer), 0
        while filled < len(buffer):
            try:
                count = self.file.readinto(view[filled : filled + CHUNK])  # type: ignore[attr-defined]
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                self.refuse("an undamaged archive", f"one that fails with {error}")
            if not count:
                self.refuse("a complete archive", "one that ends early")
            filled += count
        return buffer

    def skip(self, size: int) -> None:
        """Pass over a member, at the expense of the room for such."""
        self.room -= size + BLOCK
        if self.room < 0:
            self.refuse("little besides the members wanted", "more than is allowed for")
        rest = size + -size % BLOCK
        while rest:
            rest -= len(self.read(bytearray(min(rest, CHUNK))))

    def check_sum(self, header: bytearray) -> None:
        # POSIX.1-1988 ustar: the sum of all bytes, those of the sum itself read as spaces.
        told = _octal(header[148:156])
        if told != sum(header[:148]) + 8 * 32 + sum(header[156:]):
            self.refuse("a tar archive", "a block that is no header of a member")

    def number(self, header: bytearray) -> int:
        size = _octal(header[124:136])
        if size is None:
            self.refuse("the size of each member in octal", repr(bytes(header[124:136])))
        return size


def _span(sizes: range) -> str:
    return f"{sizes.start}" if len(sizes) == 1 else f"{sizes.start} to {sizes.stop - 1}"


def _octal(field: bytearray) -> int | None:
    digits = bytes(field).strip(b" \0")
    return int(digits, 8) if digits and set(digits) <= set(b"01234567") else None


def _name(header: bytearray) -> str:
    prefix = _text(header[345:500]) if header[257:262] == b"ustar" else ""
    name = _text(header[:100])
    return (f"{prefix}/{name}" if prefix else name).removeprefix("./")


def _text(field: Any) -> str:
    return bytes(field).split(b"\0", 1)[0].decode("utf-8", "replace")

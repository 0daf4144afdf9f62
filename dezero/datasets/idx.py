"""The idx format of MNIST and its relatives, plain or gzipped, read without trusting it.

A file is a magic number (two zero bytes, a type code, the number of axes), the axes as big-endian
32-bit integers, then the values, big-endian. Nothing is allocated before the header is checked.
"""

import gzip
import hashlib
import math
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["DataCorrupt", "idx_sha256", "read_idx"]

DTYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
CODES = {np.dtype(name): code for code, name in DTYPES.items()}
GZIP_MAGIC = b"\x1f\x8b"
MAX_AXES = 8
MAX_ITEMS = 1 << 48


class DataCorrupt(ValueError):
    """A data file is truncated, too long, or not the file it should be."""


def read_idx(path: str | os.PathLike[str], max_bytes: int = 1 << 30) -> np.ndarray:
    """Read an idx file, gzipped or plain, into a new array in native byte order.

    Args:
        path: the file.
        max_bytes: the most that the values may take in memory.
    Returns:
        Array of the shape and type that the header states.
    Raises:
        DataCorrupt: not an idx file, larger than max_bytes, shorter or longer than its header
            says, or unreadable. No more than the header's size is ever unpacked.
    """
    where = Path(path)
    try:
        with open(where, "rb") as plain:
            packed = plain.read(2) == GZIP_MAGIC
            plain.seek(0)
            with gzip.GzipFile(fileobj=plain, mode="rb") if packed else plain as file:
                return _read(file, where, max_bytes)
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise _corrupt("a readable, complete idx file", f"{where} ({reason})") from error


def idx_sha256(array: np.ndarray) -> str:
    """Return the SHA-256 of `array` as a plain idx file, without writing one."""
    big = array.astype(array.dtype.newbyteorder(">"), copy=False)
    digest = hashlib.sha256(struct.pack(">BBBB", 0, 0, CODES[big.dtype], big.ndim))
    digest.update(struct.pack(f">{big.ndim}I", *big.shape))
    digest.update(np.ascontiguousarray(big).data)
    return digest.hexdigest()


def _read(file: Any, path: Path, max_bytes: int) -> np.ndarray:
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise _corrupt("an idx file", f"{path} beginning with bytes {magic.hex(' ')!r}")
    axes = magic[3]
    if not 1 <= axes <= MAX_AXES:
        raise _corrupt(f"1 to {MAX_AXES} axes", f"{path} declaring {axes}")
    dims = file.read(4 * axes)
    if len(dims) < 4 * axes:
        raise _corrupt(f"{axes} axis lengths", f"{path} ending inside its header")
    shape = struct.unpack(f">{axes}I", dims)
    dtype = np.dtype(DTYPES[magic[2]])
    size = math.prod(shape) * dtype.itemsize
    # NumPy can shape no empty array either whose other axes are too long.
    if size > max_bytes or math.prod(filter(None, shape)) > MAX_ITEMS:
        raise _corrupt(f"at most {max_bytes} bytes", f"{path} declaring {shape}, {size} bytes")
    array = np.empty(shape, dtype)
    filled = _fill(file, array.reshape(-1).view(np.uint8).data)
    if filled < size or file.read(1):
        actual = f"only {filled}" if filled < size else "more"
        raise _corrupt(f"{size} bytes for shape {shape}", f"{path} holding {actual}")
    return array.astype(dtype.newbyteorder("="), copy=False)


def _fill(file: Any, buffer: memoryview) -> int:
    filled = 0
    while filled < len(buffer):
        count = file.readinto(buffer[filled : filled + (1 << 20)])
        if not count:
            break
        filled += count
    return filled


def _corrupt(expected: str, got: str) -> DataCorrupt:
    return DataCorrupt(
        f"read_idx: expected {expected}, got {got}. Delete the file and fetch it again."
    )

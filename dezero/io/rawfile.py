"""A file that is no zip, opened for reading without trusting it, and arrays made of its bytes."""

import os
from typing import NoReturn

import numpy as np

from dezero.io.zipfiles import CHUNK, PathLike

# NumPy has no bfloat16; its 16 bits are the upper half of a float32.
BFLOAT16 = "bfloat16"


class RawFile:
    """An open file, all of whose faults are a ValueError that names it.

    Args:
        caller: public function on whose behalf the file is read; begins each message.
        path: where the file is.
    Raises:
        OSError: the file is not there or cannot be read.
    """

    def __init__(self, caller: str, path: PathLike):
        self.caller = caller
        self.path = os.fspath(path)
        self._file = open(self.path, "rb")
        self.size = os.fstat(self._file.fileno()).st_size

    def __enter__(self) -> "RawFile":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def refuse(self, reason: str, part: str | None = None) -> NoReturn:
        """Raise the one kind of error that a bad file gives."""
        where = f"{self.path!r}" if part is None else f"{self.path!r}, {part}"
        raise ValueError(f"{self.caller}: {where}: {reason}.")

    def seek(self, place: int) -> None:
        """Go to that byte."""
        self._file.seek(place)

    def take(self, count: int, part: str) -> bytes:
        """Return the next `count` bytes; refused, before any are read, where fewer follow."""
        self._check_left(count, part)
        data = self._file.read(count)
        if len(data) != count:
            self.refuse(f"ends {count - len(data)} bytes early", part)
        return data

    def fill(self, target: np.ndarray, part: str) -> None:
        """Read the next bytes into a contiguous uint8 array."""
        self._check_left(target.size, part)
        for start in range(0, target.size, CHUNK):
            piece = target[start : start + CHUNK].data
            got = self._file.readinto(piece)
            if got != len(piece):
                self.refuse(f"ends {len(piece) - got} bytes early", part)

    def _check_left(self, count: int, part: str) -> None:
        left = self.size - self._file.tell()
        if count > left:
            self.refuse(f"expected {count} bytes, got {max(left, 0)} up to the end", part)


def itemsize(code: str) -> int:
    """Return the bytes of one element of a NumPy dtype or of BFLOAT16."""
    return 2 if code == BFLOAT16 else np.dtype(code).itemsize


def stored_dtype(code: str, order: str = "<") -> np.dtype:
    """Return the dtype in which a file holds such elements, in the byte order "<" or ">"."""
    stored = {BFLOAT16: "u2", "bool": "u1"}.get(code, code)
    return np.dtype(stored).newbyteorder(order)  # type: ignore[arg-type]


def native(stored: np.ndarray, code: str) -> np.ndarray:
    """Return elements of `stored_dtype(code)` as an array of this machine, copied only if need be.

    bfloat16 becomes float32, which holds each of its values; a boolean is any byte but 0.
    """
    if code == BFLOAT16:
        wide = np.array(stored, np.uint32, order="C")
        wide <<= 16
        return wide.view(np.float32)
    if code == "bool":
        return np.array(stored != 0, order="C")
    return np.asarray(stored, dtype=stored.dtype.newbyteorder("="), order="C")

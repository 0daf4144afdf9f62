"""``.npz`` files of plain arrays, written whole or not at all and read without trusting them."""

import os
import zipfile
from collections.abc import Mapping

import numpy as np

from dezero.io.zipfiles import (
    PathLike,
    SafeZip,
    check_name,
    npy_chunks,
    plain_array,
    write_member,
    write_zip,
)

__all__ = ["load_npz", "save_npz"]

# Honest weights hardly compress, yet a few small files hold arrays of zeros: those stay readable.
_FREE_BYTES = 1 << 30
_FREE_RATIO = 32


def save_npz(path: PathLike, arrays: Mapping[str, np.ndarray], compress: bool = True) -> None:
    """Write named arrays to exactly `path` (no suffix is added), readable by `numpy.load` too.

    Args:
        path: file to make or to replace; the old file stays until the new one is complete.
        arrays: name -> array of booleans, integers, floats or complex numbers, any shape; a name
            may have parts, as in "l0/W". Device arrays are copied to the host.
        compress: deflate the members.
    Raises:
        TypeError: a value is no array, or holds objects, strings or records.
        ValueError: a name is empty or leads out of the file ("../x").
        OSError: the file could not be written; what was at `path` is untouched.
    Note:
        Equal arrays give equal files, byte for byte.
    """
    if not isinstance(arrays, Mapping):
        raise TypeError(f"save_npz: expected a dict of arrays, got {type(arrays).__name__}.")
    checked: dict[str, np.ndarray] = {}
    for name, value in arrays.items():
        check_name("save_npz", name)
        checked[name] = plain_array("save_npz", name, value)
    method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED

    def write(target: zipfile.ZipFile) -> None:
        for name, array in checked.items():
            write_member(target, f"{name}.npy", npy_chunks(array), method)

    write_zip("save_npz", path, write)


def load_npz(path: PathLike, *, max_bytes: int | None = None) -> dict[str, np.ndarray]:
    """Read every array of an ``.npz`` file, as `save_npz`, `numpy.savez` and DeZero write it.

    Args:
        path: the file, with whatever suffix.
        max_bytes: refuse arrays that take more memory than this in all; None allows 1 GiB or 32
            times the size of the file, whichever is more.
    Returns:
        dict, name -> C-contiguous numpy.ndarray in this machine's byte order.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it is no such file, is damaged, or holds what is not a plain array; the message
            names the file and the member. Nothing is unpickled, and no size that a header
            declares is believed before it has been compared with the data that is there.
    """
    with SafeZip("load_npz", path) as source:
        if max_bytes is None:
            max_bytes = max(_FREE_BYTES, _FREE_RATIO * source.size)
        source.check_total(max_bytes, "Pass max_bytes= if you trust this file")
        for member in source.members:
            if not member.endswith(".npy") or os.path.basename(member) == ".npy":
                source.refuse("expected only members called NAME.npy", member)
        return {member[:-4]: source.read_array(member) for member in source.members}

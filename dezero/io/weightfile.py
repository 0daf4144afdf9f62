"""Named arrays from whichever kind of file holds them, and into the kind that its name says."""

import os
from collections.abc import Mapping

import numpy as np

from dezero.io.archive import MANIFEST, load_archive, save_archive
from dezero.io.npz import load_npz, save_npz
from dezero.io.safetensors import load_safetensors, save_safetensors
from dezero.io.torchfile import LEGACY_MAGIC, PICKLE, load_pth
from dezero.io.zipfiles import PathLike, SafeZip

__all__ = ["load_arrays", "save_arrays"]

# Weights hardly compress, and above this size it takes minutes.
COMPRESSED = 32 << 20
# In an archive, what stands before the path of each weight; there may be optimizer state beside.
WEIGHTS = "weights/"
_READERS = {
    ".npz": load_npz,
    ".safetensors": load_safetensors,
    ".pth": load_pth,
    ".pt": load_pth,
    ".dz": lambda path: _archived_weights(path),
}


def save_arrays(path: PathLike, arrays: Mapping[str, np.ndarray]) -> None:
    """Write named arrays to exactly `path`, whole or not at all.

    Args:
        path: a name that ends in ``.safetensors`` or ``.dz`` makes such a file, any other an
            ``.npz``, compressed if it is small; no suffix is added.
        arrays: name -> array.
    Raises:
        TypeError, ValueError: as of `save_npz`, `save_safetensors` and `save_archive`; or the name
            ends in ``.pth`` or ``.pt``, which are read only.
        OSError: the file could not be written; what was at `path` is untouched.
    """
    suffix = _suffix(path)
    if suffix in (".pth", ".pt"):
        raise ValueError(
            f"save_arrays: expected a file other than torch's own, got {os.fspath(path)!r}. Use "
            ".safetensors, which torch users load with safetensors.torch.load_file."
        )
    if suffix == ".safetensors":
        save_safetensors(path, arrays)
    elif suffix == ".dz":
        named = {f"{WEIGHTS}{name}": array for name, array in arrays.items()}
        save_archive(path, {"content": "weights"}, named)
    else:
        total = sum(getattr(array, "nbytes", 0) for array in arrays.values())
        save_npz(path, arrays, compress=total <= COMPRESSED)


def load_arrays(path: PathLike) -> dict[str, np.ndarray]:
    """Read the arrays of an ``.npz``, ``.safetensors``, ``.pth``, ``.pt`` or ``.dz`` file.

    What the file holds decides, whatever its name; of a saved model, the weights are read.

    Args:
        path: the file. Where there is none, the same name with ``.npz`` behind it, which NumPy and
            upstream DeZero add when they write.
    Returns:
        dict, name -> numpy.ndarray.
    Raises:
        OSError: there is neither.
        ValueError: it is of another kind, damaged, or holds what is no array.
    """
    path = os.fspath(path)
    suffixed = path + (b".npz" if isinstance(path, bytes) else ".npz")  # type: ignore[operator]
    if not os.path.exists(path) and os.path.exists(suffixed):
        path = suffixed
    kind = _kind(path)
    if kind is None:
        with open(path, "rb") as file:
            head = file.read(8)
        raise ValueError(
            f"load_arrays: {path!r}: expected a file of {', '.join(_READERS)}, got one that begins "
            f"{head!r}. Save the weights as one of these."
        )
    return _READERS[kind](path)


def _suffix(path: PathLike) -> str:
    return os.path.splitext(os.fsdecode(path))[1].lower()


def _kind(path: PathLike) -> str | None:
    """Return the suffix that the content deserves, else the one that the name has, if known."""
    with open(path, "rb") as file:
        head = file.read(16)
        size = os.fstat(file.fileno()).st_size
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        with SafeZip("load_arrays", path) as archive:
            members = archive.members
        if MANIFEST in members:
            return ".dz"
        return ".pth" if any(PICKLE.fullmatch(member) for member in members) else ".npz"
    if head[:1] == b"\x80" and head[2:].startswith(LEGACY_MAGIC):
        return ".pth"
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= size - 8:
        return ".safetensors"
    suffix = _suffix(path)
    return suffix if suffix in _READERS else None


def _archived_weights(path: PathLike) -> dict[str, np.ndarray]:
    _, arrays = load_archive(path)
    return {n.removeprefix(WEIGHTS): a for n, a in arrays.items() if n.startswith(WEIGHTS)}

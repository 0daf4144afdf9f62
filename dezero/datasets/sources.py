"""Data sets of idx files: MNIST and its relatives, found on this machine or downloaded.

Every file is accepted by the SHA-256 of its unpacked content alone, so a copy that somebody packed
anew, or unpacked, or put into an `.npz`, is as good as the publisher's.
"""

import os
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dezero.datasets.idx import DataCorrupt, idx_sha256, read_idx
from dezero.datasets.places import Sought, download_file, search

__all__ = ["Collection", "IdxFile", "load"]

# What zipfile throws at damaged bytes, besides its own BadZipFile.
DAMAGE = (OSError, KeyError, EOFError, RuntimeError, ValueError, struct.error, zlib.error)


@dataclass(frozen=True)
class IdxFile:
    """One pinned file.

    Args:
        name: file name without `.gz`.
        shape: the axes its header must state.
        sha256: hash of the unpacked file.
        packed_sha256: hash of the `.gz` file that the mirrors hold.
        packed_bytes: size of that `.gz` file.
        member: name of the array in Keras's `.npz`.
    """

    name: str
    shape: tuple[int, ...]
    sha256: str
    packed_sha256: str
    packed_bytes: int
    member: str


@dataclass(frozen=True)
class Collection:
    """A published data set: its files, its mirrors, and the names other tools give its folder.

    Args:
        name: the class a user asks for; also torchvision's folder.
        folder: the folder in our cache, in Keras's and in Debian's.
        train, test: the two files (images, labels) of each part.
        mirrors: addresses of folders that hold the `.gz` files.
        hint: what to do where nothing is found.
    """

    name: str
    folder: str
    train: tuple[IdxFile, IdxFile]
    test: tuple[IdxFile, IdxFile]
    mirrors: tuple[str, ...]
    hint: str


def load(
    collection: Collection,
    train: bool,
    root: str | os.PathLike[str] | None = None,
    download: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels of one part, from the first place that has them.

    Args:
        collection: what to look for.
        train: the training or the test part.
        root: a folder to look in before all others; it must exist.
        download: fetch what is missing; the environment variable DEZERO_OFFLINE=1 forbids it.
    Returns:
        (images, labels), uint8, as the files hold them.
    Raises:
        ValueError: root is not a folder.
        DataCorrupt: a file in `root` or DEZERO_DATA is not the one it should be. Such a file
            elsewhere is passed over, and named if nothing better is found.
        DataNotFound: nothing found and nothing fetched.
    """
    files = collection.train if train else collection.test
    sought = Sought(
        name=collection.name,
        files=tuple(f"{file.name}.gz" for file in files),
        size=sum(file.packed_bytes for file in files),
        folder=collection.folder,
        inside=(".", collection.folder, f"{collection.name}/raw"),
        keras=(collection.folder, "."),
        torch=(f"{collection.name}/raw",),
        hint=collection.hint,
    )
    found, places = search(sought, lambda folder: _read_folder(folder, files), root, download)
    return found or _download(collection.mirrors, files, sought, places)


def _read_folder(folder: Path, files: Sequence[IdxFile]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return both arrays if the folder has both files, None if it lacks one."""
    images, labels = (_path_of(folder, file) for file in files)
    if images and labels:
        return _read(images, files[0]), _read(labels, files[1])
    archive = folder / "mnist.npz"
    if files[0].member and archive.is_file():
        return _read_member(archive, files[0]), _read_member(archive, files[1])
    return None


def _path_of(folder: Path, file: IdxFile) -> Path | None:
    dotted = file.name.replace("-idx", ".idx")
    for name in (file.name + ".gz", file.name, dotted + ".gz", dotted):
        if (folder / name).is_file():
            return folder / name
    return None


def _read(path: Path, file: IdxFile) -> np.ndarray:
    array = read_idx(path, max_bytes=int(np.prod(file.shape)))
    return _checked(array, path, file)


def _read_member(path: Path, file: IdxFile) -> np.ndarray:
    """Read one array of Keras's `mnist.npz`: the last bytes of the member are its values."""
    import zipfile

    size = int(np.prod(file.shape))
    name = f"{file.member}.npy"
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as member:
            data = member.read(size + 1024)
    except (*DAMAGE, zipfile.BadZipFile) as error:
        raise DataCorrupt(
            f"{path}: expected an .npz file with {name}, got {error}. Delete it and try again."
        ) from error
    if len(data) < size:
        raise DataCorrupt(
            f"{path}: expected {size} bytes in {name}, got {len(data)}. Delete it and try again."
        )
    array = np.frombuffer(data, np.uint8, count=size, offset=len(data) - size)
    return _checked(array.reshape(file.shape).copy(), path, file)


def _checked(array: np.ndarray, path: Path, file: IdxFile) -> np.ndarray:
    """Return `array` if it is the pinned one, byte for byte."""
    if array.dtype != np.uint8 or array.shape != file.shape:
        raise DataCorrupt(
            f"{path}: expected uint8 {file.shape}, got {array.dtype} {array.shape}. "
            "This is another data set; delete it or look elsewhere."
        )
    actual = idx_sha256(array)
    if actual != file.sha256:
        raise DataCorrupt(
            f"{path}: expected content with SHA-256 {file.sha256}, got {actual}. "
            "The file is damaged or another one; delete it and try again."
        )
    return array


def _download(
    mirrors: Sequence[str],
    files: Sequence[IdxFile],
    sought: Sought,
    places: Sequence[tuple[str, str]],
) -> tuple[np.ndarray, np.ndarray]:
    arrays = []
    for file in sorted(files, key=lambda file: file.packed_bytes):  # a dead network fails at once
        packed = file.name + ".gz"
        path = download_file(
            sought,
            places,
            packed,
            urls=[mirror + packed for mirror in mirrors],
            sha256=file.packed_sha256,
            max_bytes=file.packed_bytes,
        )
        arrays.append(_read(path, file))
    labels, images = arrays
    return images, labels

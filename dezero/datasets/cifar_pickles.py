"""CIFAR's Python version, which Keras and torchvision leave on a machine: read, never unpickled.

The archive is accepted by its SHA-256, unpacked files by their MD5, the hash that is published of
them. What is in them goes through `load_array_pickle`, which knows dicts, lists and byte arrays.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dezero.datasets.idx import DataCorrupt
from dezero.io import load_array_pickle, read_tar, sha256_of

__all__ = [
    "CIFAR10_PICKLES",
    "CIFAR100_PICKLES",
    "Pickles",
    "check_archive",
    "corrupt",
    "read_pickles",
]

PIXELS = 3 * 32 * 32
# A picture's label, its file name and what is around them.
MOST_BESIDES = 200


@dataclass(frozen=True)
class Pickles:
    """The Python version of one of the two data sets.

    Args:
        name: the class a user asks for.
        inner: the folder in the archive.
        labels: the keys of the lists of labels, as the binary version orders them.
        count: pictures in each file, of training and of the test.
        train, test: file -> its MD5, of each part.
        archive: the file that holds `inner`.
        sha256: its hash.
        size: its size in bytes.
    """

    name: str
    inner: str
    labels: tuple[str, ...]
    count: tuple[int, int]
    train: Mapping[str, str]
    test: Mapping[str, str]
    archive: str
    sha256: str
    size: int


# The archives' SHA-256 are those that Keras pins, the files' MD5 those that torchvision pins.
CIFAR10_PICKLES = Pickles(
    name="CIFAR10",
    inner="cifar-10-batches-py",
    labels=("labels",),
    count=(10000, 10000),
    train={
        "data_batch_1": "c99cafc152244af753f735de768cd75f",
        "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
        "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
        "data_batch_4": "634d18415352ddfa80567beed471001a",
        "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    },
    test={"test_batch": "40351d587109b95175f43aff81a1287e"},
    archive="cifar-10-python.tar.gz",
    sha256="6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    size=170498071,
)
CIFAR100_PICKLES = Pickles(
    name="CIFAR100",
    inner="cifar-100-python",
    labels=("coarse_labels", "fine_labels"),
    count=(50000, 10000),
    train={"train": "16019d7e3df5f24257cddd939b257f8d"},
    test={"test": "f0ef6b0ae62326f3e7ffdfab6717acfc"},
    archive="cifar-100-python.tar.gz",
    sha256="85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    size=169001437,
)


def read_pickles(pickles: Pickles, folder: Path, train: bool) -> list[np.ndarray] | None:
    """Return the records of each file, labels first, or None if the folder has none of them.

    Raises:
        DataCorrupt: a file is damaged or another one.
    """
    files = pickles.train if train else pickles.test
    count = pickles.count[0 if train else 1]
    sizes = range(count * PIXELS, count * (PIXELS + MOST_BESIDES) + 1000)
    paths = [folder / name for name in files]
    archive = folder / pickles.archive
    if folder.name == pickles.inner and all(path.is_file() for path in paths):
        contents = [_read(path, files[path.name], sizes) for path in paths]
    elif archive.is_file():
        check_archive(archive, pickles.size, pickles.sha256)
        members = {f"{pickles.inner}/{name}": sizes for name in files}
        paths = [archive / name for name in files]
        try:
            contents = read_tar(pickles.name, archive, members, max_other=2 * pickles.size).values()
        except ValueError as error:
            raise DataCorrupt(str(error)) from error
    else:
        return None
    return [
        _records(path, bytes(data), pickles, count)
        for path, data in zip(paths, contents, strict=True)
    ]


def check_archive(path: Path, size: int, sha256: str) -> None:
    """Refuse an archive that is not the pinned one."""
    actual = path.stat().st_size
    got = f"{actual} bytes" if actual != size else sha256_of(path)
    if got != sha256:
        raise corrupt(path, f"{size} bytes with SHA-256 {sha256}", got)


def _read(path: Path, md5: str, sizes: range) -> bytes:
    size = path.stat().st_size
    if size not in sizes:
        raise corrupt(path, f"{sizes.start} to {sizes.stop - 1} bytes", f"{size} bytes")
    data = path.read_bytes()
    actual = hashlib.md5(data, usedforsecurity=False).hexdigest()
    if actual != md5:
        raise corrupt(path, f"content with MD5 {md5}", actual)
    return data


def _records(path: Path, data: bytes, pickles: Pickles, count: int) -> np.ndarray:
    try:
        table = load_array_pickle(str(path), data)
    except ValueError as error:
        raise DataCorrupt(str(error)) from error
    pixels = table.get("data")
    if not isinstance(pixels, np.ndarray) or pixels.shape != (count, PIXELS):
        raise corrupt(path, f"data of shape {(count, PIXELS)}", str(getattr(pixels, "shape", None)))
    columns = [_labels(path, table.get(key), count) for key in pickles.labels]
    return np.concatenate([*columns, pixels], axis=1)


def _labels(path: Path, values: Any, count: int) -> np.ndarray:
    if (
        not isinstance(values, list)
        or len(values) != count
        or not all(type(value) is int and 0 <= value < 256 for value in values)
    ):
        raise corrupt(path, f"a list of {count} labels", "another list, or none")
    return np.array(values, np.uint8)[:, None]


def corrupt(path: Path, expected: str, got: str) -> DataCorrupt:
    """Return the error for a file that is not what it should be."""
    return DataCorrupt(
        f"{path}: expected {expected}, got {got}. "
        "The file is damaged or another one; delete it and try again."
    )

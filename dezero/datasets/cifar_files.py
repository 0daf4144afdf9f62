"""The files of CIFAR-10 and CIFAR-100: where they lie, what they weigh, and how they are read.

Each picture is a record of one label byte (CIFAR-100: two, coarse and fine) and 3 * 32 * 32 bytes
of red, green and blue. Read are the archive of the binary version, and its unpacked files; each is
accepted by its SHA-256. `cifar_pickles.py` has the Python version.
"""

import functools
import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dezero.datasets.cifar_pickles import (
    CIFAR10_PICKLES,
    CIFAR100_PICKLES,
    Pickles,
    check_archive,
    corrupt,
    read_pickles,
)
from dezero.datasets.idx import DataCorrupt
from dezero.datasets.places import Sought, download_file, search
from dezero.io import read_tar

__all__ = ["CIFAR10_FILES", "CIFAR100_FILES", "Cifar", "Records", "load"]

PIXELS = 3 * 32 * 32


@dataclass(frozen=True)
class Records:
    """One unpacked file: its name, how many pictures it holds, and its SHA-256."""

    name: str
    count: int
    sha256: str


@dataclass(frozen=True)
class Cifar:
    """One of the two data sets.

    Args:
        name: the class a user asks for.
        folder: the folder in our cache and in Debian's.
        inner: the folder in the archive.
        classes: how many classes each label byte of a record tells apart.
        train, test: the files of each part.
        archive: the file that holds `inner`.
        sha256: its hash.
        size: its size in bytes.
        mirrors: addresses of folders that hold it.
        pickles: the Python version.
    """

    name: str
    folder: str
    inner: str
    classes: tuple[int, ...]
    train: tuple[Records, ...]
    test: tuple[Records, ...]
    archive: str
    sha256: str
    size: int
    mirrors: tuple[str, ...]
    pickles: Pickles

    @property
    def record(self) -> int:
        """Bytes of one picture with its labels."""
        return len(self.classes) + PIXELS


TORONTO = ("https://www.cs.toronto.edu/~kriz/", "https://cave.cs.toronto.edu/kriz/")
# The archives' hashes are those that TensorFlow Datasets pins, those of the files within are
# torch-rb's. The page of the data sets has the archives' MD5: c32a1d4ab5d03f1284b67883e8d87530 of
# CIFAR-10 and 03b5dce01913d631647c71ecec9e9cb8 of CIFAR-100.
CIFAR10_FILES = Cifar(
    name="CIFAR10",
    folder="cifar10",
    inner="cifar-10-batches-bin",
    classes=(10,),
    train=tuple(
        Records(f"data_batch_{number}.bin", 10000, sha256)
        for number, sha256 in (
            (1, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
            (2, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
            (3, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
            (4, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
            (5, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        )
    ),
    test=(
        Records(
            "test_batch.bin",
            10000,
            "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
        ),
    ),
    archive="cifar-10-binary.tar.gz",
    sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
    size=170052171,
    mirrors=TORONTO,
    pickles=CIFAR10_PICKLES,
)
CIFAR100_FILES = Cifar(
    name="CIFAR100",
    folder="cifar100",
    inner="cifar-100-binary",
    classes=(20, 100),
    train=(
        Records(
            "train.bin",
            50000,
            "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
        ),
    ),
    test=(
        Records(
            "test.bin",
            10000,
            "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
        ),
    ),
    archive="cifar-100-binary.tar.gz",
    sha256="58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
    size=168513733,
    mirrors=TORONTO,
    pickles=CIFAR100_PICKLES,
)


def load(
    cifar: Cifar,
    train: bool,
    root: str | os.PathLike[str] | None = None,
    download: bool = True,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures and labels of one part, from the first place that has them.

    Args:
        cifar: what to look for.
        train: the training or the test part.
        root: a folder to look in before all others; it must exist.
        download: fetch what is missing; the environment variable DEZERO_OFFLINE=1 forbids it.
    Returns:
        images uint8 (N, 3, 32, 32), labels uint8 (N, 1), of CIFAR-100 (N, 2): coarse, fine.
    Raises:
        ValueError: root is not a folder.
        DataCorrupt: a file in `root` or DEZERO_DATA is not the one it should be.
        DataNotFound: nothing found and nothing fetched.
    """
    files = cifar.train if train else cifar.test
    inner = (cifar.inner, cifar.pickles.inner)
    sought = Sought(
        name=cifar.name,
        files=(cifar.archive,),
        size=cifar.size,
        folder=cifar.folder,
        inside=(".", cifar.folder, *inner),
        keras=(".", *inner, f"{cifar.pickles.inner}-target/{cifar.pickles.inner}"),
        torch=(".", *inner),
    )
    read = functools.partial(_read_folder, cifar, files)
    found, places = search(sought, read, root, download)
    if found is not None:
        return found
    path = download_file(
        sought,
        places,
        cifar.archive,
        urls=[mirror + cifar.archive for mirror in cifar.mirrors],
        sha256=cifar.sha256,
        max_bytes=cifar.size,
    )
    return _read_archive(path, cifar, files)


def _read_folder(
    cifar: Cifar, files: Sequence[Records], folder: Path
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the arrays if the folder has them in any form, else None."""
    if all((folder / file.name).is_file() for file in files) and _ours(cifar, files, folder):
        parts = [_read_file(folder / file.name, cifar, file) for file in files]
        return _arrays(parts, cifar, folder)
    archive = folder / cifar.archive
    if archive.is_file():
        check_archive(archive, cifar.size, cifar.sha256)
        return _read_archive(archive, cifar, files)
    found = read_pickles(cifar.pickles, folder, files is cifar.train)
    return None if found is None else _arrays(found, cifar, folder)


def _ours(cifar: Cifar, files: Sequence[Records], folder: Path) -> bool:
    """Tell damaged files from others that happen to be called train.bin."""
    sizes = [(folder / file.name).stat().st_size for file in files]
    return folder.name in {cifar.inner, cifar.folder} or sizes == [
        file.count * cifar.record for file in files
    ]


def _read_file(path: Path, cifar: Cifar, file: Records) -> bytes:
    size = path.stat().st_size
    if size != file.count * cifar.record:
        raise corrupt(path, f"{file.count} records of {cifar.record} bytes", f"{size} bytes")
    data = path.read_bytes()
    actual = hashlib.sha256(data).hexdigest()
    if actual != file.sha256:
        raise corrupt(path, f"content with SHA-256 {file.sha256}", actual)
    return data


def _read_archive(
    path: Path, cifar: Cifar, files: Sequence[Records]
) -> tuple[np.ndarray, np.ndarray]:
    members = {f"{cifar.inner}/{file.name}": file.count * cifar.record for file in files}
    others = sum(file.count for file in (*cifar.train, *cifar.test)) * cifar.record
    try:
        found = read_tar(cifar.name, path, members, max_other=others + (1 << 20))
    except ValueError as error:
        raise DataCorrupt(str(error)) from error
    return _arrays([found[name] for name in members], cifar, path)


def _arrays(
    parts: Sequence[bytes | bytearray | np.ndarray], cifar: Cifar, path: Path
) -> tuple[np.ndarray, np.ndarray]:
    columns = len(cifar.classes)
    tables = [np.frombuffer(part, np.uint8).reshape(-1, cifar.record) for part in parts]
    count = sum(map(len, tables))
    images = np.empty((count, 3, 32, 32), np.uint8)
    labels = np.empty((count, columns), np.uint8)
    start = 0
    for table in tables:
        stop = start + len(table)
        labels[start:stop] = table[:, :columns]
        images[start:stop].reshape(-1, PIXELS)[...] = table[:, columns:]
        start = stop
    most = labels.max(axis=0)
    if np.any(most >= cifar.classes):
        raise corrupt(path, f"labels below {cifar.classes}", f"labels up to {most.tolist()}")
    return images, labels

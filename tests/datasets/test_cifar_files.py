"""load: CIFAR packed and unpacked, found and fetched, whole and damaged, from small archives."""

import dataclasses
import gzip
import hashlib
import io
import tarfile

import numpy as np
import pytest

from dezero.datasets import DataCorrupt, DataNotFound
from dezero.datasets.cifar_files import CIFAR10_FILES, CIFAR100_FILES, Records, load

RNG = np.random.default_rng(0)
pytestmark = pytest.mark.usefixtures("machine")


def records(classes, count):
    labels = [RNG.integers(0, most, count) for most in classes]
    return np.stack([*labels, *RNG.integers(0, 256, (3072, count))], axis=1).astype(np.uint8)


def pack(contents):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        for name, data in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(file.getvalue(), 1, mtime=0)


class Toy:
    """One of the two data sets with a few pictures to each file, and its true pins."""

    def __init__(self, real, counts):
        self.arrays = {
            file.name: records(real.classes, counts) for file in (*real.train, *real.test)
        }
        self.contents = {name: array.tobytes() for name, array in self.arrays.items()}
        self.real = real
        extra = {f"{real.inner}/readme.html": b"<html>", "../evil.bin": b"x" * 2000}
        self.repack({**extra, **{f"{real.inner}/{n}": d for n, d in self.contents.items()}})

    def repack(self, members):
        def pinned(files):
            return tuple(
                Records(
                    file.name,
                    len(self.arrays[file.name]),
                    hashlib.sha256(self.contents[file.name]).hexdigest(),
                )
                for file in files
            )

        self.packed = pack(members)
        self.cifar = dataclasses.replace(
            self.real,
            train=pinned(self.real.train),
            test=pinned(self.real.test),
            sha256=hashlib.sha256(self.packed).hexdigest(),
            size=len(self.packed),
            mirrors=("http://127.0.0.1:1/",),
        )

    def put(self, folder, packed=True, contents=None):
        folder.mkdir(parents=True, exist_ok=True)
        if packed:
            (folder / self.cifar.archive).write_bytes(self.packed)
        else:
            for name, data in (contents or self.contents).items():
                (folder / name).write_bytes(data)
        return folder

    def check(self, loaded, train=True):
        images, labels = loaded
        files = self.real.train if train else self.real.test
        whole = np.concatenate([self.arrays[file.name] for file in files])
        k = len(self.real.classes)
        assert images.dtype == labels.dtype == np.uint8 and images.flags.writeable
        assert images.flags.c_contiguous
        np.testing.assert_array_equal(labels, whole[:, :k])
        np.testing.assert_array_equal(images, whole[:, k:].reshape(-1, 3, 32, 32))


@pytest.fixture(params=[CIFAR10_FILES, CIFAR100_FILES], ids=lambda real: real.name)
def toy(request):
    return Toy(request.param, 4)


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("inside", ["cache", ".", "inner", "torch"])
def test_found_packed_and_unpacked(toy, machine, monkeypatch, inside, packed):
    name = toy.cifar.folder if inside == "cache" else toy.cifar.inner
    monkeypatch.setenv("DEZERO_DATA", str(machine / "mine"))
    place = {
        "cache": machine / "home/.dezero" / name,
        ".": machine / "mine",
        "inner": machine / "mine" / name,
        "torch": machine / "work/data" / name,
    }[inside]
    toy.put(place, packed)
    for train in (True, False):
        toy.check(load(toy.cifar, train), train)


def test_download_fills_the_cache(toy, machine, serve):
    mirrors = ("http://127.0.0.1:1/", serve(toy.put(machine / "served")))
    toy.cifar = dataclasses.replace(toy.cifar, mirrors=mirrors)
    toy.check(load(toy.cifar, True))
    assert [p.name for p in (machine / "home/.dezero" / toy.cifar.folder).iterdir()] == [
        toy.cifar.archive
    ]
    toy.check(load(toy.cifar, False, download=False), train=False)
    assert not list(machine.rglob("evil.bin")) and not list(machine.rglob("*.bin"))


def test_nothing_there(toy):
    with pytest.raises(DataNotFound) as caught:
        load(toy.cifar, True, download=False)
    first = str(caught.value).splitlines()[0]
    assert first.startswith(f"{toy.cifar.name}: expected {toy.cifar.archive} (0.")
    assert first.endswith("Put it in a folder and set DEZERO_DATA to it.")
    with pytest.raises(DataNotFound, match="no mirror answered as it should"):
        load(toy.cifar, True)


def test_damaged_files_of_the_users(toy, machine):
    name = toy.real.train[0].name
    data = toy.contents[name]
    for wrong, match in (
        (data[:-1], rf"{name}: expected 4 records of \d+ bytes, got {len(data) - 1} bytes"),
        (data[:-1] + b"!", rf"{name}: expected content with SHA-256 [0-9a-f]+, got [0-9a-f]+\."),
    ):
        root = toy.put(machine / toy.real.inner, False, {**toy.contents, name: wrong})
        with pytest.raises(DataCorrupt, match=match):
            load(toy.cifar, True, root=root)
        toy.check(load(toy.cifar, False, root=root), train=False)


def test_other_files_of_the_same_name_are_passed_over(toy, machine):
    root = machine / "mine"
    root.mkdir()
    for file in toy.real.train:  # a train.bin is more than one project's
        (root / file.name).write_bytes(b"something else")
    with pytest.raises(DataNotFound, match="downloading is off"):
        load(toy.cifar, True, root=root, download=False)


def test_damaged_archives_of_the_users(toy, machine):
    path = toy.put(machine / "mine") / toy.cifar.archive
    for wrong in (toy.packed[:-5], toy.packed + b"!", toy.packed[:-1] + b"!"):
        path.write_bytes(wrong)
        with pytest.raises(
            DataCorrupt, match=rf"{toy.cifar.archive}: expected \d+ bytes with SHA-256"
        ):
            load(toy.cifar, True, root=machine / "mine")


def test_damage_elsewhere_is_passed_over(toy, machine):
    place = toy.put(machine / "home/.dezero" / toy.cifar.folder)
    (place / toy.cifar.archive).write_bytes(b"rubbish")
    toy.put(machine / "system" / toy.cifar.folder, packed=False)
    toy.check(load(toy.cifar, True))


def test_archive_with_the_right_hash_but_the_wrong_members(toy, machine):
    """What a publisher would have to do: the pins of a whole archive with a bad inside."""
    toy.repack({f"{toy.real.inner}/{name}": data[:-1] for name, data in toy.contents.items()})
    with pytest.raises(DataCorrupt, match=rf"{toy.cifar.name}: .*: expected one .* bytes, got"):
        load(toy.cifar, True, root=toy.put(machine / "mine"))


def test_labels_out_of_range(toy, machine):
    name = toy.real.test[0].name
    toy.arrays[name][2, len(toy.real.classes) - 1] = 100
    toy.contents[name] = toy.arrays[name].tobytes()
    toy.repack({f"{toy.real.inner}/{n}": data for n, data in toy.contents.items()})
    for packed in (True, False):
        root = toy.put(machine / f"mine{packed}", packed)
        with pytest.raises(DataCorrupt, match=r"expected labels below \(.*\), got labels up to"):
            load(toy.cifar, False, root=root)


def test_pins_are_complete_and_distinct():
    hashes = []
    for real in (CIFAR10_FILES, CIFAR100_FILES):
        assert sum(file.count for file in real.train) == 50000
        assert sum(file.count for file in real.test) == 10000
        hashes += [real.sha256, *(file.sha256 for file in (*real.train, *real.test))]
        assert all(mirror.startswith("https://") and mirror[-1] == "/" for mirror in real.mirrors)
    assert all(len(value) == 64 and int(value, 16) for value in hashes)
    assert len(set(hashes)) == 10
    assert (CIFAR10_FILES.record, CIFAR100_FILES.record) == (3073, 3074)

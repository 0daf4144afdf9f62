"""read_pickles: the Python version from small files built by hand, and what is refused."""

import dataclasses
import hashlib

import numpy as np
import pytest

from dezero.datasets import DataCorrupt
from dezero.datasets.cifar_files import CIFAR10_FILES, CIFAR100_FILES, load
from dezero.datasets.cifar_pickles import CIFAR10_PICKLES, CIFAR100_PICKLES, read_pickles
from tests.datasets.test_cifar_files import pack
from tests.io.test_arraypickle import CALL, array, numbers, pickled, text

RNG = np.random.default_rng(0)
COUNT = 4
pytestmark = pytest.mark.usefixtures("machine")


class Toy:
    """The Python version with four pictures to each file, and its true pins."""

    def __init__(self, real):
        self.real = real
        names = [*real.train, *real.test]
        most = {"labels": 10, "coarse_labels": 20, "fine_labels": 100}
        self.labels = {n: [RNG.integers(0, most[k], COUNT) for k in real.labels] for n in names}
        self.pixels = {n: RNG.integers(0, 256, (COUNT, 3072), dtype=np.uint8) for n in names}
        self.contents = {name: pickled(self.items(name)) for name in names}
        self.pin()

    def items(self, name):
        lists = zip(self.real.labels, self.labels[name], strict=True)
        return {
            "batch_label": text("a batch"),
            **{key: numbers(map(int, values)) for key, values in lists},
            "data": array(self.pixels[name]),
            "filenames": b"](" + text("a.png") * COUNT + b"e",
        }

    def pin(self):
        def md5(names):
            return {name: hashlib.md5(self.contents[name]).hexdigest() for name in names}

        inside = {f"{self.real.inner}/{name}": data for name, data in self.contents.items()}
        self.packed = pack({f"{self.real.inner}/readme.html": b"<html>", **inside})
        self.pickles = dataclasses.replace(
            self.real,
            count=(COUNT, COUNT),
            train=md5(self.real.train),
            test=md5(self.real.test),
            sha256=hashlib.sha256(self.packed).hexdigest(),
            size=len(self.packed),
        )

    def put(self, folder, packed):
        folder = folder if packed else folder / self.real.inner
        folder.mkdir(parents=True, exist_ok=True)
        files = {self.pickles.archive: self.packed} if packed else self.contents
        for name, data in files.items():
            (folder / name).write_bytes(data)
        return folder

    def check(self, records, train=True):
        names = self.real.train if train else self.real.test
        assert len(records) == len(names)
        for table, name in zip(records, names, strict=True):
            assert table.dtype == np.uint8
            k = len(self.real.labels)
            np.testing.assert_array_equal(table[:, :k].T, self.labels[name])
            np.testing.assert_array_equal(table[:, k:], self.pixels[name])


@pytest.fixture(params=[CIFAR10_PICKLES, CIFAR100_PICKLES], ids=lambda real: real.name)
def toy(request):
    return Toy(request.param)


@pytest.mark.parametrize("packed", [True, False])
def test_packed_and_unpacked(toy, tmp_path, packed):
    folder = toy.put(tmp_path, packed)
    for train in (True, False):
        toy.check(read_pickles(toy.pickles, folder, train), train)


@pytest.mark.parametrize(
    ("place", "packed"),
    [
        ("work/data", True),
        ("work/data", False),
        ("home/.keras/datasets", True),
        ("home/.keras/datasets", False),
        ("home/.keras/datasets/INNER-target", False),
    ],
)
def test_found_where_keras_and_torchvision_leave_them(toy, machine, place, packed):
    toy.put(machine / place.replace("INNER", toy.real.inner), packed)
    files = {"CIFAR10": CIFAR10_FILES, "CIFAR100": CIFAR100_FILES}[toy.real.name]
    images, labels = load(dataclasses.replace(files, pickles=toy.pickles), True, download=False)
    names = list(toy.real.train)
    assert images.shape == (COUNT * len(names), 3, 32, 32)
    np.testing.assert_array_equal(images[:COUNT].reshape(COUNT, 3072), toy.pixels[names[0]])
    np.testing.assert_array_equal(labels[:COUNT].T, toy.labels[names[0]])


def test_none_there(toy, tmp_path):
    assert read_pickles(toy.pickles, tmp_path, True) is None
    for name in toy.contents:  # a file called "train" in a folder of another name is no CIFAR
        (tmp_path / name).write_bytes(b"something else")
    assert read_pickles(toy.pickles, tmp_path, True) is None


def test_damage(toy, tmp_path):
    folder = toy.put(tmp_path, packed=False)
    name = next(iter(toy.real.train))
    data = toy.contents[name]
    for wrong, match in (
        (b"short", rf"{name}: expected \d+ to \d+ bytes, got 5 bytes"),
        (data[:-1] + b"!", rf"{name}: expected content with MD5 [0-9a-f]+, got [0-9a-f]+\."),
    ):
        (folder / name).write_bytes(wrong)
        with pytest.raises(DataCorrupt, match=match):
            read_pickles(toy.pickles, folder, True)
    archive = toy.put(tmp_path, packed=True) / toy.pickles.archive
    archive.write_bytes(toy.packed[:-1] + b"!")
    with pytest.raises(DataCorrupt, match=r"expected \d+ bytes with SHA-256 [0-9a-f]+, got"):
        read_pickles(toy.pickles, tmp_path, True)


def changed(toy, **items):
    for name in toy.contents:
        toy.contents[name] = pickled({**toy.items(name), **items})
    toy.pin()


HOSTILE = {
    "a call": (
        {"data": CALL, "long": text(b"x" * 13000)},
        r"got 'os\.system' in it.* Nothing was run",
    ),
    "other shape": (
        {"data": array(np.zeros((3072, COUNT), np.uint8))},
        r"expected data of shape \(4, 3072\), got \(3072, 4\)",
    ),
    "no data": ({"data": text("x" * 3072 * COUNT)}, r"expected data of shape .*, got None"),
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize(("items", "match"), HOSTILE.values(), ids=HOSTILE.keys())
def test_bug_51_hostile_content_with_the_right_hash_runs_nothing(
    toy, tmp_path, items, match, packed
):
    changed(toy, **items)
    with pytest.raises(DataCorrupt, match=match):
        read_pickles(toy.pickles, toy.put(tmp_path, packed), True)


@pytest.mark.parametrize(
    "values", [numbers([1, 2, 3]), text("abcd"), b"](NNNNe", b"](J\xff\xff\xff\xffK\1K\1K\1e"]
)
def test_labels_that_are_none(toy, tmp_path, values):
    changed(toy, **{toy.real.labels[-1]: values})
    with pytest.raises(DataCorrupt, match=r"expected a list of 4 labels, got another"):
        read_pickles(toy.pickles, toy.put(tmp_path, packed=True), True)


def test_archive_without_the_files(toy, tmp_path):
    toy.packed = pack({"other/data": b"x"})
    toy.pickles = dataclasses.replace(
        toy.pickles, sha256=hashlib.sha256(toy.packed).hexdigest(), size=len(toy.packed)
    )
    toy.put(tmp_path, packed=True)
    with pytest.raises(DataCorrupt, match=rf"{toy.real.name}: .*: expected .* members"):
        read_pickles(toy.pickles, tmp_path, True)


def test_pins_are_complete_and_distinct():
    tables = (CIFAR10_PICKLES, CIFAR100_PICKLES)
    md5 = [value for table in tables for value in (*table.train.values(), *table.test.values())]
    assert len(set(md5)) == 8 and all(len(value) == 32 and int(value, 16) for value in md5)
    assert len({table.sha256 for table in tables}) == 2
    assert all(len(table.sha256) == 64 and int(table.sha256, 16) for table in tables)

"""load: the order of the search, what is accepted, and what is said when nothing is found."""

import errno
import gzip
import hashlib
import struct
from pathlib import Path

import numpy as np
import pytest

from dezero.datasets import DataCorrupt, DataNotFound, sources
from dezero.datasets.sources import Collection, IdxFile, load

RNG = np.random.default_rng(0)
ARRAYS = {
    "train-images-idx3-ubyte": RNG.integers(0, 256, (6, 16, 16), dtype=np.uint8),
    "train-labels-idx1-ubyte": RNG.integers(0, 3, 6, dtype=np.uint8),
    "t10k-images-idx3-ubyte": RNG.integers(0, 256, (2, 16, 16), dtype=np.uint8),
    "t10k-labels-idx1-ubyte": RNG.integers(0, 3, 2, dtype=np.uint8),
}
MEMBERS = ("x_train", "y_train", "x_test", "y_test")


def plain(array):
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


PLAIN = {name: plain(array) for name, array in ARRAYS.items()}
PACKED = {name: gzip.compress(data, mtime=0) for name, data in PLAIN.items()}
FILES = [
    IdxFile(
        name=name,
        shape=ARRAYS[name].shape,
        sha256=hashlib.sha256(PLAIN[name]).hexdigest(),
        packed_sha256=hashlib.sha256(PACKED[name]).hexdigest(),
        packed_bytes=len(PACKED[name]),
        member=member,
    )
    for name, member in zip(ARRAYS, MEMBERS, strict=True)
]


def collection(*mirrors):
    return Collection(
        name="Toy",
        folder="toy",
        train=(FILES[0], FILES[1]),
        test=(FILES[2], FILES[3]),
        mirrors=mirrors,
        hint=", or draw your own",
    )


@pytest.fixture(autouse=True)
def home(machine):
    return machine / "home"


def put(folder, files=PACKED, ending=".gz", names=tuple(ARRAYS)):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / (name + ending)).write_bytes(files[name])
    return folder


def check(loaded, train=True):
    names = list(ARRAYS)[:2] if train else list(ARRAYS)[2:]
    for array, name in zip(loaded, names, strict=True):
        assert array.dtype == np.uint8 and array.flags.writeable
        np.testing.assert_array_equal(array, ARRAYS[name])


PLACES = {
    "cache": "home/.dezero/toy",
    "debian": "system/toy",
    "keras": "home/.keras/datasets/toy",
    "torchvision here": "work/data/Toy/raw",
    "torchvision at home": "home/data/Toy/raw",
    "torchvision datasets": "home/datasets/Toy/raw",
    "torch home": "home/.cache/torch/Toy/raw",
}


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_found_in_the_usual_places(tmp_path, place, train):
    put(tmp_path / place)
    check(load(collection(), train), train)


@pytest.mark.parametrize(
    ("variable", "inside"),
    [
        ("DEZERO_DATA", "."),
        ("DEZERO_DATA", "toy"),
        ("DEZERO_DATA", "Toy/raw"),
        ("DEZERO_CACHE", "toy"),
        ("KERAS_HOME", "datasets/toy"),
        ("TORCH_HOME", "Toy/raw"),
    ],
)
def test_found_where_a_variable_points(tmp_path, monkeypatch, variable, inside):
    monkeypatch.setenv(variable, str(tmp_path / "chosen"))
    put(tmp_path / "chosen" / inside)
    check(load(collection(), True))


def test_first_place_wins(tmp_path, monkeypatch):
    order = ["root", "variable", "home/.dezero", "system", "home/.keras/datasets"]
    for base in order:
        put(tmp_path / base / "toy")
    monkeypatch.setenv("DEZERO_DATA", str(tmp_path / "variable"))
    seen = []
    read = sources._read
    monkeypatch.setattr(sources, "_read", lambda p, f: seen.append(p.parent) or read(p, f))
    root = tmp_path / "root"
    for base in order:
        load(collection(), True, root)
        assert set(seen) == {tmp_path / base / "toy"}
        seen.clear()
        for path in (tmp_path / base / "toy").iterdir():
            path.unlink()
    with pytest.raises(DataNotFound):
        load(collection(), True, root, download=False)


@pytest.mark.parametrize(("files", "ending"), [(PLAIN, ""), (PLAIN, ".gz"), (PACKED, "")])
def test_packed_or_not_whatever_the_name(tmp_path, files, ending):
    put(tmp_path, files, ending)
    check(load(collection(), True, root=tmp_path))


def test_packed_anew_is_the_same_data(tmp_path):
    again = {name: gzip.compress(data, 1) for name, data in PLAIN.items()}
    assert again != PACKED
    put(tmp_path, again)
    check(load(collection(), True, root=tmp_path))


def test_dotted_names(tmp_path):
    for name, data in PLAIN.items():
        (tmp_path / name.replace("-idx", ".idx")).write_bytes(data)
    check(load(collection(), False, root=tmp_path), train=False)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("train", [True, False])
def test_keras_npz(home, save, train):
    (home / ".keras/datasets").mkdir(parents=True)
    arrays = dict(zip(MEMBERS, ARRAYS.values(), strict=True))
    save(home / ".keras/datasets/mnist.npz", **arrays)
    check(load(collection(), train), train)


def npz_with(path, **changed):
    arrays = dict(zip(MEMBERS, ARRAYS.values(), strict=True)) | changed
    np.savez(path / "mnist.npz", **{k: v for k, v in arrays.items() if v is not None})


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"y_train": None}, r"expected an .npz file with y_train.npy, got .*no item named"),
        ({"y_train": np.zeros(6, np.uint8)}, r"expected content with SHA-256 [0-9a-f]{64}, got"),
        ({"x_train": np.zeros(1, np.uint8)}, r"expected \d+ bytes in x_train.npy, got \d+"),
        ({"x_train": np.zeros((10**4, 784), np.uint8)}, r"expected content with SHA-256"),
        (
            {"x_train": np.array([str(i) for i in range(999)], dtype=object)},
            r"expected content with SHA-256",
        ),
    ],
)
def test_wrong_npz(tmp_path, changed, match):
    npz_with(tmp_path, **changed)
    with pytest.raises(DataCorrupt, match=match):
        load(collection(), True, root=tmp_path)


def test_npz_with_a_name_that_is_no_text(tmp_path):
    npz_with(tmp_path)
    data = bytearray((tmp_path / "mnist.npz").read_bytes())
    entry = data.index(b"PK\1\2")
    data[entry + 9] |= 8  # bit 11 of the flags: the name is UTF-8
    data[entry + 46] = 0xFF
    (tmp_path / "mnist.npz").write_bytes(data)
    with pytest.raises(DataCorrupt, match=r"expected an .npz file with x_train.npy, got 'utf-8'"):
        load(collection(), True, root=tmp_path)


def test_npz_that_is_no_zip(tmp_path):
    (tmp_path / "mnist.npz").write_bytes(b"PK\3\4 not really")
    with pytest.raises(
        DataCorrupt, match=r"mnist.npz: expected an .npz file with x_train.npy, got"
    ):
        load(collection(), True, root=tmp_path)


WRONG = {
    "truncated": (PACKED["train-images-idx3-ubyte"][:-20], "a readable, complete idx file"),
    "too short": (gzip.compress(PLAIN["train-images-idx3-ubyte"][:-1]), "1536 bytes for shape"),
    "too long": (gzip.compress(PLAIN["train-images-idx3-ubyte"] + b"!"), "1536 bytes for shape"),
    "bomb": (gzip.compress(plain(np.zeros((10**3, 16, 16), np.uint8))), "at most 1536 bytes"),
    "other shape": (plain(np.zeros((3, 16, 16), np.uint8)), r"uint8 \(6, 16, 16\), got uint8 \(3"),
    "other type": (b"\0\0\x09" + PLAIN["train-images-idx3-ubyte"][3:], r"uint8 .* got int8"),
    "other data": (
        plain(np.zeros((6, 16, 16), np.uint8)),
        r"content with SHA-256 .*, got [0-9a-f]",
    ),
    "a page": (b"<!DOCTYPE html>", "an idx file"),
}


@pytest.mark.parametrize(("data", "match"), WRONG.values(), ids=WRONG.keys())
def test_wrong_file_in_the_users_folder_is_an_error(tmp_path, monkeypatch, data, match):
    put(tmp_path / "mine")
    put(tmp_path / "system/toy")
    (tmp_path / "mine/train-images-idx3-ubyte.gz").write_bytes(data)
    with pytest.raises(DataCorrupt, match=f"expected {match}") as caught:
        load(collection(), True, root=tmp_path / "mine")
    assert "mine/train-images-idx3-ubyte.gz" in str(caught.value)
    monkeypatch.setenv("DEZERO_DATA", str(tmp_path / "mine"))
    with pytest.raises(DataCorrupt, match=f"expected {match}"):
        load(collection(), True)


def test_wrong_file_elsewhere_is_passed_over(tmp_path, home):
    put(home / ".dezero/toy")
    (home / ".dezero/toy/train-images-idx3-ubyte.gz").write_bytes(WRONG["other data"][0])
    put(tmp_path / "system/toy")
    check(load(collection(), True))


@pytest.fixture
def homeless(monkeypatch):
    """An account without a home folder, as in a container with a number for a user."""
    expand = Path.expanduser

    def refuse(path):
        if str(path).startswith("~"):
            raise RuntimeError("Could not determine home directory.")
        return expand(path)

    monkeypatch.setattr(Path, "expanduser", refuse)


def test_without_a_home_the_other_places_are_searched(tmp_path, homeless, monkeypatch):
    put(tmp_path / "work/data/Toy/raw")
    check(load(collection(), True))
    put(tmp_path / "mine")
    monkeypatch.setenv("DEZERO_DATA", str(tmp_path / "mine"))
    check(load(collection(), True))


def test_without_a_home_nothing_can_be_kept(homeless, mirror):
    with pytest.raises(DataNotFound, match=r"cache_dir: expected a home folder.* DEZERO_CACHE"):
        load(collection(mirror), True)


def test_folder_that_may_not_be_looked_into(tmp_path, home, monkeypatch):
    is_file = Path.is_file

    def refuse(path):
        if ".keras" in path.parts:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    with pytest.raises(DataNotFound) as caught:
        load(collection(), True, download=False)
    assert dict(caught.value.places)[str(home / ".keras/datasets")] == "Permission denied"
    put(home / ".cache/torch/Toy/raw")
    check(load(collection(), True))


def test_root_below_home(home):
    put(home / "mine")
    check(load(collection(), True, root="~/mine"))


def test_not_found_names_every_place_in_order(tmp_path, home, monkeypatch):
    monkeypatch.setenv("DEZERO_DATA", str(tmp_path / "nowhere"))
    (tmp_path / "mine").mkdir()
    put(home / ".dezero/toy", names=["train-labels-idx1-ubyte"])
    put(tmp_path / "system/toy", dict.fromkeys(PACKED, b"rubbish"))
    with pytest.raises(DataNotFound) as caught:
        load(collection(), True, root=tmp_path / "mine", download=False)
    first, second, *rest = str(caught.value).splitlines()
    assert first == (
        "Toy: expected train-images-idx3-ubyte.gz and train-labels-idx1-ubyte.gz (0.0 MB), got "
        "neither, and downloading is off. Put them in a folder and set DEZERO_DATA to it, or draw "
        "your own."
    )
    assert second == "Looked in:"
    assert rest == [f"  {place}: {reason}" for place, reason in caught.value.places]
    reasons = dict(caught.value.places)
    assert [str(tmp_path / "mine"), str(tmp_path / "nowhere")] == [
        list(reasons)[0],
        list(reasons)[3],
    ]
    assert reasons[str(tmp_path / "mine")] == "not there"
    assert reasons[str(tmp_path / "nowhere")] == "no such folder"
    assert reasons[str(home / ".dezero/toy")] == "not there"
    assert "expected an idx file" in reasons[str(tmp_path / "system/toy")]
    assert len(reasons) == 6 + 2 + 2 + 4
    assert caught.value.failures == ()


def test_offline_by_variable(monkeypatch):
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    with pytest.raises(DataNotFound, match="downloading is off"):
        load(collection("http://127.0.0.1:1/"), True)


def test_root_that_is_no_folder(tmp_path):
    with pytest.raises(ValueError, match=r"Toy: expected root to be a folder, got '.*missing'"):
        load(collection(), True, root=tmp_path / "missing")


@pytest.fixture
def mirror(tmp_path, serve):
    """The address of a folder served on this machine."""
    return serve(put(tmp_path / "served"))


@pytest.mark.parametrize("train", [True, False])
def test_download_fills_the_cache(home, mirror, train):
    check(load(collection("http://127.0.0.1:1/", mirror), train), train)
    assert len(list((home / ".dezero/toy").iterdir())) == 2
    check(load(collection(), train), train)


def test_download_replaces_a_damaged_cache(home, mirror):
    put(home / ".dezero/toy", dict.fromkeys(PACKED, b"rubbish"))
    check(load(collection(mirror), True))
    check(load(collection(), True))


def test_no_network(home):
    mirrors = ("http://127.0.0.1:1/a/", "http://127.0.0.1:1/b/")
    with pytest.raises(DataNotFound) as caught:
        load(collection(*mirrors), True)
    assert [url for url, _ in caught.value.failures] == [
        mirror + "train-labels-idx1-ubyte.gz" for mirror in mirrors
    ]
    assert "no mirror answered as it should" in str(caught.value).splitlines()[0]
    assert "Tried to download from:\n  http://127.0.0.1:1/a/train-labels" in str(caught.value)
    assert "Connection refused" in str(caught.value)
    assert list((home / ".dezero/toy").iterdir()) == []


def test_cache_that_cannot_be_written(home, mirror):
    home.mkdir()
    (home / ".dezero").write_text("a file where the folder should be")
    with pytest.raises(DataNotFound, match=r"expected a folder to write to, got .*\.dezero/toy"):
        load(collection(mirror), True)

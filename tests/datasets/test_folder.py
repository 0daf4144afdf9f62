"""ImageFolder: classes by folder, pictures decoded when asked for, damage named."""

import os
import warnings

import numpy as np
import pytest
from PIL import Image

from dezero.dataloaders import DataLoader
from dezero.datasets import DataCorrupt, ImageFolder, folder
from dezero.datasets.folder import open_picture
from dezero.transforms import CenterCrop, Compose, Normalize, Resize, ToArray

RED, GREEN = (200, 10, 20), (10, 200, 20)


@pytest.fixture
def root(tmp_path):
    """root/cat (3 pictures, one deeper and one grey), root/dog (2), root/empty."""
    files = {
        "cat/b.png": Image.new("RGB", (8, 6), RED),
        "cat/A.JPG": Image.new("RGB", (8, 6), RED),
        "cat/deep/er/c.png": Image.new("L", (8, 6), 77),
        "dog/2.png": Image.new("RGB", (8, 6), GREEN),
        "dog/10.png": Image.new("RGBA", (8, 6), (*GREEN, 128)),
    }
    for name, image in files.items():
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        image.save(path)
    (tmp_path / "root/empty").mkdir()
    (tmp_path / "root/.hidden").mkdir()
    for name in ("readme.txt", "cat/notes.txt", "cat/._b.png", ".hidden/x.png", "cat/.DS_Store"):
        (tmp_path / "root" / name).write_text("no picture")
    return tmp_path / "root"


def test_classes_and_samples_in_order(root):
    data = ImageFolder(root)
    assert data.classes == ("cat", "dog", "empty")
    assert data.class_to_index == {"cat": 0, "dog": 1, "empty": 2}
    assert data.labels() == {0: "cat", 1: "dog", 2: "empty"}
    names = [os.path.relpath(path, root) for path, _ in data.samples]
    assert names == ["cat/A.JPG", "cat/b.png", "cat/deep/er/c.png", "dog/10.png", "dog/2.png"]
    assert data.label.tolist() == [0, 0, 0, 1, 1] and len(data) == 5
    assert repr(data) == f"ImageFolder: 5 pictures, 3 classes, {root}"


def test_samples_are_arrays_with_channels_first(root):
    data = ImageFolder(str(root))
    x, t = data[1]
    assert x.shape == (3, 6, 8) and x.dtype == np.uint8 and t == 0
    np.testing.assert_array_equal(x[:, 0, 0], RED)
    x, t = data[-1]
    np.testing.assert_array_equal(x[:, 0, 0], GREEN)
    np.testing.assert_array_equal(data[2][0][:, 0, 0], [77, 77, 77])
    with pytest.raises(IndexError):
        data[5]


@pytest.mark.parametrize(("mode", "channels"), [("L", 1), ("RGB", 3), ("RGBA", 4)])
def test_modes(root, mode, channels):
    data = ImageFolder(root, mode=mode)
    assert {x.shape for x, _ in data} == {(channels, 6, 8)}


def test_a_mode_that_is_none_is_no_fault_of_the_files(root):
    with pytest.raises(ValueError, match="ImageFolder: expected mode to be one of .* got 'RBG'"):
        ImageFolder(root, mode="RBG")


def test_want_of_memory_is_no_fault_of_the_files(root, monkeypatch):
    def load(self):
        raise MemoryError

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(MemoryError):
        ImageFolder(root)[1]


def test_mode_of_each_file(root):
    assert [len(x) for x, _ in ImageFolder(root, mode=None)] == [3, 3, 1, 4, 3]


@pytest.mark.parametrize("index", [slice(1, 4), [4, 0, 4], np.arange(5) % 2 == 0, slice(0, 0), []])
@pytest.mark.parametrize(
    "transform",
    [
        None,
        Resize((5, 4)),
        Compose([Resize(4), CenterCrop(3), ToArray(), Normalize(0, 255)]),
        lambda image: np.asarray(image).mean(axis=(0, 1)),
    ],
    ids=["none", "image", "array", "function"],
)
def test_many_equal_one_by_one(root, transform, index):
    data = ImageFolder(root, transform, lambda t: t + 10)
    x, t = data[index]
    assert data.takes_index_arrays and len(x) == len(t)
    where = np.arange(5)[np.asarray(index, np.intp) if np.size(index) == 0 else index]
    assert x.shape == (len(where), *data[0][0].shape) and x.dtype == data[0][0].dtype
    for got_x, got_t, i in zip(x, t, where, strict=True):
        np.testing.assert_array_equal(got_x, data[int(i)][0])
        assert got_t == data[int(i)][1]


def test_loader_makes_batches(root):
    loader = DataLoader(ImageFolder(root, Compose([Resize(4), ToArray()])), 2, shuffle=False)
    shapes = [(x.shape, x.dtype, t.tolist()) for x, t in loader]
    assert shapes == [
        ((2, 3, 4, 4), np.float32, [0, 0]),
        ((2, 3, 4, 4), np.float32, [0, 1]),
        ((1, 3, 4, 4), np.float32, [1]),
    ]


def test_no_file_is_opened_before_it_is_asked_for(root, monkeypatch):
    opened = []
    real = open_picture
    monkeypatch.setattr(folder, "open_picture", lambda p, m: opened.append(p) or real(p, m))
    data = ImageFolder(root)
    len(data), repr(data), data.labels()
    assert not opened
    data[3]
    assert [os.path.basename(path) for path in opened] == ["10.png"]


def test_own_getitem_is_kept(root):
    class Paths(ImageFolder):
        def __getitem__(self, index):
            return self.samples[index][0], self.label[index]

    data = Paths(root)
    assert not data.takes_index_arrays and data[0][0].endswith("A.JPG")


@pytest.mark.parametrize("extensions", ["png", [".PNG"], ("png", "gif")])
def test_extensions(root, extensions):
    names = [path for path, _ in ImageFolder(root, extensions=extensions).samples]
    assert len(names) == 4 and all(name.endswith(".png") for name in names)


def png(width=8, height=6):
    import io

    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width), np.uint8)).save(
        file, "png"
    )
    return file.getvalue()


def bomb():
    data = bytearray(png())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    import zlib

    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", png()[:-30], png()[:40], bomb()],
    ids=["empty", "text", "cut", "header", "bomb"],
)
def test_corrupt_file_is_named(root, data):
    (root / "cat/b.png").write_bytes(data)
    images = ImageFolder(root)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        images[0], images[2]
        with pytest.raises(DataCorrupt, match=r"cat/b\.png: expected a picture, got \w+: "):
            images[1]
        with pytest.raises(DataCorrupt, match=r"cat/b\.png: expected a picture"):
            images[:]


def test_file_that_went_away(root):
    images = ImageFolder(root)
    (root / "cat/b.png").unlink()
    with pytest.raises(DataCorrupt, match=r"cat/b\.png: expected a picture, got FileNotFoundError"):
        images[1]


def test_sixteen_bits_are_not_cut_off(root):
    Image.fromarray(np.full((6, 8), 40_000, np.uint16)).save(root / "cat/b.png")
    with pytest.raises(
        DataCorrupt, match=r"cat/b\.png: expected 8 bits for each value, got mode I"
    ):
        ImageFolder(root)[1]
    assert ImageFolder(root, mode=None)[1][0].max() == 40_000


def test_pictures_of_different_sizes_make_no_batch(root):
    Image.new("RGB", (9, 9)).save(root / "cat/b.png")
    with pytest.raises(ValueError, match=r"expected pictures of one size .*\[\(8, 6\), \(9, 9\)\]"):
        ImageFolder(root)[:]


def test_circle_of_links_ends(root):
    os.symlink(root / "cat", root / "cat/deep/again")
    os.symlink(root / "dog", root / "cat/dogs")
    assert len(ImageFolder(root)) == 7


def test_no_pictures(tmp_path):
    with pytest.raises(
        ValueError, match=r"ImageFolder: expected root to be a folder, got '.*none'"
    ):
        ImageFolder(tmp_path / "none")
    (tmp_path / "cat").mkdir()
    with pytest.raises(ValueError, match=r"expected pictures \(\.jpg, .* got 1 folders and no pic"):
        ImageFolder(tmp_path)


def test_grid_of_thumbnails(root):
    grid = ImageFolder(root).grid(2, 3, seed=0)
    assert grid.shape == (128, 192, 3) and grid.dtype == np.uint8

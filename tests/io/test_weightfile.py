"""load_arrays and save_arrays: what the file holds decides, and the name when one is made."""

import struct

import numpy as np
import pytest

from dezero.io import load_archive, load_npz, load_safetensors, save_archive
from dezero.io.weightfile import load_arrays, save_arrays
from tests.io.memory import peak_of
from tests.io.pickles import state_dict, write_legacy, write_zip
from tests.io.test_npz import check_same
from tests.io.test_zipfiles import patch_central

ARRAYS = {"l0/W": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4), "l0/b": np.zeros(4, "f2")}
TORCHS = {"0.weight": ARRAYS["l0/W"], "0.bias": np.ones(4, "f4")}


@pytest.mark.parametrize("name", ["w.npz", "w.safetensors", "w.dz", "w.DZ", "w", "w.weights"])
def test_round_trip(tmp_path, name):
    save_arrays(tmp_path / name, ARRAYS)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    check_same(load_arrays(str(tmp_path / name)), ARRAYS)


def test_the_name_chooses_the_kind(tmp_path):
    for name in ("w.npz", "w.safetensors", "w.dz"):
        save_arrays(tmp_path / name, ARRAYS)
    check_same(load_npz(tmp_path / "w.npz"), ARRAYS)
    check_same(load_safetensors(tmp_path / "w.safetensors"), ARRAYS)
    content, arrays = load_archive(tmp_path / "w.dz")
    assert content == {"content": "weights"}
    check_same(arrays, {f"weights/{name}": array for name, array in ARRAYS.items()})


def test_large_files_are_not_compressed(tmp_path, monkeypatch):
    zeros = {"x": np.zeros(10_000)}
    save_arrays(tmp_path / "w.npz", zeros)
    assert (tmp_path / "w.npz").stat().st_size < 10_000
    monkeypatch.setattr("dezero.io.weightfile.COMPRESSED", 1000)
    save_arrays(tmp_path / "w.npz", zeros)
    assert (tmp_path / "w.npz").stat().st_size > 80_000
    check_same(load_arrays(tmp_path / "w.npz"), zeros)


@pytest.mark.parametrize("name", ["w.npz", "w.safetensors", "w.dz"])
def test_the_content_decides_on_reading(tmp_path, name):
    save_arrays(tmp_path / name, ARRAYS)
    for other in ("x.npz", "x.safetensors", "x.dz", "x.pth", "x"):
        (tmp_path / other).write_bytes((tmp_path / name).read_bytes())
        check_same(load_arrays(tmp_path / other), ARRAYS)


@pytest.mark.parametrize("write", [write_zip, write_legacy])
@pytest.mark.parametrize("name", ["w.pth", "w.pt", "w.bin", "w.npz"])
def test_files_of_torch(tmp_path, write, name):
    write(tmp_path / name, *state_dict(TORCHS))
    check_same(load_arrays(tmp_path / name), TORCHS)


@pytest.mark.parametrize("name", ["w.pth", "w.PT"])
def test_torchs_files_are_not_written(tmp_path, name):
    with pytest.raises(ValueError, match=r"save_arrays: expected a file other than torch's own"):
        save_arrays(tmp_path / name, ARRAYS)
    assert not list(tmp_path.iterdir())


def test_of_a_saved_model_the_weights(tmp_path):
    arrays = {"weights/W": np.ones(2), "optimizer/W/velocity": np.zeros(2)}
    save_archive(tmp_path / "m.dz", {"model_version": 1}, arrays)
    check_same(load_arrays(tmp_path / "m.dz"), {"W": np.ones(2)})


def test_the_suffix_that_numpy_adds(tmp_path):
    """np.savez("weights") writes weights.npz, and so upstream could not read it back."""
    np.savez_compressed(tmp_path / "weights", **ARRAYS)
    check_same(load_arrays(tmp_path / "weights"), ARRAYS)
    check_same(load_arrays(str(tmp_path / "weights").encode()), ARRAYS)
    save_arrays(tmp_path / "weights", {"x": np.ones(1)})
    check_same(load_arrays(tmp_path / "weights"), {"x": np.ones(1)})


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_arrays(tmp_path / "w")


@pytest.mark.parametrize(
    ("name", "data", "match"),
    [
        (
            "w.h5",
            b"\x89HDF\r\n\x1a\nxx",
            r"expected a file of \.npz, .*, got one that begins b'\\x",
        ),
        ("w", b"", "got one that begins b''"),
        ("w", b"PK\x03\x04 and no zip", "load_arrays: .* expected an undamaged zip"),
        ("w.npz", b"hello", "load_npz: "),
        ("w.safetensors", b"hello", "load_safetensors: "),
        ("w.pth", b"hello", "load_pth: "),
        ("w.dz", b"hello", "load_archive: "),
        ("w", b"\xff" * 8 + b"{}", "got one that begins"),
    ],
)
def test_other_files(tmp_path, name, data, match):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ValueError, match=match):
        load_arrays(tmp_path / name)


def test_no_memory_for_packed_bytes_that_are_not_there(tmp_path):
    path = tmp_path / "a.dz"
    save_arrays(path, {})
    patch_central(path, lambda entry: struct.pack_into("<I", entry, 20, 1 << 28))

    def load():
        with pytest.raises(ValueError, match="declares 268435456 bytes, the file has"):
            load_arrays(path)

    assert peak_of(load) < 1 << 19

import sys

import numpy as np
import pytest

from dezero import keras
from dezero.keras.saving.h5 import H5Reader, h5py_module

h5py = pytest.importorskip("h5py", reason="Keras's files need the extra 'keras'")
L = keras.layers


def model():
    return keras.Sequential([L.Input((3,)), L.Dense(2)])


def hostile(tmp_path, change):
    path = tmp_path / "bad.weights.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("layers/dense/vars")
        group["1"] = np.zeros(2, "f4")
        change(group, tmp_path)
    return path


def virtual(group, folder):
    layout = h5py.VirtualLayout((3, 2), "f4")
    layout[:] = h5py.VirtualSource(str(folder / "other.h5"), "x", (3, 2))
    group.create_virtual_dataset("0", layout)


def circle(group, folder):
    group["again"] = group.file["layers"]


CASES = {
    "external link": lambda g, f: g.__setitem__("0", h5py.ExternalLink("/etc/x.h5", "/x")),
    "soft link": lambda g, f: g.__setitem__("0", h5py.SoftLink("/layers/dense/vars/1")),
    "external data": lambda g, f: g.create_dataset(
        "0", (3, 2), "f4", external=[(str(f / "raw"), 0, 24)]
    ),
    "virtual": virtual,
    "never written": lambda g, f: g.create_dataset("0", (3, 2), "f4"),
    "texts": lambda g, f: g.create_dataset("0", data=np.full((3, 2), b"x")),
    "circle": circle,
}


@pytest.mark.parametrize("kind", CASES)
def test_hostile_files_are_refused(tmp_path, kind):
    path, net = hostile(tmp_path, CASES[kind]), model()
    before = net.get_weights()
    with pytest.raises(ValueError, match="load_weights: "):
        net.load_weights(path)
    np.testing.assert_array_equal(before[0], net.get_weights()[0])


def test_an_array_larger_than_what_is_stored_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "bomb.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1 << 40,), "f4", chunks=(1024,), compression="gzip")
        file.create_dataset("lzf", data=np.zeros(99), compression="lzf")
        file.create_dataset("good", data=np.zeros((64, 64)), compression="gzip")
    with H5Reader("test", path) as file:
        with pytest.raises(ValueError, match="declares"):
            file.array(file.child(file.root, "x"), "x")
        with pytest.raises(ValueError, match="filters"):
            file.array(file.child(file.root, "lzf"), "lzf")
        with pytest.raises(ValueError, match="nothing"):
            file.array(file.child(file.root, "none"), "none")
        assert file.array(file.child(file.root, "good"), "good").shape == (64, 64)


def test_damaged_files_are_a_value_error(tmp_path):
    path = tmp_path / "w.weights.h5"
    model().save_weights(path)
    data = path.read_bytes()
    for cut in (0, 10, len(data) // 2):
        path.write_bytes(data[:cut])
        with pytest.raises(ValueError, match=r"w\.weights\.h5"):
            model().load_weights(path)
    with pytest.raises(FileNotFoundError):
        model().load_weights(tmp_path / "none.h5")


@pytest.mark.parametrize("bit", range(0, 8, 3))
def test_a_changed_bit_anywhere(tmp_path, bit):
    path = tmp_path / "m.h5"
    model().save(path)
    content = path.read_bytes()
    for place in range(0, len(content), 37):
        bad = bytearray(content)
        bad[place] ^= 1 << bit
        path.write_bytes(bytes(bad))
        try:
            keras.models.load_model(path)
        except ValueError as error:
            assert str(error).startswith("load_model: ")


def test_without_h5py_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r"dezero-next\[keras\]"):
        h5py_module("load_model")

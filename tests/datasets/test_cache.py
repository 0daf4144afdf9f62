"""load_cache_npz, save_cache_npz: one file for each source, part and kind of label."""

import numpy as np
import pytest

from dezero.datasets import load_cache_npz, save_cache_npz

URL = "https://example.org/some/cifar.tar.gz"
X, T = np.arange(12, dtype=np.uint8).reshape(4, 3), np.arange(4)
pytestmark = pytest.mark.usefixtures("machine")


def test_there_and_back(machine):
    assert load_cache_npz(URL, True) == (None, None)
    path = save_cache_npz(X, T, URL, True)
    assert path == str(machine / "home/.dezero/cifar.tar.gz.train.npz")
    data, label = load_cache_npz("cifar.tar.gz", True)
    np.testing.assert_array_equal(data, X)
    np.testing.assert_array_equal(label, T)
    assert data.dtype == np.uint8 and load_cache_npz(URL) == (None, None)


def test_a_file_that_is_there_is_kept():
    save_cache_npz(X, T, URL)
    assert save_cache_npz(X + 1, T, URL) is None
    np.testing.assert_array_equal(load_cache_npz(URL)[0], X)


def test_bug_16_each_kind_of_label_has_a_file_of_its_own():
    save_cache_npz(X, T, URL, True, "coarse")
    save_cache_npz(X, T + 5, URL, True, label_type="fine")
    np.testing.assert_array_equal(load_cache_npz(URL, True, "coarse")[1], T)
    np.testing.assert_array_equal(load_cache_npz(URL, True, "fine")[1], T + 5)
    assert load_cache_npz(URL, True) == (None, None)


def test_damage(machine):
    path = machine / "home/.dezero/cifar.tar.gz.test.npz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"rubbish")
    with pytest.raises(ValueError, match=r"load_npz: .*cifar\.tar\.gz\.test\.npz"):
        load_cache_npz(URL)
    np.savez(path, x=X)
    with pytest.raises(ValueError, match=r"expected the arrays data and label in .*, got \['x'\]"):
        load_cache_npz(URL)


@pytest.mark.parametrize(("name", "kind"), [("a/", None), ("", None), ("a", "../b")])
def test_names_that_are_none(name, kind):
    with pytest.raises(ValueError, match=r"_cache_npz: expected the name of a file and a plain"):
        load_cache_npz(name, label_type=kind)
    with pytest.raises(ValueError, match=r"_cache_npz: expected the name of a file and a plain"):
        save_cache_npz(X, T, name, label_type=kind)

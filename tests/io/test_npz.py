"""save_npz and load_npz: round trips, NumPy's own files, refusals, damage."""

import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from dezero.io.npz import load_npz, save_npz
from tests.strict_device import strict_device

ARRAYS = {
    "l0/W": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
    "l0/b": np.zeros(4, np.float16),
    "steps": np.int64(7),
    "mask": np.array([True, False]),
    "none": np.zeros((0, 3)),
    "z": np.array([1 + 2j]),
    "größe:0": np.arange(3, dtype=np.uint8),
    "zero": np.array(1.5),
}


def check_same(got, expected):
    assert list(got) == list(expected)
    for name, value in expected.items():
        assert isinstance(got[name], np.ndarray)
        assert got[name].dtype == np.asarray(value).dtype.newbyteorder("=")
        assert got[name].shape == np.shape(value)
        np.testing.assert_array_equal(got[name], value)


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("name", ["w.npz", "w", "w.weights"])
def test_round_trip(tmp_path, compress, name):
    path = tmp_path / name
    save_npz(path, ARRAYS, compress)
    assert os.listdir(tmp_path) == [name]
    check_same(load_npz(str(path)), ARRAYS)
    with np.load(path) as theirs:
        check_same({k: np.asarray(theirs[k]) for k in theirs.files}, ARRAYS)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_files_of_numpy(tmp_path, save):
    arrays = {
        **ARRAYS,
        "F": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "be": np.arange(3, dtype=">i4"),
    }
    save(tmp_path / "w.npz", **arrays)
    got = load_npz(tmp_path / "w.npz")
    check_same(got, arrays)
    assert all(a.flags.c_contiguous and a.dtype.isnative for a in got.values())


def test_empty(tmp_path):
    save_npz(tmp_path / "w", {})
    assert load_npz(tmp_path / "w") == {}


def test_views_are_stored_as_they_look(tmp_path):
    x = np.arange(24.0).reshape(4, 6)
    views = {"t": x.T, "step": x[::2, ::-1], "wide": np.broadcast_to(x[0], (3, 6))}
    save_npz(tmp_path / "w", views)
    check_same(load_npz(tmp_path / "w"), views)


def test_device_arrays(tmp_path):
    with strict_device() as device:
        save_npz(tmp_path / "w", {"x": device.from_host(np.arange(3.0))})
    check_same(load_npz(tmp_path / "w"), {"x": np.arange(3.0)})


def test_more_than_one_chunk(tmp_path):
    x = np.random.default_rng(0).standard_normal((1 << 18) + 3)
    for compress in (True, False):
        save_npz(tmp_path / "w", {"x": x}, compress)
        check_same(load_npz(tmp_path / "w"), {"x": x})


def test_equal_arrays_give_equal_files(tmp_path):
    for name in ("a", "b"):
        save_npz(tmp_path / name, ARRAYS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_loaded_arrays_are_writable_and_apart(tmp_path):
    save_npz(tmp_path / "w", ARRAYS)
    got = load_npz(tmp_path / "w")
    got["l0/W"][:] = 0
    check_same(load_npz(tmp_path / "w"), ARRAYS)


@pytest.mark.parametrize(
    "value", [np.array([None]), np.array(["a"]), np.zeros(2, "i4,f4"), np.zeros(1, "M8[s]")]
)
def test_refused_dtypes(tmp_path, value):
    with pytest.raises(
        TypeError, match="save_npz: expected 'l0/W' to hold booleans or numbers, got"
    ):
        save_npz(tmp_path / "w", {"l0/W": value})
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("value", [[1, 2], 3.0, None, "abc"])
def test_refused_values(tmp_path, value):
    with pytest.raises(TypeError, match="save_npz: expected 'x' to be an array, got"):
        save_npz(tmp_path / "w", {"x": value})


@pytest.mark.parametrize(
    "name", ["", "../x", "/x", "a\\b", "a//b", "a/", "..", "a\n", "\ud800", "n" * 2000]
)
def test_refused_names(tmp_path, name):
    with pytest.raises(ValueError, match="save_npz: expected a relative name without"):
        save_npz(tmp_path / "w", {name: np.zeros(1)})


def test_refused_kinds(tmp_path):
    with pytest.raises(TypeError, match="save_npz: expected names that are strings, got 3"):
        save_npz(tmp_path / "w", {3: np.zeros(1)})
    with pytest.raises(TypeError, match="save_npz: expected a dict of arrays, got list"):
        save_npz(tmp_path / "w", [np.zeros(1)])


def test_pickles_are_not_read(tmp_path):
    """NumPy writes them with allow_pickle; reading one would run its code."""
    flag = tmp_path / "ran"

    class Evil:
        def __reduce__(self):
            return (flag.touch, ())

    np.savez(tmp_path / "w.npz", x=np.array([Evil()], dtype=object))
    with pytest.raises(ValueError, match=r"load_npz: .*w\.npz', member 'x\.npy': .*pickle"):
        load_npz(tmp_path / "w.npz")
    assert not flag.exists()


@pytest.mark.parametrize("member", ["readme.txt", ".npy", "a/.npy"])
def test_other_members(tmp_path, member):
    with zipfile.ZipFile(tmp_path / "w", "w") as target:
        target.writestr(member, b"x")
    with pytest.raises(ValueError, match="expected only members called NAME.npy"):
        load_npz(tmp_path / "w")


def test_default_limit_grows_with_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr("dezero.io.npz._FREE_BYTES", 1000)
    save_npz(tmp_path / "w", {"x": np.zeros(1_000_000, np.uint8)})
    with pytest.raises(ValueError, match="Pass max_bytes= if you trust this file"):
        load_npz(tmp_path / "w")
    assert load_npz(tmp_path / "w", max_bytes=1 << 20)["x"].size == 1_000_000
    save_npz(tmp_path / "w", {"x": np.random.default_rng(0).random(500)})
    assert load_npz(tmp_path / "w")["x"].size == 500


def test_a_message_does_not_quote_long_names(tmp_path):
    path = tmp_path / "a.npz"
    save_npz(path, {"a" * 1000: np.ones(3)})
    path.write_bytes(path.read_bytes().replace(b"aaa.npy", b"aab.npy", 1))
    with pytest.raises(ValueError, match="fails with BadZipFile: File name") as caught:
        load_npz(path)
    assert len(str(caught.value)) < 1600  # the member's name itself is in it


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_npz(tmp_path / "no.npz")


@pytest.mark.parametrize("compress", [True, False])
def test_truncation(tmp_path, compress):
    path = tmp_path / "w"
    save_npz(path, {"a/W": np.arange(20.0), "b": np.float32(1)}, compress)
    raw = path.read_bytes()
    for length in range(0, len(raw), 3):
        path.write_bytes(raw[:length])
        with pytest.raises(ValueError, match="load_npz: "):
            load_npz(path)


@pytest.mark.slow
@pytest.mark.parametrize("compress", [True, False])
def test_damage_gives_valueerror_or_the_same_arrays(tmp_path, compress):
    """Each byte of a small file replaced by several others; silently wrong arrays fail too."""
    path = tmp_path / "w"
    save_npz(path, {"a/W": np.arange(6.0, dtype=np.float32)}, compress)
    raw = path.read_bytes()
    good = load_npz(path)["a/W"]
    refused = 0
    for place in range(len(raw)):
        for flip in (0x01, 0x80, 0xFF):
            bad = bytearray(raw)
            bad[place] ^= flip
            path.write_bytes(bytes(bad))
            try:
                got = load_npz(path)
            except ValueError as error:
                assert str(error).startswith("load_npz: ")
                refused += 1
            else:
                (array,) = got.values()
                np.testing.assert_array_equal(array, good)
    assert refused > len(raw)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_damage(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "w"
    save_npz(
        path, {"a": np.arange(8.0), "b/c": np.zeros((2, 2), np.int8)}, data.draw(st.booleans())
    )
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        piece = data.draw(st.binary(min_size=0, max_size=8))
        raw[place : place + data.draw(st.integers(0, 8))] = piece
        if not raw:
            break
    path.write_bytes(bytes(raw))
    try:
        load_npz(path)
    except ValueError as error:
        assert str(error).startswith("load_npz: ")


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        st.one_of(
            hnp.boolean_dtypes(),
            hnp.integer_dtypes(),
            hnp.floating_dtypes(),
            hnp.complex_number_dtypes(),
        ),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5),
    )
)
def test_any_array_comes_back(tmp_path_factory, array):
    path = tmp_path_factory.mktemp("any") / "w"
    save_npz(path, {"x": array})
    check_same(load_npz(path), {"x": array})

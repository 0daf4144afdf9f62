"""save_archive and load_archive: round trips and every kind of hostile file."""

import hashlib
import json
import math
import os
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dezero.io import archive
from dezero.io.archive import load_archive, save_archive
from dezero.io.zipfiles import npy_header

ARRAYS = {
    "weights/l0/W": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
    "optimizer/t": np.int64(7),
    "none": np.zeros((0, 3)),
}
CONTENT = {"model": {"class": "MLP", "sizes": [10, None, True, 1.5]}, "history": {"loss": []}}


def parts(arrays):
    """The manifest's table and the members, as save_archive makes them."""
    members = {f"{k}.npy": npy_header(v) + v.tobytes() for k, v in arrays.items()}
    table = {
        k: {
            "dtype": v.dtype.str,
            "shape": list(v.shape),
            "sha256": hashlib.sha256(members[f"{k}.npy"]).hexdigest(),
        }
        for k, v in arrays.items()
    }
    return {"format": "dezero", "version": 1, "arrays": table, "content": {}}, members


def write(path, manifest, members, method=zipfile.ZIP_STORED):
    text = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with zipfile.ZipFile(path, "w", method) as target:
        target.writestr("manifest.json", text)
        for name, data in members.items():
            target.writestr(name, data)


@pytest.fixture
def hostile(tmp_path):
    """A good file taken apart: change it, then `load` it."""

    class Hostile:
        def __init__(self):
            self.path = tmp_path / "m.dz"
            self.manifest, self.members = parts({"x": np.arange(4, dtype=np.float32)})
            self.method = zipfile.ZIP_STORED

        def load(self):
            write(self.path, self.manifest, self.members, self.method)
            return load_archive(self.path)

    return Hostile()


def test_round_trip(tmp_path):
    save_archive(tmp_path / "m.dz", CONTENT, ARRAYS)
    manifest, arrays = load_archive(tmp_path / "m.dz")
    assert manifest == CONTENT
    assert list(arrays) == list(ARRAYS)
    for name, value in ARRAYS.items():
        assert arrays[name].dtype == value.dtype
        np.testing.assert_array_equal(arrays[name], value)
    assert os.listdir(tmp_path) == ["m.dz"]


def test_hand_made_file_is_read(hostile):
    manifest, arrays = hostile.load()
    assert manifest == {}
    np.testing.assert_array_equal(arrays["x"], np.arange(4, dtype=np.float32))


def test_numpy_can_open_it(tmp_path):
    save_archive(tmp_path / "m.dz", CONTENT, ARRAYS)
    with np.load(tmp_path / "m.dz") as theirs:
        np.testing.assert_array_equal(theirs["weights/l0/W"], ARRAYS["weights/l0/W"])


def test_equal_contents_give_equal_files(tmp_path):
    for name in ("a", "b"):
        save_archive(tmp_path / name, CONTENT, ARRAYS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_numbers_of_a_history(tmp_path):
    history = {
        "loss": [np.float32(0.5), np.float64(0.25), math.nan, math.inf, -math.inf],
        "epoch": (np.int64(3), np.bool_(True)),
    }
    save_archive(tmp_path / "m", {"history": history}, {})
    got = load_archive(tmp_path / "m")[0]["history"]
    assert got["loss"][:2] == [0.5, 0.25]
    assert math.isnan(got["loss"][2])
    assert got["loss"][3:] == [math.inf, -math.inf]
    assert got["epoch"] == [3, True]


class TestRefusedOnSaving:
    @pytest.mark.parametrize(
        ("value", "kind"),
        [({1, 2}, "set"), (np.zeros(2), "ndarray"), (b"x", "bytes"), (1j, "complex")],
    )
    def test_values(self, tmp_path, value, kind):
        with pytest.raises(TypeError, match=f"save_archive: .* got {kind} at manifest/a/0"):
            save_archive(tmp_path / "m", {"a": [value]}, {})
        assert os.listdir(tmp_path) == []

    def test_keys(self, tmp_path):
        with pytest.raises(
            TypeError, match="save_archive: expected string keys in manifest/a, got 3"
        ):
            save_archive(tmp_path / "m", {"a": {3: 1}}, {})

    @pytest.mark.parametrize(("manifest", "arrays"), [([], {}), ({}, [])])
    def test_kinds(self, tmp_path, manifest, arrays):
        with pytest.raises(TypeError, match="save_archive: expected a dict, got list"):
            save_archive(tmp_path / "m", manifest, arrays)

    def test_arrays(self, tmp_path):
        with pytest.raises(TypeError, match="save_archive: expected 'x' to hold booleans or num"):
            save_archive(tmp_path / "m", {}, {"x": np.array([None])})
        with pytest.raises(ValueError, match="save_archive: expected a relative name"):
            save_archive(tmp_path / "m", {}, {"../x": np.zeros(1)})

    def test_depth(self, tmp_path):
        loop: dict = {}
        loop["again"] = loop
        with pytest.raises(
            ValueError, match="save_archive: expected at most 128 levels of nesting"
        ):
            save_archive(tmp_path / "m", loop, {})

    def test_deepest_allowed_comes_back(self, tmp_path):
        value: dict = {}
        for _ in range(archive.MAX_DEPTH - 1):
            value = {"a": value}
        save_archive(tmp_path / "m", value, {})
        assert load_archive(tmp_path / "m")[0] == value
        with pytest.raises(ValueError, match="levels of nesting"):
            save_archive(tmp_path / "m", {"a": value}, {})

    @pytest.mark.parametrize("value", [10**99, -(10**99)])
    def test_long_integers(self, tmp_path, value):
        with pytest.raises(ValueError, match="integers of fewer than 100 digits, got more at man"):
            save_archive(tmp_path / "m", {"a": [value]}, {})
        save_archive(tmp_path / "m", {"a": value // 10}, {})
        assert load_archive(tmp_path / "m")[0] == {"a": value // 10}

    def test_size(self, tmp_path):
        with pytest.raises(
            ValueError, match="save_archive: expected a manifest of at most 16777216"
        ):
            save_archive(tmp_path / "m", {"a": "x" * (17 << 20)}, {})


class TestHostileFiles:
    def test_no_manifest(self, tmp_path):
        np.savez_compressed(tmp_path / "m.npz", x=np.zeros(1000))  # larger than its file
        with pytest.raises(ValueError, match=r"load_archive: .*m\.npz': .*without manifest\.json"):
            load_archive(tmp_path / "m.npz")

    @pytest.mark.parametrize(
        "text",
        [
            b"",
            b"{",
            b"\xff\xfe\x00",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"format": "dezero", "format": "dezero"}',
            b"1" * 10_000,
            b"[-" + b"1" * 101 + b"]",
        ],
    )
    def test_bad_json(self, hostile, text):
        hostile.manifest = text
        with pytest.raises(ValueError, match=r"m\.dz', member 'manifest\.json': expected "):
            hostile.load()

    def test_deep_json(self, hostile):
        deep: dict = {}
        for _ in range(200):
            deep = {"a": deep}
        hostile.manifest["content"] = deep
        with pytest.raises(ValueError, match="expected at most 128 levels of nesting"):
            hostile.load()

    def test_huge_json(self, hostile, monkeypatch):
        monkeypatch.setattr(archive, "MAX_MANIFEST", 100)
        with pytest.raises(ValueError, match="'manifest.json': expected at most 100 bytes, got"):
            hostile.load()

    @pytest.mark.parametrize("value", [None, 1, "keras", [], {}])
    def test_other_format(self, hostile, value):
        hostile.manifest["format"] = value
        with pytest.raises(ValueError, match='expected "format": "dezero" in it'):
            hostile.load()

    @pytest.mark.parametrize("value", [None, 2, "1", [1]])
    def test_other_version(self, hostile, value):
        hostile.manifest["version"] = value
        with pytest.raises(ValueError, match="expected format version 1, got"):
            hostile.load()

    @pytest.mark.parametrize("key", ["content", "arrays"])
    @pytest.mark.parametrize("value", [None, [], 3])
    def test_other_parts(self, hostile, key, value):
        hostile.manifest[key] = value
        with pytest.raises(ValueError, match='expected "content" and "arrays", both objects'):
            hostile.load()

    def test_not_an_object(self, hostile):
        hostile.manifest = b"[1, 2]"
        with pytest.raises(ValueError, match='expected "format": "dezero" in it'):
            hostile.load()

    def test_missing_member(self, hostile):
        hostile.members = {}
        with pytest.raises(ValueError, match="missing: 'x.npy', not listed: none"):
            hostile.load()

    def test_extra_members(self, hostile):
        hostile.members |= {f"{i}.npy": b"" for i in range(7)}
        with pytest.raises(ValueError, match="missing: none, not listed: '0.npy', .* and 2 more"):
            hostile.load()

    @pytest.mark.parametrize(
        "entry",
        [None, [], {}, {"dtype": "<f4", "shape": [4]}]
        + [{"dtype": "<f4", "shape": [size], "sha256": ""} for size in ([4], None)],
    )
    def test_table_entry(self, hostile, entry):
        hostile.manifest["arrays"]["x"] = entry
        with pytest.raises(ValueError, match="expected dtype, shape and sha256 of 'x'"):
            hostile.load()

    @pytest.mark.parametrize("dtype", ["|O", "U3", "float32", "", "O" * 99])
    def test_table_dtype(self, hostile, dtype):
        hostile.manifest["arrays"]["x"]["dtype"] = dtype
        with pytest.raises(ValueError, match="expected a numeric dtype of 'x', got"):
            hostile.load()

    @pytest.mark.parametrize(("key", "value"), [("dtype", "<f8"), ("shape", [5]), ("shape", [])])
    def test_table_against_header(self, hostile, key, value):
        hostile.manifest["arrays"]["x"][key] = value
        with pytest.raises(ValueError, match=r"member 'x\.npy': holds <f4 \(4,\), but manifest"):
            hostile.load()

    def test_hash(self, hostile):
        hostile.members["x.npy"] = hostile.members["x.npy"][:-1] + b"\x01"
        with pytest.raises(ValueError, match=r"member 'x\.npy': its SHA-256 is not the one"):
            hostile.load()

    def test_ten_terabytes(self, hostile):
        huge = np.broadcast_to(np.float32(0), (2_500_000_000_000,))
        text = npy_header(huge)
        hostile.members["x.npy"] = text + bytes(8)
        hostile.manifest["arrays"]["x"]["shape"] = list(huge.shape)
        with pytest.raises(ValueError, match="its header declares .* but 8 follow"):
            hostile.load()

    def test_pickle(self, hostile):
        text = npy_header(np.zeros(4)).replace(b"<f8", b"|O8")
        hostile.members["x.npy"] = text + b"\x80\x04."
        with pytest.raises(ValueError, match=r"member 'x\.npy': .*pickle"):
            hostile.load()

    def test_bomb(self, hostile):
        hostile.method = zipfile.ZIP_DEFLATED
        hostile.manifest, hostile.members = parts({"x": np.zeros(1 << 20)})
        with pytest.raises(ValueError, match="expected at most [0-9]+ bytes of arrays, got 8"):
            hostile.load()

    def test_compressed(self, hostile):
        hostile.method = zipfile.ZIP_DEFLATED
        hostile.manifest, hostile.members = parts({"x": np.random.default_rng(0).random(100)})
        with pytest.raises(ValueError, match="expected it stored, got it compressed"):
            hostile.load()

    def test_traversal(self, hostile):
        hostile.members["../x.npy"] = hostile.members["x.npy"]
        with pytest.raises(ValueError, match="expected a relative name without"):
            hostile.load()

    def test_max_bytes(self, tmp_path):
        save_archive(tmp_path / "m", {}, {"x": np.zeros(1000)})
        with pytest.raises(ValueError, match="expected at most 5000 bytes of arrays, got"):
            load_archive(tmp_path / "m", max_bytes=5000)
        assert load_archive(tmp_path / "m", 1 << 40)[1]["x"].shape == (1000,)

    def test_missing_file(self, tmp_path):
        with pytest.raises(FileNotFoundError):
            load_archive(tmp_path / "no.dz")


def test_full_disk_keeps_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "m.dz"
    save_archive(path, {"n": 1}, ARRAYS)

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        OSError, match=r"save_archive: could not write .*m\.dz.*No space.*untouched"
    ):
        save_archive(path, {"n": 2}, ARRAYS)
    assert load_archive(path)[0] == {"n": 1}
    assert os.listdir(tmp_path) == ["m.dz"]


def test_truncation(tmp_path):
    path = tmp_path / "m"
    save_archive(path, {"a": 1}, {"x": np.arange(9.0)})
    raw = path.read_bytes()
    for length in range(0, len(raw), 5):
        path.write_bytes(raw[:length])
        with pytest.raises(ValueError, match="load_archive: "):
            load_archive(path)


@pytest.mark.slow
def test_damage_gives_valueerror_or_the_same_contents(tmp_path):
    path = tmp_path / "m"
    save_archive(path, {"a": 1}, {"x": np.arange(3.0)})
    raw = path.read_bytes()
    refused = 0
    for place in range(len(raw)):
        bad = bytearray(raw)
        bad[place] ^= 1 << (place % 8)
        path.write_bytes(bytes(bad))
        try:
            manifest, arrays = load_archive(path)
        except ValueError as error:
            assert str(error).startswith("load_archive: ")
            refused += 1
        else:
            assert manifest == {"a": 1}
            np.testing.assert_array_equal(arrays["x"], np.arange(3.0))
    assert refused > len(raw) // 2


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_damage(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "m"
    save_archive(path, {"a": [1, {"b": "c"}]}, {"x": np.arange(3.0), "y/z": np.int8(3)})
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    path.write_bytes(bytes(raw))
    try:
        load_archive(path)
    except ValueError as error:
        assert str(error).startswith("load_archive: ")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_any_manifest_comes_back(tmp_path_factory, manifest):
    path = tmp_path_factory.mktemp("any") / "m"
    save_archive(path, manifest, {})
    # repr and not ==, because NaN differs from itself.
    assert repr(load_archive(path)[0]) == repr(manifest)


@settings(max_examples=60, deadline=None)
@given(
    json_values, st.sampled_from(["format", "version", "arrays", "content", "x", "shape", "sha256"])
)
def test_any_json_in_any_place(tmp_path_factory, value, key):
    manifest, members = parts({"x": np.arange(4, dtype=np.float32)})
    for place in (manifest, manifest["arrays"], manifest["arrays"]["x"]):
        if key in place:
            place[key] = value
    path = tmp_path_factory.mktemp("json") / "m"
    write(path, manifest, members)
    try:
        load_archive(path)
    except ValueError as error:
        assert str(error).startswith("load_archive: ")

"""load_safetensors and save_safetensors: both ways with the package itself, and hostile headers."""

import json
import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dezero.io import safetensors
from dezero.io.npz import save_npz
from dezero.io.safetensors import load_safetensors, safetensors_metadata, save_safetensors
from tests.io.damage import survives
from tests.io.memory import peak_of
from tests.io.test_npz import check_same

ARRAYS = {
    "l0/W": np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4),
    "half": np.array([0.5, -np.inf, 65504], np.float16),
    "double": np.array(1 / 3),
    "none": np.zeros((0, 3), np.float32),
    "mask": np.array([True, False]),
    'größe:"\\\n': np.array([1 + 2j], np.complex64),
    "": np.arange(3, dtype=np.uint8),
    **{f"u{size}": np.array([0, 2**size - 1], f"u{size // 8}") for size in (8, 16, 32, 64)},
    **{f"i{size}": np.array([-(2 ** (size - 1))], f"i{size // 8}") for size in (8, 16, 32, 64)},
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "w.safetensors"


def raw(header, data=b"", length=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) if length is None else length).to_bytes(8, "little") + text + data


def entry(dtype="F32", shape=(1,), begin=0, end=4):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}


class TestRoundTrip:
    def test_every_dtype(self, path):
        save_safetensors(path, ARRAYS)
        check_same(load_safetensors(path), ARRAYS)
        assert os.listdir(path.parent) == ["w.safetensors"]

    def test_layout(self, path):
        """The bytes themselves: length, header, data with the widest elements first."""
        save_safetensors(path, {"b": np.array([7], "u1"), "a": np.array([1.0], ">f4")})
        head = (
            b'{"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[1],"data_offsets":[4,5]},'
            b'"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}'
        )
        head += b" " * (-len(head) % 8)
        assert path.read_bytes() == raw(head, b"\x00\x00\x80\x3f\x07")

    def test_metadata(self, path):
        save_safetensors(path, {}, {"epoch": "3", "größe": 'a"b'})
        assert safetensors_metadata(path) == {"format": "pt", "epoch": "3", "größe": 'a"b'}
        save_safetensors(path, {}, {"format": "np"})
        assert safetensors_metadata(path) == {"format": "np"} and load_safetensors(path) == {}

    def test_views_are_stored_as_they_look(self, path):
        x = np.arange(24.0).reshape(4, 6)
        views = {"t": x.T, "step": x[::2, ::-1], "wide": np.broadcast_to(x[0], (3, 6))}
        save_safetensors(path, views)
        check_same(load_safetensors(path), views)

    def test_more_than_one_chunk(self, path):
        x = np.random.default_rng(0).standard_normal((1 << 18) + 3)
        save_safetensors(path, {"x": x})
        check_same(load_safetensors(path), {"x": x})

    def test_equal_arrays_give_equal_files(self, path, tmp_path):
        save_safetensors(path, ARRAYS)
        save_safetensors(tmp_path / "b", ARRAYS)
        assert path.read_bytes() == (tmp_path / "b").read_bytes()

    def test_bfloat16_comes_as_float32(self, path):
        path.write_bytes(raw({"x": entry("BF16", (2,))}, b"\xc0\x3f\x00\xc0"))
        got = load_safetensors(path)["x"]
        assert got.dtype == np.float32 and got.tolist() == [1.5, -2.0]
        with pytest.raises(ValueError, match="at most 7 bytes of arrays, got 8"):
            load_safetensors(path, max_bytes=7)

    def test_blanks_escapes_and_any_order_of_fields(self, path):
        head = b'{ "\\u0061\\n" :\t{"shape":[ 1 ,2 ],"data_offsets":[0, 8],\r\n"dtype":"F32"} } \n '
        path.write_bytes(raw(head, np.arange(2, dtype="<f4").tobytes()))
        check_same(load_safetensors(path), {"a\n": np.array([[0, 1]], np.float32)})

    def test_an_old_file_survives_a_failure(self, path):
        save_safetensors(path, ARRAYS)
        before = path.read_bytes()
        with pytest.raises(TypeError):
            save_safetensors(path, {"x": np.array(["a"])})
        assert path.read_bytes() == before and os.listdir(path.parent) == ["w.safetensors"]


class TestRefusedOnSaving:
    @pytest.mark.parametrize("dtype", ["c16", "M8[s]", "O", "U3"])
    def test_dtypes(self, path, dtype):
        with pytest.raises(TypeError, match="save_safetensors: expected 'x' "):
            save_safetensors(path, {"x": np.zeros(2, dtype)})

    @pytest.mark.parametrize("name", ["__metadata__", "n" * 2000, "\ud800"])
    def test_names(self, path, name):
        with pytest.raises(ValueError, match="save_safetensors: expected a name of at most 1024"):
            save_safetensors(path, {name: np.zeros(1)})

    def test_kinds(self, path):
        with pytest.raises(TypeError, match="save_safetensors: expected a dict, got list"):
            save_safetensors(path, [np.zeros(1)])
        with pytest.raises(TypeError, match="save_safetensors: expected names that are strings"):
            save_safetensors(path, {3: np.zeros(1)})
        with pytest.raises(TypeError, match="expected metadata of strings"):
            save_safetensors(path, {}, {"epoch": 3})

    def test_a_header_that_would_not_be_read(self, path, monkeypatch):
        monkeypatch.setattr(safetensors, "MAX_HEADER", 100)
        with pytest.raises(ValueError, match="expected a header of at most 100 bytes"):
            save_safetensors(path, {"a": np.zeros(1), "b": np.zeros(1), "c": np.zeros(1)})


E32 = 2**32
HOSTILE = {
    "empty file": (b"", "header: expected 8 bytes, got 0"),
    "no header": (raw(b"", length=100), "expected 100 bytes, got 0 up to the end"),
    "huge header": (raw(b"{}", length=1 << 60), "expected at most 16777216 bytes, got 1152921504"),
    "not UTF-8": (raw(b'{"\xff":1}'), "expected UTF-8, got invalid start byte at byte 2"),
    "no JSON": (raw(b"hello"), "expected '{' at character 0, got 'hello'"),
    "a list": (raw(b"[]"), "expected '{'"),
    "cut off": (raw(b'{"x":{"dtype":"F32"'), "expected ',' at character 19, got ''"),
    "open string": (raw(b'{"x'), "expected a string"),
    "control character": (raw(b'{"a\x01":1}'), "expected a string at character 1"),
    "half a pair": (raw(b'{"\\ud800":{}}'), "expected characters at"),
    "trailing": (raw(b"{} x"), "expected nothing more at character 3"),
    "comma": (raw(b'{"__metadata__":{},}'), "expected a string at character 19"),
    "deep": (raw(b'{"x":' * 9000), "expected dtype, shape and data_offsets, got 'x'"),
    "deep list": (raw(b'{"x":{"shape":' + b"[" * 9000), "expected a list of at most 64 sizes"),
    "duplicate array": (
        raw(b'{"x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"x":{}}'),
        "expected each key once, got 'x' twice",
    ),
    "duplicate field": (raw(b'{"x":{"dtype":"U8","dtype":"U8"}}'), "got 'dtype' twice"),
    "duplicate metadata": (raw(b'{"__metadata__":{"a":"","a":""}}'), "got 'a' twice"),
    "metadata number": (raw(b'{"__metadata__":{"a":1}}'), "expected a string at character 21"),
    "missing field": (raw({"x": {"dtype": "U8", "shape": []}}), "expected dtype, shape and two"),
    "one offset": (
        raw({"x": {"dtype": "U8", "shape": [], "data_offsets": [0]}}),
        "expected dtype, shape and two data_offsets",
    ),
    "unknown dtype": (raw({"x": entry("F8_E4M3", (4,))}, b"1234"), "expected a dtype among BOOL"),
    "long dtype": (raw({"x": entry("F" * 9000)}, b"1234"), r"got 'F{40}'\.$"),
    "negative": (raw(b'{"x":{"shape":[-1]}}'), "expected a list of at most 64 sizes"),
    "fraction": (raw(b'{"x":{"shape":[1.0]}}'), "expected a list of at most 64 sizes"),
    "leading zero": (raw(b'{"x":{"shape":[01]}}'), "expected a list of at most 64 sizes"),
    "long number": (raw(b'{"x":{"shape":[' + b"9" * 20 + b"]}}"), "expected a list of at most"),
    "65 axes": (raw({"x": entry(shape=[1] * 65)}, b"1234"), "expected a list of at most 64"),
    "huge shape": (
        raw({"x": entry("F64", (E32, E32, E32), 0, 8)}, b"12345678"),
        r"takes 633825300114114700748351602688 bytes, but its data_offsets are \[0, 8\]",
    ),
    "wraps to 0": (raw({"x": entry("F64", (E32, E32), 0, 0)}), "takes 147573952589676412928 bytes"),
    "no such shape": (
        raw({"x": entry("F32", (0, 2**62, 2**62), 0, 0)}),
        "expected a shape that an array can have",
    ),
    "too short": (raw({"x": entry(shape=(2,))}, b"1234"), "takes 8 bytes, but"),
    "backwards": (raw({"x": entry("U8", (1,), 1, 0)}, b"1"), "takes 1 bytes, but"),
    "beyond the end": (raw({"x": entry()}, b"123"), "expected them to begin at 0 and to end by 3"),
    "hole": (raw({"x": entry(begin=1, end=5)}, b"12345"), "leave a gap, overlap or lie outside"),
    "overlap": (
        raw({"x": entry(), "y": entry("U8", (4,), 2, 6)}, b"123456"),
        "'y': its data_offsets .2, 6. leave a gap, overlap",
    ),
    "shared": (raw({"x": entry(), "y": entry()}, b"1234"), "leave a gap, overlap"),
    "unused": (raw({"x": entry()}, b"12345"), "expected 4 bytes after the header, got 5"),
    "long name": (raw({"n" * 1025: entry()}, b"1234"), "expected at most 1024 characters, got"),
}

# NumPy's limits, or ours, or a key of the metadata twice.
OURS_ALONE = {"unknown dtype", "65 axes", "long name", "no such shape", "duplicate metadata"}


@pytest.mark.parametrize("case", HOSTILE)
def test_each_hostile_header_has_its_error(path, case):
    data, match = HOSTILE[case]
    path.write_bytes(data)

    def load():
        with pytest.raises(ValueError, match=match) as caught:
            load_safetensors(path)
        assert str(caught.value).startswith(f"load_safetensors: {str(path)!r}")
        assert len(str(caught.value)) < 600

    assert peak_of(load) < 1 << 20


def test_more_names_than_any_model_has(path, monkeypatch):
    monkeypatch.setattr(safetensors, "MAX_ARRAYS", 3)
    path.write_bytes(raw({str(i): entry("U8", (0,), 0, 0) for i in range(5)}))
    with pytest.raises(ValueError, match="expected at most 3 names, got more"):
        load_safetensors(path)


@pytest.mark.parametrize("filling", [b'{"__metadata__":{', b'{"x":{"shape":[', b'{"x":['])
@pytest.mark.parametrize("repeated", [b"[", b"{", b'"a":"",', b"0,", b'"', b" "])
def test_a_header_of_a_megabyte_takes_no_more_than_a_few(path, filling, repeated):
    path.write_bytes(raw(filling + repeated * ((1 << 20) // len(repeated))))

    def load():
        with pytest.raises(ValueError):
            load_safetensors(path)

    assert peak_of(load) < 8 << 20


def test_memory_is_that_of_the_arrays(path):
    save_safetensors(path, {"a": np.zeros(1 << 18), "b": np.zeros(1 << 18)})
    assert peak_of(lambda: load_safetensors(path)) < path.stat().st_size + (1 << 20)


def test_truncation(path):
    save_safetensors(path, {"a": np.arange(20.0), "b": np.float32(1)})
    data = path.read_bytes()
    for length in range(0, len(data), 3):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="load_safetensors: "):
            load_safetensors(path)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_random_damage(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "w"
    save_safetensors(path, {"a": np.arange(4.0), "b/c": np.zeros((2, 2), np.int8)})
    survives(data, path, load_safetensors)


def test_other_files(path):
    with pytest.raises(FileNotFoundError):
        load_safetensors(path)
    save_npz(path, {"x": np.zeros(3)})
    with pytest.raises(ValueError, match="load_safetensors: "):
        load_safetensors(path)


@pytest.mark.oracle
class TestThePackageItself:
    def test_it_reads_ours(self, path):
        package = pytest.importorskip("safetensors")
        numpy_side = pytest.importorskip("safetensors.numpy")
        save_safetensors(path, ARRAYS, {"epoch": "3"})
        theirs = numpy_side.load_file(path)
        assert sorted(theirs) == sorted(ARRAYS)
        check_same({name: theirs[name] for name in ARRAYS}, ARRAYS)
        with package.safe_open(path, framework="np") as file:
            assert file.metadata() == {"format": "pt", "epoch": "3"}

    def test_we_read_its(self, path):
        numpy_side = pytest.importorskip("safetensors.numpy")
        arrays = {k: np.asarray(v) for k, v in ARRAYS.items()}
        numpy_side.save_file(arrays, path, metadata={"a": "ü"})
        got = load_safetensors(path)
        check_same({name: got[name] for name in ARRAYS}, ARRAYS)
        assert safetensors_metadata(path) == {"a": "ü"}

    def test_bfloat16_of_torch(self, path):
        torch = pytest.importorskip("torch")
        torch_side = pytest.importorskip("safetensors.torch")
        x = torch.randn(3, 5, generator=torch.Generator().manual_seed(0)).bfloat16()
        torch_side.save_file({"x": x}, path)
        np.testing.assert_array_equal(load_safetensors(path)["x"], x.float().numpy())

    @pytest.mark.parametrize("case", [case for case in HOSTILE if case not in OURS_ALONE])
    def test_what_we_refuse_it_refuses(self, path, case):
        numpy_side = pytest.importorskip("safetensors.numpy")
        path.write_bytes(HOSTILE[case][0])
        with pytest.raises(Exception):  # noqa: B017 (a class of its own, KeyError or ValueError)
            numpy_side.load_file(path)

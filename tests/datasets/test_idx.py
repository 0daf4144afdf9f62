"""read_idx: what NumPy wrote comes back; what is broken or hostile is refused in one error."""

import gzip
import hashlib
import struct
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dezero.datasets.idx import CODES, DataCorrupt, idx_sha256, read_idx

GOOD = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)


def pack(array):
    big = array.astype(array.dtype.newbyteorder(">"))
    header = struct.pack(">BBBB", 0, 0, CODES[big.dtype], big.ndim)
    return header + struct.pack(f">{big.ndim}I", *big.shape) + big.tobytes()


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "i4", "f4", "f8"])
@pytest.mark.parametrize("shape", [(5,), (2, 3), (0, 4), (2, 1, 3, 2)])
@pytest.mark.parametrize("packed", [False, True])
def test_roundtrip(tmp_path, dtype, shape, packed):
    array = np.arange(np.prod(shape)).reshape(shape).astype(dtype) - np.array(3).astype(dtype)
    data = pack(array)
    path = tmp_path / "file"
    path.write_bytes(gzip.compress(data) if packed else data)
    read = read_idx(path)
    assert read.dtype == array.dtype and read.dtype.isnative and read.flags.writeable
    np.testing.assert_array_equal(read, array)
    assert idx_sha256(read) == hashlib.sha256(data).hexdigest()


def refuse(tmp_path, data, match, **options):
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(DataCorrupt, match=rf"read_idx: expected {match}") as caught:
        read_idx(path, **options)
    assert str(path) in str(caught.value)
    assert str(caught.value).endswith("Delete the file and fetch it again.")


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (b"", "an idx file, got .* beginning with bytes ''"),
        (b"\0\0\x08", "an idx file"),
        (b"<html>no</html>", "an idx file, got .* beginning with bytes '3c 68 74 6d'"),
        (b"\0\0\x07\x01" + b"\0" * 20, "an idx file"),
        (b"\0\0\x08\x00", "1 to 8 axes, got .* declaring 0"),
        (b"\0\0\x08\xff" + b"\0" * 2000, "1 to 8 axes, got .* declaring 255"),
        (b"\0\0\x08\x03" + b"\0" * 4 + b"\xff" * 8, r"at most .* declaring \(0, 4294967295, 4"),
        (b"\0\0\x08\x03\0\0", "3 axis lengths, got .* ending inside its header"),
        (pack(GOOD)[:-1], r"24 bytes for shape \(2, 3, 4\), got .* holding only 23"),
        (pack(GOOD) + b"!", r"24 bytes for shape \(2, 3, 4\), got .* holding more"),
        (gzip.compress(pack(GOOD))[:-9], "a readable, complete idx file, got .*end-of-stream"),
        (gzip.compress(pack(GOOD)) + b"rubbish", "a readable, complete idx file"),
        (gzip.compress(pack(GOOD) + b"!"), "24 bytes for shape .* holding more"),
        (b"\x1f\x8b" + b"\xff" * 50, "a readable, complete idx file"),
    ],
)
def test_broken_files(tmp_path, data, match):
    refuse(tmp_path, data, match)


def test_damaged_bits_are_noticed(tmp_path):
    data = bytearray(gzip.compress(pack(GOOD), compresslevel=0))
    data[-12] ^= 1
    refuse(tmp_path, bytes(data), "a readable, complete idx file, got .*CRC")


def test_ten_terabytes_are_refused_before_they_are_allocated(tmp_path):
    header = b"\0\0\x0e\x04" + struct.pack(">4I", 10**6, 10**6, 2, 1)
    refuse(tmp_path, header, r"at most 1073741824 bytes, got .* declaring .*16000000000000 bytes")


def test_bomb_is_unpacked_no_further_than_its_header_says(tmp_path):
    bomb = gzip.compress(pack(GOOD) + bytes(50_000_000), compresslevel=1)
    tracemalloc.start()
    try:
        refuse(tmp_path, bomb, "24 bytes for shape")
        assert tracemalloc.get_traced_memory()[1] < 5_000_000
    finally:
        tracemalloc.stop()


def test_max_bytes(tmp_path):
    refuse(tmp_path, pack(GOOD), r"at most 23 bytes, got .* declaring \(2, 3, 4\)", max_bytes=23)
    assert read_idx(tmp_path / "file", max_bytes=24).size == 24


def test_missing_file(tmp_path):
    with pytest.raises(DataCorrupt, match=r"got .*nothing \(No such file or directory\)"):
        read_idx(tmp_path / "nothing")


@settings(max_examples=80, deadline=None)
@given(data=st.binary(max_size=64), packed=st.booleans())
def test_any_bytes_give_an_array_or_the_one_error(tmp_path_factory, data, packed):
    path = tmp_path_factory.getbasetemp() / "fuzz"
    path.write_bytes(gzip.compress(data) if packed else b"\0\0\x08" + data)
    try:
        assert read_idx(path, max_bytes=1000).nbytes <= 1000
    except DataCorrupt:
        pass

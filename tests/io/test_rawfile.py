"""RawFile: nothing is read that is not there; elements become arrays of this machine."""

import numpy as np
import pytest

from dezero.io.rawfile import BFLOAT16, RawFile, itemsize, native, stored_dtype
from tests.io.memory import peak_of


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "x.bin"
    path.write_bytes(bytes(range(10)))
    return path


def test_bytes_in_order(path):
    with RawFile("test", path) as source:
        assert source.size == 10
        assert source.take(3, "a") == b"\x00\x01\x02"
        source.seek(8)
        target = np.empty(2, np.uint8)
        source.fill(target, "b")
        assert target.tolist() == [8, 9]


def test_what_is_not_there_is_refused_before_memory_is_asked_for(path):
    def take():
        with RawFile("test", path) as source, pytest.raises(ValueError) as caught:
            source.take(1 << 60, "the rest")
        assert str(caught.value) == (
            f"test: {str(path)!r}, the rest: expected {1 << 60} bytes, got 10 up to the end."
        )

    assert peak_of(take) < 1 << 18
    with RawFile("test", path) as source:
        source.seek(20)
        with pytest.raises(ValueError, match="got 0 up to the end"):
            source.fill(np.empty(1, np.uint8), "x")


def test_a_file_that_shrinks_while_it_is_read(path):
    with RawFile("test", path) as source:
        path.write_bytes(b"abc")
        with pytest.raises(ValueError, match="ends 1 bytes early"):
            source.take(4, "x")
        source.seek(0)
        with pytest.raises(ValueError, match="ends 2 bytes early"):
            source.fill(np.empty(5, np.uint8), "x")


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        RawFile("test", tmp_path / "no")


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("code", ["f8", "f4", "f2", "i8", "u2", "i1", "c8"])
def test_either_byte_order_becomes_this_machines(code, order):
    values = np.arange(6).reshape(2, 3).astype(code)
    stored = values.astype(stored_dtype(code, order))
    got = native(stored.T, code)
    assert got.dtype == code and got.dtype.isnative and got.flags.c_contiguous
    np.testing.assert_array_equal(got, values.T)
    assert itemsize(code) == values.itemsize


def test_bfloat16_is_the_upper_half_of_float32():
    values = np.array([0, -0.0, 1.5, -2.25, np.inf, np.nan, 2.0**-133, 3.0e38], np.float32)
    values = (values.view(np.uint32) & 0xFFFF0000).view(np.float32)
    upper = (values.view(np.uint32) >> 16).astype(stored_dtype(BFLOAT16, ">"))
    got = native(upper, BFLOAT16)
    assert got.dtype == np.float32 and itemsize(BFLOAT16) == 2
    np.testing.assert_array_equal(got.view(np.uint32), values.view(np.uint32))


def test_any_byte_but_zero_is_true():
    got = native(np.array([0, 1, 2, 255], np.uint8), "bool")
    assert got.dtype == np.bool_
    assert got.view(np.uint8).tolist() == [0, 1, 1, 1]

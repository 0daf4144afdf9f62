"""Windows on storages: only what lies within, each element once, and the right dict of several."""

import numpy as np
import pytest

from dezero.io.rawfile import BFLOAT16
from dezero.io.tensors import Storage, Tensor, build_arrays, checked_tensor, pick_tensors


class Refused(Exception):
    pass


def refuse(reason):
    raise Refused(reason)


def storage(count=24, key="0", code="f4", first=0, length=None):
    return Storage(key, code, count, first, count if length is None else length)


def tensor(*arguments, **options):
    return checked_tensor(refuse, *arguments, **options)


T = Tensor(storage(), "f4", 0, (24,), (1,))


class TestBounds:
    def test_what_fits(self):
        assert tensor(storage(), 0, (4, 6), (6, 1)).nbytes == 96
        assert tensor(storage(), 23, (1, 1), (99, 99)).shape == (1, 1)
        assert tensor(storage(), 99, (0, 6), (6, 1)).nbytes == 0
        assert tensor(storage(8, code="u1"), 1, (1,), (1,), code="f4").code == "f4"
        assert storage(5, code=BFLOAT16).nbytes == 10

    @pytest.mark.parametrize(
        ("offset", "shape", "strides"),
        [
            (1, (4, 6), (6, 1)),
            (0, (25,), (1,)),
            (0, (4, 6), (7, 1)),
            (24, (1,), (1,)),
            (0, (2**40, 2**40), (0, 0)),
            (0, (1000,), (0,)),
            (2**60, (1,), (1,)),
        ],
    )
    def test_what_does_not(self, offset, shape, strides):
        with pytest.raises(Refused, match="expected tensors within their storages, got one of sh"):
            tensor(storage(), offset, shape, strides)

    def test_the_window_counts_not_the_run(self):
        part = storage(first=20, length=4)
        assert tensor(part, 0, (4,), (1,)).nbytes == 16
        with pytest.raises(Refused, match="on 16 bytes"):
            tensor(part, 1, (4,), (1,))
        with pytest.raises(Refused, match="on 8 bytes"):
            tensor(storage(8, code="u1"), 1, (2,), (1,), code="f4")

    @pytest.mark.parametrize(
        ("held", "offset", "shape", "strides"),
        [
            ("0", 0, (1,), (1,)),
            (storage(), -1, (1,), (1,)),
            (storage(), 0, (-1,), (1,)),
            (storage(), 0, (2,), (-1,)),
            (storage(), 0, (2,), ()),
            (storage(), 0, [2], [1]),
            (storage(), 0, (2.0,), (1,)),
            (storage(), True, (2,), (1,)),
            (storage(), None, None, None),
            (storage(), 0, (1,) * 65, (1,) * 65),
        ],
    )
    def test_what_is_no_tensor(self, held, offset, shape, strides):
        with pytest.raises(Refused, match="expected a tensor with a storage, offset, shape and st"):
            tensor(held, offset, shape, strides)


class TestPicking:
    @pytest.mark.parametrize(
        "content",
        [
            {"w": T},
            {"state_dict": {"w": T}, "epoch": 3, "best": T, "optimizer": {"state": {0: {"m": T}}}},
            {"model": {"w": T}, "optimizer": {"state": {}}},
            {"model": {"state_dict": {"w": T}}},
            {"whatever": {"w": T}, "args": {"lr": 0.1}},
            {"state_dict": {"w": T}, "ema": {"w": T}},
            {"w": T, "note": "text", "none": None, "sizes": [1, 2], "empty": {}},
        ],
    )
    def test_the_dict_of_tensors_is_found(self, content):
        assert pick_tensors(refuse, content, None) == {"w": T}

    def test_a_key_chooses(self):
        content = {"g": {"w": T}, "d": {"v": T, "n": 3, "on": True}}
        assert pick_tensors(refuse, content, "d") == {"v": T, "n": 3, "on": True}
        with pytest.raises(Refused, match="got several: 'g', 'd'. Choose with key="):
            pick_tensors(refuse, content, None)
        with pytest.raises(Refused, match="expected a dict under the key 'x', got 'g', 'd'"):
            pick_tensors(refuse, content, "x")

    def test_nothing_is_a_state_dict_too(self):
        assert pick_tensors(refuse, {}, None) == {}

    @pytest.mark.parametrize(
        ("content", "match"),
        [
            (T, "expected a dict of tensors, got a tensor"),
            ([T], "got a list"),
            (3, "got 3"),
            ({"a": 3}, "got one without any: 'a'"),
            ({str(i): i for i in range(9)}, "'7', ...$"),
            ({0: T}, "expected tensors by name, got a tensor called '0'"),
            ({"w": T, "ema": {"w": T}}, "got a dict called 'ema'. Choose a dict"),
        ],
    )
    def test_anything_else_is_named(self, content, match):
        with pytest.raises(Refused, match=match):
            pick_tensors(refuse, content, None)

    def test_dicts_within_themselves_come_to_an_end(self):
        loop: dict = {}
        loop["model"] = loop
        with pytest.raises(Refused, match="got one without any"):
            pick_tensors(refuse, loop, None)
        wide = {str(i): {} for i in range(2000)}
        inner = {str(i): 0 for i in range(2000)}
        with pytest.raises(Refused, match="got one without any"):
            pick_tensors(refuse, dict.fromkeys(wide, inner), None)


class TestArrays:
    data = np.arange(24, dtype="f4")

    def build(self, tensors, data=None, order="<", limit=1 << 20):
        data = self.data if data is None else data

        def read(held):
            return np.frombuffer(data.tobytes(), np.uint8).copy()

        return build_arrays(refuse, tensors, read, order=order, max_bytes=limit)

    @pytest.mark.parametrize(
        ("offset", "shape", "strides"),
        [
            (0, (4, 6), (6, 1)),
            (0, (6, 4), (1, 6)),
            (3, (2, 3), (12, 2)),
            (5, (), ()),
            (0, (0,), (1,)),
        ],
    )
    def test_strides_and_offsets(self, offset, shape, strides):
        t = tensor(storage(), offset, shape, strides)
        expected = np.lib.stride_tricks.as_strided(
            self.data[offset:], shape, [s * 4 for s in strides]
        )
        got = self.build({"w": t})["w"]
        np.testing.assert_array_equal(got, expected)
        assert got.flags.c_contiguous and got.flags.writeable and got.dtype == np.float32

    def test_big_endian(self):
        got = self.build({"w": T}, self.data.astype(">f4"), order=">")["w"]
        np.testing.assert_array_equal(got, self.data)
        assert got.dtype.isnative

    def test_one_tensor_of_two_names_is_one_array(self):
        part = tensor(storage(), 0, (2,), (1,))
        got = self.build({"a": T, "b": T, "c": part})
        assert got["a"] is got["b"] and not np.shares_memory(got["a"], got["c"])

    def test_a_part_does_not_keep_the_whole_alive(self):
        got = self.build({"c": tensor(storage(), 0, (2,), (1,))})["c"]
        assert got.base is None

    def test_a_window_of_a_storage(self):
        t = tensor(storage(first=20, length=4), 1, (3,), (1,))
        assert self.build({"w": t})["w"].tolist() == [21, 22, 23]

    def test_overlapping_tensors_cannot_multiply_the_file(self):
        many = {str(i): tensor(storage(), i, (12,), (1,)) for i in range(12)}
        with pytest.raises(Refused, match="expected at most 96 bytes of tensors, got 576: they ov"):
            self.build(many, limit=96)
        assert len(self.build(many)) == 12

    def test_numbers(self):
        got = self.build({"n": 3, "x": 0.5, "on": True})
        assert {k: (v.dtype.kind, v.shape, v.item()) for k, v in got.items()} == {
            "n": ("i", (), 3), "x": ("f", (), 0.5), "on": ("b", (), True),
        }  # fmt: skip
        with pytest.raises(Refused, match="expected integers of 64 bits, got a larger one"):
            self.build({"n": 2**63})

    def test_shapes_that_numpy_has_not(self):
        with pytest.raises(Refused, match="expected shapes that an array can have"):
            self.build({"w": tensor(storage(), 0, (0, 2**62, 2**62), (1, 1, 1))})

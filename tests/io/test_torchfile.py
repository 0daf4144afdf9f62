"""load_pth: both layouts, made by hand and by torch itself, and every hostile file we know of."""

import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dezero.io import torchfile
from dezero.io.torchfile import load_pth
from tests.io.damage import survives
from tests.io.memory import peak_of
from tests.io.pickles import (
    MAGIC,
    ORDERED,
    PROTOCOL,
    REBUILD,
    Call,
    Named,
    dumps,
    state_dict,
    storage,
    tensor,
    write_legacy,
    write_zip,
)
from tests.io.test_npz import check_same

W, B = np.linspace(-1, 1, 12, dtype="f4").reshape(3, 4), np.ones(4, "f4")
ARRAYS = {"0.weight": W, "0.bias": B, "none": np.zeros((0, 3), "f4"), "one": np.float32(7)}
PARAMETER = Named("torch.nn.parameter", "Parameter")
FLOAT = Named("torch", "float32")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "w.pth"


@pytest.fixture(params=["zip", "legacy"])
def write(request, path):
    """Write a file in one of the layouts; what differs between them is taken care of."""

    def zipped(content, storages):
        write_zip(path, content, storages)

    def legacy(content, storages):
        write_legacy(path, content, storages)

    return zipped if request.param == "zip" else legacy


class TestByHand:
    def test_a_state_dict(self, write, path):
        write(*state_dict(ARRAYS))
        check_same(load_pth(str(path)), ARRAYS)

    @pytest.mark.parametrize("root", ["archive/", "my weights/", ""])
    def test_the_folder_has_any_name(self, path, root):
        write_zip(path, *state_dict(ARRAYS), root=root)
        check_same(load_pth(path), ARRAYS)

    @pytest.mark.parametrize("dtype", ["f8", "f4", "f2", "i8", "i4", "i2", "i1", "u1", "?", "c8"])
    @pytest.mark.parametrize("order", ["little", "big"])
    def test_dtypes_and_byte_orders(self, path, dtype, order):
        x = np.array([0, 1, 1, 100]).astype(dtype)
        stored = x.astype(x.dtype.newbyteorder(order)).tobytes()
        more = {"byteorder": order.encode()}
        write_zip(path, {"x": tensor("0", x)}, {"0": stored}, more=more)
        check_same(load_pth(path), {"x": x})

    def test_bfloat16_comes_as_float32(self, path):
        held = storage("0", count=2)
        held.saved = (held.saved[0], Named("torch", "BFloat16Storage"), *held.saved[2:])
        x = Call(REBUILD, held, 0, (2,), (1,), False, Call(ORDERED))
        write_zip(path, {"x": x}, {"0": b"\xc0\x3f\x00\xc0"})
        check_same(load_pth(path), {"x": np.array([1.5, -2], np.float32)})

    def test_files_of_older_torch(self, path):
        """Python 2's dicts, tensors without hooks, Parameters with their state, CUDA's classes."""
        old = Named("torch._utils", "_rebuild_tensor")
        held = storage("0", count=12)
        held.saved = (held.saved[0], Named("torch.cuda", "FloatStorage"), *held.saved[2:], None)
        t = Call(old, held, 0, (3, 4), (4, 1))
        wrapped = Call(PARAMETER, t, state=(True, False, Call(ORDERED)))
        content = Call(
            ORDERED, [["w", wrapped], ["v", Call(PARAMETER, t)]], state={"_metadata": {}}
        )
        write_legacy(path, content, {"0": W.tobytes()})
        check_same(load_pth(path), {"w": W, "v": W})

    def test_a_part_of_a_storage(self, path):
        held = storage("0", "float32", 12, ("0.part", 4, 8))
        t = Call(REBUILD, held, 0, (2, 4), (4, 1), False, Call(ORDERED))
        write_legacy(path, {"w": t}, {"0": W.tobytes()})
        check_same(load_pth(path), {"w": W[1:]})

    def test_newer_ways_of_writing_a_tensor(self, path):
        held = storage("0", "uint8", 8)
        held.saved = (held.saved[0], Named("torch.storage", "UntypedStorage"), *held.saved[2:])
        version3 = Named("torch._utils", "_rebuild_tensor_v3")
        small = Call(
            version3, held, 1, (3,), (1,), False, Call(ORDERED), Named("torch", "uint16"), None
        )
        plain = Named("torch._tensor", "_rebuild_from_type_v2")
        inner = (storage("1", count=4), 0, (4,), (1,), False, Call(ORDERED))
        noted = Call(plain, REBUILD, Named("torch", "Tensor"), inner, {"note": "hi"})
        made = Named("torch._utils", "_rebuild_parameter")
        size = Call(Named("torch", "Size"), (4,))
        sized = Call(REBUILD, storage("1", count=4), 0, size, (1,), False, Call(ORDERED))
        content = {"a": small, "b": noted, "c": Call(made, sized, True, Call(ORDERED))}
        write_zip(path, content, {"0": np.arange(4, dtype="<u2").tobytes(), "1": B.tobytes()})
        check_same(load_pth(path), {"a": np.array([1, 2, 3], "u2"), "b": B, "c": B})

    def test_among_other_things(self, write, path):
        content, storages = state_dict(ARRAYS)
        write({"epoch": 3, "state_dict": content, "arch": "vgg", "lr": 0.1}, storages)
        check_same(load_pth(path), ARRAYS)
        check_same(load_pth(path, "state_dict"), ARRAYS)
        with pytest.raises(ValueError, match="expected a dict under the key 'model', got 'epoch',"):
            load_pth(path, "model")

    def test_memory_is_that_of_the_tensors(self, write, path):
        write(*state_dict({"a": np.zeros(1 << 20, "f4"), "b": np.zeros((1 << 10, 1 << 10), "f4")}))
        assert peak_of(lambda: load_pth(path)) < path.stat().st_size + (3 << 19)


T = tensor("0", B)
GOOD = {"0": B.tobytes()}


def turned(shape=(4,), strides=(1,), offset=0, held=None):
    return Call(
        REBUILD, held or storage("0", count=4), offset, shape, strides, False, Call(ORDERED)
    )


class TestHostile:
    def refused(self, path, match, limit=1 << 19):
        def load():
            with pytest.raises(ValueError, match=match) as caught:
                load_pth(path)
            assert str(caught.value).startswith(f"load_pth: {str(path)!r}")
            assert len(str(caught.value)) < 800

        assert peak_of(load) < limit

    @pytest.mark.parametrize(
        "function", ["os system", "posix system", "builtins eval", "torch.hub load", "torch load"]
    )
    def test_code_is_not_run(self, write, path, tmp_path, function):
        flag = tmp_path / "ran"
        write({"w": Call(Named(*function.split()), f"touch {flag}")}, GOOD)
        name = function.replace(" ", ".")
        self.refused(path, f"got '{name}' in it, which only the program .* Nothing was run")
        assert not flag.exists()

    @pytest.mark.parametrize("before", [False, True])
    def test_code_anywhere_in_the_older_layout(self, path, before):
        evil = dumps(Call(Named("os", "system"), "exit 1"))
        good = [dumps(MAGIC), dumps(PROTOCOL), dumps({"little_endian": True}), dumps({"w": T})]
        path.write_bytes(b"".join([evil] if before else [*good, evil]))
        self.refused(path, "got 'os.system' in it")

    def test_whole_models(self, write, path):
        write(Call(Named("torch.nn.modules.linear", "Linear"), 3, 4), GOOD)
        self.refused(path, "got 'torch.nn.modules.linear.Linear' .* save the state_dict.. alone")

    @pytest.mark.parametrize(
        ("value", "match"),
        [
            (
                turned((2**40, 2**40), (2**40, 1)),
                "expected tensors within their storages, got one of sh",
            ),
            (turned(shape=(2**62,), strides=(0,)), "expected tensors within their storages"),
            (turned(strides=(-1,), offset=3), "expected a tensor with a storage, offset, shape"),
            (turned(strides=(2,)), "within their storages"),
            (turned(offset=1), "within their storages"),
            (turned(shape=[4]), "expected a tensor with a storage"),
            (turned(held=3), "expected a tensor with a storage"),
            (Call(REBUILD), "expected a tensor with a storage"),
            (Call(Named("torch", "FloatStorage")), "got an object of torch.FloatStorage"),
            (Call(PARAMETER, 3), "expected a tensor in a Parameter, got 3"),
            (Call(ORDERED, [["a", 1], ["b"]]), "expected a dict of .name, value., got another"),
            (storage("0", "float32", -1), "expected a class, a key and a size of each storage"),
            (storage(0), "expected a class, a key and a size"),
            (storage("0", "float32", 4, 3), "expected a part of a storage, got 3"),
            (storage("0", "float32", 4, ("p", 2, 3)), "expected a part of 4 elements, got one up"),
            (storage("0", "float32", 4, ("p", -1, 3)), "expected a part of a storage, got no si"),
            ([turned(), storage("0", "float64", 4)], "expected one size of the storage '0', got"),
        ],
    )
    def test_tensors(self, write, path, value, match):
        write({"w": T, "v": value}, GOOD)
        self.refused(path, match)

    @pytest.mark.parametrize(
        ("version", "between"), [("_rebuild_tensor_v2", ()), ("_rebuild_tensor_v3", (FLOAT,))]
    )
    def test_views_whose_values_are_not_in_the_storage(self, write, path, version, between):
        place = storage("0", count=4), 0, (4,), (1,), False, Call(ORDERED), *between
        for views in ({"conj": True}, {"neg": True}):
            write({"w": Call(Named("torch._utils", version), *place, views)}, GOOD)
            self.refused(path, "got a conjugate or negative view. Save tensor.clone")
        write({"w": Call(Named("torch._utils", version), *place, {})}, GOOD)
        check_same(load_pth(path), {"w": B})

    def test_other_references(self, write, path):
        held = storage("0")
        held.saved = ("module", Named("torch", "Size"), "x.py", "code")
        write({"w": turned(held=held)}, GOOD)
        self.refused(path, "expected references to storages, got a tuple")

    @pytest.mark.parametrize(
        ("function", "kind", "arguments", "match"),
        [
            (REBUILD, Named("torch", "Size"), (), "expected plain tensors, got an object of torch"),
            (Named("torch", "Size"), PARAMETER, (), "expected plain tensors"),
            ([], {}, (), "expected plain tensors, got an object of a dict"),
            (REBUILD, PARAMETER, [], "expected arguments of a tensor, got a list"),
        ],
    )
    def test_subclasses(self, path, function, kind, arguments, match):
        made = Named("torch._tensor", "_rebuild_from_type_v2")
        write_zip(path, {"w": Call(made, function, kind, arguments, {})}, GOOD)
        self.refused(path, match)

    def test_dtypes_that_numpy_has_not(self, path):
        version3 = Named("torch._utils", "_rebuild_tensor_v3")
        for kind, shown in ((3, "3"), (Named("torch", "Size"), "torch.Size")):
            t = Call(version3, storage("0"), 0, (1,), (1,), False, Call(ORDERED), kind)
            write_zip(path, {"w": t}, GOOD)
            self.refused(path, f"expected a dtype that NumPy has, got {shown}")

    @pytest.mark.parametrize("data", [b"", B.tobytes()[:-1], B.tobytes() * 2])
    def test_storages_of_another_size(self, write, path, data):
        write({"w": T}, {"0": data})
        self.refused(path, "expected 16 bytes, got|expected storages up to|of 4 elements, got one")

    def test_a_storage_that_is_not_there(self, write, path):
        write({"w": T}, {})
        self.refused(path, "expected the member 'archive/data/0'|expected data for the storage '0'")

    def test_storages_that_overlap_the_whole_file_many_times(self, write, path):
        many = {str(i): turned((3, 2), (1, i + 1), held=storage("0", count=64)) for i in range(32)}
        write(many, {"0": bytes(256)})
        assert len(load_pth(path, max_bytes=1 << 20)) == 32
        with pytest.raises(
            ValueError, match="expected at most 700 bytes of tensors, got 768: they"
        ):
            load_pth(path, max_bytes=700)

    def test_a_list_that_is_named_again_and_again(self, path):
        """Each mention would make a dict of it: a megabyte would become hundreds of gigabytes."""
        pairs = [["k", 1]] * 5000
        code = (
            b"(" + dumps(pairs)[2:-1] + b"q\x00" + b"ccollections\nOrderedDict\nh\x00\x85R" * 5000
        )
        write_zip(path, b"\x80\x02" + code + b"t.", {})
        self.refused(path, "got hardly anything but empty objects", limit=8 << 20)

    @pytest.mark.parametrize("damage", [b"]" * (1 << 18), b"N" + b"\x94" * (1 << 18)])
    def test_bombs(self, write, path, damage):
        write(damage, GOOD)
        self.refused(path, "got hardly anything but empty objects", limit=16 << 20)

    def test_a_pickle_longer_than_any_honest_one(self, path, monkeypatch):
        monkeypatch.setattr(torchfile, "MAX_PICKLE", 200)
        write_zip(path, *state_dict(ARRAYS))
        self.refused(path, "expected at most 200 bytes")
        write_legacy(path, *state_dict(ARRAYS))
        self.refused(path, "damaged or cut off")


class TestZips:
    refused = TestHostile.refused

    def test_compressed_ones(self, path):
        write_zip(path, *state_dict({"x": np.zeros(1 << 20, "f4")}), method=zipfile.ZIP_DEFLATED)
        self.refused(path, "expected it stored, got it compressed")

    def test_programs(self, path):
        write_zip(path, *state_dict(ARRAYS), more={"constants.pkl": b"x"})
        self.refused(path, "expected a state dict, got a TorchScript program")

    def test_none_or_two_pickles(self, path):
        with zipfile.ZipFile(path, "w") as target:
            target.writestr("a.txt", b"x")
        self.refused(path, "expected one member NAME/data.pkl, as torch writes, got 0")
        with zipfile.ZipFile(path, "w") as target:
            target.writestr("a/data.pkl", dumps({}))
            target.writestr("b/data.pkl", dumps({}))
        self.refused(path, "as torch writes, got 2")

    def test_another_byte_order(self, path):
        write_zip(path, *state_dict(ARRAYS), more={"byteorder": b"middle"})
        self.refused(path, "expected little or big, got b'middle'")

    def test_members_that_overlap(self, path):
        write_zip(path, *state_dict({"x": np.zeros(1000, "f4"), "y": np.zeros(1000, "f4")}))
        data = path.read_bytes()
        # The directory's entry of data/1 is made to point at the bytes of data/0.
        first, second = (data.index(b"archive/data/" + key) - 30 for key in (b"0", b"1"))
        entry = data.rindex(b"archive/data/1") - 46
        data = data[: entry + 42] + first.to_bytes(4, "little") + data[entry + 46 :]
        path.write_bytes(data[:second] + data[second + 4044 :])
        self.refused(path, "load_pth: ")


class TestOlderLayout:
    refused = TestHostile.refused

    @pytest.mark.parametrize(
        ("data", "match"),
        [
            (b"", "got neither; it begins b''"),
            (b"hello", "got neither; it begins b'hello'"),
            (b"x" * 257 + b"ustar\x0000" + bytes(300), "got a tar of the first months of torch"),
            (dumps({"w": 1}), "expected a file of torch.save, got another pickle"),
            (dumps(MAGIC) + dumps(1000), "expected a file of torch.save, got another pickle"),
            (dumps(MAGIC) + dumps(PROTOCOL) + dumps(3), "expected a file of a little-endian"),
            (dumps(MAGIC) + dumps(PROTOCOL) + dumps({"little_endian": False}), "little-endian"),
        ],
    )
    def test_other_files(self, path, data, match):
        path.write_bytes(data)
        self.refused(path, match)

    @pytest.mark.parametrize(
        ("keys", "match"),
        [
            (3, "expected a list of the storages, got 3"),
            (["1"], "expected each storage once in its list"),
            (["0", "0"], "expected each storage once in its list"),
            ([["0"]], "expected each storage once in its list"),
        ],
    )
    def test_lists_of_storages(self, path, keys, match):
        write_legacy(path, {"w": T}, {})
        data = path.read_bytes()
        path.write_bytes(data[: -len(dumps([]))] + dumps(keys))
        self.refused(path, match)

    def test_a_size_that_the_file_has_not(self, path):
        content = {"w": turned((2**40,), held=storage("0", count=2**40))}
        write_legacy(path, content, GOOD, sizes={"0": 2**40})
        self.refused(path, "expected storages up to byte 4398046511")


def test_missing_file(path):
    with pytest.raises(FileNotFoundError):
        load_pth(path)


def test_truncation(write, path):
    write(*state_dict(ARRAYS))
    data = path.read_bytes()
    for length in range(0, len(data), 13):
        path.write_bytes(data[:length])
        with pytest.raises(ValueError, match="load_pth: "):
            load_pth(path)


@pytest.mark.slow
@settings(max_examples=80, deadline=None)
@given(st.data())
def test_random_damage(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("fuzz") / "w"
    data.draw(st.sampled_from([write_zip, write_legacy]))(path, *state_dict({"w": W, "b": B}))
    survives(data, path, load_pth)

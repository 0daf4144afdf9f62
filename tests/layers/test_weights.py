"""`.npz` weights: strict, all or nothing, on any device, from old files and hostile ones."""

import pickle  # noqa: TID251 - users pickle models; the library does not
import zipfile

import numpy as np
import pytest

from dezero.core import Parameter
from dezero.io import save_arrays
from dezero.io.npz import load_npz, save_npz
from dezero.layers import Buffer, Layer, LayerNorm, Linear, assign_weights, weight_arrays
from dezero.models import MLP, Sequential
from tests.io.memory import peak_of
from tests.io.pickles import Call, Named, state_dict, write_legacy, write_zip
from tests.strict_device import strict_device


def built(*sizes, inputs=4):
    model = MLP(sizes)
    model.build(inputs)
    return model


def values(model):
    return {path: p.data.copy() for path, p in model.named_params()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.npz"


class TestRoundTrip:
    def test_names_are_the_books(self, path):
        built(3, 2).save_weights(path)
        with np.load(path) as file:
            assert sorted(file.files) == ["l0/W", "l0/b", "l1/W", "l1/b"]

    def test_a_file_of_upstream_loads(self, path):
        rng = np.random.default_rng(0)
        W, b = rng.standard_normal((4, 3)), rng.standard_normal(3)
        np.savez_compressed(path, **{"l0/W": W, "l0/b": b})
        model = MLP([3])
        model.load_weights(path)
        assert model.l0.W.dtype == np.float32 and model.l0.in_size == 4
        np.testing.assert_array_equal(model.l0.W.data, W.astype("f4"))

    def test_the_path_is_taken_as_it_is(self, tmp_path):
        model = built(3)
        model.save_weights(tmp_path / "my weights")
        assert [p.name for p in tmp_path.iterdir()] == ["my weights"]
        model.load_weights(tmp_path / "my weights")

    @pytest.mark.parametrize("name", ["w.safetensors", "w.dz", "w.npz"])
    def test_every_kind_that_is_written(self, tmp_path, name):
        model, again = built(3, 2), MLP((3, 2))
        model.save_weights(tmp_path / name)
        again.load_weights(tmp_path / name)
        for path, value in values(model).items():
            np.testing.assert_array_equal(values(again)[path], value)

    def test_the_weights_of_a_saved_model(self, tmp_path):
        model, again = built(3, 2), MLP((3, 2))
        model.compile("adam", "mse")
        model.fit(np.ones((4, 4), "f4"), np.ones((4, 2), "f4"), verbose=0)
        model.save(tmp_path / "m.dz")
        again.load_weights(tmp_path / "m.dz")
        np.testing.assert_array_equal(again.l1.W.data, model.l1.W.data)

    def test_torchs_files_are_read_only(self, tmp_path):
        with pytest.raises(ValueError, match="expected a file other than torch's own"):
            built(3).save_weights(tmp_path / "w.pth")

    def test_no_bias_saves_none(self, path):
        layer = Linear(3, nobias=True, in_size=2)
        layer.save_weights(path)
        assert list(load_npz(path)) == ["W"]

    def test_buffers_travel(self, path):
        layer = Layer()
        layer.W = Parameter(np.ones(2))
        layer.add_buffer("steps", np.array(7))
        outer = Sequential(layer)
        outer.save_weights(path)
        layer.steps, layer.W.data = np.array(0), np.zeros(2)
        outer.load_weights(path)
        assert layer.steps == 7 and layer.W.data.all()

    def test_buffers_without_shape_take_that_of_the_file(self, path):
        class Counting(Layer):
            def __init__(self):
                self.mean, self.size = Buffer(None), None

            def lazy_spec(self, name):
                return ("size",), np.float32

            def weights_loaded(self):
                self.size = self.mean.size

        save_npz(path, {"l0/mean": np.ones(3)})
        model = Sequential(Counting())
        mean = model.l0.mean
        model.load_weights(path)
        assert model.l0.mean is mean and mean.dtype == np.float32 and model.l0.size == 3
        save_npz(path, {"l0/mean": np.ones((3, 1))})
        for either in (model, Sequential(Counting())):
            with pytest.raises(ValueError, match=r"l0/mean of shape \(3, 1\) instead of \("):
                either.load_weights(path)

    def test_a_shared_layer_is_written_once(self, path):
        shared = Linear(4, in_size=4)
        model = Sequential(shared, shared)
        model.save_weights(path)
        assert sorted(load_npz(path)) == ["l0/W", "l0/b"]
        model.load_weights(path)

    def test_the_file_and_the_model_share_no_memory(self):
        model = built(3)
        arrays = dict(weight_arrays("test", model))
        assign_weights("test", model, arrays)
        arrays["l0/W"][...] = 9
        assert not (model.l0.W.data == 9).any()

    @pytest.mark.parametrize("name", ["w.npz", "w.safetensors", "w.pth"])
    def test_memory_is_that_of_the_weights(self, tmp_path, name):
        arrays = {"W": np.zeros((1000, 1000), "f4"), "b": np.zeros(1000, "f4")}
        if name == "w.pth":
            write_zip(tmp_path / name, *state_dict(arrays))
        else:
            save_arrays(tmp_path / name, arrays)
        layer = Linear(1000)
        assert peak_of(lambda: layer.load_weights(tmp_path / name)) < 6_500_000
        assert layer.W.data.flags.c_contiguous and layer.W.data.flags.writeable

    def test_two_names_of_one_tensor_become_two_parameters(self, tmp_path):
        content, storages = state_dict({"l0.weight": np.ones((3, 3), "f4")})
        content["l1.weight"] = content["l0.weight"]
        write_zip(tmp_path / "w.pth", content, storages)
        model = Sequential(Linear(3, nobias=True), Linear(3, nobias=True))
        model.load_weights(tmp_path / "w.pth")
        model.l0.W.data[...] = 0
        assert model.l1.W.data.all()

    def test_layers_that_keep_what_they_have(self):
        model = built(3, 2)
        before = values(model)
        arrays = {"l0/W": np.zeros((4, 3)), "l0/b": np.ones(3)}
        assign_weights("test", model, arrays, keep=["l1"])
        assert not model.l0.W.data.any()
        np.testing.assert_array_equal(model.l1.W.data, before["l1/W"])
        with pytest.raises(ValueError, match="missing l1/W; missing l1/b; unknown l0/W"):
            assign_weights("test", model, arrays, keep=["l0"])

    def test_a_later_call_goes_on(self, path):
        built(3, 2).save_weights(path)
        model = MLP((3, 2))
        model.load_weights(path)
        assert model(np.ones((5, 4), "f4")).shape == (5, 2)


class TestDtypesAndDevices:
    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
    def test_the_parameter_keeps_its_dtype(self, path, dtype):
        save_npz(path, {"W": np.ones((2, 3), "f8"), "b": np.ones(3, "f2")})
        for layer in (Linear(3, dtype=dtype), Linear(3, dtype=dtype, in_size=2)):
            layer.load_weights(path)
            assert layer.W.dtype == layer.b.dtype == dtype and layer.W.data.all()

    def test_a_model_on_a_device_stays_there(self, path):
        with strict_device() as device:
            model = MLP((3, 2))
            model.build(4)
            for param in model.params():
                param.data = device.from_host(param.data)
            model.save_weights(path)
            assert all(isinstance(p.data, device.array_types) for p in model.params())
            model.load_weights(path)
            assert all(isinstance(p.data, device.array_types) for p in model.params())

    def test_parameters_without_shape_join_the_others_on_their_device(self, path):
        built(3, 2).save_weights(path)
        with strict_device() as device:
            model = MLP((3, 2))
            for layer in model.layers:
                layer.b.data = device.from_host(layer.b.data)
            model.load_weights(path)
            assert all(isinstance(p.data, device.array_types) for p in model.params())


class TestOtherArchitectures:
    def refused(self, model, arrays, path):
        save_npz(path, arrays)
        before = values(model) if model.l0.W.data is not None else None
        with pytest.raises(ValueError) as caught:
            model.load_weights(path)
        if before is not None:
            for name, value in values(model).items():
                np.testing.assert_array_equal(value, before[name])
        else:
            assert model.l0.W.data is None
        return str(caught.value)

    def test_one_error_lists_everything(self, path):
        arrays = {
            "l0/W": np.ones((5, 3)),
            "l1/W": np.ones((3, 2), "i4"),
            "l1/b": np.ones((2, 1)),
            "l2/W": np.ones(1),
        }
        assert self.refused(built(3, 2), arrays, path) == (
            "load_weights: expected the weights of this MLP, got missing l0/b; unknown l2/W; "
            "l0/W of shape (5, 3) instead of (4, 3); l1/W of dtype int32 instead of float32; "
            "l1/b of shape (2, 1) instead of (2,). "
            "Nothing was loaded: build the model that saved them."
        )

    def test_a_model_without_shapes_knows_what_it_can(self, path):
        text = self.refused(MLP([3]), {"l0/W": np.ones((5, 4)), "l0/b": np.ones(3)}, path)
        assert "l0/W of shape (5, 4) instead of (in_size, 3)" in text
        text = self.refused(MLP([3]), {"l0/W": np.ones(3), "l0/b": np.ones(3)}, path)
        assert "l0/W of shape (3,) instead of (in_size, 3)" in text
        text = self.refused(MLP([3]), {"l0/W": np.ones((2, 3), "?"), "l0/b": np.ones(3)}, path)
        assert "l0/W of dtype bool instead of float32" in text

    def test_sizes_not_known_yet_must_agree(self, path):
        save_npz(path, {"gamma": np.ones(3), "beta": np.ones(4)})
        layer = LayerNorm()
        with pytest.raises(ValueError, match=r"beta of shape \(4,\) instead of \(size,\)"):
            layer.load_weights(path)
        assert layer.gamma.data is None and layer.size is None

    def test_a_parameter_of_ones_own_without_shape_takes_any(self, path):
        save_npz(path, {"W": np.ones((2, 3))})
        layer = Layer()
        layer.W = Parameter(None)
        layer.load_weights(path)
        assert layer.W.shape == (2, 3) and layer.W.dtype == np.float64
        save_npz(path, {"W": np.ones(2, int)})
        layer.W = Parameter(None)
        with pytest.raises(ValueError, match="W of dtype int64 instead of floating"):
            layer.load_weights(path)

    def test_a_buffer_keeps_its_kind(self, path):
        layer = Layer()
        layer.add_buffer("steps", np.array(7))
        save_npz(path, {"steps": np.array(1.5)})
        with pytest.raises(ValueError, match="steps of dtype float64 instead of int64"):
            layer.load_weights(path)


class TestSaving:
    def test_a_model_without_shapes(self, path):
        with pytest.raises(RuntimeError) as caught:
            MLP((3, 2)).save_weights(path)
        assert str(caught.value) == (
            "save_weights: expected parameters that have their shapes, got none yet for l0/W, "
            "l1/W. Call the model once, or build(input_shape)."
        )
        assert not path.exists()

    def test_a_buffer_without_data(self, path):
        layer = Layer()
        layer.mean = Buffer(None)
        with pytest.raises(RuntimeError, match="got none yet for mean. Call the model once"):
            layer.save_weights(path)

    def test_keys_that_read_alike(self, path):
        layer = Layer()
        layer.d = {1: Parameter(np.ones(1)), "1": Parameter(np.zeros(1))}
        with pytest.raises(ValueError, match="got two parameters called 'd/1'"):
            layer.save_weights(path)

    def test_keys_that_lead_out_of_the_file(self, path):
        layer = Layer()
        layer.d = {"..": Parameter(np.ones(1))}
        with pytest.raises(ValueError, match=r"'d/\.\.'"):
            layer.save_weights(path)

    def test_an_old_file_survives_a_failure(self, path):
        built(3).save_weights(path)
        before = path.read_bytes()
        with pytest.raises(RuntimeError):
            MLP((3, 2)).save_weights(path)
        assert path.read_bytes() == before


class TestHostileFiles:
    def test_no_file(self, path):
        with pytest.raises(FileNotFoundError):
            built(3).load_weights(path)

    def test_no_zip(self, path):
        path.write_bytes(b"hello")
        with pytest.raises(ValueError, match=r"load_npz: .*weights\.npz"):
            built(3).load_weights(path)

    def test_pickled_objects(self, path):
        np.savez(path, **{"l0/W": np.array([object()], dtype=object)})
        with pytest.raises(ValueError, match="l0/W"):
            built(3).load_weights(path)

    def test_a_header_that_declares_terabytes(self, path):
        header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1250000000000,), }"
        header += b" " * (117 - len(header)) + b"\n"
        member = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
        with zipfile.ZipFile(path, "w") as target:
            target.writestr("l0/W.npy", member)
        with pytest.raises(ValueError, match=r"l0/W\.npy"):
            built(3).load_weights(path)

    HUGE = b'{"l0/W":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}'

    @pytest.mark.parametrize(
        ("name", "data"),
        [
            ("w.safetensors", len(HUGE).to_bytes(8, "little") + HUGE),
            ("w.safetensors", (1 << 62).to_bytes(8, "little") + b"{}"),
            ("w.dz", b"PK\x05\x06" + bytes(18)),
            ("w.pth", b"\x80\x02cos\nsystem\nX\x06\x00\x00\x00exit 1\x85R."),
            ("w.pth", b"\x80\x02" + b"]" * 5000),
            ("w.npz", b"PK\x03\x04"),
        ],
    )
    def test_one_error_and_no_memory(self, tmp_path, name, data):
        model = built(3)
        before = values(model)
        (tmp_path / name).write_bytes(data)

        def load():
            with pytest.raises(ValueError):
                model.load_weights(tmp_path / name)

        assert peak_of(load) < 1 << 20
        for path, value in values(model).items():
            np.testing.assert_array_equal(value, before[path])

    @pytest.mark.parametrize("write", [write_zip, write_legacy])
    def test_code_in_a_file_of_torch(self, tmp_path, write):
        content, storages = state_dict({"l0.weight": np.ones((3, 4), "f4")})
        content["l0.bias"] = Call(Named("os", "system"), f"touch {tmp_path}/ran")
        write(tmp_path / "w.pth", content, storages)
        with pytest.raises(ValueError, match="got 'os.system' in it"):
            built(3).load_weights(tmp_path / "w.pth")
        assert [p.name for p in tmp_path.iterdir()] == ["w.pth"]


class TestFaultsOfUpstream:
    """Numbered as in the list of what was found in it."""

    def test_fault_15_wrong_shapes_were_loaded(self, path):
        np.savez_compressed(path, **{"l0/W": np.ones((3, 4)), "l0/b": np.ones(3)})
        with pytest.raises(ValueError, match=r"l0/W of shape \(3, 4\) instead of \(4, 3\)"):
            built(3).load_weights(path)

    def test_fault_38_weights_without_shape_were_written_as_pickles(self, path):
        with pytest.raises(RuntimeError, match="none yet for l0/W"):
            MLP([3]).save_weights(path)
        assert not path.exists()

    def test_fault_38_a_path_without_npz_could_not_be_read_back(self, tmp_path):
        model, again = built(3), MLP([3])
        model.save_weights(tmp_path / "weights")
        again.load_weights(tmp_path / "weights")
        np.testing.assert_array_equal(again.l0.W.data, model.l0.W.data)
        np.savez_compressed(tmp_path / "theirs", **values(model))  # writes theirs.npz
        again = MLP([3])
        again.load_weights(tmp_path / "theirs")
        np.testing.assert_array_equal(again.l0.W.data, model.l0.W.data)

    def test_fault_39_a_used_layer_could_not_be_pickled(self):
        model = built(3)
        y = model(np.ones((1, 4), "f4"))
        assert model.l0.outputs[0]() is y
        again = pickle.loads(pickle.dumps(model))  # noqa: S301
        np.testing.assert_array_equal(again(np.ones((1, 4), "f4")).data, y.data)

    def test_fault_50_saving_moved_the_model_to_the_cpu(self, path):
        with strict_device() as device:
            model = built(3)
            for param in model.params():
                param.data = device.from_host(param.data)
            model.save_weights(path)
            assert all(isinstance(p.data, device.array_types) for p in model.params())

    def test_fault_51_pickles_were_run(self, path):
        np.savez(path, **{"l0/W": np.array([object()], dtype=object)})
        with pytest.raises(ValueError, match="they could run code"):
            built(3).load_weights(path)

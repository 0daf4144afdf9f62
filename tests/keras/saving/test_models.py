import io
import json
import signal
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dezero import keras

h5py = pytest.importorskip("h5py", reason="Keras's files need the extra 'keras'")
RECORDED = Path(__file__).parents[1] / "recorded"
VALUES = np.load(RECORDED / "files.npz")
L = keras.layers
load = keras.models.load_model


def inputs(name):
    x = VALUES["x"]
    return [x[:, 0], x[:, 1]] if name == "graph" else x


@pytest.mark.parametrize("file", ["files_row.keras", "files_row.h5", "files_graph.keras"])
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_models_of_keras_are_read_and_written_again(tmp_path, file, ending):
    name = file[6:].partition(".")[0]
    model = load(RECORDED / file)
    assert model.name == name
    model.save(tmp_path / f"m{ending}")
    for one in (model, load(tmp_path / f"m{ending}")):
        y = one.predict(inputs(name), verbose=0)
        np.testing.assert_allclose(y, VALUES[name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_real_keras_reads_what_is_written(tmp_path, ending):
    real = pytest.importorskip("keras", reason="an oracle")
    for name in ("row", "graph"):
        load(RECORDED / f"files_{name}.keras").save(tmp_path / f"m{ending}")
        y = real.models.load_model(tmp_path / f"m{ending}").predict(inputs(name), verbose=0)
        np.testing.assert_allclose(y, VALUES[name], rtol=1e-5, atol=1e-6)


def test_a_class_of_your_own_is_only_taken_from_the_caller(tmp_path):
    class Double(L.Layer):
        def call(self, x):
            return x * 2

    model = keras.Sequential([L.Input((3,)), Double(), L.Dense(2)])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="Double"):
        load(tmp_path / "m.keras")
    again = load(tmp_path / "m.keras", custom_objects={"Double": Double})
    x = np.ones((1, 3), "f4")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


def test_what_cannot_be_saved_is_refused_and_leaves_no_file(tmp_path):
    class Net(keras.Model):
        def call(self, x):
            return x

    net = Net()
    net.build((None, 3))
    code = keras.Sequential([L.Input((3,)), L.Lambda(lambda x: x)])
    for model, error in ((net, TypeError), (code, TypeError), (keras.Sequential(), ValueError)):
        with pytest.raises(error):
            model.save(tmp_path / "m.keras")
    assert not list(tmp_path.iterdir())


def test_an_old_file_stays_where_it_is_not_to_be_replaced(tmp_path):
    model = load(RECORDED / "files_graph.keras")
    (tmp_path / "m.keras").write_bytes(b"old")
    with pytest.raises(FileExistsError, match="overwrite"):
        model.save(tmp_path / "m.keras", overwrite=False)
    assert (tmp_path / "m.keras").read_bytes() == b"old"
    model.save(tmp_path / "m.dz")
    assert zipfile.is_zipfile(tmp_path / "m.dz")


def packed(path, **members):
    """Write a copy of a recorded model with other members, None to leave one out."""
    with zipfile.ZipFile(RECORDED / "files_graph.keras") as old, zipfile.ZipFile(path, "w") as new:
        data = {info.filename: old.read(info) for info in old.infolist()}
        for name, value in (data | members).items():
            if value is not None:
                new.writestr(name, value, zipfile.ZIP_DEFLATED)
    return path


def shape_bomb():
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        group = file.create_group("layers/dense/vars")
        group.create_dataset("0", (3, 2), "f4", chunks=(1, 1), compression="gzip")
        group.create_dataset("1", (1 << 50,), "f4", chunks=(1024,), compression="gzip")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "members",
    [
        {"config.json": None},
        {"config.json": b"{"},
        {"config.json": b"[" * 100_000},
        {"config.json": b"[1]"},
        {"model.weights.h5": None},
        {"model.weights.h5": b"no HDF5"},
        {"model.weights.h5": shape_bomb()},
        {"../outside": b"x"},
        {"/etc/outside": b"x"},
        {"config.json": b" " * (100 << 20)},
    ],
    ids=range(10),
)
def test_hostile_files_are_refused(tmp_path, members):
    with pytest.raises(ValueError, match="load_model: "):
        load(packed(tmp_path / "m.keras", **members))
    assert [p.name for p in tmp_path.iterdir()] == ["m.keras"]


def test_a_file_of_weights_is_no_model():
    with pytest.raises(ValueError, match="load_weights"):
        load(RECORDED / "files_row.weights.h5")


def test_a_model_config_that_is_no_json_is_refused(tmp_path):
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential"})
    with pytest.raises(ValueError, match="config"):
        load(tmp_path / "m.h5")


def test_scores_of_attention_are_an_output_of_the_file(tmp_path):
    a, b = L.Input((6, 4)), L.Input((5, 4))
    y, scores = L.MultiHeadAttention(2, 3, use_gate=True)(a, b, return_attention_scores=True)
    model = keras.Model([a, b], [y, scores])
    assert model.output_shape == [(None, 6, 4), (None, 2, 6, 5)]
    model.save(tmp_path / "m.keras")
    x = np.random.default_rng(0).normal(size=(2, 11, 4)).astype("f4")
    for old, new in zip(
        model.predict([x[:, :6], x[:, 6:]], verbose=0),
        load(tmp_path / "m.keras").predict([x[:, :6], x[:, 6:]], verbose=0),
        strict=True,
    ):
        np.testing.assert_array_equal(old, new)


class Twice(L.Layer):
    def call(self, x):
        return x * 2


class Cell(L.Layer):
    def __init__(self, units=2, **options):
        super().__init__(**options)
        self.units = self.state_size = self.output_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight("kernel", (input_shape[-1], self.units))

    def call(self, x, states):
        h = x @ self.kernel + states[0]
        return h, [h]

    def get_config(self):
        return super().get_config() | {"units": self.units}


def bent(x):
    return x * x


WITHIN = {
    "TimeDistributed": lambda: [L.Input((4, 3)), L.TimeDistributed(Twice())],
    "RNN": lambda: [L.Input((4, 3)), L.RNN(Cell(2))],
    "Sequential": lambda: [L.Input((3,)), keras.Sequential([L.Input((3,)), Twice()])],
    "activation": lambda: [L.Input((3,)), L.Dense(2, activation=bent), L.Activation(bent)],
}


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("name", WITHIN)
def test_classes_of_your_own_within_others(tmp_path, name, ending):
    model = keras.Sequential(WITHIN[name]())
    model.save(tmp_path / f"m{ending}")
    with pytest.raises(ValueError, match="Twice|Cell|bent"):
        load(tmp_path / f"m{ending}")
    own = {"Twice": Twice, "Cell": Cell, "bent": bent}
    with keras.saving.custom_object_scope(own):
        again = load(tmp_path / f"m{ending}")
    x = np.random.default_rng(0).random((2, *model.input_shape[1:]), "f4")
    for one in (again, load(tmp_path / f"m{ending}", own)):
        np.testing.assert_array_equal(one.predict(x, verbose=0), model.predict(x, verbose=0))


def test_old_spellings_of_save(tmp_path):
    model = keras.Sequential([L.Input((3,)), L.Dense(2)])
    model.save(str(tmp_path / "m"), save_format="h5")
    assert load(tmp_path / "m.h5").count_params() == 8
    model.save(tmp_path / "n.keras", save_format="keras")
    for words in ({"save_format": "tf"}, {}):
        with pytest.raises(ValueError, match="SavedModel"):
            model.save(tmp_path / "folder", **words)
    with pytest.raises(ValueError, match=r"\.dz"):
        model.save(tmp_path / "m.onnx")
    with pytest.raises(ValueError, match="folder"):
        load(tmp_path)
    with pytest.raises(ValueError, match="built"):
        keras.Sequential([L.Dense(2)]).save(tmp_path / "m.keras")
    keras.models.save_model(model, tmp_path / "m.keras")
    with pytest.raises(FileExistsError):
        keras.models.save_model(model, tmp_path / "m.keras", overwrite=False)


def test_files_of_dezero_itself(tmp_path):
    from dezero import layers, models

    model = models.Sequential(layers.Linear(2, in_size=3))
    models.save_model(model, tmp_path / "m.dz")
    x = np.ones((1, 3), "f4")
    np.testing.assert_array_equal(load(tmp_path / "m.dz")(x).data, model(x).data)


def test_a_program_that_is_killed_leaves_the_old_file(tmp_path):
    path = tmp_path / "m.keras"
    keras.Sequential([L.Input((3,)), L.Dense(2)]).save(path)
    before = path.read_bytes()
    script = (
        "import os, signal\n"
        "from dezero import keras\n"
        "os.fsync = lambda number: os.kill(os.getpid(), signal.SIGKILL)\n"
        "keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(9)])"
        f".save({str(path)!r})\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    assert load(path).count_params() == 8


def test_weights_are_not_made_before_they_are_known_to_fit(tmp_path):
    path = packed(tmp_path / "m.keras")
    with zipfile.ZipFile(path) as archive:
        config = json.loads(archive.read("config.json"))
    dense = next(x for x in config["config"]["layers"] if x["class_name"] == "Dense")
    dense["config"]["units"] = 10**11
    with pytest.raises(ValueError, match="beyond"):
        load(packed(path, **{"config.json": json.dumps(config)}))


@pytest.mark.parametrize("about", [b"[]", b"{", b"\xff"])
def test_damaged_metadata(tmp_path, about):
    with pytest.raises(ValueError, match="load_model: "):
        load(packed(tmp_path / "m.keras", **{"metadata.json": about}))


@pytest.mark.parametrize("version", ["2.15.0", "3.0.0", None])
def test_hard_sigmoid_is_what_it_was_when_the_file_was_written(tmp_path, version):
    model = keras.Sequential([L.Input((3,)), L.Activation("hard_sigmoid")])
    model.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        del file.attrs["keras_version"]
        if version:
            file.attrs["keras_version"] = version.encode()
    y = load(tmp_path / "m.h5").predict(np.ones((1, 3), "f4"), verbose=0)
    np.testing.assert_allclose(y, 0.7 if version == "2.15.0" else 4 / 6, 1e-6)

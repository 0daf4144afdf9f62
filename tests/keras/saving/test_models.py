import io
import json
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

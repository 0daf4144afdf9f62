import json
import zipfile

import numpy as np
import pytest

from dezero import keras
from dezero.keras.saving.operations import from_keras

pytest.importorskip("h5py", reason="Keras's files need the extra 'keras'")
L = keras.layers
X = np.random.default_rng(0).random((2, 3, 3)).astype("f4") + 1


def outputs(a, b):
    return {
        "add": a + b,
        "sub": 1 - a,
        "mul": a * 2.0,
        "div": 1.0 / b,
        "divided": a / b,
        "pow": a**2,
        "neg": -a,
        "matmul": a @ b,
        "array": a + np.array([1.0, 2.0, 3.0], "f4"),
        "item": a[:, 0],
        "step": a[:, ::2, -1],
        "dots": a[..., 1:],
        "new": a[:, None],
    }


def model_of(library, name):
    a, b = library.layers.Input((3, 3), name="a"), library.layers.Input((3, 3), name="b")
    return library.Model([a, b], outputs(a, b)[name])


NAMES = list(outputs(X, X))


@pytest.mark.parametrize("ending", [".keras", ".h5"])
@pytest.mark.parametrize("name", NAMES)
def test_arithmetic_comes_back(tmp_path, name, ending):
    model = model_of(keras, name)
    model.save(tmp_path / f"m{ending}")
    again = keras.models.load_model(tmp_path / f"m{ending}")
    y = again.predict([X, X[::-1]], verbose=0)
    np.testing.assert_allclose(y, outputs(X, X[::-1])[name], 1e-6)


def test_operations_are_written_as_keras_names_them(tmp_path):
    model_of(keras, "sub").save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        layers = json.loads(archive.read("config.json"))["config"]["layers"]
    (entry,) = [layer for layer in layers if layer["class_name"] == "Subtract"]
    assert entry["module"] == "keras.src.ops.numpy"
    assert entry["inbound_nodes"][0]["args"][0] == 1


def test_unknown_operations_are_none():
    assert from_keras("System", {"name": "x"}, [{"args": [], "kwargs": {}}]) is None


@pytest.mark.oracle
@pytest.mark.parametrize("name", NAMES)
def test_arithmetic_through_real_keras(tmp_path, name):
    real = pytest.importorskip("keras", reason="an oracle")
    for one, other in ((keras, real), (real, keras)):
        model_of(one, name).save(tmp_path / "m.keras")
        again = other.models.load_model(tmp_path / "m.keras")
        y = again.predict([X, X[::-1]], verbose=0)
        np.testing.assert_allclose(y, outputs(X, X[::-1])[name], 1e-6)

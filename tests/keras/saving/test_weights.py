from pathlib import Path

import numpy as np
import pytest

from dezero import keras

pytest.importorskip("h5py", reason="Keras's files need the extra 'keras'")
RECORDED = Path(__file__).parents[1] / "recorded"
VALUES = np.load(RECORDED / "files.npz")
L = keras.layers


def row(units=2):
    return keras.Sequential(
        [
            L.Input((4, 3)),
            L.Bidirectional(L.GRU(2, return_sequences=True)),
            L.BatchNormalization(name="norm"),
            L.Dropout(0.5),
            L.Flatten(),
            L.Dense(units, activation="relu", kernel_regularizer="l2", name="end"),
        ]
    )


@pytest.mark.parametrize("name", ["files_row.weights.h5", "files_row.h5"])
def test_files_of_keras_are_read(name):
    model = row()
    model.load_weights(RECORDED / name)
    for i, value in enumerate(model.get_weights()):
        np.testing.assert_array_equal(value, VALUES[f"weight_{i}"])
    y = model.predict(VALUES["x"], verbose=0)
    np.testing.assert_allclose(y, VALUES["row"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("ending", [".weights.h5", ".h5", ".npz"])
def test_what_is_written_is_read_again(tmp_path, ending):
    model, other = row(), row()
    path = tmp_path / f"w{ending}"
    model.save_weights(path)
    other.load_weights(path)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    with pytest.raises(FileExistsError, match="overwrite"):
        model.save_weights(path, overwrite=False)


@pytest.mark.parametrize("ending", [".weights.h5", ".h5"])
def test_an_error_lists_everything_and_nothing_changes(tmp_path, ending):
    path = tmp_path / f"w{ending}"
    row().save_weights(path)
    model = row(3)
    model.add(L.Dense(1))
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"(?s)(missing.*\(3,\)|\(3,\).*missing|missing.*None)"):
        model.load_weights(path)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    model.load_weights(path, skip_mismatch=True)
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_weights_that_are_too_many_are_named(tmp_path):
    model = row()
    model.add(L.Dense(1))
    for ending in (".weights.h5", ".h5"):
        model.save_weights(tmp_path / f"w{ending}")
        with pytest.raises(ValueError, match="extra"):
            row().load_weights(tmp_path / f"w{ending}")


def test_by_name_takes_the_layers_of_the_same_name(tmp_path):
    model = row()
    model.layers[1].set_weights([np.full(4, v, "f4") for v in (1, 2, 3, 4)])
    model.save_weights(tmp_path / "w.h5")
    other = keras.Sequential([L.Input((4,)), L.BatchNormalization(name="norm"), L.Dense(1)])
    other.load_weights(tmp_path / "w.h5", by_name=True)
    np.testing.assert_array_equal(other.get_weights()[3], np.full(4, 4, "f4"))
    model.save_weights(tmp_path / "w.weights.h5")
    with pytest.raises(ValueError, match="Keras 2"):
        other.load_weights(tmp_path / "w.weights.h5", by_name=True)


def test_a_model_that_is_not_built_has_no_weights(tmp_path):
    model = keras.Sequential([L.Dense(2)])
    with pytest.raises(ValueError, match="built"):
        model.save_weights(tmp_path / "w.h5")
    with pytest.raises(ValueError, match="built"):
        model.load_weights(RECORDED / "files_row.h5")


def test_layer_names_longer_than_an_attribute_are_split(tmp_path):
    model = keras.Sequential([L.Input((2,))])
    for i in range(70):
        model.add(L.Dense(1, name=f"{i}" + "x" * 1000))
    model.save_weights(tmp_path / "w.h5")
    other = keras.models.clone_model(model)
    other.load_weights(tmp_path / "w.h5")
    np.testing.assert_array_equal(other.get_weights()[-2], model.get_weights()[-2])

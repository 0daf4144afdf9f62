"""Models that were compiled go on from a file as if they had never been in one."""

import json
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dezero import keras
from tests.keras.saving.compiled_cases import LOSSES, OPTIMIZERS, T, X, figures, trained

h5py = pytest.importorskip("h5py", reason="Keras's files need the extra 'keras'")
RECORDED = Path(__file__).parents[1] / "recorded"
KERAS2 = np.load(RECORDED / "keras2.npz")
L = keras.layers
load = keras.models.load_model
ENDINGS = (".keras", ".h5")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_goes_on_as_if_never_saved(tmp_path, name, ending):
    straight, saved = trained(keras, name, steps=5), trained(keras, name, steps=5)
    saved.save(tmp_path / f"m{ending}")
    loaded = load(tmp_path / f"m{ending}")
    assert loaded.optimizer.iterations == 5
    np.testing.assert_allclose(figures(loaded), figures(straight), 1e-6)
    for a, b in zip(loaded.get_weights(), straight.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, 1e-5, 1e-7)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_decaying_rate_is_a_schedule_in_the_file(tmp_path, ending):
    def make():
        model = trained(keras, "SGD")
        model.compile(keras.optimizers.SGD(0.1, momentum=0.5, decay=0.1), "mse")
        return model, figures(model)

    (straight, _), (saved, _) = make(), make()
    saved.save(tmp_path / f"m{ending}")
    loaded = load(tmp_path / f"m{ending}")
    assert "InverseTimeDecay" in str(loaded.optimizer.get_config())
    np.testing.assert_allclose(figures(loaded), figures(straight), 1e-6)


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("loss", LOSSES)
def test_losses_come_back(tmp_path, loss, ending):
    saved = trained(keras, "Adam", loss, steps=2)
    saved.save(tmp_path / f"m{ending}")
    np.testing.assert_allclose(figures(load(tmp_path / f"m{ending}")), figures(saved), 1e-6)


@pytest.mark.parametrize(
    "file",
    [
        "compiled_amsgrad.keras",
        "compiled_decaying.keras",
        "compiled_momentum.h5",
        "compiled_Nadam.h5",
    ],
)
def test_models_of_keras_go_on_as_there(file):
    with np.load(RECORDED / "compiled.npz") as recorded:
        np.testing.assert_allclose(figures(load(RECORDED / file)), recorded[file], 1e-4, 1e-5)


@pytest.mark.parametrize("file", ["keras2_picture.h5", "keras2_picture.keras"])
def test_pictures_of_keras_2(file):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = load(RECORDED / file)
    x, t = KERAS2["x"], KERAS2["t"]
    np.testing.assert_allclose(model.predict(x, verbose=0), KERAS2["picture"], 1e-5, 1e-6)
    # Keras 2 left the state of its oldest optimizers out of .keras.
    assert ["begins anew" in str(w.message) for w in caught] == [True] * file.endswith("s")
    steps = [model.train_on_batch(x, t) for _ in range(1 if caught else 3)]
    np.testing.assert_allclose(steps, KERAS2["picture_steps"][: len(steps)], 1e-4)


def test_words_of_keras_2():
    with pytest.warns(UserWarning, match="masks pass through"):
        model = load(RECORDED / "keras2_words.h5")
        again = load(RECORDED / "keras2_words.h5", compile=False)
    a, b = KERAS2["a"], KERAS2["b"]
    u, v = KERAS2["u"], KERAS2["v"]
    for y, name in zip(model.predict([a, b], verbose=0), ("out", "yes"), strict=True):
        np.testing.assert_allclose(y, KERAS2[name], 1e-5, 1e-6)
    steps = [model.train_on_batch([a, b], [u, v])[:1] for _ in range(3)]
    np.testing.assert_allclose(steps, KERAS2["words_steps"], 1e-4)
    for weight in again.weights:
        weight.data[...] = 0
    again.load_weights(RECORDED / "keras2_words_only.h5")
    np.testing.assert_allclose(again.predict([a, b], verbose=0)[0], KERAS2["out"], 1e-5, 1e-6)


def test_weights_of_keras_2_in_the_layout_of_3():
    model = load(RECORDED / "keras2_picture.h5")
    model.load_weights(RECORDED / "keras2_picture.weights.h5")
    y = model.predict(KERAS2["x"], verbose=0)
    np.testing.assert_allclose(y, KERAS2["picture"], 1e-5, 1e-6)


@pytest.mark.parametrize("ending", ENDINGS)
def test_several_outputs_come_back(tmp_path, ending):
    a = L.Input((3,), name="a")
    x = L.Dense(2, name="x")(a)
    model = keras.Model(a, [x, L.Dense(1, name="y")(x)])
    metrics = {"y": ["mae"], "x": [keras.metrics.RootMeanSquaredError()]}
    losses, weights = {"x": "mse", "y": keras.losses.Huber(0.5)}, {"x": 0.5, "y": 2.0}
    model.compile("sgd", losses, metrics=metrics, loss_weights=weights)
    model.train_on_batch(X, [X[:, :2], T])
    model.save(tmp_path / f"m{ending}")
    loaded = load(tmp_path / f"m{ending}")
    ours, theirs = (m.evaluate(X, [X[:, :2], T], return_dict=True) for m in (model, loaded))
    assert ours == pytest.approx(theirs)


def test_compile_false_and_models_never_compiled(tmp_path):
    model = trained(keras, "Adam", steps=1)
    model.save(tmp_path / "m.keras")
    with pytest.raises(RuntimeError, match="compile"):
        load(tmp_path / "m.keras", compile=False).evaluate(X, T)
    keras.models.clone_model(model).save(tmp_path / "n.h5")
    assert getattr(load(tmp_path / "n.h5"), "compiled", None) is None
    model.save(tmp_path / "o.h5", include_optimizer=False)
    assert getattr(load(tmp_path / "o.h5"), "compiled", None) is None


def test_losses_of_your_own_are_named(tmp_path):
    def mine(y_true, y_pred):
        return (y_true - y_pred) ** 2

    model = trained(keras, "Adam")
    model.compile("adam", mine, metrics=[mine])
    model.save(tmp_path / "m.keras")
    with pytest.raises(ValueError, match="(?s)mine.*compile=False"):
        load(tmp_path / "m.keras")
    loaded = load(tmp_path / "m.keras", {"mine": mine})
    np.testing.assert_allclose(figures(loaded), figures(model), 1e-6)


@pytest.mark.parametrize(
    "words",
    [
        {"loss": lambda t, y: (t - y) ** 2},
        {"loss": "mse", "metrics": [lambda t, y: t - y]},
        {"loss": "mse", "optimizer": keras.optimizers.SGD(lambda step: 0.1)},
        {"loss": "mse", "metrics": [keras.metrics.MeanMetricWrapper(np.subtract, name="x")]},
    ],
    ids=range(4),
)
def test_what_has_no_name_is_left_out_with_a_warning(tmp_path, words):
    model = trained(keras, "Adam")
    model.compile(**{"optimizer": "adam", **words})
    with pytest.warns(UserWarning, match="not written"):
        model.save(tmp_path / "m.keras")
    assert getattr(load(tmp_path / "m.keras"), "compiled", None) is None


def test_state_of_other_weights_is_left_out_with_a_warning(tmp_path):
    model = trained(keras, "Adam", steps=2)
    model.layers[0].trainable = False
    model.save(tmp_path / "m.keras")
    loaded = load(tmp_path / "m.keras")
    loaded.layers[0].trainable = True
    loaded.save(tmp_path / "m.h5")
    with h5py.File(tmp_path / "m.h5", "a") as file:
        group = file["optimizer_weights"]
        group.attrs["weight_names"] = group.attrs["weight_names"][:-1]
    with pytest.warns(UserWarning, match="begins anew"):
        assert load(tmp_path / "m.h5").optimizer.iterations == 0


DAMAGE = {
    "optimizer": {"class_name": "system", "module": "os", "config": {}},
    "loss": {"class_name": "function", "module": "builtins", "config": "eval"},
    "metrics": [{"class_name": "Popen", "module": "subprocess", "config": {"args": "x"}}],
    "loss_weights": "x",
    "weighted_metrics": [["nothing"]],
}


@pytest.mark.parametrize("part", DAMAGE)
def test_entries_of_other_names_are_refused(tmp_path, part):
    trained(keras, "Adam").save(tmp_path / "m.keras")
    with zipfile.ZipFile(tmp_path / "m.keras") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(members["config.json"])
    config["compile_config"][part] = DAMAGE[part]
    members["config.json"] = json.dumps(config).encode()
    with zipfile.ZipFile(tmp_path / "n.keras", "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    with pytest.raises(ValueError, match=r"(?s)load_model: .*compile=False"):
        load(tmp_path / "n.keras")
    load(tmp_path / "n.keras", compile=False)

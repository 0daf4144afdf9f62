"""`LossScaleOptimizer` makes the updates that Keras's makes, and is its inner optimizer else."""

import copy
import json
from pathlib import Path

import numpy as np
import pytest

from dezero import keras
from dezero.core import Parameter
from dezero.keras import optimizers
from dezero.keras.optimizers import LossScaleOptimizer
from tests.keras.recorded.record_loss_scale import CASES, gradients

RECORDED = Path(__file__).parents[1] / "recorded"


@pytest.mark.parametrize("name", CASES)
def test_updates_are_those_of_keras(name):
    kind, options = CASES[name]
    optimizer = LossScaleOptimizer(getattr(optimizers, kind)(**options), 64.0, 3)
    weights = Parameter(np.array([1, -2, 3], "f4"))
    optimizer.build([weights])
    expected = json.loads((RECORDED / "loss_scale.json").read_text("utf-8"))[name]
    for g, (values, scale, good, count) in zip(gradients(), expected, strict=True):
        optimizer.apply([g * np.float32(optimizer.dynamic_scale)], [weights])
        assert (optimizer.dynamic_scale, optimizer.step_counter) == (scale, good)
        assert optimizer.iterations == count
        np.testing.assert_allclose(weights.data, values, rtol=2e-6, atol=1e-6)


def test_it_is_its_inner_optimizer():
    inner = optimizers.Adam(0.5, weight_decay=0.1)
    optimizer = LossScaleOptimizer(inner, 8.0)
    assert optimizer.learning_rate == 0.5 and optimizer.name == "loss_scale_optimizer"
    optimizer.learning_rate = 0.25
    optimizer.lr = 0.125
    assert inner.learning_rate == 0.125 and optimizer.beta_1 == 0.9 and optimizer.t == 0
    assert float(optimizer.scale_loss(2.0).data) == 16
    optimizer.name = "mine"
    assert optimizer.name == "mine" and inner.name == "adam"
    assert isinstance(optimizer, optimizers.Optimizer) and optimizers.get(optimizer) is optimizer
    twin = copy.deepcopy(optimizer)
    assert twin.inner_optimizer is not inner and twin.get_config() == optimizer.get_config()


def test_configurations():
    optimizer = LossScaleOptimizer(optimizers.SGD(0.5, momentum=0.9), 8.0, 7)
    for config in (optimizers.serialize(optimizer), {**optimizer.config()}):
        found = optimizers.get({"class_name": "LossScaleOptimizer", **_only(config)})
        assert found.get_config() == optimizer.get_config()
    json.dumps(optimizer.hyperparameters())
    assert "dynamic_growth_steps" in optimizer.hyperparameters()


def _only(config):
    if "config" in config:
        return config
    return {"config": {key: v for key, v in config.items() if key != "name"}}


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: LossScaleOptimizer("adam"), TypeError, "expected an optimizer of dezero.keras"),
        (
            lambda: LossScaleOptimizer(LossScaleOptimizer(optimizers.SGD())),
            TypeError,
            "without a scale, got",
        ),
        (
            lambda: LossScaleOptimizer(optimizers.SGD(), dynamic=False),
            ValueError,
            "expected no dynamic, got False. Give it to inner_optimizer; a scale that stays is",
        ),
        (
            lambda: LossScaleOptimizer(optimizers.SGD(), clipnorm=1.0),
            ValueError,
            "expected no clipnorm",
        ),
        (lambda: LossScaleOptimizer(optimizers.SGD(), word=1), ValueError, "expected no word"),
    ],
)
def test_mistakes(make, error, text):
    with pytest.raises(error, match=text):
        make()
    LossScaleOptimizer(optimizers.SGD(), use_ema=False, dynamic=True)


def test_a_file_of_keras_goes_on():
    pytest.importorskip("h5py")
    model = keras.models.load_model(RECORDED / "mixed_float16.keras")
    assert model.compiled.precision == "float16"
    optimizer = model.optimizer
    assert isinstance(optimizer, LossScaleOptimizer) and optimizer.iterations > 3
    assert optimizer.step_counter == optimizer.iterations
    assert optimizer.dynamic_scale == 2.0 ** (15 - (8 - optimizer.iterations))


def test_a_file_of_ours_goes_on(tmp_path):
    pytest.importorskip("h5py")
    x = np.random.default_rng(1).standard_normal((16, 3)).astype("f4")
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        made = [keras.Sequential([keras.layers.Dense(2)]) for _ in range(2)]
    finally:
        keras.mixed_precision.set_global_policy("float32")
    for model, rule in zip(
        made, (optimizers.Adam(0.01), LossScaleOptimizer(optimizers.SGD(0.1), 8.0)), strict=True
    ):
        model.compile(rule, "mse")
        model.fit(x, x[:, :2], batch_size=4, epochs=2, verbose=0, shuffle=False)
        for name in ("m.keras", "m.h5"):
            model.save(tmp_path / name)
            again = keras.models.load_model(tmp_path / name)
            assert again.compiled.precision == "float16"
            ours, theirs = model.optimizer, again.optimizer
            assert type(theirs.inner_optimizer) is type(ours.inner_optimizer)
            for part in ("initial_scale", "dynamic_scale", "step_counter", "iterations"):
                assert getattr(theirs, part) == getattr(ours, part)
            twin = copy.deepcopy(model)
            for one in (twin, again):
                one.fit(x, x[:, :2], batch_size=4, epochs=1, verbose=0, shuffle=False)
            for a, b in zip(twin.weights, again.weights, strict=True):
                np.testing.assert_allclose(a.data, b.data, rtol=1e-5, atol=1e-6)

"""Policies of dtypes: names, layers that are made under one, and what it does to a training."""

import numpy as np
import pytest

from dezero import keras
from dezero.backend.precision import PRECISION
from dezero.keras import config, policies
from dezero.keras.optimizers import LossScaleOptimizer

X = np.random.default_rng(1).standard_normal((16, 3)).astype("f4")


@pytest.fixture(autouse=True)
def afterwards():
    yield
    config.set_dtype_policy("float32")


def test_names():
    for name in policies.POLICIES:
        policy = keras.DTypePolicy(name)
        assert policy == keras.DTypePolicy.from_config(policy.get_config())
        assert policies.get(policy) is policy and policies.get(name) == policy
        assert repr(policy) == f'<DTypePolicy "{name}">' and hash(policy) == hash(name)
    mixed = keras.mixed_precision.Policy("mixed_bfloat16")
    assert (mixed.variable_dtype, mixed.compute_dtype) == ("float32", "bfloat16")
    assert keras.DTypePolicy() == config.dtype_policy() == keras.DTypePolicy("float32") != "float32"
    assert policies.get(np.float64).name == "float64"
    entry = {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    assert policies.get(entry).half == "float16"


def test_the_global_one():
    keras.mixed_precision.set_global_policy("float64")
    assert config.floatx() == config.dtype_policy().name == "float64"
    config.set_dtype_policy(keras.DTypePolicy("mixed_float16"))
    assert config.floatx() == "float32"
    assert keras.mixed_precision.global_policy().name == "mixed_float16"
    layer = keras.layers.Dense(2)
    layer.build((None, 3))
    assert (layer.dtype, layer.variable_dtype, layer.compute_dtype) == (
        "float32",
        "float32",
        "float16",
    )
    assert layer.kernel.dtype == "f4" and layer.get_config()["dtype"] == "mixed_float16"
    same = keras.layers.Dense.from_config(layer.get_config())
    assert same.dtype_policy == layer.dtype_policy
    assert keras.layers.Dense(2, dtype="float32").compute_dtype == "float32"
    config.set_dtype_policy("float32")
    assert keras.layers.Dense(2).compute_dtype == "float32"


@pytest.mark.parametrize(
    ("policy", "error", "text"),
    [
        ("mixed_float64", ValueError, "DTypePolicy: unknown policy 'mixed_float64'. Did you mean"),
        ("bfloat16", ValueError, "unknown policy 'bfloat16'"),
        (None, ValueError, "unknown policy ''"),
        (3, TypeError, "DTypePolicy: expected a name, got"),
    ],
)
def test_mistakes(policy, error, text):
    with pytest.raises(error, match=text):
        config.set_dtype_policy(policy)


class Watched(keras.layers.Layer):
    seen = []

    def call(self, x):
        self.seen.append(PRECISION.get().half)
        return x


def made(policy, *, functional=False):
    config.set_dtype_policy(policy)
    dense, watched = keras.layers.Dense(2), Watched()
    if functional:
        x = keras.Input((3,))
        model = keras.Model(x, dense(watched(x)))
    else:
        model = keras.Sequential([watched, dense])
    config.set_dtype_policy("float32")
    return model


@pytest.mark.parametrize("functional", [False, True])
def test_a_model_computes_by_its_policy_wherever_it_does(functional):
    model = made("mixed_float16", functional=functional)
    model.compile("adam", "mse")
    del Watched.seen[:]
    model.fit(X, X[:, :2], batch_size=4, verbose=0)
    model.evaluate(X, X[:, :2], verbose=0)
    found = model.predict(X, verbose=0)
    np.testing.assert_array_equal(model(X).data, found)
    np.testing.assert_array_equal(model.predict_on_batch(X), found)
    model.train_on_batch(X, X[:, :2])
    assert set(Watched.seen) == {"float16"} and found.dtype == "f4"
    optimizer = model.optimizer
    assert isinstance(optimizer, LossScaleOptimizer) and optimizer.iterations > 0
    assert optimizer.dynamic_scale <= 2.0**15


def test_who_is_wrapped():
    model = made("mixed_float16")
    model.compile("sgd", "mse", auto_scale_loss=False)
    assert type(model.optimizer) is keras.optimizers.SGD and model.optimizer.loss_scale is None
    own = LossScaleOptimizer(keras.optimizers.SGD(), 4.0)
    model.compile(own, "mse")
    assert model.optimizer is own
    from dezero.optimizers import SGD

    model.compile(SGD(), "mse")
    assert type(model.optimizer) is SGD and model.optimizer.loss_scale is not None
    for policy in ("mixed_bfloat16", "float32"):
        model = made(policy)
        model.compile("sgd", "mse")
        assert type(model.optimizer) is keras.optimizers.SGD
        model.fit(X, X[:, :2], verbose=0)


def test_a_model_shares_no_optimizer_with_another():
    rule = keras.optimizers.SGD()
    first, second = made("mixed_float16"), made("mixed_float16")
    first.compile(rule, "mse")
    with pytest.warns(UserWarning, match="the optimizer is that of another model"):
        second.compile(first.optimizer, "mse")
    for model in (first, second):
        model.fit(X, X[:, :2], verbose=0)
    assert second.optimizer.inner_optimizer is not rule


def test_steps_of_ones_own_scale_the_loss():
    class Own(keras.Sequential):
        def train_step(self, data):
            x, y = data
            loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True))
            self.zero_grad = self.cleargrads()
            self.optimizer.scale_loss(loss).backward()
            self.optimizer.update()
            return {"loss": loss}

    config.set_dtype_policy("mixed_float16")
    model = Own([keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    before = model.fit(X, X[:, :2], verbose=0, epochs=3).history["loss"]
    assert before[2] < before[0]


def test_one_layer_of_a_mixed_policy_is_enough():
    model = keras.Sequential([Watched(), keras.layers.Dense(2, dtype="mixed_float16")])
    model.compile("sgd", "mse")
    assert isinstance(model.optimizer, LossScaleOptimizer)
    del Watched.seen[:]
    model.fit(X, X[:, :2], verbose=0)
    model(X)
    assert set(Watched.seen) == {"float16"}


def test_layers_of_integers_have_no_policy():
    layer = keras.layers.Layer(dtype="int64")
    assert layer.dtype == layer.compute_dtype == layer.get_config()["dtype"] == "int64"

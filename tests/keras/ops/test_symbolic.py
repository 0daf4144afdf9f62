"""Functions of `keras.ops` as layers."""

import numpy as np
import pytest

from dezero import tf
from dezero.keras import Input, Model, layers, models, ops
from dezero.keras.ops.symbolic import Operation


def model_of_ops():
    x, z = Input((4,)), Input((4,))
    y = ops.relu(layers.Dense(3)(ops.concatenate([x, z], axis=-1)))
    y = ops.where(ops.greater(y, 0.1), y, ops.take(ops.zeros((1, 3)), [0], axis=0))
    y = ops.reshape(ops.stack([y, ops.minimum(y, np.array([1.0, 2.0, 3.0]))], axis=1), (-1, 6))
    return Model([x, z], [ops.mean(y, axis=-1, keepdims=True), ops.argmax(y, axis=(-1))])


def test_a_model_of_operations_computes_trains_and_is_copied():
    model = model_of_ops()
    assert model.output_shape == [(None, 1), (None,)] and model.outputs[1].dtype == "int32"
    x = np.random.default_rng(0).normal(size=(5, 4)).astype("f4")
    y, best = model.predict([x, -x], verbose=0)
    hidden = np.maximum(np.concatenate([x, -x], 1) @ model.get_weights()[0], 0)
    hidden = np.where(hidden > 0.1, hidden, 0)
    both = np.concatenate([hidden, np.minimum(hidden, [1.0, 2.0, 3.0])], 1)
    np.testing.assert_allclose(y, both.mean(1, keepdims=True), rtol=1e-5)
    np.testing.assert_array_equal(best, both.argmax(1))
    for twin in (models.clone_model(model), models.model_from_json(model.to_json())):
        twin.set_weights(model.get_weights())
        np.testing.assert_allclose(twin.predict([x, -x], verbose=0)[0], y, rtol=1e-6)


def test_several_outputs_and_unknown_sizes():
    x = Input((None, 6))
    left, right = ops.split(x, 2, axis=-1)
    assert left.shape == (None, None, 3) and right.node is left.node
    assert tf.reduce_sum(x, axis=[1, 2]).shape == (None,)
    assert tf.nn.softmax(x).shape == x.shape and tf.square(x).node.layer.name == "square"
    one = Model(x, ops.sum(left * right, axis=-1))
    assert one.predict(np.ones((2, 5, 6)), verbose=0).shape == (2, 5)


def test_a_tensor_used_twice_is_one_input():
    x = Input((2,))
    model = Model(x, ops.maximum(x, ops.negative(x)))
    np.testing.assert_array_equal(model.predict(np.array([[-1.0, 2.0]]), verbose=0), [[1, 2]])


def test_what_cannot_stand_in_a_description():
    with pytest.raises(TypeError, match="keras.ops: expected numbers, texts and tensors"):
        ops.sum(Input((2,)), axis=object())
    with pytest.raises(ValueError, match="ops: unknown name 'system'"):
        Operation("system")

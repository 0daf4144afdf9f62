"""Variables with `assign`."""

import numpy as np
import pytest

from dezero import tf
from dezero.core import Parameter, Variable
from dezero.keras.layers import BatchNormalization, Dense
from dezero.keras.variables import State, Weight, variable
from dezero.layers import Buffer


def test_assign_keeps_shape_and_dtype():
    v = variable([1.0, 2.0], name="v")
    assert isinstance(v, Parameter) and v.dtype == np.float32 and v.trainable and v.name == "v"
    assert v.assign([3, 4]) is v and v.value is v and v.path == "v"
    v.assign_add(Variable(np.ones(2)))
    v.assign_sub([0.5, 0.0])
    np.testing.assert_array_equal(v.numpy(), np.array([3.5, 5], "f4"), strict=True)
    with pytest.raises(ValueError, match=r"assign: expected a value of shape \(2,\), got \(1,\)"):
        v.assign([1.0])


def test_what_is_not_trained():
    fixed = variable(3.0, trainable=False)
    count = variable(2)
    assert isinstance(fixed, State) and isinstance(fixed, Buffer) and not fixed.trainable
    assert count.dtype == np.int32 and int(count.assign_add(1)) == 3
    assert variable(np.ones(2)).dtype == np.float64 and variable(lambda: 1.5).item() == 1.5
    assert variable(1, dtype="float64").dtype == np.float64


def test_the_weights_of_layers_can_be_assigned():
    layer = Dense(2)
    layer.build_once([(None, 3)])
    assert isinstance(layer.kernel, Weight)
    layer.kernel.assign(np.ones((3, 2)))
    assert layer(np.ones((1, 3), "f4")).numpy().tolist() == [[3, 3]]
    norm = BatchNormalization()
    norm(np.ones((2, 3), "f4"))
    assert isinstance(norm.moving_mean, State)


def test_numpy_copies():
    v = variable([1.0])
    before = v.numpy()
    v.assign_add([1.0])
    assert before.tolist() == [1] and isinstance(variable(2.0).numpy(), np.float32)


def test_a_tape_watches_constants_and_leaves_untrained_variables():
    x, fixed = tf.constant(3.0), tf.Variable(2.0, trainable=False)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = x * x * fixed
    assert float(tape.gradient(y, x)) == 12 and tape.gradient(y, fixed) is None
    with tf.GradientTape() as tape:
        y = tf.Variable(2.0) ** 2
    assert tape.gradient(y, tf.constant(1.0)) is None

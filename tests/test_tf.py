"""What scripts use of `tf`."""

import numpy as np
import pytest

from dezero import keras, tf
from dezero.backend.random import default_rng


def test_names():
    assert tf.keras is keras
    model = tf.keras.models.Sequential(
        [tf.keras.layers.Input((3,)), tf.keras.layers.Dense(2, activation=tf.nn.softmax)]
    )
    assert model(np.ones((1, 3), "float32")).data.sum() == np.float32(1)
    np.testing.assert_array_equal(tf.nn.relu(np.array([-1.0, 2.0])).data, [0, 2])
    assert float(tf.reduce_mean(tf.square(tf.constant([1.0, 3.0]))).data) == 5


@pytest.mark.usefixtures("seeded")
def test_seed():
    drawn = []
    for _ in range(2):
        tf.random.set_seed(3)
        drawn.append(default_rng().random())
    assert drawn[0] == drawn[1]

"""The rest of `keras.backend`."""

import numpy as np
import pytest

from dezero.core import Config
from dezero.keras import Sequential, layers
from dezero.keras import backend as K

X = np.arange(24.0).reshape(2, 3, 4)


def test_functions_of_a_model():
    model = Sequential([layers.Dense(3, input_shape=(4,), name="first"), layers.Dropout(0.5)])
    run = K.function([model.input, K.learning_phase()], [model.layers[0].output, model.output])
    first, last = run([X[0].astype("f4"), 0])
    np.testing.assert_array_equal(first, last)
    one = K.function([model.input], model.layers[0].output)
    np.testing.assert_array_equal(one([X[0].astype("f4")]), first)


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: K.batch_dot(X, X.transpose(0, 2, 1)), X @ X.transpose(0, 2, 1)),
        (lambda: K.batch_dot(X, X, axes=(2, 2)), X @ X.transpose(0, 2, 1)),
        (lambda: K.batch_dot(X[:, 0], X[:, 1], axes=1), (X[:, 0] * X[:, 1]).sum(1)[:, None]),
        (lambda: K.batch_dot(X, X[:, :, 0], axes=1), np.einsum("nab,na->nb", X, X[:, :, 0])),
        (lambda: K.gather(X, [1]), X[[1]]),
        (lambda: K.repeat(X[:, 0], 2), X[:, [0, 0]]),
        (lambda: K.tile(X, (1, 2, 1)), np.tile(X, (1, 2, 1))),
        (lambda: K.reverse(X, 1), X[:, ::-1]),
        (lambda: K.logsumexp(X, axis=-1), np.log(np.exp(X).sum(-1))),
        (lambda: K.binary_crossentropy(np.ones((1, 1)), np.full((1, 1), 0.5)), [np.log(2)]),
    ],
)
def test_values(call, wanted):
    np.testing.assert_allclose(np.asarray(call()), wanted, rtol=1e-6)


def test_phases():
    assert K.in_train_phase(lambda: 1, 2, training=True) == 1
    assert K.in_test_phase(1, lambda: 2, training=True) == 2
    was = Config.train
    try:
        K.set_learning_phase(0)
        assert K.learning_phase() == 0 and K.in_train_phase(1, 2) == 2
    finally:
        K.set_learning_phase(was)


def test_old_words_and_variables(capsys):
    K.set_image_dim_ordering("th")
    try:
        assert K.image_dim_ordering() == "th" and K.image_data_format() == "channels_first"
    finally:
        K.set_image_dim_ordering("tf")
    assert K.get_uid("여러 층") == 1 and K.get_uid("여러 층") == 2
    v = K.variable([1.0, 2.0])
    K.update(v, [3.0, 4.0])
    K.update_add(v, [1.0, 1.0])
    assert K.update_sub(v, [0.5, 0.5]).data.tolist() == [3.5, 4.5]
    assert K.print_tensor(v, "v is") is v and "v is [3.5 4.5]" in capsys.readouterr().out
    assert abs(K.truncated_normal((50,), seed=1).data).max() <= 2
    with pytest.raises(AttributeError, match="module 'dezero.keras.backend' has no attribute"):
        _ = K.nothing

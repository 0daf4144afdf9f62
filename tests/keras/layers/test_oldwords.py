"""Words of Keras 1."""

import numpy as np
import pytest

from dezero.keras import Sequential, layers


@pytest.mark.parametrize(
    ("make", "old", "new"),
    [
        (lambda: layers.Dense(output_dim=3, input_dim=4), "output_dim", "units"),
        (lambda: layers.Dense(3, init="uniform"), "init", "kernel_initializer"),
        (lambda: layers.Convolution2D(8, 3, 3, border_mode="same"), "border_mode", "padding"),
        (lambda: layers.Conv2D(nb_filter=3, kernel_size=3), "nb_filter", "filters"),
        (lambda: layers.Dropout(p=0.5), "p", "rate"),
        (lambda: layers.MaxPooling1D(pool_length=2), "pool_length", "pool_size"),
        (lambda: layers.LSTM(3, dropout_U=0.2), "dropout_U", "recurrent_dropout"),
    ],
)
def test_they_say_what_they_are_now(make, old, new):
    with pytest.raises(TypeError, match=f"unknown argument '{old}', a word of Keras 1.*'{new}'"):
        make()


def test_classes_of_your_own_may_use_them():
    class Mine(layers.Layer):
        def __init__(self, p, **kwargs):
            self.init = kwargs.pop("init")
            super().__init__(**kwargs)
            self.p = p

    assert Mine(p=1, init=2).init == 2


@pytest.mark.parametrize(
    ("name", "new"), [("nb_epoch", "epochs"), ("samples_per_epoch", "steps_per_epoch")]
)
def test_words_of_fit(name, new):
    model = Sequential([layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    with pytest.raises(TypeError, match=f"fit: unknown argument '{name}', .* Now it is {new}"):
        model.fit(np.ones((2, 2)), np.ones((2, 1)), **{name: 2})

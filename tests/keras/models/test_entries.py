"""Inputs of a shape that the model was not built for."""

import numpy as np
import pytest

from dezero.keras.layers import Add, Dense, Embedding, Flatten, Input, Lambda
from dezero.keras.models import Model, Sequential
from dezero.keras.models.entries import fitted
from dezero.keras.tensors import KerasTensor

N = np.arange(6, dtype="f4")


def test_numbers_go_into_a_model_of_one_feature():
    assert fitted(N, KerasTensor((None, 1)), "m").shape == (6, 1)
    assert fitted(N.reshape(2, 3, 1), KerasTensor((None, 3)), "m").shape == (2, 3)
    assert fitted(N, KerasTensor((None,)), "m") is N and fitted(3, KerasTensor((None, 1)), "m") == 3
    figures = []
    for x, t in ((N, 2 * N - 1), (N[:, None], 2 * N[:, None] - 1)):
        model = Sequential([Dense(1, kernel_initializer="ones", input_shape=[1])])
        model.compile("sgd", "mean_squared_error")
        figures.append(model.fit(x, t, epochs=5, batch_size=6, verbose=0).history["loss"])
    assert figures[0] == figures[1] and figures[0][-1] < figures[0][0]
    assert model.predict(np.array([10.0]), verbose=0).shape == (1, 1)


@pytest.mark.parametrize("shape", [(4,), (2, 5), (2, 4, 3), (2, 4, 4, 1), ()])
def test_other_shapes_are_refused(shape):
    x = Input((4,))
    for model in (Sequential([Dense(2, input_shape=(4,))]), Model(x, Dense(2)(x))):
        with pytest.raises(ValueError, match=r"expected inputs of shape \(None, 4\)"):
            model(np.zeros(shape, "f4"))


def test_sizes_that_may_vary_and_no_samples():
    assert fitted(np.zeros((2, 9, 3)), KerasTensor((None, None, 3)), "m").shape == (2, 9, 3)
    with pytest.raises(ValueError, match="expected inputs"):
        fitted(np.zeros((2, 9, 4)), KerasTensor((None, None, 3)), "m")
    assert Sequential([Input((2, 2)), Flatten(), Dense(3)])(np.zeros((0, 2, 2))).shape == (0, 3)
    assert Sequential([Input((4,), batch_size=5), Dense(3)])(np.zeros((2, 4), "f4")).shape == (2, 3)


def test_numbers_are_taken_in_the_dtype_of_the_entry():
    x, a = np.full((2, 3), 200, np.uint8), Input((3,))
    for model in (Model(a, Add()([a, a])), Sequential([Input((3,)), Lambda(lambda v: v * 2)])):
        for y in (model(x).data, model.predict(x, verbose=0), model.predict_on_batch(x)):
            assert y.dtype == np.float32 and (y == 400).all() and (x == 200).all()
    assert Sequential([Input((3,)), Flatten()])(x).dtype == np.float32
    kept = Sequential([Input((3,), dtype="uint8"), Flatten()])
    assert kept(x).dtype == np.uint8 and kept(np.full((2, 3), 1.5)).dtype == np.uint8
    words = Sequential([Input((3,)), Embedding(300, 2), Flatten()])
    assert np.array_equal(words(x).data, words(x.astype("f4")).data)

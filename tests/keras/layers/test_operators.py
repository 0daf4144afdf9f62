"""Arithmetic on KerasTensors."""

import numpy as np
import pytest

from dezero.keras.layers.core import Dense, Input
from dezero.keras.layers.operators import Operator, applied
from dezero.keras.models import Model, clone_model, model_from_json

RNG = np.random.default_rng(0)
A, B = (RNG.standard_normal((3, 5, 4)).astype("f4") for _ in range(2))
ROW = np.arange(4.0)

CASES = {
    "x + y": lambda x, y: x + y,
    "x - y": lambda x, y: x - y,
    "x * y": lambda x, y: x * y,
    "x / y": lambda x, y: x / y,
    "1 + x": lambda x, y: 1 + x,
    "1 - x": lambda x, y: 1 - x,
    "x - 1": lambda x, y: x - 1,
    "3 * x": lambda x, y: 3 * x,
    "2 / x": lambda x, y: 2.0 / x,
    "x / 2": lambda x, y: x / 2,
    "x ** 2": lambda x, y: x**2,
    "-x": lambda x, y: -x,
    "x + x": lambda x, y: x + x,
    "row + x": lambda x, y: ROW + x,
    "row - x": lambda x, y: ROW - x,
    "x[:, 1:, 0]": lambda x, y: x[:, 1:, 0],
    "x[:, -1]": lambda x, y: x[:, -1],
    "x[..., None, ::2]": lambda x, y: x[..., None, ::2],
    "x[:, [2, 0]]": lambda x, y: x[:, [2, 0]],
    "several": lambda x, y: (x * 2 + y) / (y**2 + 1),
}


@pytest.mark.parametrize("case", CASES)
def test_arithmetic(case):
    formula = CASES[case]
    x, y = Input((5, 4)), Input((5, 4))
    result = formula(x, y)
    expected = formula(A, B)
    assert result.shape == (None, *expected.shape[1:])
    model = Model([x, y], [result, Dense(2)(y)])
    found = model([A, B])[0]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found.data, expected, rtol=1e-5)


def test_matrix_product():
    x, y = Input((5, 4)), Input((4, 2))
    result = x @ y
    assert result.shape == (None, 5, 2)
    right = np.swapaxes(B, 1, 2)[:, :, :2]
    np.testing.assert_allclose(Model([x, y], result)([A, right]).data, A @ right, rtol=1e-5)
    with pytest.raises(ValueError, match="shapes .* for @"):
        x @ x
    with pytest.raises(ValueError, match="shapes .* for @"):
        x @ np.ones(4)


def test_shapes_of_unknown_sizes():
    x = Input((None, 4))
    assert (x + Input((7, 1))).shape == (None, 7, 4)
    assert (x + Input((1, 4))).shape == (None, None, 4)
    assert (x + Input((4,))).shape == (None, None, 4)
    assert x[:, 0].shape == (None, 4) and x[:, 1:].shape == (None, None, 4)
    with pytest.raises(ValueError, match="shapes that broadcast"):
        x + Input((None, 3))
    with pytest.raises(ValueError, match="an index for shape"):
        x[:, :, 9]
    for other in ("one", None):
        with pytest.raises(TypeError, match="an array, a number"):
            x + other


def test_names_are_keras():
    x = Input((4,))
    names = [t.node.layer.name for t in (x + x, x - 1, x * 2, x / 2, x**2, -x, x[:, 0])]
    found = [name.rstrip("_0123456789") for name in names]
    assert found == "add subtract multiply true_divide power negative get_item".split()


def test_gradients_pass():
    x = Input((4,))
    model = Model(x, 1 - Dense(1, kernel_initializer="ones")(x) * 3)
    model(A[:, 0]).sum().backward()
    np.testing.assert_allclose(model.weights[0].grad.data[:, 0], -3 * A[:, 0].sum(0), rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_a_model_with_operators_is_data(case):
    x, y = Input((5, 4), name="x"), Input((5, 4), name="y")
    outputs = CASES[case](x, y)
    model = Model([x, y], [outputs, y * 1])
    for again in (clone_model(model), model_from_json(model.to_json())):
        np.testing.assert_array_equal(again([A, B])[0].data, model([A, B])[0].data)


def test_what_cannot_be_written():
    with pytest.raises(ValueError, match="Operator: unknown name 'median'"):
        Operator("median")
    layer = applied("get_item", Input((4,)), index=(slice(None), np.array([0, 2]))).node.layer
    assert Operator.from_config(layer.get_config())(A[:, 0]).shape == (3, 2)
    layer.index = "?"
    with pytest.raises(TypeError, match="an index of numbers"):
        layer.get_config()

"""Errors of regression, and functions of one's own."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.metrics import FromFunction, MeanAbsoluteError, MeanSquaredError
from tests.strict_device import strict_device

Y = np.array([[1.0, 2.0], [3.0, 5.0]])
T = np.array([[1.0, 4.0], [0.0, 5.0]])


def one(metric, y, t, weight=None):
    metric.update(y, t, weight)
    return metric.result()


def test_values():
    assert one(MeanSquaredError(), Y, T) == 13 / 4
    assert one(MeanAbsoluteError(), Y, T) == 5 / 4
    assert one(MeanSquaredError(), Variable(Y), T.tolist()) == 13 / 4


def test_weights():
    assert one(MeanSquaredError(), Y, T, [3, 1]) == (3 * 4 + 9) / 8
    assert one(MeanAbsoluteError(), Y, T, [0, 1]) == 1.5


def test_batches():
    metric = MeanSquaredError()
    metric.update(Y, T)
    metric.update(Y[:1], T[:1])
    assert metric.result() == 17 / 6


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError])
def test_dtypes(kind):
    """uint8 differences must not wrap around, float16 squares not overflow."""
    assert one(kind(), np.array([3], np.uint8), np.array([5], np.uint8)) == 2.0 ** (
        2 if kind is MeanSquaredError else 1
    )
    assert one(kind(), np.array([True]), np.array([False])) == 1.0
    far = one(kind(), np.array([0], np.float16), np.array([1000], np.float16))
    assert far == (1e6 if kind is MeanSquaredError else 1e3)


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError])
def test_shapes(kind):
    with pytest.raises(
        ValueError, match=r"expected y and t of one shape, got y \(3, 1\) float64 and t \(3"
    ):
        kind().update(np.zeros((3, 1)), np.zeros(3))
    with pytest.raises(ValueError, match="expected at least one sample"):
        kind().update(np.zeros((0, 1)), np.zeros((0, 1)))


@pytest.mark.parametrize("kind", [MeanSquaredError, MeanAbsoluteError])
def test_device(kind):
    with strict_device() as device:
        y, t = device.from_host(Y), device.from_host(T)
        assert one(kind(), y, t) == one(kind(), Y, T)
        assert one(kind(), y, t, device.from_host(np.array([3, 1]))) == one(kind(), Y, T, [3, 1])


class TestFromFunction:
    def test_one_figure_for_the_batch(self):
        def worst(y, t):
            return abs(y - t).max()

        metric = FromFunction(worst)
        assert metric.name == "worst"
        metric.update(Variable(Y), T)
        metric.update(Y[:1], T[:1])
        assert metric.result() == (2 * 3 + 1 * 2) / 3

    def test_one_figure_for_each_sample(self):
        metric = FromFunction(lambda y, t: abs(y - t).max(axis=1), name="far")
        metric.update(Y, T)
        metric.update(Y[:1], T[:1], [2])
        assert (metric.name, metric.result()) == ("far", (2 + 3 + 2 * 2) / 4)

    def test_results_may_be_variables_numbers_and_lists(self):
        assert one(FromFunction(lambda y, t: Variable(np.array(2.5))), Y, T) == 2.5
        assert one(FromFunction(lambda y, t: 2), Y, T) == 2.0
        assert one(FromFunction(lambda y, t: [1, 2]), Y, T) == 1.5
        assert one(FromFunction(lambda y, t: y), np.array(3.0), np.array(1.0)) == 3.0

    def test_it_is_given_arrays(self):
        given = []
        FromFunction(lambda y, t: given.extend((type(y), type(t))) or 0).update(Variable(Y), [1])
        assert given == [np.ndarray, np.ndarray]

    def test_objects_without_a_name(self):
        class Zero:
            def __call__(self, y, t):
                return 0.0

        assert FromFunction(Zero()).name == "Zero"

    def test_a_single_figure_cannot_be_weighted(self):
        with pytest.raises(
            ValueError, match="mine: expected one value per sample to weight, got a s"
        ):
            FromFunction(lambda y, t: 1.0, "mine").update(Y, T, [1, 2])

    def test_wrong_results(self):
        with pytest.raises(TypeError, match="expected an array, a number or a list"):
            FromFunction(lambda y, t: "good").update(Y, T)
        with pytest.raises(ValueError, match="expected one weight per sample"):
            FromFunction(lambda y, t: [1, 2, 3]).update(Y, T, [1, 2])

    def test_device(self):
        with strict_device() as device:
            y, t = device.from_host(Y), device.from_host(T)
            assert one(FromFunction(lambda y, t: abs(y - t).max()), y, t) == 3.0
            assert one(FromFunction(lambda y, t: abs(y - t).max(axis=1)), y, t) == 2.5

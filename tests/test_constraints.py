"""Constraints: values, dtypes, inputs untouched, names, saving."""

import json
import math

import numpy as np
import pytest

from dezero import constraints as C
from tests.strict_device import strict_device

W = np.array([[3.0, 0.3, 0.0], [4.0, 0.4, 0.0]])  # column norms 5, 0.5, 0
SAMPLES = [C.NonNeg(), C.UnitNorm(), C.MaxNorm(), C.MinMaxNorm(), C.MinMaxNorm(0.5, 2.0, 0.3, None)]


@pytest.mark.parametrize("constraint", SAMPLES, ids=repr)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_shape_dtype_and_input(constraint, dtype):
    for array in (
        W.astype(dtype),
        W.astype(dtype).T,
        np.zeros((0, 3), dtype),
        np.zeros((2, 0), dtype),
    ):
        array.setflags(write=False)
        before = array.copy()
        y = constraint(array)
        assert (type(y), y.shape, y.dtype) == (np.ndarray, array.shape, array.dtype)
        assert not np.shares_memory(y, array) and np.isfinite(y).all()
        np.testing.assert_array_equal(array, before)


@pytest.mark.parametrize("constraint", SAMPLES[:-1], ids=repr)
def test_a_second_time_changes_nothing(constraint):
    once = constraint(W - 1)
    np.testing.assert_allclose(constraint(once), once, rtol=1e-12)


@pytest.mark.parametrize("constraint", SAMPLES, ids=repr)
def test_nan_stays_visible(constraint):
    assert np.isnan(constraint(np.array([[1.0], [math.nan]]))).any()


def test_non_neg():
    np.testing.assert_array_equal(C.NonNeg()(np.array([-1.0, 0.0, 2.0])), [0, 0, 2])


def test_unit_norm():
    np.testing.assert_allclose(C.UnitNorm()(W), [[0.6, 0.6, 0], [0.8, 0.8, 0]])
    np.testing.assert_allclose(
        C.UnitNorm(axis=1)(W)[0], [3 / math.sqrt(9.09), 0.3 / math.sqrt(9.09), 0]
    )
    np.testing.assert_allclose(np.linalg.norm(C.UnitNorm(axis=None)(W)), 1)
    kernels = np.random.default_rng(0).standard_normal((4, 3, 2, 2))
    norms = np.sqrt((C.UnitNorm((1, 2, 3))(kernels) ** 2).sum(axis=(1, 2, 3)))
    np.testing.assert_allclose(norms, 1)


def test_max_norm():
    np.testing.assert_allclose(C.MaxNorm(2.0)(W), [[1.2, 0.3, 0], [1.6, 0.4, 0]])
    np.testing.assert_array_equal(C.MaxNorm(5.0)(W), W)
    np.testing.assert_array_equal(C.MaxNorm(0.0)(W), 0 * W)
    np.testing.assert_allclose(np.linalg.norm(C.MaxNorm(0.7, axis=None)(W)), 0.7)


def test_min_max_norm():
    np.testing.assert_allclose(C.MinMaxNorm(1.0, 2.0)(W), [[1.2, 0.6, 0], [1.6, 0.8, 0]])
    # half the way: from 5 to 3.5 and from 0.5 to 0.75
    np.testing.assert_allclose(C.MinMaxNorm(1.0, 2.0, 0.5)(W), [[2.1, 0.45, 0], [2.8, 0.6, 0]])
    np.testing.assert_allclose(C.MinMaxNorm(1.0, 2.0, 0.0)(W), W)


def test_float16_norms_do_not_overflow():
    y = C.MaxNorm(1.0)(np.full((4, 1), 300, np.float16))
    np.testing.assert_allclose(y, 0.5)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: C.MaxNorm(-1.0), "MaxNorm: expected finite max_value >= 0, got -1.0"),
        (lambda: C.MaxNorm(math.inf), "MaxNorm: expected finite max_value >= 0, got inf"),
        (lambda: C.MaxNorm(math.nan), "MaxNorm: expected finite max_value >= 0, got nan"),
        (lambda: C.MinMaxNorm(2.0, 1.0), "MinMaxNorm: expected 0 <= min_value <= max_value"),
        (lambda: C.MinMaxNorm(0.0, 1.0, 2.0), "MinMaxNorm: expected 0 <= min_value .* and 2.0"),
        (lambda: C.UnitNorm(2)(W), r"constraint: expected an axis of W \(2, 3\), got axis=2"),
    ],
)
def test_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_call_must_be_written():
    with pytest.raises(NotImplementedError, match=r"Constraint: expected a __call__\(W\)"):
        C.Constraint()(W)


class TestGetAndSave:
    def test_get(self):
        constraint = C.MaxNorm()
        assert C.get(constraint) is constraint
        assert C.get(None) is None
        for name, kind in C.CONSTRAINTS.items():
            assert type(C.get(name)) is kind

    def test_function(self):
        constraint = C.get(lambda array: np.abs(array).astype("float64"))
        y = constraint(np.array([-1.0], np.float32))
        assert (y.tolist(), y.dtype) == ([1.0], np.float32)
        with pytest.raises(
            ValueError, match=r"constraint: expected .* to return the shape \(2, 3\), got"
        ):
            C.get(lambda array: array.sum())(W)
        with pytest.raises(
            TypeError, match="constraint: expected one of dezero's own, got FromFunc"
        ):
            C.serialize(constraint)

    def test_unknown(self):
        with pytest.raises(
            ValueError, match="constraint: unknown name 'maxnorm'. Did you mean 'max_n"
        ):
            C.get("maxnorm")
        with pytest.raises(
            TypeError, match="constraint: expected a name, a Constraint, a function"
        ):
            C.get(3)
        with pytest.raises(TypeError, match="constraint: expected a name, a Constraint, a func"):
            C.get(C.MaxNorm)

    @pytest.mark.parametrize("axis", [True, "0", 1.0, (0, None), {}])
    def test_axis_that_is_none(self, axis):
        with pytest.raises(TypeError, match="UnitNorm: expected axis to be integers or None, got"):
            C.UnitNorm(axis)

    @pytest.mark.parametrize("constraint", [*SAMPLES, C.UnitNorm((1, 2, 3)), None], ids=repr)
    def test_saved(self, constraint):
        assert C.get(json.loads(json.dumps(C.serialize(constraint)))) == constraint

    @pytest.mark.parametrize(
        "entry", [{"name": "non_neg"}, {"name": "non_neg", "config": {"x": 1}}]
    )
    def test_foreign_configuration(self, entry):
        with pytest.raises(ValueError, match="constraint: expected a configuration of NonNeg"):
            C.get(entry)

    def test_table_is_complete(self):
        kinds = {v for v in vars(C).values() if isinstance(v, type) and issubclass(v, C.Constraint)}
        assert kinds - set(C.CONSTRAINTS.values()) == {C.Constraint, C.FromFunction}
        assert {type(sample) for sample in SAMPLES} == set(C.CONSTRAINTS.values())


@pytest.mark.parametrize("constraint", SAMPLES, ids=repr)
@pytest.mark.parametrize("dtype", [np.float16, np.float64])
def test_device(constraint, dtype):
    array = W.astype(dtype)
    with strict_device() as device:
        y = constraint(device.from_host(array))
        assert type(y) is not np.ndarray
        np.testing.assert_array_equal(device.to_host(y), constraint(array))

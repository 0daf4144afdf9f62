"""DataLoader: what it refuses, and that nothing that goes wrong passes for an end or a label."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.dataloaders import DataLoader

X = np.arange(40, dtype=np.float32).reshape(10, 4)
T = np.arange(10)


class WithGetitems:
    """A data set that fetches many samples at once, as `answer(indices)`."""

    def __init__(self, answer):
        self.answer = answer

    def __len__(self):
        return 10

    def __getitem__(self, index):
        raise AssertionError("__getitems__ is there")

    def __getitems__(self, indices):
        return self.answer(indices)


def samples(indices):
    return [(X[i], T[i]) for i in indices]


@pytest.mark.parametrize(
    ("options", "error", "match"),
    [
        ({"batch_size": 0}, ValueError, "batch_size to be an integer >= 1, got 0"),
        ({"batch_size": 2.0}, TypeError, "batch_size to be an integer >= 1, got 2.0"),
        ({"batch_size": True}, TypeError, "batch_size to be an integer >= 1, got True"),
        ({"prefetch": -1}, ValueError, "prefetch to be an integer >= 0, got -1"),
        ({"dataset": (X, T[:3])}, ValueError, r"arrays of one length, got \[10, 3\]"),
        ({"dataset": iter([])}, TypeError, "a data set with __len__ and __getitem__, got list_"),
        ({"dataset": {1, 2}}, TypeError, "a data set with __len__ and __getitem__, got set"),
        ({"dataset": {"x": X}}, TypeError, "a data set with __len__ and __getitem__, got dict"),
        ({"dataset": (X, [0] * 10)}, TypeError, r"a tuple of arrays alone, got \['ndarray', 'list"),
        ({"seed": -1}, ValueError, "seed to be an integer >= 0 or a Generator, got -1"),
        ({"seed": "a"}, TypeError, "seed to be an integer >= 0 or a Generator, got 'a'"),
    ],
)
def test_arguments(options, error, match):
    with pytest.raises(error, match=f"DataLoader: expected {match}"):
        DataLoader(**({"dataset": (X, T), "batch_size": 2} | options))


@pytest.mark.parametrize("answer", [lambda i: X[:1], lambda i: (X[i], 3), lambda i: samples(i)[1:]])
def test_wrong_answer_from_getitems(answer):
    with pytest.raises(ValueError, match=r"DataLoader: expected 3 samples from __getitems__, got"):
        next(DataLoader(WithGetitems(answer), 3))


def test_samples_of_different_shape():
    with pytest.raises(ValueError, match=r"of one shape, got \[\(2,\), \(3,\)\]\. Crop or pad"):
        next(DataLoader([np.ones(2), np.ones(3)], 2))


def test_samples_with_different_parts():
    with pytest.raises(ValueError, match=r"samples with 2 parts, got \[2, 3\]\. Return"):
        next(DataLoader([(1, 2), (1, 2, 3)], 2, shuffle=False))


@pytest.mark.parametrize("samples", [[(X[0], None), (X[1], 1)], [(X[0], 1), (X[1], None)]])
def test_some_samples_without_a_label(samples):
    with pytest.raises(ValueError, match=r"all of 2 samples or none to be None, got 1\. Return"):
        next(DataLoader(samples, 2))


def test_samples_with_different_keys():
    with pytest.raises(ValueError, match=r"samples with the keys \['x'\], got others too"):
        next(DataLoader([{"x": 1}, {"x": 1, "y": 2}], 2, shuffle=False))


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_data_set_that_runs_dry_is_no_end_of_the_epoch(prefetch):
    stream = iter(X[:3])
    dataset = WithGetitems(lambda indices: [(next(stream), 0) for _ in indices])
    loader = DataLoader(dataset, 2, shuffle=False, prefetch=prefetch)
    with pytest.raises(RuntimeError, match=r"a batch for slice\(2, 4, None\), got StopIteration"):
        list(loader)


def test_samples_that_are_variables():
    ((x, t),) = DataLoader([(Variable(row), 1) for row in X], 10, shuffle=False)
    np.testing.assert_array_equal(x, X)

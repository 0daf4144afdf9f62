"""Weights of classes."""

import numpy as np
import pytest

from dezero.training.weights import check_class_weight, class_weighted, masked
from tests.strict_device import strict_device


def test_labels():
    t = np.array([0, 2, 1, 2, 5], np.uint8)
    assert class_weighted(t, None, {2: 3.0, 0: 0.5}).tolist() == [0.5, 3, 1, 3, 1]
    assert class_weighted(t, np.arange(5.0), {2: 3.0}).tolist() == [0, 3, 2, 9, 4]
    assert class_weighted(t[:, None], None, {7: 2}).tolist() == [1] * 5


def test_one_hot_targets():
    t = np.eye(3)[[2, 0]]
    assert class_weighted(t, None, {2: 3.0}).tolist() == [3, 1]


def test_labels_below_zero_belong_to_no_class():
    assert class_weighted(np.array([-1, 1]), None, {1: 5}).tolist() == [1, 5]


def test_weights_are_where_the_labels_are():
    with strict_device() as backend:
        found = class_weighted(backend.from_host(np.array([1, 0])), None, {1: 5})
        assert type(found) is backend.array_types[0]
        assert found.get().tolist() == [5, 1]


def test_good_ones():
    check_class_weight(None)
    check_class_weight({0: 1, np.int64(3): 2.5, 4: 0})


@pytest.mark.parametrize("value", [{}, {-1: 1.0}, {"a": 1.0}, {0: -1.0}, {0: np.nan}, {0: "a"}])
def test_bad_ones(value):
    with pytest.raises(ValueError, match="fit: expected class_weight of labels from 0 and weights"):
        check_class_weight(value)


def test_no_dict():
    with pytest.raises(TypeError, match=r"fit: expected class_weight as {label: weight}, got list"):
        check_class_weight([1.0, 2.0])


def test_masked():
    mask = np.array([[True, True, False, False], [True, False, False, False]])
    assert masked(None, mask, mean=False).tolist() == mask.astype(float).tolist()
    assert masked(None, mask, mean=True).sum() == pytest.approx(mask.size)
    assert masked(np.array([1, 2]), mask, mean=False).sum(axis=1).tolist() == [2, 2]
    assert masked(2 * np.ones((2, 4)), mask, mean=False).sum() == 6
    assert masked(None, np.zeros((2, 3), bool), mean=True).tolist() == [[0] * 3] * 2

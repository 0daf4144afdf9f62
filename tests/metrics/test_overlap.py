"""Intersection over union: classes that are not there, numbers that do not count."""

import numpy as np
import pytest

from dezero.metrics import IoU


def test_absent_classes_and_foreign_numbers_do_not_count():
    metric = IoU(4)
    assert metric.result() == 0.0
    metric.update([0, 1, 1, 3], [0, 1, 255, -1])
    assert metric.result() == 1.0
    metric.update([[0, 1]], [[1, 1]], [2.0])
    assert metric.result() == pytest.approx((1 / 3 + 3 / 5) / 2)
    metric.update([np.nan, 1.0], [1, 1])
    assert metric.result() == pytest.approx((1 / 3 + 4 / 6) / 2)
    one = IoU(4, [1], ignore_class=0)
    one.update([1, 1, 0], [0, 1, 1])
    assert one.result() == 0.5


def test_what_is_refused():
    for ids in ([], [4], [-1]):
        with pytest.raises(ValueError, match="IoU: expected classes from 0 to 3"):
            IoU(4, ids)
    with pytest.raises(ValueError, match="iou: expected class numbers of one shape"):
        IoU(2).update(np.zeros((2, 2)), np.zeros(2))

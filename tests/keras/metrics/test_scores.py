"""Keras's metrics of columns and classes: what they refuse and what they warn of."""

import numpy as np
import pytest

from dezero.keras import metrics as M

T = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: M.F1Score("mean"), "expected average among .* got 'mean'"),
        (lambda: M.FBetaScore(beta=0.0), "beta > 0"),
        (lambda: M.F1Score(threshold=1.5), "threshold above 0, up to 1, got 1.5"),
        (lambda: M.F1Score()([1, 0], [0.3, 0.4]), r"one shape \(N, C\), got y \(2,\)"),
        (lambda: M.F1Score()(T, T, [1.0]), "one weight per sample"),
        (lambda: M.R2Score("mean"), "R2Score class_aggregation: unknown name 'mean'"),
        (lambda: M.R2Score(num_regressors=-1), "regressors >= 0"),
        (lambda: M.IoU(3, [3]), "IoU: expected classes from 0 to 2, got"),
        (lambda: M.MeanIoU(3)(T, T[:2]), "class numbers of one shape"),
    ],
)
def test_what_is_refused(make, text):
    with pytest.raises(ValueError, match=text):
        make()


def test_weights_that_are_cut_are_told():
    t, y, weight = np.array([0, 1, 1]), np.array([0, 1, 0]), np.array([1.5, 2.0, 0.7])
    with pytest.warns(UserWarning, match="MeanIoU: expected whole numbers.* dtype='float32'"):
        cut = M.MeanIoU(2)(t, y, weight)
    assert cut == pytest.approx(1.0)
    assert M.MeanIoU(2, dtype="float32")(t, y, weight) == pytest.approx((1.5 / 2.2 + 2 / 2.7) / 2)
    assert M.MeanIoU(2)(t, y, np.array([1, 2, 3])) == pytest.approx((1 / 4 + 2 / 5) / 2)


def test_r2_of_few_samples_is_not_adjusted():
    t = np.array([[1.0], [2.0], [4.0]])
    metric = M.R2Score(num_regressors=2)
    with pytest.warns(UserWarning, match="R2Score: expected more numbers than the 2 regressors"):
        assert metric(t, t + 0.1) == pytest.approx(M.R2Score()(t, t + 0.1))
    assert np.isnan(M.R2Score().result())


def test_labels_with_an_axis_of_one():
    y = np.eye(3)[[0, 2, 1]]
    metric = M.MeanIoU(3, sparse_y_pred=False)
    assert metric(np.array([[0], [2], [2]]), y) == pytest.approx((1 + 0 + 0.5) / 3)

"""Counts at thresholds and curves: order of thresholds, columns, errors."""

import numpy as np
import pytest

from dezero.metrics import AUC, BestAt, ThresholdCounts

T, Y = np.array([1, 0, 1, 1]), np.array([0.9, 0.6, 0.4, 0.1])


def test_counts_stand_in_the_order_of_the_thresholds():
    metric = ThresholdCounts([0.5, 0.0, 0.95, 0.4])
    assert metric.result().tolist() == [[0.0] * 4] * 4
    metric.update(Y, T)
    counts = metric.counts
    assert counts.true_positives.tolist() == [1, 3, 0, 1]
    assert counts.false_positives.tolist() == [1, 1, 0, 1]
    assert counts.precision.tolist() == [0.5, 0.75, 0, 0.5]
    assert counts.recall.tolist() == counts.sensitivity.tolist() == [1 / 3, 1, 0, 1 / 3]
    assert counts.specificity.tolist() == [0, 0, 1, 0]


def test_even_thresholds_and_uneven_ones_agree():
    rng = np.random.default_rng(0)
    y, t = rng.random((50, 3)), rng.integers(0, 2, (50, 3))
    even = np.linspace(0, 1, 9).tolist()
    for options in ({}, {"multi_label": True}, {"label_weights": [1.0, 0.0, 2.0]}):
        one, other = ThresholdCounts(even, **options), ThresholdCounts([*even, 0.33], **options)
        for metric in (one, other):
            metric.update(y, t, np.arange(50.0))
        np.testing.assert_allclose(one.result(), other.result()[:, :9])


def test_the_best_of_each_row():
    metric = ThresholdCounts([-1e10], top_k=1)
    metric.update([[0.2, 0.7], [0.9, 0.8]], [[0, 1], [0, 1]])
    assert metric.result()[:, 0].tolist() == [1, 1, 1, 1]


def test_logits_far_out_and_unseen():
    metric = AUC(from_logits=True)
    assert metric.result() == 0.0
    metric.update([-1e4, 1e4], [0, 1])
    assert metric.result() == pytest.approx(1.0)


def test_what_is_refused():
    with pytest.raises(ValueError, match="threshold_counts: expected y and t of one shape"):
        ThresholdCounts().update(Y, T[:, None])
    with pytest.raises(ValueError, match="BestAt figure: unknown name 'recal'"):
        BestAt("recal")

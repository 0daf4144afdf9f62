"""Classes among the k best."""

import numpy as np
import pytest

from dezero.metrics import in_top_k

Y = np.array([[0.1, 0.5, 0.4], [0.3, 0.3, 0.3], [np.nan, 0.2, 0.1]])


def test_equal_scores_are_all_among_the_best():
    assert in_top_k(Y, [2, 2, 0], 1).tolist() == [False, True, False]
    assert in_top_k(Y, [2, 0, 1], 2).tolist() == [True, True, True]
    assert in_top_k(Y, [0, 0, 2], 9).tolist() == [True, True, True]
    assert in_top_k(Y[None], [[1, 1, 1]], 1).tolist() == [[True, True, False]]


def test_what_is_refused():
    with pytest.raises(ValueError, match="in_top_k: expected labels from 0 to 2, got 3"):
        in_top_k(Y, [0, 1, 3])

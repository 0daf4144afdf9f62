"""Weights of samples from weights of classes."""

from typing import Any

import numpy as np

from dezero.backend import to_host


def class_weighted(t: Any, weight: Any, class_weight: dict[int, float]) -> Any:
    """Return one weight per sample of targets `t`: that of its class, 1 if it has none.

    Args:
        t: labels (N,), or one-hot targets (N, C).
        weight: weights per sample to multiply with, or None.
        class_weight: {label: weight}.
    """
    labels = to_host(t)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.reshape(-1).astype(np.int64)
    of_class = np.ones(max(int(labels.max(initial=0)), *class_weight) + 1, dtype=np.float64)
    for label, value in class_weight.items():
        of_class[label] = value
    weights = of_class[labels]
    return weights if weight is None else weights * weight

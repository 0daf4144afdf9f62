"""Weights of samples from weights of classes."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from dezero.backend import to_host, xp
from dezero.core.errors import describe
from dezero.training.nest import first_leaf, leaves


def check_class_weight(class_weight: Any) -> None:
    """Refuse what is no dict of labels and weights.

    Raises:
        TypeError: not a dict.
        ValueError: it is empty, a label is no integer >= 0, or a weight no number >= 0.
    """
    if class_weight is None:
        return
    if not isinstance(class_weight, Mapping):
        raise TypeError(
            f"fit: expected class_weight as {{label: weight}}, got {describe(class_weight)}. "
            "Write such as {0: 1.0, 1: 5.0}."
        )
    labels = all(isinstance(k, int | np.integer) and k >= 0 for k in class_weight)
    weights = all(isinstance(v, Real) and float(v) >= 0 for v in class_weight.values())
    if not class_weight or not labels or not weights:
        raise ValueError(
            "fit: expected class_weight of labels from 0 and weights of at least 0, "
            f"got {describe(dict(class_weight))}. Classes left out weigh 1."
        )


def class_weighted(t: Any, weight: Any, class_weight: Mapping[int, float]) -> Any:
    """Return one weight per sample of targets `t`: that of its class, 1 if it has none.

    Args:
        t: labels (N,), or one-hot targets (N, C).
        weight: weights per sample to multiply with, or None.
        class_weight: {label: weight}.
    Raises:
        ValueError: there are targets for several outputs.
    """
    if isinstance(t, dict | list):
        found = dict(leaves(t, "y"))
        if len(found) != 1:
            raise ValueError(
                f"fit: expected class_weight for a model of one output, got targets "
                f"{', '.join(found)}. Use sample_weight, a list with one for each output."
            )
        t, weight = first_leaf(t), first_leaf(weight)
    labels = to_host(t)
    if labels.ndim == 2 and labels.shape[1] > 1:
        labels = labels.argmax(axis=1)
    labels = labels.reshape(-1).astype(np.int64)
    of_class = np.ones(max(int(labels.max(initial=0)), *class_weight) + 1)
    for label, value in class_weight.items():
        of_class[label] = value
    # A label below 0, such as that of samples to be ignored, belongs to no class.
    weights = xp(t).asarray(np.where(labels < 0, 1.0, of_class[labels]))
    return weights if weight is None else weights * weight


def masked(weight: Any, mask: Any, *, mean: bool) -> Any:
    """Return weights that are 0 where `mask` is False, as Keras weighs what was masked.

    Args:
        weight: of the shape of the mask or of its first axes, or None.
        mask: booleans (N, T): which of the values count.
        mean: make the rest heavier, so that a mean over all values is one over those that count.
    """
    module = xp(mask)
    found = mask.astype(np.float32)
    if mean:
        valid = float(found.sum())
        found = found * (found.size / valid if valid else 0.0)
    if weight is None:
        return found
    weight = module.asarray(weight)
    return found * weight.reshape(weight.shape + (1,) * (found.ndim - weight.ndim))

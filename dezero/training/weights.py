"""Weights of samples from weights of classes."""

from collections.abc import Mapping
from numbers import Real
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core.errors import describe
from dezero.functions.placing import kept
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
    labels = t.argmax(axis=1) if t.ndim == 2 and t.shape[1] > 1 else t
    labels = labels.reshape(-1).astype(np.int64)
    # The last weight is that of labels without one, such as -1 of samples to be ignored.
    last = max(class_weight) + 1
    of_class = np.ones(last + 1)
    for label, value in class_weight.items():
        of_class[label] = value
    labels = xp(t).where((labels < 0) | (labels > last), last, labels)
    weights = kept(of_class, t)[labels]
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
        valid = found.sum()
        found = found * ((valid > 0) * found.size / module.maximum(valid, 1)).astype(found.dtype)
    if weight is None:
        return found
    weight = module.asarray(weight)  # as the user gave it, perhaps a list
    return found * weight.reshape(weight.shape + (1,) * (found.ndim - weight.ndim))

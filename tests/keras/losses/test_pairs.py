"""Errors of Keras's losses: which loss, which shapes, and what to do."""

import numpy as np
import pytest

from dezero.keras import losses as L
from dezero.keras.losses.pairs import in_words_of

P = np.full((4, 3), 1 / 3)
LABELS = np.array([0, 2, 1, 0])


@pytest.mark.parametrize(
    ("name", "t", "y", "text"),
    [
        ("categorical_crossentropy", LABELS, P,
         r"^categorical_crossentropy: expected y_true of the shape of y_pred, \(4, 3\), got "
         r"\(4,\). For class numbers use sparse_categorical_crossentropy, or utils.to_categ"),
        ("categorical_crossentropy", LABELS[:, None], P, "got .4, 1.. For class numbers use spar"),
        ("binary_crossentropy", LABELS, P, "a last layer of 1 unit"),
        ("mean_squared_error", P.T, P, r"Reshape y_true to \(4, 3\)"),
        ("mean_absolute_error", P[:, :2], P, "^mean_absolute_error: .* units of the last layer"),
        ("sparse_categorical_crossentropy", P, P,
         "^sparse_categorical_crossentropy: expected class numbers, .* use categorical_cross"),
        ("sparse_categorical_crossentropy", LABELS + 0.5, P, "no whole numbers, such as 0.5"),
        ("sparse_categorical_crossentropy", LABELS + 1, P,
         r"^sparse_categorical_crossentropy: expected labels from 0 to 2, got 3 at t\[1\].* "
         "named by ignore_class"),
        ("sparse_categorical_crossentropy", LABELS[:3], P, "^sparse_categorical_crossentropy: exp"),
        ("binary_crossentropy", P, P * 9 - 4, "^binary_.*activation='sigmoid', or .* from_logits"),
        ("categorical_crossentropy", P, P * 9, "^cat.*activation='softmax', or the loss from_logi"),
        ("categorical_focal_crossentropy", P, P * 9, "^categorical_focal.*activation='softmax'"),
        ("categorical_generalized_cross_entropy", LABELS + 1, P, "^categorical_gen.* from 0 to 2"),
        ("sparse_categorical_crossentropy", 1, np.float32(0.5), "one score for each class"),
        ("circle", LABELS[:3], P, "circle_loss: expected vectors"),
    ],
)  # fmt: skip
def test_errors(name, t, y, text):
    with pytest.raises(ValueError, match=text):
        getattr(L, name)(t, y)


def test_other_errors_stay_as_they_are():
    with pytest.raises(ValueError, match="^mine: broken$"), in_words_of("hinge"):
        raise ValueError("mine: broken")

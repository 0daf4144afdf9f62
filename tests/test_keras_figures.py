"""Names, order and values of figures of several outputs and weighted samples, beside Keras."""

import json

import pytest

from dezero import keras
from tests.keras.recorded.record_figures import CASES, HERE, figures

RECORDED = json.loads((HERE / "figures.json").read_text())


@pytest.mark.parametrize("name", CASES)
def test_figures(name):
    ours, theirs = figures(keras, name), RECORDED[name]
    for part in ("history", "named", "batch"):
        # Keras 3 sorts them; here they stand as in Keras 2: losses, then metrics by output.
        assert sorted(ours[part]) == list(theirs[part])
        for key, value in theirs[part].items():
            # Keras takes these for means over batches, as if the last were as large.
            if part != "named" or key not in ("a_loss", "b_loss"):
                assert ours[part][key] == pytest.approx(value, abs=1e-5), key
    keys = list(ours["named"])
    assert len(ours["evaluate"]) == len(theirs["evaluate"])
    for key, mine, value in zip(keys, ours["evaluate"], theirs["evaluate"], strict=True):
        if key not in ("a_loss", "b_loss"):
            assert mine == pytest.approx(value, abs=1e-5), key


def test_ragged_means_of_one_output_are_over_samples():
    _, mean = RECORDED["lists"]["named"]["b_mse"], RECORDED["lists"]["named"]["b_loss"]
    ours = figures(keras, "lists")["named"]
    assert ours["b_loss"] == pytest.approx(ours["b_mse"]) and abs(ours["b_loss"] - mean) > 1e-3


def test_history_is_in_the_order_of_keras_2():
    assert list(figures(keras, "lists")["history"])[:6] == [
        "loss", "a_loss", "b_loss", "a_accuracy", "b_mae", "b_mse",
    ]  # fmt: skip

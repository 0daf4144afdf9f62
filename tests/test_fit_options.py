"""fit: the options that came with Keras's face."""

import pytest

from dezero.training import Callback
from tests.training.toys import T, X, net


@pytest.mark.parametrize(("freq", "validated"), [(1, 5), (2, 2), ([1, 4], 2), (9, 0)])
def test_validation_freq(freq, validated):
    model = net()
    options = {"epochs": 5, "verbose": 0, "validation_data": (X, T), "validation_freq": freq}
    history = model.fit(X, T, **options).history
    assert len(history["loss"]) == 5 and len(history.get("val_loss", [])) == validated
    with pytest.raises(ValueError, match="fit: expected validation_freq to be an integer >= 1"):
        model.fit(X, T, validation_freq=0)


def test_a_callback_can_resume_where_a_training_was_interrupted():
    class Resume(Callback):
        def on_train_begin(self, logs=None):
            self.resume_epoch = 3

    assert net().fit(X, T, epochs=5, verbose=0, callbacks=Resume()).epoch == [3, 4]


def test_another_display():
    shown = []

    class Display:
        def __init__(self, verbose, epochs, steps):
            shown.append((verbose, epochs, steps))

        def begin(self, epoch, logs):
            self.tick = lambda: shown.append("tick")

        def end(self, logs):
            shown.append(list(logs))

    net().fit(X, T, verbose=1, display=Display)
    assert shown == [(1, 1, 2), "tick", "tick", ["loss"]]

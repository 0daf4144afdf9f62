"""Record what real Keras's callbacks decide, for `tests/test_keras_agreement.py`.

python tests/keras/recorded/record_callbacks.py   (needs keras and tensorflow; writes beside itself)
"""

import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = Path(__file__).parent


def cases(n=120):
    """Figures of 12 epochs and options, drawn at random; round figures, so that some are equal."""
    rng = np.random.default_rng(11)
    found = []
    for i in range(n):
        values = (rng.integers(0, 12, 12) / 8 + np.linspace(1, 0, 12).round(1)).tolist()
        mode = str(rng.choice(["min", "max", "auto"]))
        stop = {"patience": int(rng.integers(0, 4)), "mode": mode}
        reduce = {"patience": int(rng.integers(1, 4)), "factor": 0.5, "mode": mode}
        if rng.random() < 0.5:
            stop["min_delta"] = reduce["min_delta"] = float(rng.choice([0.1, 0.25]))
        if rng.random() < 0.3:
            stop["baseline"] = float(rng.choice([0.5, 1.0]))
        if rng.random() < 0.3:
            stop["start_from_epoch"] = int(rng.integers(1, 4))
        if rng.random() < 0.5:
            reduce["cooldown"] = int(rng.integers(1, 3))
        if rng.random() < 0.5:
            reduce["min_lr"] = 0.2
        found.append((values, stop, reduce, "val_loss" if i % 2 else "val_accuracy"))
    return found


def record():
    import keras

    print("keras", keras.__version__)
    results = []
    for values, stop, reduce, monitor in cases():
        model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
        model.compile(keras.optimizers.SGD(1.0), "mse", metrics=["accuracy"])
        model.evaluate(np.ones((2, 1)), np.ones((2, 1)), verbose=0)  # builds the metrics
        options = {"monitor": monitor, "restore_best_weights": True}
        one, other = (
            keras.callbacks.EarlyStopping(**options, **stop),
            keras.callbacks.ReduceLROnPlateau(monitor=monitor, **reduce),
        )
        results.append({"stopped": played(one, model, values, monitor), "rates": []})
        for callback in (other,):
            callback.set_model(model)
            callback.on_train_begin()
            for epoch, value in enumerate(values):
                callback.on_epoch_end(epoch, {monitor: value})
                results[-1]["rates"].append(float(model.optimizer.learning_rate.numpy()))
    (HERE / "callbacks.json").write_text(json.dumps(results))


def played(callback, model, values, monitor):
    """Return (epochs run, the epoch whose weights are there in the end)."""
    callback.set_model(model)
    model.stop_training = False
    callback.on_train_begin()
    for epoch, value in enumerate(values):
        model.set_weights([np.full((1, 1), epoch, np.float32)])
        callback.on_epoch_end(epoch, {monitor: value})
        if model.stop_training:
            break
    callback.on_train_end()
    return epoch + 1, int(model.get_weights()[0][0, 0])


if __name__ == "__main__":
    record()

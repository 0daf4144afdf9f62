"""Record what real Keras does in small trainings, for `tests/test_keras_agreement.py`.

python tests/keras/recorded/record_training.py   (needs keras and tensorflow; writes beside itself)
"""

import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
HERE = Path(__file__).parent
FIT = {"batch_size": 16, "epochs": 5, "shuffle": False, "verbose": 0}


def data():
    """180 samples of 20 features, their class among 5, and a number for each."""
    rng = np.random.default_rng(7)
    x = rng.standard_normal((180, 20)).astype(np.float32)
    t = (x[:, :5] + 0.3 * rng.standard_normal((180, 5))).argmax(1)
    number = (x[:, :3].sum(1, keepdims=True) / 2).astype(np.float32)
    return x, t, number, rng.random(180).astype(np.float32)


def start(*sizes, seed=3):
    """Kernels and biases of a dense network."""
    rng = np.random.default_rng(seed)
    arrays = []
    for a, b in zip(sizes, sizes[1:], strict=False):
        arrays += [rng.standard_normal((a, b)) * (2 / a) ** 0.5, 0.1 * rng.standard_normal(b)]
    return [array.astype(np.float32) for array in arrays]


CASES = {
    "accuracy": {
        "compile": {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
        "fit": {"validation_split": 0.2},
    },
    "one_hot_under_binary": {
        "compile": {"loss": "binary_crossentropy", "metrics": ["acc"]},
        "fit": {"validation_split": 0.1},
        "one_hot": True,
    },
    "softmax_under_binary": {
        "compile": {"loss": "binary_crossentropy", "metrics": ["acc"]},
        "fit": {"validation_split": 0.1},
        "one_hot": True,
        "seen": True,
    },
    "class_weight": {
        "compile": {
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
            "weighted_metrics": ["accuracy"],
        },
        "fit": {"class_weight": {0: 2.0, 3: 0.5}},
    },
    "sample_weight": {
        "compile": {"loss": "sparse_categorical_crossentropy", "weighted_metrics": ["accuracy"]},
        "fit": {"validation_split": 0.3},
        "weighted": True,
    },
}
TWO = {
    "loss": {"a": "sparse_categorical_crossentropy", "b": "mse"},
    "loss_weights": {"a": 0.7, "b": 1.5},
    "metrics": {"a": ["accuracy"], "b": ["mae"]},
}
# Whole batches only: Keras takes the mean of a_loss over batches, as if the last were as large.
EVEN = 160


def record():
    import keras

    print("keras", keras.__version__)
    x, t, number, weight = data()
    arrays, figures = {}, {"keras": keras.__version__}
    for name, case in CASES.items():
        layers = [
            keras.Input((20,)),
            keras.layers.Dense(16, activation="relu"),
            keras.layers.Dense(5, activation="softmax"),
        ]
        if case.get("one_hot") and not case.get("seen"):
            # Hides softmax: binary_crossentropy takes its logits for those of a sigmoid.
            layers.append(keras.layers.Rescaling(1.0))
        model = keras.Sequential(layers)
        model.set_weights(start(20, 16, 5))
        model.compile(keras.optimizers.SGD(0.1), **case["compile"])
        y = np.eye(5, dtype=np.float32)[t] if case.get("one_hot") else t
        options = dict(case["fit"], sample_weight=weight if case.get("weighted") else None)
        figures[name] = trained(keras, model, x, y, options)
        arrays.update({f"{name}/{i}": w for i, w in enumerate(model.get_weights())})
    figures["two_outputs"] = two_outputs(keras, arrays)
    for name in ("masked", "masked_and_weighted"):
        figures[name] = masked(keras, arrays, name)
    (HERE / "training.json").write_text(json.dumps(figures, indent=1))
    np.savez_compressed(HERE / "training.npz", **arrays)


def trained(keras, model, x, y, options):
    steps = []
    watch = keras.callbacks.LambdaCallback(on_train_batch_end=lambda i, logs: steps.append(logs))
    history = model.fit(x, y, callbacks=[watch], **FIT, **options).history
    steps = [{k: float(v) for k, v in logs.items()} for logs in steps]
    weight = options.get("sample_weight")
    final = model.evaluate(x, y, sample_weight=weight, verbose=0)
    return {"steps": steps, "history": history, "evaluate": [float(v) for v in final]}


def two_outputs(keras, arrays):
    x, t, number, weight = (array[:EVEN] for array in data())
    entry = keras.Input((20,), name="x")
    h = keras.layers.Dense(16, activation="tanh", name="h")(entry)
    a = keras.layers.Dense(5, activation="softmax", name="a")(h)
    b = keras.layers.Dense(1, name="b")(h)
    model = keras.Model(entry, [a, b])
    model.set_weights([*start(20, 16), *start(16, 5, seed=4), *start(16, 1, seed=5)])
    model.compile(keras.optimizers.SGD(0.1), **TWO)
    options = {"sample_weight": [weight, 1 - weight], "validation_split": 0.2}
    figures = trained(keras, model, x, [t, number], options)
    arrays.update({f"two_outputs/{i}": w for i, w in enumerate(model.get_weights())})
    return figures


def series():
    """160 series of 6 steps of 4 features, of which the last are missing, and a class per step."""
    rng = np.random.default_rng(9)
    x = rng.standard_normal((EVEN, 6, 4)).astype(np.float32)
    x[np.arange(6) >= rng.integers(1, 7, EVEN)[:, None]] = 0
    return x, rng.integers(0, 3, (EVEN, 6))


def masked(keras, arrays, name):
    x, t = series()
    model = keras.Sequential(
        [
            keras.Input((6, 4)),
            keras.layers.Masking(),
            keras.layers.Dense(8, activation="tanh"),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.set_weights(start(4, 8, 3))
    loss = "sparse_categorical_crossentropy"
    model.compile(keras.optimizers.SGD(0.1), loss, metrics=["accuracy"])
    options = {"validation_split": 0.2}
    if name == "masked_and_weighted":
        options["sample_weight"] = data()[3][:EVEN, None] * np.ones((1, 6), np.float32)
    figures = trained(keras, model, x, t, options)
    arrays.update({f"{name}/{i}": w for i, w in enumerate(model.get_weights())})
    return figures


if __name__ == "__main__":
    record()

"""Record how real Keras names, orders and finds figures of several outputs and weighted samples.

python tests/keras/recorded/record_figures.py   (needs keras and tensorflow; writes beside itself)

`tests/test_keras_figures.py` runs the same functions with `dezero.keras`.
"""

import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
HERE = Path(__file__).parent
SIZE = 60  # 48 of them train in three batches; an evaluation has batches of 25, 25 and 10
CLASSES = "sparse_categorical_crossentropy"


def data():
    """Return x, two targets and two weights of each sample."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((SIZE, 6)).astype(np.float32)
    t = rng.integers(0, 3, SIZE)
    number = x[:, :1] - 0.5 * x[:, 1:2]
    weights = rng.uniform(0.1, 2, (2, SIZE)).astype(np.float32)
    return x, [t, number], [weights[0], weights[1]]


# {case: (arguments of compile, what of the data is used)}
CASES = {
    "one loss": ({"loss": "mse"}, "ones"),
    "lists": ({"loss": [CLASSES, "mse"], "metrics": [["accuracy"], ["mae", "mse"]]}, ""),
    "dicts": (
        {
            "loss": {"a": CLASSES, "b": "mae"},
            "loss_weights": {"a": 0.3, "b": 2.0},
            "metrics": {"a": "accuracy", "b": ["mae"]},
            "weighted_metrics": {"b": ["mse"]},
        },
        "weighted",
    ),
    "acc": (
        {"loss": [CLASSES, "mse"], "loss_weights": [0.5, 1.5], "metrics": {"a": ["acc"]}},
        "",
    ),
    "weighted twins": (
        {
            "loss": [CLASSES, "mse"],
            "metrics": [["accuracy"], ["mae"]],
            "weighted_metrics": [["accuracy"], []],
        },
        "weighted",
    ),
    "objects": ({"loss": CLASSES, "objects": True}, "single"),
    "single": ({"loss": CLASSES, "metrics": ["accuracy"], "weighted_metrics": ["acc"]}, "single"),
    "single weighted": (
        {"loss": CLASSES, "metrics": ["acc"], "weighted_metrics": [CLASSES]},
        "single weighted",
    ),
    "binary": (
        {"loss": "binary_crossentropy", "metrics": ["accuracy", "binary_accuracy", "mse"]},
        "single one_hot",
    ),
}


def start(arrays):
    """Return weights to start from."""
    rng = np.random.default_rng(8)
    return [(0.5 * rng.standard_normal(array.shape)).astype(np.float32) for array in arrays]


def figures(keras, name):
    """Return what a training and evaluations of a case say, in their order."""
    compiled, parts = CASES[name]
    compiled = dict(compiled)
    x, ys, weights = data()
    entry = keras.Input((6,), name="x")
    hidden = keras.layers.Dense(4, activation="tanh", name="h")(entry)
    a = keras.layers.Dense(3, activation="softmax", name="a")(hidden)
    b = keras.layers.Dense(1, name="b")(hidden)
    y, weight = ys, weights
    if "single" in parts:
        y, weight, a, b = ys[0], weights[0], a, None
        y = np.eye(3, dtype=np.float32)[y] if "one_hot" in parts else y
    elif parts == "ones":
        y = [np.ones((SIZE, 3), np.float32), ys[1]]
    if compiled.pop("objects", False):
        m = keras.metrics
        compiled["metrics"] = [m.SparseCategoricalAccuracy(), m.SparseTopKCategoricalAccuracy(2)]
    model = keras.Model(entry, a if b is None else [a, b])
    model.set_weights(start(model.get_weights()))
    model.compile(optimizer=keras.optimizers.SGD(0.1), **compiled)
    given = {"sample_weight": weight} if "weighted" in parts else {}
    history = model.fit(
        x, y, batch_size=16, epochs=2, validation_split=0.2, shuffle=False, verbose=0, **given
    ).history
    options = {"batch_size": 25, "verbose": 0, **given}
    final = model.evaluate(x, y, **options)
    named = model.evaluate(x, y, return_dict=True, **options)
    weight = given.get("sample_weight")
    batch = model.test_on_batch(x, y, sample_weight=weight, return_dict=True)
    return {
        "history": {key: [float(v) for v in values] for key, values in history.items()},
        "evaluate": [float(v) for v in np.ravel(final)],
        "named": {key: float(v) for key, v in named.items()},
        "batch": {key: float(v) for key, v in batch.items()},
    }


def record():
    import keras

    found = {}
    for name in CASES:
        found[name] = figures(keras, name)
    (HERE / "figures.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    record()

"""Record what real Keras 3 says of the rarer losses, of metrics and activations.

`python record_metrics.py` writes metrics.json beside itself; tests read that, and need no Keras.
The usual ones are in record_losses.py.
"""

import json
import warnings
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from keras import activations, losses, metrics

HERE = Path(__file__).parent
RNG = np.random.default_rng(7)
N, C = 12, 4


def softmax(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def arrays():
    """Return inputs by kind: (y_true, y_pred) of 12 samples."""
    logits = RNG.normal(size=(N, C))
    labels = RNG.integers(0, C, N)
    chances = 1 / (1 + np.exp(-RNG.normal(size=(N, C))))
    grid = RNG.integers(0, 11, N) / 10  # falls on thresholds
    unit = RNG.normal(size=(N, C))
    unit /= np.sqrt((unit**2).sum(-1, keepdims=True))
    return {
        "real": (RNG.normal(size=(N, C)), RNG.normal(size=(N, C))),
        "positive": (RNG.uniform(0.1, 3, (N, C)), RNG.uniform(0.1, 3, (N, C))),
        "one_hot": (np.eye(C)[labels], softmax(logits)),
        "one_hot_logits": (np.eye(C)[labels], logits),
        "labels": (labels, softmax(logits)),
        "guesses": (labels, RNG.integers(0, C, N)),
        "many": (RNG.integers(-1, C + 2, (N, 3)), RNG.integers(0, C, (N, 3))),
        "bits": (RNG.integers(0, 2, (N, C)), chances),
        "bits_logits": (RNG.integers(0, 2, (N, C)), RNG.normal(size=(N, C))),
        "row": (RNG.integers(0, 2, N), RNG.uniform(size=N)),
        "column": (RNG.integers(0, 2, N), RNG.uniform(size=(N, 1))),
        "grid": (RNG.integers(0, 2, N), grid),
        "maps": (RNG.integers(0, 2, (N, 3, 3, 1)), RNG.uniform(size=(N, 3, 3, 1))),
        "numbers": (RNG.normal(size=N), RNG.normal(size=(N, 1))),
        "units": (RNG.integers(0, 3, N), unit),
        "words": (np.sort(RNG.integers(0, 3, (N, 3)))[:, ::-1], RNG.normal(size=(N, 7, 4))),
    }


INTEGERS = ("labels", "guesses", "many", "units", "words")
LOSSES = [
    ("BinaryFocalCrossentropy", {}, "bits"),
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True, "gamma": 3.0}, "bits"),
    ("BinaryFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "bits_logits"),
    ("BinaryFocalCrossentropy", {"gamma": 0.5, "axis": 0}, "bits"),
    ("BinaryFocalCrossentropy", {}, "column"),
    ("CategoricalFocalCrossentropy", {}, "one_hot"),
    ("CategoricalFocalCrossentropy", {"alpha": [0.1, 0.2, 0.3, 0.9], "gamma": 1.0}, "one_hot"),
    ("CategoricalFocalCrossentropy", {"from_logits": True, "label_smoothing": 0.1},
     "one_hot_logits"),
    ("CategoricalGeneralizedCrossEntropy", {}, "labels"),
    ("CategoricalGeneralizedCrossEntropy", {"q": 0.2}, "labels"),
    ("Dice", {}, "bits"), ("Dice", {"axis": -1}, "bits"), ("Dice", {"axis": [1, 2, 3]}, "maps"),
    ("Tversky", {}, "bits"), ("Tversky", {"alpha": 0.8, "beta": 0.1}, "bits"),
    ("Tversky", {"alpha": 0.3, "beta": 0.7, "axis": [1, 2, 3]}, "maps"),
    ("Circle", {}, "units"), ("Circle", {"gamma": 4.0, "margin": 0.25}, "units"),
    ("Circle", {"gamma": 4.0, "remove_diagonal": False}, "units"),
    ("CTC", {}, "words"),
    ("MeanAbsolutePercentageError", {}, "real"), ("MeanSquaredLogarithmicError", {}, "real"),
    ("LogCosh", {}, "real"), ("LogCosh", {}, "numbers"), ("Huber", {"delta": 0.5}, "numbers"),
    ("Hinge", {}, "real"), ("SquaredHinge", {}, "column"), ("CategoricalHinge", {}, "real"),
    ("Poisson", {}, "positive"), ("KLDivergence", {}, "real"), ("CosineSimilarity", {}, "real"),
]  # fmt: skip
METRICS = [
    ("AUC", {}, "row"), ("AUC", {}, "column"), ("AUC", {}, "grid"), ("AUC", {}, "bits"),
    ("AUC", {"num_thresholds": 11}, "grid"), ("AUC", {"num_thresholds": 3}, "row"),
    ("AUC", {"curve": "PR"}, "bits"), ("AUC", {"curve": "PR", "num_thresholds": 11}, "grid"),
    ("AUC", {"curve": "PR", "summation_method": "majoring"}, "bits"),
    ("AUC", {"curve": "PRGAIN"}, "bits"),
    ("AUC", {"summation_method": "minoring", "num_thresholds": 20}, "bits"),
    ("AUC", {"summation_method": "majoring", "num_thresholds": 20}, "bits"),
    ("AUC", {"multi_label": True}, "bits"), ("AUC", {"multi_label": True, "num_labels": 4}, "bits"),
    ("AUC", {"multi_label": True, "label_weights": [1.0, 0.0, 2.0, 0.5]}, "bits"),
    ("AUC", {"multi_label": True, "curve": "PR"}, "bits"),
    ("AUC", {"label_weights": [1.0, 0.0, 2.0, 0.5]}, "bits"),
    ("AUC", {"from_logits": True}, "bits_logits"),
    ("AUC", {"thresholds": [0.2, 0.7, 0.5]}, "bits"), ("AUC", {"thresholds": [0.5]}, "bits"),
    ("AUC", {"thresholds": [0.2, 0.7, 0.5], "multi_label": True}, "bits"),
    ("Precision", {}, "bits"), ("Precision", {"thresholds": [0.2, 0.5, 0.7]}, "bits"),
    ("Precision", {"thresholds": 0.3}, "grid"), ("Precision", {"top_k": 2}, "one_hot"),
    ("Precision", {"top_k": 2, "class_id": 1}, "one_hot"), ("Precision", {"class_id": 3}, "bits"),
    ("Precision", {"thresholds": [0.0, 0.5, 1.0]}, "bits"), ("Precision", {}, "column"),
    ("Precision", {}, "maps"),
    ("Recall", {}, "column"), ("Recall", {"thresholds": [0.2, 0.5, 0.7]}, "bits"),
    ("Recall", {"thresholds": [0.0, 0.25, 0.5, 0.75, 1.0]}, "grid"),
    ("Recall", {"top_k": 3}, "one_hot"), ("Recall", {"class_id": 0}, "one_hot"),
    ("Recall", {"thresholds": 0.6, "class_id": 0}, "bits"),
    *((name, options, "bits")
      for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
      for options in ({}, {"thresholds": 0.3}, {"thresholds": [0.1, 0.4, 0.9]})),
    *((name, {key: value, **more}, kind)
      for name, key in (("SensitivityAtSpecificity", "specificity"),
                        ("SpecificityAtSensitivity", "sensitivity"),
                        ("PrecisionAtRecall", "recall"), ("RecallAtPrecision", "precision"))
      for value, more, kind in ((0.5, {}, "bits"), (0.8, {"num_thresholds": 11}, "grid"),
                                (0.4, {"num_thresholds": 1}, "row"),
                                (0.6, {"class_id": 2}, "bits"))),
    *((name, {**more, "average": average}, kind)
      for name, more in (("F1Score", {}), ("FBetaScore", {"beta": 2.0}),
                         ("FBetaScore", {"beta": 0.5, "threshold": 0.4}))
      for average in (None, "micro", "macro", "weighted") for kind in ("one_hot", "bits")),
    ("F1Score", {"threshold": 0.5}, "maps2"),
    ("MeanIoU", {"num_classes": 4}, "guesses"), ("MeanIoU", {"num_classes": 4}, "many"),
    ("MeanIoU", {"num_classes": 6}, "many"),
    ("MeanIoU", {"num_classes": 4, "ignore_class": 1}, "many"),
    ("MeanIoU", {"num_classes": 4, "sparse_y_pred": False}, "labels"),
    ("MeanIoU", {"num_classes": 4, "dtype": "float32"}, "guesses"),
    ("IoU", {"num_classes": 4, "target_class_ids": [1, 3]}, "many"),
    ("IoU", {"num_classes": 4, "target_class_ids": [2], "dtype": "float32"}, "guesses"),
    ("BinaryIoU", {"target_class_ids": [0, 1], "threshold": 0.3}, "row"),
    ("BinaryIoU", {"target_class_ids": [1]}, "column"),
    ("BinaryIoU", {"dtype": "float32"}, "row"),
    ("OneHotIoU", {"num_classes": 4, "target_class_ids": [0, 2]}, "one_hot"),
    ("OneHotMeanIoU", {"num_classes": 4}, "one_hot"),
    ("R2Score", {}, "real"), ("R2Score", {"class_aggregation": None}, "real"),
    ("R2Score", {"class_aggregation": "variance_weighted_average"}, "real"),
    ("R2Score", {"num_regressors": 2}, "real"), ("R2Score", {}, "numbers2"),
    ("PearsonCorrelation", {}, "real"), ("PearsonCorrelation", {"axis": 0}, "real"),
    ("ConcordanceCorrelation", {}, "real"), ("ConcordanceCorrelation", {"axis": 0}, "real"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one_hot"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "labels"),
    ("SparseTopKCategoricalAccuracy", {"k": 2, "from_sorted_ids": True}, "sorted"),
    ("CosineSimilarity", {}, "real"), ("CosineSimilarity", {"axis": 0}, "real"),
    ("KLDivergence", {}, "bits"), ("Poisson", {}, "positive"), ("Hinge", {}, "bits_logits"),
    ("SquaredHinge", {}, "bits_logits"), ("CategoricalHinge", {}, "one_hot"),
    ("LogCoshError", {}, "numbers"), ("RootMeanSquaredError", {}, "numbers"),
    ("RootMeanSquaredError", {}, "real"), ("MeanSquaredError", {}, "numbers"),
    ("MeanAbsolutePercentageError", {}, "real"), ("Accuracy", {}, "guesses"),
    ("BinaryAccuracy", {}, "maps"), ("BinaryAccuracy", {"threshold": 0.3}, "grid"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.1}, "bits_logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot"),
    ("SparseCategoricalCrossentropy", {"ignore_class": 1}, "labels"),
    ("CategoricalAccuracy", {}, "one_hot"), ("SparseCategoricalAccuracy", {}, "labels"),
]  # fmt: skip
ACTIVATIONS = [
    ("celu", {}), ("celu", {"alpha": 0.5}), ("elu", {}), ("elu", {"alpha": 0.5}),
    ("exponential", {}), ("gelu", {}), ("gelu", {"approximate": True}), ("glu", {}),
    ("glu", {"axis": 0}), ("hard_shrink", {}), ("hard_shrink", {"threshold": 1.1}),
    ("hard_sigmoid", {}), ("hard_silu", {}), ("hard_tanh", {}), ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.01}), ("linear", {}), ("log_sigmoid", {}),
    ("log_softmax", {}), ("log_softmax", {"axis": 0}), ("mish", {}), ("relu", {}),
    ("relu", {"negative_slope": 0.1, "max_value": 1.5, "threshold": 0.3}),
    ("relu", {"max_value": 1.0}), ("relu", {"threshold": 0.5}), ("relu6", {}), ("selu", {}),
    ("sigmoid", {}), ("silu", {}), ("soft_shrink", {}), ("soft_shrink", {"threshold": 0.2}),
    ("softmax", {}), ("softmax", {"axis": 0}), ("softplus", {}), ("softsign", {}),
    ("sparse_plus", {}), ("sparse_sigmoid", {}), ("sparsemax", {}), ("sparsemax", {"axis": 0}),
    ("squareplus", {}), ("squareplus", {"b": 0.5}), ("tanh", {}), ("tanh_shrink", {}),
    ("threshold", {"threshold": 0.4, "default_value": -1.0}),
]  # fmt: skip


def as_given(kind, pair):
    t, y = (np.asarray(a) for a in pair)
    t = t.astype("int64") if kind in INTEGERS or kind == "sorted" else t.astype("float32")
    return t, y.astype("int64" if kind in ("guesses", "many", "sorted") else "float32")


def loss_values(name, options, t, y, weight):
    values = {}
    for reduction in ("sum_over_batch_size", "sum", "none"):
        loss = getattr(losses, name)(reduction=reduction, **options)
        values[reduction] = np.array(loss(t, y)).tolist()
    loss = getattr(losses, name)(**options)
    if np.shape(values["none"]) == (N,):
        values["weighted"] = float(loss(t, y, sample_weight=weight))
    x = tf.Variable(y)
    with tf.GradientTape() as tape:
        value = loss(t, x)
    values["gradient"] = np.array(tape.gradient(value, x)).tolist()
    return values


def metric_values(name, options, kind, data, weight):
    (t, y), metric, values = data[kind], getattr(metrics, name)(**options), []
    for part, w in ((slice(0, 5), None), (slice(5, N), None), (slice(2, 9), weight[2:9])):
        if options.get("axis") == 0 and w is not None:
            w = None
        try:
            metric.update_state(t[part], y[part], sample_weight=w)
        except (ValueError, tf.errors.InvalidArgumentError):
            print(f"Keras refuses the weights of {name} {options} on {kind}")
            continue
        values.append(np.array(metric.result()).tolist())
    return values


def activation_values(name, options, x):
    x = tf.Variable(x)
    with tf.GradientTape() as tape:
        y = getattr(activations, name)(x, **options)
    return [np.array(y).tolist(), np.array(tape.gradient(y, x)).tolist()]


def names():
    """Return the names that metrics and losses give themselves, in the order they are made."""
    keras.backend.clear_session()
    made = [
        metrics.AUC(), metrics.AUC(), metrics.Precision(), metrics.Recall(), metrics.Recall(),
        metrics.MeanIoU(2), metrics.IoU(2, [0]), metrics.BinaryIoU(), metrics.OneHotIoU(2, [0]),
        metrics.TruePositives(), metrics.PrecisionAtRecall(0.5), metrics.RecallAtPrecision(0.5),
        metrics.SensitivityAtSpecificity(0.5), metrics.SpecificityAtSensitivity(0.5),
        metrics.F1Score(), metrics.F1Score(), metrics.FBetaScore(), metrics.R2Score(),
        metrics.Mean(), metrics.Sum(), metrics.Accuracy(), metrics.LogCoshError(),
        metrics.RootMeanSquaredError(), metrics.PearsonCorrelation(),
        metrics.TopKCategoricalAccuracy(), metrics.KLDivergence(), losses.Dice(), losses.Tversky(),
        losses.Circle(), losses.CTC(), losses.BinaryFocalCrossentropy(), losses.Huber(),
    ]  # fmt: skip
    return [[type(one).__name__, one.name] for one in made]


def history(t, y, weight):
    """Return the history of a model that is trained two epochs and judged by many metrics."""
    keras.backend.clear_session()
    layer = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")
    model = keras.Sequential([keras.Input((C,)), layer])
    model.compile(
        keras.optimizers.SGD(0.5), "binary_crossentropy",
        metrics=["AUC", keras.metrics.AUC(curve="PR"), keras.metrics.Precision(), "Recall",
                 keras.metrics.Precision(0.7), "accuracy", "BinaryAccuracy", "mse"],
        weighted_metrics=["mae", keras.metrics.Recall(thresholds=[0.3, 0.5])],
    )  # fmt: skip
    found = model.fit(
        y, t, batch_size=5, epochs=2, shuffle=False, sample_weight=weight, verbose=0,
        validation_data=(y[::2], t[::2]),
    )  # fmt: skip
    return {key: np.array(values).tolist() for key, values in found.history.items()}


def main():
    warnings.simplefilter("ignore")
    made = arrays()
    made["maps2"] = tuple(a.reshape(N, 9) for a in made["maps"])
    made["numbers2"] = tuple(a.reshape(N, 1) for a in made["numbers"])
    made["sorted"] = (made["labels"][0], np.argsort(-made["labels"][1], -1))
    data = {kind: as_given(kind, pair) for kind, pair in made.items()}
    weight = RNG.uniform(0.2, 2.5, N).astype("float32")
    x = np.round(RNG.normal(size=(4, 6)) * 1.5, 2).astype("float32")
    found = {
        "data": {kind: [a.tolist() for a in pair] for kind, pair in data.items()},
        "integers": [kind for kind in data if data[kind][0].dtype == "int64"],
        "weight": weight.tolist(),
        "x": x.tolist(),
        "losses": [[n, o, k, loss_values(n, o, *data[k], weight)] for n, o, k in LOSSES],
        "metrics": [[n, o, k, metric_values(n, o, k, data, weight)] for n, o, k in METRICS],
        "activations": [[n, o, activation_values(n, o, x)] for n, o in ACTIVATIONS],
        "names": names(),
        "history": history(data["column"][0], data["real"][1], weight),
    }
    text = json.dumps(found).replace('], ["', '],\n["').replace("NaN", "null")
    (HERE / "metrics.json").write_text(text + "\n")


if __name__ == "__main__":
    main()

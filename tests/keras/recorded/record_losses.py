"""Record what real Keras 3 says of losses and metrics: `python record_losses.py`.

Writes losses.json beside itself; tests read that, and need no Keras.
"""

import json
from pathlib import Path

import numpy as np
from keras import losses, metrics

HERE = Path(__file__).parent
RNG = np.random.default_rng(0)
N, C = 6, 4


def arrays():
    """Return inputs by kind: (y_true, y_pred) of 6 samples."""
    logits = RNG.normal(size=(N, C)).astype("float32")
    soft = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
    labels = RNG.integers(0, C, N)
    return {
        "real": (RNG.normal(size=(N, C)), RNG.normal(size=(N, C))),
        "positive": (RNG.uniform(0.1, 3, (N, C)), RNG.uniform(0.1, 3, (N, C))),
        "one_hot": (np.eye(C)[labels], soft),
        "one_hot_logits": (np.eye(C)[labels], logits),
        "labels": (labels, soft),
        "labels_logits": (labels[:, None], logits),
        "bits": (RNG.integers(0, 2, (N, C)), 1 / (1 + np.exp(-logits))),
        "bits_logits": (RNG.integers(0, 2, (N, C)), logits),
        "distributions": (soft[::-1].copy(), soft),
        "column": (RNG.integers(0, 2, N), RNG.uniform(size=(N, 1))),
    }


LOSSES = [
    ("MeanSquaredError", {}, "real"), ("MeanAbsoluteError", {}, "real"),
    ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "positive"), ("CosineSimilarity", {}, "real"),
    ("CosineSimilarity", {"axis": 0}, "real"), ("Huber", {}, "real"),
    ("Huber", {"delta": 0.3}, "real"), ("LogCosh", {}, "real"), ("Hinge", {}, "bits_logits"),
    ("SquaredHinge", {}, "bits_logits"), ("CategoricalHinge", {}, "one_hot"),
    ("KLDivergence", {}, "distributions"), ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {}, "bits"), ("BinaryCrossentropy", {}, "one_hot"),
    ("BinaryCrossentropy", {"from_logits": True, "label_smoothing": 0.2}, "bits_logits"),
    ("CategoricalCrossentropy", {}, "one_hot"),
    ("CategoricalCrossentropy", {"from_logits": True}, "one_hot_logits"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.1}, "one_hot"),
    ("SparseCategoricalCrossentropy", {}, "labels"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "labels_logits"),
    ("SparseCategoricalCrossentropy", {"from_logits": True, "ignore_class": 1}, "labels_logits"),
]  # fmt: skip
METRICS = [
    ("MeanSquaredError", {}, "real"), ("RootMeanSquaredError", {}, "real"),
    ("MeanAbsoluteError", {}, "real"), ("MeanAbsolutePercentageError", {}, "positive"),
    ("MeanSquaredLogarithmicError", {}, "positive"), ("CosineSimilarity", {}, "real"),
    ("LogCoshError", {}, "real"), ("Hinge", {}, "bits_logits"),
    ("SquaredHinge", {}, "bits_logits"), ("CategoricalHinge", {}, "one_hot"),
    ("KLDivergence", {}, "distributions"), ("Poisson", {}, "positive"),
    ("BinaryCrossentropy", {}, "bits"), ("CategoricalCrossentropy", {}, "one_hot"),
    ("SparseCategoricalCrossentropy", {}, "labels"), ("BinaryAccuracy", {}, "bits"),
    ("BinaryAccuracy", {"threshold": 0.3}, "column"), ("CategoricalAccuracy", {}, "one_hot"),
    ("SparseCategoricalAccuracy", {}, "labels"),
    ("SparseCategoricalAccuracy", {}, "labels_logits"),
    ("TopKCategoricalAccuracy", {"k": 2}, "one_hot"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "labels"), ("Precision", {}, "bits"),
    ("Recall", {"thresholds": 0.4}, "bits"), ("TruePositives", {}, "bits"),
    ("FalsePositives", {}, "bits"), ("TrueNegatives", {}, "bits"), ("FalseNegatives", {}, "bits"),
]  # fmt: skip


def main():
    data = {k: [np.asarray(a, "float32").tolist() for a in v] for k, v in arrays().items()}
    data["labels"][0] = [int(v) for v in data["labels"][0]]
    weight = RNG.uniform(0.2, 2, N).astype("float32")
    found = {"data": data, "weight": weight.tolist(), "losses": [], "metrics": []}
    for name, options, kind in LOSSES:
        t, y = (np.array(a) for a in data[kind])
        t = t.astype("int64") if kind.startswith("labels") else t.astype("float32")
        y = y.astype("float32")
        values = {"plain": float(getattr(losses, name)(**options)(t, y))}
        for reduction in ("sum", "none"):
            loss = getattr(losses, name)(reduction=reduction, **options)
            values[reduction] = np.array(loss(t, y)).tolist()
        if options.get("axis") != 0:
            for reduction in ("sum_over_batch_size", "sum", "mean_with_sample_weight"):
                loss = getattr(losses, name)(reduction=reduction, **options)
                values[f"weighted {reduction}"] = float(loss(t, y, sample_weight=weight))
        found["losses"].append([name, options, kind, values])
    for name, options, kind in METRICS:
        t, y = (np.array(a) for a in data[kind])
        t = t.astype("int64") if kind.startswith("labels") else t.astype("float32")
        y = y.astype("float32")
        metric, values = getattr(metrics, name)(**options), []
        for part, w in ((slice(0, 4), None), (slice(4, 6), None), (slice(1, 5), weight[1:5])):
            metric.update_state(t[part], y[part], sample_weight=w)
            values.append(float(metric.result()))
        found["metrics"].append([name, options, kind, values])
    (HERE / "losses.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()

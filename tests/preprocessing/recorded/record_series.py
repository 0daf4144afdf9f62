"""Write down what Keras 3.15.1 makes of series: `python record_series.py`, with Keras installed."""

import json
from pathlib import Path

import keras
import numpy as np
from keras.src.legacy.preprocessing.sequence import TimeseriesGenerator

DATA, TARGETS = np.arange(30).reshape(15, 2), np.arange(15) * 10
S = np.arange(20.0)
GENERATORS = [
    {"length": 4, "batch_size": 3},
    {"length": 4, "sampling_rate": 2, "stride": 2, "batch_size": 2},
    {"length": 3, "start_index": 2, "end_index": 9, "batch_size": 4, "reverse": True},
    {"length": 5, "stride": 3, "batch_size": 2, "sampling_rate": 3},
]
SETS = [
    ((S[:-3], S[3:], 3), {"batch_size": 4}),
    ((S, None, 4), {"sequence_stride": 3, "sampling_rate": 2, "batch_size": 3}),
    ((S, S, 5), {"start_index": 2, "end_index": 15, "batch_size": 5}),
    ((S, S[5:], 2), {"batch_size": None, "sequence_stride": 6}),
    ((S, S[:7], 2), {}),
]


def listed(batch):
    return (
        [p.numpy().tolist() for p in batch] if isinstance(batch, tuple) else batch.numpy().tolist()
    )


def main():
    out = {"gen": [], "data": []}
    for options in GENERATORS:
        g = TimeseriesGenerator(DATA, TARGETS, **options)
        out["gen"].append([options, len(g), [[a.tolist() for a in g[i]] for i in range(len(g))]])
    for args, options in SETS:
        found = keras.utils.timeseries_dataset_from_array(*args, **options)
        plain = [a.tolist() if hasattr(a, "tolist") else a for a in args]
        out["data"].append([plain, options, [listed(b) for b in found]])
    Path(__file__).with_name("series.json").write_text(json.dumps(out), "utf-8")


if __name__ == "__main__":
    main()

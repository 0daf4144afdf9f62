"""What `recorded/record_metrics.py` wrote down of real Keras."""

import json
from pathlib import Path

import numpy as np

RECORDED = json.loads((Path(__file__).parent / "recorded" / "metrics.json").read_text("utf-8"))
WEIGHT = np.array(RECORDED["weight"], "f4")


def arrays(kind):
    """Return targets and predictions of that kind, as Keras was given them."""
    t, y = (np.array(a) for a in RECORDED["data"][kind])
    whole = kind in RECORDED["integers"]
    return t if whole else t.astype("f4"), y if y.dtype.kind == "i" else y.astype("f4")


def numbers(values):
    """Return recorded values as an array; null stands for NaN."""
    return np.array(values, dtype=np.float64)


def label(line):
    """Return what a recorded line is called in a test's name."""
    return f"{line[0]} {line[1]} {line[2]}"[:70]

"""One line per layer and model that a file may name: what it computes from x and its weights.

The files beside this one and in `tests/specs/models` hold more of them, each those of one file of
`dezero/layers` or `dezero/models`.
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import dezero.functions as F
import dezero.layers as L
from dezero.models import MLP, Sequential
from dezero.regularizers import L1


class LayerSpec(NamedTuple):
    """How to make a layer, the shape of its input, and its output in NumPy, dropout off.

    `oracle(x, weights)` gets float64 arrays, the weights by path. `high` makes the input integers
    below it; such a layer is not differentiated by its input.
    """

    make: Callable[[], Any]
    shape: tuple[int, ...]
    oracle: Callable[[np.ndarray, dict], np.ndarray]
    id: str
    high: int | None = None


def affine(x, w, path=""):
    return x @ w[f"{path}W"] + w[f"{path}b"]


def normed(x, w):
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-5)
    return w["gamma"] * scaled + w["beta"]


def by_channel(v, ndim, axis):
    return v.reshape([-1 if i == axis % ndim else 1 for i in range(ndim)])


def untrained(x, w, axis=1):
    """Batch norm with the running statistics that a new layer has, mean 0 and variance 1."""
    first = {"gamma": np.ones(1), "beta": np.zeros(1), **w}
    gamma, beta = (by_channel(first[name], x.ndim, axis) for name in ("gamma", "beta"))
    return gamma * x / np.sqrt(1 + 2e-5) + beta


def grouped(x, w, groups):
    rows = x.reshape(len(x), groups, -1)
    rows = (rows - rows.mean(-1, keepdims=True)) / np.sqrt(rows.var(-1, keepdims=True) + 1e-5)
    first = {"gamma": np.ones(1), "beta": np.zeros(1), **w}
    gamma, beta = (by_channel(first[name], x.ndim, 1) for name in ("gamma", "beta"))
    return gamma * rows.reshape(x.shape) + beta


def rms_normed(x, w):
    return w["gamma"] * x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-6)


def logistic(x):
    return 1 / (1 + np.exp(-x))


def mlp(x, w):
    return affine(np.tanh(affine(x, w, "l0/")), w, "l1/")


SPECS = [
    LayerSpec(lambda: L.Linear(3), (4, 5), affine, "Linear"),
    LayerSpec(lambda: L.Linear(3, in_size=5), (2, 4, 5), affine, "Linear-eager-3d"),
    LayerSpec(lambda: L.Linear(3, nobias=True), (4, 5), lambda x, w: x @ w["W"], "Linear-nobias"),
    LayerSpec(
        lambda: L.Linear(
            3,
            activation="tanh",
            bias_initializer="normal",
            kernel_regularizer=L1(0.1),
            kernel_constraint="max_norm",
        ),
        (4, 5),
        lambda x, w: np.tanh(affine(x, w)),
        "Linear-all",
    ),
    LayerSpec(lambda: L.Dropout(0.3), (4, 5), lambda x, w: x, "Dropout"),
    LayerSpec(lambda: L.Flatten(), (4, 2, 3), lambda x, w: x.reshape(4, 6), "Flatten"),
    LayerSpec(lambda: L.Activation("sigmoid"), (4, 5), lambda x, w: logistic(x), "Activation"),
    LayerSpec(lambda: L.EmbedID(7, 3), (4, 2), lambda x, w: w["W"][x], "EmbedID", high=7),
    LayerSpec(lambda: L.BatchNorm(), (4, 5), untrained, "BatchNorm"),
    LayerSpec(lambda: L.BatchNorm(5), (4, 5, 2, 3), untrained, "BatchNorm-eager-4d"),
    LayerSpec(
        lambda: L.BatchNorm(layout="NHWC"),
        (4, 2, 3, 5),
        lambda x, w: untrained(x, w, -1),
        "BatchNorm-nhwc",
    ),
    LayerSpec(lambda: L.BatchNorm(scale=False, shift=False), (4, 5), untrained, "BatchNorm-plain"),
    LayerSpec(lambda: L.GroupNorm(2), (4, 6, 3), lambda x, w: grouped(x, w, 2), "GroupNorm"),
    LayerSpec(
        lambda: L.GroupNorm(2, 6, layout="NHWC", shift=False),
        (4, 2, 3, 6),
        lambda x, w: np.moveaxis(grouped(np.moveaxis(x, -1, 1), w, 2), 1, -1),
        "GroupNorm-nhwc",
    ),
    LayerSpec(
        lambda: L.InstanceNorm(), (4, 3, 2, 5), lambda x, w: grouped(x, w, 3), "InstanceNorm"
    ),
    LayerSpec(
        lambda: L.InstanceNorm(scale=True, shift=True),
        (4, 3, 6),
        lambda x, w: grouped(x, w, 3),
        "InstanceNorm-affine",
    ),
    LayerSpec(lambda: L.RMSNorm(), (2, 4, 5), rms_normed, "RMSNorm"),
    LayerSpec(lambda: L.LayerNorm(), (4, 5), normed, "LayerNorm"),
    LayerSpec(lambda: L.LayerNorm(5), (2, 4, 5), normed, "LayerNorm-eager-3d"),
    LayerSpec(lambda: MLP((4, 3), "tanh", dropout=0.5), (4, 5), mlp, "MLP"),
    LayerSpec(
        lambda: Sequential(L.Linear(4), F.tanh, L.Dropout(), L.Linear(3), name="모델"),
        (4, 5),
        lambda x, w: affine(np.tanh(affine(x, w, "l0/")), w, "l3/"),
        "Sequential",
    ),
]
for room in ("layers", "models"):
    for path in sorted((Path(__file__).parents[1] / room).glob("[!_]*.py")):
        SPECS += importlib.import_module(f"tests.specs.{room}.{path.stem}").SPECS

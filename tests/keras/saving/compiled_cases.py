"""Models that train, and their data: what `record_compiled.py` asks Keras, and the tests ask us."""

from collections.abc import Callable
from typing import Any

import numpy as np

X = np.random.default_rng(0).normal(size=(16, 3)).astype("f4")
T = np.random.default_rng(1).normal(size=(16, 1)).astype("f4")


def decaying(optimizers: Any) -> Any:
    return optimizers.Adam(optimizers.schedules.ExponentialDecay(0.1, 3, 0.5))


def stairs(optimizers: Any) -> Any:
    return optimizers.SGD(optimizers.schedules.PiecewiseConstantDecay([3, 7], [0.1, 0.05, 0.01]))


KINDS = ("SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Nadam", "RMSprop")
OPTIMIZERS: dict[str, Callable[[Any], Any]] = {
    **{kind: lambda optimizers, k=kind: getattr(optimizers, k)(0.05) for kind in KINDS},
    "name": lambda optimizers: "adam",
    "momentum": lambda optimizers: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "centered": lambda optimizers: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "amsgrad": lambda optimizers: optimizers.Adam(0.01, amsgrad=True),
    "clipped": lambda optimizers: optimizers.Adam(0.01, clipnorm=0.1, weight_decay=0.01),
    "decaying": decaying,
    "stairs": stairs,
}
LOSSES: dict[str, Callable[[Any], Any]] = {
    "mse": lambda keras: "mse",
    "Huber": lambda keras: keras.losses.Huber(),
    "function": lambda keras: keras.losses.mean_absolute_error,
    "hinge": lambda keras: keras.losses.Hinge(reduction="sum"),
}


def trained(keras: Any, optimizer: str, loss: str = "mse", *, steps: int = 0) -> Any:
    """Return a compiled model of either library after some steps."""
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(4, activation="tanh", name="first"),
            layers.BatchNormalization(name="norm"),
            layers.Dense(1, name="last"),
        ],
        name="row",
    )
    rng = np.random.default_rng(5)
    shapes = [w.shape for w in model.get_weights()]
    model.set_weights([rng.uniform(0.2, 0.9, shape).astype("f4") for shape in shapes])
    metrics = ["mae", keras.metrics.MeanSquaredError(name="squares")]
    model.compile(OPTIMIZERS[optimizer](keras.optimizers), LOSSES[loss](keras), metrics=metrics)
    figures(model, steps)
    return model


def figures(model: Any, steps: int = 5) -> np.ndarray:
    """Return loss and metrics of each of some further steps."""
    found = []
    for _ in range(steps):
        model.reset_metrics() if hasattr(model, "reset_metrics") else None
        found.append(model.train_on_batch(X, T))
    return np.array(found, np.float64)

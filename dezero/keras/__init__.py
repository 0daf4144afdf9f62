"""Keras's spellings, argument order and layout over dezero's own rooms."""

import sys

from dezero.keras import (
    activations,
    applications,
    backend,
    backend_more,
    callbacks,
    config,
    constraints,
    datasets,
    initializers,
    layers,
    losses,
    metrics,
    mixed_precision,
    models,
    ops,
    optimizers,
    preprocessing,
    random,
    regularizers,
    saving,
    utils,
)
from dezero.keras.initializers import Initializer
from dezero.keras.layers import Input, Layer
from dezero.keras.losses import Loss
from dezero.keras.metrics import Metric
from dezero.keras.models import Model, Sequential
from dezero.keras.oldpaths import open_paths
from dezero.keras.optimizers import Optimizer
from dezero.keras.policies import DTypePolicy
from dezero.keras.regularizers import Regularizer
from dezero.keras.tensors import KerasTensor
from dezero.keras.variables import variable as Variable

__version__ = "3.15.1"  # whose numbers these are

__all__ = [
    "DTypePolicy",
    "Initializer",
    "Input",
    "KerasTensor",
    "Layer",
    "Loss",
    "Metric",
    "Model",
    "Optimizer",
    "Regularizer",
    "Sequential",
    "Variable",
    "activations",
    "applications",
    "backend",
    "backend_more",
    "callbacks",
    "config",
    "constraints",
    "datasets",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "mixed_precision",
    "models",
    "ops",
    "optimizers",
    "preprocessing",
    "random",
    "regularizers",
    "saving",
    "utils",
]

open_paths(sys.modules[__name__])

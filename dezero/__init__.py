"""dezero: define-by-run automatic differentiation and deep learning in NumPy, made to be read.

`import dezero.functions as F`; Variables and Functions are in `dezero.core`, and the rooms above
(layers, models, optimizers, datasets, training, ...) are imported when first asked for.
"""

import importlib
from typing import TYPE_CHECKING, Any

from dezero import functions
from dezero.backend.random import seed
from dezero.core import (
    Config,
    Function,
    FunctionHook,
    Parameter,
    Variable,
    as_array,
    as_variable,
    no_grad,
    setup_variable,
    test_mode,
    using_config,
)

if TYPE_CHECKING:
    from dezero import (
        autograd,
        dataloaders,
        datasets,
        initializers,
        io,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        testing,
        training,
        transforms,
    )
    from dezero.autograd import grad
    from dezero.dataloaders import DataLoader, SeqDataLoader
    from dezero.datasets import Dataset
    from dezero.layers import Layer
    from dezero.models import Model, Sequential, load_model
    from dezero.training import plot_history

__version__ = "0.1.0"

# name -> the room it comes from; None for a room itself.
_LAZY: dict[str, str | None] = {
    "autograd": None,
    "constraints": None,
    "dataloaders": None,
    "datasets": None,
    "initializers": None,
    "io": None,
    "layers": None,
    "losses": None,
    "metrics": None,
    "models": None,
    "optimizers": None,
    "regularizers": None,
    "testing": None,
    "training": None,
    "transforms": None,
    "grad": "autograd",
    "DataLoader": "dataloaders",
    "SeqDataLoader": "dataloaders",
    "Dataset": "datasets",
    "Layer": "layers",
    "Model": "models",
    "Sequential": "models",
    "load_model": "models",
    "plot_history": "training",
}

__all__ = [
    "Config",
    "DataLoader",
    "Dataset",
    "Function",
    "FunctionHook",
    "Layer",
    "Model",
    "Parameter",
    "SeqDataLoader",
    "Sequential",
    "Variable",
    "as_array",
    "as_variable",
    "autograd",
    "dataloaders",
    "datasets",
    "functions",
    "grad",
    "initializers",
    "io",
    "layers",
    "load_model",
    "losses",
    "metrics",
    "models",
    "no_grad",
    "optimizers",
    "plot_history",
    "seed",
    "setup_variable",
    "test_mode",
    "testing",
    "training",
    "transforms",
    "using_config",
]


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"dezero: expected one of its names, got {name!r}. See dir(dezero).")
    room = _LAZY[name]
    module = importlib.import_module(f"dezero.{room or name}")
    value = module if room is None else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})

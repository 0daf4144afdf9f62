"""dezero: define-by-run automatic differentiation and deep learning in NumPy, made to be read.

`import dezero.functions as F`; Variables and Functions are in `dezero.core`, and the rooms above
(layers, models, optimizers, datasets, training, ...) are imported when first asked for.

Readers of the book set `dezero.is_simple_core = True` for its steps 23 to 32: `dezero.Variable`,
`dezero.Function` and their helpers are then those of `dezero.core_simple`, whose gradients are
plain arrays. Functions, layers and models keep to `dezero.core`.
"""

import importlib
from typing import TYPE_CHECKING, Any

from dezero import core, functions
from dezero.backend.random import seed
from dezero.core import FunctionHook, Parameter, test_mode
from dezero.core.registry import DISPLAYS

if TYPE_CHECKING:
    from dezero import (
        autograd,
        core_simple,
        cuda,
        dataloaders,
        datasets,
        functions_conv,
        initializers,
        inspection,
        io,
        layers,
        losses,
        metrics,
        models,
        optimizers,
        testing,
        training,
        transforms,
        utils,
    )
    from dezero.autograd import grad
    from dezero.core import (
        Config,
        Function,
        Variable,
        as_array,
        as_variable,
        no_grad,
        setup_variable,
        using_config,
    )
    from dezero.dataloaders import DataLoader, SeqDataLoader
    from dezero.datasets import Dataset
    from dezero.layers import Layer
    from dezero.models import Model, Sequential, load_model
    from dezero.training import plot_history

__version__ = "0.1.0"

is_simple_core = False
# Names of both cores: looked up at each use, so that setting the line above has an effect.
_OF_A_CORE = (
    "Config Function Variable as_array as_variable no_grad setup_variable using_config".split()
)

# name -> the room it comes from; None for a room itself.
_LAZY: dict[str, str | None] = {
    "autograd": None,
    "constraints": None,
    "core_simple": None,
    "cuda": None,
    "dataloaders": None,
    "datasets": None,
    "functions_conv": None,
    "initializers": None,
    "inspection": None,
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
    "utils": None,
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
    "core",
    "core_simple",
    "cuda",
    "dataloaders",
    "datasets",
    "functions",
    "functions_conv",
    "grad",
    "initializers",
    "inspection",
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
    "utils",
]

# Drawing takes the rooms above core, so they are entered when a notebook shows a Variable.
DISPLAYS["graph"] = lambda variable: __getattr__("inspection").graph_html(variable)


def __getattr__(name: str) -> Any:
    if name in _OF_A_CORE:
        return getattr(__getattr__("core_simple") if is_simple_core else core, name)
    if name not in _LAZY:
        raise AttributeError(f"dezero: expected one of its names, got {name!r}. See dir(dezero).")
    room = _LAZY[name]
    module = importlib.import_module(f"dezero.{room or name}")
    value = module if room is None else getattr(module, name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY, *_OF_A_CORE})

"""Optimizers: one formula each, `Adam().setup(model)` then `update()` after every backward."""

from typing import Any

from dezero.core.errors import lookup
from dezero.optimizers.adam import Adam, Adamax, AdamW, AMSGrad, NAdam, RAdam
from dezero.optimizers.adaptive import AdaDelta, AdaGrad, RMSprop
from dezero.optimizers.hooks import ClipGrad, FreezeParam, WeightDecay
from dezero.optimizers.optimizer import Optimizer
from dezero.optimizers.sgd import SGD, MomentumSGD, Nesterov

__all__ = [
    "AMSGrad",
    "AdaDelta",
    "AdaGrad",
    "Adam",
    "AdamW",
    "Adamax",
    "ClipGrad",
    "FreezeParam",
    "MomentumSGD",
    "NAdam",
    "Nesterov",
    "Optimizer",
    "RAdam",
    "RMSprop",
    "SGD",
    "WeightDecay",
    "build",
    "get",
]

OPTIMIZERS: dict[str, type[Optimizer]] = {
    cls.__name__: cls
    for cls in (
        SGD,
        MomentumSGD,
        Nesterov,
        AdaGrad,
        RMSprop,
        AdaDelta,
        Adam,
        AdamW,
        AMSGrad,
        NAdam,
        RAdam,
        Adamax,
    )
}
_NAMES = {name.lower(): cls for name, cls in OPTIMIZERS.items()} | {"momentum": MomentumSGD}


def get(optimizer: str | Optimizer) -> Optimizer:
    """Return an optimizer: a name such as "adam" gives one with its defaults.

    Raises:
        ValueError: the name is unknown; the nearest one is named.
        TypeError: neither a name nor an Optimizer.
    """
    if isinstance(optimizer, Optimizer):
        return optimizer
    if not isinstance(optimizer, str):
        raise TypeError(
            f"optimizer: expected a name or an Optimizer, got {type(optimizer).__name__}. "
            "Write 'adam' or Adam()."
        )
    return lookup("optimizer", optimizer.lower(), _NAMES)()


def build(config: dict[str, Any]) -> Optimizer:
    """Return the optimizer that `config()` described, from a fixed table of classes.

    Raises:
        ValueError: no such optimizer or hyperparameter.
    """
    settings = dict(config)
    cls = lookup("optimizer", settings.pop("name", None), OPTIMIZERS)
    try:
        return cls(**settings)
    except TypeError as error:
        raise ValueError(
            f"optimizer: expected hyperparameters of {cls.__name__}, got {sorted(settings)}. "
            f"{error}."
        ) from error

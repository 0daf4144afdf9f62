"""Optimizers: one formula each, `Adam().setup(model)` then `update()` after every backward."""

from collections.abc import Mapping
from typing import Any

from dezero.core.errors import describe, lookup
from dezero.optimizers import schedules
from dezero.optimizers.adam import Adam, Adamax, AdamW, AMSGrad, NAdam, RAdam
from dezero.optimizers.adaptive import AdaDelta, AdaGrad, Ftrl, RMSprop
from dezero.optimizers.hooks import ClipGrad, FreezeParam, WeightDecay
from dezero.optimizers.loss_scale import LossScale
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
    "Ftrl",
    "LossScale",
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
        Ftrl,
        Adam,
        AdamW,
        AMSGrad,
        NAdam,
        RAdam,
        Adamax,
    )
}
_NAMES = {name.lower(): cls for name, cls in OPTIMIZERS.items()} | {"momentum": MomentumSGD}


def get(optimizer: Any) -> Optimizer:
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


def build(config: Mapping[str, Any]) -> Optimizer:
    """Return the optimizer that `config()` described, from a fixed table of classes.

    Raises:
        TypeError: config is no mapping.
        ValueError: no such optimizer or hyperparameter, or a value that it does not take.
    """
    if not isinstance(config, Mapping):
        raise TypeError(
            f"optimizer: expected what config() returned, got {describe(config)}. Save it anew."
        )
    given = {key: v if key == "loss_scale" else _setting(v) for key, v in config.items()}
    cls = lookup("optimizer", given.pop("name", None), OPTIMIZERS)
    settings, scale = given.pop("settings", ()), given.pop("loss_scale", None)
    try:
        optimizer = cls(**given)
        if scale is not None:
            optimizer.loss_scale = LossScale(**scale)
        for pattern, own in settings:
            optimizer.set_for(pattern, **{key: _setting(value) for key, value in own.items()})
    except (TypeError, AttributeError, ValueError) as error:
        raise ValueError(
            f"optimizer: expected hyperparameters of {cls.__name__}, got {describe(config)}. "
            f"{error}"
        ) from error
    return optimizer


def _setting(value: Any) -> Any:
    return schedules.get(value) if isinstance(value, Mapping) else value

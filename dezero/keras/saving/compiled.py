"""What `compile` was given, in Keras's files: optimizer and its state, losses, metrics.

Names are looked up in the tables of dezero.keras and among what the program registered or gave,
and nowhere else.
"""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from dezero import losses as own_losses
from dezero import metrics as own_metrics
from dezero.core.errors import describe
from dezero.keras import losses, metrics, optimizers, registry
from dezero.keras.losses.objects import ALIASES, FUNCTIONS
from dezero.keras.optimizers.schedules import NAMES as SCHEDULES
from dezero.keras.optimizers.schedules import InverseTimeDecay
from dezero.keras.optimizers.state import assign_variables, keras_order, variables

__all__ = ["compile_entry", "old_entry", "recompile", "state_arrays"]

_PARTS = ("loss", "loss_weights", "metrics", "weighted_metrics")
# What Keras's trainers also write.
_REST = {"run_eagerly": False, "jit_compile": False}
_MODULES = {
    "keras.losses": losses.CLASSES,
    "keras.metrics": metrics.CLASSES,
    "keras.optimizers": tuple(optimizers.NAMES.shown.values()),
    "keras.optimizers.schedules": tuple(SCHEDULES.shown.values()),
}


def compile_entry(model: Any) -> dict[str, Any] | None:
    """Return what the model was compiled with, as Keras 3 writes it; None if it was not.

    Note: what has no name of Keras's, such as a lambda, leaves all of it out, with a warning.
    """
    given = model.__dict__.get("_compiled_with")
    chosen = getattr(model, "compiled", None)
    if given is None or chosen is None:
        return None
    rest = {**_REST, "steps_per_execution": chosen.steps_per_execution}
    try:
        entry = {"optimizer": _optimizer_entry(_given_optimizer(model))}
        return entry | {part: _described(given[part]) for part in _PARTS} | rest
    except TypeError as error:
        warnings.warn(
            f"save_model: {error} Optimizer, loss and metrics are not written: compile the model "
            "anew after load_model.",
            stacklevel=4,
        )
        return None


def _given_optimizer(model: Any) -> Any:
    """Return the optimizer as it was given: `compile` wraps it by itself where there is need."""
    optimizer = model.optimizer
    if not isinstance(optimizer, optimizers.LossScaleOptimizer):
        return optimizer
    usual = (optimizer.initial_scale, optimizer.dynamic_growth_steps) == (2.0**15, 2000)
    by_itself = usual and model.dtype_policy.half == "float16"
    return optimizer.inner_optimizer if by_itself else optimizer


def old_entry(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry of `compile_entry` as .h5 files have it.

    Losses have their long names there: Keras 3 does not read its own short ones.
    """
    rest = {key: value for key, value in entry.items() if key != "optimizer"}
    return rest | {"loss": _long(entry["loss"]), "optimizer_config": entry["optimizer"]}


def _long(loss: Any) -> Any:
    if isinstance(loss, list):
        return [_long(part) for part in loss]
    if isinstance(loss, dict):
        return loss if "class_name" in loss else {key: _long(part) for key, part in loss.items()}
    return getattr(ALIASES.get(loss), "__name__", loss)


def _optimizer_entry(optimizer: Any) -> dict[str, Any]:
    config = optimizer.get_config() if hasattr(optimizer, "get_config") else None
    entry = _object_entry(optimizer, config)
    if isinstance(optimizer, optimizers.LossScaleOptimizer):
        entry["config"]["inner_optimizer"] = _optimizer_entry(optimizer.inner_optimizer)
        return entry
    decay = entry["config"].pop("decay", 0.0)
    rate = entry["config"].get("learning_rate")
    if decay:  # which Keras 3 knows as a schedule
        rate = InverseTimeDecay(rate, 1, decay)
        entry["config"]["learning_rate"] = _object_entry(rate, rate.get_config())
    elif isinstance(rate, Mapping):
        entry["config"]["learning_rate"] = _object_entry(optimizer.schedule, rate["config"])
    elif isinstance(rate, str):
        raise TypeError(f"expected a rate or a schedule object, got the function {rate!r}.")
    return entry


def _object_entry(value: Any, config: Any) -> dict[str, Any]:
    """Return what Keras 3 writes of an object of ours or of a registered class."""
    kind = type(value)
    found = {"module": None, "class_name": kind.__name__, "config": config}
    for module, classes in _MODULES.items():
        if kind in classes:
            return found | {"module": module, "registered_name": None}
    ours = isinstance(value, own_losses.Loss | own_metrics.Metric) or config is None
    if ours or kind.__module__.startswith("dezero."):
        raise TypeError(f"expected what Keras's files can name, got {describe(value)}.")
    return found | {"registered_name": registry.get_registered_name(kind)}


def _described(part: Any) -> Any:
    """Return losses, metrics or weights, one or a list or dict of them, fit for JSON."""
    if part is None or isinstance(part, str | int | float):
        return part
    if isinstance(part, Mapping):
        return {key: _described(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [_described(value) for value in part]
    if hasattr(part, "get_config"):
        config = part.get_config()
        if type(part) is metrics.MeanMetricWrapper:
            raise TypeError("expected a metric by its name, got a MeanMetricWrapper.")
        return _object_entry(part, config)
    if isinstance(part, np.number):
        return part.item()
    name = getattr(part, "__name__", None)
    if name is None or name == "<lambda>" or isinstance(part, own_losses.Loss):
        raise TypeError(f"expected a loss or metric with a name, got {describe(part)}.")
    if isinstance(part, type) or name in FUNCTIONS:
        return name
    return registry.get_registered_name(part)


def state_arrays(model: Any, entry: dict[str, Any]) -> list[tuple[str, np.ndarray]]:
    """Return (name, array) of what the optimizer of `entry` remembers, in Keras's order."""
    found = variables(model.optimizer, model.trainable_weights)
    config = entry["optimizer"]["config"]
    config = config.get("inner_optimizer", {}).get("config", config)
    if isinstance(config.get("learning_rate"), Mapping):
        found = [pair for pair in found if pair[0] != "learning_rate"]
    return found


def recompile(
    caller: str, model: Any, entry: Mapping[str, Any], state: list[tuple[str, np.ndarray]]
) -> None:
    """Compile a model as a file says, and give its optimizer the state.

    Args:
        caller: begins each message.
        model: with its weights.
        entry: of `compile_entry`, of Keras, or `training_config` of an .h5 file.
        state: (name, array) as the file has them; without any it begins anew.
    Raises:
        ValueError: the entry is damaged, or names what is not Keras's nor given.
    Note: state that fits another set of weights is left out, with a warning.
    """
    try:
        optimizer = _optimizer(entry.get("optimizer") or entry.get("optimizer_config"))
        parts = {part: entry.get(part) for part in _PARTS}
        for part in ("loss", "metrics", "weighted_metrics"):
            find = _loss if part == "loss" else _metric
            parts[part] = _found(find, _alone(model, parts[part]))
        _check_numbers(parts["loss_weights"])
        steps = entry.get("steps_per_execution", 1)
        parts["steps_per_execution"] = steps if isinstance(steps, int) else 1  # or "auto"
        model.compile(optimizer, **parts)
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise ValueError(
            f"{caller}: expected optimizer, loss and metrics that can be named here, got: "
            f"{str(error)[:500]} Give custom_objects, or compile=False to load without them."
        ) from error
    if not state:
        warnings.warn(f"{caller}: no state of the optimizer: it begins anew.", stacklevel=4)
        return
    params, optimizer = model.trainable_weights, model.optimizer
    try:
        assign_variables(optimizer, params, keras_order(optimizer, params, state))
    except (ValueError, OverflowError) as error:
        warnings.warn(f"{caller}: the optimizer begins anew: {error}", stacklevel=4)


def _check_numbers(part: Any) -> None:
    if isinstance(part, dict | list):
        for value in part.values() if isinstance(part, dict) else part:
            _check_numbers(value)
    elif part is not None and (not isinstance(part, int | float) or not abs(part) < float("inf")):
        raise ValueError(f"expected finite numbers as loss_weights, got {describe(part)}.")


def _optimizer(entry: Any) -> Any:
    if not isinstance(entry, Mapping) or "class_name" not in entry:
        return optimizers.get(entry)
    config = dict(entry["config"])
    if "inner_optimizer" in config:
        inner = _optimizer(config.pop("inner_optimizer"))
        return optimizers.LossScaleOptimizer(inner, **config)
    rate = config.get("learning_rate")
    if isinstance(rate, Mapping):
        inner = {key: value for key, value in rate["config"].items() if value is not None}
        config["learning_rate"] = {"class_name": _name(rate), "config": inner}
    return optimizers.get({"class_name": _name(entry), "config": config})


def _alone(model: Any, part: Any) -> Any:
    """Return the one loss, or list of metrics, of a model with one output, which may be nested."""
    single = getattr(model, "output_names", None) is None
    nested = isinstance(part, list) and len(part) == 1 and isinstance(part[0], list)
    return part[0] if single and nested else part


def _name(entry: Mapping[str, Any]) -> str:
    return registry.chosen_name(entry.get("registered_name"), entry["class_name"])


def _found(find: Any, part: Any) -> Any:
    if isinstance(part, Mapping) and "class_name" not in part:
        return {key: _found(find, value) for key, value in part.items()}
    if isinstance(part, list):
        return [_found(find, value) for value in part]
    if not isinstance(part, Mapping):
        return find(part, None)
    if part["class_name"] == "function":
        return find(registry.chosen_name(part.get("registered_name"), part["config"]), None)
    config = dict(part["config"])
    wrapped = config.pop("fn", None)
    if part["class_name"] in ("MeanMetricWrapper", "LossFunctionWrapper"):
        name = wrapped["config"] if isinstance(wrapped, Mapping) else wrapped
        return find(str(name), config.get("name"))
    return find({"class_name": _name(part), "config": config}, None)


def _loss(entry: Any, name: Any) -> Any:
    """Return a loss of a name or {"class_name", "config"}; names of training itself stay."""
    own = isinstance(entry, str) and entry not in registry.known()
    return entry if entry is None or own else losses.get(entry)


def _metric(entry: Any, name: Any) -> Any:
    """Return a metric; `name` is what Keras 2 reported the function `entry` by."""
    own = isinstance(entry, str) and entry not in registry.known()
    if entry is None or (own and name is None):
        return entry
    if own and name in ("accuracy", "acc"):
        return name
    if name is None:
        return metrics.get(entry) if isinstance(entry, Mapping) else registry.known()[entry]
    return metrics.get({"class_name": entry, "config": {"name": name}})

"""What `compile` and `fit` left on a model, to and from a file: optimizer, loss, metrics, history.

What is not dezero's own, such as a loss of one's own, is written down by name alone.
"""

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from dezero import losses, metrics, optimizers, training
from dezero.backend.precision import autocast
from dezero.core.errors import describe
from dezero.optimizers import schedules
from dezero.training.compile import check_steps

_Arrays = dict[str, np.ndarray]
# Characters of a reason that an error repeats: a hostile file could fill the screen.
MAX_SHOWN = 1000


def describe_training(model: Any, optimizer: Any, history: Any, arrays: _Arrays) -> dict[str, Any]:
    """Return the manifest's entries about training; arrays in them go into `arrays`."""
    compiled = getattr(model, "compiled", None)
    if optimizer is None:
        optimizer = getattr(compiled or model, "optimizer", None)
    history = getattr(model, "history", None) if history is None else history
    entry: dict[str, Any] = {"optimizer": None, "loss": None, "metrics": [], "history": None}
    if isinstance(optimizer, optimizers.Optimizer):
        entry["optimizer"] = _optimizer_entry(optimizer)
        state = _fitting(optimizer.state_dict(), arrays)
        entry["state"] = _without_arrays(state, "optimizer", arrays)
    if compiled is not None:
        entry["loss"] = _loss_entry(compiled.loss)
        entry["metrics"] = [_metric_entry(metric) for metric in compiled.metrics]
        entry["precision"] = compiled.precision
        entry["steps_per_execution"] = compiled.steps_per_execution
    if history is not None:
        figures = getattr(history, "history", history)
        epochs = getattr(history, "epoch", range(max(map(len, figures.values()), default=0)))
        entry["history"] = {
            "epoch": list(epochs),
            "seconds": list(getattr(history, "seconds", [])),
            "figures": _without_arrays(figures, "history", arrays),
        }
    return entry


def read_training(
    path: Any, content: dict[str, Any], arrays: _Arrays, custom: Mapping[str, Callable] | None
) -> Callable[[Any], None]:
    """Check the manifest's entries about training, and return what gives them to a model.

    Raises:
        ValueError: an entry is damaged, or names what is not dezero's own nor in `custom`.
    """
    try:
        optimizer = _read_optimizer(content, arrays)
        loss = _read_loss(content.get("loss"), custom)
        chosen = [_read_metric(entry, custom) for entry in content.get("metrics") or ()]
        history = _read_history(content.get("history"), arrays)
        options: dict[str, Any] = {"precision": content.get("precision")}
        autocast(options["precision"])  # raises what is none
        options["steps_per_execution"] = content.get("steps_per_execution", 1)
        check_steps(options["steps_per_execution"])
    except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        reason = f"a key {error} that is missing" if isinstance(error, KeyError) else f"{error}"
        reason = reason if len(reason) <= MAX_SHOWN else f"{reason[:MAX_SHOWN]}..."
        raise ValueError(
            f"load_model: {str(path)!r}: expected optimizer, loss, metrics and history that dezero "
            f"wrote, got: {reason} Pass compile=False to load the model without them."
        ) from error

    def restore(model: Any) -> None:
        if loss is not None:
            training.compile(model, optimizer or "rmsprop", loss, chosen, **options)
        elif optimizer is not None:
            model.optimizer = optimizer.setup(model)
        if history is not None:
            model.history = history

    return restore


def _optimizer_entry(optimizer: optimizers.Optimizer) -> dict[str, Any]:
    name = type(optimizer).__name__
    if optimizers.OPTIMIZERS.get(name) is not type(optimizer):
        return {"own": name}
    return {key: _setting_entry(value) for key, value in optimizer.hyperparameters().items()}


def _fitting(state: dict[str, Any], arrays: _Arrays) -> dict[str, Any]:
    """Return an optimizer's state without that of parameters that others have taken the place of.

    The optimizer itself only learns at its next update that a layer was replaced.
    """

    def fits(name: str, slots: dict[str, Any]) -> bool:
        weight = arrays.get(f"weights/{name}")
        used = [array for slot, array in slots.items() if slot != "age"]
        return weight is not None and all(array.shape == weight.shape for array in used)

    return state | {"slots": {n: slots for n, slots in state["slots"].items() if fits(n, slots)}}


def _setting_entry(value: Any) -> Any:
    if not callable(value):
        return value
    try:
        schedule = schedules.get(value)
        return {"schedule": schedules.serialize(schedule), "state": schedule.state_dict()}
    except TypeError:
        return {"own": getattr(value, "__name__", type(value).__name__)}


def _read_optimizer(content: dict[str, Any], arrays: _Arrays) -> optimizers.Optimizer | None:
    entry = content.get("optimizer")
    if entry is None:
        return None
    if "own" in entry:
        _missing("the optimizer", entry["own"])
    optimizer = optimizers.build({key: _setting(value) for key, value in entry.items()})
    optimizer.load_state_dict(_checked_state(content["state"], arrays))
    return optimizer


def _setting(value: Any) -> Any:
    if not isinstance(value, dict) or not {"own", "schedule"} & value.keys():
        return value
    if "own" in value:
        _missing("the schedule", value["own"])
    schedule = schedules.get(value["schedule"])
    schedule.load_state_dict(value["state"])
    return schedule


def _checked_state(tree: Any, arrays: _Arrays) -> dict[str, Any]:
    """Return an optimizer's state with its arrays, each of the shape of its parameter."""
    state = _with_arrays(tree, arrays)
    counts = [state["t"]]
    for name, slots in state["slots"].items():
        weight = arrays.get(f"weights/{name}")
        counts.append(slots["age"])
        for slot, array in slots.items():
            if slot != "age" and (
                not isinstance(array, np.ndarray)
                or array.dtype.kind != "f"
                or weight is None
                or array.shape != weight.shape
            ):
                raise ValueError(
                    f"optimizer state {slot!r} of {name!r}: expected an array like the weight "
                    f"{'that is missing' if weight is None else describe(weight)}, "
                    f"got {describe(array)}."
                )
    if any(type(count) is not int or count < 0 for count in counts):
        raise ValueError(f"optimizer state: expected counts of updates, got {counts}.")
    return state


def _loss_entry(loss: Any) -> dict[str, Any]:
    if not isinstance(loss, losses.Loss):
        return {"own": "several losses", "options": {}}
    config = loss.config()
    known = losses.LOSSES.get(config["name"])
    if known is None or known[0] is not loss.function:
        return {"own": config["name"], "options": config["options"]}
    return config


def _read_loss(entry: Any, custom: Mapping[str, Callable] | None) -> Any:
    if entry is None:
        return None
    if "own" not in entry:
        return losses.get(entry)
    if entry["own"] not in (custom or {}):
        _missing("the loss", entry["own"])
    return losses.get(entry["own"], custom=custom, **entry["options"])


def _metric_entry(metric: metrics.Metric) -> dict[str, Any]:
    try:
        return metrics.serialize(metric)
    except TypeError:
        return {"own": metric.name}


def _read_metric(entry: Any, custom: Mapping[str, Callable] | None) -> metrics.Metric:
    if "own" not in entry:
        return metrics.get(entry)
    if entry["own"] not in (custom or {}):
        _missing("the metric", entry["own"])
    metric = metrics.get((custom or {})[entry["own"]])
    metric.name = entry["own"]
    return metric


def _missing(what: str, name: Any) -> NoReturn:
    raise ValueError(
        f"{what} {str(name)[:80]!r}, which is not dezero's own. "
        f"If it is a loss or a metric, pass custom={{{str(name)[:80]!r}: ...}}."
    )


def _read_history(entry: Any, arrays: _Arrays) -> Any:
    if entry is None:
        return None
    history = training.History()
    figures = _with_arrays(entry["figures"], arrays)
    if any(not isinstance(values, list) for values in (entry["epoch"], *figures.values())):
        raise ValueError(f"history: expected lists of figures, got {describe(entry)}.")
    history.history, history.epoch = figures, entry["epoch"]
    history.seconds = entry.get("seconds", [])
    return history


def _without_arrays(tree: Any, path: str, arrays: _Arrays) -> Any:
    """Return `tree` with {"array": name} in place of its arrays, which go into `arrays`."""
    if isinstance(tree, Mapping):
        return {key: _without_arrays(v, f"{path}/{key}", arrays) for key, v in tree.items()}
    if isinstance(tree, list | tuple):
        return [_without_arrays(v, f"{path}/{i}", arrays) for i, v in enumerate(tree)]
    if getattr(tree, "shape", ()):
        arrays[path] = tree
        return {"array": path}
    return tree


def _with_arrays(tree: Any, arrays: _Arrays) -> Any:
    if isinstance(tree, dict):
        if set(tree) == {"array"} and isinstance(tree["array"], str):
            return arrays[tree["array"]]
        return {key: _with_arrays(value, arrays) for key, value in tree.items()}
    return [_with_arrays(value, arrays) for value in tree] if isinstance(tree, list) else tree

"""evaluate, predict, and single batches."""

from typing import Any

import numpy as np

from dezero.backend import to_host
from dezero.core import Variable, no_grad, test_mode
from dezero.training.batches import make_batches, model_dtype, prepared
from dezero.training.callbacks.base import CallbackList
from dezero.training.compile import compiled
from dezero.training.progress import counted
from dezero.training.step import Means, run_test, train_step
from dezero.training.weights import class_weighted


def evaluate(
    model: Any,
    x: Any = None,
    y: Any = None,
    *,
    batch_size: int | None = None,
    verbose: Any = "auto",
    sample_weight: Any = None,
    steps: int | None = None,
    callbacks: Any = None,
    return_dict: bool = False,
) -> Any:
    """Return the loss and metrics of `model` on data, in test mode and without a graph.

    Args:
        model: compiled.
        x, y, batch_size, sample_weight, steps: as in `fit`.
        verbose: 0 silent, 1 progress bar, 2 one line; "auto" is 1 in a terminal, else 2.
        callbacks: their test points are called.
        return_dict: return {"loss": ..., metric: ...} instead of a list.
    Returns:
        The loss alone if there are no metrics, else [loss, metric, ...].
    """
    chosen = compiled(model, "evaluate")
    batches = _batches(model, x, y, sample_weight, batch_size, steps, "evaluate")
    watchers = CallbackList(callbacks, model, {"verbose": verbose})
    with counted(batches, verbose, "evaluate") as shown:
        logs = run_test(model, chosen, shown, watchers)
        shown.finish(logs)
    if return_dict:
        return logs
    return logs["loss"] if len(logs) == 1 else list(logs.values())


def predict(
    model: Any,
    x: Any,
    *,
    batch_size: int | None = None,
    verbose: Any = 0,
    steps: int | None = None,
    callbacks: Any = None,
) -> np.ndarray:
    """Return the outputs of `model` for x as one numpy array, computed batch by batch.

    Args:
        model: need not be compiled.
        x: array with the samples on axis 0, or a loader; its targets are ignored.
        batch_size, steps, verbose, callbacks: as in `evaluate`.
    """
    batches = _batches(model, x, None, None, batch_size, steps, "predict")
    watchers = CallbackList(callbacks, model, {"verbose": verbose})
    outputs = []
    watchers.call("on_predict_begin", {})
    with no_grad(), test_mode(), counted(batches, verbose, "predict") as shown:
        for step, (batch, _, _) in enumerate(shown):
            watchers.call("on_predict_batch_begin", step, {})
            outputs.append(to_host(model(batch).data))
            watchers.call("on_predict_batch_end", step, {"outputs": outputs[-1]})
        shown.finish({})
    watchers.call("on_predict_end", {})
    return np.concatenate(outputs) if len(outputs) != 1 else outputs[0]


def train_on_batch(
    model: Any,
    x: Any,
    y: Any,
    *,
    sample_weight: Any = None,
    class_weight: dict[int, float] | None = None,
    return_dict: bool = False,
) -> Any:
    """Make one update from one batch and return its loss and metrics, as `evaluate` does."""
    chosen = compiled(model, "train_on_batch")
    x, y, weight = _one_batch(model, x, y, sample_weight)
    if class_weight is not None:
        weight = class_weighted(y, weight, class_weight)
    means = Means(chosen)
    loss, outputs = train_step(model, chosen, x, y, weight)
    means.add(loss, outputs, y, weight)
    return _reported(means.logs(), return_dict)


def test_on_batch(
    model: Any, x: Any, y: Any, *, sample_weight: Any = None, return_dict: bool = False
) -> Any:
    """Return the loss and metrics on one batch, as `evaluate` does, without training."""
    chosen = compiled(model, "test_on_batch")
    batch = _one_batch(model, x, y, sample_weight)
    return _reported(run_test(model, chosen, [batch], CallbackList(None, model, {})), return_dict)


test_on_batch.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it


def _one_batch(model: Any, x: Any, y: Any, weight: Any) -> tuple:
    dtype = model_dtype(model)
    return prepared(x, dtype), prepared(y, dtype), None if weight is None else np.asarray(weight)


def _reported(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    return logs["loss"] if len(logs) == 1 else list(logs.values())


def _batches(model: Any, x: Any, y: Any, weight: Any, *args: Any) -> Any:
    batch_size, steps, what = args
    if isinstance(x, list) or (isinstance(x, Variable)):
        x = prepared(x, model_dtype(model))
    return make_batches(
        x,
        y,
        weight,
        batch_size=batch_size,
        shuffle=False,
        steps=steps,
        dtype=model_dtype(model),
        what=what,
    )

"""evaluate, predict, and single batches."""

from typing import Any

import numpy as np

from dezero.backend import to_host
from dezero.core import no_grad, test_mode
from dezero.training.batches import arranged, check_lengths, make_batches
from dezero.training.callbacks.base import CallbackList
from dezero.training.compile import casting_of, compiled
from dezero.training.home import Home
from dezero.training.nest import joined, leaves, mapped
from dezero.training.progress import counted
from dezero.training.step import Stepper, arrays_of, needs_targets, own_step, packed, run_test
from dezero.training.weights import check_class_weight


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
    display: Any = counted,
) -> Any:
    """Return the loss and metrics of `model` on data, in test mode and without a graph.

    The loss includes the penalties of regularizers, as it does in training.

    Args:
        model: compiled.
        x, y, batch_size, sample_weight: as in `fit`.
        steps: batches to take; None for all.
        verbose: 0 silent, 1 progress bar, 2 one line; "auto" is 1 in a terminal, else 2.
        callbacks: their test points are called.
        return_dict: return {"loss": ..., metric: ...} instead of a list.
        display: class that shows the batches.
    Returns:
        The loss alone if there are no metrics, else [loss, metric, ...].
    Raises:
        RuntimeError: the model is not compiled.
        TypeError, ValueError: the data do not fit together, or there are none.
    """
    chosen = compiled(model, "evaluate")
    data, home = (x, y, sample_weight), Home(model, "evaluate")
    needed = needs_targets(model, chosen, "test_step")
    options = {"batch_size": batch_size, "steps": steps, "targets": needed}
    batches = make_batches(data, home, "evaluate", **options)
    watchers = CallbackList(callbacks, model, {"verbose": verbose})
    with home, display(batches, verbose, "evaluate") as shown:
        logs = run_test(model, chosen, shown, watchers, "evaluate")
        shown.finish(logs)
    return _reported(logs, return_dict)


def predict(
    model: Any,
    x: Any,
    *,
    batch_size: int | None = None,
    verbose: Any = 0,
    steps: int | None = None,
    callbacks: Any = None,
    display: Any = counted,
) -> Any:
    """Return the outputs of `model` for x as one numpy array, computed batch by batch.

    A model of several outputs gives a list or dict of arrays.

    Args:
        model: need not be compiled.
        x: array with the samples on axis 0, Dataset, loader or generator of x or (x, t); targets
            are ignored.
        batch_size, steps, verbose, callbacks, display: as in `evaluate`.
    Raises:
        TypeError, ValueError: x is none of these, or there is no sample.
    """
    data, home = (x, None, None), Home(model, "predict")
    options = {"batch_size": batch_size, "steps": steps, "targets": False}
    batches = make_batches(data, home, "predict", **options)
    watchers = CallbackList(callbacks, model, {"verbose": verbose})
    outputs: list[Any] = []
    batch = None
    run = own_step(model, "predict_step")
    watchers.call("on_predict_begin", {})
    showing = display(batches, verbose, "predict")
    with no_grad(), test_mode(), casting_of(model), home, showing as shown:
        for step, (batch, _, _) in enumerate(shown):
            watchers.call("on_predict_batch_begin", step, {})
            y = model(batch) if run is None else run(packed(batch))
            outputs.append(mapped(to_host, arrays_of(y)))
            watchers.call("on_predict_batch_end", step, {"outputs": outputs[-1]})
        shown.finish({})
    if not outputs:
        raise ValueError("predict: expected at least one batch, got none. Is the generator new?")
    watchers.call("on_predict_end", {})
    return joined(outputs, np.concatenate) if len(outputs) != 1 else apart(outputs[0], batch)


def apart(outputs: Any, x: Any) -> Any:
    """Return outputs that share no memory with the data, as those of a mere Flatten would."""
    given = [array for _, array in leaves(x) if type(array) is np.ndarray]

    def own(y: Any) -> Any:
        return y.copy() if any(np.may_share_memory(y, array) for array in given) else y

    return mapped(own, outputs)


def train_on_batch(
    model: Any,
    x: Any,
    y: Any = None,
    *,
    sample_weight: Any = None,
    class_weight: dict[int, float] | None = None,
    return_dict: bool = False,
) -> Any:
    """Make one update from one batch and return its loss and metrics, as `evaluate` does.

    Raises:
        RuntimeError: the model is not compiled, or the loss is not finite; nothing is changed.
        TypeError, ValueError: as in `fit`.
    """
    chosen = compiled(model, "train_on_batch")
    check_class_weight(class_weight)
    batch = _one_batch(model, (x, y, sample_weight), "train_on_batch")
    stepper = Stepper(model, chosen, "train_on_batch", class_weight=class_weight)
    means = stepper.means()
    stepper.step(batch, means)
    return _reported(stepper.logs(means), return_dict)


def test_on_batch(
    model: Any, x: Any, y: Any = None, *, sample_weight: Any = None, return_dict: bool = False
) -> Any:
    """Return the loss and metrics on one batch, as `evaluate` does, without training."""
    chosen = compiled(model, "test_on_batch")
    batch = _one_batch(model, (x, y, sample_weight), "test_on_batch")
    nobody = CallbackList(None, model, {})
    return _reported(run_test(model, chosen, [batch], nobody, "test_on_batch"), return_dict)


test_on_batch.__test__ = False  # type: ignore[attr-defined]  # pytest would collect it


def _one_batch(model: Any, data: tuple[Any, Any, Any], what: str) -> tuple:
    """Return (x, y, weight) made ready and found to fit together."""
    x, y, weight = arranged(data, what)
    check_lengths(x, y, weight, what)
    home = Home(model, what)
    return home.ready(x), home.ready(y), home.ready(weight)


def _reported(logs: dict[str, Any], return_dict: bool) -> Any:
    if return_dict:
        return logs
    return logs["loss"] if len(logs) == 1 else list(logs.values())

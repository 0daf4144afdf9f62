"""`fit`: the loop around the book's four lines.

    y = model(x); loss = loss_function(y, t)
    model.cleargrads(); loss.backward(); optimizer.update()

The model is anything callable with `params()` and `cleargrads()`.
"""

import time
from typing import Any

import numpy as np

from dezero.core import Variable
from dezero.training.batches import make_batches, model_dtype, split_validation
from dezero.training.callbacks.base import CallbackList
from dezero.training.compile import Compiled, compiled
from dezero.training.history import History
from dezero.training.progress import EpochDisplay
from dezero.training.step import Means, NonFiniteLoss, run_test, train_step
from dezero.training.weights import class_weighted


def fit(
    model: Any,
    x: Any = None,
    y: Any = None,
    *,
    batch_size: int | None = None,
    epochs: int = 1,
    verbose: Any = "auto",
    callbacks: Any = None,
    validation_split: float = 0.0,
    validation_data: Any = None,
    shuffle: bool = True,
    class_weight: dict[int, float] | None = None,
    sample_weight: Any = None,
    initial_epoch: int = 0,
    steps_per_epoch: int | None = None,
    validation_steps: int | None = None,
) -> History:
    """Train `model` for a number of epochs.

    Args:
        model: compiled.
        x: array with the samples on axis 0, or a DataLoader, or a generator of (x, t[, weight]).
        y: targets, if x is an array.
        batch_size: samples per step, 32 by default.
        epochs: number of the last epoch, counted from `initial_epoch`.
        verbose: 0 silent, 1 progress bar, 2 a line per epoch; "auto" is 1 in a terminal, else 2.
        callbacks: a Callback or a list of them.
        validation_split: share of the samples, taken from the end, kept for validation.
        validation_data: (x, y[, weight]) or a loader to validate with after every epoch.
        shuffle: a new order in every epoch, drawn from the generator of `dezero.seed`.
        class_weight: {label: weight} for the loss.
        sample_weight: one weight per sample for the loss.
        initial_epoch: epochs done already; a model that was trained or loaded with just that
            many continues its history.
        steps_per_epoch, validation_steps: batches to take; needed for endless generators.
    Returns:
        History, also kept as `model.history`. Ctrl-C ends the training and returns it too.
    Raises:
        RuntimeError: the model is not compiled, or the loss is not finite (unless a callback such
            as TerminateOnNaN handles it); the parameters are those before that step.
        TypeError, ValueError: the data do not fit together.
    """
    chosen = compiled(model, "fit")
    dtype = model_dtype(model)
    x, y = _unwrapped(x), _unwrapped(y)
    weight = sample_weight
    if validation_split and validation_data is None:
        (x, y, weight), validation_data = split_validation(x, y, weight, validation_split)
    batches = make_batches(
        x,
        y,
        weight,
        batch_size=batch_size,
        shuffle=shuffle,
        steps=steps_per_epoch,
        dtype=dtype,
        what="fit",
    )
    validation = _validation(validation_data, batch_size, validation_steps, dtype)
    history = _history(model, initial_epoch)
    model.history, model.stop_training = history, False
    params = {"epochs": epochs, "steps": _length(batches), "verbose": verbose}
    own = _as_list(callbacks)
    # What saves the model saves its history too, so it comes after the epoch has been entered.
    savers = [callback for callback in own if getattr(callback, "saves_history", False)]
    watchers = CallbackList(
        [*(callback for callback in own if callback not in savers), history, *savers],
        model,
        params,
    )
    display = EpochDisplay(verbose, epochs, params["steps"])
    run = _Run(model, chosen, watchers, display, class_weight)
    watchers.call("on_train_begin", {})
    try:
        for epoch in range(initial_epoch, epochs):
            run.epoch(epoch, batches, validation, history)
            if model.stop_training:
                break
    except KeyboardInterrupt:
        history.interrupted = True
        display.interrupted(len(history.epoch))
    watchers.call("on_train_end", run.logs)
    return history


class _Run:
    """What stays the same through the epochs of one `fit`."""

    def __init__(
        self, model: Any, chosen: Compiled, watchers: CallbackList, display: Any, class_weight: Any
    ) -> None:
        self.model, self.chosen, self.watchers, self.display = model, chosen, watchers, display
        self.class_weight = class_weight
        self.handles_nan = any(callback.handles_nan for callback in watchers.callbacks)
        self.logs: dict[str, Any] = {}

    def epoch(self, epoch: int, batches: Any, validation: Any, history: History) -> None:
        """Run one epoch with its validation, and report it."""
        start = time.perf_counter()
        self.watchers.call("on_epoch_begin", epoch, {})
        self.display.begin(epoch)
        try:
            self._steps(epoch, batches)
            logs = self.logs
            if validation is not None and not self.model.stop_training:
                figures = run_test(self.model, self.chosen, validation, self.watchers)
                logs = {**logs, **{f"val_{name}": value for name, value in figures.items()}}
        except BaseException:
            self.display.abandon()
            raise
        self.logs = logs
        history.seconds.append(time.perf_counter() - start)
        self.display.end(logs)
        self.watchers.call("on_epoch_end", epoch, logs)

    def _steps(self, epoch: int, batches: Any) -> None:
        chosen, watchers, means = self.chosen, self.watchers, Means(self.chosen)
        begins = watchers.listens("on_train_batch_begin")
        ends = watchers.listens("on_train_batch_end")
        step = -1
        for step, (x, t, weight) in enumerate(batches):
            if begins:
                watchers.call("on_train_batch_begin", step, {})
            if self.class_weight is not None:
                weight = class_weighted(t, weight, self.class_weight)
            try:
                loss, y = train_step(self.model, chosen, x, t, weight, check=not self.handles_nan)
            except NonFiniteLoss as error:
                raise error.located(epoch, step) from None
            means.add(loss, y, t, weight)
            self.display.step(means.logs)
            if ends:
                watchers.call("on_train_batch_end", step, means.logs())
            if self.model.stop_training:
                break
        if step < 0:
            raise ValueError(
                f"fit: expected batches in epoch {epoch + 1}, got none. A generator that is used "
                "up cannot give another epoch: set steps_per_epoch, or use a DataLoader."
            )
        self.logs = means.logs()


def _unwrapped(x: Any) -> Any:
    # Lists of numbers are data; anything else that can be iterated yields batches.
    if isinstance(x, Variable):
        return x.data
    return np.asarray(x) if isinstance(x, list | tuple) else x


def _history(model: Any, initial_epoch: int) -> History:
    """Return the history to write: the model's own if this training goes on where it ended."""
    old = getattr(model, "history", None)
    if isinstance(old, History) and initial_epoch and old.epoch[-1:] == [initial_epoch - 1]:
        old.interrupted = False
        return old
    return History()


def _as_list(callbacks: Any) -> list:
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


def _length(batches: Any) -> int | None:
    try:
        return len(batches)
    except TypeError:
        return None


def _validation(data: Any, batch_size: int | None, steps: int | None, dtype: Any) -> Any:
    if data is None:
        return None
    x, t, weight = (*data, None)[:3] if isinstance(data, tuple | list) else (data, None, None)
    return make_batches(
        _unwrapped(x),
        _unwrapped(t),
        weight,
        batch_size=batch_size,
        shuffle=False,
        steps=steps,
        dtype=dtype,
        what="validation_data",
    )

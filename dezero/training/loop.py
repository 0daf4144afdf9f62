"""`fit`: the loop around the book's four lines.

    y = model(x); loss = loss_function(y, t)
    model.cleargrads(); loss.backward(); optimizer.update()

The model is anything callable with `params()` and `cleargrads()`.
"""

import time
import warnings
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from dezero.core.errors import describe
from dezero.training.batches import check_count, make_batches, split_validation
from dezero.training.callbacks.base import Callback, CallbackList, as_list
from dezero.training.compile import Compiled, compiled
from dezero.training.graph import chosen_jit
from dezero.training.history import History
from dezero.training.home import Home
from dezero.training.progress import EpochDisplay, length
from dezero.training.resident import ResidentBatches, Rows
from dezero.training.sequences import is_sequence
from dezero.training.step import needs_targets, own_step, run_test, stepper_of
from dezero.training.weights import check_class_weight


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
    validation_batch_size: int | None = None,
    validation_freq: Any = 1,
    jit: bool | str = "auto",
    resident: bool | str = "auto",
    display: Any = EpochDisplay,
) -> History:
    """Train `model` for a number of epochs.

    Args:
        model: compiled.
        x: array with the samples on axis 0, or a list or dict of them; Dataset, DataLoader,
            generator of (x, t[, weight]), or anything of whole batches with `on_epoch_end`.
        y: targets, if x is an array; a list or dict for several outputs.
        batch_size: samples per step, 32 by default; epochs: number of the last epoch.
        verbose: 0 silent, 1 progress bar, 2 a line per epoch; "auto" is 1 in a terminal, else 2.
        callbacks: one or a list; jit: capture steps, see `dezero.cuda.graph`: "auto", True, False.
        resident: send arrays to the device once, as they are: True, False, "auto" (a 4th of it).
        validation_split: share of the samples, taken from the end, kept for validation.
        validation_data: (x, y[, weight]) or a loader to validate with after every epoch.
        shuffle: a new order in every epoch, drawn from the generator of `dezero.seed`.
        class_weight: {label: weight}; sample_weight: one weight per sample. Both for the loss.
        initial_epoch: epochs done, continued if the history has as many.
        steps_per_epoch, validation_steps: batches to take; needed for endless generators.
        validation_batch_size: if not batch_size; validation_freq: epochs between validations, or
            a list of them, from 1; display: class that shows the epochs.
    Returns:
        History, also kept as `model.history`. Ctrl-C ends the training and returns it too.
    Raises:
        RuntimeError: the model is not compiled; the loss is not finite, parameters as before.
        TypeError, ValueError: the data do not fit together.
    """
    chosen = compiled(model, "fit")
    check_class_weight(class_weight)
    for name, count in (("epochs", epochs), ("initial_epoch", initial_epoch)):
        check_count("fit", name, count, 0)
    check_count("fit", "validation_batch_size", validation_batch_size)
    if not isinstance(validation_freq, list | tuple | set | range):
        check_count("fit", "validation_freq", validation_freq)
    home, data, kept = Home(model, "fit"), (x, y, sample_weight), chosen.kept
    if validation_split and validation_data is None:
        data, validation_data = split_validation(*data, validation_split)
    options = {"batch_size": batch_size, "shuffle": shuffle, "steps": steps_per_epoch}
    options |= {"from_start": False, "targets": needs_targets(model, chosen, "train_step")}
    options |= {"resident": resident, "old": kept.batches}
    batches = make_batches(data, home, "fit", **options)
    size = validation_batch_size or batch_size
    needed = needs_targets(model, chosen, "test_step")
    options = {"batch_size": size, "steps": validation_steps, "targets": needed}
    options["resident"] = resident
    validation = (_validation(validation_data, home, options), validation_freq)
    run = _Run(model, chosen, batches, validation, class_weight=class_weight, show=display)
    watching = as_list(callbacks)
    run.jit = chosen_jit(jit, home, model, watching)
    with home:
        return run.fit(watching, range(initial_epoch, epochs), verbose)


class _Run:
    """What stays the same through the epochs of one `fit`."""

    jit: bool | str = False

    def __init__(
        self,
        model: Any,
        chosen: Compiled,
        batches: Any,
        validation: tuple[Any, Any],
        *,
        class_weight: Any,
        show: Any,
    ) -> None:
        self.model, self.chosen, self.first = model, chosen, 0
        self.batches, self.validation, self.every = batches, *validation
        self.class_weight, self.show = class_weight, show
        self.logs: dict[str, Any] = {}
        self.params: dict[str, Any] = {}

    def fit(self, callbacks: list[Callback], epochs: range, verbose: Any) -> History:
        """Run the epochs, and end in good order however they end."""
        model, history = self.model, _history(self.model, epochs.start)
        params = {"epochs": epochs.stop, "steps": length(self.batches), "verbose": verbose}
        params["figures"] = self._figures(callbacks)
        self.params = params
        self.display = self.show(verbose, epochs.stop, params["steps"])
        first = [callback for callback in callbacks if not callback.comes_last]
        last = [callback for callback in callbacks if callback.comes_last]
        self.watchers = watchers = CallbackList([*first, history, *last], model, params)
        check = not any(callback.handles_nan for callback in callbacks)
        options = {"class_weight": self.class_weight, "check": check, "jit": self.jit}
        self._begins = watchers.listens("on_train_batch_begin")
        self._ends = watchers.listens("on_train_batch_end")
        self.stepper = stepper_of(model, self.chosen, "fit", **options)
        self.stepper.is_quiet = not (self._begins or self._ends)
        inner = getattr(self.batches, "source", self.batches)
        found = inner if isinstance(inner, ResidentBatches) else None
        self.chosen.kept.handed_over(self.stepper, found)
        model.history, model.stop_training = history, False
        watchers.call("on_train_begin", {})
        resumed = max((callback.resume_epoch for callback in callbacks), default=0)
        try:
            self.first = max(epochs.start, resumed)
            for epoch in range(self.first, epochs.stop):
                self._epoch(epoch, history)
                if model.stop_training:
                    break
        except KeyboardInterrupt:
            history.interrupted = True
            self.display.interrupted(len(history.epoch))
            self.stepper.release()
        except BaseException:
            self.stepper.release()
            raise
        else:
            self.chosen.kept.take(self.stepper, found)
        finally:
            watchers.call("on_train_end", self.logs)
        return history

    def _figures(self, callbacks: list[Callback]) -> set[str] | None:
        """Return the names that the logs of an epoch will have, None if callbacks may add more."""
        if not self.chosen.all_named or own_step(self.model, "train_step") is not None:
            return None
        names = set(self.chosen.names)
        if self.validation is not None:
            names |= {f"val_{name}" for name in names}
        for callback in callbacks:
            added = vars(type(callback)).get("adds")  # a subclass may add what its base does not
            if added is None:
                return None
            names.update(added)
        return names

    def _epoch(self, epoch: int, history: History) -> None:
        start = time.perf_counter()
        self.watchers.call("on_epoch_begin", epoch, {})
        means = self.stepper.means()
        self.display.begin(epoch, means.logs)
        try:
            if not self._steps(epoch, means):
                self.display.abandon()
                return
            logs = self.stepper.logs(means, (epoch, 0))
            if self.validation is not None:
                self.params["validated"] = self._validates(epoch)
            if self.params.get("validated"):
                figures = run_test(
                    self.model, self.chosen, self.validation, self.watchers, "validation_data"
                )
                logs.update({f"val_{name}": value for name, value in figures.items()})
        except BaseException:
            self.display.abandon()
            raise
        self.logs = logs
        history.elapsed = time.perf_counter() - start
        self.display.end(logs)
        self.watchers.call("on_epoch_end", epoch, logs)

    def _validates(self, epoch: int) -> bool:
        every = self.every
        return (epoch + 1) % every == 0 if isinstance(every, int) else epoch + 1 in every

    def _steps(self, epoch: int, means: Any) -> bool:
        """Run the steps of an epoch; return whether there were any."""
        walk, step = iter(self.batches), 0
        while done := self._execution(walk, means, (epoch, step)):
            step += done
            if self.model.stop_training:
                break
        if not step and epoch == self.first:
            raise ValueError(
                f"fit: expected batches in epoch {epoch + 1}, got none. A generator that is used "
                "up cannot give another epoch: set steps_per_epoch, or use a DataLoader."
            )
        steps = 1 if self.params["steps"] is None else self.params["steps"]
        if getattr(self.batches, "once", False) and step < steps:
            self._end_early(epoch, step)
        return step > 0

    def _execution(self, walk: Iterator[Any], means: Any, at: tuple[int, int]) -> int:
        """Run the steps between two calls of callbacks; return how many there were."""
        batch = next(walk, None)
        if batch is None:
            return 0
        (epoch, step), done, more = at, 1, self.chosen.steps_per_execution - 1
        if self._begins:
            self.watchers.call("on_train_batch_begin", step, {})
        if not more:
            self.stepper.run([batch], means, at)
            self.display.tick()
        elif type(batch) is Rows:
            done = self._at_once(batch, islice(walk, more), means, at)
        else:
            for done, one in enumerate(chain([batch], islice(walk, more)), 1):
                self.stepper.run([one], means, (epoch, step + done - 1))
                self.display.tick()
        if self._ends:
            logs = self.stepper.logs(means, (epoch, step + done - 1))
            self.watchers.call("on_train_batch_end", step + done - 1, logs)
        return done

    def _at_once(self, first: Rows, more: Iterator[Rows], means: Any, at: tuple[int, int]) -> int:
        """Run the steps of an execution by one launch; those of an epoch's end one by one."""
        done, batch = 0, first
        while batch is not None:
            group = [batch]
            # The batch after the last one draws a new order, in which these would not be found.
            while not group[-1].is_last and (batch := next(more, None)) is not None:
                group.append(batch)
            is_whole = len(group) == self.chosen.steps_per_execution and group[-1] == group[0]
            for part in [group] if is_whole else [[one] for one in group]:
                self.stepper.run(part, means, (at[0], at[1] + done))
                done += len(part)
            for _ in group:
                self.display.tick()
            batch = next(more, None)
        return done

    def _end_early(self, epoch: int, found: int) -> None:
        """Let a generator that is used up end the training, as Keras does, in all openness."""
        if not self.model.stop_training:
            self.model.stop_training = True
            warnings.warn(
                f"fit: the generator was used up after {found} batches of epoch {epoch + 1}, which "
                "ends the training. Let it go on for ever, or use a DataLoader.",
                stacklevel=2,
            )


def _history(model: Any, initial_epoch: int) -> History:
    """Return the history to write: the model's own if this training goes on where it ended."""
    old = getattr(model, "history", None)
    if isinstance(old, History) and initial_epoch and old.epoch[-1:] == [initial_epoch - 1]:
        old.interrupted = False
        return old
    return History()


def _validation(data: Any, home: Home, options: dict[str, Any]) -> Any:
    if data is None:
        return None
    what = "validation_data"
    if not isinstance(data, list | tuple):
        if hasattr(data, "__iter__") or is_sequence(data):
            options = {**options, "batch_size": None, "resident": options["resident"] and "auto"}
        return make_batches((data, None, None), home, what, **options)
    if len(data) not in (2, 3):
        raise ValueError(
            f"{what}: expected (x, y) or (x, y, sample_weight), got {describe(data)}. "
            "Pass a loader by itself, without a tuple around it."
        )
    x, y, weight = (*data, None)[:3]
    return make_batches((x, y, weight), home, what, **options)

"""One training step, one pass of evaluation, and the means they report."""

import math
import warnings
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from typing import Any

from dezero.backend import to_host, xp
from dezero.core import Variable, no_grad, test_mode
from dezero.core.errors import describe
from dezero.metrics.base import as_number, unread
from dezero.training.batches import check_targets
from dezero.training.callbacks.base import CallbackList
from dezero.training.compile import Compiled
from dezero.training.figures import ReportedFigures, means_of
from dezero.training.gathering import Gathering
from dezero.training.graph import graph
from dezero.training.mode import trained_call
from dezero.training.nest import count, mapped
from dezero.training.objective import Objective
from dezero.training.resident import Rows
from dezero.training.weights import class_weighted


class NonFiniteLoss(RuntimeError):
    """A loss of NaN or inf; raised before anything was changed, on a device after the epoch."""

    def __init__(self, value: float, where: str, model: Any, late: bool = False) -> None:
        spoilt = [
            n for n, p in named_params(model) if not to_host(xp(p.data).isfinite(p.data).all())
        ]
        state = "The parameters are as they were before this step"
        if late:
            state = "On a device it is read once an epoch, and the parameters went on changing"
        if spoilt:
            state = f"{spoilt[0]!r} has been NaN or infinite since an earlier step"
        super().__init__(
            f"{where}: expected a finite loss, got {value}. {state}. "
            "Lower the learning rate, scale the inputs, or look for NaN in the data."
        )


class Stepper:
    """What stays the same from step to step of one training.

    Args:
        model, chosen: what is trained, and what `compile` chose for it.
        what: the function the user called, for errors.
        class_weight: {label: weight}, or None.
        check: raise if the loss is not finite; else such a step changes nothing.
        jit: have the steps captured on the device, "auto" where that can be; True demands it.
    """

    def __init__(
        self,
        model: Any,
        chosen: Compiled,
        what: str,
        *,
        class_weight: dict[int, float] | None = None,
        check: bool = True,
        jit: bool | str = False,
    ) -> None:
        check_owner(model, chosen, what)
        self.model, self.chosen, self.what = model, chosen, what
        self.class_weight, self.check = class_weight, check
        self.penalties: Callable[[], Iterable[Variable]] = getattr(model, "penalties", tuple)
        self.own = own_step(model, "train_step")
        self.is_late = False
        find = getattr(model, "named_constraints", tuple)
        self.limits = [(param, limit) for _, param, limit in find()]
        self._means = means_of(chosen) if self.own is None else None
        self.gathering, self._version = Gathering(), 0
        # Whether nobody's code runs between two steps of an epoch, and what the last one was.
        self.is_quiet, self._last = False, None
        self.graphed: Any = None
        self.own_graphed: Any = None
        if jit and self.own is not None:
            # `is True`: whoever asks for it knows that a replay runs none of their Python.
            self.own_graphed = graph(self.own, required=True)
        elif jit:
            self.graphed = graph(self.device_steps, required=jit is True)
            world = self.graphed.world
            world.aside, world.records = self.gathering.holders.values, self.gathering.records

    def sameness(self) -> tuple:
        """Return what another Stepper must have alike to make the same steps."""
        weights = sorted((self.class_weight or {}).items())
        limits = [(id(param), id(limit)) for param, limit in self.limits]
        captures = self.graphed is not None
        return self.model, self.chosen, self.what, self.check, weights, limits, captures

    def release(self) -> None:
        """Give back the memory of captured steps."""
        if self.graphed is not None:
            self.graphed.reset()

    def means(self) -> Any:
        """Return what gathers the figures of an epoch, all at their beginning."""
        if self._means is None:
            return ReportedFigures(self.model)
        self._means.reset()
        self._last = None
        return self._means

    def run(self, batches: list, means: Any, at: tuple[int, int] | None = None) -> None:
        """Make an update with each of the batches, on a device perhaps all at once.

        Args:
            batches: tuples as in `train`, or Rows.
            means: what `means` returned.
            at: epoch and number of the first step from 0, for errors.
        """
        if self.graphed is None or not self.gathering.attach():
            for i, batch in enumerate(batches):
                self.step(batch, means, at and (at[0], at[1] + i))
            return
        for i, batch in enumerate(batches):
            if type(batch) is Rows:
                starts = batch.source.starts
                starts[i:] = [batch.start]
            else:
                check_batch(batch[0], batch[1], self.what, self.chosen.needs_targets)
        self.is_late = True
        with self.chosen.casting():
            found = self._replayed(batches)
        for loss, y, t, weight, noted in found:
            self._note(noted)
            for holder, update, given in means.parts(loss, y, t, weight):
                if id(holder) in self.gathering.outside:
                    update(*given)

    def _replayed(self, batches: list) -> list[tuple]:
        first, graphed = batches[0], self.graphed
        if self._version != self.gathering.version:  # what was captured does not gather it all
            self._version = self.gathering.version
            graphed.reset()
        last = (first, len(batches)) if self.is_quiet and type(first) is Rows else None
        found = graphed.repeat() if last is not None and last == self._last else None
        self._last = last
        return graphed(batches) if found is None else found

    def step(self, batch: Any, means: Any, at: tuple[int, int] | None = None) -> None:
        """Make one update, by `train` or by the model's own `train_step`, and gather its figures.

        Args:
            batch, at: as in `train`.
            means: what `means` returned.
        """
        x, t, weight = batch
        if self.class_weight is not None:
            weight = class_weighted(t, weight, self.class_weight)
        if self.own is None:
            with self.chosen.casting():
                loss, y = self.train((x, t, weight), at)
            means.add(loss, y, t, weight)
        else:
            with self.chosen.casting():
                figures = (self.own_graphed or self.own)(packed(x, t, weight))
            means.take(figures, self.what)
            self._hold()

    def logs(self, means: Any, at: tuple[int, int] | None = None) -> dict[str, Any]:
        """Return the figures of an epoch; refuse a loss that was not finite and not looked at.

        Raises:
            RuntimeError: the loss is not finite.
        """
        logs = means.logs()
        self.chosen.optimizer.settle()
        if self.is_late and not math.isfinite(logs["loss"]):
            place = f": epoch {at[0] + 1}" if at else ""
            raise NonFiniteLoss(logs["loss"], self.what + place, self.model, late=True)
        return logs

    def train(self, batch: tuple, at: tuple[int, int] | None = None) -> tuple[Any, Any]:
        """Make one update; return the loss as a number and the outputs as an array.

        On a device the loss stays an array there, unless a callback handles losses of NaN: to read
        it would make the host wait in every step. `logs` looks at the mean of them all.

        Args:
            batch: x, targets, and weights or None.
            at: epoch and step from 0, for errors.
        Raises:
            RuntimeError: the loss is not finite; nothing has been changed.
            ValueError, TypeError: the batch has no samples, or no targets.
        """
        x, t, weight = batch
        model, chosen = self.model, self.chosen
        check_batch(x, t, self.what, chosen.needs_targets)
        y = trained_call(model, x)
        loss = whole_loss(chosen.loss(y, t, weight), self.penalties(), self.what)
        value, outputs = unread(loss.data), arrays_of(y)
        if not self.check:
            value = as_number(value)
        self.is_late = not isinstance(value, float)
        if not self.is_late and not math.isfinite(value):
            if self.check:
                place = f": epoch {at[0] + 1}, step {at[1] + 1}" if at else ""
                raise NonFiniteLoss(value, self.what + place, model)
            return value, outputs
        if not self._learns(loss):
            return value, outputs
        del y  # so that backward can let the activations go as it passes them
        model.cleargrads()
        chosen.optimizer.scale(loss).backward()
        chosen.optimizer.update()
        self._hold()
        return value, outputs

    def device_steps(self, batches: list) -> list[tuple]:
        """Make an update with each batch, without looking at a number of it: what is captured.

        Returns:
            For each batch loss, outputs, targets, weights and what the objective has noted, if
            there are figures that this could not be added to.
        """
        found = [self._device_step(batch, i) for i, batch in enumerate(batches)]
        return [one for one in found if one is not None]

    def _device_step(self, batch: Any, i: int) -> tuple | None:
        model, chosen = self.model, self.chosen
        x, t, weight = batch.taken(i) if type(batch) is Rows else batch
        if self.class_weight is not None:
            weight = class_weighted(t, weight, self.class_weight)
        y = trained_call(model, x)
        loss = whole_loss(chosen.loss(y, t, weight), self.penalties(), self.what)
        value, outputs = unread(loss.data), arrays_of(y)
        if self._learns(loss):
            del y
            model.cleargrads()
            chosen.optimizer.scale(loss).backward()
            chosen.optimizer.update()
            self._hold()
        means: Any = self._means
        if not self.gathering.add(means.parts(value, outputs, t, weight)):
            return None
        objective = chosen.loss
        several = isinstance(objective, Objective)
        noted = (objective.parts, list(objective.masks)) if several else None
        return value, outputs, t, weight, noted

    def _note(self, noted: Any) -> None:
        if noted is not None:
            self.chosen.loss.parts, self.chosen.loss.masks = noted  # type: ignore[union-attr]

    def _learns(self, loss: Variable) -> bool:
        """Return whether there is anything to learn, and warn if there is not."""
        if loss.creator is None and not any(p.requires_grad for p in self.model.params()):
            message = f"{self.what}: the model has no weights that train, so nothing is changed."
            warnings.warn(message, stacklevel=3)
            return False
        return True

    def _hold(self) -> None:
        for param, limit in self.limits:
            if param.data is not None and param.requires_grad:
                limited, scale = limit(param.data), self.chosen.optimizer.loss_scale
                if scale is not None:
                    limited = scale.unless_skipped(limited, param.data)
                # In place: the optimizer knows the parameter by its memory.
                param.data[...] = limited


def stepper_of(model: Any, chosen: Compiled, what: str, **options: Any) -> Stepper:
    """Return the Stepper of the last training with the same options, else a new one.

    What was captured on a device serves again.
    """
    found, old = Stepper(model, chosen, what, **options), chosen.kept.stepper
    if old is None or old.graphed is None or old.sameness() != found.sameness():
        return found
    old.is_late, old.graphed.required = False, options.get("jit") is True
    return old


def check_owner(model: Any, chosen: Compiled, what: str) -> None:
    """Refuse an optimizer that another model took over: it would change that one's weights."""
    if chosen.optimizer.target is not model:
        raise RuntimeError(
            f"{what}: expected an optimizer of this model alone, got one that was set up for "
            f"{describe(chosen.optimizer.target)} since. Give each model an optimizer of its own."
        )


def own_step(model: Any, name: str) -> Callable[[Any], Any] | None:
    """Return the model's own `train_step`, `test_step` or `predict_step`; None for the usual."""
    find = getattr(model, "own_step", None)
    return None if find is None else find(name)


def needs_targets(model: Any, chosen: Compiled, step: str) -> bool:
    """Return whether a batch without targets is an error; a model's own step may do without."""
    return chosen.needs_targets and own_step(model, step) is None


def packed(x: Any, t: Any = None, weight: Any = None) -> Any:
    """Return the data of a batch as a model's own step takes it: (x, t), all three, or x alone.

    An x that is a list comes as (x,), for what is a list or tuple is taken apart, as in Keras.
    """
    if weight is not None:
        return x, t, weight
    if t is not None:
        return x, t
    return (x,) if isinstance(x, list) else x


def arrays_of(y: Any) -> Any:
    """Return the arrays of the outputs of a model, one or a structure."""
    return y.data if isinstance(y, Variable) else mapped(_array_of, y)


def _array_of(y: Any) -> Any:
    return y.data if isinstance(y, Variable) else y


def whole_loss(loss: Variable | None, penalties: Iterable[Variable], what: str) -> Variable:
    """Return the sum of the loss and of what layers add to it.

    Raises:
        RuntimeError: there is neither.
    """
    for penalty in penalties:
        loss = penalty if loss is None else loss + penalty
    if loss is None:
        raise RuntimeError(
            f"{what}: expected a loss, got a model compiled without one that adds none itself. "
            "Name a loss in compile, or call add_loss."
        )
    return loss


def check_batch(x: Any, t: Any, what: str, needs_targets: bool = True) -> None:
    """Refuse a batch without samples or without targets."""
    if count(x) == 0:
        raise ValueError(
            f"{what}: expected batches with samples, got x {describe(x)}. Skip empty batches."
        )
    if needs_targets:
        check_targets(x, t, what)


def run_test(
    model: Any, chosen: Compiled, batches: Any, watchers: CallbackList, what: str
) -> dict[str, Any]:
    """Return {"loss": ..., metric: ...} over all batches, without training."""
    watchers.call("on_test_begin", {})
    own = own_step(model, "test_step")
    means: Any = means_of(chosen) if own is None else ReportedFigures(model)
    penalties = getattr(model, "penalties", tuple)
    begins, ends = watchers.listens("on_test_batch_begin"), watchers.listens("on_test_batch_end")
    graph = getattr(chosen.loss, "reads_graph", False)
    with nullcontext() if graph else no_grad(), test_mode(), chosen.casting():
        for step, (x, t, weight) in enumerate(batches):
            if begins:
                watchers.call("on_test_batch_begin", step, {})
            if own is not None:
                means.take(own(packed(x, t, weight)), what)
            else:
                check_batch(x, t, what, chosen.needs_targets)
                y = model(x)
                loss = whole_loss(chosen.loss(y, t, weight), penalties(), what)
                means.add(unread(loss.data), arrays_of(y), t, weight)
            if ends:
                watchers.call("on_test_batch_end", step, means.logs())
        if not means.count:
            raise ValueError(
                f"{what}: expected at least one batch, got none. A generator that is used up "
                "gives no more: limit its steps, or use a DataLoader."
            )
    logs = means.logs()
    watchers.call("on_test_end", logs)
    return logs


def named_params(model: Any) -> list[tuple[str, Any]]:
    """Return (name, Parameter) of all that have data, also of models that give no names."""
    if hasattr(model, "named_params"):
        named = model.named_params()
    else:
        named = ((p.name or f"param{i}", p) for i, p in enumerate(model.params()))
    return [(name, param) for name, param in named if param.data is not None]

"""`Objective`: a loss, its weight and metrics for each of several outputs, added up."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dezero import losses
from dezero import metrics as metric_room
from dezero.core import Variable
from dezero.core.errors import lookup
from dezero.metrics.base import unread
from dezero.training.nest import count, leaves, mapped
from dezero.training.sums import Part, Sum, plain, read_together
from dezero.training.weights import masked


@dataclass
class Output:
    """One output of a model: what it is called, and what it is trained and judged by."""

    name: str
    loss: losses.Loss | None
    share: float | None = None
    metrics: list[metric_room.Metric] = field(default_factory=list)
    weighted: list[metric_room.Metric] = field(default_factory=list)


class Objective:
    """The sum of the losses of all outputs: `objective(y, t, weight)`; None if there is no loss.

    Args:
        loss: one for all outputs, a list in their order, a dict by their names, or None.
        metrics, weighted: a list for the only output or for all, a list of lists, or a dict; a
            list with one metric for each output gives each its own. The weighted ones count each
            sample by its weight.
        loss_weights: factors of the losses, a list or a dict.
        names: what the outputs are called; None leaves that to the first outputs seen: the keys of
            a dict, else "output_1" and so on.
        only_name: what targets may call the output of a model that has one, beside its name.
        masks: function of the outputs that returns a mask or None for each, or None.
    Raises:
        ValueError: a name is unknown, or a list has the wrong length.
    """

    def __init__(
        self,
        loss: Any,
        metrics: Any = None,
        weighted: Any = None,
        *,
        loss_weights: Any = None,
        names: list[str] | None = None,
        only_name: str | None = None,
        masks: Callable[[Any], list] | None = None,
    ) -> None:
        self.loss = mapped(losses.get, loss)
        self.metrics, self.weighted = mapped(named_metric, metrics), mapped(named_metric, weighted)
        self.loss_weights, self.names, self.masks_of = loss_weights, names, masks
        self.only_name = only_name
        self.outputs: list[Output] = []
        self.parts: list[Any] = []
        self.masks: list[Any] = [None]
        if names:
            self._settle(list(names))

    @property
    def needs_targets(self) -> bool:
        """Whether there is any loss or metric that compares with targets."""
        return any(part is not None and part != [] for part in (self.loss, self.metrics))

    @property
    def reads_graph(self) -> bool:
        """Whether a loss wants to see what made the outputs, in evaluations too."""
        return any(getattr(loss, "reads_graph", False) for _, loss in leaves(self.loss))

    def __call__(self, y: Any, t: Any, weight: Any = None) -> Variable | None:
        """Return the weighted sum of the losses; `parts` are then the losses one by one.

        Raises:
            ValueError: outputs, targets and weights do not fit together.
        """
        if self._is_single(y, t, weight):
            # The usual case is written out: it comes by here in every step.
            output, mask = self.outputs[0], self.masks[0]
            if self.masks_of is not None:
                mask = self.masks[0] = self.masks_of(y)[0]
            if mask is not None:
                weight = masked(weight, mask, mean=True)
            if output.loss is None or output.share is None:
                return output.loss and output.loss(y, t, weight)
            return output.loss(y, t, weight) * output.share
        ys = self.outputs_of(y)
        ts, weights = self.targets_of(t), self.weights_of(weight)
        self.masks = [None] * len(ys) if self.masks_of is None else self.masks_of(y)
        total, self.parts = None, []
        for output, y_one, t_one, w, mask in zip(
            self.outputs, ys, ts, weights, self.masks, strict=True
        ):
            if output.loss is None:
                self.parts.append(None)
                continue
            if mask is not None:
                w = masked(w, mask, mean=True)
            value = output.loss(y_one, t_one, w)
            self.parts.append(unread(value.data))
            if output.share is not None:
                value = value * output.share
            total = value if total is None else total + value
        return total

    def _is_single(self, y: Any, t: Any, weight: Any) -> bool:
        """Return whether there is one output, and nothing in a list or dict."""
        return (
            len(self.outputs) == 1
            and isinstance(y, Variable)
            and not isinstance(t, list | dict)
            and not isinstance(weight, list | dict)
        )

    def outputs_of(self, y: Any) -> list:
        """Return the outputs `y` of the model in a list."""
        if isinstance(y, Mapping):
            if not self.outputs:
                self._settle(list(y))
            return [lookup("outputs", output.name, y) for output in self.outputs]
        found = list(y) if isinstance(y, list | tuple) else [y]
        if not self.outputs:
            self._settle(self._names_of(len(found)))
        if len(found) != len(self.outputs):
            raise ValueError(
                f"compile: expected {len(self.outputs)} outputs, "
                f"{[output.name for output in self.outputs]}, got {len(found)}. "
                "Return the outputs that the losses are for."
            )
        return found

    def _names_of(self, number: int) -> list[str]:
        for spec in (self.loss, self.metrics):  # one of a dict's words may be the only name
            if number == 1 and isinstance(spec, Mapping) and len(spec) == 1:
                return list(spec)
        return [f"output_{i + 1}" for i in range(number)]

    def targets_of(self, t: Any) -> list:
        """Return one target for each output, None for those without loss and metrics."""
        return self._for_each(t, "targets", "y", all_alike=False)

    def weights_of(self, weight: Any) -> list:
        """Return the weights of the samples for each output."""
        return self._for_each(weight, "sample_weight", "sample_weight", all_alike=True)

    def _for_each(self, part: Any, what: str, argument: str, *, all_alike: bool) -> list:
        outputs = self.outputs
        if part is None or (len(outputs) == 1 and not isinstance(part, dict | list)):
            return [part] * len(outputs)
        if isinstance(part, Mapping):
            if len(outputs) == 1 and set(part) == {self.only_name}:
                return [part[self.only_name]]
            for key in part:
                lookup(what, key, {output.name: output for output in outputs})
            return [part.get(output.name) for output in outputs]
        if not isinstance(part, list):
            if all_alike:
                return [part] * len(outputs)
            part = [part]
        if len(part) == len(outputs):
            return part
        judged = [o for o in outputs if o.loss is not None or o.metrics or o.weighted]
        if len(part) != len(judged):
            raise ValueError(
                f"{what}: expected {len(outputs)}, for {[output.name for output in outputs]}, "
                f"got {len(part)}. Give {argument} as a list in this order, or as a dict."
            )
        given = iter(part)
        return [next(given) if output in judged else None for output in outputs]

    def _settle(self, names: list[str]) -> None:
        """Give each output its loss and metrics."""
        found = _spread(self.loss, names, "loss")
        shares = _spread(self.loss_weights, names, "loss_weights")
        chosen = _spread_metrics(self.metrics, names)
        weighted = _spread_metrics(self.weighted, names)
        for i, name in enumerate(names):
            self.outputs.append(Output(name, found[i], shares[i], chosen[i], weighted[i]))

    def figures(self) -> Iterator[tuple[str, str, int, Any]]:
        """Yield (key in logs, kind, number of the output, metric) of all but the whole loss."""
        several = len(self.outputs) > 1
        trained = [i for i, output in enumerate(self.outputs) if output.loss is not None]
        if several and len(trained) > 1:
            for i in trained:
                yield f"{self.outputs[i].name}_loss", "loss", i, None
        taken: dict[str, int] = {}
        for i, output in enumerate(self.outputs):
            prefix = f"{output.name}_" if several else ""
            for kind, metrics in (("metrics", output.metrics), ("weighted", output.weighted)):
                for metric in metrics:
                    key = prefix + metric.name
                    if kind == "weighted" and key in taken:
                        key = f"{prefix}weighted_{metric.name}"
                    again = taken.get(key, 0)
                    taken[key] = again + 1
                    yield f"{key}_{again}" if again else key, kind, i, metric


class ObjectiveMeans:
    """Means over the samples seen so far of an objective, its parts and its metrics."""

    def __init__(self, objective: Objective) -> None:
        self.objective, self.loss = objective, Sum()
        self.losses: dict[int, Sum] = {}
        self.reset()

    def reset(self) -> None:
        """Forget all batches."""
        for one in (self.loss, *self.losses.values()):
            one.reset()
        self._figures: list[tuple[str, str, int, Any]] | None = None
        for _, _, _, metric in self.objective.figures():
            if metric is not None:
                metric.reset()

    @property
    def count(self) -> int:
        """The number of samples."""
        return self.loss.count

    def parts(self, loss: Any, y: Any, t: Any, weight: Any = None) -> list[Part]:
        """Return what a batch is to be taken in by, whose loss the objective has just found."""
        objective, n = self.objective, count(y)
        found: list[Part] = [(self.loss, self.loss.add, (loss, n))]
        if self._figures is None:
            self._figures = list(objective.figures())
        if len(objective.outputs) == 1 and not isinstance(t, list | dict | tuple):
            ys, ts, weights = [y], [t], None
        else:
            ys, ts, weights = objective.outputs_of(y), objective.targets_of(t), None
        for _, kind, i, metric in self._figures:
            if kind == "loss":
                part = objective.parts[i]
                one = self.losses.setdefault(i, Sum())
                found.append((one, one.add, (0.0 if part is None else part, n)))
                continue
            mask, w = objective.masks[i], None
            if kind == "weighted":
                weights = objective.weights_of(weight) if weights is None else weights
                w = weights[i]
            if mask is not None:
                w = masked(w, mask, mean=False)
            given = (ys[i], ts[i]) if w is None else (ys[i], ts[i], w)
            found.append((metric, metric.update, given))
        return found

    def add(self, loss: Any, y: Any, t: Any, weight: Any = None) -> None:
        """Take in one batch, whose loss the objective has just found."""
        for _, update, given in self.parts(loss, y, t, weight):
            update(*given)

    def logs(self) -> dict[str, Any]:
        """Return {"loss": mean, name of a part or metric: figure}."""
        figures = self._figures or list(self.objective.figures())
        metrics = [metric for *_, metric in figures if metric is not None]
        read_together([self.loss, *self.losses.values(), *metrics])
        logs: dict[str, Any] = {"loss": self.loss.mean()}
        for key, kind, i, metric in figures:
            if kind == "loss":
                logs[key] = self.losses[i].mean() if i in self.losses else 0.0
            else:
                logs[key] = plain(metric.result())
        return logs


def named_metric(metric: Any) -> metric_room.Metric:
    """Return the Metric; one asked for by a string goes by it in logs: "acc" or "accuracy"."""
    found = metric_room.get(metric)
    if isinstance(metric, str):
        found.name = metric
    return found


def _spread(spec: Any, names: list[str], what: str) -> list:
    if isinstance(spec, Mapping):
        for key in spec:
            lookup(what, key, dict.fromkeys(names))
        return [spec.get(name) for name in names]
    if isinstance(spec, list | tuple):
        if len(spec) != len(names):
            raise ValueError(
                f"{what}: expected one for each of the outputs {names}, got {len(spec)}. "
                "Give a list in this order, a dict by name, or a single one for all."
            )
        return list(spec)
    return [spec] * len(names)


def _spread_metrics(spec: Any, names: list[str]) -> list[list]:
    """Return the metrics of each output; no object serves two of them."""
    if isinstance(spec, Mapping):
        return [_flat(part) for part in _spread(spec, names, "metrics")]
    entries = _flat(spec, deep=False)
    own = len(entries) == len(names) or any(isinstance(entry, list) for entry in entries)
    if len(names) > 1 and own:
        return [_flat(part) for part in _spread(entries, names, "metrics")]
    return [_flat(copy.deepcopy(spec) if i else spec) for i in range(len(names))]


def _flat(spec: Any, deep: bool = True) -> list:
    if not isinstance(spec, list | tuple):
        return [] if spec is None else [spec]
    if not deep:
        return list(spec)
    return [metric for part in spec for metric in _flat(part)]

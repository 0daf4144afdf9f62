"""`compile`: which optimizer, loss and metrics a model is trained with."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

from dezero import losses, metrics, optimizers
from dezero.backend.precision import autocast
from dezero.training.objective import Objective, named_metric


class Kept:
    """What the last `fit` has left on a device for the next: captured steps, and its data.

    It is forgotten by `compile`, by moving the model, and in copies and files.
    """

    def __init__(self) -> None:
        self.stepper: Any = None
        self.batches: Any = None

    def handed_over(self, stepper: Any, batches: Any) -> None:
        """Forget what a `fit` goes on with; release what it does not, or cannot with other data."""
        if self.batches is not batches:
            stepper.release()
        if self.stepper is stepper:
            self.stepper = None
        self.release()

    def take(self, stepper: Any, batches: Any) -> None:
        """Keep what a `fit` has left, if there is anything captured."""
        self.release()
        if stepper.graphed is not None:
            self.stepper, self.batches = stepper, batches

    def release(self) -> None:
        """Give the memory back."""
        if self.stepper is not None:
            self.stepper.release()
        self.stepper = self.batches = None

    def __deepcopy__(self, memo: Any) -> "Kept":
        return Kept()

    def __reduce__(self) -> tuple:
        return Kept, ()


@dataclass
class Compiled:
    """What `compile` chose for a model; kept as `model.compiled`.

    `loss` is an Objective, which holds the metrics, for models of several outputs.
    """

    optimizer: optimizers.Optimizer
    loss: losses.Loss | Objective
    metrics: list[metrics.Metric]
    steps_per_execution: int = 1
    kept: Kept = field(default_factory=Kept, compare=False, repr=False)
    precision: str | None = None

    def casting(self) -> Any:
        """Return the context in which the model computes."""
        return nullcontext() if self.precision is None else autocast(self.precision)

    @property
    def names(self) -> list[str]:
        """Keys of the figures in logs and history, "loss" first."""
        if isinstance(self.loss, Objective):
            return ["loss", *(key for key, *_ in self.loss.figures())]
        return ["loss", *(metric.name for metric in self.metrics)]

    @property
    def all_named(self) -> bool:
        """Whether `names` is complete, which it may not be before the first outputs are seen."""
        return not isinstance(self.loss, Objective) or bool(self.loss.outputs)

    @property
    def needs_targets(self) -> bool:
        """Whether a batch without targets is an error."""
        return not isinstance(self.loss, Objective) or self.loss.needs_targets


def compile(
    model: Any,
    optimizer: Any = "rmsprop",
    loss: Any = None,
    metrics: Any = None,
    *,
    loss_weights: Any = None,
    weighted_metrics: Any = None,
    steps_per_execution: int = 1,
    precision: str | None = None,
) -> None:
    """Choose what `fit` trains `model` with.

    Args:
        model: a Layer, or anything callable with `params()` and `cleargrads()`.
        optimizer: a name such as "adam", or an Optimizer.
        loss: a name such as "softmax_cross_entropy", a Loss, or a function f(y, t). For a model of
            several outputs one for all of them, a list, or a dict by their names.
        metrics: a name, Metric or function, or a list of them; "accuracy" finds its kind from the
            shapes it sees. For several outputs a list of lists or a dict.
        loss_weights: factors of several losses in their sum, a list or a dict.
        weighted_metrics: metrics that count each sample by its weight.
        steps_per_execution: batches between two calls of callbacks. With data on a GPU these steps
            are one launch; the numbers are the same.
        precision: "float16" or "bfloat16" has products and convolutions of float32 take their
            inputs so, as in `dezero.cuda.autocast`, where the model is fitted, evaluated or
            predicts. With float16 an optimizer without a `loss_scale` gets a LossScale.
    Raises:
        ValueError: a name is unknown (the nearest one is given), two metrics share a name, or
            precision is none of these.
        TypeError: no loss is given, or an argument is of another kind.
    Note: only a model that says so (`loss_is_optional`) may have no loss at all: it adds its own.
    """
    if loss is None and not getattr(model, "loss_is_optional", False):
        raise TypeError(
            "compile: expected a loss, got None. "
            "Name one, such as loss='softmax_cross_entropy' for labels against scores."
        )
    check_steps(steps_per_execution)
    check_precision(precision)
    found = optimizers.get(optimizer)
    if _is_simple(model, loss, metrics, loss_weights, weighted_metrics):
        chosen = Compiled(found, losses.get(loss), _metrics(metrics))  # type: ignore[arg-type]
    else:
        names = getattr(model, "output_names", None)
        masks = getattr(model, "output_masks", None)
        only = getattr(model, "only_output_name", None)
        options = {"loss_weights": loss_weights, "names": names, "masks": masks, "only_name": only}
        chosen = Compiled(found, Objective(loss, metrics, weighted_metrics, **options), [])
    if len(set(chosen.names)) < len(chosen.names):
        raise ValueError(
            f"compile: expected metrics of different names, got {chosen.names[1:]}. "
            "Give one of them another name=."
        )
    release(model)
    chosen.steps_per_execution = int(steps_per_execution)
    chosen.precision = precision
    chosen.optimizer.setup(model)
    if precision == "float16" and chosen.optimizer.loss_scale is None:
        chosen.optimizer.loss_scale = optimizers.LossScale()
    model.compiled, model.optimizer = chosen, chosen.optimizer


def check_steps(value: Any) -> None:
    """Refuse a number of steps per execution that is no integer of at least 1."""
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < 1:
        raise ValueError(
            f"compile: expected steps_per_execution to be an integer >= 1, got {value!r}. "
            "1 calls callbacks after every batch."
        )


def check_precision(value: Any) -> None:
    """Refuse what is no short dtype that products can take their inputs in, nor None."""
    if value is not None and not (isinstance(value, str) and value in ("float16", "bfloat16")):
        raise ValueError(
            f"compile: expected precision to be 'float16', 'bfloat16' or None, got {value!r}. "
            "None computes in the dtype of the weights."
        )


def release(model: Any) -> None:
    """Give back the memory of a device that `fit` has kept for the next `fit` of the model."""
    chosen = getattr(model, "compiled", None)
    if isinstance(chosen, Compiled):
        chosen.kept.release()


@contextmanager
def moving(model: Any) -> Iterator[None]:
    """Let go of what is kept for the next `fit` if the parameters of the model move meanwhile."""
    before = [param.data for param in model.params()]
    yield
    after = [param.data for param in model.params()]
    if len(before) != len(after) or any(a is not b for a, b in zip(before, after, strict=True)):
        release(model)


def _is_simple(model: Any, loss: Any, metrics: Any, *more: Any) -> bool:
    """Return whether there is one output with one loss, and metrics without weights."""
    if any(part is not None for part in more) or hasattr(model, "output_names"):
        return False
    if loss is None or isinstance(loss, list | tuple) or isinstance(metrics, Mapping):
        return False
    by_name = isinstance(loss, Mapping) and "name" not in loss
    nested = isinstance(metrics, list | tuple) and any(isinstance(m, list | tuple) for m in metrics)
    return not by_name and not nested


def _metrics(chosen: Any) -> list[metrics.Metric]:
    if chosen is None:
        return []
    if not isinstance(chosen, list | tuple):
        chosen = [chosen]
    return [named_metric(metric) for metric in chosen]


def casting_of(model: Any) -> Any:
    """Return the context in which a model computes, compiled or not."""
    found = getattr(model, "compiled", None)
    return nullcontext() if found is None else found.casting()


def compiled(model: Any, what: str) -> Compiled:
    """Return what `compile` chose for `model`.

    Raises:
        RuntimeError: `compile` was not called.
    """
    found = getattr(model, "compiled", None)
    if found is None:
        raise RuntimeError(
            f"{what}: expected a compiled model, got {type(model).__name__} without loss. "
            "Call model.compile(optimizer, loss, metrics) first."
        )
    return found

"""`Callback`: the points of a training at which your code is called."""

from typing import Any

from dezero.core.errors import describe

# Keras's names for the same points.
POINTS = (
    "on_train_begin",
    "on_train_end",
    "on_epoch_begin",
    "on_epoch_end",
    "on_train_batch_begin",
    "on_train_batch_end",
    "on_test_begin",
    "on_test_end",
    "on_test_batch_begin",
    "on_test_batch_end",
    "on_predict_begin",
    "on_predict_end",
    "on_predict_batch_begin",
    "on_predict_batch_end",
)
# The older names that Keras still calls.
OTHER_NAMES = {"on_train_batch_begin": "on_batch_begin", "on_train_batch_end": "on_batch_end"}


class Callback:
    """Base class: override the points you need; set `self.model.stop_training = True` to stop.

    `self.model` is the model, `self.params` a dict with "epochs", "steps" and "verbose". `logs` are
    the figures so far, {"loss": 0.31, "accuracy": 0.89, "val_loss": ...}; what you add to those of
    an epoch goes into the history.
    """

    handles_nan = False  # True in callbacks that deal with a loss that is not finite
    resume_epoch = 0  # after on_train_begin: epochs that an interrupted training had done
    comes_last = False  # True in callbacks that save the history: it is written before them
    # Names of the figures that it writes into `logs`; None where nobody knows.
    adds: tuple[str, ...] | None = None
    # Here and not in __init__: a subclass need not call super().__init__() first.
    model: Any = None
    params: dict[str, Any] = {}

    def set_model(self, model: Any) -> None:
        """Remember the model that is trained."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Remember the figures of the training."""
        self.params = params

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Before the first epoch."""

    def on_train_end(self, logs: dict | None = None) -> None:
        """After the last epoch, also when Ctrl-C or an error ended the training."""

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        """Before an epoch, numbered from 0."""

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """After an epoch and its validation."""

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Before a training step, numbered from 0 in each epoch."""

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """After a training step; logs are the means over the epoch so far."""

    def on_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Another name of on_train_batch_begin."""

    def on_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Another name of on_train_batch_end."""

    def on_test_begin(self, logs: dict | None = None) -> None:
        """Before an evaluation or validation."""

    def on_test_end(self, logs: dict | None = None) -> None:
        """After an evaluation or validation."""

    def on_test_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Before a batch of an evaluation."""

    def on_test_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """After a batch of an evaluation."""

    def on_predict_begin(self, logs: dict | None = None) -> None:
        """Before a prediction."""

    def on_predict_end(self, logs: dict | None = None) -> None:
        """After a prediction."""

    def on_predict_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        """Before a batch of a prediction."""

    def on_predict_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """After a batch of a prediction."""


class CallbackList:
    """Calls each point of several callbacks in order; points nobody overrides cost nothing.

    Args:
        callbacks: a Callback, a list of them, or None.
        model: what is trained.
        params: see `Callback`.
    Raises:
        TypeError: one of them is no Callback.
    """

    def __init__(self, callbacks: Any, model: Any, params: dict[str, Any]) -> None:
        self.callbacks = as_list(callbacks)
        self._listeners: dict[str, list] = {point: [] for point in POINTS}
        for callback in self.callbacks:
            callback.set_model(model)
            callback.set_params(params)
            for point in POINTS:
                for name in (point, OTHER_NAMES.get(point)):
                    if name and _overrides(callback, name):
                        self._listeners[point].append(getattr(callback, name))

    def listens(self, point: str) -> bool:
        """Return whether any callback overrides `point`."""
        return bool(self._listeners[point])

    def call(self, point: str, *args: Any) -> None:
        """Call `point` of every callback that overrides it."""
        for listener in self._listeners[point]:
            listener(*args)


def as_list(callbacks: Any) -> list[Callback]:
    """Return the callbacks that `fit` was given as a list.

    Raises:
        TypeError: one of them is no Callback.
    """
    if callbacks is None:
        return []
    found = list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]
    for callback in found:
        if not isinstance(callback, Callback):
            is_class = isinstance(callback, type)
            got = f"the class {callback.__name__}" if is_class else describe(callback)
            raise TypeError(
                f"callbacks: expected Callback objects, got {got}. "
                "Subclass dezero.training.Callback, and pass an instance."
            )
    return found


def _overrides(callback: Callback, point: str) -> bool:
    own = getattr(callback, point)
    return getattr(own, "__func__", own) is not getattr(Callback, point)

"""`Trainer`: compile, fit and the rest with Keras's arguments, over `dezero.training`."""

import copy
import math
import warnings
from typing import Any

from dezero import training
from dezero.backend import to_host
from dezero.core import no_grad, test_mode
from dezero.core.errors import nearest
from dezero.keras import optimizers
from dezero.keras.compiling import loss_of, metric_of, of_all
from dezero.keras.layers.oldwords import FIT_WORDS
from dezero.keras.optimizers import LossScaleOptimizer
from dezero.keras.policies import DTypePolicy
from dezero.keras.progress import EpochLines, TestLine
from dezero.keras.steps import Steps
from dezero.optimizers import LossScale
from dezero.training.callbacks.base import as_list
from dezero.training.compile import casting_of
from dezero.training.evaluation import apart
from dezero.training.home import Home
from dezero.training.nest import mapped
from dezero.training.step import arrays_of, packed

__all__ = ["Trainer"]

# What Keras takes for speed or for several processes, and what has no counterpart here.
IGNORED = (
    "from_serialized", "jit_compile", "max_queue_size", "pickle_safe",
    "pss_evaluation_shards", "reset_metrics", "run_eagerly", "sample_weight_mode",
    "use_multiprocessing", "workers",
)  # fmt: skip


class Trainer(Steps):
    """What a model of `dezero.keras` has of training; `Model` adds the layers.

    A subclass may write `train_step(data)`, `test_step(data)`, `predict_step(data)`,
    `compute_loss(x, y, y_pred, sample_weight)` or `compute_metrics` as in Keras; in a step of its
    own it calls `self.optimizer.scale_loss(loss).backward()` and `self.optimizer.update()`.
    """

    loss_is_optional = True
    stop_training = False
    history: training.History | None = None
    output_names: list[str] | None = None

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        loss_weights: Any = None,
        weighted_metrics: Any = None,
        *,
        steps_per_execution: int = 1,
        auto_scale_loss: bool = True,
        **ignored: Any,
    ) -> None:
        """Choose optimizer, losses and metrics, by name or as objects or functions.

        Note: `metrics` is the third argument, as in Keras 2; Keras 3 has `loss_weights` there. An
        optimizer that another model has already is copied, for it keeps the state of one. Steps
        are captured on a GPU where they can be, unless jit_compile=False or run_eagerly=True.
        Under the policy "mixed_float16" the optimizer becomes a LossScaleOptimizer, unless
        auto_scale_loss=False.
        """
        _check_ignored("compile", ignored)
        self.__dict__["_jit"] = _may_capture(**ignored) and "auto"
        # Files tell of these; what training makes of them has lost their names.
        parts = {"loss": loss, "loss_weights": loss_weights, "metrics": metrics}
        self.__dict__["_compiled_with"] = {**parts, "weighted_metrics": weighted_metrics}
        rule = _scaled(_own_optimizer(self, optimizers.get(optimizer)), self, auto_scale_loss)
        training.compile(
            self,
            getattr(rule, "inner_optimizer", rule),
            of_all(loss_of, loss),
            of_all(metric_of, metrics),
            loss_weights=loss_weights,
            weighted_metrics=of_all(metric_of, weighted_metrics),
            steps_per_execution=steps_per_execution,
        )
        self.optimizer, self.compiled.precision = rule, policy_of(self).half  # type: ignore

    def fit(  # noqa: PLR0917
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        **ignored: Any,
    ) -> training.History:
        """Train for a number of epochs and return the History; see `dezero.training.fit`."""
        _check_ignored("fit", ignored)
        self.history = None  # each call has a History of its own, `initial_epoch` or not
        if getattr(self.optimizer, "use_ema", False):
            callbacks = [_Averages(), *as_list(callbacks)]
        return training.fit(
            self,
            x,
            y,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=bool(shuffle),
            class_weight=class_weight,
            sample_weight=sample_weight,
            initial_epoch=initial_epoch,
            steps_per_epoch=_whole(steps_per_epoch),
            validation_steps=_whole(validation_steps),
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
            jit=self.__dict__.get("_jit", "auto"),
            display=EpochLines,
        )

    def fit_generator(  # noqa: PLR0917
        self,
        generator: Any,
        steps_per_epoch: int | None = None,
        epochs: int = 1,
        verbose: Any = 1,
        callbacks: Any = None,
        validation_data: Any = None,
        validation_steps: int | None = None,
        validation_freq: Any = 1,
        class_weight: Any = None,
        **options: Any,
    ) -> training.History:
        """Train from a generator, as Keras 2 called it; `fit` does the same."""
        return self.fit(
            generator,
            steps_per_epoch=steps_per_epoch,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_data=validation_data,
            validation_steps=validation_steps,
            validation_freq=validation_freq,
            class_weight=class_weight,
            **options,
        )

    def evaluate(  # noqa: PLR0917
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        **ignored: Any,
    ) -> Any:
        """Return the loss, or [loss, metric, ...], on data; see `dezero.training.evaluate`."""
        _check_ignored("evaluate", ignored)
        return training.evaluate(
            self,
            x,
            y,
            batch_size=batch_size,
            verbose=verbose,
            sample_weight=sample_weight,
            steps=_whole(steps),
            callbacks=callbacks,
            return_dict=return_dict,
            display=TestLine,
        )

    def evaluate_generator(  # noqa: PLR0917
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: Any = 0,
    ) -> Any:
        """Return what `evaluate` does for a generator, as Keras 2 called it."""
        return self.evaluate(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        **ignored: Any,
    ) -> Any:
        """Return the outputs for x as an array, or a structure of arrays."""
        _check_ignored("predict", ignored)
        options = {"batch_size": batch_size, "verbose": verbose, "steps": _whole(steps)}
        return training.predict(self, x, callbacks=callbacks, display=TestLine, **options)

    def predict_generator(  # noqa: PLR0917
        self,
        generator: Any,
        steps: int | None = None,
        callbacks: Any = None,
        max_queue_size: int = 10,
        workers: int = 1,
        use_multiprocessing: bool = False,
        verbose: Any = 0,
    ) -> Any:
        """Return what `predict` does for a generator, as Keras 2 called it."""
        return self.predict(generator, steps=steps, callbacks=callbacks, verbose=verbose)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
        **ignored: Any,
    ) -> Any:
        """Make one update from one batch and return its loss and metrics."""
        _check_ignored("train_on_batch", ignored)
        options = {"class_weight": class_weight, "return_dict": return_dict}
        return training.train_on_batch(self, x, y, sample_weight=sample_weight, **options)

    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        return_dict: bool = False,
        **ignored: Any,
    ) -> Any:
        """Return the loss and metrics on one batch, without training."""
        _check_ignored("test_on_batch", ignored)
        options = {"sample_weight": sample_weight, "return_dict": return_dict}
        return training.test_on_batch(self, x, y, **options)

    def predict_on_batch(self, x: Any) -> Any:
        """Return the outputs for one batch as an array, or a structure of arrays."""
        x = Home(self, "predict_on_batch").ready(x)
        with no_grad(), test_mode(), casting_of(self):
            return apart(mapped(to_host, arrays_of(self.predict_step(packed(x)))), x)


class _Averages(training.Callback):
    """Ends a training with the averages of the weights."""

    adds = ()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Take them."""
        self.model.optimizer.finalize_variable_values(self.model.trainable_weights)


def _may_capture(run_eagerly: Any = False, jit_compile: Any = "auto", **ignored: Any) -> bool:
    return not run_eagerly and jit_compile is not False


def policy_of(model: Any) -> DTypePolicy:
    """Return the mixed policy of a model or of one of its layers, else a plain one."""
    held = [layer.__dict__.get("_policy") for layer in (model, *model._census().layers)]
    return next((policy for policy in held if policy and policy.half), DTypePolicy("float32"))


def _scaled(rule: Any, model: Any, wanted: bool) -> Any:
    """Return an optimizer with a scale of the loss, if the model's policy needs one."""
    if not wanted or policy_of(model).half != "float16" or isinstance(rule, LossScaleOptimizer):
        return rule
    if isinstance(rule, optimizers.Optimizer):
        return LossScaleOptimizer(rule)
    if rule.loss_scale is None:
        rule.loss_scale = LossScale()
    return rule


def _own_optimizer(model: Any, optimizer: Any) -> Any:
    """Return the optimizer, or a copy without state if it trains another model."""
    other = optimizer.target
    if other is None or other is model:
        return optimizer
    warnings.warn(
        "compile: the optimizer is that of another model already, so this model gets a copy of it "
        "with the same settings, model.optimizer.",
        stacklevel=3,
    )
    return copy.deepcopy(optimizer, {id(other): other})  # setup drops its state


def _whole(steps: Any) -> Any:
    """Return a number of batches as Keras 2 counts it: 1000 / 64 samples are 16."""
    return math.ceil(steps) if isinstance(steps, float) and math.isfinite(steps) else steps


def _check_ignored(what: str, given: dict[str, Any]) -> None:
    """Refuse keywords that are none of Keras's."""
    for name in given:
        if name in FIT_WORDS:
            raise TypeError(
                f"{what}: unknown argument {name!r}, a word of Keras 1. Now it is "
                f"{FIT_WORDS[name]}."
            )
        if name not in IGNORED:
            raise TypeError(f"{what}: unknown argument {name!r}. {nearest(name, IGNORED)}")

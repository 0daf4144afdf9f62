"""Losses by name, for `compile(loss=...)`: `get("mse")`; a loss is called `loss(y, t)`.

The mathematics is in `dezero.functions`. Here are the names of Keras with its means, weights of
samples, and the configuration that goes into a saved model.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import describe, lookup

__all__ = ["LOSSES", "Loss", "get"]


class Loss:
    """A loss function with its name and options: `loss(y, t, sample_weight=None)`.

    Args:
        function: `f(y, t)`, returns a Variable: the loss, or one value per sample. If it also
            takes `reduction=` ("none" for values), samples can be weighted.
        name: what it is saved and reported by; the function's own name if None.
        options: keywords for the function, such as `delta=2.0`; numbers, strings and lists.
    Raises:
        TypeError: function is not callable, or does not take an option.
    """

    def __init__(
        self, function: Callable[..., Any], name: str | None = None, **options: Any
    ) -> None:
        if not callable(function):
            raise TypeError(
                f"Loss: expected a function of y and t, got {describe(function)}. "
                "Use get(name) for a loss by name."
            )
        self.function = function
        self.name = name or getattr(function, "__name__", type(function).__name__)
        self.options = options
        known = _keywords(function)
        for option in options:
            if option not in known and None not in known:
                raise TypeError(
                    f"{self.name}: expected options among {sorted(known)}, got {option!r}. "  # type: ignore[type-var]
                    "Leave it out, or give a function that takes it."
                )
        self._weighable = "reduction" in known
        self._reduction = options.get("reduction", known.get("reduction"))

    def __call__(self, y: Any, t: Any, sample_weight: Any = None) -> Variable:
        """Return the loss as a 0-d Variable.

        Args:
            y: predictions, the model's result (N, ...).
            t: labels or targets.
            sample_weight: N numbers, or one for each of the values (N, ...); the loss is then
                sum(weight * value) / N, as in Keras.
        Raises:
            ValueError: sample_weight does not fit, or the function gives no value per sample.
        """
        if sample_weight is None:
            loss = self._call(y, t, self.options)
            return loss if loss.ndim == 0 else loss.mean()
        none = {"reduction": "none"} if self._weighable else {}
        values = self._call(y, t, {**self.options, **none})
        weight = Variable.wrap(sample_weight)
        if weight.ndim == values.ndim + 1 and weight.shape[-1] == 1:
            weight = weight.reshape(weight.shape[:-1])
        if not weight.ndim or weight.shape != values.shape[: weight.ndim]:
            raise ValueError(
                f"{self.name}: expected one sample_weight for each value, got "
                f"{describe(weight)} and values {describe(values)}. A function of your own must "
                "return one value per sample, or take reduction='none'."
            )
        weight = Variable.constant(weight.data.astype(values.dtype))  # type: ignore[union-attr]
        inner = tuple(range(weight.ndim, values.ndim))
        if inner:
            mean = self._reduction in (None, "mean")
            values = values.mean(axis=inner) if mean else values.sum(axis=inner)
        total = (values * weight).sum()
        if self._reduction == "sum":
            return total
        return total / (weight.size if self._reduction in (None, "mean") else weight.shape[0])

    def _call(self, y: Any, t: Any, options: dict) -> Variable:
        loss = self.function(y, t, **options)
        if not isinstance(loss, Variable):
            raise TypeError(
                f"{self.name}: expected the loss function to return a Variable, "
                f"got {describe(loss)}. Compute it with dezero functions, without .data."
            )
        return loss

    def config(self) -> dict[str, Any]:
        """Return name and options as plain data, from which `get` makes the loss again."""
        return {"name": self.name, "options": dict(self.options)}

    def __repr__(self) -> str:
        options = "".join(f", {key}={value!r}" for key, value in self.options.items())
        return f"Loss({self.name}{options})"


def _keywords(function: Callable[..., Any]) -> dict[str | None, Any]:
    """Return the keywords that `function` takes and their defaults; None if it takes any."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except ValueError:  # some built-in functions have no signature
        return {None: None}
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return {None: None}
    return {p.name: p.default for p in parameters if p.default is not p.empty}


def _logits(y: Any, made_by: type) -> Variable | None:
    """Return what softmax or sigmoid made the probabilities `y` from, if that can be seen.

    A probability that rounds to 0 has lost its gradient; its logit has not.
    """
    creator: Any = y.creator if isinstance(y, Variable) and not y.hooks else None
    if type(creator) is not made_by or not creator.inputs:
        return None
    axis = getattr(creator, "axis", -1)
    return creator.inputs[0] if axis in (-1, y.ndim - 1) else None


def _categorical(
    y: Any,
    t: Any,
    *,
    from_logits: bool = False,
    label_smoothing: float = 0.0,
    reduction: str = "mean",
) -> Variable:
    logits = y if from_logits else _logits(y, F.Softmax)
    if logits is None:
        return F.categorical_cross_entropy(
            y, t, label_smoothing=label_smoothing, reduction=reduction
        )
    return F.softmax_cross_entropy(
        logits, t, axis=-1, label_smoothing=label_smoothing, reduction=reduction
    )


def _binary(y: Any, t: Any, *, from_logits: bool = False, reduction: str = "mean") -> Variable:
    logits = y if from_logits else _logits(y, F.Sigmoid)
    if logits is None:
        return F.binary_cross_entropy(y, t, reduction)
    return F.sigmoid_cross_entropy(logits, t, reduction)


def _squared_hinge(y: Any, t: Any, *, reduction: str = "mean") -> Variable:
    return F.hinge(y, t, squared=True, reduction=reduction)


# Each with the options that Keras means by the name.
LOSSES: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "binary_crossentropy": (_binary, {}),
    "categorical_crossentropy": (_categorical, {}),
    "hinge": (F.hinge, {}),
    "huber": (F.huber, {}),
    "kl_divergence": (F.kl_divergence, {}),
    "mean_absolute_error": (F.mean_absolute_error, {}),
    "mean_squared_error": (F.mean_squared_error, {"reduction": "mean"}),
    "sigmoid_cross_entropy": (F.sigmoid_cross_entropy, {"reduction": "mean"}),
    "softmax_cross_entropy": (F.softmax_cross_entropy, {}),
    "sparse_categorical_crossentropy": (_categorical, {}),
    "squared_hinge": (_squared_hinge, {}),
}
ALIASES = {
    "binary_cross_entropy": "binary_crossentropy",
    "categorical_cross_entropy": "categorical_crossentropy",
    "kld": "kl_divergence",
    "mae": "mean_absolute_error",
    "mse": "mean_squared_error",
}


def get(
    loss: str | Mapping[str, Any] | Callable[..., Any],
    *,
    custom: Mapping[str, Callable[..., Any]] | None = None,
    **options: Any,
) -> Loss:
    """Return a `Loss` for a name, a function f(y, t), a saved configuration, or a Loss itself.

    Args:
        loss: such as "mse", a function of y and t, or what `Loss.config` returned.
        custom: functions of your own by name, for configurations that name them.
        options: keywords for the function, such as `label_smoothing=0.1`.
    Raises:
        ValueError: the name is unknown; the nearest one is named.
        TypeError: loss is none of these, or the function does not take an option.
    Note: "sparse_categorical_crossentropy", "categorical_crossentropy" and "binary_crossentropy"
        expect probabilities, as in Keras. Where y comes straight from softmax or sigmoid, they
        compute from its logits, so that no gradient is lost; y itself then gets none.
    """
    if isinstance(loss, Loss):
        return Loss(loss.function, loss.name, **{**loss.options, **options}) if options else loss
    if isinstance(loss, Mapping):
        return get(loss["name"], custom=custom, **{**loss.get("options", {}), **options})
    if not isinstance(loss, str):
        return Loss(loss, **options)
    own = custom or {}
    if loss in own:
        return Loss(own[loss], loss, **options)
    function, defaults = lookup("loss", ALIASES.get(loss, loss), {**own, **LOSSES})
    return Loss(function, ALIASES.get(loss, loss), **{**defaults, **options})

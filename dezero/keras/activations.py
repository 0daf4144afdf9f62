"""Keras's activations by name; softmax goes over the last axis here."""

import functools
from collections.abc import Callable, Mapping
from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import describe, lookup
from dezero.keras import registry
from dezero.keras.identifiers import flat_name
from dezero.keras.tensors import OPERATORS, KerasTensor

__all__ = [
    "celu", "deserialize", "elu", "exponential", "gelu", "get", "glu", "hard_shrink",
    "hard_sigmoid", "hard_silu", "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid",
    "log_softmax", "mish", "relu", "relu6", "selu", "serialize", "sigmoid", "silu", "soft_shrink",
    "softmax", "softplus", "softsign", "sparse_plus", "sparse_sigmoid", "sparsemax", "squareplus",
    "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip

celu, elu, selu, relu6 = F.celu, F.elu, F.selu, F.relu6
sigmoid, hard_sigmoid, softplus, softsign, tanh = (
    F.sigmoid, F.hard_sigmoid, F.softplus, F.softsign, F.tanh,
)  # fmt: skip
mish, silu, hard_silu = F.mish, F.silu, F.hard_swish
swish, hard_swish = silu, hard_silu
linear, exponential = F.identity, F.exp
hard_tanh, hard_shrink, soft_shrink, tanh_shrink = (
    F.hard_tanh, F.hard_shrink, F.soft_shrink, F.tanh_shrink,
)  # fmt: skip
glu, log_sigmoid, sparse_plus, sparse_sigmoid, sparsemax, squareplus = (
    F.glu, F.log_sigmoid, F.sparse_plus, F.sparse_sigmoid, F.sparsemax, F.squareplus,
)  # fmt: skip


def relu(
    x: Any, negative_slope: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Variable:
    """Return max(x, 0); with the options, x from `threshold` up to `max_value`, sloped below."""
    if not negative_slope and max_value is None and not threshold:
        return F.relu(x)
    return F.rectify(x, slope=negative_slope, threshold=threshold, limit=max_value)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Variable:
    """Return x, times `negative_slope` where it is negative."""
    return F.leaky_relu(x, negative_slope)


def threshold(x: Any, threshold: float, default_value: float) -> Variable:
    """Return x where it is above `threshold`, else `default_value`."""
    return F.threshold(x, threshold, default_value)


def softmax(x: Any, axis: int = -1) -> Variable:
    """Return e ** x / sum(e ** x) over `axis`."""
    return F.softmax(x, axis)


def log_softmax(x: Any, axis: int = -1) -> Variable:
    """Return the logarithm of softmax over `axis`."""
    return F.log_softmax(x, axis)


def gelu(x: Any, approximate: bool = False) -> Variable:
    """Return x * P(Z <= x) for a standard normal Z, or its tanh formula if `approximate`."""
    return F.gelu(x, "tanh" if approximate else "none")


ACTIVATIONS = {
    "celu": celu, "elu": elu, "exponential": exponential, "gelu": gelu, "glu": glu,
    "hard_shrink": hard_shrink, "hard_sigmoid": hard_sigmoid, "hard_silu": hard_silu,
    "hard_tanh": hard_tanh, "leaky_relu": leaky_relu, "linear": linear,
    "log_sigmoid": log_sigmoid, "log_softmax": log_softmax, "mish": mish, "relu": relu,
    "relu6": relu6, "selu": selu, "sigmoid": sigmoid, "silu": silu, "soft_shrink": soft_shrink,
    "softmax": softmax, "softplus": softplus, "softsign": softsign, "sparse_plus": sparse_plus,
    "sparse_sigmoid": sparse_sigmoid, "sparsemax": sparsemax, "squareplus": squareplus,
    "tanh": tanh, "tanh_shrink": tanh_shrink, "threshold": threshold,
}  # fmt: skip


def hard_sigmoid_of_keras2(x: Any) -> Variable:
    """Return x / 5 + 1 / 2 within 0 and 1, what Keras 2 called hard_sigmoid; its files have it."""
    return F.clip(Variable.wrap(x) * 0.2 + 0.5, 0.0, 1.0)


def _of_tensors_too(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, which makes a layer of a KerasTensor."""

    @functools.wraps(function)
    def either(x: Any, *args: Any, **kwargs: Any) -> Any:
        if type(x) is KerasTensor:
            return OPERATORS["activation"](name)(x, *args, **kwargs)
        return function(x, *args, **kwargs)

    either.__name__ = either.__qualname__ = name  # as pickle finds it
    either.__module__ = __name__
    return either


ACTIVATIONS = {name: _of_tensors_too(name, function) for name, function in ACTIVATIONS.items()}
globals().update(ACTIVATIONS, swish=ACTIVATIONS["silu"], hard_swish=ACTIVATIONS["hard_silu"])
_FLAT = {flat_name(name): f for name, f in ACTIVATIONS.items()}
_FLAT.update(
    swish=ACTIVATIONS["silu"], hardswish=ACTIVATIONS["hard_silu"], identity=ACTIVATIONS["linear"]
)
_FLAT[flat_name("hard_sigmoid_of_keras2")] = hard_sigmoid_of_keras2
_NAMES = {id(f): name for name, f in ACTIVATIONS.items()}


def get(identifier: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the function of that name, a callable as it is, linear for None.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is neither.
    """
    if identifier is None:
        return linear
    if callable(identifier):
        return identifier() if isinstance(identifier, type) else identifier
    name: Any = identifier
    if isinstance(identifier, Mapping):  # Keras 3 writes functions of your own so
        name = identifier.get("config")
        name = name if isinstance(name, str) else identifier.get("class_name")
    if not isinstance(name, str):
        raise TypeError(
            f"activation: expected a name or a function, got {describe(identifier)}. Try 'relu'."
        )
    own = registry.known(custom_objects)
    if name in own:
        return own[name]
    return _FLAT.get(flat_name(name)) or lookup("activation", name, {**ACTIVATIONS, **own})


def serialize(activation: Any) -> Any:
    """Return the name of a function, {"class_name", "config"} of an object with get_config.

    Raises:
        TypeError: it has neither name nor get_config.
    """
    if activation is None:
        return "linear"
    name = _NAMES.get(id(activation))
    if name is None and hasattr(activation, "__name__"):
        name = registry.get_registered_name(activation)
    if name is None and hasattr(activation, "get_config"):
        kind = registry.get_registered_name(type(activation))
        return {"class_name": kind, "config": activation.get_config()}
    if name is None:
        raise TypeError(
            f"activation: expected a function with a name, got {describe(activation)}. "
            "Define it with def."
        )
    return name


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the activation that `serialize` described."""
    return get(config, custom_objects)

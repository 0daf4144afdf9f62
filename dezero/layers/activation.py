"""Functions as layers, and their names in files."""

from collections.abc import Callable
from typing import Any

from dezero import functions
from dezero.core import Variable
from dezero.core.errors import lookup
from dezero.core.registry import DIFFERENTIABLE
from dezero.functions.activation import ACTIVATIONS, get_activation
from dezero.layers.layer import Layer

# Other functions of dezero: F.softmax is none of the activations, its axis is 1 and not the last.
_PREFIX = "functions."


def function_of(activation: Any) -> Callable[..., Any] | None:
    """Return a function from itself or from what `name_of` wrote; None stays None.

    Raises:
        ValueError: the name is not known; the nearest is suggested.
    """
    if isinstance(activation, str) and activation.startswith(_PREFIX):
        return lookup("function", activation.removeprefix(_PREFIX), _public_functions())
    return None if activation is None else get_activation(activation)


def name_of(activation: Any) -> str | None:
    """Return a name that `function_of` knows; None where there is none."""
    for name, known in ACTIVATIONS.items():
        if known is activation:
            return name
    for name, known in _public_functions().items():
        if known is activation:
            return _PREFIX + name
    return None


def saved_name(owner: str, activation: Any) -> str | None:
    """Return `name_of` a function for a file; None for None.

    Raises:
        TypeError: a file could not bring the function back; `owner` says where it is.
    """
    name = name_of(activation)
    if name is None and activation is not None:
        raise TypeError(
            f"save: expected functions that have a name in dezero, got {shown_name(activation)} "
            f"in {owner}. Use one that has, write a Layer, or save the weights with save_weights."
        )
    return name


def shown_name(activation: Any) -> str:
    """Return what people call a function."""
    name = name_of(activation) or getattr(activation, "__name__", None)
    return type(activation).__name__ if name is None else name.removeprefix(_PREFIX)


def _public_functions() -> dict[str, Callable[..., Any]]:
    return {name: DIFFERENTIABLE[name] for name in functions.__all__ if name in DIFFERENTIABLE}


class Activation(Layer):
    """y = function(x): an activation in the place of a layer.

    Args:
        activation: name such as "relu", or a function of one Variable.
        name: for people.
    Raises:
        TypeError: there is no function.
        ValueError: the name is not known; the nearest is suggested.
    """

    def __init__(self, activation: Any, name: str | None = None) -> None:
        if activation is None:
            raise TypeError(
                "Activation: expected a function or its name, got None. Leave the layer out."
            )
        self.activation: Any = function_of(activation)
        self.name = name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        return self.activation(x)

    def details(self) -> str:
        return shown_name(self.activation)

    def config(self) -> dict[str, Any]:
        return {"activation": saved_name(f"layer {self.name or 'Activation'}", self.activation)}

"""Layers whose weights have an initializer, a penalty and a limit each, as Keras names them."""

from typing import Any, ClassVar

from dezero.keras import activations, constraints, initializers, regularizers
from dezero.keras.layers.base import Layer
from dezero.preprocessing.pictures import DEFAULTS

KINDS = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}


class Weighted(Layer):
    """A layer that lists what its constructor takes, so that `get_config` is complete.

    Attributes:
        fields: names of plain settings; those that end in "activation" are functions.
        roles: names of weights: "kernel" has kernel_initializer, kernel_regularizer and
            kernel_constraint.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    roles: ClassVar[tuple[str, ...]] = ()
    activation: Any = None

    def _set_roles(self, **given: Any) -> None:
        """Keep role=(initializer, regularizer, constraint), or fewer of them, as attributes."""
        for role, values in given.items():
            for kind, value in zip(KINDS, values, strict=False):
                setattr(self, f"{role}_{kind}", KINDS[kind].get(value))

    def _weight(
        self, role: str, shape: tuple, *, name: str | None = None, trainable: bool = True
    ) -> Any:
        """Make the weight of this role; the first values and rules are those kept for it."""
        rules = {kind: getattr(self, f"{role}_{kind}", None) for kind in KINDS}
        return self.add_weight(name=name or role, shape=shape, trainable=trainable, **rules)

    def _activated(self, y: Any) -> Any:
        """Return `y` through the activation, if there is one."""
        return y if self.activation in (None, activations.linear) else self.activation(y)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        config = super().get_config()
        for name in self.fields:
            value = getattr(self, name)
            is_function = name.endswith("activation")
            config[name] = activations.serialize(value) if is_function else plain(value)
        for role in self.roles:
            for kind, module in KINDS.items():
                name = f"{role}_{kind}"
                if hasattr(self, name):
                    config[name] = module.serialize(getattr(self, name))
        if self.roles:
            penalty = getattr(self, "activity_regularizer", None)
            config["activity_regularizer"] = regularizers.serialize(penalty)
        return config


def plain(value: Any) -> Any:
    """Return tuples as lists, all the way down, and NumPy's numbers as Python's."""
    if isinstance(value, tuple | list):
        return [plain(v) for v in value]
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", 0) == 0 else value


def checked_format(kind: str, data_format: Any) -> str:
    """Return "channels_last" or "channels_first"; for None what `keras.backend` was set to.

    Raises:
        ValueError: it is neither.
    """
    if data_format is None:
        return DEFAULTS["data_format"]
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            f"{kind}: expected data_format 'channels_last' or 'channels_first', got "
            f"{data_format!r}. It says where the channels of the inputs are."
        )
    return data_format


def checked_words(kind: str, name: str, value: Any, words: tuple[str, ...]) -> str:
    """Return the argument `name` in lower case; ValueError unless it is one of `words`."""
    text = value.lower() if isinstance(value, str) else value
    if text not in words:
        raise ValueError(
            f"{kind}: expected {name} {' or '.join(map(repr, words))}, got {value!r}. "
            "Take one of them."
        )
    return text

"""Variables that change by `assign`, as Keras's and TensorFlow's do."""

from typing import Any

import numpy as np

from dezero import layers
from dezero.core import Config, Parameter, Variable, as_array
from dezero.core.errors import describe

__all__ = ["State", "Weight", "variable"]


class _Assignable(Variable):
    """A Variable with `assign`."""

    __slots__ = ()

    @property
    def trainable(self) -> bool:
        """Whether a gradient is asked for."""
        return self.requires_grad

    @property
    def path(self) -> str | None:
        """The name."""
        return self.name

    @property
    def value(self) -> Any:
        """The Variable itself, for scripts that read `w.value`."""
        return self

    def assign(self, value: Any) -> Any:
        """Give it another value of the same shape, and return it.

        Raises:
            ValueError: the shape differs.
        """
        array = as_array(value)
        if array.shape != self.shape:
            raise ValueError(
                f"assign: expected a value of shape {self.shape}, got {describe(array)}. "
                "Make another variable for it."
            )
        self.data[...] = array
        return self

    def assign_add(self, value: Any) -> Any:
        """Add to its value, and return it."""
        return self.assign(self.data + as_array(value))

    def assign_sub(self, value: Any) -> Any:
        """Take from its value, and return it."""
        return self.assign(self.data - as_array(value))


class Weight(_Assignable, Parameter):
    """A Parameter with `assign`."""

    __slots__ = ()


class State(_Assignable, layers.Buffer):
    """A Buffer with `assign`: no optimizer changes it."""

    __slots__ = ()


def variable(  # noqa: PLR0917 - the order of TensorFlow
    initial_value: Any,
    trainable: bool = True,
    validate_shape: bool = True,
    caching_device: Any = None,
    name: str | None = None,
    variable_def: Any = None,
    dtype: Any = None,
    **ignored: Any,
) -> Weight | State:
    """Return a variable as `tf.Variable` makes it: of numbers and lists in the default dtype.

    Args:
        initial_value: number, list, array or Variable; a function without arguments is called.
        trainable: whether a gradient is asked for.
        name: for people.
        dtype: float16, float32 or float64; integers stay integers, and are not trained.
    """
    value = initial_value() if callable(initial_value) else initial_value
    typed = isinstance(value, Variable | np.ndarray | np.generic)
    array = np.array(as_array(value))
    if dtype is not None or not typed:
        array = array.astype(dtype or (Config.dtype if array.dtype.kind == "f" else np.int32))
    return (Weight if trainable and array.dtype.kind == "f" else State)(array, name)

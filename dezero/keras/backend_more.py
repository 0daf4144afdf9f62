"""The rest of `keras.backend`, which stands above losses and models.

`keras.backend` finds these names here by itself.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.core import Config, Variable, as_array, test_mode
from dezero.core.config import STATE
from dezero.keras import losses, ops, random
from dezero.keras.backend import image_data_format, set_image_data_format
from dezero.keras.models import Model
from dezero.keras.naming import unique_name
from dezero.keras.tensors import flat

__all__ = [
    "batch_dot", "binary_crossentropy", "categorical_crossentropy", "function", "gather", "get_uid",
    "image_dim_ordering", "in_test_phase", "in_train_phase", "logsumexp",
    "print_tensor", "repeat", "reverse", "set_image_dim_ordering",
    "set_learning_phase", "sparse_categorical_crossentropy", "tile",
    "truncated_normal", "update", "update_add", "update_sub",
]  # fmt: skip

logsumexp, tile, reverse = ops.logsumexp, ops.tile, ops.flip
binary_crossentropy = losses.binary_crossentropy
categorical_crossentropy = losses.categorical_crossentropy
sparse_categorical_crossentropy = losses.sparse_categorical_crossentropy


def function(inputs: Any, outputs: Any, updates: Any = None, **ignored: Any) -> Callable[..., Any]:
    """Return a function from a list of arrays to the outputs of a model's tensors for them.

    Args:
        inputs, outputs: KerasTensors, in lists; `learning_phase()` among the inputs is passed over.
    """
    kept = [i for i, x in enumerate(inputs) if hasattr(x, "node")]
    several = isinstance(outputs, list | tuple)
    found = list(outputs) if several else [outputs]
    model = Model([inputs[i] for i in kept], found)

    def run(values: Any) -> Any:
        with test_mode():
            results = flat(model([values[i] for i in kept]))
        arrays = [np.array(as_array(y)) for y in results]
        return arrays if several else arrays[0]

    return run


def gather(reference: Any, indices: Any) -> Variable:
    """Return the elements at these indices of the first axis."""
    return ops.take(reference, indices, 0)


def repeat(x: Any, n: int) -> Any:
    """Return (N, n, features) of (N, features), the same n times."""
    return ops.repeat(ops.expand_dims(x, 1), n, 1)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Return the products of x and y sample by sample, over the axes `axes` of both.

    Args:
        x, y: (N, ...), two or three axes each.
        axes: one number for both, or two; None is the last of x and the one before it of y.
    """
    x, y = Variable.wrap(x), Variable.wrap(y)
    if axes is None:
        axes = (1, 1) if y.ndim == 2 and x.ndim == 2 else (x.ndim - 1, max(1, y.ndim - 2))
    first, second = (axes, axes) if isinstance(axes, int) else axes
    letters = ["nabc"[: x.ndim], "npqr"[: y.ndim]]
    first, second = first % x.ndim, second % y.ndim
    right = letters[1].replace(letters[1][second], letters[0][first])
    kept = letters[0].replace(letters[0][first], "") + right[1:].replace(letters[0][first], "")
    result = F.einsum(f"{letters[0]},{right}->{kept}", x, y)
    return F.expand_dims(result, 1) if result.ndim == 1 else result


def get_uid(prefix: str = "") -> int:
    """Return a number that counts the calls with this prefix, from 1."""
    _, _, number = unique_name(f"uid of {prefix}").rpartition("_")
    return int(number) + 1 if number.isdigit() else 1


def image_dim_ordering() -> str:
    """Return "tf" for channels_last and "th" for channels_first, the words of Keras 1."""
    return "tf" if image_data_format() == "channels_last" else "th"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Set the layout by the words of Keras 1, "tf" or "th"."""
    words = {"tf": "channels_last", "th": "channels_first"}
    set_image_data_format(words.get(dim_ordering, dim_ordering))


def set_learning_phase(value: int) -> None:
    """Let functions that are called directly train (1) or predict (0); models tell them anyway."""
    STATE.set(STATE.get()._replace(train=bool(value)))


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return x in training and alt otherwise; functions are called for it."""
    chosen = x if bool(Config.train if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """Return alt in training and x otherwise; functions are called for it."""
    return in_train_phase(alt, x, training)


def print_tensor(x: Any, message: str = "") -> Any:
    """Print x and return it."""
    print(message, as_array(x))
    return x


def update(x: Any, new_x: Any) -> Any:
    """Give a variable another value."""
    return x.assign(new_x)


def update_add(x: Any, increment: Any) -> Any:
    """Add to the value of a variable."""
    return x.assign_add(increment)


def update_sub(x: Any, decrement: Any) -> Any:
    """Take from the value of a variable."""
    return x.assign_sub(decrement)


def truncated_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Variable:
    """Return normally distributed numbers, none beyond two deviations."""
    return random.truncated_normal(shape, mean, stddev, dtype, seed)

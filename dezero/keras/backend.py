"""The calls of `keras.backend` that scripts make: settings, and functions under Keras's names.

Functions take Variables or arrays and return Variables, so that losses and metrics of one's own
can be written with them.
"""

from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import to_host
from dezero.backend.random import default_rng
from dezero.core import Config, Variable, as_array
from dezero.core.config import STATE
from dezero.core.errors import describe
from dezero.keras import activations
from dezero.keras.naming import clear_names
from dezero.keras.variables import Weight
from dezero.preprocessing.pictures import DEFAULTS

__all__ = [
    "abs", "all", "any", "argmax", "argmin", "arange", "backend", "batch_flatten",
    "batch_get_value", "batch_set_value", "cast", "cast_to_floatx", "clear_session", "clip",
    "concatenate", "constant", "cos", "count_params", "cumsum", "dot", "elu", "epsilon", "equal",
    "eval", "exp", "expand_dims", "eye", "flatten", "floatx", "get_value", "greater",
    "greater_equal", "hard_sigmoid", "image_data_format", "int_shape", "is_keras_tensor",
    "l2_normalize", "learning_phase", "less", "less_equal", "log", "max", "maximum", "mean", "min",
    "minimum", "ndim", "not_equal", "one_hot", "ones", "ones_like", "permute_dimensions", "pow",
    "prod", "random_normal", "random_uniform", "relu", "repeat_elements", "reshape", "round",
    "set_epsilon", "set_floatx", "set_image_data_format", "set_value", "shape", "sigmoid", "sign",
    "sin", "softmax", "softplus", "softsign", "sqrt", "square", "squeeze", "stack", "std",
    "stop_gradient", "sum", "switch", "tanh", "transpose", "var", "variable", "zeros",
    "zeros_like",
]  # fmt: skip

FLOATS = {"float16": np.float16, "float32": np.float32, "float64": np.float64}
_settings: dict[str, Any] = {"epsilon": 1e-7}

abs, cos, exp, log, sin = F.abs, F.cos, F.exp, F.log, F.sin
maximum, minimum, pow, sign, square = F.maximum, F.minimum, F.pow, F.sign, F.square
round, stack = F.round, F.stack
equal, not_equal, greater, greater_equal = F.equal, F.not_equal, F.greater, F.greater_equal
less, less_equal, one_hot, switch = F.less, F.less_equal, F.one_hot, F.where
elu, sigmoid = F.elu, F.sigmoid
softmax, softplus, softsign, tanh = activations.softmax, F.softplus, F.softsign, F.tanh
all, any, max, mean, min, prod, std, sum, var = (
    F.all, F.any, F.max, F.mean, F.min, F.prod, F.std, F.sum, F.var,
)  # fmt: skip


def backend() -> str:
    """Return "tensorflow", whose layout and numbers are followed here."""
    return "tensorflow"


def clear_session(free_memory: bool = True) -> None:
    """Begin anew to count the names of layers: the next Dense is "dense" again."""
    clear_names()


def epsilon() -> float:
    """Return the small number that losses keep probabilities away from 0 by."""
    return _settings["epsilon"]


def set_epsilon(value: float) -> None:
    """Set what `epsilon` returns; the layers' own defaults stay."""
    _settings["epsilon"] = float(value)


def floatx() -> str:
    """Return the name of the default dtype of weights."""
    return np.dtype(Config.dtype).name


def set_floatx(value: str) -> None:
    """Set the default dtype of weights.

    Raises:
        ValueError: value is not "float16", "float32" or "float64".
    """
    if value not in FLOATS:
        raise ValueError(
            f"set_floatx: expected 'float16', 'float32' or 'float64', got {value!r}. "
            "Take 'float32'."
        )
    STATE.set(STATE.get()._replace(dtype=FLOATS[value]))


def image_data_format() -> str:
    """Return "channels_last", or what `set_image_data_format` was given."""
    return DEFAULTS["data_format"]


def set_image_data_format(data_format: str) -> None:
    """Set the layout of layers and generators that are made without `data_format`.

    Raises:
        ValueError: data_format is not "channels_last" or "channels_first".
    """
    if data_format not in ("channels_last", "channels_first"):
        raise ValueError(
            "set_image_data_format: expected 'channels_last' or 'channels_first', got "
            f"{data_format!r}. Take 'channels_last'."
        )
    DEFAULTS["data_format"] = data_format


def learning_phase() -> int:
    """Return 1 while training, else 0."""
    return int(Config.train)


def get_value(x: Any) -> Any:
    """Return a number or a copy as NumPy array of what a variable holds."""
    if isinstance(x, Variable) or hasattr(x, "shape"):
        return np.array(to_host(as_array(x)))
    return float(x) if isinstance(x, float) else x


def set_value(x: Any, value: Any) -> None:
    """Give a weight, or the learning rate of an optimizer, another value.

    Raises:
        TypeError: x is a plain number, which cannot be changed.
    """
    assign = getattr(x, "assign", None)
    if isinstance(x, Variable) and x.data is not None:
        x.data[...] = as_array(value)
    elif assign is not None:
        assign(value)
    else:
        raise TypeError(
            f"set_value: expected a variable, got {describe(x)}. For the learning rate write "
            "model.optimizer.learning_rate = value."
        )


eval = get_value


def batch_get_value(tensors: Any) -> list:
    """Return what several variables hold."""
    return [get_value(x) for x in tensors]


def batch_set_value(tuples: Any) -> None:
    """Give several variables other values, as (variable, value) pairs."""
    for x, value in tuples:
        set_value(x, value)


def count_params(x: Any) -> int:
    """Return the number of elements of a variable."""
    return int(np.prod(x.shape))


def is_keras_tensor(x: Any) -> bool:
    """Return whether x is a tensor without values, from `Input` or a layer called on one."""
    return type(x).__name__ == "KerasTensor"


def shape(x: Any) -> tuple:
    """Return the shape."""
    return tuple(x.shape)


int_shape = shape


def ndim(x: Any) -> int:
    """Return the number of axes."""
    return len(x.shape)


def variable(value: Any, dtype: Any = None, name: str | None = None) -> Weight:
    """Return a Parameter that holds a value."""
    return Weight(np.array(value, dtype or Config.dtype), name)


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Variable:
    """Return a Variable without gradient, of one value everywhere if `shape` is given."""
    array = np.asarray(value, dtype or Config.dtype)
    return Variable.constant(array if shape is None else np.full(shape, array))


def zeros(shape: Any, dtype: Any = None, name: Any = None) -> Variable:
    """Return a Variable of zeros."""
    return Variable.constant(np.zeros(shape, dtype or Config.dtype))


def ones(shape: Any, dtype: Any = None, name: Any = None) -> Variable:
    """Return a Variable of ones."""
    return Variable.constant(np.ones(shape, dtype or Config.dtype))


def zeros_like(x: Any, dtype: Any = None, name: Any = None) -> Variable:
    """Return zeros of the shape of x."""
    return Variable.constant(np.zeros_like(as_array(x), dtype))


def ones_like(x: Any, dtype: Any = None, name: Any = None) -> Variable:
    """Return ones of the shape of x."""
    return Variable.constant(np.ones_like(as_array(x), dtype))


def eye(size: int, dtype: Any = None, name: Any = None) -> Variable:
    """Return the identity matrix."""
    return Variable.constant(np.eye(size, dtype=dtype or Config.dtype))


def arange(start: int, stop: int | None = None, step: int = 1, dtype: Any = "int32") -> Variable:
    """Return the integers from start to below stop; those below start if stop is None."""
    ends = (0, start) if stop is None else (start, stop)
    return Variable.constant(np.arange(*ends, step, dtype=dtype))


def random_normal(
    shape: Any, mean: float = 0.0, stddev: float = 1.0, dtype: Any = None, seed: Any = None
) -> Variable:
    """Return normally distributed numbers from the library's generator."""
    rng = default_rng() if seed is None else np.random.default_rng(seed)
    return Variable.constant(rng.normal(mean, stddev, shape).astype(dtype or Config.dtype))


def random_uniform(
    shape: Any, minval: float = 0.0, maxval: float = 1.0, dtype: Any = None, seed: Any = None
) -> Variable:
    """Return uniformly distributed numbers from the library's generator."""
    rng = default_rng() if seed is None else np.random.default_rng(seed)
    return Variable.constant(rng.uniform(minval, maxval, shape).astype(dtype or Config.dtype))


def cast(x: Any, dtype: Any) -> Variable:
    """Return x in another dtype."""
    return F.astype(x, dtype)


def cast_to_floatx(x: Any) -> Any:
    """Return an array in the default dtype of weights."""
    return np.asarray(as_array(x), Config.dtype)


def clip(x: Any, min_value: Any, max_value: Any) -> Variable:
    """Return x limited to [min_value, max_value]."""
    return F.clip(x, min_value, max_value)


def argmax(x: Any, axis: int = -1) -> Variable:
    """Return the places of the largest values."""
    return F.argmax(x, axis)


def argmin(x: Any, axis: int = -1) -> Variable:
    """Return the places of the smallest values."""
    return F.argmin(x, axis)


def cumsum(x: Any, axis: int = 0) -> Variable:
    """Return running sums."""
    return F.cumsum(x, axis)


def sqrt(x: Any) -> Variable:
    """Return the square root, 0 with gradient 0 where x is not above 0."""
    above = as_array(x) > 0
    return F.where(above, F.sqrt(F.where(above, x, 1)), 0)


def relu(
    x: Any, alpha: float = 0.0, max_value: float | None = None, threshold: float = 0.0
) -> Variable:
    """Return x from `threshold` up to `max_value`, below it sloped by `alpha`."""
    return activations.relu(x, alpha, max_value, threshold)


def hard_sigmoid(x: Any) -> Variable:
    """Return x / 5 + 1/2 within 0 and 1, as Keras 2; that of `activations` is x / 6 + 1/2."""
    return F.clip(Variable.wrap(x) * 0.2 + 0.5, 0, 1)


def expand_dims(x: Any, axis: int = -1) -> Variable:
    """Return x with a new axis of size 1."""
    return F.expand_dims(x, axis)


def concatenate(tensors: Any, axis: int = -1) -> Variable:
    """Return tensors one after the other."""
    return F.concat(tensors, axis)


def dot(x: Any, y: Any) -> Variable:
    """Return the product of two matrices; the last axis of x goes with the one before y's last."""
    return F.dot(x, y)


def reshape(x: Any, shape: Any) -> Variable:
    """Return x in another shape."""
    return F.reshape(x, tuple(shape))


def flatten(x: Any) -> Variable:
    """Return x as one axis."""
    return F.reshape(x, (-1,))


def batch_flatten(x: Any) -> Variable:
    """Return x with two axes, the first as it was."""
    return F.reshape(x, (x.shape[0], -1))


def squeeze(x: Any, axis: int) -> Variable:
    """Return x without an axis of size 1."""
    return F.squeeze(x, axis)


def transpose(x: Any) -> Variable:
    """Return x with its axes reversed."""
    return F.transpose(x)


def permute_dimensions(x: Any, pattern: Any) -> Variable:
    """Return x with its axes in another order."""
    return F.transpose(x, tuple(pattern))


def repeat_elements(x: Any, rep: int, axis: int) -> Variable:
    """Return x with each element of an axis `rep` times."""
    return F.repeat(x, rep, axis)


def l2_normalize(x: Any, axis: Any = None) -> Variable:
    """Return x divided by its norm over an axis, over all of it if None."""
    if axis is None:
        return F.reshape(F.normalize(F.reshape(x, (-1,)), axis=0), x.shape)
    return F.normalize(x, axis=axis)


def stop_gradient(x: Any) -> Variable:
    """Return x without its graph."""
    return Variable.constant(as_array(x))

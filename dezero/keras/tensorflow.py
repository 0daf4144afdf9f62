"""What tutorials use of TensorFlow beside `tf.keras`, under its names and with its arguments."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend.random import seed as set_seed
from dezero.core import Config, Variable, as_array
from dezero.keras import activations, ops
from dezero.keras import random as draws
from dezero.keras.ops.symbolic import op
from dezero.preprocessing import Pipeline

__version__ = "2.20.0"
__all__ = [
    "Tensor", "abs", "add", "add_n", "argmax", "argmin", "argsort", "bool", "boolean_mask",
    "broadcast_to", "cast", "ceil", "clip_by_global_norm", "clip_by_value", "concat", "config",
    "constant",
    "convert_to_tensor", "cos", "cumsum", "data", "divide", "einsum", "equal",
    "executing_eagerly", "exp", "expand_dims", "eye", "fill", "float16", "float32", "float64",
    "floor", "function", "gather", "greater", "greater_equal", "identity", "image", "int32",
    "int64", "less", "less_equal", "linalg", "linspace", "logical_and", "logical_not",
    "logical_or", "math", "matmul", "maximum", "minimum", "multiply", "negative", "newaxis", "nn",
    "norm", "not_equal", "one_hot", "ones", "ones_like", "pad", "pow", "random", "range", "rank",
    "reduce_all", "reduce_any", "reduce_logsumexp", "reduce_max", "reduce_mean", "reduce_min",
    "reduce_prod", "reduce_std", "reduce_sum", "reduce_variance", "repeat", "reshape", "reverse",
    "round", "shape", "sigmoid", "sign", "sin", "size", "sort", "split", "sqrt", "square",
    "squeeze", "stack", "stop_gradient", "subtract", "tanh", "tensordot", "tile", "transpose",
    "uint8", "unstack", "where", "zeros", "zeros_like",
]  # fmt: skip

Tensor, newaxis = Variable, None
float16, float32, float64 = np.dtype("f2"), np.dtype("f4"), np.dtype("f8")
uint8, int32, int64, bool = np.dtype("u1"), np.dtype("i4"), np.dtype("i8"), np.dtype("?")
abs, exp, sqrt, square, sign = ops.abs, ops.exp, ops.sqrt, ops.square, ops.sign
sin, cos, tanh, sigmoid, round = ops.sin, ops.cos, ops.tanh, ops.sigmoid, ops.round
floor, ceil, negative, identity = ops.floor, ops.ceil, ops.negative, ops.copy
maximum, minimum, equal, not_equal = ops.maximum, ops.minimum, ops.equal, ops.not_equal
greater, greater_equal, less, less_equal = ops.greater, ops.greater_equal, ops.less, ops.less_equal
logical_and, logical_or, logical_not = ops.logical_and, ops.logical_or, ops.logical_not
cumsum, stop_gradient = ops.cumsum, ops.stop_gradient
tensordot, einsum, sort, argsort = ops.tensordot, ops.einsum, ops.sort, ops.argsort
expand_dims, squeeze, repeat = ops.expand_dims, ops.squeeze, ops.repeat
reshape, stack, broadcast_to = ops.reshape, ops.stack, ops.broadcast_to
reverse, unstack = ops.flip, ops.unstack
cast, zeros_like, ones_like = ops.cast, ops.zeros_like, ops.ones_like
zeros, ones, linspace = ops.zeros, ops.ones, ops.linspace
shape, convert_to_tensor = ops.shape, ops.convert_to_tensor


def _converted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of two numbers, lists or Variables, numbers alone being converted."""

    def converted(x: Any, y: Any, name: str | None = None) -> Any:
        plain = not hasattr(x, "shape") and not hasattr(y, "shape")
        return function(convert_to_tensor(x) if plain else x, y)

    return converted


add, subtract, multiply = map(_converted, (ops.add, ops.subtract, ops.multiply))
divide, pow = map(_converted, (ops.divide, ops.power))


def _reduced(function: Callable[..., Any], called: str) -> Any:
    def reduced(
        input_tensor: Any, axis: Any = None, keepdims: Any = False, name: Any = None
    ) -> Any:
        x = input_tensor if hasattr(input_tensor, "shape") else convert_to_tensor(input_tensor)
        axis = tuple(axis) if isinstance(axis, list) else axis
        return function(x, axis=axis, keepdims=keepdims)

    reduced.__name__ = called
    return op(reduced)


reduce_sum, reduce_mean = _reduced(F.sum, "reduce_sum"), _reduced(F.mean, "reduce_mean")
reduce_max, reduce_min = _reduced(F.max, "reduce_max"), _reduced(F.min, "reduce_min")
reduce_prod, reduce_all = _reduced(F.prod, "reduce_prod"), _reduced(F.all, "reduce_all")
reduce_any, reduce_std = _reduced(F.any, "reduce_any"), _reduced(F.std, "reduce_std")
reduce_variance = _reduced(F.var, "reduce_variance")
reduce_logsumexp = _reduced(F.logsumexp, "reduce_logsumexp")


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Variable:
    """Return a Variable without gradient, of one value everywhere if there is a shape."""
    x = convert_to_tensor(value, dtype)
    if shape is None:
        return x
    full = x.data.reshape(shape) if x.size > 1 else np.full(shape, x.data)
    return Variable.constant(full)


def fill(dims: Any, value: Any, name: Any = None) -> Variable:
    """Return a Variable of one value."""
    return ops.full(dims, value)


def size(input: Any) -> Variable:
    """Return the number of elements."""
    return convert_to_tensor(ops.size(input))


def rank(input: Any) -> Variable:
    """Return the number of axes."""
    return convert_to_tensor(ops.ndim(input))


def eye(num_rows: int, num_columns: int | None = None, dtype: Any = None) -> Variable:
    """Return the identity matrix."""
    return ops.eye(num_rows, num_columns, dtype=dtype)


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None) -> Variable:
    """Return numbers from start to below limit; from 0 to below start if limit is None."""
    return ops.arange(start, limit, delta, dtype)


def argmax(input: Any, axis: int | None = None, output_type: Any = int64) -> Any:
    """Return the places of the largest values along an axis, the first if None."""
    return ops.cast(ops.argmax(input, axis or 0), output_type)


def argmin(input: Any, axis: int | None = None, output_type: Any = int64) -> Any:
    """Return the places of the smallest values along an axis, the first if None."""
    return ops.cast(ops.argmin(input, axis or 0), output_type)


def concat(values: Any, axis: int, name: Any = None) -> Any:
    """Return arrays one after the other along an axis."""
    return ops.concatenate(values, axis)


def split(value: Any, num_or_size_splits: Any, axis: int = 0) -> Any:
    """Return parts of an array: so many alike, or of these sizes along an axis."""
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis)
    sizes = list(num_or_size_splits)
    if -1 in sizes:
        sizes[sizes.index(-1)] = shape(value)[axis] - sum(sizes) - 1
    return ops.split(value, np.cumsum(sizes)[:-1].tolist(), axis)


def gather(params: Any, indices: Any, axis: int = 0) -> Any:
    """Return the elements at these indices of an axis."""
    return ops.take(convert_to_tensor(params), indices, axis)


def boolean_mask(tensor: Any, mask: Any) -> Variable:
    """Return the elements where the mask holds."""
    return F.get_item(convert_to_tensor(tensor), as_array(mask).astype("?"))


def one_hot(  # noqa: PLR0917 - the order of TensorFlow
    indices: Any,
    depth: int,
    on_value: Any = 1,
    off_value: Any = 0,
    axis: int = -1,
    dtype: Any = None,
) -> Any:
    """Return on_value at each index and off_value elsewhere, on a new axis."""
    found = ops.one_hot(indices, depth, axis, dtype)
    return found if (on_value, off_value) == (1, 0) else found * (on_value - off_value) + off_value


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0) -> Any:
    """Return an array with more on both sides of each axis, (before, after)."""
    return ops.pad(tensor, np.asarray(paddings).tolist(), mode.lower(), constant_values)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: Any = False) -> Any:
    """Return the norm over axes, the root of the sum of squares unless `ord` says another."""
    return ops.norm(tensor, ord, axis, keepdims)


def transpose(a: Any, perm: Any = None, name: Any = None) -> Any:
    """Return an array with its axes in another order, reversed if None."""
    return ops.transpose(convert_to_tensor(a), perm)


def matmul(a: Any, b: Any, transpose_a: Any = False, transpose_b: Any = False) -> Any:
    """Return the product of matrices, each transposed first if that is said."""
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    a = ops.swapaxes(a, -1, -2) if transpose_a else a
    return ops.matmul(a, ops.swapaxes(b, -1, -2) if transpose_b else b)


def tile(input: Any, multiples: Any, name: Any = None) -> Any:
    """Return an array so many times along each axis."""
    return ops.tile(convert_to_tensor(input), multiples)


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: Any = None) -> Any:
    """Return an array limited to [clip_value_min, clip_value_max]."""
    return ops.clip(convert_to_tensor(t), clip_value_min, clip_value_max)


def where(condition: Any, x: Any = None, y: Any = None, name: Any = None) -> Any:
    """Return x where the condition holds and y elsewhere; without them the places it holds at."""
    if x is None and y is None:
        return Variable.constant(np.argwhere(as_array(condition)))
    return ops.where(condition, x, y)


def add_n(inputs: Any) -> Any:
    """Return the sum of several arrays."""
    first, *others = inputs
    for x in others:
        first = first + x
    return first


def clip_by_global_norm(t_list: Any, clip_norm: float) -> tuple[list, Variable]:
    """Return arrays scaled so that their norm together is at most clip_norm, and what it was."""
    total = F.sqrt(add_n([F.sum(F.square(x)) for x in t_list]))
    scale = clip_norm / F.maximum(total, clip_norm)
    return [x * scale for x in t_list], total


def function(func: Any = None, **ignored: Any) -> Any:
    """Return the function as it is: nothing is compiled here, and options have no use."""
    return (lambda inner: inner) if func is None else func


def executing_eagerly() -> Any:
    """Return True: everything is computed at once."""
    return True


def _l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: Any = None) -> Any:
    x = convert_to_tensor(x)
    return x / ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=axis, keepdims=True), epsilon))


def _sigmoid_loss(labels: Any = None, logits: Any = None, name: Any = None) -> Any:
    # max(x, 0) - x t + log(1 + exp(-|x|)), which overflows nowhere
    return F.relu(logits) - convert_to_tensor(labels) * logits + F.softplus(-F.abs(logits))


def _softmax_loss(labels: Any, logits: Any, axis: int = -1, name: Any = None) -> Any:
    return -F.sum(F.log_softmax(logits, axis) * convert_to_tensor(labels), axis)


def _sparse_loss(labels: Any, logits: Any, name: Any = None) -> Any:
    return _softmax_loss(ops.one_hot(labels, shape(logits)[-1]), logits)


def _dropout(x: Any, rate: float, noise_shape: Any = None, seed: Any = None) -> Any:
    return draws.dropout(x, rate, noise_shape, seed)


def _resize(images: Any, size: Any, method: str = "bilinear", **options: Any) -> Any:
    from dezero.keras.layers import Resizing

    return Resizing(*size, interpolation=method)(images)


def _convert_image(image: Any, dtype: Any) -> Any:
    """Return pictures of bytes from 0 to 1."""
    found = convert_to_tensor(image).dtype
    return ops.cast(image, dtype) / (np.iinfo(found).max if found.kind in "iu" else 1)


def _gray(images: Any) -> Any:
    weights = np.array([0.2989, 0.587, 0.114], Config.dtype)
    return ops.sum(ops.cast(images, Config.dtype) * weights, axis=-1, keepdims=True)


math = SimpleNamespace(
    abs=abs, add=add, argmax=argmax, ceil=ceil, cos=cos, cumsum=cumsum, divide=divide,
    divide_no_nan=ops.divide_no_nan, equal=equal, erf=ops.erf, exp=exp, floor=floor,
    greater=greater, is_nan=ops.isnan, l2_normalize=_l2_normalize, less=less, log=ops.log,
    log1p=ops.log1p, logical_and=logical_and, logical_not=logical_not, maximum=maximum,
    minimum=minimum, mod=ops.mod, multiply=multiply, negative=negative, pow=pow,
    reciprocal=ops.reciprocal, reduce_logsumexp=reduce_logsumexp, reduce_max=reduce_max,
    reduce_mean=reduce_mean, reduce_min=reduce_min, reduce_prod=reduce_prod,
    reduce_std=reduce_std, reduce_sum=reduce_sum, reduce_variance=reduce_variance, round=round,
    rsqrt=ops.rsqrt, sigmoid=sigmoid, sign=sign, sin=sin, softplus=ops.softplus, sqrt=sqrt,
    square=square, squared_difference=op(lambda x, y: F.square(F.sub(x, y)), "squared_difference"),
    subtract=subtract, tan=ops.tan, tanh=tanh, top_k=ops.top_k, log_softmax=ops.log_softmax,
)  # fmt: skip
linalg = SimpleNamespace(
    det=F.det, diag=ops.diag, einsum=einsum, eye=eye, inv=F.inv, matmul=matmul, norm=norm,
    normalize=_l2_normalize, solve=F.solve, trace=ops.trace,
    matrix_transpose=op(lambda a: F.swapaxes(a, -1, -2), "matrix_transpose"),
)  # fmt: skip
nn = SimpleNamespace(
    **{name: op(f, f"nn_{name}") for name, f in activations.ACTIVATIONS.items()},
    dropout=_dropout, l2_loss=op(lambda t: F.sum(F.square(t)) / 2, "l2_loss"),
    l2_normalize=_l2_normalize, moments=ops.moments,
    sigmoid_cross_entropy_with_logits=_sigmoid_loss,
    softmax_cross_entropy_with_logits=_softmax_loss,
    sparse_softmax_cross_entropy_with_logits=_sparse_loss, swish=ops.silu, top_k=ops.top_k,
)  # fmt: skip
random = SimpleNamespace(
    set_seed=set_seed, normal=draws.normal, uniform=draws.uniform, shuffle=draws.shuffle,
    truncated_normal=draws.truncated_normal, categorical=draws.categorical,
)  # fmt: skip
image = SimpleNamespace(
    resize=_resize, convert_image_dtype=_convert_image, rgb_to_grayscale=_gray,
    flip_left_right=lambda image: ops.flip(image, -2),
    flip_up_down=lambda image: ops.flip(image, -3),
)  # fmt: skip
data = SimpleNamespace(Dataset=Pipeline, AUTOTUNE=-1, experimental=SimpleNamespace(AUTOTUNE=-1))
config = SimpleNamespace(
    list_physical_devices=lambda kind=None: [], run_functions_eagerly=lambda eagerly: None,
    list_logical_devices=lambda kind=None: [],
    experimental=SimpleNamespace(set_memory_growth=lambda device, enable: None),
)  # fmt: skip

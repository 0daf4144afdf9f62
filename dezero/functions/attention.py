"""Attention: softmax over what may be seen, scaled dot-product attention, sinusoidal positions."""

import math
from typing import Any

import numpy as np

from dezero.backend import kernels, product, xp
from dezero.core import (
    Config,
    Function,
    Variable,
    as_array,
    differentiable,
    floating,
    nondifferentiable,
)
from dezero.core.errors import describe
from dezero.functions.elementwise import where
from dezero.functions.gates import widened
from dezero.functions.linalg import matmul
from dezero.functions.noise import dropout
from dezero.functions.placing import placed
from dezero.functions.reduction import sum
from dezero.functions.shape import astype, swapaxes

__all__ = [
    "MaskedSoftmax",
    "ScaledDotProductAttention",
    "masked_softmax",
    "scaled_dot_product_attention",
    "sinusoidal_positions",
]

# Scores worked on together, so that they stay in the cache from product to product.
CHUNK = 2**18
# As many weights are kept for backward; of more, they are computed again there.
KEPT = 2**26


def softmax_in_place(x: Any, axis: int) -> None:
    """Replace `x` by its softmax over `axis`; where all is -inf, by 0."""
    if not x.shape[axis]:
        return
    if type(x) is not np.ndarray and x.size and axis in (-1, x.ndim - 1) and x.flags.c_contiguous:
        kernels(x).row_softmax_among(x.reshape((-1, x.shape[-1])))
        return
    module = xp(x)
    top = x.max(axis=axis, keepdims=True)
    x -= module.where(top == -np.inf, 0, top)
    module.exp(x, out=x)
    total = x.sum(axis=axis, keepdims=True)
    x /= total + (total == 0)


class MaskedSoftmax(Function):
    def __init__(self, axis: int = -1) -> None:
        self.axis = axis

    def forward(self, x: Any) -> Any:
        x = floating(x)
        y = x.astype("f4") if x.dtype.itemsize == 2 else x.copy()
        softmax_in_place(y, self.axis)
        return y.astype(x.dtype, copy=False)

    def backward(self, gy: Variable) -> Variable:
        y = self.outputs[0]()
        gx = gy * y
        return gx - y * sum(gx, self.axis, True)  # type: ignore[operator]

    def fast_backward(self, gy: Any) -> Any:
        y = self.outputs[0]().data  # type: ignore[union-attr]
        if type(y) is not np.ndarray and y.size and self.axis in (-1, y.ndim - 1):
            rows = [v.reshape((-1, y.shape[-1])) for v in (gy, y)]
            return kernels(y).row_softmax_gradient(*rows, False).reshape(y.shape)
        gx = gy * y
        gx -= y * gx.sum(axis=self.axis, keepdims=True)
        return gx


@differentiable
def masked_softmax(x: Any, mask: Any = None, axis: int = -1) -> Variable:
    """Softmax over `axis` among the places where `mask` is True; the others, and -inf, get 0.

    Args:
        x: floating Variable or array, any shape but ().
        mask: booleans that broadcast to x; None for all.
        axis: int.
    Returns:
        Variable, shape and dtype of x.
    Raises:
        ValueError: x has no such axis, or mask does not broadcast to x.
    Note: where no place is left all are 0, and so are their gradients; other libraries give NaN.
    """
    x = Variable.wrap(x)
    dtype = floating(x.data).dtype
    fits = mask is None or _broadcast(as_array(mask).shape, x.shape) == x.shape
    if not fits or not -x.ndim <= axis < x.ndim:
        given = "" if mask is None else f", mask {describe(as_array(mask))}"
        raise ValueError(
            "masked_softmax: expected an axis of x and a mask that broadcasts to x, got "
            f"axis={axis}, x {describe(x)}{given}. Reshape the mask, or pass axis=-1."
        )
    if mask is not None:
        x = where(mask, x if x.dtype == dtype else astype(x, dtype), -np.inf)
    return MaskedSoftmax(axis)(x)


class ScaledDotProductAttention(Function):
    """softmax(scale * q k^T + masks) v, all with the same leading axes, a few of them at a time.

    Args:
        scale: number.
        masks: arrays to add that broadcast to the scores.
    """

    p: Any = None

    def __init__(self, scale: float, masks: tuple = ()) -> None:
        self.scale, self.masks = scale, masks

    def forward(self, *values: Any) -> Any:
        dtype, (q, k, v) = widened(values)
        self.lead = q.shape[:-2]
        B = math.prod(self.lead)
        self.flat_masks = [_flat(m.astype(q.dtype), self.lead) for m in self.masks]
        self.q = (q * self.scale).reshape((B, *q.shape[-2:]))
        self.k, self.v = (a.reshape((B, *a.shape[-2:])) for a in (k, v))
        module, T, S = xp(q), q.shape[-2], k.shape[-2]
        y = module.empty((B, T, v.shape[-1]), dtype=q.dtype)
        kept = module.empty((B, T, S), dtype=q.dtype) if B * T * S <= KEPT else None
        for part in self._parts():
            p = self._weights(part, None if kept is None else kept[part])
            product(p, self.v[part], out=y[part])
        self.p, self.y = kept, y
        return y.reshape((*self.lead, *y.shape[1:])).astype(dtype, copy=False)

    def _parts(self) -> list[slice]:
        B, T, S = len(self.q), self.q.shape[1], self.k.shape[1]
        step = max(CHUNK // max(T * S, 1), 1)
        return [slice(i, i + step) for i in range(0, B, step)]

    def _weights(self, part: slice, out: Any = None) -> Any:
        """Compute the weights of some of the leading places."""
        p = product(self.q[part], self.k[part].swapaxes(1, 2), out=out)
        for mask in self.flat_masks:
            p += mask[part] if len(mask) > 1 else mask
        softmax_in_place(p, -1)
        return p

    def backward(self, gy: Variable) -> tuple:
        q, k, v = _widened_variables(*self.inputs)[1]
        p = masked_softmax(scores(q, k, self.scale, self.masks))
        gp = matmul(gy, swapaxes(v, -1, -2))
        gs = p * (gp - sum(gp * p, -1, True)) * self.scale
        gk = matmul(swapaxes(gs, -1, -2), q)
        return matmul(gs, k), gk, matmul(swapaxes(p, -1, -2), gy)

    def fast_backward(self, gy: Any) -> tuple:
        q, k, v, module = self.q, self.k, self.v, xp(self.q)
        gy = gy.reshape(self.y.shape).astype(q.dtype, copy=False)
        # The sum of gp * p over the keys is that of gy * y over the features.
        shared = (gy * self.y).sum(axis=-1, keepdims=True)
        gq, gk, gv = (module.empty(a.shape, dtype=a.dtype) for a in (q, k, v))
        for part in self._parts():
            p = self._weights(part) if self.p is None else self.p[part]
            gs = product(gy[part], v[part].swapaxes(1, 2))
            gs -= shared[part]
            gs *= p
            product(gs, k[part], out=gq[part])
            product(gs.swapaxes(1, 2), q[part], out=gk[part])
            product(p.swapaxes(1, 2), gy[part], out=gv[part])
        gq *= self.scale
        return tuple(g.reshape((*self.lead, *g.shape[1:])) for g in (gq, gk, gv))


def scores(q: Any, k: Any, scale: float, masks: tuple) -> Variable:
    """Return scale * q k^T + masks as a Variable."""
    result = matmul(q * scale, swapaxes(k, -1, -2))
    for mask in masks:
        result = result + (mask if isinstance(mask, Variable) else Variable.constant(mask))
    return result


def _flat(mask: Any, lead: tuple[int, ...]) -> Any:
    """Return `mask` with one leading axis, of size 1 if it is the same for all."""
    shape = (1,) * (2 - mask.ndim) + mask.shape
    if math.prod(shape[:-2]) != 1:
        mask = xp(mask).broadcast_to(mask, lead + shape[-2:])
        return mask.reshape((math.prod(lead), *shape[-2:]))
    return mask.reshape((1, *shape[-2:]))


@differentiable
def scaled_dot_product_attention(
    q: Any,
    k: Any,
    v: Any,
    mask: Any = None,
    *,
    causal: bool = False,
    scale: float | None = None,
    dropout_ratio: float = 0.0,
    rng: Any = None,
    return_weights: bool = False,
) -> Any:
    """Average the values by how well their keys fit the queries: softmax(q k^T / sqrt(D)) v.

    Args:
        q, k, v: queries (..., T, D), keys (..., S, D), values (..., S, E), Variables or arrays.
        mask: booleans, or integers, that broadcast to (..., T, S), True where a query may see a
            key; or floats to add to the scores, which may be learnt.
        causal: query t sees the keys 0 to t alone, counted from the first also where S is not T.
        scale: in place of 1 / sqrt(D).
        dropout_ratio, rng: of the weights, in training; as in `dropout`.
        return_weights: return the weights (..., T, S) too, as they are before dropout.
    Returns:
        Variable (..., T, E), or a pair of it and the weights.
    Raises:
        ValueError: the shapes do not fit.
    Note: a query that may see nothing gets 0, not NaN. As in torch and Keras True means "look";
        masks of torch.nn.MultiheadAttention say the opposite.
    Reference:
        Vaswani et al. 2017, "Attention is all you need", eq. 1.
    """
    q, k, v = Variable.wrap(q), Variable.wrap(k), Variable.wrap(v)
    masks = _masks(q, k, v, mask, causal)
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else float(scale)
    one = q.shape[:-2] == k.shape[:-2] == v.shape[:-2]
    plain = not return_weights and (not dropout_ratio or not Config.train)
    if one and plain and not any(m.requires_grad for m in masks):
        return ScaledDotProductAttention(factor, tuple(m.data for m in masks))(q, k, v)
    dtype, (q, k, v) = _widened_variables(q, k, v)
    weights = masked_softmax(scores(q, k, factor, tuple(masks)))
    y = matmul(dropout(weights, dropout_ratio, rng=rng), v)
    y, weights = (a if a.dtype == dtype else astype(a, dtype) for a in (y, weights))
    return (y, weights) if return_weights else y


def _widened_variables(*values: Variable) -> tuple[Any, list[Variable]]:
    """Return what `widened` does, in the graph of these Variables."""
    dtype, arrays = widened([v.data for v in values])
    pairs = zip(values, arrays, strict=True)
    return dtype, [v if v.dtype == a.dtype else astype(v, a.dtype) for v, a in pairs]


def _masks(q: Variable, k: Variable, v: Variable, mask: Any, causal: bool) -> list[Variable]:
    """Return what is to be added to the scores; raise a ValueError if shapes do not fit."""
    fits = min(q.ndim, k.ndim, v.ndim) >= 2 and q.shape[-1] == k.shape[-1] > 0
    if fits and k.shape[-2] == v.shape[-2]:
        shape = _broadcast(q.shape[:-2], k.shape[:-2], v.shape[:-2])
        shape = None if shape is None else (*shape, q.shape[-2], k.shape[-2])
        masks = [] if mask is None else [_additive(mask, q)]
        if shape is not None and all(_broadcast(m.shape, shape) == shape for m in masks):
            if causal:
                tril = xp(q.data).tri(*shape[-2:], dtype=bool)
                masks.append(_additive(tril, q))
            return masks
    given = "" if mask is None else f", mask {describe(as_array(mask))}"
    raise ValueError(
        "scaled_dot_product_attention: expected q (..., T, D), k (..., S, D), v (..., S, E) and a "
        f"mask that broadcasts to (..., T, S), got q {q.shape}, k {k.shape}, v {v.shape}{given}. "
        "A mask of the keys, (N, S), becomes (N, 1, S)."
    )


def _broadcast(*shapes: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError:
        return None


def _additive(mask: Any, like: Variable) -> Variable:
    """Return a mask as numbers to add, in the dtype and on the device of `like`."""
    if not isinstance(mask, Variable):
        mask = Variable.constant(placed("attention", mask, like.data))
    dtype = floating(like.data).dtype
    if mask.dtype.kind == "f":
        return mask if mask.dtype == dtype else astype(mask, dtype)
    module = xp(like.data)
    keep = mask.data != 0
    zero, never = (module.asarray(value, dtype=dtype) for value in (0.0, -np.inf))
    return Variable.constant(module.where(keep, zero, never))


@nondifferentiable
def sinusoidal_positions(positions: Any, size: int, *, dtype: Any = None) -> Variable:
    """Return sin(p / 10000^(2i / size)) and cos of the same, in turn along a new last axis.

    Args:
        positions: how many, from 0 on; or an array or Variable of positions of any shape.
        size: features of each; the last cosine is left out where it is odd.
        dtype: of the result; by default that of floating positions, else `Config.dtype`.
    Returns:
        Variable (*positions.shape, size).
    Raises:
        ValueError: size is not positive, or so many positions are negative.
        TypeError: size is no integer, or dtype not floating.
    Reference:
        Vaswani et al. 2017, "Attention is all you need", section 3.5.
    """
    count = positions if isinstance(positions, int | np.integer) else 0
    if not isinstance(size, int | np.integer):
        raise TypeError(f"sinusoidal_positions: expected an integer as size, got {describe(size)}.")
    if size < 1 or count < 0:
        raise ValueError(
            f"sinusoidal_positions: expected size >= 1 and positions >= 0, got size {size} and "
            f"positions {positions if count else 'as an array'}. Try 128 features."
        )
    p = np.arange(positions) if isinstance(positions, int | np.integer) else as_array(positions)
    module = xp(p)
    angles = p[..., None] * module.exp(module.arange(0, size, 2) * (-math.log(10000.0) / size))
    both = module.stack([module.sin(angles), module.cos(angles)], axis=-1)
    flat = both.reshape((*p.shape, 2 * angles.shape[-1]))[..., :size]
    dtype = floating(p).dtype if dtype is None else np.dtype(dtype)
    if dtype.kind != "f":
        raise TypeError(f"sinusoidal_positions: expected a floating dtype, got {dtype}.")
    return Variable.constant(flat.astype(dtype))

"""Attention layers: many heads, transformer blocks, sinusoidal positions."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import functions as F
from dezero import initializers
from dezero.backend import xp
from dezero.core import Variable, as_array, floating
from dezero.core.errors import describe
from dezero.layers import parameters
from dezero.layers.activation import function_of, saved_name
from dezero.layers.layer import Layer
from dezero.layers.linear import Linear
from dezero.layers.norm import LayerNorm


class MultiHeadAttention(Layer):
    """Attention of several heads: queries, keys and values are cut into heads, and put together.

    Called on x alone, x attends to itself; on (x, memory), x to the memory; on (x, key, value), the
    values are others than the keys. All are (..., T, features).

    Args:
        size: features of the result.
        num_heads: how many heads.
        head_size: features of a query and a key in each head; by default size / num_heads.
        value_size: features of a value in each head; by default head_size.
        dropout_ratio: part of the weights that is dropped in training.
        causal: let each place see itself and those before it alone.
        nobias, dtype, initializer, bias_initializer: of the four Linear layers query, key, value
            and output, whose input sizes come from the first call.
        name: for people.
    Raises:
        ValueError: size does not divide into the heads, or dropout_ratio is out of range.
    Reference: Vaswani et al. 2017, "Attention is all you need", section 3.2.2.
    """

    def __init__(
        self,
        size: int,
        num_heads: int,
        *,
        head_size: int | None = None,
        value_size: int | None = None,
        dropout_ratio: float = 0.0,
        causal: bool = False,
        nobias: bool = False,
        dtype: DTypeLike = np.float32,
        initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        name: str | None = None,
    ) -> None:
        self.size = parameters.checked_size("MultiHeadAttention: expected size", size)
        self.num_heads = parameters.checked_size(
            "MultiHeadAttention: expected num_heads", num_heads
        )
        if head_size is None and self.size % self.num_heads:
            raise ValueError(
                f"MultiHeadAttention: expected a size that {num_heads} heads divide, got {size}. "
                "Give head_size, or another number of heads."
            )
        head_size = self.size // self.num_heads if head_size is None else head_size
        what = "MultiHeadAttention: expected"
        self.head_size = parameters.checked_size(f"{what} head_size", head_size)
        value_size = head_size if value_size is None else value_size
        self.value_size = parameters.checked_size(f"{what} value_size", value_size)
        self.dropout_ratio = parameters.checked_ratio("MultiHeadAttention", dropout_ratio)
        self.causal, self.nobias, self.name = bool(causal), bool(nobias), name
        self.dtype = parameters.checked_dtype("MultiHeadAttention", dtype)
        self.initializer = initializers.get(initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        widths = [self.num_heads * width for width in (self.head_size, self.value_size)]
        self.query, self.key = self._linear(widths[0]), self._linear(widths[0])
        self.value, self.output = self._linear(widths[1]), self._linear(self.size, widths[1])

    def _linear(self, width: int, in_size: int | None = None) -> Linear:
        return Linear(
            width,
            self.nobias,
            self.dtype,
            in_size,
            initializer=self.initializer,
            bias_initializer=self.bias_initializer,
        )

    def forward(  # type: ignore[override]
        self,
        x: Any,
        key: Any = None,
        value: Any = None,
        *,
        mask: Any = None,
        key_mask: Any = None,
        return_weights: bool = False,
    ) -> Any:
        """Attend; the masks are as in `scaled_dot_product_attention`: True means "look".

        Args:
            x, key, value: (..., T, features), (..., S, features), (..., S, features).
            mask: (T, S), (..., T, S), or (..., heads, T, S).
            key_mask: (..., S), False where the memory is padding.
            return_weights: return the weights, (..., heads, T, S), too.
        """
        x = Variable.wrap(x)
        key = x if key is None else Variable.wrap(key)
        value = key if value is None else Variable.wrap(value)
        if min(x.ndim, key.ndim, value.ndim) < 2:
            raise ValueError(
                "MultiHeadAttention: expected x and memory (..., T, features), got "
                f"{', '.join(describe(v) for v in (x, key, value))}. Add the axis of places."
            )
        q, k, v = self.query(x), self.key(key), self.value(value)
        result = F.scaled_dot_product_attention(
            self._in_heads(q),
            self._in_heads(k),
            self._in_heads(v),
            _joined_masks(mask, key_mask, max(x.ndim, key.ndim)),
            causal=self.causal,
            dropout_ratio=self.dropout_ratio,
            return_weights=return_weights,
        )
        y, weights = result if return_weights else (result, None)
        y = F.swapaxes(y, -2, -3)
        y = self.output(F.reshape(y, (*y.shape[:-2], y.shape[-2] * y.shape[-1])))
        return (y, weights) if return_weights else y

    def _in_heads(self, x: Variable) -> Variable:
        """Return (..., T, heads * features) as (..., heads, T, features)."""
        shape = (*x.shape[:-1], self.num_heads, x.shape[-1] // self.num_heads)
        return F.swapaxes(F.reshape(x, shape), -2, -3)

    def details(self) -> str:
        in_size = "?" if self.query.in_size is None else self.query.in_size
        heads = f"{self.num_heads} heads of {self.head_size}"
        return ", ".join([f"{in_size} -> {self.size}", heads, *(["causal"] * self.causal)])

    def shown_members(self) -> list[tuple[str, Any]]:
        return []

    def config(self) -> dict[str, Any]:
        names = (
            "size",
            "num_heads",
            "head_size",
            "value_size",
            "dropout_ratio",
            "causal",
            "nobias",
        )
        return {
            **{name: getattr(self, name) for name in names},
            "dtype": self.dtype.name,
            **parameters.saved_initializer("initializer", self.initializer),
            **parameters.saved_initializer("bias_initializer", self.bias_initializer),
        }


def _joined_masks(mask: Any, key_mask: Any, ndim: int) -> Any:
    """Return one mask (..., heads or 1, T, S) of both."""
    if mask is not None:
        mask = Variable.wrap(mask)
        if 2 < mask.ndim <= ndim:  # all but the axis of heads
            mask = F.expand_dims(mask, -3)
    if key_mask is None:
        return mask
    keep = as_array(key_mask)
    if not keep.ndim:
        raise ValueError(
            f"MultiHeadAttention: expected key_mask (..., S), got {describe(keep)}. "
            "Make it with sequence_mask from the lengths."
        )
    keep = keep[..., None, None, :] != 0
    if mask is None:
        return keep
    if mask.dtype.kind == "f":
        return F.where(keep, mask, -np.inf)
    return (mask.data != 0) & keep


class TransformerBlock(Layer):
    """Attention and two Linear layers, each around a residual connection with layer norm.

    With pre_norm x + f(norm(x)), else norm(x + f(x)) as in the paper; f is first the attention of x
    to itself, then with `cross` that to a memory, then linear2(activation(linear1(x))).

    Args:
        size: features of x and of the result, which sublayers take from here too.
        num_heads: of the attention.
        hidden_size: features between the two Linear layers; by default 4 * size.
        activation: function or its name.
        pre_norm: normalise what goes into each part, not what comes out of the sum.
        causal: let each place see itself and those before it alone.
        cross: attend to a memory too: block(x, memory).
        dropout_ratio: in training, of the attention's weights, behind the activation, and of what
            each part adds.
        eps: of the layer norms.
        dtype: floating dtype of the parameters.
        name: for people.
    Reference:
        Vaswani et al. 2017, "Attention is all you need", fig. 1; pre_norm, Xiong et al. 2020.
    """

    def __init__(
        self,
        size: int,
        num_heads: int,
        hidden_size: int | None = None,
        *,
        activation: Any = "gelu",
        pre_norm: bool = True,
        causal: bool = False,
        cross: bool = False,
        dropout_ratio: float = 0.0,
        eps: float = 1e-5,
        dtype: DTypeLike = np.float32,
        name: str | None = None,
    ) -> None:
        self.size = parameters.checked_size("TransformerBlock: expected size", size)
        hidden = 4 * self.size if hidden_size is None else hidden_size
        hidden = parameters.checked_size("TransformerBlock: expected hidden_size", hidden)
        self.hidden_size, self.eps, self.name = hidden, float(eps), name
        self.num_heads, self.activation = num_heads, function_of(activation)
        self.pre_norm, self.causal, self.cross = bool(pre_norm), bool(causal), bool(cross)
        self.dropout_ratio = parameters.checked_ratio("TransformerBlock", dropout_ratio)
        self.dtype = parameters.checked_dtype("TransformerBlock", dtype)
        shared = {"dropout_ratio": self.dropout_ratio, "dtype": self.dtype}
        self.norm1 = LayerNorm(self.size, eps, self.dtype)
        self.attention = MultiHeadAttention(self.size, num_heads, causal=causal, **shared)
        if self.cross:
            self.norm_cross = LayerNorm(self.size, eps, self.dtype)
            self.cross_attention = MultiHeadAttention(self.size, num_heads, **shared)
        self.norm2 = LayerNorm(self.size, eps, self.dtype)
        how = "glorot_uniform"
        self.linear1 = Linear(hidden, dtype=dtype, in_size=self.size, initializer=how)
        self.linear2 = Linear(self.size, dtype=dtype, in_size=hidden, initializer=how)

    def forward(  # type: ignore[override]
        self,
        x: Any,
        memory: Any = None,
        *,
        mask: Any = None,
        key_mask: Any = None,
        memory_mask: Any = None,
        memory_key_mask: Any = None,
    ) -> Variable:
        """Compute the block; masks as in `MultiHeadAttention`, two for x and two for the memory."""
        if (memory is None) == self.cross:
            raise ValueError(
                f"TransformerBlock: expected {'a' if self.cross else 'no'} memory with "
                f"cross={self.cross}, got {'none' if memory is None else describe(memory)}. "
                "Decide when the block is made."
            )

        def attend(x: Variable) -> Variable:
            return self.attention(x, mask=mask, key_mask=key_mask)

        def look_back(x: Variable) -> Variable:
            masks = {"mask": memory_mask, "key_mask": memory_key_mask}
            return self.cross_attention(x, memory, **masks)

        x = self._around(attend, self.norm1, Variable.wrap(x))
        if self.cross:
            x = self._around(look_back, self.norm_cross, x)
        return self._around(self._transform, self.norm2, x)

    def _transform(self, x: Variable) -> Variable:
        h = self.linear1(x)
        h = h if self.activation is None else self.activation(h)
        return self.linear2(F.dropout(h, self.dropout_ratio))

    def _around(self, part: Any, norm: LayerNorm, x: Any) -> Variable:
        if self.pre_norm:
            return x + F.dropout(part(norm(x)), self.dropout_ratio)
        return norm(x + F.dropout(part(x), self.dropout_ratio))

    def details(self) -> str:
        flags = ["causal"] * self.causal + ["cross"] * self.cross
        flags += [] if self.pre_norm else ["norm behind"]
        return ", ".join([f"{self.size}, {self.num_heads} heads, {self.hidden_size}", *flags])

    def shown_members(self) -> list[tuple[str, Any]]:
        return []

    def config(self) -> dict[str, Any]:
        names = (
            "size", "num_heads", "hidden_size", "pre_norm", "causal", "cross", "dropout_ratio",
            "eps",
        )  # fmt: skip
        owner = f"layer {self.name or self.details()}"
        saved = {name: getattr(self, name) for name in names}
        activation = saved_name(owner, self.activation)
        return saved | {"activation": activation, "dtype": self.dtype.name}


class PositionalEncoding(Layer):
    """Add sinusoidal positions to x (..., T, features): y = x + sin and cos of the place.

    Args:
        dropout_ratio: part of the sum that is dropped in training.
        scale: multiply x by the root of its features first, as the paper does with embeddings.
        name: for people.
    Reference: Vaswani et al. 2017, "Attention is all you need", sections 3.4 and 3.5.
    """

    def __init__(
        self, dropout_ratio: float = 0.0, scale: bool = False, *, name: str | None = None
    ) -> None:
        self.dropout_ratio = parameters.checked_ratio("PositionalEncoding", dropout_ratio)
        self.scale, self.name = bool(scale), name

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = Variable.wrap(x)
        if x.ndim < 2 or not x.shape[-1]:
            raise ValueError(
                f"PositionalEncoding: expected x (..., T, features), got {describe(x)}. "
                "Embed the symbols first."
            )
        dtype = floating(x.data).dtype
        places = xp(x.data).arange(x.shape[-2])  # made where x is, for nothing to be sent
        table = F.sinusoidal_positions(places, x.shape[-1], dtype=dtype)
        y = x * math.sqrt(x.shape[-1]) if self.scale else x
        return F.dropout(y + table, self.dropout_ratio)

    def details(self) -> str:
        flags = [f"dropout {self.dropout_ratio:g}"] if self.dropout_ratio else []
        return ", ".join(flags + ["scaled"] * self.scale)

    def config(self) -> dict[str, Any]:
        return {"dropout_ratio": self.dropout_ratio, "scale": self.scale}

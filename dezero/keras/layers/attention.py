"""Attention as Keras has it: MultiHeadAttention and Attention."""

from math import prod
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import to_host
from dezero.core import Variable, as_array, using_config
from dezero.core.errors import describe
from dezero.functions.windows import sizes
from dezero.keras.layers.regularization import Disturbing, trains
from dezero.keras.layers.weighted import Weighted
from dezero.keras.masks import flat_mask, folded_mask, mask_of, merged_mask


class Projection(Weighted):
    """A product along the last axes, whose kernel has Keras's shape.

    Args:
        outs: shape of the outputs behind the axes that stay.
        ends: how many axes of the inputs the product takes.
        rules: initializers, regularizers and constraints of kernel and bias, and use_bias.
    """

    kernel: Any = None
    bias: Any = None

    def __init__(self, outs: tuple, ends: int, rules: dict[str, Any], **named: Any) -> None:
        super().__init__(**named)
        self.outs, self.ends, self.use_bias = tuple(outs), ends, rules["use_bias"]
        kinds = ("initializer", "regularizer", "constraint")
        given = {role: tuple(rules[f"{role}_{k}"] for k in kinds) for role in ("kernel", "bias")}
        self._set_roles(**given)

    def build(self, input_shape: Any) -> None:
        """Make the kernel (*in, *outs) and the bias (*outs,)."""
        self.kernel = self._weight("kernel", (*input_shape[-self.ends :], *self.outs))
        self.bias = self._weight("bias", self.outs) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """Return the product."""
        x, rest = Variable.wrap(inputs), inputs.shape[: -self.ends]
        width = prod(self.outs)
        W = F.reshape(self.kernel, (prod(x.shape[-self.ends :]), width))
        b = None if self.bias is None else F.reshape(self.bias, (width,))
        return F.reshape(F.linear(F.reshape(x, (*rest, W.shape[0])), W, b), (*rest, *self.outs))


class MultiHeadAttention(Disturbing):
    """Attention of several heads, weights (in, heads, key_dim) and (heads, value_dim, out).

    Args:
        num_heads, key_dim: heads, and features of a query and a key in each.
        value_dim: features of a value in each head; None for key_dim.
        dropout: part of the attention that is dropped in training.
        use_bias: whether the projections have biases.
        output_shape: features of the outputs; None for those of the query.
        attention_axes: the axes, an int or several, along which places see each other; None for
            all between the batch and the features.
        sliding_window: let each place see those less than so many away alone.
        flash_attention: accepted; changes nothing.
        kernel_initializer, bias_initializer and so on: as in `Dense`, of every projection.
        use_gate: multiply the heads by a sigmoid of the query's own projection.
        seed: of its own generator.
    Reference: Vaswani et al. 2017, "Attention is all you need", section 3.2.2.
    """

    fields = (
        "num_heads", "key_dim", "value_dim", "dropout", "use_bias", "use_gate", "attention_axes",
        "sliding_window", "seed",
    )  # fmt: skip
    roles = ("kernel", "bias")
    query_dense: Any = None
    key_dense: Any = None
    value_dense: Any = None
    gate_dense: Any = None
    output_dense: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: Any = None,
        attention_axes: Any = None,
        sliding_window: int | None = None,
        flash_attention: Any = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        kind = "MultiHeadAttention"
        self.num_heads = sizes(kind, "num_heads", num_heads, 1, 1)[0]
        self.key_dim = sizes(kind, "key_dim", key_dim, 1, 1)[0]
        self.value_dim = sizes(kind, "value_dim", value_dim or key_dim, 1, 1)[0]
        self.dropout, self.use_bias, self.use_gate = float(dropout), bool(use_bias), bool(use_gate)
        self.outs = None if output_shape is None else tuple(np.atleast_1d(output_shape).tolist())
        axes = np.atleast_1d(attention_axes).tolist() if attention_axes is not None else None
        self.attention_axes, self.sliding_window = axes, sliding_window
        self._set_seed(seed)
        self._set_roles(
            kernel=(kernel_initializer, kernel_regularizer, kernel_constraint),
            bias=(bias_initializer, bias_regularizer, bias_constraint),
        )

    def build(self, query_shape: Any, value_shape: Any = None, key_shape: Any = None) -> None:
        """Make the projections for inputs of these shapes."""
        value_shape = query_shape if value_shape is None else value_shape
        key_shape = value_shape if key_shape is None else key_shape
        self._split_axes(len(query_shape))
        heads = self.num_heads
        outs = {"query": self.key_dim, "key": self.key_dim}
        outs |= {"gate": self.value_dim} if self.use_gate else {}
        outs["value"] = self.value_dim
        rules = {name: getattr(self, name, None) for name in _RULES}
        shapes = {"query": query_shape, "key": key_shape, "value": value_shape}
        shapes["gate"] = query_shape
        for name, size in outs.items():
            layer = Projection((heads, size), 1, rules, name=name, trainable=self.trainable)
            layer.build_once([shapes[name]])
            setattr(self, f"{name}_dense", layer)
        outs_last = (query_shape[-1],) if self.outs is None else self.outs
        named = {"name": "attention_output", "trainable": self.trainable}
        self.output_dense = Projection(outs_last, 2, rules, **named)
        self.output_dense.build_once([(heads, self.value_dim)])

    def call(  # noqa: PLR0917 - the order of Keras
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return (N, T, out), and the attention (N, heads, T, S) if it is wanted.

        Args:
            query, value, key: (N, T, in), (N, S, in) and (N, S, in); key None for value. T and S
                may be several axes.
            query_mask, value_mask, key_mask: booleans (N, T) and (N, S).
            attention_mask: booleans (N, T, S), or with an axis for the heads, True where a query
                may see a key. Axes that are not attended to come before T in all of them.
            use_causal_mask: let each place see those before it, and itself.
        """
        query_mask = mask_of(query) if query_mask is None else query_mask
        value_mask = mask_of(value) if value_mask is None else value_mask
        key_mask = mask_of(key) if key_mask is None and key is not None else key_mask
        key = value if key is None else key
        others, attended = self._split_axes(len(query.shape))
        rows = [query.shape[a] for a in attended]
        columns = [value.shape[a] for a in attended]
        batch = tuple(query.shape[a] for a in (0, *others))
        count = len(attended)
        of_query, of_value, of_key = (
            flat_mask(mask, count) for mask in (query_mask, value_mask, key_mask)
        )
        keep = merged_mask(of_query, of_value, of_key, flat_mask(attention_mask, count, 2))
        if keep is not None and others:
            keep = folded_mask(keep, batch)
        if self.sliding_window is not None or (use_causal_mask and keep is not None):
            band = self._band(prod(rows), prod(columns), use_causal_mask)
            keep, use_causal_mask = band if keep is None else keep & band, False
        heads = [
            self._heads(layer(x))
            for layer, x in (
                (self.query_dense, query),
                (self.key_dense, key),
                (self.value_dense, value),
            )
        ]
        y, weights = self._attend(
            heads, keep, use_causal_mask, return_attention_scores, trains(training)
        )
        y = F.reshape(y, (*batch, self.num_heads, *rows, self.value_dim))
        y = F.transpose(y, np.argsort(self._heads_first(y.ndim - 1)).tolist())
        if self.use_gate:
            y = y * F.sigmoid(self.gate_dense(query))
        y = self.output_dense(y)
        if not return_attention_scores:
            return y
        return y, F.reshape(weights, (*batch, self.num_heads, *rows, *columns))

    def _split_axes(self, ndim: int) -> tuple[list[int], list[int]]:
        """Return the axes of inputs (N, ..., in) beside the attended ones, and these.

        Raises:
            ValueError: attention_axes holds the batch, the features or an axis twice.
        """
        middle = list(range(1, ndim - 1))
        if self.attention_axes is None:
            return [], middle
        attended = sorted(a + ndim if a < 0 else a for a in self.attention_axes)
        if not attended or not set(attended) <= set(middle) or len(set(attended)) < len(attended):
            raise ValueError(
                f"MultiHeadAttention: expected attention_axes out of {middle} for inputs of "
                f"{ndim} axes, got {self.attention_axes}. None takes all."
            )
        return [a for a in middle if a not in attended], attended

    def _heads_first(self, ndim: int) -> list[int]:
        """Return the order of axes that makes (N, ..., heads, D) (N, others, heads, attended, D).

        Args:
            ndim: of the inputs, which have no axis of heads.
        """
        others, attended = self._split_axes(ndim)
        return [0, *others, ndim - 1, *attended, ndim]

    def _heads(self, x: Any) -> Any:
        """Return (N, ..., heads, D) as (N', heads, T, D): N' holds the axes beside T too."""
        order = self._heads_first(x.ndim - 1)
        x, at = F.transpose(x, order), order.index(x.ndim - 2)
        sizes = prod(x.shape[:at]), self.num_heads, prod(x.shape[at + 1 : -1]), x.shape[-1]
        return F.reshape(x, sizes)

    def _band(self, t: int, s: int, causal: bool) -> Any:
        """Return booleans (1, T, S), where places may see each other."""
        ahead = np.arange(t)[:, None] - np.arange(s)
        keep = ahead >= 0 if causal else np.ones((t, s), bool)
        if self.sliding_window is not None:
            keep &= abs(ahead) < self.sliding_window
        return keep[None]

    def _attend(self, heads: list, keep: Any, causal: bool, wanted: bool, train: bool) -> tuple:
        plain = not wanted and not self.dropout
        if keep is not None:
            keep = keep[:, None] if keep.ndim == 3 else keep
        options = {"mask": keep, "causal": causal}
        if plain:
            y = F.scaled_dot_product_attention(*heads, **options)
            seen = True if keep is None else keep.any(-1, keepdims=True)
            if not np.all(to_host(seen)):  # what sees nothing gets the mean of all values, in Keras
                y = F.where(seen, y, F.mean(heads[2], -2, True))
            return y, None
        share = self.dropout if train else 0.0
        options |= {"dropout_ratio": share, "rng": self._masks(), "return_weights": True}
        with using_config("train", train):
            return F.scaled_dot_product_attention(*heads, **options)

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Take query, value and key by position or by name."""
        names = ("query", "value", "key")[len(inputs) :]
        given = [options.pop(name, None) for name in names]
        while given and given[-1] is None:
            given.pop()
        return super().__call__(*inputs, *given, **options)

    def compute_output_shape(self, query_shape: Any, *_: Any) -> tuple:
        """Return the shape of the outputs."""
        outs = (query_shape[-1],) if self.outs is None else self.outs
        return (*query_shape[:-1], *outs)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        outs = None if self.outs is None else list(self.outs)
        return super().get_config() | {"output_shape": outs}


_RULES = ("use_bias",) + tuple(
    f"{role}_{kind}"
    for role in ("kernel", "bias")
    for kind in ("initializer", "regularizer", "constraint")
)


class Attention(Disturbing):
    """Attention of queries to values by the product with their keys, without weights of its own.

    Args:
        use_scale: whether a number that is learnt multiplies the scores.
        score_mode: "dot", or "concat" for the sum of tanh(query + key).
        dropout: part of the attention that is dropped in training.
        seed: of its own generator.
    """

    fields = ("use_scale", "score_mode", "dropout", "seed")
    scale: Any = None
    concat_score_weight: Any = None

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if score_mode not in ("dot", "concat"):
            raise ValueError(
                f"Attention: expected score_mode 'dot' or 'concat', got {score_mode!r}."
            )
        self.use_scale, self.score_mode = bool(use_scale), score_mode
        self.dropout = float(dropout)
        self._set_seed(seed)
        self._set_roles(scale=("ones",), concat_score_weight=("ones",))

    def build(self, input_shape: Any) -> None:
        """Make the numbers that are learnt."""
        self.scale = self._weight("scale", ()) if self.use_scale else None
        if self.score_mode == "concat":
            self.concat_score_weight = self._weight("concat_score_weight", ())

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: Any = None,
        *,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Return (N, T, features of the values) of [query, value] or [query, value, key]."""
        if not isinstance(inputs, list | tuple) or len(inputs) not in (2, 3):
            raise ValueError(
                "Attention: expected [query, value] or [query, value, key], got "
                f"{describe(inputs)}. Put them into a list."
            )
        query, value, key = (*inputs, inputs[1])[:3]
        scores = self._scores(Variable.wrap(query), Variable.wrap(key))
        of_query, of_value = (None, None) if mask is None else (mask[0], mask[1])
        keep = None if of_value is None else (as_array(of_value) != 0)[:, None]
        if use_causal_mask:
            band = np.tri(*scores.shape[-2:], dtype=bool)[None]
            keep = band if keep is None else keep & band
        if keep is not None:
            lost = 65504.0 if scores.dtype.itemsize == 2 else 1e9
            scores = scores - np.where(keep, 0, lost).astype(scores.dtype)
        weights = F.softmax(scores, -1)
        shares = weights
        if trains(training) and self.dropout:
            with using_config("train", True):
                shares = F.dropout(weights, self.dropout, rng=self._masks())
        y = F.matmul(shares, value)
        if of_query is not None:
            y = F.where((as_array(of_query) != 0)[:, :, None], y, 0.0)
        return (y, weights) if return_attention_scores else y

    def _scores(self, query: Any, key: Any) -> Any:
        if self.score_mode == "dot":
            scores = F.matmul(query, F.swapaxes(key, -1, -2))
            return scores if self.scale is None else scores * self.scale
        both = F.expand_dims(query, -2) + F.expand_dims(key, -3)
        both = both if self.scale is None else both * self.scale
        return F.sum(F.tanh(both), -1) * self.concat_score_weight

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the queries."""
        return None if mask is None else mask[0]

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs."""
        return (*input_shape[0][:-1], input_shape[1][-1])

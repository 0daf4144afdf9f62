"""Functions with chance in them; the generator comes in as an argument."""

from typing import Any

import numpy as np

from dezero.backend import backend_of, random, to_host, xp
from dezero.backend.layout import in_order, memory_order
from dezero.core import Config, Function, Variable, differentiable, floating
from dezero.core.errors import describe

__all__ = ["Dropout", "dropout", "gaussian_dropout", "gaussian_noise"]


class Dropout(Function, uses_inputs=False):
    """x * mask; the mask holds 0 or 1 / (1 - ratio)."""

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def forward(self, x: Any) -> Any:
        return floating(x) * self.mask

    def backward(self, gy: Variable) -> Variable:
        return gy * Variable.constant(self.mask)

    def fast_backward(self, gy: Any) -> Any:
        return gy * self.mask


@differentiable
def dropout(x: Any, dropout_ratio: float = 0.5, *, rng: Any = None, mask: Any = None) -> Variable:
    """Set elements to 0 with probability `dropout_ratio` in training, divide the rest by 1 - ratio.

    Args:
        x: floating Variable or array, any shape.
        dropout_ratio: probability, 0 to 1.
        rng: numpy.random.Generator to draw from; by default that of `dezero.backend.random`.
        mask: booleans, True where x is kept, of a shape that broadcasts to that of x; drawn if
            None.
    Returns:
        Variable, shape and dtype of x; x itself outside training (`test_mode`) and for ratio 0.
    Raises:
        ValueError: dropout_ratio is outside 0 to 1, or mask does not fit.
    Note: what is drawn is the ratio rounded to 1/65536, and scaled accordingly.
    Reference:
        Srivastava et al. 2014, "Dropout", in the inverted form.
    """
    x = Variable.wrap(x)
    if not 0 <= dropout_ratio <= 1:
        raise ValueError(
            f"dropout: expected dropout_ratio from 0 to 1, got {dropout_ratio}. "
            "It is the part that is dropped: 0.3, not 30."
        )
    if not Config.train:
        return x
    dtype = floating(x.data).dtype
    if mask is None:
        if dropout_ratio == 0:
            return x
        keep = _drawn_mask(x.shape, dropout_ratio, rng or random.default_rng(), dtype)
        order = memory_order(x.data)
        if x.ndim > 2 and order != tuple(range(x.ndim)):  # the same mask, in the memory of x
            keep = in_order(keep.transpose(order).reshape(-1), x.shape, order)
    else:
        keep = _given_mask(x, mask, dropout_ratio, dtype)
    return Dropout(backend_of(x.data).from_host(keep))(x)


def _drawn_mask(shape: tuple[int, ...], ratio: float, rng: Any, dtype: Any) -> Any:
    n = 1
    for size in shape:
        n *= size
    # Four elements to a 64-bit draw: float32 draws would take five times as long.
    bits = rng.bit_generator
    if isinstance(bits, np.random.MT19937):  # its raw draws have 32 bits
        draws = rng.integers(0, 2**64 - 1, -(-n // 4), dtype="u8", endpoint=True)
    else:
        draws = bits.random_raw(-(-n // 4))
    dropped = round(ratio * 65536)
    if dropped == 65536:
        keep, scale = draws.view("u2") < 0, 1.0
    else:
        keep, scale = draws.view("u2") >= dropped, 65536 / (65536 - dropped)
    mask = keep[:n].reshape(shape).astype(dtype)
    mask *= scale
    return mask


def _given_mask(x: Variable, mask: Any, ratio: float, dtype: Any) -> Any:
    mask = to_host(Variable.wrap(mask).data)
    fits = mask.ndim <= x.ndim and all(
        a in (1, b) for a, b in zip(mask.shape[::-1], x.shape[::-1], strict=False)
    )
    if not fits:
        raise ValueError(
            f"dropout: expected a mask that broadcasts to x {describe(x)}, got {describe(mask)}. "
            "Give it the shape of x, or 1 along axes that are dropped together."
        )
    return (mask != 0).astype(dtype) * float(1 / (1 - ratio) if ratio < 1 else 0.0)


@differentiable
def gaussian_noise(x: Any, stddev: float, *, rng: Any = None) -> Variable:
    """Add normal noise of standard deviation `stddev` in training: y = x + noise.

    Args:
        x: floating Variable or array, any shape.
        stddev: at least 0.
        rng: numpy.random.Generator to draw from; by default that of `dezero.backend.random`.
    Returns:
        Variable, shape and dtype of x; x itself outside training.
    Raises:
        ValueError: stddev is negative.
    """
    x = Variable.wrap(x)
    if not stddev >= 0:
        raise ValueError(f"gaussian_noise: expected stddev >= 0, got {stddev}. 0 adds nothing.")
    if not Config.train or stddev == 0:
        return x
    noise = (rng or random.default_rng()).standard_normal(x.shape, dtype="f4") * stddev
    module = xp(x.data)
    noise = module.asarray(backend_of(x.data).from_host(noise), dtype=floating(x.data).dtype)
    return x + Variable.constant(noise)


@differentiable
def gaussian_dropout(x: Any, dropout_ratio: float, *, rng: Any = None) -> Variable:
    """Multiply by normal noise of mean 1 in training, as uncertain as `dropout` of this ratio.

    Args:
        x: floating Variable or array, any shape.
        dropout_ratio: r, from 0 to below 1; the noise has the variance r / (1 - r).
        rng: numpy.random.Generator to draw from; by default that of `dezero.backend.random`.
    Returns:
        Variable, shape and dtype of x; x itself outside training.
    Raises:
        ValueError: dropout_ratio is out of range.
    Reference:
        Srivastava et al. 2014, "Dropout", section 10.
    """
    x = Variable.wrap(x)
    if not 0 <= dropout_ratio < 1:
        raise ValueError(
            f"gaussian_dropout: expected 0 <= dropout_ratio < 1, got {dropout_ratio}. "
            "It is the part that dropout would drop: 0.3, not 30."
        )
    if not Config.train or dropout_ratio == 0:
        return x
    noise = (rng or random.default_rng()).standard_normal(x.shape, dtype="f4")
    noise = 1 + noise * (dropout_ratio / (1 - dropout_ratio)) ** 0.5
    noise = backend_of(x.data).from_host(noise.astype(floating(x.data).dtype))
    return Dropout(noise)(x)

"""Functions with chance in them; the generator comes in as an argument."""

import math
from typing import Any

import numpy as np

from dezero.backend import backend_of, kernels, philox, random, xp
from dezero.backend.layout import in_order, memory_order
from dezero.backend.numpy_noise import dropout_mask, scale_of
from dezero.backend.registry import NUMPY
from dezero.core import Config, Function, Variable, differentiable, floating
from dezero.core.errors import describe
from dezero.functions.placing import placed

__all__ = ["Dropout", "Redrawn", "dropout", "gaussian_dropout", "gaussian_noise"]


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


class Redrawn(Function, uses_inputs=False):
    """x * mask, where the mask is drawn again from its place whenever it is needed.

    Args:
        kernel: "dropout" or "gaussian_dropout".
        place: of the mask in a stream.
        amount: what the kernel is told besides.
    """

    def __init__(self, kernel: str, place: philox.Place, amount: float) -> None:
        self.kernel, self.place, self.amount = kernel, place, amount

    def forward(self, x: Any) -> Any:
        return getattr(kernels(x), self.kernel)(floating(x), self.place, self.amount)

    def backward(self, gy: Variable) -> Variable:
        return Redrawn(self.kernel, self.place, self.amount)(gy)

    def fast_backward(self, gy: Any) -> Any:
        return self.forward(gy)


@differentiable
def dropout(x: Any, dropout_ratio: float = 0.5, *, rng: Any = None, mask: Any = None) -> Variable:
    """Set elements to 0 with probability `dropout_ratio` in training, divide the rest by 1 - ratio.

    Args:
        x: floating Variable or array, any shape.
        dropout_ratio: probability, 0 to 1.
        rng: where to draw from: a Stream of `dezero.backend.philox`, by default the library's, or a
            numpy.random.Generator, which draws on the host.
        mask: booleans, True where x is kept, of a shape that broadcasts to that of x; drawn if
            None.
    Returns:
        Variable, shape and dtype of x; x itself outside training (`test_mode`) and for ratio 0.
    Raises:
        ValueError: dropout_ratio is outside 0 to 1, or mask does not fit.
    Note: what is drawn is the ratio rounded to 1/65536, and scaled accordingly. One seed drops the
        same elements on every device; a device keeps no mask, but draws it again.
    Reference:
        Srivastava et al. 2014, "Dropout", in the inverted form.
    """
    x = Variable.wrap(x)
    if not 0 <= dropout_ratio <= 1:
        raise ValueError(
            f"dropout: expected dropout_ratio from 0 to 1, got {dropout_ratio}. "
            "It is the part that is dropped: 0.3, not 30."
        )
    if not Config.train or (dropout_ratio == 0 and mask is None):
        return x
    if mask is not None:
        return Dropout(_given_mask(x, mask, dropout_ratio, floating(x.data).dtype))(x)
    rng, dropped = rng or random.masks(), round(dropout_ratio * 65536)
    if isinstance(rng, philox.Stream) and not _on_host(x.data):
        blocks = philox.mask_blocks(x.size, dropped)
        return Redrawn("dropout", random.place_of(rng, blocks), dropped)(x)
    keep = _drawn_mask(x.shape, dropped, rng, floating(x.data).dtype)
    order = memory_order(x.data)
    if x.ndim > 2 and order != tuple(range(x.ndim)):  # the same mask, in the memory of x
        keep = in_order(keep.transpose(order).reshape(-1), x.shape, order)
    return Dropout(backend_of(x.data).from_host(keep))(x)


def _on_host(x: Any) -> bool:
    return type(x) is np.ndarray or backend_of(x) is NUMPY


def _drawn_mask(shape: tuple[int, ...], dropped: int, rng: Any, dtype: Any) -> Any:
    """Return what to multiply by, drawn on the host."""
    n = math.prod(shape)
    if isinstance(rng, philox.Stream):
        words = rng.words(philox.mask_blocks(n, dropped))
        return dropout_mask(words, shape, dropped, dtype)
    # Four elements to a 64-bit draw: float32 draws would take five times as long.
    bits = rng.bit_generator
    if isinstance(bits, np.random.MT19937):  # its raw draws have 32 bits
        draws = rng.integers(0, 2**64 - 1, -(-n // 4), dtype="u8", endpoint=True)
    else:
        draws = bits.random_raw(-(-n // 4))
    keep = draws.view("u2") >= dropped if dropped < 65536 else np.zeros(draws.size * 4, bool)
    mask = keep[:n].reshape(shape).astype(dtype)
    mask *= scale_of(dropped)
    return mask


def drawn_keep(like: Any, shape: Any, ratio: float, rng: Any = None) -> Any:
    """Return booleans on the device of array `like`: False with probability `ratio`, True else.

    It is the `mask` of `dropout` for layers that drop several elements together.
    """
    rng, dropped, shape = rng or random.masks(), round(ratio * 65536), tuple(shape)
    if isinstance(rng, philox.Stream) and not _on_host(like):
        place = random.place_of(rng, philox.mask_blocks(math.prod(shape), dropped))
        return kernels(like).dropout(xp(like).ones(shape, dtype="f4"), place, dropped) != 0
    keep = _drawn_mask(shape, dropped, rng, np.float32) != 0
    return keep if _on_host(like) else backend_of(like).from_host(keep)


def _drawn_normal(x: Any, rng: Any) -> Any:
    """Return float32 standard normal noise of the shape and on the device of array x."""
    if isinstance(rng, np.random.Generator):
        noise = rng.standard_normal(x.shape, dtype="f4")
        return noise if _on_host(x) else backend_of(x).from_host(noise)
    blocks = philox.normal_blocks(x.size)
    if _on_host(x):
        return philox.normals(rng.words(blocks), x.shape)
    return kernels(x).standard_normal(x, random.place_of(rng, blocks))


def _given_mask(x: Variable, mask: Any, ratio: float, dtype: Any) -> Any:
    mask = placed("dropout", mask, x.data)
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
        rng: where to draw from, as in `dropout`.
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
    data = floating(x.data)
    noise = _drawn_normal(data, rng or random.masks()) * stddev
    return x + Variable.constant(noise.astype(data.dtype, copy=False))


@differentiable
def gaussian_dropout(x: Any, dropout_ratio: float, *, rng: Any = None) -> Variable:
    """Multiply by normal noise of mean 1 in training, as uncertain as `dropout` of this ratio.

    Args:
        x: floating Variable or array, any shape.
        dropout_ratio: r, from 0 to below 1; the noise has the variance r / (1 - r).
        rng: where to draw from, as in `dropout`.
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
    rng, data = rng or random.masks(), floating(x.data)
    stddev = float(dropout_ratio / (1 - dropout_ratio)) ** 0.5
    if isinstance(rng, philox.Stream) and not _on_host(data):
        place = random.place_of(rng, philox.normal_blocks(x.size))
        return Redrawn("gaussian_dropout", place, stddev)(x)
    return Dropout((1 + _drawn_normal(data, rng) * stddev).astype(data.dtype, copy=False))(x)

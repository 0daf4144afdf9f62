"""Statistics of channels or rows and what is done with them, on the GPU.

Arrays of channels have four axes (S, A, C, B), numbers that belong to a channel are float64 (S, C),
as in `numpy_norm`. Sums are added up in float64.
"""

from typing import Any

import numpy as np

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.norms import SPECS
from dezero.backend.registry import xp

__all__ = [
    "channel_affine",
    "channel_back",
    "channel_frozen",
    "channel_gradient",
    "channel_moments",
    "channel_products",
    "channel_scale",
    "group_back",
    "group_scale",
    "group_sums",
    "moving_moments",
    "row_norm",
    "row_norm_gradient",
    "row_softmax",
    "row_softmax_among",
    "row_softmax_gradient",
]

_SPECS = {spec.name: spec for spec in SPECS}
# Blocks that keep a GPU busy, elements that keep a block busy, channels that share a block.
BLOCKS, ELEMENTS, TOGETHER = 256, 16_384, 32
# Threads of a block that has one row, at most.
_THREADS = 256


def _wide(numbers: Any) -> Any:
    """Return numbers of channels (S, C) as they broadcast to (S, A, C, B)."""
    return numbers.astype(np.float64, copy=False)[:, None, :, None]


def parts_of(shape: tuple[int, ...]) -> int:
    """Return into how many equal parts A is cut, for blocks enough to read it quickly."""
    s, a, c, b = shape
    together = 1 if b > 1 else min(c, TOGETHER)
    wanted = min(BLOCKS * together // (s * c), a * b * together // ELEMENTS, a)
    return next((n for n in range(wanted, 1, -1) if a % n == 0), 1)


def _reduced(name: str, then: str, shape: tuple, arrays: tuple, dtype: Any) -> list[Any]:
    """Return the two results of a reduction over A and B: (S * C,).

    Args:
        name, then: kernels of a part, and of what those of the parts become.
        shape: (S, A, C, B).
        arrays: of that shape, or (S, 1, C, 1).
        dtype: of the results.
    """
    (s, a, c, _), count = shape, parts_of(shape)
    made = [xp(arrays[0]).empty(s * c, dtype) for _ in range(2)]
    outs = [x.reshape(s, c) for x in made]
    if count == 1:
        kernel(_SPECS[name])(*arrays, *outs, axis=(1, 3))
        return made
    cut = [
        x.reshape(s, count, a // count, *x.shape[2:]) if x.shape[1] == a else x[:, :, None]
        for x in arrays
    ]
    parts = [xp(arrays[0]).empty((s, count, c), np.float64) for _ in range(2)]
    kernel(_SPECS[name])(*cut, *parts, axis=(2, 4))
    kernel(_SPECS[then])(*parts, *outs, axis=1)
    return made


def channel_moments(x: Any) -> tuple[Any, Any]:
    """Return mean and variance of every channel, the latter divided by A * B; 0 if that is 0."""
    if not x.size:
        return tuple(xp(x).zeros(x.shape[::2], dtype=np.float64) for _ in range(2))
    made = _reduced("moments", "joined_moments", x.shape, (x,), np.float64)
    mean, variance = (numbers.reshape(x.shape[::2]) for numbers in made)
    return mean, variance


def channel_scale(variance: Any, gamma: Any, beta: Any, eps: float) -> tuple[Any, Any, Any]:
    """Return 1 / sqrt(variance + eps), that times gamma, and beta: float64 (S, C)."""
    gamma, beta = _alike(gamma, beta)
    return kernel(_SPECS["channel_scale"])(variance, gamma, beta, eps)


def channel_frozen(
    mean: Any, variance: Any, gamma: Any, beta: Any, eps: float
) -> tuple[Any, Any, Any, Any]:
    """Return a copy of the mean (C,), and what `channel_scale` returns: float64 (1, C)."""
    (mean, variance), (gamma, beta) = _alike(mean, variance), _alike(gamma, beta)
    given = (v[None] for v in (mean, variance, gamma, beta))
    return kernel(_SPECS["channel_frozen"])(*given, eps)


def group_scale(
    mean: Any, variance: Any, gamma: Any, beta: Any, eps: float
) -> tuple[Any, Any, Any, Any]:
    """Return for each channel what belongs to its group, float64 (N, C)."""
    gamma, beta = (v.reshape(mean.shape[1], -1) for v in _alike(gamma, beta))
    given = mean[..., None], variance[..., None], gamma, beta, eps
    center, *rest = kernel(_SPECS["channel_frozen"])(*given)
    shape = len(mean), gamma.size
    inverse, scale, shift = (v.reshape(shape) for v in rest)
    return center.reshape(shape), inverse, scale, shift


def group_sums(total: Any, product: Any, inverse: Any, gamma: Any) -> tuple[Any, Any]:
    """Return the gradients of gamma and beta (C,) from the sums of `channel_products` (N, C)."""
    kind = gamma.dtype if gamma.dtype.char in "fd" else np.dtype("f8")
    gbeta, ggamma = (xp(total).empty(gamma.shape, kind) for _ in range(2))
    kernel(_SPECS["group_sums"])(total, product, inverse, gbeta, ggamma, axis=0)
    return ggamma, gbeta


def group_back(  # noqa: PLR0917
    total: Any, product: Any, mean: Any, inverse: Any, gamma: Any, groups: int, count: int
) -> tuple[Any, Any, Any]:
    """Return the numbers of `channel_gradient`, (N, C), for channels normalised in groups."""
    gamma, ascontiguous = _alike(gamma, gamma)[0], xp(total).ascontiguousarray
    sums, gamma = [ascontiguous(v) for v in (total, product)], ascontiguous(gamma)
    given = mean, inverse, *sums, gamma, gamma.size // groups, gamma.size, float(count)
    return kernel(_SPECS["group_back"])(*given)


def moving_moments(  # noqa: PLR0917
    mean: Any, variance: Any, batch_mean: Any, batch_variance: Any, factor: float, decay: float
) -> None:
    """Move running statistics (C,) in place towards those of a batch, where these are finite."""
    if mean.dtype == variance.dtype:
        spec = _SPECS["moving_moments"]
        kernel(spec)(batch_mean, batch_variance, factor, decay, mean, variance)
        return
    wide = mean.astype(np.float64), variance.astype(np.float64)
    moving_moments(*wide, batch_mean, batch_variance, factor, decay)
    mean[...], variance[...] = wide


def channel_affine(
    x: Any,
    scale: Any,
    shift: Any = None,
    center: Any = None,
) -> Any:
    """Return (x - center) * scale + shift; what is None costs nothing."""
    terms = [0.0 if numbers is None else _wide(numbers) for numbers in (scale, shift, center)]
    return kernel(_SPECS["channel_affine"])(x, *terms)


def channel_products(gy: Any, x: Any, center: Any) -> tuple[Any, Any]:
    """Return the sums of gy and of gy * (x - center) over every channel."""
    if not x.size:
        return tuple(xp(x).zeros(x.shape[::2], dtype=np.float64) for _ in range(2))
    x = x.astype(gy.dtype, copy=False)
    given = gy, x, _wide(center)
    made = _reduced("sums_around", "pair_sums", x.shape, given, np.float64)
    total, product = (numbers.reshape(x.shape[::2]) for numbers in made)
    return total, product


def channel_back(  # noqa: PLR0917
    total: Any, product: Any, mean: Any, inverse: Any, gamma: Any, count: int
) -> tuple[Any, ...]:
    """Return the numbers of `channel_gradient` and the gradients of gamma and beta.

    Args:
        total, product: as from `channel_products`.
        mean, inverse: of the batch, (1, C).
        gamma: (C,).
        count: of what is behind each number.
    """
    empty, gamma = xp(total).empty, _alike(gamma, gamma)[0]
    numbers = [empty(total.shape, np.float64) for _ in range(3)]
    ggamma, gbeta = (empty(gamma.shape, gamma.dtype) for _ in range(2))
    given = total, product, mean, inverse, gamma, float(count), *numbers
    kernel(_SPECS["channel_back"])(*given, *(x.reshape(total.shape) for x in (ggamma, gbeta)))
    return *numbers, ggamma, gbeta


def channel_gradient(gy: Any, x: Any, by_gy: Any, by_x: Any, shift: Any) -> Any:
    """Return gy * by_gy + x * by_x + shift."""
    return kernel(_SPECS["channel_gradient"])(gy, x, _wide(by_gy), _wide(by_x), _wide(shift))


def _by_row(name: str, like: Any, rows: int, width: int, *arguments: Any) -> None:
    """Run a kernel whose blocks have a row each."""
    threads = 32
    while threads < min(width, _THREADS):
        threads *= 2
    blocks = min(rows, 1 << 20)
    kernel(_SPECS[name], like.dtype.char)((blocks,), (threads,), arguments)


def row_norm(x: Any, gamma: Any, beta: Any, eps: float) -> tuple[Any, Any, Any]:
    """Return the rows of x (M, D), normalised, times gamma (D,) plus beta (D,).

    Returns:
        y (M, D), and for the gradient mean and 1 / sqrt(variance + eps) of the rows, (M,). Without
        beta the mean counts as 0: y is x over its root mean square, and the second result None.
    """
    module, (m, d) = xp(x), x.shape
    y, inverse = module.empty(x.shape, x.dtype), module.empty(m, x.dtype)
    mean = None if beta is None else module.empty(m, x.dtype)
    if x.size:
        gamma = _flat(gamma, x)
        shift = gamma if beta is None else _flat(beta, x)
        given = x, gamma, shift, y, inverse if mean is None else mean, inverse
        _by_row("row_norm", x, m, d, *given, m, d, float(eps), beta is not None)
    return y, mean, inverse


def row_norm_gradient(gy: Any, x: Any, gamma: Any, mean: Any, inverse: Any) -> tuple[Any, Any, Any]:
    """Return the gradients of `row_norm` by x, gamma and beta from what it returned.

    Where there was no beta, the last is of no meaning.
    """
    module, (m, d) = xp(x), x.shape
    gx, near = module.empty(x.shape, x.dtype), inverse if mean is None else mean
    if not x.size:
        return gx, module.zeros(d, gamma.dtype), module.zeros(d, gamma.dtype)
    given = gy, x, _flat(gamma, x), near, inverse, gx, m, d, mean is not None
    _by_row("row_norm_gradient", x, m, d, *given)
    near = module.zeros((1, 1, 1, 1), dtype=x.dtype) if mean is None else mean.reshape(1, m, 1, 1)
    rows = [v.reshape(1, m, d, 1) for v in (gy, x)]
    kind = gamma.dtype if gamma.dtype.char in "fd" else x.dtype
    scale = inverse.reshape(1, m, 1, 1)
    gbeta, ggamma = _reduced("row_sums", "pair_sums", rows[0].shape, (*rows, near, scale), kind)
    return gx, ggamma, gbeta


def row_softmax(x: Any, is_log: bool) -> Any:
    """Return softmax of the rows of floating x (M, D), or its logarithm."""
    y = xp(x).empty(x.shape, x.dtype)
    _by_row("softmax_rows", x, *x.shape, xp(x).ascontiguousarray(x), y, *x.shape, int(is_log))
    return y


def row_softmax_among(x: Any) -> None:
    """Replace the rows of x (M, D), float32 or float64, by their softmax; -inf alone by 0."""
    _by_row("softmax_rows", x, *x.shape, x, x, *x.shape, 2)


def row_softmax_gradient(gy: Any, y: Any, is_log: bool) -> Any:
    """Return the gradient of `row_softmax` by x from its result y."""
    gx = xp(y).empty(y.shape, y.dtype)
    given = [xp(y).ascontiguousarray(v, dtype=y.dtype) for v in (gy, y)]
    _by_row("softmax_rows_gradient", y, *y.shape, *given, gx, *y.shape, is_log)
    return gx


def _flat(numbers: Any, like: Any) -> Any:
    return xp(like).ascontiguousarray(numbers, dtype=like.dtype)


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Return both in one floating dtype."""
    common = np.promote_types(a.dtype, b.dtype)
    common = common if common.char in "efd" else np.dtype("f8")
    return a.astype(common, copy=False), b.astype(common, copy=False)

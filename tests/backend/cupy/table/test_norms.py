"""The text of normalisation against NumPy in float64, kernel by kernel in every type."""

import numpy as np
import pytest

from dezero.backend import numpy_norm
from dezero.backend.cupy.table import norms
from tests.backend.cupy.host_kernels import HostKernel, needs_compiler, pairs, params_of

pytestmark = needs_compiler

ROWS, WIDTH = 6, 9
SHAPES = {"mean": (ROWS, 1), "inverse": (ROWS, 1), "gamma": (WIDTH,), "beta": (WIDTH,)}


def _softmax(x, is_log):
    z = np.exp(x - x.max(1, keepdims=True))
    y = z / z.sum(1, keepdims=True)
    return np.log(y) if is_log else y


TWINS = {
    "moments": lambda x: (x.mean(1), x.var(1)),
    "joined_moments": lambda means, variances: (
        means.mean(1), variances.mean(1) + means.var(1)
    ),
    "sums_around": lambda g, x, center: (g.sum(1), (g * (x - center)).sum(1)),
    "row_sums": lambda gy, x, mean, inverse: (gy.sum(1), (gy * (x - mean) * inverse).sum(1)),
    "group_sums": lambda p, q, w: (p.sum(1), (q * w).sum(1)),
    "pair_sums": lambda p, q: (p.sum(1), q.sum(1)),
    "channel_scale": lambda variance, gamma, beta, eps: (
        (variance + eps) ** -0.5, gamma * (variance + eps) ** -0.5, beta + 0 * variance
    ),
    "channel_frozen": lambda mean, variance, gamma, beta, eps: (
        mean, (variance + eps) ** -0.5, gamma * (variance + eps) ** -0.5, beta
    ),
    "channel_back": lambda total, product, mean, inverse, gamma, count: (
        gamma * inverse, -gamma * inverse**3 * product / count,
        (gamma * inverse**3 * product * mean - gamma * inverse * total) / count,
        product * inverse, total,
    ),
    "channel_affine": lambda x, scale, shift, center: (x - center) * scale + shift,
    "channel_gradient": lambda gy, x, by_gy, by_x, shift: gy * by_gy + x * by_x + shift,
}  # fmt: skip


def drawn(spec, letters, rng):
    """Draw the arrays and numbers that a kernel reads."""
    known = dict(zip(["T", *(name for name, _ in spec.others)], letters, strict=True))
    for p in params_of(spec):
        if not p.is_out and p.name in ("eps", "count"):
            yield 9.0
        elif not p.is_out:
            shape = SHAPES.get(p.name, (ROWS, WIDTH)) if spec.name == "row_sums" else (ROWS, WIDTH)
            yield np.abs(rng.standard_normal(shape)).astype(known.get(p.ctype, "f8"))


@pytest.mark.parametrize(("spec", "letters"), pairs(norms.SPECS))
def test_text_gives_what_numpy_gives(spec, letters, rng):
    if spec.name not in TWINS:
        return RAW[spec.name](spec, letters, rng)
    given = list(drawn(spec, letters, rng))
    options, results = {}, ()
    if spec.kind == "reduction":
        options = {"axis": 1}
        results = [
            np.empty(ROWS, {"Y": letters[-1]}.get(p.ctype, "f8"))
            for p in params_of(spec) if p.is_out
        ]  # fmt: skip
    found = HostKernel(spec)(*given, *results, **options)
    found = found if isinstance(found, tuple) else (found,)
    expected = TWINS[spec.name](
        *(v.astype("f8") if isinstance(v, np.ndarray) else v for v in given)
    )
    expected = expected if isinstance(expected, tuple) else (expected,)
    for ours, twin in zip(found, expected, strict=True):
        kind = min((ours.dtype, np.dtype(letters[0])), key=lambda d: d.itemsize)
        eps = 40 * np.finfo(kind if spec.name == "row_sums" else ours.dtype).eps
        np.testing.assert_allclose(ours, twin, eps, eps)


def moving_moments(spec, letters, rng):
    means, variances = rng.standard_normal((2, 5))
    means[1], variances[2] = np.nan, np.inf
    old = [np.ones(5, letters), np.full(5, 2, letters)]
    HostKernel(spec)(means, variances, 1.5, 0.75, *old)
    sound = np.isfinite(means) & np.isfinite(variances)
    eps = 2 * np.finfo(letters).eps
    np.testing.assert_allclose(old[0], np.where(sound, 0.75 + 0.25 * means, 1), eps, eps)
    np.testing.assert_allclose(old[1], np.where(sound, 1.5 + 0.375 * variances, 2), eps, eps)


def group_back(spec, letters, rng):
    mean, inverse, total, product = np.abs(rng.standard_normal((4, 3, 6)))
    gamma = rng.standard_normal(6).astype(letters)
    inverse = np.repeat(inverse[:, ::2], 2, axis=1)
    found = HostKernel(spec)(mean, inverse, total, product, gamma, 2, 6, 9.0)
    given = total, product, mean, inverse, gamma.astype("f8"), 3, 9
    for ours, twin in zip(found, numpy_norm.group_back(*given), strict=True):
        np.testing.assert_allclose(ours, twin, 1e-12, 1e-12)


def rows(letters, rng, count):
    shape = 5, int(rng.integers(1, 90))
    arrays = [rng.standard_normal(shape).astype(letters) for _ in range(count)]
    wide = [v.astype("f8") for v in arrays]
    eps = 60 * np.finfo(letters).eps
    return arrays, wide, (*shape,), ((3,), (32,)), eps


def row_norm(spec, letters, rng):
    (x, _), (wide, _), shape, launch, eps = rows(letters, rng, 2)
    gamma, beta = rng.standard_normal((2, shape[1])).astype(letters)
    y, mean, inverse = np.zeros_like(x), np.zeros(5, letters), np.zeros(5, letters)
    run = HostKernel(spec, letters)
    run(*launch, (x, gamma, beta, y, mean, inverse, *shape, 0.1, True))
    scale = 1 / np.sqrt(wide.var(1) + 0.1)
    np.testing.assert_allclose(mean, wide.mean(1), eps, eps)
    np.testing.assert_allclose(inverse, scale, eps)
    expected = (wide - wide.mean(1)[:, None]) * scale[:, None] * gamma + beta
    np.testing.assert_allclose(y, expected, eps, eps)
    run(*launch, (x, gamma, gamma, y, inverse, inverse, *shape, 0.1, False))
    scale = 1 / np.sqrt((wide**2).mean(1) + 0.1)
    np.testing.assert_allclose(y, wide * scale[:, None] * gamma, eps, eps)


def row_norm_gradient(spec, letters, rng):
    (x, gy), (wide, g), shape, launch, eps = rows(letters, rng, 2)
    gamma = rng.standard_normal(shape[1]).astype(letters)
    mean, inverse = (np.abs(rng.standard_normal((2, 5))) + 0.1).astype(letters)
    for centred in (True, False):
        gx = np.zeros_like(x)
        given = gy, x, gamma, mean, inverse, gx, *shape, centred
        HostKernel(spec, letters)(*launch, given)
        normed = (wide - mean[:, None] * centred) * inverse[:, None]
        share = (g * gamma).mean(1)[:, None] * centred
        product = (g * gamma * normed).mean(1)[:, None]
        expected = (g * gamma - share - normed * product) * inverse[:, None]
        np.testing.assert_allclose(gx, expected, 4 * eps, 4 * eps)


def softmax_rows(spec, letters, rng):
    (x,), (wide,), shape, launch, eps = rows(letters, rng, 1)
    for is_log in (False, True):
        y = np.zeros_like(x)
        HostKernel(spec, letters)(*launch, (x, y, *shape, int(is_log)))
        np.testing.assert_allclose(y, _softmax(wide, is_log), eps, eps)
    x[0] = -np.inf
    HostKernel(spec, letters)(*launch, (x, y, *shape, 2))
    np.testing.assert_allclose(y[1:], _softmax(wide, False)[1:], eps, eps)
    assert not y[0].any()
    x[0], x[1, 0] = 1, np.nan
    HostKernel(spec, letters)(*launch, (x, y, *shape, 0))
    assert np.isnan(y).any(1).tolist() == [False, True, False, False, False]


def softmax_rows_gradient(spec, letters, rng):
    (x, gy), (wide, g), shape, launch, eps = rows(letters, rng, 2)
    for is_log in (False, True):
        y = _softmax(wide, is_log)
        gx = np.zeros_like(x)
        HostKernel(spec, letters)(*launch, (gy, y.astype(letters), gx, *shape, is_log))
        weights = np.exp(y) if is_log else y
        given = g if is_log else g * y
        expected = given - weights * given.sum(1, keepdims=True)
        np.testing.assert_allclose(gx, expected, eps, 4 * eps)


RAW = {
    "group_back": group_back,
    "moving_moments": moving_moments,
    "row_norm": row_norm,
    "row_norm_gradient": row_norm_gradient,
    "softmax_rows": softmax_rows,
    "softmax_rows_gradient": softmax_rows_gradient,
}

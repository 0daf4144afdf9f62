"""The text of losses and of sums over gradients against NumPy."""

import numpy as np
import pytest

from dezero.backend import numpy_kernels
from dezero.backend.cupy.table import losses
from tests.backend.cupy.host_kernels import check, drawn, dtype_of, needs_compiler, pairs

pytestmark = needs_compiler
N, C = 7, 5


def softmax_cross_entropy(spec, letters, rng):
    x = (3 * rng.standard_normal((N, C))).astype(letters[0])
    t = rng.integers(0, C, N).astype(letters[1] if len(letters) > 1 else "l")
    values, gx = numpy_kernels.softmax_cross_entropy(x, t)
    return x, t, {"values": values, "gx": np.ascontiguousarray(gx)}


def rows(spec, letters, rng):
    x, t, expected = softmax_cross_entropy(spec, letters, rng)
    given = {"x": x, "t": t, "values": np.zeros(N, x.dtype), "gx": np.zeros_like(x)}
    return {**given, "rows": N, "classes": C, "grid": (2,), "block": (2,)}, expected


def wide(spec, letters, rng):
    given, expected = rows(spec, letters, rng)
    return {**given, "width": given.pop("classes"), "block": (4,)}, expected


def mean(spec, letters, rng):
    given, expected = rows(spec, letters, rng)
    zero, kept = np.zeros((), letters[0]), ("x", "t", "gx", "rows", "classes")
    given = {**{name: given[name] for name in kept}, "mean": zero, "grid": (1,), "block": (4,)}
    return given, {"mean": np.array(expected["values"].mean()), "gx": expected["gx"] / N}


def norm_squared(spec, letters, rng):
    x = rng.standard_normal((N, C)).astype(letters)
    return {"x": x, "y": np.zeros(N)}, {"y": (x.astype("f8") ** 2).sum(axis=1)}


def flush_subnormals(spec, letters, rng):
    state = np.array([1, -1e-20, 1e-20, 0, -3, np.nan], letters)
    expected = np.array([1, 0, 0, 0, -3, np.nan], letters)
    return {"limit": 1e-10, "state": state}, {"state": expected}


CASES = {
    "softmax_cross_entropy_rows": rows,
    "softmax_cross_entropy_wide": wide,
    "softmax_cross_entropy_mean": mean,
    "norm_squared": norm_squared,
    "flush_subnormals": flush_subnormals,
}


@pytest.mark.parametrize(("spec", "letters"), pairs(losses.SPECS))
def test_text_gives_what_numpy_gives(spec, letters, rng):
    if spec.name in CASES:
        check(spec, letters, *CASES[spec.name](spec, letters, rng), ulps=32)
    else:
        assert dtype_of(spec, letters, "T").kind == "f"
        check(spec, letters, drawn(spec, letters, rng), ulps=16)

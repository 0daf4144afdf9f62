"""Vectors inside compiled loops: each operation on every lane. Skipped without numba."""

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from dezero.backend import numba_vectors as vectors  # noqa: E402
from dezero.backend.numba_vectors import fill, fma, load, repeat, store  # noqa: E402


@numba.njit
def operate(x, y):
    a, b, c = load(x, 1), repeat(x, 2), fill(x[0])
    step = vectors.BYTES // x.itemsize
    store(y, 0, a + b)
    store(y, step, a - b)
    store(y, 2 * step, a * b)
    store(y, 3 * step, fma(a, b, c))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_operations(rng, dtype):
    lanes = vectors.BYTES // np.dtype(dtype).itemsize
    x = rng.standard_normal(lanes + 2).astype(dtype)
    y = np.full(4 * lanes + 1, 7, dtype)
    operate(x, y)
    a = x[1 : lanes + 1]
    wanted = [a + x[2], a - x[2], a * x[2], a * x[2] + x[0]]
    np.testing.assert_allclose(y[:-1].reshape(4, -1), wanted, rtol=1e-6)
    assert y[-1] == 7  # a vector is no longer than that


@pytest.mark.parametrize("features", [None, "+avx2,+avx512f", "+avx2"])
def test_registers_are_those_of_the_processor_compiled_for(monkeypatch, features):
    monkeypatch.setattr(numba.config, "CPU_FEATURES", features)
    wanted = {None: (32, 64), "+avx2": (32,)}.get(features, (64,))
    assert vectors._register_bytes() in wanted

"""CuPy's products with NumPy in its place, and a cuBLAS of NumPy's."""

from types import SimpleNamespace

import numpy as np
import pytest

from dezero.backend import numpy_products
from dezero.backend.cupy import blaslt, kernels_products
from dezero.backend.cupy.blas import Blas
from dezero.backend.cupy.blaslt import BlasLt
from dezero.backend.precision import autocast
from tests.backend.cupy.host_blas import HostCublas, HostCublasLt, HostPlace
from tests.backend.cupy.host_kernels import hosted, needs_compiler

pytestmark = needs_compiler


@pytest.fixture
def host(monkeypatch):
    made = BlasLt(HostCublasLt(wide=12), Blas(HostCublas(), HostPlace()))
    monkeypatch.setattr(kernels_products, "blas", lambda: made.blas)
    monkeypatch.setattr(kernels_products, "fused", lambda: made)
    monkeypatch.setattr(kernels_products, "module", lambda: np)

    with hosted():
        yield made


@pytest.mark.parametrize("dtypes", ["ff", "ee", "dd", "fd", "ef", "if", "ii", "?f"])
def test_matmul(host, rng, dtypes):
    a, b = (
        (4 * rng.standard_normal(s)).astype(d)
        for s, d in zip(((2, 3), (3, 4)), dtypes, strict=True)
    )
    found, expected = kernels_products.matmul(a, b), a @ b
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-2 if "e" in dtypes else 1e-5, atol=2e-2)
    assert ("gemm" in host.blas.library.calls) == (expected.dtype.kind == "f")


@pytest.mark.parametrize("half", ["float16", "bfloat16", None])
@pytest.mark.parametrize("width", [8, 16])  # without and with an epilogue
@pytest.mark.parametrize("dtype", ["f4", "f8", "f2"])
def test_all_agree_with_the_host(host, rng, half, width, dtype):
    x, W, b, gy = (
        rng.standard_normal(s).astype(dtype) for s in ((5, 3), (3, width), (width,), (5, width))
    )
    tolerance = {"rtol": 2e-2, "atol": 2e-2} if dtype == "f2" else {"rtol": 1e-5, "atol": 1e-5}
    with autocast(half):
        for relu in (False, True):
            for bias in (b, None):
                found = kernels_products.linear(x, W, bias, relu)
                expected = numpy_products.linear(x, W, bias, relu)
                assert found.dtype == dtype
                np.testing.assert_allclose(found, expected, **tolerance)
        pairs = (room.linear_gradient_w(x, gy) for room in (kernels_products, numpy_products))
        for found, expected in zip(*pairs, strict=True):
            assert found.dtype == dtype
            np.testing.assert_allclose(found, expected, **tolerance)
    assert (host.library.ran > 0) == (width == 16 and dtype != "f8")


def test_a_host_array_beside_one_of_the_device(host):
    class Other(np.ndarray):
        pass

    with pytest.raises(TypeError, match="matmul: expected arrays on one device, got numpy.ndarray"):
        kernels_products.matmul(np.ones((2, 2)), np.ones((2, 2)).view(Other))


def test_handles_belong_to_a_thread_and_device(monkeypatch):
    one, two = (SimpleNamespace(place=None, library=None) for _ in range(2))
    current = [one]
    monkeypatch.setattr(kernels_products, "blas", lambda: current[0])
    monkeypatch.setattr(kernels_products, "_fused", kernels_products._Fused())
    monkeypatch.setattr(blaslt, "library", HostCublasLt)
    first = kernels_products.fused()
    assert kernels_products.fused() is first
    current[0] = two
    assert kernels_products.fused() is not first

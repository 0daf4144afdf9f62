"""Products with epilogues, on a library of NumPy's; descriptors also in the real one."""

import ctypes

import numpy as np
import pytest

from dezero.backend.capture import Recording, while_recording
from dezero.backend.cupy import blaslt as room
from dezero.backend.cupy.blas import Blas
from dezero.backend.cupy.blaslt import BlasLt
from dezero.backend.precision import matmul_precision
from tests.backend.cupy.host_blas import HostCublas, HostCublasLt, HostPlace


def made(wide=1):
    return BlasLt(HostCublasLt(wide), Blas(HostCublas(), HostPlace()))


@pytest.mark.parametrize("dtype", ["f2", "f4"])
@pytest.mark.parametrize("lead", [(5,), (2, 3)])
def test_bias_and_relu(rng, dtype, lead):
    lt = made()
    x, W, b = (rng.standard_normal(s).astype(dtype) for s in ((*lead, 4), (4, 12), (12,)))
    tolerance = {"atol": 3e-2 if dtype == "f2" else 1e-6}
    y = lt.matmul(x, W, room.BIAS, b)
    np.testing.assert_allclose(y, x.astype("f8") @ W + b, **tolerance)
    y = lt.matmul(x, W.T.copy().T, room.RELU_BIAS, b)
    np.testing.assert_allclose(y, np.maximum(x.astype("f8") @ W + b, 0), **tolerance)
    assert y.dtype == dtype


def test_gradient_of_the_bias(rng):
    lt, gb = made(), np.empty(12, "f4")
    x, gy = rng.standard_normal((5, 4)).astype("f4"), rng.standard_normal((5, 12)).astype("f4")
    gW = lt.matmul(x.T, gy, room.BIAS_GRADIENT, gb)
    np.testing.assert_allclose(gW, x.T @ gy, atol=1e-5)
    np.testing.assert_allclose(gb, gy.sum(0), atol=1e-5)


def test_the_heuristic_is_asked_once_for_each_kind(rng):
    lt = made()
    x, W, b = (rng.standard_normal(s).astype("f4") for s in ((5, 4), (4, 12), (12,)))
    for _ in range(3):
        lt.matmul(x, W, room.BIAS, b)
    assert (lt.library.asked, lt.library.ran) == (1, 3)
    lt.matmul(x, W, room.RELU_BIAS, b)
    odd = np.empty(21, "f4")[1:].reshape(5, 4)  # 4 bytes past a boundary
    odd[...] = x
    np.testing.assert_allclose(lt.matmul(odd, W, room.BIAS, b), x @ W + b, atol=1e-6)
    assert lt.library.asked == 3
    x[...], W[...], b[...] = 1 + 2.0**-12, 1, 0  # which TF32 does not tell from 1
    for precision, is_exact in (("tf32", False), ("highest", True)):
        with matmul_precision(precision):
            assert ((lt.matmul(x, W, room.BIAS, b) > 4) == is_exact).all()
    assert lt.library.asked == 4


@pytest.mark.parametrize("epilogue", [room.BIAS, room.BIAS_GRADIENT, room.RELU_BIAS])
def test_a_bias_may_be_anywhere(rng, epilogue):
    lt, memory = made(), np.zeros(64, "f4")
    x, W = (rng.standard_normal(s).astype("f4") for s in ((5, 4), (4, 12)))
    first = -(memory.ctypes.data // 4) % 16  # of 64 bytes
    for i in (first, first + 1, first + 2, first + 1):
        y = lt.matmul(x, W, epilogue, memory[i : i + 12])
        assert y is not None
    assert lt.library.asked == 3


def test_none_where_there_is_no_algorithm(rng):
    lt = made(wide=16)
    x, W, b = rng.standard_normal((5, 4)), rng.standard_normal((4, 10)), np.zeros(10)
    arrays = [a.astype("f4") for a in (x, W, b)]
    for _ in range(2):
        assert lt.matmul(*arrays[:2], room.BIAS, arrays[2]) is None
    assert lt.library.asked == 1 and not lt.library.parts  # all given back
    assert made().matmul(x, W, room.BIAS, b) is None  # float64
    assert made().matmul(x[:0], W, room.BIAS, b) is None


def test_an_answer_in_a_capture_that_there_is_none_does_not_last(rng):
    lt = made(wide=16)
    x, W, b = (np.ones(s, "f4") for s in ((5, 4), (4, 12), (12,)))
    with while_recording(Recording(np.zeros(2))):
        assert lt.matmul(x, W, room.BIAS, b) is None
    lt.library.wide = 1
    np.testing.assert_allclose(lt.matmul(x, W, room.BIAS, b), x @ W + b)


def test_old_products_are_forgotten(rng, monkeypatch):
    monkeypatch.setattr(room, "KEPT", 2)
    lt, b = made(), np.zeros(4, "f4")
    for n in (1, 2, 3, 4):
        lt.matmul(np.ones((n, 3), "f4"), np.ones((3, 4), "f4"), room.BIAS, b)
    assert len(lt._prepared) == 2 and len(lt.library.parts) == 8


def test_no_handle():
    broken = HostCublasLt()
    broken.status = 1
    with pytest.raises(RuntimeError, match="cublasLtCreate: .*NOT_INITIALIZED"):
        BlasLt(broken, Blas(HostCublas(), HostPlace()))


def test_descriptors_of_the_real_library():
    pytest.importorskip("cuda.pathfinder", reason="cublasLt is looked for by CuPy's finder")
    try:
        library = room.library()
    except Exception as error:
        pytest.skip(f"no cublasLt here: {error}")
    product, written = ctypes.c_void_p(), ctypes.c_size_t()
    assert library.cublasLtMatmulDescCreate(ctypes.byref(product), 68, 0) == 0
    values = {
        room.TRANSA: ctypes.c_int32(1), room.TRANSB: ctypes.c_int32(1),
        room.EPILOGUE: ctypes.c_int32(room.RELU_BIAS), room.BIAS_POINTER: ctypes.c_uint64(512),
    }  # fmt: skip
    for attribute, value in values.items():
        size = ctypes.sizeof(value)
        set_ = library.cublasLtMatmulDescSetAttribute
        assert set_(product, attribute, ctypes.byref(value), size) == 0
        back = type(value)()
        get = library.cublasLtMatmulDescGetAttribute
        assert get(product, attribute, ctypes.byref(back), size, ctypes.byref(written)) == 0
        assert back.value == value.value and written.value == size
    for epilogue in (room.BIAS, room.RELU_BIAS, room.BIAS_GRADIENT):
        number = ctypes.c_int32(epilogue)
        assert set_(product, room.EPILOGUE, ctypes.byref(number), 4) == 0
    layout, step = ctypes.c_void_p(), ctypes.c_int64()
    assert library.cublasLtMatrixLayoutCreate(ctypes.byref(layout), 0, 3, 4, 5) == 0
    get = library.cublasLtMatrixLayoutGetAttribute
    assert get(layout, 4, ctypes.byref(step), 8, ctypes.byref(written)) == 0 and step.value == 5
    assert library.cublasLtMatrixLayoutDestroy(layout) == 0
    assert library.cublasLtMatmulDescDestroy(product) == 0
    assert ctypes.sizeof(room.Choice) == 96

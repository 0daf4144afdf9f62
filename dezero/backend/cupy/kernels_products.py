"""CuPy's twins of `numpy_products`, by our own binding of cuBLAS: a graph may capture them."""

import threading
from typing import Any

import numpy as np

from dezero.backend.cupy import blaslt
from dezero.backend.cupy.blas import blas
from dezero.backend.cupy.blaslt import BlasLt
from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.detect import module
from dezero.backend.cupy.kernels import add_bias, sum_to
from dezero.backend.cupy.table.precision import TO_BFLOAT16
from dezero.backend.precision import PRECISION

__all__ = ["linear", "linear_gradient_w", "matmul"]

# What cuBLAS multiplies.
FLOATS = "efd"


def matmul(a: Any, b: Any, out: Any = None) -> Any:
    """Return a @ b by numpy.matmul's rules, written to `out` if it is given."""
    a, b = _alike(a, b)
    if a.dtype.char not in FLOATS:
        return module().matmul(a, b, out=out)
    half = _half(a)
    if half:
        return blas().matmul(lowered(a, half), lowered(b, half), out, half)
    return blas().matmul(a, b, out)


def linear(x: Any, W: Any, b: Any, relu: bool) -> Any:
    """Return x @ W + b for rows x (N, I), W (I, O) and b (O,) or None; of it, what is above 0."""
    x, W = _alike(x, W)
    half = _half(x)
    if b is not None and x.dtype.char in "ef" and b.dtype == x.dtype:
        epilogue = blaslt.RELU_BIAS if relu else blaslt.BIAS
        operands = (lowered(x, half), lowered(W, half)) if half else (x, W)
        y = fused().matmul(*operands, epilogue, module().ascontiguousarray(b), kind=half)
        if y is not None:
            return y
    y = matmul(x, W)
    if b is not None and b.dtype == y.dtype and y.dtype.char in FLOATS:
        add_bias(y, b, relu)
        return y
    if b is not None:
        y = y + b
    return module().maximum(y, 0, out=y) if relu else y


def linear_gradient_w(x: Any, gy: Any) -> tuple[Any, Any]:
    """Return x.T @ gy, and gy summed over its rows: the gradients of W and b."""
    half = _half(gy)
    # Half precision sums its gradient of the bias from what was not rounded.
    if not half and gy.dtype.char == "f" and x.dtype == gy.dtype:
        gb = module().empty(gy.shape[1:], gy.dtype)
        gW = fused().matmul(x.T, gy, blaslt.BIAS_GRADIENT, gb)
        if gW is not None:
            return gW, gb
    return matmul(x.T, gy), sum_to(gy, gy.shape[1:])


def lowered(x: Any, half: str) -> Any:
    """Return float32 x in half precision: float16, or the bits of bfloat16 as uint16."""
    if half == "float16":
        return x.astype("e")
    return kernel(TO_BFLOAT16)(x)


def raised(x: Any) -> Any:
    """Return what `lowered` made as float32 again."""
    return x.astype("f") if x.dtype.char == "e" else (x.astype("u4") << 16).view("f")


def _half(x: Any) -> str:
    """Return what `autocast` asks of the inputs of a product of arrays like x; "" for nothing."""
    return PRECISION.get().half or "" if x.dtype.char == "f" else ""


def _alike(a: Any, b: Any) -> tuple[Any, Any]:
    """Return both in one dtype.

    Raises:
        TypeError: one of them lives on the host.
    """
    if type(a) is not type(b):
        raise TypeError(
            f"matmul: expected arrays on one device, got {type(a).__module__}.{type(a).__name__} "
            f"and {type(b).__module__}.{type(b).__name__}. Move them with to_gpu() or to_cpu()."
        )
    if a.dtype == b.dtype:
        return a, b
    common = np.promote_types(a.dtype, b.dtype)
    return a.astype(common, copy=False), b.astype(common, copy=False)


class _Fused(threading.local):
    def __init__(self) -> None:
        self.found: dict[int, BlasLt] = {}


_fused = _Fused()


def fused() -> BlasLt:
    """Return this thread's products with epilogues, on the current device."""
    plain = blas()
    if id(plain) not in _fused.found:
        _fused.found[id(plain)] = BlasLt(blaslt.library(), plain)
    return _fused.found[id(plain)]

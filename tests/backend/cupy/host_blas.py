"""cuBLAS and cublasLt as objects of NumPy's: the same calls, on matrices in columns in host memory.

They read what the binding says of operations, steps and types, refuse what the real libraries
refuse, and compute with it. That the numbers are right for a GPU too, a GPU alone can tell; that
they are the ones the interface asks for, these can.
"""

import ctypes
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from dezero.backend.cupy import blaslt

INVALID_VALUE, NOT_SUPPORTED = 7, 15
DTYPES = {0: "f4", 1: "f8", 2: "f2", 14: "u2"}
# (input, output): compute types, from the table at cublasGemmEx in NVIDIA's manual.
SUPPORTED = {
    (0, 0): {68, 77},
    (1, 1): {70},
    (2, 2): {68},
    (2, 0): {68},
    (14, 14): {68},
    (14, 0): {68},
}


class Pooled:
    """NumPy, whose new arrays begin at multiples of 512 bytes as those of CuPy's pool do."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def empty(self, shape: Any, dtype: Any) -> np.ndarray:
        count = int(np.prod(shape)) * np.dtype(dtype).itemsize
        memory = np.empty(count + 512, "u1")
        start = -memory.ctypes.data % 512
        return memory[start : start + count].view(dtype).reshape(shape)


class HostPlace:
    """What the binding asks of CuPy, answered for host arrays."""

    xp = Pooled()

    def __init__(self) -> None:
        self.current = 5

    def device(self) -> int:
        return 0

    def stream(self) -> int:
        return self.current

    def pointer(self, x: np.ndarray) -> int:
        return x.ctypes.data


def number(x: Any) -> Any:
    """The number in whatever ctypes makes of it."""
    inner = getattr(x, "_obj", x)
    return getattr(inner, "value", inner)


def in_columns(address: int, kind: int, rows: int, cols: int, step: int) -> np.ndarray:
    """The matrix at an address: its columns are `step` elements apart."""
    dtype = np.dtype(DTYPES[kind])
    size = (cols - 1) * step + rows
    memory = (ctypes.c_char * (size * dtype.itemsize)).from_address(address)
    flat = np.frombuffer(memory, dtype)
    return as_strided(flat, (rows, cols), (dtype.itemsize, step * dtype.itemsize))


def as_float64(x: np.ndarray, kind: int, compute: int) -> np.ndarray:
    if kind == 14:
        return (x.astype("u4") << 16).view("f4").astype("f8")
    if compute == 77:  # TF32 keeps 10 of float32's 23 bits
        bits = np.ascontiguousarray(x).view("u4")
        return ((bits + 0x1000) & 0xFFFFE000).astype("u4").view("f4").reshape(x.shape).astype("f8")
    return x.astype("f8")


class HostCublas:
    """cuBLAS: keeps a list of calls, and answers with `refused` where that is set."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.refused: dict[str, int] = {}
        self.stream = self.workspace = None

    def _answer(self, name: str) -> int:
        self.calls.append(name)
        return self.refused.get(name, 0)

    def cublasCreate_v2(self, handle: Any) -> int:
        handle._obj.value = 77
        return self._answer("create")

    def cublasSetMathMode(self, handle: Any, mode: int) -> int:
        assert mode == 16
        return self._answer("mode")

    def cublasSetStream_v2(self, handle: Any, stream: int) -> int:
        self.stream, self.workspace = stream, None
        return self._answer("stream")

    def cublasSetWorkspace_v2(self, handle: Any, address: int, size: int) -> int:
        self.workspace = address, size
        return self._answer("workspace")

    def cublasGemmEx_64(  # noqa: PLR0917
        self, handle, ta, tb, m, n, k, alpha, A, of_a, lda, B, of_b, ldb, beta, C, of_c, ldc,
        compute, algorithm,
    ):  # fmt: skip
        return self.cublasGemmStridedBatchedEx_64(
            handle, ta, tb, m, n, k, alpha, A, of_a, lda, 0, B, of_b, ldb, 0, beta, C, of_c, ldc,
            m * n, 1, compute, algorithm,
        )  # fmt: skip

    def cublasGemmStridedBatchedEx_64(  # noqa: PLR0917
        self, handle, ta, tb, m, n, k, alpha, A, of_a, lda, step_a, B, of_b, ldb, step_b, beta,
        C, of_c, ldc, step_c, count, compute, algorithm,
    ):  # fmt: skip
        assert self.workspace is not None, "no workspace: this would allocate in a capture"
        if min(m, n, k, count) < 1 or lda < (k if ta else m) or ldb < (n if tb else k) or ldc < m:
            return INVALID_VALUE
        if of_a != of_b or compute not in SUPPORTED.get((of_a, of_c), ()):
            return NOT_SUPPORTED
        assert algorithm == -1 and number(handle) == 77
        for i in range(count):
            places = (
                (A, of_a, step_a, (k, m) if ta else (m, k), lda),
                (B, of_b, step_b, (n, k) if tb else (k, n), ldb),
            )
            a, b = (
                as_float64(in_columns(p + i * step * size(kind), kind, *shape, ld), kind, compute)
                for p, kind, step, shape, ld in places
            )
            c = in_columns(C + i * step_c * size(of_c), of_c, m, n, ldc)
            result = number(alpha) * ((a.T if ta else a) @ (b.T if tb else b))
            c[...] = result if number(beta) == 0 else result + number(beta) * c
        return self._answer("gemm" if count == 1 else "batched")


def size(kind: int) -> int:
    return np.dtype(DTYPES[kind]).itemsize


class HostCublasLt:
    """cublasLt: descriptors are dictionaries; results not `wide` enough have no epilogue."""

    def __init__(self, wide: int = 1) -> None:
        self.wide, self.parts = wide, {}
        self.made = self.asked = self.ran = 0
        self.status = 0

    def _make(self, out: Any, **what: Any) -> int:
        self.made += 1
        out._obj.value = 1000 + self.made
        self.parts[out._obj.value] = what
        return 0

    def cublasLtCreate(self, handle: Any) -> int:
        return self.status

    def cublasLtMatmulDescCreate(self, out: Any, compute: int, scale: int) -> int:
        return self._make(out, compute=compute, scale=scale)

    def cublasLtMatrixLayoutCreate(self, out: Any, *layout: int) -> int:
        kind, rows, cols, step = layout
        if step < rows:
            return INVALID_VALUE
        return self._make(out, layout=(kind, rows, cols, step))

    def cublasLtMatmulPreferenceCreate(self, out: Any) -> int:
        return self._make(out)

    def _set(self, part: Any, attribute: int, value: Any, size: int) -> int:
        assert ctypes.sizeof(value._obj) == size
        self.parts[part.value][attribute] = number(value)
        return 0

    cublasLtMatmulDescSetAttribute = cublasLtMatmulPreferenceSetAttribute = _set

    def _destroy(self, part: Any) -> int:
        del self.parts[part.value]
        return 0

    cublasLtMatmulDescDestroy = cublasLtMatmulPreferenceDestroy = _destroy
    cublasLtMatrixLayoutDestroy = _destroy

    def cublasLtMatmulAlgoGetHeuristic(  # noqa: PLR0917
        self, handle, product, a, b, c, d, preference, wanted, results, found
    ):
        self.asked += 1
        limits, layout = self.parts[preference.value], self.parts[d.value]["layout"]
        if layout[0] == 1 or layout[1] < self.wide:
            return NOT_SUPPORTED
        for i in range(4):
            results._obj.algorithm[i] = limits[blaslt.FIRST_ALIGNMENT + i]
        address = self.parts[product.value][blaslt.BIAS_POINTER]
        results._obj.algorithm[4] = address & -address  # aligned as the one that is there now
        found._obj.value = 1
        return 0

    def cublasLtMatmul(  # noqa: PLR0917
        self, handle, product, alpha, A, of_a, B, of_b, beta, C, of_c, D, of_d, choice,
        workspace, size, stream,
    ):  # fmt: skip
        what = self.parts[product.value]
        addresses = (A, B, C, D, what[blaslt.BIAS_POINTER])
        for address, alignment in zip(addresses, choice._obj.algorithm, strict=False):
            assert address % max(alignment, 1) == 0, "misaligned address"
        layouts = [self.parts[part.value]["layout"] for part in (of_a, of_b, of_d)]
        if what["compute"] not in SUPPORTED.get((layouts[0][0], layouts[2][0]), ()):
            return NOT_SUPPORTED
        a, b = (
            as_float64(in_columns(address, *layout), layout[0], what["compute"])
            for address, layout in zip((A, B), layouts, strict=False)
        )
        a = a.T if what[blaslt.TRANSA] else a
        b = b.T if what[blaslt.TRANSB] else b
        y = in_columns(D, *layouts[2])
        y[...] = self._epilogue(what, a, a @ b, layouts[2][0])
        self.ran += 1
        return 0

    def _epilogue(self, what: dict, a: np.ndarray, y: np.ndarray, kind: int) -> np.ndarray:
        rows, cols = y.shape
        bias = in_columns(what[blaslt.BIAS_POINTER], kind, rows, 1, rows)
        epilogue = what[blaslt.EPILOGUE]
        if epilogue == blaslt.BIAS_GRADIENT:
            bias[:, 0] = a.sum(axis=1)
            return y
        y = y + bias
        return np.maximum(y, 0) if epilogue & 2 else y

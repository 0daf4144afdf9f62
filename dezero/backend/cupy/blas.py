"""cuBLAS by ctypes: products of matrices that may be captured in a graph.

CuPy's own products may not: it forbids cuBLAS on a stream that captures. Here each thread has one
handle per device, which follows the current stream and brings memory of its own to work in, so
that no call allocates any. Nothing but `CuPyPlace` knows of CuPy; the tests put host arrays and a
library of their own in its place.
"""

import ctypes
import functools
import importlib
import threading
from typing import Any

import numpy as np

from dezero.backend.cupy.detect import module
from dezero.backend.cupy.layouts import Operand, Plan, plan
from dezero.backend.precision import PRECISION

__all__ = [
    "Blas", "CuPyPlace", "blas", "check_status", "library", "status_name", "workspaces",
]  # fmt: skip

# Values of enumerations in cublas_api.h and library_types.h.
REAL_32F, REAL_64F, REAL_16F, REAL_16BF = 0, 1, 2, 14
TYPES = {"f": REAL_32F, "d": REAL_64F, "e": REAL_16F, "float16": REAL_16F, "bfloat16": REAL_16BF}
COMPUTE_32F, COMPUTE_64F, COMPUTE_FAST_TF32 = 68, 70, 77
# Partial sums of half precision inputs stay in float32.
DISALLOW_REDUCED_PRECISION_REDUCTION = 16
DEFAULT_ALGORITHM = -1
STATUS = {
    1: "NOT_INITIALIZED",
    3: "ALLOC_FAILED",
    7: "INVALID_VALUE",
    8: "ARCH_MISMATCH",
    11: "MAPPING_ERROR",
    13: "EXECUTION_FAILED",
    14: "INTERNAL_ERROR",
    15: "NOT_SUPPORTED",
    16: "LICENSE_ERROR",
}
# What NVIDIA recommends for its newest GPUs; the older ones want less.
WORKSPACE = 32 << 20

_i, _l, _p = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p
SIGNATURES = {
    "cublasCreate_v2": (_p,),
    "cublasSetStream_v2": (_p, _p),
    "cublasSetWorkspace_v2": (_p, _p, ctypes.c_size_t),
    "cublasSetMathMode": (_p, _i),
    "cublasGemmEx_64": (
        _p, _i, _i, _l, _l, _l, _p, _p, _i, _l, _p, _i, _l, _p, _p, _i, _l, _i, _i,
    ),
    "cublasGemmStridedBatchedEx_64": (
        _p, _i, _i, _l, _l, _l, _p, _p, _i, _l, _l, _p, _i, _l, _l, _p, _p, _i, _l, _l, _l, _i, _i,
    ),
}  # fmt: skip


def status_name(status: int) -> str:
    """Return what cuBLAS calls a status: CUBLAS_STATUS_NOT_SUPPORTED."""
    return f"CUBLAS_STATUS_{STATUS.get(status, status)}"


def check_status(status: int, what: str, advice: str = "") -> None:
    """Raise a RuntimeError unless `status` is that of success."""
    if status:
        advice = advice or "Run python -m dezero.doctor to see whether the GPU can be used."
        raise RuntimeError(
            f"{what}: expected success of cuBLAS, got {status_name(status)}. {advice}"
        )


def bound(found: Any, signatures: dict[str, tuple]) -> Any:
    """Return a library whose functions know their arguments."""
    for name, arguments in signatures.items():
        function = getattr(found, name)
        function.argtypes, function.restype = arguments, ctypes.c_int
    return found


@functools.lru_cache(1)
def library() -> Any:
    """Return cuBLAS; NVIDIA's finder knows where pip, conda or the system put it."""
    finder = importlib.import_module("cuda.pathfinder")
    return bound(ctypes.CDLL(finder.load_nvidia_dynamic_lib("cublas").abs_path), SIGNATURES)


class CuPyPlace:
    """What the binding asks of CuPy: addresses, the current stream, memory."""

    def __init__(self) -> None:
        self.xp = module()
        self._stream = self.xp.cuda.get_current_stream

    def device(self) -> int:
        """Return the number of the current device."""
        return self.xp.cuda.runtime.getDevice()

    def stream(self) -> int:
        """Return the current stream as a number."""
        return self._stream().ptr

    def pointer(self, x: Any) -> int:
        """Return where the first element of x is."""
        return x.data.ptr


class Blas:
    """A handle of cuBLAS, for one thread and device; it stays until the process ends.

    To give it back would make the host wait for the device, which a capture may not bear.

    Args:
        library: as `library` returns it.
        place: a CuPyPlace.
    """

    def __init__(self, library: Any, place: Any) -> None:
        self.library, self.place = library, place
        self._handle = ctypes.c_void_p()
        check_status(library.cublasCreate_v2(ctypes.byref(self._handle)), "cublasCreate")
        status = library.cublasSetMathMode(self._handle, DISALLOW_REDUCED_PRECISION_REDUCTION)
        check_status(status, "cublasSetMathMode")
        self._stream: int | None = None
        self.spaces: dict[int, Any] = {}
        self._factors = {
            REAL_32F: (ctypes.c_float(1), ctypes.c_float(0)),
            REAL_64F: (ctypes.c_double(1), ctypes.c_double(0)),
        }

    def workspace(self, stream: int) -> Any:
        """Return the memory to work in on that stream; two streams never share one."""
        if stream not in self.spaces:
            self.spaces[stream] = self.place.xp.empty(WORKSPACE, "u1")
        return self.spaces[stream]

    def follow(self) -> None:
        """Go over to the current stream, if the handle is not there already."""
        stream = self.place.stream()
        if stream == self._stream:
            return
        check_status(self.library.cublasSetStream_v2(self._handle, stream), "cublasSetStream")
        # After the stream: setting one puts the library's own workspace back.
        space = self.workspace(stream)
        status = self.library.cublasSetWorkspace_v2(
            self._handle, self.place.pointer(space), space.nbytes
        )
        check_status(status, "cublasSetWorkspace")
        self._stream = stream

    def matmul(self, a: Any, b: Any, out: Any = None, kind: str = "") -> Any:
        """Return a @ b of floating arrays of one dtype, by numpy.matmul's rules.

        Args:
            a, b: arrays (..., M, K) and (..., K, N), or vectors; any strides.
            out: array of the result's shape, written to where it lies in rows, else copied to.
            kind: "bfloat16" if a and b hold its bits as uint16: the result is float32 then.
                "float16" if float16 inputs shall give a float32 result.
        """
        found, a, b = self.readable(a, b)
        dtype = a.dtype if not kind else np.dtype("f")
        direct = out is not None and _fits(out, found.shape, dtype)
        y: Any = out if direct else self.place.xp.empty(found.shape, dtype)
        if found.is_empty:
            y.fill(0)
        else:
            self._product(found, (a, b, y), TYPES[kind or a.dtype.char], TYPES[dtype.char])
        if out is None or direct:
            return y
        out[...] = y
        return out

    def readable(self, a: Any, b: Any) -> tuple[Plan, Any, Any]:
        """Return the plan of a product, and its operands; copied where BLAS could not read them."""
        found = plan(a.shape, a.strides, b.shape, b.strides, a.dtype.itemsize)
        if found.is_empty or (found.a and found.b):
            return found, a, b
        a = a if found.a else self._copied(a, found)
        b = b if found.b else self._copied(b, found)
        return plan(a.shape, a.strides, b.shape, b.strides, a.dtype.itemsize), a, b

    def _copied(self, x: Any, found: Plan) -> Any:
        xp = self.place.xp
        if found.lead and x.ndim > 2:
            x = xp.broadcast_to(x, (*found.lead, *x.shape[-2:]))
        return xp.array(x, order="C", copy=True)

    def _product(self, found: Plan, arrays: tuple, kind: int, result: int) -> None:
        self.follow()
        a, b, y = map(self.place.pointer, arrays)
        of_a, of_b = found.a or Operand(False, 1), found.b or Operand(False, 1)
        scale = REAL_64F if result == REAL_64F else REAL_32F
        one, zero = map(ctypes.byref, self._factors[scale])
        compute = compute_type(kind)
        # In columns y is its transpose, so the operands change places.
        head = (self._handle, of_b.by_columns, of_a.by_columns, found.n, found.m, found.k, one)
        if found.count == 1:
            status = self.library.cublasGemmEx_64(
                *head, b, kind, of_b.step, a, kind, of_a.step, zero, y, result, found.n,
                compute, DEFAULT_ALGORITHM,
            )  # fmt: skip
        else:
            status = self.library.cublasGemmStridedBatchedEx_64(
                *head, b, kind, of_b.step, of_b.batch, a, kind, of_a.step, of_a.batch,
                zero, y, result, found.n, found.m * found.n, found.count,
                compute, DEFAULT_ALGORITHM,
            )  # fmt: skip
        if status:
            shapes = " and ".join(str(x.shape) for x in arrays[:2])
            check_status(status, "matmul", f"The arrays were {shapes}, {arrays[0].dtype}.")


def _fits(out: Any, shape: tuple, dtype: Any) -> bool:
    return out.shape == shape and out.dtype == dtype and out.flags.c_contiguous


def compute_type(kind: int) -> int:
    """Return in what cuBLAS sums products of inputs of this type."""
    if kind == REAL_64F:
        return COMPUTE_64F
    fast = kind == REAL_32F and PRECISION.get().matmul == "tf32"
    return COMPUTE_FAST_TF32 if fast else COMPUTE_32F


class _Handles(threading.local):
    def __init__(self) -> None:
        self.place: Any = None
        self.found: dict[int, Blas] = {}


_handles = _Handles()


def blas() -> Blas:
    """Return this thread's handle on the current device."""
    if _handles.place is None:
        _handles.place = CuPyPlace()
    device = _handles.place.device()
    if device not in _handles.found:
        _handles.found[device] = Blas(library(), _handles.place)
    return _handles.found[device]


def workspaces() -> list[Any]:
    """Return the memory in which this thread's products work; a captured step goes on to do so."""
    return [space for found in _handles.found.values() for space in found.spaces.values()]

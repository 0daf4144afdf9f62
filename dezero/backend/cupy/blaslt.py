"""cublasLt by ctypes: products that add a bias, rectify, or sum up a gradient on their way out.

A dense layer is one launch then in place of three. Which algorithm is best is asked once for each
kind of product and remembered; where there is none for a size, the caller is told and does it in
steps.
"""

import ctypes
import functools
import importlib
from collections import OrderedDict
from typing import Any, NamedTuple

import numpy as np

from dezero.backend.capture import recording
from dezero.backend.cupy.blas import (
    REAL_32F,
    REAL_64F,
    TYPES,
    WORKSPACE,
    Blas,
    bound,
    check_status,
    compute_type,
)
from dezero.backend.cupy.layouts import Operand, Plan

__all__ = ["BIAS", "BIAS_GRADIENT", "RELU_BIAS", "BlasLt", "library"]

# Epilogues, as cublasLt.h numbers them. Ours are in rows, so that its matrix A is our operand b.
BIAS = 4
RELU_BIAS = 2 | BIAS
BIAS_GRADIENT = 256  # sums b over its rows
# Attributes of a product, a matrix, a preference.
TRANSA, TRANSB, EPILOGUE, BIAS_POINTER = 3, 4, 7, 8
MAX_WORKSPACE, FIRST_ALIGNMENT = 1, 5
KEPT = 512

_i, _l, _p, _size = ctypes.c_int, ctypes.c_int64, ctypes.c_void_p, ctypes.c_size_t
SIGNATURES = {
    "cublasLtCreate": (_p,),
    "cublasLtMatmulDescCreate": (_p, _i, _i),
    "cublasLtMatmulDescDestroy": (_p,),
    "cublasLtMatmulDescSetAttribute": (_p, _i, _p, _size),
    "cublasLtMatmulDescGetAttribute": (_p, _i, _p, _size, _p),
    "cublasLtMatrixLayoutCreate": (_p, _i, ctypes.c_uint64, ctypes.c_uint64, _l),
    "cublasLtMatrixLayoutDestroy": (_p,),
    "cublasLtMatrixLayoutGetAttribute": (_p, _i, _p, _size, _p),
    "cublasLtMatmulPreferenceCreate": (_p,),
    "cublasLtMatmulPreferenceDestroy": (_p,),
    "cublasLtMatmulPreferenceSetAttribute": (_p, _i, _p, _size),
    "cublasLtMatmulAlgoGetHeuristic": (_p, _p, _p, _p, _p, _p, _p, _i, _p, _p),
    "cublasLtMatmul": (_p, _p, _p, _p, _p, _p, _p, _p, _p, _p, _p, _p, _p, _p, _size, _p),
}


class Choice(ctypes.Structure):
    """What the heuristic answers (cublasLtMatmulHeuristicResult_t)."""

    _fields_ = (
        ("algorithm", ctypes.c_uint64 * 8),
        ("workspace", ctypes.c_size_t),
        ("state", ctypes.c_int),
        ("waves", ctypes.c_float),
        ("reserved", ctypes.c_int * 4),
    )


class Prepared(NamedTuple):
    """A product that is ready to run: all that stays the same from call to call."""

    product: Any
    a: Any
    b: Any
    y: Any
    choice: Choice


@functools.lru_cache(1)
def library() -> Any:
    """Return cublasLt, from where cuBLAS is."""
    finder = importlib.import_module("cuda.pathfinder")
    return bound(ctypes.CDLL(finder.load_nvidia_dynamic_lib("cublasLt").abs_path), SIGNATURES)


class BlasLt:
    """A handle of cublasLt beside one of cuBLAS, whose place and workspace it shares."""

    def __init__(self, library: Any, blas: Blas) -> None:
        self.library, self.blas, self.place = library, blas, blas.place
        self._handle = ctypes.c_void_p()
        check_status(library.cublasLtCreate(ctypes.byref(self._handle)), "cublasLtCreate")
        self._prepared: OrderedDict[tuple, Prepared | None] = OrderedDict()

    def matmul(self, a: Any, b: Any, epilogue: int, bias: Any, *, kind: str = "") -> Any:
        """Return a @ b and what the epilogue makes of it; None where no algorithm does that.

        Args:
            a, b: matrices (..., M, K) and (K, N) of one dtype; kind as in `Blas.matmul`.
            epilogue: one of this module's.
            bias: array (N,) of the result's dtype, read, or written by BIAS_GRADIENT.
        """
        found, a, b = self.blas.readable(a, b)
        if found.count != 1 or found.is_empty:
            return None
        dtype = a.dtype if not kind else np.dtype("f")
        y = self.place.xp.empty(found.shape, dtype)
        addresses = tuple(self.place.pointer(x) for x in (b, a, y))
        at_bias, types = self.place.pointer(bias), (TYPES[kind or a.dtype.char], TYPES[dtype.char])
        aligned = tuple(map(_alignment, (*addresses, at_bias)))
        prepared = self._ready(found, epilogue, types, aligned)
        if prepared is None:
            return None
        self._set(prepared.product, BIAS_POINTER, at_bias)
        self._run(prepared, addresses, types[1])
        return y

    def _ready(
        self, found: Plan, epilogue: int, types: tuple[int, int], aligned: tuple[int, ...]
    ) -> Prepared | None:
        key = (found, epilogue, types, aligned, compute_type(types[0]))
        if key in self._prepared:
            self._prepared.move_to_end(key)
            return self._prepared[key]
        prepared = self._prepare(found, epilogue, types, aligned)
        if prepared is None and recording() is not None:
            return None  # the library may refuse to say in a capture what it says otherwise
        self._prepared[key] = prepared
        if len(self._prepared) > KEPT:
            self._forget(self._prepared.popitem(last=False)[1])
        return prepared

    def _prepare(
        self, found: Plan, epilogue: int, types: tuple[int, int], aligned: tuple[int, ...]
    ) -> Prepared | None:
        library, (kind, result) = self.library, types
        product = ctypes.c_void_p()
        status = library.cublasLtMatmulDescCreate(
            ctypes.byref(product), compute_type(kind), _scale(result)
        )
        check_status(status, "cublasLtMatmulDescCreate")
        of_a, of_b = found.a or Operand(False, 1), found.b or Operand(False, 1)
        self._set(product, TRANSA, int(of_b.by_columns), ctypes.c_int32)
        self._set(product, TRANSB, int(of_a.by_columns), ctypes.c_int32)
        self._set(product, EPILOGUE, epilogue, ctypes.c_int32)
        # Each call gives its own. The heuristic reads off it how it is aligned, and a bias may be
        # anywhere among the parameters that lie side by side.
        self._set(product, BIAS_POINTER, aligned[3])
        a = self._layout(kind, (found.k, found.n), of_b)
        b = self._layout(kind, (found.m, found.k), of_a)
        y = self._layout(result, (found.m, found.n), Operand(False, found.n))
        choice = self._choose((product, a, b, y), aligned[:3])
        prepared = Prepared(product, a, b, y, choice or Choice())
        if choice is None:
            self._forget(prepared)
            return None
        return prepared

    def _layout(self, kind: int, shape: tuple[int, int], how: Operand) -> Any:
        """Describe a matrix of ours as one in columns: the transpose, unless it lies by columns."""
        rows, cols = shape if how.by_columns else shape[::-1]
        layout = ctypes.c_void_p()
        status = self.library.cublasLtMatrixLayoutCreate(
            ctypes.byref(layout), kind, rows, cols, how.step
        )
        check_status(status, "cublasLtMatrixLayoutCreate")
        return layout

    def _choose(self, parts: tuple, aligned: tuple[int, ...]) -> Choice | None:
        """Ask for the best algorithm; None if there is none."""
        library, preference = self.library, ctypes.c_void_p()
        status = library.cublasLtMatmulPreferenceCreate(ctypes.byref(preference))
        check_status(status, "cublasLtMatmulPreferenceCreate")
        limits: dict[int, Any] = {MAX_WORKSPACE: ctypes.c_uint64(WORKSPACE)}
        for i, alignment in enumerate((*aligned, aligned[-1])):  # of A, B, C and D
            limits[FIRST_ALIGNMENT + i] = ctypes.c_uint32(alignment)
        for attribute, value in limits.items():
            status = library.cublasLtMatmulPreferenceSetAttribute(
                preference, attribute, ctypes.byref(value), ctypes.sizeof(value)
            )
            check_status(status, "cublasLtMatmulPreferenceSetAttribute")
        choice, count = Choice(), ctypes.c_int(0)
        product, a, b, y = parts
        status = library.cublasLtMatmulAlgoGetHeuristic(
            self._handle, product, a, b, y, y, preference, 1, ctypes.byref(choice),
            ctypes.byref(count),
        )  # fmt: skip
        library.cublasLtMatmulPreferenceDestroy(preference)
        return choice if status == 0 and count.value and choice.state == 0 else None

    def _set(self, product: Any, attribute: int, value: int, kind: Any = ctypes.c_uint64) -> None:
        number = kind(value)
        status = self.library.cublasLtMatmulDescSetAttribute(
            product, attribute, ctypes.byref(number), ctypes.sizeof(number)
        )
        check_status(status, f"cublasLtMatmulDescSetAttribute({attribute})")

    def _run(self, prepared: Prepared, addresses: tuple, result: int) -> None:
        stream = self.place.stream()
        space = self.blas.workspace(stream)
        number = ctypes.c_double if result == REAL_64F else ctypes.c_float
        one, zero, (a, b, y) = number(1), number(0), addresses
        status = self.library.cublasLtMatmul(
            self._handle, prepared.product, ctypes.byref(one), a, prepared.a, b, prepared.b,
            ctypes.byref(zero), y, prepared.y, y, prepared.y,
            ctypes.byref(prepared.choice), self.place.pointer(space), space.nbytes, stream,
        )  # fmt: skip
        check_status(status, "cublasLtMatmul")

    def _forget(self, prepared: Prepared | None) -> None:
        if prepared is not None:
            self.library.cublasLtMatmulDescDestroy(prepared.product)
            for layout in (prepared.a, prepared.b, prepared.y):
                self.library.cublasLtMatrixLayoutDestroy(layout)


def _scale(result: int) -> int:
    return REAL_64F if result == REAL_64F else REAL_32F


def _alignment(address: int) -> int:
    """Return the largest power of two that divides an address, up to the 256 of CuPy's blocks."""
    return min(address & -address, 256) or 256

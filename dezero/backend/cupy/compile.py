"""From a spec to a kernel of CuPy's: once, at its first call."""

import importlib
from typing import Any

from dezero.backend.cupy.specs import KernelSpec, typedefs

__all__ = ["RAW_HEADERS", "empty", "kernel", "raw_source"]

# What CuPy puts in front of elementwise kernels and leaves out of raw ones.
RAW_HEADERS = "#include <cupy/carray.cuh>\n#include <cupy/atomics.cuh>\n"

_compiled: dict[tuple[KernelSpec, str], Any] = {}


def kernel(spec: KernelSpec, letters: str = "") -> Any:
    """Return the kernel of `spec`: an ElementwiseKernel, ReductionKernel or RawKernel.

    Args:
        spec: from the table.
        letters: NumPy's letters of T and the other type variables; for raw kernels alone, CuPy
            reads them off the arrays for the others.
    """
    key = spec, letters
    made = _compiled.get(key)
    if made is None:
        made = _compiled[key] = _make(spec, letters)
    return made


def empty(size: int, dtype: Any) -> Any:
    """Return an uninitialised flat array of the device."""
    return importlib.import_module("cupy").empty(size, dtype)


def raw_source(spec: KernelSpec, letters: str) -> str:
    """Return the whole text of a raw kernel for the types of `letters`."""
    half = "#include <cupy/float16.cuh>\n" if "e" in letters else ""
    return f"{half}{RAW_HEADERS}{typedefs(spec, letters)}{spec.preamble}\n{spec.source}"


def _make(spec: KernelSpec, letters: str) -> Any:
    cupy = importlib.import_module("cupy")
    if spec.kind == "raw":
        return cupy.RawKernel(raw_source(spec, letters), spec.name, options=("--std=c++17",))
    if spec.kind == "reduction":
        return cupy.ReductionKernel(
            spec.in_params,
            spec.out_params,
            spec.operation,
            spec.reduce,
            spec.post,
            spec.identity,
            spec.name,
            reduce_type=spec.reduce_type,
            preamble=spec.preamble,
        )
    return cupy.ElementwiseKernel(
        spec.in_params, spec.out_params, spec.operation, spec.name, preamble=spec.preamble
    )

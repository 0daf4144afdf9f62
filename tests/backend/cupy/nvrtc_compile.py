"""Compiles every kernel with NVRTC for real architectures, as CuPy would, without a driver.

python -m tests.backend.cupy.nvrtc_compile           # all forms for all architectures
python -m tests.backend.cupy.nvrtc_compile --spread  # each form for one, each kernel for all

CuPy itself wraps the text of elementwise kernels and reductions: the functions that do it are its
own, called with the arguments its kernels would call them with.
"""

import importlib.util
import itertools
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import numpy as np

from dezero.backend.cupy.compile import _make, raw_source
from dezero.backend.cupy.specs import KernelSpec
from dezero.backend.cupy.table import TABLES
from tests.backend.cupy.host_kernels import dtype_of, params_of, variants

ARCHITECTURES = "sm_80", "sm_90", "sm_100"
NDARRAY, INDEXER, SCALAR = 1, 2, 3  # CuPy's kinds of arguments


def why_not() -> str:
    """Return why nothing can be compiled here, "" if it can."""
    if importlib.util.find_spec("cupy") is None:
        return "CuPy is not installed"
    try:
        from cupy.cuda import nvrtc

        nvrtc.getVersion()
    except Exception as error:
        return f"NVRTC cannot be loaded: {error}"
    return ""


def wrapped(spec: KernelSpec, letters: str, is_small: bool) -> str:
    """Return what CuPy would compile.

    Args:
        spec, letters: the kernel and its types.
        is_small: arrays are flat, contiguous and indexed in 32 bits, and rates Python numbers;
            else they have three dimensions and gaps, and rates are arrays.
    """
    if spec.kind == "raw":
        return raw_source(spec, letters)
    from cupy._core import _kernel, _reduction, core

    made = _make(spec, "")
    names = ["T", *(name for name, _ in spec.others)]
    pairs = zip(names, letters, strict=True)
    known = [(name, np.dtype(letter).type) for name, letter in pairs]
    known += [("IndexT", np.uint32 if is_small else np.uint64)] * (spec.kind == "reduction")
    types = _kernel._TypeMap(tuple(known))
    arguments = [_argument(p, dtype_of(spec, letters, p.ctype), is_small) for p in params_of(spec)]
    headers = "".join(f"#include <{name}>\n" for name in core._cupy_header_list)
    indexers = [_indexer(is_small)] * (2 if spec.kind == "reduction" else 1)
    infos = (*arguments, *indexers)
    if spec.kind == "elementwise":
        text = _kernel._get_elementwise_kernel_code(
            infos, types, made.params, made.operation, made.name, made.preamble
        )
        return headers + text
    extra = _kernel._ArgInfo(SCALAR, _scalar(), np.int32, 0, True, True)
    params = _kernel._get_param_info(spec.in_params, True)
    params += _kernel._get_param_info(spec.out_params, False)
    params += _kernel._get_param_info("CIndexer _in_ind, CIndexer _out_ind", False)
    params += _kernel._get_param_info("int32 _block_stride", True)
    text = _reduction._create_reduction_function_code(
        spec.name, 256, spec.reduce_type, params, (*infos, extra), spec.identity,
        spec.operation, spec.reduce, spec.post, types, *_loads(spec), spec.preamble, (),
    )  # fmt: skip
    return headers + text


def _loads(spec: KernelSpec) -> tuple[str, str]:
    """Return how a reduction finds its elements, as CuPy writes it."""
    values = [p for p in params_of(spec) if not p.is_raw]
    into = "".join(
        f"const {p.ctype} {p.name} = _raw_{p.name}[_in_ind.get()];" for p in values if not p.is_out
    )
    out = "".join(
        f"{p.ctype} &{p.name} = _raw_{p.name}[_out_ind.get()];" for p in values if p.is_out
    )
    return into, out


def _scalar() -> Any:
    from cupy._core import _scalar

    return _scalar.CScalar


def _argument(p: Any, dtype: np.dtype, is_small: bool) -> Any:
    import cupy
    from cupy._core import _kernel

    kind = dtype.type
    if p.ctype == "double" and not p.is_raw and not p.is_out and is_small:
        return _kernel._ArgInfo(SCALAR, _scalar(), kind, 0, True, True)
    ndim = 1 if is_small or p.is_raw else 3
    return _kernel._ArgInfo(NDARRAY, cupy.ndarray, kind, ndim, is_small or p.is_raw, is_small)


def _indexer(is_small: bool) -> Any:
    from cupy._core import _carray, _kernel

    return _kernel._ArgInfo(INDEXER, _carray.Indexer, None, 1 if is_small else 3, None, is_small)


def options_for(architecture: str) -> tuple[str, ...]:
    """Return the options with which CuPy calls NVRTC."""
    from cupy._core import core

    options = core.assemble_cupy_compiler_options(())
    return (*options, f"--gpu-architecture={architecture}", "-DCUPY_USE_JITIFY=0", "-w")


def compile_text(text: str, architecture: str) -> None:
    """Compile; RuntimeError with NVRTC's log if it does not."""
    from cupy.cuda import nvrtc

    program = nvrtc.createProgram(text, "kernel.cu", (), ())
    try:
        nvrtc.compileProgram(program, options_for(architecture))
    except nvrtc.NVRTCError as error:
        raise RuntimeError(f"{nvrtc.getProgramLog(program)}\n{text}") from error
    finally:
        nvrtc.destroyProgram(program)


def jobs(specs: tuple[KernelSpec, ...]) -> list[tuple[KernelSpec, str, bool]]:
    """Return everything to compile: each kernel in each of its types, flat and not."""
    return [
        (spec, letters, is_small)
        for spec in specs
        for letters, is_small in itertools.product(variants(spec), (True, False))
        if is_small or spec.kind != "raw"
    ]


def spread(specs: tuple[KernelSpec, ...]) -> list[tuple[tuple[KernelSpec, str, bool], str]]:
    """Return each job for one architecture, and each kernel for all of them: a third of the time.

    A kernel of fewer forms than there are architectures is compiled in its first for the rest.
    """
    found = []
    for spec in specs:
        forms = jobs((spec,))
        forms += forms[:1] * (len(ARCHITECTURES) - len(forms))
        found += zip(forms, itertools.cycle(ARCHITECTURES))
    return found


def main(arguments: list[str]) -> int:
    """Compile everything for every architecture; return the number of failures."""
    reason = why_not()
    if reason:
        print(f"not compiled: {reason}")
        return 1
    start = time.perf_counter()
    work = []
    for specs in TABLES.values():
        everything = itertools.product(jobs(specs), ARCHITECTURES)
        work += spread(specs) if "--spread" in arguments else everything
    with ProcessPoolExecutor() as pool:
        failures = [text for text in pool.map(_failure, work, chunksize=8) if text]
    print("\n".join(failures))
    seconds, names = time.perf_counter() - start, ", ".join(ARCHITECTURES)
    print(f"{len(work)} programs for {names}, {len(failures)} failed, {seconds:.0f} s")
    print(covered(work))
    return len(failures)


def covered(work: list[tuple[tuple[KernelSpec, str, bool], str]]) -> str:
    """Return how much of the table was compiled, in words.

    Raises:
        RuntimeError: a kernel, or one of its types, was left out, or not compiled for each GPU.
    """
    specs = [spec for specs in TABLES.values() for spec in specs]
    wanted = {(spec.name, letters) for spec in specs for letters in variants(spec)}
    wanted |= {(spec.name, architecture) for spec in specs for architecture in ARCHITECTURES}
    found = {(spec.name, letters) for (spec, letters, _), _ in work}
    found |= {(spec.name, architecture) for (spec, _, _), architecture in work}
    if missing := wanted - found:
        raise RuntimeError(f"nvrtc_compile: never compiled: {sorted(missing)}")
    forms = sum(len(variants(spec)) for spec in specs)
    return f"{len(specs)} of {len(specs)} kernels in all of their {forms} types, each for each GPU"


def _failure(job: tuple[tuple[KernelSpec, str, bool], str]) -> str:
    (spec, letters, is_small), architecture = job
    try:
        compile_text(wrapped(spec, letters, is_small), architecture)
    except Exception as error:
        return f"{spec.name} {letters} {architecture}: {error}"
    return ""


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))

"""The text of kernels compiled by g++ and run on the host, one thread after another.

A table becomes one library, built once for its text and kept in a temporary folder. Its kernels
are called as CuPy's are, so that the functions around them can be run as well: `hosted`.
"""

import contextlib
import ctypes
import functools
import hashlib
import importlib
import inspect
import itertools
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from dezero.backend.cupy import compile as compiler
from dezero.backend.cupy import kernels
from dezero.backend.cupy.specs import CTYPES, KernelSpec, typedefs
from dezero.backend.cupy.table import TABLES

SHIM = Path(__file__).with_name("host_shim.h")
NAMED = {np.dtype(letter).name: CTYPES[letter] for letter in CTYPES}
DTYPES = {CTYPES[letter]: np.dtype(letter) for letter in CTYPES}
# What CuPy makes eight bytes, or one, of for a raw kernel, which reads as many as it declares.
SENT_AS = {"long long": int, "double": float, "bool": bool}
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed")


class Param(NamedTuple):
    """An argument of a kernel; `ctype` is a type variable or C's name of a type."""

    name: str
    ctype: str
    is_raw: bool
    is_out: bool
    is_pointer: bool = False


@functools.cache
def params_of(spec: KernelSpec) -> tuple[Param, ...]:
    """Return the arguments of a kernel in order."""
    if spec.kind == "raw":
        text = re.search(rf"\b{spec.name}\s*\(([^)]*)\)", spec.source)
        assert text, f"{spec.name}: the source has no function of that name"
        return tuple(_pointer(part) for part in text[1].split(","))
    sides = [(spec.in_params, False), (spec.out_params, True)]
    return tuple(_param(part, out) for text, out in sides for part in text.split(",") if part)


def _param(text: str, is_out: bool) -> Param:
    *raw, kind, name = text.split()
    return Param(name, NAMED.get(kind, kind), "raw" in raw, is_out)


def _pointer(text: str) -> Param:
    text = text.replace("__restrict__", " ").replace("*", " * ")
    words = [word for word in text.split() if word != "const"]
    is_pointer = "*" in words
    kind = " ".join(word for word in words[:-1] if word != "*")
    assert is_pointer or kind in ("long long", "double", "bool"), f"CuPy passes no {text!r}"
    is_out = is_pointer and "const" not in text.split()
    return Param(words[-1], kind, True, is_out, is_pointer)


def variants(spec: KernelSpec) -> list[str]:
    """Return the letters of T and the other type variables, in every combination."""
    parts = [spec.dtypes, *(letters for _, letters in spec.others)]
    return ["".join(letters) for letters in itertools.product(*parts)]


def dtype_of(spec: KernelSpec, letters: str, ctype: str) -> np.dtype:
    """Return the dtype of a C type, or of a type variable."""
    names = ["T", *(name for name, _ in spec.others)]
    known = dict(zip(names, letters, strict=True))
    return np.dtype(known[ctype]) if ctype in known else DTYPES[ctype]


def entry(spec: KernelSpec, letters: str) -> str:
    """Return the name of the function of the library."""
    return f"{spec.name}__{'_'.join(CTYPES[letter].replace(' ', '') for letter in letters)}"


def text_of(spec: KernelSpec, letters: str) -> str:
    """Return C++ that runs the kernel over arrays `a` of `size` elements."""
    body = {"elementwise": _elementwise, "reduction": _reduction, "raw": _raw}[spec.kind](spec)
    source = _checked_source(spec) if spec.kind == "raw" else ""
    name = entry(spec, letters)
    return (
        f"namespace {name}_ {{\n{typedefs(spec, letters)}{spec.preamble}\n{source}\n"
        f'extern "C" int {name}('
        "const long long* shape_, void** a_, const long long* size_) {\n"
        f"failed = 0;\n{body}\nreturn failed;\n}}\n}}\n"
    )


def _raw_arguments(spec: KernelSpec) -> str:
    lines = []
    for i, p in enumerate(params_of(spec)):
        if p.is_raw and (p.is_pointer or spec.kind != "raw"):
            kind = p.ctype if p.is_out else f"const {p.ctype}"
            lines.append(f"Checked<{kind}> {p.name} = {{({kind}*)a_[{i}], size_[{i}], {i + 1}}};")
    return "\n".join(lines)


def _elements(spec: KernelSpec, is_out: bool, index: str) -> str:
    return "\n".join(
        f"{'' if is_out else 'const '}{p.ctype} &{p.name} = (({p.ctype}*)a_[{i}])[{index}];"
        for i, p in enumerate(params_of(spec))
        if not p.is_raw and p.is_out == is_out
    )


def _elementwise(spec: KernelSpec) -> str:
    return (
        f"Indexer _ind = {{shape_[0]}};\n{_raw_arguments(spec)}\n"
        "for (ptrdiff_t i = 0; i < _ind.size(); ++i) {\n"
        f"{_elements(spec, False, 'i')}\n{_elements(spec, True, 'i')}\n{spec.operation};\n}}"
    )


def _reduction(spec: KernelSpec) -> str:
    kind = spec.reduce_type
    return (
        f"{_raw_arguments(spec)}\ntypedef {NAMED.get(kind, kind)} type_reduce;\n"
        "auto combine = [](type_reduce a, type_reduce b) -> type_reduce "
        f"{{ return {spec.reduce}; }};\n"
        "for (ptrdiff_t row = 0; row < shape_[0]; ++row) {\n"
        f"type_reduce a = type_reduce({spec.identity});\n"
        "for (ptrdiff_t i = row * shape_[1]; i < (row + 1) * shape_[1]; ++i) {\n"
        f"{_elements(spec, False, 'i')}\na = combine(a, (type_reduce)({spec.operation}));\n}}\n"
        f"{_elements(spec, True, 'row')}\n{spec.post};\n}}"
    )


def _raw(spec: KernelSpec) -> str:
    names = ", ".join(
        p.name if p.is_pointer else f"*({p.ctype}*)a_[{i}]" for i, p in enumerate(params_of(spec))
    )
    axes = "zyx"
    loops = [f"for (blockIdx.{c} = 0; blockIdx.{c} < gridDim.{c}; ++blockIdx.{c})" for c in axes]
    if not spec.phased:
        loops += [
            f"for (threadIdx.{c} = 0; threadIdx.{c} < blockDim.{c}; ++threadIdx.{c})" for c in axes
        ]
    return (
        f"{_raw_arguments(spec)}\n"
        "gridDim = {(unsigned)shape_[0], (unsigned)shape_[1], (unsigned)shape_[2]};\n"
        "blockDim = {(unsigned)shape_[3], (unsigned)shape_[4], (unsigned)shape_[5]};\n"
        + "\n".join(loops)
        + f"\n{spec.name}({names});"
    )


def _checked_source(spec: KernelSpec) -> str:
    """Return the source of a raw kernel whose pointers know their ends."""
    head = ", ".join(
        f"Checked<{'' if p.is_out else 'const '}{p.ctype}> {p.name}"
        if p.is_pointer
        else f"{p.ctype} {p.name}"
        for p in params_of(spec)
    )
    source = spec.source.replace('extern "C"', "static")
    return re.sub(rf"\b{spec.name}\s*\([^)]*\)", lambda _: f"{spec.name}({head})", source, count=1)


@functools.cache
def library(specs: tuple[KernelSpec, ...]) -> ctypes.CDLL:
    """Return the library of a table, compiled if its text is new."""
    runnable = [spec for spec in specs if not spec.shared]
    parts = [text_of(spec, letters) for spec in runnable for letters in variants(spec)]
    text = "\n".join([SHIM.read_text("utf-8"), *parts])
    key = hashlib.sha256(text.encode()).hexdigest()[:20]
    folder = Path(tempfile.gettempdir()) / f"dezero_host_kernels_{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"{key}.so"
    if not path.exists():
        source, made = folder / f"{key}.{os.getpid()}.cpp", folder / f"{key}.{os.getpid()}.so"
        source.write_text(text, "utf-8")
        # Products and sums are rounded one after the other, as NumPy does.
        command = f"g++ -std=c++17 -O1 -ffp-contract=off -w -shared -fPIC {source} -o {made}"
        done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
        assert not done.returncode, f"{source}:\n{done.stderr[:4000]}"
        made.replace(path)
        source.unlink()
    return ctypes.CDLL(str(path))


class HostKernel:
    """A kernel of the table as CuPy would make it, run on NumPy arrays."""

    def __init__(self, spec: KernelSpec, letters: str = "") -> None:
        self.spec, self.letters = spec, letters
        self.table = next((specs for specs in TABLES.values() if spec in specs), (spec,))

    def __call__(self, *args: Any, **options: Any) -> Any:
        return getattr(self, f"_call_{self.spec.kind}")(*args, **options)

    def _letters(self, args: tuple[Any, ...]) -> str:
        """Return the letters of the type variables, as the arrays among the arguments say."""
        found: dict[str, np.dtype] = {}
        for p, given in zip(params_of(self.spec), args, strict=False):
            fixed = dtype_of(self.spec, variants(self.spec)[0], p.ctype)
            if isinstance(given, np.ndarray):
                is_variable = p.ctype not in DTYPES
                wanted = found.setdefault(p.ctype, given.dtype if is_variable else fixed)
                if given.dtype != wanted:
                    raise TypeError(f"{self.spec.name}: {p.name} is {given.dtype}, not {wanted}")
        letters = "".join(found[name].char for name in ["T", *(n for n, _ in self.spec.others)])
        letters = letters.replace("q", "l").replace("Q", "L")
        assert letters in variants(self.spec), f"{self.spec.name} is not for {letters}"
        return letters

    def _run(self, letters: str, shape: tuple[int, ...], arrays: list[np.ndarray]) -> None:
        function = getattr(library(self.table), entry(self.spec, letters))
        pointers = (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
        sizes = (ctypes.c_longlong * len(arrays))(*(a.size for a in arrays))
        failed = function((ctypes.c_longlong * len(shape))(*shape), pointers, sizes)
        if failed:
            name = params_of(self.spec)[failed - 1].name
            raise IndexError(f"{self.spec.name}: an index into {name} is out of bounds")

    def _prepared(self, letters: str, args: tuple[Any, ...], shape: Any) -> list[np.ndarray]:
        arrays = []
        for p, given in zip(params_of(self.spec), args, strict=True):
            array = np.asarray(given, dtype_of(self.spec, letters, p.ctype))
            if not p.is_raw and not p.is_out and shape is not None:
                array = np.broadcast_to(array, shape)
            arrays.append(np.ascontiguousarray(array))
        return arrays

    def _call_elementwise(self, *args: Any, size: int | None = None) -> Any:
        params, letters = params_of(self.spec), self._letters(args)
        named = list(zip(params, args, strict=False))
        if (size is None) != any(not p.is_raw and isinstance(a, np.ndarray) for p, a in named):
            raise ValueError(f"{self.spec.name}: CuPy takes size= where all arrays are raw, only")
        shape = (size,) if size is not None else _shape(named)
        made = [np.empty(shape, dtype_of(self.spec, letters, p.ctype)) for p in params[len(args) :]]
        outs = [given for p, given in named if p.is_out] + made
        whole = [given for p, given in named if p.is_out and not p.is_raw]
        if size is None and any(out.shape != shape for out in whole):
            raise ValueError(f"{self.spec.name}: outputs are not of the shape {shape}")
        arrays = self._prepared(letters, (*args, *made), shape)
        self._run(letters, (int(np.prod(shape)),), arrays)
        return _written(params, arrays, outs)

    def _call_reduction(self, *args: Any, axis: Any = None, keepdims: bool = False) -> Any:
        params, letters = params_of(self.spec), self._letters(args)
        count = sum(not p.is_out for p in params)
        shape = _shape(list(zip(params[:count], args, strict=False)))
        axes = range(len(shape)) if axis is None else np.atleast_1d(axis) % len(shape)
        kept = [i for i in range(len(shape)) if i not in axes]
        rows = tuple(shape[i] for i in kept)
        out_shape = tuple(1 if i in axes else n for i, n in enumerate(shape)) if keepdims else rows
        outs = [*args[count:]] or [
            np.empty(out_shape, dtype_of(self.spec, letters, p.ctype)) for p in params[count:]
        ]
        arrays = self._prepared(letters, (*args[:count], *outs), None)
        for i, p in enumerate(params[:count]):
            if not p.is_raw:
                whole = np.broadcast_to(arrays[i], shape).transpose(*kept, *axes)
                arrays[i] = np.ascontiguousarray(whole)
        n = int(np.prod(rows))
        self._run(letters, (n, int(np.prod(shape)) // max(n, 1)), arrays)
        return _written(params, arrays, outs)

    def _call_raw(self, grid: Any, block: Any, args: Any, shared_mem: int = 0) -> None:
        params = params_of(self.spec)
        for p, given in zip(params, args, strict=True):
            wanted = dtype_of(self.spec, self.letters, p.ctype)
            if p.is_pointer and (given.dtype != wanted or not given.flags.c_contiguous):
                raise TypeError(f"{self.spec.name}: {p.name} is {given.dtype}, or has gaps")
            if not p.is_pointer and type(given) is not SENT_AS[p.ctype]:
                raise TypeError(f"{self.spec.name}: {p.name} is a {type(given).__name__}")
        shape = tuple((*grid, 1, 1)[:3]) + tuple((*block, 1, 1)[:3])
        shape = tuple(max(1, n) for n in shape)  # as CuPy does
        fits = shape[0] < 2**31 and all(n < 2**16 for n in shape[1:])
        if not fits or int(np.prod(shape[3:])) > 1024:
            raise ValueError(f"{self.spec.name}: {shape[:3]} blocks of {shape[3:]} threads")
        arrays = [
            given if p.is_pointer else np.asarray(given, dtype_of(self.spec, self.letters, p.ctype))
            for p, given in zip(params, args, strict=True)
        ]
        self._run(self.letters, shape, arrays)


def _shape(named: list[tuple[Param, Any]]) -> tuple[int, ...]:
    return np.broadcast_shapes(*(np.shape(given) for p, given in named if not p.is_raw))


def _written(params: tuple[Param, ...], arrays: list[np.ndarray], outs: list[Any]) -> Any:
    results = [array for p, array in zip(params, arrays, strict=True) if p.is_out]
    for out, result in zip(outs, results, strict=True):
        if out is not result:
            out[...] = result.reshape(out.shape)
    return outs[0] if len(outs) == 1 else tuple(outs)


@contextlib.contextmanager
def hosted() -> Iterator[None]:
    """Run the functions around kernels on NumPy arrays, with g++ in NVRTC's place."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "_compiled", {})
        patch.setattr(compiler, "_make", HostKernel)
        patch.setattr(kernels, "empty", np.empty)
        yield


def pairs(specs: tuple[KernelSpec, ...]) -> list[Any]:
    """Return a parameter (spec, letters) for each kernel that runs here, in each of its types."""
    return [
        pytest.param(spec, letters, id=f"{spec.name}-{letters}")
        for spec in specs
        if not spec.shared
        for letters in variants(spec)
    ]


def drawn(spec: KernelSpec, letters: str, rng: Any, size: int = 200) -> dict[str, Any]:
    """Return arguments by name: normal arrays, positive ones to be written, numbers below 1."""
    given: dict[str, Any] = {}
    for p in params_of(spec):
        dtype = dtype_of(spec, letters, p.ctype)
        if p.is_out:
            given[p.name] = abs(rng.standard_normal(size)).astype(dtype)
        elif p.ctype == "double":
            given[p.name] = float(rng.uniform(0.1, 0.9))
        else:
            given[p.name] = rng.standard_normal(size).astype(dtype)
    return given


def twin_of(spec: KernelSpec) -> Callable[..., Any]:
    """Return the function that `reference` names."""
    module, _, name = spec.reference.partition(":")
    return getattr(importlib.import_module(module), name)


def check(
    spec: KernelSpec,
    letters: str,
    given: dict[str, Any],
    expected: dict[str, Any] | None = None,
    ulps: float = 8,
) -> None:
    """Run a kernel on the host and compare what it writes with its twin, or with `expected`.

    Args:
        spec, letters: the kernel and its types.
        given: arguments by name, others are left out; arrays to be written as they are before.
            For a raw kernel also "grid" and "block".
        expected: {name: array}; None to call the twin with copies of `given`.
        ulps: units of the last place of the largest entry by which results may differ.
    """
    names = [p.name for p in params_of(spec)]
    outs = [p.name for p in params_of(spec) if p.is_out]
    if expected is None:
        copies = {name: np.copy(given[name]) if name in outs else given[name] for name in given}
        taken = inspect.signature(twin_of(spec)).parameters
        copies = {name: value for name, value in copies.items() if name in {*names} & {*taken}}
        result = twin_of(spec)(**copies)
        results = result if isinstance(result, tuple) else (result,)
        expected = copies if result is None else dict(zip(outs, results, strict=True))
    ours = {name: np.copy(given[name]) if name in outs else given[name] for name in names}
    if spec.kind == "raw":
        HostKernel(spec, letters)(given["grid"], given["block"], tuple(ours.values()))
    elif spec.kind == "reduction":
        HostKernel(spec, letters)(*ours.values(), axis=given.get("axis", -1))
    else:
        HostKernel(spec, letters)(*ours.values())
    for name in outs:
        eps = ulps * np.finfo(ours[name].dtype).eps if ours[name].dtype.kind == "f" else 0
        largest = float(
            np.max(np.abs(expected[name]), initial=1, where=np.isfinite(expected[name]))
        )
        np.testing.assert_allclose(ours[name], expected[name], eps, eps * largest, err_msg=name)

"""The GPU's own code on the strict double: what it launches, counted, with how many bytes.

The functions around kernels are those of the GPU. Their texts run by g++, products by a library of
NumPy's, and everything else by the double's array module. What only looks at memory another way is
no launch.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pytest

from dezero.backend import Backend, register, unregister
from dezero.backend.cupy import arrays, blas, cudnn, kernels, kernels_noise, kernels_products
from dezero.backend.cupy import compile as compiler
from dezero.backend.cupy.blas import Blas, CuPyPlace
from dezero.backend.cupy.blaslt import BlasLt
from tests.backend.cupy.host_blas import HostCublas, HostCublasLt
from tests.backend.cupy.host_kernels import HostKernel
from tests.strict import array as double
from tests.strict import module
from tests.strict.crossing import flat, unwrap, wrap
from tests.strict_device import STRICT, StrictArray

# Memory that nothing is written to.
NOTHING = {"empty", "empty_like"}
IN_PLACE = {"fill", "sort", "partition", "put"}
# CuPy does these in as many launches as there are arrays.
PIECEWISE = {"concatenate", "stack", "hstack", "vstack"}
# The narrowest result that cublasLt has an epilogue for, as this double plays it.
WIDE = 16


class Launch(NamedTuple):
    """A kernel's name, and the bytes of the arrays it reads and writes, each counted once."""

    name: str
    bytes: int


class Launches(list[Launch]):
    """What was launched, in order."""

    def note(self, name: str, arrays: Any, times: int = 1) -> None:
        """Add a launch that works on these arrays of the host, nested in lists or not."""
        whole = {id(x): x for x in flat(arrays) if isinstance(x, np.ndarray) and x.size}
        held = [min(x.nbytes, x.itemsize * _reach(x)) for x in whole.values()]
        if held:
            self += [Launch(name, sum(held) // times)] * times

    @property
    def bytes(self) -> int:
        """All bytes together."""
        return sum(launch.bytes for launch in self)

    def names(self) -> Counter[str]:
        """How often each was launched."""
        return Counter(launch.name for launch in self)


def _reach(x: np.ndarray) -> int:
    """The elements of memory behind x: one that was stretched is read once."""
    return int(np.prod([n for n, step in zip(x.shape, x.strides, strict=True) if step] or [1]))


def _inner(x: Any) -> Any:
    return unwrap(x, "an argument of a kernel")


class _Place(CuPyPlace):
    def __init__(self) -> None:
        self.xp = STRICT.xp

    def device(self) -> int:
        return 0

    def stream(self) -> int:
        return 5


class _Counting:
    """What is put in the place of the double's functions."""

    def __init__(self, taken: Launches) -> None:
        self.taken = taken
        self.call = module.call
        self.ufunc = module.StrictUfunc.__call__
        self.get, self.set = StrictArray.__getitem__, StrictArray.__setitem__
        self.astype, self.product = StrictArray.astype, double._product

    def make(self, spec: Any, letters: str = "") -> Any:
        """Return a kernel that is run by g++ and counted."""
        host = HostKernel(spec, letters)

        def run(*args: Any, **options: Any) -> Any:
            inner = [_inner(a) for a in args]
            result = host(*inner, **options)
            self.taken.note(spec.name, [*inner, result])
            return wrap(result)

        return run

    def patched_call(self, name: str, func: Any, args: tuple, kwargs: dict) -> Any:
        result = self.call(name, func, args, kwargs)
        given = [_inner(a) for a in flat(list(args), list(kwargs.values()))]
        given = [a for a in given if isinstance(a, np.ndarray)]
        made = [r._host for r in flat(result) if isinstance(r, StrictArray)]
        new = [r for r in made if not any(np.may_share_memory(r, a) for a in given)]
        times = len(given) if name in PIECEWISE else 1
        if (new and name not in NOTHING) or kwargs.get("out") is not None or name in IN_PLACE:
            self.taken.note(name, [given, made], times)
        return result

    def patched_ufunc(self, ufunc: Any, *args: Any, **kwargs: Any) -> Any:
        result = self.ufunc(ufunc, *args, **kwargs)
        self.taken.note(ufunc.__name__, [_inner(a) for a in flat(list(args), result)])
        return result

    def patched_get(self, x: Any, index: Any) -> Any:
        result = self.get(x, index)
        if not np.may_share_memory(result._host, x._host):
            self.taken.note("x[index]", [result._host, result._host.copy()])
        return result

    def patched_set(self, x: Any, index: Any, value: Any) -> None:
        self.set(x, index, value)
        self.taken.note("x[index] = y", [_inner(value), x._host[_inner(index)]])

    def patched_astype(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        result = self.astype(x, *args, **kwargs)
        if result is not x:
            self.taken.note("astype", [x._host, result._host])
        return result

    def patched_product(self, a: Any, b: Any) -> Any:
        raise AssertionError("expected product(a, b), got CuPy's a @ b, which no graph captures.")


def _count_products(counting: _Counting, lt: BlasLt) -> None:
    """Have the two libraries' calls counted, with the bytes of the operands and the result."""
    plain, fused = lt.blas._product, lt._run

    def product(found: Any, operands: tuple, kind: int, result: int) -> None:
        counting.taken.note("gemm", [_inner(x) for x in operands])
        plain(found, operands, kind, result)

    lt.blas._product = product  # type: ignore[method-assign]

    def run(prepared: Any, addresses: tuple, result: int) -> None:
        layouts = [lt.library.parts[p.value]["layout"] for p in prepared[1:4]]
        size = 8 if result == 1 else 4
        counting.taken.append(
            Launch("gemm with epilogue", sum(n * k * size for _, n, k, _ in layouts))
        )
        fused(prepared, addresses, result)

    lt._run = run  # type: ignore[method-assign]


def _backend() -> Backend:
    found = {name: getattr(room, name) for room in arrays.DEVICE_MODULES for name in room.__all__}
    return Backend(
        "cuda", (StrictArray,), STRICT.xp, SimpleNamespace(**found), STRICT.to_host,
        STRICT.from_host,
    )  # fmt: skip


@contextlib.contextmanager
def counted_gpu() -> Iterator[Launches]:
    """Let the double be the GPU, run by its own code; yields what is launched in the block."""
    taken, backend = Launches(), _backend()
    counting = _Counting(taken)
    lt = BlasLt(HostCublasLt(WIDE), Blas(HostCublas(), _Place()))
    _count_products(counting, lt)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compiler, "_compiled", {})
        patch.setattr(compiler, "_make", counting.make)
        for room in (kernels, compiler):
            patch.setattr(room, "empty", lambda size, dtype: STRICT.xp.empty(size, dtype))
        patch.setattr(blas, "blas", lambda: lt.blas)
        patch.setattr(kernels_products, "blas", lambda: lt.blas)
        patch.setattr(kernels_products, "fused", lambda: lt)
        patch.setattr(kernels_products, "module", lambda: STRICT.xp)
        patch.setattr(kernels_noise, "_nothing", {})
        patch.setattr(cudnn, "cudnn", lambda: None)
        for room in (module, double):
            patch.setattr(room, "call", counting.patched_call)
        patch.setattr(double, "_product", counting.patched_product)
        patch.setattr(module.StrictUfunc, "__call__", _method(counting.patched_ufunc))
        patch.setattr(StrictArray, "__getitem__", _method(counting.patched_get))
        patch.setattr(StrictArray, "__setitem__", _method(counting.patched_set))
        patch.setattr(StrictArray, "astype", _method(counting.patched_astype))
        register(backend)
        try:
            yield taken
        finally:
            unregister(backend)


def _method(function: Any) -> Any:
    """Return a function that becomes a method when it stands in a class."""
    return lambda self, *args, **kwargs: function(self, *args, **kwargs)

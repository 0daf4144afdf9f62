"""Every kernel of the tables compiled by NVRTC and run on the GPU, beside its NumPy twin.

What the tests of the tables do with kernels that g++ compiled, they do here with the real ones:
arrays go to the GPU and what was written comes back. With the double in its place g++ stays.
"""

import functools
import importlib
from pathlib import Path

import numpy as np
import pytest

from dezero.backend.cupy import compile as compiler
from dezero.backend.cupy.specs import KernelSpec
from dezero.backend.cupy.table import TABLES
from tests.backend.cupy import host_kernels
from tests.backend.cupy.host_kernels import HostKernel, params_of, variants
from tests.gpu.report import LAUNCHED

FOLDER = Path(host_kernels.__file__).parent
made = functools.cache(compiler._make)


def on_device(backend):
    """Return what takes the place of HostKernel's call: NumPy's arrays in, CuPy's kernel."""

    def call(self, *args, **options):
        if self.spec.kind != "raw":
            return launched(self, args, options)
        grid, block, arguments = args
        moved = [there(a) for a in arguments]
        made(self.spec, self.letters)(grid, block, tuple(moved), **options)
        bring_back(self, arguments, moved)
        return None

    def launched(self, args, options):
        moved = [there(a) for a in args]
        result = made(self.spec, "")(*moved, **options)
        bring_back(self, args, moved)
        results = result if isinstance(result, tuple) else (result,)
        given = {id(there): here for here, there in zip(args, moved, strict=True)}
        found = tuple(given[id(y)] if id(y) in given else backend.to_host(y) for y in results)
        return found if isinstance(result, tuple) else found[0]

    def there(a):
        return backend.from_host(a) if isinstance(a, np.ndarray) else a

    def bring_back(self, args, moved):
        for p, here, there in zip(params_of(self.spec), args, moved, strict=False):
            if p.is_out and isinstance(here, np.ndarray):
                here[...] = backend.to_host(there)

    return call


@pytest.fixture(autouse=True)
def kernels_of_the_gpu(is_double, gpu, monkeypatch):
    """Put CuPy's kernels where the host's are run, unless there is only the double; note which."""
    call = HostKernel.__call__ if is_double else on_device(gpu)

    def noted(self, *args, **options):
        result = call(self, *args, **options)
        LAUNCHED.add(self.spec.name)
        return result

    monkeypatch.setattr(HostKernel, "__call__", noted)


def cases_of(path):
    """Return a class with the tests of a file that run kernels on the host."""
    module = importlib.import_module(f"tests.backend.cupy.{path}")
    found = {name: f for name, f in vars(module).items() if name.startswith("test_")}
    return {name: staticmethod(f) for name, f in found.items()}


for _path in sorted(path.stem for path in (FOLDER / "table").glob("test_*.py")):
    _name = f"Test{_path.removeprefix('test_').title()}"
    globals()[_name] = type(_name, (), cases_of(f"table.{_path}"))


EACH = [
    pytest.param(spec, letters, id=f"{table}-{spec.name}-{letters}")
    for table, specs in TABLES.items()
    for spec in specs
    for letters in variants(spec)
]


@pytest.mark.parametrize(("spec", "letters"), [p for p in EACH if p.values[0].kind == "raw"])
def test_raw_kernels_compile(spec, letters, real):
    compiler._make(spec, letters).compile()


def test_every_table_is_tried():
    tried = {name.removeprefix("Test").lower() for name in globals() if name.startswith("Test")}
    assert tried == set(TABLES)


class Played:
    """A device whose arrays are the host's, wrapped: to see that nothing else is handed on."""

    class Array:
        def __init__(self, host):
            self.host = host

    def from_host(self, x):
        return self.Array(np.array(x))

    def to_host(self, x):
        return x.host


def test_arrays_go_there_and_what_was_written_comes_back(monkeypatch):
    def make(spec, letters=""):
        def kernel(x, y=None):
            y = Played.Array(np.empty_like(x.host)) if y is None else y
            y.host[...] = 2 * x.host
            return y

        return (lambda grid, block, args: kernel(*args)) if spec.kind == "raw" else kernel

    monkeypatch.setattr("tests.gpu.test_kernels.made", make)
    monkeypatch.setattr(HostKernel, "__call__", on_device(Played()))
    x, y = np.arange(3.0), np.zeros(3)
    twice = HostKernel(KernelSpec("elementwise", "twice", "T x", "T y", "y = 2 * x"))
    assert twice(x).tolist() == [0, 2, 4]
    assert twice(x, y) is y
    assert y.tolist() == [0, 2, 4]
    source = "void raw_twice(const T* x, T* y) {}"
    z = np.zeros(3)
    HostKernel(KernelSpec("raw", "raw_twice", source=source), "d")((1,), (3,), (x, z))
    assert z.tolist() == [0, 2, 4]

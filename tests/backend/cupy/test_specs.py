"""The table of kernels is whole: names differ, twins exist, and each file is tested."""

import importlib
import pkgutil

import numpy as np
import pytest

from dezero.backend.cupy import table
from dezero.backend.cupy.specs import KernelSpec, typedefs
from tests.backend.cupy.host_kernels import HostKernel, needs_compiler, params_of, twin_of, variants
from tests.closure import ROOT

ALL = [spec for specs in table.TABLES.values() for spec in specs]


def test_every_file_of_the_table_is_in_it():
    files = [module.name for module in pkgutil.iter_modules(table.__path__)]
    assert sorted(files) == sorted(table.TABLES)


def test_no_kernel_is_made_elsewhere():
    """Whoever compiles or runs the whole table has seen every text of ours."""
    made = ("KernelSpec(", "RawKernel(", "RawModule(", "ElementwiseKernel(", "ReductionKernel(")
    known = {"backend/cupy/compile.py"}
    for path in (ROOT / "dezero").rglob("*.py"):
        inside = str(path.relative_to(ROOT / "dezero"))
        if path.parent.name != "table" and inside not in known:
            text = path.read_text("utf-8")
            assert not any(word in text for word in made), inside


@pytest.mark.parametrize("name", table.TABLES)
def test_every_kernel_of_a_file_is_in_its_table(name):
    module = importlib.import_module(f"{table.__name__}.{name}")
    found = {id(x) for x in vars(module).values() if isinstance(x, KernelSpec)}
    assert found <= {id(spec) for spec in ALL}


def test_names_differ():
    names = [spec.name for spec in ALL]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_a_spec_is_complete(spec):
    assert spec.kind in ("elementwise", "reduction", "raw")
    assert params_of(spec) and any(p.is_out for p in params_of(spec))
    assert all(typedefs(spec, letters) for letters in variants(spec))
    if spec.reference:
        assert callable(twin_of(spec))


@pytest.mark.parametrize("name", table.TABLES)
def test_each_file_runs_its_kernels_on_the_host(name):
    text = (ROOT / "tests/backend/cupy/table" / f"test_{name}.py").read_text("utf-8")
    assert f"pairs({name}.SPECS)" in text


def test_typedefs():
    spec = KernelSpec("elementwise", "f", "T x, raw I i", "T y", "y = x;", others=(("I", "li"),))
    assert typedefs(spec, "fl") == "typedef float T;\ntypedef long long I;\n"
    assert variants(spec) == ["fl", "fi", "dl", "di"]


ROWS = KernelSpec("reduction", "rows", "T x, T w", "T y", "x * w", post="y = sqrt(a)", dtypes="fd")
SCALE = KernelSpec("elementwise", "scale", "T x, raw T by, float64 c", "T y", "y = x * by[i] + c;")
ADD_AT = KernelSpec(
    "raw",
    "add_at",
    source="""
    extern "C" __global__ void add_at(T* __restrict__ y, const long long* at, long long n) {
        CUPY_FOR(i, n) { atomicAdd(&y[at[i]], T(1)); }
    }
    """,
    dtypes="fd",
)


@needs_compiler
@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_the_host_runs_a_reduction(rng, dtype):
    x, w = abs(rng.standard_normal((2, 3, 4, 5))).astype(dtype)
    w = w[0]
    expected = np.sqrt((x * w).sum(axis=1))
    result = HostKernel(ROWS)(x, w, axis=1)
    assert result.dtype == dtype
    np.testing.assert_allclose(result, expected, 1e-5)
    assert HostKernel(ROWS)(x, w, axis=1, keepdims=True).shape == (3, 1, 5)
    np.testing.assert_allclose(HostKernel(ROWS)(x, w), np.sqrt((x * w).sum()), 1e-5)


@needs_compiler
def test_the_host_takes_numbers_and_arrays_of_one_for_them(rng):
    x, by = rng.standard_normal((2, 6))
    by = by.copy()
    for c in (0.5, np.array([0.5])):
        np.testing.assert_allclose(
            HostKernel(SCALE)(x.reshape(2, 3), by, c), (x * by + 0.5).reshape(2, 3)
        )
    y = np.zeros(6)
    assert HostKernel(SCALE)(x, by, 0.5, y) is y and y.any()


@needs_compiler
@pytest.mark.parametrize("grid", [1, 3])
def test_the_host_runs_a_grid(grid):
    at = np.array([0, 2, 2, 1, 2, 2, 0], np.int64)
    y = np.zeros(3, "f4")
    HostKernel(ADD_AT, "f")((grid,), (2,), (y, at, 7))
    np.testing.assert_array_equal(y, [2, 1, 4])


@needs_compiler
def test_the_host_refuses_what_the_gpu_would_not_notice(rng):
    x = rng.standard_normal(6)
    with pytest.raises(IndexError, match="scale: an index into by"):
        HostKernel(SCALE)(x, x[:5].copy(), 1.0)
    for at in (3, -1):
        with pytest.raises(IndexError, match="add_at: an index into y"):
            HostKernel(ADD_AT, "d")((1,), (1,), (np.zeros(3), np.array([at]), 1))
    with pytest.raises(TypeError, match="by is float32, not float64"):
        HostKernel(SCALE)(x, x.astype("f4"), 1.0)
    with pytest.raises(TypeError, match="y is float32"):
        HostKernel(ADD_AT, "d")((1,), (1,), (np.zeros(3, "f4"), np.array([0]), 1))


@needs_compiler
def test_a_text_that_does_not_compile_says_so():
    spec = KernelSpec("elementwise", "wrong", "T x", "T y", "y = unknown_name;")
    with pytest.raises(AssertionError, match="unknown_name"):
        HostKernel(spec)(np.ones(2))

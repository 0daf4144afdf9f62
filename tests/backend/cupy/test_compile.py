"""From specs to kernels: made once, and every text accepted by NVRTC where it is installed."""

import sys
from types import SimpleNamespace

import pytest

from dezero.backend.cupy import compile as compiler
from dezero.backend.cupy.specs import KernelSpec
from dezero.backend.cupy.table import TABLES
from tests.backend.cupy import nvrtc_compile

ADD = KernelSpec("elementwise", "add", "T x", "T y", "y += x;")
TOTAL = KernelSpec("reduction", "total", "T x", "T y", "x", post="y = a")
COPY = KernelSpec(
    "raw",
    "copy",
    source='extern "C" __global__ void copy(const T* x, T* y, long long n) { y[0] = x[0]; }',
)


@pytest.fixture
def made(monkeypatch):
    """What is asked of CuPy."""
    calls = []

    def recorder(kind):
        def make(*args, **options):
            calls.append((kind, args, options))
            return kind, args

        return make

    names = "ElementwiseKernel", "ReductionKernel", "RawKernel"
    fake = SimpleNamespace(**{name: recorder(name) for name in names})
    monkeypatch.setitem(sys.modules, "cupy", fake)
    monkeypatch.setattr(compiler, "_compiled", {})
    return calls


def test_a_kernel_is_made_once(made):
    first = compiler.kernel(ADD)
    assert compiler.kernel(ADD) is first and len(made) == 1
    assert made[0] == ("ElementwiseKernel", ("T x", "T y", "y += x;", "add"), {"preamble": ""})


def test_a_reduction_has_all_its_parts(made):
    compiler.kernel(TOTAL)
    kind, args, options = made[0]
    assert (kind, args) == (
        "ReductionKernel", ("T x", "T y", "x", "a + b", "y = a", "0", "total")
    )  # fmt: skip
    assert options == {"reduce_type": "T", "preamble": ""}


def test_a_raw_kernel_is_made_for_each_type(made):
    for letters in ("f", "d", "f"):
        compiler.kernel(COPY, letters)
    assert [args[1] for _, args, _ in made] == ["copy", "copy"]
    assert ["typedef float T;" in args[0] for _, args, _ in made] == [True, False]


def test_ci_compiles_the_whole_table():
    work = [job for specs in TABLES.values() for job in nvrtc_compile.spread(specs)]
    assert "in all of their" in nvrtc_compile.covered(work)
    last = work[-1][0][0].name
    with pytest.raises(RuntimeError, match=f"never compiled: .*{last}"):
        nvrtc_compile.covered([job for job in work if job[0][0].name != last])


@pytest.mark.slow
@pytest.mark.parametrize("architecture", nvrtc_compile.ARCHITECTURES)
@pytest.mark.parametrize("table", TABLES)
def test_nvrtc_takes_every_text(table, architecture):
    reason = nvrtc_compile.why_not()
    if reason:
        pytest.skip(reason)
    for spec, letters, is_small in nvrtc_compile.jobs(TABLES[table]):
        nvrtc_compile.compile_text(nvrtc_compile.wrapped(spec, letters, is_small), architecture)

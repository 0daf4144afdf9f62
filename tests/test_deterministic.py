"""Under `deterministic()` no sum of a device is left to chance: one kernel makes them all."""

import dataclasses
import re
import types

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import register, unregister
from dezero.backend.cupy import kernels
from dezero.backend.cupy.table import TABLES
from dezero.cuda import deterministic
from tests import spec_checks as checks
from tests.backend.cupy.host_kernels import hosted, needs_compiler
from tests.backend.cupy.test_kernels import WithoutAtomics
from tests.closure import ROOT
from tests.specs import SPECS
from tests.strict.crossing import unwrap
from tests.strict_device import STRICT, strict_device

# What sums by index: a look at every other function is for the whole run.
SUMMING = r"get_item|scatter|embed|take|set_item|unpool|max_pool|resiz|ctc|warp|grid|one_hot"


def index_add(y, index, values):
    """The GPU's, its kernels run by g++, on the double's arrays."""
    with hosted(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "xp", lambda x: WithoutAtomics())
        kernels.index_add(*(unwrap(v, "an argument of index_add") for v in (y, index, values)))


@pytest.fixture
def device():
    ours = types.SimpleNamespace(**{**vars(STRICT.kernels), "index_add": index_add})
    device = dataclasses.replace(STRICT, kernels=ours)
    register(device)
    with deterministic():
        yield device
    unregister(device)


@needs_compiler
@pytest.mark.slow
def test_no_function_leaves_a_sum_to_chance(device):
    for spec in SPECS:
        checks.check_device(spec, device)


@needs_compiler
def test_functions_that_sum_by_index(device):
    chosen = [spec for spec in SPECS if re.search(SUMMING, spec.id)][::2]
    assert len(chosen) > 5
    for spec in chosen:
        checks.check_device(spec, device)


def test_the_double_refuses_such_sums():
    with strict_device() as backend, deterministic():
        x, i = backend.from_host(np.zeros(3)), backend.from_host(np.array([0, 0]))
        with pytest.raises(TypeError, match=r"add.at: expected kernels\(x\).index_add"):
            backend.xp.add.at(x, i, 1.0)
        with pytest.raises(TypeError, match="bincount: expected"):
            backend.xp.bincount(i, backend.from_host(np.ones(2)))
        assert F.get_item(x, i).shape == (2,)


def test_atomics_are_in_one_kernel():
    found = {
        s.name for specs in TABLES.values() for s in specs if "atomic" in s.source + s.preamble
    }
    found |= {s.name for specs in TABLES.values() for s in specs if "atomic" in s.operation}
    assert found == {"add_rows"}
    calls = re.compile(r"\b(add|subtract|maximum|minimum)\.at\(|scatter_add\(\w+, \w+, \w+\)$")
    files = (ROOT / "dezero").rglob("*.py")
    named = {f.name for f in files if calls.search(f.read_text("utf-8"))}
    assert named == {"kernels.py", "numpy_kernels.py"}

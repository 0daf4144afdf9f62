"""The book's `dezero.cuda`."""

import subprocess
import sys

import numpy as np
import pytest

from dezero import Variable, backend, cuda
from tests.closure import ROOT


def test_names():
    assert cuda.get_array_module(Variable(1.0)) is np
    assert cuda.as_numpy is backend.as_numpy
    assert cuda.as_cupy is backend.as_cupy
    assert cuda.gpu_enable == (backend.gpu() is not None)
    assert {"cupy", "gpu_enable", "as_numpy"} <= set(dir(cuda))


def test_gpu_enable_asks_each_time(monkeypatch):
    for found in (None, object()):
        monkeypatch.setattr("dezero.backend.devices.gpu", lambda found=found: found)
        assert cuda.gpu_enable is (found is not None)


def test_unknown_name():
    with pytest.raises(AttributeError, match="dezero.cuda: expected one of its names, got 'gpu'"):
        cuda.gpu  # noqa: B018


def test_import_leaves_accelerators_alone():
    code = "import sys, dezero.cuda; print({'cupy', 'numba'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "set()", run.stderr

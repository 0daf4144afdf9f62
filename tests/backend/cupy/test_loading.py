"""Loading CuPy's backend: once, where there is a GPU, and not in a forked child."""

import os
import subprocess
import sys

import numpy as np
import pytest

from dezero.backend import backend_of, cupy, is_array
from dezero.backend.cupy import Finding
from dezero.backend.cupy import loading as room
from tests.closure import ROOT
from tests.strict_device import STRICT


def test_asked_once(monkeypatch):
    monkeypatch.setattr(room, "_found", [])
    monkeypatch.setattr(room, "_owner", [])
    answers = iter([Finding(False, "first")])
    monkeypatch.setattr(room, "probe", lambda: next(answers))
    assert room.finding().reason == "first"
    assert room.finding().reason == "first"
    assert room._owner == [os.getpid()]


def test_load_without_a_gpu(monkeypatch):
    monkeypatch.setattr(room, "_found", [Finding(False, "no driver", "Install it")])
    with pytest.raises(RuntimeError, match="to_gpu: expected a usable GPU, got none: no driver. I"):
        room.load("to_gpu")


def test_a_forked_process_is_told(monkeypatch):
    monkeypatch.setattr(room, "_found", [Finding(True, facts={"GPUs": "1"})])
    monkeypatch.setattr(room, "_loaded", [STRICT])
    monkeypatch.setattr(room, "_owner", [os.getpid()])
    assert room.load() is STRICT
    monkeypatch.setattr(room, "_owner", [os.getpid() + 1])
    with pytest.raises(RuntimeError, match="worker: expected the process that began to use the GP"):
        room.load("worker")


FORKED = """
import os, sys
import numpy as np
import dezero
from dezero import layers
from dezero.backend.cupy import loading
from tests.strict_device import strict_gpu

with strict_gpu() as gpu:
    loading._owner[:] = [os.getpid()]
    layer = layers.Linear(2)
    layer(np.ones((1, 3), "f4"))
    layer.to_gpu()
    x = gpu.from_host(np.ones((1, 3), "f4"))

    def broken(*args):
        raise OSError("cudaErrorInitializationError")

    gpu.kernels.linear = broken
    if not os.fork():
        for run in (lambda: layer.to_gpu(), lambda: layer(x), lambda: dezero.cuda.as_cupy([1.0])):
            try:
                run()
            except RuntimeError as error:
                print(error, flush=True)
        os._exit(0)
    os.wait()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_is_told_by_whatever_it_tries():
    command = [sys.executable, "-W", "ignore", "-c", FORKED]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    said = run.stdout.strip().splitlines()
    assert [line.split(":")[0] for line in said] == ["to_gpu", "linear", "as_cupy"], run.stderr
    assert all("got one forked from it" in line and "'spawn'" in line for line in said)


def test_an_array_of_cupy_is_owned_once_it_is_seen(monkeypatch):
    asked = []
    monkeypatch.setattr(cupy, "load", asked.append)
    kind = type("ndarray", (), {"__module__": "cupy"})
    assert not is_array(kind())
    with pytest.raises(TypeError, match="expected an array of a registered backend"):
        backend_of(kind())
    assert asked == ["backend_of", "backend_of"]
    assert is_array(np.ones(2)) and not is_array("text")
    assert len(asked) == 2


def test_import_asks_nothing():
    code = (
        "import sys, dezero, dezero.cuda, dezero.backend.cupy.loading as room; "
        "print(room._found, {'cupy', 'importlib.metadata'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert run.stdout.strip() == "[] set()", run.stderr

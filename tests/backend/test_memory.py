"""Freed memory is kept where glibc can keep it; what nobody can keep is left alone."""

import subprocess
import sys

import pytest

from dezero.backend import memory
from tests.closure import ROOT

FAULTS = """
import resource
import numpy as np
{prepare}
def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def step():
    a = np.ones(12_000_000, "f4")  # 48 MB: above glibc's own limit of 32 MB
    b = a + 1
    return float(b[-1])

step(), step()
before = faults()
for _ in range(5):
    step()
print(faults() - before)
"""


def counted(prepare, **environment):
    code = FAULTS.format(prepare=prepare)
    variables = {"PYTHONPATH": str(ROOT), "PATH": "", **environment}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    return int(done.stdout)


def glibc():
    try:
        return memory.ctypes.CDLL(None).gnu_get_libc_version is not None
    except (AttributeError, OSError):
        return False


@pytest.mark.slow
@pytest.mark.skipif(not glibc(), reason="only glibc's malloc can be told")
def test_a_step_takes_no_new_pages():
    plain = counted("import os")
    kept = counted("import dezero.backend")
    assert plain > 50 and kept < plain / 10
    assert counted("import dezero.backend", DEZERO_KEEP_MEMORY="0") > plain / 2


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_are_left_alone(monkeypatch, platform):
    monkeypatch.setattr(memory.sys, "platform", platform)
    assert not memory.keep_freed_memory()


def test_a_c_library_without_mallopt_is_left_alone(monkeypatch):
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: object())
    assert not memory.keep_freed_memory()

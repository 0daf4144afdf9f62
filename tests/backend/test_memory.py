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


@pytest.mark.parametrize(
    ("said", "kept"),
    [("1000000\n", 250_000), ("max\n", None), ("9223372036854771712\n", None), (None, None)],
)
def test_a_container_keeps_a_quarter_of_its_limit(monkeypatch, tmp_path, said, kept):
    calls = {}

    class Library:
        def mallopt(self, setting, value):
            calls[setting] = value
            return 1

    limit = tmp_path / "memory.max"
    if said is not None:
        limit.write_text(said)
    monkeypatch.setattr(memory, "_LIMITS", (str(tmp_path / "none"), str(limit)))
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.os, "sysconf", lambda name: 4000, raising=False)  # 16 MB in all
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library())
    monkeypatch.delenv("DEZERO_KEEP_MEMORY", raising=False)
    assert memory.keep_freed_memory()
    assert calls[memory._TRIM_THRESHOLD] == (kept or 4_000_000)
    assert memory.keep_freed_memory(300_000)
    assert calls[memory._TRIM_THRESHOLD] == 300_000

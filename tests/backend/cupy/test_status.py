"""`dezero.cuda.available`, `info` and `check`, with and without a GPU."""

import pytest

from dezero import cuda
from dezero.backend.cupy import Finding, status
from dezero.backend.cupy import loading as room
from dezero.backend.precision import PRECISION, autocast, matmul_precision
from tests.strict_device import STRICT

NOTHING = Finding(False, "CuPy is not installed", "pip install it", {"CuPy wheel": "none"})


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(room, "_found", [NOTHING])


@pytest.fixture
def a_gpu(monkeypatch):
    monkeypatch.setattr(room, "_found", [Finding(True, facts={"GPUs": "2"})])
    monkeypatch.setattr(room, "_owner", [])
    monkeypatch.setattr(room, "_loaded", [STRICT])
    told = {"CuPy": "14.2.0", "GPU 0": "NVIDIA H100, sm_90, 80.0 GiB", "NCCL": "installed"}
    monkeypatch.setattr(status, "info", lambda: told)


def test_without_a_gpu(no_gpu):
    assert not cuda.available()
    assert cuda.why_unavailable() == "CuPy is not installed. pip install it."
    assert cuda.device_count() == 0
    facts = cuda.info()
    assert facts["reason"] == "CuPy is not installed" and facts["fix"] == "pip install it"
    assert facts["CuPy wheel"] == "none"
    lines = []
    assert not cuda.check(lines.append)
    assert lines == ["no GPU: CuPy is not installed. pip install it."]


def test_check_compares_with_numpy(a_gpu):
    lines = []
    assert cuda.device_count() == 2
    assert cuda.check(lines.append)
    first = lines.pop(0)
    assert first == "GPU 0 NVIDIA H100, sm_90, 80.0 GiB, CuPy 14.2.0, NCCL installed"
    assert len(lines) == len(status.TRIALS)
    assert all("agrees with NumPy" in line for line in lines)


def test_check_computes_at_full_precision_whatever_is_set(a_gpu, monkeypatch):
    seen = []
    monkeypatch.setattr(status, "TRIALS", {"one": None})
    monkeypatch.setattr(status, "_agrees", lambda *given: seen.append(PRECISION.get()) or True)
    with autocast(), matmul_precision("tf32"):
        assert cuda.check(lambda line: None)
        assert PRECISION.get()[:2] == ("tf32", "float16")
    assert [precision[:2] for precision in seen] == [("highest", None)]


def test_check_finds_wrong_numbers_and_failures(a_gpu, monkeypatch):
    def broken(xp, kernels, x):
        if xp is STRICT.xp:
            raise RuntimeError("no kernel image\nis there")
        return x

    wrong = {"halves": lambda xp, kernels, x: x * (0.5 if xp is STRICT.xp else 1), "none": broken}
    monkeypatch.setattr(status, "TRIALS", wrong)
    lines = []
    assert not cuda.check(lines.append)
    assert "halves: DIFFERS FROM NUMPY" in lines[1]
    assert lines[2] == "none: FAILED, RuntimeError: no kernel image"
    right = {"itself": lambda xp, kernels, x: x}
    for trials in (right | wrong, wrong | right):  # one that fails is one too many
        monkeypatch.setattr(status, "TRIALS", trials)
        assert not cuda.check(lines.append)


def test_a_device_in_words():
    class Runtime:
        @staticmethod
        def getDeviceProperties(i):
            return {"name": b"NVIDIA H100", "major": 9, "minor": 0, "totalGlobalMem": 80 * 2**30}

    assert status._device(Runtime, 0) == "NVIDIA H100, sm_90, 80.0 GiB"

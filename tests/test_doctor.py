"""`python -m dezero.doctor`."""

import subprocess
import sys
from importlib import metadata
from types import SimpleNamespace

from dezero import cuda, doctor
from dezero.backend.cupy import Finding
from dezero.backend.cupy import loading as room
from tests.closure import ROOT


def played(monkeypatch, found, agrees=True):
    monkeypatch.setattr(room, "_found", [found])
    monkeypatch.setattr(cuda, "check", lambda say: [say("a sum: agrees"), agrees][1])
    monkeypatch.setattr(cuda, "info", lambda: dict(found.facts))
    lines = []
    return doctor.main(lines.append), "\n".join(lines)


def test_as_a_program():
    command = [sys.executable, "-m", "dezero.doctor"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert run.returncode == (0 if cuda.available() else 1), run.stderr
    for word in ("BLAS: ", " x", "numba: ", "h5py: ", "mpi4py: ", "CuPy: ", "driver: ", "NCCL: "):
        assert word in run.stdout


def test_without_a_gpu(monkeypatch):
    status, text = played(monkeypatch, Finding(False, "no driver", "Install it"))
    assert status == 1
    assert text.endswith(
        "No GPU can be used: no driver. Install it.\nEverything runs on the CPU all the same."
    )


def test_commands_name_the_folder_of_a_clone_that_was_not_installed(monkeypatch, tmp_path):
    missing = Finding(False, "CuPy is not installed", "pip install 'dezero-next[cuda13]'")

    def last_command(version):
        monkeypatch.setattr(metadata, "version", version)
        return played(monkeypatch, missing)[1].splitlines()[-2].partition("installed. ")[2]

    def missing_version(name):
        raise metadata.PackageNotFoundError(name)

    assert last_command(lambda name: "0.1.0") == "pip install 'dezero-next[cuda13]'."
    assert last_command(missing_version) == f"pip install '{ROOT}[cuda13]'."
    monkeypatch.setattr(doctor, "__file__", str(tmp_path / "dezero" / "doctor.py"))
    assert last_command(missing_version) == "pip install 'dezero-next[cuda13]'."


def test_with_a_gpu(monkeypatch):
    found = Finding(True, facts={"GPUs": "1", "GPU 0": "NVIDIA H100, sm_90, 80.0 GiB"})
    status, text = played(monkeypatch, found)
    assert status == 0
    assert "  GPU 0: NVIDIA H100, sm_90, 80.0 GiB" in text and text.endswith("The GPU works.")
    status, text = played(monkeypatch, found, agrees=False)
    assert status == 1 and "what it computes is wrong" in text


def test_another_blas(monkeypatch):
    monkeypatch.setattr(doctor, "_openblas", lambda: "")
    monkeypatch.setitem(sys.modules, "threadpoolctl", None)
    assert "pip install threadpoolctl shows them" in doctor.examine()["NumPy"]["BLAS"]
    pool = {"user_api": "blas", "internal_api": "mkl", "num_threads": 4}
    known = SimpleNamespace(threadpool_info=lambda: [pool, {"user_api": "openmp"}])
    monkeypatch.setitem(sys.modules, "threadpoolctl", known)
    assert doctor.examine()["NumPy"]["BLAS"].endswith(", mkl x4")
    pool["user_api"] = "openmp"
    assert "threadpoolctl does not know it" in doctor.examine()["NumPy"]["BLAS"]
    monkeypatch.undo()
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())
    assert doctor._openblas() == ""

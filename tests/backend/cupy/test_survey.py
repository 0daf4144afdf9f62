"""What the doctor says of each thing a GPU takes, on machines that are not there."""

import ctypes
from types import SimpleNamespace

from dezero.backend.cupy import Finding
from dezero.backend.cupy.detect import probe
from dezero.backend.cupy.survey import LIBRARIES, is_installed, survey
from tests.backend.cupy.test_detect import machine, raising

GONE = raising(OSError("no such file\nat all"))


def bare(name):
    if name == "nvidia.nccl":
        raise ModuleNotFoundError("nvidia")


def driver(name):
    def cuDriverGetVersion(at):
        ctypes.cast(at, ctypes.POINTER(ctypes.c_int))[0] = 12040

    return SimpleNamespace(cuDriverGetVersion=cuDriverGetVersion)


def test_with_nothing_each_line_has_its_command():
    nothing = machine(
        find_spec=bare, wheels=list, load_library=GONE, load_cuda_library=raising(ImportError("x"))
    )
    rows = survey(Finding(False, "CuPy is not installed"), nothing)
    assert rows["CuPy"] == "not installed: pip install 'dezero-next[cuda13]'"
    assert rows["driver"].startswith("none (no such file): install NVIDIA's driver")
    assert rows["GPU"] == "none usable (not asked: see what is missing above)"
    for name in LIBRARIES:
        assert rows[f"CUDA library {name}"].endswith("): pip install 'dezero-next[cuda13]'")
    for name in ("cuDNN front end", "NCCL", "bfloat16"):
        assert rows[name].startswith("not installed (") and "pip install" in rows[name]


def test_a_driver_of_cuda_12_is_given_what_it_can_run():
    here = machine(
        find_spec=bare, wheels=list, load_library=driver, load_cuda_library=raising(ImportError)
    )
    finding = probe(here)
    assert finding.why() == "CuPy is not installed. pip install 'dezero-next[cuda12]'."
    rows = survey(finding, here)
    assert rows["CuPy"] == "not installed: pip install 'dezero-next[cuda12]'"
    assert "cudnn12" in rows["cuDNN front end"] and "nccl-cu12" in rows["NCCL"]
    two = probe(machine(wheels=lambda: ["cupy", "cupy-cuda13x"], load_library=driver))
    assert two.fix == "pip uninstall -y cupy cupy-cuda13x && pip install 'dezero-next[cuda12]'"


def test_what_is_there_is_shown_whatever_else_is_missing():
    def some(name):
        if name == "cufft":
            raise RuntimeError("not found")
        return f"/there/lib{name}.so"

    def load(name):
        if "cufft" in name:
            raise OSError
        return driver(name)

    here = machine(
        load_library=load, load_cuda_library=some, find_spec=bare, wheels=lambda: ["cupy-cuda12x"]
    )
    rows = survey(Finding(False, "it does not import"), here)
    assert rows["driver"] == "libcuda.so.1, CUDA 12.4"
    assert rows["CUDA library nvrtc"] == "/there/libnvrtc.so"
    assert rows["CUDA library cufft"].endswith("pip install 'cupy-cuda12x[ctk]'")
    assert "cudnn12" in rows["cuDNN front end"] and "nccl-cu12" in rows["NCCL"]
    found = machine(find_spec=bare, wheels=list, load_cuda_library=raising(ImportError("none")))
    assert survey(Finding(False, "x"), found)["CUDA library cublas"] == "libcublas.so.13"


def test_libraries_of_wheels_are_found_without_cupy(tmp_path):
    (tmp_path / "cu13" / "lib").mkdir(parents=True)
    (tmp_path / "cu13" / "lib" / "libnvrtc.so.13").touch()
    package = SimpleNamespace(submodule_search_locations=[str(tmp_path)])
    here = machine(
        find_spec=lambda name: package if name == "nvidia" else None,
        load_library=GONE,
        load_cuda_library=raising(ImportError("none")),
    )
    rows = survey(Finding(False, "x"), here)
    assert rows["CUDA library nvrtc"].endswith("cu13/lib/libnvrtc.so.13")
    assert rows["CUDA library cublas"].startswith("not found")


def test_two_wheels_old_drivers_and_hidden_gpus():
    two = machine(wheels=lambda: ["cupy", "cupy-cuda13x"])
    rows = survey(Finding(False, "2 CuPy wheels are installed", "pip uninstall -y both"), two)
    assert rows["CuPy"] == "cupy, cupy-cuda13x: only one may be installed. pip uninstall -y both"
    facts = {"CUDA of CuPy": "13.2", "GPUs": "0", "CUDA_VISIBLE_DEVICES": "7"}
    rows = survey(Finding(False, "old", facts=facts), machine(load_library=driver))
    assert rows["driver"] == "libcuda.so.1, CUDA 12.4; CuPy was built for 13.2"
    assert rows["GPU"] == "none usable (0 visible with CUDA_VISIBLE_DEVICES='7')"
    rows = survey(Finding(True, facts={"GPUs": "2"}), machine())
    assert rows["GPU"] == "2 usable" and rows["driver"] == "libcuda.so.1, CUDA unknown"


def test_a_package_in_a_package_that_is_missing():
    assert not is_installed("no_such_package.inside")

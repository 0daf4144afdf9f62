"""Every way in which a GPU can be missing, played on a machine that is not there."""

import dataclasses
from types import SimpleNamespace

import pytest

from dezero.backend.cupy.detect import (
    Finding,
    Machine,
    first_line,
    probe,
    wheels,
    wheels_among,
)


class Runtime:
    """The driver's part of CuPy."""

    def __init__(self, driver=13020, runtime=13020, count=1):
        self.driver, self.runtime, self.count = driver, runtime, count

    def _or_raise(self, value):
        if isinstance(value, Exception):
            raise value
        return value

    def driverGetVersion(self):
        return self._or_raise(self.driver)

    def runtimeGetVersion(self):
        return self.runtime

    def getDeviceCount(self):
        return self._or_raise(self.count)


def raising(error):
    def raise_it(*_):
        raise error

    return raise_it


def machine(**answers):
    runtime = answers.pop("runtime", Runtime())
    cupy = SimpleNamespace(__version__="14.2.0", cuda=SimpleNamespace(runtime=runtime))
    usual = {
        "find_spec": lambda name: object(),
        "wheels": lambda: ["cupy-cuda13x"],
        "load_library": lambda name: object(),
        "import_cupy": lambda: cupy,
        "load_cuda_library": lambda name: f"lib{name}.so.13",
        "environ": {},
        "platform": "linux",
    }
    return Machine(**{**usual, **answers})


INSUFFICIENT = RuntimeError("cudaErrorInsufficientDriver: CUDA driver version is insufficient")
FAILURES = {
    "no cupy": (
        {"find_spec": lambda name: None},
        "CuPy is not installed. pip install 'dezero-next[cuda13]'.",
    ),
    "two wheels": (
        {"wheels": lambda: ["cupy-cuda12x", "cupy-cuda13x"]},
        "2 CuPy wheels are installed: cupy-cuda12x, cupy-cuda13x. pip uninstall -y cupy-cuda12x "
        "cupy-cuda13x && pip install 'dezero-next[cuda13]'.",
    ),
    "no driver": (
        {"load_library": raising(OSError("libcuda.so.1: cannot open shared object file"))},
        "no NVIDIA driver on this machine (libcuda.so.1). Install NVIDIA's driver, or run where "
        "there is an NVIDIA GPU.",
    ),
    "broken cupy": (
        {"import_cupy": raising(ImportError("\nnumpy is too new\nsecond line"))},
        "CuPy is installed but does not import: ImportError: numpy is too new. "
        "pip install --force-reinstall cupy-cuda13x.",
    ),
    "a folder left behind": (
        {"wheels": list, "import_cupy": lambda: SimpleNamespace()},
        "CuPy is installed but does not import: AttributeError: 'types.SimpleNamespace' object has "
        "no attribute '__version__'. pip install --force-reinstall cupy-cuda13x.",
    ),
    "old driver": (
        {"runtime": Runtime(driver=12040, count=INSUFFICIENT)},
        "the driver is too old: it knows CUDA 12.4, CuPy needs 13.2. Update NVIDIA's driver, or: "
        "pip uninstall -y cupy-cuda13x && pip install 'dezero-next[cuda12]'.",
    ),
    "no device": (
        {"runtime": Runtime(count=0)},
        "no NVIDIA GPU is visible. nvidia-smi shows what the driver sees.",
    ),
    "a driver that cannot say": (
        {"runtime": Runtime(driver=RuntimeError("?"), count=RuntimeError("cudaErrorUnknown"))},
        "no NVIDIA GPU is visible (cudaErrorUnknown). nvidia-smi shows what the driver sees.",
    ),
    "hidden": (
        {"runtime": Runtime(count=0), "environ": {"CUDA_VISIBLE_DEVICES": ""}},
        "no NVIDIA GPU is visible with CUDA_VISIBLE_DEVICES=''. unset CUDA_VISIBLE_DEVICES.",
    ),
    "no cuBLAS": (
        {"load_cuda_library": raising(OSError("libnvrtc.so.13 not found"))},
        "the CUDA library nvrtc cannot be loaded: libnvrtc.so.13 not found. "
        "pip install 'cupy-cuda13x[ctk]'.",
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_has_its_reason_and_its_cure(name):
    answers, why = FAILURES[name]
    found = probe(machine(**answers))
    assert not found.usable
    assert found.why() == why


def test_a_machine_with_a_gpu():
    found = probe(machine(runtime=Runtime(count=2)))
    assert found.usable and found.why() == ""
    assert found.facts["GPUs"] == "2"
    assert found.facts["CUDA of the driver"] == "13.2"
    assert found.facts["cublasLt"] == "libcublasLt.so.13"


def test_no_driver_stops_before_the_import():
    here = machine(load_library=raising(OSError()), import_cupy=raising(AssertionError("imported")))
    assert "no NVIDIA driver" in probe(here).reason


def test_windows_has_another_driver_library():
    here = machine(load_library=raising(OSError()), platform="win32")
    assert "nvcuda.dll" in probe(here).reason


def test_an_unknown_wheel_is_installed_by_its_usual_name():
    here = machine(wheels=list, import_cupy=raising(ImportError("no")))
    assert probe(here).fix == "pip install --force-reinstall cupy-cuda13x"


def test_the_real_machine_gives_an_answer():
    found = probe()
    assert isinstance(found, Finding)
    assert found.usable or found.reason
    assert wheels() == wheels_among(wheels())
    assert dataclasses.asdict(found)["usable"] is found.usable


def test_what_is_built_upon_cupy_is_no_second_wheel():
    built_upon = ["cupy-xarray", "cupyx", "cupy-backends", "mycupy", ""]
    wheel = ["cupy_cuda13x", "CuPy-CUDA12x", "cupy", "cupy-rocm-7-0", "cupy-cuda112", "amd-cupy"]
    assert wheels_among([*built_upon, "cupy_cuda13x"]) == ["cupy-cuda13x"]
    assert len(wheels_among([*built_upon, *wheel])) == len(wheel)


def test_first_line():
    assert first_line(ValueError("")) == ""
    assert first_line(ValueError("\n one\ntwo")) == "one"

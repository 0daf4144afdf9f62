"""What a GPU takes, each looked at by itself: `python -m dezero.doctor` prints it line by line.

Detection stops at the first thing that is missing; this goes on, so that one look shows all that
has to be mended. Nothing here initialises CUDA: what the GPU itself is, detection has found out.
"""

import importlib.util
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dezero.backend.cupy.detect import (
    OLDER,
    Finding,
    Machine,
    driver_library,
    driver_version,
    first_line,
    install,
    shown,
)

__all__ = ["LIBRARIES", "survey"]

# What each is taken for. The first three are needed; without the others some things are slower.
LIBRARIES = {
    "nvrtc": "compiles kernels",
    "cublas": "products",
    "cublasLt": "products with bias and relu",
    "cudart": "headers and runtime",
    "curand": "CuPy's own random numbers",
    "cusolver": "CuPy's decompositions",
    "cusparse": "CuPy's sparse matrices",
    "cufft": "CuPy's Fourier transforms",
}
# Module, wheel, use, and what installs it; {} is the generation of CUDA.
PACKAGES = {
    "cuDNN front end": (
        "cudnn", "nvidia-cudnn-frontend", "convolutions without columns", "'dezero-next[cudnn{}]'",
    ),
    "NCCL": (
        "nvidia.nccl", "nvidia-nccl-cu{}", "training on several GPUs", "'nvidia-nccl-cu{}>=2.27.7'",
    ),
    "bfloat16": (
        "ml_dtypes", "ml_dtypes", "half precision with float32's range", "'dezero-next[bf16]'",
    ),
}  # fmt: skip


def survey(found: Finding, machine: Machine | None = None) -> dict[str, str]:
    """Return {what: finding in words}, with the command that mends what is missing.

    Args:
        found: what detection says.
        machine: what is asked; this one by default.
    """
    machine = machine or Machine()
    wheels, command = machine.wheels(), install(machine)
    rows = {"CuPy": _cupy(wheels, found, command), "driver": _driver(machine, found)}
    for name, use in LIBRARIES.items():
        wheel = f"pip install '{wheels[0]}[ctk]'" if wheels else command
        at = _library(machine, name)
        rows[f"CUDA library {name}"] = at or f"not found ({use}): {wheel}"
    rows["GPU"] = _gpus(found)
    kind = 12 if "cupy-cuda12x" in wheels or (not wheels and command == OLDER) else 13
    for name, (module, wheel, use, extra) in PACKAGES.items():
        if is_installed(module, machine.find_spec):
            rows[name] = f"{_version(wheel.format(kind)) or 'installed'}, {use}"
        else:
            rows[name] = f"not installed ({use}): pip install {extra.format(kind)}"
    return rows


def _cupy(wheels: list[str], found: Finding, command: str) -> str:
    if not wheels:
        return f"not installed: {command}"
    versions = [f"{name} {_version(name)}".strip() for name in wheels]
    if len(wheels) == 1:
        return versions[0]
    return f"{', '.join(versions)}: only one may be installed. {found.fix}"


def _driver(machine: Machine, found: Finding) -> str:
    name = driver_library(machine)
    try:
        library = machine.load_library(name)
    except OSError as error:
        return f"none ({first_line(error)}): install NVIDIA's driver, or run where a GPU is"
    known, needed = shown(driver_version(library)), found.facts.get("CUDA of CuPy", "")
    return f"{name}, CUDA {known}" + (f"; CuPy was built for {needed}" if needed else "")


def _gpus(found: Finding) -> str:
    if found.usable:
        return f"{found.facts['GPUs']} usable"
    visible = found.facts.get("CUDA_VISIBLE_DEVICES")
    seen = "" if visible is None else f" with CUDA_VISIBLE_DEVICES={visible!r}"
    count = found.facts.get("GPUs")
    asked = "not asked: see what is missing above" if count is None else f"{count} visible{seen}"
    return f"none usable ({asked})"


def _library(machine: Machine, name: str) -> str:
    """Return where a library is, "" if it cannot be found."""
    try:
        return machine.load_cuda_library(name)
    except Exception:  # CuPy's finder is not here, or it finds none: each version errs its own way
        pass
    package = machine.find_spec("nvidia")
    for folder in (package and package.submodule_search_locations) or ():
        for at in sorted(Path(folder).glob(f"*/lib/lib{name}.so.*")):
            return str(at)
    names = [f"lib{name}.so.{major}" for major in (13, 12, 11, 10)]
    return next((name for name in names if _loads(machine, name)), "")


def _loads(machine: Machine, name: str) -> bool:
    try:
        machine.load_library(name)
    except OSError:
        return False
    return True


def _version(wheel: str) -> str:
    from importlib import metadata  # a fifth of `import dezero`, if it stood above

    try:
        return metadata.version(wheel)
    except metadata.PackageNotFoundError:
        return ""


def is_installed(module: str, find: Callable[[str], Any] = importlib.util.find_spec) -> bool:
    """Return whether a module could be imported, without importing it."""
    try:
        return find(module) is not None
    except ModuleNotFoundError:  # the package above it is missing
        return False


def launcher() -> str:
    """Return the program that starts processes of MPI, or how to get one."""
    for name in ("mpiexec", "mpirun", "srun"):
        if at := shutil.which(name):
            return at
    return "no mpiexec: apt install mpich, or pip install mpich"

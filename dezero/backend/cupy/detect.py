"""Is there a GPU that can be used, and if not: why, and which command mends it.

`import dezero` never comes here. The questions are asked in an order in which each is cheap and
the first "no" is the reason to report: a machine without a driver never pays for importing CuPy.
"""

import ctypes
import importlib
import importlib.util
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Finding", "Machine", "driver_library", "driver_version", "first_line", "install", "module",
    "probe", "shown", "wheels", "wheels_among",
]  # fmt: skip

INSTALL = "pip install 'dezero-next[cuda13]'"
OLDER = "pip install 'dezero-next[cuda12]'"


@dataclass(frozen=True)
class Finding:
    """What was found.

    Attributes:
        usable: whether arrays can live on a GPU here.
        reason: why not, a clause without a full stop; empty if usable.
        fix: the command or the step that mends it; empty if there is none.
        facts: versions and names found on the way, in words.
    """

    usable: bool
    reason: str = ""
    fix: str = ""
    facts: dict[str, str] = field(default_factory=dict)

    def why(self) -> str:
        """Return reason and fix as sentences, "" if usable."""
        fix = f" {self.fix}." if self.fix else ""
        return f"{self.reason}.{fix}" if self.reason else ""


def module() -> Any:
    """Return the module of CuPy; imported at the first call."""
    return importlib.import_module("cupy")


def wheels() -> list[str]:
    """Return the names of all installed distributions of CuPy; there should be one."""
    from importlib import metadata  # a fifth of `import dezero`, if it stood above

    return wheels_among(str(found.metadata["Name"] or "") for found in metadata.distributions())


def wheels_among(names: Iterable[str]) -> list[str]:
    """Return those names of distributions that are CuPy, and not something built upon it."""
    kind = re.compile(r"(amd-)?cupy|cupy-(cuda\d+x?|rocm(-\d+)+)")
    found = {re.sub(r"[-_.]+", "-", name).lower() for name in names}
    return sorted(name for name in found if kind.fullmatch(name))


def _import_quietly() -> Any:
    with warnings.catch_warnings():  # what CuPy warns of is in the finding
        warnings.simplefilter("ignore")
        return importlib.import_module("cupy")


def _load_cuda_library(name: str) -> str:
    finder = importlib.import_module("cuda.pathfinder")  # a dependency of CuPy's
    return str(finder.load_nvidia_dynamic_lib(name).abs_path)


def first_line(error: Exception) -> str:
    """Return the first line of what an error says."""
    return (str(error).strip().splitlines() or [""])[0]


@dataclass(frozen=True)
class Machine:
    """What detection asks; tests answer for a machine of their own."""

    find_spec: Callable[[str], Any] = importlib.util.find_spec
    wheels: Callable[[], list[str]] = wheels
    load_library: Callable[[str], Any] = ctypes.CDLL
    import_cupy: Callable[[], Any] = _import_quietly
    load_cuda_library: Callable[[str], str] = _load_cuda_library
    environ: Any = field(default_factory=lambda: os.environ)
    platform: str = sys.platform


def probe(machine: Machine | None = None) -> Finding:
    """Return whether a GPU can be used, and the facts found on the way.

    Note: from the driver's count of devices on, CUDA is initialised in this process, so that a
        forked child can no longer use it.
    """
    machine = machine or Machine()
    facts: dict[str, str] = {}
    for step in (_cupy_is_there, _driver_is_there, _cupy_imports, _devices, _libraries):
        finding = step(machine, facts)
        if finding is not None:
            return finding
    return Finding(True, facts=facts)


def _cupy_is_there(machine: Machine, facts: dict[str, str]) -> Finding | None:
    if machine.find_spec("cupy") is None:
        return Finding(False, "CuPy is not installed", install(machine), facts)
    found = machine.wheels()
    facts["CuPy wheel"] = ", ".join(found) or "unknown"
    if len(found) > 1:
        fix = f"pip uninstall -y {' '.join(found)} && {install(machine)}"
        reason = f"{len(found)} CuPy wheels are installed: {facts['CuPy wheel']}"
        return Finding(False, reason, fix, facts)
    return None


def driver_library(machine: Machine) -> str:
    """Return the name of the driver's library on a machine."""
    return "nvcuda.dll" if machine.platform == "win32" else "libcuda.so.1"


def driver_version(library: Any) -> int:
    """Return the newest version of CUDA that a driver knows, such as 13020; 0 if unknown."""
    version = ctypes.c_int()
    try:
        library.cuDriverGetVersion(ctypes.byref(version))  # the one call that initialises nothing
    except AttributeError:
        return 0
    return version.value


def install(machine: Machine) -> str:
    """Return the command that installs CuPy, of the generation of CUDA that the driver knows."""
    try:
        known = driver_version(machine.load_library(driver_library(machine)))
    except OSError:
        known = 0
    return OLDER if 0 < known < 13000 else INSTALL


def _driver_is_there(machine: Machine, facts: dict[str, str]) -> Finding | None:
    name = driver_library(machine)
    try:
        machine.load_library(name)
    except OSError:
        fix = "Install NVIDIA's driver, or run where there is an NVIDIA GPU"
        return Finding(False, f"no NVIDIA driver on this machine ({name})", fix, facts)
    facts["driver library"] = name
    return None


def _cupy_imports(machine: Machine, facts: dict[str, str]) -> Finding | None:
    try:
        cupy = machine.import_cupy()
        # A folder that an uninstalled CuPy left behind can be imported as well.
        version, _ = str(cupy.__version__), cupy.cuda.runtime
    except Exception as error:
        what = f"{type(error).__name__}: {first_line(error)}"
        reason = f"CuPy is installed but does not import: {what}"
        return Finding(False, reason, f"pip install --force-reinstall {_wheel(facts)}", facts)
    facts["CuPy"] = version
    return None


def _devices(machine: Machine, facts: dict[str, str]) -> Finding | None:
    runtime = machine.import_cupy().cuda.runtime
    error, count = None, 0
    versions = [_version(runtime, name) for name in ("driverGetVersion", "runtimeGetVersion")]
    facts["CUDA of the driver"], facts["CUDA of CuPy"] = map(shown, versions)
    try:
        count = int(runtime.getDeviceCount())
    except Exception as failure:
        error = failure
    facts["GPUs"] = str(count)
    if count:
        return None
    visible = machine.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None:
        facts["CUDA_VISIBLE_DEVICES"] = visible
    driver, needed = versions
    if driver and needed and driver // 1000 < needed // 1000:
        knows = f"it knows CUDA {shown(driver)}, CuPy needs {shown(needed)}"
        older = f", or: pip uninstall -y {_wheel(facts)} && {OLDER}" if needed >= 13000 else ""
        return Finding(
            False, f"the driver is too old: {knows}", f"Update NVIDIA's driver{older}", facts
        )
    what = "no NVIDIA GPU is visible" + (f" ({error})" if error else "")
    if visible is not None:
        what += f" with CUDA_VISIBLE_DEVICES={visible!r}"
        return Finding(False, what, "unset CUDA_VISIBLE_DEVICES", facts)
    return Finding(False, what, "nvidia-smi shows what the driver sees", facts)


def _libraries(machine: Machine, facts: dict[str, str]) -> Finding | None:
    name = ""
    try:
        for name in ("nvrtc", "cublas", "cublasLt"):
            facts[name] = str(machine.load_cuda_library(name))
    except Exception as error:
        reason = f"the CUDA library {name} cannot be loaded: {first_line(error)}"
        return Finding(False, reason, f"pip install '{_wheel(facts)}[ctk]'", facts)
    return None


def _version(runtime: Any, name: str) -> int:
    try:
        return int(getattr(runtime, name)())
    except Exception:  # a driver that cannot say its version is an old one
        return 0


def shown(version: int) -> str:
    """Return a version of CUDA, such as 13020, in words."""
    return f"{version // 1000}.{version % 1000 // 10}" if version else "unknown"


def _wheel(facts: dict[str, str]) -> str:
    wheel = facts.get("CuPy wheel", "unknown")
    return "cupy-cuda13x" if wheel == "unknown" else wheel

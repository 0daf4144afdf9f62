"""`python -m dezero.doctor`: what this machine has for dezero, what is missing, what mends it.

The exit status is 0 if a GPU can be used, 1 if not.
"""

import ctypes
import importlib
import os
import platform
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from dezero import cuda
from dezero.backend.cupy.status import pieces
from dezero.backend.cupy.survey import launcher
from dezero.backend.extras import OPTIONAL, described

__all__ = ["examine", "main"]


def examine() -> dict[str, dict[str, str]]:
    """Return {section: {what: finding in words}}; nothing is changed or installed."""
    return {
        "Python": {"version": platform.python_version(), "machine": _machine()},
        "NumPy": {"version": np.__version__, "BLAS": _blas()},
        "Optional packages": {
            **{name: described(name) for name in OPTIONAL},
            "MPI's launcher": launcher(),
        },
        "GPU": {**pieces(), **_of_the_gpu()},
    }


def _of_the_gpu() -> dict[str, str]:
    """Return what can be said of GPUs that are usable: their names and the ways taken on them."""
    told = cuda.info() if cuda.available() else {}
    return {k: v for k, v in told.items() if k.startswith("GPU ") or k in WAYS}


WAYS = "convolution", "products"


def main(say: Callable[[str], Any] = print) -> int:
    """Print what `examine` found and try the GPU, if there is one; return the exit status."""
    for section, findings in examine().items():
        say(section)
        for what, finding in findings.items():
            if finding:
                say(f"  {what}: {_from_here(finding)}")
    say("")
    if not cuda.available():
        say(f"No GPU can be used: {_from_here(cuda.why_unavailable())}")
        say("Everything runs on the CPU all the same.")
        return 1
    good = cuda.check(lambda line: say(f"  {line}"))
    say("The GPU works." if good else "The GPU is there, but what it computes is wrong.")
    return 0 if good else 1


def _from_here(words: str) -> str:
    """Return words whose commands have pip take extras from the folder of dezero's source.

    That is where this runs from a clone that was never installed: pip has no other name for it.
    """
    folder = Path(__file__).resolve().parent.parent
    try:
        metadata.version("dezero-next")
    except metadata.PackageNotFoundError:
        if (folder / "pyproject.toml").is_file():
            return words.replace("'dezero-next[", f"'{folder}[")
    return words


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors"


def _blas() -> str:
    """Return the BLAS of NumPy, its kernels and threads, as far as they can be found out."""
    config: Any = np.show_config(mode="dicts")
    blas = config.get("Build Dependencies", {}).get("blas", {})
    name = f"{blas.get('name', 'unknown')} {blas.get('version', '')}".strip()
    return ", ".join([name, _openblas() or _other_blas()])


def _openblas() -> str:
    """Return kernels and threads of the OpenBLAS that NumPy's wheels bring, "" of any other."""
    try:
        extension: Any = importlib.import_module("numpy._core._multiarray_umath")
        library = ctypes.CDLL(extension.__file__)
        kernels = library.scipy_openblas_get_corename64_
        threads = library.scipy_openblas_get_num_threads64_()
    except (AttributeError, ImportError, OSError):
        return ""
    kernels.restype = ctypes.c_char_p
    return f"{kernels().decode()} x{threads}"


def _other_blas() -> str:
    try:
        pools = importlib.import_module("threadpoolctl").threadpool_info()
    except ImportError:
        return "architecture and threads unknown: pip install threadpoolctl shows them"
    found = [p for p in pools if p.get("user_api") == "blas"]
    if not found:
        return "architecture and threads unknown: threadpoolctl does not know it"
    return ", ".join(
        f"{p.get('architecture') or p['internal_api']} x{p['num_threads']}" for p in found
    )


if __name__ == "__main__":
    sys.exit(main())

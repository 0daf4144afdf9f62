"""What there is to know about the GPU: `dezero.cuda.available`, `info`, `check`."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend.cupy import loading as room
from dezero.backend.cupy.detect import first_line
from dezero.backend.cupy.survey import is_installed, survey
from dezero.backend.precision import PRECISION, autocast, matmul_precision

__all__ = ["available", "check", "device_count", "info", "pieces", "why_unavailable"]


def available() -> bool:
    """Return whether a GPU can be used; asked once per process."""
    return room.finding().usable


def why_unavailable() -> str:
    """Return why no GPU can be used and what mends it; "" if one can."""
    return room.finding().why()


def device_count() -> int:
    """Return the number of NVIDIA GPUs that this process sees, 0 where none can be used."""
    found = room.finding()
    return int(found.facts["GPUs"]) if found.usable else 0


def info() -> dict[str, str]:
    """Return what was found, in words: versions, devices, memory, libraries.

    Where no GPU can be used, "reason" and "fix" say why; else there is one entry per device.
    """
    found = room.finding()
    facts = dict(found.facts)
    for name, module in EXTRAS.items():
        facts[name] = "installed" if is_installed(module) else "not installed"
    if not found.usable:
        return {**facts, "reason": found.reason, "fix": found.fix}
    cupy = room.module()

    for i in range(device_count()):
        facts[f"GPU {i}"] = _device(cupy.cuda.runtime, i)
    from dezero.backend.cupy.convolution import in_words  # it needs the kernels

    facts["convolution"] = in_words()
    facts["products"] = PRECISION.get().matmul
    return facts


def pieces() -> dict[str, str]:
    """Return each thing that a GPU takes and what was found of it, also where others miss."""
    return survey(room.finding())


EXTRAS = {"cuDNN front end": "cudnn", "NCCL": "nvidia.nccl", "bfloat16": "ml_dtypes"}


def _device(runtime: Any, i: int) -> str:
    properties = runtime.getDeviceProperties(i)
    name = properties["name"]
    name = name.decode() if isinstance(name, bytes) else str(name)
    memory = properties["totalGlobalMem"] / 2**30
    return f"{name}, sm_{properties['major']}{properties['minor']}, {memory:.1f} GiB"


def check(say: Callable[[str], Any] = print) -> bool:
    """Run a few kernels and products on the GPU, compare with NumPy, and say how each went.

    Args:
        say: called with each line; the first names the GPU, its memory, and what it works with.
    Returns:
        Whether all agreed; False where no GPU can be used.
    """
    if not available():
        say(f"no GPU: {why_unavailable()}")
        return False
    backend, told = room.load("check"), info()
    say(", ".join(f"{what} {told[what]}" for what in NAMED if what in told))
    with matmul_precision("highest"), autocast(None):  # less would differ from NumPy, rightly
        results = [_agrees(backend, name, run, say) for name, run in TRIALS.items()]
    return all(results)


def _product(xp: Any, kernels: Any, x: Any) -> Any:
    return kernels.matmul(x, x.T)


def _elementwise(xp: Any, kernels: Any, x: Any) -> Any:
    return xp.exp(-x * x) + xp.sqrt(abs(x))


def _sum(xp: Any, kernels: Any, x: Any) -> Any:
    return x.sum(axis=0)


def _own_kernel(xp: Any, kernels: Any, x: Any) -> Any:
    return kernels.relu_gradient(x, x)


NAMED = "GPU 0", "CuPy", "CUDA of the driver", "CUDA of CuPy", "cuDNN front end", "NCCL"
TRIALS = {
    "a product of matrices": _product,
    "elementwise functions": _elementwise,
    "a sum": _sum,
    "a kernel of our own": _own_kernel,
}


def _agrees(backend: Any, name: str, run: Callable[..., Any], say: Callable[[str], Any]) -> bool:
    from dezero.backend.registry import kernels

    x = np.random.default_rng(0).standard_normal((64, 48)).astype("f4")
    expected = run(np, kernels(x), x)
    try:
        found = backend.to_host(run(backend.xp, backend.kernels, backend.from_host(x)))
    except Exception as error:
        say(f"{name}: FAILED, {type(error).__name__}: {first_line(error)}")
        return False
    worst = float(np.abs(found - expected).max())
    good = worst < 1e-3
    say(f"{name}: {'agrees with NumPy' if good else 'DIFFERS FROM NUMPY'} (by at most {worst:.1e})")
    return good

"""A device that is not there: arrays with CuPy's manners, so that a GPU's mistakes fail anywhere.

A host array or an `np.` call on the way of a device array, a keyword that CuPy lacks, a result it
leaves undefined, a value read where no one may wait: each is an error here. `tests/strict` has it.
"""

import contextlib
import dataclasses
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend import Backend, register, unregister
from dezero.backend.cupy.memory import ROOM
from dezero.backend.cupy.streams import STREAMS
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.skipping import SKIP
from dezero.backend.transfers import counting
from tests.strict.array import StrictArray
from tests.strict.crossing import unwrap, wrap
from tests.strict.module import StrictModule

__all__ = ["STRICT", "StrictArray", "strict_device", "strict_gpu"]


def _kernel(name: str) -> Callable[..., Any]:
    def kernel(*args: Any, **kwargs: Any) -> Any:
        if name.endswith("_step") and unwrap(SKIP.get(), "the flag of skipping") != 0:
            return None
        args = tuple(unwrap(a, f"an argument of {name}") for a in args)
        kwargs = {k: unwrap(v, f"{k}= of {name}") for k, v in kwargs.items()}
        return wrap(getattr(HOST_KERNELS, name)(*args, **kwargs))

    return _softmax_cross_entropy if name == "softmax_cross_entropy" else kernel


def _softmax_cross_entropy(x: Any, t: Any) -> Any:
    """A device does not ask whether all labels are classes: the rows of the others become NaN."""
    x, t = unwrap(x, "x"), unwrap(t, "t")
    bad = (t < 0) | (t >= x.shape[1])
    values, gx = HOST_KERNELS.softmax_cross_entropy(x, np.where(bad, 0, t))
    values[bad], gx[bad] = np.nan, np.nan
    return wrap((values, gx))


STRICT = Backend(
    "strict",
    (StrictArray,),
    StrictModule("", StrictArray),
    types.SimpleNamespace(**{name: _kernel(name) for name in vars(HOST_KERNELS)}),
    *counting(lambda x: x._host.copy(), lambda x: StrictArray(np.array(x))),
)


@contextlib.contextmanager
def strict_device() -> Iterator[Backend]:
    """Register the double for the length of the block."""
    register(STRICT)
    try:
        yield STRICT
    finally:
        unregister(STRICT)


@contextlib.contextmanager
def strict_gpu() -> Iterator[Backend]:
    """Register the double as the GPU, where `to_gpu()` goes; it has no streams to capture on."""
    device = dataclasses.replace(STRICT, name="cuda")
    register(device)
    streams, room = STREAMS.pop("cuda"), ROOM["cuda"]
    ROOM["cuda"] = lambda: 1 << 30
    try:
        yield device
    finally:
        STREAMS["cuda"], ROOM["cuda"] = streams, room
        unregister(device)

"""A device that is not there: arrays with CuPy's manners, so that a GPU's mistakes fail anywhere.

A host array or an `np.` call on the way of a device array, a keyword that CuPy lacks, a result it
leaves undefined, a value read where no one may wait: each is an error here. `tests/strict` has it.
"""

import contextlib
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend import Backend, register, unregister
from dezero.backend.registry import HOST_KERNELS
from dezero.backend.transfers import counting
from tests.strict.array import StrictArray
from tests.strict.crossing import unwrap, wrap
from tests.strict.module import StrictModule

__all__ = ["STRICT", "StrictArray", "strict_device"]


def _kernel(name: str) -> Callable[..., Any]:
    def kernel(*args: Any, **kwargs: Any) -> Any:
        args = tuple(unwrap(a, f"an argument of {name}") for a in args)
        kwargs = {k: unwrap(v, f"{k}= of {name}") for k, v in kwargs.items()}
        return wrap(getattr(HOST_KERNELS, name)(*args, **kwargs))

    return kernel


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

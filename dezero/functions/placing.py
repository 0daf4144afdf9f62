"""Arrays beside other arrays: on one device, small constants kept there, mistakes made visible.

A device works ahead of the host. To look at its values, even for a check, makes the host wait in
every step, and cannot be captured. So the values of host arrays are checked with an error, and
those of device arrays turn the result into NaN where they make no sense, which no training misses.
"""

from collections import OrderedDict
from typing import Any

import numpy as np

from dezero.backend import backend_of, is_array, xp
from dezero.backend.capture import recording
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.core.variable import as_array

__all__ = ["expect_one_device", "kept", "placed", "poison"]

LARGEST = 1 << 16  # bytes of a constant worth to be kept on a device
MOST = 512
_constants: OrderedDict[tuple, Any] = OrderedDict()


def placed(name: str, value: Any, like: Any) -> Any:
    """Return `value` as an array where array `like` lives.

    Args:
        name: the function, for the error.
        value: Variable or array of that device; or a number or list, which is sent there.
        like: array.
    Raises:
        TypeError: value is an array of another device.
    """
    value = value.data if isinstance(value, Variable) else value
    if not is_array(value):
        return kept(as_array(value), like)
    if type(value) is type(like):
        return as_array(value)
    expect_one_device(name, like, value)
    return as_array(value)


def expect_one_device(name: str, *arrays: Any) -> None:
    """Refuse arrays of several devices; numbers go with any.

    Raises:
        TypeError: there are two, which are named.
    """
    found = [x for x in arrays if is_array(x)]
    owners = list(dict.fromkeys(backend_of(x).name for x in found))
    if len(owners) > 1:
        other = next(x for x in found if backend_of(x).name == owners[1])
        raise TypeError(
            f"{name}: expected arrays on one device, got {owners[0]} and {owners[1]} "
            f"({describe(other)}). Move them with to_gpu() or to_cpu()."
        )


def kept(value: np.ndarray, like: Any) -> Any:
    """Return a host array where `like` lives; one small enough is sent once, and kept there.

    Nobody may write to the result.
    """
    if type(like) is np.ndarray:
        return value
    backend = backend_of(like)
    if backend.name == "numpy" or value.nbytes > LARGEST:
        return backend.from_host(value)
    place = getattr(getattr(like, "device", None), "id", 0)
    key = (type(like), place, value.dtype.str, value.shape, value.tobytes())
    found = _constants.get(key)
    if found is None:
        found = _constants[key] = backend.from_host(value)
        if len(_constants) > MOST:
            _constants.popitem(last=False)
    else:
        _constants.move_to_end(key)
    taken = recording()
    if taken is not None:
        taken.hold(found)  # its replays read it, whatever comes and goes here
    return found


def poison(bad: Any, dtype: Any) -> Variable:
    """Return ones, but NaN where array `bad` is True: what a wrong value is multiplied by."""
    return Variable.constant(xp(bad).where(bad, np.nan, 1.0).astype(dtype))

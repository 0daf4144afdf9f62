"""Which array module and which kernels belong to an array: one table, keyed by array type."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from dezero.backend import (
    numpy_activations,
    numpy_convolution,
    numpy_kernels,
    numpy_losses,
    numpy_noise,
    numpy_norm,
    numpy_pooling,
    numpy_products,
    numpy_recurrent,
    numpy_resample,
    numpy_scaling,
    numpy_steps,
    numpy_steps_more,
    numpy_training,
)
from dezero.backend.precision import CASTING, PRECISION
from dezero.backend.transfers import expect_readable


@dataclass(frozen=True)
class Backend:
    """One kind of array and what computes on it.

    Args:
        name: how errors and `repr` call it, such as "numpy".
        array_types: the array classes it owns; the first is what its functions return.
        xp: the module with NumPy's function names.
        kernels: the routines NumPy lacks, named as in `numpy_kernels`.
        to_host: array -> numpy.ndarray.
        from_host: numpy.ndarray -> array.
    """

    name: str
    array_types: tuple[type, ...]
    xp: Any
    kernels: Any
    to_host: Callable[[Any], np.ndarray]
    from_host: Callable[[np.ndarray], Any]


_BY_TYPE: dict[type, Backend] = {}
_XP: dict[type, Any] = {}


def register(backend: Backend) -> None:
    """Make `backend` the owner of its array types; a later registration replaces an earlier one."""
    _XP.clear()
    for array_type in backend.array_types:
        _BY_TYPE[array_type] = backend


def unregister(backend: Backend) -> None:
    """Forget `backend`; its arrays are refused from now on."""
    _XP.clear()
    for array_type in backend.array_types:
        _BY_TYPE.pop(array_type, None)


def backends() -> list[Backend]:
    """Return each registered backend once, in order of registration."""
    return list({id(backend): backend for backend in _BY_TYPE.values()}.values())


def backend_of(x: Any) -> Backend:
    """Return the backend that owns array `x` (Python and NumPy scalars belong to NumPy).

    Raises:
        TypeError: no registered backend owns an array of this type.
    """
    found = _owner(type(x))
    if found is not None:
        return found
    names = ", ".join(backend.name for backend in backends())
    raise TypeError(
        f"backend_of: expected an array of a registered backend ({names}), "
        f"got {type(x).__name__}. Convert it with numpy.asarray first."
    )


def is_array(x: Any) -> bool:
    """Return whether some backend owns objects like `x` as arrays (scalars are not arrays)."""
    return type(x) is np.ndarray or (
        not isinstance(x, np.generic | bool | int | float | complex) and _owner(type(x)) is not None
    )


# Each is called with an array type that nobody owns, and may register the backend that does.
LOADERS: list[Callable[[type], None]] = []


def _owner(array_type: type) -> Backend | None:
    """Return the backend of an array type or of a class it derives from."""
    for base in array_type.__mro__:
        if base in _BY_TYPE:
            return _BY_TYPE[base]
    for loader in LOADERS:
        loader(array_type)
        if array_type in _BY_TYPE:
            return _BY_TYPE[array_type]
    return None


def xp(x: Any) -> Any:
    """Return the array module of `x`: numpy, cupy or what else is registered."""
    try:
        return _XP[type(x)]
    except KeyError:
        module = _XP[type(x)] = backend_of(x).xp
        return module


def kernels(x: Any) -> Any:
    """Return the kernels for arrays like `x`; their names are those of `numpy_kernels`."""
    if type(x) is np.ndarray:
        return _host_kernels()
    backend = backend_of(x)
    return _host_kernels() if backend is NUMPY else backend.kernels


def to_host(x: Any, name: str = "to_host") -> np.ndarray:
    """Return `x` as numpy.ndarray, copied from its device if it lives on one.

    Args:
        x: array or number.
        name: the operation that reads x, for the error inside `no_sync`.
    """
    if type(x) is np.ndarray:
        return x
    backend = backend_of(x)
    if backend is not NUMPY:
        expect_readable(name, x)
    return backend.to_host(x)


def number_of(x: Any, name: str) -> Any:
    """Return the only element of array `x` as a Python number, for the operation `name`.

    Raises:
        ValueError: x has more elements, or none.
    """
    if x.size != 1:
        raise ValueError(
            f"{name}: expected one element, got shape {x.shape}. Reduce it first, or index it."
        )
    return to_host(x, name).item()


def is_plain(x: Any) -> bool:
    """Return whether products of x are NumPy's own: it lives on the host, and nothing rounds it."""
    return type(x) is np.ndarray and (not CASTING or PRECISION.get().half is None)


def product(a: Any, b: Any, out: Any = None) -> Any:
    """Return a @ b of arrays by numpy.matmul's rules, written to `out` if it is given.

    All products of matrices go through here: those of a device through a binding of our own, which
    a graph may capture, and which can take its inputs in half precision.
    """
    if type(a) is np.ndarray and (not CASTING or PRECISION.get().half is None):
        return np.matmul(a, b, out=out) if out is not None else a @ b
    return kernels(a).matmul(a, b, out)


_host: list[Any] = []


def _host_kernels() -> Any:
    # Chosen once, at the first kernel call, so that numba's import never burdens `import dezero`.
    if not _host:
        _host.append(_choose_host_kernels(os.environ.get("DEZERO_KERNELS", "auto")))
    return _host[0]


def _choose_host_kernels(wanted: str) -> Any:
    if wanted not in ("auto", "numpy", "numba"):
        raise ValueError(
            f"DEZERO_KERNELS: expected auto, numpy or numba, got {wanted!r}. Unset it for auto."
        )
    if wanted == "numpy":
        return HOST_KERNELS
    try:
        from dezero.backend import (
            numba_convolution,
            numba_kernels,
            numba_norm,
            numba_pooling,
            numba_recurrent,
            numba_resample,
        )
    except ImportError as error:  # not installed, or too old for this NumPy
        if wanted == "auto":
            return HOST_KERNELS
        raise ImportError(
            f"DEZERO_KERNELS: expected numba, got {error}. Install the extra fast, or choose auto."
        ) from error
    faster = numba_convolution, numba_kernels, numba_norm, numba_pooling, numba_recurrent
    return overlay(HOST_KERNELS, *faster, numba_resample)


def use_kernels(name: str) -> None:
    """Choose the host kernels by hand: "numpy", "numba", or "auto" (numba where installed)."""
    _host[:] = [_choose_host_kernels(name)]


def overlay(base: SimpleNamespace, *faster: ModuleType) -> SimpleNamespace:
    """Return the kernels of `base` with those that a module in `faster` also has taken from it."""
    chosen = dict(vars(base))
    for module in faster:
        chosen.update({name: getattr(module, name) for name in chosen if hasattr(module, name)})
    return SimpleNamespace(**chosen)


HOST_MODULES = (
    numpy_activations,
    numpy_convolution,
    numpy_kernels,
    numpy_losses,
    numpy_noise,
    numpy_norm,
    numpy_pooling,
    numpy_products,
    numpy_recurrent,
    numpy_resample,
    numpy_scaling,
    numpy_steps,
    numpy_steps_more,
    numpy_training,
)
# Every kernel in plain NumPy: the names and signatures that each backend has to offer.
HOST_KERNELS = SimpleNamespace(
    **{name: getattr(module, name) for module in HOST_MODULES for name in module.__all__}
)


def _same(x: Any) -> Any:
    return x


NUMPY = Backend(
    "numpy",
    (np.ndarray, np.generic, bool, int, float, complex),
    np,
    SimpleNamespace(),
    np.asarray,
    _same,
)
register(NUMPY)

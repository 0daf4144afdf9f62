"""The double's array module: `xp(x)` of its arrays."""

import types
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.strict import rules
from tests.strict.crossing import flat, holds_array, is_strict, unwrap, uploads, waits, wrap
from tests.strict.signatures import (
    FUNCTIONS,
    NAMES,
    UFUNC_KEYWORDS,
    UFUNCS,
    check_arguments,
)

# These make arrays from numbers; `array` and `asarray` also copy host arrays, in plain sight.
CREATION = "array asarray ascontiguousarray arange empty eye full identity linspace ones tri zeros"
UPLOADS = {"array", "asarray"}
PLAIN = "broadcast_shapes can_cast finfo iinfo isscalar issubdtype ndim promote_types shape size"
NO_ARRAY_NEEDED = {*CREATION.split(), *PLAIN.split(), "result_type", "meshgrid", "indices"}
# Answers about arrays, which are no arrays.
ABOUT = {*PLAIN.split(), "result_type", "may_share_memory", "shares_memory", "common_type"}


def call(name: str, func: Callable[..., Any], args: tuple, kwargs: dict[str, Any]) -> Any:
    """Call NumPy's function on what the double's arguments hold, under CuPy's rules."""
    rules.before(name, args, kwargs)
    host_args = tuple(unwrap(a, f"an argument of {name}") for a in args)
    host_kwargs = {k: unwrap(v, f"{k}= of {name}") for k, v in kwargs.items()}
    result = rules.checked(name, func)(*host_args, **host_kwargs)
    if name.rpartition(".")[2] in rules.ARRAY_ANSWERS:
        result = np.asarray(result)
    return wrap(in_order(result, name, flat(host_args, list(host_kwargs.values()))))


def in_order(result: Any, name: str, sources: list[Any]) -> Any:
    """Return new arrays in C order, as CuPy's functions do; views keep theirs."""
    if isinstance(result, tuple | list):
        return type(result)(in_order(r, name, sources) for r in result)
    if not isinstance(result, np.ndarray) or not result.ndim or result.flags.c_contiguous:
        return result
    arrays = [s for s in sources if isinstance(s, np.ndarray)]
    kept = name in rules.KEEPS_ORDER or any(np.may_share_memory(result, a) for a in arrays)
    return result if kept else np.ascontiguousarray(result)


class StrictUfunc:
    """A ufunc of the device, with the methods CuPy gives its own."""

    def __init__(self, ufunc: np.ufunc, name: str) -> None:
        self._ufunc, self._name = ufunc, name
        self.__name__, self.nin, self.nout = name, ufunc.nin, ufunc.nout

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        name = self._name
        if set(kwargs) - UFUNC_KEYWORDS:
            refused = ", ".join(sorted(set(kwargs) - UFUNC_KEYWORDS))
            raise TypeError(f"strict device: {name} has no {refused}= in CuPy.")
        if not holds_array((args, kwargs.get("out"))):
            if all(isinstance(a, np.generic | bool | int | float) for a in args):
                raise TypeError(f"strict device: {name}: expected an array of the device.")
        inputs = tuple(self._operand(a) for a in args)
        kwargs = {k: unwrap(v, f"{k}= of {name}") for k, v in kwargs.items()}
        outs = [*inputs[self.nin :], *flat(kwargs.get("out"))]
        for out in outs:
            for x in inputs[: self.nin] if isinstance(out, np.ndarray) else ():
                if isinstance(x, np.ndarray):
                    rules.check_overlap(out, x, name)
        rules.check_division(self._name, inputs[: self.nin])
        result = self._ufunc(*inputs, order="C", **kwargs)
        if "dtype" not in kwargs and not any(out is not None for out in outs):
            rules.check_loop(name, inputs, result)
        return wrap(result)

    def _operand(self, x: Any) -> Any:
        if x is None or isinstance(x, list | tuple | str):
            raise TypeError(
                f"strict device: {self._name}: expected arrays or numbers, got {type(x).__name__}."
            )
        return unwrap(x, f"an argument of {self._name}")

    def reduce(
        self, array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: bool = False
    ) -> Any:
        """See NumPy's."""
        return self._method("reduce", array, axis, dtype, out, keepdims)

    def accumulate(self, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
        """See NumPy's."""
        return self._method("accumulate", array, axis, dtype, out)

    def outer(self, a: Any, b: Any) -> Any:
        """See NumPy's."""
        return self._method("outer", a, b)

    def at(self, a: Any, indices: Any, *b: Any) -> Any:
        """See NumPy's."""
        rules.check_order(f"{self._name}.at")
        if self._name in rules.ATOMIC and is_strict(a):
            rules.check_atomic(self._name, a.dtype)
        parts = indices if isinstance(indices, tuple) else (indices,)
        if any(is_strict(p) and p.dtype.kind == "b" for p in parts):
            waits(f"{self._name}.at with a mask")
        return self._method("at", a, indices, *b)

    def _method(self, method: str, *args: Any) -> Any:
        name = f"{self._name}.{method}"
        if method not in UFUNCS[self._name]["methods"]:
            raise NotImplementedError(f"strict device: CuPy has no {name}.")
        return call(name, getattr(self._ufunc, method), args, {})


class StrictModule:
    """NumPy's names for arrays of the device, as far as CuPy has them too."""

    def __init__(self, path: str = "", array_type: Any = None) -> None:
        self._path = path
        self.__name__ = f"strict.{path}".rstrip(".")
        self.ndarray = array_type

    def __getattr__(self, name: str) -> Any:
        path = f"{self._path}.{name}".lstrip(".")
        if path in FUNCTIONS or any(module.startswith(f"{path}.") for module in FUNCTIONS):
            return StrictModule(path)
        if not self._path and name in UFUNCS:
            return StrictUfunc(_numpys(name), name)
        if not self._path and name == "asnumpy":
            return lambda x: x.get()
        if name in NAMES.get(self._path, ()):
            return _numpys(path)
        signature = FUNCTIONS.get(self._path, {}).get(name)
        if signature is None:
            raise AttributeError(f"strict device: CuPy has no {path}.")
        func = _numpys(path)
        return lambda *args, **kwargs: self._call(path, signature, func, args, kwargs)

    def _call(
        self, name: str, signature: str, func: Callable[..., Any], args: tuple, kwargs: dict
    ) -> Any:
        check_arguments(name, signature, args, kwargs)
        if name in UPLOADS:
            args = (_sent(name, args[0]), *args[1:]) if args else args
        elif name not in NO_ARRAY_NEEDED and not holds_array((*args, *kwargs.values())):
            raise TypeError(f"strict device: {name}: expected an array of the device, got none.")
        dtype = kwargs.get("dtype", args[1] if len(args) > 1 else None)
        if name in UPLOADS and is_strict(args[0]) and dtype is not None:
            rules.check_cast(args[0]._host, dtype, name)
        return call(name, func, args, kwargs)


def _numpys(path: str) -> Any:
    value: Any = np
    for part in path.split("."):
        if not hasattr(value, part):
            raise AttributeError(f"strict device: NumPy has no {path}, the double cannot play it.")
        value = getattr(value, part)
    if isinstance(value, types.ModuleType):
        raise AttributeError(f"strict device: {path} is not played.")
    return value


def _sent(name: str, x: Any) -> Any:
    """Return what `asarray` was given for the device: a host array is copied there, and counted."""
    if isinstance(x, np.ndarray):
        uploads(name, x.nbytes)
        return wrap(x.copy())
    if isinstance(x, list | tuple) and not holds_array(x):
        uploads(name, 8 * len(flat(x)))
    return x

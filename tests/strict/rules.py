"""Where CuPy's function of the same name does something else than NumPy's, or nothing defined."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero.backend.precision import PRECISION
from tests.strict.crossing import flat, is_strict, uploads, waits
from tests.strict.signatures import loops

# The host reads a size or a flag back from the device before these can go on.
WAITING = set(
    (
        "argwhere bincount compress extract flatnonzero intersect1d isin in1d nonzero setdiff1d "
        "setxor1d trim_zeros union1d unique unique_all unique_counts unique_inverse unique_values"
    ).split()
).union({"linalg.lstsq", "linalg.matrix_rank", "histogram", "histogram2d", "histogramdd"})
# NumPy answers with a Python value, CuPy with an array of the device without axes.
ARRAY_ANSWERS = {"allclose", "array_equal", "array_equiv", "count_nonzero"}
KEEPS_ORDER = set("array asarray astype copy empty_like full_like ones_like zeros_like".split())
SINGULAR = {"linalg.inv", "linalg.solve", "linalg.cholesky"}
EINSUM_KEYWORDS = {"dtype", "optimize"}
INTEGERS = "iIlLqQ"
ATOMIC = dict.fromkeys("subtract bitwise_and bitwise_or bitwise_xor".split(), INTEGERS)
ATOMIC |= {"add": INTEGERS + "efd", "maximum": INTEGERS + "fd", "minimum": INTEGERS + "fd"}


def before(name: str, args: tuple, kwargs: dict[str, Any]) -> None:
    """Refuse a call of the function or method `name` that CuPy would refuse, or not define."""
    short = name.rpartition(".")[2]
    if name in WAITING or (short == "where" and len(args) + len(kwargs) == 1):
        waits(name)
    if short == "bincount" and _option(args, kwargs, 1, "weights") is not None:
        check_order(name)
    raising = {"choose": ("raise", None), "put": ("raise",)}  # what CuPy checks on the host
    if short in raising and _option(args, kwargs, 3, "mode") in raising[short]:
        waits(name)
    _check_arguments(name, short, args, kwargs)
    if short == "take" and any(isinstance(v, list) for v in (*args, *kwargs.values())):
        uploads(name, 8 * len(flat(*args)))
    if short == "put_along_axis":
        _check_places(name, args, kwargs)


def _check_arguments(name: str, short: str, args: tuple, kwargs: dict[str, Any]) -> None:
    if short in ("sort", "argsort") and kwargs.get("kind") not in (None, "stable"):
        raise ValueError(f"strict device: {name}: CuPy sorts with kind None or 'stable' alone.")
    if short == "repeat" and is_strict(args[1] if len(args) > 1 else kwargs.get("repeats")):
        raise ValueError(f"strict device: {name}: CuPy takes no array of the device for repeats.")
    if short == "lexsort" and isinstance(args[0], tuple | list):
        raise TypeError("strict device: lexsort: CuPy wants one array, not a tuple of keys.")
    if short == "einsum" and set(kwargs) - EINSUM_KEYWORDS:
        raise TypeError(f"strict device: einsum has no {set(kwargs) - EINSUM_KEYWORDS} in CuPy.")
    if name == "linalg.solve":
        a, b = args[0].shape, args[1].shape
        if len(b) > 1 and a[:-1] != b[:-1]:
            raise ValueError(f"strict device: {name}: CuPy does not broadcast {a} and {b}.")


def _check_places(name: str, args: tuple, kwargs: dict[str, Any]) -> None:
    host, index = args[0]._host, args[1]._host
    hits = np.zeros(host.shape, np.int64)
    axis = _option(args, kwargs, 3, "axis")
    grid = np.ogrid[tuple(slice(n) for n in index.shape)] if index.ndim else []
    at = tuple(index if i == axis % host.ndim else g for i, g in enumerate(grid))
    np.add.at(hits, at, 1)
    _distinct(hits, name)


def _option(args: tuple, kwargs: dict[str, Any], position: int, name: str) -> Any:
    return args[position] if len(args) > position else kwargs.get(name)


def _distinct(hits: np.ndarray, name: str) -> None:
    if hits.max(initial=0) > 1:
        raise ValueError(
            f"strict device: {name}: expected distinct indices: which of several values a place "
            "gets is undefined in CuPy."
        )


def check_assignment(target: np.ndarray, index: Any, value: Any) -> None:
    """Refuse `target[index] = value` where the result is left to chance."""
    parts = index if isinstance(index, tuple) else (index,)
    kinds = {p.dtype.kind for p in parts if isinstance(p, np.ndarray)}
    if "b" in kinds:
        waits("x[mask] = value")
    elif kinds:
        hits = np.zeros(target.shape, np.int64)
        np.add.at(hits, index, 1)
        _distinct(hits, "x[i] = v")
    if isinstance(value, np.ndarray):
        check_cast(value, target.dtype, "x[i] = v")
        if not kinds:
            check_overlap(target[index], value, "x[i] = v")


def check_overlap(target: Any, source: Any, name: str) -> None:
    """Refuse to write over what other threads have still to read."""
    if not isinstance(target, np.ndarray) or not np.may_share_memory(target, source):
        return
    # The same elements in the same places are read before they are written.
    if _place(target) != _place(source) and np.shares_memory(target, source):
        raise ValueError(
            f"strict device: {name}: expected a result that does not overlap its operands in "
            "memory: CuPy's threads read and write in any order. Copy one."
        )


def _place(x: np.ndarray) -> tuple:
    return x.__array_interface__["data"][0], x.shape, x.strides, x.dtype


def check_cast(x: np.ndarray, dtype: Any, name: str) -> None:
    """Refuse casts from floats to integers that do not hold them: C++ leaves those undefined."""
    dtype = np.dtype(dtype)
    if x.dtype.kind != "f" or dtype.kind not in "iu" or not x.size:
        return
    limits = np.iinfo(dtype)
    whole = np.trunc(x.astype(np.longdouble))
    if not ((whole >= limits.min) & (whole <= limits.max)).all():
        raise ValueError(
            f"strict device: {name}: expected floats that {dtype} holds, got some that it does "
            "not (negative, infinite, NaN or too large): what CuPy makes of them is undefined."
        )


def check_order(name: str) -> None:
    """Refuse a sum whose order chance decides, where `deterministic()` holds."""
    if PRECISION.get().deterministic:
        raise TypeError(
            f"strict device: {name}: expected kernels(x).index_add under deterministic(): the "
            "order in which CuPy adds to a place is left to chance."
        )


def check_division(ufunc: str, inputs: tuple) -> None:
    """Refuse floats divided downwards: CuPy has floor(x / y), NumPy what an exact rest leaves."""
    kinds = {np.asarray(x).dtype.kind for x in inputs}
    if ufunc in ("remainder", "floor_divide", "divmod") and "f" in kinds:
        raise TypeError(
            f"strict device: {ufunc}: CuPy's result is another for 1 and 0.1, or for infinity. "
            "Take functions/quotients.py."
        )


def check_atomic(ufunc: str, dtype: np.dtype) -> None:
    """Refuse `ufunc.at` on dtypes for which CUDA has no atomic operation."""
    if dtype.char not in ATOMIC[ufunc]:
        raise TypeError(f"strict device: {ufunc}.at: CuPy has none for {dtype}.")


def check_loop(ufunc: str, inputs: tuple, results: Any) -> None:
    """Refuse a ufunc on dtypes CuPy has no loop for, or for which it gives another dtype."""
    if any(not isinstance(x, np.ndarray | np.generic) for x in inputs):
        return  # a Python number is weak, and takes the loop of the array beside it
    dtypes = [x.dtype for x in inputs]
    for letters, made in loops(ufunc):
        if all(np.can_cast(dtype, to) for dtype, to in zip(dtypes, letters, strict=True)):
            found = results if isinstance(results, tuple) else (results,)
            got = [np.asarray(r).dtype for r in found]
            if got != [np.dtype(letter) for letter in made]:
                raise TypeError(
                    f"strict device: {ufunc} of {dtypes}: CuPy gives {made}, NumPy {got}. "
                    "Name the dtype."
                )
            return
    raise TypeError(f"strict device: {ufunc}: CuPy has no loop for {dtypes}.")


def checked(name: str, func: Callable[..., Any]) -> Callable[..., Any]:
    """Return NumPy's function with what CuPy makes of matrices that have no inverse: NaN."""
    if name not in SINGULAR:
        return func

    def careful(*args: Any, **kwargs: Any) -> Any:
        try:
            return func(*args, **kwargs)
        except np.linalg.LinAlgError as error:
            if "ingular" not in str(error) and "definite" not in str(error):
                raise
            return np.full_like(args[-1], np.nan)

    return careful

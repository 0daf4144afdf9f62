"""How precisely products compute, and whether sums keep their order: settings of this context.

Products on the host know one of them, `autocast`: their inputs are rounded, so that a training in
half precision can be tried where there is no GPU. It is no quicker there.
"""

from contextlib import ContextDecorator, nullcontext
from contextvars import ContextVar
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "CASTING",
    "PRECISION",
    "Precision",
    "autocast",
    "deterministic",
    "matmul_precision",
    "rounded",
    "whole",
]


class Precision(NamedTuple):
    """What holds now.

    Attributes:
        matmul: "highest" or "tf32", of float32 products on a device.
        half: "float16" or "bfloat16" where float32 products take their inputs so; else None.
        deterministic: whether kernels whose sums have no fixed order are avoided.
    """

    matmul: str = "highest"
    half: str | None = None
    deterministic: bool = False


DEFAULT = Precision()
PRECISION: ContextVar[Precision] = ContextVar("dezero_precision", default=DEFAULT)
# Not empty from the first `autocast` of the process on: until then nobody need look further.
CASTING: list[str] = []


class _Setting:
    """A setting that holds from now on, or, as `with`, until the block ends."""

    def __init__(self, name: str, value: Any) -> None:
        self._name, self._old = name, getattr(PRECISION.get(), name)
        _set(name, value)

    def __enter__(self) -> None:
        """Do nothing: it holds already."""

    def __exit__(self, *exc: object) -> None:
        _set(self._name, self._old)


def _set(name: str, value: Any) -> None:
    PRECISION.set(PRECISION.get()._replace(**{name: value}))


def matmul_precision(wanted: str) -> Any:
    """Set how float32 products on a GPU compute, from now on or in a `with` block.

    Args:
        wanted: "highest", in float32; "tf32", with inputs rounded to 10 bits after the point, as
            tensor cores multiply them. Products and convolutions both follow it.
    Raises:
        ValueError: it is neither.
    Note: it holds for this thread. On the host float32 stays float32.
    """
    return _Setting("matmul", _chosen("matmul_precision", wanted, ("highest", "tf32")))


def deterministic(wanted: bool = True) -> Any:
    """Choose kernels of a GPU whose sums keep their order, from now on or in a `with` block.

    Two runs then agree to the last bit, where without it some gradients (rows that are added to
    several times, convolutions) may differ in rounding. On the host they always do.

    Args:
        wanted: True or False.
    Raises:
        TypeError: it is neither.
    """
    if not isinstance(wanted, bool):
        raise TypeError(f"deterministic: expected True or False, got {wanted!r}. Choose one.")
    return _Setting("deterministic", wanted)


# What held outside of each `autocast` that is entered; one of them may serve several threads.
_OUTER: ContextVar[tuple[tuple[str | None, Any], ...]] = ContextVar("dezero_outer", default=())


class autocast(ContextDecorator):
    """Give products and convolutions their float32 inputs in half precision, inside `with`.

    Sums are in float32 and so are the results: softmax, losses, norms, reductions and weights
    never see half precision. Run the whole step inside, its backward pass too. Small gradients
    become 0 in float16: train with `optimizer.loss_scale = LossScale()`. On the host inputs are
    rounded alike, which is no quicker.

    Args:
        half: "float16" or "bfloat16"; None switches it off.
    Raises:
        ValueError: it is another.
    """

    def __init__(self, half: str | None = "float16") -> None:
        self.half = _chosen("autocast", half, ("float16", "bfloat16", None))

    def __enter__(self) -> None:
        CASTING[:] = ["yes"]
        # An overflow gives inf without a word on a device; so it does here.
        quiet = "ignore" if self.half == "float16" else None
        outer = PRECISION.get().half, np.seterr(over=quiet, invalid=quiet)
        _OUTER.set((*_OUTER.get(), outer))
        _set("half", self.half)

    def __exit__(self, *exc: object) -> None:
        *rest, (half, errors) = _OUTER.get()
        _OUTER.set(tuple(rest))
        np.seterr(**errors)
        _set("half", half)


def whole() -> Any:
    """Return a context in which `autocast` rounds nothing, for sums that would suffer from it."""
    return autocast(None) if CASTING else nullcontext()


def _chosen(name: str, value: Any, known: tuple) -> Any:
    if not any(value is entry or value == entry for entry in known):
        shown = " or ".join(repr(entry) for entry in known)
        raise ValueError(f"{name}: expected {shown}, got {value!r}. Choose one of them.")
    return value


def rounded(*arrays: np.ndarray) -> Any:
    """Return host arrays as a product takes them: float32 ones rounded where `autocast` holds."""
    half = PRECISION.get().half
    if half is not None:
        arrays = tuple([_rounded(x, half) if x.dtype.char == "f" else x for x in arrays])
    return arrays[0] if len(arrays) == 1 else arrays


def _rounded(x: np.ndarray, half: str) -> np.ndarray:
    if half == "float16":
        with np.errstate(over="ignore", under="ignore"):  # what is too large becomes inf, as there
            return x.astype("e").astype("f")
    # The upper 16 bits, rounded to even; NaN stays NaN.
    bits = np.ascontiguousarray(x).view(np.uint32)
    upper = (bits + (((bits >> 16) & 1) + np.uint32(0x7FFF))) & np.uint32(0xFFFF0000)
    return np.where(np.isnan(x), x, upper.view(np.float32).reshape(x.shape))

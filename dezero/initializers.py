"""First values of parameters, as arrays: `GlorotUniform()((784, 128))`.

Every initializer is called with `(shape, dtype=float32, rng=None)` and returns a new
`numpy.ndarray`. Those that look at the layer's width take the shape as dezero's layers store it:
`(in, out)` for a dense layer, `(out, in, KH, KW)` for a convolution. A layer that stores it
otherwise says so with `fans=(fan_in, fan_out)` and `axis`, where `out` is.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from dezero.backend import is_array, to_host
from dezero.backend.random import default_rng
from dezero.core.errors import lookup

Fans = tuple[float, float]
# Standard deviation of a standard normal cut at -2 and 2: sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
_CUT_STD = 0.87962566103423978


def _not_negative(owner: object, name: str) -> None:
    value = getattr(owner, name)
    if not value >= 0:
        raise ValueError(f"{type(owner).__name__}: expected {name} >= 0, got {value}. Change it.")


class Request(NamedTuple):
    """What `Initializer.draw` is asked for."""

    shape: tuple[int, ...]
    dtype: np.dtype
    rng: np.random.Generator
    fans: Fans
    axis: int = 0

    def normal(self) -> np.ndarray:
        """Return values of the standard normal distribution."""
        return self.rng.standard_normal(self.shape, self.dtype)

    def uniform(self) -> np.ndarray:
        """Return values from 0 to 1."""
        return self.rng.random(self.shape, self.dtype)

    def truncated(self) -> np.ndarray:
        """Return values of the standard normal distribution, those over 2 drawn again."""
        array = self.normal()
        flat = array.reshape(-1)
        outside = np.flatnonzero(np.abs(flat) > 2)
        while outside.size:
            flat[outside] = self.rng.standard_normal(outside.size, self.dtype)
            outside = outside[np.abs(flat[outside]) > 2]
        return array


@dataclass
class Initializer:
    """Base: a subclass is a dataclass of its settings with a `draw`."""

    def __call__(
        self,
        shape: int | tuple[int, ...],
        dtype: DTypeLike = np.float32,
        rng: np.random.Generator | None = None,
        *,
        fans: Fans | None = None,
        axis: int = 0,
    ) -> np.ndarray:
        """Return a new array.

        Args:
            shape: of the parameter.
            dtype: floating dtype of the result.
            rng: where randomness comes from; the library's own generator if None.
            fans, axis: (fan_in, fan_out), and where `out` is, if it is not as above.
        """
        kind = type(self).__name__
        shape = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        if any(size < 0 for size in shape):
            raise ValueError(f"{kind}: expected sizes >= 0, got shape {shape}. Is one not known?")
        dtype = np.dtype(dtype)
        if dtype.kind != "f":
            raise TypeError(f"{kind}: expected a floating dtype, got {dtype}. Try float32.")
        rng = default_rng() if rng is None else rng
        # float16 cannot be drawn directly; float32 is cut down afterwards.
        work = np.dtype(np.float64 if dtype.itemsize >= 8 else np.float32)
        array = self.draw(Request(shape, work, rng, fans or compute_fans(shape), axis))
        return array.astype(dtype, order="C", copy=False)

    def draw(self, ask: Request) -> np.ndarray:
        """Return a new array of the shape and dtype (float32 or float64) asked for."""
        raise NotImplementedError(f"{type(self).__name__}: expected a method draw. Write it.")

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, fit for JSON."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        return {k: v.item() if isinstance(v, np.generic) else v for k, v in values.items()}


def compute_fans(shape: tuple[int, ...]) -> Fans:
    """Return (fan_in, fan_out) of `(in, out)` or `(out, in, *kernel)`; a vector's are its size."""
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    if len(shape) == 2:
        return shape[0], shape[1]
    field = math.prod(shape[2:])
    return shape[1] * field, shape[0] * field


@dataclass(eq=False)  # arrays have no single truth value
class Constant(Initializer):
    """Every element is `value`, a number or an array that broadcasts to the shape."""

    value: Any = 0.0

    def draw(self, ask: Request) -> np.ndarray:
        value = np.asarray(self.value, ask.dtype)
        try:
            return np.broadcast_to(value, ask.shape).copy()
        except ValueError as error:
            raise ValueError(
                f"Constant: expected a value that fits the shape {ask.shape}, got {value.shape}. "
                "Give an array of the parameter's shape."
            ) from error

    def config(self) -> dict[str, Any]:
        return {"value": np.asarray(self.value).tolist()}


class _Named(Initializer):
    """One setting of another initializer under a name of its own, without settings."""

    _rule: ClassVar[Initializer]

    def draw(self, ask: Request) -> np.ndarray:
        return self._rule.draw(ask)


class Zeros(_Named):
    """Every element is 0."""

    _rule = Constant(0.0)


class Ones(_Named):
    """Every element is 1."""

    _rule = Constant(1.0)


@dataclass
class Normal(Initializer):
    """Normal distribution with `mean` and standard deviation `std`."""

    mean: float = 0.0
    std: float = 0.05

    def __post_init__(self) -> None:
        _not_negative(self, "std")

    def draw(self, ask: Request) -> np.ndarray:
        return _scaled(ask.normal(), self.std, self.mean)


class TruncatedNormal(Normal):
    """Normal distribution drawn again wherever it is over two `std` from `mean`.

    Note: `std` is that of the distribution before the cut; the values have 0.88 of it.
    """

    def draw(self, ask: Request) -> np.ndarray:
        return _scaled(ask.truncated(), self.std, self.mean)


@dataclass
class Uniform(Initializer):
    """Uniform distribution from `low` to `high`."""

    low: float = -0.05
    high: float = 0.05

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"Uniform: expected low <= high, got {self.low}, {self.high}. Swap.")

    def draw(self, ask: Request) -> np.ndarray:
        return _scaled(ask.uniform(), self.high - self.low, self.low)


# How much of fan_in and of fan_out.
_MODES = {"fan_in": (1.0, 0.0), "fan_out": (0.0, 1.0), "fan_avg": (0.5, 0.5)}
_DRAWS: dict[str, Callable[[Request, float], np.ndarray]] = {
    "truncated_normal": lambda ask, std: _scaled(ask.truncated(), std / _CUT_STD),
    "untruncated_normal": lambda ask, std: _scaled(ask.normal(), std),
    # A uniform distribution on [-a, a] has the variance a ** 2 / 3.
    "uniform": lambda ask, std: _scaled(ask.uniform(), math.sqrt(12) * std, -math.sqrt(3) * std),
}


@dataclass
class VarianceScaling(Initializer):
    """Mean 0 and variance `scale / n`, where n is the fan that `mode` names.

    Args:
        scale: number >= 0.
        mode: "fan_in", "fan_out" or "fan_avg", their mean.
        distribution: "truncated_normal", "untruncated_normal" or "uniform".
    Note: the truncated normal is widened so that its variance after the cut is the one asked for.
        The book, and PyTorch's `kaiming_normal_` and `xavier_normal_`, do not truncate.
    Reference: LeCun et al. 1998, "Efficient BackProp", section 4.6; Glorot and Bengio 2010,
        "Understanding the difficulty of training deep feedforward neural networks"; He et al. 2015,
        "Delving deep into rectifiers".
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"

    def __post_init__(self) -> None:
        _not_negative(self, "scale")
        lookup("VarianceScaling mode", self.mode, _MODES)
        lookup("VarianceScaling distribution", self.distribution, _DRAWS)

    def draw(self, ask: Request) -> np.ndarray:
        fan = sum(part * fan for part, fan in zip(_MODES[self.mode], ask.fans, strict=True))
        std = math.sqrt(self.scale / max(1.0, fan))
        return _DRAWS[self.distribution](ask, std)


class GlorotUniform(_Named):
    """Uniform on [-a, a], a = sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio 2010, eq. 16)."""

    _rule = VarianceScaling(1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010, eq. 12)."""

    _rule = VarianceScaling(1.0, "fan_avg", "truncated_normal")


class HeUniform(_Named):
    """Uniform on [-a, a], a = sqrt(6 / fan_in); made for relu (He et al. 2015, eq. 10)."""

    _rule = VarianceScaling(2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal of variance 2 / fan_in; made for relu (He et al. 2015, eq. 10)."""

    _rule = VarianceScaling(2.0, "fan_in", "truncated_normal")


class LecunUniform(_Named):
    """Uniform on [-a, a], a = sqrt(3 / fan_in) (LeCun et al. 1998, eq. 16)."""

    _rule = VarianceScaling(1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal of variance 1 / fan_in (LeCun et al. 1998, eq. 16)."""

    _rule = VarianceScaling(1.0, "fan_in", "truncated_normal")


@dataclass
class Orthogonal(Initializer):
    """`gain` times a random matrix whose rows, or columns if those are fewer, are orthonormal.

    Note: the matrix of a kernel is `(out, in * KH * KW)`, whichever axis has the outputs.
    Reference: Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning".
    """

    gain: float = 1.0

    def draw(self, ask: Request) -> np.ndarray:
        if len(ask.shape) < 2:
            raise ValueError(
                f"Orthogonal: expected a shape of two or more axes, got {ask.shape}. "
                "Use it for matrices and kernels only."
            )
        rest = list(ask.shape)
        rows, columns = rest.pop(ask.axis), math.prod(rest)
        q, r = np.linalg.qr(ask.rng.standard_normal((max(rows, columns), min(rows, columns))))
        # QR alone favours some signs; this makes the distribution uniform (Mezzadri 2007, eq. 5.3).
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)
        matrix = self.gain * (q if rows >= columns else q.T).astype(ask.dtype)
        return np.moveaxis(matrix.reshape(rows, *rest), 0, ask.axis)


@dataclass
class Identity(Initializer):
    """`gain` on the diagonal of a matrix, 0 elsewhere; the matrix need not be square."""

    gain: float = 1.0

    def draw(self, ask: Request) -> np.ndarray:
        if len(ask.shape) != 2:
            raise ValueError(
                f"Identity: expected the shape of a matrix, got {ask.shape}. Use Zeros."
            )
        return self.gain * np.eye(*ask.shape, dtype=ask.dtype)


@dataclass
class FromFunction(Initializer):
    """What `function(shape, dtype)` returns, any function of your own; it cannot be saved."""

    function: Callable[..., Any]

    def draw(self, ask: Request) -> np.ndarray:
        result = self.function(ask.shape, ask.dtype)
        array = np.array(to_host(result) if is_array(result) else result, ask.dtype)
        if array.shape != ask.shape:
            raise ValueError(
                f"initializer: expected {self.function!r} to return the shape {ask.shape}, "
                f"got {array.shape}. Its first argument is the shape."
            )
        return array


# The first name of each class is the one that `serialize` writes; the others are Keras's spellings.
INITIALIZERS: dict[str, type[Initializer]] = {
    "constant": Constant,
    "glorot_normal": GlorotNormal,
    "glorot_uniform": GlorotUniform,
    "he_normal": HeNormal,
    "he_uniform": HeUniform,
    "identity": Identity,
    "lecun_normal": LecunNormal,
    "lecun_uniform": LecunUniform,
    "normal": Normal,
    "ones": Ones,
    "orthogonal": Orthogonal,
    "truncated_normal": TruncatedNormal,
    "uniform": Uniform,
    "variance_scaling": VarianceScaling,
    "zeros": Zeros,
    "one": Ones,
    "random_normal": Normal,
    "random_uniform": Uniform,
    "zero": Zeros,
}


def get(initializer: Any) -> Initializer:
    """Return an Initializer from one, a name, a number, an array, a function or a saved dict.

    Args:
        initializer: Initializer; name in `INITIALIZERS`; number or array (`Constant`); function
            of (shape, dtype) that returns an array; dict from `serialize`.
    Raises:
        ValueError: an unknown name (the nearest is suggested), or a dict that does not fit it.
        TypeError: none of these.
    """
    if isinstance(initializer, Initializer):
        return initializer
    if isinstance(initializer, str):
        initializer = {"name": initializer, "config": {}}
    if isinstance(initializer, Mapping):
        kind = lookup("initializer", initializer.get("name"), INITIALIZERS)
        try:
            return kind(**initializer["config"])
        except (TypeError, KeyError) as error:
            raise ValueError(
                f"initializer: expected a configuration of {kind.__name__}, "
                f"got {initializer!r} ({error}). Was it changed by hand?"
            ) from error
    if is_array(initializer) or isinstance(initializer, int | float | np.number):
        return Constant(to_host(initializer))
    if callable(initializer) and not isinstance(initializer, type):
        return FromFunction(initializer)
    raise TypeError(
        f"initializer: expected a name, an Initializer, a number or a function, got "
        f"{initializer!r}. Try 'glorot_uniform'."
    )


def serialize(initializer: Initializer) -> dict[str, Any]:
    """Return `{"name", "config"}`, from which `get` builds an equal initializer."""
    for name, kind in INITIALIZERS.items():
        if kind is type(initializer):
            return {"name": name, "config": initializer.config()}
    raise TypeError(
        f"initializer: expected one of dezero's own, got {type(initializer).__name__}. "
        "Only those in INITIALIZERS can be saved with a model; weights can always."
    )


def _scaled(array: np.ndarray, scale: float, shift: float = 0.0) -> np.ndarray:
    array *= scale
    if shift:
        array += shift
    return array

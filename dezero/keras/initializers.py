"""Keras's initializers: `GlorotUniform(seed=0)((784, 128))`, over `dezero.initializers`.

Shapes are Keras's: `(in, out)`, or `(KH, KW, in, out)` for a kernel, outputs last.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dezero import initializers
from dezero.backend import is_array, to_host
from dezero.core import Config, Variable
from dezero.keras.identifiers import Names

__all__ = [
    "Constant", "GlorotNormal", "GlorotUniform", "HeNormal", "HeUniform", "Identity",
    "IdentityInitializer", "Initializer", "LecunNormal", "LecunUniform", "Ones", "Orthogonal",
    "OrthogonalInitializer", "RandomNormal", "RandomUniform", "TruncatedNormal",
    "VarianceScaling", "Zeros", "constant", "deserialize", "get", "glorot_normal",
    "glorot_uniform", "he_normal", "he_uniform", "identity", "lecun_normal", "lecun_uniform",
    "normal", "ones", "orthogonal", "random_normal", "random_uniform", "serialize",
    "truncated_normal", "uniform", "variance_scaling", "zeros",
]  # fmt: skip

AXES = ("input_axes", "output_axes")


@dataclass
class Initializer(initializers.Initializer):
    """Base: called with `(shape, dtype=None, rng=None)` it returns a new array.

    A subclass of your own defines `__call__(self, shape, dtype=None)` and `get_config`. One with
    a `seed` gives the same values every time, as in Keras 3.
    """

    def __call__(  # type: ignore[override]
        self,
        shape: Any,
        dtype: Any = None,
        rng: np.random.Generator | None = None,
        **ignored: Any,
    ) -> np.ndarray:
        """Return first values; without a `seed` they come from `rng`, or the library's own."""
        seed = getattr(self, "seed", None)
        rng = rng if seed is None else np.random.default_rng(seed)
        size: Any = (shape,) if isinstance(shape, int | np.integer) else tuple(shape)
        dtype = np.dtype(Config.dtype if dtype is None else dtype)
        rule = self.rule()
        if isinstance(rule, initializers.Constant) and dtype.kind != "f":
            return rule(size, np.float64).astype(dtype)
        axes = (getattr(self, name, None) for name in AXES)
        return rule(size, dtype, rng, fans=compute_fans(size, *axes), axis=len(size) - 1)

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        raise NotImplementedError(
            f"{type(self).__name__}: expected a method __call__(self, shape, dtype=None). Write it."
        )

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        # Keras before 3.15 does not know the axes.
        return {k: v for k, v in self.config().items() if k not in AXES or v is not None}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new one from what `get_config` returned; the dtype of Keras 1 is dropped."""
        return cls(**{key: value for key, value in config.items() if key != "dtype"})

    def clone(self) -> Any:
        """Return a new one with the same settings."""
        return type(self).from_config(self.get_config())


def compute_fans(
    shape: tuple[int, ...],
    input_axes: Sequence[int] | None = None,
    output_axes: Sequence[int] | None = None,
) -> tuple[float, float]:
    """Return (fan_in, fan_out) of `(in, out)` or `(*kernel, in, out)`; a vector's are its size.

    With axes of both, they are the sizes of these instead.
    """
    if input_axes is not None and output_axes is not None:
        return tuple(  # type: ignore[return-value]
            math.prod(shape[axis] for axis in axes) for axes in (input_axes, output_axes)
        )
    if len(shape) < 2:
        return (shape[0], shape[0]) if shape else (1, 1)
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


class _Checked(Initializer):
    """Settings are checked when they are given, not when a layer is built."""

    def __post_init__(self) -> None:
        self.rule()


@dataclass(eq=False)  # arrays have no single truth value
class Constant(_Checked):
    """Every element is `value`, a number or an array that broadcasts to the shape."""

    value: Any = 0.0

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        value = self.value.data if isinstance(self.value, Variable) else self.value
        return initializers.Constant(to_host(value) if is_array(value) else value)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return self.rule().config()


class Zeros(_Checked):
    """Every element is 0."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.Constant(0.0)


class Ones(_Checked):
    """Every element is 1."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.Constant(1.0)


@dataclass
class RandomNormal(_Checked):
    """Normal distribution with mean `mean` and standard deviation `stddev`."""

    mean: float = 0.0
    stddev: float = 0.05
    seed: int | None = None

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.Normal(self.mean, self.stddev)


class TruncatedNormal(RandomNormal):
    """Normal distribution drawn again wherever it is over two `stddev` from `mean`."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.TruncatedNormal(self.mean, self.stddev)


@dataclass
class RandomUniform(_Checked):
    """Uniform distribution from `minval` to `maxval`."""

    minval: float = -0.05
    maxval: float = 0.05
    seed: int | None = None

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.Uniform(self.minval, self.maxval)


@dataclass
class VarianceScaling(_Checked):
    """Mean 0 and variance `scale / n`, n being the fan that `mode` names.

    Args:
        scale: number >= 0.
        mode: "fan_in", "fan_out" or "fan_avg".
        distribution: "truncated_normal" (also "normal", as it was called), "untruncated_normal"
            or "uniform".
        seed: for the same values every time.
        input_axes, output_axes: the axes whose sizes make the fans, where they are not the usual.
    """

    scale: float = 1.0
    mode: str = "fan_in"
    distribution: str = "truncated_normal"
    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        drawn = "truncated_normal" if self.distribution == "normal" else self.distribution
        return initializers.VarianceScaling(self.scale, self.mode, drawn)


@dataclass
class _Scaled(_Checked):
    seed: int | None = None
    input_axes: Sequence[int] | None = None
    output_axes: Sequence[int] | None = None


class GlorotUniform(_Scaled):
    """Uniform on [-a, a], a = sqrt(6 / (fan_in + fan_out)); Keras's default for kernels."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.VarianceScaling(1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaled):
    """Truncated normal of variance 2 / (fan_in + fan_out)."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.VarianceScaling(1.0, "fan_avg", "truncated_normal")


class HeUniform(_Scaled):
    """Uniform on [-a, a], a = sqrt(6 / fan_in); made for relu."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.VarianceScaling(2.0, "fan_in", "uniform")


class HeNormal(_Scaled):
    """Truncated normal of variance 2 / fan_in; made for relu."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.VarianceScaling(2.0, "fan_in", "truncated_normal")


class LecunUniform(_Scaled):
    """Uniform on [-a, a], a = sqrt(3 / fan_in); made for selu."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.VarianceScaling(1.0, "fan_in", "uniform")


class LecunNormal(_Scaled):
    """Truncated normal of variance 1 / fan_in; made for selu."""

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.VarianceScaling(1.0, "fan_in", "truncated_normal")


@dataclass
class Orthogonal(_Checked):
    """`gain` times a random matrix `(KH * KW * in, out)` with orthonormal rows or columns."""

    gain: float = 1.0
    seed: int | None = None

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.Orthogonal(self.gain)


@dataclass
class Identity(_Checked):
    """`gain` on the diagonal of a matrix, 0 elsewhere."""

    gain: float = 1.0

    def rule(self) -> Any:
        """Return the initializer of `dezero.initializers` that does it."""
        return initializers.Identity(self.gain)


constant, identity, ones, orthogonal, zeros = Constant, Identity, Ones, Orthogonal, Zeros
glorot_normal, glorot_uniform, he_normal = GlorotNormal, GlorotUniform, HeNormal
he_uniform, lecun_normal, lecun_uniform = HeUniform, LecunNormal, LecunUniform
normal = random_normal = RandomNormal
uniform = random_uniform = RandomUniform
truncated_normal, variance_scaling = TruncatedNormal, VarianceScaling
IdentityInitializer, OrthogonalInitializer = Identity, Orthogonal

NAMES = Names(
    "initializer",
    (
        Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Identity, LecunNormal,
        LecunUniform, Ones, Orthogonal, RandomNormal, RandomUniform, TruncatedNormal,
        VarianceScaling, Zeros,
    ),
    normal=RandomNormal, uniform=RandomUniform, one=Ones, zero=Zeros,
    identity_initializer=Identity, orthogonal_initializer=Orthogonal,
)  # fmt: skip


def get(identifier: Any) -> Any:
    """Return an initializer from a name, a configuration, a class, a number, an array or itself.

    Raises:
        ValueError: the name is unknown; the nearest is suggested.
        TypeError: identifier is none of these.
    """
    if is_array(identifier) or isinstance(identifier, Variable | int | float | np.number):
        return Constant(identifier)
    return NAMES.get(identifier)


def serialize(initializer: Any) -> Any:
    """Return {"class_name", "config"}, the name of a function, or None for None."""
    return NAMES.serialize(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """Return the initializer that `serialize` described."""
    return NAMES.deserialize(config, custom_objects)

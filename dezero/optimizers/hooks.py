"""Hooks that change gradients before an update: `optimizer.add_hook(WeightDecay(1e-4))`.

A gradient array may be shared, so a hook never writes into one: it gives the parameter a new one.
"""

import math
from typing import Any

import numpy as np

from dezero.backend import kernels, xp
from dezero.core import Parameter, Variable
from dezero.optimizers.hyperparameter import as_number, positive
from dezero.optimizers.together import groups_of


class WeightDecay:
    """Add `rate` times the parameter to its gradient: L2 regularisation, g = g + rate x.

    Args:
        rate: strength, at least 0.
    Raises:
        ValueError: rate is negative or not finite.
    """

    rate: float = positive(1e-4)

    def __init__(self, rate: float) -> None:
        self.rate = rate

    def __call__(self, params: list[Parameter]) -> None:
        if _on_device(params):
            for group in groups_of(params):
                flat = group.flat
                kernels(flat).add_scaled(flat, group.joined(lambda p: p.data), self.rate)
                group.give(flat)
            return
        for param in params:
            param.grad = Variable.constant(param.grad.data + self.rate * param.data)  # type: ignore


class ClipGrad:
    """Limit gradients: by their common norm, g = g min(1, max_norm / |g|), or by value.

    Args:
        max_norm: largest Euclidean norm of all gradients taken together.
        each: take the norm of each parameter's gradient by itself.
        value: largest absolute value of each element, instead of or before max_norm.
    Raises:
        ValueError: neither is given, or one is not positive.
        RuntimeError: the norm is NaN or infinite, when called; no gradient is changed by it. On a
            device, whose norms the host does not wait for, the parameters become NaN instead.
    Reference: Pascanu et al. 2013, "On the difficulty of training recurrent neural networks".
    """

    def __init__(
        self, max_norm: float | None = None, *, value: float | None = None, each: bool = False
    ) -> None:
        limits = [as_number(limit) for limit in (max_norm, value) if limit is not None]
        if not limits or not all(limit is not None and limit > 0 for limit in limits):
            raise ValueError(
                f"ClipGrad: expected a positive max_norm or value, got {max_norm!r} and {value!r}. "
                "ClipGrad(1.0) limits the norm."
            )
        self.max_norm, self.value, self.each = as_number(max_norm), as_number(value), each

    def __call__(self, params: list[Parameter]) -> None:
        if self.value is not None:
            _limit_values(params, self.value)
        if self.max_norm is not None:
            if _on_device(params):
                return _limit_there(params, self.max_norm, self.each)
            norms = [_norm(p.grad.data) for p in params]  # type: ignore[union-attr]
            if not math.isfinite(math.hypot(*norms)):
                raise RuntimeError(
                    f"ClipGrad: expected finite gradients, got a norm of {math.hypot(*norms)}. The "
                    "parameters are as they were. Lower the learning rate, or look for NaN in the "
                    "data."
                )
            if not self.each:
                norms = [math.hypot(*norms)] * len(norms)
            for param, norm in zip(params, norms, strict=True):
                if norm > self.max_norm:
                    g = param.grad.data  # type: ignore[union-attr]
                    # A rate such as 1e-6 has no digits left in float16.
                    scaled = _at_least_single(g) * (self.max_norm / norm)
                    param.grad = Variable.constant(scaled.astype(g.dtype, copy=False))


def _on_device(params: list[Parameter]) -> bool:
    return bool(params) and not any(type(p.data) is np.ndarray for p in params)


def _limit_values(params: list[Parameter], value: float) -> None:
    if _on_device(params):
        for group in groups_of(params):
            group.give(xp(group.flat).clip(group.flat, -value, value))
        return
    for param in params:
        g = param.grad.data  # type: ignore[union-attr]
        param.grad = Variable.constant(xp(g).clip(g, -value, value))


def _limit_there(params: list[Parameter], max_norm: float, each: bool) -> None:
    """Limit the norms of gradients on a device, where they are computed too."""
    groups = groups_of(params)
    squares = [kernels(g.flat).norm_squared(g.flat) for g in groups if not each]
    whole = sum(squares[1:], squares[0]) if squares else None
    for group in groups:
        for span in group.spans if each else [slice(None)]:
            g = group.flat[span]
            square = kernels(g).norm_squared(g) if whole is None else whole
            kernels(g).limit_norm(g, square, max_norm)
        group.give(group.flat)


def _norm(g: Any) -> float:
    if g.size == 0:
        return 0.0
    g = _at_least_single(g).reshape(-1)  # squares of float16 overflow from 256 on
    with np.errstate(over="ignore"):
        norm = math.sqrt(float(g.dot(g)))
    if 1e-15 < norm < math.inf:
        return norm
    # Squares that overflow or vanish: by the largest entry first.
    largest = float(abs(g).max())
    if largest == 0 or not math.isfinite(largest):
        return largest
    g = g / largest
    return largest * math.sqrt(float(g.dot(g)))


def _at_least_single(g: Any) -> Any:
    return g.astype(np.float32) if g.dtype == np.float16 else g


class FreezeParam:
    """Leave the given parameters as they are: their gradients are dropped before the update.

    Args:
        layers: Parameters, or layers all of whose parameters are frozen.
    """

    def __init__(self, *layers: Any) -> None:
        self.layers = layers

    def __call__(self, params: list[Parameter]) -> None:
        # Asked for anew each time: a layer may have got more parameters since.
        for layer in self.layers:
            for param in [layer] if isinstance(layer, Parameter) else layer.params():
                param.grad = None

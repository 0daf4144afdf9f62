"""Linear maps of pictures along rows and columns, as short lists of what adds up to what."""

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from dezero.backend import xp
from dezero.core import Function, Variable, floating
from dezero.functions.pictures import Pictures, widened
from dezero.functions.placing import kept

__all__ = ["Resample"]


class Taps:
    """A linear map along an axis: y[out] = the sum of weight * x[in] over triplets.

    Args:
        shape: lengths of y and of x.
        outs, ins, weights: the triplets, arrays of one length; no pair (out, in) occurs twice.
    Note: nothing else is added, not even 0 times it: infinity and NaN stay where they are.
    """

    def __init__(self, shape: tuple[int, int], outs: Any, ins: Any, weights: Any) -> None:
        order = np.argsort(outs[weights != 0], kind="stable")
        self.outs, self.ins, self.weights = (a[weights != 0][order] for a in (outs, ins, weights))
        self.shape = shape

    @cached_property
    def adjoint(self) -> "Taps":
        """The map of gradients, from y back to x."""
        return Taps((self.shape[1], self.shape[0]), self.ins, self.outs, self.weights)

    @cached_property
    def rounds(self) -> list[tuple]:
        """Triplets that add to different elements of y, in as few rounds as possible."""
        turn = np.arange(len(self.outs)) - np.searchsorted(self.outs, self.outs)
        parts = [turn == t for t in range(int(turn.max(initial=-1)) + 1)]
        return [(_range(self.outs[p]), _range(self.ins[p]), self.weights[p]) for p in parts]

    def apply(self, x: Any, axis: int) -> Any:
        """Return y of floating array x, a fresh array."""
        before = (slice(None),) * axis
        y = None
        for outs, ins, weights in self.rounds:
            part = _picked(x, ins, axis)
            if (weights != 1).any():
                columns = (len(weights),) + (1,) * (x.ndim - axis - 1)
                part *= kept(weights.astype(x.dtype).reshape(columns), x)
            if y is None and len(weights) == self.shape[0]:
                y = part
                continue
            if y is None:
                y = self._zeros(x, axis)
            y[(*before, outs if isinstance(outs, slice) else kept(outs, x))] += part
        return self._zeros(x, axis) if y is None else y

    def _zeros(self, x: Any, axis: int) -> Any:
        return xp(x).zeros((*x.shape[:axis], self.shape[0], *x.shape[axis + 1 :]), dtype=x.dtype)


def _picked(x: Any, places: Any, axis: int) -> Any:
    """Return a copy of x at `places` along `axis`."""
    if isinstance(places, slice):
        return x[(*(slice(None),) * axis, places)].copy()
    return x.take(kept(places, x), axis)


def _range(places: np.ndarray) -> Any:
    """Return ascending places as a slice where they lie at equal distances."""
    steps = np.diff(places)
    if len(places) and (steps == steps[:1]).all() and (steps > 0).all():
        step = int(steps[0]) if len(steps) else 1
        return slice(int(places[0]), int(places[-1]) + 1, step)
    return places


class Resample(Function):
    """Pictures through one map along their columns of pixels, then one along their rows.

    Args:
        maps: along height and width.
        layout: "NCHW" or "NHWC".
        called: the function that errors speak of.
        planar: the order of the memory; None keeps that of x.
    """

    def __init__(
        self, maps: tuple[Taps, Taps], layout: str, called: str, planar: bool | None = None
    ) -> None:
        self.maps, self.layout, self.called, self.planar = maps, layout, called, planar

    def forward(self, x: Any) -> Any:
        pictures = Pictures.of(self.called, x, self.layout)
        x = floating(x)
        self.planar = pictures.planar if self.planar is None else self.planar
        pictures = replace(pictures, planar=self.planar)
        y = widened(pictures.fold(x))
        for axis, taps in enumerate(self.maps, start=1):
            y = taps.apply(y, axis)
        return pictures.unfold(y.astype(x.dtype, copy=False))

    def _adjoint(self) -> "Resample":
        maps = self.maps[0].adjoint, self.maps[1].adjoint
        return Resample(maps, self.layout, self.called, self.planar)

    def backward(self, gy: Variable) -> Variable:
        return self._adjoint()(gy)

    def fast_backward(self, gy: Any) -> Any:
        return self._adjoint().forward(gy)

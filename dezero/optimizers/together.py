"""Gradients on a device side by side in memory, so that a hook works on all of them in one launch.

Each parameter's gradient is a view of its group's then: hooks give parameters new arrays anyway.
"""

from collections.abc import Callable
from itertools import accumulate
from typing import Any

from dezero.backend import kernels
from dezero.backend.layout import in_order, memory_order
from dezero.core import Parameter, Variable
from dezero.core.errors import describe

__all__ = ["Group", "groups_of"]


class Group:
    """Parameters whose gradients have one dtype, on one device.

    Attributes:
        flat: their gradients, one after the other; a copy, which may be written to.
    """

    def __init__(self, params: list[Parameter]) -> None:
        self.params = params
        self.orders = [memory_order(p.data) for p in params]
        ends = list(accumulate(p.size for p in params))
        self.spans = [slice(end - p.size, end) for p, end in zip(params, ends, strict=True)]
        self.flat = self.joined(lambda p: p.grad.data)  # type: ignore[union-attr]

    def joined(self, array_of: Callable[[Parameter], Any]) -> Any:
        """Return an array of each parameter, one after the other, in the dtype of the gradients."""
        dtype = self.params[0].grad.dtype  # type: ignore[union-attr]
        parts = [
            array_of(p).astype(dtype, copy=False).transpose(order).reshape(-1)
            for p, order in zip(self.params, self.orders, strict=True)
        ]
        flat = kernels(parts[0]).aligned_empty(sum(part.size for part in parts), dtype)
        kernels(flat).gather_arrays(tuple(parts), flat)
        return flat

    def give(self, flat: Any) -> None:
        """Let the parameters have what stands in `flat` as their gradients."""
        for param, span, order in zip(self.params, self.spans, self.orders, strict=True):
            param.grad = Variable.constant(in_order(flat[span], param.shape, order))


def groups_of(params: list[Parameter]) -> list[Group]:
    """Return parameters that have gradients, one group for each dtype of these.

    Raises:
        ValueError: a gradient has another shape than its parameter.
    """
    found: dict[Any, list[Parameter]] = {}
    for param in params:
        grad: Any = param.grad
        if grad.shape != param.shape:
            raise ValueError(
                f"update: expected the gradient of {param.name!r} to be of shape {param.shape}, "
                f"got {describe(grad)}. Did a hook or your code assign it?"
            )
        found.setdefault(grad.dtype, []).append(param)
    return [Group(members) for members in found.values()]

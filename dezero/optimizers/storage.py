"""Flat storage: the parameters of one optimizer side by side in memory, and their slots likewise.

One pass over a contiguous block replaces a dozen calls per parameter. Parameters of some size are a
block of their own and use their gradient where it lies; runs of small ones share a block, into
which their gradients are copied.
"""

from typing import Any

from dezero.backend import kernels, xp
from dezero.core import Parameter

# Below this many elements a call costs more than the copy that saves it.
SMALL = 16_384
# A step runs over pieces of this many elements, so that x, g, state and scratch stay in the cache.
PIECE = 65_536


class Block:
    """Neighbouring parameters that are updated in one step.

    Args:
        names, params: the parameters, all of one dtype and device.
        slots: names of the optimizer's state arrays.
        saved: {name: {"age": int, slot: array}} to start from instead of zeros.
    """

    def __init__(
        self, names: list[str], params: list[Parameter], slots: tuple[str, ...], saved: dict
    ) -> None:
        first = params[0].data
        module, size = xp(first), sum(param.size for param in params)
        empty = kernels(first).aligned_empty
        self.names, self.params = names, params
        self.age = max((saved.get(name, {}).get("age", 0) for name in names), default=0)
        self.x = empty(size, first.dtype)
        self.gather = empty(size, first.dtype) if len(params) > 1 else None
        self.slots = {slot: empty(size, first.dtype) for slot in slots}
        self.views: list[Any] = []
        self.spans: list[slice] = []
        start = 0
        for name, param in zip(names, params, strict=True):
            span = slice(start, start + param.size)
            start = span.stop
            view = self.x[span].reshape(param.shape)
            view[...] = param.data
            param.data = view
            self.views.append(view)
            self.spans.append(span)
            for slot, array in self.slots.items():
                old = saved.get(name, {}).get(slot)
                array[span] = 0 if old is None else module.asarray(old).reshape(-1)
        pieces = [slice(i, i + PIECE) for i in range(0, size, PIECE)]
        if size < 2 * PIECE:
            pieces = [slice(0, size)]
        self.pieces = [(p, self.x[p], [a[p] for a in self.slots.values()]) for p in pieces]

    def is_current(self) -> bool:
        """Return whether each parameter still lives here (someone may have assigned `data`)."""
        for param, view in zip(self.params, self.views, strict=True):
            if param.data is not view:
                return False
        return True

    def gradient(self) -> Any:
        """Return the flat gradient of the block, or None unless every parameter has one."""
        if self.gather is None:
            grad = self.params[0].grad
            return None if grad is None else grad.data.reshape(-1)
        for param, span in zip(self.params, self.spans, strict=True):
            if param.grad is None:
                return None
            self.gather[span] = param.grad.data.reshape(-1)
        return self.gather

    def is_partial(self) -> bool:
        """Return whether some but not all parameters have a gradient."""
        return len({param.grad is None for param in self.params}) == 2

    def flush(self) -> None:
        """Clear subnormal numbers out of the state."""
        for array in self.slots.values():
            kernels(array).flush_subnormals(array)

    def state(self) -> dict[str, dict[str, Any]]:
        """Return {name: {"age": int, slot: array}}; arrays are copies in the parameter's shape."""
        return {
            name: {
                "age": self.age,
                **{slot: a[span].reshape(view.shape).copy() for slot, a in self.slots.items()},
            }
            for name, span, view in zip(self.names, self.spans, self.views, strict=True)
        }


def build_blocks(
    named: list[tuple[str, Parameter]], slots: tuple[str, ...], saved: dict, *, join: bool = True
) -> list[Block]:
    """Return blocks that hold the parameters `named`, in order.

    Small neighbours of equal dtype, device and age share a block if `join`.
    """
    blocks: list[Block] = []
    run: list[tuple[str, Parameter]] = []

    def key(name: str, param: Parameter) -> tuple:
        return type(param.data), param.dtype, saved.get(name, {}).get("age", 0)

    def close() -> None:
        if run:
            names, params = zip(*run, strict=True)
            blocks.append(Block(list(names), list(params), slots, saved))
            run.clear()

    for name, param in named:
        small = join and param.size < SMALL
        if not small or (run and key(*run[-1]) != key(name, param)):
            close()
        run.append((name, param))
        if not small:
            close()
    close()
    return blocks

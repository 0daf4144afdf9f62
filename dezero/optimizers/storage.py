"""Flat storage: the parameters of one optimizer side by side in memory, and their slots likewise.

One pass over a contiguous block replaces a dozen calls per parameter. Parameters of some size are a
block of their own and use their gradient where it lies; small ones share a block, into which their
gradients are copied.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from dezero.backend import backend_of, kernels, to_host
from dezero.backend.layout import in_order, memory_order
from dezero.core import Parameter
from dezero.core.errors import describe

# Below this many elements a call costs more than the copy that saves it; a launch on a device.
SMALL = 16_384
SMALL_THERE = 262_144
# On the host a step runs over pieces of this many elements, so that x, g, state and scratch stay
# in the cache; on a device a piece is a launch more.
PIECE = 65_536
# Often enough that nothing decays from the threshold into subnormals in between.
FLUSH_EVERY = 128

# {parameter name: {"age": updates done, slot: array in the parameter's shape}}
State = dict[str, dict[str, Any]]
Named = list[tuple[str, Parameter]]


class Block:
    """Parameters that are updated in one step.

    Args:
        named: (name, Parameter) pairs of one dtype, device and age.
        slots: names of the optimizer's state arrays.
        saved: state to start from instead of zeros.
    Note: float16 parameters are stepped in float32 and have float32 state: eps and squares of
        small gradients would vanish, squares of large ones overflow.
    """

    def __init__(self, named: Named, slots: tuple[str, ...], saved: State) -> None:
        self.named = named
        first, size = named[0][1].data, sum(param.size for _, param in named)
        empty = kernels(first).aligned_empty
        self.is_half = first.dtype == np.float16
        state_dtype = np.float32 if self.is_half else first.dtype
        self.age = saved.get(named[0][0], {}).get("age", 0)
        self.x = empty(size, first.dtype)
        self.slots = {slot: empty(size, state_dtype) for slot in slots}
        self.gather = empty(size, state_dtype) if len(named) > 1 else None
        self.spans: list[slice] = []
        self.views: list[Any] = []
        # (parameter, where its gradient is gathered)
        self.places: list[tuple[Parameter, Any]] = []
        self.orders: list[tuple[int, ...]] = []
        start = 0
        for name, param in named:
            span = slice(start, start + param.size)
            start = span.stop
            order = memory_order(param.data)
            view = in_order(self.x[span], param.shape, order)
            view[...] = param.data
            param.data = view
            self.views.append(view)
            self.spans.append(span)
            self.orders.append(order)
            gather = self.x if self.gather is None else self.gather
            self.places.append((param, in_order(gather[span], param.shape, order)))
            for slot, array in self.slots.items():
                old = saved.get(name, {}).get(slot)
                array[span] = 0
                if old is not None:
                    array[span] = _beside(first, old).transpose(order).reshape(-1)
        self._whole = list(self.slots.values())
        in_pieces = size >= 2 * PIECE and type(self.x) is np.ndarray
        cuts = range(0, size, PIECE) if in_pieces else ()
        self._pieces = [slice(i, i + PIECE) for i in cuts]

    def gradient(self) -> Any:
        """Return the flat gradient of the block, or None unless every parameter has one."""
        g: Any = None
        parts: list[Any] = []
        for (param, place), order in zip(self.places, self.orders, strict=True):
            grad = param.grad
            if grad is None:
                return None
            g = grad.data
            if g.shape != place.shape or type(g) is memoryview:
                raise _misfit(self.named, param)
            if type(g) is not type(place) and backend_of(g) is not backend_of(place):
                raise _elsewhere(self.named, param)
            if self.gather is not None and type(place) is not np.ndarray:
                parts.append(g.astype(place.dtype, copy=False).transpose(order).reshape(-1))
            elif self.gather is not None:
                place[...] = g
        if self.gather is not None:
            if parts:  # all in one launch
                kernels(self.gather).gather_arrays(tuple(parts), self.gather)
            return self.gather
        g = g.transpose(self.orders[0]).reshape(-1)
        return g if type(g) is np.ndarray else g.astype(self.x.dtype, copy=False)

    def is_where_it_was(self) -> bool:
        """Return whether no parameter was given other data since."""
        parts = zip(self.named, self.views, strict=True)
        return all(param.data is view for (_, param), view in parts)

    def is_partial(self) -> bool:
        """Return whether some but not all parameters have a gradient."""
        return len({param.grad is None for _, param in self.named}) == 2

    def run(self, rule: Any, g: Any) -> None:
        """Have the optimizer `rule` change all parameters by the flat gradient g."""
        self.age = rule.age = self.age + 1
        if self.is_half:
            x = self.x.astype(np.float32)
            rule.step(x, g.astype(np.float32, copy=False), *self._whole)
            self.x[...] = x
        elif self._pieces:
            for piece in self._pieces:
                rule.step(self.x[piece], g[piece], *[a[piece] for a in self._whole])
        else:
            rule.step(self.x, g, *self._whole)
        # A GPU is as quick with subnormals as with others.
        if self.age % FLUSH_EVERY == 0 and type(self.x) is np.ndarray:
            for array in self.slots.values():
                kernels(array).flush_subnormals(array)

    def state(self) -> State:
        """Return the state by name; arrays are copies."""
        parts = zip(self.places, self.named, self.spans, self.orders, strict=True)
        return {
            name: {
                "age": self.age,
                **{
                    slot: in_order(a[span], place.shape, order).copy("C")
                    for slot, a in self.slots.items()
                },
            }
            for (_, place), (name, _), span, order in parts
        }


def _misfit(named: Named, param: Parameter) -> Exception:
    name = next(name for name, known in named if known is param)
    # A bare array's `data` is a memoryview.
    return ValueError(
        f"update: expected the gradient of {name!r} to be a Variable of shape {param.shape}, got "
        f"{type(param.grad).__name__} {describe(param.grad)}. Did a hook or your code assign it?"
    )


def _elsewhere(named: Named, param: Parameter) -> Exception:
    name = next(name for name, known in named if known is param)
    owners = [backend_of(v.data).name for v in (param, param.grad)]  # type: ignore[union-attr]
    return TypeError(
        f"update: expected the gradient of {name!r} on the device of its parameter, {owners[0]}, "
        f"got it on {owners[1]}. Move it with to_gpu() or to_cpu()."
    )


def _beside(first: Any, array: Any) -> Any:
    """Return `array` on the device of `first`."""
    if type(array) is type(first):
        return array
    return backend_of(first).from_host(to_host(array))


def build_blocks(named: Named, slots: tuple[str, ...], saved: State) -> list[Block]:
    """Return blocks that hold the parameters `named`; small ones with equal keys share one."""
    runs: dict[Any, Named] = {}
    for i, (name, param) in enumerate(named):
        key = type(param.data), param.dtype, saved.get(name, {}).get("age", 0)
        small = SMALL if type(param.data) is np.ndarray else SMALL_THERE
        runs.setdefault(key if param.size < small else i, []).append((name, param))
    return [Block(run, slots, saved) for run in runs.values()]


class Storage:
    """The blocks of one optimizer, and the state of parameters that are in none.

    Args:
        saved: state to start from.
    """

    def __init__(self, saved: State | None = None) -> None:
        self.saved: State = saved or {}
        self.blocks: list[tuple[Any, Block]] = []
        self._laid_out: list[tuple[Parameter, Any]] = []

    def find_new(self, params: Iterable[Parameter]) -> list[Parameter] | None:
        """Return those of `params` to be laid out, or None if all are where they were put.

        Some may have been shaped, frozen or freed, or their data assigned from outside.
        """
        ready = [p for p in params if p.requires_grad and p.data is not None]
        if len(ready) == len(self._laid_out):
            for param, (known, data) in zip(ready, self._laid_out, strict=False):
                if param is not known or param.data is not data:
                    return ready
            return None
        return ready

    def lay_out(
        self, ready: list[Parameter], groups: Iterable[tuple[Any, tuple[str, ...], Named]]
    ) -> None:
        """Move parameters into new blocks: `groups` are (settings, slots, named parameters)."""
        self.release()
        for settings, slots, named in groups:
            self.blocks.extend((settings, b) for b in build_blocks(named, slots, self.saved))
            for name, _ in named:
                self.saved.pop(name, None)
        self._laid_out = [(param, param.data) for param in ready]

    def alone(self, name: str, param: Parameter, slots: tuple[str, ...]) -> Block:
        """Return the block of `param` and no other; what shared one with it is laid out anew."""
        for i, (_, block) in enumerate(self.blocks):
            if any(known is param for _, known in block.named):
                if len(block.named) == 1 and block.is_where_it_was():
                    return block
                self.saved.update(block.state())
                del self.blocks[i]
                break
        block = Block([(name, param)], slots, self.saved)
        self.saved.pop(name, None)
        self.blocks.append(({}, block))
        self._laid_out = []  # so that update() lays everything out together again
        return block

    def split(self, block: Block) -> Block:
        """Part those of `block` that have a gradient from the others, each side with its own age.

        Returns:
            The block of those that have one.
        """
        i = next(i for i, (_, known) in enumerate(self.blocks) if known is block)
        sides: tuple[Named, Named] = ([], [])
        for name, param in block.named:
            sides[param.grad is None].append((name, param))
        state, slots = block.state(), tuple(block.slots)
        parts = [Block(side, slots, state) for side in sides]
        self.blocks[i : i + 1] = [(self.blocks[i][0], part) for part in parts]
        self._laid_out = [(param, param.data) for param, _ in self._laid_out]
        return parts[0]

    def state(self) -> State:
        """Return the state of every parameter that has any; arrays are copies."""
        state = {name: _copied(slots) for name, slots in self.saved.items()}
        for _, block in self.blocks:
            state.update(block.state())
        return state

    def release(self) -> None:
        """Give the blocks up and keep their state."""
        for _, block in self.blocks:
            self.saved.update(block.state())
        self.blocks, self._laid_out = [], []


def _copied(slots: dict[str, Any]) -> dict[str, Any]:
    return {slot: value.copy() if slot != "age" else value for slot, value in slots.items()}

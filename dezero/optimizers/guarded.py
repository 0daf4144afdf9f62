"""Updates under a `LossScale`: skipped where a gradient has overflowed.

The host skips by not making them. On a device, for which it does not wait, each kernel looks at a
flag there; and as the host does not know which number an update has, it prepares the rates for all
numbers that are possible, and the device picks those for its count of skipped updates.
"""

from typing import Any

import numpy as np

from dezero.backend import backend_of, is_readable, kernels
from dezero.backend.capture import GraphCaptureError, Restructured, recording
from dezero.backend.skipping import skipping
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.optimizers.hyperparameter import as_number
from dezero.optimizers.loss_scale import LossScale
from dezero.optimizers.replayed import ask_for_rates, count_age, is_ours, run_block

__all__ = ["Guarded", "run_blocks"]

SETTLE = 8  # updates after which the host asks how many of them were skipped


class Guarded:
    """What an optimizer has of a loss's scale."""

    _loss_scale: LossScale | None = None
    # How far `t` counts for one update.
    _per_update = 1

    @property
    def loss_scale(self) -> LossScale | None:
        """The scale of the loss, or None; assign a LossScale, or a number for one that stays."""
        return self._loss_scale

    @loss_scale.setter
    def loss_scale(self, value: LossScale | float | None) -> None:
        number = None if isinstance(value, LossScale) else as_number(value)
        if number is not None:
            value = LossScale.fixed(number)
        if value is not None and not isinstance(value, LossScale):
            raise TypeError(
                f"loss_scale: expected a LossScale, a number or None, got {describe(value)}. "
                "Write optimizer.loss_scale = LossScale()."
            )
        if value is not self._loss_scale:
            self.settle()
            old, self._loss_scale = self._loss_scale, None if value is None else value.owned()
            if old is not None:
                old.let_go()

    def scale(self, loss: Variable) -> Variable:
        """Return the loss to call `backward` of: times `loss_scale`, or as it is without one."""
        held = self._loss_scale
        if held is None:
            return loss
        if not held.is_on(loss.data):
            self.settle()
        return held.times(loss)

    def settle(self) -> None:
        """Learn from the device which updates were skipped, and count those that were not."""
        held = self._loss_scale
        if held is not None and held.since:
            missed = held.ask()
            self.t -= missed * self._per_update
            self._counted = self.t
            for block in held.blocks:
                block.age -= missed

    def _is_due(self) -> bool:
        """Unscale the gradients; return False if this update must not be, as far as is known."""
        held, params = self._loss_scale, self._with_gradient()  # type: ignore[attr-defined]
        if held is None or not params:
            return True
        if not held.is_on(params[0].data):
            self.settle()
        state = held.take_back(params, type(self).__name__)
        if not is_readable(state) and (is_ours(type(self)) or recording() is not None):
            return True  # the kernels ask; what they cannot be in is refused a captured step
        held.adjust()
        if not held.ask():
            return True
        # The book's Adam counts for itself, before it is known.
        self.t = self._counted = self._counted + 1 - self._per_update
        return False


def run_blocks(optimizer: Any, found: list[tuple[dict, Any, Any]]) -> None:
    """Change blocks by their gradients: (settings, block, gradient)."""
    held = optimizer._loss_scale
    if held is None or not found or is_readable(found[0][2]) or not is_ours(type(optimizer)):
        for settings, block, g in found:
            run_block(optimizer, settings, block, g)
        return
    _begin(optimizer, held, [block for _, block, _ in found])
    groups: dict[Any, dict[str, Any]] = {}
    with skipping(held.adjust()):
        for settings, block, g in found:
            _run(optimizer, settings, block, g, groups)
    _count(held)
    taken = recording()
    if taken is not None:
        taken.again(lambda: _count(held))


def _begin(optimizer: Any, held: LossScale, blocks: list[Any]) -> None:
    """See to it that the host knows enough of earlier updates, now and before each replay."""
    taken = recording()
    if taken is None:
        _prepare(optimizer, held, blocks)
    elif held.recorded is not taken:
        held.recorded, held.blocks = taken, blocks  # nothing was unknown before the capture
        taken.again(lambda: _prepare(optimizer, held, blocks))
    elif held.blocks != blocks:  # the launch of the first update is still to come
        raise GraphCaptureError(
            f"{type(optimizer).__name__} with a loss_scale updates other parameters the second "
            "time in a step. Give each part of the model an optimizer of its own"
        )


def _prepare(optimizer: Any, held: LossScale, blocks: list[Any]) -> None:
    if held.since >= SETTLE or held.blocks != blocks:
        optimizer.settle()
        held.blocks = blocks


def _count(held: LossScale) -> Any:
    held.since += 1

    def undo() -> None:
        held.since -= 1

    return undo


def _run(optimizer: Any, settings: dict, block: Any, g: Any, groups: dict[Any, Any]) -> None:
    """Change one block, by numbers that the device has picked for all blocks of its kind."""
    rule, age = optimizer._rule(settings), block.age + 1

    def numbers(name: str) -> dict[str, Any]:
        key = name, id(settings), age
        if key not in groups:
            groups[key] = _picked(optimizer, settings, block, name)
        return groups[key]

    ask_for_rates(rule, numbers)
    block.run(rule, g)
    count_age(block)


def _picked(optimizer: Any, settings: dict, block: Any, name: str) -> dict[str, Any]:
    """Return the numbers `name` of this update as arrays on the device."""
    state, taken, age = optimizer._loss_scale._state, recording(), block.age
    names, table = _table(optimizer, settings, age, name)
    if taken is None:
        rows = backend_of(state).from_host(table.reshape(-1))
    else:
        count = len(table) + SETTLE  # for as many that may be unknown before a replay
        place = taken.place(count * len(names))
        taken.host[place] = _filled(table, count)
        rows = taken.device[place]

        def refill() -> None:
            again, table = _table(optimizer, settings, block.age + 1, name)
            if again != names:
                raise Restructured(f"{name}: expected {names}, got {again}. Capture it anew.")
            taken.host[place] = _filled(table, count)

        taken.again(refill)
    y = kernels(state).pick_row(rows, state, len(names))
    return {key: y[i : i + 1].reshape(()) for i, key in enumerate(names)}


def _table(optimizer: Any, settings: dict, age: int, name: str) -> tuple[list[str], np.ndarray]:
    """Return the names of numbers, and a row of them for each count of skipped updates."""
    rows: list[dict[str, Any]] = []
    for missed in range(optimizer._loss_scale.since + 1):
        rule = optimizer._rule(settings)
        rule.age, rule.t = age - missed, optimizer.t - missed * optimizer._per_update
        rows.append(getattr(rule, name)())
    # If this one is skipped too, nobody reads the row after the last; but it must be there.
    return list(rows[0]), np.array([list(row.values()) for row in [*rows, rows[-1]]], np.float64)


def _filled(table: np.ndarray, count: int) -> np.ndarray:
    """Return the rows of a table, the last one repeated up to `count`, in one flat array."""
    rest = np.repeat(table[-1:], count - len(table), axis=0)
    return np.concatenate([table, rest]).reshape(-1)

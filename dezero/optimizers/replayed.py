"""Updates as part of a captured step, whose kernels are replayed and whose Python is not.

Their numbers, `rates()`, are worked out before each replay and put where the kernels read them.
"""

from collections.abc import Callable
from typing import Any

from dezero.backend.capture import GraphCaptureError, recording, rehearsal
from dezero.optimizers.storage import Block

__all__ = ["count_update", "expect_no_capture", "run_block"]


def run_block(optimizer: Any, settings: dict[str, Any], block: Block, g: Any) -> None:
    """Have `optimizer`, but for `settings`, change the parameters of a block by gradient g.

    Raises:
        GraphCaptureError: in a step that is captured, by a step of the user's own.
    """
    taken, rehearsed, kind = recording(), rehearsal(), type(optimizer)
    is_ours = kind.step.__module__.startswith("dezero.")
    if taken is None:
        rule = optimizer._rule(settings) if settings or rehearsed else optimizer
        if rehearsed is not None and is_ours:
            rule.__dict__["rates"] = lambda: rehearsed.rates(kind.rates(rule))
        block.run(rule, g)
        return
    if not is_ours:
        # What a step of the user's does with numbers may round otherwise if they are arrays.
        raise GraphCaptureError(
            f"{kind.__name__}.step is not one of the library's, whose numbers can change from "
            "replay to replay. Derive it from one of them and write rates(self)"
        )
    rule, asked = optimizer._rule(settings), []

    def rates() -> dict[str, Any]:
        if not asked:
            later = _later(optimizer, settings, block)
            asked.append(taken.rates(kind.rates(rule), later))
        return asked[0]

    rule.__dict__["rates"] = rates
    block.run(rule, g)


def _later(
    optimizer: Any, settings: dict[str, Any], block: Block
) -> Callable[[], tuple[dict[str, Any], Callable[[], None]]]:
    """Return what counts an update of a block: it returns its numbers, and what undoes it."""

    def later() -> tuple[dict[str, Any], Callable[[], None]]:
        rule, age = optimizer._rule(settings), block.age

        def undo() -> None:
            block.age = age

        block.age = rule.age = age + 1
        try:
            return rule.rates(), undo
        except BaseException:
            undo()
            raise

    return later


def count_update(optimizer: Any) -> None:
    """Count an update of all parameters, now and in each replay of the step."""
    _count(optimizer)
    taken = recording()
    if taken is not None:
        taken.again(lambda: _count(optimizer))


def _count(optimizer: Any) -> Callable[[], None]:
    before = optimizer.t, optimizer._counted

    def undo() -> None:
        optimizer.t, optimizer._counted = before

    # The book's Adam counts for itself, before it calls this.
    if optimizer.t == optimizer._counted:
        optimizer.t += 1
    optimizer._counted = optimizer.t
    return undo


def expect_no_capture(optimizer: Any) -> None:
    """Refuse an update in the book's manner in a step that is captured."""
    if recording() is not None:
        raise GraphCaptureError(
            f"{type(optimizer).__name__}.update_one works on the host. Write step(self, x, g, "
            "*slots) and rates(self) instead"
        )

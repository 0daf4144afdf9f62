"""Updates as part of a captured step, whose kernels are replayed and whose Python is not.

Their numbers, `rates()`, are worked out before each replay and put where the kernels read them.
"""

from collections.abc import Callable
from typing import Any

from dezero.backend.capture import GraphCaptureError, recording, rehearsal
from dezero.optimizers.storage import Block

__all__ = [
    "RATES", "ask_for_rates", "count_age", "count_update", "expect_no_capture", "is_ours",
    "run_block",
]  # fmt: skip

# Methods of optimizers that return the numbers of an update.
RATES = "rates", "average_rates"


def is_ours(kind: type) -> bool:
    """Return whether the formula of an optimizer is the library's: kernels, and numbers apart."""
    parts = (getattr(kind, name, None) for name in ("step", "_formula"))
    return _is_stepped(kind) and all(
        part is None or part.__module__.startswith("dezero.") for part in parts
    )


def _is_stepped(kind: Any) -> bool:
    return kind.update_one.__module__ == "dezero.optimizers.optimizer"


def run_block(optimizer: Any, settings: dict[str, Any], block: Block, g: Any) -> None:
    """Have `optimizer`, but for `settings`, change the parameters of a block by gradient g.

    Raises:
        GraphCaptureError: in a step that is captured, by a step of the user's own.
    """
    taken, rehearsed, kind = recording(), rehearsal(), type(optimizer)
    if taken is None:
        rule = optimizer._rule(settings) if settings or rehearsed else optimizer
        if rehearsed is not None and is_ours(kind):
            ask_for_rates(rule, lambda name: rehearsed.rates(getattr(kind, name)(rule)))
        block.run(rule, g)
        return
    if not is_ours(kind):
        # What a step of the user's does with numbers may round otherwise if they are arrays.
        raise GraphCaptureError(
            f"{kind.__name__}.step is not one of the library's, whose numbers can change from "
            "replay to replay. Derive it from one of them and write rates(self)"
        )
    rule = optimizer._rule(settings)

    def numbers(name: str) -> dict[str, Any]:
        later = _later(optimizer, settings, block, name)
        return taken.rates(getattr(kind, name)(rule), later)

    ask_for_rates(rule, numbers)
    block.run(rule, g)
    count_age(block)


def ask_for_rates(rule: Any, numbers: Callable[[str], dict[str, Any]]) -> None:
    """Have `rule` take its numbers from a function of RATES, asked once for each."""
    asked: dict[str, dict[str, Any]] = {}

    def answer(name: str) -> dict[str, Any]:
        if name not in asked:
            asked[name] = numbers(name)
        return asked[name]

    for name in RATES:
        if hasattr(rule, name):
            rule.__dict__[name] = lambda name=name: answer(name)


def _later(
    optimizer: Any, settings: dict[str, Any], block: Block, name: str
) -> Callable[[], tuple[dict[str, Any], Callable[[], None]]]:
    """Return what works out the numbers of the next update of a block."""

    def later() -> tuple[dict[str, Any], Callable[[], None]]:
        rule = optimizer._rule(settings)
        rule.age = block.age + 1
        return getattr(rule, name)(), _nothing

    return later


def _nothing() -> None:
    """Undo what has changed nothing."""


def count_age(block: Block) -> None:
    """Count an update of a block, which counts itself now, in each replay of the step."""
    taken = recording()
    if taken is not None:
        taken.again(lambda: _aged(block))


def _aged(block: Block) -> Callable[[], None]:
    block.age += 1

    def undo() -> None:
        block.age -= 1

    return undo


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


def expect_no_capture(what: str, advice: str) -> None:
    """Refuse what an update does on the host, `what`, in a step that is captured."""
    if recording() is not None:
        raise GraphCaptureError(f"{what} works on the host. {advice}")

"""`GradientTape`: TensorFlow's way to ask for gradients, for training steps written with it.

dezero records what is computed anyway; the tape only asks.
"""

from contextvars import ContextVar
from typing import Any

from dezero.autograd import grad
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.training.nest import leaves, mapped

__all__ = ["GradientTape"]

_OPEN: ContextVar[int] = ContextVar("open tapes", default=0)


class GradientTape:
    """`with GradientTape() as tape: loss = ...`, then `tape.gradient(loss, variables)`.

    Args:
        persistent: let `gradient` be called more than once.
        watch_accessed_variables: accepted; whatever asks for a gradient is recorded.
    Note: inside the block, or in that of another tape, gradients can be differentiated again.
    """

    def __init__(self, persistent: bool = False, watch_accessed_variables: bool = True) -> None:
        self.persistent, self._used = persistent, False

    def __enter__(self) -> "GradientTape":
        _OPEN.set(_OPEN.get() + 1)
        return self

    def __exit__(self, *error: object) -> None:
        _OPEN.set(_OPEN.get() - 1)

    def watch(self, tensor: Any) -> None:
        """Record from here on what is computed from these Variables, constants too.

        Raises:
            TypeError: tensor is no Variable, or holds some that is none.
        """
        for _, part in leaves(tensor):
            if not isinstance(part, Variable):
                raise TypeError(
                    f"GradientTape.watch: expected a Variable, got {describe(part)}. "
                    "Compute with dezero.Variable(x) instead of x."
                )
            if part.creator is None:
                part.requires_grad = True

    def gradient(self, target: Any, sources: Any, output_gradients: Any = None) -> Any:
        """Return d(target)/d(sources), summed over target; None where it does not depend on them.

        Args:
            target: Variable, or a list of them.
            sources: Variables, one or a list or dict of them.
            output_gradients: weights of target's elements; ones by default.
        Returns:
            Variables in the structure of sources.
        Raises:
            RuntimeError: a tape that is not persistent is asked again.
        """
        if self._used and not self.persistent:
            raise RuntimeError(
                "GradientTape.gradient: expected one call, got another. Use persistent=True."
            )
        self._used = True
        found = [part for _, part in leaves(sources)]
        again = _OPEN.get() > 0
        keep = again or self.persistent
        gradients = iter(
            grad(target, found, output_gradients, again, retain_graph=keep, allow_unused=True)
        )
        return mapped(lambda _: next(gradients), sources)

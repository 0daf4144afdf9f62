"""Updates of parameters by gradients that are given, with or without a model."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from dezero import optimizers
from dezero.core import Parameter, Variable
from dezero.optimizers.state import named_params

__all__ = ["Applied"]


class _Given:
    """Parameters that are trained by themselves, without a model."""

    def __init__(self, params: Iterable[Parameter]) -> None:
        self._params = list(params)

    def params(self) -> Iterator[Parameter]:
        """Yield the parameters."""
        return iter(self._params)


class Applied(optimizers.Optimizer):
    """What Keras's optimizers do with gradients of parameters."""

    def build(self, trainable_variables: Iterable[Parameter]) -> None:
        """Take charge of parameters that belong to no compiled model."""
        self.setup(_Given(trainable_variables))

    def apply(self, grads: Iterable[Any], trainable_variables: Any = None) -> None:
        """Make one update from the gradients of parameters, in their order; None changes nothing.

        Raises:
            ValueError: there is no gradient, or a parameter is not among those it was built for.
        """
        given = None if trainable_variables is None else list(trainable_variables)
        if self.target is None:
            self.build(given or ())
        target: Any = self.target
        params = list(target.params())
        pairs = list(zip(grads, params if given is None else given, strict=True))
        if not {id(p) for _, p in pairs} <= {id(p) for p in params}:
            raise ValueError(
                f"{type(self).__name__}.apply: expected parameters that it was built for, got "
                "another. Make an optimizer of its own for that."
            )
        if all(g is None for g, _ in pairs):
            raise ValueError(
                f"{type(self).__name__}.apply: expected a gradient, got None for every parameter. "
                "Does the loss depend on them?"
            )
        before = [(p, p.grad) for p in params]
        try:
            for p in params:
                p.grad = None
            for g, p in pairs:
                p.grad = None if g is None else Variable.wrap(g).detach()
            if self._loss_scale is not None:
                self._loss_scale.trust()
            self.update()
        finally:
            for p, grad in before:
                p.grad = grad

    def apply_gradients(self, grads_and_vars: Iterable[tuple[Any, Parameter]]) -> int:
        """Make one update from pairs of a gradient and its parameter; return how many were made."""
        pairs = list(grads_and_vars)
        self.apply([g for g, _ in pairs], [p for _, p in pairs])
        return self.iterations  # type: ignore[attr-defined]

    def exclude_from_weight_decay(self, var_list: Any = None, var_names: Any = None) -> None:
        """Leave parameters out of the weight decay, given themselves or by regular expressions.

        Raises:
            RuntimeError: the optimizer has no parameters yet.
        """
        if self.target is None:
            raise RuntimeError(
                f"{type(self).__name__}.exclude_from_weight_decay: expected compile or build "
                "first, got no parameters. Call it after that."
            )
        chosen = {id(p) for p in var_list or ()}
        for name, param in named_params(self.target):
            if id(param) in chosen or any(re.search(word, name) for word in var_names or ()):
                self._settings.append((name, {"weight_decay": None}))
        self._release()

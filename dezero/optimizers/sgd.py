"""Gradient descent, with momentum, and with Nesterov's momentum."""

from typing import Any

from dezero.backend import kernels
from dezero.optimizers.hyperparameter import fraction
from dezero.optimizers.optimizer import Optimizer
from dezero.optimizers.schedule_base import Schedule


class SGD(Optimizer):
    """Stochastic gradient descent: x = x - lr g.

    Args:
        lr: learning rate or schedule.
    Reference: Robbins & Monro 1951, "A stochastic approximation method".
    """

    def __init__(self, lr: float | Schedule = 0.01) -> None:
        super().__init__(lr)

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {"lr": self.lr}

    def step(self, x: Any, g: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).sgd_step(x, g, **self.rates())


class MomentumSGD(Optimizer):
    """Gradient descent with momentum: v = momentum v - lr g; x = x + v.

    Args:
        lr: learning rate or schedule.
        momentum: share of the last step that is repeated, 0 to below 1.
    Note: as in the book and Keras, lr is inside v; torch multiplies by it outside, which differs
        while lr changes.
    Reference: Polyak 1964, "Some methods of speeding up the convergence of iteration methods".
    """

    slots = ("velocity",)
    momentum: float = fraction(0.9)

    def __init__(self, lr: float | Schedule = 0.01, momentum: float = 0.9) -> None:
        super().__init__(lr)
        self.momentum = momentum

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {"lr": self.lr, "mu": self.momentum}

    def step(self, x: Any, g: Any, velocity: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).momentum_step(x, g, velocity, **self.rates())


class Nesterov(Optimizer):
    """Nesterov's momentum: v = momentum v - lr g; x = x + momentum v - lr g.

    Args:
        lr: learning rate or schedule.
        momentum: share of the last step that is repeated, 0 to below 1.
    Note: x is the look-ahead point, as in Keras and torch.
    Reference: Sutskever et al. 2013, "On the importance of initialization and momentum in deep
        learning", eq. 3-4.
    """

    slots = ("velocity",)
    momentum: float = fraction(0.9)

    def __init__(self, lr: float | Schedule = 0.01, momentum: float = 0.9) -> None:
        super().__init__(lr)
        self.momentum = momentum

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {"lr": self.lr, "mu": self.momentum}

    def step(self, x: Any, g: Any, velocity: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).nesterov_step(x, g, velocity, **self.rates())

"""Optimizers that scale each coordinate by its past gradients: AdaGrad, RMSprop, AdaDelta."""

from typing import Any

from dezero.backend import kernels, xp
from dezero.optimizers.hyperparameter import Flag, fraction, positive
from dezero.optimizers.optimizer import Optimizer
from dezero.optimizers.schedule_base import Schedule


class AdaGrad(Optimizer):
    """AdaGrad: h = h + g^2; x = x - lr g / (sqrt(h) + eps).

    Args:
        lr: learning rate or schedule.
        eps: keeps the first steps finite.
    Reference: Duchi et al. 2011, "Adaptive subgradient methods for online learning", fig. 1.
    """

    slots = ("square_sum",)
    eps: float = positive(1e-8)

    def __init__(self, lr: float | Schedule = 0.001, eps: float = 1e-8) -> None:
        super().__init__(lr)
        self.eps = eps

    def step(self, x: Any, g: Any, square_sum: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).adagrad_step(x, g, square_sum, self.lr, self.eps)


class RMSprop(Optimizer):
    """RMSprop: s = rho s + (1 - rho) g^2; x = x - lr g / (sqrt(s) + eps).

    Args:
        lr: learning rate or schedule.
        rho: decay of the average, 0 to below 1.
        eps: keeps small averages from making large steps.
        momentum: if not 0, v = momentum v + lr g / (sqrt(s) + eps) is subtracted instead.
        centered: divide by the estimated standard deviation, sqrt(s - mean(g)^2).
    Note: eps is outside the root, as in torch (Keras: inside); rho and lr default to Keras's.
        The slots hold the sums without their factor 1 - rho.
    Reference: Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013, eq. 38-45.
    """

    rho: float = fraction(0.9)
    eps: float = positive(1e-7)
    momentum: float = fraction(0.9)
    centered: bool = Flag()  # type: ignore[assignment]

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        rho: float = 0.9,
        eps: float = 1e-7,
        *,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(lr)
        self.rho, self.eps, self.momentum, self.centered = rho, eps, momentum, centered

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The state arrays that momentum and centered ask for."""
        return ("square",) + ("velocity",) * bool(self.momentum) + ("mean",) * self.centered

    def step(self, x: Any, g: Any, square: Any, *more: Any) -> None:
        """Apply the formula to flat arrays in place."""
        if len(more) != bool(self.momentum) + self.centered:
            raise RuntimeError(
                "RMSprop: expected momentum and centered to be on or off from the first update, "
                f"got momentum={self.momentum} and centered={self.centered} with state "
                f"for {len(more)} of them. Give them to RMSprop(...), or call set_for('*', ...)."
            )
        if not more:
            kernels(x).rmsprop_step(x, g, square, lr=self.lr, rho=self.rho, eps=self.eps)
            return
        square *= self.rho
        square += g * g
        variance = square * (1 - self.rho)
        if self.centered:
            mean = more[-1]
            mean *= self.rho
            mean += g
            # Rounding can leave a negative trace where the gradient has been constant.
            variance = xp(x).maximum(variance - (mean * (1 - self.rho)) ** 2, 0)
        change = self.lr * g / (xp(x).sqrt(variance) + self.eps)
        if self.momentum:
            velocity = more[0]
            velocity *= self.momentum
            velocity += change
            change = velocity
        x -= change


class AdaDelta(Optimizer):
    """AdaDelta: d = sqrt(u + eps) / sqrt(s + eps) g; x = x - lr d; s, u average g^2, d^2.

    Args:
        rho: decay of both averages, 0 to below 1.
        eps: starts the first steps.
        lr: factor on the step; the paper has none, which is 1.
    Reference: Zeiler 2012, "ADADELTA: an adaptive learning rate method", algorithm 1.
    """

    slots = ("square", "change_square")
    rho: float = fraction(0.95)
    eps: float = positive(1e-6)

    def __init__(self, rho: float = 0.95, eps: float = 1e-6, *, lr: float | Schedule = 1.0) -> None:
        super().__init__(lr)
        self.rho, self.eps = rho, eps

    def step(self, x: Any, g: Any, square: Any, change_square: Any) -> None:
        """Apply the formula to flat arrays in place."""
        sqrt = xp(x).sqrt
        square *= self.rho
        square += (1 - self.rho) * g * g
        change = sqrt(change_square + self.eps)
        change /= sqrt(square + self.eps)
        change *= g
        change_square *= self.rho
        change_square += (1 - self.rho) * change * change
        x -= self.lr * change

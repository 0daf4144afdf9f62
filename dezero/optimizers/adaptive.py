"""Optimizers that scale each coordinate by its past gradients: AdaGrad, RMSprop, AdaDelta, Ftrl."""

from typing import Any

from dezero.backend import kernels
from dezero.optimizers.hyperparameter import Flag, fraction, positive
from dezero.optimizers.optimizer import Optimizer
from dezero.optimizers.schedule_base import Schedule


class AdaGrad(Optimizer):
    """AdaGrad: h = h + g^2; x = x - lr g / (sqrt(h) + eps).

    Args:
        lr: learning rate or schedule.
        eps: keeps the first steps finite.
        initial: what h starts from; the slot holds h without it.
        eps_inside: add eps inside the root, sqrt(h + eps), as Keras does.
    Reference: Duchi et al. 2011, "Adaptive subgradient methods for online learning", fig. 1.
    """

    slots = ("square_sum",)
    eps: float = positive(1e-8)
    initial: float = positive(0.1)
    eps_inside: bool = Flag()  # type: ignore[assignment]

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        eps: float = 1e-8,
        *,
        initial: float = 0.0,
        eps_inside: bool = False,
    ) -> None:
        super().__init__(lr)
        self.eps, self.initial, self.eps_inside = eps, initial, eps_inside

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        eps, inside = (0.0, self.eps) if self.eps_inside else (self.eps, 0.0)
        return {"lr": self.lr, "eps": eps, "inside": inside + self.initial}

    def step(self, x: Any, g: Any, square_sum: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).adagrad_step(x, g, square_sum, **self.rates())


class RMSprop(Optimizer):
    """RMSprop: s = rho s + (1 - rho) g^2; x = x - lr g / (sqrt(s) + eps).

    Args:
        lr: learning rate or schedule.
        rho: decay of the average, 0 to below 1.
        eps: keeps small averages from making large steps.
        momentum: if not 0, v = momentum v + lr g / (sqrt(s) + eps) is subtracted instead.
        centered: divide by the estimated standard deviation, sqrt(s - mean(g)^2).
        eps_inside: add eps inside the root, sqrt(s + eps), as Keras does; outside, as torch, else.
    Note: rho and lr default to Keras's.
        The slots hold the sums without their factor 1 - rho.
    Reference: Tieleman & Hinton 2012, lecture 6.5; centered: Graves 2013, eq. 38-45.
    """

    rho: float = fraction(0.9)
    eps: float = positive(1e-7)
    momentum: float = fraction(0.9)
    centered: bool = Flag()  # type: ignore[assignment]
    eps_inside: bool = Flag()  # type: ignore[assignment]

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        rho: float = 0.9,
        eps: float = 1e-7,
        *,
        momentum: float = 0.0,
        centered: bool = False,
        eps_inside: bool = False,
    ) -> None:
        super().__init__(lr)
        self.rho, self.eps, self.momentum, self.centered = rho, eps, momentum, centered
        self.eps_inside = eps_inside

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The state arrays that momentum and centered ask for."""
        return ("square",) + ("velocity",) * bool(self.momentum) + ("mean",) * self.centered

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update; without state but the square, 1 - rho is in them."""
        eps, inside = (0.0, self.eps) if self.eps_inside else (self.eps, 0.0)
        rates = {"lr": self.lr, "rho": self.rho, "eps": eps, "inside": inside}
        if self.momentum:
            return {**rates, "mu": self.momentum}
        if self.centered:
            return rates
        rest = 1 - self.rho
        scale = rest**0.5
        return {
            "lr": self.lr / scale,
            "rho": self.rho,
            "eps": eps / scale,
            "inside": inside / rest,
        }

    def step(self, x: Any, g: Any, square: Any, *more: Any) -> None:
        """Apply the formula to flat arrays in place."""
        if len(more) != bool(self.momentum) + self.centered:
            raise RuntimeError(
                "RMSprop: expected momentum and centered to be on or off from the first update, "
                f"got momentum={self.momentum} and centered={self.centered} with state "
                f"for {len(more)} of them. Give them to RMSprop(...), or call set_for('*', ...)."
            )
        have = kernels(x)
        if not more:
            have.rmsprop_step(x, g, square, **self.rates())
        elif not self.centered:
            have.rmsprop_momentum_step(x, g, square, *more, **self.rates())
        elif not self.momentum:
            have.rmsprop_centered_step(x, g, square, *more, **self.rates())
        else:
            have.rmsprop_centered_momentum_step(x, g, square, *more, **self.rates())


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

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {"lr": self.lr, "rho": self.rho, "eps": self.eps}

    def step(self, x: Any, g: Any, square: Any, change_square: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).adadelta_step(x, g, square, change_square, **self.rates())


class Ftrl(Optimizer):
    """Follow the regularised leader, proximal: x is where the sum of all past bounds is least.

    With s = (n + g^2)^p - n^p and p = -power: z = z + g - s x / lr, n = n + g^2, then
    x = (clip(z, -l1, l1) - z) / (n^p / lr + 2 l2 + beta / lr). Weights of |z| <= l1 are exactly 0.

    Args:
        lr: learning rate or schedule.
        power: how the rate falls with n, below 0; -0.5 is the paper's.
        initial: what n starts from; the slot holds n without it.
        l1, l2: strengths of the penalties.
        shrinkage: strength of a further l2 that is put into g and not into n.
        beta: smooths the first steps.
    Reference: McMahan et al. 2013, "Ad click prediction: a view from the trenches", algorithm 1.
    """

    slots = ("square_sum", "linear")
    negative_power: float = positive(0.5)
    initial: float = positive(0.1)
    l1: float = positive(0.001)
    l2: float = positive(0.001)
    shrinkage: float = positive(0.001)
    beta: float = positive(1.0)

    def __init__(
        self,
        lr: float | Schedule = 0.001,
        power: float = -0.5,
        *,
        initial: float = 0.1,
        l1: float = 0.0,
        l2: float = 0.0,
        shrinkage: float = 0.0,
        beta: float = 0.0,
    ) -> None:
        super().__init__(lr)
        self.power, self.initial, self.l1, self.l2 = power, initial, l1, l2
        self.shrinkage, self.beta = shrinkage, beta

    @property
    def power(self) -> float:
        """The exponent of n in the learning rate."""
        return -self.negative_power

    @power.setter
    def power(self, value: float) -> None:
        self.negative_power = -value

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {
            "lr": self.lr,
            "power": self.negative_power,
            "initial": self.initial,
            "l1": self.l1,
            "l2": self.l2,
            "shrinkage": self.shrinkage,
            "beta": self.beta,
        }

    def step(self, x: Any, g: Any, square_sum: Any, linear: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).ftrl_step(x, g, square_sum, linear, **self.rates())

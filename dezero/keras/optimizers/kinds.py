"""Keras's optimizers: its arguments and defaults over the formulas of `dezero.optimizers`."""

from typing import Any

from dezero import optimizers as rules
from dezero.keras.optimizers.base import Optimizer
from dezero.optimizers.hyperparameter import Flag, fraction

__all__ = [
    "SGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "Ftrl", "Nadam", "RMSprop",
]  # fmt: skip


def _other_name(name: str) -> Any:
    """Return a property that is another name of the attribute `name`."""

    def read(self: Any) -> Any:
        return getattr(self, name)

    def write(self: Any, value: Any) -> None:
        setattr(self, name, value)

    return property(read, write, doc=f"Keras's name for {name}.")


class SGD(Optimizer):
    """Gradient descent: x = x - lr g; with momentum v = momentum v - lr g, x = x + v.

    Args:
        learning_rate: rate or schedule.
        momentum: share of the last step that is repeated.
        nesterov: look ahead, x = x + momentum v - lr g.
        options: as in `Optimizer`.
    """

    folds_decay = True
    fields = ("momentum", "nesterov")
    momentum: float = fraction(0.9)
    nesterov: bool = Flag()  # type: ignore[assignment]

    def __init__(
        self,
        learning_rate: Any = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.momentum, self.nesterov = momentum, nesterov

    def _formula_slots(self) -> tuple[str, ...]:
        return ("velocity",) if self.momentum else ()

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {**super().rates(), "mu": self.momentum} if self.momentum else super().rates()

    def _formula(self, x: Any, g: Any, *slots: Any) -> None:
        momentum = rules.Nesterov if self.nesterov else rules.MomentumSGD
        rule: Any = momentum if slots else rules.SGD
        rule.step(self, x, g, *slots)


class Adagrad(Optimizer, rules.AdaGrad):
    """Adagrad: h = h + g^2, x = x - lr g / sqrt(h + epsilon), h from initial_accumulator_value.

    Args:
        learning_rate: rate or schedule.
        initial_accumulator_value, epsilon: as above.
        options: as in `Optimizer`.
    """

    folds_decay = True
    fields = ("initial_accumulator_value", "epsilon")
    initial_accumulator_value = _other_name("initial")
    epsilon = _other_name("eps")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.initial, self.eps, self.eps_inside = initial_accumulator_value, _eps(epsilon), True


class RMSprop(Optimizer, rules.RMSprop):
    """RMSprop: s averages g^2, x = x - lr g / sqrt(s + epsilon).

    Args:
        learning_rate: rate or schedule.
        rho: decay of the average.
        momentum: share of the last step that is repeated.
        epsilon: as above.
        centered: subtract the square of the mean gradient from s.
        options: as in `Optimizer`.
    """

    folds_decay = True
    fields = ("rho", "momentum", "epsilon", "centered")
    epsilon = _other_name("eps")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.momentum, self.eps, self.centered = rho, momentum, _eps(epsilon), centered
        self.eps_inside = True


class Adam(Optimizer, rules.Adam):
    """Adam: averages m of g and v of g^2, x = x - lr_t m / (sqrt(v) + epsilon).

    Args:
        learning_rate: rate or schedule.
        beta_1, beta_2: decay of m and of v.
        epsilon: as above.
        amsgrad: divide by the largest v so far.
        options: as in `Optimizer`.
    """

    folds_decay = True
    fields = ("beta_1", "beta_2", "epsilon", "amsgrad")
    beta_1, beta_2 = _other_name("beta1"), _other_name("beta2")
    epsilon = _other_name("eps")
    amsgrad: bool = Flag()  # type: ignore[assignment]

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta1, self.beta2, self.eps = beta_1, beta_2, _eps(epsilon)
        self.amsgrad = amsgrad

    def _formula_slots(self) -> tuple[str, ...]:
        return rules.AMSGrad.slots if self.amsgrad else rules.Adam.slots

    def _formula(self, x: Any, g: Any, *slots: Any) -> None:
        rule: Any = rules.AMSGrad if self.amsgrad else rules.Adam
        rule.step(self, x, g, *slots)


class AdamW(Adam):
    """Adam with weight decay beside the gradient: x = x - lr weight_decay x, then Adam's step.

    Args:
        learning_rate, beta_1, beta_2, epsilon, amsgrad, options: as in `Adam`.
        weight_decay: as above.
    """

    def __init__(  # noqa: PLR0917
        self,
        learning_rate: Any = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **options
        )


class Adadelta(Optimizer, rules.AdaDelta):
    """Adadelta: d = sqrt(u + epsilon) / sqrt(s + epsilon) g, x = x - lr d; s, u average g^2, d^2.

    Args:
        learning_rate: rate or schedule; the paper's is 1.
        rho: decay of both averages.
        epsilon: as above.
        options: as in `Optimizer`.
    """

    folds_decay = True
    fields = ("rho", "epsilon")
    epsilon = _other_name("eps")

    def __init__(
        self, learning_rate: Any = 0.001, rho: float = 0.95, epsilon: float = 1e-7, **options: Any
    ) -> None:
        super().__init__(learning_rate, **options)
        self.rho, self.eps = rho, _eps(epsilon)


class _Moments(Optimizer):
    """The arguments of Adam's relatives."""

    folds_decay = True
    fields = ("beta_1", "beta_2", "epsilon")
    beta_1, beta_2 = _other_name("beta1"), _other_name("beta2")
    epsilon = _other_name("eps")

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.beta1, self.beta2, self.eps = beta_1, beta_2, _eps(epsilon)


class Adamax(_Moments, rules.Adamax):
    """Adam in the infinity norm: u = max(beta_2 u, |g|), x = x - lr_t m / (u + epsilon).

    Args:
        learning_rate: rate or schedule.
        beta_1, beta_2, epsilon: as above.
        options: as in `Optimizer`.
    """

    eps_beside = True  # type: ignore[assignment]


class Nadam(_Moments, rules.NAdam):
    """Adam with Nesterov's momentum, which warms up as beta_1 (1 - 0.96^t / 2).

    Args:
        learning_rate: rate or schedule.
        beta_1, beta_2, epsilon: as in `Adam`.
        schedule_decay: that of Keras 2, accepted and not used.
        options: as in `Optimizer`.
    """

    def __init__(
        self,
        learning_rate: Any = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        schedule_decay: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, beta_1, beta_2, epsilon, **options)
        self._products, self.decay = {}, 1.0


class Ftrl(Optimizer, rules.Ftrl):
    """FTRL-proximal; see `dezero.optimizers.Ftrl` for the formula.

    Args:
        learning_rate: rate or schedule.
        learning_rate_power: exponent of the sum of squares.
        initial_accumulator_value: where that sum starts.
        l1_regularization_strength, l2_regularization_strength: penalties.
        l2_shrinkage_regularization_strength: a further one, of the gradient alone.
        beta: smooths the first steps.
        options: as in `Optimizer`.
    """

    folds_decay = True
    fields = (
        "learning_rate_power", "initial_accumulator_value", "l1_regularization_strength",
        "l2_regularization_strength", "l2_shrinkage_regularization_strength", "beta",
    )  # fmt: skip
    learning_rate_power = _other_name("power")
    initial_accumulator_value = _other_name("initial")
    l1_regularization_strength = _other_name("l1")
    l2_regularization_strength = _other_name("l2")
    l2_shrinkage_regularization_strength = _other_name("shrinkage")

    def __init__(  # noqa: PLR0917
        self,
        learning_rate: Any = 0.001,
        learning_rate_power: float = -0.5,
        initial_accumulator_value: float = 0.1,
        l1_regularization_strength: float = 0.0,
        l2_regularization_strength: float = 0.0,
        l2_shrinkage_regularization_strength: float = 0.0,
        beta: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(learning_rate, **options)
        self.power, self.initial, self.beta = learning_rate_power, initial_accumulator_value, beta
        self.l1, self.l2 = l1_regularization_strength, l2_regularization_strength
        self.shrinkage = l2_shrinkage_regularization_strength


def _eps(epsilon: float | None) -> float:
    """Return epsilon; None was Keras 2's way to ask for the default."""
    return 1e-7 if epsilon is None else epsilon

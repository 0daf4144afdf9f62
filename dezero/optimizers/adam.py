"""Adam and its family.

The slots `m` and `v` hold the decayed sums of g and g^2 without the paper's factors (1 - beta1)
and (1 - beta2), which are put into the step size instead: two passes over memory fewer.
"""

import math
from typing import Any

from dezero.backend import kernels
from dezero.optimizers.hyperparameter import Flag, fraction, positive
from dezero.optimizers.optimizer import Optimizer
from dezero.optimizers.schedule_base import Schedule


class Adam(Optimizer):
    """Adam: x = x - lr_t m / (sqrt(v) + eps), lr_t = lr sqrt(1 - beta2^t) / (1 - beta1^t).

    m = beta1 m + (1 - beta1) g and v = beta2 v + (1 - beta2) g^2 are averages of g and g^2.

    Args:
        alpha: learning rate or schedule, also called lr.
        beta1, beta2: decay of the averages, 0 to below 1.
        eps: keeps small v from making large steps.
        lr: another name for alpha.
    Note: eps stands beside the uncorrected root, as in the book, Keras and the end of the paper's
        section 2; torch corrects v first, which differs by the size of eps.
    Reference: Kingma & Ba 2015, "Adam: a method for stochastic optimization", algorithm 1.
    """

    slots = ("m", "v")
    beta1: float = fraction(0.9)
    beta2: float = fraction(0.999)
    eps: float = positive(1e-8)

    def __init__(
        self,
        alpha: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        lr: float | Schedule | None = None,
    ) -> None:
        super().__init__(alpha if lr is None else lr)
        self.beta1, self.beta2, self.eps = beta1, beta2, eps

    @property
    def alpha(self) -> float:
        """The book's name for lr."""
        return self.lr

    @alpha.setter
    def alpha(self, value: float | Schedule) -> None:
        self.lr = value

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update, bias corrections and the sums' factors included."""
        t, root = self.age, (1 - self.beta2) ** 0.5
        rate = self.lr * (1 - self.beta2**t) ** 0.5 / (1 - self.beta1**t)
        return {
            "lr": rate * (1 - self.beta1) / root,
            "beta1": self.beta1,
            "beta2": self.beta2,
            "eps": self.eps / root,
        }

    def step(self, x: Any, g: Any, m: Any, v: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).adam_step(x, g, m, v, **self.rates())


class AdamW(Adam):
    """Adam with decoupled weight decay: x = x - lr weight_decay x, then Adam's step.

    Args:
        alpha, beta1, beta2, eps, lr: as in Adam.
        weight_decay: share of x that goes per step, times lr.
    Reference: Loshchilov & Hutter 2019, "Decoupled weight decay regularization", algorithm 2.
    """

    weight_decay: float = positive(0.01)

    def __init__(
        self,
        alpha: float | Schedule = 0.001,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        weight_decay: float = 0.01,
        *,
        lr: float | Schedule | None = None,
    ) -> None:
        super().__init__(alpha, beta1, beta2, eps, lr=lr)
        self.weight_decay = weight_decay

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update."""
        return {**super().rates(), "keep": 1 - self.lr * self.weight_decay}


class AMSGrad(Adam):
    """AMSGrad: Adam with the largest v so far in place of v.

    Args:
        alpha, beta1, beta2, eps, lr: as in Adam.
    Note: the bias corrections are Adam's, as in torch and Keras; the paper has none.
    Reference: Reddi et al. 2018, "On the convergence of Adam and beyond", algorithm 2.
    """

    slots = ("m", "v", "v_max")

    def step(self, x: Any, g: Any, m: Any, v: Any, v_max: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).amsgrad_step(x, g, m, v, v_max, **self.rates())


class NAdam(Adam):
    """Adam with Nesterov's momentum: m looks one step ahead, with a momentum that warms up.

    mu_t = beta1 (1 - 0.5 * 0.96^(decay t)); x = x - lr m_bar / (sqrt(v_hat) + eps) with
    m_bar = mu_(t+1) m / (1 - prod mu up to t+1) + (1 - mu_t) g / (1 - prod mu up to t).

    Args:
        alpha, beta1, beta2, eps, lr: as in Adam; alpha is 0.002 as in torch.
        decay: speed of the warm-up, the paper's 0.004.
    Note: m and v are the paper's averages here, factors included, and v_hat is corrected.
    Reference: Dozat 2016, "Incorporating Nesterov momentum into Adam", algorithm 2.
    """

    decay: float = positive(0.004)

    def __init__(
        self,
        alpha: float | Schedule = 0.002,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        decay: float = 0.004,
        *,
        lr: float | Schedule | None = None,
    ) -> None:
        super().__init__(alpha, beta1, beta2, eps, lr=lr)
        self.decay = decay
        # {(beta1, decay, t): product of the momenta up to t}, shared with the copies of `set_for`:
        # the product from 1 on would make step t cost t.
        self._products: dict[tuple[float, float, int], float] = {}

    def _momentum(self, t: int) -> float:
        return self.beta1 * (1 - 0.5 * 0.96 ** (t * self.decay))

    def _momentum_product(self, t: int) -> float:
        key = (self.beta1, self.decay, t)
        if key not in self._products:
            product = self._products.pop((self.beta1, self.decay, t - 1), None)
            if product is None:
                # Beyond `last` the momentum is beta1 to the last digit.
                last = min(t - 1, int(1000 / self.decay) if self.decay else 0)
                product = math.prod(self._momentum(i) for i in range(1, last + 1))
                product *= self._momentum(t) ** (t - 1 - last)
            self._products[key] = product * self._momentum(t)
        return self._products[key]

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update, the bias correction of v put into the others."""
        t = self.age
        mu, ahead, product = self._momentum(t), self._momentum(t + 1), self._momentum_product(t)
        root = (1 - self.beta2**t) ** 0.5
        return {
            "ahead": self.lr * root * ahead / (1 - product * ahead),
            "now": self.lr * root * (1 - mu) / (1 - product),
            "beta1": self.beta1,
            "beta2": self.beta2,
            "eps": self.eps * root,
        }

    def step(self, x: Any, g: Any, m: Any, v: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).nadam_step(x, g, m, v, **self.rates())


class RAdam(Adam):
    """Rectified Adam: plain momentum until v is reliable, then Adam times the rectification r_t.

    Args:
        alpha, beta1, beta2, eps, lr: as in Adam.
    Note: v is used from rho_t > 5 on, as in torch; the paper says 4. eps is added before the bias
        correction of v, as in torch.
    Reference: Liu et al. 2020, "On the variance of the adaptive learning rate and beyond", alg. 2.
    """

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update, rectification and bias corrections included."""
        t, b1, b2 = self.age, self.beta1, self.beta2
        rate = self.lr / (1 - b1**t)
        rho_inf = 2 / (1 - b2) - 1
        rho = rho_inf - 2 * t * b2**t / (1 - b2**t)
        is_reliable = rho > 5
        if is_reliable:
            rectified = ((rho - 4) * (rho - 2) * rho_inf) / ((rho_inf - 4) * (rho_inf - 2) * rho)
            rate *= rectified**0.5 * (1 - b2**t) ** 0.5
        return {
            "lr": rate,
            "beta1": b1,
            "beta2": b2,
            "eps": self.eps,
            "adaptive": float(is_reliable),
        }

    def step(self, x: Any, g: Any, m: Any, v: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).radam_step(x, g, m, v, **self.rates())


class Adamax(Adam):
    """Adam in the infinity norm: u = max(beta2 u, |g| + eps); x = x - lr m / ((1 - beta1^t) u).

    Args:
        alpha, beta1, beta2, eps, lr: as in Adam; alpha is 0.002 as in the paper.
        eps_beside: divide by u + eps, u without eps, as Keras does; as torch else.
    Reference: Kingma & Ba 2015, algorithm 2.
    """

    slots = ("m", "u")
    eps_beside: bool = Flag()  # type: ignore[assignment]

    def __init__(
        self,
        alpha: float | Schedule = 0.002,
        beta1: float = 0.9,
        beta2: float = 0.999,
        eps: float = 1e-8,
        *,
        lr: float | Schedule | None = None,
        eps_beside: bool = False,
    ) -> None:
        super().__init__(alpha, beta1, beta2, eps, lr=lr)
        self.eps_beside = eps_beside

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update, the bias correction included."""
        eps, beside = (0.0, self.eps) if self.eps_beside else (self.eps, 0.0)
        return {
            "lr": self.lr / (1 - self.beta1**self.age),
            "beta1": self.beta1,
            "beta2": self.beta2,
            "eps": eps,
            "beside": beside,
        }

    def step(self, x: Any, g: Any, m: Any, u: Any) -> None:
        """Apply the formula to flat arrays in place."""
        kernels(x).adamax_step(x, g, m, u, **self.rates())

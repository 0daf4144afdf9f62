"""One line per optimizer: its recurrence as the paper has it, element by element in plain Python.

`recurrence(x, gradients)` gets a starting number and the gradient of each step, and returns the
number after every step: floats and math.sqrt alone, nothing of ours.
"""

from collections.abc import Callable, Sequence
from math import sqrt
from typing import Any, NamedTuple

from dezero.optimizers import (
    SGD,
    AdaDelta,
    AdaGrad,
    Adam,
    Adamax,
    AdamW,
    AMSGrad,
    Ftrl,
    MomentumSGD,
    NAdam,
    Nesterov,
    Optimizer,
    RAdam,
    RMSprop,
)

Recurrence = Callable[[float, Sequence[float]], list[float]]


class OptimizerSpec(NamedTuple):
    """How to make an optimizer, what it does to one number, and torch's twin where it agrees.

    `torch` is (class name, keywords); `because` says why there is none.
    """

    make: Callable[[], Optimizer]
    recurrence: Recurrence
    id: str
    torch: tuple[str, dict[str, Any]] | None = None
    because: str = ""


def sgd(lr):
    def run(x, gradients):
        path = []
        for g in gradients:
            x = x - lr * g
            path.append(x)
        return path

    return run


def momentum(lr, mu):
    """Polyak 1964, lr inside the velocity as in the book."""

    def run(x, gradients):
        v, path = 0.0, []
        for g in gradients:
            v = mu * v - lr * g
            x = x + v
            path.append(x)
        return path

    return run


def nesterov(lr, mu):
    """Sutskever et al. 2013, eq. 3-4: the gradient is taken at theta + mu v, which is x here."""

    def run(x, gradients):
        theta, v, path = x, 0.0, []
        for g in gradients:
            v = mu * v - lr * g
            theta = theta + v
            path.append(theta + mu * v)
        return path

    return run


def adagrad(lr, eps, *, initial=0.0, inside=0.0):
    """Duchi et al. 2011, figure 1, diagonal."""

    def run(x, gradients):
        h, path = initial, []
        for g in gradients:
            h = h + g * g
            x = x - lr * g / (sqrt(h + inside) + eps)
            path.append(x)
        return path

    return run


def rmsprop(lr, rho, eps, *, mu=0.0, centered=False, inside=0.0):
    """Tieleman & Hinton 2012; centered: Graves 2013, eq. 38-45."""

    def run(x, gradients):
        square = mean = v = 0.0
        path = []
        for g in gradients:
            square = rho * square + (1 - rho) * g * g
            mean = rho * mean + (1 - rho) * g
            variance = square - mean * mean if centered else square
            v = mu * v + lr * g / (sqrt(variance + inside) + eps)
            x = x - v
            path.append(x)
        return path

    return run


def adadelta(rho, eps, lr=1.0):
    """Zeiler 2012, algorithm 1."""

    def run(x, gradients):
        square = change_square = 0.0
        path = []
        for g in gradients:
            square = rho * square + (1 - rho) * g * g
            change = -sqrt(change_square + eps) / sqrt(square + eps) * g
            change_square = rho * change_square + (1 - rho) * change * change
            x = x + lr * change
            path.append(x)
        return path

    return run


def adam(lr, b1, b2, eps, *, decay=0.0, amsgrad=False):
    """Kingma & Ba 2015, end of section 2; Loshchilov & Hutter 2019; Reddi et al. 2018."""

    def run(x, gradients):
        m = v = largest = 0.0
        path = []
        for t, g in enumerate(gradients, 1):
            x = x - lr * decay * x
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            largest = max(largest, v)
            used = largest if amsgrad else v
            rate = lr * sqrt(1 - b2**t) / (1 - b1**t)
            x = x - rate * m / (sqrt(used) + eps)
            path.append(x)
        return path

    return run


def nadam(lr, b1, b2, eps, psi):
    """Dozat 2016, algorithm 2, with his schedule of momentum."""

    def run(x, gradients):
        def mu(t):
            return b1 * (1 - 0.5 * 0.96 ** (t * psi))

        m = v = 0.0
        product = 1.0
        path = []
        for t, g in enumerate(gradients, 1):
            product = product * mu(t)
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            g_hat = g / (1 - product)
            m_hat = m / (1 - product * mu(t + 1))
            v_hat = v / (1 - b2**t)
            m_bar = (1 - mu(t)) * g_hat + mu(t + 1) * m_hat
            x = x - lr * m_bar / (sqrt(v_hat) + eps)
            path.append(x)
        return path

    return run


def radam(lr, b1, b2, eps):
    """Liu et al. 2020, algorithm 2, the threshold 5 as in torch."""

    def run(x, gradients):
        m = v = 0.0
        rho_inf = 2 / (1 - b2) - 1
        path = []
        for t, g in enumerate(gradients, 1):
            m = b1 * m + (1 - b1) * g
            v = b2 * v + (1 - b2) * g * g
            m_hat = m / (1 - b1**t)
            rho = rho_inf - 2 * t * b2**t / (1 - b2**t)
            if rho > 5:
                above = (rho - 4) * (rho - 2) * rho_inf
                below = (rho_inf - 4) * (rho_inf - 2) * rho
                x = x - lr * m_hat * sqrt(above / below) * sqrt(1 - b2**t) / (sqrt(v) + eps)
            else:
                x = x - lr * m_hat
            path.append(x)
        return path

    return run


def ftrl(lr, power, *, initial, l1, l2, shrinkage, beta):
    """McMahan et al. 2013, algorithm 1; shrinkage as in TensorFlow's FTRL with L2 shrinkage."""

    def run(x, gradients):
        n, z, path = initial, 0.0, []
        for g in gradients:
            sigma = ((n + g * g) ** -power - n**-power) / lr
            z = z + g + 2 * shrinkage * x - sigma * x
            n = n + g * g
            sign = 1 if z > 0 else -1
            weight = (beta + n**-power) / lr + 2 * l2
            x = 0.0 if abs(z) <= l1 else -(z - sign * l1) / weight
            path.append(x)
        return path

    return run


def adamax(lr, b1, b2, eps, beside=0.0):
    """Kingma & Ba 2015, algorithm 2; eps keeps the first steps finite."""

    def run(x, gradients):
        m = u = 0.0
        path = []
        for t, g in enumerate(gradients, 1):
            m = b1 * m + (1 - b1) * g
            u = max(b2 * u, abs(g) + eps)
            x = x - lr / (1 - b1**t) * m / (u + beside)
            path.append(x)
        return path

    return run


EPS_OUTSIDE = "eps is added to the uncorrected root here, to the corrected one in torch"

SPECS = [
    OptimizerSpec(lambda: SGD(0.1), sgd(0.1), "SGD", ("SGD", {"lr": 0.1})),
    OptimizerSpec(
        lambda: MomentumSGD(0.1, 0.8),
        momentum(0.1, 0.8),
        "MomentumSGD",
        ("SGD", {"lr": 0.1, "momentum": 0.8}),
    ),
    OptimizerSpec(
        lambda: Nesterov(0.1, 0.8),
        nesterov(0.1, 0.8),
        "Nesterov",
        ("SGD", {"lr": 0.1, "momentum": 0.8, "nesterov": True}),
    ),
    OptimizerSpec(
        lambda: AdaGrad(0.1, 1e-6),
        adagrad(0.1, 1e-6),
        "AdaGrad",
        ("Adagrad", {"lr": 0.1, "eps": 1e-6}),
    ),
    OptimizerSpec(
        lambda: RMSprop(0.1, 0.8, 1e-4),
        rmsprop(0.1, 0.8, 1e-4),
        "RMSprop",
        ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-4}),
    ),
    OptimizerSpec(
        lambda: RMSprop(0.1, 0.8, 1e-4, momentum=0.7),
        rmsprop(0.1, 0.8, 1e-4, mu=0.7),
        "RMSprop-momentum",
        ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-4, "momentum": 0.7}),
    ),
    OptimizerSpec(
        lambda: RMSprop(0.1, 0.8, 1e-2, centered=True),
        rmsprop(0.1, 0.8, 1e-2, centered=True),
        "RMSprop-centered",
        ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-2, "centered": True}),
    ),
    OptimizerSpec(
        lambda: RMSprop(0.1, 0.8, 1e-2, momentum=0.7, centered=True),
        rmsprop(0.1, 0.8, 1e-2, mu=0.7, centered=True),
        "RMSprop-momentum-centered",
        ("RMSprop", {"lr": 0.1, "alpha": 0.8, "eps": 1e-2, "momentum": 0.7, "centered": True}),
    ),
    OptimizerSpec(
        lambda: AdaDelta(0.8, 1e-3),
        adadelta(0.8, 1e-3),
        "AdaDelta",
        ("Adadelta", {"lr": 1.0, "rho": 0.8, "eps": 1e-3}),
    ),
    OptimizerSpec(
        lambda: Adam(0.1, 0.8, 0.95, 1e-3),
        adam(0.1, 0.8, 0.95, 1e-3),
        "Adam",
        because=EPS_OUTSIDE,
    ),
    OptimizerSpec(
        lambda: Adam(0.1, 0.8, 0.95, 1e-16),
        adam(0.1, 0.8, 0.95, 1e-16),
        "Adam-eps",
        ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-16}),
    ),
    OptimizerSpec(
        lambda: AdamW(0.1, 0.8, 0.95, 1e-16, weight_decay=0.1),
        adam(0.1, 0.8, 0.95, 1e-16, decay=0.1),
        "AdamW",
        ("AdamW", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-16, "weight_decay": 0.1}),
    ),
    OptimizerSpec(
        lambda: AMSGrad(0.1, 0.8, 0.95, 1e-16),
        adam(0.1, 0.8, 0.95, 1e-16, amsgrad=True),
        "AMSGrad",
        ("Adam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-16, "amsgrad": True}),
    ),
    OptimizerSpec(
        lambda: NAdam(0.1, 0.8, 0.95, 1e-3, 0.02),
        nadam(0.1, 0.8, 0.95, 1e-3, 0.02),
        "NAdam",
        ("NAdam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3, "momentum_decay": 0.02}),
    ),
    OptimizerSpec(
        lambda: RAdam(0.1, 0.8, 0.95, 1e-3),
        radam(0.1, 0.8, 0.95, 1e-3),
        "RAdam",
        ("RAdam", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3}),
    ),
    OptimizerSpec(
        lambda: Adamax(0.1, 0.8, 0.95, 1e-3),
        adamax(0.1, 0.8, 0.95, 1e-3),
        "Adamax",
        ("Adamax", {"lr": 0.1, "betas": (0.8, 0.95), "eps": 1e-3}),
    ),
    OptimizerSpec(
        lambda: AdaGrad(0.1, 1e-3, initial=0.2, eps_inside=True),
        adagrad(0.1, 0.0, initial=0.2, inside=1e-3),
        "AdaGrad-inside",
        because="torch adds eps outside the root",
    ),
    OptimizerSpec(
        lambda: AdaGrad(0.1, 1e-3, initial=0.2),
        adagrad(0.1, 1e-3, initial=0.2),
        "AdaGrad-initial",
        ("Adagrad", {"lr": 0.1, "eps": 1e-3, "initial_accumulator_value": 0.2}),
    ),
    OptimizerSpec(
        lambda: RMSprop(0.1, 0.8, 1e-2, eps_inside=True),
        rmsprop(0.1, 0.8, 0.0, inside=1e-2),
        "RMSprop-inside",
        because="torch adds eps outside the root",
    ),
    OptimizerSpec(
        lambda: RMSprop(0.1, 0.8, 1e-2, momentum=0.7, centered=True, eps_inside=True),
        rmsprop(0.1, 0.8, 0.0, mu=0.7, centered=True, inside=1e-2),
        "RMSprop-momentum-centered-inside",
        because="torch adds eps outside the root",
    ),
    OptimizerSpec(
        lambda: Adamax(0.1, 0.8, 0.95, 1e-2, eps_beside=True),
        adamax(0.1, 0.8, 0.95, 0.0, beside=1e-2),
        "Adamax-beside",
        because="torch has eps within the maximum",
    ),
    OptimizerSpec(
        lambda: Ftrl(0.1, -0.6, initial=0.2, l1=0.3, l2=0.2, shrinkage=0.05, beta=0.1),
        ftrl(0.1, -0.6, initial=0.2, l1=0.3, l2=0.2, shrinkage=0.05, beta=0.1),
        "Ftrl",
        because="torch has none",
    ),
]

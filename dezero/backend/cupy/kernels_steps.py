"""Optimizer updates on the GPU: each is one launch.

Every rate may be a Python float, or an array of one float64 on the device: a captured graph reads
the latter anew at each replay. So may the number that all of them look at, `skipping`.
"""

from typing import Any

from dezero.backend.cupy.compile import kernel
from dezero.backend.cupy.table.steps import SPECS
from dezero.backend.skipping import SKIP

__all__ = [
    "adadelta_step",
    "adagrad_step",
    "adam_step",
    "adamax_step",
    "amsgrad_step",
    "average_step",
    "ftrl_step",
    "momentum_step",
    "nadam_step",
    "nesterov_step",
    "radam_step",
    "rmsprop_centered_momentum_step",
    "rmsprop_centered_step",
    "rmsprop_momentum_step",
    "rmsprop_step",
    "sgd_step",
]

_SPECS = {spec.name: spec for spec in SPECS}


def _run(name: str, *arguments: Any) -> None:
    kernel(_SPECS[name])(SKIP.get(), *arguments)


def sgd_step(x: Any, g: Any, lr: float, *, keep: float = 1.0) -> None:
    """Gradient descent: x = keep x - lr g."""
    _run("sgd_step", g, lr, keep, x)


def momentum_step(x: Any, g: Any, v: Any, lr: float, mu: float, *, keep: float = 1.0) -> None:
    """Momentum: v = mu v - lr g; x = keep x + v."""
    _run("momentum_step", g, lr, mu, keep, x, v)


def nesterov_step(x: Any, g: Any, v: Any, lr: float, mu: float, *, keep: float = 1.0) -> None:
    """Nesterov momentum at the look-ahead point: v = mu v - lr g; x = keep x + mu v - lr g."""
    _run("nesterov_step", g, lr, mu, keep, x, v)


def adagrad_step(
    x: Any, g: Any, h: Any, lr: float, eps: float, *, inside: float = 0.0, keep: float = 1.0
) -> None:
    """AdaGrad: h += g^2; x = keep x - lr g / (sqrt(h + inside) + eps)."""
    _run("adagrad_step", g, lr, eps, inside, keep, x, h)


def rmsprop_step(
    x: Any,
    g: Any,
    h: Any,
    *,
    lr: float,
    rho: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop on the sum h = rho h + g^2: x = keep x - lr g / (sqrt(h + inside) + eps)."""
    _run("rmsprop_step", g, lr, rho, eps, inside, keep, x, h)


def rmsprop_momentum_step(
    x: Any,
    g: Any,
    h: Any,
    v: Any,
    *,
    lr: float,
    rho: float,
    mu: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop with momentum: v = mu v + lr g / (sqrt((1 - rho) h + inside) + eps); x -= v."""
    _run("rmsprop_momentum_step", g, lr, rho, mu, eps, inside, keep, x, h, v)


def rmsprop_centered_step(
    x: Any,
    g: Any,
    h: Any,
    mean: Any,
    *,
    lr: float,
    rho: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop by the deviation: d = (1 - rho) h - ((1 - rho) mean)^2 in place of (1 - rho) h."""
    _run("rmsprop_centered_step", g, lr, rho, eps, inside, keep, x, h, mean)


def rmsprop_centered_momentum_step(
    x: Any,
    g: Any,
    h: Any,
    v: Any,
    mean: Any,
    *,
    lr: float,
    rho: float,
    mu: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop by the deviation, with momentum."""
    _run("rmsprop_centered_momentum_step", g, lr, rho, mu, eps, inside, keep, x, h, v, mean)


def adadelta_step(
    x: Any, g: Any, h: Any, u: Any, *, lr: float, rho: float, eps: float, keep: float = 1.0
) -> None:
    """AdaDelta: d = sqrt(u + eps) / sqrt(h + eps) g; h and u average g^2 and d^2; x -= lr d."""
    _run("adadelta_step", g, lr, rho, eps, keep, x, h, u)


def adam_step(
    x: Any,
    g: Any,
    m: Any,
    v: Any,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """Adam on sums m = beta1 m + g, v = beta2 v + g^2: x = keep x - lr m / (sqrt(v) + eps)."""
    _run("adam_step", g, lr, beta1, beta2, eps, keep, x, m, v)


def amsgrad_step(
    x: Any,
    g: Any,
    m: Any,
    v: Any,
    top: Any,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """AMSGrad on Adam's sums: top = max(top, v); x = keep x - lr m / (sqrt(top) + eps)."""
    _run("amsgrad_step", g, lr, beta1, beta2, eps, keep, x, m, v, top)


def nadam_step(
    x: Any,
    g: Any,
    m: Any,
    v: Any,
    *,
    ahead: float,
    now: float,
    beta1: float,
    beta2: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """NAdam on averages m and v: x = keep x - (ahead m + now g) / (sqrt(v) + eps)."""
    _run("nadam_step", g, ahead, now, beta1, beta2, eps, keep, x, m, v)


def radam_step(
    x: Any,
    g: Any,
    m: Any,
    v: Any,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    adaptive: float,
    keep: float = 1.0,
) -> None:
    """RAdam on averages m and v: x = keep x - lr m / (sqrt(v) + eps), or - lr m if not adaptive."""
    _run("radam_step", g, lr, beta1, beta2, eps, adaptive, keep, x, m, v)


def adamax_step(
    x: Any,
    g: Any,
    m: Any,
    u: Any,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    beside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """Adamax on the average m: u = max(beta2 u, |g| + eps); x = keep x - lr m / (u + beside)."""
    _run("adamax_step", g, lr, beta1, beta2, eps, beside, keep, x, m, u)


def ftrl_step(
    x: Any,
    g: Any,
    n: Any,
    z: Any,
    *,
    lr: float,
    power: float,
    initial: float,
    l1: float,
    l2: float,
    shrinkage: float,
    beta: float,
    keep: float = 1.0,
) -> None:
    """Ftrl: s = (n + g^2)^power - n^power, n from initial; z += g + 2 shrinkage x - s x / lr."""
    _run("ftrl_step", g, lr, power, initial, l1, l2, shrinkage, beta, keep, x, n, z)


def average_step(x: Any, average: Any, *, share: float, take: float = 0.0) -> None:
    """Average of the parameters: average = share average + (1 - share) x; x = average if take."""
    _run("average_step", share, take, x, average)

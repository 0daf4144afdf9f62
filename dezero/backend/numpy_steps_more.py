"""Optimizer updates on flat arrays that need more than one array of scratch; see `numpy_steps`."""

import numpy as np

from dezero.backend.numpy_steps import _decay, _scratches

__all__ = [
    "adadelta_step",
    "adamax_step",
    "amsgrad_step",
    "average_step",
    "ftrl_step",
    "nadam_step",
    "radam_step",
    "rmsprop_centered_momentum_step",
    "rmsprop_centered_step",
    "rmsprop_momentum_step",
]


def _average(h: np.ndarray, g: np.ndarray, rho: float, t: np.ndarray) -> None:
    """h = rho h + (1 - rho) g."""
    np.multiply(h, rho, h)
    np.multiply(g, 1 - rho, t)
    np.add(h, t, h)


def _average_square(h: np.ndarray, g: np.ndarray, rho: float, t: np.ndarray) -> None:
    """h = rho h + (1 - rho) g^2."""
    np.multiply(h, rho, h)
    np.multiply(g, 1 - rho, t)
    np.multiply(t, g, t)
    np.add(h, t, h)


def _add_square(h: np.ndarray, g: np.ndarray, rho: float, t: np.ndarray) -> None:
    """h = rho h + g^2."""
    np.multiply(h, rho, h)
    np.multiply(g, g, t)
    np.add(h, t, h)


def _variance(
    g: np.ndarray, h: np.ndarray, mean: np.ndarray | None, rho: float, arrays: tuple
) -> np.ndarray:
    """Return the average of g^2, less the square of that of g where there is `mean`."""
    t, w, _ = arrays
    _add_square(h, g, rho, t)
    np.multiply(h, 1 - rho, t)
    if mean is not None:
        np.multiply(mean, rho, mean)
        np.add(mean, g, mean)
        np.multiply(mean, 1 - rho, w)
        np.square(w, w)
        np.subtract(t, w, t)
        np.maximum(t, 0, out=t)  # rounding can leave a negative trace where g has been constant
    return t


def _change(g: np.ndarray, variance: np.ndarray, rates: tuple, w: np.ndarray) -> np.ndarray:
    """Return lr g / (sqrt(variance + inside) + eps) in w."""
    lr, eps, inside = rates
    if inside:
        np.add(variance, inside, variance)
    np.sqrt(variance, variance)
    np.add(variance, eps, variance)
    np.multiply(g, lr, w)
    np.divide(w, variance, w)
    return w


def _move_on(x: np.ndarray, v: np.ndarray, change: np.ndarray, mu: float) -> None:
    """Go on with what is left of the velocity, and the change: v = mu v + change; x -= v."""
    np.multiply(v, mu, v)
    np.add(v, change, v)
    np.subtract(x, v, x)


def rmsprop_momentum_step(
    x: np.ndarray,
    g: np.ndarray,
    h: np.ndarray,
    v: np.ndarray,
    *,
    lr: float,
    rho: float,
    mu: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop with momentum: v = mu v + lr g / (sqrt((1 - rho) h + inside) + eps); x -= v."""
    arrays = _scratches(x)
    _decay(x, keep)
    change = _change(g, _variance(g, h, None, rho, arrays), (lr, eps, inside), arrays[1])
    _move_on(x, v, change, mu)


def rmsprop_centered_step(
    x: np.ndarray,
    g: np.ndarray,
    h: np.ndarray,
    mean: np.ndarray,
    *,
    lr: float,
    rho: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop by the deviation: d = (1 - rho) h - ((1 - rho) mean)^2 in place of (1 - rho) h."""
    arrays = _scratches(x)
    _decay(x, keep)
    change = _change(g, _variance(g, h, mean, rho, arrays), (lr, eps, inside), arrays[1])
    np.subtract(x, change, x)


def rmsprop_centered_momentum_step(
    x: np.ndarray,
    g: np.ndarray,
    h: np.ndarray,
    v: np.ndarray,
    mean: np.ndarray,
    *,
    lr: float,
    rho: float,
    mu: float,
    eps: float,
    inside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """RMSprop by the deviation, with momentum."""
    arrays = _scratches(x)
    _decay(x, keep)
    change = _change(g, _variance(g, h, mean, rho, arrays), (lr, eps, inside), arrays[1])
    _move_on(x, v, change, mu)


def adadelta_step(
    x: np.ndarray,
    g: np.ndarray,
    h: np.ndarray,
    u: np.ndarray,
    *,
    lr: float,
    rho: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """AdaDelta: d = sqrt(u + eps) / sqrt(h + eps) g; h and u average g^2 and d^2; x -= lr d."""
    t, w, _ = _scratches(x)
    _decay(x, keep)
    _average_square(h, g, rho, t)
    np.add(u, eps, t)
    np.sqrt(t, t)
    np.add(h, eps, w)
    np.sqrt(w, w)
    np.divide(t, w, t)
    np.multiply(t, g, t)
    _average_square(u, t, rho, w)
    np.multiply(t, lr, t)
    np.subtract(x, t, x)


def amsgrad_step(
    x: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    top: np.ndarray,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """AMSGrad on Adam's sums: top = max(top, v); x = keep x - lr m / (sqrt(top) + eps)."""
    t, w, _ = _scratches(x)
    _decay(x, keep)
    np.multiply(m, beta1, m)
    np.add(m, g, m)
    _add_square(v, g, beta2, t)
    np.maximum(v, top, out=top)
    np.sqrt(top, t)
    np.add(t, eps, t)
    np.multiply(m, lr, w)
    np.divide(w, t, w)
    np.subtract(x, w, x)


def nadam_step(
    x: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    *,
    ahead: float,
    now: float,
    beta1: float,
    beta2: float,
    eps: float,
    keep: float = 1.0,
) -> None:
    """NAdam on averages m and v: x = keep x - (ahead m + now g) / (sqrt(v) + eps).

    The caller folds lr, the momenta and the bias corrections into ahead, now and eps.
    """
    t, w, u = _scratches(x)
    _decay(x, keep)
    _average(m, g, beta1, t)
    _average_square(v, g, beta2, t)
    np.sqrt(v, t)
    np.add(t, eps, t)
    np.multiply(m, ahead, w)
    np.multiply(g, now, u)
    np.add(w, u, w)
    np.divide(w, t, w)
    np.subtract(x, w, x)


def radam_step(
    x: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    v: np.ndarray,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    adaptive: float,
    keep: float = 1.0,
) -> None:
    """RAdam on averages m and v: x = keep x - lr m / (sqrt(v) + eps), or - lr m if not adaptive.

    The caller folds the rectification and the bias corrections into lr.
    """
    t, w, _ = _scratches(x)
    _decay(x, keep)
    _average(m, g, beta1, t)
    _average_square(v, g, beta2, t)
    np.multiply(m, lr, w)
    if adaptive:
        np.sqrt(v, t)
        np.add(t, eps, t)
        np.divide(w, t, w)
    np.subtract(x, w, x)


def adamax_step(
    x: np.ndarray,
    g: np.ndarray,
    m: np.ndarray,
    u: np.ndarray,
    *,
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    beside: float = 0.0,
    keep: float = 1.0,
) -> None:
    """Adamax on the average m: u = max(beta2 u, |g| + eps); x = keep x - lr m / (u + beside)."""
    t, w, _ = _scratches(x)
    _decay(x, keep)
    _average(m, g, beta1, t)
    np.multiply(u, beta2, u)
    np.abs(g, t)
    if eps:
        np.add(t, eps, t)
    np.maximum(u, t, out=u)
    np.multiply(m, lr, w)
    np.divide(w, np.add(u, beside, t) if beside else u, w)
    np.subtract(x, w, x)


def _power(t: np.ndarray, p: float) -> None:
    if p == 0.5:  # the usual one, ten times quicker
        np.sqrt(t, t)
    else:
        np.power(t, p, t)


def ftrl_step(
    x: np.ndarray,
    g: np.ndarray,
    n: np.ndarray,
    z: np.ndarray,
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
    """Ftrl: s = (n + g^2)^power - n^power, n from initial; z += g + 2 shrinkage x - s x / lr.

    x = (clip(z, -l1, l1) - z) / (n^power / lr + 2 l2 + beta / lr); nothing is done if lr is 0.
    """
    if not lr:  # the bounds would weigh infinitely much, and x stay
        return
    t, w, u = _scratches(x)
    _decay(x, keep)
    np.add(n, initial, t)
    _power(t, power)
    np.square(g, w)
    np.add(n, w, n)
    np.add(n, initial, w)
    _power(w, power)
    np.subtract(w, t, t)
    np.divide(t, lr, t)
    np.multiply(t, x, t)
    np.multiply(x, 2 * shrinkage, u)
    np.add(g, u, u)
    np.subtract(u, t, u)
    np.add(z, u, z)
    np.divide(w, lr, w)
    np.add(w, 2 * l2 + beta / lr, w)
    np.clip(z, -l1, l1, t)
    np.subtract(t, z, t)
    np.divide(t, w, x)


def average_step(x: np.ndarray, average: np.ndarray, *, share: float, take: float = 0.0) -> None:
    """Average of the parameters: average = share average + (1 - share) x; x = average if take."""
    _average(average, x, share, _scratches(x)[0])
    if take:
        x[...] = average

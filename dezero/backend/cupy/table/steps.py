"""Optimizer updates: one launch for all parameters that lie side by side.

Each has the formula and the argument names of its twin on the host. Where NumPy's maximum keeps
NaN, CUDA's max would drop it: hence the comparisons written out.
"""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]


def _step(name: str, rates: str, slots: str, operation: str) -> KernelSpec:
    numbers = ", ".join(f"float64 {rate}" for rate in f"{rates} keep".split())
    arrays = ", ".join(f"T {array}" for array in f"x {slots}".split())
    where = "numpy_steps" if name in PLAIN else "numpy_steps_more"
    return KernelSpec(
        "elementwise",
        name,
        f"float64 skip, T g, {numbers}",
        arrays,
        # Where gradients have overflowed all stays as it is; the host does not know of it.
        f"if (skip == 0) {{ {operation.strip()} }}",
        reference=f"dezero.backend.{where}:{name}",
    )


PLAIN = "sgd_step momentum_step nesterov_step adagrad_step rmsprop_step adam_step".split()
# The variance of RMSprop: plain, and less the square of the mean.
_SQUARE = "h = h * T(rho) + g * g; T d = h * T(1 - rho);"
_CENTERED = f"""
    {_SQUARE}
    mean = mean * T(rho) + g;
    const T centre = mean * T(1 - rho);
    d -= centre * centre;
    d = d < T(0) ? T(0) : d;
"""
_CHANGE = "const T change = g * T(lr) / (sqrt(d + T(inside)) + T(eps));"
_MOMENTUM = "v = v * T(mu) + change; x = x * T(keep) - v;"
# The averages of Adam's relatives, factors included.
_AVERAGES = """
    m = m * T(beta1) + g * T(1 - beta1);
    v = v * T(beta2) + g * T(1 - beta2) * g;
"""

SPECS = (
    _step("sgd_step", "lr", "", "x = x * T(keep) - g * T(lr);"),
    _step("momentum_step", "lr mu", "v", "v = v * T(mu) - g * T(lr); x = x * T(keep) + v;"),
    _step(
        "nesterov_step",
        "lr mu",
        "v",
        """
        const T change = g * T(lr);
        v = v * T(mu) - change;
        x = x * T(keep) - change + v * T(mu);
        """,
    ),
    _step(
        "adagrad_step",
        "lr eps inside",
        "h",
        "h += g * g; x = x * T(keep) - g / (sqrt(h + T(inside)) + T(eps)) * T(lr);",
    ),
    _step(
        "rmsprop_step",
        "lr rho eps inside",
        "h",
        """
        h = h * T(rho) + g * g;
        x = x * T(keep) - g / (sqrt(h + T(inside)) + T(eps)) * T(lr);
        """,
    ),
    _step("rmsprop_momentum_step", "lr rho mu eps inside", "h v", _SQUARE + _CHANGE + _MOMENTUM),
    _step(
        "rmsprop_centered_step",
        "lr rho eps inside",
        "h mean",
        f"{_CENTERED} {_CHANGE} x = x * T(keep) - change;",
    ),
    _step(
        "rmsprop_centered_momentum_step",
        "lr rho mu eps inside",
        "h v mean",
        _CENTERED + _CHANGE + _MOMENTUM,
    ),
    _step(
        "adadelta_step",
        "lr rho eps",
        "h u",
        """
        h = h * T(rho) + g * T(1 - rho) * g;
        const T change = sqrt(u + T(eps)) / sqrt(h + T(eps)) * g;
        u = u * T(rho) + change * T(1 - rho) * change;
        x = x * T(keep) - change * T(lr);
        """,
    ),
    _step(
        "adam_step",
        "lr beta1 beta2 eps",
        "m v",
        """
        m = m * T(beta1) + g;
        v = v * T(beta2) + g * g;
        x = x * T(keep) - m / (sqrt(v) + T(eps)) * T(lr);
        """,
    ),
    _step(
        "amsgrad_step",
        "lr beta1 beta2 eps",
        "m v top",
        """
        m = m * T(beta1) + g;
        v = v * T(beta2) + g * g;
        top = v > top || isnan(v) ? v : top;
        x = x * T(keep) - m * T(lr) / (sqrt(top) + T(eps));
        """,
    ),
    _step(
        "nadam_step",
        "ahead now beta1 beta2 eps",
        "m v",
        f"""
        {_AVERAGES}
        x = x * T(keep) - (m * T(ahead) + g * T(now)) / (sqrt(v) + T(eps));
        """,
    ),
    _step(
        "radam_step",
        "lr beta1 beta2 eps adaptive",
        "m v",
        f"""
        {_AVERAGES}
        x = x * T(keep) - m * T(lr) / (adaptive != 0 ? sqrt(v) + T(eps) : T(1));
        """,
    ),
    _step(
        "adamax_step",
        "lr beta1 beta2 eps beside",
        "m u",
        """
        m = m * T(beta1) + g * T(1 - beta1);
        const T size = abs(g) + T(eps);
        u = u * T(beta2);
        u = size > u || isnan(size) ? size : u;
        x = x * T(keep) - m * T(lr) / (u + T(beside));
        """,
    ),
    _step(
        "ftrl_step",
        "lr power initial l1 l2 shrinkage beta",
        "n z",
        """
        if (lr != 0) {
            x *= T(keep);
            const T before = pow(n + T(initial), T(power));
            n += g * g;
            const T after = pow(n + T(initial), T(power));
            z += g + x * T(2 * shrinkage) - (after - before) / T(lr) * x;
            const T limit = T(l1);
            const T bound = z < -limit ? -limit : z > limit ? limit : z;
            x = (bound - z) / (after / T(lr) + T(2 * l2 + beta / lr));
        }
        """,
    ),
    KernelSpec(
        "elementwise",
        "average_step",
        "float64 skip, float64 share, float64 take",
        "T x, T average",
        """
        if (skip == 0) {
            average = average * T(share) + x * T(1 - share);
            x = take != 0 ? average : x;
        }
        """,
        reference="dezero.backend.numpy_steps_more:average_step",
    ),
)

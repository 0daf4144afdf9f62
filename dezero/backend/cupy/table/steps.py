"""Optimizer updates: one launch for all parameters that lie side by side.

Each has the formula of its twin in `numpy_steps`, in which the factors of averages and the bias
corrections are in the rates. `keep` is what decoupled weight decay leaves of the parameters.
"""

from dezero.backend.cupy.specs import KernelSpec

__all__ = ["SPECS"]


def _step(name: str, rates: str, slots: str, operation: str) -> KernelSpec:
    numbers = ", ".join(f"float64 {rate}" for rate in f"{rates} keep".split())
    arrays = ", ".join(f"T {array}" for array in f"x {slots}".split())
    where = "dezero.backend.numpy_steps"
    return KernelSpec(
        "elementwise", name, f"T g, {numbers}", arrays, operation, reference=f"{where}:{name}"
    )


SPECS = (
    _step("sgd_step", "lr", "", "x = x * T(keep) - g * T(lr);"),
    _step(
        "momentum_step",
        "lr mu",
        "v",
        """
        v = v * T(mu) - g * T(lr);
        x = x * T(keep) + v;
        """,
    ),
)

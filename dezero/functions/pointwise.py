"""What activations share that are one kernel each way: see `numpy_activations`."""

from typing import Any

from dezero.backend import kernels
from dezero.core import Variable, floating

__all__: list[str] = []


class Pointwise:
    """The passes of an activation that `kernels` has by name.

    Attributes:
        kernel: its name there.
        by_result: whether its derivative is computed from the result.
        alpha: its number, if it has one.
    """

    kernel: str
    by_result = False
    alpha = 0.0
    inputs: tuple[Variable, ...]
    outputs: list[Any]

    def forward(self, x: Any) -> Any:
        """Return the activation of array x."""
        x = floating(x)
        return kernels(x).activate(self.kernel, x, self.alpha)

    def fast_backward(self, gy: Any) -> Any:
        """Return gy times its derivative."""
        z = self.outputs[0]().data if self.by_result else floating(self.inputs[0].data)
        return kernels(gy).activate_gradient(self.kernel, gy, z, self.alpha)

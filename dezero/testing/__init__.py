"""Checks for your own functions and layers: finite differences against `backward`, and more."""

from dezero.testing.arrays import array_allclose, array_equal
from dezero.testing.gradients import check_grads, gradient_check, numerical_grad
from dezero.testing.layers import check_layer

__all__ = [
    "array_allclose",
    "array_equal",
    "check_grads",
    "check_layer",
    "gradient_check",
    "numerical_grad",
]

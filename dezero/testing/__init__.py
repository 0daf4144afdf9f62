"""Checks for your own functions and layers: finite differences against `backward`, and more."""

from dezero.testing.gradients import check_grads, gradient_check, numerical_grad
from dezero.testing.layers import check_layer

__all__ = ["check_grads", "check_layer", "gradient_check", "numerical_grad"]

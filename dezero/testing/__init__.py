"""Checks of derivatives for your own functions: finite differences against `backward`."""

from dezero.testing.gradients import check_grads, gradient_check, numerical_grad

__all__ = ["check_grads", "gradient_check", "numerical_grad"]

"""`keras.mixed_precision`: policies of dtypes, and the optimizer that scales its loss."""

from dezero.keras.optimizers import LossScaleOptimizer
from dezero.keras.policies import DTypePolicy, dtype_policy, set_dtype_policy

__all__ = [
    "DTypePolicy", "LossScaleOptimizer", "Policy", "dtype_policy", "global_policy",
    "set_dtype_policy", "set_global_policy",
]  # fmt: skip

Policy = DTypePolicy
global_policy, set_global_policy = dtype_policy, set_dtype_policy

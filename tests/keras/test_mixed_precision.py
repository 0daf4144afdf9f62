"""`keras.mixed_precision` has Keras's names."""

from dezero import keras
from dezero.keras import config, mixed_precision, optimizers


def test_names():
    assert mixed_precision.Policy is mixed_precision.DTypePolicy is keras.DTypePolicy
    assert mixed_precision.LossScaleOptimizer is optimizers.LossScaleOptimizer
    for name in ("dtype_policy", "global_policy", "set_dtype_policy", "set_global_policy"):
        assert getattr(mixed_precision, name) is getattr(config, name)

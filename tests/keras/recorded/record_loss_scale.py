"""Record updates of real Keras's LossScaleOptimizer, and a model that was trained under a policy.

python tests/keras/recorded/record_loss_scale.py   (needs keras and tensorflow; writes beside it)
"""

import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = Path(__file__).parent
STEPS, OVERFLOWS = 24, (0, 3, 4, 15)
CASES = {
    "sgd": ("SGD", {"learning_rate": 0.1, "momentum": 0.9}),
    "adam": ("Adam", {"learning_rate": 0.01}),
    "clipped": ("SGD", {"learning_rate": 0.5, "global_clipnorm": 0.3, "weight_decay": 0.1}),
}


def gradients():
    """Return true gradients of each step."""
    found = np.random.default_rng(0).standard_normal((STEPS, 3)).astype("f4")
    found[list(OVERFLOWS), 1] = np.inf
    return found


def updates(keras, name, options):
    """Return what is there after each step of an optimizer."""
    inner = getattr(keras.optimizers, name)(**options)
    optimizer = keras.optimizers.LossScaleOptimizer(inner, 64.0, 3)
    weights = keras.Variable(np.array([1, -2, 3], "f4"))
    optimizer.build([weights])
    seen = []
    for g in gradients():
        scaled = keras.ops.convert_to_tensor(g * np.float32(optimizer.dynamic_scale))
        optimizer.apply([scaled], [weights])
        counts = int(optimizer.step_counter), int(optimizer.iterations)
        seen.append([weights.numpy().tolist(), float(optimizer.dynamic_scale), *counts])
    return seen


def main():
    import keras

    found = {name: updates(keras, *case) for name, case in CASES.items()}
    (HERE / "loss_scale.json").write_text(json.dumps(found))
    keras.utils.set_random_seed(0)
    keras.config.set_dtype_policy("mixed_float16")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2, dtype="float32")])
    model.compile(keras.optimizers.Adam(0.01), "mse")
    x = np.random.default_rng(1).standard_normal((16, 3)).astype("f4")
    model.fit(x, x[:, :2], batch_size=4, epochs=2, verbose=0, shuffle=False)
    model.save(HERE / "mixed_float16.keras")


if __name__ == "__main__":
    main()

"""Record 50 steps of every optimizer of real Keras, for `tests/keras/test_optimizers.py`.

python tests/keras/recorded/record_optimizers.py   (needs keras and tensorflow; writes beside it)
"""

import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
HERE = Path(__file__).parent
STEPS, BATCH = 50, 16

# {case: (class, arguments)}; a learning rate (name, arguments) is a schedule.
CASES = {
    "sgd": ("SGD", {}),
    "sgd_momentum": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd_nesterov": ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    "sgd_clipnorm": ("SGD", {"learning_rate": 0.5, "clipnorm": 0.1}),
    "sgd_clipvalue": ("SGD", {"learning_rate": 0.5, "momentum": 0.5, "clipvalue": 0.01}),
    "sgd_global_clipnorm": ("SGD", {"learning_rate": 0.5, "global_clipnorm": 0.2}),
    "sgd_weight_decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.05}),
    "adagrad": ("Adagrad", {}),
    "adagrad_options": (
        "Adagrad",
        {"learning_rate": 0.1, "initial_accumulator_value": 0.01, "epsilon": 1e-3},
    ),
    "rmsprop": ("RMSprop", {}),
    "rmsprop_options": (
        "RMSprop",
        {"learning_rate": 0.01, "rho": 0.8, "momentum": 0.5, "epsilon": 1e-3, "centered": True},
    ),
    "rmsprop_momentum": ("RMSprop", {"momentum": 0.9}),
    "rmsprop_centered": ("RMSprop", {"epsilon": 1e-4, "centered": True}),
    "adam": ("Adam", {}),
    "adam_options": (
        "Adam",
        {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95, "epsilon": 1e-3, "clipnorm": 0.3},
    ),
    "adam_amsgrad": ("Adam", {"learning_rate": 0.01, "amsgrad": True}),
    "adamw": ("AdamW", {}),
    "adamw_options": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.1, "amsgrad": True}),
    "adadelta": ("Adadelta", {}),
    "adadelta_options": ("Adadelta", {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-5}),
    "adamax": ("Adamax", {}),
    "adamax_options": ("Adamax", {"learning_rate": 0.01, "epsilon": 1e-2}),
    "nadam": ("Nadam", {}),
    "nadam_options": ("Nadam", {"learning_rate": 0.01, "beta_1": 0.8, "beta_2": 0.95}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1}),
    "ftrl_options": (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "learning_rate_power": -0.6,
            "initial_accumulator_value": 0.2,
            "l1_regularization_strength": 0.01,
            "l2_regularization_strength": 0.02,
            "l2_shrinkage_regularization_strength": 0.005,
            "beta": 0.1,
        },
    ),
    "sgd_ema": ("SGD", {"momentum": 0.5, "use_ema": True, "ema_momentum": 0.9}),
    "adam_ema": ("Adam", {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 7}),
    "sgd_gathered": ("SGD", {"learning_rate": 0.1, "gradient_accumulation_steps": 4}),
    "nadam_gathered": ("Nadam", {"clipnorm": 0.1, "gradient_accumulation_steps": 3}),
    "exponential": ("SGD", {"learning_rate": ("ExponentialDecay", [0.5, 10, 0.5])}),
    "staircase": ("Adam", {"learning_rate": ("ExponentialDecay", [0.02, 12.5, 0.5, True])}),
    "piecewise": (
        "SGD",
        {"learning_rate": ("PiecewiseConstantDecay", [[10, 30], [0.5, 0.2, 0.1]])},
    ),
    "polynomial": ("SGD", {"learning_rate": ("PolynomialDecay", [0.5, 40, 0.01, 2.0])}),
    # A power of 2: compiled, Keras rounds 45 / 15 up to a fourth cycle.
    "polynomial_cycle": ("SGD", {"learning_rate": ("PolynomialDecay", [0.5, 16, 0.01, 1.0, True])}),
    "inverse_time": ("SGD", {"learning_rate": ("InverseTimeDecay", [0.5, 1, 0.05])}),
    "inverse_stairs": ("SGD", {"learning_rate": ("InverseTimeDecay", [0.5, 10, 0.5, True])}),
    "cosine": ("SGD", {"learning_rate": ("CosineDecay", [0.5, 40, 0.1])}),
    "cosine_warm": ("SGD", {"learning_rate": ("CosineDecay", [0.0, 30, 0.1, "warm", 0.5, 10])}),
    "restarts": ("SGD", {"learning_rate": ("CosineDecayRestarts", [0.5, 8, 1.5, 0.7, 0.1])}),
}


def data():
    """50 batches of 16 samples of 8 features, their class among 3."""
    rng = np.random.default_rng(5)
    x = rng.standard_normal((STEPS, BATCH, 8)).astype(np.float32)
    x[..., 7] = 0  # a feature without gradient
    t = (x[..., :3] + 0.3 * rng.standard_normal((STEPS, BATCH, 3))).argmax(-1)
    return x, t


def start():
    """Kernels and biases of 8-6-3."""
    rng = np.random.default_rng(6)
    shapes = [(8, 6), (6,), (6, 3), (3,)]
    return [(0.5 * rng.standard_normal(shape)).astype(np.float32) for shape in shapes]


def record():
    import keras

    found, facts = {}, {"keras": keras.__version__, "defaults": {}, "rates": {}}
    x, t = data()
    for case, (name, options) in CASES.items():
        keras.utils.set_random_seed(1)
        rate = options.get("learning_rate")
        if isinstance(rate, tuple):
            schedule = getattr(keras.optimizers.schedules, rate[0])(*rate[1])
            facts["rates"][case] = [float(schedule(i)) for i in range(STEPS)]
            options = {**options, "learning_rate": schedule}
        model = keras.Sequential(
            [
                keras.Input((8,)),
                keras.layers.Dense(6, activation="tanh"),
                keras.layers.Dense(3, activation="softmax"),
            ]
        )
        model.set_weights(start())
        optimizer = getattr(keras.optimizers, name)(**options)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        losses = [float(model.train_on_batch(*batch)) for batch in zip(x, t, strict=True)]
        found[f"{case}/losses"] = np.array(losses, np.float32)
        found[f"{case}/weights"] = np.concatenate([w.ravel() for w in model.get_weights()])
        for i, variable in enumerate(optimizer.variables):
            found[f"{case}/state/{i}"] = np.asarray(variable)
        if not options:
            facts["defaults"][name] = optimizer.get_config()
    np.savez_compressed(HERE / "optimizers.npz", **found)
    (HERE / "optimizers.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    record()

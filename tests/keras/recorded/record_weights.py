"""Record Keras's activations, penalties, limits and initializers, for `tests/keras`.

python tests/keras/recorded/record_weights.py   (needs keras and tensorflow; writes beside itself)
"""

import json
import os
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
HERE = Path(__file__).parent

ACTIVATIONS = (
    "elu", "exponential", "gelu", "hard_sigmoid", "leaky_relu", "linear", "log_softmax", "mish",
    "relu", "relu6", "selu", "sigmoid", "silu", "softmax", "softplus", "softsign", "tanh",
)  # fmt: skip
PENALTIES = {
    "l1": ("L1", {"l1": 0.1}),
    "l2": ("L2", {"l2": 0.1}),
    "l1_l2": ("L1L2", {"l1": 0.1, "l2": 0.02}),
    "rows": ("OrthogonalRegularizer", {"factor": 0.1}),
    "columns": ("OrthogonalRegularizer", {"factor": 0.1, "mode": "columns"}),
}
LIMITS = {
    "max_norm": ("MaxNorm", {"max_value": 1.0}),
    "max_norm_rows": ("MaxNorm", {"max_value": 0.5, "axis": 1}),
    "min_max_norm": ("MinMaxNorm", {"min_value": 0.8, "max_value": 1.2, "rate": 0.7}),
    "non_neg": ("NonNeg", {}),
    "unit_norm": ("UnitNorm", {}),
}
KERNEL = ("MaxNorm", {"max_value": 1.0, "axis": [0, 1, 2]})
INITIALIZERS = {
    "glorot_normal": ("GlorotNormal", {}),
    "glorot_uniform": ("GlorotUniform", {}),
    "he_normal": ("HeNormal", {}),
    "he_uniform": ("HeUniform", {}),
    "lecun_normal": ("LecunNormal", {}),
    "lecun_uniform": ("LecunUniform", {}),
    "random_normal": ("RandomNormal", {}),
    "random_uniform": ("RandomUniform", {}),
    "truncated_normal": ("TruncatedNormal", {}),
    "scaled": ("VarianceScaling", {"scale": 2.0, "mode": "fan_out"}),
    "scaled_uniform": ("VarianceScaling", {"mode": "fan_avg", "distribution": "uniform"}),
    "untruncated": ("VarianceScaling", {"distribution": "untruncated_normal"}),
    "orthogonal": ("Orthogonal", {"gain": 1.5}),
}
SHAPES = {"dense": (300, 100), "conv": (3, 3, 40, 80)}


def weights():
    """A matrix, a kernel (KH, KW, in, out), and numbers for activations."""
    rng = np.random.default_rng(11)
    shapes = ((5, 4), (3, 2, 4, 6), (4, 7))
    return [(0.7 * rng.standard_normal(shape)).astype(np.float32) for shape in shapes]


def law(array):
    """Mean, standard deviation, smallest and largest value, and mean fourth power."""
    array = np.asarray(array, np.float64)
    scaled = (array / array.std()) ** 4
    return [float(v) for v in (array.mean(), array.std(), array.min(), array.max(), scaled.mean())]


def record():
    import keras

    matrix, kernel, numbers = map(keras.ops.convert_to_tensor, weights())
    facts: dict = {"keras": keras.__version__, "penalties": {}, "laws": {}, "defaults": {}}
    found = {f"activation/{n}": keras.activations.get(n)(3 * numbers) for n in ACTIVATIONS}
    for case, (name, options) in PENALTIES.items():
        facts["penalties"][case] = float(getattr(keras.regularizers, name)(**options)(matrix))
        facts["defaults"][name] = getattr(keras.regularizers, name)().get_config()
    for case, (name, options) in LIMITS.items():
        found[f"limit/{case}"] = getattr(keras.constraints, name)(**options)(matrix)
        facts["defaults"][name] = getattr(keras.constraints, name)().get_config()
    found["limit/kernel"] = getattr(keras.constraints, KERNEL[0])(**KERNEL[1])(kernel)
    for case, (name, options) in INITIALIZERS.items():
        initializer = getattr(keras.initializers, name)(seed=3, **options)
        facts["laws"][case] = {k: law(initializer(shape)) for k, shape in SHAPES.items()}
        facts["defaults"][name] = getattr(keras.initializers, name)().get_config()
        facts["defaults"][name].pop("seed", None)
    np.savez_compressed(HERE / "weights.npz", **{k: np.asarray(v) for k, v in found.items()})
    (HERE / "weights.json").write_text(json.dumps(facts, indent=1) + "\n")


if __name__ == "__main__":
    record()

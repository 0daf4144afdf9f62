"""Record 50 steps of real Keras for networks and optimizers, for `tests/test_keras_agreement.py`.

python tests/keras/recorded/record_agreement.py [network ...]   (needs keras and tensorflow)

Every network is built by one function for both, from the module it is given: `keras` or ours.
"""

import json
import os
import sys
from pathlib import Path

import numpy as np

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
HERE = Path(__file__).parent / "agreement"
SIZE, BATCH, EPOCHS, HELD_OUT = 150, 16, 5, 40  # 10 steps an epoch, the last of 6 samples

# {optimizer: (class, arguments)}; a learning rate (name, arguments) is a schedule.
DEFAULTS = {
    name.lower(): (name, {})
    for name in (
        "SGD", "Adagrad", "RMSprop", "Adam", "AdamW", "Adadelta", "Adamax", "Nadam", "Ftrl",
    )
}  # fmt: skip
OPTIONS = {
    "sgd_momentum": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd_nesterov": ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    "sgd_clipnorm": ("SGD", {"learning_rate": 0.2, "momentum": 0.5, "clipnorm": 0.1}),
    "sgd_clipvalue": ("SGD", {"learning_rate": 0.5, "clipvalue": 0.01}),
    "sgd_global_clipnorm": ("SGD", {"learning_rate": 0.2, "global_clipnorm": 0.2}),
    "sgd_weight_decay": ("SGD", {"learning_rate": 0.1, "momentum": 0.5, "weight_decay": 0.05}),
    "sgd_decay": ("SGD", {"learning_rate": 0.2, "decay": 0.05}),
    "sgd_cosine": ("SGD", {"learning_rate": ("CosineDecay", [0.0, 30, 0.1, "warm", 0.3, 10])}),
    "sgd_ema": ("SGD", {"learning_rate": 0.1, "use_ema": True, "ema_momentum": 0.9}),
    "sgd_accumulated": ("SGD", {"learning_rate": 0.2, "gradient_accumulation_steps": 3}),
    "adagrad_options": (
        "Adagrad",
        {"learning_rate": 0.05, "initial_accumulator_value": 0.01, "epsilon": 1e-3},
    ),
    "rmsprop_options": (
        "RMSprop",
        {"learning_rate": 0.002, "rho": 0.8, "momentum": 0.5, "epsilon": 1e-4, "centered": True},
    ),
    "adam_options": (
        "Adam",
        {"learning_rate": 0.01, "beta_1": 0.8, "epsilon": 1e-4, "amsgrad": True, "clipnorm": 0.3},
    ),
    "adam_exponential": ("Adam", {"learning_rate": ("ExponentialDecay", [0.02, 10, 0.5, True])}),
    "adam_ema": (
        "Adam",
        {"use_ema": True, "ema_momentum": 0.8, "ema_overwrite_frequency": 7, "clipvalue": 0.1},
    ),
    "adamw_options": (
        "AdamW",
        {"learning_rate": 0.01, "weight_decay": 0.1, "gradient_accumulation_steps": 2},
    ),
    "adadelta_options": ("Adadelta", {"learning_rate": 1.0, "rho": 0.9, "epsilon": 1e-5}),
    "adamax_options": ("Adamax", {"learning_rate": 0.01, "clipvalue": 0.02, "epsilon": 1e-4}),
    "nadam_options": ("Nadam", {"learning_rate": 0.01, "global_clipnorm": 0.5, "epsilon": 1e-4}),
    "ftrl_options": (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "initial_accumulator_value": 0.2,
            "l1_regularization_strength": 0.01,
            "l2_regularization_strength": 0.02,
        },
    ),
}
OPTIMIZERS = DEFAULTS | OPTIONS


def dense(keras):
    """Two layers with a penalty, labels, a metric of its own beside accuracy."""
    k = keras.layers
    penalty = keras.regularizers.L2(0.01)
    model = keras.Sequential(
        [
            keras.Input((10,)),
            k.Dense(12, activation="relu", kernel_regularizer=penalty),
            k.Dense(5, activation="softmax"),
        ]
    )
    return model, "sparse_categorical_crossentropy", ["accuracy", "sparse_top_k"]


def dense_bn(keras):
    """Batch normalisation of features, sigmoids, one number between 0 and 1."""
    k = keras.layers
    model = keras.Sequential(
        [
            keras.Input((10,)),
            k.Dense(10, use_bias=False),
            k.BatchNormalization(),
            k.Activation("elu"),
            k.Dense(1, activation="sigmoid"),
        ]
    )
    return model, "binary_crossentropy", ["accuracy"]


def conv(keras):
    """Two convolutions, same and valid, pooled; one-hot targets under binary_crossentropy."""
    k = keras.layers
    model = keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            k.Conv2D(4, 3, padding="same", activation="relu"),
            k.MaxPooling2D(2),
            k.Conv2D(5, (3, 2), activation="tanh"),
            k.Flatten(),
            k.Dense(10, activation="softmax"),
        ]
    )
    return model, "binary_crossentropy", ["accuracy"]


def separable(keras):
    """Strided separable and depthwise convolutions, a limit on weights."""
    k = keras.layers
    limit = keras.constraints.MaxNorm(1.0)
    model = keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            k.SeparableConv2D(4, 3, strides=2, padding="same", activation="relu"),
            k.DepthwiseConv2D(2, depth_multiplier=2, activation="tanh"),
            k.GlobalAveragePooling2D(),
            k.Dense(5, activation="softmax", kernel_constraint=limit),
        ]
    )
    return model, "categorical_crossentropy", ["accuracy"]


def conv_bn(keras):
    """A strided convolution without bias, normalised, average pooling."""
    k = keras.layers
    model = keras.Sequential(
        [
            keras.Input((9, 8, 2)),
            k.Conv2D(6, 3, strides=2, padding="same", use_bias=False),
            k.BatchNormalization(),
            k.ReLU(),
            k.AveragePooling2D(2),
            k.Flatten(),
            k.Dense(5, activation="softmax"),
        ]
    )
    return model, "sparse_categorical_crossentropy", ["accuracy"]


def simple_rnn(keras):
    """Numbers out of series of unlike lengths."""
    k = keras.layers
    entry = [keras.Input((7, 3)), k.Masking()]
    model = keras.Sequential([*entry, k.SimpleRNN(6), k.Dense(1)])
    return model, "mse", ["mae"]


def lstm(keras):
    """Words of unlike numbers, their empty places masked; a penalty of all their vectors."""
    k = keras.layers
    # It makes the gradient one array for Keras, which otherwise squares what each place of a word
    # contributes before it adds them up.
    penalty = keras.regularizers.L2(0.001)
    model = keras.Sequential(
        [
            keras.Input((7,)),
            k.Embedding(12, 4, mask_zero=True, embeddings_regularizer=penalty),
            k.LSTM(5),
            k.Dense(1, activation="sigmoid"),
        ]
    )
    return model, "binary_crossentropy", ["accuracy"]


def gru(keras):
    """Two in a row, the first giving every step."""
    k = keras.layers
    model = keras.Sequential(
        [
            keras.Input((7, 3)),
            k.Masking(),
            k.GRU(4, return_sequences=True),
            k.GRU(4),
            k.Dense(5, activation="softmax"),
        ]
    )
    return model, "sparse_categorical_crossentropy", ["accuracy"]


def bidirectional(keras):
    """A class for every step of masked series."""
    k = keras.layers
    both = k.Bidirectional(k.LSTM(3, return_sequences=True))
    last = k.TimeDistributed(k.Dense(5, activation="softmax"))
    model = keras.Sequential([keras.Input((7, 3)), k.Masking(), both, last])
    return model, "sparse_categorical_crossentropy", ["accuracy"]


# Every network with every optimizer's defaults; the first of each kind with all their options.
NETWORKS = {
    "dense": (dense, OPTIMIZERS),
    "dense_bn": (dense_bn, DEFAULTS),
    "conv": (conv, OPTIMIZERS),
    "separable": (separable, DEFAULTS),
    "conv_bn": (conv_bn, OPTIMIZERS),
    "simple_rnn": (simple_rnn, DEFAULTS),
    "lstm": (lstm, OPTIMIZERS),
    "gru": (gru, DEFAULTS),
    "bidirectional": (bidirectional, DEFAULTS),
}
CASES = [(network, name) for network, (_, names) in NETWORKS.items() for name in names]


def data(network):
    """Return (x, y) of 190 samples for a network: the last 40 are for validation."""
    rng, n = np.random.default_rng(11), SIZE + HELD_OUT
    if network in ("dense", "dense_bn"):
        x = rng.standard_normal((n, 10))
        score = x[:, :5]
    elif network in ("conv", "separable", "conv_bn"):
        x = rng.standard_normal((n, 9, 8, 2))
        score = 2 * x.mean((2, 3))[:, :5]
    else:
        x = rng.standard_normal((n, 7, 3))
        missing = np.arange(7) >= rng.integers(1, 8, n)[:, None]
        x[missing] = 0
        score = np.cumsum(x, 1) @ rng.standard_normal((3, 5))
        score = score if network == "bidirectional" else score[:, -1]
        if network == "lstm":
            x = np.where(missing, 0, rng.integers(1, 12, (n, 7)))
            score = (x % 5)[:, :5] + 0.0
    score = score + 0.3 * rng.standard_normal(score.shape)
    y = score.argmax(-1)
    if network == "conv":
        y = np.eye(10)[y + 2]
    elif network == "separable":
        y = np.eye(5)[y]
    elif network in ("dense_bn", "lstm"):
        y = (y > 1)[:, None]
    elif network == "simple_rnn":
        y = np.tanh(score[:, :1])
    x = x.astype("int32" if network == "lstm" else "float32")
    return x, y.astype("int32" if y.dtype.kind == "i" else "float32")


def start(arrays, seed=2):
    """Return weights to start from, for a model's own first ones."""
    rng = np.random.default_rng(seed)
    drawn = []
    for array in arrays:
        if array.ndim == 1:  # zeros or ones, as the layer has them
            drawn.append(array + rng.uniform(-0.2, 0.2, array.shape))
        else:
            drawn.append(rng.standard_normal(array.shape) / np.sqrt(array[..., 0].size))
    return [array.astype(np.float32) for array in drawn]


def made(keras, name, decay=None):
    """Return an optimizer; `decay(rate, share)` stands for the old argument where it is gone."""
    kind, options = OPTIMIZERS[name]
    options = dict(options)
    if isinstance(options.get("learning_rate"), tuple):
        schedule, arguments = options["learning_rate"]
        options["learning_rate"] = getattr(keras.optimizers.schedules, schedule)(*arguments)
    if "decay" in options and decay is not None:
        options["learning_rate"] = decay(options["learning_rate"], options.pop("decay"))
    return getattr(keras.optimizers, kind)(**options)


def trained(keras, network, name, watch, decay=None):
    """Train for 50 steps; return (history, [figures of the evaluation], weights)."""
    x, y = data(network)
    model, loss, metrics = NETWORKS[network][0](keras)
    model.set_weights(start(model.get_weights()))
    top = keras.metrics.SparseTopKCategoricalAccuracy
    metrics = [top(2, name="top") if metric == "sparse_top_k" else metric for metric in metrics]
    model.compile(made(keras, name, decay), loss=loss, metrics=metrics)
    options = {"batch_size": BATCH, "epochs": EPOCHS, "shuffle": False, "verbose": 0}
    history = model.fit(
        x[:SIZE],
        y[:SIZE],
        validation_data=(x[SIZE:], y[SIZE:]),
        callbacks=[watch],
        **options,
    ).history
    final = model.evaluate(x, y, batch_size=64, verbose=0)
    return history, final, model.get_weights()


def record(networks):
    import keras

    print("keras", keras.__version__, flush=True)

    def decay(rate, share):
        return keras.optimizers.schedules.InverseTimeDecay(rate, 1, share)

    HERE.mkdir(exist_ok=True)
    for network in networks or NETWORKS:
        arrays, keys = {}, None
        for name in NETWORKS[network][1]:
            steps = []
            watch = keras.callbacks.LambdaCallback(
                on_train_batch_end=lambda i, logs, steps=steps: steps.append(dict(logs))
            )
            history, final, weights = trained(keras, network, name, watch, decay)
            keys = list(history)
            arrays[f"{name}/steps"] = [list(logs.values()) for logs in steps]
            arrays[f"{name}/history"] = list(history.values())
            arrays[f"{name}/final"] = final
            arrays[f"{name}/weights"] = np.concatenate([w.ravel() for w in weights])
            keras.backend.clear_session()
            print(network, name, final, flush=True)
        arrays = {key: np.asarray(value, np.float32) for key, value in arrays.items()}
        np.savez_compressed(HERE / f"{network}.npz", keys=np.array(json.dumps(keys)), **arrays)


if __name__ == "__main__":
    record(sys.argv[1:])

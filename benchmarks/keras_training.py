"""Programs of the tutorials beside real Keras: an epoch, a prediction, a cold start.

python benchmarks/keras_training.py [--quick] [--cases dense]

The same code runs on both; Keras is taken from the Python that KERAS_PYTHON names, if this one has
none. `dense`: an epoch of 784-128-10 at batch 32. `convnet`: eight steps of the network for
pictures of 150 by 150 at batch 20. `predict`: one sample through the dense network. `start`: a new
process imports, builds and trains one batch.
"""

import importlib.util
import os
import subprocess
import sys

import harness
import numpy as np
import workload

CASES = {name: name for name in ("dense", "convnet", "predict", "start")}
START = """
import numpy as np
{imports}
model = keras.Sequential([
    keras.layers.Input((28, 28)), keras.layers.Flatten(),
    keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(np.zeros((32, 28, 28), "f4"), np.zeros(32, "i4"), verbose=0)
"""


def garments():
    """Sixty thousand pictures, the real ones where they are found."""
    try:
        x, y = workload.load("fashion")
    except FileNotFoundError:
        x, y = workload.load("dense")
    return x.reshape(-1, 28, 28), y


def dense(keras):
    model = keras.Sequential([keras.layers.Input((28, 28)), keras.layers.Flatten()])
    model.add(keras.layers.Dense(128, activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer="adam", loss=loss, metrics=["accuracy"])
    return model


def convnet(keras):
    layers = keras.layers
    model = keras.Sequential([layers.Input((150, 150, 3))])
    for filters in (32, 64, 128, 128):
        model.add(layers.Conv2D(filters, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(512, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    optimizer = keras.optimizers.RMSprop(learning_rate=1e-4)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["acc"])
    return model


def program(keras, case):
    if case == "convnet":
        model = convnet(keras)
        rng = np.random.default_rng(0)
        x, y = rng.random((160, 150, 150, 3), dtype="f4"), rng.integers(0, 2, 160)
        return lambda: fitted(model, x, y, batch_size=20)
    model = dense(keras)
    x, y = garments()
    if case == "dense":
        return lambda: fitted(model, x, y)
    return lambda: predicted(model, x[:1])


def fitted(model, x, y, **options):
    start = harness.clock()
    model.fit(x, y, epochs=1, verbose=0, **options)
    return harness.clock() - start


def predicted(model, x):
    start = harness.clock()
    for _ in range(20):
        model.predict(x, verbose=0)
    return (harness.clock() - start) / 20


def started(python, imports):
    """The seconds of a new process, from nothing to the first trained batch."""
    quiet = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"}

    def run():
        start = harness.clock()
        command = [python, "-c", START.format(imports=imports)]
        subprocess.run(command, env=quiet, stderr=subprocess.DEVNULL, check=True)
        return harness.clock() - start

    return run


def dezero(case):
    if case == "start":
        return started(sys.executable, "from dezero import keras")
    from dezero import keras

    return program(keras, case)


def dezero_numba(case):
    import numba  # noqa: F401  (left out of the table where the extra is not installed)

    return dezero(case)


def real_keras(case):
    if importlib.util.find_spec("keras") is None:
        if case == "start" and os.environ.get("KERAS_PYTHON"):
            return started(os.environ["KERAS_PYTHON"], "import keras")
        return harness.elsewhere("keras", case, "KERAS_PYTHON")
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
    import keras

    return program(keras, case)


SUBJECT = harness.Subject(
    name="keras_training",
    title="Programs of the tutorials",
    cases=CASES,
    candidates={"keras": real_keras, "dezero": dezero, "dezero numba": dezero_numba},
    reference="keras",
    environment={
        "dezero": {"DEZERO_KERNELS": "numpy"},
        "dezero numba": {"DEZERO_KERNELS": "numba"},
    },
    limits={
        ("dense", "dezero"): 0.25,
        ("convnet", "dezero"): 2.1,
        ("convnet", "dezero numba"): 1.5,
        ("predict", "dezero"): 0.05,
        ("start", "dezero"): 0.2,
    },
)

if __name__ == "__main__":
    harness.main(SUBJECT)

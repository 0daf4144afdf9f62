"""Train the tutorials' networks, set our figures beside the pages' and Keras's.

    python -m tests.tutorials.figures                # every row, cheap ones first
    python -m tests.tutorials.figures --only relu rmsprop adam
    python -m tests.tutorials.figures --show         # only print the table in figures.json

Every figure is a mean of three seeds, on the real Fashion-MNIST or, in the last row, on drawn
pictures. A row is written to figures.json when it stands, with date and commit; a second call
trains only what is named or still missing.
"""

import argparse
import datetime
import json
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dezero import keras
from tests.architecture import ROOT
from tests.tutorials.stand_ins import train_test_split
from tests.tutorials.story import pets

FILE = Path(__file__).with_name("figures.json")
SEEDS = (0, 1, 2)
layers, optimizers = keras.layers, keras.optimizers
Figures = dict[str, float]


class Figure(NamedTuple):
    """What one number of a row should be; `mark` is the least mean, or the range of one."""

    page: str
    keras: str
    mark: float | tuple[float, float]


class Row(NamedTuple):
    """A program, and the figures that it returns by name."""

    label: str
    figures: dict[str, Figure]
    train: Callable[[], Figures]


def data() -> Any:
    """Fashion-MNIST, pixels in [0, 1]: training pictures, classes, test pictures, classes."""
    (x, t), (x_test, t_test) = keras.datasets.fashion_mnist.load_data()
    return x / 255.0, t, x_test / 255.0, t_test


def split() -> Any:
    """The training data, a fifth of it set aside for validation."""
    x, t, *_ = data()
    return train_test_split(x, t, test_size=0.2, random_state=42)


def network(hidden: int, activation: str, optimizer: Any) -> Any:
    """The network of one hidden layer."""
    model = keras.Sequential()
    model.add(layers.Flatten(input_shape=(28, 28)))
    model.add(layers.Dense(hidden, activation=activation))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile(optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class StopAbove(keras.callbacks.Callback):
    """End training after the first epoch whose training accuracy is above 0.95."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Look at the accuracy."""
        if logs["accuracy"] > 0.95:
            self.model.stop_training = True


def five_epochs() -> Figures:
    """784-128-10, relu, Adam."""
    x, t, x_test, t_test = data()
    model = network(128, "relu", "adam")
    history = model.fit(x, t, epochs=5, verbose=0).history
    return {"train": history["accuracy"][-1], "test": model.evaluate(x_test, t_test, verbose=0)[1]}


def fifty_epochs() -> Figures:
    """The same for 50 epochs, with a stop on the way, after which training goes on."""
    x, t, x_test, t_test = data()
    model = network(128, "relu", "adam")
    history = model.fit(x, t, epochs=50, callbacks=[StopAbove()], verbose=0).history
    stop = len(history["accuracy"])
    figures = {"stop": float(stop), "stop test": model.evaluate(x_test, t_test, verbose=0)[1]}
    history = model.fit(x, t, initial_epoch=stop, epochs=50, verbose=0).history
    test = model.evaluate(x_test, t_test, verbose=0)[1]
    return {"train": history["accuracy"][-1], "test": test, **figures}


def validated(activation: str, optimizer: str) -> Callable[[], Figures]:
    """784-100-10 for five epochs on four fifths of the training data."""

    def train() -> Figures:
        x, x_val, t, t_val = split()
        model = network(100, activation, optimizer)
        history = model.fit(x, t, epochs=5, verbose=0).history
        validation = model.evaluate(x_val, t_val, verbose=0)[1]
        return {"train": history["accuracy"][-1], "validation": validation}

    return train


def two_epochs() -> Figures:
    """784-100-10, relu, two epochs with each optimizer."""
    x, x_val, t, t_val = split()
    figures = {}
    for name, optimizer in (
        ("SGD(0.1)", optimizers.SGD(learning_rate=0.1)),
        ("Nesterov", optimizers.SGD(momentum=0.9, nesterov=True)),
        ("Adagrad", optimizers.Adagrad()),
        ("Adam", optimizers.Adam()),
    ):
        model = network(100, "relu", optimizer)
        model.fit(x, t, epochs=2, verbose=0)
        figures[name] = model.evaluate(x_val, t_val, verbose=0)[1]
    return figures


def stopped_early() -> Figures:
    """784-256-256-10 by ten binary crossentropies, stopped where validation stops improving."""
    x, t, x_test, t_test = data()
    model = keras.Sequential([layers.Input(shape=(784,))])
    model.add(layers.Dense(256, activation="relu"))
    model.add(layers.Dense(256, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])
    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    history = model.fit(
        x.reshape(-1, 784), np.eye(10)[t], validation_split=0.2, epochs=50, callbacks=[stop],
        verbose=0,
    )  # fmt: skip
    test = model.evaluate(x_test.reshape(-1, 784), np.eye(10)[t_test], verbose=0)[1]
    return {"test": test, "stop": float(len(history.history["loss"]))}


def dropped_out() -> Figures:
    """784-256-dropout-128-10, ten epochs in batches of 128."""
    x, t, x_test, t_test = data()
    model = keras.Sequential()
    model.add(layers.Dense(256, activation="relu", input_shape=(784,)))
    model.add(layers.Dropout(0.3))
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", loss="categorical_crossentropy", metrics=["accuracy"])
    x, x_test = (a.reshape(-1, 784).astype("float32") for a in (x, x_test))
    model.fit(x, np.eye(10)[t], epochs=10, batch_size=128, validation_split=0.2, verbose=0)
    return {"test": model.evaluate(x_test, np.eye(10)[t_test], verbose=0)[1]}


ROWS = {
    "five": Row(
        "784-128-10 relu, adam, 5 epochs",
        {"train": Figure("0.891", "0.8919", 0.888), "test": Figure("0.867", "0.8705", 0.865)},
        five_epochs,
    ),
    "sigmoid": Row(
        "784-100-10 sigmoid, rmsprop, 5 epochs",
        {"train": Figure("0.8804", "0.8777", 0.874)},
        validated("sigmoid", "rmsprop"),
    ),
    "rmsprop": Row(
        "784-100-10 relu, rmsprop, 5 epochs",
        {
            "train": Figure("0.8863", "0.8864", 0.883),
            "validation": Figure("0.8782", "0.8754", 0.872),
        },
        validated("relu", "rmsprop"),
    ),
    "adam": Row(
        "784-100-10 relu, adam, 5 epochs",
        {
            "train": Figure("0.8876", "0.8866", 0.883),
            "validation": Figure("0.8805", "0.8711", 0.861),
        },
        validated("relu", "adam"),
    ),
    "dropout": Row(
        "784-256-dropout-128-10, 10 epochs, batch 128",
        {"test": Figure("", "0.8780", 0.876)},
        dropped_out,
    ),
    "two": Row(
        "784-100-10 relu, 2 epochs, validation",
        {
            "SGD(0.1)": Figure("", "0.854", 0.846),
            "Nesterov": Figure("", "0.855", 0.845),
            "Adagrad": Figure("", "0.758", 0.750),
            "Adam": Figure("", "0.863", 0.855),
        },
        two_epochs,
    ),
    "early": Row(
        "784-256-256-10 binary_crossentropy, EarlyStopping(patience=5)",
        {"test": Figure("", "0.8870", 0.882), "stop": Figure("", "13 to 17", (10, 21))},
        stopped_early,
    ),
    "fifty": Row(
        "784-128-10 relu, adam, 50 epochs; stopped above 0.95 on the way",
        {
            "train": Figure("0.962", "0.9642", 0.960),
            "test": Figure("0.884", "0.8860", 0.882),
            "stop": Figure("", "32 to 34", (27, 41)),
            "stop test": Figure("", "0.8867", 0.883),
        },
        fifty_epochs,
    ),
    "pets": Row(
        "the convnet on drawn pictures, plain, then varied with dropout",
        {
            "plain train": Figure("near 1", "", 0.95),
            "plain validation": Figure("0.70 to 0.72", "", 0.6),
            "plain gap": Figure("0.28", "", 0.15),
            "plain loss growth": Figure("above 1", "", 1.2),
            "varied validation": Figure("0.82", "", 0.8),
            "varied gap": Figure("small", "", (-0.15, 0.05)),
            "gain": Figure("0.10 to 0.15", "", 0.05),
        },
        pets,
    ),
}


def holds(mean: float, mark: float | tuple[float, float]) -> bool:
    """Whether a mean reaches its mark, or lies in its range."""
    return mark[0] <= mean <= mark[1] if isinstance(mark, tuple) else mean >= mark


def table(recorded: dict[str, Any]) -> str:
    """The recorded figures beside the page's, Keras's and the mark."""
    lines = [
        "| program | figure | the page | Keras | ours (three seeds) | mark | reached |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, row in ROWS.items():
        for key, figure in row.figures.items():
            runs = [run[key] for run in recorded.get(name, {}).get("runs", ())]
            mean = float(np.mean(runs)) if runs else float("nan")
            ours = f"{mean:.4g} ({', '.join(f'{run:.4g}' for run in runs)})" if runs else "–"
            mark = figure.mark
            wanted = f"{mark[0]:g} to {mark[1]:g}" if isinstance(mark, tuple) else f"{mark:.3f}"
            reached = ("yes" if holds(mean, mark) else "NO") if runs else "–"
            cells = (row.label, key, figure.page or "–", figure.keras or "–", ours, wanted, reached)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def commit() -> str:
    """The commit checked out, with a + where what is measured differs; empty without git."""
    git = shutil.which("git")
    if git is None:
        return ""
    words = (["rev-parse", "--short=10", "HEAD"], ["diff", "--stat", "HEAD", "dezero", "examples"])
    head, changed = (
        subprocess.run([git, "-C", str(ROOT), *each], capture_output=True, text=True, check=False)
        for each in words
    )
    return head.stdout.strip() + ("+" if changed.stdout else "")


def record(name: str, recorded: dict[str, Any]) -> None:
    """Train a row with every seed and write it down."""
    began, at, runs = time.perf_counter(), commit(), []
    for seed in SEEDS:
        keras.backend.clear_session()
        keras.utils.set_random_seed(seed)
        runs.append(ROWS[name].train())
        print(f"{name}, seed {seed}: {runs[-1]}", flush=True)
    recorded[name] = {
        "program": ROWS[name].label,
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "commit": at,
        "numpy": np.__version__,
        "python": platform.python_version(),
        "seconds": round(time.perf_counter() - began),
        "runs": runs,
    }
    FILE.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Train what is asked for and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", nargs="*", choices=list(ROWS), help="rows to train anew")
    parser.add_argument("--show", action="store_true", help="print the recorded table and end")
    options = parser.parse_args()
    recorded = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    missing = [name for name in ROWS if name not in recorded]
    for name in [] if options.show else options.only or missing:
        record(name, recorded)
    print(table(recorded))


if __name__ == "__main__":
    main()

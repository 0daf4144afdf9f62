"""Train a multi-layer perceptron on Fashion-MNIST with compile, fit, evaluate and predict.

    python examples/fashion_mlp.py
    python examples/fashion_mlp.py --hidden 256,128 --dropout 0.3 --batch-size 128 --epochs 10

Without the data and without a network it goes on with drawn garments and says so.
"""

import argparse
import time
from pathlib import Path

import numpy as np

import dezero
import dezero.layers as L
from dezero import optimizers
from dezero.datasets import DataNotFound, FashionMNIST, SyntheticFashion
from dezero.inspection import plot_confusion, plot_predictions
from dezero.metrics import ConfusionMatrix
from dezero.models import Sequential, load_model
from dezero.training import (
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ModelCheckpoint,
    plot_history,
)

OPTIMIZERS = {
    "sgd": (optimizers.SGD, 0.1),
    "momentum": (optimizers.MomentumSGD, 0.01),
    "nesterov": (optimizers.Nesterov, 0.01),
    "adagrad": (optimizers.AdaGrad, 0.01),
    "rmsprop": (optimizers.RMSprop, 0.001),
    "adam": (optimizers.Adam, 0.001),
}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=5, help="how often the training data is seen")
    add("--batch-size", type=int, default=32, help="images per update")
    add("--hidden", default="128", help="widths of the hidden layers, such as 256,128")
    add("--dropout", type=float, default=0.0, help="share dropped after the first hidden layer")
    add("--optimizer", choices=sorted(OPTIMIZERS), default="adam", help="update rule")
    add("--lr", type=float, help="learning rate; by default one that suits the optimizer")
    add("--activation", choices=("relu", "sigmoid"), default="relu", help="of the hidden layers")
    add("--validation-split", type=float, default=0.0, help="share of the training data")
    add("--early-stopping", type=int, metavar="PATIENCE", help="epochs to wait for a better one")
    add("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to compute")
    add("--data", default="auto", help="auto, real, synthetic, or a folder with the idx files")
    add("--seed", type=int, default=0, help="of weights, order and dropout")
    add("--out", type=Path, default=Path("runs/fashion_mlp"), help="folder for results")
    add("--resume", action="store_true", help="go on with the model in the folder")
    add("--no-plots", action="store_true", help="write no pictures")
    return parser.parse_args()


def load_data(where: str) -> tuple:
    """Return ((x, t) for training, (x, t) for testing, whether the data is synthetic)."""
    if where != "synthetic":
        try:
            root = None if where in ("auto", "real") else where
            return (*(pixels(FashionMNIST(train=part, root=root)) for part in (True, False)), False)
        except DataNotFound as error:
            if where != "auto":
                raise SystemExit(str(error)) from None
            print("Fashion-MNIST was neither found nor reachable: training on synthetic garments.")
    return (*(pixels(SyntheticFashion(train=part)) for part in (True, False)), True)


def pixels(dataset: FashionMNIST) -> tuple[np.ndarray, np.ndarray]:
    """Return images as rows of numbers between 0 and 1, and their labels."""
    x = dataset.data.reshape(len(dataset.data), -1).astype(np.float32)
    x /= 255
    return x, dataset.label.astype(np.int64)


def build_model(args: argparse.Namespace) -> Sequential:
    """Return the network that the options describe, compiled."""
    model = Sequential(name="fashion_mlp")
    for i, width in enumerate(int(width) for width in args.hidden.split(",")):
        model.add(L.Linear(width))
        model.add(L.Activation(args.activation))
        if i == 0 and args.dropout:
            model.add(L.Dropout(args.dropout))
    model.add(L.Linear(10))
    rule, rate = OPTIMIZERS[args.optimizer]
    optimizer = rule(lr=rate if args.lr is None else args.lr)
    model.compile(optimizer, "softmax_cross_entropy", ["accuracy"])
    return model


def callbacks(args: argparse.Namespace) -> list:
    """Return what happens between epochs: logs, checkpoints, and stopping early if asked for."""
    chosen = [
        # A seed for each epoch: a resumed run draws what an uninterrupted one would have drawn.
        LambdaCallback(on_epoch_begin=lambda epoch, logs: dezero.seed([args.seed, epoch])),
        CSVLogger(args.out / "history.csv", append=args.resume),
        ModelCheckpoint(args.out / "model.dz"),
    ]
    if args.early_stopping is not None:
        figure = "val_loss" if args.validation_split else "loss"
        chosen.append(
            EarlyStopping(
                figure, patience=args.early_stopping, verbose=1, restore_best_weights=True
            )
        )
    return chosen


def draw(model: Sequential, test: tuple, guesses: np.ndarray, out: Path, note: str) -> None:
    """Write history.png, predictions.png and confusion.png."""
    x, t = test
    names = list(FashionMNIST.labels().values())
    plot_history(model.history, out / "history.png", title=f"Fashion-MNIST{note}")
    mistakes = np.flatnonzero(guesses != t)
    shown = np.concatenate([np.arange(24), mistakes[mistakes >= 24][:16]])
    plot_predictions(
        x[shown].reshape(-1, 28, 28),
        guesses[shown],
        t[shown],
        out / "predictions.png",
        names=names,
        title=f"The first 24 test images, and the first mistakes after them{note}",
    )
    confusion = ConfusionMatrix(10)
    confusion.update(guesses, t)
    plot_confusion(
        confusion.result(), out / "confusion.png", names=names, title=f"Test images{note}"
    )


def main() -> None:
    """Train, test, and write the results."""
    args = parse_arguments()
    dezero.seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    train, test, synthetic = load_data(args.data)
    note = " (synthetic)" if synthetic else ""
    done = 0
    if args.resume:
        model = load_model(args.out / "model.dz")
        done = len(model.history.epoch)
    else:
        model = build_model(args)
        model.build((784,))
    if args.device == "gpu":
        model.to_gpu()
    model.summary((784,))
    start = time.perf_counter()
    history = model.fit(
        *train,
        batch_size=args.batch_size,
        epochs=args.epochs,
        initial_epoch=done,
        validation_split=args.validation_split,
        callbacks=callbacks(args),
    )
    seconds = time.perf_counter() - start
    loss, accuracy = model.evaluate(*test, verbose=0)
    print(f"test accuracy {accuracy:.4f}, loss {loss:.4f}{note}")
    if history.seconds:
        print(f"{np.median(history.seconds):.2f} s per epoch (median), {seconds:.1f} s in all")
    model.save(args.out / "model.dz")
    guesses = model.predict(test[0]).argmax(axis=1)
    if not args.no_plots and history.epoch:
        draw(model, test, guesses, args.out, note)
    print(f"results{note} are in {args.out}")


if __name__ == "__main__":
    main()

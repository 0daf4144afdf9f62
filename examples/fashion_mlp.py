"""Train a multi-layer perceptron on Fashion-MNIST with compile, fit, evaluate and predict.

    python examples/fashion_mlp.py
    python examples/fashion_mlp.py --hidden 256,128 --dropout 0.3 --batch-size 128 --epochs 10

Without the data and without a network it goes on with drawn garments and says so.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from devices import add_device, place

import dezero
import dezero.layers as L
from dezero import optimizers
from dezero.datasets import DataNotFound, FashionMNIST, SyntheticFashion, load_fashion
from dezero.inspection import plot_confusion, plot_predictions
from dezero.metrics import Accuracy, ConfusionMatrix
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


def widths(text: str) -> list[int]:
    """Read "256,128"."""
    return [int(width) for width in text.split(",")]


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=5, help="how often the training data is seen")
    add("--batch-size", type=int, default=32, help="images per update")
    add("--hidden", type=widths, default="128", help="widths of hidden layers, such as 256,128")
    add("--dropout", type=float, default=0.0, help="share dropped after the first hidden layer")
    add("--optimizer", choices=sorted(OPTIMIZERS), default="adam", help="update rule")
    add("--lr", type=float, help="learning rate; by default one that suits the optimizer")
    add("--activation", choices=("relu", "sigmoid"), default="relu", help="of the hidden layers")
    add("--validation-split", type=float, default=0.0, help="share of the training data")
    add("--early-stopping", type=int, metavar="PATIENCE", help="epochs to wait for a better one")
    add_device(parser)
    add("--data", default="auto", help="auto, real, synthetic, or a folder with the idx files")
    add("--seed", type=int, default=0, help="of weights, order and dropout")
    add("--out", type=Path, default=Path("runs/fashion_mlp"), help="folder for results")
    add("--resume", action="store_true", help="go on with the model in the folder")
    add("--no-plots", action="store_true", help="write no pictures")
    add("--quick", action="store_true", help="a few seconds on drawn garments, to try it out")
    args = parser.parse_args()
    if args.quick:
        args.data, args.epochs = "synthetic", 1
    if args.early_stopping is not None and not args.validation_split:
        print("Early stopping needs validation: a tenth of the training data is kept for it.")
        args.validation_split = 0.1
    return args


def load_data(where: str, size: int | None) -> tuple:
    """Return ((x, t) for training, (x, t) for testing, whether the data is synthetic)."""
    try:
        train, test = load_fashion(where, size=size)
    except (DataNotFound, ValueError) as error:
        raise SystemExit(str(error)) from None
    return train[:], test[:], isinstance(train, SyntheticFashion)


def build_model(args: argparse.Namespace, accuracy: str) -> Sequential:
    """Return the network that the options describe, compiled."""
    model = Sequential(name="fashion_mlp")
    for i, width in enumerate(args.hidden):
        model.add(L.Linear(width))
        model.add(L.Activation(args.activation))
        if i == 0 and args.dropout:
            model.add(L.Dropout(args.dropout))
    model.add(L.Linear(10))
    rule, rate = OPTIMIZERS[args.optimizer]
    optimizer = rule(lr=rate if args.lr is None else args.lr)
    model.compile(optimizer, "softmax_cross_entropy", [Accuracy(accuracy)])
    model.build((784,))
    return model


def resumed_model(out: Path, accuracy: str) -> Sequential:
    """Return the model of an earlier run with its optimizer and history."""
    try:
        model = load_model(out / "model.dz")
    except FileNotFoundError:
        raise SystemExit(f"--resume: there is no {out / 'model.dz'} yet. Leave it out.") from None
    if accuracy not in model.compiled.names:
        raise SystemExit(
            f"--resume: the model in {out} was trained on other data, as its figures "
            f"{model.compiled.names} say. Choose the same --data, or another --out."
        )
    done = len(model.history.epoch)
    print(f"Going on after epoch {done}: network, optimizer and rate are those of the file.")
    log = out / "history.csv"
    if log.exists():  # a run that was killed may have logged an epoch that it did not save
        lines = log.read_text().splitlines(keepends=True)
        log.write_text("".join(lines[: done + 1]))
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
        chosen.append(
            EarlyStopping(patience=args.early_stopping, verbose=1, restore_best_weights=True)
        )
    return chosen


def draw(model: Sequential, test: tuple, args: argparse.Namespace, note: str) -> None:
    """Write history.png, predictions.png and confusion.png."""
    x, t = test
    names = list(FashionMNIST.labels().values())
    if model.history.epoch:
        plot_history(
            model.history,
            args.out / "history.png",
            title="Drawn garments (synthetic)" if note else "Fashion-MNIST",
            labels=("training", "validation" if args.validation_split else "test"),
        )
    guesses = model.predict(x, batch_size=1000).argmax(axis=1)
    mistakes = np.flatnonzero(guesses != t)
    shown = np.concatenate([np.arange(24), mistakes[mistakes >= 24][:16]])
    plot_predictions(
        x[shown].reshape(-1, 28, 28),
        guesses[shown],
        t[shown],
        args.out / "predictions.png",
        names=names,
        title=f"The first 24 test images, then the first mistakes after them{note}",
    )
    confusion = ConfusionMatrix(10)
    confusion.update(guesses, t)
    title = f"{len(t):,} test images{note}"
    plot_confusion(confusion.result(), args.out / "confusion.png", names=names, title=title)


def main() -> None:
    """Train, test, and write the results."""
    args = parse_arguments()
    dezero.seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    train, test, synthetic = load_data(args.data, 6000 if args.quick else None)
    note = " (synthetic)" if synthetic else ""
    # The name of the figure goes into every line, log and picture.
    accuracy = "synthetic_accuracy" if synthetic else "accuracy"
    model = resumed_model(args.out, accuracy) if args.resume else build_model(args, accuracy)
    place(args.device, model)
    model.summary((784,))
    kept = {"validation_split": args.validation_split} if args.validation_split else {}
    print(
        "Figures that start with val_ are of", "images kept apart." if kept else "the test images."
    )
    start = time.perf_counter()
    history = model.fit(
        *train,
        batch_size=args.batch_size,
        epochs=args.epochs,
        initial_epoch=len(model.history.epoch) if args.resume else 0,
        callbacks=callbacks(args),
        **(kept or {"validation_data": test}),
    )
    seconds = time.perf_counter() - start
    figures = model.evaluate(*test, batch_size=1000, verbose=0, return_dict=True)
    print(f"test accuracy {figures[accuracy]:.4f}, loss {figures['loss']:.4f}{note}")
    if history.seconds:
        print(f"{np.median(history.seconds):.2f} s per epoch (median), {seconds:.1f} s in all")
    model.save(args.out / "model.dz")
    if not args.no_plots:
        draw(model, test, args, note)
    print(f"results{note} are in {args.out}")


if __name__ == "__main__":
    main()

"""Train a convolutional network on Fashion-MNIST with compile, fit, evaluate and predict.

    python examples/mnist_cnn.py
    python examples/mnist_cnn.py --epochs 10 --dropout 0.5

The layout is that of LeCun et al. 1998, "Gradient-based learning applied to document
recognition": two convolutions, each followed by pooling, then two linear layers; with relu,
maxima, dropout and Adam in the places of what was usual then.
"""

import argparse
from pathlib import Path

import numpy as np
from devices import add_device, place

import dezero
import dezero.layers as L
from dezero.datasets import load_fashion
from dezero.datasets.images import ImageDataset
from dezero.inspection import plot_confusion, plot_panels, plot_predictions
from dezero.metrics import ConfusionMatrix
from dezero.models import Sequential
from dezero.training import plot_history
from dezero.transforms import Normalize


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=5, help="how often the training data is seen")
    add("--batch-size", type=int, default=64, help="images per update")
    add("--dropout", type=float, default=0.3, help="share dropped before the last layer")
    add_device(parser)
    add("--data", choices=("auto", "synthetic"), default="auto", help="real if found, or drawn")
    add("--seed", type=int, default=0, help="of weights, order and dropout")
    add("--out", type=Path, default=Path("runs/mnist_cnn"), help="folder for results")
    add("--quick", action="store_true", help="a few seconds on drawn garments, to try it out")
    return parser.parse_args()


def build_model(dropout: float) -> Sequential:
    """Return the network, compiled."""
    model = Sequential(
        L.Conv2d(32, 3, pad="same", activation="relu"),  # (N, 32, 28, 28)
        L.MaxPool2d(2),  # (N, 32, 14, 14)
        L.Conv2d(64, 3, pad="same", activation="relu"),  # (N, 64, 14, 14)
        L.MaxPool2d(2),  # (N, 64, 7, 7)
        L.Flatten(),
        L.Linear(128, activation="relu"),
        L.Dropout(dropout),
        L.Linear(10),
        name="mnist_cnn",
    )
    model.compile(optimizer="adam", loss="softmax_cross_entropy", metrics=["accuracy"])
    model.build((1, 28, 28))
    return model


def draw(model: Sequential, test_set: ImageDataset, out: Path) -> None:
    """Write the training curves, predictions, confusions, and what the first layer sees."""
    (x, t), names, title = test_set[:], list(test_set.classes), test_set.title
    plot_history(model.history, out / "history.png", title=title, labels=("training", "test"))
    guesses = model.predict(x, batch_size=1000).argmax(axis=1)
    mistakes = np.flatnonzero(guesses != t)
    shown = np.concatenate([np.arange(16), mistakes[mistakes >= 16][:16]])
    plot_predictions(
        x[shown],
        guesses[shown],
        t[shown],
        out / "predictions.png",
        names=names,
        title=f"The first 16 test images, then the first mistakes after them: {title}",
    )
    confusion = ConfusionMatrix(10)
    confusion.update(guesses, t)
    head = f"{len(t):,} test images: {title}"
    plot_confusion(confusion.result(), out / "confusion.png", names=names, title=head)
    kernels = model[0].W.data  # (32, 1, 3, 3)
    with dezero.no_grad(), dezero.test_mode():
        maps = model[0](x[:1]).data[0]  # (32, 28, 28)
    panels = {
        "a test image": x[:1].repeat(4, axis=2).repeat(4, axis=3),
        "the kernels of the first layer": (kernels / abs(kernels).max() / 2 + 0.5).repeat(
            9, axis=2).repeat(9, axis=3),
        "and what each makes of the image": maps / maps.max(),
    }  # fmt: skip
    plot_panels(panels, out / "first_layer.png", scale=2, invert=True, title=title)


def main() -> None:
    """Train, test, and draw."""
    args = parse_arguments()
    dezero.seed(args.seed)
    where, size = ("synthetic", 3000) if args.quick else (args.data, None)
    train_set, test_set = load_fashion(where, Normalize(0.0, 255.0), size=size)
    test = test_set[:]
    model = build_model(args.dropout)
    place(args.device, model)
    model.summary((1, 28, 28))
    epochs = 1 if args.quick else args.epochs
    history = model.fit(
        *train_set[:], batch_size=args.batch_size, epochs=epochs, validation_data=test
    )
    loss, accuracy = model.evaluate(*test, batch_size=1000, verbose=0)
    seconds = np.median(history.seconds)
    print(f"{test_set.title}: test accuracy {accuracy:.4f}, loss {loss:.4f}")
    print(f"{seconds:.1f} s per epoch (median)")
    args.out.mkdir(parents=True, exist_ok=True)
    model.save(args.out / "model.dz")
    model.to_cpu()  # what is drawn
    draw(model, test_set, args.out)
    print(f"model and pictures are in {args.out}")


if __name__ == "__main__":
    main()

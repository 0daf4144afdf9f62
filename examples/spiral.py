"""Tell three interleaved spiral arms apart with a small network, and draw where it says which.

    python examples/spiral.py
    python examples/spiral.py --hidden 30,30 --optimizer adam --lr 0.02

The smallest task that no straight line can solve: two coordinates, three classes, 300 points.
"""

import argparse
from pathlib import Path

import numpy as np
from devices import add_device, place
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

import dezero
import dezero.functions as F
from dezero import DataLoader, optimizers
from dezero.datasets import Spiral
from dezero.io import ProgressBar
from dezero.models import MLP

COLOURS = ListedColormap(["#e69f00", "#0072b2", "#009e73"])


def widths(text: str) -> list[int]:
    """Read "30,30"."""
    return [int(width) for width in text.split(",")]


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=300, help="how often the training data is seen")
    add("--batch-size", type=int, default=30, help="points per update")
    add("--hidden", type=widths, default="10", help="widths of hidden layers, such as 30,30")
    add("--optimizer", choices=("sgd", "adam"), default="sgd", help="update rule")
    add("--lr", type=float, default=1.0, help="learning rate")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights and order")
    add("--quick", action="store_true", help="20 epochs")
    add("--out", type=Path, default=Path("runs/spiral"), help="folder for the picture")
    return parser.parse_args()


def train(model: MLP, args: argparse.Namespace) -> dict[str, list[float]]:
    """Fit the model to the training points; return losses and accuracies, epoch by epoch."""
    rule = optimizers.SGD if args.optimizer == "sgd" else optimizers.Adam
    optimizer = rule(args.lr).setup(model)
    loader = DataLoader(Spiral(train=True), args.batch_size)
    place(args.device, model, loader)
    epochs = min(args.epochs, 20) if args.quick else args.epochs
    history: dict[str, list[float]] = {"loss": [], "accuracy": []}
    with ProgressBar(epochs, label="training", unit="epoch") as bar:
        for _ in range(epochs):
            loss_sum = hits = 0.0
            for x, t in loader:
                y = model(x)
                loss = F.softmax_cross_entropy(y, t)
                model.cleargrads()
                loss.backward()
                optimizer.update()
                loss_sum += float(loss) * len(t)
                hits += float(F.accuracy(y, t)) * len(t)
            history["loss"].append(loss_sum / len(loader.dataset))
            history["accuracy"].append(hits / len(loader.dataset))
            bar.update(1, lambda: {name: values[-1] for name, values in history.items()})
    return history


def classes(model: MLP, x: np.ndarray) -> np.ndarray:
    """Return the class that the model gives to each row of x."""
    return model.predict(x, batch_size=1000).argmax(axis=1)


def draw(model: MLP, history: dict, test: Spiral, accuracy: float, path: Path) -> None:
    """Write the regions of the classes with the test points in them, and the training curves."""
    figure = Figure(figsize=(10, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    side = np.linspace(-1.1, 1.1, 300, dtype=np.float32)
    x, y = np.meshgrid(side, side)
    regions = classes(model, np.stack([x.ravel(), y.ravel()], axis=1)).reshape(x.shape)
    look = {"cmap": COLOURS, "vmin": 0, "vmax": 2}
    left.pcolormesh(x, y, regions, alpha=0.35, rasterized=True, **look)
    left.scatter(*test.data.T, c=test.label, s=14, edgecolor="white", linewidth=0.5, **look)
    ticks = [-1, -0.5, 0, 0.5, 1]
    left.set(aspect="equal", xticks=ticks, yticks=ticks)
    left.set_title(f"test points, {accuracy:.1%} right")
    for name, values in history.items():
        right.plot(range(1, len(values) + 1), values, label=name)
    right.set(xlabel="epoch", title="training", ylim=(0, None))
    right.grid(alpha=0.3)
    right.legend()
    figure.savefig(path, dpi=120)


def main() -> None:
    """Train, test, draw."""
    args = parse_arguments()
    dezero.seed(args.seed)
    model = MLP((*args.hidden, 3))
    history = train(model, args)
    test = Spiral(train=False)
    accuracy = float((classes(model, test.data) == test.label).mean())
    print(f"training loss {history['loss'][-1]:.4f}, accuracy {history['accuracy'][-1]:.4f}")
    print(f"test accuracy {accuracy:.4f}")
    args.out.mkdir(parents=True, exist_ok=True)
    draw(model, history, test, accuracy, args.out / "regions.png")
    print(f"the picture is {args.out / 'regions.png'}")


if __name__ == "__main__":
    main()

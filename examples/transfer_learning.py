"""Learn some garments from many pictures, then others from few, with what was learnt before.

    python examples/transfer_learning.py
    python examples/transfer_learning.py --weights vgg16.npz

A small network learns to tell five classes of Fashion-MNIST apart. Its last layer is then taken
off, the rest frozen, and a new last layer learns the other five classes from a few pictures of
each. The same network, trained from scratch on the same few pictures, shows what that is worth.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import cuda, optimizers
from dezero.backend.random import default_rng
from dezero.datasets import load_fashion
from dezero.inspection import plot_curves
from dezero.io import ProgressBar
from dezero.models import Sequential
from dezero.transforms import Normalize

SOURCE = (0, 1, 3, 7, 8)  # T-shirt/top, Trouser, Dress, Sneaker, Bag
TARGET = (2, 4, 5, 6, 9)  # Pullover, Coat, Sandal, Shirt, Ankle boot


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=4, help="how long the first task is learnt")
    add("--draws", type=int, default=3, help="how often the few pictures are drawn anew")
    add("--weights", type=Path, help="file with VGG16's weights, to compare its features as well")
    add("--data", choices=("auto", "synthetic"), default="auto", help="real if found, or drawn")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights, order and choice of pictures")
    add("--out", type=Path, default=Path("runs/transfer_learning"), help="folder for results")
    add("--quick", action="store_true", help="a few seconds on drawn garments, to try it out")
    return parser.parse_args()


def build_features() -> Sequential:
    """Return the network without its last layer."""
    return Sequential(
        L.Conv2d(32, 3, pad=1, activation="relu"),
        L.MaxPool2d(2),
        L.Conv2d(64, 3, pad=1, activation="relu"),
        L.MaxPool2d(2),
        L.Flatten(),
    )


def part(dataset, classes: tuple) -> tuple[np.ndarray, np.ndarray]:
    """Return the pictures of some classes, and labels that count from 0."""
    x, t = dataset[np.isin(dataset.label, classes)]
    return x, np.searchsorted(classes, t)


def few(t: np.ndarray, count: int) -> np.ndarray:
    """Return the places of `count` pictures of each class, drawn by chance."""
    rng = default_rng()
    return np.concatenate([rng.choice(np.flatnonzero(t == k), count, False) for k in np.unique(t)])


def learn(model: Sequential, x: Any, t: Any, updates: int) -> None:
    """Train on a few pictures, always with the same number of updates."""
    optimizer, xp = optimizers.Adam().setup(model), cuda.get_array_module(x)
    for _ in range(updates):
        batch = xp.asarray(default_rng().permutation(len(x))[:32])
        loss = F.softmax_cross_entropy(model(x[batch]), t[batch])
        model.cleargrads()
        loss.backward()
        optimizer.update()


def accuracy(model: Sequential, x: np.ndarray, t: np.ndarray) -> float:
    """Return the share of pictures that are told right."""
    return float(np.mean(model.predict(x, batch_size=500).argmax(axis=1) == t))


def vgg16_features(path: Path, x: np.ndarray, device: str) -> np.ndarray:
    """Return what VGG16 makes of grey pictures before its linear layers, (N, 512)."""
    from dezero.models import VGG16

    model = VGG16(pretrained=path, features=True)
    model.trainable = False
    there, rows = place(device, model), []
    for start in range(0, len(x), 50):
        grey = F.upsample(x[start : start + 50] * 255, size=(32, 32), mode="bilinear").data
        colour = np.stack([model.preprocess(
            picture[0].round().astype(np.uint8), size=(32, 32)) for picture in grey])  # fmt: skip
        rows.append(cuda.as_numpy(F.flatten(model(there(colour)))))
    return np.concatenate(rows)


def compare(
    ways: dict, t: np.ndarray, test_t: np.ndarray, args: argparse.Namespace, title: str
) -> None:
    """Learn the second task in every way from few and from more pictures, print and draw."""
    counts = (2, 5) if args.quick else (1, 2, 5, 10, 20, 50, 100)
    updates, draws = (20, 1) if args.quick else (200, args.draws)
    results = {name: np.zeros((len(counts), draws)) for name in ways}
    with ProgressBar(results["from scratch"].size, label="second task", unit="draw") as bar:
        for i, count in enumerate(counts):
            for draw in range(draws):
                chosen = few(t, count)
                for name, (known, unknown) in ways.items():
                    net = Sequential(L.Linear(len(TARGET)))
                    if name == "from scratch":
                        net = Sequential(build_features(), L.Linear(len(TARGET)))
                    there = place(args.device, net)
                    learn(net, there(known[chosen]), there(t[chosen]), updates)
                    results[name][i, draw] = accuracy(net, unknown, test_t)
                bar.update()
    print("pictures per class" + "".join(f"{count:8}" for count in counts))
    for name, table in results.items():
        print(name.rjust(32) + "".join(f"{mean:8.3f}" for mean in table.mean(axis=1)))
    args.out.mkdir(parents=True, exist_ok=True)
    plot_curves(
        {name: (counts, r.mean(axis=1), r.std(axis=1)) for name, r in results.items()},
        args.out / "accuracy.png",
        xlabel="pictures per class",
        ylabel="test accuracy",
        title=f"{title}: five new classes from few pictures",
        log="x",
    )
    print(f"the picture is {args.out / 'accuracy.png'}")


def main() -> None:
    """Learn the first task, then the second in several ways, and compare."""
    args = parse_arguments()
    dezero.seed(args.seed)
    where, size = ("synthetic", 3000) if args.quick else (args.data, None)
    train, test = load_fashion(where, Normalize(0.0, 255.0), size=size)
    features = build_features()
    model = Sequential(features, L.Linear(len(SOURCE)))
    place(args.device, model)
    model.compile(optimizer="adam", loss="softmax_cross_entropy", metrics=["accuracy"])
    model.fit(*part(train, SOURCE), batch_size=64, epochs=1 if args.quick else args.epochs)
    _, right = model.evaluate(*part(test, SOURCE), batch_size=500, verbose=0)
    print(f"{test.title}, first five classes: test accuracy {right:.4f}")

    features.trainable = False
    (x, t), (test_x, test_t) = part(train, TARGET), part(test, TARGET)
    # Frozen features do not change: it is enough to compute them once.
    ways = {"features learnt before, frozen": (features.predict(x), features.predict(test_x))}
    if args.weights is not None:
        ways["features of VGG16, frozen"] = tuple(
            vgg16_features(args.weights, pictures, args.device) for pictures in (x, test_x)
        )
    ways["from scratch"] = (x, test_x)
    compare(ways, t, test_t, args, test.title)


if __name__ == "__main__":
    main()

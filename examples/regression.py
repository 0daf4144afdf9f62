"""Fit a line to points that lie near one, and a small network to points that lie near a sine.

    python examples/regression.py
    python examples/regression.py --points 500 --noise 0.3 --hidden 20

The line is fitted with bare Variables and the rule x -= lr * gradient; the network with layers and
an optimizer, which do the same.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place
from matplotlib.figure import Figure

import dezero
import dezero.functions as F
from dezero import Variable, cuda
from dezero.io import ProgressBar
from dezero.models import MLP
from dezero.optimizers import SGD


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--points", type=int, default=100, help="to fit")
    add("--noise", type=float, default=0.15, help="how far points are off, standard deviation")
    add("--hidden", type=int, default=10, help="units of the network")
    add("--steps", type=int, default=20_000, help="updates of the network")
    add("--lr", type=float, default=0.1, help="rate of the network")
    add_device(parser)
    add("--seed", type=int, default=0, help="of points and weights")
    add("--quick", action="store_true", help="500 updates")
    add("--out", type=Path, default=Path("runs/regression"), help="folder for the picture")
    return parser.parse_args()


def fit_line(x: Any, t: Any, steps: int = 300, lr: float = 0.1) -> tuple:
    """Return slope and height of the line nearest to the points in squares, by gradient descent."""
    xp = cuda.get_array_module(x)
    W, b = Variable(xp.zeros((1, 1)), "W"), Variable(xp.zeros(1), "b")
    for _ in range(steps):
        loss = F.mean_squared_error(F.matmul(x, W) + b, t)
        W.cleargrad()
        b.cleargrad()
        loss.backward()
        W.data -= lr * W.grad.data
        b.data -= lr * b.grad.data
    return W.item(), b.item()


def fit_network(x: Any, t: Any, args: argparse.Namespace) -> tuple[MLP, list[float]]:
    """Return a network of one hidden layer fitted to the points, and the losses on the way."""
    steps = min(args.steps, 500) if args.quick else args.steps
    model = MLP((args.hidden, 1))
    place(args.device, model)
    optimizer = SGD(args.lr).setup(model)
    losses = []
    with ProgressBar(steps, label="network") as bar:
        for _ in range(steps):
            loss = F.mean_squared_error(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
            losses.append(loss.item())
            bar.update(1, lambda: {"loss": losses[-1]})
    return model, losses


def draw(panels: list[tuple], losses: list[float], path: Path) -> None:
    """Write points and fits, and how the loss of the network fell."""
    figure = Figure(figsize=(13, 4), layout="constrained")
    *axes, last = figure.subplots(1, 3)
    for pane, (title, x, t, grid, fit, truth) in zip(axes, panels, strict=True):
        pane.plot(x, t, "o", ms=4, alpha=0.5, label="points")
        pane.plot(grid, truth, "--", color="gray", label="without noise")
        pane.plot(grid, fit, color="crimson", label="fit")
        pane.set_title(title)
        pane.legend()
    last.plot(losses)
    last.set(xlabel="update", title="mean squared error of the network", xscale="log", yscale="log")
    last.grid(alpha=0.3)
    figure.savefig(path, dpi=120)


def main() -> None:
    """Make points, fit, draw."""
    args = parse_arguments()
    dezero.seed(args.seed)
    rng = np.random.default_rng(args.seed)
    x, grid = rng.random((args.points, 1)), np.linspace(0, 1, 200)[:, None]
    near_line = 5 + 2 * x + args.noise * rng.standard_normal(x.shape)
    there = place(args.device)
    slope, height = fit_line(there(x), there(near_line))
    print(f"line: y = {slope:.3f} x + {height:.3f}, the points were made with 2 x + 5")
    near_sine = np.sin(2 * np.pi * x) + args.noise * rng.standard_normal(x.shape)
    model, losses = fit_network(there(x), there(near_sine), args)
    fit, truth = model.predict(grid), np.sin(2 * np.pi * grid)
    print(f"network: loss {losses[-1]:.4f}, the noise alone has {args.noise**2:.4f}")
    print(f"         at most {np.abs(fit - truth).max():.3f} off the sine between 0 and 1")
    args.out.mkdir(parents=True, exist_ok=True)
    line = ("a line", x, near_line, grid, slope * grid + height, 5 + 2 * grid)
    sine = ("a sine", x, near_sine, grid, fit, truth)
    draw([line, sine], losses, args.out / "fits.png")
    print(f"the picture is {args.out / 'fits.png'}")


if __name__ == "__main__":
    main()

"""Look for minima by gradient descent and by Newton's method, with derivatives of any order.

    python examples/newton.py
    python examples/newton.py --start -1.5 2 --steps 20000 --lr 0.002

First a quartic in one variable, whose second derivative comes from differentiating the first; then
Rosenbrock's curved valley in two, where Newton's method takes the matrix of all second derivatives.
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from dezero import Variable
from dezero.autograd import grad, hessian
from dezero.io import ProgressBar


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add(
        "--start", type=float, nargs=2, default=(0.0, 2.0), metavar=("X", "Y"), help="in the valley"
    )
    add("--lr", type=float, default=0.001, help="rate of gradient descent in the valley")
    add("--steps", type=int, default=20_000, help="of gradient descent, at most")
    add("--quick", action="store_true", help="500 steps of gradient descent")
    add("--out", type=Path, default=Path("runs/newton"), help="folder for the picture")
    return parser.parse_args()


def quartic(x):
    """Two valleys, at -1 and 1, and a hill between them."""
    return x**4 - 2 * x**2


def rosenbrock(p):
    """A curved valley with its lowest point, 0, at (1, 1)."""
    x, y = p[0], p[1]
    return 100 * (y - x**2) ** 2 + (x - 1) ** 2


def descend_quartic(start: float, newton: bool, lr: float = 0.01) -> list[float]:
    """Return the points on the way from `start` until the slope has gone."""
    x, path = Variable(np.array(start)), [start]
    while len(path) < 1000:
        x.cleargrad()
        quartic(x).backward(create_graph=True)
        slope = x.grad
        if abs(slope.item()) < 1e-9:
            break
        x.cleargrad()
        slope.backward()
        x.data = x.data - (slope.data / x.grad.data if newton else lr * slope.data)
        path.append(x.item())
    return path


def slope_at(p: np.ndarray) -> np.ndarray:
    """Return the gradient of rosenbrock."""
    x = Variable(p)
    return grad(rosenbrock(x), x).data


def descend_valley(start: np.ndarray, steps: int, lr: float) -> np.ndarray:
    """Return the points of gradient descent, until it is within 0.001 of the minimum."""
    path = [start]
    with (
        np.errstate(over="ignore", invalid="ignore"),
        ProgressBar(steps, label="gradient descent") as bar,
    ):
        while len(path) <= steps and np.abs(path[-1] - 1).max() > 1e-3:
            path.append(path[-1] - lr * slope_at(path[-1]))
            bar.update(1, lambda: {"f": float(rosenbrock(path[-1]))})
            if not np.isfinite(path[-1]).all():
                raise SystemExit(f"--lr {lr}: too large, the steps leave the valley for good.")
    return np.array(path)


def newton_valley(start: np.ndarray, most: int = 100) -> np.ndarray:
    """Return the points of Newton's method, which solves for where the slope should be gone."""
    path = [start]
    while len(path) <= most and np.abs(path[-1] - 1).max() > 1e-9:
        matrix = hessian(rosenbrock, path[-1]).data
        path.append(path[-1] - np.linalg.solve(matrix, slope_at(path[-1])))
    return np.array(path)


def draw(quartic_paths: dict, valley_paths: dict, path: Path) -> None:
    """Write a picture of all paths."""
    figure = Figure(figsize=(11, 4.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    x = np.linspace(-1.7, 2.1, 200)
    left.plot(x, quartic(x), color="gray")
    left.set_title("x^4 - 2 x^2")
    for mark, (name, points) in zip(("o", "X"), quartic_paths.items(), strict=True):
        label = f"{name}: {len(points) - 1} steps"
        left.plot(points, [quartic(p) for p in points], mark, ms=5, alpha=0.7, label=label)
    everything = np.concatenate(list(valley_paths.values()))
    low, high = everything.min(axis=0) - 0.5, everything.max(axis=0) + 0.5
    x, y = np.meshgrid(*(np.linspace(a, b, 300) for a, b in zip(low, high, strict=True)))
    levels = np.logspace(-1, 4, 16)
    right.contour(x, y, rosenbrock(np.stack([x, y])), levels, colors="silver", linewidths=0.8)
    right.set_title("Rosenbrock's valley")
    for style, (name, points) in zip((".-", "X-"), valley_paths.items(), strict=True):
        right.plot(*points.T, style, ms=4, lw=1, label=f"{name}: {len(points) - 1} steps")
    right.plot(1, 1, "*", ms=14, color="crimson", label="minimum")
    left.legend()
    right.legend(loc="upper right")
    figure.savefig(path, dpi=120)


def main() -> None:
    """Search, compare, draw."""
    args = parse_arguments()
    steps = min(args.steps, 500) if args.quick else args.steps
    print("quartic, from x = 2:")
    kinds = {"gradient descent": False, "Newton": True}
    quartic_paths = {name: descend_quartic(2.0, newton) for name, newton in kinds.items()}
    for name, points in quartic_paths.items():
        print(f"  {name:16} {len(points) - 1:6} steps to x = {points[-1]:.9f}")
    print(f"Rosenbrock, from {tuple(args.start)}:")
    start = np.array(args.start)
    valley_paths = {
        "gradient descent": descend_valley(start, steps, args.lr),
        "Newton": newton_valley(start),
    }
    for name, points in valley_paths.items():
        print(f"  {name:16} {len(points) - 1:6} steps to {points[-1].round(6).tolist()}")
    args.out.mkdir(parents=True, exist_ok=True)
    draw(quartic_paths, valley_paths, args.out / "paths.png")
    print(f"the picture is {args.out / 'paths.png'}")


if __name__ == "__main__":
    main()

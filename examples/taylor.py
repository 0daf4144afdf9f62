"""Add up the Taylor series of sin until its terms no longer matter, and draw the sum as a graph.

    python examples/taylor.py
    python examples/taylor.py --x 3 --threshold 1e-8

A loop whose length depends on the numbers is an ordinary Python loop here: the graph is whatever
was computed, and its gradient is the series of cos.
"""

import argparse
from math import factorial
from pathlib import Path

import numpy as np

from dezero import Variable
from dezero.inspection import plot_curves, plot_dot_graph


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--x", type=float, default=np.pi / 4, help="where")
    add("--threshold", type=float, default=1e-4, help="size of the first term that is left out")
    add("--quick", action="store_true", help="stop at terms below 0.1")
    add("--out", type=Path, default=Path("runs/taylor"), help="folder for pictures")
    args = parser.parse_args()
    if not args.threshold > 0:
        parser.error(f"argument --threshold: expected more than 0, got {args.threshold}")
    return args


def sin_series(x: Variable, threshold: float, most: int = 100_000) -> tuple[Variable, int]:
    """Return sum of (-1)^i x^(2i+1) / (2i+1)! over terms of at least `threshold`, and how many."""
    total: Variable | float = 0.0
    for i in range(most):
        # Whole numbers of any size are divided first: 171! is more than a float holds.
        term = x ** (2 * i + 1) * ((-1) ** i / factorial(2 * i + 1))
        total = total + term
        if np.abs(term.data).max() < threshold:
            return total, i + 1
    raise SystemExit(f"--threshold {threshold}: not reached after {most} terms.")


def partial_sums(points: np.ndarray, counts: tuple[int, ...]) -> dict:
    """Return curves of sin and of its series cut after some numbers of terms."""
    sums = {"sin": (points, np.sin(points))}
    for count in counts:
        terms = [(-1) ** i * points ** (2 * i + 1) / factorial(2 * i + 1) for i in range(count)]
        y = np.sum(terms, axis=0)
        y[np.abs(y) > 2] = np.nan
        sums["1 term" if count == 1 else f"{count} terms"] = (points, y)
    return sums


def main() -> None:
    """Sum up, differentiate, draw."""
    args = parse_arguments()
    threshold = max(args.threshold, 0.1) if args.quick else args.threshold
    x = Variable(np.array(args.x), "x")
    y, count = sin_series(x, threshold)
    y.backward()
    y.name = "y"
    print(f"sin({args.x:g}) by {count} terms: {y.item():.10f}, NumPy says {np.sin(args.x):.10f}")
    print(f"its gradient:{' ' * 12}{x.grad.item():.10f}, NumPy says {np.cos(args.x):.10f}")
    args.out.mkdir(parents=True, exist_ok=True)
    plot_dot_graph(y, verbose=False, to_file=args.out / "graph.png")
    plot_curves(
        partial_sums(np.linspace(-8, 8, 400), (1, 2, 3, 5, 8)),
        args.out / "sums.png",
        xlabel="x",
        title="The series of sin, cut after some terms",
    )
    print(f"pictures are in {args.out}")


if __name__ == "__main__":
    main()

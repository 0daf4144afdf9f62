"""Differentiate tanh again and again, and draw the graph of the last derivative.

    python examples/tanh_graph.py
    python examples/tanh_graph.py --order 4 --shapes --format svg

Each derivative is itself computed by differentiable functions, so its graph can be drawn like any
other. How quickly it grows is the point of the picture.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.polynomial import Polynomial

import dezero.functions as F
from dezero import Variable
from dezero.inspection import plot_dot_graph


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--order", type=int, default=3, help="how often tanh is differentiated")
    add("--x", type=float, default=1.0, help="where")
    add("--shapes", action="store_true", help="write shapes and dtypes into the graph")
    add("--format", choices=("png", "svg", "pdf", "dot"), default="png", help="of the picture")
    add("--quick", action="store_true", help="stop at the second derivative")
    add("--out", type=Path, default=Path("runs/tanh_graph"), help="folder for the picture")
    args = parser.parse_args()
    if args.order < 0:
        parser.error(f"argument --order: expected 0 or more, got {args.order}")
    return args


def derivatives(x: Variable, order: int) -> list[Variable]:
    """Return tanh(x) and its derivatives up to `order`, each with its graph."""
    found = [F.tanh(x)]
    for n in range(1, order + 1):
        x.cleargrad()
        found[-1].backward(create_graph=True)
        found.append(x.grad)
        found[-1].name = f"gx{n}"
    found[0].name = "y"
    return found


def exact(x: float, order: int) -> list[float]:
    """Return the same numbers by hand: they are polynomials in t = tanh(x), since t' = 1 - t^2."""
    p, values = Polynomial([0.0, 1.0]), []
    for _ in range(order + 1):
        values.append(p(np.tanh(x)))
        p = p.deriv() * Polynomial([1.0, 0.0, -1.0])
    return values


def count_functions(y: Variable) -> int:
    """Return how many function calls y was computed by."""
    seen, waiting = set(), [y]
    while waiting:
        function = waiting.pop().creator
        if function is not None and function not in seen:
            seen.add(function)
            waiting += function.inputs
    return len(seen)


def main() -> None:
    """Differentiate, compare, draw."""
    args = parse_arguments()
    order = min(args.order, 2) if args.quick else args.order
    x = Variable(np.array(args.x), "x")
    print("order  functions  value           error")
    found = derivatives(x, order)
    for n, (y, value) in enumerate(zip(found, exact(args.x, order), strict=True)):
        print(f"{n:5}  {count_functions(y):9}  {y.item():<14.8g}  {abs(y.item() - value):.1e}")
    args.out.mkdir(parents=True, exist_ok=True)
    path = args.out / f"tanh_order_{order}.{args.format}"
    print("Drawing the last one ...")
    start = time.perf_counter()
    picture = plot_dot_graph(found[-1], verbose=args.shapes, to_file=path)
    print(f"{picture} after {time.perf_counter() - start:.1f} s, in {path}")


if __name__ == "__main__":
    main()

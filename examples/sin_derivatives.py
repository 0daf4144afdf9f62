"""Draw sin and its higher derivatives as curves, and the graph that computed the last of them.

    python examples/sin_derivatives.py
    python examples/sin_derivatives.py --function sin_of_square --order 2

The derivatives come from backward(create_graph=True), one after the other; NumPy's sin and cos are
asked only to say how far off they are.
"""

import argparse
from pathlib import Path

import numpy as np

import dezero.functions as F
from dezero import Variable
from dezero.inspection import plot_curves, plot_dot_graph

FUNCTIONS = {
    "sin": F.sin,
    "sin_of_square": lambda x: F.sin(x * x),
    "damped": lambda x: F.exp(-0.2 * x) * F.sin(2 * x),
}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--function", choices=sorted(FUNCTIONS), default="sin", help="what is differentiated")
    add("--order", type=int, default=3, help="how often")
    add("--range", type=float, nargs=2, default=(-7.0, 7.0), metavar=("FROM", "TO"), help="of x")
    add("--points", type=int, default=400, help="on the curves")
    add("--quick", action="store_true", help="two derivatives at 50 points")
    add("--out", type=Path, default=Path("runs/sin_derivatives"), help="folder for pictures")
    args = parser.parse_args()
    if args.order < 0:
        parser.error(f"argument --order: expected 0 or more, got {args.order}")
    return args


def curves(function, points: np.ndarray, order: int) -> list[Variable]:
    """Return the values of the function and of its derivatives at all points at once."""
    x = Variable(points, "x")
    found = [function(x)]
    for _ in range(order):
        x.cleargrad()
        # Every y depends on its own x alone, so the gradient of their sum is dy/dx at each point.
        found[-1].backward(create_graph=True)
        found.append(x.grad)
    for n, y in enumerate(found):
        y.name = "y" + "'" * n
    return found


def main() -> None:
    """Differentiate, compare, draw."""
    args = parse_arguments()
    order, count = (min(args.order, 2), 50) if args.quick else (args.order, args.points)
    points = np.linspace(*args.range, count)
    found = curves(FUNCTIONS[args.function], points, order)
    for n, y in enumerate(found):
        line = f"{y.name:6} between {y.data.min():9.3f} and {y.data.max():9.3f}"
        if args.function == "sin":  # its n-th derivative is itself, n quarters of a turn ahead
            error = np.abs(y.data - np.sin(points + n * np.pi / 2)).max()
            line += f", at most {error:.1e} from NumPy's"
        print(line)
    args.out.mkdir(parents=True, exist_ok=True)
    plot_curves(
        {y.name: (points, y.data) for y in found},
        args.out / "curves.png",
        xlabel="x",
        title=f"{args.function.replace('_', ' ')} and its derivatives",
    )
    picture = plot_dot_graph(found[-1], verbose=False, to_file=args.out / "graph.png")
    print(f"The graph of {found[-1].name} has {len(picture.graph.nodes)} nodes.")
    print(f"pictures are in {args.out}")


if __name__ == "__main__":
    main()

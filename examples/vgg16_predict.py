"""Name what is on a photograph with VGG16, time it, and draw the network as a graph.

    python examples/vgg16_predict.py cat.jpg --weights vgg16.npz
    python examples/vgg16_predict.py cat.jpg --weights vgg16-397923af.pth
    python examples/vgg16_predict.py

The weights may be those of upstream DeZero (.npz) or of torchvision (.pth): Simonyan & Zisserman
2014, "Very deep convolutional networks for large-scale image recognition". Without weights the
numbers are random ones: the layers and the time are shown then, and no names.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place
from drawings import landscape
from PIL import Image

import dezero
import dezero.functions as F
from dezero import cuda
from dezero.datasets import ImageNet
from dezero.inspection import plot_panels
from dezero.io import ProgressBar
from dezero.models import VGG16


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("image", type=Path, nargs="?", help="photograph; by default a drawn landscape")
    add("--weights", type=Path, help="file with VGG16's weights")
    add("--runs", type=int, default=5, help="forward passes to take the median of")
    add_device(parser)
    add("--seed", type=int, default=0, help="of random weights")
    add("--out", type=Path, default=Path("runs/vgg16_predict"), help="folder for pictures")
    add("--quick", action="store_true", help="a sixteenth of the channels, random weights")
    return parser.parse_args()


def timed(model: VGG16, x: Any, runs: int) -> tuple[np.ndarray, float]:
    """Return the scores and the median of the seconds that they take."""
    seconds = []
    with ProgressBar(runs, label="forward", unit="pass") as bar:
        for _ in range(runs):
            start = time.perf_counter()
            scores = cuda.as_numpy(model(x))  # a GPU has finished when they are read
            seconds.append(time.perf_counter() - start)
            bar.update()
    return scores, float(np.median(seconds))


def main() -> None:
    """Predict, time and draw."""
    args = parse_arguments()
    if args.quick:
        args.weights = None
    dezero.seed(args.seed)
    model = VGG16(width=1 / 16) if args.quick else VGG16(pretrained=args.weights or False)
    image = landscape(224) if args.image is None else Image.open(args.image).convert("RGB")
    x = place(args.device, model)(model.preprocess(image)[None])  # (1, 3, 224, 224)
    with dezero.no_grad(), dezero.test_mode():
        model(x)  # the first pass gives weights their shapes, and memory its place
        scores, seconds = timed(model, x, args.runs)
    model.summary(x.shape[1:])
    print(f"{1000 * seconds:.1f} ms for one picture of 224 x 224, median of {args.runs}")
    args.out.mkdir(parents=True, exist_ok=True)
    model.plot(x, to_file=args.out / "vgg16.png")
    caption = "no weights, no names"
    if args.weights is None:
        print("Without --weights the network is random: what it says of a picture means nothing.")
    else:
        chances, names = F.softmax(scores).data[0], ImageNet.labels()
        best = [int(label) for label in chances.argsort()[:-6:-1]]
        for label in best:
            print(f"{chances[label]:6.1%} {names[label]}")
        caption = f"{names[best[0]].split(',')[0]}, {chances[best[0]]:.0%}"
    shown = np.asarray(image.resize((224, 224)))[None]
    plot_panels({caption: shown}, args.out / "picture.png", scale=1)
    print(f"picture.png and vgg16.png, the graph, are in {args.out}")


if __name__ == "__main__":
    main()

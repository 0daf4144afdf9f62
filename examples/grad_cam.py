"""Show where a convolutional network sees what it names: gradient-weighted class activation maps.

    python examples/grad_cam.py
    python examples/grad_cam.py --weights vgg16.npz --image cat.jpg

The gradient of a class's score with respect to the maps of the last convolution, averaged over
the pixels, says how much each map speaks for the class; the maps weighted like that, and what
speaks against it cut off, are the heat map: Selvaraju et al. 2017, "Grad-CAM: visual explanations
from deep networks via gradient-based localization", equations 1 and 2.

Without weights of VGG16 a small network first learns Fashion-MNIST, one garment to a picture. Then
it is shown four garments at once, and the heat of each one's class tells whether it knows where.
"""

import argparse
from pathlib import Path

import numpy as np
from devices import add_device, place

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import cuda
from dezero.backend.random import default_rng
from dezero.datasets import ImageNet, load_fashion
from dezero.inspection import plot_panels
from dezero.models import Sequential
from dezero.transforms import Normalize


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--weights", type=Path, help="file with VGG16's weights; needs --image")
    add("--image", type=Path, help="picture to explain with VGG16")
    add("--epochs", type=int, default=4, help="how long the small network learns")
    add("--data", choices=("auto", "synthetic"), default="auto", help="real if found, or drawn")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights, order and choice of garments")
    add("--out", type=Path, default=Path("runs/grad_cam"), help="folder for results")
    add("--quick", action="store_true", help="a few seconds on drawn garments, to try it out")
    args = parser.parse_args()
    if (args.weights is None) != (args.image is None):
        parser.error("--weights and --image belong together")
    return args


def heat_map(maps: dezero.Variable, scores: dezero.Variable, label: int) -> np.ndarray:
    """Return where `maps` (1, C, H, W) speak for the class `label`, (H, W) from 0 to 1."""
    slopes = dezero.grad(scores[0, label], maps, retain_graph=True)
    weights = F.mean(slopes, axis=(2, 3), keepdims=True)
    heat = cuda.as_numpy(F.relu(F.sum(weights * maps, axis=1)))[0]
    return heat / max(heat.max(), 1e-12)


def overlay(picture: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lay a heat map (h, w) over a picture (1 or 3, H, W) from 0 to 1; return (3, H, W)."""
    from matplotlib import colormaps

    heat = F.upsample(heat[None, None], size=picture.shape[1:], mode="bilinear").data[0, 0]
    glow = colormaps["inferno"](heat)[..., :3].transpose(2, 0, 1)
    return (1 - 0.75 * heat) * picture + 0.75 * heat * glow


def explain_garments(args: argparse.Namespace) -> None:
    """Train the small network, and look where it sees each of four garments."""
    where, size = ("synthetic", 2000) if args.quick else (args.data, None)
    train, test = load_fashion(where, Normalize(0.0, 255.0), size=size)
    features = Sequential(
        L.Conv2d(32, 3, pad=1, activation="relu"),
        L.MaxPool2d(2),
        L.Conv2d(64, 3, pad=1, activation="relu"),
        L.MaxPool2d(2),
        L.Conv2d(128, 3, pad=1, activation="relu"),  # (N, 128, 7, 7), or more of a larger picture
    )
    head = Sequential(L.GlobalAvgPool(), L.Linear(10))
    model = Sequential(features, head)
    there = place(args.device, model)
    model.compile(optimizer="adam", loss="softmax_cross_entropy", metrics=["accuracy"])
    model.fit(*train[:], batch_size=64, epochs=1 if args.quick else args.epochs)
    _, accuracy = model.evaluate(*test[:], batch_size=1000, verbose=0)
    print(f"{test.title}: test accuracy {accuracy:.4f}, one garment to a picture")
    (x, t), rng = test[:], default_rng()
    panels, hits, count = [], 0, 20 if args.quick else 200
    for number in range(count):
        labels = rng.choice(10, 4, replace=False)
        four = np.stack([x[rng.choice(np.flatnonzero(t == label))] for label in labels])
        # (2, 2, 1, 28, 28) becomes one picture (1, 56, 56).
        picture = four.reshape(2, 2, 1, 28, 28).transpose(2, 0, 3, 1, 4).reshape(1, 56, 56)
        maps = features(there(picture[None]))
        scores = head(maps)
        heats = [heat_map(maps, scores, label) for label in labels]
        # In which quarter is the hottest place?
        found = [2 * (i // 14 >= 7) + (i % 14 >= 7) for i in map(np.argmax, heats)]
        hits += sum(np.equal(found, range(4)))
        if number < 3:
            panels.append((f"picture {number + 1}", 1 - picture[None]))
            for label, heat in zip(labels, heats, strict=True):
                panels.append((test.classes[label], overlay(1 - picture, heat)[None]))
    print(f"{hits} of {4 * count} garments are where the heat map of their class is hottest")
    title = f"{test.title}: four garments, and what speaks for each of their classes"
    plot_panels(panels, args.out / "heat.png", across=5, title=title)


def explain_photograph(args: argparse.Namespace) -> None:
    """Look with VGG16 at a photograph: heat maps of the three classes it finds likeliest."""
    from PIL import Image

    from dezero.models import VGG16

    model = VGG16(pretrained=args.weights)
    there = place(args.device, model)
    image = Image.open(args.image).convert("RGB")
    with dezero.test_mode():
        found = model.extract(there(model.preprocess(image)[None]), ["conv5_3", "fc8"])
    chances = cuda.as_numpy(F.softmax(found["fc8"]))[0]
    picture = np.asarray(image.resize((224, 224))).transpose(2, 0, 1) / 255
    panels = {args.image.name: picture[None]}
    for label in chances.argsort()[:-4:-1]:
        name = ImageNet.labels()[int(label)].split(",")[0]
        print(f"{chances[label]:6.1%} {name}")
        heat = heat_map(found["conv5_3"], found["fc8"], label)
        panels[f"{name}, {chances[label]:.1%}"] = overlay(picture, heat)[None]
    plot_panels(panels, args.out / "heat.png", scale=1, title="VGG16")


def main() -> None:
    """Explain a photograph if there are weights, garments otherwise."""
    args = parse_arguments()
    dezero.seed(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    (explain_garments if args.weights is None else explain_photograph)(args)
    print(f"the picture is {args.out / 'heat.png'}")


if __name__ == "__main__":
    main()

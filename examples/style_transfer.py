"""Paint one picture in the manner of another: neural style transfer.

    python examples/style_transfer.py
    python examples/style_transfer.py --content cat.jpg --style waves.jpg --weights vgg16.npz

The picture itself is what is optimised. Its feature maps should be those of the content picture,
and in each layer the products of its maps, averaged over all places (the Gram matrix), those of
the style picture: Gatys et al. 2015, "A neural algorithm of artistic style".

Without weights of VGG16 the maps are those of a small network of smooth random kernels, which is
enough for strokes and colours: Ustyuzhaninov et al. 2016, "Texture synthesis using shallow
convolutional networks with random filters".
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place
from drawings import landscape, strokes
from PIL import Image

import dezero
import dezero.functions as F
from dezero import Layer, Parameter, Variable, cuda, optimizers
from dezero.backend.random import default_rng
from dezero.inspection import plot_panels
from dezero.io import ProgressBar


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--content", type=Path, help="picture to paint; by default a drawn landscape")
    add("--style", type=Path, help="picture to paint like; by default drawn strokes")
    add("--weights", type=Path, help="file with VGG16's weights")
    add("--side", type=int, default=192, help="pixels of the longer side")
    add("--steps", type=int, default=130, help="updates for each of three sizes")
    add("--content-weight", type=float, default=1.2, help="of the content, style being 1")
    add_device(parser)
    add("--seed", type=int, default=0, help="of kernels and noise")
    add("--out", type=Path, default=Path("runs/style_transfer"), help="folder for results")
    add("--quick", action="store_true", help="a few updates of small pictures, to try it out")
    return parser.parse_args()


class SmoothNoise:
    """Four layers of random kernels, blurred: they answer to strokes and not to grain."""

    content, style = (1, 2), (0, 1, 2, 3)

    widths, sizes = (48, 64, 96, 96), (5, 5, 3, 3)

    def __init__(self, there: Callable[[np.ndarray], Any]) -> None:
        self.kernels, channels = [], 3
        for width, size in zip(self.widths, self.sizes, strict=True):
            kernel = default_rng().standard_normal((width, channels, size, size), np.float32)
            place = np.arange(size)
            blur = np.exp(-((place[:, None] - place) ** 2) / 2).astype(np.float32)
            kernel = blur @ kernel @ blur
            kernel -= kernel.mean(axis=(1, 2, 3), keepdims=True) / 2  # brightness counts for less
            kernel /= np.linalg.norm(kernel.reshape(width, -1), axis=1)[:, None, None, None]
            self.kernels.append(there(kernel))
            channels = width

    def __call__(self, x: Variable) -> list[Variable]:
        """Return the maps of each layer for pictures (1, 3, H, W) from 0 to 1."""
        h, maps = 2 * x - 1, []
        for kernel in self.kernels:
            border = F.pad2d(h, kernel.shape[-1] // 2, "reflect")
            maps.append(F.relu(F.conv2d(border, kernel)))
            h = F.average_pooling(maps[-1], 2, 2)
        return maps


class VGGMaps:
    """The layers of VGG16 that the paper takes; the last one is for the content."""

    cuts = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1", "conv4_2")
    content, style = (5,), (0, 1, 2, 3, 4)

    def __init__(self, weights: Path, device: str) -> None:
        from dezero.models import VGG16

        self.model = VGG16(pretrained=weights, features="conv5_1")
        self.model.trainable = False
        there = place(device, self.model)
        # What preprocessing does to black, red, green and blue is all that it does to colours.
        pixels = np.zeros((4, 1, 1, 3), np.uint8)
        pixels[1:, 0, 0] = np.eye(3) * 255
        black, *pure = (self.model.preprocess(p, size=(1, 1)).ravel() for p in pixels)
        self.mix = there((np.stack(pure, axis=1) - black[:, None])[:, :, None, None])
        self.shift = there(black)

    def __call__(self, x: Variable) -> list[Variable]:
        """Return the maps of each layer for pictures (1, 3, H, W) from 0 to 1."""
        found = self.model.extract(F.conv2d(x, self.mix, self.shift), self.cuts)
        return [found[cut] for cut in self.cuts]


class Canvas(Layer):
    """The picture as a Parameter, so that an optimizer can paint."""

    def __init__(self, picture: Any) -> None:
        self.x = Parameter(picture)


def gram(maps: Variable, mean: Any) -> Variable:
    """Return the products of the maps (1, C, H, W) with each other, averaged over places.

    Means of the style picture are taken off first, so that what varies counts: Novak & Nikulin
    2016, "Improving the neural algorithm of artistic style", section 3.3.
    """
    rows = F.reshape(maps - mean, (maps.shape[1], -1))
    return F.matmul(rows, rows.T) / rows.shape[1]


def roughness(x: Variable) -> Variable:
    """Return how much neighbouring pixels differ: the mean of the squares."""
    return F.mean((x[..., 1:] - x[..., :-1]) ** 2) + F.mean((x[..., 1:, :] - x[..., :-1, :]) ** 2)


def targets(content: Any, style: Any, net) -> tuple[list, list, list]:
    """Return the maps of the content, and means and Gram matrices of the maps of the style."""
    with dezero.no_grad():
        maps = net(style)
        means = [m.data.mean(axis=(2, 3), keepdims=True) for m in maps]
        grams = [gram(m, mean).data for m, mean in zip(maps, means, strict=True)]
        return [m.data for m in net(content)], means, grams


def paint(picture: Any, aims: tuple, net, args: argparse.Namespace, bar: ProgressBar):
    """Return what becomes of the picture, whose maps are to come near the aims."""
    wanted, means, grams = aims
    canvas = Canvas(picture)
    optimizer = optimizers.Adam().setup(canvas)
    for step in range(args.steps):
        optimizer.lr = 0.03 * (1 - 0.95 * step / args.steps)
        maps = net(canvas.x)
        content = [F.mean((maps[i] - wanted[i]) ** 2) / wanted[i].var() for i in net.content]
        style = [
            F.sum((gram(maps[i], means[i]) - grams[i]) ** 2) / (grams[i] ** 2).sum()
            for i in net.style
        ]
        content, style = sum(content) / len(content), sum(style) / len(style)
        loss = args.content_weight * content + style + 0.12 * roughness(canvas.x)
        canvas.cleargrads()
        loss.backward()
        optimizer.update()
        canvas.x.data.clip(0, 1, out=canvas.x.data)
        bar.update(1, {"content": float(content), "style": float(style)})
    return canvas.x.data


def load(path: Path | None, drawn, side: int) -> np.ndarray:
    """Return a picture as (1, 3, H, W) from 0 to 1, `side` pixels on its longer side."""
    picture = drawn(side) if path is None else Image.open(path).convert("RGB")
    picture.thumbnail((side, side))
    return np.asarray(picture, np.float32).transpose(2, 0, 1)[None] / 255


def main() -> None:
    """Paint, and show the picture beside those it came from."""
    args = parse_arguments()
    dezero.seed(args.seed)
    if args.quick:
        args.side, args.steps = 64, 4
    there = place(args.device)
    net = SmoothNoise(there) if args.weights is None else VGGMaps(args.weights, args.device)
    picture = None
    with ProgressBar(3 * args.steps, label="painting", unit="step") as bar:
        # Broad strokes on a small picture first; each larger one begins with what is there.
        for side in (args.side // 3, args.side * 2 // 3, args.side):
            content, style = load(args.content, landscape, side), load(args.style, strokes, side)
            height, width = size = content.shape[2:]
            if picture is None:
                noise = default_rng().standard_normal((1, 3, height // 3, width // 3), np.float32)
                picture = content + 0.15 * F.upsample(noise, size=size, mode="bilinear").data
            picture = F.upsample(picture, size=size, mode="bilinear").data.clip(0, 1)
            aims = targets(there(content), there(style), net)
            picture = cuda.as_numpy(paint(there(picture), aims, net, args, bar))
    args.out.mkdir(parents=True, exist_ok=True)
    pixels = (picture[0].transpose(1, 2, 0) * 255).round().astype(np.uint8)
    Image.fromarray(pixels).save(args.out / "painted.png")
    panels = {"content": content, "style": style, "painted": picture}
    plot_panels(panels, args.out / "panels.png", scale=max(1, 400 // args.side))
    print(f"painted.png and panels.png are in {args.out}")


if __name__ == "__main__":
    main()

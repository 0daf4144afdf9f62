"""Train a generative adversarial network on Fashion-MNIST, and watch it learn to draw.

    python examples/gan.py
    python examples/gan.py --epochs 10 --seed 3

The generator makes pictures from noise; the discriminator is to tell them from photographs; each
learns from the other's mistakes: Goodfellow et al. 2014, "Generative adversarial nets", with the
convolutions, normalisation and Adam of Radford et al. 2016, "Unsupervised representation
learning with deep convolutional generative adversarial networks".
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, Model, cuda, optimizers
from dezero.backend.random import default_rng
from dezero.datasets import load_fashion
from dezero.inspection import plot_curves, plot_panels
from dezero.io import ProgressBar
from dezero.optimizers.schedules import CosineDecay
from dezero.transforms import Normalize

NOISE = 64


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=4, help="how often the training data is seen")
    add("--batch-size", type=int, default=64, help="images per update")
    add("--data", choices=("auto", "synthetic"), default="auto", help="real if found, or drawn")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights, order and noise")
    add("--out", type=Path, default=Path("runs/gan"), help="folder for results")
    add("--quick", action="store_true", help="a few seconds on drawn garments, to try it out")
    return parser.parse_args()


class Generator(Model):
    """Noise (N, 64) to pictures (N, 1, 28, 28) between -1 and 1."""

    def __init__(self) -> None:
        self.spread = L.Linear(64 * 7 * 7, nobias=True)
        self.norm0 = L.BatchNorm()
        self.deconv1 = L.Deconv2d(32, 4, stride=2, pad=1, nobias=True)
        self.norm1 = L.BatchNorm()
        self.deconv2 = L.Deconv2d(1, 4, stride=2, pad=1, activation="tanh")

    def forward(self, z):
        h = F.reshape(self.spread(z), (-1, 64, 7, 7))
        h = F.relu(self.norm0(h))
        h = F.relu(self.norm1(self.deconv1(h)))
        return self.deconv2(h)


class Discriminator(Model):
    """Pictures (N, 1, 28, 28) to logits (N, 1): above 0 for photographs."""

    def __init__(self) -> None:
        self.conv1 = L.Conv2d(32, 4, stride=2, pad=1)
        self.conv2 = L.Conv2d(64, 4, stride=2, pad=1, nobias=True)
        self.norm2 = L.BatchNorm()
        self.verdict = L.Linear(1)

    def forward(self, x):
        h = F.leaky_relu(self.conv1(x))
        h = F.leaky_relu(self.norm2(self.conv2(h)))
        return self.verdict(F.flatten(h))


def noise(n: int) -> np.ndarray:
    """Return `n` starting points for the generator."""
    return default_rng().standard_normal((n, NOISE), np.float32)


def step(x: Any, nets: tuple, rules: list) -> tuple[float, float]:
    """Let each net learn from one batch; return the losses of discriminator and generator."""
    (gen, dis), (gen_optimizer, dis_optimizer) = nets, rules
    xp = cuda.get_array_module(x)
    fake = gen(xp.asarray(noise(len(x))))
    # Labels of 0.9: a discriminator that is never quite sure keeps gradients that teach.
    loss_real = F.sigmoid_cross_entropy(dis(x), xp.full((len(x), 1), 0.9, np.float32))
    loss_fake = F.sigmoid_cross_entropy(dis(fake.data), xp.zeros((len(x), 1), np.float32))
    loss_dis = loss_real + loss_fake
    dis.cleargrads()
    loss_dis.backward()
    dis_optimizer.update()
    # The generator's aim: that the discriminator takes its pictures for photographs.
    loss_gen = F.sigmoid_cross_entropy(dis(fake), xp.ones((len(x), 1), np.float32))
    gen.cleargrads()
    loss_gen.backward()
    gen_optimizer.update()
    return float(loss_dis), float(loss_gen)


def samples(gen: Generator, z: Any) -> np.ndarray:
    """Return the pictures that the generator makes of z, between 0 and 1."""
    with dezero.no_grad(), dezero.test_mode():
        return (cuda.as_numpy(gen(z)) + 1) / 2


def main() -> None:
    """Train, and draw what the generator made on the way."""
    args = parse_arguments()
    dezero.seed(args.seed)
    where, size = ("synthetic", 1200) if args.quick else (args.data, None)
    train_set, _ = load_fashion(where, Normalize(127.5, 127.5), size=size)
    loader = DataLoader(train_set, args.batch_size)
    nets = gen, _ = Generator(), Discriminator()
    there = place(args.device, *nets, loader)
    epochs = 1 if args.quick else args.epochs
    # The generator learns faster: it is the one that falls behind otherwise.
    rates = (CosineDecay(rate, epochs * len(loader)) for rate in (0.0015, 0.0004))
    rules = [
        optimizers.Adam(rate, beta1=0.5).setup(net) for rate, net in zip(rates, nets, strict=True)
    ]
    shown = {1, *np.linspace(1, epochs, 4).astype(int)[1:]}
    z, panels = there(noise(32)), {}
    curves: dict[str, list[float]] = {"discriminator": [], "generator": []}
    for epoch in range(1, epochs + 1):
        sums = np.zeros(2)
        with ProgressBar(len(loader), label=f"Epoch {epoch}/{epochs}", unit="step") as bar:
            for count, (x, _) in enumerate(loader, 1):
                sums += step(x, nets, rules)
                bar.update(1, dict(zip(curves, sums / count, strict=True)))
        for curve, value in zip(curves.values(), sums / len(loader), strict=True):
            curve.append(value)
        if epoch in shown:
            panels[f"epoch {epoch}"] = samples(gen, z)
    args.out.mkdir(parents=True, exist_ok=True)
    title = f"{train_set.title}: what the generator makes of the same noise"
    plot_panels(panels, args.out / "samples.png", scale=2, invert=True, across=2, title=title)
    title = train_set.title
    plot_curves(curves, args.out / "loss.png", xlabel="epoch", ylabel="loss", title=title)
    print(f"pictures are in {args.out}")


if __name__ == "__main__":
    main()

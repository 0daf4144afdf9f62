"""Train a variational autoencoder on Fashion-MNIST, and let it draw garments of its own.

    python examples/vae.py
    python examples/vae.py --latent 2

An encoder makes of a picture a cloud in a space of few axes, a decoder makes of a point in it a
picture again. The loss asks for pictures that come back (first term) and clouds that together
fill the space like a standard normal distribution (second term), so that a random point decodes
to a garment: Kingma & Welling 2014, "Auto-encoding variational Bayes".
"""

import argparse
from pathlib import Path

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
from dezero.transforms import Normalize


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--epochs", type=int, default=10, help="how often the training data is seen")
    add("--batch-size", type=int, default=128, help="images per update")
    add("--latent", type=int, default=8, help="axes of the space between encoder and decoder")
    add("--data", choices=("auto", "synthetic"), default="auto", help="real if found, or drawn")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights, order and noise")
    add("--out", type=Path, default=Path("runs/vae"), help="folder for results")
    add("--quick", action="store_true", help="a few seconds on drawn garments, to try it out")
    return parser.parse_args()


class VAE(Model):
    """Encoder and decoder, convolutions one way and transposed ones back."""

    def __init__(self, latent: int) -> None:
        self.conv1 = L.Conv2d(32, 4, stride=2, pad=1, activation="relu")
        self.conv2 = L.Conv2d(64, 4, stride=2, pad=1, activation="relu")
        self.mean = L.Linear(latent)
        self.log_var = L.Linear(latent)
        self.spread = L.Linear(64 * 7 * 7, activation="relu")
        self.deconv1 = L.Deconv2d(32, 4, stride=2, pad=1, activation="relu")
        self.deconv2 = L.Deconv2d(1, 4, stride=2, pad=1)

    def encode(self, x):
        """Return mean and log variance of the cloud, (N, latent) each."""
        h = F.flatten(self.conv2(self.conv1(x)))  # (N, 64*7*7)
        return self.mean(h), self.log_var(h)

    def decode(self, z):
        """Return logits of pixels, (N, 1, 28, 28); their sigmoid is the picture."""
        h = F.reshape(self.spread(z), (-1, 64, 7, 7))
        return self.deconv2(self.deconv1(h))

    def forward(self, x):
        """Return the two terms of the loss, both in nats per picture."""
        mean, log_var = self.encode(x)
        # A point from the cloud, written so that gradients reach mean and log_var.
        noise = default_rng().standard_normal(mean.shape, np.float32)
        noise = cuda.get_array_module(mean).asarray(noise)
        y = self.decode(mean + F.exp(log_var / 2) * noise)
        error = F.sigmoid_cross_entropy(y, x)
        divergence = F.sum(mean**2 + F.exp(log_var) - log_var - 1) / (2 * len(x))
        return error, divergence


def train(model: VAE, loader: DataLoader, epochs: int) -> dict[str, list[float]]:
    """Return the means of both terms over each epoch."""
    optimizer = optimizers.Adam().setup(model)
    curves: dict[str, list[float]] = {"reconstruction": [], "divergence": []}
    for epoch in range(1, epochs + 1):
        sums = np.zeros(2)
        with ProgressBar(len(loader), label=f"Epoch {epoch}/{epochs}", unit="step") as bar:
            for step, (x, _) in enumerate(loader, 1):
                error, divergence = model(x)
                model.cleargrads()
                (error + divergence).backward()
                optimizer.update()
                sums += float(error), float(divergence)
                bar.update(1, dict(zip(curves, sums / step, strict=True)))
        for curve, value in zip(curves.values(), sums / len(loader), strict=True):
            curve.append(value)
    return curves


def draw(model: VAE, x: np.ndarray, latent: int, out: Path, title: str) -> None:
    """Write what comes back, what random points give, and what lies between two garments."""

    def picture(z):
        return F.sigmoid(model.decode(z)).data

    with dezero.no_grad(), dezero.test_mode():
        mean, _ = model.encode(x)
        steps = np.linspace(0, 1, 16, dtype=np.float32)[:, None]
        pairs = ((0, 18), (1, 15), (8, 13), (12, 19))
        between = [(1 - steps) * mean[i].data + steps * mean[j].data for i, j in pairs]
        points = default_rng().standard_normal((48, latent), np.float32)
        panels = {
            "test images, and below each what comes back": np.concatenate(
                [x[:16], picture(mean[:16])]
            ),
            "decoded from random points": picture(points),
            "on the way from one test image to another": picture(np.concatenate(between)),
        }
    where = out / "samples.png"
    plot_panels(panels, where, columns=16, scale=2, invert=True, across=1, title=title)


def main() -> None:
    """Train, measure, and draw."""
    args = parse_arguments()
    dezero.seed(args.seed)
    where, size = ("synthetic", 1200) if args.quick else (args.data, None)
    train_set, test_set = load_fashion(where, Normalize(0.0, 255.0), size=size)
    model, loader = VAE(args.latent), DataLoader(train_set, args.batch_size)
    there = place(args.device, model, loader)
    epochs = 1 if args.quick else args.epochs
    curves = train(model, loader, epochs)
    x, _ = test_set[:]
    with dezero.no_grad(), dezero.test_mode():
        error, divergence = (float(term) for term in model(there(x)))
    print(
        f"{test_set.title}, test: reconstruction {error:.2f} + divergence {divergence:.2f} = "
        f"{error + divergence:.2f} nats per picture"
    )
    args.out.mkdir(parents=True, exist_ok=True)
    plot_curves(curves, args.out / "loss.png", xlabel="epoch", ylabel="nats", title=train_set.title)
    model.to_cpu()  # what is drawn
    unit = "epoch" if epochs == 1 else "epochs"
    draw(model, x, args.latent, args.out, f"{test_set.title} after {epochs} {unit}")
    print(f"pictures are in {args.out}")


if __name__ == "__main__":
    main()

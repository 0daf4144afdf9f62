"""Teach a recurrent network a noisy sine curve, then let it run free on its own output.

    python examples/rnn_sine.py
    python examples/rnn_sine.py --model rnn --hidden 50

It learns to tell the next value from the ones before, by truncated back-propagation: after every 30
values the past is cut off, so that memory stays the same however long the curve is.
"""

import argparse
import math
from pathlib import Path

import numpy as np
from devices import add_device, place
from matplotlib.figure import Figure

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import SeqDataLoader, cuda, optimizers
from dezero.io import ProgressBar
from dezero.models import Model
from dezero.optimizers.schedules import CosineDecay

LAYERS = {"rnn": L.RNN, "lstm": L.LSTM, "gru": L.GRU}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--model", choices=sorted(LAYERS), default="lstm", help="kind of the recurrent layer")
    add("--hidden", type=int, default=100, help="units of the recurrent layer")
    add("--epochs", type=int, default=60, help="how often the curve is seen")
    add("--batch-size", type=int, default=30, help="stretches of the curve read side by side")
    add("--bptt", type=int, default=30, help="values after which the past is cut off")
    add("--lr", type=float, default=0.01, help="first rate of Adam; it falls along a cosine")
    add("--period", type=int, default=50, help="values in one period of the curve")
    add("--noise", type=float, default=0.05, help="largest error of a training value")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights and noise")
    add("--quick", action="store_true", help="10 epochs")
    add("--out", type=Path, default=Path("runs/rnn_sine"), help="folder for the picture")
    args = parser.parse_args()
    if min(args.epochs, args.batch_size, args.bptt, args.period) < 1:
        parser.error("epochs, batch-size, bptt and period must be at least 1")
    return args


class Predictor(Model):
    """A recurrent layer that reads one value at a time, and a linear one that tells the next."""

    def __init__(self, kind: str, hidden: int) -> None:
        super().__init__()
        self.rnn = LAYERS[kind](hidden)
        self.fc = L.Linear(1)

    def forward(self, x: np.ndarray) -> dezero.Variable:
        """Return the next values, (N, 1), for these, (N, 1)."""
        return self.fc(self.rnn(x))


def training_curve(args: argparse.Namespace) -> tuple[np.ndarray, np.ndarray]:
    """Return values of a noisy sine and the ones that follow them, 100 periods of each."""
    rng = np.random.default_rng(args.seed)
    wave = np.sin(2 * np.pi * np.arange(100 * args.period + 1) / args.period)
    wave += rng.uniform(-args.noise, args.noise, wave.shape)
    wave = wave.astype(np.float32)[:, None]
    return wave[:-1], wave[1:]


def train(model: Predictor, args: argparse.Namespace) -> list[float]:
    """Fit the model to the noisy curve; return the mean squared errors, epoch by epoch."""
    loader = SeqDataLoader(training_curve(args), args.batch_size)
    place(args.device, model, loader)
    epochs = min(args.epochs, 10) if args.quick else args.epochs
    updates = epochs * math.ceil(loader.max_iter / args.bptt)
    optimizer = optimizers.Adam(CosineDecay(args.lr, updates)).setup(model)
    losses = []
    with ProgressBar(epochs, label="training", unit="epoch") as bar:
        for _ in range(epochs):
            model.reset_state()
            total, loss = 0.0, 0
            for step, (x, t) in enumerate(loader, 1):
                loss = loss + F.mean_squared_error(model(x), t)
                if step % args.bptt == 0 or step == loader.max_iter:
                    model.cleargrads()
                    loss.backward()
                    loss.unchain_backward()
                    optimizer.update()
                    total, loss = total + float(loss), 0
            losses.append(total / loader.max_iter)
            bar.update(1, {"mean squared error": losses[-1]})
    return losses


def predict(model: Predictor, wave: np.ndarray, shown: int) -> np.ndarray:
    """Predict each value from those before: from the first `shown` true ones, then from its own."""
    guesses = np.empty(len(wave) - 1, np.float32)
    xp = cuda.get_array_module(model.fc.W)
    model.reset_state()
    with dezero.no_grad(), dezero.test_mode():
        for i in range(len(guesses)):
            x = wave[i] if i < shown else guesses[i - 1]
            guesses[i] = model(xp.full((1, 1), x, np.float32)).item()
    return guesses


def draw(wave: np.ndarray, guesses: np.ndarray, losses: list, args: argparse.Namespace) -> Path:
    """Write the curve, the predictions and the training errors; return where."""
    figure = Figure(figsize=(10, 6), layout="constrained")
    top, bottom = figure.subplots(2, 1, height_ratios=(3, 2))
    shown = shown_values(args)
    places = np.arange(len(wave)) / args.period
    top.axvspan(places[shown], places[-1], color="#f2f2f2", zorder=0)
    top.plot(places, wave, color="#999999", linewidth=3, label="cosine, without noise")
    top.plot(places[1 : shown + 1], guesses[:shown], color="#0072b2", label="told from true values")
    top.plot(places[shown + 1 :], guesses[shown:], color="#d55e00", label="running free")
    top.set(xlabel="period", ylabel="value", xlim=(0, places[-1]), ylim=(-1.5, 1.5))
    top.set_title(f"{args.model.upper()} with {args.hidden} units")
    top.legend(loc="upper center", ncols=3, frameon=False)
    bottom.plot(range(1, len(losses) + 1), losses, color="#009e73")
    floor = args.noise**2 / 3  # the variance of uniform noise, which nobody can foretell
    if floor:
        bottom.axhline(floor, color="#999999", linestyle="--", label="variance of the noise")
        bottom.legend(frameon=False)
    bottom.set(xlabel="epoch", ylabel="mean squared error", yscale="log", title="training")
    bottom.grid(alpha=0.3)
    path = args.out / "curve.png"
    figure.savefig(path, dpi=120)
    return path


def shown_values(args: argparse.Namespace) -> int:
    """Return how many true values the network sees before it runs free."""
    return 2 * args.period


def root_mean_square(errors: np.ndarray) -> float:
    """Return the root of the mean of the squares."""
    return float(np.sqrt(np.mean(np.square(errors))))


def main() -> None:
    """Train, predict, run free, draw."""
    args = parse_arguments()
    dezero.seed(args.seed)
    model = Predictor(args.model, args.hidden)
    losses = train(model, args)
    wave = np.cos(2 * np.pi * np.arange(6 * args.period + 1) / args.period)
    shown = shown_values(args)
    guesses = predict(model, wave, shown)
    errors = guesses - wave[1:]
    begin = shown // 2  # the state has been zero at the start
    print(f"training: mean squared error {losses[-1]:.5f} after {len(losses)} epochs")
    print(f"from true values: error {root_mean_square(errors[begin:shown]):.4f} (root mean square)")
    lazy = root_mean_square(np.diff(wave[begin : shown + 1]))
    print(f"guessing that nothing changes: error {lazy:.4f}")
    for count in (1, 4):
        free = root_mean_square(errors[shown : shown + count * args.period])
        print(f"running free, {count} period{'s' if count > 1 else ''}: error {free:.4f}")
    args.out.mkdir(parents=True, exist_ok=True)
    print(f"the picture is {draw(wave, guesses, losses, args)}")


if __name__ == "__main__":
    main()

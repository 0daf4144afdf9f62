"""Teach a network to write, character by character: an LSTM, a GRU, or a transformer.

    python examples/char_lm.py
    python examples/char_lm.py --model transformer
    python examples/char_lm.py --data my_book.txt --epochs 20

The text is Shakespeare's where it is found or can be fetched, otherwise the help texts that come
with Python. A tenth of it is kept apart: all figures are of that part, in bits per character.
"""

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place
from matplotlib.figure import Figure

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import cuda, optimizers
from dezero.datasets import DataNotFound, Shakespeare
from dezero.io import ProgressBar
from dezero.models import Model
from dezero.optimizers import ClipGrad
from dezero.optimizers.schedules import CosineDecay

CELLS = {"lstm": L.LSTM, "gru": L.GRU}


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--model", choices=(*CELLS, "transformer"), default="lstm", help="kind of the network")
    add("--data", default="auto", help="auto, shakespeare, python, or a text file")
    add("--layers", type=int, default=2, help="layers or blocks on top of each other")
    add("--size", type=int, help="units of a layer; by default 256, in a transformer 128")
    add("--heads", type=int, default=4, help="heads of the transformer's attention")
    add("--times", type=int, default=64, help="characters that are seen at a time")
    add("--batch-size", type=int, default=32, help="pieces of text per update")
    add("--epochs", type=int, default=5, help="how often the text is seen")
    add("--lr", type=float, default=0.003, help="first rate of Adam; it falls along a cosine")
    add("--dropout", type=float, default=0.1, help="share dropped between layers")
    add("--temperature", type=float, default=0.7, help="of the samples; small ones dare less")
    add("--length", type=int, default=400, help="characters in a sample")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights, order and samples")
    add("--quick", action="store_true", help="a small network, an epoch on 40,000 characters")
    add("--out", type=Path, default=Path("runs/char_lm"), help="folder for picture and samples")
    args = parser.parse_args()
    if args.temperature <= 0 or min(args.times, args.epochs, args.batch_size) < 1:
        parser.error("temperature must be positive; times, epochs and batch-size at least 1")
    args.size = args.size or (128 if args.model == "transformer" else 256)
    if args.quick:
        args.epochs, args.size, args.times, args.batch_size, args.length = 1, 32, 32, 8, 80
    return args


def read_text(where: str) -> tuple[str, str]:
    """Return a text, and what it is."""
    if where in ("auto", "shakespeare"):
        try:
            plays = Shakespeare()
            return "".join(plays.id_to_char[int(i)] for i in plays.data), "Shakespeare"
        except DataNotFound as error:
            if where != "auto":
                raise SystemExit(str(error)) from None
            print("Shakespeare was neither found nor reachable: learning from Python's help texts.")
    if where in ("auto", "python"):
        from pydoc_data.topics import topics

        return "\n\n".join(topics.values()), "Python's help texts"
    try:
        return Path(where).read_text("utf-8"), where
    except (OSError, UnicodeDecodeError) as error:
        raise SystemExit(f"--data {where}: {error}") from None


class Text:
    """A text as numbers: most of it to learn from, the last tenth to be tested on."""

    def __init__(self, text: str) -> None:
        self.characters = sorted(set(text))
        numbers = {c: i for i, c in enumerate(self.characters)}
        ids = np.array([numbers[c] for c in text], np.int32)
        self.train, self.test = np.split(ids, [len(ids) * 9 // 10])

    def place(self, there: Callable[[Any], Any]) -> None:
        """Bring the numbers to where `there` brings arrays: pieces of them are cut out there."""
        self.train, self.test = there(self.train), there(self.test)

    def spell(self, ids: list[int]) -> str:
        """Return the characters of these numbers."""
        return "".join(self.characters[i] for i in ids)


class RecurrentModel(Model):
    """Recurrent layers that remember from one piece of text to the next."""

    def __init__(self, symbols: int, args: argparse.Namespace) -> None:
        super().__init__()
        kind, size = CELLS[args.model], args.size
        self.embed = L.EmbedID(symbols, size)
        layers = [kind(size, return_sequences=True, stateful=True) for _ in range(args.layers)]
        self.rnn = L.StackedRNN(layers, args.dropout)
        self.fc = L.Linear(symbols)

    def forward(self, x: np.ndarray) -> dezero.Variable:
        """Return scores of what comes next, (..., symbols): x is (N, T), or (N,) for one time."""
        return self.fc(self.rnn(self.embed(x)))


class Transformer(Model):
    """Causal transformer blocks: each place looks at those before it in the same piece."""

    def __init__(self, symbols: int, args: argparse.Namespace) -> None:
        super().__init__()
        size, options = args.size, {"causal": True, "dropout_ratio": args.dropout}
        self.embed = L.EmbedID(symbols, size, initializer="glorot_uniform")
        self.place = L.PositionalEncoding(args.dropout, scale=True)
        self.blocks = [L.TransformerBlock(size, args.heads, **options) for _ in range(args.layers)]
        self.norm = L.LayerNorm(size)
        self.fc = L.Linear(symbols)

    def forward(self, x: np.ndarray) -> dezero.Variable:
        """Return scores of what comes next, (N, T, symbols), for x (N, T)."""
        y = self.place(self.embed(x))
        for block in self.blocks:
            y = block(y)
        return self.fc(self.norm(y))


def pieces(ids: np.ndarray, rows: int, times: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield (x, t), both (rows, times): row i walks through its own stretch of the text."""
    rows = max(min(rows, (len(ids) - 1) // times), 1)
    length = (len(ids) - 1) // rows
    x, t = (part[: rows * length].reshape(rows, length) for part in (ids[:-1], ids[1:]))
    for start in range(0, length - times + 1, times):
        yield x[:, start : start + times], t[:, start : start + times]


def error(model: Model, x: np.ndarray, t: np.ndarray) -> dezero.Variable:
    """Return the mean cross entropy."""
    y = model(x)
    return F.softmax_cross_entropy(F.reshape(y, (-1, y.shape[-1])), t.reshape(-1))


def bits(model: Model, ids: np.ndarray, args: argparse.Namespace) -> float:
    """Return the mean cross entropy of a text in bits per character; 2 ** bits is perplexity."""
    model.reset_state()
    with dezero.no_grad(), dezero.test_mode():
        errors = [float(error(model, x, t)) for x, t in pieces(ids, 16, args.times)]
    return float(np.mean(errors)) / math.log(2)


def counted_bits(text: Text) -> tuple[float, float]:
    """Return what counting reaches: how frequent each character is, and each after each other."""
    size = len(text.characters)
    single = np.bincount(text.train, minlength=size) + 1.0
    pairs = np.bincount(text.train[:-1] * size + text.train[1:], minlength=size * size) + 0.1
    single /= single.sum()
    pairs = pairs.reshape(size, size)
    pairs /= pairs.sum(axis=1, keepdims=True)
    before, after = text.test[:-1], text.test[1:]
    return -np.log2(single[after]).mean(), -np.log2(pairs[before, after]).mean()


def train(model: Model, text: Text, args: argparse.Namespace) -> tuple[list, list]:
    """Fit the model; return training errors of all updates and test errors of all epochs."""
    batches = sum(1 for _ in pieces(text.train, args.batch_size, args.times))
    rate = CosineDecay(args.lr, args.epochs * batches)
    optimizer = optimizers.Adam(rate).setup(model)
    optimizer.add_hook(ClipGrad(1.0))
    losses, tests = [], [bits(model, text.test, args)]
    rng = np.random.default_rng(args.seed)
    for epoch in range(1, args.epochs + 1):
        model.reset_state()
        # A transformer forgets between pieces: let them begin elsewhere each time.
        shift = int(rng.integers(args.times)) if args.model == "transformer" else 0
        label = f"epoch {epoch}/{args.epochs}"
        with ProgressBar(batches, label=label, unit="update") as bar:
            for x, t in pieces(text.train[shift:], args.batch_size, args.times):
                loss = error(model, x, t)
                model.cleargrads()
                loss.backward()
                optimizer.update()
                losses.append(float(loss) / math.log(2))
                bar.update(1, lambda: {"bits per character": np.mean(losses[-50:])})
        tests.append(bits(model, text.test, args))
        print(f"  test: {tests[-1]:.3f} bits per character, perplexity {2 ** tests[-1]:.2f}")
    return losses, tests


def sample(model: Model, text: Text, args: argparse.Namespace) -> str:
    """Let the model write, each character drawn by the scores that those before it lead to."""
    rng = np.random.default_rng(args.seed)
    ids, xp = cuda.as_numpy(text.test[: args.times]).tolist(), cuda.get_array_module(text.test)
    model.reset_state()
    with dezero.no_grad(), dezero.test_mode():
        if args.model != "transformer":
            scores = model(xp.array([ids]))  # the state remembers the beginning from here on
        for _ in range(args.length):
            if args.model == "transformer":
                scores = model(xp.array([ids[-args.times :]]))
            last = cuda.as_numpy(scores).reshape(-1, scores.shape[-1])[-1]
            z = last.astype(float) / args.temperature
            p = np.exp(z - z.max())
            ids.append(int(rng.choice(len(p), p=p / p.sum())))
            if args.model != "transformer":
                scores = model(xp.array(ids[-1:]))
    return text.spell(ids[args.times :])


def draw(losses: list, tests: list, counted: tuple, args: argparse.Namespace, name: str) -> Path:
    """Write the learning curve; return where."""
    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    per_epoch = len(losses) / args.epochs
    places = (np.arange(len(losses)) + 1) / per_epoch
    axes.plot(places, losses, color="#c6dbef", linewidth=0.8)
    width = max(len(losses) // 100, 1)
    smooth = np.convolve(losses, np.ones(width) / width, mode="valid")
    axes.plot(places[width - 1 :], smooth, color="#0072b2", label="training text")
    axes.plot(range(len(tests)), tests, "o-", color="#d55e00", label="test text", clip_on=False)
    for bits_, label in zip(counted, ("single characters", "pairs of characters"), strict=True):
        axes.axhline(bits_, color="#888888", linestyle="--", linewidth=1)
        axes.annotate(
            f"counting {label}", (args.epochs, bits_), (-8, 4), textcoords="offset points",
            ha="right", color="#555555", fontsize=9,
            bbox={"color": "white", "alpha": 0.8, "pad": 1},
        )  # fmt: skip
    axes.set(xlabel="epoch", ylabel="bits per character", xlim=(0, args.epochs), ylim=(0, None))
    title = args.model.upper() if args.model in CELLS else args.model
    axes.set_title(f"{title} on {name}")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left", frameon=False)
    path = args.out / "learning.png"
    figure.savefig(path, dpi=120)
    return path


def main() -> None:
    """Train, test, write, draw."""
    args = parse_arguments()
    dezero.seed(args.seed)
    whole, name = read_text(args.data)
    text = Text(whole[:40_000] if args.quick else whole)
    if len(text.test) <= args.times:
        raise SystemExit(f"{name}: its last tenth is shorter than --times {args.times} and one")
    kind = Transformer if args.model == "transformer" else RecurrentModel
    model = kind(len(text.characters), args)
    counted = counted_bits(text)
    text.place(place(args.device, model))
    print(f"{name}: {len(whole):,} characters, {len(text.characters)} different ones")
    losses, tests = train(model, text, args)
    print(f"{model.count_params():,} parameters")
    for what, value in (
        ("counting single characters", counted[0]),
        ("counting pairs of characters", counted[1]),
        ("the network before training", tests[0]),
        ("the network after training", tests[-1]),
    ):
        print(f"{what}: {value:.3f} bits per character, perplexity {2**value:.2f}")
    written = sample(model, text, args)
    print(f"It writes:\n{written}")
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "sample.txt").write_text(written, "utf-8")
    print(f"the picture is {draw(losses, tests, counted, args, name)}")


if __name__ == "__main__":
    main()

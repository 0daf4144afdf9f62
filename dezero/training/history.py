"""`History`: the figures of every epoch, and a picture of them."""

from typing import Any

from dezero.training.callbacks.base import Callback


class History(Callback):
    """The figures of each epoch: `history["loss"]` is a list with one entry per epoch.

    Attributes: `history` {name: list}, `epoch` list of epoch numbers from 0, `seconds` time of
    each epoch, `interrupted` True if Ctrl-C ended the training.
    """

    adds = ()
    elapsed = 0.0

    def __init__(self) -> None:
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.seconds: list[float] = []
        self.interrupted = False

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Append the epoch's figures."""
        self.epoch.append(epoch)
        self.seconds.append(self.elapsed)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = "".join(f"; {n}: {values[-1]:.4f}" for n, values in _curves(self.history).items())
        return f"History({len(self.epoch)} epochs{last})"


def plot_history(
    history: Any,
    path: Any = None,
    *,
    title: str = "",
    labels: tuple[str, str] = ("training", "validation"),
    show: bool = False,
) -> Any:
    """Draw loss and metric curves over the epochs, training and validation in one picture each.

    Args:
        history: a History, or its dict.
        path: file to write; the ending chooses the format.
        title: headline.
        labels: what the two kinds of curves are called.
        show: open a window (or display in the notebook).
    Returns:
        The matplotlib Figure.
    Raises:
        ValueError: there is no epoch to draw.
    """
    from matplotlib.figure import Figure

    curves = _curves(getattr(history, "history", history))
    names = [name for name in curves if not name.startswith("val_") and name != "lr"]
    if not names:
        raise ValueError("plot_history: expected at least one epoch, got none. Train first.")
    epochs = getattr(history, "epoch", None) or range(max(map(len, curves.values())))
    columns = min(len(names), 3)
    rows = -(-len(names) // columns)
    size = (5.2 * columns, 3.7 * rows + (0.4 if title else 0))
    figure = _window(size) if show else Figure(size)
    figure.set_layout_engine("constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, name in zip(grid, names, strict=False):
        pair = (curves.get(name), curves.get(f"val_{name}"))
        _draw(axes, name, epochs, dict(zip(labels, pair, strict=True)))
    for axes in grid[len(names) :]:
        axes.axis("off")
    if title:
        figure.suptitle(title)
    if path is not None:
        figure.savefig(path, dpi=120)
    if show:
        _wait()
    return figure


def _window(size: tuple[float, float]) -> Any:
    import matplotlib.pyplot as plt

    return plt.figure(figsize=size)


def _wait() -> None:
    import matplotlib.pyplot as plt

    plt.show()


def _curves(figures: dict[str, list]) -> dict[str, list]:
    """Return those that have values, each a single number."""
    return {
        name: values
        for name, values in figures.items()
        if values and all(isinstance(value, int | float) for value in values)
    }


def _draw(axes: Any, name: str, epochs: Any, curves: dict[str, list | None]) -> None:
    from matplotlib.ticker import MaxNLocator

    for (label, values), style in zip(curves.items(), ("o-", "s--"), strict=True):
        if values:
            # A figure that came in later belongs to the last epochs.
            at = [epoch + 1 for epoch in epochs][-len(values) :]
            axes.plot(at, values, style if len(at) <= 20 else style[1:], markersize=4, label=label)
    axes.set_xlabel("epoch")
    axes.set_title(name.replace("_", " "))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.grid(alpha=0.3)
    axes.legend()

"""`History`: the figures of every epoch, and a picture of them."""

from typing import Any

from dezero.training.callbacks.base import Callback


class History(Callback):
    """The figures of each epoch: `history["loss"]` is a list with one entry per epoch.

    Attributes: `history` {name: list}, `epoch` list of epoch numbers from 0, `seconds` time of
    each epoch, `interrupted` True if Ctrl-C ended the training.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[float]] = {}
        self.epoch: list[int] = []
        self.seconds: list[float] = []
        self.interrupted = False

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Append the epoch's figures."""
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        last = ", ".join(f"{name}: {values[-1]:.4f}" for name, values in self.history.items())
        return f"History({len(self.epoch)} epochs{'; ' + last if last else ''})"


def plot_history(history: Any, path: Any = None, *, title: str = "", show: bool = False) -> Any:
    """Draw loss and metric curves over the epochs, training and validation side by side.

    Args:
        history: a History, or its dict.
        path: file to write; the ending chooses the format.
        title: headline.
        show: open a window (or display in the notebook).
    Returns:
        The matplotlib Figure.
    Raises:
        ValueError: there is no epoch to draw.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    figures = history.history if hasattr(history, "history") else dict(history)
    names = [n for n in figures if not n.startswith("val_") and n != "lr"]
    if not names or not figures[names[0]]:
        raise ValueError("plot_history: expected at least one epoch, got none. Train first.")
    figure = Figure(figsize=(5.2 * len(names), 4), layout="constrained")
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names, strict=True):
        for key, label, style in ((name, "training", "o-"), (f"val_{name}", "validation", "s--")):
            values = figures.get(key)
            if values:
                axes.plot(range(1, len(values) + 1), values, style, markersize=4, label=label)
        axes.set_xlabel("epoch")
        axes.set_title(name.replace("_", " "))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.3)
        axes.legend()
    if title:
        figure.suptitle(title)
    if path is not None:
        figure.savefig(path, dpi=120)
    if show:
        _show(figure)
    return figure


def _show(figure: Any) -> None:
    import matplotlib.pyplot as plt

    manager = plt.figure().canvas.manager
    if manager is not None:
        manager.canvas.figure = figure
        figure.set_canvas(manager.canvas)
    plt.show()

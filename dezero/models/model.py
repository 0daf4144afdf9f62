"""`Model`: a Layer that can be compiled, fitted, summarised and saved."""

from typing import Any

from dezero import inspection, training
from dezero.layers import Layer
from dezero.models import saving, summary


class Model(Layer):
    """A Layer with the methods of training; write `__init__` and `forward` as for any Layer.

    Each method is one call of a function in `dezero.training`, which says more.
    """

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, metrics: Any = None, **options: Any
    ) -> None:
        """Choose optimizer, loss and metrics, by name or as objects; see `dezero.training`."""
        training.compile(self, optimizer, loss, metrics, **options)

    def own_step(self, name: str) -> Any:
        """Return the `train_step`, `test_step` or `predict_step` that a subclass wrote, or None.

        Each takes a batch, (x, t) or (x, t, weight), and returns its figures in a dict.
        """
        return getattr(self, name, None)

    def _move(self, how: str) -> None:
        with training.moving(self):
            super()._move(how)

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        **options: Any,
    ) -> Any:
        """Train for a number of epochs and return the History; see `dezero.training.fit`."""
        fixed = {"batch_size": batch_size, "epochs": epochs, "verbose": verbose}
        return training.fit(self, x, y, **fixed, **options)

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        **options: Any,
    ) -> Any:
        """Return the loss and metrics on data; see `dezero.training.evaluate`."""
        return training.evaluate(self, x, y, batch_size=batch_size, verbose=verbose, **options)

    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = 0, **options: Any
    ) -> Any:
        """Return the outputs for x as an array; see `dezero.training.predict`."""
        return training.predict(self, x, batch_size=batch_size, verbose=verbose, **options)

    def train_on_batch(self, x: Any, y: Any = None, **options: Any) -> Any:
        """Make one update from one batch; see `dezero.training.train_on_batch`."""
        return training.train_on_batch(self, x, y, **options)

    def test_on_batch(self, x: Any, y: Any = None, **options: Any) -> Any:
        """Return the loss and metrics on one batch; see `dezero.training.test_on_batch`."""
        return training.test_on_batch(self, x, y, **options)

    def summary(self, input_shape: Any = None, file: Any = None) -> None:
        """Print layers, output shapes and numbers of parameters; see `dezero.models.summarize`."""
        print(summary.summarize(self, input_shape), file=file)

    def trace(self, x: Any) -> list[tuple[str, Any, Any]]:
        """Run x through and return (name, layer, output) of each layer, for `summary`."""
        return summary.trace(self, x)

    def plot(self, *inputs: Any, to_file: Any = "model.png", verbose: bool = True) -> Any:
        """Draw the graph of a call with `inputs`; see `dezero.inspection.plot_model`."""
        return inspection.plot_model(self, *inputs, verbose=verbose, to_file=to_file)

    def save(self, path: Any) -> None:
        """Write configuration, weights, optimizer state and history; see `save_model`."""
        saving.save_model(self, path)

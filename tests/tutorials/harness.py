"""Programs run quickly and without a screen: little data, two epochs, plots written down."""

import contextlib
import io
import runpy
import sys
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from dezero import keras, training
from dezero.keras.applications import imagenet
from tests.architecture import ROOT
from tests.tutorials.stand_ins import provide_sklearn

ROWS = 256


class Pyplot(ModuleType):
    """A matplotlib.pyplot that writes down what it is asked for: one list of calls a figure."""

    def __init__(self) -> None:
        super().__init__("matplotlib.pyplot")
        self.figures: list[list[tuple[str, tuple, dict]]] = [[]]
        self.shown = 0

    def figure(self, *args: Any) -> None:
        """Begin a figure, unless the present one is empty."""
        if self.figures[-1]:
            self.figures.append([])

    def show(self) -> None:
        """End the figures."""
        self.shown += 1
        self.figure()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **options: self.figures[-1].append((name, args, options))

    def drawn(self) -> list[list[str]]:
        """For each figure the labels of its curves, its titles and the names of its axes."""
        found = [
            [str(options.get("label", args[0])) for name, args, options in calls if args]
            for calls in self.figures
        ]
        return [figure for figure in found if figure]


class Stage:
    """What programs find when they run, and what they leave."""

    def __init__(self, monkeypatch: Any, folder: Any) -> None:
        self.monkeypatch, self.folder = monkeypatch, folder
        self.pyplot = Pyplot()
        self.printed = ""
        monkeypatch.chdir(folder)
        keras.backend.clear_session()
        provide_sklearn(monkeypatch)
        matplotlib = ModuleType("matplotlib")
        vars(matplotlib).update(use=lambda backend: None, pyplot=self.pyplot)
        monkeypatch.setitem(sys.modules, "matplotlib", matplotlib)
        monkeypatch.setitem(sys.modules, "matplotlib.pyplot", self.pyplot)
        self._shorten()
        self._stay_offline()

    def _stay_offline(self) -> None:
        """Let weights="imagenet" leave the random weights, without a download."""
        load = keras.Model.load_weights

        def load_weights(model: Any, path: Any, *args: Any, **options: Any) -> Any:
            return None if path == "published" else load(model, path, *args, **options)

        self.monkeypatch.setattr(imagenet, "published", lambda *args, **options: "published")
        self.monkeypatch.setattr(keras.Model, "load_weights", load_weights)

    def _shorten(self) -> None:
        fit, evaluate, predict = training.fit, training.evaluate, training.predict

        def short_fit(model: Any, x: Any, y: Any = None, **options: Any) -> Any:
            if y is None:
                steps = {"steps_per_epoch": 1, "validation_steps": 1}
                options.update({name: n for name, n in steps.items() if options.get(name)})
            else:
                x, y = x[:ROWS], y[:ROWS]
            return fit(model, x, y, **{**options, "epochs": min(options["epochs"], 2)})

        def short_evaluate(model: Any, x: Any, y: Any = None, **options: Any) -> Any:
            return evaluate(model, x[:ROWS], y[:ROWS], **options)

        def short_predict(model: Any, x: Any, **options: Any) -> Any:
            return predict(model, x[:ROWS], **options)

        self.monkeypatch.setattr(training, "fit", short_fit)
        self.monkeypatch.setattr(training, "evaluate", short_evaluate)
        self.monkeypatch.setattr(training, "predict", short_predict)

    def play_pictures(self, train: int = 1000, test: int = 200) -> None:
        """Let Fashion-MNIST and MNIST be blots whose place is their class."""

        def part(count: int) -> Any:
            t = np.arange(count, dtype=np.uint8) % 10
            few = np.random.default_rng(0).integers(0, 60, (10, 28, 28), dtype=np.uint8)
            few[np.arange(10), 2 * np.arange(10) + 4] = 250
            return few[t], t

        for name in ("fashion_mnist", "mnist"):
            module = getattr(keras.datasets, name)
            self.monkeypatch.setattr(module, "load_data", lambda: (part(train), part(test)))

    def draw_pets(self) -> dict[str, str]:
        """Draw a few cats and dogs; return names for the folders as the book has them."""
        draw_folders = runpy.run_path(str(ROOT / "examples" / "drawn_pets.py"))["draw_folders"]
        folders = draw_folders(self.folder / "pets", (16, 10))
        return {"train_dir": str(folders["train"]), "validation_dir": str(folders["validation"])}

    def run(self, parts: Iterable[str], names: dict[str, Any] | None = None) -> dict[str, Any]:
        """Execute statements one after the other; return the names that they made."""
        space: dict[str, Any] = {"__name__": "tutorial", **(names or {})}
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            for part in parts:
                exec(compile(part, part.strip(), "exec"), space)  # noqa: S102 - the page's code
        self.printed += out.getvalue()
        return space

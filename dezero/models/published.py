"""What models with published weights share: where the weights are, whose names, where to cut."""

import contextlib
import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import describe, lookup, nearest
from dezero.io import (
    DownloadError,
    cache_dir,
    fetch,
    get_file,
    has_sha256,
    load_arrays,
    save_arrays,
)
from dezero.layers import (
    Layer,
    assign_weights,
    given_arrays,
    translated_weights,
    weight_arrays,
)
from dezero.models.model import Model
from dezero.models.pictures import STYLES, preprocess

# Before the name of a style in a file of weights.
STYLE = "preprocessing/"


class WeightFile(NamedTuple):
    """A published file; `sha256` as for `fetch`, None where its publisher tells nothing."""

    url: str
    sha256: str | None
    max_bytes: int


class Step(NamedTuple):
    """A part of a model that its output can be cut off after."""

    name: str
    layers: tuple[Layer, ...]
    run: Callable[[Any], Variable]


class _Preprocess:
    """`preprocess` in the style of the model's weights; of a class, in that of its usual ones."""

    def __get__(self, model: Any, owner: Any) -> Callable[..., np.ndarray]:
        style = (owner if model is None else model).preprocessing
        return functools.partial(preprocess, style=style)


class Published(Model):
    """Base of the models whose weights are published.

    `model.preprocess(image)` makes of a Pillow picture what the model's weights want, `extract`
    gives intermediate results, `freeze` keeps the first layers as they are.
    """

    whole: ClassVar[str] = ""
    preprocessing: str = "torchvision"
    preprocess = _Preprocess()
    variant: str | None = None
    classes: int
    features: str | None
    width: float

    def parts(self) -> tuple[str, ...]:
        """Return the names of all parts, those behind the cut as well; the last one classifies."""
        raise NotImplementedError(
            f"{type(self).__name__}.parts: expected the subclass to define it. Return names."
        )

    def steps(self) -> list[Step]:
        """Return the parts in order, up to the cut."""
        raise NotImplementedError(
            f"{type(self).__name__}.steps: expected the subclass to define it. Return Steps."
        )

    def smallest(self) -> int:
        """Return the height and width that a picture must have."""
        return 1

    def sources(self) -> dict[str, WeightFile]:
        """Return the published files by what `pretrained` calls them, the usual one first."""
        return {}

    def torch_names(self) -> dict[str, str]:
        """Return {layer in torchvision's files: path of ours}."""
        return {}

    def recognise(self, torchs: bool, arrays: Mapping[str, np.ndarray]) -> tuple[str | None, str]:
        """Return the variant that weights are for, None for the only one, and their style."""
        return None, "torchvision" if torchs else type(self).preprocessing

    def become(self, variant: str | None) -> Callable[[], None]:
        """Change strides, padding and the like to those of a variant; return what undoes it."""
        return lambda: None

    @property
    def usual_input(self) -> tuple[int, int, int]:
        """Shape of the pictures that the model was designed for, which `summary` falls back on."""
        return self._channels() or 3, 224, 224

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        x = self._checked(x)
        for step in self.steps():
            x = step.run(x)
        return x

    def extract(self, x: Any, cuts: Sequence[str]) -> dict[str, Variable]:
        """Return {cut: output of that part} of pictures x, computing no further than need be.

        Raises:
            ValueError: a cut is unknown, or x does not fit.
        """
        cuts = [cuts] if isinstance(cuts, str) else list(cuts)
        table = dict.fromkeys(step.name for step in self.steps())
        for cut in cuts:
            lookup(f"{type(self).__name__}.extract", cut, table)
        found: dict[str, Variable] = {}
        y, steps = self._checked(x), iter(self.steps())
        while len(found) < len(set(cuts)):
            step = next(steps)
            y = step.run(y)
            if step.name in cuts:
                found[step.name] = y
        return found

    def freeze(self, upto: str | None = None) -> None:
        """Keep optimizers from changing the layers up to the cut `upto`, included.

        Args:
            upto: name of a part; None for all but those that classify.
        Raises:
            ValueError: the name is unknown.
        Note: frozen batch normalisation computes with its running statistics, which stay too.
            `model.trainable = True` frees all layers again.
        """
        steps = self.steps()
        names = [step.name for step in steps]
        if upto is None and self.whole not in names:
            upto = names[-1]
        lookup(f"{type(self).__name__}.freeze", upto or self.whole, dict.fromkeys(names))
        for step in steps[: names.index(upto or self.whole) + 1]:
            for layer in step.layers:
                layer.trainable = False

    def save_weights(self, path: Any) -> None:
        """Write weights as `Layer.save_weights` does.

        Note: where `preprocess` is not in the style that such weights usually want, an empty array
            "preprocessing/STYLE" says so; upstream's reader passes it over.
        """
        arrays = weight_arrays("save_weights", self)
        if self.recognise(False, arrays)[1] != self.preprocessing:
            arrays[f"{STYLE}{self.preprocessing}"] = np.zeros(0, np.float32)
        save_arrays(path, arrays)

    def load_weights(self, path: Any, names: Any = None) -> None:
        """Read weights as `Layer.load_weights` does, torchvision's under their own names as well.

        The model becomes the variant that the weights are for. `preprocess` follows, unless the
        constructor was told a style.
        """
        if names is not None:
            super().load_weights(path, names)
        elif isinstance(path, Mapping):
            self._take(given_arrays("load_weights", path), own=False)
        else:
            self._take(load_arrays(path))

    def _set_up(
        self,
        classes: int,
        features: bool | str | None,
        width: float,
        preprocessing: str | None,
        name: str | None,
    ) -> None:
        kind = type(self).__name__
        if isinstance(classes, bool) or not isinstance(classes, int | np.integer) or classes < 1:
            raise ValueError(f"{kind}: expected classes >= 1, got {describe(classes)}.")
        if isinstance(width, bool) or not isinstance(width, int | float) or not 0 < width < 1e3:
            raise ValueError(
                f"{kind}: expected width above 0 and below 1000, got {describe(width)}. 1 is the "
                "paper's."
            )
        if features is True:
            features = self.whole
        if features:
            lookup(f"{kind}: features", features, dict.fromkeys(self.parts()))
        self._style = preprocessing
        if preprocessing is not None:
            lookup(f"{kind}: preprocessing", preprocessing, STYLES)
            self.preprocessing = preprocessing
        self.classes, self.width, self.name = int(classes), width, name
        self.features = features or None

    def _config(self) -> dict[str, Any]:
        return {
            "classes": self.classes,
            "features": self.features,
            "width": self.width,
            "preprocessing": self.preprocessing,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Published":
        model = cls(**config)
        model._style = None  # it was that of the weights
        return model

    def _wide(self, channels: int) -> int:
        return max(1, int(channels * self.width + 0.5))

    def _made(self, name: str) -> bool:
        """Return whether the part `name` comes before the cut, or is it."""
        parts = self.parts()
        return self.features is None or parts.index(name) <= parts.index(self.features)

    def _pretrain(self, pretrained: Any) -> None:
        """Load the weights that the constructor's argument asks for."""
        if pretrained is None or pretrained is False:
            return
        kind, sources = type(self).__name__, self.sources()
        origin = next(iter(sources)) if pretrained is True and sources else pretrained
        if isinstance(origin, str) and origin in sources:
            path: Any = obtain(kind, sources[origin])
        elif isinstance(origin, str | os.PathLike) and os.path.exists(origin):
            path = origin
        else:
            raise ValueError(
                f"{kind}: expected pretrained to be True, a file that is there or a name, got "
                f"{describe(pretrained)}. {nearest(str(pretrained)[:60], sources)}"
            )
        self._take(load_arrays(path), other_classes=True)

    def _take(
        self, arrays: Mapping[str, np.ndarray], *, other_classes: bool = False, own: bool = True
    ) -> None:
        """Load weights; where `other_classes` may be meant, a last layer that fits not is left."""
        caller, table = "load_weights", self.torch_names()
        torchs = any(_layer_of(name) in table and name.endswith(".weight") for name in arrays)
        variant, style = self.recognise(torchs, arrays)
        told = [name for name in STYLES if f"{STYLE}{name}" in arrays]
        style = told[0] if told else style
        undo = self.become(variant)
        try:
            names = functools.partial(self._path, table if torchs else {})
            ready = translated_weights(caller, self, arrays, names)
            head = self.parts()[-1]
            theirs = ready.get(f"{head}/b")
            keep = []
            if other_classes and theirs is not None and theirs.shape != (self.classes,):
                keep = [head]
                ready = {n: a for n, a in ready.items() if not n.startswith(f"{head}/")}
            assign_weights(caller, self, ready, keep=keep, own=own)
        except BaseException:
            undo()
            raise
        self.preprocessing = self._style or style

    def _path(self, table: Mapping[str, str], name: str) -> str | None:
        """Return what the array `name` is called here, None for layers behind the cut."""
        layer, _, word = name.replace("/", ".").rpartition(".")
        if table:
            ours = table.get(layer.removeprefix("module."))
            wanted = name if ours is None else f"{ours}.{word}"
        else:
            wanted = name
        first = wanted.replace("/", ".").partition(".")[0]
        if name.removeprefix(STYLE) in STYLES and name.startswith(STYLE):
            return None
        return None if first in self.parts() and not self._made(first) else wanted

    def _channels(self) -> int | None:
        """Return how many channels pictures must have, None if the first ones will tell."""
        first: Any = self.steps()[0].layers[0]
        return first.in_channels

    def _checked(self, x: Any) -> Variable:
        """Return pictures as a Variable, if the model can take them."""
        x = Variable.wrap(x)
        shape, channels, least = x.shape, self._channels(), self.smallest()
        if len(shape) == 4 and channels in (None, shape[1]) and min(shape[2:]) >= least:
            return x
        raise ValueError(
            f"{type(self).__name__}: expected pictures (N, {channels or 3}, H, W), got shape "
            f"{shape}. {_advice(shape, channels, least)}"
        )


def _advice(shape: tuple[int, ...], channels: int | None, least: int) -> str:
    if len(shape) == 3:
        return "Add the batch axis: x[None]."
    if len(shape) == 4 and shape[1] != shape[3] == (channels or 3):
        return "Put the channels first: x.transpose(0, 3, 1, 2)."
    if len(shape) == 4 and channels in (None, shape[1]):
        return f"Resize them to at least {least} x {least}."
    return "Check the number of channels."


def rectified(layer: Layer) -> Callable[[Any], Variable]:
    """Return the function relu(layer(x))."""
    return lambda x: F.relu(layer(x))


def _layer_of(name: str) -> str:
    return name.removeprefix("module.").rpartition(".")[0]


def obtain(caller: str, file: WeightFile) -> Path:
    """Return the path of a published file: a copy on this machine, or a download.

    Looked for in DEZERO_DATA, in the cache and where torch keeps its own. A copy there is taken if
    it has the pinned hash; where nothing is pinned, only the name can tell.

    Args:
        caller: first word of an error.
        file: the file.
    Raises:
        DownloadError: it is not here, and cannot be fetched or DEZERO_OFFLINE forbids it.
    """
    name = file.url.rpartition("/")[2]
    for folder in _folders(pinned=file.sha256 is not None):
        path = folder / name
        if path.is_file() and (file.sha256 is None or has_sha256(path, file.sha256)):
            return path
    if os.environ.get("DEZERO_OFFLINE", "0") not in {"", "0"}:
        raise DownloadError(
            f"{caller}: expected {name} on this machine, got none, and DEZERO_OFFLINE is set. Put "
            f"it into {cache_dir()} or a folder that DEZERO_DATA names; it comes from {file.url}."
        )
    if file.sha256 is None:
        return Path(get_file(file.url, max_bytes=file.max_bytes))
    return fetch(file.url, cache_dir() / name, sha256=file.sha256, max_bytes=file.max_bytes)


def _folders(pinned: bool) -> Iterator[Path]:
    chosen = os.environ.get("DEZERO_DATA")
    if chosen:
        yield Path(chosen)
    with contextlib.suppress(RuntimeError):  # an account without a home
        yield cache_dir()
        if pinned:
            home = os.environ.get("TORCH_HOME") or "~/.cache/torch"
            yield Path(home).expanduser() / "hub" / "checkpoints"

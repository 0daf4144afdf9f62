"""Layers that disturb in training alone: SpatialDropout, GaussianNoise, GaussianDropout."""

from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend import random
from dezero.backend.philox import source_of
from dezero.core import Config, as_array, using_config
from dezero.functions.noise import drawn_keep
from dezero.keras.layers.weighted import Weighted, checked_format


class Disturbing(Weighted):
    """A layer with a generator of its own if it has a seed, and the library's if not."""

    seed: Any = None
    supports_masking = True
    _generator: Any = None
    _stream: Any = None

    def _set_seed(self, seed: Any) -> None:
        self.seed = seed
        self._generator = None if seed is None else np.random.default_rng(seed)
        self._stream = None if seed is None else source_of(seed)

    def _rng(self) -> Any:
        return random.default_rng() if self._generator is None else self._generator

    def _masks(self) -> Any:
        """Return where dropout and noise are drawn from, on any device."""
        return random.masks() if self._stream is None else self._stream

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)


def trains(training: Any) -> bool:
    """Return whether to train, where None leaves it to the library's mode."""
    return bool(Config.train if training is None else training)


class _SpatialDropout(Disturbing):
    def _set_rate(self, rate: float) -> None:
        if not 0 <= rate <= 1:
            raise ValueError(
                f"{type(self).__name__}: expected rate from 0 to 1, got {rate}. "
                "It is the part that is dropped: 0.3, not 30."
            )
        self.rate = float(rate)

    def _dropped(self, inputs: Any, shape: tuple, training: Any) -> Any:
        """Drop in training, all together along the axes where `shape` is 1."""
        if not trains(training) or not self.rate:
            return inputs
        keep = drawn_keep(as_array(inputs), shape, self.rate, self._masks())
        with using_config("train", True):
            return F.dropout(inputs, self.rate, mask=keep)


class SpatialDropout1D(_SpatialDropout):
    """Dropout of whole channels of sequences (N, T, C).

    Args:
        rate: the part that is dropped.
        seed: of its own generator.
    """

    fields = ("rate", "seed")

    def __init__(
        self, rate: float, seed: Any = None, name: str | None = None, dtype: Any = None, **old: Any
    ) -> None:
        super().__init__(name=name, dtype=dtype, **old)
        self._set_rate(rate)
        self._set_seed(seed)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training without some of their channels."""
        n, _, channels = inputs.shape
        return self._dropped(inputs, (n, 1, channels), training)


class SpatialDropout2D(_SpatialDropout):
    """Dropout of whole channels of pictures.

    Args:
        rate: the part that is dropped.
        data_format: "channels_last" (the default) or "channels_first".
        seed: of its own generator.
    """

    fields = ("rate", "data_format", "seed")

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: Any = None,
        name: str | None = None,
        dtype: Any = None,
        **old: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **old)
        self._set_rate(rate)
        self.data_format = checked_format("SpatialDropout2D", data_format)
        self._set_seed(seed)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training without some of their channels."""
        n, *_, last = inputs.shape
        is_last = self.data_format == "channels_last"
        shape = (n, 1, 1, last) if is_last else (n, inputs.shape[1], 1, 1)
        return self._dropped(inputs, shape, training)


class GaussianNoise(Disturbing):
    """Add normal noise in training.

    Args:
        stddev: its standard deviation.
        seed: of its own generator.
    """

    fields = ("stddev", "seed")

    def __init__(self, stddev: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= stddev <= 1:
            raise ValueError(
                f"GaussianNoise: expected stddev from 0 to 1, got {stddev}. Scale the inputs."
            )
        self.stddev = float(stddev)
        self._set_seed(seed)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training with noise."""
        if not trains(training):
            return inputs
        with using_config("train", True):
            return F.gaussian_noise(inputs, self.stddev, rng=self._masks())


class GaussianDropout(Disturbing):
    """Multiply by normal noise of mean 1 and variance rate / (1 - rate) in training.

    Args:
        rate: of the dropout that is as uncertain.
        seed: of its own generator.
    """

    fields = ("rate", "seed")

    def __init__(self, rate: float, seed: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"GaussianDropout: expected 0 <= rate < 1, got {rate}. Try 0.3.")
        self.rate = float(rate)
        self._set_seed(seed)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training with noise."""
        if not trains(training):
            return inputs
        with using_config("train", True):
            return F.gaussian_dropout(inputs, self.rate, rng=self._masks())

"""Small layers: Identity, ActivityRegularization, AlphaDropout, AdditiveAttention."""

from typing import Any

from dezero import functions as F
from dezero.backend import xp
from dezero.core import Variable
from dezero.functions.noise import drawn_keep
from dezero.keras.layers.attention import Attention
from dezero.keras.layers.regularization import Disturbing, trains
from dezero.keras.layers.weighted import Weighted
from dezero.keras.regularizers import L1L2

__all__ = ["ActivityRegularization", "AdditiveAttention", "AlphaDropout", "Identity"]

# Klambauer et al. 2017, "Self-normalizing neural networks": -scale * alpha of selu.
FLOOR = -1.7580993408473766


class Identity(Weighted):
    """Return the inputs."""

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the inputs."""
        return input_shape


class ActivityRegularization(Identity):
    """Add a penalty of the inputs to the loss, and return them.

    Args:
        l1: times the sum of their sizes.
        l2: times the sum of their squares.
    """

    fields = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        kwargs.pop("activity_regularizer", None)
        super().__init__(activity_regularizer=L1L2(l1, l2), **kwargs)
        self.l1, self.l2 = l1, l2


class AlphaDropout(Disturbing):
    """Dropout to the floor of selu, after which mean and variance are the same.

    Args:
        rate: the part that is dropped.
        noise_shape: of what is drawn; axes of size 1 are dropped together.
        seed: of its own generator.
    Reference:
        Klambauer et al. 2017, "Self-normalizing neural networks".
    """

    fields = ("rate", "noise_shape", "seed")

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if not 0 <= rate < 1:
            raise ValueError(f"AlphaDropout: expected 0 <= rate < 1, got {rate}. Try 0.1.")
        self.rate, self.noise_shape = float(rate), noise_shape
        self._set_seed(seed)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, in training some of them at the floor."""
        if not trains(training) or not self.rate:
            return inputs
        x = Variable.wrap(inputs)
        asked = self.noise_shape or x.shape
        shape = [n if s is None else s for s, n in zip(asked, x.shape, strict=True)]
        keep = drawn_keep(x.data, shape, self.rate, self._masks())
        a = ((1 - self.rate) * (1 + self.rate * FLOOR**2)) ** -0.5
        b = -a * FLOOR * self.rate
        return F.where(xp(x.data).broadcast_to(keep, x.shape), x, FLOOR) * a + b


class AdditiveAttention(Attention):
    """Attention of queries to values by the sum of scale * tanh(query + key), as Bahdanau has it.

    Args:
        use_scale: whether the features are weighed by numbers that are learnt.
        dropout: part of the attention that is dropped in training.
        seed: of its own generator.
    """

    fields = ("use_scale", "dropout", "seed")

    def __init__(
        self, use_scale: bool = True, dropout: float = 0.0, seed: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(use_scale=use_scale, dropout=dropout, seed=seed, **kwargs)
        self._set_roles(scale=("glorot_uniform",))

    def build(self, input_shape: Any) -> None:
        """Make the weights of the features."""
        features = input_shape[0][-1]
        self.scale = self._weight("scale", (features,)) if self.use_scale else None

    def _scores(self, query: Any, key: Any) -> Any:
        both = F.tanh(F.expand_dims(query, -2) + F.expand_dims(key, -3))
        return F.sum(both if self.scale is None else both * self.scale, -1)

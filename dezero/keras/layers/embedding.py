"""Embedding: a row of weights for each whole number."""

from typing import Any

from dezero import functions as F
from dezero.core import as_array
from dezero.functions.windows import sizes
from dezero.keras.layers.weighted import Weighted


class Embedding(Weighted):
    """Look up the row of each number: (N, T) becomes (N, T, output_dim).

    Args:
        input_dim: how many numbers there are, 0 to input_dim - 1.
        output_dim: length of a row.
        embeddings_initializer, embeddings_regularizer, embeddings_constraint: as in `Dense`.
        mask_zero: whether 0 is padding, which later layers leave out.
        weights: the rows, if they are known.
        input_length: T, as Keras 2 has it; need not be known.
    """

    fields = ("input_dim", "output_dim", "mask_zero")
    roles = ("embeddings",)
    embeddings: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        *,
        input_length: Any = None,
        **kwargs: Any,
    ) -> None:
        if input_length is not None and not {"input_shape", "batch_input_shape"} & kwargs.keys():
            several = isinstance(input_length, list | tuple)
            kwargs["input_shape"] = tuple(input_length) if several else (input_length,)
        if weights is not None and not isinstance(weights, list | tuple):
            weights = [weights]
        super().__init__(weights=weights, **kwargs)
        self.input_dim = sizes("Embedding", "input_dim", input_dim, 1, 1)[0]
        self.output_dim = sizes("Embedding", "output_dim", output_dim, 1, 1)[0]
        self.mask_zero = bool(mask_zero)
        self.supports_masking = self.mask_zero
        self._set_roles(
            embeddings=(embeddings_initializer, embeddings_regularizer, embeddings_constraint)
        )

    def build(self, input_shape: Any = None) -> None:
        """Make the rows, (input_dim, output_dim)."""
        self.embeddings = self._weight("embeddings", (self.input_dim, self.output_dim))

    def call(self, inputs: Any) -> Any:
        """Return the rows of the numbers; floating ones lose what is behind the point."""
        ids = as_array(inputs)
        return F.embed_id(ids if ids.dtype.kind in "iu" else ids.astype(int), self.embeddings)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return where the numbers are not 0, if that is padding."""
        return as_array(inputs) != 0 if self.mask_zero else None

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape with an axis of output_dim behind."""
        return (*input_shape, self.output_dim)

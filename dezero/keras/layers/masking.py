"""`Masking`: mark the places of a sequence that are padding."""

from typing import Any

from dezero import functions as F
from dezero.core import Variable, as_array
from dezero.keras.layers.weighted import Weighted

__all__ = ["Masking"]


class Masking(Weighted):
    """Mask the places of a sequence at which every feature is `mask_value`, and set them to 0.

    Args:
        mask_value: number.
    """

    fields = ("mask_value",)
    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value

    def call(self, inputs: Any) -> Any:
        """Return the inputs, 0 where they are masked."""
        x = Variable.wrap(inputs)
        return F.where(self.compute_mask(x)[..., None], x, 0)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return True for the places that count, whatever mask came in, as in Keras."""
        return (as_array(inputs) != self.mask_value).any(axis=-1)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)

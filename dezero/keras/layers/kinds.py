"""What stands beside the layers: InputSpec, Wrapper, ThresholdedReLU."""

from typing import Any

from dezero import functions as F
from dezero.core import as_array
from dezero.core.errors import describe
from dezero.keras.layers.base import Layer
from dezero.keras.layers.table import layer_from, saved_layer
from dezero.keras.layers.weighted import Weighted

__all__ = ["InputSpec", "ThresholdedReLU", "Wrapper"]


class InputSpec:
    """What a layer of one's own says of its inputs; kept, and not enforced.

    Args:
        dtype, shape, ndim, max_ndim, min_ndim, axes: of the inputs.
    """

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        dtype: Any = None,
        shape: Any = None,
        ndim: int | None = None,
        max_ndim: int | None = None,
        min_ndim: int | None = None,
        axes: Any = None,
        **ignored: Any,
    ) -> None:
        self.dtype, self.shape = dtype, None if shape is None else tuple(shape)
        self.ndim = len(self.shape) if self.shape is not None else ndim
        self.max_ndim, self.min_ndim, self.axes = max_ndim, min_ndim, dict(axes or {})


class Wrapper(Weighted):
    """A parent for layers around another layer, which is `self.layer`.

    Args:
        layer: the layer inside.
    Raises:
        TypeError: it is no layer.
    """

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(f"Wrapper: expected a layer, got {describe(layer)}. Try Dense(32).")
        super().__init__(**kwargs)
        self.layer: Any = layer

    def build(self, input_shape: Any = None) -> None:
        """Build the layer inside."""
        self.layer.build_once([input_shape])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return super().get_config() | {"layer": saved_layer(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new layer from what `get_config` returned."""
        return cls(**config | {"layer": layer_from(config["layer"])})


class ThresholdedReLU(Weighted):
    """Return x above `theta`, and 0 elsewhere; Keras 3 has it as ReLU(threshold=theta).

    Args:
        theta: number.
    """

    fields = ("theta",)
    supports_masking = True

    def __init__(self, theta: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.theta = float(theta)

    def call(self, inputs: Any) -> Any:
        """Return what is above theta."""
        return F.where(as_array(inputs) > self.theta, inputs, 0.0)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)

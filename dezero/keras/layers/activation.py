"""Activations that are layers of their own: ReLU and its family, Softmax."""

from typing import Any

from dezero import functions as F
from dezero.core import as_array
from dezero.keras.layers.weighted import Weighted


class _Elementwise(Weighted):
    supports_masking = True

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)


class ReLU(_Elementwise):
    """Rectifier: x between threshold and max_value, negative_slope * (x - threshold) below.

    Args:
        max_value: number, None for no limit.
        negative_slope, threshold: numbers.
    """

    fields = ("max_value", "negative_slope", "threshold")

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float | None = 0.0,
        threshold: float | None = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if max_value is not None and not max_value >= 0:
            raise ValueError(f"ReLU: expected max_value >= 0, got {max_value}. None is no limit.")
        for name, value in (("negative_slope", negative_slope), ("threshold", threshold)):
            if value is None or not value >= 0:
                raise ValueError(f"ReLU: expected {name} >= 0, got {value}. 0 is usual.")
        self.max_value = None if max_value is None else float(max_value)
        self.negative_slope, self.threshold = negative_slope or 0.0, threshold or 0.0

    def call(self, inputs: Any) -> Any:
        """Return the inputs, rectified."""
        options = {"slope": self.negative_slope, "threshold": self.threshold}
        return F.rectify(inputs, **options, limit=self.max_value)


class LeakyReLU(_Elementwise):
    """Rectifier with a leak: x above 0, negative_slope * x below; `alpha` is its old name."""

    fields = ("negative_slope",)

    def __init__(
        self, negative_slope: float = 0.3, *, alpha: float | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        slope = negative_slope if alpha is None else alpha
        if slope is None or not float(slope) >= 0:
            raise ValueError(f"LeakyReLU: expected negative_slope >= 0, got {slope}. Try 0.3.")
        self.negative_slope = float(slope)

    def call(self, inputs: Any) -> Any:
        """Return the inputs, rectified."""
        return F.leaky_relu(inputs, self.negative_slope)


class PReLU(_Elementwise):
    """Rectifier with a learned leak `alpha` for each element of a sample.

    Args:
        alpha_initializer, alpha_regularizer, alpha_constraint: as in `Dense`.
        shared_axes: axes, counted with the batch as 0, along which alpha is the same.
    """

    fields = ("shared_axes",)
    roles = ("alpha",)
    alpha: Any = None

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set_roles(alpha=(alpha_initializer, alpha_regularizer, alpha_constraint))
        if shared_axes is not None and not isinstance(shared_axes, list | tuple):
            shared_axes = [shared_axes]
        self.shared_axes = None if shared_axes is None else list(shared_axes)

    def build(self, input_shape: Any) -> None:
        """Make alpha, of the shape of a sample with 1 along the shared axes."""
        shape = list(input_shape)
        for axis in self.shared_axes or ():
            shape[axis] = 1
        if None in shape[1:]:
            raise ValueError(
                f"PReLU: expected sizes that are known, got {tuple(input_shape)}. Share the axes "
                "whose size varies with shared_axes."
            )
        self.alpha = self._weight("alpha", tuple(shape[1:]))

    def call(self, inputs: Any) -> Any:
        """Return the inputs, rectified."""
        return F.prelu(inputs, self.alpha)


class ELU(_Elementwise):
    """Exponential linear unit: x above 0, alpha * (e ** x - 1) below."""

    fields = ("alpha",)

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = float(alpha)

    def call(self, inputs: Any) -> Any:
        """Return the activation of the inputs."""
        return F.elu(inputs, self.alpha)


class Softmax(_Elementwise):
    """Softmax along `axis`, an int or several; where a mask is False the result is 0."""

    fields = ("axis",)

    def __init__(self, axis: Any = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis: Any = tuple(axis) if isinstance(axis, list | tuple) else int(axis)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Return numbers that add up to 1; `mask` broadcasts to the inputs."""
        if mask is None:
            return F.softmax(inputs, self.axis)
        keep = as_array(mask)
        keep = keep if keep.dtype.kind == "b" else keep > 0.5
        return F.where(keep, F.softmax(F.where(keep, inputs, -1e9), self.axis), 0.0)

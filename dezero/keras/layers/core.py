"""The layers that nearly every model has: Input, Dense, Activation, Flatten, Dropout, Lambda."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dezero import functions as F
from dezero.backend.philox import source_of
from dezero.backend.random import masks
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.functions.noise import drawn_keep
from dezero.functions.windows import sizes
from dezero.keras import activations
from dezero.keras.layers import shapes
from dezero.keras.layers.base import Layer
from dezero.keras.layers.weighted import Weighted, checked_format
from dezero.keras.tensors import KerasTensor, Node

__all__ = ["Activation", "Dense", "Dropout", "Flatten", "Input", "InputLayer", "Lambda"]


class InputLayer(Layer):
    """The place where arrays come into a model.

    Args:
        shape: of one sample; `input_shape` and `batch_input_shape`, the batch in front, are older.
        batch_size: size of a batch, if it is always the same.
        dtype: of the arrays.
    """

    def __init__(
        self,
        shape: Any = None,
        batch_size: int | None = None,
        dtype: Any = None,
        *,
        name: str | None = None,
        **old: Any,
    ) -> None:
        if shape is not None:
            old["input_shape"] = shape
        old = {key: value for key, value in old.items() if key not in ("sparse", "ragged")}
        super().__init__(name=name, dtype=dtype, batch_size=batch_size, **old)
        if self.batch_input_shape is None:
            raise ValueError(
                "Input: expected shape, that of one sample, got none. Write Input(shape=(784,))."
            )
        self.built = True
        tensor = KerasTensor(self.batch_input_shape, self.dtype, self.name)
        self.__dict__["_nodes"].append(Node(self, (), {}, tensor))

    def call(self, inputs: Any) -> Any:
        """Return the inputs."""
        return inputs

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)


def Input(
    shape: Any = None,
    batch_size: int | None = None,
    dtype: Any = None,
    name: str | None = None,
    **old: Any,
) -> KerasTensor:
    """Return the KerasTensor with which a functional model begins.

    Args:
        shape: of one sample, None for sizes that vary; `batch_shape` has the batch in front.
        batch_size: size of a batch, if it is always the same.
        dtype: of the arrays, "float32" if None.
        name: of the input; counted if None.
    Note: `Sequential` takes it as its first entry too.
    """
    layer = InputLayer(shape, batch_size, dtype, name=name, **old)
    return layer.output


class Dense(Weighted):
    """y = activation(x kernel + bias) over the last axis of x.

    Args:
        units: features of y.
        activation: name or function; None for none.
        use_bias: whether there is a bias.
        kernel_initializer, bias_initializer: first values of kernel (in, units), bias (units,).
        kernel_regularizer, bias_regularizer: what they add to the loss.
        activity_regularizer: what y adds to the loss.
        kernel_constraint, bias_constraint: what holds again after each update.
    """

    fields = ("units", "activation", "use_bias")
    roles = ("kernel", "bias")
    supports_masking = True
    kernel: Any = None
    bias: Any = None

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = sizes("Dense", "units", units, 1, 1)[0]
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self._set_roles(
            kernel=(kernel_initializer, kernel_regularizer, kernel_constraint),
            bias=(bias_initializer, bias_regularizer, bias_constraint),
        )

    def build(self, input_shape: Any) -> None:
        """Make the kernel, (in, units), and the bias."""
        if len(input_shape) < 2 or input_shape[-1] is None:
            raise ValueError(
                f"Dense: expected inputs (N, ..., features) whose features are known, got "
                f"{tuple(input_shape)}. Give input_shape, or Flatten or Reshape before it."
            )
        self.kernel = self._weight("kernel", (input_shape[-1], self.units))
        self.bias = self._weight("bias", (self.units,)) if self.use_bias else None

    def call(self, inputs: Any) -> Any:
        """Return the activated product."""
        if self.activation is activations.relu:
            return F.linear_relu(inputs, self.kernel, self.bias)
        return self._activated(F.linear(inputs, self.kernel, self.bias))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs with units as the last size."""
        return (*input_shape[:-1], self.units)


class Activation(Weighted):
    """Apply a function, by name or as it is, to each element or row."""

    fields = ("activation",)
    supports_masking = True

    def __init__(self, activation: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, inputs: Any) -> Any:
        """Return the function of the inputs."""
        return self.activation(inputs)

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs; glu halves the last size."""
        shape = tuple(input_shape)
        if self.activation is activations.glu and shape and shape[-1] is not None:
            return (*shape[:-1], shape[-1] // 2)
        return shape


class Flatten(Weighted):
    """Lay out each sample in one row: (N, 28, 28) becomes (N, 784)."""

    fields = ("data_format",)

    def __init__(self, data_format: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = checked_format("Flatten", data_format)

    def call(self, inputs: Any) -> Any:
        """Return the rows; channels that come first go last before."""
        x = Variable.wrap(inputs)
        if self.data_format == "channels_first" and x.ndim > 2:
            x = F.transpose(x, (0, *range(2, x.ndim), 1))
        return F.reshape(x, (x.shape[0], -1) if x.size else (x.shape[0], int(np.prod(x.shape[1:]))))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return (batch, product of the sizes), None if one of them is."""
        inner = tuple(input_shape[1:])
        return (input_shape[0], None if None in inner else int(np.prod(inner)))


class Dropout(Weighted):
    """Set a share of the inputs to 0 in training, and scale the rest by 1 / (1 - rate).

    Args:
        rate: the share, from 0 up to 1.
        noise_shape: shape of what is drawn, 1 or None where axes share it.
        seed: makes the draws of this layer repeatable.
    """

    fields = ("rate", "seed", "noise_shape")
    supports_masking = True

    def __init__(
        self, rate: float, noise_shape: Any = None, seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        plain = isinstance(rate, int | float | np.number) and not isinstance(rate, bool)
        if not plain or not 0 <= rate <= 1:
            raise ValueError(
                f"Dropout: expected a rate from 0 to 1, got {rate!r}. It is the share set to 0."
            )
        self.rate, self.seed, self.noise_shape = rate, seed, noise_shape
        self._own = None if seed is None else source_of(seed)

    def call(self, inputs: Any, training: Any = None) -> Any:
        """Return the inputs, thinned out in training."""
        if not training or self.rate == 0:
            return inputs
        rng = masks() if self._own is None else self._own
        if self.noise_shape is None:
            return F.dropout(inputs, self.rate, rng=rng)
        x = Variable.wrap(inputs)
        if len(self.noise_shape) != x.ndim:
            raise ValueError(
                f"Dropout: expected noise_shape with a size for each axis of inputs {x.shape}, the "
                f"batch too, got {self.noise_shape}. None takes the size of the inputs."
            )
        shape = [n if s is None else s for s, n in zip(self.noise_shape, x.shape, strict=True)]
        return F.dropout(x, self.rate, mask=drawn_keep(x.data, shape, self.rate, rng))

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the inputs."""
        return tuple(input_shape)


class Lambda(Layer):
    """Apply a function of your own, such as `Lambda(lambda x: x ** 2)`.

    Note: a model with it is not loaded from a file, for a file must not bring code.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(f"Lambda: expected a function, got {describe(function)}.")
        self.function, self.arguments = function, dict(arguments or {})
        self._shape, self._mask = output_shape, mask

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return the function of the inputs."""
        if isinstance(inputs, list | tuple):
            return self.function([Variable.wrap(x) for x in inputs], **self.arguments)
        return self.function(Variable.wrap(inputs), **self.arguments)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return output_shape with the batch in front, or what the function gives for zeros."""
        if callable(self._shape):
            return self._shape(input_shape)
        if self._shape is not None:
            first = input_shape
            while isinstance(first, dict | list) or (first and isinstance(first[0], list | tuple)):
                first = next(iter(first.values())) if isinstance(first, dict) else first[0]
            return (first[0], *self._shape)
        return shapes.probed(self, (input_shape,), {})

    def get_config(self) -> dict[str, Any]:
        """Refuse: TypeError, for a function is code."""
        raise TypeError(
            f"Lambda: expected a layer that can be saved, got {self.name!r} with a function. "
            "Write a Layer of your own, or save the weights alone."
        )

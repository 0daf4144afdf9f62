"""The fully connected layer."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from dezero import initializers
from dezero.core import Parameter, Variable
from dezero.functions import linear, linear_relu, relu
from dezero.layers import parameters
from dezero.layers.activation import function_of, saved_name, shown_name
from dezero.layers.layer import Layer


class Linear(Layer):
    """y = activation(x W + b) over the last axis of x.

    Args:
        out_size: features of y.
        nobias: leave b out.
        dtype: floating dtype of the parameters.
        in_size: features of x; None takes them from the first call.
        initializer: first values of W, shape (in_size, out_size); name, Initializer, number or
            array, or function of (shape, dtype).
        bias_initializer: first values of b, shape (out_size,).
        kernel_regularizer, bias_regularizer: what the parameter adds to the loss.
        kernel_constraint, bias_constraint: what holds again after each update.
        activation: function or its name; None for none.
        name: for people.
    Note: random values come from `dezero.backend.random`.
    """

    def __init__(
        self,
        out_size: int,
        nobias: bool = False,
        dtype: DTypeLike = np.float32,
        in_size: int | None = None,
        *,
        initializer: Any = "lecun_normal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        activation: Any = None,
        name: str | None = None,
    ) -> None:
        self.out_size = parameters.checked_size("Linear: expected out_size", out_size)
        self.in_size = in_size
        self.dtype = parameters.checked_dtype("Linear", dtype)
        self.name = name
        self.initializer = initializers.get(initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.activation = function_of(activation)
        penalties, limits = {"W": kernel_regularizer}, {"W": kernel_constraint}
        self.W = Parameter(None, "W")
        if in_size is not None:
            self.in_size = parameters.checked_size("Linear: expected in_size", in_size)
            parameters.fill(self.W, self.initializer, (self.in_size, self.out_size), self.dtype)
        self.b = None
        if not nobias:
            self.b = Parameter(None, "b")
            parameters.fill(self.b, self.bias_initializer, (self.out_size,), self.dtype)
            penalties["b"], limits["b"] = bias_regularizer, bias_constraint
        parameters.set_rules(self, penalties, limits)

    def forward(self, x: Any) -> Variable:  # type: ignore[override]
        if self.W.data is None:
            with parameters.learning(self):
                self.in_size = parameters.last_size(self, x)
                shape = (self.in_size, self.out_size)
                parameters.fill_beside(x, self.W, self.initializer, shape, self.dtype)
                return self.forward(x)
        if self.activation is relu:
            return linear_relu(x, self.W, self.b)
        y = linear(x, self.W, self.b)
        return y if self.activation is None else self.activation(y)

    def details(self) -> str:
        bias = ", no bias" if self.b is None else ""
        function = "" if self.activation is None else f", {shown_name(self.activation)}"
        return f"{'?' if self.in_size is None else self.in_size} -> {self.out_size}{function}{bias}"

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        shape = (self.in_size or "in_size", self.out_size) if name == "W" else (self.out_size,)
        return shape, self.dtype

    def weights_loaded(self) -> None:
        self.in_size = self.W.shape[0]

    def from_torch(self, name: str, array: np.ndarray) -> np.ndarray:
        return array.T if name == "W" else array

    def config(self) -> dict[str, Any]:
        return {
            "out_size": self.out_size,
            "nobias": self.b is None,
            "dtype": self.dtype.name,
            "in_size": self.in_size,
            **parameters.saved_initializer("initializer", self.initializer),
            **parameters.saved_initializer("bias_initializer", self.bias_initializer),
            "activation": saved_name(f"layer {self.name or self.details()}", self.activation),
            **parameters.saved_rules(self, {"W": "kernel", "b": "bias"}),
        }

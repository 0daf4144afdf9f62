"""`Sequential`: layers one after another."""

from typing import Any

from dezero.core.errors import describe
from dezero.keras.layers.base import Layer
from dezero.keras.layers.core import Input, InputLayer
from dezero.keras.layers.table import layer_from, saved_layer
from dezero.keras.models.entries import fitted
from dezero.keras.models.model import KINDS, Model
from dezero.keras.tensors import KerasTensor

__all__ = ["Sequential"]


class Sequential(Model):
    """y = ...layer2(layer1(layer0(x))).

    Args:
        layers: list of layers; the first may be an Input, or have input_shape.
        name: in any script; counted if None.
    Raises:
        TypeError: one of them is no layer.
        ValueError: two of them have the same name.
    """

    def __init__(self, layers: Any = None, *, name: str | None = None, **options: Any) -> None:
        super().__init__(name=name, **options)
        self._stack: list[Layer] = []
        self._tensor: Any = None
        self._entry: Any = None
        given = () if layers is None else layers
        for layer in given if isinstance(given, list | tuple) else [given]:
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers, without the InputLayer."""
        return list(self._stack)

    def add(self, layer: Any) -> None:
        """Put a layer, or the tensor of `Input`, at the end."""
        if isinstance(layer, KerasTensor) and layer.node is not None:
            layer = layer.node.layer
        if isinstance(layer, InputLayer):
            self._begin(layer)
            return
        if not isinstance(layer, Layer):
            hint = f"Write {layer.__name__}(...)." if isinstance(layer, type) else "Try Lambda."
            raise TypeError(f"Sequential.add: expected a layer, got {describe(layer)}. {hint}")
        if any(layer is other or layer.name == other.name for other in self._stack):
            raise ValueError(
                f"Sequential.add: expected a layer with a name of its own, got {layer.name!r} "
                "twice. Give it another name."
            )
        if not self._stack and self._entry is None and layer.batch_input_shape is not None:
            shape, dtype = layer.batch_input_shape, _input_dtype(layer)
            self._begin(Input(batch_shape=shape, dtype=dtype, name=f"{layer.name}_input"))
        elif not self._stack and self._entry is None and isinstance(layer, Model):
            if layer.__dict__.get("_entry_shape") is not None:
                self._begin(Input(batch_shape=layer.__dict__["_entry_shape"]))
        self._stack.append(layer)
        self._touch()
        if self._tensor is not None:
            self._extend(layer)

    def _begin(self, entry: Any) -> None:
        if self._stack or self._entry is not None:
            raise ValueError(
                "Sequential.add: expected Input as the first entry, got it later. Put it in front."
            )
        entry = entry if isinstance(entry, InputLayer) else entry.node.layer
        self.__dict__["_entry"], self.__dict__["_tensor"] = entry, entry.output
        self.__dict__["_entry_shape"] = entry.output.shape

    def _extend(self, layer: Layer) -> None:
        self.__dict__["_tensor"] = layer(self._tensor)
        self.built = True

    def _touch(self) -> None:
        self._stack = self._stack  # the record of parameters notices an assignment

    def pop(self) -> Layer:
        """Take the last layer off and return it.

        Raises:
            IndexError: there is none.
        """
        if not self._stack:
            raise IndexError("Sequential.pop: expected a model with layers, got an empty one.")
        layer = self._stack.pop()
        self._touch()
        if self._entry is not None:
            self.__dict__["_tensor"] = self._stack[-1].output if self._stack else self._entry.output
        return layer

    def build(self, input_shape: Any = None) -> None:
        """Make the weights for inputs of this shape, None as batch."""
        if self._entry is None and input_shape is not None:
            entry = Input(batch_shape=(None, *tuple(input_shape)[1:]))
            stack, self._stack = self._stack, []
            self._begin(entry)
            self._stack = stack
            for layer in stack:
                self._extend(layer)

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Run the layers one after another."""
        entry = self._entry
        x = inputs if entry is None else fitted(inputs, entry.output, str(self.name))
        for layer in self._stack:
            x = layer(x)
        return x

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs."""
        for layer in self._stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    @property
    def inputs(self) -> list:
        """The KerasTensor of the input, in a list; empty while its shape is not known."""
        return [] if self._entry is None else [self._entry.output]

    @property
    def outputs(self) -> list:
        """The KerasTensor of the output, in a list; empty while its shape is not known."""
        return [] if self._tensor is None else [self._tensor]

    @property
    def input(self) -> Any:
        """The KerasTensor of the input."""
        return self.inputs[0] if self.inputs else super().input

    @property
    def output(self) -> Any:
        """The KerasTensor of the output."""
        return self.outputs[0] if self.outputs else super().output

    def predict_classes(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return the class of each sample, as Keras 2 called it: the largest, or above a half."""
        y = self.predict(x, batch_size, verbose)
        return y.argmax(-1) if y.shape[-1] > 1 else (y > 0.5).astype("int32")

    def predict_proba(self, x: Any, batch_size: int | None = None, verbose: Any = 0) -> Any:
        """Return what `predict` does, as Keras 2 called it."""
        return self.predict(x, batch_size, verbose)

    def get_config(self) -> dict[str, Any]:
        """Return name and layers, fit for JSON."""
        entries = [] if self._entry is None else [saved_layer(self._entry)]
        mixed = {"dtype": self.dtype_policy.name} if self.dtype_policy.half else {}
        layers = entries + [saved_layer(layer) for layer in self._stack]
        return {"name": self.name, **mixed, "layers": layers}

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> "Sequential":
        """Return a new model from what `get_config` returned."""
        entries = config if isinstance(config, list) else config["layers"]
        given = {} if isinstance(config, list) else config
        mixed = "mixed" in str(given.get("dtype"))  # of one dtype it has nothing itself
        options = {"name": given.get("name"), "dtype": given["dtype"] if mixed else None}
        return cls([layer_from(entry, custom_objects) for entry in entries], **options)


def _input_dtype(layer: Layer) -> Any:
    return getattr(layer, "input_dtype_name", layer.dtype)


KINDS["Sequential"] = Sequential

"""What happens when a layer is called on KerasTensors: its Nodes, and what they tell."""

from typing import Any

from dezero import layers
from dezero.keras.layers import shapes
from dezero.keras.tensors import KerasTensor, Node, packed, shape_of

__all__ = ["Symbolic"]


class Symbolic(layers.Layer):
    """A layer that remembers the KerasTensors it was called on."""

    dtype: Any
    built: bool
    _nodes: list[Node]
    _losses: list

    def symbolic(self, inputs: tuple, options: dict[str, Any]) -> Any:
        """Note the call in a Node and return the KerasTensors of its outputs."""
        found = [shape_of(value) for value in inputs]
        self.build_once(found)  # type: ignore[attr-defined]
        outputs = self._output_tensors(tuple(found), inputs, options)
        self.__dict__["_nodes"].append(Node(self, inputs, options, outputs))
        return outputs

    def _output_tensors(self, found: tuple, inputs: tuple, options: dict[str, Any]) -> Any:
        written = type(self).compute_output_shape is not Symbolic.compute_output_shape
        if written and not options.get("return_attention_scores"):  # a second output
            result = self.compute_output_shape(*found[:1])
        else:
            plain = {k: v for k, v in options.items() if type(v) is not KerasTensor}
            result = shapes.probed(self, found, plain)
        return _tensors(result, self.output_dtype(inputs))

    def output_dtype(self, inputs: tuple) -> Any:
        """Return the dtype of the outputs."""
        return self.dtype

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs for inputs of a shape, None as batch in both."""
        self.build_once([input_shape])  # type: ignore[attr-defined]
        return shapes.probed(self, (input_shape,), {})

    @property
    def input(self) -> Any:
        """The KerasTensor, or several, of the first call; AttributeError if there was none."""
        node = self._first_node("input")
        return node.args[0] if node.args else node.outputs

    @property
    def output(self) -> Any:
        """The KerasTensor, or several, that the first call returned."""
        return self._first_node("output").outputs

    def get_input_at(self, node_index: int) -> Any:
        """Return the KerasTensor, or several, of a call, counted from 0."""
        node = self._node_at(node_index)
        return node.args[0] if node.args else node.outputs

    def get_output_at(self, node_index: int) -> Any:
        """Return the KerasTensor, or several, that a call returned, counted from 0."""
        return self._node_at(node_index).outputs

    def _node_at(self, index: int) -> Node:
        nodes = self.__dict__["_nodes"]
        if not 0 <= index < len(nodes):
            raise ValueError(
                f"{type(self).__name__}: expected the number of one of {len(nodes)} calls on "
                f"tensors of Input, got {index}. Count from 0."
            )
        return nodes[index]

    @property
    def input_shape(self) -> Any:
        """Shape of the inputs of the first call, with None as batch."""
        return shape_of(self.input)

    @property
    def output_shape(self) -> Any:
        """Shape of the outputs of the first call, with None as batch."""
        return shape_of(self.output)

    def _first_node(self, what: str) -> Node:
        if not self.__dict__["_nodes"]:
            raise AttributeError(
                f"{type(self).__name__}.{what}: expected a layer that was called on a tensor of "
                f"Input, got {self.name!r}, which was not. Put it into a model first."
            )
        return self.__dict__["_nodes"][0]


def _tensors(shape: Any, dtype: Any) -> Any:
    if isinstance(shape, dict):
        return {key: _tensors(value, dtype) for key, value in shape.items()}
    if isinstance(shape, list):
        return [_tensors(value, dtype) for value in shape]
    if shape and isinstance(shape[0], tuple | list):
        return packed(shape, iter([_tensors(value, dtype) for value in shape]))
    return KerasTensor(shape, dtype)

"""Layers around another layer: Bidirectional, TimeDistributed."""

from typing import Any

from dezero import functions as F
from dezero.core import Config, Variable, as_array
from dezero.core.errors import describe
from dezero.keras.layers.base import Layer
from dezero.keras.layers.table import layer_from, saved_layer
from dezero.keras.layers.weighted import Weighted


def _is_recurrent(layer: Any) -> bool:
    return isinstance(layer, Layer) and hasattr(layer, "go_backwards")


MERGES = ("concat", "sum", "ave", "mul", None)


class Bidirectional(Weighted):
    """Run a recurrent layer from both ends, and put the two outputs together.

    Args:
        layer: a recurrent layer, which goes forward.
        merge_mode: "concat", "sum", "ave", "mul", or None for a list of both.
        weights: first values of both layers' weights.
        backward_layer: the layer that goes backward; one like `layer` if None.
    """

    fields = ("merge_mode",)
    supports_masking = True

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **kwargs: Any,
    ) -> None:
        if not _is_recurrent(layer):
            raise TypeError(
                f"Bidirectional: expected a recurrent layer, got {describe(layer)}. Try LSTM(32)."
            )
        if merge_mode not in MERGES:
            raise ValueError(
                f"Bidirectional: expected merge_mode {', '.join(map(repr, MERGES))}, got "
                f"{merge_mode!r}. Take one of them."
            )
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        config = layer.get_config()
        self.forward_layer: Any = type(layer).from_config(
            config | {"name": f"forward_{layer.name}"}
        )
        if backward_layer is None:
            words = {"go_backwards": not layer.go_backwards, "name": f"backward_{layer.name}"}
            backward_layer = type(layer).from_config(config | words)
        self.backward_layer: Any = backward_layer
        for name in ("return_sequences", "return_state", "stateful"):
            if getattr(layer, name) != getattr(backward_layer, name):
                raise ValueError(
                    f"Bidirectional: expected {name} alike in both layers, got "
                    f"{getattr(layer, name)} and {getattr(backward_layer, name)}. Change one."
                )
        if layer.go_backwards == backward_layer.go_backwards:
            raise ValueError(
                "Bidirectional: expected one layer with go_backwards=True, got "
                f"{layer.go_backwards} in both. Set it in backward_layer."
            )
        for one in (self.forward_layer, self.backward_layer):
            if hasattr(one, "zero_output_for_mask"):
                # So that both outputs are 0 at the same times.
                one.zero_output_for_mask = layer.return_sequences
        self.return_sequences, self.return_state = layer.return_sequences, layer.return_state
        self.stateful = layer.stateful
        self.go_backwards = False
        self._first_values = weights

    @property
    def layer(self) -> Any:
        """The layer that goes forward."""
        return self.forward_layer

    def build(self, input_shape: Any) -> None:
        """Build both layers."""
        for layer in (self.forward_layer, self.backward_layer):
            layer.build_once([input_shape])
        if self._first_values is not None:
            values, self._first_values = list(self._first_values), None
            half = len(values) // 2
            self.forward_layer.set_weights(values[:half])
            self.backward_layer.set_weights(values[half:])

    def call(
        self, inputs: Any, initial_state: Any = None, mask: Any = None, training: Any = None
    ) -> Any:
        """Return both outputs as merge_mode says, and the states of both if they are wanted."""
        halves: list = [None, None]
        if initial_state is not None:
            half = len(initial_state) // 2
            halves = [list(initial_state[:half]), list(initial_state[half:])]
        results = [
            layer.call(inputs, initial_state=states, mask=mask, training=training)
            for layer, states in zip((self.forward_layer, self.backward_layer), halves, strict=True)
        ]
        for layer, outputs in zip((self.forward_layer, self.backward_layer), results, strict=True):
            if layer.activity_regularizer is not None:
                layer._note_activity(outputs)
        ends: tuple = ()
        if self.return_state:
            ends = (*results[0][1:], *results[1][1:])
            results = [result[0] for result in results]
        y, back = results
        if self.return_sequences:
            back = F.flip(back, 1)
        merged = self._merged(y, back)
        if self.merge_mode is None:
            return (*merged, *ends)
        return (merged, *ends) if ends else merged

    def _merged(self, y: Any, back: Any) -> Any:
        if self.merge_mode == "concat":
            return F.concat([y, back], -1)
        if self.merge_mode == "sum":
            return y + back
        if self.merge_mode == "ave":
            return (y + back) / 2
        return y * back if self.merge_mode == "mul" else (y, back)

    def reset_states(self) -> None:
        """Let both layers begin with zeros again."""
        self.reset_state()

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs: that of the inputs where all times are returned."""
        mask = mask[0] if isinstance(mask, list | tuple) else mask
        kept = mask if self.return_sequences else None
        several = 2 if self.merge_mode is None else 1
        if self.return_state or several == 2:
            both = (self.forward_layer, self.backward_layer)
            count = sum(len(layer._state_sizes()) for layer in both) if self.return_state else 0
            return [kept] * several + [None] * count
        return kept

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Return the shape of the outputs, a list of shapes with two outputs or the states."""
        shapes = [
            layer.compute_output_shape(input_shape)
            for layer in (self.forward_layer, self.backward_layer)
        ]
        (y, *ends), (back, *ends_back) = shapes if self.return_state else [[s] for s in shapes]
        ys = [y, back] if self.merge_mode is None else [y]
        if self.merge_mode == "concat":
            ys = [(*y[:-1], y[-1] + back[-1])]
        return [*ys, *ends, *ends_back] if len(ys) > 1 or ends else ys[0]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        saved = saved_layer(self.forward_layer)
        saved["config"]["name"] = saved["config"]["name"].removeprefix("forward_")
        inner = {"layer": saved, "backward_layer": saved_layer(self.backward_layer)}
        return super().get_config() | inner

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new layer from what `get_config` returned."""
        inner = {
            name: layer_from(config[name])
            for name in ("layer", "backward_layer")
            if config.get(name) is not None
        }
        return cls(**config | inner)


class TimeDistributed(Weighted):
    """Apply a layer to each time of (N, T, ...) by itself.

    Args:
        layer: the layer, the same at all times.
    """

    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        if not isinstance(layer, Layer):
            raise TypeError(
                f"TimeDistributed: expected a layer, got {describe(layer)}. Try Dense(32)."
            )
        super().__init__(**kwargs)
        self.layer: Any = layer

    @staticmethod
    def _inner(shape: Any) -> tuple:
        if len(shape) < 3:
            raise ValueError(
                f"TimeDistributed: expected an input (N, T, ...) with three axes or more, got "
                f"{tuple(shape)}. Add the missing axis with Reshape."
            )
        return (shape[0], *shape[2:])

    def build(self, input_shape: Any) -> None:
        """Build the layer for one time."""
        self.layer.build_once([self._inner(input_shape)])

    def call(self, inputs: Any, training: Any = None, mask: Any = None) -> Any:
        """Return what the layer makes of all times."""
        x = Variable.wrap(inputs)
        self._inner(x.shape)
        n, t = x.shape[:2]
        mask = None if mask is None or as_array(mask).ndim < 3 else as_array(mask)
        train = bool(Config.train if training is None else training)
        if train and getattr(self.layer, "non_trainable_weights", ()):
            # Moving statistics follow time by time, as Keras's do.
            parts = [
                self._called(x[:, i], training, None if mask is None else mask[:, i])
                for i in range(t)
            ]
            return F.stack(parts, 1)
        folded = None if mask is None else mask.reshape((n * t, *mask.shape[2:]))
        y = self._called(F.reshape(x, (n * t, *x.shape[2:])), training, folded)
        return F.reshape(y, (n, t, *y.shape[1:]))

    def _called(self, x: Any, training: Any, mask: Any) -> Any:
        options = {} if mask is None else {"mask": mask}
        return (
            self.layer(x, **options)
            if training is None
            else self.layer(x, training=training, **options)
        )

    def compute_output_shape(self, input_shape: Any) -> tuple:
        """Return the shape of the outputs."""
        inner = self.layer.compute_output_shape(self._inner(input_shape))
        return (inner[0], input_shape[1], *inner[1:])

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        return super().get_config() | {"layer": saved_layer(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new layer from what `get_config` returned."""
        return cls(**config | {"layer": layer_from(config["layer"])})

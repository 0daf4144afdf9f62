"""`Model`: a Layer that trains."""

import functools
import json
import os
from typing import Any

from dezero import training
from dezero.backend.precision import autocast
from dezero.core.errors import nearest
from dezero.keras import summary
from dezero.keras.layers.base import Layer
from dezero.keras.masks import mask_of
from dezero.keras.saving import (
    is_h5,
    is_keras,
    load_weights,
    save_weights,
    with_ending,
    write_model,
)
from dezero.keras.tensors import flat, is_symbolic
from dezero.keras.training import Trainer
from dezero.models import saving

__all__ = ["KINDS", "Model", "model_config"]

# The kinds of models that a description can give again; each puts itself in.
KINDS: dict[str, Any] = {}


class Model(Trainer, Layer):
    """A model: of KerasTensors, `Model(inputs, outputs)`, or a subclass with `call`.

    Args:
        inputs: KerasTensor of `Input`, or a list or dict of them.
        outputs: KerasTensor that was computed from them, or a list or dict.
        name: of the model, in any script; counted if None.
    Note: a subclass writes `__init__` and `call(self, inputs, training=None)`.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return a functional model if there are inputs and outputs."""
        if not issubclass(cls, tuple(KINDS.values())) and is_symbolic((args, kwargs)):
            return super().__new__(_functional(cls))  # type: ignore[arg-type]
        return super().__new__(cls)

    def __init__(self, *args: Any, **options: Any) -> None:
        if is_symbolic((args, options)):  # a subclass hands on tensors that it made itself
            object.__setattr__(self, "__class__", _functional(type(self)))
            KINDS["Functional"].__init__(self, *args, **options)
        else:
            super().__init__(*args, **options)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:
        """Return a new model from what `get_config` returned, functional if it tells of layers."""
        if (
            isinstance(config, dict)
            and {"layers", "input_layers", "output_layers"} <= config.keys()
        ):
            return KINDS["Functional"].from_config(config, custom_objects)
        return super().from_config(config)

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Run the model; on KerasTensors it becomes a layer of another one."""
        self.forget_losses()
        half = self.dtype_policy.half if self.compiled is None else self.compiled.precision
        if half is not None:
            with autocast(half):
                return super().__call__(*inputs, **options)
        return super().__call__(*inputs, **options)

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model, as they were assigned."""
        return [layer for layer in self.sublayers() if isinstance(layer, Layer)]

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """Return the layer of a name, or at an index.

        Raises:
            ValueError: there is none.
        """
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(
                    f"get_layer: expected an index below {len(layers)}, got {index}. Count from 0."
                )
            return layers[index]
        found = {str(layer.name): layer for layer in layers}
        if name not in found:
            raise ValueError(f"get_layer: unknown layer {name!r}. {nearest(str(name), found)}")
        return found[name]

    def build(self, input_shape: Any = None) -> None:  # type: ignore[override]
        """Make the weights for inputs of a shape, None as batch, by a call on zeros."""
        if input_shape is not None and not self.built:
            self.__dict__["built"] = True
            self.compute_output_shape(tuple(input_shape))

    def output_masks(self, outputs: Any) -> list:
        """Return the mask of each output, or None, for the loss."""
        return [mask_of(y) for y in flat(outputs)]

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Any = None,
        *,
        style: str = "keras2",
        **ignored: Any,
    ) -> None:
        """Print the layers, their output shapes and numbers of weights.

        Args:
            line_length: columns of the table.
            positions: where its columns end, as shares of line_length.
            print_fn: called with each line in place of print.
            style: "keras2", as tutorials print it, or "keras3".
        """
        for line in summary.lines(self, line_length, positions, style):
            (print_fn or print)(line)

    def save(
        self,
        path: Any,
        overwrite: bool = True,
        *,
        include_optimizer: bool = True,
        save_format: str | None = None,
        **ignored: Any,
    ) -> None:
        """Write the whole model: `.keras` as Keras 3, `.h5` as Keras 2 does, with h5py.

        Args:
            path: the file; `load_model` reads it. Another ending is dezero's own format.
            overwrite: whether one that is there is replaced.
            include_optimizer: write what `compile` chose too, and the optimizer's state.
            save_format: "h5" or "keras" adds that ending to a path without any.
        """
        path = with_ending(path, save_format)
        self._check_new("save", path, overwrite)
        if is_keras(path):
            write_model(self, path, include_optimizer)
        else:
            saving.save_model(self, path)

    @staticmethod
    def _check_new(caller: str, path: Any, overwrite: bool) -> None:
        if not overwrite and os.path.exists(path):
            raise FileExistsError(
                f"{caller}: expected a new file, got {path!r}, which is there. Say overwrite=True."
            )

    def save_weights(self, path: Any, overwrite: bool = True) -> None:
        """Write the weights: `.weights.h5` as Keras 3, `.h5` as Keras 2 does, else as dezero.

        Args:
            path: the file.
            overwrite: whether one that is there is replaced.
        Raises:
            FileExistsError: there is one, and it is not to be replaced.
            ImportError: a file of Keras needs h5py.
        """
        self._check_new("save_weights", path, overwrite)
        if is_h5(path):
            save_weights(self, path)
        else:
            super().save_weights(path)

    def load_weights(  # type: ignore[override]
        self, path: Any, *, by_name: bool = False, skip_mismatch: bool = False, names: Any = None
    ) -> None:
        """Read the weights of a file of Keras, `.h5`, or of dezero.

        Args:
            path: the file; nothing is changed if it does not fit.
            by_name, skip_mismatch: for files of Keras, take what fits and leave the rest.
            names: for others, as `dezero.layers.Layer.load_weights` has it.
        """
        if not isinstance(path, dict) and is_h5(path):
            load_weights(self, path, by_name=by_name, skip_mismatch=skip_mismatch)
        else:
            super().load_weights(path, names)

    def _move(self, how: str) -> None:
        with training.moving(self):
            super()._move(how)

    def reset_states(self) -> None:
        """Let recurrent layers begin with zeros again."""
        self.reset_state()

    @property
    def loss(self) -> Any:
        """The loss as `compile` was given it, None before."""
        return self.__dict__.get("_compiled_with", {}).get("loss")

    def to_json(self, **options: Any) -> str:
        """Return the architecture as JSON, for `model_from_json`."""
        return json.dumps(model_config(self), **options)


@functools.cache
def _functional(kind: type) -> type:
    """Return a class with the methods of `kind`, whose call is that of a functional model."""
    ready = KINDS["Functional"]
    return ready if kind is Model else type(kind.__name__, (kind, ready), {})


def model_config(model: Model) -> dict[str, Any]:
    """Return {"class_name", "config"} of a model, fit for JSON.

    Raises:
        TypeError: the model is a subclass: its code is not in a description.
    """
    for name, kind in KINDS.items():
        if type(model) is kind:
            return {"class_name": name, "config": model.get_config()}
    raise TypeError(
        f"to_json: expected a Sequential or functional model, got {type(model).__name__}. "
        "Make it by its own code, and save the weights."
    )

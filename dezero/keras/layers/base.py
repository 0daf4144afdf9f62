"""`Layer`: what every layer of `dezero.keras` is, over `dezero.layers.Layer`."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from dezero.core import Config, Variable, using_config
from dezero.keras import regularizers
from dezero.keras.layers import shapes
from dezero.keras.layers.oldwords import refuse_old
from dezero.keras.layers.weights import Weights
from dezero.keras.masks import masks_of, set_mask
from dezero.keras.naming import snake_case, unique_name
from dezero.keras.tensors import KerasTensor, flat, is_symbolic, mapped, shape_of
from dezero.training.mode import TRAINING, UNTOLD, direct_call, trained_call

__all__ = ["Layer"]

# Looked up in every call, where the name of a dtype itself would take a microsecond.
FLOATS = {np.dtype(name): name for name in ("float16", "float32", "float64")}


def noted(build: Callable[..., None]) -> Callable[..., None]:
    """Return a `build` after which the layer is built, as if a call had made its weights."""

    @functools.wraps(build)
    def build_and_note(self: Any, *shapes: Any, **options: Any) -> None:
        build(self, *shapes, **options)
        if type(self).build is build_and_note and (shapes or options):  # not that of a parent
            self.note_built([*shapes, *options.values()])

    return build_and_note


class Layer(Weights):
    """Base of the layers: make weights in `build(input_shape)`, compute in `call(inputs)`.

    `call` may take `training` and `mask`; it then gets whether this is training, and the mask of
    the inputs. Called on arrays a layer computes; on KerasTensors it becomes part of a model.

    Args:
        name: for people and files; counted by class if None, such as "dense_1".
        trainable: whether optimizers may change the weights.
        dtype: of the weights; "float32" if None.
        activity_regularizer: what the outputs add to the loss, a function of them.
        old: input_shape, without the batch axis; batch_input_shape, with it; input_dim, for
            (input_dim,); weights, a list of first values.
    Raises:
        TypeError: an argument is unknown.
    """

    supports_masking = False
    varies = False  # whether a call that does not say `training` is in training, unless it predicts
    _first_weights: Any = None
    batch_input_shape: tuple | None = None
    activity_regularizer: Any = None
    _takes: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        taken = inspect.signature(cls.call).parameters
        cls._takes = frozenset(name for name in ("training", "mask") if name in taken)
        if "build" in cls.__dict__:
            cls.build = noted(cls.__dict__["build"])

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls.__module__.startswith("dezero."):
            refuse_old(cls, kwargs)
        self = super().__new__(cls)
        # Here and not in __init__: a subclass may set attributes before it calls ours.
        self.__dict__.update(built=False, _made=[], _nodes=[], _losses=[], _first_weights=None)
        return self

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        activity_regularizer: Any = None,
        **old: Any,
    ) -> None:
        self.name = unique_name(snake_case(type(self).__name__)) if name is None else str(name)
        self.dtype = self._take_policy(dtype)
        self.__dict__["batch_input_shape"] = shapes.given(type(self), old)
        self.__dict__["_first_weights"] = old.get("weights")
        if activity_regularizer is not None:
            self.activity_regularizer = regularizers.get(activity_regularizer)
        if not trainable:
            self.trainable = False

    def build(self, input_shape: Any = None) -> None:  # type: ignore[override]
        """Make the weights for inputs of this shape, None as batch; the subclass writes it."""

    def call(self, *inputs: Any, **options: Any) -> Any:
        """Compute the outputs; the subclass writes it with dezero's functions."""
        raise NotImplementedError(
            f"{type(self).__name__}.call: expected the subclass to define it. "
            "Write call(self, inputs)."
        )

    def add_loss(self, loss: Any) -> None:
        """Add a number, a Variable, to the loss of the step that goes on."""
        self.__dict__["_losses"].append(Variable.wrap(loss))

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """Compute from arrays, or become part of the model of KerasTensors.

        Note: as in Keras a direct call predicts, unless it says `training=True`; `fit` trains.
            Layers that vary pictures do so in a direct call too.
            Arrays of floats are taken in the dtype of the layer, Variables as they are.
        """
        for value in inputs:
            kind = type(value)
            if kind is KerasTensor or (kind in (list, tuple, dict) and is_symbolic(value)):
                return self.symbolic(inputs, options)
        if options and is_symbolic(options):
            return self.symbolic(inputs, options)
        if not self.built:
            self._build_for(inputs)
        training = options.get("training")
        if training is None:
            untold = UNTOLD.get() or (Config.train and not TRAINING.get())
            if untold and self.varies:
                options["training"] = True
            elif untold and Config.train and not TRAINING.get():
                return direct_call(super().__call__, True, *inputs, **options)
        elif training and not TRAINING.get():
            return trained_call(super().__call__, *inputs, **options)
        elif not training and UNTOLD.get():
            return direct_call(super().__call__, False, *inputs, **options)
        return super().__call__(*inputs, **options)

    def _in_own_dtype(self, value: Any) -> Any:
        """Return an array of floats in the dtype of the layer; anything else as it is."""
        other = type(value) is np.ndarray and FLOATS.get(value.dtype, self.dtype) != self.dtype
        return value.astype(self.dtype) if other else value

    def forward(self, *inputs: Any, training: Any = None, **options: Any) -> Any:
        """Run `call` with what it takes of `training` and `mask`."""
        if training is not None and bool(training) != Config.train:
            with using_config("train", bool(training)):
                return self.forward(*inputs, **options)
        for value in inputs:
            if type(value) is np.ndarray and FLOATS.get(value.dtype, self.dtype) != self.dtype:
                inputs = mapped(self._in_own_dtype, inputs)
        takes = self._takes
        if "training" in takes:
            options["training"] = Config.train
        mask = options.pop("mask", None) if "mask" not in takes else options.get("mask")
        if mask is None and inputs:
            mask = masks_of(inputs[0])
            if mask is not None and "mask" in takes:
                options["mask"] = mask
        outputs = self.call(*inputs, **options)
        if self.activity_regularizer is not None:
            self._note_activity(outputs)
        if mask is not None or type(self).compute_mask is not Layer.compute_mask:
            self._pass_mask_on(inputs, mask, outputs)
        return outputs

    def _note_activity(self, outputs: Any) -> None:
        """Add what the activity regularizer says of each output, per sample as in Keras."""
        for y in flat(outputs):
            self._losses.append(self.activity_regularizer(y) / max(1, *y.shape[:1]))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Return the mask of the outputs: that of the inputs, if the layer supports masking."""
        if not self.supports_masking:
            return None
        return mask[0] if isinstance(mask, list | tuple) else mask

    def _pass_mask_on(self, inputs: tuple, mask: Any, outputs: Any) -> None:
        several = isinstance(outputs, list | tuple)
        found = self.compute_mask(inputs[0] if inputs else None, mask)
        if not isinstance(found, list | tuple):
            found, outputs = [found], outputs[:1] if several else [outputs]
        for y, one in zip(outputs, found, strict=False):
            if one is not None:
                set_mask(y, one)

    def _build_for(self, inputs: tuple) -> None:
        """Build from the arrays or KerasTensors of the first call."""
        self.build_once([shape_of(value) for value in inputs])

    def build_once(self, found: list) -> None:
        """Call `build` with the shapes of the positional inputs, and take given weights over."""
        if self.built:
            return
        wanted = [
            p
            for p in inspect.signature(self.build).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
        self.build(*found[: max(1, len(wanted))])
        self.note_built(found)

    def note_built(self, found: list) -> None:
        """Remember that there are weights, for inputs of these shapes; take given values over."""
        self.built = True
        self.__dict__["_built_for"] = found  # the summary tells shapes by it
        if self._first_weights is not None:
            values, self.__dict__["_first_weights"] = self._first_weights, None
            self.set_weights(values)
        if self.__dict__.get("_is_on_gpu"):  # moved before there was anything to move
            self.to_gpu()

    def penalties(self) -> list[Variable]:
        """Return what regularizers of weights that train, and `add_loss`, add to the loss."""
        here = (self, *self._census().layers)
        held = [
            penalty(getattr(layer, name))
            for layer in here
            if layer.regularizers
            for name, penalty in layer.regularizers.items()
            if getattr(layer, name).requires_grad
        ]
        below = [layer for layer in here if isinstance(layer, Layer)]
        return held + [loss for layer in below for loss in layer._losses]

    @property
    def losses(self) -> list[Variable]:
        """What regularizers and `add_loss` add to the loss, one 0-d Variable each."""
        return self.penalties()

    def forget_losses(self) -> None:
        """Drop what `add_loss` noted in an earlier step, here and below."""
        for layer in (self, *self._census().layers):
            if layer.__dict__.get("_losses"):
                layer.__dict__["_losses"] = []

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON; the subclass adds its own."""
        config: dict[str, Any] = {"name": self.name, "trainable": self.trainable}
        policy = self.__dict__.get("_policy")
        config["dtype"] = self.dtype if policy is None else policy.name
        if self.batch_input_shape is not None:
            config["batch_input_shape"] = list(self.batch_input_shape)
        if self.activity_regularizer is not None:
            config["activity_regularizer"] = regularizers.serialize(self.activity_regularizer)
        return config

    def config(self) -> dict[str, Any]:
        """Return what `get_config` does."""
        return self.get_config()

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Return a new layer from what `get_config` returned."""
        return cls(**config)

    def details(self) -> str:
        """Return the name, for `repr`."""
        return repr(self.name)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

"""`Layer`: Parameters and the function that uses them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any

import numpy as np

from dezero.backend import needed_gpu
from dezero.core import Config, Parameter, Variable, no_grad, test_mode
from dezero.core.errors import describe
from dezero.layers import display, parameters, weights
from dezero.layers.calling import Callee
from dezero.layers.members import RECORDED, Buffer

Penalty = Callable[[Variable], Variable]


class Layer(Callee):
    """Base class: assign Parameters and Layers to attributes, write `forward`, call the object.

    `params()` finds what is assigned, also in lists, tuples and dicts. A used layer can be copied
    and pickled; its hooks and its memory of the last call are left behind.
    Note: `name` is for people, in errors and summaries; paths come from the attributes.
    """

    # Attributes that hold Variables from one call to the next, such as h of a recurrent layer.
    state_names: tuple[str, ...] = ()
    regularizers: Mapping[str, Penalty] = MappingProxyType({})
    constraints: Mapping[str, Callable[[Any], Any]] = MappingProxyType({})
    _trainable = True

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, (*RECORDED, Buffer)) and name not in ("regularizers", "constraints"):
            if hasattr(Layer, name) or callable(getattr(type(self), name, None)):
                # `inputs` would be overwritten by the next call, and its Parameters forgotten.
                raise ValueError(
                    f"{type(self).__name__}: expected a name of your own for {describe(value)}, "
                    f"got {name!r}, which the class uses itself. Try {name}_layer."
                )
        super().__setattr__(name, value)

    def config(self) -> dict[str, Any]:
        """Return the constructor's arguments as plain values, fit for JSON."""
        raise NotImplementedError(
            f"{type(self).__name__}.config: expected the subclass to define it. "
            "Return a dict of the constructor's arguments."
        )

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Layer":
        """Return a new layer from what `config` returned."""
        return cls(**config)

    def details(self) -> str:
        """Return what tells this layer from others of its class, such as "784 -> 128"."""
        return ""

    def shown_members(self) -> list[tuple[str, Any]]:
        """Return (name, layer or function) of what `repr` shows below this layer."""
        return [(name, value) for name, value in self._entries() if isinstance(value, Layer)]

    def lazy_spec(self, name: str) -> tuple[tuple | None, Any]:
        """Return (shape, dtype) that the parameter or buffer `name` will have; None if not known.

        In a shape, a string stands for a size not known yet; equal strings are equal sizes.
        """
        return None, None

    def weights_loaded(self) -> None:
        """Called when parameters that had no data yet were given some from a file."""

    def from_torch(self, name: str, array: np.ndarray) -> np.ndarray:
        """Return what the parameter `name` is if torch's layer of this kind has `array`."""
        return array

    @property
    def input_dtype(self) -> Any:
        """dtype of the data that `build` sends through."""
        return Config.dtype

    def build(self, input_shape: Any, dtype: Any = None) -> None:
        """Give every lazily shaped parameter its shape by sending one sample of zeros through.

        Args:
            input_shape: shape of one sample, without the batch axis; a number for (number,).
            dtype: of the sample; by default what the layer asks for.
        Raises:
            TypeError: input_shape holds what is no integer.
            ValueError: the layers do not fit this shape.
        """
        shape = parameters.sample_shape("build", input_shape)
        with no_grad(), test_mode(), self.states_aside():
            self(parameters.zeros_for(self, shape, dtype or self.input_dtype))

    def reset_state(self) -> None:
        """Forget what the recurrent layers in and below this one remember of earlier calls."""
        for layer in self._with_state():
            layer.__dict__.update(dict.fromkeys(layer.state_names))

    @contextmanager
    def states_aside(self) -> Iterator[None]:
        """Begin with no state inside, and go on after it with the one from before."""
        kept = [(layer, layer._state()) for layer in self._with_state()]
        self.reset_state()
        try:
            yield
        finally:
            for layer, state in kept:
                layer.__dict__.update(state)

    def _with_state(self) -> list["Layer"]:
        return [layer for layer in (self, *self._census().layers) if layer.state_names]

    def _state(self) -> dict[str, Any]:
        return {name: self.__dict__.get(name) for name in self.state_names}

    def __getstate__(self) -> dict[str, Any]:
        # The values of a state travel, its graph does not.
        return super().__getstate__() | {
            name: None if value is None else value.detach() for name, value in self._state().items()
        }

    def cleargrads(self) -> None:
        """Forget the gradients of all parameters."""
        for param in self._census().params:
            param.grad = None

    def to_cpu(self) -> None:
        """Move parameters, buffers and states to the host; of a state, the value alone."""
        self._move("to_cpu")

    def to_gpu(self) -> None:
        """Move parameters, buffers and states to the GPU; RuntimeError where there is none.

        What has no shape yet is made there as soon as it has one.
        """
        self._move("to_gpu")

    def _move(self, how: str) -> None:
        params = list(self.params())
        if how == "to_gpu" and not params:  # a Parameter asks for itself
            needed_gpu("to_gpu")
        for param in params:
            getattr(param, how)()
        for layer in (self, *self._census().layers):
            layer.__dict__["_is_on_gpu"] = how == "to_gpu"
            for name in layer._buffers:
                value = layer.__dict__[name]
                holder = value if isinstance(value, Buffer) else Variable(value)
                getattr(holder, how)()
                if holder is not value:
                    layer.__dict__[name] = holder.data
            for name, state in layer._state().items():
                if state is not None:
                    layer.__dict__[name] = state.detach()
                    getattr(layer.__dict__[name], how)()

    @property
    def trainable(self) -> bool:
        """Whether optimizers may change this layer; assign False to freeze it and all below."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        for layer in (self, *self._census().layers):
            layer.__dict__["_trainable"] = bool(value)
        for param in self.params():
            param.requires_grad = bool(value)
            if not value:
                param.grad = None  # one from before would still be applied

    def count_params(self) -> int:
        """Return the number of elements of all parameters; RuntimeError before they have shapes."""
        weights.check_initialised("count_params", self)
        return sum(param.size for param in self.params())

    def penalties(self) -> list[Variable]:
        """Return what the regularizers add to the loss, one 0-d Variable each."""
        return [
            penalty(getattr(layer, name))
            for layer in (self, *self._census().layers)
            if layer.regularizers
            for name, penalty in layer.regularizers.items()
        ]

    def named_constraints(self) -> Iterator[tuple[str, Parameter, Callable[[Any], Any]]]:
        """Yield (path, Parameter, constraint) of all that must hold again after each update."""
        for path, owner, name, value in self._walk("", set()):
            if isinstance(owner, Layer) and name in owner.constraints:
                yield path, value, owner.constraints[name]

    def save_weights(self, path: Any) -> None:
        """Write parameters and buffers, under their paths, to exactly `path`.

        Args:
            path: ends in ``.safetensors`` or ``.dz`` for such a file; else it is an ``.npz``.
        Raises:
            RuntimeError: a parameter has no shape yet; it is named.
            ValueError: the file would be one of torch's, which are read only.
            OSError: the file could not be written; an old one at `path` is untouched.
        """
        weights.save_weights(self, path)

    def load_weights(self, path: Any, names: weights.Names | None = None) -> None:
        """Read weights of an ``.npz``, ``.safetensors``, ``.dz``, or torch's ``.pth`` or ``.pt``.

        Devices and dtypes of the parameters stay as they are.

        Args:
            path: the file, read as its content asks, whatever its name; or a dict of arrays,
                Variables or tensors.
            names: {name in the file: path here}, or a function of the name; None as a result
                leaves an array out. A dict may leave names out that are right already.
        Raises:
            ValueError: names are missing or unknown, or shapes or kinds of dtype differ: one error
                lists all of them, and nothing has been changed. Or the file is damaged.
            OSError: the file is not there.
        Note: torch's words are understood, ``fc.weight`` as ``fc/W`` and turned, for torch keeps
            Linear's weights as (out, in); a file's own code is never run.
        """
        weights.load_weights(self, path, names)

    def __repr__(self) -> str:
        return display.tree(self)

    def _repr_html_(self) -> str:
        return display.html_table(self)

"""The weights of a layer of Keras: made by `add_weight`, listed in Keras's order."""

from typing import Any

import numpy as np

from dezero import layers
from dezero.backend import to_host
from dezero.backend.random import default_rng
from dezero.core import Parameter, Variable
from dezero.keras import constraints, initializers, policies, regularizers
from dezero.keras.layers import shapes
from dezero.keras.layers.symbolic import Symbolic
from dezero.keras.variables import State, Weight

__all__ = ["Weights"]


class Weights(Symbolic):
    """A layer that makes weights, and gives them out as Keras does."""

    _made: list[Variable]

    def add_weight(  # noqa: PLR0917 - the order of Keras
        self,
        name: Any = None,
        shape: Any = None,
        dtype: Any = None,
        initializer: Any = None,
        regularizer: Any = None,
        trainable: bool = True,
        constraint: Any = None,
        **ignored: Any,
    ) -> Any:
        """Make a weight and return it: a Parameter, or a Buffer if it is not trainable.

        Args:
            name: "weight" if None; `add_weight((3, 4))` of Keras 3 gives the shape first.
            shape: tuple, () if None.
            dtype: the layer's if None.
            initializer: name, object or function; None for "glorot_uniform".
            regularizer, constraint: by name or as an object.
            trainable: whether optimizers change it.
        """
        if name is not None and not isinstance(name, str):
            name, shape = (shape if isinstance(shape, str) else None), name
        size = (shape,) if isinstance(shape, int | np.integer) else tuple(shape or ())
        dtype = np.dtype(dtype or self.dtype)
        first = initializers.get("glorot_uniform" if initializer is None else initializer)
        data = shapes.first_values(first, size, dtype, default_rng())
        held = self._free_name(name or "weight")
        weight = Weight(data, held) if trainable else State(data, held)
        weight.requires_grad = trainable and self.trainable
        setattr(self, held, weight)
        self.__dict__["_made"].append(weight)
        if regularizer is not None:
            self._add_rule("regularizers", held, regularizers.get(regularizer))
        if constraint is not None:
            self._add_rule("constraints", held, constraints.get(constraint))
        return weight

    def _free_name(self, name: str) -> str:
        """Return an attribute for the weight `name`: itself, unless that is taken."""
        held = name if name.isidentifier() else "weight"
        taken = callable(getattr(type(self), held, None)) or hasattr(Weights, held)
        held = f"{held}_weight" if taken else held
        number, first = 0, held
        while isinstance(self.__dict__.get(held), Variable):
            number += 1
            held = f"{first}_{number}"
        return held

    def _add_rule(self, kind: str, name: str, rule: Any) -> None:
        self.__dict__[kind] = {**getattr(self, kind), name: rule}

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if isinstance(value, layers.Buffer):
            # `self.mean = self.add_weight(name="moving_mean")`: one buffer, under its last name.
            for other in [n for n in self._buffers if n != name and self.__dict__[n] is value]:
                object.__delattr__(self, other)
                self._buffers.pop(other)

    @property
    def weights(self) -> list[Variable]:
        """Own weights, those that train first, then those of the layers inside."""
        own = [value for _, value in self._entries() if isinstance(value, Parameter)]
        own += [w for w in self._made if isinstance(w, layers.Buffer)]
        made = {id(w): i for i, w in enumerate(self._made)}
        own.sort(key=lambda w: (isinstance(w, layers.Buffer), made.get(id(w), len(made))))
        for layer in self.sublayers():
            own += layer.weights if isinstance(layer, Weights) else list(layer.params())
        return list({id(w): w for w in own}.values())

    @property
    def trainable_weights(self) -> list[Variable]:
        """The weights that optimizers change."""
        return [w for w in self.weights if w.requires_grad]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The weights that optimizers leave alone."""
        return [w for w in self.weights if not w.requires_grad]

    def add_variable(self, *args: Any, **kwargs: Any) -> Any:
        """Make a weight, as `add_weight` does."""
        return self.add_weight(*args, **kwargs)

    def _take_policy(self, dtype: Any) -> str:
        """Keep the policy that a dtype, its name or a policy stands for; return the weights'."""
        if isinstance(dtype, str | type | np.dtype) and dtype not in policies.POLICIES:
            found = np.dtype(dtype).name  # a layer of words or numbers may be of integers
            if found not in policies.POLICIES:
                return found
        self.__dict__["_policy"] = policies.get(dtype)
        return self.__dict__["_policy"].variable_dtype

    @property
    def dtype_policy(self) -> policies.DTypePolicy:
        """The dtypes of weights and of products."""
        return self.__dict__.get("_policy") or policies.get(self.dtype)

    @property
    def compute_dtype(self) -> Any:
        """The dtype that products take their inputs in."""
        policy = self.__dict__.get("_policy")
        return self.dtype if policy is None else policy.compute_dtype

    @property
    def variable_dtype(self) -> Any:
        """The dtype of the weights."""
        return self.dtype

    variables = weights
    trainable_variables = trainable_weights
    non_trainable_variables = non_trainable_weights

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of the weights as NumPy arrays, in the order of `weights`."""
        return [np.array(to_host(w.data)) for w in self.weights]

    def set_weights(self, weights: Any) -> None:
        """Give the weights new values, in the order of `weights`.

        Raises:
            ValueError: their number or a shape differs; nothing has been changed.
        """
        shapes.assign(str(self.name), self.weights, weights)

    def count_params(self) -> int:
        """Return the number of elements of all weights; ValueError before there are any.

        Raises:
            ValueError: the layer is not built.
        """
        if not self.built:
            raise ValueError(
                f"count_params: expected a layer that is built, got {self.name!r}. "
                "Give input_shape, or call it once."
            )
        return sum(w.size for w in self.weights)

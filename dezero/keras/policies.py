"""`DTypePolicy`: the dtype of weights, and the one that products take their inputs in."""

from typing import Any

import numpy as np

from dezero.core.errors import describe, nearest
from dezero.keras.backend import floatx, set_floatx

__all__ = ["DTypePolicy", "dtype_policy", "get", "set_dtype_policy"]

# {name: (dtype of weights, dtype to compute in)}
POLICIES = {
    "float16": ("float16", "float16"),
    "float32": ("float32", "float32"),
    "float64": ("float64", "float64"),
    "mixed_float16": ("float32", "float16"),
    "mixed_bfloat16": ("float32", "bfloat16"),
}


class DTypePolicy:
    """How a layer computes: `DTypePolicy("mixed_float16")`.

    Args:
        name: "float16", "float32", "float64"; "mixed_float16" and "mixed_bfloat16" keep weights,
            sums and results in float32, and have products and convolutions round what they take
            in; None is the global one.
    Raises:
        TypeError: name is no string.
        ValueError: it is none of these.
    Note: under a mixed policy of Keras the results of layers have the short dtype too. Here they
        have float32, and so have softmax, losses, norms and reductions; and a model computes as a
        whole by a mixed policy, if it or one of its layers has one. On the CPU it rounds as a GPU
        does, and is no quicker.
    """

    def __init__(self, name: str | None = None) -> None:
        if name is None:
            name = dtype_policy().name
        if not isinstance(name, str):
            raise TypeError(
                f"DTypePolicy: expected a name, got {describe(name)}. Try 'mixed_float16'."
            )
        if name not in POLICIES:
            raise ValueError(f"DTypePolicy: unknown policy {name!r}. {nearest(name, POLICIES)}")
        self.name = name
        self.variable_dtype, self.compute_dtype = POLICIES[name]
        # What products take their inputs in, if that is not the dtype of the weights.
        self.half = self.compute_dtype if name.startswith("mixed") else None

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments."""
        return {"name": self.name}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "DTypePolicy":
        """Return a new one from what `get_config` returned."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DTypePolicy) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f'<DTypePolicy "{self.name}">'


_chosen: dict[str, str] = {}


def dtype_policy() -> DTypePolicy:
    """Return the policy of layers that are made without one."""
    return DTypePolicy(_chosen.get("mixed") or floatx())


def set_dtype_policy(policy: Any) -> None:
    """Let layers that are made from now on have another policy.

    Args:
        policy: a DTypePolicy, or its name. One of a single dtype is `floatx()` too.
    Raises:
        TypeError, ValueError: there is no such policy.
    """
    found = policy if isinstance(policy, DTypePolicy) else DTypePolicy(policy or "")
    set_floatx(found.variable_dtype)
    _chosen.pop("mixed", None)
    if found.half:
        _chosen["mixed"] = found.name


def get(identifier: Any) -> DTypePolicy:
    """Return the policy of a layer from a DTypePolicy, its name, a dtype, or None.

    Raises:
        TypeError, ValueError: there is no such policy.
    """
    if isinstance(identifier, DTypePolicy):
        return identifier
    if isinstance(identifier, dict):  # as Keras writes it
        identifier = identifier.get("config", identifier).get("name")
    if identifier is None or isinstance(identifier, str):
        return DTypePolicy(identifier)
    return DTypePolicy(np.dtype(identifier).name)

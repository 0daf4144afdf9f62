"""Penalties on weights, added to the loss: `penalty(W)` is a 0-d Variable."""

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any

from dezero import functions as F
from dezero.core import Variable
from dezero.core.errors import describe, lookup

__all__ = ["L1", "L1L2", "L2", "Orthogonal", "REGULARIZERS", "Regularizer", "get"]


class Regularizer:
    """Base class: a subclass defines `penalty` and lists in `fields` what its __init__ takes."""

    fields: tuple[str, ...] = ()

    def penalty(self, W: Any) -> Variable:
        """Return the penalty of the weights `W` as a 0-d Variable with their dtype."""
        raise NotImplementedError(
            f"{type(self).__name__}.penalty: expected the subclass to define it. "
            "Write penalty(self, W) with dezero functions."
        )

    def __call__(self, W: Any) -> Variable:
        return self.penalty(W)

    def config(self) -> dict[str, Any]:
        """Return name and strengths as plain data, from which `get` makes the penalty again."""
        name = type(self).__name__.lower()
        return {"name": name, **{field: getattr(self, field) for field in self.fields}}

    def __repr__(self) -> str:
        shown = ", ".join(f"{field}={getattr(self, field)}" for field in self.fields)
        return f"{type(self).__name__}({shown})"


def _strength(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not float(value) >= 0:
        raise ValueError(
            f"{name}: expected a strength of at least 0, got {describe(value)}. 0.01 is usual."
        )
    return float(value)


class L1(Regularizer):
    """Penalty l1 * sum(|W|), which pulls weights to exactly 0; its gradient at 0 is 0."""

    fields = ("l1",)

    def __init__(self, l1: float = 0.01) -> None:
        self.l1 = _strength("L1", l1)

    def penalty(self, W: Any) -> Variable:
        """Return l1 * sum(|W|)."""
        return abs(Variable.wrap(W)).sum() * self.l1


class L2(Regularizer):
    """Penalty l2 * sum(W**2), without the half that weight decay has."""

    fields = ("l2",)

    def __init__(self, l2: float = 0.01) -> None:
        self.l2 = _strength("L2", l2)

    def penalty(self, W: Any) -> Variable:
        """Return l2 * sum(W**2)."""
        return (Variable.wrap(W) ** 2).sum() * self.l2


class L1L2(Regularizer):
    """Penalty l1 * sum(|W|) + l2 * sum(W**2), the elastic net."""

    fields = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0) -> None:
        self.l1, self.l2 = _strength("L1L2", l1), _strength("L1L2", l2)

    def penalty(self, W: Any) -> Variable:
        """Return l1 * sum(|W|) + l2 * sum(W**2)."""
        W = Variable.wrap(W)
        return abs(W).sum() * self.l1 + (W**2).sum() * self.l2


class Orthogonal(Regularizer):
    """Penalty factor * mean(|cosine|) over all pairs of rows, or columns, of a matrix.

    Args:
        factor: strength.
        mode: "rows" or "columns".
    """

    fields = ("factor", "mode")

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = _strength("Orthogonal", factor)
        self.mode = lookup("Orthogonal mode", mode, {"rows": "rows", "columns": "columns"})

    def penalty(self, W: Any) -> Variable:
        """Return the penalty of a matrix.

        Raises:
            ValueError: W is no matrix.
        """
        W = Variable.wrap(W)
        if W.ndim != 2:
            raise ValueError(f"Orthogonal: expected a matrix, got shape {W.shape}. Use L2.")
        unit = F.normalize(W if self.mode == "rows" else W.T, axis=1)
        size = unit.shape[0]
        pairs = F.triu(F.matmul(unit, unit.T), 1)
        return abs(pairs).sum() * (self.factor / max(size * (size - 1) / 2, 1))


REGULARIZERS: dict[str, type[Regularizer]] = {
    "l1": L1,
    "l2": L2,
    "l1l2": L1L2,
    "orthogonal": Orthogonal,
}


def get(
    regularizer: str | Mapping[str, Any] | Callable[[Any], Variable] | None, **options: float
) -> Callable[[Any], Variable] | None:
    """Return a regularizer for a name, a saved configuration, or a function of W; None for None.

    Args:
        regularizer: such as "l2", what `Regularizer.config` returned, or a function that maps the
            weights to a 0-d Variable.
        options: strengths, such as `l2=0.001`.
    Raises:
        ValueError: the name is unknown; the nearest one is named.
        TypeError: regularizer is none of these.
    """
    if regularizer is None:
        return None
    if isinstance(regularizer, Mapping) and isinstance(regularizer.get("name"), str):
        saved = dict(regularizer)
        return get(saved.pop("name"), **{**saved, **options})
    if isinstance(regularizer, str):
        return lookup("regularizer", regularizer.lower(), REGULARIZERS)(**options)
    if callable(regularizer) and not isinstance(regularizer, type):
        return regularizer
    raise TypeError(
        f"regularizer: expected a name, a Regularizer or a function of W, got "
        f"{describe(regularizer)}. Write L2(0.01)."
    )

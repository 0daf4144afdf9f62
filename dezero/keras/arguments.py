"""Arguments without names, in the order in which Keras takes them."""

from typing import Any

from dezero.core.errors import lookup

__all__ = ["named"]


def named(name: str, order: tuple[str, ...], values: tuple, given: dict[str, Any]) -> None:
    """Put `values` under their names of `order` into `given`.

    Raises:
        ValueError: there are too many, one is given twice, or a name is unknown.
    """
    twice = [key for key in order[: len(values)] if key in given]
    if twice or len(values) > len(order):
        raise ValueError(
            f"{name}: expected arguments {', '.join(order)}, got {len(values)} without names"
            f"{f' and {twice[0]} again' if twice else ''}. Name them."
        )
    given.update(zip(order, values, strict=False))
    for key in given:
        lookup(f"{name} argument", key, dict.fromkeys(order, True))

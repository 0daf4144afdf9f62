"""The names that layers and models get by themselves, counted as Keras counts them."""

import re

__all__ = ["clear_names", "snake_case", "unique_name"]

_WORD = re.compile(r"(.)([A-Z][a-z]+)")
_HUMP = re.compile(r"([a-z])([A-Z])")
_counts: dict[str, int] = {}


def snake_case(name: str) -> str:
    """Return a class name in lower case: "Conv2D" is "conv2d", "MaxPooling2D" "max_pooling2d"."""
    text = re.sub(r"\W+", "", name)
    return _HUMP.sub(r"\1_\2", _WORD.sub(r"\1_\2", text)).lower()


def unique_name(base: str) -> str:
    """Return "dense" the first time, then "dense_1", "dense_2"."""
    count = _counts.get(base, 0)
    _counts[base] = count + 1
    return f"{base}_{count}" if count else base


def clear_names() -> None:
    """Begin to count anew, as `backend.clear_session` does."""
    _counts.clear()

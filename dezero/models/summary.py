"""The table that `model.summary()` prints."""

import unicodedata
from typing import Any, NamedTuple

import numpy as np

from dezero.core import no_grad, test_mode
from dezero.layers import Layer, Linear, check_initialised, sample_shape, shown_name
from dezero.layers.parameters import zeros_for

_TITLES = ("Layer (type)", "Output shape", "Parameters")


class _Row(NamedTuple):
    name: str
    kind: str
    shape: str
    count: int


def summarize(model: Any, input_shape: Any = None) -> str:
    """Return a table of the layers of `model`: name, type, output shape, parameters, totals.

    Args:
        model: its direct layers make the rows.
        input_shape: shape of one sample; a model without shapes yet is built with it. If None,
            what the model itself says about its input is used, and where that is nothing, output
            shapes are left open.
    Returns:
        text of several lines, columns aligned also where names are Chinese, Japanese or Korean.
    Raises:
        RuntimeError: the parameters have no shapes yet and there is no input_shape.
        TypeError: input_shape holds what is no integer.
        ValueError: the layers do not fit input_shape.
    """
    shape = _known_input(model) if input_shape is None else input_shape
    if shape is None:
        check_initialised("summary", model, "Pass input_shape, such as summary((784,)).")
        rows = [_row(name, layer, "?") for name, layer in model.shown_members()]
    else:
        x = zeros_for(model, sample_shape("summary", shape), model.input_dtype)
        with no_grad(), test_mode(), model.states_aside():
            rows = [_row(name, layer, _shape(y)) for name, layer, y in model.trace(x)]
    return _table(model, rows)


def _known_input(model: Any) -> tuple | None:
    """Return the input shape that the model tells, or a first layer before anything reshapes."""
    if hasattr(model, "usual_input"):
        return model.usual_input
    for _, layer in model.shown_members():
        if isinstance(layer, Linear):
            return None if layer.in_size is None else (layer.in_size,)
        if not isinstance(layer, Layer) or any(True for _ in layer.params()):
            return None
    return None


def trace(model: Layer, x: np.ndarray) -> list[tuple[str, Any, Any]]:
    """Run `model` on x; return (name, layer, last output) of its layers, None for none."""
    outputs: dict[int, Any] = {}
    members = [pair for pair in model.shown_members() if isinstance(pair[1], Layer)]
    handles = [
        layer.register_forward_hook(lambda layer, _, y: outputs.__setitem__(id(layer), y))
        for _, layer in members
    ]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return [(name, layer, outputs.get(id(layer))) for name, layer in members]


def _shape(y: Any) -> str:
    if y is None:
        return "not called"
    if isinstance(y, list | tuple):
        return ", ".join(_shape(one) for one in y)
    if isinstance(y, dict):
        return ", ".join(f"{key}: {_shape(one)}" for key, one in y.items())
    shape = getattr(y, "shape", ())
    if not shape:
        return "()"
    return "(" + ", ".join(["None", *map(str, shape[1:])]) + ("," if len(shape) == 1 else "") + ")"


def _row(name: str, layer: Any, shape: str) -> _Row:
    if not isinstance(layer, Layer):
        return _Row(name, shown_name(layer), shape, 0)
    label = name if layer.name is None else layer.name
    return _Row(label, type(layer).__name__, shape, layer.count_params())


def _table(model: Any, rows: list[_Row]) -> str:
    cells = [_TITLES] + [(f"{r.name} ({r.kind})", r.shape, f"{r.count:,}") for r in rows]
    widths = [max(text_width(row[i]) for row in cells) for i in range(3)]
    lines = [
        f"{padded(a, widths[0])}  {padded(b, widths[1])}  {c:>{widths[2]}}" for a, b, c in cells
    ]
    rule = "-" * (sum(widths) + 4)
    trainable = sum(p.size for p in model.params() if p.requires_grad)
    total = model.count_params()
    totals = [
        f"Parameters: {total:,}",
        f"  trainable: {trainable:,}",
        f"  not trainable: {total - trainable:,}",
    ]
    title = f'{type(model).__name__} "{model.name}"' if model.name else type(model).__name__
    return "\n".join([title, rule, lines[0], rule, *lines[1:], rule, *totals])


def text_width(text: str) -> int:
    """Return how many columns a terminal takes for `text`: two for a wide character."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def padded(text: str, columns: int) -> str:
    """Return `text` with spaces behind it up to so many columns."""
    return text + " " * (columns - text_width(text))

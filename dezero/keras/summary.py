"""The table of `model.summary()`, in the layout of Keras 2 or of Keras 3."""

import unicodedata
from typing import Any, NamedTuple

from dezero.keras.tensors import flat

__all__ = ["lines"]

STYLES = ("keras2", "keras3")
# Columns of the table, and where they end as shares of its width: plain, and with connections.
PLAIN, CONNECTED = (65, (0.45, 0.85, 1.0)), (98, (0.33, 0.55, 0.67, 1.0))


class Row(NamedTuple):
    """One layer."""

    name: str
    kind: str
    shape: str
    count: int
    connected: list[str]


def lines(model: Any, width: int | None, positions: Any, style: str) -> list[str]:
    """Return the lines of the table.

    Args:
        model: built; ValueError if it is not.
        width: columns, None for Keras's.
        positions: where the columns end, as shares of the width.
        style: "keras2" or "keras3".
    Raises:
        ValueError: the model is not built, or the style is unknown.
    """
    if style not in STYLES:
        raise ValueError(f"summary: expected style {' or '.join(STYLES)}, got {style!r}.")
    if not model.built:
        raise ValueError(
            f"summary: expected a model that is built, got {model.name!r}. "
            "Give input_shape or Input, call build((None, ...)), or call it once."
        )
    rows = [_row(layer, model) for layer in model.layers]
    connected = _is_branched(model)
    if style == "keras3":
        return _boxed(model, rows, connected)
    usual, ends = CONNECTED if connected else PLAIN
    width, ends = width or usual, tuple(positions or ends)
    stops = [int(width * end) if end <= 1 else int(end) for end in ends]
    titles = ["Layer (type)", "Output Shape", "Param #"] + ["Connected to"] * connected
    rule = "_" * width
    result = [f'Model: "{model.name}"', rule, _line(titles, stops), "=" * width]
    for i, row in enumerate(rows):
        cells = [f"{row.name} ({row.kind})", row.shape, str(row.count)]
        first, *more = row.connected or [""]
        result.append(_line(cells + [first] * connected, stops))
        result += [_line(["", "", "", name], stops) for name in more if connected]
        result.append("=" * width if i == len(rows) - 1 else rule)
    return [*result, *_totals(model), rule]


def _line(cells: list[str], stops: list[int]) -> str:
    """Return the cells, each cut where the next column begins; wide letters take two columns."""
    line = ""
    for i, (cell, stop) in enumerate(zip(cells, stops, strict=False)):
        before = f"{_cut(line, stops[i - 1] - 1)} " if i else ""
        line = _cut(before + cell, stop)
    return line


def _cut(text: str, stop: int) -> str:
    while _width(text) > stop:
        text = text[:-1]
    return text + " " * (stop - _width(text))


def _width(text: str) -> int:
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def _totals(model: Any) -> list[str]:
    train = sum(w.size for w in model.trainable_weights)
    rest = sum(w.size for w in model.non_trainable_weights)
    return [
        f"Total params: {train + rest:,}",
        f"Trainable params: {train:,}",
        f"Non-trainable params: {rest:,}",
    ]


def _row(layer: Any, model: Any) -> Row:
    count = layer.count_params() if layer.built else 0
    nodes = [node for node in layer._nodes if _belongs(node, model)]
    shape = _shape_text(nodes[0].outputs) if nodes else "?"
    if shape == "?" and layer.__dict__.get("_out") is not None:
        shape = _shape_text(layer._out)
    parents = [
        f"{tensor.node.layer.name}[{_number(tensor)}][{flat(tensor.node.outputs).index(tensor)}]"
        for node in nodes
        for tensor in node.input_tensors
        if tensor.node is not None
    ]
    return Row(layer.name, type(layer).__name__, shape, count, parents)


def _belongs(node: Any, model: Any) -> bool:
    order = model.__dict__.get("_order")
    return order is None or not node.args or any(node is one for one in order)


def _number(tensor: Any) -> int:
    return tensor.node.layer._nodes.index(tensor.node)


def _shape_text(outputs: Any) -> str:
    shapes = [str(tuple(tensor.shape)) for tensor in flat(outputs)]
    if isinstance(outputs, list | tuple | dict):
        return f"[{', '.join(shapes)}]"
    return shapes[0]


def _is_branched(model: Any) -> bool:
    """Return whether the layers do not simply follow one another."""
    order = model.__dict__.get("_order")
    if order is None:
        return False
    inner = [tensor for node in order for tensor in node.input_tensors]
    used = [id(tensor) for tensor in inner]
    several = any(len(node.input_tensors) > 1 for node in order) or len(set(used)) < len(used)
    layers = [id(node.layer) for node in order]
    return several or len(set(layers)) < len(layers) or len(model.outputs) > 1


def _boxed(model: Any, rows: list[Row], connected: bool) -> list[str]:
    """Return the table as Keras 3 draws it."""
    titles = ["Layer (type)", "Output Shape", "Param #"] + ["Connected to"] * connected
    cells = [
        [f"{r.name} ({r.kind})", r.shape, f"{r.count:,}"] + [", ".join(r.connected)] * connected
        for r in rows
    ]
    least = [31, 26, 15, 20]
    widths = [
        max(low, *(_width(row[i]) for row in [titles, *cells]))
        for i, low in zip(range(len(titles)), least, strict=False)
    ]
    right = {2}

    def line(row: list[str], edge: str) -> str:
        parts = [
            " " * (w - _width(c)) + c if i in right else c + " " * (w - _width(c))
            for i, (c, w) in enumerate(zip(row, widths, strict=True))
        ]
        return edge + edge.join(f" {part} " for part in parts) + edge

    def rule(left: str, dash: str, cross: str, end: str) -> str:
        return left + cross.join(dash * (w + 2) for w in widths) + end

    result = [f'Model: "{model.name}"', rule("┏", "━", "┳", "┓"), line(titles, "┃")]
    result.append(rule("┡", "━", "╇", "┩"))
    for i, row in enumerate(cells):
        result.append(line(row, "│"))
        is_last = i == len(cells) - 1
        result.append(rule("└", "─", "┴", "┘") if is_last else rule("├", "─", "┼", "┤"))
    totals = [f" {text}" for text in _totals(model)]
    return result + totals

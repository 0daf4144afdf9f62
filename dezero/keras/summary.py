"""The table of `model.summary()`, in the layout of Keras 2 or of Keras 3."""

from shutil import get_terminal_size
from typing import Any, NamedTuple

from dezero.keras.tensors import flat
from dezero.models.summary import padded, text_width

__all__ = ["lines"]

STYLES = ("keras2", "keras3")
# Columns of the table, and where they end as shares of its width: plain, and with connections.
PLAIN, CONNECTED = (65, (0.45, 0.85, 1.0)), (98, (0.33, 0.55, 0.67, 1.0))
BOXED, BOXED_CONNECTED = (88, (0.45, 0.8, 1.0)), (108, (0.3, 0.56, 0.74, 1.0))


class Row(NamedTuple):
    """One layer."""

    name: str
    kind: str
    shape: str
    count: int
    connected: list[str]
    is_built: bool = True

    @property
    def count_text(self) -> str:
        """Number of weights, as Keras 3 writes it."""
        return f"{self.count:,}" if self.is_built else "0 (unbuilt)"


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
        return _boxed(model, rows, width, positions)
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
    while text_width(text) > stop:
        text = text[:-1]
    return padded(text, stop)


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
    elif shape == "?" and layer.built and layer.__dict__.get("_built_for"):
        shape = _shapes_text(layer.compute_output_shape(layer.__dict__["_built_for"][0]))
    parents = [
        f"{tensor.node.layer.name}[{_number(tensor)}][{flat(tensor.node.outputs).index(tensor)}]"
        for node in nodes
        for tensor in node.input_tensors
        if tensor.node is not None
    ]
    return Row(layer.name, type(layer).__name__, shape, count, parents, layer.built)


def _belongs(node: Any, model: Any) -> bool:
    order = model.__dict__.get("_order")
    return order is None or not node.args or any(node is one for one in order)


def _number(tensor: Any) -> int:
    return tensor.node.layer._nodes.index(tensor.node)


def _shapes_text(shape: Any) -> str:
    if isinstance(shape, dict):
        shape = list(shape.values())
    if shape and isinstance(shape[0], list | tuple):
        return f"[{', '.join(map(_shapes_text, shape))}]"
    return str(tuple(shape))


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
    depths: dict[int, int] = {}
    for node in reversed(order):
        depth = depths.setdefault(id(node), 0)
        for parent in node.parents:
            depths[id(parent)] = max(depths.get(id(parent), 0), depth + 1)
    levels = [depths[id(node)] for node in order]
    layers = [id(node.layer) for node in order]
    merging = any(len(node.input_tensors) > 1 for node in order)
    return merging or len(set(levels)) < len(levels) or len(set(layers)) < len(layers)


def _boxed(model: Any, rows: list[Row], width: int | None, positions: Any) -> list[str]:
    """Return the table as Keras 3 draws it: cells are broken at spaces, long words cut short."""
    connected = _is_branched(model)
    usual, ends = BOXED_CONNECTED if connected else BOXED
    width = width or min(usual, get_terminal_size().columns - 4)
    widths = _box_widths(width, tuple(positions or ends))
    titles = ["Layer (type)", "Output Shape", "Param #"] + ["Connected to"] * connected

    def line(row: list[str], edge: str) -> list[str]:
        cells = [_broken(cell, wide) for cell, wide in zip(row, widths, strict=True)]
        height = max(map(len, cells))
        result = []
        for k in range(height):
            parts = [cell[k] if k < len(cell) else "" for cell in cells]
            shown = [
                " " * (w - text_width(p)) + p if i == 2 else padded(p, w)
                for i, (p, w) in enumerate(zip(parts, widths, strict=True))
            ]
            result.append(edge + edge.join(f" {part} " for part in shown) + edge)
        return result

    def rule(marks: str) -> str:
        left, dash, cross, right = marks
        return left + cross.join(dash * (w + 2) for w in widths) + right

    result = [f'Model: "{model.name}"', rule("┏━┳┓"), *line(titles, "┃"), rule("┡━╇┩")]
    for i, row in enumerate(rows):
        cells = [f"{row.name} ({row.kind})", row.shape, row.count_text]
        result += line(cells + [", ".join(row.connected) or "-"] * connected, "│")
        result.append(rule("└─┴┘" if i == len(rows) - 1 else "├─┼┤"))
    return [*result, *_sized_totals(model)]


def _box_widths(width: int, ends: tuple) -> list[int]:
    """Return the columns' widths: shares of `width`, then less of each for edges and margins."""
    stops = [int(end * width) if end <= 1 else int(end) for end in ends]
    widths = [stop - before for stop, before in zip(stops, [0, *stops], strict=False)]
    if min(widths) < 4:
        raise ValueError(f"summary: expected line_length for {len(ends)} columns, got {width}.")
    excess = max(0, sum(widths) + 3 * len(widths) + 1 - width)
    for i, wide in enumerate(widths):
        less = min(wide - 1, round(excess / (len(widths) - i)))
        widths[i], excess = wide - less, excess - less
    return widths


def _broken(text: str, width: int) -> list[str]:
    """Return the text in lines of at most `width` columns."""
    lines: list[str] = []
    for word in text.split(" "):
        if text_width(word) > width:
            while text_width(word) > width - 1:
                word = word[:-1]
            word += "…"
        if lines and text_width(lines[-1]) + 1 + text_width(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _sized_totals(model: Any) -> list[str]:
    groups = {
        "Total": model.weights,
        "Trainable": model.trainable_weights,
        "Non-trainable": model.non_trainable_weights,
    }
    return [
        f" {name} params: {sum(w.size for w in weights):,} ({_bytes_text(weights)})"
        for name, weights in groups.items()
    ]


def _bytes_text(weights: list) -> str:
    size = float(sum(w.data.nbytes for w in weights))
    for unit in ("B", "KB", "MB", "GB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} TB"

"""How layers are shown: one line, a tree, a table for notebooks."""

import html
from typing import Any


def label(layer: Any) -> str:
    """Return class and details of a layer on one line: "Linear 128 -> 10"."""
    details = layer.details()
    return f"{type(layer).__name__} {details}" if details else type(layer).__name__


def tree(layer: Any) -> str:
    """Return class, details and all layers below, one indented line for each."""
    return "\n".join(_lines(layer, "", [layer]))


def _lines(layer: Any, name: str, above: list) -> list[str]:
    head = f"{name}: " if name else ""
    head += f"{type(layer).__name__}({layer.details()}"
    below = []
    for child_name, child in layer.shown_members():
        if any(child is parent for parent in above):
            below.append(f"  {child_name}: ... (a layer that holds it)")
        elif hasattr(child, "shown_members"):
            below += ["  " + line for line in _lines(child, child_name, [*above, child])]
        else:
            below.append(f"  {child_name}: {getattr(child, '__name__', child)}")
    return [head, *below, ")"] if below else [head + ")"]


def html_table(layer: Any) -> str:
    """Return a table of parameters: path, shape, dtype, number of elements."""
    rows = []
    for path, param in layer.named_params():
        if param.data is None:
            cells = (path, "not known yet", "", "")
        else:
            cells = (path, str(param.shape), str(param.dtype), f"{param.size:,}")
        rows.append("".join(f"<td>{html.escape(cell)}</td>" for cell in cells))
    head = "".join(f"<th>{title}</th>" for title in ("parameter", "shape", "dtype", "elements"))
    title = html.escape(label(layer) if layer.name is None else f"{layer.name}: {label(layer)}")
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<b>{title}</b><table><tr>{head}</tr>{body}</table>"

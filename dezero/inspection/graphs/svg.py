"""A drawing as SVG text, by the standard library alone."""

from collections.abc import Iterable, Sequence
from html import escape

from dezero.inspection.graphs.frames import Frame
from dezero.inspection.graphs.layout import ARROW, Box, Layout
from dezero.inspection.graphs.shapes import FACTS_SIZE, Shape
from dezero.inspection.graphs.text import FONTS

# Fill and outline; the names are graphviz's.
VARIABLE, FUNCTION = ("#ffb74d", "#e08e0b"), ("#add8e6", "#6fa8bf")
LINE = 1.2
EDGE, TEXT, FACT = "#555555", "#111111", "#444444"
FRAME, FRAME_TEXT, FRAME_RADIUS = ("#f4f6f8", "#c3ccd5"), "#66717d", 8


def svg_text(layout: Layout, shapes: Sequence[Shape], frames: Sequence[Frame] = ()) -> str:
    """Return the drawing as an SVG document; no ids or styles, so many fit into one page."""
    width, height = _number(layout.width), _number(layout.height)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="{FONTS}" text-anchor="middle">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *map(_frame, frames),
        f'<g fill="none" stroke="{EDGE}" stroke-width="{LINE}">',
        *(f'<path d="{_path(stroke.pieces)}"/>' for stroke in layout.strokes),
        "</g>",
        f'<path fill="{EDGE}" d="{_arrows(layout)}"/>',
        *_nodes(layout, shapes),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _frame(frame: Frame) -> str:
    x, y = frame.title_at
    return (
        f'<rect {_sides(frame.box)} rx="{FRAME_RADIUS}" fill="{FRAME[0]}" '
        f'stroke="{FRAME[1]}"/>\n<text x="{_number(x)}" y="{_number(y)}" '
        f'font-size="{_number(FACTS_SIZE)}" fill="{FRAME_TEXT}">{escape(frame.title)}</text>'
    )


def _sides(box: Box) -> str:
    x, y = _number(box.x - box.width / 2), _number(box.y - box.height / 2)
    return f'x="{x}" y="{y}" width="{_number(box.width)}" height="{_number(box.height)}"'


def _path(pieces: Iterable[Sequence[tuple[float, float]]]) -> str:
    words = []
    for start, *rest in pieces:
        words.append(f"M{_point(start)}C" + " ".join(map(_point, rest)))
    return "".join(words)


def _point(point: tuple[float, float]) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _arrows(layout: Layout) -> str:
    half = _number(ARROW * 0.45)
    return "".join(
        f"M{_number(x)},{_number(y)}l-{half},-{ARROW}h{_number(ARROW * 0.9)}z"
        for stroke in layout.strokes
        for x, y in stroke.tips
    )


def _nodes(layout: Layout, shapes: Sequence[Shape]) -> Iterable[str]:
    for box, shape in zip(layout.boxes, shapes, strict=True):
        fill, line = FUNCTION if shape.is_function else VARIABLE
        yield (
            f"<g><title>{escape(shape.title)}</title><rect {_sides(box)} "
            f'rx="{_number(shape.radius)}" fill="{fill}" stroke="{line}"/>'
        )
        for text in shape.lines:
            yield (
                f'<text x="{_number(box.x)}" y="{_number(box.y + text.y)}" '
                f'font-size="{_number(text.size)}" fill="{FACT if text.is_fact else TEXT}">'
                f"{escape(text.text)}</text>"
            )
        yield "</g>"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")

"""A drawing as PNG, PDF and what else matplotlib writes."""

import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dezero.inspection.graphs.frames import Frame
from dezero.inspection.graphs.layout import ARROW, Box, Layout
from dezero.inspection.graphs.shapes import FACTS_SIZE, Shape
from dezero.inspection.graphs.svg import (
    EDGE,
    FACT,
    FRAME,
    FRAME_RADIUS,
    FRAME_TEXT,
    FUNCTION,
    LINE,
    TEXT,
    VARIABLE,
)

FORMATS = ("png", "pdf", "jpg", "jpeg", "webp", "tif", "tiff", "eps", "ps")
_VECTOR = ("pdf", "eps", "ps")
DPI, LEAST_DPI = 144, 40
MOST_SIDE, MOST_PIXELS = 32_000, 60_000_000
# Points; what PDF readers open.
MOST_POINTS = 14_400
_SETTINGS: Any = {
    "text.usetex": False, "savefig.bbox": None, "path.simplify": False,
    "figure.constrained_layout.use": False, "figure.autolayout": False,
}  # fmt: skip


def save_figure(
    layout: Layout, shapes: Sequence[Shape], path: Path, frames: Sequence[Frame] = ()
) -> None:
    """Write the drawing to `path`, whose ending is one of FORMATS."""
    import matplotlib

    kind = path.suffix[1:].lower()
    scale = min(1.0, MOST_POINTS / max(layout.width, layout.height)) if kind in _VECTOR else 1.0
    dpi = DPI if kind in _VECTOR else _dpi(layout)
    if scale < 0.5 or dpi < LEAST_DPI:
        warnings.warn(
            f"plot_dot_graph: {path.name} cannot be as large as the drawing, {layout.width:,.0f} x "
            f"{layout.height:,.0f} points, and is reduced until nobody can read it. Write an .svg.",
            stacklevel=5,
        )
    options = {"metadata": {"CreationDate": None}} if kind in _VECTOR else {}
    with matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        figure = _figure(layout, shapes, frames, scale)
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(path, format=kind, dpi=dpi, facecolor="white", **options)


def _dpi(layout: Layout) -> float:
    side = MOST_SIDE / (max(layout.width, layout.height) / 72)
    area = (MOST_PIXELS / (layout.width * layout.height / 72**2)) ** 0.5
    return min(DPI, side, area)


def _figure(layout: Layout, shapes: Sequence[Shape], frames: Sequence[Frame], scale: float) -> Any:
    from matplotlib.collections import PatchCollection
    from matplotlib.figure import Figure
    from matplotlib.patches import PathPatch, Polygon

    figure = Figure(figsize=(layout.width * scale / 72, layout.height * scale / 72))
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, layout.width), ylim=(layout.height, 0))
    axes.set_axis_off()
    around = [PathPatch(_outline(frame.box, FRAME_RADIUS)) for frame in frames]
    axes.add_collection(
        PatchCollection(around, facecolor=FRAME[0], edgecolor=FRAME[1], linewidth=scale)
    )
    edges = [PathPatch(_path(stroke.pieces)) for stroke in layout.strokes]
    axes.add_collection(
        PatchCollection(edges, facecolor="none", edgecolor=EDGE, linewidth=LINE * scale)
    )
    half = ARROW * 0.45
    tips = [tip for stroke in layout.strokes for tip in stroke.tips]
    arrows = [Polygon([(x, y), (x - half, y - ARROW), (x + half, y - ARROW)]) for x, y in tips]
    axes.add_collection(PatchCollection(arrows, facecolor=EDGE, edgecolor="none"))
    for is_function, (fill, line) in ((True, FUNCTION), (False, VARIABLE)):
        boxes = [
            PathPatch(_outline(box, shape.radius))
            for box, shape in zip(layout.boxes, shapes, strict=True)
            if shape.is_function == is_function
        ]
        axes.add_collection(PatchCollection(boxes, facecolor=fill, edgecolor=line, linewidth=scale))
    fonts = _fonts(shapes, frames)
    texts = [
        (box.x, box.y + line.y, line.text, line.size, FACT if line.is_fact else TEXT)
        for box, shape in zip(layout.boxes, shapes, strict=True)
        for line in shape.lines
    ]
    texts += [(*frame.title_at, frame.title, FACTS_SIZE, FRAME_TEXT) for frame in frames]
    look: Any = {"ha": "center", "va": "baseline", "family": fonts, "parse_math": False}
    for x, y, text, size, color in texts:
        axes.text(x, y, text, size=size * scale, color=color, **look)
    return figure


def _path(pieces: Iterable[Sequence[tuple[float, float]]]) -> Any:
    from matplotlib.path import Path as Curve

    points: list[tuple[float, float]] = []
    codes: list[int] = []
    for piece in pieces:
        points += piece
        codes += [int(Curve.MOVETO), *[int(Curve.CURVE4)] * (len(piece) - 1)]
    return Curve(points, codes)


def _outline(box: Box, radius: float) -> Any:
    """Return a rectangle with round corners; matplotlib's own makes no true circles of them."""
    from matplotlib.path import Path as Curve

    # A cubic is nearest to a quarter of a circle when its handles are this far from the corner.
    short = radius * (1 - 0.5523)
    right, bottom = box.width / 2, box.height / 2
    points, codes = [], []
    for x, y, across in ((-1, -1, 0), (1, -1, 1), (1, 1, 0), (-1, 1, 1)):
        ends = [
            (x * (right - a), y * (bottom - b))
            for a, b in ((0, radius), (0, short), (short, 0), (radius, 0))
        ]
        points += ends[::-1] if across else ends
        codes += [int(Curve.LINETO), *[int(Curve.CURVE4)] * 3]
    codes[0] = int(Curve.MOVETO)
    points = [(box.x + x, box.y + y) for x, y in (*points, points[0])]
    return Curve(points, [*codes, int(Curve.CLOSEPOLY)])


def _fonts(shapes: Sequence[Shape], frames: Sequence[Frame]) -> list[str]:
    """Return the font of the drawing, and others for the letters that it lacks."""
    from matplotlib.font_manager import FontProperties, fontManager, get_font

    def letters_of(path: str) -> set[int]:
        return set(get_font(path).get_charmap())

    fonts = ["DejaVu Sans"]
    texts = [line.text for shape in shapes for line in shape.lines]
    texts += [frame.title for frame in frames]
    missing = {ord(c) for text in texts for c in text if c > "~"}
    if missing:
        missing -= letters_of(fontManager.findfont(FontProperties(family=fonts)))
    known = {f.name: f.fname for f in fontManager.ttflist if "Last Resort" not in f.name}
    for name in sorted(known, key=lambda name: (not _has_many_letters(name), name)):
        if not missing:
            break
        letters = letters_of(known[name])
        if missing & letters:
            fonts.append(name)
            missing -= letters
    if missing:
        letters = "".join(map(chr, sorted(missing)))
        warnings.warn(
            f"plot_dot_graph: no font on this machine has the letters {letters[:20]!r}, so empty "
            "boxes stand for them. Install one, such as Noto Sans CJK, or write an .svg.",
            stacklevel=7,
        )
    return fonts


def _has_many_letters(name: str) -> bool:
    return any(word in name for word in ("CJK", "Noto Sans", "Nanum", "Gothic", "Hei", "Unicode"))

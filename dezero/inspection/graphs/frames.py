"""Frames around the calls of one layer, where the drawing has them together."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dezero.inspection.graphs.layout import Box, Layout
from dezero.inspection.graphs.shapes import FACTS_SIZE
from dezero.inspection.graphs.text import clean, clipped, width
from dezero.inspection.graphs.walk import Graph

PADDING, NESTED = 6, 5
TITLE_HEIGHT, TITLE_ROOM = 15, 200
BASE = 0.365 * FACTS_SIZE


class Frame(NamedTuple):
    """A box around others, and the title in one of its corners, by the middle of its base line."""

    box: Box
    title: str
    title_at: tuple[float, float]


def framed(graph: Graph, layout: Layout) -> list[Frame]:
    """Return the frames of all groups that a frame would serve, outer ones first.

    A group gets none if its frame would touch a foreign box or cut another frame, or if no corner
    is free for its title. What stands above its first function may be left outside.
    """
    found: list[tuple[frozenset[int], Frame]] = []
    for title, members in sorted(graph.groups, key=lambda group: len(group[1])):
        text = clipped(clean(title), TITLE_ROOM, FACTS_SIZE)
        first = min(layout.boxes[v].y for v in members if graph.nodes[v].is_function)
        below = frozenset(v for v in members if layout.boxes[v].y >= first)
        for chosen in (members, below):
            frame = _frame(layout, chosen, text, found)
            if frame is not None:
                found.append((chosen, frame))
                break
    return [frame for _, frame in reversed(found)]


def _frame(
    layout: Layout,
    members: frozenset[int],
    title: str,
    found: list[tuple[frozenset[int], Frame]],
) -> Frame | None:
    """Return the frame around `members` and the frames among them, or None if it would not do."""
    inner = [frame.box for nodes, frame in found if nodes < members]
    own = [*(layout.boxes[v] for v in members), *inner]
    box = _around(own, NESTED if inner else PADDING)
    foreign = [b for v, b in enumerate(layout.boxes) if v not in members]
    foreign += [frame.box for nodes, frame in found if not nodes < members]
    canvas = Box(layout.width / 2, layout.height / 2, layout.width, layout.height)
    if any(_touch(box, b) for b in foreign) or not _holds(canvas, box):
        return None
    room = width(title, FACTS_SIZE) + 8
    corners = [c for c in _corners(box, room) if not any(_touch(c, b) for b in own)]
    lines = [line for line in _lines(layout) if _touch(line, box)]
    corners.sort(key=lambda c: any(_touch(c, line) for line in lines))
    return Frame(box, title, (corners[0].x, corners[0].y + BASE)) if corners else None


def _around(boxes: Iterable[Box], padding: float) -> Box:
    boxes = list(boxes)
    left = min(b.x - b.width / 2 for b in boxes) - padding
    right = max(b.x + b.width / 2 for b in boxes) + padding
    top = min(b.y - b.height / 2 for b in boxes) - padding
    bottom = max(b.y + b.height / 2 for b in boxes) + padding
    return Box((left + right) / 2, (top + bottom) / 2, right - left, bottom - top)


def _touch(a: Box, b: Box) -> bool:
    across = abs(a.x - b.x) < (a.width + b.width) / 2
    return across and abs(a.y - b.y) < (a.height + b.height) / 2


def _holds(outer: Box, inner: Box) -> bool:
    across = abs(outer.x - inner.x) <= (outer.width - inner.width) / 2
    return across and abs(outer.y - inner.y) <= (outer.height - inner.height) / 2


def _corners(frame: Box, room: float) -> Iterator[Box]:
    """Yield the places for a title of width `room` in the corners of a frame."""
    for down in (-1, 1):
        for across in (-1, 1):
            x = frame.x + across * (frame.width - room) / 2
            y = frame.y + down * (frame.height - TITLE_HEIGHT) / 2
            if room <= frame.width:
                yield Box(x, y, room, TITLE_HEIGHT)


def _lines(layout: Layout) -> Iterator[Box]:
    """Yield a box around each curve."""
    for piece in (piece for stroke in layout.strokes for piece in stroke.pieces):
        for i in range(1, len(piece), 3):
            (x, y), (end, bottom) = piece[i - 1], piece[i + 2]
            yield Box((x + end) / 2, (y + bottom) / 2, abs(x - end), abs(y - bottom))

"""Where everything in a drawing goes: boxes in ranks from top to bottom, edges as smooth curves.

Between two ranks an edge is one curve that starts and ends upright, and in a rank it runs upright
through a place of its own. So no edge touches a foreign box, and two edges cross only where their
order changes.
"""

from collections.abc import Sequence
from typing import NamedTuple

from dezero.inspection.graphs.order import untangle
from dezero.inspection.graphs.place import Link, placed
from dezero.inspection.graphs.ranks import Layers, layered

MARGIN = 12
ARROW = 7
RANK_GAP = 24  # between the boxes of two ranks, arrowhead included
STEEPEST_GAP = 64
NODE_GAP, BEND_GAP, SMALL = 16, 10, 24
PORT_GAP = 14
# Above this many nodes and bends, good places take the time of the best ones.
FINE = 6000
BUDGET = 3_000_000


class Box(NamedTuple):
    """A node's place: the centre, and the whole width and height."""

    x: float
    y: float
    width: float
    height: float


class Stroke(NamedTuple):
    """The edges that leave one node: connected pieces, each of points x, y, and arrowheads.

    A piece starts at its first point; then come three points of a cubic curve, again and again.
    """

    source: int
    pieces: list[list[tuple[float, float]]]
    tips: list[tuple[float, float]]


class Layout(NamedTuple):
    """A finished drawing without ink."""

    width: float
    height: float
    boxes: list[Box]
    strokes: list[Stroke]


def arranged(
    sizes: Sequence[tuple[float, float]], edges: Sequence[tuple[int, int]], budget: int = BUDGET
) -> Layout:
    """Return a drawing of a graph without cycles.

    Args:
        sizes: (width, height) of each node.
        edges: pairs (tail, head) of node numbers with tail < head.
        budget: steps of work for each phase.
    """
    layers = layered(len(sizes), edges, budget)
    untangle(layers, budget // 6)
    links = _links(layers, sizes)
    bends = layers.size - layers.real
    half = [round(width / 2) for width, _ in sizes] + [0] * bends
    gaps = [NODE_GAP if width > SMALL else BEND_GAP for width, _ in sizes] + [BEND_GAP] * bends
    fine = layers.size <= FINE
    x = [a + MARGIN for a in placed(layers, half, gaps, links, budget if fine else 0)]
    bands = _bands(layers, sizes, links, x)
    boxes = _boxes(layers, sizes, x, bands)
    width = max((a + b for a, b in zip(x, half, strict=True)), default=0) + MARGIN
    height = (bands[-1][1] if bands else 0) + MARGIN
    return Layout(width, height, boxes, _strokes(layers, boxes, links, x, bands))


def _links(layers: Layers, sizes: Sequence[tuple[float, float]]) -> list[Link]:
    """Return the pieces of edges between neighbouring ranks, with weights and ports."""
    place = layers.places()
    links: list[Link] = []
    for v in range(layers.real):
        stations = sorted(layers.arriving[v], key=place.__getitem__)
        weights = [_weight(layers, u, v) for u in stations]
        ports = _ports(weights, sizes[v][0] / 2)
        links += [(u, v, w, 0, p) for u, w, p in zip(stations, weights, ports, strict=True)]
    for v in range(layers.real, layers.size):
        u = layers.above[v][0]
        links.append((u, v, _weight(layers, u, v), 0, 0))
    return links


def _weight(layers: Layers, upper: int, lower: int) -> int:
    """Return how much an edge wants to be upright: long ones most, those from leaves hardly.

    Beside a deep network stand hundreds of parameters; together they must not bend its trunk.
    """
    bends = (upper >= layers.real) + (lower >= layers.real)
    if bends:
        return 800 * bends
    if len(set(layers.below[upper])) > 1:
        return 500
    if len(set(layers.above[lower])) == 1:
        return 800
    return 600 if layers.above[upper] else 1


def _ports(weights: Sequence[int], half: float) -> list[int]:
    """Return where edges arrive, off the centre of a box, the heaviest in the middle."""
    last = len(weights) - 1
    heaviest = max(weights, default=0)
    middle = [i for i, weight in enumerate(weights) if weight == heaviest]
    centre = sum(middle) / len(middle) if middle else 0
    reach = max(centre, last - centre)
    gap = min(PORT_GAP, (half - 5) / reach) if reach else 0
    return [round((i - centre) * gap) for i in range(last + 1)]


def _bands(
    layers: Layers, sizes: Sequence[tuple[float, float]], links: Sequence[Link], x: Sequence[int]
) -> list[tuple[float, float]]:
    """Return top and bottom of each rank; wide steps of edges get more height."""
    level = layers.level()
    steps = [0] * len(layers.ranks)
    for upper, lower, _, leaving, arriving in links:
        step = abs(x[upper] + leaving - x[lower] - arriving)
        steps[level[lower]] = max(steps[level[lower]], step)
    bands, bottom = [], float(MARGIN)
    for r, rank in enumerate(layers.ranks):
        top = bottom + (min(RANK_GAP + steps[r] // 12, STEEPEST_GAP) if r else 0)
        bottom = top + max((sizes[v][1] for v in rank if v < layers.real), default=0)
        bands.append((top, bottom))
    return bands


def _boxes(
    layers: Layers,
    sizes: Sequence[tuple[float, float]],
    x: Sequence[int],
    bands: Sequence[tuple[float, float]],
) -> list[Box]:
    boxes = [Box(0, 0, 0, 0)] * layers.real
    for rank, (top, bottom) in zip(layers.ranks, bands, strict=True):
        for v in rank:
            if v < layers.real:
                boxes[v] = Box(x[v], (top + bottom) / 2, *sizes[v])
    return boxes


def _strokes(
    layers: Layers,
    boxes: Sequence[Box],
    links: Sequence[Link],
    x: Sequence[int],
    bands: Sequence[tuple[float, float]],
) -> list[Stroke]:
    level = layers.level()
    strokes: dict[int, Stroke] = {}
    for upper, lower, _, leaving, arriving in sorted(links):
        source = layers.trunk[upper]
        stroke = strokes.setdefault(source, Stroke(source, [], []))
        bottom, (top, end) = bands[level[upper]][1], bands[level[lower]]
        start, stop = x[upper] + leaving, x[lower] + arriving
        first = boxes[upper].y + boxes[upper].height / 2 if upper < layers.real else bottom
        if lower < layers.real:
            tip = boxes[lower].y - boxes[lower].height / 2
            stroke.tips.append((stop, tip))
            end = tip - ARROW
        piece: list[tuple[float, float]] = [(start, first)]
        if first < bottom:
            piece += [(start, first), (start, bottom), (start, bottom)]
        half = (bottom + top - ARROW) / 2
        piece += [(start, half), (stop, half), (stop, top - ARROW)]
        if end > top - ARROW:
            piece += [(stop, top - ARROW), (stop, end), (stop, end)]
        stroke.pieces.append(piece)
    return list(strokes.values())

"""Graphs to draw, and what must hold of every drawing."""

import random
from itertools import pairwise

from dezero.inspection.graphs.order import crossings


def random_graph(seed, nodes=30, density=1.6):
    """Sizes and edges of a graph without cycles, connected or not, some edges twice."""
    generator = random.Random(seed)
    sizes = [
        (generator.choice((16, 40, 73, 131)), generator.choice((16, 24, 38))) for _ in range(nodes)
    ]
    edges = []
    for _ in range(int(density * nodes) if nodes > 1 else 0):
        tail, head = sorted(generator.sample(range(nodes), 2))
        edges += [(tail, head)] * generator.choice((1, 1, 1, 2))
    return sizes, edges


def overlaps(layout, room=4):
    """Return pairs of boxes that overlap, or are nearer to each other than `room`."""
    boxes = layout.boxes
    return [
        (i, j)
        for i, a in enumerate(boxes)
        for j, b in enumerate(boxes[:i])
        if abs(a.x - b.x) < (a.width + b.width) / 2 + room
        and abs(a.y - b.y) < (a.height + b.height) / 2 + room
    ]


def points(piece, steps=8):
    """Return points along the curves of a piece."""
    found = [piece[0]]
    for i in range(1, len(piece), 3):
        corners = piece[i - 1 : i + 3]
        for k in range(1, steps + 1):
            t = k / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            found.append(
                tuple(sum(w * p[c] for w, p in zip(weights, corners, strict=True)) for c in (0, 1))
            )
    return found


def edges_through_boxes(layout):
    """Return (source, box) of each edge that runs through the inside of a box."""
    return sorted(
        {
            (stroke.source, i)
            for stroke in layout.strokes
            for piece in stroke.pieces
            for x, y in points(piece)
            for i, box in enumerate(layout.boxes)
            if abs(x - box.x) < box.width / 2 and abs(y - box.y) < box.height / 2 - 0.01
        }
    )


def lost_arrows(layout, edges):
    """Return edges without an arrowhead on top of their box, within its width."""
    tips = [tip for stroke in layout.strokes for tip in stroke.tips]
    lost = []
    for tail, head in edges:
        box = layout.boxes[head]
        top = box.y - box.height / 2
        mine = [t for t in tips if abs(t[1] - top) < 0.01 and abs(t[0] - box.x) < box.width / 2]
        lost += [] if mine else [(tail, head)]
    return lost + ([] if len(tips) == len(edges) else ["count"])


def drawn_crossings(layout):
    """Return how often lines of different nodes cross, counted on the drawing itself."""
    lines = [(stroke.source, points(piece)) for stroke in layout.strokes for piece in stroke.pieces]
    return sum(
        _cross(a, b) for i, (one, a) in enumerate(lines) for other, b in lines[:i] if one != other
    )


def _cross(a, b):
    return sum(_intersect(p, q, r, s) for p, q in pairwise(a) for r, s in pairwise(b))


def _intersect(p, q, r, s):
    return _side(p, q, r) * _side(p, q, s) < 0 and _side(r, s, p) * _side(r, s, q) < 0


def _side(p, q, r):
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])


def swaps_that_help(layers):
    """Return neighbours in a rank that cross less the other way round."""
    before, found = crossings(layers), []
    for rank in layers.ranks:
        for i in range(len(rank) - 1):
            rank[i], rank[i + 1] = rank[i + 1], rank[i]
            if crossings(layers) < before:
                found.append((rank[i + 1], rank[i]))
            rank[i], rank[i + 1] = rank[i + 1], rank[i]
    return found

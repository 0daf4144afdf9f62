"""What a node looks like: its lines of text, its outline and its size."""

from collections import Counter
from typing import NamedTuple

from dezero.inspection.graphs.text import clean, clipped, width
from dezero.inspection.graphs.walk import Graph, Node

NAME_SIZE, FACTS_SIZE = 12.0, 10.0
WIDEST = 260.0
PADDING = 10.0
DOT = 16.0
ARGUMENT = 11.0


class Line(NamedTuple):
    """A line of text; `y` is where it stands, relative to the node's centre."""

    text: str
    size: float
    y: float
    is_fact: bool


class Shape(NamedTuple):
    """A node to be drawn around a centre; a variable has round ends."""

    is_function: bool
    width: float
    height: float
    lines: list[Line]
    title: str  # the whole text, for a tooltip

    @property
    def radius(self) -> float:
        """Radius of the corners."""
        return 3.0 if self.is_function else self.height / 2


def shapes_of(graph: Graph, verbose: bool) -> list[Shape]:
    """Return the shape of every node; if not verbose, with nothing but its name.

    A function of many arguments is wide, so that their arrows stand apart.
    """
    arguments = Counter(head for _, head in graph.edges)
    shapes = [_shape(node, verbose) for node in graph.nodes]
    return [
        shape._replace(width=max(shape.width, min(ARGUMENT * arguments[v], WIDEST)))
        if shape.is_function
        else shape
        for v, shape in enumerate(shapes)
    ]


def _shape(node: Node, verbose: bool) -> Shape:
    name, fact = clean(node.name), clean(node.layer if node.is_function else node.facts)
    title = ": ".join(filter(None, (name, fact)))
    texts = [(name, NAME_SIZE, False)] if name else []
    if verbose and fact:
        texts.append((fact, FACTS_SIZE, True))
    if not texts:
        return Shape(node.is_function, DOT, DOT, [], title)
    texts = [(clipped(text, WIDEST, size), size, is_fact) for text, size, is_fact in texts]
    height = sum(1.35 * size for _, size, _ in texts) + 8
    lines, top = [], -height / 2 + 4
    for text, size, is_fact in texts:
        # The baseline: capitals are about 0.73 of the size high.
        lines.append(Line(text, size, round(top + 1.35 * size / 2 + 0.365 * size, 2), is_fact))
        top += 1.35 * size
    room = max(width(text, size) for text, size, _ in texts) + 2 * PADDING
    return Shape(node.is_function, round(max(room, height)), round(height), lines, title)

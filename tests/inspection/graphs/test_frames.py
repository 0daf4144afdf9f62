"""Frames around the calls of one layer."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import layers as L
from dezero.inspection.graphs.frames import framed
from dezero.inspection.graphs.layout import Box, Layout
from dezero.inspection.graphs.walk import Graph, Node
from dezero.models import Model

X = np.ones((2, 8), np.float32)


class Block(Model):
    def __init__(self):
        self.l1, self.l2 = L.Linear(8), L.Linear(8)

    def forward(self, x):
        return x + self.l2(F.relu(self.l1(x)))


class Outer(Model):
    def __init__(self, depth=0):
        self.a, self.b, self.head = Outer(depth - 1) if depth else Block(), Block(), L.Linear(3)
        self.back = L.Linear(8)

    def forward(self, x):
        return self.back(self.head(self.b(self.a(x))))


def sides(box):
    return (
        box.x - box.width / 2, box.y - box.height / 2,
        box.x + box.width / 2, box.y + box.height / 2,
    )  # fmt: skip


def is_inside(inner, outer):
    (a, b, c, d), (e, f, g, h) = sides(inner), sides(outer)
    return e <= a and f <= b and c <= g and d <= h


def is_clear(one, other):
    (a, b, c, d), (e, f, g, h) = sides(one), sides(other)
    return c <= e or g <= a or d <= f or h <= b


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_frames_hold_their_calls_and_nothing_foreign(depth):
    picture = Outer(depth).plot(X, to_file=None)
    layout, boxes = picture.layout, picture.layout.boxes
    groups = dict(picture.graph.groups)
    assert [frame.title.split(": ")[1] for frame in picture.frames].count("Block") == 2 + depth
    for frame in picture.frames:
        members = groups[frame.title]
        for v, node in enumerate(picture.graph.nodes):
            if v in members and node.is_function:
                assert is_inside(boxes[v], frame.box)
            assert is_inside(boxes[v], frame.box) or is_clear(boxes[v], frame.box)
            assert v in members or is_clear(boxes[v], frame.box)
        for other in picture.frames:
            assert is_clear(frame.box, other.box) or (
                is_inside(frame.box, other.box) or is_inside(other.box, frame.box)
            )
        x, y = frame.title_at
        assert all(is_clear(Box(x, y - 4, 60, 9), box) for box in boxes)
        assert is_inside(frame.box, Box(layout.width / 2, layout.height / 2, *layout[:2]))
    # Outer frames first, so that inner ones are drawn above them.
    widths = [frame.box.width for frame in picture.frames]
    assert depth or widths == sorted(widths, reverse=True)


def test_frames_are_drawn(tmp_path):
    model = Outer()
    picture = model.plot(X, to_file=tmp_path / "m.png")
    assert ">a: Block</text>" in picture.svg and ">b: Block</text>" in picture.svg
    assert model.plot(X, to_file=None, verbose=False).frames == []


def test_a_group_in_two_places_has_no_frame():
    class Twice(Model):
        def __init__(self):
            self.block, self.between = Block(), L.Linear(8)

        def forward(self, x):
            return self.block(self.between(self.block(x)))

    assert Twice().plot(X, to_file=None).frames == []


def layout_of(*boxes):
    return Layout(200, 200, [Box(*box) for box in boxes], [])


def test_a_frame_without_room_for_its_title_is_left_out():
    nodes = [Node(True, "Add"), Node(True, "Mul")]
    narrow = layout_of((100, 50, 30, 20), (100, 100, 30, 20))
    wide = layout_of((60, 50, 30, 20), (140, 100, 30, 20))
    graph = Graph(nodes, [], (("a long title", frozenset({0, 1})),))
    assert framed(graph, narrow) == [] and len(framed(graph, wide)) == 1


def test_a_frame_off_the_sheet_is_left_out():
    graph = Graph([Node(True, "Add"), Node(True, "Mul")], [], (("t", frozenset({0, 1})),))
    assert framed(graph, layout_of((18, 50, 30, 20), (140, 100, 30, 20))) == []

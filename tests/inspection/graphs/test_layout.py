"""What must hold of every drawing: nothing overlaps, no line runs through a box."""

import pytest

from dezero.inspection.graphs.layout import arranged
from dezero.inspection.graphs.order import crossings, untangle
from dezero.inspection.graphs.ranks import layered
from tests.inspection.graphs.drawings import (
    drawn_crossings,
    edges_through_boxes,
    lost_arrows,
    overlaps,
    points,
    random_graph,
)


@pytest.mark.parametrize("budget", [1, 3_000_000])
@pytest.mark.parametrize("seed", range(8))
def test_random_graphs(seed, budget):
    sizes, edges = random_graph(seed, (1, 2, 6, 12, 25, 40)[seed % 6], (0.5, 1.0, 1.5)[seed % 3])
    layout = arranged(sizes, edges, budget)
    assert overlaps(layout) == []
    assert edges_through_boxes(layout) == []
    assert lost_arrows(layout, edges) == []
    for x, y in (p for s in layout.strokes for piece in s.pieces for p in piece):
        assert 0 <= x <= layout.width and 0 <= y <= layout.height
    for box in layout.boxes:
        assert box.width / 2 < box.x < layout.width - box.width / 2
        assert box.height / 2 < box.y < layout.height - box.height / 2


def test_lines_cross_only_where_their_order_changes():
    for seed in range(4):
        sizes, edges = random_graph(seed, 14, 1.4)
        layers = layered(14, edges, 3_000_000)
        untangle(layers, 500_000)
        assert drawn_crossings(arranged(sizes, edges)) == crossings(layers)


def test_all_edges_go_down_and_end_upright():
    sizes, edges = random_graph(2, 25)
    layout = arranged(sizes, edges)
    for piece in (piece for stroke in layout.strokes for piece in stroke.pieces):
        heights = [y for _, y in points(piece)]
        assert heights == sorted(heights)
        assert piece[0][0] == piece[1][0] and piece[-1][0] == piece[-2][0]


def test_arguments_arrive_apart_and_the_main_one_in_the_middle():
    # 1 computes 2; 3, 4 and 5 are leaves; 6 takes all four.
    layout = arranged([(60, 24)] * 7, [(0, 1), (1, 2), (2, 6), (3, 6), (4, 6), (5, 6)])
    tips = sorted(x for s in layout.strokes for x, y in s.tips if y > layout.boxes[2].y)
    assert len(tips) == 4 and min(b - a for a, b in zip(tips, tips[1:], strict=False)) >= 5
    assert layout.boxes[0].x == layout.boxes[1].x == layout.boxes[2].x == layout.boxes[6].x
    assert layout.boxes[6].x in tips


def test_the_same_graph_gives_the_same_drawing():
    sizes, edges = random_graph(5, 18)
    assert arranged(sizes, edges) == arranged(sizes, edges)


def test_a_thousand_in_a_row_are_one_column():
    layout = arranged([(50, 20)] * 2000, [(v, v + 1) for v in range(1999)])
    assert len({box.x for box in layout.boxes}) == 1 and layout.width == 74


@pytest.mark.slow
def test_many_bends_are_placed_without_the_optimum():
    # A ladder folded back on itself: the i-th node is used i times later.
    size = 90
    edges = [(v, v + 1) for v in range(2 * size - 1)]
    edges += [(v, 2 * size - 1 - v) for v in range(size - 1)]
    layout = arranged([(30, 20)] * (2 * size), edges)
    assert overlaps(layout) == [] and lost_arrows(layout, edges) == []


def test_nothing():
    layout = arranged([], [])
    assert layout.boxes == [] and layout.width > 0


def test_a_branch_beside_a_long_edge_is_one_column():
    # 0 goes into 9 and into a branch of wider and wider boxes, each second with two leaves.
    edges = [(0, 1), *((v, v + 1) for v in range(1, 8)), (0, 8)]
    leaves = [(9 + 2 * i + j, v) for i, v in enumerate((1, 3, 5, 7)) for j in (0, 1)]
    order = [0, *range(9, 17), *range(1, 9)]
    number = {v: i for i, v in enumerate(order)}
    edges = [(number[a], number[b]) for a, b in edges + leaves]
    sizes = [(60 + 4 * v if 0 < v < 8 else 60, 20) for v in order]
    layout = arranged(sizes, edges)
    assert len({layout.boxes[number[v]].x for v in range(1, 8)}) == 1
    assert layout.boxes[number[0]].x == pytest.approx(layout.boxes[number[8]].x, abs=15)


def test_a_function_stands_below_the_middle_of_its_arguments():
    # The first argument is used three times over.
    edges = [(0, 9), (0, 9), (0, 9), *((v, 9) for v in range(1, 9)), (9, 10)]
    layout = arranged([(60, 20)] * 9 + [(120, 20), (60, 20)], edges)
    left, right = layout.boxes[0].x, layout.boxes[8].x
    assert layout.boxes[9].x == layout.boxes[10].x
    assert left + 0.2 * (right - left) < layout.boxes[9].x < right - 0.2 * (right - left)

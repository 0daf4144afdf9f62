"""Horizontal places."""

import pytest

from dezero.inspection.graphs.order import untangle
from dezero.inspection.graphs.place import placed
from dezero.inspection.graphs.ranks import layered
from tests.inspection.graphs.drawings import random_graph


def arranged(size, edges, half, budget):
    layers = layered(size, edges, 10**6)
    untangle(layers, 10**5)
    bends = layers.size - size
    links = [(u, v, 1, 0, 0) for v in range(layers.size) for u in layers.above[v]]
    half = [*half, *[0] * bends]
    return layers, half, placed(layers, half, [10] * layers.size, links, budget)


@pytest.mark.slow
@pytest.mark.parametrize("budget", [0, 10**6])
@pytest.mark.parametrize("seed", range(5))
def test_neighbours_keep_their_distance(seed, budget):
    sizes, edges = random_graph(seed)
    layers, half, x = arranged(len(sizes), edges, [w // 2 for w, _ in sizes], budget)
    for rank in layers.ranks:
        for a, b in zip(rank, rank[1:], strict=False):
            assert x[b] - x[a] >= half[a] + half[b] + 10
    assert min(a - b for a, b in zip(x, half, strict=True)) == 0


@pytest.mark.parametrize("budget", [0, 10**6])
def test_a_chain_is_upright_and_a_parent_over_the_middle(budget):
    _, _, x = arranged(5, [(0, 1), (1, 2), (2, 3), (3, 4)], [20, 5, 30, 8, 8], budget)
    assert len(set(x)) == 1
    _, _, x = arranged(3, [(0, 1), (0, 2)], [10, 10, 10], budget)
    assert x[0] == (x[1] + x[2]) / 2


def test_the_optimum_is_no_worse_than_the_sweeps():
    for seed in range(3):
        sizes, edges = random_graph(seed, 16)
        costs = []
        for budget in (0, 10**6):
            layers, _, x = arranged(len(sizes), edges, [w // 2 for w, _ in sizes], budget)
            costs.append(sum(abs(x[u] - x[v]) for v in range(layers.size) for u in layers.above[v]))
        assert costs[1] <= costs[0]


def test_long_edges_run_straight_where_there_is_room():
    edges = [(v, v + 1) for v in range(9)] + [(0, 9)]
    layers, _, x = arranged(10, edges, [20] * 10, 10**6)
    assert len({x[v] for v in range(10, layers.size)}) == 1


def test_nothing():
    assert arranged(0, [], [], 100)[2] == []

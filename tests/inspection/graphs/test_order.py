"""The order within ranks: few crossings, arguments from left to right."""

import pytest

from dezero.inspection.graphs.order import crossings, untangle
from dezero.inspection.graphs.ranks import layered
from tests.inspection.graphs.drawings import random_graph, swaps_that_help


def ordered(size, edges, budget=10**6):
    layers = layered(size, edges, 10**6)
    untangle(layers, budget)
    return layers


def test_crossings_are_counted():
    layers = layered(6, [(0, 5), (1, 4), (2, 3), (2, 5)], 1000)
    layers.ranks = [[0, 1, 2], [3, 4, 5]]
    assert crossings(layers) == 3
    layers.ranks = [[2, 1, 0], [3, 4, 5]]
    assert crossings(layers) == 1
    layers = layered(3, [(0, 2), (0, 2), (1, 2)], 1000)
    assert crossings(layers) == 0


SEEDS = [pytest.param(i, marks=pytest.mark.slow if i > 2 else ()) for i in range(12)]


@pytest.mark.parametrize("seed", SEEDS)
def test_no_swap_of_neighbours_saves_a_crossing(seed):
    sizes, edges = random_graph(seed, nodes=(8, 20, 40)[seed % 3], density=1.2)
    layers = ordered(len(sizes), edges)
    assert swaps_that_help(layers) == []


def test_that_holds_also_where_the_budget_ended_the_search():
    for seed in range(4):
        sizes, edges = random_graph(seed, 30)
        assert swaps_that_help(ordered(30, edges, budget=20_000)) == []


def test_planar_graphs_are_drawn_without_a_crossing():
    tree = [(v, (v - 1) // 3) for v in range(1, 60)]
    tree = [(59 - a, 59 - b) for a, b in tree]
    ladder = [e for i in range(0, 40, 2) for e in ((i, i + 1), (i, i + 2), (i + 1, i + 3))]
    for size, edges in ((60, tree), (42, ladder)):
        assert crossings(ordered(size, edges)) == 0


def test_arguments_come_from_left_to_right():
    # Three functions 9, 10, 11, each of three leaves, given from the last to the first.
    edges = [(3 * f + 2 - a, 9 + f) for f in range(3) for a in range(3)]
    layers = ordered(12, edges)
    place = layers.places()
    for f in range(3):
        assert [place[3 * f + 2 - a] - place[3 * f + 2] for a in range(3)] == [0, 1, 2]


def test_the_same_graph_gives_the_same_order():
    sizes, edges = random_graph(3, 20)
    assert ordered(20, edges).ranks == ordered(20, edges).ranks


def test_a_spent_budget_still_gives_an_order():
    sizes, edges = random_graph(1, 40)
    layers = ordered(40, edges, budget=1)
    assert sorted(v for rank in layers.ranks for v in rank) == list(range(layers.size))

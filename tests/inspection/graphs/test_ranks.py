"""Ranks, and the bends of long edges."""

from dezero.inspection.graphs.ranks import layered
from tests.inspection.graphs.drawings import random_graph


def test_a_long_edge_is_bent_in_every_rank_between():
    layers = layered(4, [(0, 1), (1, 2), (2, 3), (0, 3)], 1000)
    assert [rank[0] for rank in layers.ranks] == [0, 1, 2, 3]
    assert layers.ranks[1:3] == [[1, 4], [2, 5]] and layers.size == 6 and layers.real == 4
    assert layers.above[4:] == [[0], [4]] and layers.below[4:] == [[5], [3]]
    assert layers.trunk[4:] == [0, 0] and layers.arriving[3] == [2, 5]


def test_edges_of_one_node_share_their_bends():
    edges = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 3), (0, 4), (0, 4)]
    layers = layered(5, edges, 1000)
    assert layers.size - layers.real == 3
    assert layers.arriving[4] == [3, 7, 7] and layers.below[5] == [6] and layers.below[6] == [3, 7]


def test_leaves_stand_next_to_where_they_are_used():
    # 4 is needed only at the end of the chain 0-1-2-3.
    layers = layered(5, [(0, 1), (1, 2), (2, 3), (4, 3)][:3] + [(3, 4)], 1000)
    assert len(layers.ranks) == 5
    layers = layered(5, [(0, 2), (2, 3), (3, 4), (1, 4)], 1000)
    assert layers.ranks == [[0], [2], [1, 3], [4]]


def test_neighbours_are_one_rank_apart():
    for seed in range(10):
        sizes, edges = random_graph(seed)
        layers = layered(len(sizes), edges, 10**6)
        level, places = layers.level(), layers.places()
        for v in range(layers.size):
            assert all(level[w] == level[v] + 1 for w in layers.below[v])
            assert all(v in layers.above[w] for w in layers.below[v])
            assert layers.ranks[level[v]][places[v]] == v
        assert sum(map(len, layers.arriving)) == len(edges)
        assert layers.ranks[0]


def test_nothing():
    layers = layered(0, [], 10)
    assert layers.ranks == [] and layers.size == 0

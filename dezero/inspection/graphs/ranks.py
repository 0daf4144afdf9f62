"""From a graph to layers: every node gets a rank, and long edges get a bend in each rank between.

All edges that leave one node share their bends: the drawing shows a trunk with branches, and a
variable that is used n times costs as many bends as its longest edge, not the sum of all.
"""

from collections.abc import Sequence

from dezero.inspection.graphs.simplex import minimise


class Layers:
    """Nodes 0 to `real` - 1 of the graph and the bends after them, rank by rank, left to right.

    `above[v]` and `below[v]` are the neighbours in the next rank, one for each edge; `trunk[v]` is
    the node whose edges pass through v; `arriving[v]` has, in the order of the edges that end in
    node v, the last station of each.
    """

    def __init__(self, rank: Sequence[int]) -> None:
        self.real = len(rank)
        self.ranks: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
        for v, r in enumerate(rank):
            self.ranks[r].append(v)
        self.above: list[list[int]] = [[] for _ in rank]
        self.below: list[list[int]] = [[] for _ in rank]
        self.trunk = list(range(self.real))
        self.arriving: list[list[int]] = [[] for _ in rank]

    @property
    def size(self) -> int:
        """Number of nodes and bends."""
        return len(self.above)

    def level(self) -> list[int]:
        """Return the rank of every node and bend."""
        level = [0] * self.size
        for r, rank in enumerate(self.ranks):
            for v in rank:
                level[v] = r
        return level

    def places(self) -> list[int]:
        """Return where in its rank every node and bend stands."""
        places = [0] * self.size
        for rank in self.ranks:
            for i, v in enumerate(rank):
                places[v] = i
        return places

    def lead(self, tail: int, heads: Sequence[int], rank: Sequence[int]) -> list[int]:
        """Lead edges from `tail` down to `heads` through new bends; return their last stations."""
        station, r, last = tail, rank[tail], {}
        for head in sorted(heads, key=rank.__getitem__):
            while r + 1 < rank[head]:
                r += 1
                bend = self.size
                self.ranks[r].append(bend)
                self.above.append([])
                self.below.append([])
                self.trunk.append(tail)
                self._join(station, bend)
                station = bend
            self._join(station, head)
            last[head] = station
        return [last[head] for head in heads]

    def _join(self, upper: int, lower: int) -> None:
        self.below[upper].append(lower)
        self.above[lower].append(upper)


def layered(size: int, edges: Sequence[tuple[int, int]], budget: int) -> Layers:
    """Return the nodes in ranks such that all edges go down and their lengths have the least sum.

    Args:
        size: number of nodes.
        edges: pairs (tail, head) with tail < head.
        budget: steps of work, after which the best ranks so far are taken.
    """
    rank = _ranked(size, edges, budget)
    layers = Layers(rank)
    heads: list[list[int]] = [[] for _ in range(size)]
    for tail, head in edges:
        heads[tail].append(head)
    last: dict[tuple[int, int], int] = {}
    for tail in range(size):
        for head, station in zip(heads[tail], layers.lead(tail, heads[tail], rank), strict=True):
            last[tail, head] = station
    for tail, head in edges:
        layers.arriving[head].append(last[tail, head])
    return layers


def _ranked(size: int, edges: Sequence[tuple[int, int]], budget: int) -> list[int]:
    start = [0] * size
    for tail, head in sorted(edges, reverse=True):
        start[tail] = min(start[tail], start[head] - 1)
    rank = minimise(start, [(tail, head, 1, 1) for tail, head in edges], budget)
    top = min(rank, default=0)
    return [r - top for r in rank]

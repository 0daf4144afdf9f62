"""Horizontal coordinates: no two nodes of a rank too near, edges short, long edges straight.

A few sweeps give good places in linear time: each rank is put as near to what its neighbours wish
as the distances allow, by isotonic regression. For a drawing that people can read, network simplex
then finds the best ones (Gansner et al. 1993, section 4.2).
"""

from collections.abc import Sequence

from dezero.inspection.graphs.ranks import Layers
from dezero.inspection.graphs.simplex import Arc, minimise

SWEEPS = 12
# How far a bend may be moved aside for the sake of fewer bends.
TOLERANCE = 30
# Links: upper node, lower node, weight, where the edge leaves and arrives off their centres.
Link = tuple[int, int, int, int, int]


def placed(
    layers: Layers, half: Sequence[int], gaps: Sequence[int], links: Sequence[Link], budget: int
) -> list[int]:
    """Return the x of the centre of every node and bend.

    Args:
        layers: ordered ranks.
        half: half the width of each node.
        gaps: free room that each node wants at its sides; the larger of two neighbours' counts.
        links: edges between neighbouring ranks.
        budget: steps of work for the optimum; 0 leaves it at the sweeps.
    """
    apart = [
        [half[a] + half[b] + max(gaps[a], gaps[b]) for a, b in zip(rank, rank[1:], strict=False)]
        for rank in layers.ranks
    ]
    x = _swept(layers, apart, links)
    if budget:
        x = _optimal(layers, apart, links, x, budget)
    _straighten(layers, apart, links, x)
    left = min((a - b for a, b in zip(x, half, strict=True)), default=0)
    return [a - left for a in x]


def _swept(layers: Layers, apart: list[list[int]], links: Sequence[Link]) -> list[int]:
    x = [0.0] * layers.size
    pulls: list[list[tuple[int, int, int]]] = [[] for _ in x]
    for upper, lower, weight, leaving, arriving in links:
        pulls[lower].append((upper, weight, leaving - arriving))
        pulls[upper].append((lower, weight, arriving - leaving))
    level = layers.level()
    for i in range(SWEEPS):
        down = i % 2 == 0
        for r in range(len(layers.ranks)) if down else reversed(range(len(layers.ranks))):
            rank = layers.ranks[r]
            wishes, weights = [], []
            for v in rank:
                # The first sweep down knows only what is above, the last ones look both ways.
                near = [p for p in pulls[v] if i >= SWEEPS - 2 or (level[p[0]] < r) == down]
                weight = sum(p[1] for p in near)
                centre = sum(p[1] * (x[p[0]] + p[2]) for p in near)
                wishes.append(centre / weight if weight else x[v])
                weights.append(weight or 0.01)
            for v, at in zip(rank, _regression(wishes, weights, apart[r]), strict=True):
                x[v] = at
    return _rounded(layers, apart, x)


def _regression(wishes: list[float], weights: list[float], apart: list[int]) -> list[float]:
    """Return places at least `apart` from each other, nearest to `wishes` in squares.

    Pool adjacent violators (Ayer et al. 1955) on what is left when the distances are taken off.
    """
    offset, blocks = 0.0, []
    offsets = []
    for i, (wish, weight) in enumerate(zip(wishes, weights, strict=True)):
        offset += apart[i - 1] if i else 0
        offsets.append(offset)
        total, mass, count = (wish - offset) * weight, weight, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / mass:
            before = blocks.pop()
            total, mass, count = total + before[0], mass + before[1], count + before[2]
        blocks.append((total, mass, count))
    levels = [total / mass for total, mass, count in blocks for _ in range(count)]
    return [level + offset for level, offset in zip(levels, offsets, strict=True)]


def _rounded(layers: Layers, apart: list[list[int]], x: list[float]) -> list[int]:
    whole = [round(at) for at in x]
    for rank, distances in zip(layers.ranks, apart, strict=True):
        for i, distance in enumerate(distances):
            whole[rank[i + 1]] = max(whole[rank[i + 1]], whole[rank[i]] + distance)
    return whole


def _optimal(
    layers: Layers, apart: list[list[int]], links: Sequence[Link], x: list[int], budget: int
) -> list[int]:
    """Return x of the least sum of weight * |horizontal extent| of all links."""
    arcs: list[Arc] = [
        (rank[i], rank[i + 1], distance, 0)
        for rank, distances in zip(layers.ranks, apart, strict=True)
        for i, distance in enumerate(distances)
    ]
    start = list(x)
    for upper, lower, weight, leaving, arriving in links:
        # A point left of both ends: its distances to them sum to their own, if it is tight to one.
        point = len(start)
        start.append(min(x[upper] + leaving, x[lower] + arriving))
        arcs += [(point, upper, -leaving, weight), (point, lower, -arriving, weight)]
    return minimise(start, arcs, budget, centre=True)[: len(x)]


def _straighten(
    layers: Layers, apart: list[list[int]], links: Sequence[Link], x: list[int]
) -> None:
    """Give the bends of each trunk as few different places as the room beside them allows.

    The optimum counts how far a line goes aside, not how often it turns.
    """
    ends = {upper: x[lower] + arriving for upper, lower, _, _, arriving in links}
    room: dict[int, tuple[int, int]] = {}
    chain: list[int] = []
    level, place = layers.level(), layers.places()
    for v in range(layers.real, layers.size):
        rank, i, distances = layers.ranks[level[v]], place[v], apart[level[v]]
        low = x[rank[i - 1]] + distances[i - 1] if i else x[v] - TOLERANCE
        high = x[rank[i + 1]] - distances[i] if i + 1 < len(rank) else x[v] + TOLERANCE
        room[v] = max(low, x[v] - TOLERANCE), min(high, x[v] + TOLERANCE)
        chain.append(v)
        if v + 1 == layers.size or layers.above[v + 1][0] != v:
            _straighten_chain(chain, room, x, (x[layers.above[chain[0]][0]], ends[v]))
            chain = []


def _straighten_chain(
    chain: list[int], room: dict[int, tuple[int, int]], x: list[int], ends: tuple[int, int]
) -> None:
    """Cover the chain from the top with runs as long as possible, each in one place."""
    first = 0
    while first < len(chain):
        low, high = room[chain[first]]
        last = first + 1
        while last < len(chain):
            both = max(low, room[chain[last]][0]), min(high, room[chain[last]][1])
            if both[0] > both[1]:
                break
            (low, high), last = both, last + 1
        run = chain[first:last]
        wished = [x[v] for v in run]
        near = [
            end
            for end, is_near in zip(ends, (not first, last == len(chain)), strict=True)
            if is_near and low <= end <= high
        ]
        at = near[0] if near else min(max(sorted(wished)[len(run) // 2], low), high)
        for v in run:
            x[v] = at
        first = last

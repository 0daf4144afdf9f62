"""The order of the nodes in each rank: few crossings, and none that a swap of neighbours removes.

Sweeps down and up sort each rank by the barycentres of its neighbours (Sugiyama, Tagawa, Toda
1981); after each, sifting moves single nodes to their best place in their rank until none has a
better one (Matuszewski, Schoenfeld, Molitor 1999), which includes all swaps of neighbours. This
is begun from several orders, always the same ones, and the best result is taken.
"""

import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from dezero.inspection.graphs.ranks import Layers

STARTS, SWEEPS, PATIENCE = 12, 8, 2


def untangle(layers: Layers, budget: int) -> None:
    """Order the ranks of `layers` in place.

    Args:
        layers: ranks in any order.
        budget: steps of work, and again as many to finish; one sweep is always made.
    """
    search = _Search(layers, budget)
    for start in _starts(layers):
        search.go_from(start)
        if not search.least or search.left <= 0:
            break
    layers.ranks, search.left = search.best, budget
    search.sift()
    search.order_arguments()
    search.sift()


def crossings(layers: Layers) -> int:
    """Return how many pairs of edges cross."""
    place, total = layers.places(), 0
    for upper in layers.ranks[:-1]:
        ends: list[int] = []  # of the edges so far, sorted
        for v in upper:
            new = sorted(place[w] for w in layers.below[v])
            total += sum(len(ends) - bisect_right(ends, end) for end in new)
            for end in new:
                ends.insert(bisect_right(ends, end), end)
    return total


def _starts(layers: Layers) -> Iterator[list[list[int]]]:
    original = layers.ranks
    yield _depth_first(layers, original, layers.below, layers.above)
    yield _depth_first(layers, original, layers.above, layers.below)
    generator = random.Random(0)
    for _ in range(STARTS - 2):
        yield [generator.sample(rank, len(rank)) for rank in original]


def _depth_first(
    layers: Layers,
    ranks: list[list[int]],
    along: Sequence[Sequence[int]],
    against: Sequence[Sequence[int]],
) -> list[list[int]]:
    """Return ranks in the order in which a depth-first walk meets their nodes."""
    level = layers.level()
    found: list[list[int]] = [[] for _ in ranks]
    seen = [False] * layers.size
    stack = [v for rank in reversed(ranks) for v in reversed(rank) if not against[v]]
    while stack:
        v = stack.pop()
        if not seen[v]:
            seen[v] = True
            found[level[v]].append(v)
            stack.extend(reversed(along[v]))
    return found


class _Search:
    """Looks for the order with the fewest crossings while the budget lasts."""

    def __init__(self, layers: Layers, budget: int) -> None:
        self.layers, self.left = layers, budget
        self.work = layers.size + sum(map(len, layers.above))  # of one sweep
        self.best: list[list[int]] = []
        self.least = -1

    def go_from(self, ranks: list[list[int]]) -> None:
        """Improve the order `ranks` until nothing has come of it for a while."""
        self.layers.ranks = ranks
        self._note()
        reached, idle = -1, 0
        for i in range(SWEEPS):
            if not self.least or idle == PATIENCE or (self.left <= 0 and i):
                break
            self._sweep(down=i % 2 == 0, turn=i % 4 >= 2)
            self.sift()
            count = self._note()
            idle = 0 if reached < 0 or count < reached else idle + 1
            reached = count if reached < 0 else min(count, reached)

    def _note(self) -> int:
        count = crossings(self.layers)
        if self.least < 0 or count < self.least:
            self.best, self.least = [list(rank) for rank in self.layers.ranks], count
        return count

    def _sweep(self, down: bool, turn: bool) -> None:
        """Sort rank after rank by barycentres; `turn` reverses those that have the same one."""
        self.left -= self.work
        ranks = self.layers.ranks if down else self.layers.ranks[::-1]
        near = self.layers.above if down else self.layers.below
        for fixed, free in zip(ranks, ranks[1:], strict=False):
            place = {v: i for i, v in enumerate(fixed)}
            centre = {v: sum(place[w] for w in near[v]) / len(near[v]) for v in free if near[v]}
            tied = [v for v in (reversed(free) if turn else free) if v in centre]
            bound = iter(sorted(tied, key=centre.__getitem__))
            # Nodes that nothing pulls keep their places.
            free[:] = [next(bound) if v in centre else v for v in free]

    def sift(self) -> None:
        """Move single nodes within their ranks until no move saves a crossing."""
        ranks, place = self.layers.ranks, self.layers.places()
        waiting = dict.fromkeys(range(len(ranks)))
        while waiting and self.left > 0:
            r = next(iter(waiting))
            del waiting[r]
            moved = [self._settle(ranks[r], v, place) for v in tuple(ranks[r])]
            if any(moved):
                near = range(max(r - 1, 0), min(r + 2, len(ranks)))
                waiting.update(dict.fromkeys(near))

    def _settle(self, rank: list[int], v: int, place: list[int]) -> bool:
        """Move v to where it causes the fewest crossings; return whether that saved any."""
        if self.left <= 0:
            return False
        self.left -= len(rank)
        here = place[v]
        best, least = here, 0
        ends = self._ends(v, place)
        for path, sign in ((range(here - 1, -1, -1), -1), (range(here + 1, len(rank)), 1)):
            saved = 0
            for i in path:
                saved += sign * self._gain(ends, rank[i], place)
                if saved < least:
                    best, least = i, saved
        if best != here:
            rank.insert(best, rank.pop(here))
            for i in range(min(best, here), max(best, here) + 1):
                place[rank[i]] = i
        return best != here

    def _ends(self, v: int, place: list[int]) -> tuple[list[int], list[int]]:
        above = sorted([place[w] for w in self.layers.above[v]])
        return above, sorted([place[w] for w in self.layers.below[v]])

    def _gain(self, ends: tuple[list[int], list[int]], other: int, place: list[int]) -> int:
        """Return the crossings with `other` of a node right of it, minus those if it is left."""
        total = 0
        for mine, near in zip(ends, (self.layers.above, self.layers.below), strict=True):
            if mine:
                for w in near[other]:
                    at = place[w]
                    total += bisect_left(mine, at) + bisect_right(mine, at) - len(mine)
        return total

    def order_arguments(self) -> None:
        """Swap neighbours that cross nothing new so that arguments come from left to right."""
        place = self.layers.places()
        number: list[dict[int, int]] = [{} for _ in place]  # of station's argument, by function
        for v, arriving in enumerate(self.layers.arriving):
            for i, station in enumerate(arriving):
                number[station].setdefault(v, i)
        for rank in self.layers.ranks:
            swapped = True
            while swapped:
                swapped = False
                for i in range(len(rank) - 1):
                    a, b = rank[i : i + 2]
                    if _comes_after(number[a], number[b]):
                        if not self._gain(self._ends(a, place), b, place):
                            rank[i], rank[i + 1], place[a], place[b] = b, a, i + 1, i
                            swapped = True


def _comes_after(one: dict[int, int], other: dict[int, int]) -> bool:
    """Return whether arguments `one` come after `other` wherever a function takes both."""
    shared = one.keys() & other.keys()
    return bool(shared) and all(one[v] > other[v] for v in shared)

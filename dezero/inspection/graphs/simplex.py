"""Network simplex: integer positions with lower bounds on differences and the least total length.

Gansner, Koutsofios, North, Vo 1993, "A technique for drawing directed graphs", sections 2.3-2.4;
used for ranks, and for horizontal coordinates (their section 4.2). Cut values need no walk round
the cut: that of a tree edge is what the nodes on one side pull, summed.
"""

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush

Arc = tuple[int, int, int, int]  # tail, head, least difference, weight


def minimise(start: Sequence[int], arcs: Sequence[Arc], budget: int, centre: bool = False) -> list:
    """Return positions p of the least sum of weight * (p[head] - p[tail]).

    Args:
        start: positions with p[head] - p[tail] >= least difference for every arc.
        arcs: (tail, head, least difference, weight >= 0).
        budget: steps of work after which the best positions so far are returned.
        centre: where positions may be moved at no cost, move them half as far as they may go.
    """
    tree = _Tree(list(start), arcs)
    tree.improve(budget)
    if centre:
        tree.centre()
    return tree.at


class _Tree:
    """A spanning forest of tight arcs; `pull[v]` sums what the nodes below v gain by moving up."""

    def __init__(self, at: list[int], arcs: Sequence[Arc]) -> None:
        self.at, self.arcs = at, arcs
        size = len(at)
        self.outgoing: list[list[int]] = [[] for _ in range(size)]
        self.incoming: list[list[int]] = [[] for _ in range(size)]
        self.pull = [0] * size
        for i, (tail, head, _, weight) in enumerate(arcs):
            self.outgoing[tail].append(i)
            self.incoming[head].append(i)
            self.pull[tail] += weight
            self.pull[head] -= weight
        self.parent = [-1] * size
        self.via = [-1] * size  # the arc to the parent
        self.children: list[dict[int, None]] = [{} for _ in range(size)]
        self.order: list[int] = []
        seen = [False] * size
        for root in range(size):
            if not seen[root]:
                self._grow(root, seen)
        for v in reversed(self.order):
            if self.parent[v] >= 0:
                self.pull[self.parent[v]] += self.pull[v]

    def slack(self, arc: int) -> int:
        tail, head, least, _ = self.arcs[arc]
        return self.at[head] - self.at[tail] - least

    def _grow(self, root: int, seen: list[bool]) -> None:
        """Span root's component as Prim does, moving the tree until the next arc is tight."""
        shift = 0  # of the whole tree; `at` holds positions before it until the end
        leaving: list[tuple[int, int]] = []  # (slack if the tree were at shift 0, arc)
        entering: list[tuple[int, int]] = []
        members: list[int] = []

        def add(v: int) -> None:
            seen[v] = True
            members.append(v)
            self.at[v] -= shift
            for arc in self.outgoing[v]:
                if not seen[self.arcs[arc][1]]:
                    heappush(leaving, (self.slack(arc), arc))
            for arc in self.incoming[v]:
                if not seen[self.arcs[arc][0]]:
                    heappush(entering, (self.slack(arc), arc))

        add(root)
        while leaving or entering:
            out = leaving[0][0] - shift if leaving else entering[0][0] + shift + 1
            forward = not entering or out <= entering[0][0] + shift
            slack, arc = heappop(leaving if forward else entering)
            tail, head = self.arcs[arc][:2]
            old, new = (tail, head) if forward else (head, tail)
            if not seen[new]:
                shift = slack if forward else -slack
                self.parent[new], self.via[new] = old, arc
                self.children[old][new] = None
                add(new)
        for v in members:
            self.at[v] += shift
        self.order += members

    def improve(self, budget: int) -> None:
        """Exchange tree arcs while that shortens the whole, or until the budget is spent."""
        waiting = deque(range(len(self.at)))
        while waiting and budget > 0:
            v = waiting.popleft()
            arc = self.via[v]
            if arc < 0 or not self.pull[v]:
                continue
            up = self.arcs[arc][1] == v  # the arc lets v and all below it move up
            if (self.pull[v] > 0) != up:
                continue
            below = self._below(v)
            entering = self._tightest(below, up)
            budget -= len(below)
            if entering < 0:
                continue
            slack = self.slack(entering)
            if slack:
                for u in below:
                    self.at[u] += slack if up else -slack
            waiting.extend(self._exchange(v, entering, up))

    def _below(self, v: int) -> dict[int, None]:
        found = {v: None}
        stack = [v]
        while stack:
            children = self.children[stack.pop()]
            found.update(children)
            stack += children
        return found

    def _tightest(self, below: dict[int, None], up: bool) -> int:
        """Return the arc that first stops `below` on its way up (or down); -1 if none does."""
        best, least = -1, 0
        arcs, at = self.arcs, self.at
        for u in below:
            for arc in self.outgoing[u] if up else self.incoming[u]:
                tail, head, length, _ = arcs[arc]
                if (head if up else tail) not in below:
                    slack = at[head] - at[tail] - length
                    if best < 0 or slack < least:
                        best, least = arc, slack
                        if not slack:
                            return best
        return best

    def _exchange(self, v: int, entering: int, up: bool) -> list[int]:
        """Hang the tree below v on the arc `entering`; return nodes whose arc may now be wrong."""
        tail, head = self.arcs[entering][:2]
        inside, outside = (tail, head) if up else (head, tail)
        total, changed = self.pull[v], []
        u = self.parent[v]
        del self.children[u][v]
        while u >= 0:
            self.pull[u] -= total
            changed.append(u)
            u = self.parent[u]
        u, above, via, before = inside, outside, entering, 0
        while True:
            next_up, next_via, next_pull = self.parent[u], self.via[u], self.pull[u]
            self.parent[u], self.via[u], self.pull[u] = above, via, total - before
            self.children[above][u] = None
            changed.append(u)
            if u == v:
                break
            del self.children[next_up][u]
            u, above, via, before = next_up, u, next_via, next_pull
        u = outside
        while u >= 0:
            self.pull[u] += total
            changed.append(u)
            u = self.parent[u]
        return changed

    def centre(self) -> None:
        """Move what may be moved at no cost to the middle of its freedom."""
        for v in self.order:
            arc = self.via[v]
            if arc < 0 or self.pull[v]:
                continue
            up = self.arcs[arc][1] == v
            below = self._below(v)
            stop = self._tightest(below, up)
            room = self.slack(stop) // 2 if stop >= 0 else 0
            for u in below if room else ():
                self.at[u] += room if up else -room

"""The graph alone: chains and fans of scalar operations, forward and backward.

python benchmarks/graph.py [--quick]
"""

import dataclasses
import functools
import operator

import harness
import numpy as np


@dataclasses.dataclass(frozen=True)
class Graph:
    shape: str  # "chain": y = y * 1.0001 + 0.5 repeated; "wide": that many branches, then summed
    size: int

    def build(self, x):
        if self.shape == "wide":
            return functools.reduce(operator.add, [x * 1.0001 for _ in range(self.size)])
        y = x
        for _ in range(self.size):
            y = y * 1.0001 + 0.5
        return y

    @property
    def repeats(self):
        """Enough for some tenths of a second."""
        return max(1, 10_000 // self.size)


CASES = {
    **{f"chain-{size}": Graph("chain", size) for size in (1_000, 10_000, 50_000)},
    **{f"wide-{size}": Graph("wide", size) for size in (250, 500, 1_000, 2_000, 4_000)},
}


def timed(graph, leaf):
    """Forward and backward from a fresh leaf, `repeats` times; seconds of one."""

    def once():
        start = harness.clock()
        for _ in range(graph.repeats):
            graph.build(leaf()).backward()
        return (harness.clock() - start) / graph.repeats

    return once


def dezero(graph):
    from dezero import Variable

    return timed(graph, lambda: Variable(np.array(1.0, np.float32)))


def book(graph):
    from book_engine import Variable

    return timed(graph, lambda: Variable(np.array(1.0, np.float32)))


def torch_eager(graph):
    import torch

    return timed(graph, lambda: torch.tensor(1.0, requires_grad=True))


SUBJECT = harness.Subject(
    name="graph",
    title="Forward and backward of a graph of scalars",
    cases=CASES,
    candidates={"book engine (stand-in)": book, "dezero": dezero, "torch eager": torch_eager},
    reference="book engine (stand-in)",
    limits={(case, "dezero"): 0.6 for case in CASES if case.startswith("chain")},
)

if __name__ == "__main__":
    harness.main(SUBJECT)

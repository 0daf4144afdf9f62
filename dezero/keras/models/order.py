"""The order in which Keras lists a model's layers: the farthest from the outputs first."""

from typing import Any

from dezero.keras.tensors import KerasTensor, Node

__all__ = ["layers_by_depth"]


def layers_by_depth(order: list[Node], inputs: list[KerasTensor], outputs: list) -> list[Any]:
    """Return each layer once; those as far from the outputs in the order a walk back meets them.

    Args:
        order: the nodes between inputs and outputs, each after those it needs.
    """
    entries = [t.node for t in inputs if t.node is not None]
    nodes = [*dict.fromkeys(entries), *order]
    inside = {id(node) for node in nodes}
    cut = {id(node) for node in entries}
    depth: dict[int, int] = {}
    farthest: dict[int, int] = {}
    for node in reversed(nodes):
        own = max(depth.get(id(node), 0), farthest.get(id(node.layer), 0))
        depth[id(node)] = farthest[id(node.layer)] = own
        for before in () if id(node) in cut else node.input_tensors:
            parent = before.node
            if parent is not None and id(parent) in inside:
                depth[id(parent)] = max(own + 1, depth.get(id(parent), 0))
    met = _walk(outputs, cut)
    layers = {id(node.layer): node.layer for node in nodes}
    return sorted(layers.values(), key=lambda x: (-farthest[id(x)], met.get(id(x), -1)))


def _walk(outputs: list, cut: set[int]) -> dict[int, int]:
    """Return when each layer is first met, by its id, going back from the outputs."""
    met: dict[int, int] = {}
    done: set[int] = set()
    stack = list(reversed(outputs))
    while stack:
        node = stack.pop().node
        if node is None or id(node) in done:
            continue
        done.add(id(node))
        met.setdefault(id(node.layer), len(met))
        if id(node) not in cut:
            stack += reversed(node.input_tensors)
    return met

"""The graph as text in the DOT language, for those who have graphviz or like to read it."""

from typing import Any

from dezero.inspection.graphs.text import clean
from dezero.inspection.graphs.walk import Graph, Node, node_of, walk

__all__ = ["get_dot_graph"]


def get_dot_graph(output: Any, verbose: bool = True) -> str:
    """Return the graph behind a Variable as DOT text; equal graphs give equal texts.

    Args:
        output: Variable, or a list, tuple or dict of several; a leaf gives one node.
        verbose: write shapes and dtypes as well as names.
    Returns:
        text in the DOT language: orange variables, light blue boxes for functions.
    Raises:
        TypeError: output is no Variable.
    """
    return dot_text(walk(output, "get_dot_graph"), verbose)


def dot_text(graph: Graph, verbose: bool) -> str:
    """Return a walked graph as DOT text."""
    lines = [node_line(i, node, verbose) for i, node in enumerate(graph.nodes)]
    lines += [f"{tail} -> {head}\n" for tail, head in graph.edges]
    return "digraph g {\n" + "".join(lines) + "}"


def node_line(number: int, node: Node, verbose: bool) -> str:
    """Return the line that declares a node."""
    parts = [node.name, node.layer if node.is_function else node.facts]
    label = ": ".join(clean(part) for part in parts[: 1 + verbose] if part)
    quoted = label.replace("\\", "\\\\").replace('"', '\\"')
    look = (
        "color=lightblue, style=filled, shape=box"
        if node.is_function
        else ("color=orange, style=filled")
    )
    return f'{number} [label="{quoted}", {look}]\n'


def _dot_var(v: Any, verbose: bool = False) -> str:
    """Return the line of one Variable, numbered by its id as the book has it."""
    return node_line(id(v), node_of(v), verbose)


def _dot_func(f: Any) -> str:
    """Return the lines of one function and of the edges to it and from it, as the book has it."""
    lines = [node_line(id(f), Node(True, type(f).__name__), False)]
    lines += [f"{id(x)} -> {id(f)}\n" for x in f.inputs]
    outputs = (link() for link in f.outputs)
    lines += [f"{id(f)} -> {id(y)}\n" for y in outputs if y is not None]
    return "".join(lines)

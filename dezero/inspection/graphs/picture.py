"""`plot_dot_graph` and what it returns: a picture that notebooks show and files hold."""

import warnings
from functools import cached_property
from pathlib import Path
from typing import Any

from dezero.inspection.graphs.dot import dot_text
from dezero.inspection.graphs.figure import FORMATS, save_figure
from dezero.inspection.graphs.frames import framed
from dezero.inspection.graphs.layout import Layout, arranged
from dezero.inspection.graphs.shapes import shapes_of
from dezero.inspection.graphs.svg import svg_text
from dezero.inspection.graphs.walk import Graph, count_functions, walk

__all__ = ["Picture", "graph_html", "plot_dot_graph"]

# Beyond this many nodes nobody follows the lines any more.
READABLE = 600
# Functions that a notebook draws unasked, and at a click.
SHOWN, FOLDED = 60, 200
ENDINGS = ("svg", "dot", "gv", *FORMATS)


class Picture:
    """A drawn graph: a notebook shows it, `save` writes it, `svg` is its text.

    Args:
        graph: what to draw.
        verbose: show shapes and dtypes as well as names.
    """

    def __init__(self, graph: Graph, verbose: bool = True) -> None:
        self.graph, self.verbose = graph, verbose

    @cached_property
    def shapes(self) -> list:
        """Outline and text of each node."""
        return shapes_of(self.graph, self.verbose)

    @cached_property
    def layout(self) -> Layout:
        """Where everything goes."""
        return arranged([(s.width, s.height) for s in self.shapes], self.graph.edges)

    @cached_property
    def frames(self) -> list:
        """Boxes around the calls of a layer, if the picture is verbose."""
        return framed(self.graph, self.layout) if self.verbose else []

    @cached_property
    def svg(self) -> str:
        """The drawing as an SVG document."""
        return svg_text(self.layout, self.shapes, self.frames)

    def save(self, path: Any) -> None:
        """Write the drawing; the ending chooses: .svg, .png, .pdf, .dot, .jpg, .eps and more.

        Raises:
            ValueError: the ending is none of these.
            OSError: the file could not be written.
        """
        path = checked_path(path)
        kind = path.suffix[1:].lower()
        if kind == "svg":
            path.write_text(self.svg, encoding="utf-8")
        elif kind in ("dot", "gv"):
            path.write_text(dot_text(self.graph, self.verbose), encoding="utf-8")
        else:
            save_figure(self.layout, self.shapes, path, self.frames)

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        size = f"{self.layout.width:.0f} x {self.layout.height:.0f}"
        return f"Picture({len(self.graph.nodes)} nodes, {size})"


def plot_dot_graph(output: Any, verbose: bool = True, to_file: Any = "graph.png") -> Picture:
    """Draw the graph behind a Variable, inputs at the top; needs no graphviz.

    Args:
        output: Variable, or a list, tuple or dict of several.
        verbose: show shapes and dtypes as well as names.
        to_file: file to write, whose ending chooses the format: .png, .svg, .pdf, .dot, .jpg, ...;
            None writes nothing.
    Returns:
        A Picture, which a notebook displays.
    Raises:
        TypeError: output is no Variable.
        ValueError: to_file has another ending.
    Note: a variable used twice is drawn once, and the lines that leave it run together until they
        part. Beyond 600 nodes it warns that nobody will be able to read the drawing.
    """
    return drawn(walk(output, "plot_dot_graph"), verbose, to_file)


def drawn(graph: Graph, verbose: bool, to_file: Any) -> Picture:
    """Return the Picture of `graph`, written to `to_file` unless that is None."""
    picture = Picture(graph, verbose)
    if len(graph.nodes) > READABLE:
        warnings.warn(
            f"plot_dot_graph: drawing {len(graph.nodes):,} nodes, more than anyone can read. "
            "Pass a Variable from the middle, or verbose=False for less text.",
            stacklevel=3,
        )
    if to_file is not None:
        picture.save(to_file)
    return picture


def graph_html(variable: Any) -> str:
    """Return the graph behind a Variable for below its values in a notebook; a leaf has none."""
    count = count_functions(variable, FOLDED)
    if not count:
        return ""
    if count > FOLDED:
        return f"<p><i>computed by more than {FOLDED} functions: see plot_dot_graph</i></p>"
    svg = Picture(walk(variable, "graph_html")).svg
    drawing = f'<div style="max-height: 40em; overflow: auto">{svg}</div>'
    if count <= SHOWN:
        return drawing
    return f"<details><summary>graph of {count} functions</summary>{drawing}</details>"


def checked_path(path: Any) -> Path:
    """Return `path` as a Path if its ending is one that can be written."""
    path = Path(path)
    if path.suffix[1:].lower() not in ENDINGS:
        raise ValueError(
            f"plot_dot_graph: expected a file name that ends in one of {', '.join(ENDINGS)}, "
            f"got {str(path)!r}. The ending chooses the format."
        )
    return path

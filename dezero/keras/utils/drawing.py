"""`plot_model`: a picture of what a model computes, without Graphviz."""

from typing import Any

import numpy as np

from dezero import inspection
from dezero.core import test_mode
from dezero.core.errors import describe
from dezero.inspection import Picture

__all__ = ["plot_model"]


def plot_model(
    model: Any,
    to_file: Any = "model.png",
    show_shapes: bool = False,
    *,
    inputs: Any = None,
    **ignored: Any,
) -> Picture:
    """Draw the calls of a model in frames of its layers, on zeros of its input shape.

    Args:
        model: one that knows the shape of its inputs, unless `inputs` are given.
        to_file: such as "model.png", "model.svg" or "model.pdf"; None writes none.
        show_shapes: write shapes and dtypes beside the names.
        inputs: a batch to call the model on, or a list of them.
        ignored: what else Keras takes for its looks: rankdir, dpi, show_layer_names, ...
    Raises:
        ValueError: the model has no input shape and no `inputs` are given.
    """
    if inputs is None:
        inputs = _zeros(model)
    given = inputs if isinstance(inputs, list | tuple) else [inputs]
    call = [list(given)] if len(given) > 1 else list(given)
    with test_mode():
        return inspection.plot_model(model, *call, verbose=show_shapes, to_file=to_file)


def _zeros(model: Any) -> Any:
    try:
        shape = model.input_shape
    except AttributeError:
        shape = None
    if shape is None:
        raise ValueError(
            f"plot_model: expected a model that knows its input shape, got {describe(model)}. "
            "Give inputs=, a batch to call it on."
        )
    shapes = shape if isinstance(shape, list) else [shape]
    arrays = [np.zeros([size or 1 for size in one], np.float32) for one in shapes]
    return arrays if len(arrays) > 1 else arrays[0]

"""Not an example: the option --device of the others, and how it is done as it says."""

import argparse
from collections.abc import Callable
from typing import Any

from dezero import Layer, cuda


def add_device(parser: argparse.ArgumentParser) -> None:
    """Give the command line the option --device."""
    parser.add_argument(
        "--device",
        choices=("auto", "cpu", "gpu"),
        default="auto",
        help="where to compute; auto is a GPU if there is one",
    )


def place(device: str, *movable: Any) -> Callable[[Any], Any]:
    """Move models and loaders to the GPU if it is asked for, or if there is one.

    Args:
        device: the option's value.
        movable: what has `to_gpu()`; what is made later is placed by a call of its own.
    Returns:
        What brings an array to where the models are.
    """
    if device == "cpu" or (device == "auto" and not cuda.available()):
        return cuda.as_numpy
    try:
        for each in movable or (Layer(),):  # an empty layer still says whether there is a GPU
            each.to_gpu()
    except RuntimeError as error:
        raise SystemExit(f"--device gpu: {error}") from None
    return cuda.as_cupy

"""Pictures of what a classifier does: predictions in a grid, confusion in a matrix."""

from collections.abc import Sequence
from typing import Any

import numpy as np


def plot_predictions(
    images: Any,
    predicted: Any,
    true: Any,
    path: Any = None,
    *,
    names: Sequence[str] | None = None,
    columns: int = 8,
    title: str = "",
) -> Any:
    """Draw images in a grid, each with its predicted label; mistakes are framed red with the truth.

    Args:
        images: (N, H, W), (N, 1, H, W), or (N, H, W, 1), or (N, H, W, 3) in colour.
        predicted, true: N labels.
        path: file to write; the ending chooses the format.
        names: name of each label.
        columns: pictures per row.
        title: headline.
    Returns:
        The matplotlib Figure.
    Raises:
        ValueError: the numbers of images and labels differ, or the images have another shape.
    """
    from matplotlib.figure import Figure

    images, predicted, true = _pictures(images), np.asarray(predicted), np.asarray(true)
    if not len(images) == len(predicted) == len(true):
        raise ValueError(
            f"plot_predictions: expected as many labels as images, got {len(images)} images, "
            f"{len(predicted)} predicted and {len(true)} true labels. Cut them alike."
        )
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    figure = Figure(figsize=(1.35 * columns, 1.75 * rows + 0.6), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid:
        axes.set_xticks([])
        axes.set_yticks([])
    for axes, image, guess, truth in zip(grid, images, predicted, true, strict=False):
        right = guess == truth
        axes.imshow(image, cmap="gray_r")
        told = [str(label) if names is None else names[int(label)] for label in (guess, truth)]
        text = told[0] if right else f"{told[0]}\ntrue: {told[1]}"
        axes.set_title(text, fontsize=9, color="black" if right else "crimson")
        for spine in axes.spines.values():
            spine.set_color("lightgray" if right else "crimson")
            spine.set_linewidth(0.8 if right else 2.2)
    for axes in grid[len(images) :]:
        axes.axis("off")
    return _finished(figure, title, path)


def _pictures(images: Any) -> np.ndarray:
    """Return the images as (N, H, W) or (N, H, W, 3)."""
    images = np.asarray(images)
    if not len(images):
        raise ValueError("plot_predictions: expected at least one image, got none. Pass some.")
    if images.ndim == 4 and 1 in (images.shape[1], images.shape[3]):
        return images[:, 0] if images.shape[1] == 1 else images[..., 0]
    if images.ndim != 3 and images.shape[3:] != (3,):
        raise ValueError(
            f"plot_predictions: expected images (N, H, W), (N, 1, H, W) or (N, H, W, 3), "
            f"got {images.shape}. Reshape or transpose them."
        )
    return images


def plot_confusion(
    counts: Any,
    path: Any = None,
    *,
    names: Sequence[str] | None = None,
    title: str = "",
) -> Any:
    """Draw a confusion matrix: rows are true labels, columns predicted ones.

    Args:
        counts: (C, C) numbers of samples, as `metrics.ConfusionMatrix` gives them.
        path: file to write; the ending chooses the format.
        names: name of each label.
        title: headline.
    Returns:
        The matplotlib Figure.
    Raises:
        ValueError: counts are not square, or there are not as many names.
    """
    from matplotlib.figure import Figure

    counts = np.asarray(counts)
    if counts.ndim != 2 or len(counts) != counts.shape[1]:
        raise ValueError(
            f"plot_confusion: expected counts (C, C), got {counts.shape}. "
            "metrics.confusion_matrix(y, t) makes them."
        )
    size = len(counts)
    labels = [str(i) for i in range(size)] if names is None else list(names)
    if len(labels) != size:
        raise ValueError(
            f"plot_confusion: expected {size} names, got {len(labels)}. Name every class."
        )
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(0.7 * size + 1.7, 0.7 * size + 1.8), layout="constrained")
    axes = figure.subplots()
    axes.imshow(share, cmap="Blues", vmin=0, vmax=1)
    for i in range(size):
        for j in range(size):
            if counts[i, j]:
                shade = "white" if share[i, j] > 0.5 else "black"
                axes.text(
                    j, i, f"{counts[i, j]:g}", ha="center", va="center", color=shade, fontsize=9
                )
    axes.set_xticks(
        range(size), labels, rotation=45, ha="right", rotation_mode="anchor", fontsize=10
    )
    axes.set_yticks(range(size), labels, fontsize=10)
    axes.set_xlabel("predicted")
    axes.set_ylabel("true")
    return _finished(figure, title, path)


def _finished(figure: Any, title: str, path: Any) -> Any:
    if title:
        figure.suptitle(title)
    if path is not None:
        figure.savefig(path, dpi=120)
    return figure

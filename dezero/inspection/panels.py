"""Sheets of small pictures side by side, sharp to the pixel, and curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

DPI = 120
MARGIN = 24
LINE = 26
LETTER = 8  # width of one in a name, about
CAPITAL = 11  # the same in a headline


def tile_pictures(
    images: Any, columns: int = 8, *, gap: int = 1, scale: int = 1, invert: bool = False
) -> np.ndarray:
    """Lay pictures out in rows on white ground.

    Args:
        images: (N, H, W), (N, 1, H, W) or (N, H, W, 1) in grey; (N, 3, H, W) or (N, H, W, 3) in
            colour. Bytes, or floating numbers, of which 0 is black and 1 white.
        columns: pictures per row.
        gap: pixels between pictures.
        scale: each pixel becomes a square of this side.
        invert: black for white in grey pictures, as a book prints Fashion-MNIST.
    Returns:
        uint8 (rows, columns), or (rows, columns, 3) in colour.
    Raises:
        ValueError: there is no picture, or the shape is another one.
        TypeError: the values are neither bytes nor floating.
    """
    pictures = _bytes(_channels_last(np.asarray(images)))
    if invert and pictures.shape[-1] == 1:
        pictures = 255 - pictures
    pictures = pictures.repeat(scale, axis=1).repeat(scale, axis=2)
    n, height, width, channels = pictures.shape
    columns = min(columns, n)
    rows, gap = -(-n // columns), gap * scale
    sheet = np.full((rows * columns, height + gap, width + gap, channels), 255, np.uint8)
    sheet[:n, :height, :width] = pictures
    sheet = sheet.reshape(rows, columns, height + gap, width + gap, channels)
    sheet = sheet.transpose(0, 2, 1, 3, 4).reshape(rows * (height + gap), -1, channels)
    sheet = sheet[: len(sheet) - gap, : sheet.shape[1] - gap]
    return sheet[..., 0] if channels == 1 else sheet


def _channels_last(images: np.ndarray) -> np.ndarray:
    if images.ndim == 3:
        images = images[..., None]
    elif images.ndim == 4 and images.shape[1] in (1, 3):
        images = images.transpose(0, 2, 3, 1)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not images.size:
        raise ValueError(
            f"tile_pictures: expected images (N, H, W), (N, C, H, W) or (N, H, W, C) with 1 or 3 "
            f"channels, got {images.shape}. Reshape or transpose them."
        )
    return images


def _bytes(images: np.ndarray) -> np.ndarray:
    if images.dtype == np.uint8:
        return images
    if images.dtype.kind != "f":
        raise TypeError(
            f"tile_pictures: expected bytes or floating numbers, got {images.dtype}. "
            "Scale them to 0 ... 1."
        )
    return (np.nan_to_num(images.clip(0, 1)) * 255 + 0.5).astype(np.uint8)


def plot_panels(
    panels: Mapping[str, Any] | Sequence[tuple[str, Any]],
    path: Any = None,
    *,
    columns: int = 8,
    scale: int = 3,
    invert: bool = False,
    across: int = 4,
    title: str = "",
) -> Any:
    """Draw sheets of pictures side by side, each under its name, no pixel blurred.

    Args:
        panels: name -> images as `tile_pictures` takes them, or a list of such pairs.
        path: file to write; the ending chooses the format.
        columns: pictures per row of a sheet.
        scale, invert: as in `tile_pictures`.
        across: sheets per row.
        title: headline.
    Returns:
        The matplotlib Figure.
    Raises:
        ValueError: there is no panel, or `tile_pictures` refuses one.
    """
    from matplotlib.figure import Figure

    if not panels:
        raise ValueError("plot_panels: expected at least one panel, got none. Pass some.")
    named = list(panels.items() if isinstance(panels, Mapping) else panels)
    sheets = [tile_pictures(images, columns, scale=scale, invert=invert) for _, images in named]
    names = [name for name, _ in named]
    lefts, tops = _edges(names, sheets, min(across, len(sheets)), LINE if title else 0)
    # A long headline makes room for itself, on both sides.
    wide = max(lefts[-1], CAPITAL * len(title) + 2 * MARGIN)
    lefts = lefts + (wide - lefts[-1]) // 2
    figure = Figure(dpi=DPI)
    figure.set_size_inches(wide / DPI, tops[-1] / DPI)
    for i, (name, sheet) in enumerate(zip(names, sheets, strict=True)):
        row, column = divmod(i, len(lefts) - 1)
        spare = lefts[column + 1] - lefts[column] - MARGIN - sheet.shape[1]
        axes = _axes_at(figure, lefts[column] + spare // 2, tops[row] + LINE, sheet.shape)
        axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="none")
        axes.axis("off")
        axes.set_title(name, fontsize=9, pad=4)
    if title:
        figure.suptitle(title, fontsize=11, y=1 - 6 / tops[-1], va="top")
    if path is not None:
        figure.savefig(path, dpi=DPI)
    return figure


def _edges(names: list[str], sheets: list[np.ndarray], across: int, head: int) -> tuple[Any, Any]:
    """Return where columns and rows begin, in pixels, and where the last ones end."""
    # A column is as wide as its widest sheet or name.
    needs = [max(s.shape[1], LETTER * len(name)) for s, name in zip(sheets, names, strict=True)]
    widths = [max(needs[i::across]) + MARGIN for i in range(across)]
    tall = [len(sheet) for sheet in sheets]
    heights = [max(tall[i : i + across]) + LINE + MARGIN for i in range(0, len(tall), across)]
    return np.cumsum([MARGIN, *widths]), np.cumsum([head, *heights])


def _axes_at(figure: Any, left: int, top: int, shape: tuple[int, ...]) -> Any:
    """Return axes of just so many pixels, so that no pixel of a picture is stretched."""
    width, height = figure.get_size_inches() * figure.dpi
    below = height - top - shape[0]
    return figure.add_axes((left / width, below / height, shape[1] / width, shape[0] / height))


def plot_curves(
    curves: Mapping[str, Any],
    path: Any = None,
    *,
    xlabel: str = "",
    ylabel: str = "",
    title: str = "",
    log: str = "",
) -> Any:
    """Draw curves with a legend.

    Args:
        curves: name -> values over 1, 2, ...; or (x, y); or (x, y, spread) for a band y ± spread.
        path: file to write; the ending chooses the format.
        xlabel, ylabel: what the axes show.
        title: headline.
        log: axes with a logarithmic scale, "x", "y" or "xy".
    Returns:
        The matplotlib Figure.
    Raises:
        ValueError: there is no curve.
    """
    from matplotlib.figure import Figure

    if not curves:
        raise ValueError("plot_curves: expected at least one curve, got none. Pass some.")
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        if not isinstance(curve, tuple):
            curve = (range(1, len(curve) + 1), curve)
        x, y = np.asarray(curve[0]), np.asarray(curve[1])
        (line,) = axes.plot(x, y, "o-" if len(x) <= 20 else "-", markersize=4, label=name)
        if len(curve) > 2:
            spread = np.asarray(curve[2])
            axes.fill_between(x, y - spread, y + spread, color=line.get_color(), alpha=0.15, lw=0)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if "x" in log:
        axes.set_xscale("log")
        places = np.unique(np.concatenate([line.get_xdata() for line in axes.lines]))
        if len(places) <= 8:  # said plainly; within one decade matplotlib writes 3 x 10^0
            axes.set_xticks(places, [f"{place:g}" for place in places])
            axes.set_xticks([], minor=True)
    if "y" in log:
        axes.set_yscale("log")
    axes.grid(alpha=0.3)
    axes.legend()
    if path is not None:
        figure.savefig(path, dpi=DPI)
    return figure

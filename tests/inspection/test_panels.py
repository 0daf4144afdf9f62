"""Sheets of pictures are exact to the pixel; curves carry their names."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from dezero.inspection import plot_curves, plot_panels, tile_pictures

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (5, 4, 3), dtype=np.uint8)


def test_pictures_stand_in_rows_on_white():
    sheet = tile_pictures(GREY, columns=2)
    assert sheet.shape == (4 + 1 + 4 + 1 + 4, 3 + 1 + 3) and sheet.dtype == np.uint8
    np.testing.assert_array_equal(sheet[:4, 4:], GREY[1])
    np.testing.assert_array_equal(sheet[10:, :3], GREY[4])
    assert (sheet[4] == 255).all() and (sheet[10:, 3:] == 255).all()


def test_scale_gap_and_invert():
    sheet = tile_pictures(GREY[:2], scale=2, gap=2, invert=True)
    assert sheet.shape == (8, 6 + 4 + 6)
    np.testing.assert_array_equal(sheet[1::2, 10::2], 255 - GREY[1])
    assert (sheet[:, 6:10] == 255).all()
    assert tile_pictures(GREY[:2], gap=0).shape == (4, 6)


@pytest.mark.parametrize("shape", [(5, 4, 3), (5, 1, 4, 3), (5, 4, 3, 1), (5, 3, 4, 2)])
def test_floating_pictures_in_every_layout(shape):
    images = RNG.uniform(-0.2, 1.2, shape)
    sheet = tile_pictures(images, columns=1)
    first = images[0].transpose(1, 2, 0) if shape[1] == 3 else images[0].reshape(4, 3)
    np.testing.assert_array_equal(sheet[:4], np.rint(first.clip(0, 1) * 255))
    np.testing.assert_array_equal(tile_pictures(images.astype(np.float32), columns=1), sheet)


def test_colour_with_channels_last_is_not_inverted():
    images = RNG.integers(0, 256, (2, 4, 2, 3), dtype=np.uint8)
    np.testing.assert_array_equal(tile_pictures(images, invert=True)[:, 3:], images[1])


def test_nan_is_black():
    assert (tile_pictures(np.full((1, 2, 2), np.nan)) == 0).all()


@pytest.mark.parametrize("shape", [(4, 3), (0, 4, 3), (5, 2, 4, 4), (5, 0, 3), (1, 1, 1, 4, 4)])
def test_wrong_shapes(shape):
    with pytest.raises(ValueError, match="tile_pictures: expected images"):
        tile_pictures(np.zeros(shape))


def test_wrong_values():
    with pytest.raises(TypeError, match="tile_pictures: expected bytes or floating .* got int64"):
        tile_pictures(np.zeros((1, 2, 2), np.int64))


def test_panels_are_drawn_pixel_for_pixel(tmp_path):
    path = tmp_path / "panels.png"
    colour = RNG.integers(0, 256, (1, 3, 30, 20), dtype=np.uint8)
    panels = {"one": GREY, "two": colour, "three": GREY[:1]}
    figure = plot_panels(panels, path, columns=2, scale=2, across=2, title="Some")
    assert [axes.get_title() for axes in figure.axes] == list(panels)
    twice = plot_panels([("one", GREY), ("one", GREY)])
    assert [axes.get_title() for axes in twice.axes] == ["one", "one"]
    assert figure.get_suptitle() == "Some"
    with Image.open(path) as image:
        picture = np.asarray(image.convert("RGB")).astype(int)
    wanted = tile_pictures(colour, scale=2)
    height, width = wanted.shape[:2]
    offsets = np.argwhere((picture == wanted[0, 0]).all(axis=-1))
    cuts = (picture[y : y + height, x : x + width] for y, x in offsets)
    assert any(cut.shape == wanted.shape and (cut == wanted).all() for cut in cuts)


def test_a_long_headline_is_not_cut():
    title = "Drawn garments (synthetic): what the generator makes of the same noise"
    figure = plot_panels({"one": GREY}, scale=1, title=title)
    FigureCanvasAgg(figure).draw()
    (headline,) = figure.texts
    box, (axes,) = headline.get_window_extent(), figure.axes
    assert box.x0 >= 0 and box.x1 <= figure.bbox.width
    middle = (axes.bbox.x0 + axes.bbox.x1) / 2
    assert abs(middle - figure.bbox.width / 2) <= 1


def test_no_panel():
    with pytest.raises(ValueError, match="plot_panels: expected at least one panel, got none"):
        plot_panels({})


def test_curves(tmp_path):
    path = tmp_path / "curves.png"
    curves = {"long": np.arange(1.0, 31.0), "few": ([1, 10], [2.0, 3.0]),
              "band": ([1, 2], [1.0, 2.0], [0.5, 0.1])}  # fmt: skip
    figure = plot_curves(curves, path, xlabel="x", ylabel="y", title="Some", log="xy")
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == list(curves)
    np.testing.assert_array_equal(axes.lines[0].get_xdata(), np.arange(1, 31))
    np.testing.assert_array_equal(axes.lines[1].get_xydata(), [[1, 2], [10, 3]])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == (0.5, 2.1)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()) == ("x", "y", "Some")
    assert plot_curves({"a": [1, 2]}).axes[0].get_xscale() == "linear"
    with Image.open(path) as image:
        assert image.format == "PNG"


def test_no_curve():
    with pytest.raises(ValueError, match="plot_curves: expected at least one curve, got none"):
        plot_curves({})


def test_few_places_on_a_logarithmic_axis_are_written_out():
    axes = plot_curves({"a": ([2, 5], [1, 2]), "b": ([2, 20], [0, 1])}, log="x").axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["2", "5", "20"]
    assert not len(axes.get_xticks(minor=True))

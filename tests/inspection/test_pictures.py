"""Pictures of predictions and of confusion."""

import numpy as np
import pytest
from PIL import Image

from dezero.inspection import plot_confusion, plot_predictions

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (5, 28, 28), dtype=np.uint8)
PREDICTED, TRUE = np.array([0, 1, 2, 0, 1]), np.array([0, 1, 0, 0, 2])
NAMES = ["T-shirt/top", "Trouser", "Ankle boot"]


def titles(figure):
    return [axes.get_title() for axes in figure.axes if axes.get_title()]


def test_right_and_wrong_predictions_are_told_apart(tmp_path):
    path = tmp_path / "predictions.png"
    figure = plot_predictions(IMAGES, PREDICTED, TRUE, path, names=NAMES, columns=3, title="Some")
    assert titles(figure) == [
        "T-shirt/top", "Trouser", "Ankle boot\ntrue: T-shirt/top", "T-shirt/top",
        "Trouser\ntrue: Ankle boot",
    ]  # fmt: skip
    assert figure.get_suptitle() == "Some"
    colours = [axes.title.get_color() for axes in figure.axes[:5]]
    assert [colour == "crimson" for colour in colours] == [False, False, True, False, True]
    assert [axes.axison for axes in figure.axes] == [True] * 5 + [False]
    with Image.open(path) as image:
        assert image.format == "PNG" and image.width > 300


def test_without_names():
    assert titles(plot_predictions(IMAGES[:2], [7, 7], [7, 3])) == ["7", "7\ntrue: 3"]


@pytest.mark.parametrize("shape", [(5, 28, 28), (5, 1, 28, 28), (5, 28, 28, 3), (5, 28, 28, 1)])
def test_shapes_of_images(shape):
    images = RNG.uniform(0, 1, shape)
    figure = plot_predictions(images, PREDICTED, TRUE)
    drawn = figure.axes[0].images[0].get_array()
    assert drawn.shape[:2] == (28, 28)
    np.testing.assert_allclose(np.asarray(drawn), np.squeeze(images[0]), rtol=1e-6)


def test_wrong_predictions_input():
    with pytest.raises(ValueError, match="plot_predictions: expected as many labels as images"):
        plot_predictions(IMAGES, PREDICTED[:4], TRUE)
    with pytest.raises(ValueError, match=r"plot_predictions: expected images .*got \(5, 3, 28"):
        plot_predictions(np.zeros((5, 3, 28, 28)), PREDICTED, TRUE)
    with pytest.raises(ValueError, match="plot_predictions: expected at least one image, got none"):
        plot_predictions(IMAGES[:0], [], [])


def test_confusion(tmp_path):
    counts = np.array([[8, 2, 0], [1, 9, 0], [0, 0, 0]])
    path = tmp_path / "confusion.png"
    figure = plot_confusion(counts, path, names=NAMES, title="Test images")
    axes = figure.axes[0]
    written = {text.get_position(): text.get_text() for text in axes.texts}
    assert written == {(0, 0): "8", (1, 0): "2", (0, 1): "1", (1, 1): "9"}
    assert [label.get_text() for label in axes.get_xticklabels()] == NAMES
    assert [label.get_text() for label in axes.get_yticklabels()] == NAMES
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted", "true")
    share = np.asarray(axes.images[0].get_array())
    np.testing.assert_allclose(share, [[0.8, 0.2, 0], [0.1, 0.9, 0], [0, 0, 0]])
    with Image.open(path) as image:
        assert image.format == "PNG"


def test_confusion_without_names():
    figure = plot_confusion(np.eye(3) * 2.0)
    assert [label.get_text() for label in figure.axes[0].get_xticklabels()] == ["0", "1", "2"]
    assert {text.get_text() for text in figure.axes[0].texts} == {"2"}


def test_wrong_confusion_input():
    with pytest.raises(ValueError, match=r"plot_confusion: expected counts \(C, C\), got \(2, 3\)"):
        plot_confusion(np.zeros((2, 3)))
    with pytest.raises(ValueError, match="plot_confusion: expected 2 names, got 3"):
        plot_confusion(np.eye(2), names=NAMES)

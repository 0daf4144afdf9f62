"""History and its picture."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

import dezero
from dezero.training import History, plot_history


def history(epochs=4, *, first=0, names=("loss", "accuracy"), validation=True):
    made = History()
    for epoch in range(first, first + epochs):
        logs = {name: 1.0 / (epoch + i + 1) for i, name in enumerate(names)}
        if validation:
            logs |= {f"val_{name}": value + 0.1 for name, value in logs.items()}
        made.elapsed = 0.5
        made.on_epoch_end(epoch, logs)
    return made


def lines(axes):
    return {line.get_label(): line.get_xydata() for line in axes.get_lines()}


def test_it_keeps_the_figures():
    made = history(2)
    assert made.epoch == [0, 1] and made.seconds == [0.5, 0.5]
    assert made.history["loss"] == [1.0, 0.5] and made.history["val_loss"] == [1.1, 0.6]
    assert repr(made).startswith("History(2 epochs; loss: 0.5000; accuracy: 0.3333; val_loss: 0.6")


def test_curves_of_training_and_validation(tmp_path):
    path = tmp_path / "history.png"
    figure = dezero.plot_history(history(), path, title="Garments")
    loss, accuracy = figure.axes
    assert (loss.get_title(), accuracy.get_title()) == ("loss", "accuracy")
    assert figure.get_suptitle() == "Garments" and loss.get_xlabel() == "epoch"
    assert list(lines(loss)) == ["training", "validation"]
    np.testing.assert_allclose(
        lines(loss)["training"], [[1, 1], [2, 1 / 2], [3, 1 / 3], [4, 1 / 4]]
    )
    np.testing.assert_allclose(lines(accuracy)["validation"][:, 1], [0.6, 1 / 3 + 0.1, 0.35, 0.3])
    with Image.open(path) as image:
        assert image.format == "PNG" and image.width > 2 * image.height > 800


def test_without_validation_and_with_names_of_ones_own():
    figure = plot_history(history(names=("loss",), validation=False))
    assert len(figure.axes) == 1 and list(lines(figure.axes[0])) == ["training"]
    figure = plot_history(history(), labels=("fit", "test"))
    assert list(lines(figure.axes[0])) == ["fit", "test"]


def test_epochs_are_numbered_as_they_were():
    figure = plot_history(history(3, first=5))
    assert lines(figure.axes[0])["training"][:, 0].tolist() == [6, 7, 8]
    made = history(5)
    made.history["val_loss"] = made.history["val_loss"][:2]  # validated in the last two only
    assert lines(plot_history(made).axes[0])["validation"][:, 0].tolist() == [4, 5]


def test_a_dict_will_do_and_what_is_no_curve_is_left_out():
    figure = plot_history({"loss": [1.0, 0.5], "lr": [0.1, 0.1], "matrix": [np.eye(2), np.eye(2)]})
    assert [axes.get_title() for axes in figure.axes] == ["loss"]


def test_many_metrics_take_rows():
    figure = plot_history(history(names=("loss", "a_b", "c", "d")))
    titles = [axes.get_title() for axes in figure.axes if axes.axison]
    assert titles == ["loss", "a b", "c", "d"]
    assert figure.get_figheight() > 7


def test_one_epoch_is_a_point_at_a_whole_number():
    axes = plot_history(history(1)).axes[0]
    assert lines(axes)["training"].tolist() == [[1, 1]]
    assert all(float(tick).is_integer() for tick in axes.get_xticks())


def test_show_opens_a_window(monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(plt.gcf()))
    figure = plot_history(history(), show=True)
    assert shown == [figure]
    plt.close(figure)
    plot_history(history())
    assert len(shown) == 1 and not plt.get_fignums()


@pytest.mark.parametrize("empty", [History(), {}, {"loss": []}])
def test_nothing_to_draw(empty):
    with pytest.raises(ValueError, match="plot_history: expected at least one epoch, got none. Tr"):
        plot_history(empty)

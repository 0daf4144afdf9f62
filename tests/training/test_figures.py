"""The figures of an epoch; test_step.py tests them as a training uses them."""

import numpy as np
import pytest

from dezero.training.figures import Means, ReportedFigures, means_of
from dezero.training.objective import ObjectiveMeans
from tests.training.toys import Plain, net


def test_parts_take_in_what_add_does():
    model = net(metrics="accuracy")
    y, t = np.eye(3)[[0, 1]], np.array([0, 0])
    means = Means(model.compiled)
    means.add(1.0, y, t)
    expected = means.logs()
    means.reset()
    assert means.logs()["loss"] == 0.0 and means.count == 0
    for _, update, given in means.parts(1.0, y, t):
        update(*given)
    assert means.logs() == expected and means.count == 2


def test_several_outputs_have_means_of_their_own():
    assert type(means_of(net().compiled)) is Means
    model = net()
    model.compile("sgd", ["softmax_cross_entropy"], ["accuracy"])
    assert type(means_of(model.compiled)) is ObjectiveMeans


def test_reported_figures_are_opened():
    figures = ReportedFigures(Plain())
    figures.take({"loss": 0.5, "more": {"a": np.float32(1)}}, "fit")
    assert figures.logs() == {"loss": 0.5, "a": 1.0} and figures.count == 1
    with pytest.raises(TypeError, match="fit: expected the model's own step to return a dict of"):
        figures.take(0.5, "fit")

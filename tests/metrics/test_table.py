"""Metrics by name, and saved ones."""

import json

import pytest

from dezero import metrics


def test_names():
    for name, kind in metrics.METRICS.items():
        metric = metrics.get(name)
        assert type(metric) is kind
        assert metric.name == name


def test_objects_and_functions():
    metric = metrics.F1()
    assert metrics.get(metric) is metric

    def mine(y, t):
        return 1.0

    assert type(metrics.get(mine)) is metrics.FromFunction
    assert metrics.get(mine).name == "mine"


def test_unknown():
    with pytest.raises(ValueError, match="metric: unknown name 'accurcy'. Did you mean 'accuracy'"):
        metrics.get("accurcy")
    for value in (None, 3, metrics.Accuracy):
        with pytest.raises(TypeError, match="metric: expected a name, a Metric or a function of y"):
            metrics.get(value)


@pytest.mark.parametrize(
    "metric",
    [kind() for kind in dict.fromkeys(metrics.METRICS.values())]
    + [
        metrics.TopK(3, "top3"),
        metrics.BinaryAccuracy(0.0),
        metrics.Precision(0.3),
        metrics.Recall(average="macro", num_classes=7, name="found"),
        metrics.ConfusionMatrix(4),
    ],
    ids=repr,
)
def test_saved(metric):
    again = metrics.get(json.loads(json.dumps(metrics.serialize(metric))))
    assert repr(again) == repr(metric)
    assert again.name == metric.name


@pytest.mark.parametrize("entry", [{"name": "mean"}, {"name": "mean", "config": {"x": 1}}])
def test_foreign_configuration(entry):
    with pytest.raises(ValueError, match="metric: expected a configuration of Mean, got"):
        metrics.get(entry)


def test_functions_cannot_be_saved():
    with pytest.raises(
        TypeError, match="metric: expected one of dezero's own, got FromFunction 'min"
    ):
        metrics.serialize(metrics.FromFunction(min))


def test_table_is_complete():
    public = {
        v for v in vars(metrics).values() if isinstance(v, type) and issubclass(v, metrics.Metric)
    }
    bases = {metrics.Metric, metrics.CountRatio, metrics.FromFunction}
    assert public - bases == set(metrics.METRICS.values())


def test_only_matrices_and_figures_of_each_class_have_no_scalar_result():
    kinds = set(metrics.METRICS.values())
    several = {metrics.ConfusionMatrix, metrics.FBeta, metrics.ThresholdCounts}
    assert {kind for kind in kinds if not kind.scalar} == several

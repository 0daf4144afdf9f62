"""Losses and metrics in Keras's order, (y_true, y_pred)."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import keras, losses, metrics
from dezero.core import Variable
from dezero.keras.compiling import (
    AlignedMetric,
    ChosenAccuracy,
    aligned,
    loss_of,
    metric_of,
    of_all,
)
from tests.keras.recorded_metrics import RECORDED, WEIGHT, arrays

Y = np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1]], np.float32)


def test_losses_by_name_or_none():
    assert loss_of("mse").name == "mean_squared_error" and loss_of(None) is None
    loss = losses.get("mae")
    assert loss_of(loss) is loss
    assert of_all(loss_of, {"a": ["mse", None]})["a"][1] is None


@pytest.mark.parametrize("name", ["mse", "mae", "huber", "binary_crossentropy"])
def test_columns_and_plain_rows_go_together(name):
    y, t = np.array([[0.2], [0.9]], np.float32), np.array([0, 1])
    loss = loss_of(name)
    expected = float(loss(Variable(y), t[:, None]).data)
    assert float(loss(Variable(y), t).data) == pytest.approx(expected, rel=1e-6)
    assert float(loss(Variable(y[:, 0]), t[:, None]).data) == pytest.approx(expected, rel=1e-6)
    deep = loss(Variable(y[None]), t[None].astype(np.float32))
    assert float(deep.data) == pytest.approx(expected, rel=1e-6)
    assert aligned(y[:, 0], t) == (pytest.approx(y[:, 0]), pytest.approx(t))


@pytest.mark.parametrize("made_by", [F.softmax, F.sigmoid])
def test_crossentropies_are_of_the_logits(made_by):
    x, labels = Variable(np.array([[60.0, 0.0, -60.0], [0.5, 0.2, 0.1]])), np.array([2, 1])
    one_hot, y = np.eye(3)[labels], made_by(x)
    by_hand = float(F.softmax_cross_entropy(x, labels).data)
    assert float(loss_of("categorical_crossentropy")(y, one_hot).data) == pytest.approx(by_hand)
    sparse = loss_of("sparse_categorical_crossentropy")
    for t in (labels, labels[:, None], labels.astype(np.float32)):
        assert float(sparse(y, t).data) == pytest.approx(by_hand)
    binary = float(F.sigmoid_cross_entropy(x, one_hot, "mean").data)
    assert float(loss_of("binary_crossentropy")(y, one_hot).data) == pytest.approx(binary)
    lost = loss_of("binary_crossentropy")(Variable(y.data), one_hot)
    assert float(lost.data) < binary  # the logarithm of a probability ends at that of 1e-7


def test_a_function_of_ones_own_takes_y_true_first():
    def only_above(y_true, y_pred):
        return F.mean((y_pred - y_true) ** 2 * (y_true > 0), axis=-1)

    loss = loss_of(only_above)
    t = np.array([[0, 2, 0], [1, 0, 0]], np.float32)
    assert loss.name == "only_above"
    expected = (1.3**2 + 0.4**2) / 3
    assert float(loss(Variable(Y), t).data) == pytest.approx(expected / 2, rel=1e-5)
    weighted = loss(Variable(Y), t, np.array([0.0, 3.0]))
    assert float(weighted.data) == pytest.approx(0.4**2 / 2, rel=1e-5)


def test_an_object_that_reduces_and_weighs_itself():
    class Mine:
        name = "mine"

        def call(self, y_true, y_pred):
            return (y_pred - y_true).sum(axis=1)

        def __call__(self, y_true, y_pred, sample_weight=None):
            values = self.call(y_true, y_pred)
            return (values if sample_weight is None else values * sample_weight).sum()

    loss, t = loss_of(Mine()), np.zeros((2, 3), np.float32)
    assert loss.name == "mine"
    assert float(loss(Variable(Y), t).data) == pytest.approx(2)
    assert float(loss(Variable(Y), t, np.array([2.0, 0.0])).data) == pytest.approx(2)


@pytest.mark.parametrize(
    ("y", "t", "expected"),
    [
        (Y, [1, 1], 0.5),
        (Y, [[1], [1]], 0.5),
        (Y, [1.0, 0.0], 1.0),
        (Y, [[0, 1, 0], [0, 1, 0]], 0.5),
        ([[0.2], [0.9], [0.5]], [0, 1, 1], 2 / 3),
        ([[0.2], [0.9]], [[0.0], [0.7]], 0.5),
        ([0.2, 0.9], [1, 1], 0.5),
        (np.stack([Y, Y]), [[1, 0], [0, 0]], 0.75),
    ],
)
def test_the_accuracy_that_the_shapes_tell(y, t, expected):
    metric = ChosenAccuracy()
    metric.update(np.asarray(y), np.asarray(t))
    assert metric.result() == pytest.approx(expected)


@pytest.mark.parametrize("name", ["accuracy", "acc", "Accuracy"])
def test_metrics_keep_the_name_they_were_asked_for(name):
    metric = metric_of(name)
    assert isinstance(metric, ChosenAccuracy) and metric.name == name


def test_other_metrics():
    metric = metrics.F1()
    assert metric_of(metric) is metric and metric_of(None) is None
    mae = metric_of("mae")
    mae.update(np.zeros((4, 1)), np.ones(4))
    mae.update(np.zeros((4, 1)), np.full(4, 3.0), np.array([1, 0, 0, 0]))
    assert mae.name == "mae" and mae.result() == pytest.approx(7 / 5)
    mae.reset()
    assert np.isnan(mae.result())

    def first(y_true, y_pred):
        return y_true

    found = metric_of(first)
    found.update(np.zeros(4), np.ones(4))
    assert found.name == "first" and found.result() == 1.0
    error = metric_of(lambda y_true, y_pred: abs(y_true - y_pred))
    error.update(np.zeros((3, 1)), np.array([1.0, 2.0, 3.0]))
    assert error.result() == 2.0


@pytest.mark.parametrize("name", ["reset_state", "reset_states"])
def test_a_metric_of_keras_kind(name):
    class Count:
        name = "count"
        seen = 0

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.seen += y_true.sum() if sample_weight is None else sample_weight.sum()

        def result(self):
            return self.seen

        def forget(self):
            self.seen = 0

    setattr(Count, name, Count.forget)
    metric = metric_of(Count())
    metric.update(np.zeros(3), np.ones(3))
    metric.update(np.zeros(3), np.ones(3), np.full(3, 0.5))
    assert metric.name == "count" and metric.result() == 4.5
    metric.reset()
    assert metric.result() == 0


def test_names_that_only_keras_has():
    t, y = np.array([[1.0, 2.0]]), Variable(np.array([[1.5, 4.0]]))
    assert float(loss_of("MeanSquaredError")(y, t).data) == 2.125
    assert float(loss_of("mape")(y, t).data) == 75.0
    metric = metric_of("RootMeanSquaredError")
    metric.update(y, t)
    assert metric.name == "RootMeanSquaredError"
    assert metric.result() == pytest.approx(2.125**0.5)
    with pytest.raises(ValueError, match="unknown name 'mpae'"):
        loss_of("mpae")
    with pytest.raises(ValueError, match="unknown name 'mpae'"):
        metric_of("mpae")


def test_crossentropy_is_the_one_that_fits_the_shapes():
    column, labels = Variable(np.array([[0.2], [0.9]])), np.array([0, 1])
    for name in ("crossentropy", "ce"):
        loss = loss_of(name)
        assert loss.name == name and loss.reads_graph
        binary = loss_of("binary_crossentropy")(column, labels)
        assert float(loss(column, labels).data) == pytest.approx(float(binary.data))
        sparse = loss_of("sparse_categorical_crossentropy")(Variable(Y), labels)
        for t in (labels, labels[:, None], np.eye(3)[labels]):
            assert float(loss(Variable(Y), t).data) == pytest.approx(float(sparse.data))


def test_names_of_losses_mean_what_keras_means():
    y, bits = Variable(np.array([[0.3], [-0.2]])), np.array([[1], [0]])
    assert float(loss_of("hinge")(y, bits).data) == pytest.approx((0.7 + 0.8) / 2)
    assert float(loss_of("squared_hinge")(y, bits).data) == pytest.approx((0.49 + 0.64) / 2)
    assert float(loss_of("kld")(Variable(Y), np.eye(3)[[1, 0]]).data) > 0
    assert loss_of("BinaryFocalCrossentropy").reads_graph and not loss_of("Dice").reads_graph


def test_the_mean_of_circle_is_of_what_is_above_zero():
    t, y = arrays("units")
    for loss in ("circle", keras.losses.circle, keras.losses.Circle()):
        expected = float(keras.losses.Circle()(t, y).data)
        assert float(loss_of(loss)(Variable(y), t).data) == pytest.approx(expected)


def test_one_class_is_warned_of():
    y = F.softmax(Variable(np.zeros((2, 1))), axis=-1)
    with pytest.warns(UserWarning, match="categorical_crossentropy: expected more than one class"):
        loss_of("categorical_crossentropy")(y, np.ones((2, 1)))
    with pytest.warns(UserWarning, match="categorical_focal_crossentropy: expected more than one"):
        keras.losses.categorical_focal_crossentropy(np.ones((2, 1)), y)


def test_errors_name_the_loss_and_what_to_do():
    y, labels = Variable(Y), np.array([0, 1])
    with pytest.raises(ValueError, match="^categorical_crossentropy: .* use sparse_categorical"):
        loss_of("categorical_crossentropy")(y, labels)
    with pytest.raises(ValueError, match="^sparse_categorical_crossentropy: expected labels from"):
        loss_of("sparse_categorical_crossentropy")(y, labels + 2)
    with pytest.raises(ValueError, match="^sparse_categorical_.* use categorical_crossentropy"):
        loss_of("sparse_categorical_crossentropy")(y, np.eye(3)[labels])
    with pytest.raises(ValueError, match="^binary_crossentropy: .* activation='sigmoid'"):
        loss_of("binary_crossentropy")(Variable(Y * 9), np.eye(3)[labels])
    with pytest.raises(ValueError, match="Did you mean 'categorical_crossentropy'"):
        loss_of("categorical_crosentropy")


def test_history_of_many_metrics_is_that_of_keras():
    t, y = arrays("column")[0], arrays("real")[1]
    keras.backend.clear_session()
    layer = keras.layers.Dense(1, activation="sigmoid", kernel_initializer="ones")
    model = keras.Sequential([keras.Input((4,)), layer])
    kinds = keras.metrics
    model.compile(
        keras.optimizers.SGD(0.5), "binary_crossentropy",
        metrics=["AUC", kinds.AUC(curve="PR"), kinds.Precision(), "Recall", kinds.Precision(0.7),
                 "accuracy", "BinaryAccuracy", "mse"],
        weighted_metrics=["mae", kinds.Recall(thresholds=[0.3, 0.5])],
    )  # fmt: skip
    found = model.fit(
        y, t, batch_size=5, epochs=2, shuffle=False, sample_weight=WEIGHT, verbose=0,
        validation_data=(y[::2], t[::2]),
    ).history  # fmt: skip
    assert sorted(found) == sorted(RECORDED["history"])
    for key, values in RECORDED["history"].items():
        np.testing.assert_allclose(found[key], values, rtol=1e-5, atol=1e-6, err_msg=key)
    assert type(found["auc"][0]) is float


def test_metrics_by_name_and_class():
    assert metric_of("F1Score").name == "F1Score" and metric_of("auc").name == "auc"
    assert type(metric_of(keras.metrics.Recall).metric) is keras.metrics.Recall
    assert isinstance(metric_of("f1"), AlignedMetric)
    with pytest.raises(ValueError, match="unknown name 'precison'. Did you mean 'Precision'"):
        metric_of("precison")


def test_a_figure_of_a_whole_batch_counts_once():
    def gap(y_true, y_pred):
        return (y_true - y_pred).max()

    metric, t = metric_of(gap), np.zeros((3, 1), np.float32)
    metric.update(t + 1, t + 5)
    metric.update(t[:1] + 2, t[:1] + 4)
    assert metric.name == "gap" and metric.result() == 3.0  # of 4 and 2
    metric.reset()
    metric.update(t + 1, t + 5, np.ones(3))
    metric.update(t[:1] + 2, t[:1] + 4, np.ones(1))
    assert metric.result() == 3.5  # three samples and one

"""What a subclass of a model may write anew."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.keras.steps import LossTracker, unpack_x_y_sample_weight
from tests.keras.toys import Net, T, X, net, same, weights

FIT = {"epochs": 2, "batch_size": 20, "shuffle": False, "verbose": 0, "validation_data": (X, T)}


class UsualByHand(Net):
    """The step of the Keras guide, in dezero's words."""

    def train_step(self, data):
        x, y = data
        y_pred = self(x)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, len(x))
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}


class Inherited(Net):
    def train_step(self, data):
        return super().train_step(data)

    def test_step(self, data):
        return super().test_step(data)

    def predict_step(self, data):
        return super().predict_step(data) * 1


class OldWords(Net):
    def train_step(self, data):
        x, y = data
        y_pred = self(x)
        loss = self.compiled_loss(y, y_pred, regularization_losses=[])
        self.cleargrads()
        loss.backward()
        self.optimizer.update()
        self.compiled_metrics.update_state(y, y_pred)
        self.loss_tracker = getattr(self, "loss_tracker", LossTracker())
        self.loss_tracker.update_state(loss, len(x))
        return {"loss": self.loss_tracker.result(), **self.compiled_metrics.result()}


@pytest.mark.parametrize("kind", [UsualByHand, Inherited, OldWords])
def test_the_usual_step_by_hand_is_the_usual_one(kind):
    usual, own = net(metrics=["accuracy"]), net(metrics=["accuracy"], kind=kind)
    expected, found = usual.fit(X, T, **FIT).history, own.fit(X, T, **FIT).history
    assert list(found) == list(expected) and same(weights(usual), weights(own))
    for name in expected:
        assert found[name] == pytest.approx(expected[name], rel=1e-6)
    np.testing.assert_array_equal(own.predict(X, verbose=0), usual.predict(X, verbose=0))
    assert own.evaluate(X, T, verbose=0) == pytest.approx(usual.evaluate(X, T, verbose=0))


def test_a_loss_of_ones_own():
    class Mine(Net):
        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            self.calls = getattr(self, "calls", 0) + 1
            return F.softmax_cross_entropy(y_pred, y) * 3

    own, usual = net(kind=Mine, loss=None, metrics=["accuracy"]), net(metrics=["accuracy"])
    expected = usual.evaluate(X, T, verbose=0)
    assert own.evaluate(X, T, verbose=0) == pytest.approx([3 * expected[0], expected[1]])
    history = own.fit(X, T, **FIT).history
    assert own.calls == 2 + 2 * (3 + 3) and history["loss"][1] < history["loss"][0]


def test_metrics_of_ones_own():
    class Mine(Net):
        def __init__(self, *layers):
            super().__init__(*layers)
            self.seen = LossTracker("seen")

        def compute_metrics(self, x, y, y_pred, sample_weight=None):
            figures = super().compute_metrics(x, y, y_pred, sample_weight)
            self.seen.update_state(len(x))
            return {**figures, "seen": self.seen.result()}

    class Listed(Mine):
        def __init__(self, *layers):
            super().__init__(*layers)
            self.tracker = LossTracker()

        @property
        def metrics(self):
            return [self.tracker, self.seen]

        def train_step(self, data):
            self.tracker.update_state(7.0)
            return {metric.name: metric.result() for metric in self.metrics}

    history = net(kind=Mine, metrics=["accuracy"]).fit(X, T, **FIT).history
    assert list(history)[:3] == ["loss", "accuracy", "seen"]
    model = Listed(*net().layers)
    model.compile("sgd")
    history = model.fit(X, T, epochs=2, verbose=0).history
    assert history == {"loss": [7.0, 7.0], "seen": [0.0, 0.0]}


def test_loss_tracker():
    tracker = LossTracker()
    assert tracker.result() == 0.0
    tracker.update_state(2.0, 3)
    tracker.update_state(np.float32(6.0), 1)
    assert tracker.result() == 3.0
    tracker.reset_state()
    tracker.update_state(1.0)
    assert tracker.result() == 1.0


def test_unpack():
    assert unpack_x_y_sample_weight((1, 2)) == (1, 2, None)
    assert unpack_x_y_sample_weight(X)[0] is X
    assert unpack_x_y_sample_weight([1]) == (1, None, None)
    with pytest.raises(ValueError, match="unpack_x_y_sample_weight: expected .x,., .x, y. or"):
        unpack_x_y_sample_weight((1, 2, 3, 4))


def test_a_step_gets_samples_alone_as_they_are():
    class Alone(Net):
        def train_step(self, data):
            kinds.append(type(data))
            return {"n": len(data)}

        test_step = train_step

        def predict_step(self, data):
            kinds.append(type(data))
            return self(unpack_x_y_sample_weight(data)[0])

    kinds = []
    model = net(kind=Alone)
    assert model.fit(X, batch_size=60, verbose=0).history == {"n": [60]}
    assert model.evaluate(X, batch_size=60, verbose=0, return_dict=True) == {"n": 60}
    model.predict(X, verbose=0)
    model.predict_on_batch(X)
    assert set(kinds) == {np.ndarray}
    assert model.fit([X, X], verbose=0).history == {"n": [1]} and kinds[-1] is tuple
    assert model.fit({"x": X}, verbose=0).history == {"n": [1]} and kinds[-1] is dict

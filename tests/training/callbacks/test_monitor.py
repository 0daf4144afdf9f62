"""The figure that a callback watches."""

import math

import pytest

from dezero.training import EarlyStopping, LambdaCallback, ModelCheckpoint, ReduceLROnPlateau
from dezero.training.callbacks.monitor import Monitor
from tests.training.toys import blobs, net, same, weights

X, T = blobs()


def watching(monitor="val_loss", min_delta=0.0, mode="auto"):
    return Monitor(monitor, min_delta, mode)


@pytest.mark.parametrize(
    ("monitor", "mode"),
    [("loss", "min"), ("val_loss", "min"), ("mae", "min"), ("val_acc", "max"), ("auc", "max"),
     ("accuracy", "max"), ("val_top_k", "max"), ("f1", "max"), ("val_recall", "max")],
)  # fmt: skip
def test_auto_tells_the_direction_by_the_name(monitor, mode):
    assert watching(monitor).mode == mode
    assert watching(monitor).best == (math.inf if mode == "min" else -math.inf)
    assert watching(monitor, mode="min").mode == "min"


def test_better_means_by_more_than_min_delta():
    low, high = watching(min_delta=0.25), watching("acc", 0.25)
    assert low.is_better(0.5, 1.0) and not low.is_better(0.75, 1.0)
    assert high.is_better(1.0, 0.5) and not high.is_better(0.75, 0.5)
    assert low.is_better(5.0, low.best) and high.is_better(-5.0, high.best)
    assert not low.is_better(math.nan, 1.0) and not high.is_better(math.nan, 1.0)
    assert not watching().is_better(1.0, 1.0)


def test_value():
    assert watching().value({"val_loss": 2}) == 2.0
    match = (
        "Monitor: unknown figure 'val_loss'. Did you mean 'loss'\\? Known: loss. Figures that st"
    )
    with pytest.raises(ValueError, match=match):
        watching().value({"loss": 1.0})
    with pytest.raises(ValueError, match="Monitor: unknown figure 'val_loss'. Known: "):
        watching().value(None)


MAKERS = [
    lambda figure: EarlyStopping(figure),
    lambda figure: ReduceLROnPlateau(figure),
    lambda figure: ModelCheckpoint("never.dz", figure, save_best_only=True),
]


@pytest.mark.parametrize("make", MAKERS)
def test_an_unknown_figure_is_refused_before_the_training(make):
    model = net(metrics="accuracy")
    before = weights(model)
    with pytest.raises(ValueError, match="unknown figure 'val_loss'.* need validation_data or val"):
        model.fit(X, T, callbacks=make("val_loss"), verbose=0)
    with pytest.raises(ValueError, match="unknown figure 'acuracy'. Did you mean 'accuracy'"):
        model.fit(X, T, callbacks=make("acuracy"), verbose=0)
    assert same(weights(model), before)


@pytest.mark.parametrize("make", MAKERS[:2])
def test_a_figure_that_another_callback_adds(make):
    adds = LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(mine=1.0))
    history = net().fit(X, T, epochs=2, callbacks=[adds, make("mine")], verbose=0)
    assert history.history["mine"] == [1.0, 1.0]
    with pytest.raises(ValueError, match="unknown figure 'yours'. Known: loss, mine"):
        net().fit(X, T, epochs=2, callbacks=[adds, make("yours")], verbose=0)


def test_a_subclass_may_add_the_figure_that_it_watches():
    class Mine(EarlyStopping):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = 1.0
            super().on_epoch_end(epoch, logs)

    assert net().fit(X, T, epochs=5, callbacks=Mine("mine"), verbose=0).epoch == [0, 1]


def test_the_rate_may_be_watched():
    from dezero.training import LearningRateScheduler

    rates = LearningRateScheduler(lambda epoch: 0.1)
    assert net().fit(X, T, callbacks=[rates, EarlyStopping("lr")], verbose=0).epoch == [0]


def test_wrong_arguments():
    with pytest.raises(ValueError, match="Monitor: expected mode 'auto', 'min' or 'max', got 'up'"):
        watching(mode="up")
    with pytest.raises(ValueError, match="Monitor: expected min_delta >= 0, got -1"):
        watching(min_delta=-1)
    for make in (EarlyStopping, ReduceLROnPlateau):
        with pytest.raises(ValueError, match=f"{make.__name__}: expected patience >= 0, got -1"):
            make(patience=-1)

"""Optimizer, loss, metrics and history in a saved model: training goes on as if never stopped."""

import numpy as np
import pytest

import dezero.functions as F
from dezero import metrics, optimizers
from dezero.io.archive import load_archive, save_archive
from dezero.layers import Linear
from dezero.losses import Loss
from dezero.models import MLP, Sequential, load_model, save_model
from dezero.optimizers import schedules

X = np.random.default_rng(0).standard_normal((32, 4)).astype("f4")
T = (X[:, :3]).argmax(1)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.dz"


def fitted(optimizer="adam", loss="softmax_cross_entropy", metrics=("accuracy",), epochs=2):
    model = MLP((8, 3), F.relu)
    model.compile(optimizer, loss, list(metrics))
    model.fit(X, T, epochs=epochs, verbose=0, shuffle=False)
    return model


def focal(y, t):
    """A loss as a user writes one."""
    return F.softmax_cross_entropy(y, t) * 2


def first_output(y, t):
    """A metric as a user writes one."""
    return np.asarray(y)[:, 0]


class TestRoundTrip:
    @pytest.mark.parametrize("name", sorted(optimizers.OPTIMIZERS))
    def test_training_goes_on_to_the_last_digit(self, path, name):
        model = fitted(optimizers.OPTIMIZERS[name]())
        model.save(path)
        again = load_model(path)
        for one in (model, again):
            one.fit(X, T, epochs=2, verbose=0, shuffle=False)
        for p, q in zip(model.params(), again.params(), strict=True):
            np.testing.assert_array_equal(p.data, q.data)
        assert again.compiled.optimizer.t == model.compiled.optimizer.t

    def test_hyperparameters_loss_and_metrics(self, path):
        model = fitted(
            optimizers.Adam(0.02, beta1=0.8),
            Loss(F.softmax_cross_entropy, label_smoothing=0.1),
            ["acc", metrics.TopK(2, name="top2")],
        )
        model.save(path)
        got = load_model(path).compiled
        assert got.optimizer.config() == model.compiled.optimizer.config()
        assert got.loss.config() == model.compiled.loss.config()
        assert got.names == ["loss", "acc", "top2"]

    def test_history(self, path):
        model = fitted(metrics=["accuracy", metrics.ConfusionMatrix(3)])
        model.save(path)
        history = load_model(path).history
        assert history.epoch == [0, 1] and history.seconds == model.history.seconds
        assert history.history["loss"] == model.history.history["loss"]
        for got, want in zip(
            history.history["confusion_matrix"],
            model.history.history["confusion_matrix"],
            strict=True,
        ):
            np.testing.assert_array_equal(got, want)

    def test_a_history_and_optimizer_from_a_loop_of_ones_own(self, path):
        model = MLP((8, 3))
        optimizer = optimizers.MomentumSGD(0.1).setup(model)
        for _ in range(3):
            model.cleargrads()
            F.softmax_cross_entropy(model(X), T).backward()
            optimizer.update()
        save_model(model, path, optimizer=optimizer, history={"loss": [3.0, 2.0]})
        again = load_model(path)
        assert again.optimizer.t == 3 and again.optimizer.target is again
        assert again.history.history == {"loss": [3.0, 2.0]} and again.history.epoch == [0, 1]
        again.save(path)
        assert load_model(path).optimizer.t == 3

    def test_without_training_there_is_nothing(self, path):
        model = MLP([3])
        model.build(4)
        model.save(path)
        again = load_model(path)
        assert not hasattr(again, "compiled") and not hasattr(again, "history")

    def test_compile_false(self, path):
        fitted().save(path)
        again = load_model(path, compile=False)
        assert not hasattr(again, "compiled") and not hasattr(again, "history")


class TestSchedules:
    def test_a_schedule_comes_back(self, path):
        schedule = schedules.ExponentialDecay(0.1, 0.5, steps=10)
        model = fitted(optimizers.SGD(schedule))
        model.save(path)
        optimizer = load_model(path).compiled.optimizer
        assert optimizer.schedule == schedule and optimizer.lr == model.compiled.optimizer.lr

    def test_one_with_a_memory(self, path):
        schedule = schedules.Plateau(0.1, patience=0)
        for value in (1.0, 2.0):
            schedule.report(value)
        fitted(optimizers.SGD(schedule)).save(path)
        assert load_model(path).compiled.optimizer.lr == pytest.approx(0.01)

    @pytest.mark.parametrize(
        "schedule",
        [
            lambda t: 0.1,
            schedules.Lambda(lambda t: 0.1),
            schedules.WarmUp(schedules.Lambda(lambda t: 0.1), 3),
        ],
    )
    def test_one_of_ones_own_is_asked_for(self, path, schedule):
        fitted(optimizers.SGD(schedule)).save(path)
        with pytest.raises(ValueError, match=r"the schedule '.*', which is not dezero's own"):
            load_model(path)
        load_model(path, compile=False)


class TestOnesOwn:
    def test_loss_and_metric_are_handed_in(self, path):
        model = fitted(loss=focal, metrics=[first_output])
        model.save(path)
        with pytest.raises(ValueError, match=r"the loss 'focal', .* custom=\{'focal': \.\.\.\}"):
            load_model(path)
        with pytest.raises(ValueError, match="the metric 'first_output'"):
            load_model(path, custom={"focal": focal})
        again = load_model(path, custom={"focal": focal, "first_output": first_output})
        assert again.evaluate(X, T, verbose=0) == model.evaluate(X, T, verbose=0)

    def test_a_loss_that_only_has_the_name_of_one_of_ours(self, path):
        def huber(y, t):
            return F.softmax_cross_entropy(y, t)

        fitted(loss=huber).save(path)
        with pytest.raises(ValueError, match="the loss 'huber'"):
            load_model(path)
        assert load_model(path, custom={"huber": huber}).compiled.loss.function is huber

    def test_an_optimizer(self, path):
        class Adam(optimizers.SGD):
            pass

        fitted(Adam()).save(path)
        with pytest.raises(ValueError, match="the optimizer 'Adam', which is not dezero's own"):
            load_model(path)


def changed(path, change):
    content, arrays = load_archive(path)
    change(content, arrays)
    save_archive(path, content, arrays)


def set_at(*keys):
    *way, last, value = keys

    def change(content, arrays):
        for key in way:
            content = content[key]
        content[last] = value

    return change


SLOT = ("state", "slots", "l0/W")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (set_at("optimizer", 3), "got: "),
        (set_at("optimizer", "name", "eval"), "unknown name 'eval'"),
        (set_at("optimizer", "lr", "high"), "got: "),
        (set_at("optimizer", "extra", 1), "expected hyperparameters of Adam"),
        (set_at("optimizer", "lr", {"schedule": {"name": "eval"}, "state": {}}), "unknown name"),
        (set_at("state", None), "got: "),
        (set_at("state", "t", -1), "counts of updates"),
        (set_at("state", "t", 1.5), "counts of updates"),
        (set_at(*SLOT, "age", True), "counts of updates"),
        (set_at(*SLOT, "age", None), "counts of updates"),
        (set_at(*SLOT, {}), "a key 'age' that is missing"),
        (set_at(*SLOT, "m", 3), "expected an array like the weight"),
        (set_at(*SLOT, "m", {"array": "nothing"}), "a key 'nothing' that is missing"),
        (set_at(*SLOT, "m", {"array": "weights/l1/W"}), r"like the weight \(4, 8\) float32, got"),
        (set_at(*SLOT, "x", {"array": "weights/l0/W"}), "expected slots"),
        (set_at("state", "slots", "l7/W", {"age": 1, "m": 3}), "weight that is missing"),
        (set_at("loss", {"name": "eval"}), "unknown name 'eval'"),
        (set_at("loss", {"own": "x", "options": {}}), "the loss 'x'"),
        (set_at("metrics", [{"name": "eval", "config": {}}]), "unknown name 'eval'"),
        (set_at("metrics", [3]), "got: "),
        (set_at("metrics", [{"name": "mean", "config": {"name": [1]}}]), "a string as name"),
        (set_at("metrics", [{"name": "f1", "config": {"num_classes": 10**6}}]), "from 1 to 16384"),
        (set_at("state", {"array": "weights/l0/W"}), "got: "),
        (set_at(*SLOT, {"array": "weights/l0/W"}), "got: "),
        (set_at("metrics", [{"own": "x"}]), "the metric 'x'"),
        (set_at("history", "figures", 3), "got: "),
        (set_at("history", "figures", "loss", 3), "history: expected lists"),
        (set_at("history", {}), "a key 'figures' that is missing"),
    ],
)  # fmt: skip
def test_each_damage_has_its_error(path, change, match):
    fitted().save(path)
    changed(path, change)
    before = fitted()
    kept = {name: p.data.copy() for name, p in before.named_params()}
    with pytest.raises(ValueError, match=f"load_model: .*{match}") as caught:
        load_model(path, before)
    assert "compile=False" in str(caught.value)
    for name, p in before.named_params():
        np.testing.assert_array_equal(p.data, kept[name])
    load_model(path, compile=False)


def test_a_hostile_name_does_not_fill_the_screen(path):
    fitted().save(path)
    changed(path, set_at("metrics", [{"name": "x" * 10**6, "config": {}}]))
    with pytest.raises(ValueError, match="load_model: ") as caught:
        load_model(path)
    assert len(str(caught.value)) < 2000


def test_a_layer_of_another_size_in_the_place_of_a_trained_one(path):
    model = fitted()
    last = len(model.layers) - 1
    model.layers[last] = Linear(7)
    model(X)
    model.save(path)
    again = load_model(path)
    assert again.layers[last].out_size == 7
    names = set(again.compiled.optimizer.state_dict()["slots"])
    assert names and f"l{last}/W" not in names


def test_state_of_an_integer_array_is_refused(path):
    fitted().save(path)

    def change(content, arrays):
        arrays["optimizer/slots/l0/W/m"] = arrays["optimizer/slots/l0/W/m"].astype("i4")

    changed(path, change)
    with pytest.raises(ValueError, match=r"got \(4, 8\) int32"):
        load_model(path)


def test_a_sequential_as_well(path):
    model = Sequential(MLP((3,)))
    model.compile("sgd", "mse")
    model.fit(X, X[:, :3], epochs=1, verbose=0)
    model.save(path)
    assert type(load_model(path).compiled.optimizer) is optimizers.SGD

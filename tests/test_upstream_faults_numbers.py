"""Faults 7 to 26 of upstream: numbers that are wrong without a word."""

import ast
import subprocess
import sys

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import core, datasets, models, optimizers
from dezero.core import Parameter, Variable
from dezero.optimizers import ClipGrad, WeightDecay
from dezero.testing import check_grads
from dezero.transforms import Compose, Normalize, ToArray
from tests.architecture import ROOT, sources
from tests.played import play_datasets
from tests.strict_device import strict_device


@pytest.mark.parametrize("shape", [(6, 3), (4, 3, 2, 2)])
def test_fault_07_batch_norm_second_order(shape, rng):
    x, gamma, beta = rng.standard_normal(shape), rng.uniform(0.5, 2, 3), rng.standard_normal(3)
    check_grads(lambda *args: F.batch_norm(*args, np.zeros(3), np.ones(3)), x, gamma, beta)


def test_fault_08_a_layer_by_two_names_counts_once():
    model = models.Model()
    model.one = model.two = L.Linear(1, nobias=True, in_size=1)
    model.again = [model.one, model.one.W]
    model.one.W.data = np.ones((1, 1), np.float32)
    assert len(list(model.params())) == 1
    model.one.W.grad = Variable(np.ones((1, 1), np.float32))
    optimizers.SGD(0.5).setup(model).update()
    assert model.one.W.data == 0.5


def test_fault_09_zeros_around_a_picture_do_not_win_max_pooling():
    x = Variable(np.full((1, 1, 2, 2), -3.0))
    y = F.pooling(x, 3, 1, 1)
    assert np.array_equal(y.data, np.full((1, 1, 2, 2), -3.0))
    F.sum(y).backward()
    assert x.grad.data.sum() == 4
    assert F.pooling_simple(x, 3, 1, 1).data.max() == -3


@pytest.mark.parametrize("largest", [F.max, F.min])
def test_fault_10_equal_largest_elements_share_the_gradient(largest):
    x = Variable(np.array([[2.0, 2.0, 2.0], [1.0, 5.0, 5.0]]))
    F.sum(largest(x, 1)).backward()
    assert np.allclose(x.grad.data.sum(axis=1), 1)
    assert "gradient" in F.max.__doc__ and "equal" in F.max.__doc__


@pytest.mark.parametrize("hook", [WeightDecay(0.1), ClipGrad(0.5)])
def test_fault_11_gradients_are_shared_with_nobody(hook):
    """Upstream's decay acts twice on a gradient that two parameters share: 23.1 for 22.1."""
    model = models.Model()
    model.p, model.q = Parameter(np.array([10.0, 1.0])), Parameter(np.array([211.0, 1.0]))
    (model.p + model.q).backward()
    before = [p.grad.data.copy() for p in model.params()]
    assert not np.shares_memory(model.p.grad.data, model.q.grad.data)
    hook(list(model.params()))
    if isinstance(hook, WeightDecay):
        assert model.q.grad.data[0] == pytest.approx(22.1)
        assert model.p.grad.data[0] == pytest.approx(2.0)
    assert all(np.array_equal(g, [1, 1]) for g in before)


def test_fault_11_gradients_of_broadcast_arrays_can_be_changed():
    model = models.Model()
    model.p = Parameter(np.ones(3))
    F.sum(model.p).backward()
    for hook in (WeightDecay(0.1), ClipGrad(0.5)):
        hook(list(model.params()))
    model.p.grad.data *= 2


@pytest.mark.parametrize("label", [-1, 3])
@pytest.mark.parametrize("loss", [F.softmax_cross_entropy, F.softmax_cross_entropy_simple])
def test_fault_13_labels_do_not_count_from_the_end(loss, label):
    with pytest.raises(ValueError, match="expected labels"):
        loss(np.ones((2, 3)), np.array([0, label]))


def test_fault_14_integers_get_floating_gradients():
    for f in (lambda x: x * x, lambda x: x + x, lambda x: x**2, lambda x: x / 2, F.sum):
        x = Variable(np.array([2, 3]))
        F.sum(f(x)).backward()
        assert x.grad.dtype.kind == "f"
    F.sum((x / 4) * x).backward()
    assert np.allclose(x.grad.data, 1 + x.data / 2)


def test_fault_15_weights_of_another_shape_are_refused(tmp_path):
    path = tmp_path / "weights.npz"
    L.Linear(3, in_size=4).save_weights(path)
    layer = L.Linear(3, in_size=5)
    before = layer.W.data.copy()
    with pytest.raises(ValueError, match=r"W of shape \(4, 3\) instead of \(5, 3\)"):
        layer.load_weights(path)
    assert np.array_equal(layer.W.data, before)


def test_fault_15_weights_are_loaded_where_the_model_lives(tmp_path):
    path = tmp_path / "weights.npz"
    L.Linear(3, in_size=4).save_weights(path)
    layer = L.Linear(3, in_size=4)
    with strict_device() as device:
        for p in layer.params():
            p.data = device.from_host(p.data)
        layer.load_weights(path)
        assert all(isinstance(p.data, device.array_types[0]) for p in layer.params())


def test_fault_16_fine_and_coarse_labels_are_kept_apart(monkeypatch, tmp_path):
    play_datasets(monkeypatch, tmp_path)
    monkeypatch.setenv("DEZERO_CACHE", str(tmp_path / "cache"))
    most = {kind: datasets.CIFAR100(label_type=kind).label for kind in ("fine", "coarse")}
    again = datasets.CIFAR100(label_type="fine").label
    assert np.array_equal(most["fine"], again)
    x = np.zeros(2)
    for kind, label in (("fine", [50, 60]), ("coarse", [1, 2])):
        datasets.save_cache_npz(x, np.array(label), "cifar.gz", True, kind)
    assert np.array_equal(datasets.load_cache_npz("cifar.gz", True, "fine")[1], [50, 60])


@pytest.mark.parametrize("rule", [optimizers.MomentumSGD, optimizers.Adam, optimizers.AdaGrad])
def test_fault_17_state_belongs_to_a_name(rule):
    """A parameter made anew may get the `id` of one that is gone, but not its state."""

    def stepped(optimizer, model, steps):
        for _ in range(steps):
            for p in model.params():
                p.grad = Variable(np.ones_like(p.data))
            optimizer.update()
        return model.l.W.data.copy()

    def fresh():
        model = models.Model()
        model.l = L.Linear(2, in_size=2, nobias=True)
        model.l.W.data = np.ones((2, 2), np.float32)
        return model

    optimizer, model = rule(), fresh()
    optimizer.setup(model)
    once = stepped(optimizer, model, 1)
    stepped(optimizer, model, 5)
    state = optimizer.state_dict()
    assert set(state["slots"]) == {"l/W"}
    other = rule().setup(model)
    other.load_state_dict(state)
    for _ in range(20):  # new parameters at old addresses
        del model
        model = fresh()
        optimizer.setup(model)
        assert np.array_equal(stepped(optimizer, model, 1), once)


def test_fault_18_whole_numbers_are_normalised_as_floats():
    x = np.arange(12, dtype=np.uint8).reshape(3, 2, 2)
    mean, std = [0.5, 1.5, 2.5], [0.5, 0.25, 0.125]
    y = Normalize(mean, std)(x)
    assert y.dtype == np.float32
    expected = (x - np.reshape(mean, (3, 1, 1))) / np.reshape(std, (3, 1, 1))
    assert np.allclose(y, expected)
    assert np.isfinite(Compose([ToArray(np.uint8), Normalize([0.4], [0.2])])(x[:1])).all()


def test_fault_19_data_sets_leave_the_global_generator_alone():
    np.random.get_state()
    before = np.random.get_state(legacy=False)["state"]
    one, other = datasets.Spiral(), datasets.Spiral()
    datasets.SinCurve()
    after = np.random.get_state(legacy=False)["state"]
    assert before["pos"] == after["pos"] and np.array_equal(before["key"], after["key"])
    assert np.array_equal(one.data, other.data)


def test_fault_20_parameters_come_in_the_order_of_their_assignment():
    code = (
        "import dezero.layers as L\nfrom dezero.models import Model\nm = Model()\n"
        "for n in 'zebra apple mango kiwi fig'.split(): setattr(m, n, L.Linear(1, in_size=1))\n"
        "print([name for name, _ in m.named_params()])"
    )
    wanted = [f"{n}/{p}" for n in "zebra apple mango kiwi fig".split() for p in "Wb"]
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(ROOT)},
        )
        assert ast.literal_eval(done.stdout) == wanted, done.stderr


def test_fault_21_numpy_functions_on_variables_give_variables():
    a, x = np.array([1.0, 2.0]), Variable(np.array([3.0, 4.0]))
    for y in (np.multiply(a, x), a * x, np.add(x, a), np.sin(x), np.exp(x), np.sum(x)):
        assert isinstance(y, Variable) and y.creator is not None
    np.multiply(a, x).backward()
    assert np.array_equal(x.grad.data, a)


@pytest.mark.parametrize("axis", [-1, -2, -3, 0, 1, 2])
def test_fault_22_a_new_axis_counts_from_the_end(axis):
    x = np.ones((2, 3))
    assert F.expand_dims(x, axis).shape == np.expand_dims(x, axis).shape


@pytest.mark.parametrize("logit", [40.0, -40.0, 1000.0, -1000.0])
@pytest.mark.parametrize("t", [0, 1])
def test_fault_23_sigmoid_cross_entropy_does_not_overflow(logit, t):
    x = Variable(np.array([logit]))
    loss = F.sigmoid_cross_entropy(x, np.array([t]))
    loss.backward()
    assert float(loss) == pytest.approx(max(logit, 0) - logit * t)
    assert x.grad.data[0] == pytest.approx(float(logit > 0) - t, abs=1e-12)


@pytest.mark.parametrize("p", [0.9995, 0.99999])
def test_fault_23_binary_cross_entropy_learns_from_sure_mistakes(p):
    x = Variable(np.array([p]))
    F.binary_cross_entropy(x, np.array([0])).backward()
    assert x.grad.data[0] == pytest.approx(1 / (1 - p), rel=1e-3)


def test_fault_24_a_power_of_zero_has_gradient_zero():
    for power in (0, 0.0, np.int64(0)):
        x = Variable(np.array([0.0, 1.0]))
        y = x**power
        y.backward(create_graph=True)
        assert np.array_equal(x.grad.data, [0, 0])
    assert np.array_equal(y.data, [1, 1])


def test_fault_25_running_statistics_are_no_parameters(tmp_path):
    layer = L.BatchNorm()
    layer(np.ones((2, 3), np.float32))
    assert [p.name for p in layer.params()] == ["gamma", "beta"]
    assert not any(isinstance(s, Parameter) for s in (layer.avg_mean, layer.avg_var))
    layer.save_weights(tmp_path / "w.npz")
    with np.load(tmp_path / "w.npz") as file:
        assert {"avg_mean", "avg_var"} <= set(file.files)


def test_fault_26_examples_evaluate_in_test_mode():
    """Who calls accuracy on test data does it in test mode, or leaves it to fit's relatives."""
    for source in sources("examples"):
        if "accuracy(" in source.text and "test" in source.text:
            ways = "test_mode", ".evaluate(", ".predict("
            assert any(way in source.text for way in ways), source.path

    class Watched(models.Model):
        def forward(self, x):
            seen.append(core.Config.train)
            return Variable(np.eye(2)[[0, 1]])

    seen = []
    model = Watched()
    model.compile("sgd", "softmax_cross_entropy", ["accuracy"])
    model.evaluate(np.zeros((2, 2)), np.array([0, 1]), verbose=0)
    model.predict(np.zeros((2, 2)), verbose=0)
    assert len(seen) == 2 and not any(seen)


@pytest.mark.parametrize("whose", ["the Variable's", "the user's"])
def test_fault_12_arrays_edited_after_use_are_noticed(whose):
    """Upstream multiplies by what is there now. All functions: `test_edited_arrays.py`."""
    buffer = np.array([1.0, 2.0])
    x = Variable(np.array([3.0, 4.0]))
    y = F.sum(x * buffer * x)
    if whose == "the user's":
        buffer[0] = 100
    else:
        x.data[0] = 100
    with pytest.raises(RuntimeError, match="as it was when the function was called, got it edited"):
        y.backward()

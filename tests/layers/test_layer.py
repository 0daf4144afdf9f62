"""`Layer`: gradients, freezing, devices, penalties, constraints, building, copies."""

import copy

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Config, Parameter, Variable
from dezero.layers import Buffer, Dropout, EmbedID, Layer, Linear
from dezero.models import MLP, Sequential
from dezero.regularizers import L1, L2
from tests.strict_device import strict_device


class Two(Layer):
    def __init__(self):
        self.l1 = Linear(4, in_size=3, kernel_regularizer=L2(0.5))
        self.l2 = Linear(2, in_size=4, bias_regularizer=L1(2.0), kernel_constraint="non_neg")

    def forward(self, x):
        return self.l2(F.tanh(self.l1(x)))


def x32(*shape):
    return np.ones(shape, "f4")


def test_cleargrads():
    model = Two()
    model(x32(5, 3)).sum().backward()
    assert all(p.grad is not None for p in model.params())
    model.cleargrads()
    assert all(p.grad is None for p in model.params())


def test_count_params():
    assert Two().count_params() == 3 * 4 + 4 + 4 * 2 + 2
    with pytest.raises(RuntimeError, match=r"^count_params: .* none yet for l0/W\."):
        Sequential(Linear(3)).count_params()


class TestTrainable:
    def test_freezing_stops_gradients_and_forgets_old_ones(self):
        model = Two()
        model(x32(5, 3)).sum().backward()
        model.l1.trainable = False
        assert not model.l1.trainable and model.trainable and model.l2.trainable
        assert model.l1.W.grad is None and model.l2.W.grad is not None
        model.cleargrads()
        model(x32(5, 3)).sum().backward()
        assert model.l1.W.grad is None and model.l2.W.grad is not None

    def test_it_reaches_all_below_and_back(self):
        model = Sequential(Two(), Linear(3))
        model.trainable = False
        assert not model.l0.l1.trainable and not any(p.requires_grad for p in model.params())
        model(x32(2, 3))  # a parameter shaped only now stays frozen
        assert not any(p.requires_grad for p in model.params())
        model.trainable = True
        assert model.l0.l1.trainable and all(p.requires_grad for p in model.params())


class TestPenaltiesAndConstraints:
    def test_penalties_of_all_layers(self):
        model = Two()
        model.l2.b.data[...] = 3
        first, second = model.penalties()
        np.testing.assert_allclose(first.data, 0.5 * (model.l1.W.data**2).sum(), rtol=1e-6)
        assert second.item() == 2 * 6
        (first + second).backward()
        np.testing.assert_allclose(model.l1.W.grad.data, model.l1.W.data, rtol=1e-6)

    def test_a_shared_layer_is_penalised_once(self):
        layer = Linear(3, in_size=3, kernel_regularizer="l2")
        assert len(Sequential(layer, layer).penalties()) == 1
        assert Linear(3).penalties() == []

    def test_named_constraints(self):
        model = Sequential(Two())
        ((path, param, constraint),) = model.named_constraints()
        assert path == "l0/l2/W" and param is model.l0.l2.W
        assert (constraint(param.data) >= 0).all()


class TestDevices:
    def test_parameters_and_buffers_move_there_and_back(self, monkeypatch):
        with strict_device() as device:
            monkeypatch.setattr(Variable, "to_gpu", lambda v: v._move(device.from_host))
            model = Sequential(Two())
            model.l0.add_buffer("mean", np.ones(2))
            model.l0.variance, model.l0.later = Buffer(np.ones(2)), Buffer(None)
            for move, kind in ((model.to_gpu, device.array_types[0]), (model.to_cpu, np.ndarray)):
                move()
                arrays = [p.data for p in model.params()] + [model.l0.mean]
                arrays.append(model.l0.variance.data)
                assert all(type(a) is kind for a in arrays)

    def test_no_gpu(self, monkeypatch):
        def refuse(variable):
            raise RuntimeError("to_gpu: expected a GPU backend")

        monkeypatch.setattr(Variable, "to_gpu", refuse)
        with pytest.raises(RuntimeError, match="to_gpu: expected a GPU backend"):
            Two().to_gpu()


class TestBuild:
    def test_shapes_without_data(self):
        model = MLP((4, 3))
        model.build((6,))
        assert [p.shape for p in model.params()] == [(6, 4), (4,), (4, 3), (3,)]
        assert Config.train and Config.enable_backprop

    def test_a_number_stands_for_one_axis(self):
        layer = Linear(3)
        layer.build(5)
        assert layer.in_size == 5

    def test_integers_for_embeddings(self):
        model = Sequential(EmbedID(5, 3), Linear(2))
        model.build((4,))
        assert model.l1.in_size == 3

    def test_a_dtype_by_hand(self):
        seen = []
        layer = Linear(3)
        layer.register_forward_pre_hook(lambda layer, xs: seen.append(xs[0].dtype))
        layer.build((4,), dtype="f8")
        assert seen == [np.float64]

    def test_shapes_that_do_not_fit(self):
        with pytest.raises(ValueError, match=r"Raised in layer 'l1' \(Linear 9 -> 2\)"):
            Sequential(Linear(3), Linear(2, in_size=9)).build((4,))


@pytest.mark.parametrize("name", ["inputs", "outputs", "params", "trainable", "name", "forward"])
def test_names_that_the_class_needs_itself(name):
    layer = Layer()
    for value in (Linear(3), Parameter(np.ones(2)), [Linear(3)], {"a": Linear(3)}):
        with pytest.raises(ValueError, match=f"Layer: expected a name of your own.* got '{name}'"):
            setattr(layer, name, value)
    assert not list(layer.params())


def test_names_of_a_subclass_may_be_filled():
    class Own(Layer):
        W = None

        def measure(self):
            return 1

    layer = Own()
    layer.W = Parameter(np.ones(2))
    assert [path for path, _ in layer.named_params()] == ["W"]
    with pytest.raises(ValueError, match="Own: expected a name of your own for .* got 'measure'"):
        layer.measure = Linear(3)


class TestCopies:
    def test_deepcopy_shares_nothing_but_keeps_sharing(self):
        shared = Linear(3, in_size=3)
        model = Sequential(shared, shared, Dropout(0.5, seed=1))
        model(x32(2, 3)).sum().backward()
        twin = copy.deepcopy(model)
        assert twin.l0 is twin.l1 is not shared
        assert len(list(twin.params())) == 2
        twin.l0.W.data[...] = 0
        assert shared.W.data.any() and twin.l0.inputs is None and twin.l0.W.grad is not None

    def test_freezing_is_copied(self):
        model = Sequential(Two())
        model.l0.trainable = False
        twin = copy.deepcopy(model)
        assert not twin.l0.trainable and not any(p.requires_grad for p in twin.params())


def test_a_plain_layer_has_no_config():
    with pytest.raises(NotImplementedError, match="Layer.config: expected the subclass"):
        Layer().config()


def test_optimizers_of_the_book_find_everything():
    layer = Two()
    for param in layer.params():
        assert isinstance(param, Parameter)
        param.data = param.data - 1
    assert (layer.l1.b.data == -1).all()

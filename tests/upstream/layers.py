"""`dezero.layers`, `dezero.models` and `dezero.optimizers`."""

import os
import tempfile

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero import core, models, optimizers
from tests.upstream import Name, gpu, same, thing
from tests.upstream.conv import conv2d, deconv2d
from tests.upstream.functions import IMAGES, sigmoid

X = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]], np.float32)
BIG = IMAGES.repeat(3, 2).repeat(3, 3)


class TwoLayers(L.Layer):
    """A layer as the book writes one."""

    def __init__(self):
        super().__init__()
        self.l1 = L.Linear(4)
        self.l2 = L.Linear(2, in_size=4, nobias=True)
        self.p = core.Parameter(np.ones(1), "p")

    def forward(self, x):
        return self.l2(F.relu(self.l1(x))) + self.p


def layers_work(cls):
    assert issubclass(TwoLayers, cls)
    layer = TwoLayers()
    x = core.Variable(X)
    y = layer(x)
    assert y.shape == (2, 2)
    assert layer.inputs[0]() is x and layer.outputs[0]() is y
    assert {id(p) for p in layer.params()} == {
        id(p) for p in (layer.l1.W, layer.l1.b, layer.l2.W, layer.p)
    }
    F.sum(y).backward()
    assert all(p.grad is not None for p in layer.params())
    layer.cleargrads()
    assert all(p.grad is None for p in layer.params())


def finds(params):
    layer = TwoLayers()
    layer.again = layer.l1  # by two names, and still once
    assert [p.name for p in params(layer)] == ["W", "b", "W", "p"]


def moves(to_gpu):
    layer = TwoLayers()
    layer(X)
    before = layer.l1.W.data
    with gpu() as is_there:
        to_gpu(layer)
        assert all(is_there(p.data) for p in layer.params())
        layer.to_cpu()
    same(layer.l1.W, before)


def saves(save_weights):
    """Weights under paths such as l1/W, in a file that NumPy reads."""
    layer, other = TwoLayers(), TwoLayers()
    y = layer(X)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.npz")
        save_weights(layer, path)
        with np.load(path) as file:
            assert set(file.files) == {"l1/W", "l1/b", "l2/W", "p"}
            same(file["l1/W"], layer.l1.W)
        other.load_weights(path)
    same(other(X), y)


def loads(load_weights):
    """What upstream writes: the same names, from numpy.savez_compressed."""
    layer = TwoLayers()
    arrays = {"l1/W": np.ones((3, 4)), "l1/b": np.ones(4), "l2/W": np.ones((4, 2)), "p": [2.0]}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "weights.npz")
        np.savez_compressed(path, **{k: np.asarray(v, np.float32) for k, v in arrays.items()})
        load_weights(layer, path)
    same(layer(X), np.maximum(X.sum(axis=1, keepdims=True) + 1, 0) * [[4, 4]] + 2)


def linear(cls):
    layer = cls(4, False, np.float32, 3)
    assert (layer.W.shape, layer.b.shape, layer.W.dtype) == ((3, 4), (4,), np.float32)
    assert (layer.in_size, layer.out_size, layer.dtype) == (3, 4, np.float32)
    assert (layer.W.name, layer.b.name) == ("W", "b")
    same(layer(X), X @ layer.W.data + layer.b.data)
    lazy = cls(4, True)
    assert lazy.W.data is None and lazy.b is None
    same(lazy(X), X @ lazy.W.data)


def convolution(formula, kernel):
    def check(cls):
        layer = cls(4, 3, 2, 1, False, np.float64, 3)
        assert (layer.W.shape, layer.b.shape, layer.W.dtype) == (kernel, (4,), np.float64)
        assert (layer.in_channels, layer.out_channels, layer.dtype) == (3, 4, np.float64)
        same(layer(BIG), formula(BIG, layer.W.data, layer.b.data, 2, 1))
        lazy = cls(4, (3, 2), nobias=True)
        assert lazy.W.data is None and lazy.b is None
        y = lazy(BIG.astype(np.float32))
        assert y.dtype == np.float32
        wide = formula(BIG, lazy.W.data.astype(np.float64), None)
        np.testing.assert_allclose(y.data, wide, rtol=1e-4, atol=1e-4)

    return check


def rnn(cls):
    layer = cls(4, 3)
    assert layer.h is None
    first = np.tanh(X @ layer.x2h.W.data + layer.x2h.b.data)
    same(layer(X), first)
    assert layer.h2h.b is None
    second = np.tanh(X @ layer.x2h.W.data + layer.x2h.b.data + first @ layer.h2h.W.data)
    same(layer(X), second)
    same(layer.h, second)
    layer.reset_state()
    assert layer.h is None
    same(layer(X), first)
    assert cls(4)(X).shape == (2, 4)


def lstm(cls):
    layer = cls(4, 3)
    h = c = np.zeros((2, 4), np.float32)
    for _ in range(3):
        y = layer(X)
        f, i, o, u = (
            X @ getattr(layer, f"x2{k}").W.data
            + getattr(layer, f"x2{k}").b.data
            + h @ getattr(layer, f"h2{k}").W.data
            for k in "fiou"
        )
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(u)
        h = sigmoid(o) * np.tanh(c)
        same(y, h)
        same(layer.c, c)
    layer.reset_state()
    assert layer.h is None and layer.c is None
    assert cls(4)(X).shape == (2, 4)


def embedding(cls):
    layer = cls(5, 3)
    assert layer.W.shape == (5, 3) and layer.W.name == "W"
    same(layer(np.array([4, 0, 4])), layer.W.data[[4, 0, 4]])


def batch_norm(cls):
    layer = cls()
    x = IMAGES.astype(np.float32)
    y = layer(x)
    same(np.mean(y.data, axis=(0, 2, 3)), np.zeros(3))
    assert np.allclose(np.std(y.data, axis=(0, 2, 3)), 1, atol=1e-3)
    for name in ("avg_mean", "avg_var"):
        assert np.shape(core.as_array(getattr(layer, name))) == (3,)
    assert (layer.gamma.shape, layer.beta.shape) == ((3,), (3,))
    assert {id(p) for p in layer.params()} == {id(layer.gamma), id(layer.beta)}
    mean, var = (core.as_array(getattr(layer, name)) for name in ("avg_mean", "avg_var"))
    np.testing.assert_allclose(mean, 0.1 * x.mean(axis=(0, 2, 3)), rtol=1e-5, atol=1e-6)
    with core.test_mode():
        scaled = (x - mean.reshape(1, 3, 1, 1)) / np.sqrt(var.reshape(1, 3, 1, 1) + 2e-5)
        np.testing.assert_allclose(layer(x).data, scaled, rtol=1e-5)


def plain_model(cls):
    model = cls()
    model.l1 = L.Linear(5)
    model.anything = 3
    model.l2 = L.Linear(1)
    assert model.l2(F.sigmoid(model.l1(X))).shape == (2, 1)
    assert len(list(model.params())) == 4


def plots(plot):
    model = models.MLP((4, 2))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "mlp.pdf")
        plot(model, X, to_file=path)
        with open(path, "rb") as file:
            assert file.read(4) == b"%PDF"


def sequential(cls):
    model = cls(L.Linear(4), F.relu, L.Linear(2))
    assert len(model.layers) == 3 and model.l0 is model.layers[0] and model.l2 is model.layers[2]
    assert model(X).shape == (2, 2)
    hidden = np.maximum(X @ model.l0.W.data + model.l0.b.data, 0)
    same(model(X), hidden @ model.l2.W.data + model.l2.b.data)


def mlp(cls):
    for model, activation in ((cls((4, 2)), sigmoid), (cls((4, 2), F.tanh), np.tanh)):
        assert model(X).shape == (2, 2)
        hidden = activation(X @ model.l0.W.data + model.l0.b.data)
        np.testing.assert_allclose(
            model(X).data, hidden @ model.l1.W.data + model.l1.b.data, rtol=1e-5
        )
        assert len(model.layers) == 2


def trained(cls, moved, **attributes):
    """One update by gradient 2 at 1, from `cls` with its defaults."""
    model = models.Model()
    model.p = core.Parameter(np.array([1.0]))
    optimizer = cls()
    for name, value in attributes.items():
        assert getattr(optimizer, name) == value, name
    assert optimizer.hooks == [] and optimizer.target is None
    assert optimizer.setup(model) is optimizer and optimizer.target is model
    model.p.grad = core.Variable(np.array([2.0]))
    optimizer.update()
    np.testing.assert_allclose(model.p.data, 1 + moved, rtol=1e-7)


def optimizer(name: str, like, moved: float, **attributes) -> Name:
    return thing(f"optimizers.{name}", like, lambda cls: trained(cls, moved, **attributes))


class Halving(optimizers.Optimizer):
    """An optimizer as the book writes one."""

    def update_one(self, param):
        param.data = param.data / 2


def sets_up(setup):
    optimizer, model = optimizers.SGD(), TwoLayers()
    assert setup(optimizer, model) is optimizer and optimizer.target is model


def updates(update):
    optimizer, model = optimizers.SGD(0.5), models.Model()
    model.p, model.q = (core.Parameter(np.ones(1)) for _ in range(2))
    model.p.grad = core.Variable(np.ones(1))
    optimizer.setup(model)
    update(optimizer)
    same([model.p, model.q], [[0.5], [1]])


def updates_one(update_one):
    # It is for subclasses to write.
    with pytest.raises(NotImplementedError):
        update_one(optimizers.Optimizer(), core.Parameter(1.0))


def adds(add_hook):
    seen, optimizer, model = [], optimizers.SGD(), models.Model()
    model.p, model.q = (core.Parameter(np.ones(1)) for _ in range(2))
    model.p.grad = core.Variable(np.ones(1))
    add_hook(optimizer.setup(model), seen.append)
    assert optimizer.hooks == [seen.append]
    optimizer.update()
    assert seen == [[model.p]]


def own_optimizers(cls):
    assert issubclass(Halving, cls)
    trained(Halving, -0.5)


def hooked(hook, gradients, expected):
    params = [core.Parameter(np.array([g])) for g in (3.0, 4.0)]
    for p, g in zip(params, gradients, strict=True):
        p.grad = core.Variable(np.array([g]))
    hook(params)
    np.testing.assert_allclose([p.grad.data[0] for p in params], expected, rtol=1e-6)


def freezes(cls):
    layer, p = L.Linear(1, in_size=2), core.Parameter(np.ones(1))
    model = models.Model()
    model.layer, model.p, model.q = layer, p, core.Parameter(np.ones(1))
    optimizer = optimizers.SGD(1.0).setup(model)
    optimizer.add_hook(cls(layer, p))
    assert len(optimizer.hooks) == 1
    before = layer.W.data.copy()
    for param in model.params():
        param.grad = core.Variable(np.ones_like(param.data))
    optimizer.update()
    same(layer.W, before)
    same(p, [1])
    same(model.q, [0])


def adam_rate(_):
    # Upstream's is multiplied by the corrections for the next update; ours is what was asked for.
    return optimizers.Adam(0.002).lr == 0.002


def conv_settings(  # noqa: PLR0917 - upstream's order
    out_channels, kernel_size, stride=1, pad=0, nobias=False, dtype=np.float32, in_channels=None
):
    return 0


def linear_settings(out_size, nobias=False, dtype=np.float32, in_size=None):
    return 0


NAMES = [
    thing("layers.Layer", lambda: 0, layers_work),
    thing("layers.Layer.params", lambda self: 0, finds),
    thing("layers.Layer.cleargrads", lambda self: 0, lambda f: f(TwoLayers()) is None),
    thing("layers.Layer.to_cpu", lambda self: 0, lambda f: f(TwoLayers()) is None),
    thing("layers.Layer.to_gpu", lambda self: 0, moves),
    thing("layers.Layer.save_weights", lambda self, path: 0, saves),
    thing("layers.Layer.load_weights", lambda self, path: 0, loads),
    thing("layers.Linear", linear_settings, linear),
    thing("layers.Conv2d", conv_settings, convolution(conv2d, (4, 3, 3, 3))),
    thing("layers.Deconv2d", conv_settings, convolution(deconv2d, (3, 4, 3, 3))),
    thing("layers.RNN", lambda hidden_size, in_size=None: 0, rnn),
    thing("layers.LSTM", lambda hidden_size, in_size=None: 0, lstm),
    thing("layers.EmbedID", lambda in_size, out_size: 0, embedding),
    thing("layers.BatchNorm", lambda: 0, batch_norm),
    thing("models.Model", lambda: 0, plain_model),
    thing("models.Model.plot", lambda self, *inputs, to_file="model.png": 0, plots),
    thing("models.Sequential", lambda *layers: 0, sequential),
    thing("models.MLP", lambda fc_output_sizes, activation=F.sigmoid: 0, mlp),
    thing("optimizers.Optimizer", lambda: 0, own_optimizers),
    thing("optimizers.Optimizer.setup", lambda self, target: 0, sets_up),
    thing("optimizers.Optimizer.update", lambda self: 0, updates),
    thing("optimizers.Optimizer.update_one", lambda self, param: 0, updates_one),
    thing("optimizers.Optimizer.add_hook", lambda self, f: 0, adds),
    optimizer("SGD", lambda lr=0.01: 0, -0.02, lr=0.01),
    optimizer("MomentumSGD", lambda lr=0.01, momentum=0.9: 0, -0.02, lr=0.01, momentum=0.9),
    optimizer("AdaGrad", lambda lr=0.001, eps=1e-8: 0, -0.001, lr=0.001, eps=1e-8),
    optimizer("AdaDelta", lambda rho=0.95, eps=1e-6: 0,
              -2 * np.sqrt(1e-6 / (0.05 * 4 + 1e-6)), rho=0.95, eps=1e-6),
    optimizer("Adam", lambda alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8: 0, -0.001,
              alpha=0.001, beta1=0.9, beta2=0.999, eps=1e-8, t=0),
    thing("optimizers.Adam.lr", None, adam_rate),
    thing("optimizers.WeightDecay", lambda rate: 0,
          lambda cls: hooked(cls(0.1), (1.0, 2.0), [1.3, 2.4])),
    thing("optimizers.ClipGrad", lambda max_norm: 0,
          lambda cls: hooked(cls(1.0), (3.0, 4.0), [0.6, 0.8])),
    thing("optimizers.ClipGrad", None, lambda cls: hooked(cls(10.0), (3.0, 4.0), [3.0, 4.0])),
    thing("optimizers.FreezeParam", lambda *layers: 0, freezes),
]  # fmt: skip

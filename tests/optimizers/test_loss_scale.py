"""The scale of a loss: its settings and state, and updates as torch's GradScaler makes them."""

import copy
import pickle  # noqa: TID251
import warnings

import numpy as np
import pytest

import dezero.functions as F
from dezero import optimizers
from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import SGD, Adam, ClipGrad, LossScale, Optimizer, WeightDecay
from tests.strict_device import strict_device


class Two(Layer):
    def __init__(self):
        self.W = Parameter(np.array([1.0, -2.0, 3.0], "f4"))
        self.b = Parameter(np.array([0.5], "f4"))

    def forward(self, x):
        return F.sum(self.W * x) + F.sum(self.b)


def step(optimizer, model, x):
    model.cleargrads()
    with np.errstate(invalid="ignore"):
        optimizer.scale(model(np.asarray(x, "f4"))).backward()
    optimizer.update()


def values(model):
    return [p.data.copy() for p in model.params()]


GOOD, BAD = [0.5, -1.0, 2.0], [0.5, np.inf, 2.0]


def ready(optimizer, scale=None):
    model = Two()
    optimizer.setup(model)
    optimizer.loss_scale = scale
    return optimizer, model


def test_the_gradients_are_those_of_the_loss():
    plain, scaled = ready(SGD(0.1)), ready(SGD(0.1), LossScale(2.0**10))
    for optimizer, model in (plain, scaled):
        step(optimizer, model, GOOD)
    for a, b in zip(plain[1].params(), scaled[1].params(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)
        np.testing.assert_array_equal(a.grad.data, b.grad.data)
    loss = Variable.constant(np.float32(3.0).reshape(()))
    assert plain[0].scale(loss) is loss
    assert float(scaled[0].scale(loss).data) == 3 * 2.0**10


@pytest.mark.parametrize("bad", [np.inf, -np.inf, np.nan])
@pytest.mark.parametrize("kind", sorted(optimizers.OPTIMIZERS))
def test_an_overflow_changes_nothing(kind, bad):
    optimizer, model = ready(optimizers.OPTIMIZERS[kind](), LossScale(8.0))
    step(optimizer, model, GOOD)
    before, state = values(model), optimizer.state_dict()
    step(optimizer, model, [0.5, bad, 2.0])
    for a, b in zip(before, values(model), strict=True):
        np.testing.assert_array_equal(a, b)
    after = optimizer.state_dict()
    assert after["t"] == 1 and after["loss_scale"] == {"scale": 4.0, "good": 0, "skipped": 1}
    for name, slots in state["slots"].items():
        for slot, value in slots.items():
            np.testing.assert_array_equal(after["slots"][name][slot], value)


def test_hooks_see_true_gradients_and_none_that_overflowed():
    optimizer, model = ready(SGD(1.0), LossScale(2.0**12))
    seen = []
    optimizer.add_hook(lambda params: seen.append(params[0].grad.data.tolist()))
    optimizer.add_hook(ClipGrad(1e6))
    optimizer.add_hook(WeightDecay(0.0))
    step(optimizer, model, GOOD)
    step(optimizer, model, BAD)
    step(optimizer, model, GOOD)
    assert seen == [GOOD, GOOD] and optimizer.loss_scale.skipped == 1


def test_gradients_of_several_backwards_add_up():
    optimizer, model = ready(SGD(1.0), 4.0)
    model.cleargrads()
    for _ in range(2):
        optimizer.scale(model(np.array(GOOD, "f4"))).backward()
    optimizer.update()
    np.testing.assert_array_equal(model.W.grad.data, 2 * np.array(GOOD))


def test_a_loss_that_was_not_scaled_is_refused():
    optimizer, model = ready(SGD(1.0), LossScale())
    model(np.array(GOOD, "f4")).backward()
    with pytest.raises(RuntimeError, match="SGD.update: expected gradients of optimizer.scale"):
        optimizer.update()
    model.cleargrads()
    optimizer.update()  # there is nothing to change
    assert optimizer.t == 1


def test_a_fixed_scale_stays_and_tells_of_overflows_once():
    optimizer, model = ready(SGD(0.1), 1024)
    assert optimizer.loss_scale.config()["growth"] == 1
    with pytest.warns(UserWarning, match="not finite even at the lowest scale, 1024; 1 updates w"):
        step(optimizer, model, BAD)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        step(optimizer, model, BAD)
        step(optimizer, model, GOOD)
    assert optimizer.loss_scale.scale == 1024 and optimizer.loss_scale.skipped == 2


def test_the_scale_falls_no_further_than_its_floor():
    optimizer, model = ready(SGD(0.1), LossScale(4.0))
    step(optimizer, model, BAD)
    with pytest.warns(UserWarning, match="lowest scale, 1; 2 updates"):
        step(optimizer, model, BAD)
        step(optimizer, model, BAD)
    assert optimizer.loss_scale.scale == 1


def test_it_goes_on_from_where_it_was_on_another_device():
    scale = LossScale(2.0**10)
    scale.load_state_dict({"scale": 2.0**9, "good": 7, "skipped": 3})
    with strict_device() as device:
        state = scale.on(device.from_host(np.ones(2, "f4")))
        assert device.to_host(state).tolist() == [2.0**9, 2.0**-9, 7, 0, 0, 0]
        assert scale.state_dict() == {"scale": 2.0**9, "good": 7, "skipped": 3}


def test_it_resumes_where_it_was():
    one, model = ready(Adam(0.1), LossScale(8.0, growth_steps=3))
    draw = np.random.default_rng(0)
    xs = [draw.standard_normal(3) * (np.inf if i % 5 == 4 else 1) for i in range(20)]
    for x in xs[:9]:
        step(one, model, x)
    twin = Two()
    for p, q in zip(twin.params(), model.params(), strict=True):
        p.data = q.data.copy()
    other = optimizers.build(one.config()).setup(twin)
    other.load_state_dict(one.state_dict())
    copied = copy.deepcopy(one)
    pickled = pickle.loads(pickle.dumps(one))  # noqa: S301
    for held in (copied, pickled):
        assert held.loss_scale.state_dict() == one.loss_scale.state_dict()
    pairs = ((one, model), (other, twin), (copied, copied.target), (pickled, pickled.target))
    for optimizer, owner in pairs:
        for x in xs[9:]:
            step(optimizer, owner, x)
        assert optimizer.state_dict()["loss_scale"] == one.state_dict()["loss_scale"]
        for a, b in zip(values(owner), values(model), strict=True):
            np.testing.assert_array_equal(a, b)
    assert one.loss_scale.skipped == 4 and one.t == 16


class Book(Optimizer):
    def __init__(self):
        super().__init__(0.1)
        self.seen = []

    def update(self):
        self.t += 1
        super().update()

    def update_one(self, param):
        self.seen.append(self.t)
        param.data -= self.lr * param.grad.data


def test_an_optimizer_in_the_books_manner():
    optimizer, model = ready(Book(), LossScale(8.0))
    for x in (GOOD, BAD, GOOD):
        step(optimizer, model, x)
    assert optimizer.seen == [1, 1, 2, 2] and optimizer.t == 2
    np.testing.assert_allclose(model.W.data, np.array([1, -2, 3]) - 0.2 * np.array(GOOD))


def test_float16_parameters_get_gradients_of_float32():
    optimizer, model = ready(SGD(1.0), LossScale())
    model.W.data, model.b.data = model.W.data.astype("f2"), model.b.data.astype("f2")
    small = np.array([1e-5, 2e-5, 3e-5], "f2")
    model.cleargrads()
    optimizer.scale(F.sum(model.W * small) * np.float16(1e-3)).backward()
    optimizer.update()
    assert model.W.grad.data.dtype == "f4" and model.W.data.dtype == "f2"
    np.testing.assert_allclose(model.W.grad.data, small.astype("f4") * 1e-3, rtol=0.02)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"initial": "x"}, TypeError, "LossScale: expected initial to be a number, got"),
        ({"growth": 0.5}, ValueError, "LossScale: expected growth between 1 and"),
        ({"backoff": 2}, ValueError, "expected backoff between 1e-09 and 1, got"),
        ({"growth_steps": 0}, ValueError, "expected growth_steps between 1 and"),
        ({"initial": np.nan}, ValueError, "expected initial between"),
        ({"initial": 0.5}, ValueError, "expected lowest <= initial <= highest, got 1, 0.5 and"),
        ({"lowest": -1}, ValueError, "expected lowest between"),
    ],
)
def test_bad_settings(options, error, text):
    with pytest.raises(error, match=text):
        LossScale(**options)


def test_bad_scales_and_states():
    optimizer, _ = ready(SGD())
    with pytest.raises(TypeError, match="loss_scale: expected a LossScale, a number or None, got"):
        optimizer.loss_scale = "dynamic"
    with pytest.raises(ValueError, match="LossScale: expected initial between"):
        optimizer.loss_scale = 0
    optimizer.loss_scale = scale = LossScale()
    optimizer.loss_scale = scale
    with pytest.raises(ValueError, match="loss_scale: expected a LossScale of its own"):
        SGD().loss_scale = scale
    for state in (None, {}, {"scale": 0, "good": 1, "skipped": 1}, {"scale": 1, "good": -1}):
        with pytest.raises(ValueError, match="LossScale.load_state_dict: expected scale, good"):
            scale.load_state_dict(state)
    with pytest.raises(ValueError, match="expected hyperparameters of SGD, got"):
        optimizers.build({"name": "SGD", "loss_scale": {"first": 3}})


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["SGD", "momentum", "AdamW"])
def test_60_updates_are_those_of_torch(name):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(1)
    ours = {
        "SGD": lambda: SGD(0.1),
        "momentum": lambda: optimizers.MomentumSGD(0.1, 0.9),
        "AdamW": lambda: optimizers.AdamW(0.01, eps=1e-12),
    }[name]()
    W = torch.nn.Parameter(torch.tensor([1.0, -2.0, 3.0], dtype=torch.float64))
    theirs = {
        "SGD": lambda: torch.optim.SGD([W], 0.1),
        "momentum": lambda: torch.optim.SGD([W], 0.1, momentum=0.9),
        "AdamW": lambda: torch.optim.AdamW([W], 0.01, eps=1e-12),
    }[name]()
    scaler = torch.amp.GradScaler("cpu", 2.0**13, 2.0, 0.5, 7)
    optimizer, model = ready(ours, LossScale(2.0**13, growth_steps=7))
    model.W.data, model.b.requires_grad = model.W.data.astype("f8"), False
    for i in range(60):
        # Half precision, where the gradient passes through it: large ones overflow.
        x = rng.standard_normal(3) * (20.0 if i in (0, 1, 2, 30, 31, 50) else 1.0)

        def half(g):
            with np.errstate(over="ignore"):
                return g.astype("f2").astype("f8")

        model.cleargrads()
        optimizer.scale(F.sum(model.W * x)).backward()
        model.W.grad = Variable.constant(half(model.W.grad.data))
        optimizer.update()
        theirs.zero_grad()
        scaler.scale((W * torch.tensor(x)).sum()).backward()
        W.grad = torch.tensor(half(W.grad.numpy()))
        scaler.step(theirs)
        scaler.update()
        assert optimizer.loss_scale.scale == scaler.get_scale(), i
        np.testing.assert_allclose(model.W.data, W.detach().numpy(), rtol=1e-9, atol=1e-12)
    assert 3 <= optimizer.loss_scale.skipped <= 20 and optimizer.t < 60


def test_a_scale_that_was_let_go_serves_another():
    scale, first, second = LossScale(), SGD(), SGD()
    first.loss_scale = scale
    with pytest.raises(ValueError, match="got one of another optimizer"):
        second.loss_scale = scale
    assert second.loss_scale is None
    first.loss_scale = None
    second.loss_scale = scale
    assert second.loss_scale is scale

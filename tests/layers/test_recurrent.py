"""RNN, LSTM, GRU as in the book: one step at a time, truncated back-propagation, states."""

import copy
import gc
import tracemalloc

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.core import Function, Parameter, Variable, no_grad
from dezero.io.npz import load_npz, save_npz
from dezero.models import Model
from dezero.optimizers import SGD

KINDS = [L.RNN, L.LSTM, L.GRU]
each_kind = pytest.mark.parametrize("kind", KINDS)


def times(count, n=3, features=2, dtype="f4"):
    return np.random.default_rng(0).standard_normal((count, n, features)).astype(dtype)


def composed(layer, x, states):
    """A step as the book writes it, out of calls of the sublayers."""
    if isinstance(layer, L.RNN):
        z = layer.x2h(x) if states is None else layer.x2h(x) + layer.h2h(states[0])
        return (F.tanh(z),)
    if isinstance(layer, L.GRU):
        h = Variable(np.zeros((len(x), layer.hidden_size), "f4")) if states is None else states[0]
        r = F.sigmoid(layer.x2r(x) + layer.h2r(h))
        z = F.sigmoid(layer.x2z(x) + layer.h2z(h))
        u = F.tanh(layer.x2u(x) + r * layer.h2u(h))
        return (z * h + (1 - z) * u,)
    z = [getattr(layer, f"x2{k}")(x) for k in "fiou"]
    if states is not None:
        z = [a + getattr(layer, f"h2{k}")(states[0]) for a, k in zip(z, "fiou", strict=True)]
    f, i, o, u = *(F.sigmoid(a) for a in z[:3]), F.tanh(z[3])
    c = i * u if states is None else f * states[1] + i * u
    return o * F.tanh(c), c


def gradients(layer):
    return {path: p.grad.data.copy() for path, p in layer.named_params() if p.grad is not None}


@each_kind
def test_a_step_is_the_books_step_and_so_are_its_gradients(kind, seeded):
    layer, xs = kind(4, 2), times(5)
    loss, states = 0, None
    for x in xs:
        states = composed(layer, x, states)
        loss = loss + F.sum(states[0] ** 2)
    loss.backward()
    wanted = gradients(layer)
    layer.cleargrads()
    loss = 0
    for x, count in zip(xs, range(1, 6), strict=True):
        h = layer(x)
        assert h is layer.h and count
        loss = loss + F.sum(h**2)
    np.testing.assert_allclose(h.data, states[0].data, rtol=1e-5, atol=1e-6)
    loss.backward()
    assert gradients(layer).keys() == wanted.keys()
    for path, grad in gradients(layer).items():
        np.testing.assert_allclose(grad, wanted[path], rtol=1e-4, atol=1e-5, err_msg=path)


@each_kind
def test_steps_and_sequence_agree(kind):
    layer, xs = kind(4), times(5)
    hs = [layer(x).data for x in xs]
    layer.return_sequences = True
    whole = layer(xs.swapaxes(0, 1))
    np.testing.assert_allclose(whole.data, np.stack(hs, axis=1), rtol=1e-5, atol=1e-6)
    assert layer.h.data is hs[-1]  # a sequence leaves the steps' state alone


def test_bug_30_an_rnn_that_knows_its_input_size():
    layer = L.RNN(5, in_size=2)
    assert layer.h2h.W.shape == (5, 5) and layer.x2h.W.shape == (2, 5)
    x = times(1)[0]
    layer(x)
    assert layer(x).shape == (3, 5)


def test_names_are_upstreams(tmp_path):
    """What upstream's save_weights writes is read, and the other way round."""
    shapes = {
        f"x2{k}/{name}": shape for k in "fiou" for name, shape in (("W", (2, 4)), ("b", (4,)))
    }
    shapes |= {f"h2{k}/W": (4, 4) for k in "fiou"}
    rng = np.random.default_rng(0)
    arrays = {path: rng.standard_normal(shape).astype("f4") for path, shape in shapes.items()}
    np.savez_compressed(tmp_path / "theirs.npz", **arrays)
    layer = L.LSTM(4)
    layer.load_weights(tmp_path / "theirs.npz")
    for k in "fiou":
        np.testing.assert_array_equal(getattr(layer, f"h2{k}").W.data, arrays[f"h2{k}/W"])
    assert layer.in_size == 2
    layer.save_weights(tmp_path / "ours.npz")
    assert set(load_npz(tmp_path / "ours.npz")) == set(arrays)
    rnn = L.RNN(4, 2)
    assert [path for path, _ in rnn.named_params()] == ["x2h/W", "x2h/b", "h2h/W"]
    save_npz(tmp_path / "bad.npz", {"x2h/W": arrays["x2f/W"]})
    with pytest.raises(ValueError, match="missing x2h/b; missing h2h/W"):
        rnn.load_weights(tmp_path / "bad.npz")


class SineModel(Model):
    """The book's model: a recurrent layer and a linear one on top."""

    def __init__(self, kind, hidden=8):
        super().__init__()
        self.rnn = kind(hidden)
        self.fc = L.Linear(1)

    def forward(self, x):
        return self.fc(self.rnn(x))


def train(model, steps, every=10, rate=0.01):
    """The book's loop over a sine curve; returns the losses of the stretches."""

    def wave(t):
        return np.full((1, 1), np.sin(0.3 * t), "f4")

    optimizer = SGD(rate).setup(model)
    loss, losses = 0, []
    for t in range(steps):
        loss = loss + F.mean_squared_error(model(wave(t)), wave(t + 1))
        if (t + 1) % every == 0:
            model.cleargrads()
            loss.backward()
            loss.unchain_backward()
            optimizer.update()
            losses.append(float(loss.data))
            loss = 0
    return losses


@pytest.mark.slow
@each_kind
def test_truncated_back_propagation_learns(kind, seeded):
    model = SineModel(kind)
    losses = train(model, 1000)
    assert np.mean(losses[-3:]) < 0.3 * np.mean(losses[:3])


@each_kind
@pytest.mark.parametrize("after", [False, True])
def test_unchaining_cuts_every_state(kind, after):
    layer, xs = kind(4), times(4)
    for x in xs[:2]:
        h = layer(x)
    loss = F.sum(h)
    if after:
        loss.backward()
    loss.unchain_backward()
    assert all(state.creator is None for state in layer.states())
    old = layer.h
    F.sum(layer(xs[2])).backward()
    assert old.grad is not None  # it is a leaf now, where the next stretch ends


def alive():
    gc.collect()
    # By type: torch has objects that warn when they are asked for their class.
    return sum(issubclass(type(o), Variable | Function) for o in gc.get_objects())


@pytest.mark.slow
def test_memory_stays_flat_over_10_000_steps():
    model = SineModel(L.LSTM)
    train(model, 100)
    before, left, peak = alive(), [], []
    for steps in (1000, 10_000):
        tracemalloc.start()
        try:
            train(model, steps)
            peak.append(tracemalloc.get_traced_memory()[1])
            gc.collect()  # Python keeps up to 2000 tuples of each length for later
            left.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
        assert alive() == before
    # An array for each step would be 1 MB; the tuples kept for later are 0.3 MB at most.
    assert left[1] - left[0] < 20_000 and peak[1] - peak[0] < 500_000


@pytest.mark.slow
@each_kind
def test_nothing_is_left_of_a_stretch(kind):
    model = SineModel(kind)
    train(model, 20)
    before = alive()
    train(model, 60)
    assert alive() == before


@pytest.mark.slow
@each_kind
def test_memory_stays_flat_without_a_graph(kind):
    model, x = SineModel(kind), np.zeros((1, 1), "f4")
    with no_grad():
        model(x)
        before = alive()
        for _ in range(300):
            model(x)
        assert alive() == before
        assert model.rnn.h.creator is None


@each_kind
def test_steps_of_one_graph_share_their_joined_weights(kind):
    layer, xs = kind(4, 2), times(4)
    first, second = layer(xs[0]), layer(xs[1])
    assert first.creator.inputs[-1] is second.creator.inputs[-1]
    F.sum(second).backward()
    second.unchain_backward()
    third = layer(xs[2])
    assert third.creator.inputs[-1] is not second


@each_kind
def test_weights_changed_in_place_count_from_the_next_step_on(kind):
    layer, xs = kind(4, 2), times(3)
    layer(xs[0])
    states = [state.detach() for state in layer.states()]
    for param in layer.params():
        param.data += 0.5
    got = layer(xs[1])
    fresh = copy.deepcopy(layer)
    fresh.set_state(*states)
    np.testing.assert_array_equal(got.data, fresh(xs[1]).data)


@each_kind
def test_new_arrays_as_weights_count_too(kind):
    layer, xs = kind(4, 2), times(3)
    layer(xs[0])
    states = [state.detach() for state in layer.states()]
    for param in layer.params():
        param.data = param.data.astype("f8") * 2
    got = layer(xs[1])
    assert got.dtype == np.float64
    layer.set_state(*states)
    np.testing.assert_array_equal(got.data, layer(xs[1]).data)


@each_kind
def test_another_parameter_in_the_middle_of_a_graph(kind):
    layer, xs = kind(4, 2), times(2)
    layer(xs[0])
    gate = layer.gates[0]
    sub = getattr(layer, f"x2{gate}")
    old, sub.W = sub.W, Parameter(np.zeros((2, 4), "f4"), "W")
    F.sum(layer(xs[1])).backward()
    assert sub.W.grad is not None and old.grad is not None


@each_kind
def test_two_losses_in_the_air_do_not_meet(kind):
    layer, xs = kind(4, 2), times(2)
    losses = []
    for x in xs:
        layer.reset_state()
        losses.append(F.sum(layer(x)))
    losses[0].backward()
    losses[1].backward()
    twice = gradients(layer)
    layer.cleargrads()
    layer.reset_state()
    F.sum(layer(np.concatenate(xs))).backward()
    for path, grad in gradients(layer).items():
        np.testing.assert_allclose(twice[path], grad, rtol=1e-4, atol=1e-6)


def test_gru_has_the_biases_of_torch_and_keras():
    layer = L.GRU(4, 2)
    assert layer.count_params() == 3 * (2 * 4 + 4 * 4 + 2 * 4)
    assert L.GRU(4, 2, reset_after=False).count_params() == 3 * (2 * 4 + 4 * 4 + 4)


def test_the_forget_gate_may_begin_open():
    layer = L.LSTM(4, unit_forget_bias=True)
    assert layer.x2f.b.data.tolist() == [1] * 4 and layer.x2i.b.data.tolist() == [0] * 4


def test_second_derivatives_through_steps():
    layer, xs = L.LSTM(3, 2), times(3, dtype="f8")
    for param in layer.params():
        param.data = param.data.astype("f8")
    x = Variable(xs[0])
    layer(x)
    y = F.sum(layer(xs[1]) ** 2)
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    F.sum(gx**2).backward()
    assert np.abs(x.grad.data).max() > 0

"""Bidirectional and StackedRNN: against torch, states in and out, steps, what they refuse."""

import json

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.core import Variable, test_mode
from dezero.layers import build_layer, layer_config

N, T, I, H = 3, 5, 2, 4  # noqa: E741
LENGTHS = np.array([3, 5, 1])
# The places of our gates among torch's: i, f, g, o there; r, z, n.
ORDER = {"RNN": [0], "LSTM": [1, 0, 3, 2], "GRU": [0, 1, 2]}


def drawn(*shape):
    return np.random.default_rng(0).standard_normal(shape)


def load(layer, module, suffix):
    """Give a cell the weights of one layer and direction of a torch module."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    Wx, Wh, b, bh = (getattr(module, f"{name}_{suffix}").detach().numpy() for name in names)
    order = ORDER[type(layer).__name__]
    for gate, place in zip(layer.gates, order, strict=True):
        rows = slice(place * H, (place + 1) * H)
        of_x, of_h = getattr(layer, f"x2{gate}"), getattr(layer, f"h2{gate}")
        of_x.W.data, of_h.W.data = Wx[rows].T.copy(), Wh[rows].T.copy()
        of_x.b.data = b[rows] + (bh[rows] if of_h.b is None else 0)
        if of_h.b is not None:
            of_h.b.data = bh[rows].copy()


def gradients_of_h(layer, module, suffix):
    """Pairs of gradients: ours of the weights of the state, torch's."""
    theirs = getattr(module, f"weight_hh_{suffix}").grad.numpy()
    for gate, place in zip(layer.gates, ORDER[type(layer).__name__], strict=True):
        ours = getattr(layer, f"h2{gate}").W.grad.data
        yield ours, theirs[place * H : (place + 1) * H].T


@pytest.mark.oracle
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("name", ORDER)
def test_two_layers_are_torchs(name, both):
    torch = pytest.importorskip("torch")
    options = {"num_layers": 2, "batch_first": True, "bidirectional": both, "dtype": torch.float64}
    module = getattr(torch.nn, name)(I, H, **options)
    x = drawn(N, T, I)
    their_x = torch.tensor(x, requires_grad=True)
    packed = torch.nn.utils.rnn.pack_padded_sequence(
        their_x, torch.tensor(LENGTHS), True, enforce_sorted=False
    )
    out, last = module(packed)
    out, _ = torch.nn.utils.rnn.pad_packed_sequence(out, True)
    last = last if name == "LSTM" else (last,)
    (out**2).sum().add(sum(a.sum() for a in last)).backward()

    def one(size):
        cell = getattr(L, name)(H, size, return_sequences=True, return_state=True, dtype="f8")
        return L.Bidirectional(cell) if both else cell

    stack = L.StackedRNN([one(I), one(2 * H if both else H)])
    pairs = []
    for i, layer in enumerate(stack.layers):
        if both:
            pairs += [(layer.forward_layer, f"l{i}"), (layer.backward_layer, f"l{i}_reverse")]
        else:
            pairs.append((layer, f"l{i}"))
    for cell, suffix in pairs:
        load(cell, module, suffix)
    our_x = Variable(x)
    y, *states = stack(our_x, mask=F.sequence_mask(LENGTHS, T))
    (F.sum(y**2) + sum(F.sum(state) for state in states)).backward()
    np.testing.assert_allclose(y.data, out.detach().numpy(), atol=1e-12)
    per_cell = [states[i :: len(last)] for i in range(len(last))]
    for ours, theirs in zip(per_cell, last, strict=True):
        for a, b in zip(ours, theirs.detach().numpy(), strict=True):
            np.testing.assert_allclose(a.data, b, atol=1e-12)
    np.testing.assert_allclose(our_x.grad.data, their_x.grad.numpy(), atol=1e-12)
    for cell, suffix in pairs:
        for ours, theirs in gradients_of_h(cell, module, suffix):
            np.testing.assert_allclose(ours, theirs, atol=1e-12)


@pytest.mark.parametrize("merge", ["concat", "sum", "mul", "average"])
def test_both_directions_are_merged(merge):
    layer, x = L.Bidirectional(L.GRU(H, I, return_sequences=True), merge), drawn(N, T, I)
    a, b = layer.forward_layer(x).data, layer.backward_layer(x).data
    wanted = {"concat": np.concatenate([a, b], -1), "sum": a + b, "mul": a * b}
    wanted["average"] = (a + b) / 2
    np.testing.assert_allclose(layer(x).data, wanted[merge], rtol=1e-6)
    assert not np.array_equal(layer.forward_layer.x2r.W.data, layer.backward_layer.x2r.W.data)


def test_the_second_direction_has_the_options_of_the_first():
    layer = L.Bidirectional(L.LSTM(H, I, activation=lambda x: F.tanh(x), unit_forget_bias=True))
    other = layer.backward_layer
    assert other.reverse and other.activation is layer.forward_layer.activation
    assert other.x2f.b.data.tolist() == [1] * H


def test_states_go_in_and_out():
    stack = L.StackedRNN([L.LSTM(H), L.Bidirectional(L.GRU(3, return_state=True))])
    x = drawn(N, T, I)
    y, *states = stack(x)
    assert [s.shape for s in states] == [(N, H), (N, H), (N, 3), (N, 3)] and y.shape == (N, 6)
    assert stack.state_count == 4
    again, *_ = stack(x, initial_state=states)
    assert not np.allclose(again.data, y.data)
    with pytest.raises(ValueError, match="StackedRNN: expected 4 states, got 2"):
        stack(x, initial_state=states[:2])


def test_steps_through_a_stack_are_its_sequence():
    stack = L.StackedRNN([L.LSTM(H, I), L.GRU(3, H, return_state=True)], 0.5)
    x = drawn(N, T, I).astype("f4")
    with test_mode():
        for t in range(T):
            y, *states = stack(x[:, t])
        whole, *ends = stack(x)
        for a, b in zip((y, *states), (whole, *ends), strict=True):
            np.testing.assert_allclose(a.data, b.data, rtol=1e-5, atol=1e-6)
        stack.set_state(*ends)
        first = stack(x[:, 0])[0]
        stack.reset_state()
        assert stack.states() == [None] * 3
        second = stack(x[:, 0], initial_state=ends)[0]
    np.testing.assert_array_equal(first.data, second.data)


def test_dropout_lies_between_the_layers(seeded):
    stack = L.StackedRNN([L.RNN(50, I), L.RNN(H, 50)], dropout_ratio=0.5)
    x = drawn(N, T, I)
    assert not np.array_equal(stack(x).data, stack(x).data)
    with test_mode():
        assert np.array_equal(stack(x).data, stack(x).data)
    alone = L.StackedRNN([L.RNN(H, I)], dropout_ratio=0.5)
    assert np.array_equal(alone(x).data, alone(x).data)


def test_stateful_layers_inside():
    stack = L.StackedRNN([L.GRU(H, I, stateful=True), L.GRU(H, H, stateful=True)])
    x = drawn(N, T, I).astype("f4")
    stack(x[:, :2])
    parts = stack(x[:, 2:])
    stack.reset_state()
    np.testing.assert_allclose(parts.data, stack(x).data, rtol=1e-5, atol=1e-6)


def test_what_they_refuse():
    with pytest.raises(TypeError, match="Bidirectional: expected an RNN, LSTM or GRU, got Linear"):
        L.Bidirectional(L.Linear(3))
    with pytest.raises(ValueError, match="expected a layer that goes forward"):
        L.Bidirectional(L.RNN(3, reverse=True))
    with pytest.raises(ValueError, match="Bidirectional: unknown name 'add'"):
        L.Bidirectional(L.RNN(3), "add")
    both = L.Bidirectional(L.RNN(3, 2))
    with pytest.raises(ValueError, match=r"Bidirectional: expected sequences \(N, T, I\)"):
        both(np.zeros((3, 2), "f4"))
    with pytest.raises(ValueError, match="One time alone has no second direction"):
        both.set_state()
    for layers in ([], [L.Linear(3)], [L.StackedRNN([L.RNN(3)])], None, L.RNN(3)):
        with pytest.raises(TypeError, match="StackedRNN: expected a list of RNN, LSTM, GRU and"):
            L.StackedRNN(layers)
    with pytest.raises(ValueError, match="StackedRNN: expected 0 <= dropout_ratio < 1, got 1"):
        L.StackedRNN([L.RNN(3)], 1)


@pytest.mark.parametrize(
    "config",
    [
        {"layers": [{"class": "os.system", "config": {}}], "dropout_ratio": 0},
        {"layers": [{"class": "StackedRNN", "config": {}}], "dropout_ratio": 0},
        {"layers": [{"class": ["RNN"], "config": {}}], "dropout_ratio": 0},
        {"layers": [3], "dropout_ratio": 0},
        {"layers": [{"class": "RNN"}], "dropout_ratio": 0},
        {"layers": 3, "dropout_ratio": 0},
        {"layers": []},
        {"layers": [{"class": "RNN", "config": {"hidden_size": 1e9}}], "dropout_ratio": 0},
    ],
)
def test_a_damaged_configuration_is_refused(config):
    with pytest.raises(ValueError, match="build_layer: "):
        build_layer({"class": "StackedRNN", "config": config})


def test_names_inside_and_how_they_show():
    stack = L.StackedRNN([L.Bidirectional(L.LSTM(2, 3), "sum"), L.GRU(4, 2)], 0.1)
    again = build_layer(json.loads(json.dumps(layer_config(stack))))
    assert repr(again) == repr(stack)
    assert repr(stack).splitlines() == [
        "StackedRNN(dropout 0.1",
        "  layers/0: Bidirectional(LSTM 3 -> 2, sum)",
        "  layers/1: GRU(2 -> 4)",
        ")",
    ]
    paths = [path for path, _ in stack.named_params()]
    assert paths[0] == "layers/0/forward_layer/x2f/W" and "layers/1/h2u/b" in paths

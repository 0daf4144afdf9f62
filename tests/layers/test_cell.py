"""States and options that RNN, LSTM and GRU have in common."""

import copy
import pickle  # noqa: TID251 - users pickle models; the library does not

import numpy as np
import pytest

import dezero.functions as F
import dezero.layers as L
from dezero.core import Parameter
from dezero.models import Sequential
from tests.layers.test_recurrent import each_kind, times


@each_kind
def test_frozen_weights_get_no_gradient(kind):
    layer, xs = kind(4, 2), times(3)
    name = f"h2{layer.gates[0]}"
    getattr(layer, name).trainable = False
    for x in xs:
        h = layer(x)
    F.sum(h).backward()
    assert {path for path, p in layer.named_params() if p.grad is None} >= {f"{name}/W"}
    assert getattr(layer, f"x2{layer.gates[0]}").W.grad is not None
    layer.trainable = False
    layer.reset_state()
    assert layer(xs[0]).creator is None


@each_kind
def test_another_batch_size_needs_a_reset(kind):
    layer, (x, y) = kind(4), times(2)
    layer(x)
    match = rf"{kind.__name__}: expected 3 samples, as the state h \(3, 4\) .*Call reset_state\(\)"
    with pytest.raises(ValueError, match=match):
        layer(y[:2])
    layer.reset_state()
    assert layer(y[:2]).shape == (2, 4)


@each_kind
def test_a_copy_takes_the_values_of_the_state_along(kind):
    layer, xs = kind(4), times(3)
    layer(xs[0])
    twins = [copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))]  # noqa: S301
    wanted = layer(xs[1]).data
    for twin in twins:
        assert not twin.h.requires_grad and twin.h.creator is None
        np.testing.assert_array_equal(twin(xs[1]).data, wanted)


@each_kind
def test_states_are_set_and_given_back(kind):
    layer, xs = kind(4, 2, return_state=True), times(4)
    y, *states = layer(xs[0])
    assert y is states[0] and len(states) == layer.state_count
    again = layer(xs[1])
    layer.set_state(*states)
    np.testing.assert_array_equal(layer(xs[1])[0].data, again[0].data)
    np.testing.assert_array_equal(layer(xs[1], initial_state=states)[0].data, again[0].data)
    whole = layer(xs.swapaxes(0, 1)[:, 1:2], initial_state=[s.data for s in states])
    for a, b in zip(whole, again, strict=True):
        np.testing.assert_allclose(a.data, b.data, rtol=1e-5, atol=1e-6)


@each_kind
def test_states_that_are_none_are_zeros(kind):
    layer, (x, _) = kind(4, 2), times(2)
    first = layer.states()
    wanted = layer(x).data
    layer.set_state(*first)  # as they were before the first step
    np.testing.assert_array_equal(layer(x).data, wanted)
    np.testing.assert_array_equal(layer(x, initial_state=first).data, wanted)


@pytest.mark.parametrize("name", ["h", "c"])
def test_one_state_of_an_lstm_can_be_given_alone(name):
    layer, (x, y) = L.LSTM(4, 2), times(2)
    layer(x)
    kept, zeros = getattr(layer, name), np.zeros((3, 4), "f4")
    layer.set_state(*[kept if one == name else zeros for one in "hc"])
    wanted = layer(y).data
    layer.reset_state()
    setattr(layer, name, kept)
    np.testing.assert_array_equal(layer(y).data, wanted)


def test_lists_are_inputs_and_none_is_not():
    layer = L.LSTM(4, 2)
    y = layer([[1.0, 2.0]])
    assert y.shape == (1, 4) and not layer.h.creator.inputs[0].requires_grad
    with pytest.raises(TypeError, match="expected an array, .* got NoneType None"):
        layer(None)


@each_kind
def test_a_first_state_can_be_learnt(kind):
    layer, xs = kind(4, 2), times(4).swapaxes(0, 1)
    first = [Parameter(np.zeros((3, 4), "f4")) for _ in range(layer.state_count)]
    F.sum(layer(xs, initial_state=first)).backward()
    assert all(np.abs(p.grad.data).max() > 0 for p in first)


def test_wrong_states_and_inputs():
    layer, x = L.LSTM(4, 2), times(1)[0]
    with pytest.raises(ValueError, match="LSTM: expected 2 states, got 1. Give them in a list"):
        layer(x, initial_state=np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"LSTM: expected states of shape \(N, 4\), got \(3, 5\)"):
        layer.set_state(np.zeros((3, 5)), np.zeros((3, 5)))
    with pytest.raises(ValueError, match=r"LSTM: expected one time \(N, I\), or sequences.*\(3,\)"):
        layer(np.zeros(3))
    with pytest.raises(ValueError, match=r"got x \(3, 2\) float32 beside mask \(3,\) bool"):
        layer(x, mask=np.ones(3, bool))
    with pytest.raises(ValueError, match="LSTM: expected sequences .* as it reads in reverse"):
        L.LSTM(4, reverse=True)(x)
    with pytest.raises(ValueError, match=r"lstm: expected a mask of shape \(3, 5\)"):
        layer(times(5).swapaxes(0, 1), mask=np.ones((3, 4), bool))
    with pytest.raises(ValueError, match="LSTM: expected x with at least one feature"):
        L.LSTM(4)(np.zeros((3, 0)))
    with pytest.raises(ValueError, match=r"lstm_step: expected x \(N, I\)"):
        layer(np.zeros((3, 5), "f4"))
    with pytest.raises(TypeError, match="unexpected keyword argument 'hidden'"):
        L.GRU(4, hidden=3)
    for size in (0, -1):
        with pytest.raises(ValueError, match="RNN: expected hidden_size >= 1"):
            L.RNN(size)


@each_kind
def test_stateful_sequences_go_on_where_the_last_ended(kind):
    layer, xs = kind(4, 2, stateful=True, return_sequences=True), times(6).swapaxes(0, 1)
    parts = [layer(xs[:, :4]), layer(xs[:, 4:])]
    assert layer.h.creator is None  # the past is not differentiated
    layer.reset_state()
    whole = layer(xs)
    together = np.concatenate([part.data for part in parts], axis=1)
    np.testing.assert_allclose(together, whole.data, rtol=1e-5, atol=1e-6)
    step = layer(np.zeros((3, 2), "f4"))  # and steps go on from there
    assert step.shape == (3, 4)
    F.sum(whole).backward()


@each_kind
def test_padding_gives_zeros_and_keeps_the_last_state(kind):
    layer, xs = kind(4, 2, return_sequences=True, return_state=True), times(5).swapaxes(0, 1)
    lengths = np.array([5, 2, 3])
    y, h, *_ = layer(xs, mask=F.sequence_mask(lengths, 5))
    for i, length in enumerate(lengths):
        alone, end, *_ = layer(xs[i : i + 1, :length])
        np.testing.assert_allclose(y.data[i, :length], alone.data[0], rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(h.data[i], end.data[0], rtol=1e-5, atol=1e-6)
        assert not y.data[i, length:].any()


@each_kind
def test_building_and_summaries_leave_no_state(kind):
    model = Sequential(kind(4), L.Linear(1))
    model.build((2,))
    assert model[0].h is None
    x = times(1)[0]
    model(x)
    kept = model[0].states()
    model.summary((2,))
    model.build((2,))
    assert all(a is b for a, b in zip(kept, model[0].states(), strict=True))
    model.reset_state()
    assert model[0].h is None


def test_a_move_takes_the_state_along_without_its_past():
    layer, xs = L.LSTM(4), times(2)
    layer(xs[0])
    before = layer.c.data
    layer.to_cpu()
    assert layer.c.creator is None and np.array_equal(layer.c.data, before)
    assert layer(xs[1]).shape == (3, 4)


def test_how_they_show():
    assert repr(L.LSTM(4)) == "LSTM(? -> 4)"
    layer = L.LSTM(4, 2, activation="relu", return_sequences=True, reverse=True)
    assert layer.details() == "2 -> 4, activation relu, sequences, reverse"
    assert (
        L.GRU(4, 2, reset_after=False, stateful=True).details() == "2 -> 4, reset before, stateful"
    )


def test_a_function_without_a_name_cannot_be_saved():
    layer = L.LSTM(3, 2, activation=lambda x: F.tanh(x), name="top")
    with pytest.raises(TypeError, match="in layer top"):
        layer.config()

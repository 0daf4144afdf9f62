"""rnn, lstm, gru: against torch carrying the same weights, garbage in the padding, long memory."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable, no_grad

N, T, I, H = 3, 6, 2, 4  # noqa: E741
LENGTHS = np.array([4, 6, 1])


def drawn(*shapes):
    rng = np.random.default_rng(0)
    return [rng.standard_normal(shape) for shape in shapes]


def torch_weights(cell, gates):
    """Wx, Wh, b, bh of a torch module as our four lists, gates in our order."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    suffix = "_l0" if hasattr(cell, "weight_ih_l0") else ""
    values = [getattr(cell, name + suffix).detach().numpy() for name in names]
    count = len(values[0]) // cell.hidden_size
    lists = [np.split(value, count) for value in values]
    Wx, Wh, b, bh = ([part[i] for i in gates] for part in lists)
    return [w.T for w in Wx], [w.T for w in Wh], b, bh


# The places of our gates among torch's: i, f, g, o there; r, z, n.
ORDER = {"RNN": [0], "LSTM": [1, 0, 3, 2], "GRU": [0, 1, 2]}
OURS = {"RNN": F.rnn, "LSTM": F.lstm, "GRU": F.gru}


@pytest.mark.oracle
@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("name", ORDER)
def test_values_and_gradients_are_torchs(name, padded):
    torch = pytest.importorskip("torch")
    cell = getattr(torch.nn, name)(I, H, batch_first=True, dtype=torch.float64)
    x, *states = drawn((N, T, I), (N, H), (N, H), (N, T, H))
    gy, states = states.pop(), states[: 2 if name == "LSTM" else 1]
    theirs = [torch.tensor(a, requires_grad=True) for a in (x, *states)]
    h0 = tuple(a[None] for a in theirs[1:])
    xs = theirs[0]
    if padded:
        lengths = torch.tensor(LENGTHS)
        xs = torch.nn.utils.rnn.pack_padded_sequence(xs, lengths, True, enforce_sorted=False)
    out, last = cell(xs, h0 if name == "LSTM" else h0[0])
    if padded:
        out, _ = torch.nn.utils.rnn.pad_packed_sequence(out, True, total_length=T)
    last = last if name == "LSTM" else (last,)
    (out * torch.tensor(gy)).sum().add(sum((a**2).sum() for a in last)).backward()

    weights = torch_weights(cell, ORDER[name])
    parts = [[Variable(w.copy()) for w in values] for values in weights]
    ours = [Variable(a) for a in (x, *states)]
    mask = F.sequence_mask(LENGTHS, T) if padded else None
    start = ours[1:] if name == "LSTM" else ours[1]
    hs, *ends = OURS[name](ours[0], start, F.join_gates(*parts), mask=mask)
    if padded:
        hs = hs * mask[:, :, None]
    ((hs * gy).sum() + sum((a**2).sum() for a in ends)).backward()

    np.testing.assert_allclose(hs.data, out.detach().numpy(), atol=1e-12)
    for a, b in zip(ends, last, strict=True):
        np.testing.assert_allclose(a.data, b[0].detach().numpy(), atol=1e-12)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.grad.data, b.grad.numpy(), atol=1e-12)
    grads = [getattr(cell, n + "_l0").grad.numpy() for n in ("weight_ih", "weight_hh", "bias_hh")]
    for i, place in enumerate(ORDER[name]):
        for values, grad in zip((parts[0], parts[1], parts[3]), grads, strict=True):
            wanted = np.split(grad, len(ORDER[name]))[place].T
            np.testing.assert_allclose(values[i].grad.data, wanted, atol=1e-12)


def test_what_the_mask_hides_may_be_anything():
    x, h, W, mask = *drawn((N, T, I), (N, H), (1, I + H + 2, H)), F.sequence_mask(LENGTHS, T)
    dirty = np.where(mask.data[:, :, None], x, np.nan)
    for activation in ("tanh", "sigmoid"):
        results = []
        for data in (x, dirty):
            v, w = Variable(data), Variable(W)
            hs, last = F.rnn(v, h, w, mask=mask, activation=activation)
            (hs.sum() + last.sum()).backward()
            results.append((hs.data, last.data, w.grad.data, v.grad.data))
        for a, b in zip(*results, strict=True):
            np.testing.assert_array_equal(a, b)
        assert not results[1][3][~mask.data].any()


def test_the_last_state_is_that_of_the_last_time_that_counts():
    x, h, W = drawn((N, T, I), (N, H), (3, I + H + 2, H))
    hs, last = F.gru(x, h, W, mask=F.sequence_mask(LENGTHS, T))
    for i, length in enumerate(LENGTHS):
        alone, _ = F.gru(x[i : i + 1, :length], h[i : i + 1], W)
        np.testing.assert_allclose(last.data[i], alone.data[0, -1], rtol=1e-12)
        assert (hs.data[i, length - 1 :] == hs.data[i, length - 1]).all()


def test_reverse_with_padding_starts_at_the_end_of_each_sequence():
    x, h, W = drawn((N, T, I), (N, H), (1, I + H + 2, H))
    hs, last = F.rnn(x, h, W, mask=F.sequence_mask(LENGTHS, T), reverse=True)
    for i, length in enumerate(LENGTHS):
        alone, end = F.rnn(x[i : i + 1, :length][:, ::-1], h[i : i + 1], W)
        np.testing.assert_allclose(hs.data[i, :length], alone.data[0, ::-1], rtol=1e-12)
        np.testing.assert_allclose(last.data[i], end.data[0], rtol=1e-12)


def test_the_last_state_does_not_hold_the_whole_sequence():
    x, W = drawn((N, T, I), (4, I + H + 2, H))
    _, h, c = F.lstm(x, None, W)
    assert h.data.base is None and c.data.base is None


@pytest.mark.parametrize("function", [F.rnn, F.gru, F.lstm])
def test_nothing_is_recorded_under_no_grad(function):
    x, W = drawn((N, T, I), ({"rnn": 1, "gru": 3, "lstm": 4}[function.__name__], I + H + 2, H))
    with no_grad():
        assert all(y.creator is None for y in function(x, None, Variable(W)))


def test_float16_is_computed_in_float32():
    x, W = (a.astype("f2") for a in drawn((N, 40, I), (4, I + H + 2, H)))
    hs, _, _ = F.lstm(x, None, W)
    wide, _, _ = F.lstm(x.astype("f4"), None, W.astype("f4"))
    assert hs.dtype == np.float16
    np.testing.assert_array_equal(hs.data, wide.data.astype("f2"))


GATES = {F.rnn: 1, F.lstm: 4, F.gru: 3}
each_function = pytest.mark.parametrize("function", GATES)


@each_function
@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_complex_numbers_are_refused(function, activation):
    x, W = drawn((N, T, I), (GATES[function], I + H + 2, H))
    step = {F.rnn: F.rnn_step, F.lstm: F.lstm_step, F.gru: F.gru_step}[function]
    for call, value in ((function, x), (step, x[:, 0])):
        with pytest.raises(TypeError, match=r"expected real numbers, got complex128"):
            call(value + 1j, None, W, activation=activation)


@each_function
def test_long_doubles_stay_so(function):
    x, W = drawn((N, T, I), (GATES[function], I + H + 2, H))
    wanted, *_ = function(x, None, W)
    hs, *_ = function(x.astype(np.longdouble), None, W.astype(np.longdouble))
    assert hs.dtype == np.longdouble
    np.testing.assert_allclose(hs.data, wanted.data, rtol=1e-13)


def test_the_size_of_a_mask_is_an_integer():
    assert F.sequence_mask([1, 2], np.int64(3)).shape == (2, 3)
    with pytest.raises(TypeError, match=r"lengths and size, got \(2,\) int64 and size 2.5"):
        F.sequence_mask([1, 2], 2.5)

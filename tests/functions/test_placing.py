"""Arrays beside other arrays: constants are kept, mixed devices refused, wrong values shown."""

import weakref

import numpy as np
import pytest

from dezero import Variable
from dezero import functions as F
from dezero.backend import no_sync, to_host, transfers
from dezero.backend.capture import Recording, while_recording
from dezero.functions import placing
from tests.strict_device import STRICT, StrictArray, strict_device


@pytest.fixture
def there():
    with strict_device() as device:
        yield lambda values, dtype="f4": device.from_host(np.array(values, dtype))


def test_a_small_constant_is_sent_once(there):
    placing._constants.clear()
    like = there([1.0])
    with transfers() as counted:
        first = placing.kept(np.arange(3), like)
        assert placing.kept(np.arange(3), like) is first
        assert placing.kept(np.arange(3, dtype="i4"), like) is not first
    assert counted.from_host == 2
    zeros = [placing.kept(np.zeros(2, dtype), like).dtype for dtype in ("f4", "i4")]
    assert zeros == ["f4", "i4"]  # whose bytes are the same
    large = np.zeros(placing.LARGEST)
    assert placing.kept(large, like) is not placing.kept(large, like)
    host = np.arange(3)
    assert placing.kept(host, host) is host


def test_only_so_many_constants_are_kept(there, monkeypatch):
    monkeypatch.setattr(placing, "MOST", 2)
    placing._constants.clear()
    first, _, last = [placing.kept(np.array([n]), there([1.0])) for n in range(3)]
    assert len(placing._constants) == 2
    with transfers() as counted:
        assert placing.kept(np.array([2]), there([1.0])) is last
        assert placing.kept(np.array([0]), StrictArray(np.ones(1))) is not first
    assert counted.from_host == 2  # one is `there`


def test_a_captured_step_keeps_its_constants(there):
    placing._constants.clear()
    like, taken = there([1.0]), Recording(np.zeros(1))
    first = weakref.ref(placing.kept(np.arange(3), like))
    with while_recording(taken):
        placing.kept(np.arange(3), like)
    placing._constants.clear()
    assert first() is not None
    taken.let_go()
    assert first() is None


def test_lists_are_sent_and_arrays_must_be_there(there):
    like = there([1.0])
    assert type(placing.placed("f", [1, 2], like)) is StrictArray
    mine = there([2.0])
    assert placing.placed("f", Variable(mine), like) is mine
    host = np.ones(2)
    assert placing.placed("f", host, np.ones(1)) is host
    assert placing.placed("f", np.float32(1), np.ones(1)).shape == ()
    with pytest.raises(TypeError, match="f: expected arrays on one device, got strict and numpy"):
        placing.placed("f", host, like)
    with pytest.raises(TypeError, match="f: expected arrays on one device, got numpy and strict"):
        placing.placed("f", like, host)


MIXED = {
    "embed_id": lambda x: F.embed_id(np.array([0]), x),
    "get_item": lambda x: x[np.array([0])],
    "take_along_axis": lambda x: F.take_along_axis(x, np.array([[0], [0]])),
    "batch_norm": lambda x: F.batch_norm(x, mask=np.ones(2, bool)),
    "softmax_cross_entropy": lambda x: F.softmax_cross_entropy(
        x, STRICT.from_host(np.array([0, 1])), class_weight=np.ones(2)
    ),
    "add": lambda x: x + np.ones((2, 2)),
    "mean_squared_error": lambda x: F.mean_squared_error(x, np.ones((2, 2))),
}


@pytest.mark.parametrize("name", MIXED)
def test_mixed_devices_are_named(name, there):
    x = Variable(there([[1, 2], [3, 4]]))
    with pytest.raises(TypeError, match=f"{name}: expected .*one device, got .*(strict|numpy) and"):
        MIXED[name](x)


LOGITS = [[0.5, 2.0, 0.25], [1.0, 0.0, 0.5], [0.2, 0.3, 0.5]]
SHARES = [[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [1.2, -0.1, -0.1]]  # the last row is none
LABELS = [0, 2, 3]  # the last is no class
SHOWN = {
    "softmax_cross_entropy": lambda x, p, t: F.softmax_cross_entropy(x, t, reduction="none"),
    "smoothed": lambda x, p, t: F.softmax_cross_entropy(
        x, t, label_smoothing=0.1, ignore_label=2, reduction="none"
    ),
    "categorical_cross_entropy": lambda x, p, t: F.categorical_cross_entropy(
        abs(x) / 10, t, reduction="none"
    ),
    "generalized": lambda x, p, t: F.generalized_cross_entropy(abs(x) / 10, t, reduction="none"),
    "embed_id": lambda x, p, t: F.embed_id(t, x).sum(axis=1),
    "one_hot": lambda x, p, t: F.one_hot(t, 3).sum(axis=1) + x[:, 0] * 0,
    "binary_cross_entropy": lambda x, p, t: F.binary_cross_entropy(
        p, xp_ones(p), reduction="none"
    ).sum(axis=1),
    "kl_divergence": lambda x, p, t: F.kl_divergence(p, p.detach(), reduction="none"),
    "focal": lambda x, p, t: F.categorical_focal_cross_entropy(p, p.detach(), reduction="none"),
    "hinge": lambda x, p, t: F.hinge(
        x[:, 0], (1.0 - 2.0 * (t == 3)) * (1 + (t == 3)), reduction="none"
    ),
}


def xp_ones(p):
    return Variable(p.data * 0 + 1)


@pytest.mark.parametrize("name", SHOWN)
def test_a_wrong_value_on_a_device_shows_as_nan(name, there):
    x, p = Variable(there(LOGITS)), Variable(there(SHARES))
    t = there(LABELS, "i8")
    with no_sync():
        y = SHOWN[name](x, p, t)
        y.sum().backward()
    assert np.isnan(to_host(y.data)).tolist() == [False, False, True]
    source = x if x.grad is not None else p
    gradient = to_host(source.grad.data)
    if name not in ("embed_id", "one_hot"):
        assert np.isnan(gradient).any(axis=1)[2]
        assert not np.isnan(gradient[:2]).any()


def test_the_simple_form_shows_it_too(there):
    y = F.softmax_cross_entropy_simple(there(LOGITS), there([0, 2, -1], "i8"))
    assert np.isnan(float(y))
    assert np.isnan(float(F.softmax_cross_entropy(there(LOGITS), there([0, 2, 3], "i8"))))


@pytest.mark.parametrize("counts", [(3, 2), (1, 1), (0, 0)])
def test_masked_batch_norm_counts_on_the_device(counts, there):
    mask = np.arange(3) < np.array(counts)[:, None]
    x = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("f4")
    found = []
    for move in (np.array, lambda a: there(a, a.dtype)):
        mean, var = move(np.zeros(2, "f4")), move(np.ones(2, "f4"))
        with no_sync():
            y = F.batch_norm(
                Variable(move(x)), mean=mean, var=var, mask=move(mask), layout="NLC", train=True
            )
        found.append([to_host(v) for v in (y.data, mean, var)])
    for a, b in zip(*found, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_sequence_mask_with_a_size_does_not_look(there):
    lengths = there([0, 2], "i8")
    with no_sync():
        mask = F.sequence_mask(lengths, 3)
    assert to_host(mask.data).tolist() == [[False] * 3, [True, True, False]]


@pytest.mark.parametrize("func", [F.layer_norm, F.batch_norm, F.linear])
def test_weights_of_another_device_are_named(there, func):
    # Of the host's compilers, too, which have errors of their own.
    x, W = np.ones((3, 3), "f4"), np.ones((3, 3) if func is F.linear else 3, "f4")
    for pair in ((x, there(W)), (there(x), W)):
        with pytest.raises(TypeError, match="expected arrays on one device, got .*strict"):
            func(*pair, pair[1][0] if func is F.linear else pair[1])

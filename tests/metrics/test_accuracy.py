"""Accuracies: values, the choice by shape, weights, ties, devices, every kind of bad label."""

import timeit

import numpy as np
import pytest

from dezero.core import Variable
from dezero.metrics import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopK,
    TopK,
)
from tests.strict_device import strict_device

Y = np.array([[0.1, 0.7, 0.2], [0.5, 0.3, 0.2], [0.2, 0.3, 0.5], [0.4, 0.35, 0.25]], np.float32)
LABELS = np.array([1, 0, 0, 2])  # right, right, wrong, wrong
ONE_HOT = np.eye(3, dtype=np.float32)[LABELS]
P = np.array([0.9, 0.2, 0.6, 0.5], np.float32)
BITS = np.array([1, 0, 0, 1])  # right, right, wrong, wrong (0.5 is not above 0.5)


def one(metric, y, t, weight=None):
    metric.update(y, t, weight)
    return metric.result()


def sequences(y, t):
    """The same samples as (2, 2, ...) sequences."""
    return y.reshape(2, 2, *y.shape[1:]), t.reshape(2, 2, *t.shape[1:])


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "y", "t"),
        [
            (Accuracy, Y, LABELS),
            (Accuracy, Y, ONE_HOT),
            (Accuracy, P, BITS),
            (Accuracy, P.reshape(-1, 1), BITS.reshape(-1, 1)),
            (Accuracy, P.reshape(-1, 1), BITS),
            (BinaryAccuracy, P.reshape(-1, 1), BITS),
            (SparseCategoricalAccuracy, Y, LABELS),
            (CategoricalAccuracy, Y, ONE_HOT),
            (BinaryAccuracy, P, BITS),
        ],
    )
    def test_half_are_right(self, kind, y, t):
        assert one(kind(), y, t) == 0.5
        assert one(kind(), Variable(y), Variable(t)) == 0.5
        assert one(kind(), y.tolist(), t.tolist()) == 0.5
        assert one(kind(), *sequences(y, t)) == 0.5
        assert one(kind(), y, t, [3, 1, 1, 1]) == pytest.approx(4 / 6)
        assert one(kind(), y, t, np.array([0, 0, 1, 0])) == 0.0
        assert one(kind(), y[::-2], t[::-2]) == 0.5
        metric = kind()
        for k in range(4):
            metric.update(y[k : k + 1], t[k : k + 1])
        assert metric.result() == 0.5
        metric.reset()
        assert one(metric, y[:2], t[:2]) == 1.0

    @pytest.mark.parametrize("kind", [Accuracy, SparseCategoricalAccuracy])
    @pytest.mark.parametrize(
        "dtype", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", ">i4", ">u2", "i"]
    )
    def test_label_dtypes(self, kind, dtype):
        assert one(kind(), Y, LABELS.astype(dtype)) == 0.5

    def test_boolean_labels(self):
        y = np.array([[0.9, 0.1], [0.2, 0.8]])
        assert one(Accuracy(), y, np.array([False, False])) == 0.5
        assert one(Accuracy(), P, BITS.astype(bool)) == 0.5

    def test_threshold(self):
        logits = np.array([-3.0, 0.2, 2.0])
        assert one(BinaryAccuracy(0.0), logits, [0, 1, 1]) == 1.0
        assert one(BinaryAccuracy(), logits, [0, 1, 1]) == pytest.approx(2 / 3)

    def test_soft_targets(self):
        assert one(CategoricalAccuracy(), Y[:2], [[0.2, 0.5, 0.3], [0.1, 0.6, 0.3]]) == 0.5

    def test_read_only_inputs_stay_as_they_are(self):
        y, t = Y.copy(), LABELS.copy()
        y.setflags(write=False)
        t.setflags(write=False)
        assert one(Accuracy(), y, t) == 0.5

    def test_weights_per_step(self):
        y, t = sequences(Y, LABELS)
        assert one(Accuracy(), y, t, [[1, 0], [1, 0]]) == 0.5
        assert one(Accuracy(), y, t, [[1, 1], [0, 0]]) == 1.0
        assert one(Accuracy(), y, t, [3, 1]) == 0.75


class TestTopK:
    def test_values(self):
        assert [one(TopK(k), Y, LABELS) for k in (1, 2, 3)] == [0.5, 0.5, 1.0]
        assert [one(TopK(k), Y, ONE_HOT) for k in (1, 2, 3)] == [0.5, 0.5, 1.0]
        assert [one(SparseTopK(k), Y, LABELS) for k in (1, 2, 3)] == [0.5, 0.5, 1.0]
        assert one(TopK(2), *sequences(Y, LABELS)) == 0.5
        assert one(TopK(2), Y, LABELS, [1, 1, 2, 0]) == 0.5

    def test_against_sorting(self):
        rng = np.random.default_rng(0)
        y, t = rng.standard_normal((200, 7)), rng.integers(0, 7, 200)
        order = np.argsort(-y, axis=1)
        for k in range(1, 8):
            expected = (order[:, :k] == t[:, None]).any(axis=1).mean()
            assert one(TopK(k), y, t) == pytest.approx(expected)

    def test_ties_go_to_the_first_as_in_argmax(self):
        y = np.zeros((4, 4))
        t = np.arange(4)
        assert [one(TopK(k), y, t) for k in (1, 2, 3, 4)] == [0.25, 0.5, 0.75, 1.0]
        rng = np.random.default_rng(0)
        y, t = rng.integers(0, 3, (300, 5)).astype(float), rng.integers(0, 5, 300)
        assert one(TopK(1), y, t) == one(Accuracy(), y, t)

    def test_two_classes_as_booleans(self):
        assert one(TopK(1), np.eye(2), np.array([False, True])) == 1.0

    def test_nan_is_no_hit(self):
        assert one(TopK(2), np.full((3, 3), np.nan), [0, 1, 2]) == 0.0
        assert one(TopK(1), np.array([[np.nan, 1.0]]), [1]) == 0.0

    def test_refused(self):
        for bad in (2.5, True, "2"):
            with pytest.raises(TypeError, match=f"TopK: expected an integer k, got {bad!r}"):
                TopK(bad)
        with pytest.raises(ValueError, match="TopK: expected k >= 1, got 0"):
            TopK(0)
        with pytest.raises(
            ValueError, match=r"top_k: expected at least k=5 classes, got y \(4, 3\)"
        ):
            TopK().update(Y, LABELS)
        with pytest.raises(ValueError, match="top_k: expected labels from 0 to 2, got 3"):
            TopK(2).update(Y, LABELS + 1)
        with pytest.raises(
            ValueError, match=r"sparse_top_k: expected y \(N, ..., C\) and class lab"
        ):
            SparseTopK(2).update(Y, ONE_HOT)
        with pytest.raises(ValueError, match="top_k: expected at least one sample"):
            TopK(2).update(Y[:0], LABELS[:0])


class TestRefused:
    @pytest.mark.parametrize("kind", [Accuracy, SparseCategoricalAccuracy])
    @pytest.mark.parametrize(
        ("labels", "bad"),
        [([0, 1, 2, 3], 3), ([0, -1, 1, 1], -1), ([0, -5, 9, 1], -5), ([0, 0, 0, 300], 300)],
    )
    @pytest.mark.parametrize("dtype", ["i8", "i2", ">i4"])
    def test_labels_out_of_range(self, kind, labels, bad, dtype):
        with pytest.raises(ValueError, match=f"accuracy: expected labels from 0 to 2, got {bad}. "):
            kind().update(Y, np.array(labels, dtype))

    @pytest.mark.parametrize("kind", [Accuracy, SparseCategoricalAccuracy])
    def test_float_labels(self, kind):
        with pytest.raises(
            TypeError, match=r"accuracy: expected integer class labels, got t \(4,\) fl"
        ):
            kind().update(Y, LABELS.astype(float))

    @pytest.mark.parametrize(
        ("kind", "y", "t", "message"),
        [
            (Accuracy, Y, LABELS.reshape(-1, 1), r"one-hot t .* y \(4, 3\) .* t \(4, 1\) int64"),
            (Accuracy, Y, LABELS[:3], r"class labels t .* y \(4, 3\) float32 and t \(3,\) int64"),
            (Accuracy, Y, ONE_HOT[:, :2], r"one-hot t of one shape .* t \(4, 2\) float32"),
            (Accuracy, P.reshape(2, 2, 1), BITS, r"y \(2, 2, 1\) float32 and t \(4,\) int64. Res"),
            (Accuracy, P, BITS.reshape(-1, 1), r"got y \(4,\) float32 and t \(4, 1\) int64. Res"),
            (Accuracy, P, LABELS, r"targets of 0 and 1, got t \(4,\) int64 from 0 to 2"),
            (Accuracy, P, BITS * 2 - 1, "targets of 0 and 1, got t .* from -1 to 1. Map"),
            (Accuracy, P, BITS + 0.5, "targets of 0 and 1, got t .* from 0.5 to 1.5. Map"),
            (SparseCategoricalAccuracy, Y, LABELS.reshape(-1, 1), r"Use t.reshape\(-1\) for"),
            (SparseCategoricalAccuracy, Y, ONE_HOT, "class labels"),
            (CategoricalAccuracy, Y, LABELS, "Use t.reshape.* for class labels"),
            (CategoricalAccuracy, np.float32(1), np.float32(1), "of one shape"),
            (CategoricalAccuracy, LABELS, LABELS, "of one shape"),
            (BinaryAccuracy, P, BITS.reshape(-1, 1), "of one shape"),
        ],
    )  # fmt: skip
    def test_shapes(self, kind, y, t, message):
        with pytest.raises(ValueError, match=f"{kind.default_name}: expected .*{message}"):
            kind().update(y, t)

    @pytest.mark.parametrize(
        ("kind", "y", "t"),
        [
            (Accuracy, Y[:0], LABELS[:0]),
            (Accuracy, Y[:0], ONE_HOT[:0]),
            (Accuracy, P[:0], BITS[:0]),
            (CategoricalAccuracy, Y[:, :0], ONE_HOT[:, :0]),
        ],
    )
    def test_empty(self, kind, y, t):
        with pytest.raises(ValueError, match="accuracy: expected at least one sample, got"):
            kind().update(y, t)

    def test_name_in_errors(self):
        with pytest.raises(ValueError, match="val_acc: expected labels from 0 to 2"):
            Accuracy("val_acc").update(Y, LABELS + 1)

    def test_weights(self):
        with pytest.raises(
            ValueError, match=r"accuracy: expected one weight per sample, \(4,\), got \(3,"
        ):
            Accuracy().update(Y, LABELS, [1, 2, 3])

    def test_a_refused_batch_is_not_counted(self):
        metric = Accuracy()
        metric.update(Y, LABELS)
        with pytest.raises(ValueError, match="labels from 0 to 2"):
            metric.update(Y, LABELS + 1)
        assert metric.result() == 0.5


@pytest.mark.parametrize(
    ("metric", "y", "t"),
    [
        (Accuracy(), Y, LABELS),
        (Accuracy(), Y, ONE_HOT),
        (Accuracy(), P, BITS),
        (BinaryAccuracy(0.3), P, BITS),
        (CategoricalAccuracy(), Y, ONE_HOT),
        (SparseCategoricalAccuracy(), Y, LABELS),
        (TopK(2), Y, LABELS),
        (TopK(2), Y, ONE_HOT),
        (SparseTopK(2), Y, LABELS),
    ],
    ids=repr,
)
def test_device(metric, y, t):
    weight = np.array([1.0, 2.0, 3.0, 4.0])
    expected = []
    for w in (None, weight):
        metric.reset()
        expected.append(one(metric, y, t, w))
    with strict_device() as device:
        for w, value in zip((None, device.from_host(weight)), expected, strict=True):
            metric.reset()
            got = one(metric, device.from_host(y), device.from_host(t), w)
            assert isinstance(got, float) and got == value


def test_update_is_cheap():
    """Each training step pays for it: a few array calls, far below the step itself."""
    y, t = np.tile(Y, (8, 3)), np.tile(LABELS, 8)
    metric = Accuracy()
    update = min(timeit.repeat(lambda: metric.update(y, t), number=500, repeat=7))
    argmax = min(timeit.repeat(lambda: y.argmax(1), number=500, repeat=7))
    assert update < 25 * argmax


@pytest.mark.oracle
class TestOracles:
    def test_torch_topk(self):
        torch = pytest.importorskip("torch")
        rng = np.random.default_rng(4)
        y, t = rng.standard_normal((300, 20)), rng.integers(0, 20, 300)
        for k in (1, 3, 10):
            top = torch.topk(torch.tensor(y), k).indices
            expected = (top == torch.tensor(t)[:, None]).any(1).double().mean().item()
            assert one(TopK(k), y, t) == pytest.approx(expected)

    def test_keras(self):
        keras = pytest.importorskip("keras")
        pairs = [
            (keras.metrics.SparseCategoricalAccuracy(), SparseCategoricalAccuracy(), Y, LABELS),
            (keras.metrics.CategoricalAccuracy(), CategoricalAccuracy(), Y, ONE_HOT),
            (keras.metrics.BinaryAccuracy(), BinaryAccuracy(), P, BITS),
            (keras.metrics.SparseTopKCategoricalAccuracy(2), SparseTopK(2), Y, LABELS),
        ]
        for theirs, ours, y, t in pairs:
            for weight in (None, np.array([1.0, 2.0, 3.0, 4.0])):
                theirs.reset_state()
                ours.reset()
                theirs.update_state(t, y, weight)
                assert one(ours, y, t, weight) == pytest.approx(float(theirs.result()))

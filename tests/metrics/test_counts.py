"""Confusion matrices, precision, recall and F1: values, averages, weights, refusals."""

import numpy as np
import pytest

from dezero.core import Variable
from dezero.metrics import F1, ConfusionMatrix, CountRatio, Precision, Recall, confusion_matrix
from tests.strict_device import strict_device

TRUE = np.array([0, 0, 0, 1, 1, 2])
TAKEN = np.array([0, 1, 0, 1, 1, 0])
SCORES = np.eye(3, dtype=np.float32)[TAKEN]
MATRIX = np.array([[2, 1, 0], [0, 2, 0], [1, 0, 0]])

P = np.array([0.9, 0.8, 0.3, 0.6, 0.1])
BITS = np.array([1, 0, 1, 1, 0])  # TP 2, FP 1, FN 1, TN 1


def one(metric, y, t, weight=None):
    metric.update(y, t, weight)
    return metric.result()


class TestConfusionMatrix:
    @pytest.mark.parametrize(
        "y", [SCORES, Variable(SCORES), TAKEN, TAKEN.tolist(), TAKEN.astype("u1")]
    )
    def test_values(self, y):
        matrix = confusion_matrix(y, TRUE)
        assert matrix.dtype == np.int64
        np.testing.assert_array_equal(matrix, MATRIX)
        np.testing.assert_array_equal(one(ConfusionMatrix(3), y, TRUE), MATRIX)

    def test_one_hot_and_sequences(self):
        np.testing.assert_array_equal(confusion_matrix(SCORES, np.eye(3)[TRUE]), MATRIX)
        np.testing.assert_array_equal(
            confusion_matrix(SCORES.reshape(2, 3, 3), TRUE.reshape(2, 3)), MATRIX
        )
        np.testing.assert_array_equal(
            confusion_matrix(TAKEN.reshape(2, 3), TRUE.reshape(2, 3)), MATRIX
        )

    def test_batches(self):
        metric = ConfusionMatrix()
        metric.update(TAKEN[:3], TRUE[:3])
        assert metric.result().shape == (2, 2)
        metric.update(TAKEN[3:], TRUE[3:])
        result = metric.result()
        np.testing.assert_array_equal(result, MATRIX)
        result[:] = 0
        np.testing.assert_array_equal(metric.result(), MATRIX)
        metric.reset()
        assert metric.result().shape == (0, 0)

    def test_num_classes(self):
        matrix = confusion_matrix(TAKEN, TRUE, 5)
        assert matrix.shape == (5, 5) and matrix.sum() == 6
        assert ConfusionMatrix(4).result().shape == (4, 4)

    def test_weights(self):
        matrix = one(ConfusionMatrix(), SCORES, TRUE, [0.5, 1, 0, 0, 2, 0])
        np.testing.assert_array_equal(matrix, [[0.5, 1, 0], [0, 2, 0], [0, 0, 0]])
        matrix = one(ConfusionMatrix(), TAKEN.reshape(2, 3), TRUE.reshape(2, 3), [1, 0])
        assert matrix.sum() == 3

    def test_device(self):
        with strict_device() as device:
            for y in (SCORES, TAKEN):
                matrix = confusion_matrix(device.from_host(y), device.from_host(TRUE))
                assert type(matrix) is np.ndarray
                np.testing.assert_array_equal(matrix, MATRIX)

    @pytest.mark.parametrize(
        ("y", "t", "message"),
        [
            (TAKEN, TRUE + 1, "expected labels from 0 to 2, got 0 to 3"),
            (TAKEN - 1, TRUE, "expected labels from 0 to 2, got -1 to 2"),
            (SCORES, TRUE + 1, "expected labels from 0 to 2, got 3"),
            (SCORES, TRUE[:3], "expected y .* and class labels t"),
            (SCORES[:, :2], TRUE % 2, r"expected scores of 3 classes, got y \(6, 2\)"),
            (TAKEN[:0], TRUE[:0], "expected at least one sample"),
            (SCORES[:0], TRUE[:0], "expected at least one sample"),
        ],
    )
    def test_refused(self, y, t, message):
        with pytest.raises(ValueError, match=f"confusion_matrix: {message}"):
            confusion_matrix(y, t, 3)

    def test_labels_below_zero_without_num_classes(self):
        with pytest.raises(ValueError, match="expected labels from 0 to 2, got -1 to 2"):
            confusion_matrix(TAKEN - 1, TRUE)

    @pytest.mark.parametrize(
        ("y", "t", "message"),
        [
            (np.array([0, 10**9]), np.array([0, 1]), "expected labels from 0 to 16383, got 0 to 1"),
            (np.zeros((1, 16385)), np.array([0]), "expected scores of at most 16384 classes"),
        ],
    )
    def test_too_many_classes_for_a_matrix(self, y, t, message):
        with pytest.raises(ValueError, match=f"confusion_matrix: {message}"):
            confusion_matrix(y, t)

    @pytest.mark.parametrize("kind", [ConfusionMatrix, Precision, Recall, F1])
    def test_number_of_classes(self, kind):
        for bad in (0, -1, 16385, 10**12):
            with pytest.raises(ValueError, match=f"{kind.__name__}: expected num_classes from 1 "):
                kind(num_classes=bad)
        for bad in (True, 3.0, "3"):
            with pytest.raises(TypeError, match=f"{kind.__name__}: expected an integer as num_cl"):
                kind(num_classes=bad)
        assert kind(num_classes=np.int64(3)).num_classes == 3

    def test_weights_of_another_shape(self):
        with pytest.raises(ValueError, match=r"expected one weight per sample, \(6,\), got \(2,\)"):
            ConfusionMatrix().update(TAKEN, TRUE, [1, 2])


class TestBinary:
    def test_values(self):
        assert one(Precision(), P, BITS) == 2 / 3
        assert one(Recall(), P, BITS) == 2 / 3
        assert one(F1(), P, BITS) == 2 / 3
        assert one(Precision(0.85), P, BITS) == 1.0
        assert one(Recall(0.85), P, BITS) == 1 / 3
        assert one(F1(0.85), P, BITS) == 0.5

    @pytest.mark.parametrize("dtype", [bool, np.float32, np.uint8])
    def test_forms(self, dtype):
        assert one(Recall(0.85), P.reshape(-1, 1), BITS.astype(dtype).reshape(-1, 1)) == 1 / 3
        assert one(Recall(0.85), P.reshape(-1, 1), BITS.astype(dtype)) == 1 / 3
        assert one(Recall(0.85), Variable(P), BITS.astype(dtype)) == 1 / 3

    def test_logits_and_many_labels(self):
        y = np.array([[2.0, -1.0], [-3.0, 0.5]])
        assert one(Precision(0.0), y, np.array([[1, 1], [0, 0]])) == 0.5

    def test_weights_and_batches(self):
        metric = Precision()
        metric.update(P, BITS, [3, 1, 1, 1, 1])
        assert metric.result() == 0.8
        metric.update(P, BITS)
        assert metric.result() == 6 / 8
        metric.reset()
        assert one(metric, P, BITS) == 2 / 3

    @pytest.mark.parametrize("kind", [Precision, Recall, F1])
    def test_nothing_below_the_line_is_zero(self, kind):
        assert kind().result() == 0.0
        assert one(kind(), np.zeros(3), np.zeros(3)) == 0.0
        assert kind(average="macro").result() == kind(average="weighted").result() == 0.0

    def test_labels_of_a_device_are_read_with_their_weights(self):
        weight = np.array([3.0, 1, 1, 1, 0, 1])
        expected = one(ConfusionMatrix(), TAKEN, TRUE, weight)
        with strict_device() as device:
            y, t, w = map(device.from_host, (TAKEN, TRUE, weight))
            assert one(ConfusionMatrix(), y, t, w).tolist() == expected.tolist()

    def test_device(self):
        with strict_device() as device:
            y, t = device.from_host(P), device.from_host(BITS)
            assert one(F1(0.85), y, t) == 0.5
            assert one(Precision(), y, t, device.from_host(np.array([3, 1, 1, 1, 1]))) == 0.8

    @pytest.mark.parametrize(
        ("y", "t", "message"),
        [
            (
                SCORES,
                TRUE,
                r"got y \(6, 3\) float32 and t \(6,\) int64. For classes use Precision\(avera",
            ),
            (P, BITS.reshape(-1, 1), r"expected y and t of one shape, got y \(5,\)"),
            (P, BITS + 1, "expected targets of 0 and 1"),
            (P[:0], BITS[:0], "expected at least one sample"),
        ],
    )
    def test_refused(self, y, t, message):
        with pytest.raises(ValueError, match=f"precision: .*{message}"):
            Precision().update(y, t)


class TestClasses:
    # From MATRIX by hand: precision 2/3, 2/3, 0; recall 2/3, 1, 0; F1 2/3, 4/5, 0.
    @pytest.mark.parametrize(
        ("kind", "macro", "weighted"),
        [
            (Precision, (2 / 3 + 2 / 3) / 3, (3 * 2 / 3 + 2 * 2 / 3) / 6),
            (Recall, (2 / 3 + 1) / 3, (3 * 2 / 3 + 2 * 1) / 6),
            (F1, (2 / 3 + 4 / 5) / 3, (3 * 2 / 3 + 2 * 4 / 5) / 6),
        ],
    )
    @pytest.mark.parametrize("y", [SCORES, TAKEN])
    def test_values(self, kind, macro, weighted, y):
        assert one(kind(average="macro"), y, TRUE) == pytest.approx(macro)
        assert one(kind(average="weighted"), y, TRUE) == pytest.approx(weighted)
        assert one(kind(average="micro"), y, TRUE) == pytest.approx(4 / 6)
        metric = kind(average="macro", num_classes=3)
        for k in range(6):
            metric.update(y[k : k + 1], TRUE[k : k + 1])
        assert metric.result() == pytest.approx(macro)
        metric.reset()
        assert one(metric, y, TRUE) == pytest.approx(macro)

    def test_declared_classes_that_never_occur(self):
        assert one(Recall(average="macro", num_classes=4), TAKEN, TRUE) == pytest.approx(5 / 12)

    def test_refused(self):
        with pytest.raises(ValueError, match="F1: expected average to be one of .*, got 'mean'"):
            F1(average="mean")
        with pytest.raises(ValueError, match="recall: expected labels from 0 to 2, got 3"):
            Recall(average="macro").update(SCORES, TRUE + 1)

    def test_ratio_must_be_written(self):
        with pytest.raises(NotImplementedError, match="CountRatio: expected a method ratio"):
            CountRatio().result()

    def test_against_a_definition(self):
        rng = np.random.default_rng(1)
        y, t = rng.integers(0, 5, 400), rng.integers(0, 5, 400)
        f1 = []
        for c in range(5):
            tp = np.sum((y == c) & (t == c))
            precision, recall = tp / np.sum(y == c), tp / np.sum(t == c)
            f1.append(2 * precision * recall / (precision + recall))
        assert one(F1(average="macro"), y, t) == pytest.approx(np.mean(f1))

"""Sequence: a data set of one's own."""

import pytest

from dezero.keras.utils import PyDataset, Sequence
from tests.keras.toys import T, X, net, same, weights

pytestmark = pytest.mark.usefixtures("seeded")


class Batches(Sequence):
    """Without super().__init__() and on_epoch_end, as in many scripts."""

    def __init__(self, size):
        self.size = size

    def __len__(self):
        return 60 // self.size

    def __getitem__(self, index):
        rows = slice(index * self.size, (index + 1) * self.size)
        return X[rows], T[rows]


def test_fit_evaluate_and_predict():
    ours, theirs = net(metrics=["accuracy"]), net(metrics=["accuracy"])
    ours.fit(Batches(20), epochs=2, shuffle=False, verbose=0, validation_data=Batches(30))
    theirs.fit(X, T, 20, 2, 0, shuffle=False)
    assert same(weights(ours), weights(theirs))
    assert ours.evaluate(Batches(30), verbose=0) == pytest.approx(ours.evaluate(X, T, verbose=0))
    assert ours.predict(Batches(6), verbose=0).shape == (60, 3)
    assert len(list(Batches(20))) == Batches(20).num_batches == 3


def test_what_a_subclass_must_write():
    assert PyDataset is Sequence and Sequence(workers=4).workers == 4
    with pytest.raises(NotImplementedError, match="Sequence: expected __len__, batches in"):
        len(Sequence())
    with pytest.raises(NotImplementedError, match=r"Sequence: expected __getitem__\(index\), a b"):
        Sequence()[0]

"""Objects that give whole batches by their number."""

import numpy as np
import pytest

from dezero.training.sequences import SequenceBatches, is_sequence
from tests.training.toys import T, X, net, same, trained, weights

pytestmark = pytest.mark.usefixtures("seeded")


class Batches:
    """As a subclass of Keras's Sequence: no __iter__."""

    def __init__(self, size=20):
        self.size, self.ended, self.asked = size, 0, []

    def __len__(self):
        return 60 // self.size

    def __getitem__(self, i):
        self.asked.append(i)
        rows = slice(i * self.size, (i + 1) * self.size)
        return X[rows], T[rows]

    def on_epoch_end(self):
        self.ended += 1


def test_is_sequence():
    assert is_sequence(Batches()) and not is_sequence([X]) and not is_sequence(X)


def test_fit_takes_each_batch_once_an_epoch():
    source = Batches()
    model = trained(x=source, t=None, batch_size=None, shuffle=False)
    assert source.asked == [0, 1, 2] * 2 and source.ended == 2
    assert same(weights(model), weights(trained(batch_size=20, shuffle=False)))


def test_shuffling_draws_an_order_of_batches():
    source = Batches(2)
    trained(x=source, t=None, batch_size=None)
    first, second = source.asked[:30], source.asked[30:]
    assert sorted(first) == sorted(second) == list(range(30)) and first != second


@pytest.mark.parametrize("from_start", [True, False])
def test_steps(from_start):
    source = Batches()
    options = {"shuffle": False, "from_start": from_start}
    batches = SequenceBatches(source, 2, lambda batch: batch, **options)
    assert len(batches) == 2
    for _ in range(3):
        assert len(list(batches)) == 2
    assert source.asked == ([0, 1] * 3 if from_start else [0, 1, 2, 0, 1, 2])
    assert source.ended == (0 if from_start else 2)


def test_validation_evaluate_and_predict():
    source, model = Batches(), net(metrics="accuracy")
    figures = model.evaluate(source, verbose=0)
    assert figures == pytest.approx(model.evaluate(X, T, verbose=0))
    np.testing.assert_allclose(model.predict(source), model.predict(X), rtol=1e-6)
    history = model.fit(X, T, validation_data=source, validation_batch_size=7, verbose=0).history
    assert history["val_accuracy"] == [model.evaluate(X, T, verbose=0)[1]]


def test_no_batches():
    with pytest.raises(ValueError, match="fit: expected batches in epoch 1, got none"):
        net().fit(Batches(100), verbose=0)
    with pytest.raises(TypeError, match="fit: expected no y and batch_size beside a Batches"):
        net().fit(Batches(), T, batch_size=3)

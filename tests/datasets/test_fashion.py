"""load_fashion: the real pictures where they are, else drawn ones, and it says so."""

import numpy as np
import pytest

from dezero.datasets import DataNotFound, FashionMNIST, SyntheticFashion, load_fashion, mnist
from dezero.transforms import Normalize

LINE = "Fashion-MNIST was neither found nor reachable: training on synthetic garments.\n"


@pytest.fixture
def nowhere(monkeypatch):
    """The real data is not to be had."""

    def load(*_):
        raise DataNotFound("FashionMNIST: expected it somewhere, got nothing. Look elsewhere.")

    monkeypatch.setattr(mnist, "load", load)


@pytest.fixture
def here(monkeypatch):
    """Small arrays in place of the real data; the list holds the folders asked for."""
    roots = []

    def load(collection, train, root, download):
        roots.append(root)
        count = 60 if train else 10
        return np.full((count, 28, 28), 255, np.uint8), np.arange(count, dtype=np.uint8) % 10

    monkeypatch.setattr(mnist, "load", load)
    return roots


def test_without_the_real_pictures_drawn_ones_come_with_a_word(nowhere, capsys):
    train, test = load_fashion(size=60)
    assert capsys.readouterr().out == LINE
    assert type(train) is type(test) is SyntheticFashion and (len(train), len(test)) == (60, 10)
    assert train.train and not test.train
    assert train.title == "Drawn garments (synthetic)"


def test_who_asks_for_drawn_ones_is_told_nothing(capsys):
    train, test = load_fashion("synthetic", Normalize(0.0, 255.0), size=12)
    assert capsys.readouterr().out == "" and type(train) is SyntheticFashion
    x, t = train[:]
    assert x.shape == (12, 1, 28, 28) and x.dtype == np.float32 and len(t) == 12


def test_the_real_ones_where_they_are(here, capsys, tmp_path):
    for where in ("auto", "real", tmp_path):
        train, test = load_fashion(where)
        assert type(train) is FashionMNIST and (len(train), len(test)) == (60, 10)
        assert train.title == "Fashion-MNIST" and train[0][0].shape == (784,)
    assert here == [None, None, None, None, tmp_path, tmp_path]
    train, test = load_fashion(size=30)
    assert (len(train), len(test)) == (30, 5) and train[:][0].shape == (30, 784)
    assert capsys.readouterr().out == ""


def test_what_cannot_be_had_raises(nowhere, tmp_path):
    for where in ("real", tmp_path):
        with pytest.raises(DataNotFound, match="expected it somewhere"):
            load_fashion(where)
    with pytest.raises(ValueError, match="load_fashion: expected size >= 6, got 5"):
        load_fashion(size=5)

"""Published tables; the data sets' own tests read them through."""

import numpy as np

from dezero.keras.datasets import tables


def test_the_published_file_is_asked_for(tmp_path, monkeypatch):
    np.savez(tmp_path / "t.npz", x=np.arange(10.0), y=np.arange(10))
    asked = []

    def get_file(path, origin, file_hash):
        asked.append((path, origin, file_hash))
        return str(tmp_path / "t.npz")

    monkeypatch.setattr(tables, "get_file", get_file)
    train, test = tables.loaded_table("mine.npz", "t.npz", "ab", test_split=0.3, seed=1, most=5)
    assert asked == [("mine.npz", tables.PUBLISHED + "t.npz", "ab")]
    assert sorted([*train[1], *test[1]]) == [0, 1, 2, 3, 4] and len(test[0]) == 2

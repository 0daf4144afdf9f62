"""Shakespeare: characters as numbers, from a small text in the place of the real one."""

import hashlib

import numpy as np
import pytest

from dezero.datasets import DataCorrupt, DataNotFound, Shakespear, Shakespeare, text

WORDS = "First Citizen:\nBefore we proceed any further, hear me speak.\n"
pytestmark = pytest.mark.usefixtures("machine")


@pytest.fixture
def small(monkeypatch):
    """Pin WORDS in the place of the real text."""
    data = WORDS.encode()
    monkeypatch.setattr(text, "SIZE", len(data))
    monkeypatch.setattr(text, "SHA256", hashlib.sha256(data).hexdigest())
    monkeypatch.setattr(text, "MIRRORS", ("http://127.0.0.1:1/input.txt",))
    return data


def put(folder, data, name="input.txt"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)
    return folder


def test_x_is_a_character_and_t_the_next(machine, small):
    data = Shakespeare(root=put(machine / "mine", small))
    assert len(data) == len(WORDS) - 1 and data.data.dtype == np.int64
    assert "".join(data.id_to_char[i] for i in data.data) == WORDS[:-1]
    assert "".join(data.id_to_char[i] for i in data.label) == WORDS[1:]
    assert {char: i for i, char in data.id_to_char.items()} == data.char_to_id
    assert [data.char_to_id[c] for c in "First"] == [0, 1, 2, 3, 4]
    x, t = data[2]
    assert (data.id_to_char[x], data.id_to_char[t]) == ("r", "s")


def test_bug_42_old_spelling():
    assert Shakespear is Shakespeare


@pytest.mark.parametrize("name", text.NAMES)
@pytest.mark.parametrize("place", ["home/.dezero/shakespeare", "work/data/tinyshakespeare"])
def test_found_under_its_names(machine, small, place, name):
    put(machine / place, small, name)
    assert len(Shakespeare(download=False)) == len(WORDS) - 1


def test_download(machine, small, serve, monkeypatch):
    address = serve(put(machine / "served", small)) + "input.txt"
    monkeypatch.setattr(text, "MIRRORS", (*text.MIRRORS, address))
    assert len(Shakespeare()) == len(WORDS) - 1
    assert (machine / "home/.dezero/shakespeare/input.txt").read_bytes() == small
    assert len(Shakespeare(download=False)) == len(WORDS) - 1


def test_nothing_there(small):
    with pytest.raises(DataNotFound, match=r"Shakespeare: expected input\.txt .* got nothing, and"):
        Shakespeare(download=False)
    with pytest.raises(DataNotFound, match="no mirror answered as it should"):
        Shakespeare()


@pytest.mark.parametrize("wrong", [b"too short", WORDS.lower().encode()])
def test_another_text(machine, small, wrong):
    root = put(machine / "mine", wrong)
    with pytest.raises(DataCorrupt, match=rf"input\.txt: expected {len(WORDS)} bytes with SHA-256"):
        Shakespeare(root=root)


def test_pin_of_the_real_text():
    assert text.SIZE == 1115394 and len(text.SHA256) == 64 and int(text.SHA256, 16)
    assert len(text.MIRRORS) == 2 and all(url.startswith("https://") for url in text.MIRRORS)

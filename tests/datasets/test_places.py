"""search and download_file for a data set of one file; test_sources.py has the order of places."""

import hashlib

import pytest

from dezero.datasets import DataCorrupt, DataNotFound
from dezero.datasets.places import Sought, download_file, search

TOY = Sought(
    name="Toy",
    files=("toy.txt",),
    size=2_000_000,
    folder="toy",
    inside=(".", "toy-unpacked"),
    keras=("toy.keras",),
    torch=("toy.torch",),
)


pytestmark = pytest.mark.usefixtures("machine")


def read(folder):
    path = folder / "toy.txt"
    if not path.is_file():
        return None
    if path.read_text() == "bad":
        raise DataCorrupt(f"{path}: expected good, got bad. Mend it.")
    return path.read_text()


def put(folder, text="good"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "toy.txt").write_text(text)
    return folder


@pytest.mark.parametrize(
    "place",
    [
        "home/.dezero/toy",
        "system/toy",
        "home/.keras/datasets/toy.keras",
        "work/data/toy.torch",
        "home/.cache/torch/toy.torch",
    ],
)
def test_found_in_the_usual_places(machine, place):
    put(machine / place)
    assert search(TOY, read, None, False)[0] == "good"


@pytest.mark.parametrize("inside", TOY.inside)
def test_found_in_the_users_folder(machine, inside, monkeypatch):
    put(machine / "mine" / inside)
    assert search(TOY, read, machine / "mine", False)[0] == "good"
    monkeypatch.setenv("DEZERO_DATA", str(machine / "mine"))
    assert search(TOY, read, None, False)[0] == "good"


def test_damage_in_the_users_folder_is_an_error_elsewhere_it_is_not(machine):
    put(machine / "home/.dezero/toy", "bad")
    put(machine / "system/toy")
    found, passed = search(TOY, read, None, False)
    assert found == "good" and "expected good, got bad" in passed[0][1]
    with pytest.raises(DataCorrupt, match="expected good, got bad"):
        search(TOY, read, put(machine / "mine", "bad"), False)


def test_nothing_found_may_be_downloaded_or_not(monkeypatch):
    found, passed = search(TOY, read, None, True)
    assert found is None and len(passed) == 2 + 1 + 4
    with pytest.raises(DataNotFound) as caught:
        search(TOY, read, None, False)
    assert str(caught.value).splitlines()[0] == (
        "Toy: expected toy.txt (2.0 MB), got nothing, and downloading is off. "
        "Put it in a folder and set DEZERO_DATA to it."
    )
    assert list(caught.value.places) == passed
    monkeypatch.setenv("DEZERO_OFFLINE", "1")
    with pytest.raises(DataNotFound, match="downloading is off"):
        search(TOY, read, None, True)


def test_root_that_is_no_folder(machine):
    with pytest.raises(ValueError, match=r"Toy: expected root to be a folder, got '.*missing'"):
        search(TOY, read, machine / "missing", True)


def test_failed_download_names_mirrors_and_places():
    pin = {"sha256": hashlib.sha256(b"good").hexdigest(), "max_bytes": 4}
    with pytest.raises(DataNotFound) as caught:
        download_file(TOY, [("here", "not there")], "toy.txt", urls=["http://127.0.0.1:1/"], **pin)
    text = str(caught.value)
    assert "no mirror answered as it should" in text and "  here: not there" in text
    assert caught.value.failures[0][0] == "http://127.0.0.1:1/"

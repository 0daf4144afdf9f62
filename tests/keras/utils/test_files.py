"""`get_file`: cache, hashes, archives, and archives that would leave their folder."""

import hashlib
import io
import tarfile
import urllib.request
import zipfile
from pathlib import Path

import pytest

from dezero.keras.utils import get_file

ORIGIN = "http://example.invalid/data/"


@pytest.fixture
def served(tmp_path, monkeypatch):
    """What the address answers, and how often it was asked."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setenv("DEZERO_CACHE", str(tmp_path / "cache"))
    files, asked = {}, []

    def retrieve(url, path):
        asked.append(url)
        with open(path, "wb") as file:
            file.write(files[url.rpartition("/")[2]])

    monkeypatch.setattr(urllib.request, "urlretrieve", retrieve)
    return files, asked


def test_one_download_and_its_hash(served, tmp_path):
    files, asked = served
    files["a.txt"] = b"one"
    path = get_file("a.txt", ORIGIN + "a.txt")
    assert path == str(tmp_path / "keras" / "datasets" / "a.txt")
    assert Path(path).read_bytes() == b"one"
    good = hashlib.sha256(b"one").hexdigest()
    assert get_file("a.txt", ORIGIN + "a.txt", file_hash=good) == path and len(asked) == 1
    md5 = hashlib.md5(b"one").hexdigest()
    assert get_file(origin=ORIGIN + "a.txt", md5_hash=md5, force_download=True) == path
    assert len(asked) == 2
    with pytest.raises(ValueError, match="got another"):
        get_file("a.txt", ORIGIN + "a.txt", file_hash="0" * 64)
    assert Path(path).read_bytes() == b"one"  # the good file stays
    with pytest.raises(ValueError, match="expected origin"):
        get_file("a.txt")


def archive(kind, name):
    out = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as file:
            file.writestr(name, b"x")
    else:
        with tarfile.open(fileobj=out, mode="w:gz") as file:
            info = tarfile.TarInfo(name)
            info.size = 1
            file.addfile(info, io.BytesIO(b"x"))
    return out.getvalue()


def test_archives(served, tmp_path):
    files, _ = served
    files["pets.zip"], files["pets.tar.gz"] = archive("zip", "d/x"), archive("tar", "d/x")
    folder = tmp_path / "keras" / "datasets"
    got = get_file("pets.zip", ORIGIN + "pets.zip", extract=True)
    assert got == str(folder / "pets.zip_extracted")
    assert (folder / "pets.zip_extracted" / "d" / "x").read_bytes() == b"x"
    assert get_file("pets.zip", ORIGIN + "pets.zip", extract=True) == got
    assert get_file("pets.tar.gz", ORIGIN + "pets.tar.gz", untar=True) == str(folder / "pets")
    assert (folder / "pets" / "d" / "x").is_file()


def link():
    """An archive with a link to a file outside."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as file:
        info = tarfile.TarInfo("out")
        info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(info)
    return out.getvalue()


HARMFUL = [
    archive("tar", "../out"), archive("tar", "/tmp/out"), archive("zip", "../out"),
    archive("zip", "C:/out"), link(), b"no archive",
]  # fmt: skip


@pytest.mark.parametrize("content", HARMFUL)
def test_what_is_no_harmless_archive(served, tmp_path, content):
    files, _ = served
    files["bad.tar.gz"] = content
    with pytest.raises(ValueError, match="expected a tar or zip archive"):
        get_file("bad.tar.gz", ORIGIN + "bad.tar.gz", untar=True)
    assert not list(tmp_path.rglob("out")) and not (tmp_path / "keras/datasets/bad").exists()


def test_an_archive_that_would_fill_the_disk(served, monkeypatch):
    served[0]["bomb.zip"] = archive("zip", "x")
    monkeypatch.setattr("dezero.keras.utils.files.MAX_UNPACKED", 0)
    with pytest.raises(ValueError, match="it holds more than 0 bytes"):
        get_file("bomb.zip", ORIGIN + "bomb.zip", extract=True)


@pytest.mark.parametrize("name", ["../x", "a/b", ".."])
def test_a_name_stays_in_its_folder(name):
    with pytest.raises(ValueError, match="expected fname without folders"):
        get_file(name, ORIGIN)

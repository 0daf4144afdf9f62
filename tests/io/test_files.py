"""get_file against a real server on this machine, and against what old tests put in its place."""

import io
import os
import urllib.request
from pathlib import Path

import pytest

from dezero.io import DownloadError, files, get_file
from tests.io.mirrors import DATA, SIZE, serving


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    monkeypatch.setenv("DEZERO_CACHE", str(folder))
    return folder


@pytest.fixture
def server():
    with serving() as http_server:
        yield http_server


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.server_address[1]}/"


def get(url, *args, **options):
    return get_file(url, *args, **{"progress": "quiet", "timeout": 5.0} | options)


@pytest.mark.parametrize("kind", ["good", "nolength"])
def test_downloads_once(kind, server, url, cache):
    path = get(url + kind)
    assert path == str(cache / kind) and os.path.isabs(path)
    assert Path(path).read_bytes() == DATA
    assert get(url + kind) == path
    assert server.seen == [(f"/{kind}", None)]
    assert os.listdir(cache) == [kind]
    assert Path(path).stat().st_mode & 0o444 == 0o444


def test_a_name_of_ones_own(url, cache):
    assert get(url + "good", "sub/tiny.bin") == str(cache / "sub" / "tiny.bin")
    get(url + "good")
    assert get(url + "good?raw=true#top") == str(cache / "good")


def test_what_is_there_is_taken_without_a_network(cache):
    cache.mkdir()
    (cache / "old.txt").write_text("kept")
    assert Path(get_file("http://127.0.0.1:1/old.txt")).read_text() == "kept"


@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    [
        ("truncated", {}, f"expected {SIZE} bytes, got {SIZE // 2}: the connection ended early"),
        ("huge", {}, "expected at most 4294967296 bytes, got 10000000000000 or more"),
        ("good", {"max_bytes": SIZE - 1}, f"expected at most {SIZE - 1} bytes"),
        ("endless", {"max_bytes": SIZE}, f"expected at most {SIZE} bytes"),
        ("missing", {}, "HTTPError: HTTP Error 404"),
        ("garbled", {}, "BadStatusLine: what is HTTP?"),
        ("escapes", {}, "BadStatusLine:  [2Jxxx"),
    ],
)
def test_failures_leave_nothing(kind, options, reason, url, cache):
    with pytest.raises(DownloadError, match=f"get_file: expected {kind} from http") as error:
        get(url + kind, **options)
    assert reason in str(error.value)
    assert error.value.failures[0][0] == url + kind
    assert os.listdir(cache) == []


def test_a_server_that_dawdles_is_given_up(monkeypatch):
    class Slow(io.BytesIO):
        def read1(self, size):
            now[0] += 0.4
            return super().read1(1)

    now = [0.0]
    monkeypatch.setattr(files.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(urllib.request, "urlopen", lambda *args, **options: Slow(DATA))
    with pytest.raises(DownloadError, match="expected 1000 bytes a second, got fewer"):
        get("http://127.0.0.1:1/slow", timeout=1.0)


def test_no_server(cache):
    with pytest.raises(DownloadError, match="Check the network, or put the file at"):
        get("http://127.0.0.1:1/nothing.bin")
    assert os.listdir(cache) == []


@pytest.mark.parametrize("url", ["ftp://host/x", "file:///etc/hosts", "x.npz", "", 5, None])
def test_other_addresses(url):
    with pytest.raises(ValueError, match="get_file: expected an http or https address, got"):
        get_file(url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://host/", None),
        ("http://host/..", None),
        ("http://host/x", "../x"),
        ("http://host/x", "/etc/x"),
        ("http://host/x", ""),
        ("http://host/x", "a\0b"),
    ],
)
def test_names_stay_in_the_cache(url, name):
    with pytest.raises(ValueError, match="get_file: expected a file name inside the cache folder"):
        get_file(url, name)


def test_urllib_can_be_replaced(cache, monkeypatch):
    def urlretrieve(url, filename, reporthook=None, data=None):
        Path(filename).write_text(url)

    with monkeypatch.context() as patch:
        patch.setattr(urllib.request, "urlretrieve", urlretrieve)
        assert Path(get_file("https://host/a.txt")).read_text() == "https://host/a.txt"
    with monkeypatch.context() as patch:
        patch.setattr(urllib.request, "urlopen", lambda *args, **options: io.BytesIO(b"b"))
        assert Path(get_file("https://host/b.txt", progress="quiet")).read_bytes() == b"b"
    assert sorted(os.listdir(cache)) == ["a.txt", "b.txt"]


def test_the_bar_names_the_file(url, capsys):
    get(url + "good", "weights.npz", progress="line")
    assert capsys.readouterr().out.startswith("weights")

"""fetch against a real server on this machine: every way a mirror can fail, and none that harms."""

import errno
import hashlib
import io
import os
import resource
import socket
import threading
from pathlib import Path

import pytest

from dezero.io import download
from dezero.io.download import DownloadError, cache_dir, fetch, has_sha256, sha256_of
from tests.io.mirrors import DATA, SIZE, serving

SHA = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def server():
    with serving() as http_server:
        yield http_server


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.server_address[1]}/"


@pytest.fixture
def dest(tmp_path):
    return tmp_path / "cache" / "data.bin"


def get(urls, dest, **options):
    options = {"sha256": SHA, "max_bytes": SIZE, "timeout": 5.0, "progress": "quiet"} | options
    return fetch(urls, dest, **options)


def left_in(dest):
    return sorted(path.name for path in dest.parent.iterdir())


def test_good_file_is_fetched_once(server, url, dest):
    assert get(url + "good", dest) == dest
    assert dest.read_bytes() == DATA
    assert left_in(dest) == ["data.bin"]
    get(url + "good", dest)
    assert server.seen == [("/good", None)]


def test_length_need_not_be_told(url, dest):
    assert get(url + "nolength", dest).read_bytes() == DATA


def test_uppercase_hash_is_the_same_hash(url, dest):
    assert get(url + "good", dest, sha256=SHA.upper()).read_bytes() == DATA


def test_the_beginning_of_a_hash(server, url, dest):
    pin = SHA[:8].upper() + "..."
    with pytest.raises(DownloadError, match=f"expected SHA-256 {SHA[:8]}..., got "):
        get(url + "wrong", dest, sha256=pin)
    assert get([url + "wrong", url + "good"], dest, sha256=pin).read_bytes() == DATA
    seen = len(server.seen)
    assert get(url + "good", dest, sha256=pin) == dest and len(server.seen) == seen
    assert has_sha256(dest, pin) and has_sha256(dest, SHA) and not has_sha256(dest, "0" * 8 + "...")


def test_wrong_file_in_place_is_replaced(url, dest):
    dest.parent.mkdir()
    dest.write_bytes(DATA[:-1])
    assert get(url + "good", dest).read_bytes() == DATA


def test_failed_download_leaves_the_old_file_alone(url, dest):
    dest.parent.mkdir()
    dest.write_bytes(b"old")
    with pytest.raises(DownloadError, match="expected SHA-256"):
        get(url + "wrong", dest)
    assert dest.read_bytes() == b"old"
    assert left_in(dest) == ["data.bin"]


def test_next_mirror_is_tried_after_a_missing_file(server, url, dest):
    assert get([url + "missing", url + "good"], dest).read_bytes() == DATA
    assert [path for path, _ in server.seen] == ["/missing", "/good"]


def test_every_mirror_is_listed_with_its_reason(url, dest):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{unused.getsockname()[1]}/good"
        mirrors = [url + name for name in ("missing", "wrong", "garbled")] + [dead]
        with pytest.raises(DownloadError) as caught:
            get(mirrors, dest)
    reasons = dict(caught.value.failures)
    assert list(reasons) == mirrors
    assert reasons[url + "missing"] == "HTTP 404 Not Found"
    assert reasons[url + "wrong"].startswith(f"expected SHA-256 {SHA}, got ")
    assert reasons[url + "wrong"].endswith("(26 bytes)")
    assert reasons[url + "garbled"].startswith("BadStatusLine")
    assert "Connection refused" in reasons[dead]
    message = str(caught.value)
    assert message.startswith("fetch: expected data.bin from one of 4 mirrors, got a failure from")
    assert all(f"\n  {mirror}: {reason}" in message for mirror, reason in reasons.items())
    assert left_in(dest) == []


def test_silent_server_is_given_up(url, dest):
    with pytest.raises(DownloadError, match="timed out"):
        get(url + "silent", dest, timeout=0.1)


def test_server_that_sends_next_to_nothing_is_given_up(url, dest):
    with pytest.raises(DownloadError, match="expected 1000 bytes a second, got fewer"):
        get(url + "drip", dest, timeout=0.2)
    assert get([url + "drip", url + "good"], dest, timeout=0.2).read_bytes() == DATA


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("tofile", "HTTP 302 .*'file:///etc/hostname' is not allowed"),
        ("toftp", "URLError: unknown url type: ftp|unknown url type: ftp"),
        ("tonobody", r"Unicode\w*Error: "),
        ("endlessnumber", "expected SHA-256|IncompleteRead"),
        ("escapes", r"BadStatusLine:  \[2Jx{100}"),
    ],
)
def test_next_mirror_is_tried_after_an_odd_answer(url, dest, answer, reason):
    with pytest.raises(DownloadError, match=reason) as caught:
        get(url + answer, dest)
    assert len(caught.value.failures[0][1]) <= 200
    assert get([url + answer, url + "good"], dest).read_bytes() == DATA


@pytest.mark.parametrize("answer", ["togood", "nonumber"])
def test_odd_answers_that_are_good_enough(url, dest, answer):
    assert get(url + answer, dest).read_bytes() == DATA


@pytest.mark.parametrize("bad", ["http://[::1", "http://a..b/", "http://\u200b/", "http:///한글"])
def test_next_mirror_is_tried_after_an_impossible_address(url, dest, bad):
    assert get([bad, url + "good"], dest).read_bytes() == DATA


def test_announced_size_is_refused_before_reading(url, dest):
    with pytest.raises(DownloadError, match=f"at most {SIZE} bytes, got {10**13} announced"):
        get(url + "huge", dest)
    assert left_in(dest) == []


def test_unannounced_size_is_refused_while_reading(url, dest):
    with pytest.raises(DownloadError, match=f"expected at most {SIZE} bytes, got more"):
        get(url + "endless", dest)
    assert left_in(dest) == []


def test_truncated_download_is_continued_by_the_next_call(server, url, dest):
    with pytest.raises(DownloadError, match="the connection ended early") as caught:
        get(url + "truncated", dest)
    assert "512.0 kB are kept, and the next call continues" in str(caught.value)
    assert left_in(dest) == ["data.bin.part"]
    assert get(url + "good", dest).read_bytes() == DATA
    assert server.seen[-1] == ("/good", f"bytes={SIZE // 2}-")
    assert left_in(dest) == ["data.bin"]


def test_truncated_download_is_continued_by_the_next_mirror(server, url, dest):
    assert get([url + "truncated", url + "good"], dest).read_bytes() == DATA
    assert server.seen[-1] == ("/good", f"bytes={SIZE // 2}-")


@pytest.mark.parametrize("path", ["rangeless", "wrongrange"])
def test_server_that_sends_the_whole_file_is_taken_at_its_word(url, dest, path):
    dest.parent.mkdir()
    Path(f"{dest}.part").write_bytes(DATA[:1000])
    assert get(url + path, dest).read_bytes() == DATA


def test_complete_part_file_needs_no_network(server, url, dest):
    dest.parent.mkdir()
    Path(f"{dest}.part").write_bytes(DATA)
    assert get(url + "missing", dest).read_bytes() == DATA
    assert server.seen == []
    assert left_in(dest) == ["data.bin"]


@pytest.mark.parametrize("poison", [b"x" * 1000, b"x" * SIZE, b"x" * (SIZE + 1)])
def test_poisoned_part_file_is_fetched_whole(server, url, dest, poison):
    dest.parent.mkdir()
    Path(f"{dest}.part").write_bytes(poison)
    assert get(url + "good", dest).read_bytes() == DATA
    assert server.seen == [("/good", f"bytes={len(poison)}-"), ("/good", None)]


def test_two_downloads_at_once_both_succeed(server, url, dest):
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(get(url + "slow", dest).read_bytes()))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    while len(server.seen) < 4:
        threads[0].join(0.01)
    server.hold.set()
    for thread in threads:
        thread.join()
    assert results == [DATA] * 4
    assert left_in(dest) == ["data.bin"]


def test_part_file_that_was_published_meanwhile_is_not_written_to(tmp_path, monkeypatch):
    part = tmp_path / "data.bin.part"
    flock = download.fcntl.flock

    def published_before_we_lock(descriptor, how):
        os.replace(part, tmp_path / "data.bin")
        flock(descriptor, how)

    monkeypatch.setattr(download.fcntl, "flock", published_before_we_lock)
    assert download._claim(part) is None


def test_without_file_locks_each_download_has_its_own_file(server, url, dest, monkeypatch):
    monkeypatch.setattr(download, "fcntl", None)
    with pytest.raises(DownloadError, match="ended early"):
        get(url + "truncated", dest)
    assert left_in(dest) == []
    assert get(url + "good", dest).read_bytes() == DATA
    assert left_in(dest) == ["data.bin"]


def test_interrupted_download_keeps_what_it_has(url, dest, monkeypatch):
    class Interrupting(download.ProgressBar):
        def update(self, n=1, metrics=None):
            raise KeyboardInterrupt

    monkeypatch.setattr(download, "ProgressBar", Interrupting)
    with pytest.raises(KeyboardInterrupt):
        get(url + "good", dest)
    part = Path(f"{dest}.part").read_bytes()
    assert part and DATA.startswith(part)


def test_progress_names_the_file_and_its_size(url, dest, capsys):
    get(url + "good", dest, progress="line")
    assert capsys.readouterr().out.startswith("data.bin 1.0 MB/1.0 MB ")


def test_folder_that_is_a_file(url, tmp_path):
    (tmp_path / "cache").write_text("not a folder")
    expected = r"fetch: expected a folder to write to, got .*cache \(.*\)\. Set DEZERO_CACHE"
    with pytest.raises(DownloadError, match=expected) as caught:
        get(url + "good", tmp_path / "cache" / "data.bin")
    assert "DEZERO_DATA" in str(caught.value)


def test_read_only_folder(url, dest, monkeypatch):
    def refuse(path, *args):  # root may write anywhere, so the refusal is played
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(download.os, "open", refuse)
    with pytest.raises(DownloadError, match=r"got .*cache \(Permission denied\)"):
        get(url + "good", dest)


def test_destination_that_cannot_be_replaced(url, dest):
    dest.mkdir(parents=True)
    with pytest.raises(DownloadError, match=r"expected a folder to write to, got .*directory"):
        get(url + "good", dest)


def test_full_disk_leaves_nothing(url, dest):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SIZE // 2, hard))
    try:
        with pytest.raises(DownloadError, match=r"expected room for the file, got a full disk at"):
            get(url + "good", dest)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert left_in(dest) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"urls": []}, "expected at least one url, got none"),
        ({"urls": "file:///etc/passwd"}, "expected http or https, got 'file:///etc/passwd'"),
        ({"sha256": "abc"}, "expected sha256 of 64 hexadecimal digits, got 'abc'"),
        ({"sha256": "g" * 64}, "expected sha256 of 64 hexadecimal digits"),
        ({"sha256": SHA[:63]}, "expected sha256 of 64 hexadecimal digits"),
        ({"sha256": SHA[:7] + "..."}, "expected sha256 of 64 hexadecimal digits"),
        ({"sha256": SHA + "..."}, "expected sha256 of 64 hexadecimal digits"),
        ({"max_bytes": 0}, "expected max_bytes >= 1, got 0"),
    ],
)
def test_arguments(dest, change, message):
    options = {"urls": "http://127.0.0.1:1/", "sha256": SHA, "max_bytes": 1} | change
    with pytest.raises(ValueError, match=f"fetch: {message}"):
        fetch(options.pop("urls"), dest, **options)
    assert not dest.parent.exists()


def test_sha256_of(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(DATA)
    assert sha256_of(path) == SHA
    assert (
        download._hash_rest(io.BytesIO(b"")).sha256.hexdigest() == hashlib.sha256(b"").hexdigest()
    )


def test_cache_dir(monkeypatch, tmp_path):
    monkeypatch.setenv("DEZERO_CACHE", str(tmp_path))
    assert cache_dir() == tmp_path
    monkeypatch.setenv("DEZERO_CACHE", "~/elsewhere")
    assert cache_dir() == Path.home() / "elsewhere"
    monkeypatch.delenv("DEZERO_CACHE")
    assert cache_dir() == Path.home() / ".dezero"


def test_an_md5_where_the_publisher_has_nothing_else(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(DATA)
    md5 = "md5:" + hashlib.md5(DATA, usedforsecurity=False).hexdigest()
    assert fetch("http://127.0.0.1:9/x", path, sha256=md5, max_bytes=len(DATA)) == path
    assert not has_sha256(path, "md5:" + "0" * 32)
    path.write_bytes(DATA + b"x")
    with pytest.raises(DownloadError):
        fetch("http://127.0.0.1:9/x", path, sha256=md5, max_bytes=len(DATA) + 1)
    with pytest.raises(ValueError, match="expected sha256"):
        fetch("http://127.0.0.1:9/x", path, sha256=md5[:-1], max_bytes=9)

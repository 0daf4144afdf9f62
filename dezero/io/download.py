"""Fetch a file from several mirrors: pinned by SHA-256, size-capped, resumable, atomic.

A file appears under its final name only when its hash is right; until then it is `NAME.part`,
which a later call continues.
"""

import contextlib
import errno
import hashlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from dezero.io.progress import ProgressBar, format_bytes

try:
    import fcntl
except ImportError:  # Windows: each download then has a part file of its own, never continued
    fcntl = None

__all__ = ["DownloadError", "cache_dir", "fetch", "has_sha256", "sha256_of"]

CHUNK = 1 << 18
# Bytes a second. A mirror that sends less, averaged over the timeout, would hold us for hours.
SLOWEST = 1000
MAX_REASON = 200
# A whole SHA-256, or its beginning; or the MD5 of a publisher who tells nothing else.
PIN = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8,63}\.\.\.|md5:[0-9a-f]{32}")
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class DownloadError(RuntimeError):
    """A file could not be fetched; `failures` holds one (mirror, reason) per attempt."""

    def __init__(self, message: str, failures: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.failures = tuple(failures)


class _Refused(Exception):
    """A mirror's answer is no good; `keep` says that the bytes so far are worth continuing."""

    def __init__(self, reason: str, keep: bool = False) -> None:
        super().__init__(reason)
        self.keep = keep


def cache_dir() -> Path:
    """Return dezero's cache folder: the environment variable DEZERO_CACHE, else ~/.dezero.

    The folder may not exist yet; `fetch` makes it. RuntimeError where nobody knows the home folder.
    """
    try:
        return Path(os.environ.get("DEZERO_CACHE") or "~/.dezero").expanduser()
    except RuntimeError as error:  # an account without a home, as in some containers
        raise RuntimeError(
            "cache_dir: expected a home folder, got none. Set DEZERO_CACHE to a folder."
        ) from error


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits, read in pieces."""
    with open(path, "rb") as file:
        return _hash_rest(file).sha256.hexdigest()


def has_sha256(path: str | os.PathLike[str], wanted: str) -> bool:
    """Return whether a file has this SHA-256, written as for `fetch`."""
    with open(path, "rb") as file:
        return _agrees(_hash_rest(file), wanted.lower())


class _Digest:
    """The SHA-256 and the MD5 of what was read so far."""

    def __init__(self) -> None:
        self.sha256 = hashlib.sha256()
        self.md5 = hashlib.md5(usedforsecurity=False)

    def update(self, data: bytes) -> None:
        self.sha256.update(data)
        self.md5.update(data)

    def like(self, wanted: str) -> str:
        """Return the hash of the kind that is wanted."""
        is_md5 = wanted.startswith("md5:")
        return f"md5:{self.md5.hexdigest()}" if is_md5 else self.sha256.hexdigest()


def _agrees(digest: _Digest, wanted: str) -> bool:
    actual, shown = digest.like(wanted), wanted.removesuffix("...")
    return actual.startswith(shown) if shown != wanted else actual == wanted


def fetch(
    urls: str | Sequence[str],
    dest: str | os.PathLike[str],
    *,
    sha256: str,
    max_bytes: int,
    timeout: float = 15.0,
    progress: str = "auto",
) -> Path:
    """Download `dest` from the first of `urls` that delivers the file with this SHA-256.

    Args:
        urls: one address or several mirrors of the same file (http or https), tried in order.
        dest: the file to write; its folder is made if need be.
        sha256: the expected hash, 64 hexadecimal digits; or, where the publisher tells no more, at
            least its first 8 with "..." behind. So few tell a wrong or damaged file from the right
            one, but not what somebody with time has made to match. Nor does "md5:" and the 32
            digits of an MD5, for a publisher who gives nothing else.
        max_bytes: a longer file is refused, before reading where the server tells its length.
        timeout: seconds without a byte, or with under 1 kB each, until a mirror is given up.
        progress: the `mode` of the ProgressBar.
    Returns:
        The path of `dest`; at once if it is there already with the right hash.
    Raises:
        ValueError: no mirror, another scheme than http(s), or a malformed sha256 or max_bytes.
        DownloadError: every mirror failed (the message lists each with its reason), the folder
            cannot be written, or the disk is full. `dest` is then as it was before.
    Note: an interrupted download is continued by the next call, even from another mirror; two
        calls at once do not disturb each other.
    """
    mirrors = [urls] if isinstance(urls, str) else list(urls)
    path = Path(dest)
    wanted = sha256.lower()
    _check_arguments(mirrors, wanted, max_bytes)
    if path.is_file() and path.stat().st_size <= max_bytes and has_sha256(path, wanted):
        return path
    with _part_file(path) as part:
        failures = _try_mirrors(mirrors, part, _Pin(wanted, max_bytes, timeout), progress)
        if not part.has(wanted):
            raise DownloadError(_all_failed(path, failures), failures)
        part.publish(path)
    return path


def _check_arguments(mirrors: list[str], sha256: str, max_bytes: int) -> None:
    if not mirrors:
        raise ValueError("fetch: expected at least one url, got none. Name a mirror.")
    for url in mirrors:
        if not url.lower().startswith(("http://", "https://")):
            raise ValueError(f"fetch: expected http or https, got {url!r}. Use another address.")
    if not PIN.fullmatch(sha256):
        raise ValueError(
            f"fetch: expected sha256 of 64 hexadecimal digits, got {sha256!r}. Take it from the "
            "publisher, or from sha256_of(a file you trust). Of 8 digits and more, '...' may "
            "stand for the others."
        )
    if max_bytes < 1:
        raise ValueError(f"fetch: expected max_bytes >= 1, got {max_bytes}. Give the file's size.")


class _Pin(NamedTuple):
    """What a mirror must deliver, and how long it may keep silent."""

    sha256: str
    max_bytes: int
    timeout: float


class _Part:
    """The unfinished file: an open handle, its path, and the size and hash of what is there."""

    def __init__(self, file: FileIO, path: Path) -> None:
        self.file = file
        self.path = path
        self.published = False
        self.digest = _hash_rest(file)
        self.size = file.tell()

    def has(self, wanted: str) -> bool:
        return _agrees(self.digest, wanted)

    def clear(self) -> None:
        self.file.seek(0)
        self.file.truncate()
        self.digest, self.size = _Digest(), 0

    def write(self, data: bytes) -> None:
        self.digest.update(data)
        self.size += len(data)
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[self.file.write(rest) :]
        except OSError as error:
            self.clear()
            raise DownloadError(_cannot_write(self.path.parent, error)) from error

    def publish(self, path: Path) -> None:
        """Give the finished file its name, in one step."""
        if fcntl is None:
            self.file.close()  # Windows renames no open file
        try:
            os.replace(self.path, path)
        except OSError as error:
            raise DownloadError(_cannot_write(path.parent, error)) from error
        self.published = True

    def discard(self) -> None:
        if fcntl is None:
            self.file.close()
        self.path.unlink(missing_ok=True)


@contextlib.contextmanager
def _part_file(path: Path) -> Iterator[_Part]:
    """Open `NAME.part` for this caller alone, or a file of its own where another has it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _claim(path.with_name(path.name + ".part")) or _fresh(path)
    except OSError as error:
        raise DownloadError(_cannot_write(path.parent, error)) from error
    with part.file:
        try:
            yield part
        finally:
            resumable = part.path.name == path.name + ".part" and part.size
            if not part.published and not resumable:
                part.discard()


def _claim(path: Path) -> _Part | None:
    if fcntl is None:
        return None
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    file = FileIO(descriptor, "r+b")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The holder may have published or removed the file between our open and our lock.
        if os.path.samestat(os.fstat(descriptor), os.stat(path)):
            return _Part(file, path)
    except OSError:
        pass
    file.close()
    return None


def _fresh(path: Path) -> _Part:
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=path.name + ".", suffix=".tmp", dir=path.parent)
    return _Part(FileIO(descriptor, "r+b"), Path(name))


def _try_mirrors(
    urls: Sequence[str], part: _Part, pin: _Pin, progress: str
) -> list[tuple[str, str]]:
    """Fill the part file from the first mirror that can, and return how the others failed."""
    failures: list[tuple[str, str]] = []
    if part.has(pin.sha256):
        return failures
    bar = ProgressBar(label=part.path.name.split(".part")[0], unit="B", mode=progress)
    with contextlib.closing(bar):
        for url in urls:
            reason = _try_mirror(url, part, pin, bar)
            if reason is None:
                break
            failures.append((url, one_line(reason)))
    return failures


def _try_mirror(url: str, part: _Part, pin: _Pin, bar: ProgressBar) -> str | None:
    """Fetch from one mirror; return None, or why not.

    A continued file that ends up wrong is fetched once more, whole: the old bytes may be at fault.
    """
    while True:
        continued = part.size > 0
        try:
            _transfer(url, part, pin, bar)
            if part.has(pin.sha256):
                return None
            got = part.digest.like(pin.sha256)
            raise _Refused(f"expected SHA-256 {pin.sha256}, got {got} ({part.size} bytes)")
        except _Refused as error:
            if error.keep:
                return str(error)
            part.clear()
            if not continued:
                return str(error)


def _transfer(url: str, part: _Part, pin: _Pin, bar: ProgressBar) -> None:
    """Append one mirror's answer to the part file."""
    import http.client
    import urllib.error
    import urllib.request as web

    # The usual opener would also follow a redirect to ftp.
    opener = web.OpenerDirector()
    for kind in ("Proxy", "Unknown", "HTTP", "HTTPS", "HTTPRedirect", "HTTPDefaultError"):
        if hasattr(web, f"{kind}Handler"):  # HTTPS is missing from a Python without ssl
            opener.add_handler(getattr(web, f"{kind}Handler")())
    opener.add_handler(web.HTTPErrorProcessor())
    try:
        request = web.Request(url, headers={"User-Agent": "dezero"})
        if part.size:
            request.add_header("Range", f"bytes={part.size}-")
        with opener.open(request, timeout=pin.timeout) as answer:
            if part.size and not _continues(answer, part.size):
                part.clear()
            _receive(answer, part, pin, bar)
    except urllib.error.HTTPError as error:
        error.close()
        raise _Refused(f"HTTP {error.code} {error.reason}", keep=error.code != 416) from error
    except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: a bad address
        reason = getattr(error, "reason", error)  # URLError wraps what really happened
        cause = reason if isinstance(reason, Exception) else error
        raise _Refused(f"{type(cause).__name__}: {reason}", keep=True) from error


def _continues(answer: Any, offset: int) -> bool:
    """Return whether the server sends the rest we asked for, not the whole file."""
    given = answer.headers.get("Content-Range", "")
    return answer.status == 206 and given.startswith(f"bytes {offset}-")


def _receive(answer: Any, part: _Part, pin: _Pin, bar: ProgressBar) -> None:
    length = answer.headers.get("Content-Length", "")
    told = length.isascii() and length.isdigit() and len(length) < 20
    total = part.size + int(length) if told else None
    if total is not None and total > pin.max_bytes:
        raise _Refused(f"expected at most {pin.max_bytes} bytes, got {total} announced")
    bar.restart(total, part.size)
    pace, lately = time.monotonic() + pin.timeout, 0
    while chunk := answer.read1(CHUNK):
        if part.size + len(chunk) > pin.max_bytes:
            raise _Refused(f"expected at most {pin.max_bytes} bytes, got more")
        part.write(chunk)
        bar.update(len(chunk))
        lately += len(chunk)
        if time.monotonic() > pace:
            if lately < SLOWEST * pin.timeout:
                raise _Refused(f"expected {SLOWEST} bytes a second, got fewer", keep=True)
            pace, lately = time.monotonic() + pin.timeout, 0
    if total is not None and part.size < total:
        raise _Refused(
            f"expected {total} bytes, got {part.size}: the connection ended early", keep=True
        )


def _hash_rest(file: BinaryIO) -> _Digest:
    digest = _Digest()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    return digest


def one_line(reason: str) -> str:
    """Return what a server may have had a hand in, fit for a terminal."""
    return "".join(c if c.isprintable() else " " for c in reason)[:MAX_REASON]


def _all_failed(path: Path, failures: Sequence[tuple[str, str]]) -> str:
    lines = "".join(f"\n  {url}: {reason}" for url, reason in failures)
    kept = path.with_name(path.name + ".part")
    note = ""
    if kept.is_file() and kept.stat().st_size:
        note = f" {format_bytes(kept.stat().st_size)} are kept, and the next call continues."
    return (
        f"fetch: expected {path.name} from one of {len(failures)} mirrors, got a failure from "
        f"each:{lines}\nCheck the network, or put the file at {path} yourself.{note}"
    )


def _cannot_write(folder: Path, error: OSError) -> str:
    if error.errno in NO_SPACE:
        return (
            f"fetch: expected room for the file, got a full disk at {folder} ({error.strerror}). "
            "Free some space, or set DEZERO_CACHE to a folder on another disk."
        )
    return (
        f"fetch: expected a folder to write to, got {folder} ({error.strerror or error}). Set "
        "DEZERO_CACHE to a folder you may write to, or DEZERO_DATA to one that holds the files."
    )

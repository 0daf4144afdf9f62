"""`get_file`: a download whose hash nobody knows, into the cache, whole or not at all.

What dezero fetches by itself goes through `fetch`, which checks every byte.
"""

import os
import secrets
import time
import urllib.parse
from pathlib import Path
from typing import Any, BinaryIO

from dezero.io.download import CHUNK, SLOWEST, DownloadError, cache_dir, one_line
from dezero.io.progress import ProgressBar

__all__ = ["get_file"]

MAX_BYTES = 4 << 30


def get_file(
    url: str,
    file_name: str | None = None,
    *,
    max_bytes: int = MAX_BYTES,
    timeout: float = 15.0,
    progress: str = "auto",
) -> str:
    """Return the path of a file in the cache folder, downloaded if it is not there yet.

    Args:
        url: an http or https address.
        file_name: its name in the cache; None takes the last part of the address.
        max_bytes: a longer file is refused.
        timeout: seconds without a byte, or with under 1 kB each, until the server is given up.
        progress: the `mode` of the ProgressBar.
    Returns:
        str, the absolute path.
    Raises:
        ValueError: the address or the name is no good; the name may not lead out of the cache.
        DownloadError: the download failed; nothing is left behind.
    Note: a file that is there is taken as it is. Where its SHA-256 is known, use `fetch`.
    """
    if not isinstance(url, str) or not url.lower().startswith(("http://", "https://")):
        raise ValueError(f"get_file: expected an http or https address, got {url!r}. Correct it.")
    path = _place(url, file_name)
    if not path.is_file():
        _download(url, path, (max_bytes, timeout), progress)
    return str(path)


def _download(url: str, path: Path, limits: tuple[int, float], progress: str) -> None:
    import http.client

    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _retrieve(url, part, limits, progress)
        os.replace(part, path)
    except (OSError, http.client.HTTPException, ValueError) as error:
        getattr(error, "close", bool)()  # HTTPError holds the connection
        reason = one_line(f"{type(error).__name__}: {error}")
        raise DownloadError(
            f"get_file: expected {path.name} from {url}, got {reason}. "
            f"Check the network, or put the file at {path} yourself.",
            [(url, reason)],
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _place(url: str, file_name: str | None) -> Path:
    name = urllib.parse.urlsplit(url).path.rpartition("/")[2] if file_name is None else file_name
    folder = cache_dir().absolute()
    path = folder / name
    parts = Path(name).parts
    if not parts or ".." in parts or "\0" in name or not path.is_relative_to(folder):
        raise ValueError(
            f"get_file: expected a file name inside the cache folder, got {name!r}. "
            "Give file_name, such as 'weights.npz'."
        )
    return path


def _retrieve(url: str, part: Path, limits: tuple[int, float], progress: str) -> None:
    import urllib.request as web

    if web.urlretrieve.__module__ != web.__name__:
        # A stand-in, as tests of old scripts put there. The real one knows no time limit.
        web.urlretrieve(url, part)
        return
    request = web.Request(url, headers={"User-Agent": "dezero"})
    bar = ProgressBar(label=part.name.split(".")[0], unit="B", mode=progress)
    with web.urlopen(request, timeout=limits[1]) as answer, open(part, "xb") as file:
        try:
            _copy(answer, file, limits, bar)
        finally:
            bar.close()


def _copy(answer: Any, file: BinaryIO, limits: tuple[int, float], bar: ProgressBar) -> None:
    max_bytes, timeout = limits
    length = getattr(answer, "headers", {}).get("Content-Length") or ""
    total = int(length) if length.isascii() and length.isdigit() and len(length) < 20 else None
    bar.restart(total)
    read = getattr(answer, "read1", answer.read)
    size, lately, pace = 0, 0, time.monotonic() + timeout
    while size <= max_bytes and (total is None or total <= max_bytes) and (chunk := read(CHUNK)):
        file.write(chunk)
        bar.update(len(chunk))
        size, lately = size + len(chunk), lately + len(chunk)
        if time.monotonic() > pace:
            if lately < SLOWEST * timeout:
                raise ValueError(f"expected {SLOWEST} bytes a second, got fewer")
            lately, pace = 0, time.monotonic() + timeout
    if max(size, total or 0) > max_bytes:
        raise ValueError(f"expected at most {max_bytes} bytes, got {max(size, total or 0)} or more")
    if total is not None and size < total:
        raise ValueError(f"expected {total} bytes, got {size}: the connection ended early")

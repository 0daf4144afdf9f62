"""`get_file`: a download under `~/.keras/datasets`, checked and unpacked as Keras does it."""

import os
import shutil
import tarfile
import urllib.parse
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dezero import io

__all__ = ["get_file"]

# Bytes that one archive may unpack to.
MAX_UNPACKED = 1 << 34


def get_file(  # noqa: PLR0917 - the order of Keras
    fname: Any = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str = "auto",
    cache_dir: Any = None,
    force_download: bool = False,
) -> str:
    """Return the path of a file, downloaded from `origin` if it is not there yet.

    Args:
        fname: its name in the cache; None takes the last part of origin.
        origin: an http or https address.
        untar, extract: unpack a tar or zip archive beside it.
        md5_hash, file_hash: what the file's hash must be, MD5 or SHA-256 by its length.
        cache_subdir, cache_dir: the folder, "datasets" in KERAS_HOME or ~/.keras.
        hash_algorithm, archive_format: accepted; both are seen from the hash and the file.
        force_download: fetch it anew.
    Returns:
        The file's path; with untar or extract that of the folder it was unpacked to: without the
        archive's ending if untar, "<name>_extracted" if extract, as in Keras 3.
    Raises:
        ValueError: no origin, a hash that differs, or an archive that leads out of its folder.
    """
    if not origin:
        raise ValueError("get_file: expected origin, an address, got none. Give origin=.")
    name = str(fname or Path(urllib.parse.urlsplit(origin).path).name)
    if Path(name).name != name or name in (".", ".."):
        raise ValueError(
            f"get_file: expected fname without folders, got {name!r}. Give cache_subdir for them."
        )
    home = Path(cache_dir or os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
    path = home / cache_subdir / name
    wanted = (file_hash or md5_hash or "").lower()
    pin = wanted if len(wanted) in (0, 64) else f"md5:{wanted}"
    if force_download or not path.is_file() or (pin and not io.has_sha256(path, pin)):
        path.parent.mkdir(parents=True, exist_ok=True)
        fetched = Path(io.get_file(origin, f"keras/{name}"))
        if pin and not io.has_sha256(fetched, pin):
            fetched.unlink()
            raise ValueError(
                f"get_file: expected a file of hash {wanted}, got another from {origin}. "
                "It was removed; correct the address or the hash."
            )
        shutil.move(fetched, path)
    if not untar and not extract:
        return str(path)
    folder = path.with_name(name.removesuffix(".tar.gz").removesuffix(".tgz").removesuffix(".tar"))
    folder = folder if untar and folder != path else path.with_name(f"{name}_extracted")
    return str(_unpacked(path, folder))


def _unpacked(path: Path, folder: Path) -> Path:
    if folder.exists():
        return folder
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        left = MAX_UNPACKED
        for name, source in _members(path):
            left -= _write(source, _place(part, name), left)
    except (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, ValueError) as error:
        shutil.rmtree(part, ignore_errors=True)
        raise ValueError(
            f"get_file: expected a tar or zip archive of files in one folder, got {path.name} "
            f"({error}). Unpack it yourself if you trust it."
        ) from error
    part.rename(folder)
    return folder


def _members(path: Path) -> Iterator[tuple[str, Any]]:
    """Yield (name, file to read) of the files of an archive; ValueError for links and devices."""
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isdir():
                    continue
                source = archive.extractfile(member) if member.isfile() else None
                if source is None:
                    raise ValueError(f"{member.name!r} is no file")
                yield member.name, source
    else:
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if not info.is_dir():
                    with archive.open(info) as source:
                        yield info.filename, source


def _place(folder: Path, name: str) -> Path:
    """Return where a member goes; ValueError if that is outside the folder."""
    steps = [step for step in name.replace("\\", "/").split("/") if step not in ("", ".")]
    if name[:1] in ("/", "\\") or not steps or ".." in steps or ":" in name:
        raise ValueError(f"{name!r} leads out of the folder")
    return folder.joinpath(*steps)


def _write(source: Any, target: Path, most: int) -> int:
    """Copy a member and return its bytes; ValueError if they are more than `most`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with target.open("xb") as file:
        while chunk := source.read(1 << 20):
            written += len(chunk)
            if written > most:
                raise ValueError(f"it holds more than {MAX_UNPACKED:,} bytes")
            file.write(chunk)
    return written

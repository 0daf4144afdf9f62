"""Where data sets lie: the user's folder, our cache, other tools' folders, and then the network."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from dezero.datasets.idx import DataCorrupt
from dezero.io import DownloadError, cache_dir, fetch

__all__ = ["DataNotFound", "Sought", "download_file", "search"]

SYSTEM = Path("/usr/share/datasets")  # where Debian's packages put data sets

Found = TypeVar("Found")


class DataNotFound(RuntimeError):
    """A data set is neither on this machine nor reachable.

    The first line of the message says so and what to do; the lines below list every place.

    Args:
        message: the first line.
        places: (folder, what was wrong with it) for each place looked in, in order.
        failures: (mirror, reason) for each download tried.
    """

    def __init__(
        self,
        message: str,
        places: Sequence[tuple[str, str]] = (),
        failures: Sequence[tuple[str, str]] = (),
    ) -> None:
        self.places = tuple(places)
        self.failures = tuple(failures)
        lines = [message, "Looked in:"]
        lines += [f"  {place}: {reason}" for place, reason in self.places]
        if self.failures:
            lines.append("Tried to download from:")
            lines += [f"  {url}: {reason}" for url, reason in self.failures]
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Sought:
    """A data set that is looked for: the folders that may hold it, and what to say if none does.

    Args:
        name: the class a user asks for.
        files: the names of its files, as a message gives them.
        size: their size in bytes.
        folder: the folder in our cache and in Debian's.
        inside: folders to look in below root and DEZERO_DATA; "." is themselves.
        keras: folders below Keras's `datasets`.
        torch: folders below those that torchvision is usually given.
        hint: what else a user can do, beginning with a comma, or nothing.
    """

    name: str
    files: tuple[str, ...]
    size: int
    folder: str
    inside: tuple[str, ...]
    keras: tuple[str, ...] = ()
    torch: tuple[str, ...] = ()
    hint: str = ""

    def missing(self, why: str) -> str:
        """Return the first line of DataNotFound."""
        got, them = ("neither", "them") if len(self.files) > 1 else ("nothing", "it")
        return (
            f"{self.name}: expected {' and '.join(self.files)} ({self.size / 1e6:.1f} MB), got "
            f"{got}, and {why}. Put {them} in a folder and set DEZERO_DATA to it{self.hint}."
        )

    def places(self, root: str | os.PathLike[str] | None) -> Iterator[tuple[Path, bool]]:
        """Yield (folder, whether the user named it) in the order of the search."""
        for base in (root, os.environ.get("DEZERO_DATA")):
            if base:
                for name in self.inside:
                    yield from _known(Path(base) / name, True)
        with contextlib.suppress(RuntimeError):
            yield cache_dir() / self.folder, False
        yield SYSTEM / self.folder, False
        keras = Path(os.environ.get("KERAS_HOME") or "~/.keras") / "datasets"
        for name in self.keras:
            yield from _known(keras / name, False)
        torch_home = os.environ.get("TORCH_HOME") or "~/.cache/torch"
        for base in ("data", "~/data", "~/datasets", torch_home):
            for name in self.torch:
                yield from _known(Path(base) / name, False)


def search(
    sought: Sought,
    read: Callable[[Path], Found | None],
    root: str | os.PathLike[str] | None,
    download: bool,
) -> tuple[Found | None, list[tuple[str, str]]]:
    """Return what `read` makes of the first folder that has the files, and the places before it.

    Args:
        sought: where to look.
        read: from a folder to its content, or None if a file is missing; raises DataCorrupt.
        root: a folder to look in before all others; it must exist.
        download: whether the caller may fetch what is not found.
    Returns:
        (content, places); content is None if nothing is found and the caller may download.
    Raises:
        ValueError: root is not a folder.
        DataCorrupt: a file in `root` or DEZERO_DATA is not the one it should be. Such a file
            elsewhere is passed over, and named if nothing better is found.
        DataNotFound: nothing found, and downloading is off, here or by DEZERO_OFFLINE=1.
    """
    if root is not None and not os.path.isdir(os.path.expanduser(root)):
        raise ValueError(
            f"{sought.name}: expected root to be a folder, got {str(root)!r}. "
            "Leave root out to look in the usual places."
        )
    places: list[tuple[str, str]] = []
    for folder, chosen in sought.places(root):
        try:
            found = read(folder)
            reason = "not there" if folder.is_dir() else "no such folder"
        except DataCorrupt as error:
            if chosen:
                raise
            found, reason = None, str(error)
        except OSError as error:  # a folder that may not be looked into
            found, reason = None, error.strerror or str(error)
        if found is not None:
            return found, places
        places.append((str(folder), reason))
    if not download or os.environ.get("DEZERO_OFFLINE", "0") not in {"", "0"}:
        raise DataNotFound(sought.missing("downloading is off"), places)
    return None, places


def download_file(
    sought: Sought,
    places: Sequence[tuple[str, str]],
    name: str,
    *,
    urls: Sequence[str],
    sha256: str,
    max_bytes: int,
) -> Path:
    """Fetch the file `name`, pinned as in `fetch`, into the cache's folder of `sought`.

    Raises:
        DataNotFound: no mirror delivered it, or there is nowhere to put it.
    """
    try:
        dest = cache_dir() / sought.folder / name
        return fetch(urls, dest, sha256=sha256, max_bytes=max_bytes)
    except RuntimeError as error:  # a DownloadError, or no home to put a cache in
        failures = error.failures if isinstance(error, DownloadError) else ()
        why = "no mirror answered as it should" if failures else str(error)
        raise DataNotFound(sought.missing(why), places, failures) from error


def _known(folder: Path, chosen: bool) -> Iterator[tuple[Path, bool]]:
    """Yield a place with ~ written out, but none at home where nobody knows the home folder."""
    with contextlib.suppress(RuntimeError):
        yield folder.expanduser(), chosen

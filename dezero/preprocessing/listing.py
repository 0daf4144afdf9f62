"""Which pictures a folder holds, in the order in which Keras lists them."""

import os
import warnings
from collections.abc import Iterator, Sequence

__all__ = ["ENDINGS", "class_folders", "picture_files"]

ENDINGS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")


def class_folders(name: str, directory: str) -> list[str]:
    """Return the folders in `directory`, in order; names that begin with a dot are passed over.

    Raises:
        ValueError: directory is no folder.
    """
    if not os.path.isdir(directory):
        raise ValueError(
            f"{name}: expected directory to be a folder, got {directory!r}. "
            "Give the folder that holds one folder for each class."
        )
    names = (entry.name for entry in os.scandir(directory) if entry.is_dir())
    return sorted(name for name in names if not name.startswith("."))


def picture_files(
    root: str, folders: Sequence[str], endings: tuple[str, ...], follow_links: bool
) -> list[list[str]]:
    """Return for each folder in `root` the paths of its pictures, relative to root.

    Args:
        root: where the folders are.
        folders: names; "" is root itself.
        endings: of the files, in any case.
        follow_links: without it links to files outside of root, and links to folders, are passed
            over with a warning.
    """
    within = os.path.realpath(root)
    passed: list[str] = []
    found = []
    for folder in folders:
        start = os.path.join(root, folder) if folder else root
        places = sorted(_folders(start, frozenset(), within, follow_links, passed))
        paths = []
        for place in places:
            for entry in sorted(os.scandir(place), key=lambda entry: entry.name):
                if entry.name.startswith(".") or not entry.name.lower().endswith(endings):
                    continue
                if entry.is_file() and _may_enter(entry.path, within, follow_links, passed):
                    paths.append(os.path.relpath(entry.path, root))
        found.append(paths)
    if passed:
        warnings.warn(
            f"{len(passed)} links in {root} were passed over, the first is {passed[0]}. "
            "Pass follow_links=True to follow them.",
            stacklevel=4,
        )
    return found


def _folders(
    place: str, above: frozenset[str], within: str, follow_links: bool, passed: list[str]
) -> Iterator[str]:
    """Yield a folder and all below it; links are followed if asked for, but not in circles."""
    real = os.path.realpath(place)
    entered = real == within or _may_enter(place, within, follow_links, passed)
    if real in above or not entered:
        return
    yield place
    for entry in os.scandir(place):
        if entry.is_dir() and not entry.name.startswith("."):
            yield from _folders(entry.path, above | {real}, within, follow_links, passed)


def _may_enter(path: str, within: str, follow_links: bool, passed: list[str]) -> bool:
    if follow_links or not os.path.islink(path):
        return True
    target = os.path.realpath(path)
    inside = target.startswith(os.path.join(within, "")) and os.path.isfile(target)
    if not inside:
        passed.append(path)
    return inside

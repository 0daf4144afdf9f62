"""HDF5 files, read without trusting them.

Links lead nowhere but into the file, and an array is as large as what the file holds for it.
"""

import importlib
import math
import os
from collections.abc import Iterator
from typing import Any, NoReturn

import numpy as np

__all__ = ["H5Reader", "h5py_module"]

# Deflate cannot make more of a byte than this.
RATIO = 1032
# Filters that HDF5 has built in; any other would load a plugin: deflate, shuffle, fletcher32.
FILTERS = {1, 2, 3}
MAX_ATTRIBUTE = 16 << 20
MAX_DEPTH = 64


def h5py_module(caller: str) -> Any:
    """Return h5py.

    Raises:
        ImportError: it is not installed.
    """
    try:
        return importlib.import_module("h5py")
    except ImportError as error:
        raise ImportError(
            f"{caller}: expected h5py for Keras's files, got none. "
            "Install it: pip install 'dezero-next[keras]'."
        ) from error


class H5Reader:
    """An HDF5 file opened for reading, all of whose faults are a ValueError that names it.

    Args:
        caller: public function on whose behalf the file is read; begins each message.
        source: the path, or an open binary file.
        shown: name for the messages; the path if None.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it is no HDF5 file.
    """

    def __init__(self, caller: str, source: Any, shown: str | None = None):
        self.caller = caller
        self._h5 = h5py_module(caller)
        is_open = hasattr(source, "read")
        self.shown = shown or ("file" if is_open else os.fsdecode(source))
        self._own = None if is_open else open(source, "rb")
        raw = source if self._own is None else self._own
        self.size = raw.seek(0, os.SEEK_END)
        raw.seek(0)
        try:
            self.root = self._h5.File(raw, "r")
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            self._close_own()
            self.refuse(f"expected an undamaged HDF5 file, got one that fails with {error}")

    def __enter__(self) -> "H5Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.root.close()
        self._close_own()

    def _close_own(self) -> None:
        if self._own is not None:
            self._own.close()

    def refuse(self, reason: str, part: str | None = None) -> NoReturn:
        """Raise the one kind of error that a bad file gives."""
        where = repr(self.shown) if part is None else f"{self.shown!r}, {part[:80]!r}"
        raise ValueError(f"{self.caller}: {where}: {reason[:300]}.")

    def child(self, group: Any, path: str) -> Any:
        """Return what a path below `group` leads to, or None; only links of the file itself."""
        for name in (piece for piece in path.split("/") if piece):
            if not isinstance(group, self._h5.Group):
                return None
            link = self._tried(path, lambda g=group, n=name: g.get(n, getlink=True))
            if link is None:
                return None
            if not isinstance(link, self._h5.HardLink):
                self.refuse("expected data of the file itself, got a link", path)
            group = self._tried(path, lambda g=group, n=name: g[n])
        return group

    def _tried(self, part: str, read: Any) -> Any:
        try:
            return read()
        # h5py throws whichever of these at damaged bytes.
        except (OSError, RuntimeError, KeyError, ValueError, TypeError) as error:
            self.refuse(f"expected undamaged data, got some that fails with {error}", part)

    def has(self, holder: Any, name: str) -> bool:
        """Return whether a group, or its attributes, have something of this name."""
        return self._tried(name, lambda: name in holder)

    def datasets(self, group: Any, path: str = "", above: tuple = ()) -> Iterator[tuple[str, Any]]:
        """Yield (path, dataset) of all that is below `group`."""
        place = self._tried(path, lambda: self._h5.h5o.get_info(group.id).addr)
        if place in above or len(above) > MAX_DEPTH:
            self.refuse("expected groups inside each other, got a circle", path)
        for name in self._tried(path, lambda: list(group)):
            inner = f"{path}/{name}" if path else name
            found = self.child(group, name)
            if isinstance(found, self._h5.Group):
                yield from self.datasets(found, inner, (*above, place))
            elif isinstance(found, self._h5.Dataset):
                yield inner, found

    def total(self) -> int:
        """Return the bytes that all arrays of the file can be at most."""
        sizes = 0
        for path, dataset in self.datasets(self.root):
            sizes += self._tried(path, lambda d=dataset: self._most(d))
        return sizes

    def _most(self, dataset: Any) -> int:
        wanted = math.prod(dataset.shape or ()) * dataset.dtype.itemsize
        stored = min(dataset.id.get_storage_size(), self.size)
        return min(wanted, stored * RATIO)

    def array(self, dataset: Any, part: str) -> np.ndarray:
        """Return the array of a dataset, in this machine's byte order; checked before it is read.

        Raises:
            ValueError: it holds no numbers, lies elsewhere, or declares more than is stored.
        """
        if not isinstance(dataset, self._h5.Dataset):
            self.refuse("expected an array, got a group or nothing", part)
        return self._tried(part, lambda: self._checked(dataset, part))

    def _checked(self, dataset: Any, part: str) -> np.ndarray:
        if dataset.is_virtual or dataset.external:
            self.refuse("expected data of the file itself, got a view of another", part)
        if dataset.shape is None or dataset.dtype.kind not in "fiub":
            self.refuse(f"expected numbers, got {dataset.dtype}", part)
        plist = dataset.id.get_create_plist()
        filters = {plist.get_filter(i)[0] for i in range(plist.get_nfilters())}
        if not filters <= FILTERS:
            self.refuse(f"expected gzip as compression, got filters {sorted(filters)}", part)
        stored = min(dataset.id.get_storage_size(), self.size)
        most = stored * (RATIO if filters else 1)
        wanted = math.prod(dataset.shape) * dataset.dtype.itemsize
        if wanted > most:
            self.refuse(f"declares {wanted} bytes, the file holds at most {most} of it", part)
        array = np.asarray(dataset[()])
        return array.astype(array.dtype.newbyteorder("="), copy=False)

    def texts(self, group: Any, name: str) -> list[str] | None:
        """Return a list of names kept as an attribute, in pieces if it is long; None if absent."""
        if self.has(group.attrs, name):
            return self._texts(group, name)
        found, i = None, 0
        while self.has(group.attrs, f"{name}{i}"):
            found = (found or []) + self._texts(group, f"{name}{i}")
            i += 1
        return found

    def _texts(self, group: Any, name: str) -> list[str]:
        value = np.asarray(self.attribute(group, name)).ravel().tolist()
        return [v.decode("utf-8", "replace") if isinstance(v, bytes) else str(v) for v in value]

    def attribute(self, group: Any, name: str) -> Any:
        """Return an attribute, of at most a few MB; None if there is none."""
        if not self.has(group.attrs, name):
            return None
        found = self._tried(name, lambda: group.attrs.get_id(name))
        if math.prod(found.shape) * found.dtype.itemsize > min(MAX_ATTRIBUTE, self.size):
            self.refuse("declares more than the file holds", name)
        return self._tried(name, lambda: group.attrs[name])

"""The ``.dz`` file: one zip with a JSON manifest and ``.npy`` arrays, nothing that runs code.

Layout, format version 1: the member ``manifest.json`` holds ``{"format": "dezero", "version": 1,
"arrays": {NAME: {"dtype", "shape", "sha256"}}, "content": ...}``, and each array is the member
``NAME.npy``. All members are stored uncompressed, so no file is larger in memory than on disk.
"""

import hashlib
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from dezero.io.zipfiles import (
    ArrayHeader,
    PathLike,
    SafeZip,
    check_name,
    npy_chunks,
    plain_array,
    plain_dtype,
    write_member,
    write_zip,
)

__all__ = ["load_archive", "save_archive"]

FORMAT, VERSION = "dezero", 1
MANIFEST = "manifest.json"
MAX_MANIFEST = 16 << 20
# Deep enough for layers within layers, far from Python's limit on recursion for whoever walks it.
MAX_DEPTH = 128
# Far above any count or generator state, far below what no float can hold.
MAX_DIGITS = 100


def save_archive(
    path: PathLike, manifest: Mapping[str, Any], arrays: Mapping[str, np.ndarray]
) -> None:
    """Write a manifest and named arrays into one ``.dz`` file, whole or not at all.

    Args:
        path: file to make or to replace; the old file stays until the new one is complete.
        manifest: dict of None, booleans, numbers, strings, lists and dicts with string keys. NumPy
            scalars become numbers, tuples become lists, NaN and infinities are kept.
        arrays: name -> array of booleans, integers, floats or complex numbers, any shape.
    Raises:
        TypeError: a value is not of these kinds; the message names it.
        ValueError: a name that leads out of the file, or a manifest too deep or too large.
        OSError: the file could not be written; what was at `path` is untouched.
    Note:
        Equal contents give equal files, byte for byte.
    """
    for given in (manifest, arrays):
        if not isinstance(given, Mapping):
            raise TypeError(f"save_archive: expected a dict, got {type(given).__name__}.")
    checked: dict[str, np.ndarray] = {}
    table: dict[str, dict[str, Any]] = {}
    for name, value in arrays.items():
        check_name("save_archive", name)
        array = checked[name] = plain_array("save_archive", name, value)
        sha256 = hashlib.sha256()
        for chunk in npy_chunks(array):
            sha256.update(chunk)
        table[name] = _entry(array.dtype, array.shape, sha256)
    content = _plain_json(manifest, "manifest")
    whole = {"format": FORMAT, "version": VERSION, "arrays": table, "content": content}
    text = json.dumps(whole, indent=1).encode()
    if len(text) > MAX_MANIFEST:
        raise ValueError(
            f"save_archive: expected a manifest of at most {MAX_MANIFEST} bytes, "
            f"got {len(text)}. Store long lists of numbers as arrays."
        )

    def write(target: zipfile.ZipFile) -> None:
        write_member(target, MANIFEST, [text], zipfile.ZIP_STORED)
        for name, array in checked.items():
            write_member(target, f"{name}.npy", npy_chunks(array), zipfile.ZIP_STORED)

    write_zip("save_archive", path, write)


def load_archive(
    path: PathLike, max_bytes: int | None = None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Read what `save_archive` wrote: the manifest and the arrays, each checked by its hash.

    Args:
        path: the file, with whatever suffix.
        max_bytes: refuse a file that takes more memory than this; None allows the size of the file.
    Returns:
        (manifest, arrays), arrays being name -> numpy.ndarray.
    Raises:
        OSError: the file is not there or cannot be read.
        ValueError: it is no such file, is damaged, is from a newer version, or declares what is not
            there; the message names the file and the member.
    """
    with SafeZip("load_archive", path) as source:
        if MANIFEST not in source.members:
            source.refuse(f"expected a file that dezero saved, got a zip without {MANIFEST}")
        limit = source.size if max_bytes is None else min(max_bytes, source.size)
        source.check_total(limit, "Its members overlap, or max_bytes is too small for it")
        for member, info in source.members.items():
            if info.compress_type != zipfile.ZIP_STORED:
                source.refuse("expected it stored, got it compressed", member)
        content, table = _read_manifest(source)
        arrays: dict[str, np.ndarray] = {}
        for name, entry in table.items():
            arrays[name] = _read_checked(source, f"{name}.npy", entry)
        return content, arrays


def _entry(dtype: np.dtype[Any], shape: tuple[int, ...], sha256: Any) -> dict[str, Any]:
    return {"dtype": dtype.str, "shape": list(shape), "sha256": sha256.hexdigest()}


def _read_manifest(source: SafeZip) -> tuple[dict[str, Any], dict[str, Any]]:
    text = source.read_bytes(MANIFEST, MAX_MANIFEST)
    try:
        whole = json.loads(text, object_pairs_hook=_unique, parse_int=_bounded_int)
    except (ValueError, RecursionError) as error:
        source.refuse(f"expected plain JSON, got {type(error).__name__}: {error}", MANIFEST)
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        source.refuse(f'expected "format": "{FORMAT}" in it', MANIFEST)
    if whole.get("version") != VERSION:
        source.refuse(
            f"expected format version {VERSION}, got {str(whole.get('version'))[:40]}. "
            "Another release of dezero wrote it: use that one, or update",
            MANIFEST,
        )
    content, table = whole.get("content"), whole.get("arrays")
    if not isinstance(content, dict) or not isinstance(table, dict):
        source.refuse('expected "content" and "arrays", both objects', MANIFEST)
    if _depth_over(content, MAX_DEPTH):
        source.refuse(f"expected at most {MAX_DEPTH} levels of nesting", MANIFEST)
    _check_table(source, table)
    return content, table


def _check_table(source: SafeZip, table: dict[str, Any]) -> None:
    expected = {f"{name}.npy" for name in table} | {MANIFEST}
    missing = sorted(expected - set(source.members))
    extra = sorted(set(source.members) - expected)
    if missing or extra:
        source.refuse(
            f"expected the members that {MANIFEST} lists; "
            f"missing: {_some(missing)}, not listed: {_some(extra)}"
        )
    for name, entry in table.items():
        kinds = {"dtype": str, "shape": list, "sha256": str}
        if (
            not isinstance(entry, dict)
            or any(not isinstance(entry.get(key), kind) for key, kind in kinds.items())
            or any(type(size) is not int for size in entry["shape"])
        ):
            source.refuse(f"expected dtype, shape and sha256 of {name!r} in {MANIFEST}", MANIFEST)
        if plain_dtype(entry["dtype"]) is None:
            source.refuse(
                f"expected a numeric dtype of {name!r}, got {entry['dtype'][:40]!r}", MANIFEST
            )


def _read_checked(source: SafeZip, member: str, entry: dict[str, Any]) -> np.ndarray:
    def compare(header: ArrayHeader) -> None:
        if header.dtype.str != entry["dtype"] or list(header.shape) != entry["shape"]:
            source.refuse(
                f"holds {header.dtype.str} {header.shape}, but {MANIFEST} says "
                f"{entry['dtype']} {str(entry['shape'])[:80]}",
                member,
            )

    sha256 = hashlib.sha256()
    array = source.read_array(member, check=compare, digest=sha256)
    if sha256.hexdigest() != entry["sha256"]:
        source.refuse("its SHA-256 is not the one that the manifest has: the data changed", member)
    return array


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(name[:80]) for name in names[:5])
    return shown + (f" and {len(names) - 5} more" if len(names) > 5 else "") or "none"


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("a key occurs twice")
    return table


def _bounded_int(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"an integer of {len(digits)} digits")
    return int(digits)


def _depth_over(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, dict | list)
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True


def _plain_json(value: Any, where: str, depth: int = 0) -> Any:
    if depth > MAX_DEPTH - 1:
        raise ValueError(
            f"save_archive: expected at most {MAX_DEPTH} levels of nesting, "
            f"got more at {where[:80]}. Is something within itself?"
        )
    if isinstance(value, int) and abs(value) >= 10 ** (MAX_DIGITS - 1):
        raise ValueError(
            f"save_archive: expected integers of fewer than {MAX_DIGITS} digits, got more at "
            f"{where}. Save it as a string."
        )
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.bool_ | np.integer | np.floating):
        return value.item()
    if isinstance(value, list | tuple):
        return [_plain_json(v, f"{where}/{i}", depth + 1) for i, v in enumerate(value)]
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"save_archive: expected string keys in {where}, got {key!r}.")
        return {k: _plain_json(v, f"{where}/{k}", depth + 1) for k, v in value.items()}
    raise TypeError(
        f"save_archive: expected numbers, strings, lists and dicts in the manifest, "
        f"got {type(value).__name__} at {where}. Give arrays as arrays=."
    )

"""A text as a row of characters, each to be told from the ones before."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dezero.datasets.base import Dataset
from dezero.datasets.idx import DataCorrupt
from dezero.datasets.places import Sought, download_file, search
from dezero.io import sha256_of

__all__ = ["Shakespear", "Shakespeare"]

SIZE = 1115394
# The hash that TensorFlow Datasets pins.
SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"
NAMES = ("input.txt", "tinyshakespeare.txt", "tiny-shakespeare.txt", "shakespear.txt")
MIRRORS = (
    "https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/input.txt",
    "https://raw.githubusercontent.com/jcjohnson/torch-rnn/master/data/tiny-shakespeare.txt",
)
SOUGHT = Sought(
    name="Shakespeare",
    files=(NAMES[0],),
    size=SIZE,
    folder="shakespeare",
    inside=(".", "shakespeare", "tinyshakespeare"),
    keras=(".",),
    torch=("shakespeare", "tinyshakespeare"),
)


class Shakespeare(Dataset):
    """40,000 lines of Shakespeare, 1.1 million characters: x is a character, t the next one.

    Args:
        train: without meaning, as in the book: the text is one.
        transform: callable on one character's number.
        target_transform: callable on one next character's number.
        root: folder to look in first.
        download: fetch the text if it is nowhere on this machine.
    Raises:
        ValueError: root is not a folder.
        DataCorrupt: a file in root or DEZERO_DATA has the wrong content.
        DataNotFound: neither found nor reachable; the message lists every place.
    Note: `char_to_id` and `id_to_char` are dicts; characters are numbered as they first appear.
        The file is `input.txt`, checked by SHA-256, and looked for as those of MNIST are.

    Reference:
        Karpathy 2015, "The unreasonable effectiveness of recurrent neural networks".
    """

    def __init__(
        self,
        train: bool = True,
        transform: Callable[[Any], Any] | None = None,
        target_transform: Callable[[Any], Any] | None = None,
        *,
        root: str | os.PathLike[str] | None = None,
        download: bool = True,
    ) -> None:
        self.root = root
        self.download = download
        super().__init__(train, transform, target_transform)

    def prepare(self) -> None:
        text = load(self.root, self.download)
        letters = dict.fromkeys(text)  # keeps the order in which they first appear
        self.char_to_id = {letter: number for number, letter in enumerate(letters)}
        self.id_to_char = dict(enumerate(letters))
        numbers = np.array([self.char_to_id[letter] for letter in text], np.int64)
        self.data, self.label = numbers[:-1], numbers[1:]


Shakespear = Shakespeare


def load(root: str | os.PathLike[str] | None, download: bool) -> str:
    """Return the text, from the first place that has it; errors are those of `search`."""
    found, places = search(SOUGHT, _read_folder, root, download)
    if found is not None:
        return found
    path = download_file(SOUGHT, places, NAMES[0], urls=MIRRORS, sha256=SHA256, max_bytes=SIZE)
    return path.read_text("utf-8")


def _read_folder(folder: Path) -> str | None:
    for path in (folder / name for name in NAMES):
        if path.is_file():
            size = path.stat().st_size
            actual = f"{size} bytes" if size != SIZE else sha256_of(path)
            if actual != SHA256:
                raise DataCorrupt(
                    f"{path}: expected {SIZE} bytes with SHA-256 {SHA256}, got {actual}. "
                    "The file is damaged or another one; delete it and try again."
                )
            return path.read_bytes().decode("utf-8")
    return None

"""Files in and out: downloads, progress bars, and containers that cannot run code."""

from dezero.io.archive import load_archive, save_archive
from dezero.io.download import DownloadError, cache_dir, fetch, sha256_of
from dezero.io.files import get_file
from dezero.io.npz import load_npz, save_npz
from dezero.io.progress import ProgressBar, show_progress

__all__ = [
    "DownloadError",
    "ProgressBar",
    "cache_dir",
    "fetch",
    "get_file",
    "load_archive",
    "load_npz",
    "save_archive",
    "save_npz",
    "sha256_of",
    "show_progress",
]

"""Files in and out: downloads, progress bars, and containers that cannot run code."""

from dezero.io.download import DownloadError, cache_dir, fetch, sha256_of
from dezero.io.progress import ProgressBar, show_progress

__all__ = ["DownloadError", "ProgressBar", "cache_dir", "fetch", "sha256_of", "show_progress"]

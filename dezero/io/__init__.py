"""Files in and out: downloads, progress bars, and containers that cannot run code."""

from dezero.io.archive import load_archive, save_archive
from dezero.io.arraypickle import load_array_pickle
from dezero.io.download import DownloadError, cache_dir, fetch, has_sha256, sha256_of
from dezero.io.files import get_file
from dezero.io.npz import load_npz, save_npz
from dezero.io.progress import ProgressBar, show_progress
from dezero.io.safetensors import load_safetensors, safetensors_metadata, save_safetensors
from dezero.io.tars import read_tar
from dezero.io.torchfile import load_pth
from dezero.io.weightfile import load_arrays, save_arrays

__all__ = [
    "DownloadError",
    "ProgressBar",
    "cache_dir",
    "fetch",
    "get_file",
    "has_sha256",
    "load_archive",
    "load_array_pickle",
    "load_arrays",
    "load_npz",
    "load_pth",
    "load_safetensors",
    "read_tar",
    "safetensors_metadata",
    "save_archive",
    "save_arrays",
    "save_npz",
    "save_safetensors",
    "sha256_of",
    "show_progress",
]

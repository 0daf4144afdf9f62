"""`TensorBoard`: the figures of a training, written as the event files that TensorBoard shows.

An event file is a row of records (length, checksum, bytes, checksum) whose bytes are a protocol
buffer; both are small enough to write by hand.
"""

import os
import struct
import time
from pathlib import Path
from typing import Any

import numpy as np

from dezero.backend import to_host
from dezero.training import Callback

__all__ = ["TensorBoard"]


def _table() -> list[int]:
    """Return the table of CRC-32C, polynomial 0x82f63b78 reversed."""
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = (byte >> 1) ^ 0x82F63B78 if byte & 1 else byte >> 1
        table.append(byte)
    return table


_CRC = _table()


def _masked(data: bytes) -> bytes:
    """Return the checksum of bytes as event files have it, turned and moved."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _part(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _doubles(field: int, values: Any) -> bytes:
    return _part(field, np.asarray(values, "<f8").tobytes())


class _Writer:
    """One event file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = f"events.out.tfevents.{time.time():.0f}.{os.getpid()}.{time.perf_counter_ns()}.v2"
        self._file = (folder / name).open("wb")
        self._event(0, _part(3, b"brain.Event:2"))

    def _event(self, step: int, content: bytes) -> None:
        data = b"\x09" + struct.pack("<d", time.time()) + b"\x10" + _varint(step) + content
        head = struct.pack("<Q", len(data))
        self._file.write(head + _masked(head) + data + _masked(data))

    def scalar(self, tag: str, value: float, step: int) -> None:
        """Write a number."""
        simple = _part(1, tag.encode()) + b"\x15" + struct.pack("<f", value)
        self._event(step, _part(5, _part(1, simple)))

    def histogram(self, tag: str, values: np.ndarray, step: int) -> None:
        """Write how values are spread."""
        x = values[np.isfinite(values)].astype(np.float64).ravel()
        if not x.size:
            return
        counts, edges = np.histogram(x, 30)
        sums = (x.min(), x.max(), x.size, x.sum(), (x * x).sum())
        numbers = b"".join(
            _varint((i + 1) << 3 | 1) + struct.pack("<d", v) for i, v in enumerate(sums)
        )
        spread = numbers + _doubles(6, edges[1:]) + _doubles(7, counts)
        self._event(step, _part(5, _part(1, _part(1, tag.encode()) + _part(5, spread))))

    def flush(self) -> None:
        """Bring it to the disk."""
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class TensorBoard(Callback):
    """Write the figures of each epoch to `log_dir`, for `tensorboard --logdir` to show.

    Args:
        log_dir: folder; training goes to "train" in it, validation to "validation".
        histogram_freq: how the weights are spread, every so many epochs; 0 for never.
        write_graph, write_images, write_steps_per_second, profile_batch, embeddings_freq,
            embeddings_metadata: accepted; no such thing is written.
        update_freq: "epoch", "batch", or every so many batches.
    """

    adds = ()

    def __init__(  # noqa: PLR0917 - the order of Keras
        self,
        log_dir: Any = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: Any = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
        **ignored: Any,
    ) -> None:
        self.log_dir, self.histogram_freq = Path(log_dir), int(histogram_freq or 0)
        self.update_freq = 1 if update_freq == "batch" else update_freq
        if self.update_freq != "epoch" and not isinstance(self.update_freq, int):
            raise ValueError(
                f"TensorBoard: expected update_freq 'epoch', 'batch' or a number of batches, got "
                f"{update_freq!r}. Choose one."
            )
        self._writers: dict[str, _Writer] = {}
        self._step = 0

    def _writer(self, part: str) -> _Writer:
        if part not in self._writers:
            self._writers[part] = _Writer(self.log_dir / part)
        return self._writers[part]

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Begin to count batches."""
        self._step = 0

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Write the figures so far, if that is asked for."""
        if self.update_freq != "epoch" and self._step % self.update_freq == 0:
            for name, value in (logs or {}).items():
                self._writer("train").scalar(f"batch_{name}", float(value), self._step)
        self._step += 1

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Write the figures of the epoch, and the weights."""
        figures = {k: v for k, v in (logs or {}).items() if isinstance(v, int | float)}
        rate = getattr(self.model.optimizer, "learning_rate", None)
        if "learning_rate" not in figures and isinstance(rate, float):
            figures["learning_rate"] = rate
        for name, value in figures.items():
            part = "validation" if name.startswith("val_") else "train"
            self._writer(part).scalar(f"epoch_{name.removeprefix('val_')}", value, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for layer in getattr(self.model, "layers", ()):
                for weight in getattr(layer, "weights", ()):
                    tag = f"{layer.name}/{weight.name}/histogram"
                    self._writer("train").histogram(tag, to_host(weight.data), epoch)
        for writer in self._writers.values():
            writer.flush()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Close the files."""
        for writer in self._writers.values():
            writer.close()
        self._writers = {}

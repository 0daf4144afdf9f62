"""The event files of TensorBoard."""

import struct

import numpy as np
import pytest

from dezero.keras import Sequential, callbacks, layers
from dezero.keras.events import _masked

X, T = np.linspace(0, 1, 12, dtype="f4").reshape(6, 2), np.ones((6, 1), "f4")


def records(folder):
    """Return (step, tag, value) of each record in the one file of a folder, checksums checked."""
    (path,) = folder.iterdir()
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        event = data[12 : 12 + length]
        assert data[8:12] == _masked(data[:8]) and data[12 + length : 16 + length] == _masked(event)
        data = data[16 + length :]
        assert event[:1] == b"\x09" and event[9:10] == b"\x10"
        body = event[11:]
        if body[0] == 5 << 3 | 2 and body[2] == 1 << 3 | 2 and body[4] == 1 << 3 | 2:
            size = body[5]
            tag, rest = body[6 : 6 + size].decode(), body[6 + size :]
            if rest[:1] == b"\x15":
                found.append((event[10], tag, struct.unpack("<f", rest[1:5])[0]))
    return found


def net():
    model = Sequential([layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse", metrics=["mae"])
    return model


def test_checksum():
    # The check value of CRC-32C is e3069283 for "123456789"; turned by 15 and moved.
    crc = 0xE3069283
    wanted = (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF
    assert _masked(b"123456789") == struct.pack("<I", wanted)


def test_figures_of_epochs(tmp_path):
    board = callbacks.TensorBoard(log_dir=tmp_path / "logs", histogram_freq=1)
    history = (
        net().fit(X, T, epochs=2, validation_data=(X, T), callbacks=[board], verbose=0).history
    )
    train = records(tmp_path / "logs" / "train")
    tags = {(step, tag): value for step, tag, value in train}
    assert tags[1, "epoch_loss"] == pytest.approx(history["loss"][1])
    assert tags[0, "epoch_learning_rate"] == pytest.approx(0.01)
    checked = {(s, t): v for s, t, v in records(tmp_path / "logs" / "validation")}
    assert checked[0, "epoch_mae"] == pytest.approx(history["val_mae"][0]) and len(checked) == 4
    raw = next((tmp_path / "logs" / "train").iterdir()).read_bytes()
    assert b"dense" in raw and b"/kernel/histogram" in raw


def test_figures_of_batches(tmp_path):
    board = callbacks.TensorBoard(tmp_path, update_freq="batch")
    net().fit(X, T, batch_size=2, epochs=2, callbacks=[board], verbose=0)
    found = [step for step, tag, _ in records(tmp_path / "train") if tag == "batch_loss"]
    assert found == [0, 1, 2, 3, 4, 5]
    with pytest.raises(ValueError, match="expected update_freq 'epoch', 'batch'"):
        callbacks.TensorBoard(update_freq="step")

"""`BackupAndRestore`: go on where a training was interrupted."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

from dezero.backend import to_host, xp
from dezero.core.errors import describe
from dezero.io import load_npz, save_npz
from dezero.training.callbacks.base import Callback

NAME = "backup.npz"


class BackupAndRestore(Callback):
    """Keep the state of a training on disk, and begin the next `fit` with it if there is one.

    What is kept is the model's parameters and buffers, the optimizer's state and learning rate and
    the number of epochs done; after the last epoch it is deleted.

    Args:
        backup_dir: a folder for this training alone.
        save_freq: "epoch", or a number of batches.
        delete_checkpoint: delete it when a training comes to its end.
    Raises:
        ValueError: save_freq is neither, or what is in the folder is of another model.
        RuntimeError: the model has no shapes yet, so that nothing can be restored.
    Note: an epoch that was interrupted begins anew. The order of the samples is drawn afresh.
    """

    comes_last = True
    adds = ()

    def __init__(
        self,
        backup_dir: str | os.PathLike,
        save_freq: int | str = "epoch",
        *,
        delete_checkpoint: bool = True,
    ) -> None:
        counts = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not counts:
            raise ValueError(
                f"BackupAndRestore: expected save_freq 'epoch' or a number of batches, "
                f"got {save_freq!r}. Choose one."
            )
        self.path = Path(backup_dir) / NAME
        self.save_freq, self.delete_checkpoint = save_freq, delete_checkpoint
        self.done, self.batches = 0, 0

    def on_train_begin(self, logs: dict | None = None) -> None:
        """Restore what an interrupted training left."""
        self.resume_epoch = self.done = self.batches = 0
        if self.path.exists():
            self.resume_epoch = self.done = self._restore()

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        """Save after so many batches."""
        self.batches += 1
        if self.save_freq != "epoch" and self.batches % int(self.save_freq) == 0:
            self._save()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        """Save after the epoch."""
        self.done = epoch + 1
        if self.save_freq == "epoch":
            self._save()

    def on_train_end(self, logs: dict | None = None) -> None:
        """Delete the backup if the training came to its end."""
        complete = self.done >= self.params.get("epochs", 0) or self.model.stop_training
        if self.delete_checkpoint and complete:
            self.path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # other files in it, or it is not there
                self.path.parent.rmdir()

    def _save(self) -> None:
        arrays = {f"model/{name}": to_host(array) for name, array in _state(self.model).items()}
        optimizer = self.model.compiled.optimizer
        state = _taken_apart(optimizer.state_dict(), "optimizer", arrays)
        rate = None if callable(optimizer.schedule) else float(optimizer.schedule)
        text = json.dumps({"epoch": self.done, "optimizer": state, "lr": rate})
        arrays["manifest"] = np.frombuffer(text.encode(), np.uint8)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        save_npz(self.path, arrays, compress=False)

    def _restore(self) -> int:
        arrays = load_npz(self.path)
        manifest = json.loads(arrays["manifest"].tobytes())
        own = _state(self.model)
        if not own or any(param.data is None for param in self.model.params()):
            raise RuntimeError(
                "BackupAndRestore: expected a model with shapes, got one that has seen no data. "
                "Build it before fit."
            )
        saved = {name[6:]: array for name, array in arrays.items() if name.startswith("model/")}
        for name in (*own, *saved):
            a, b = own.get(name), saved.get(name)
            if a is None or b is None or a.shape != b.shape:
                raise ValueError(
                    f"BackupAndRestore: expected {name!r} as in the model, {describe(a)}, "
                    f"got {describe(b)} in {str(self.path)!r}. Delete the file to begin anew."
                )
        state = _put_together(manifest["optimizer"], arrays)
        optimizer, rate = self.model.compiled.optimizer, manifest.get("lr")
        optimizer.load_state_dict(state)
        if rate is not None and not callable(optimizer.schedule):
            optimizer.lr = rate  # callbacks may have changed it
        for name, array in own.items():
            array[...] = xp(array).asarray(saved[name])
        return manifest["epoch"]


def _state(model: Any) -> dict[str, Any]:
    """Return the arrays of parameters and buffers by number, those that have data."""
    buffers = model.named_buffers() if hasattr(model, "named_buffers") else ()
    found = [param.data for param in model.params()] + [buffer for _, buffer in buffers]
    return {str(i): array for i, array in enumerate(found) if array is not None}


def _taken_apart(tree: Any, path: str, arrays: dict[str, Any]) -> Any:
    """Return `tree` with {"array": number} for its arrays, which go into `arrays`."""
    if isinstance(tree, dict):
        return {key: _taken_apart(value, path, arrays) for key, value in tree.items()}
    if hasattr(tree, "shape"):
        arrays[f"{path}/{len(arrays)}"] = to_host(tree) if tree.shape else np.asarray(tree)
        return {"array": f"{path}/{len(arrays) - 1}"}
    return tree


def _put_together(tree: Any, arrays: dict[str, Any]) -> Any:
    if not isinstance(tree, dict):
        return tree
    if set(tree) == {"array"}:
        return arrays[tree["array"]]
    return {key: _put_together(value, arrays) for key, value in tree.items()}

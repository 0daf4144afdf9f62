"""One line per callback: what three epochs with it leave behind."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from dezero.training import History
from dezero.training.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    LearningRateScheduler,
    ModelCheckpoint,
    ReduceLROnPlateau,
    TerminateOnNaN,
)


class Run(NamedTuple):
    """A training that has ended: its folder, model, history and callback."""

    folder: Path
    model: Any
    history: Any
    callback: Callback


class CallbackSpec(NamedTuple):
    """How to make a callback in a folder, and what is seen after a run with learning rate 0.1.

    `passive`: the parameters end as they do without it.
    """

    make: Callable[[Path], Callback]
    seen: Callable[[Run], Any]
    expected: Any
    id: str
    passive: bool = True


def rate(run):
    return run.model.compiled.optimizer.lr


SPECS = [
    CallbackSpec(lambda f: Callback(), lambda run: len(run.history.epoch), 3, "Callback"),
    CallbackSpec(lambda f: History(), lambda run: len(run.history.epoch), 3, "History"),
    CallbackSpec(
        lambda f: EarlyStopping(min_delta=1e9),
        lambda run: (run.history.epoch, run.callback.stopped_epoch),
        ([0, 1], 1),
        "EarlyStopping",
        passive=False,
    ),
    CallbackSpec(
        lambda f: ModelCheckpoint(f / "model-{epoch}.dz"),
        lambda run: sorted(path.name for path in run.folder.iterdir()),
        ["model-1.dz", "model-2.dz", "model-3.dz"],
        "ModelCheckpoint",
    ),
    CallbackSpec(
        lambda f: BackupAndRestore(f / "backup"),
        lambda run: (run.history.epoch, list(run.folder.iterdir())),
        ([0, 1, 2], []),
        "BackupAndRestore",
    ),
    CallbackSpec(
        lambda f: CSVLogger(f / "log.csv"),
        lambda run: len((run.folder / "log.csv").read_text().splitlines()),
        4,
        "CSVLogger",
    ),
    CallbackSpec(
        lambda f: LambdaCallback(on_train_end=lambda logs: (f / "ended").touch()),
        lambda run: (run.folder / "ended").exists(),
        True,
        "LambdaCallback",
    ),
    CallbackSpec(
        lambda f: LearningRateScheduler(lambda epoch: 0.5**epoch),
        rate,
        0.25,
        "LearningRateScheduler",
        passive=False,
    ),
    CallbackSpec(
        lambda f: ReduceLROnPlateau(factor=0.5, patience=1, min_delta=1e9),
        rate,
        0.025,
        "ReduceLROnPlateau",
        passive=False,
    ),
    CallbackSpec(
        lambda f: TerminateOnNaN(), lambda run: len(run.history.epoch), 3, "TerminateOnNaN"
    ),
]

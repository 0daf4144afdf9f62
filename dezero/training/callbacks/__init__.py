"""Callbacks: code that is called at the points of a training."""

from dezero.training.callbacks.backup import BackupAndRestore
from dezero.training.callbacks.base import Callback
from dezero.training.callbacks.rates import LearningRateScheduler, ReduceLROnPlateau
from dezero.training.callbacks.saving import CSVLogger, LambdaCallback, ModelCheckpoint
from dezero.training.callbacks.stopping import EarlyStopping, TerminateOnNaN

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "TerminateOnNaN",
]

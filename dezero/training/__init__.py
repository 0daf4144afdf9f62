"""Training as plain functions of a model: compile, fit, evaluate, predict, and callbacks."""

from dezero.training.callbacks import *  # noqa: F403
from dezero.training.callbacks import __all__ as _callbacks
from dezero.training.compile import compile, moving, release
from dezero.training.evaluation import evaluate, predict, test_on_batch, train_on_batch
from dezero.training.history import History, plot_history
from dezero.training.loop import fit

__all__ = [
    *_callbacks,
    "History",
    "compile",
    "evaluate",
    "fit",
    "moving",
    "plot_history",
    "predict",
    "release",
    "test_on_batch",
    "train_on_batch",
]

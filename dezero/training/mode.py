"""Whether a model is called in order to train it."""

from contextvars import ContextVar
from typing import Any

__all__ = ["TRAINING", "UNTOLD", "direct_call", "trained_call"]

# Models whose direct calls predict, as those of Keras do, ask here whether this call trains.
TRAINING: ContextVar[bool] = ContextVar("dezero_training", default=False)

# True within a direct call that does not say whether it trains; pictures are varied there.
UNTOLD: ContextVar[bool] = ContextVar("dezero_untold", default=False)


def trained_call(model: Any, *inputs: Any, **options: Any) -> Any:
    """Return `model(*inputs, **options)`, called to be trained."""
    token = TRAINING.set(True)
    try:
        return model(*inputs, **options)
    finally:
        TRAINING.reset(token)


def direct_call(model: Any, untold: bool, *inputs: Any, **options: Any) -> Any:
    """Return `model(*inputs, **options)`, which predicts, `untold` or because it says so."""
    token = UNTOLD.set(untold)
    try:
        return model(*inputs, **{**options, "training": False})
    finally:
        UNTOLD.reset(token)

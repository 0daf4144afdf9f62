"""Whether a model is called in order to train it."""

from contextvars import ContextVar
from typing import Any

__all__ = ["TRAINING", "trained_call"]

# Models whose direct calls predict, as those of Keras do, ask here whether this call trains.
TRAINING: ContextVar[bool] = ContextVar("dezero_training", default=False)


def trained_call(model: Any, *inputs: Any, **options: Any) -> Any:
    """Return `model(*inputs, **options)`, called to be trained."""
    token = TRAINING.set(True)
    try:
        return model(*inputs, **options)
    finally:
        TRAINING.reset(token)

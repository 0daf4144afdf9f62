"""`keras.config`: the settings of `keras.backend`, and whether progress is drawn."""

from dezero.keras.backend import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from dezero.keras.policies import dtype_policy, set_dtype_policy

__all__ = [
    "disable_interactive_logging", "disable_traceback_filtering", "dtype_policy",
    "enable_interactive_logging", "enable_traceback_filtering", "epsilon", "floatx",
    "global_policy", "image_data_format", "is_interactive_logging_enabled", "set_dtype_policy",
    "set_epsilon", "set_floatx", "set_global_policy", "set_image_data_format",
]  # fmt: skip

_settings = {"interactive": True}


def is_interactive_logging_enabled() -> bool:
    """Return whether `verbose="auto"` draws a bar."""
    return _settings["interactive"]


def enable_interactive_logging() -> None:
    """Let `verbose="auto"` draw a bar."""
    _settings["interactive"] = True


def disable_interactive_logging() -> None:
    """Let `verbose="auto"` print one line an epoch."""
    _settings["interactive"] = False


def enable_traceback_filtering() -> None:
    """Do nothing: errors here say where they come from as they are."""


disable_traceback_filtering = enable_traceback_filtering


global_policy, set_global_policy = dtype_policy, set_dtype_policy

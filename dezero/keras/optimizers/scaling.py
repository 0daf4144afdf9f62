"""`LossScaleOptimizer`: Keras's name for an optimizer with a scale of the loss."""

from typing import Any

from dezero.core.errors import describe
from dezero.keras.identifiers import Names
from dezero.keras.naming import snake_case
from dezero.keras.optimizers import kinds
from dezero.keras.optimizers.base import OPTIONS, Optimizer
from dezero.optimizers import LossScale

__all__ = ["INNER", "LossScaleOptimizer"]

# What is its own; all else is the inner optimizer's.
OWN = {
    "inner_optimizer", "initial_scale", "dynamic_growth_steps", "name", "dynamic_scale",
    "step_counter", "get_config", "hyperparameters", "config",
}  # fmt: skip
_IGNORED = {**OPTIONS, "dynamic": True}
# What may be inside.
INNER = (
    kinds.SGD, kinds.Adadelta, kinds.Adagrad, kinds.Adam, kinds.AdamW, kinds.Adamax, kinds.Ftrl,
    kinds.Nadam, kinds.RMSprop,
)  # fmt: skip
_NAMES = Names("inner_optimizer", INNER)


class LossScaleOptimizer(Optimizer):
    """An optimizer whose loss is scaled, so that gradients of float16 do not vanish.

    Args:
        inner_optimizer: whose updates these are. It has the scale: `inner_optimizer.loss_scale`.
        initial_scale: to begin with.
        dynamic_growth_steps: finite updates in a row after which the scale is doubled. One that
            is not finite is skipped, and halves it.
        name: name.
        options: none but those that Keras once wrote, as they were by default.
    Raises:
        TypeError: inner_optimizer is no optimizer.
        ValueError: an option is none of this optimizer's.
    Note: `compile` wraps an optimizer by itself under the policy "mixed_float16". The scale stays
        between 1 and 2^24; in Keras it has no bounds.
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        return object.__new__(cls)  # nothing of an optimizer's own

    def __init__(
        self,
        inner_optimizer: Any,
        initial_scale: float = 2.0**15,
        dynamic_growth_steps: int = 2000,
        name: str | None = None,
        **options: Any,
    ) -> None:
        inner = inner_optimizer
        if not isinstance(inner, Optimizer) or isinstance(inner, LossScaleOptimizer):
            raise TypeError(
                "LossScaleOptimizer: expected an optimizer of dezero.keras without a scale, got "
                f"{describe(inner)}. Write LossScaleOptimizer(Adam())."
            )
        for option, value in options.items():
            if option not in _IGNORED or value != _IGNORED[option]:
                raise ValueError(
                    f"LossScaleOptimizer: expected no {option}, got {value!r}. Give it to "
                    "inner_optimizer; a scale that stays is its loss_scale_factor."
                )
        low, high = min(1.0, float(initial_scale)), max(2.0**24, float(initial_scale))
        held = LossScale(initial_scale, growth_steps=dynamic_growth_steps, lowest=low, highest=high)
        inner.loss_scale = held
        self.__dict__.update(
            inner_optimizer=inner,
            initial_scale=float(initial_scale),
            dynamic_growth_steps=dynamic_growth_steps,
            name=name or snake_case(type(self).__name__),
        )

    def __getattribute__(self, name: str) -> Any:
        if name in OWN or name.startswith("__"):
            return object.__getattribute__(self, name)
        return getattr(object.__getattribute__(self, "inner_optimizer"), name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in OWN:
            object.__setattr__(self, name, value)
        else:
            setattr(self.inner_optimizer, name, value)

    def __getstate__(self) -> dict[str, Any]:
        return dict(self.__dict__)

    @property
    def dynamic_scale(self) -> float:
        """The scale of the loss now."""
        return self.inner_optimizer.loss_scale.scale

    @property
    def step_counter(self) -> int:
        """How many finite updates were made since the scale changed."""
        return self.inner_optimizer.loss_scale.state_dict()["good"]

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        inner = self.inner_optimizer
        return {
            "name": self.name,
            "inner_optimizer": {
                "class_name": type(inner).__name__,
                "config": inner.get_config(),
            },
            "initial_scale": self.initial_scale,
            "dynamic_growth_steps": self.dynamic_growth_steps,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return a new one from what `get_config` returned, or Keras has written."""
        inner = _NAMES.deserialize(config["inner_optimizer"], custom_objects)
        return cls(inner, **{k: v for k, v in config.items() if k != "inner_optimizer"})

    def hyperparameters(self) -> dict[str, Any]:
        """Return `get_config()` under the name of the class."""
        return {**self.get_config(), "name": type(self).__name__}

    def config(self) -> dict[str, Any]:
        """Return `hyperparameters()`, which are plain values."""
        return self.hyperparameters()

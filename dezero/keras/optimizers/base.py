"""What Keras's optimizers share: its names, limits on gradients, `apply_gradients`."""

from collections.abc import Mapping
from typing import Any

from dezero import optimizers
from dezero.backend import kernels
from dezero.core import Parameter, Variable
from dezero.core.errors import describe, nearest
from dezero.keras.naming import snake_case
from dezero.keras.optimizers import schedules
from dezero.keras.optimizers.applied import Applied
from dezero.optimizers.hyperparameter import as_number, checked_rate, positive
from dezero.optimizers.replayed import expect_no_capture
from dezero.optimizers.state import named_params

__all__ = ["Optimizer", "Rate"]

# A model that was saved by Keras has them all.
OPTIONS: dict[str, Any] = {
    "weight_decay": None,
    "clipnorm": None,
    "global_clipnorm": None,
    "clipvalue": None,
    "use_ema": False,
    "ema_momentum": 0.99,
    "ema_overwrite_frequency": None,
    "loss_scale_factor": None,
    "gradient_accumulation_steps": None,
}
UNUSED = ("is_legacy_optimizer", "jit_compile")


class Rate(float):
    """A learning rate as Keras shows it: a number that can also be assigned to."""

    _owner: "Optimizer | None" = None

    @classmethod
    def of(cls, owner: "Optimizer", value: float) -> "Rate":
        """Return the rate of an optimizer."""
        rate = cls(value)
        rate._owner = owner
        return rate

    def assign(self, value: Any) -> None:
        """Give the optimizer another rate."""
        if self._owner is not None:
            self._owner.learning_rate = value

    def numpy(self) -> float:
        """Return the number."""
        return float(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return float, (float(self),)


class _Count(int):
    """A number of updates."""

    def numpy(self) -> int:
        """Return the number."""
        return int(self)


class Optimizer(Applied):
    """Base of Keras's optimizers.

    Args:
        learning_rate: a number, a schedule, or a function of the number of updates.
        name: name.
        options: `weight_decay` (share of the weights, times the rate, that goes per update), one
            of `clipnorm` (of each gradient), `global_clipnorm` (of all together) and `clipvalue`;
            `use_ema`: keep average = ema_momentum average + (1 - ema_momentum) weights, which
            become the weights at the end of `fit`, and after every `ema_overwrite_frequency`
            updates; `gradient_accumulation_steps`: update after so many batches by their mean
            gradient; `loss_scale_factor`: a scale of the loss that stays; the older `lr`, and
            `decay`: the rate is divided by 1 + decay * updates.
    Raises:
        ValueError: an option's value is not one, or is not supported.
        TypeError: an option is unknown.
    """

    fields: tuple[str, ...] = ()
    # Whether the formula takes `keep` of `rates()`, what weight decay leaves of the parameters.
    folds_decay = False
    _rate_decay: float = positive(1e-6)
    _is_updating = False

    def __init__(self, learning_rate: Any = 0.001, name: str | None = None, **options: Any) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.learning_rate = options.pop("lr", learning_rate)
        self._rate_decay = options.pop("decay", None) or 0.0
        _check_options(type(self).__name__, options)
        for option, default in OPTIONS.items():
            setattr(self, option, options.get(option, default))
        self._gathered: dict[str, Any] = {}
        self.add_hook(self._clip)

    @property
    def lr(self) -> float:
        """The learning rate; assign a number or a schedule."""
        rate = self._lr
        if callable(rate):
            rate = checked_rate(type(self).__name__, rate(self.t))
        if self._is_updating:
            return rate / (1 + self._rate_decay * self.t)
        return Rate.of(self, rate)

    @lr.setter
    def lr(self, value: Any) -> None:
        if isinstance(value, Mapping):
            value = schedules.deserialize(value)
        if isinstance(value, Variable):
            value = float(value.data)  # type: ignore[arg-type]
        self._lr = checked_rate(type(self).__name__, value)

    learning_rate = lr

    @property
    def loss_scale_factor(self) -> float | None:
        """The scale of the loss, if it stays as it is."""
        settings = {} if self._loss_scale is None else self._loss_scale.settings
        return settings.get("initial") if settings.get("growth") == 1 else None

    @loss_scale_factor.setter
    def loss_scale_factor(self, value: float | None) -> None:
        if value is not None or self.loss_scale_factor is not None:
            self.loss_scale = value or None

    def scale_loss(self, loss: Any) -> Variable:
        """Return the loss to take gradients of: times the scale, or as it is without one."""
        return self.scale(Variable.wrap(loss))

    @property
    def iterations(self) -> int:
        """How many updates were made; `t` counts batches, whose gradients may only be gathered."""
        return _Count(self.t // (self.gradient_accumulation_steps or 1))  # type: ignore

    @property
    def slots(self) -> tuple[str, ...]:  # type: ignore[override]
        """The formula's state arrays, and the average of the weights where it is asked for."""
        own = self._formula_slots()
        return (*own, "average") if self.use_ema else own  # type: ignore[attr-defined]

    def _rule(self, settings: dict[str, Any]) -> Any:
        """Return this optimizer as it is in an update, but for `settings`."""
        rule: Any = super()._rule(settings)
        rule._is_updating = True
        return rule

    @property
    def _per_update(self) -> int:  # type: ignore[override]
        return self.gradient_accumulation_steps or 1  # type: ignore[attr-defined]

    def _formula_slots(self) -> tuple[str, ...]:
        return super().slots

    def update(self) -> None:
        """Change every parameter that has a gradient, once, or only gather the gradients."""
        if self.gradient_accumulation_steps:  # type: ignore[attr-defined]
            expect_no_capture("gradient_accumulation_steps", "Leave it out")
        if self.gradient_accumulation_steps and not self._gather():  # type: ignore[attr-defined]
            self.t = self._counted = self.t + 1
            return
        self._is_updating = True
        try:
            super().update()
        finally:
            self._is_updating = False

    def _gather(self) -> bool:
        """Add up gradients; at the last of so many batches let each parameter have their mean."""
        every: int = self.gradient_accumulation_steps  # type: ignore[attr-defined]
        is_last = (self.t + 1) % every == 0
        if self.t % every == 0:
            self._gathered.clear()
        for name, p in named_params(self.target) if self.target is not None else ():
            if p.grad is None or not p.requires_grad:
                continue
            before = self._gathered.pop(name, None)
            total = p.grad.data if before is None else before + p.grad.data
            if is_last:
                p.grad = Variable.constant(total / every)
            else:
                self._gathered[name] = total.copy() if before is None else total
        return is_last

    def rates(self) -> dict[str, float]:
        """Return the numbers of this update: the formula's, and what weight decay leaves."""
        decay = self.weight_decay if self.folds_decay else None  # type: ignore[attr-defined]
        return {**super().rates(), "keep": 1 - self.lr * decay} if decay else super().rates()

    def average_rates(self) -> dict[str, float]:
        """Return the numbers of this update for the average of the weights."""
        options: Any = self
        every = options.ema_overwrite_frequency
        return {
            "share": options.ema_momentum if self.age > 1 else 0.0,
            "take": float(bool(every) and (self.t + 1) % every == 0),
        }

    def step(self, x: Any, g: Any, *slots: Any) -> None:
        """Apply weight decay and the formula to flat arrays in place; keep their average."""
        options: Any = self
        if options.weight_decay and not self.folds_decay:
            x *= 1 - float(self.lr) * options.weight_decay
        if not options.use_ema:
            self._formula(x, g, *slots)
            return
        *own, average = slots
        self._formula(x, g, *own)
        kernels(x).average_step(x, average, **self.average_rates())

    def finalize_variable_values(self, var_list: Any = None) -> None:
        """Give parameters, all if None, the average of their values; nothing without `use_ema`."""
        chosen = None if var_list is None else {id(p) for p in var_list}
        if not self.use_ema or self.target is None:  # type: ignore[attr-defined]
            return
        state = self.state_dict()["slots"]
        for name, p in named_params(self.target):
            # Before the first update that was not skipped there is no average.
            if name in state and state[name]["age"] and (chosen is None or id(p) in chosen):
                p.data[...] = state[name]["average"]

    def _formula(self, x: Any, g: Any, *slots: Any) -> None:
        super().step(x, g, *slots)

    def _clip(self, params: list[Parameter]) -> None:
        limits: Any = self
        if limits.clipnorm:
            optimizers.ClipGrad(limits.clipnorm, each=True)(params)
        elif limits.global_clipnorm:
            optimizers.ClipGrad(limits.global_clipnorm)(params)
        elif limits.clipvalue:
            optimizers.ClipGrad(value=limits.clipvalue)(params)

    def get_config(self) -> dict[str, Any]:
        """Return the constructor's arguments, fit for JSON."""
        rate = schedules.serialize(self._lr) if callable(self._lr) else self._lr
        options = {option: getattr(self, option) for option in OPTIONS}
        own = {field: getattr(self, field) for field in self.fields}
        decay = {"decay": self._rate_decay} if self._rate_decay else {}
        return {"name": self.name, "learning_rate": rate, **decay, **options, **own}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> Any:
        """Return a new one from what `get_config` returned."""
        config = dict(config)
        rate = config.get("learning_rate")
        if isinstance(rate, Mapping):
            config["learning_rate"] = schedules.deserialize(rate, custom_objects)
        return cls(**config)

    def hyperparameters(self) -> dict[str, Any]:
        """Return `get_config()` under the name of the class."""
        return {**self.get_config(), "name": type(self).__name__}

    def config(self) -> dict[str, Any]:
        """Return `hyperparameters()`, which are plain values."""
        return self.hyperparameters()


def _check_options(owner: str, options: dict[str, Any]) -> None:
    for option in options:
        if option not in OPTIONS and option not in UNUSED:
            known = [*OPTIONS, "decay", "learning_rate"]
            raise TypeError(f"{owner}: unknown argument {option!r}. {nearest(option, known)}")
    _check_averages(owner, options)
    limits = ("weight_decay", "clipnorm", "global_clipnorm", "clipvalue")
    for option in limits:
        value = options.get(option)
        number = as_number(value)
        if value is not None and (number is None or not 0 <= number < float("inf")):
            raise ValueError(
                f"{owner}: expected {option} to be a finite number >= 0, got {describe(value)}. "
                "None switches it off."
            )
    given = [option for option in limits[1:] if options.get(option) is not None]
    if len(given) > 1:
        raise ValueError(
            f"{owner}: expected one of clipnorm, global_clipnorm and clipvalue, got "
            f"{' and '.join(given)}. Leave one out."
        )


def _check_averages(owner: str, options: dict[str, Any]) -> None:
    """Refuse values that no average of weights or gradients can be taken with."""
    share = as_number(options.get("ema_momentum", 0.99))
    if options.get("use_ema") and (share is None or not 0 <= share <= 1):
        raise ValueError(
            f"{owner}: expected ema_momentum between 0 and 1, got "
            f"{describe(options['ema_momentum'])}. 0.99 is usual."
        )
    for option in ("ema_overwrite_frequency", "gradient_accumulation_steps"):
        value = options.get(option)
        if value is not None and (type(value) is not int or value < 1):
            raise ValueError(
                f"{owner}: expected {option} to be an integer from 1, got {describe(value)}. "
                "None switches it off."
            )
    if options.get("use_ema") and options.get("gradient_accumulation_steps"):
        raise ValueError(
            f"{owner}: expected use_ema or gradient_accumulation_steps, got both. Leave one out."
        )

"""`Optimizer`: everything but the formula."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from dezero.core import Parameter
from dezero.core.errors import describe, nearest
from dezero.optimizers import schedules
from dezero.optimizers.hyperparameter import checked_rate, names_of, values_of
from dezero.optimizers.replayed import count_update, expect_no_capture, run_block
from dezero.optimizers.schedule_base import Schedule
from dezero.optimizers.state import (
    check_fit,
    check_pattern,
    check_shape,
    checked_state,
    named_params,
)
from dezero.optimizers.storage import Named, Storage


class Optimizer:
    """Base class: keeps the state by parameter name and calls `step` on flat arrays.

    A subclass names its state arrays in `slots` and writes `step(self, x, g, *slots)`, which
    changes x and the slots in place and only reads g. `self.age` is the number of this update for
    these parameters, from 1. `rates()` has the numbers that may differ from update to update.
    A subclass in the book's manner defines `update_one(param)` instead.

    Args:
        lr: learning rate, or a schedule: a callable from the number of updates done to a rate.
            0.01 if none is given.
    """

    slots: tuple[str, ...] = ()
    t = 0
    age = 0
    target: Any = None
    hooks: list[Callable[[list[Parameter]], None]]
    _lr: Any
    _counted: int
    _is_loaded: bool
    _storage: Storage
    _settings: list[tuple[str, dict[str, Any]]]

    def __new__(cls, *args: Any, **kwargs: Any) -> "Optimizer":
        # Here and not in __init__, which a subclass may call late or never.
        self = object.__new__(cls)
        self._lr = 0.01
        self.hooks = []
        self._counted = 0
        self._is_loaded = False
        self._storage = Storage()
        self._settings = []
        return self

    def __init__(self, lr: float | Schedule | None = None) -> None:
        if lr is not None:
            self._lr = checked_rate(type(self).__name__, lr)

    def __getstate__(self) -> dict[str, Any]:
        # Blocks share memory with the parameters; in a copy they would no longer.
        return {**self.__dict__, "_storage": Storage(self._storage.state())}

    @property
    def lr(self) -> float:
        """The learning rate of the next update; assign a number or a schedule."""
        if callable(self._lr):
            return checked_rate(type(self).__name__, self._lr(self.t))
        return self._lr

    @lr.setter
    def lr(self, value: float | Schedule) -> None:
        self._lr = checked_rate(type(self).__name__, value)

    @property
    def schedule(self) -> Any:
        """The learning rate as it was given: a number or a schedule."""
        return self._lr

    def setup(self, target: Any) -> "Optimizer":
        """Take charge of the parameters of `target`, a Layer or anything with `params()`.

        State and count of updates start anew for another target, and stay for the same one.

        Returns:
            self, so that `optimizer = Adam().setup(model)` reads as in the book.
        Raises:
            TypeError: target has no `params()`.
            ValueError: loaded state or settings are for parameters that target does not have.
        """
        if not callable(getattr(target, "params", None)):
            raise TypeError(
                f"{type(self).__name__}.setup: expected a Layer or an object with params(), "
                f"got {describe(target)}. Put lone Parameters into a Layer."
            )
        if target is not self.target:
            is_new = self.target is not None and not self._is_loaded
            if not is_new:
                check_fit(type(self).__name__, self._storage.saved, target)
            for pattern, _ in self._settings:
                check_pattern(type(self).__name__, pattern, target)
            if is_new:
                self._storage, self.t, self._counted = Storage(), 0, 0
            self.target = target
        return self

    def add_hook(self, f: Callable[[list[Parameter]], None]) -> None:
        """Have `f(params)` called before each update with the parameters that have gradients."""
        self.hooks.append(f)

    def set_for(self, pattern: str, **settings: Any) -> "Optimizer":
        """Give the parameters whose name matches `pattern` hyperparameters of their own.

        Args:
            pattern: a name or a wildcard, such as "l0/*" or "*/b".
            settings: hyperparameters of this optimizer, such as lr=0.001. Of two calls that both
                set one for the same parameter, the later counts.
        Raises:
            TypeError: pattern is no string.
            ValueError: no such hyperparameter or value, or no parameter of such a name.
        """
        if not isinstance(pattern, str):
            raise TypeError(
                f"{type(self).__name__}.set_for: expected a name or a wildcard, "
                f"got {describe(pattern)}. Write 'l0/W', or 'l0/*'."
            )
        for name in settings:
            if name not in names_of(self):
                raise ValueError(
                    f"{type(self).__name__}.set_for: unknown hyperparameter {name!r}. "
                    f"{nearest(name, names_of(self))}"
                )
        self._rule(settings)  # raises what a bad value raises, now and not in mid-training
        if self.target is not None:
            check_pattern(type(self).__name__, pattern, self.target)
        self._settings.append((pattern, settings))
        self._storage.release()
        return self

    def update(self) -> None:
        """Change every parameter that has a gradient, once.

        Raises:
            RuntimeError: `setup` was not called.
            ValueError: a gradient does not fit its parameter, or loaded state does not.
        """
        if self.target is None:
            raise RuntimeError(
                f"{type(self).__name__}.update: expected setup(model) first, got no target. "
                f"Write optimizer = {type(self).__name__}().setup(model)."
            )
        for hook in self.hooks:
            hook(self._with_gradient())
        if type(self).update_one is Optimizer.update_one:
            self._update_blocks()
        else:
            expect_no_capture(self)
            for param in self._with_gradient():
                self.update_one(param)
        count_update(self)

    def _with_gradient(self) -> list[Parameter]:
        ready = (p for p in self.target.params() if p.grad is not None and p.requires_grad)
        return list({id(p): p for p in ready}.values())

    def _update_blocks(self) -> None:
        storage = self._storage
        ready = storage.find_new(self.target.params())
        if ready is not None:
            self._lay_out(ready)
        partial = []
        for settings, block, g in [(s, b, b.gradient()) for s, b in storage.blocks]:
            if g is not None:
                run_block(self, settings, block, g)
            elif block.is_partial():
                partial.append((settings, block))
        for settings, block in partial:
            part = storage.split(block)
            run_block(self, settings, part, part.gradient())

    def rates(self) -> dict[str, float]:
        """Return the numbers that `step` needs in update `self.age`, and nothing else changes.

        A captured training step replays its kernels: only what is in here can differ then.
        """
        return {"lr": self.lr}

    def step(self, x: Any, g: Any, *slots: Any) -> None:
        """Change flat parameters `x` and `slots` in place by gradient `g`; the formula."""
        raise NotImplementedError(
            f"{type(self).__name__}.step: expected the subclass to define step(self, x, g, *slots) "
            "or update_one(self, param), got neither. Write one."
        )

    def update_one(self, param: Parameter) -> None:
        """Change one parameter of the target; the book's way to write an optimizer."""
        if type(self).step is Optimizer.step:
            self.step(param.data, param.grad)  # says what is missing
        named = () if self.target is None else named_params(self.target)
        names = [name for name, p in named if p is param]
        if not names or param.grad is None:
            raise ValueError(
                f"{type(self).__name__}.update_one: expected a parameter of the target, with a "
                f"gradient, got {describe(param)}. Call setup(model) and backward first."
            )
        rule = self._rule(self._own(names[0])[1])
        block = self._storage.alone(names[0], param, rule.slots)
        block.run(rule, block.gradient())

    def state_dict(self) -> dict[str, Any]:
        """Return {"t": updates done, "slots": {parameter name: {"age": int, slot: array}}}.

        Parameters that the target no longer has are left out. With a schedule of dezero's own
        there is its state under "schedule".
        """
        state = self._storage.state()
        if self.target is not None:
            known = dict(named_params(self.target))
            state = {name: slots for name, slots in state.items() if name in known}
        schedule = {"schedule": self._lr.state_dict()} if isinstance(self._lr, Schedule) else {}
        return {"t": self.t, "slots": state, **schedule}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned; parameters not shaped yet take theirs later.

        Raises:
            ValueError: a slot is missing, unknown or of the wrong shape, or the model has no
                parameter of that name; nothing is changed.
        """
        owner = type(self).__name__
        saved = checked_state(owner, state, lambda name: self._rule(self._own(name)[1]).slots)
        if self.target is not None:
            check_fit(owner, saved, self.target)
        if "schedule" in state and isinstance(self._lr, Schedule):
            self._lr.load_state_dict(state["schedule"])
        self.t = self._counted = state["t"]
        self._storage, self._is_loaded = Storage(saved), True

    def hyperparameters(self) -> dict[str, Any]:
        """Return {"name": class name, hyperparameter: value}, a schedule as it was given.

        What `set_for` was told is under "settings", in plain values.
        """
        values = values_of(self)
        if "lr" in values:
            values.pop("alpha", None)  # the same by another name
        settings = {"settings": _plain([list(p) for p in self._settings])} if self._settings else {}
        return {"name": type(self).__name__, **values, **settings}

    def config(self) -> dict[str, Any]:
        """Return `hyperparameters()` with schedules as plain values, fit for JSON and `build`.

        Raises:
            TypeError: a schedule is a function, which cannot be written down, or a subclass does
                not keep an argument of its constructor.
        """
        return _plain(self.hyperparameters())

    def _own(self, name: str) -> tuple[tuple, dict[str, Any]]:
        """Return which calls of `set_for` match `name`, and what they set, later calls counting."""
        patterns = enumerate(pattern for pattern, _ in self._settings)
        matching = [i for i, pattern in patterns if fnmatchcase(name, pattern)]
        own: dict[str, Any] = {}
        for i in matching:
            own.update(self._settings[i][1])
        return tuple(matching), own

    def _rule(self, settings: dict[str, Any]) -> "Optimizer":
        """Return this optimizer as it is now, but for `settings`."""
        rule = object.__new__(type(self))
        rule.__dict__.update(self.__dict__)
        for name, value in settings.items():
            setattr(rule, name, value)
        return rule

    def _lay_out(self, ready: list[Parameter]) -> None:
        """Move the parameters in `ready` into new blocks, together if they share settings."""
        self._storage.release()
        wanted = {id(p) for p in ready}
        groups: dict[tuple, tuple[dict, tuple[str, ...], Named]] = {}
        for name, param in named_params(self.target):
            if id(param) in wanted:
                check_shape(type(self).__name__, name, param, self._storage.saved.get(name, {}))
                key, own = self._own(name)
                group = groups.setdefault(key, (own, self._rule(own).slots, []))
                group[2].append((name, param))
        self._storage.lay_out(ready, groups.values())
        self._is_loaded = False


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return schedules.serialize(schedules.get(value)) if callable(value) else value

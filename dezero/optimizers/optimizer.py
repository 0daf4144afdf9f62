"""`Optimizer`: everything but the formula."""

from collections.abc import Callable, Mapping
from typing import Any

from dezero.backend import backend_of, memory_is_full
from dezero.core import Parameter
from dezero.core.errors import describe
from dezero.optimizers.configured import Configured
from dezero.optimizers.guarded import Guarded, run_blocks
from dezero.optimizers.hyperparameter import checked_rate
from dezero.optimizers.replayed import count_update, expect_no_capture
from dezero.optimizers.schedule_base import Schedule
from dezero.optimizers.state import (
    check_fit,
    check_pattern,
    check_shape,
    checked_state,
    named_params,
)
from dezero.optimizers.storage import Named, Storage


class Optimizer(Configured, Guarded):
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
        self.settle()
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
            self.settle()
            if is_new:
                self._storage, self.t, self._counted = Storage(), 0, 0
            self.target = target
        return self

    def add_hook(self, f: Callable[[list[Parameter]], None]) -> None:
        """Have `f(params)` called before each update with the parameters that have gradients."""
        self.hooks.append(f)

    def update(self) -> None:
        """Change every parameter that has a gradient, once.

        Raises:
            RuntimeError: `setup` was not called.
            ValueError: a gradient does not fit its parameter, or loaded state does not.
        Note: with a `loss_scale` an update with a gradient of inf or NaN changes nothing.
        """
        if self.target is None:
            raise RuntimeError(
                f"{type(self).__name__}.update: expected setup(model) first, got no target. "
                f"Write optimizer = {type(self).__name__}().setup(model)."
            )
        if self._loss_scale is not None and not self._is_due():
            return
        for hook in self.hooks:
            hook(self._with_gradient())
        if type(self).update_one is Optimizer.update_one:
            try:
                self._update_blocks()
            except MemoryError as error:
                name, found = f"{type(self).__name__}.update", self._with_gradient()[:1]
                owners = [backend_of(param.data).name for param in found]
                raise MemoryError(memory_is_full(name, owners, error)) from error
        else:
            what = f"{type(self).__name__}.update_one"
            expect_no_capture(what, "Write step(self, x, g, *slots) and rates(self) instead")
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
        found = [(s, b, b.gradient()) for s, b in storage.blocks]
        for i, (settings, block, g) in enumerate(found):
            if g is None and block.is_partial():
                self.settle()
                part = storage.split(block)
                found[i] = settings, part, part.gradient()
        run_blocks(self, [one for one in found if one[2] is not None])

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
        self.settle()
        rule = self._rule(self._own(names[0])[1])
        block = self._storage.alone(names[0], param, rule.slots)
        block.run(rule, block.gradient())

    def state_dict(self) -> dict[str, Any]:
        """Return {"t": updates done, "slots": {parameter name: {"age": int, slot: array}}}.

        Parameters that the target no longer has are left out. With a schedule of dezero's own
        there is its state under "schedule", with a loss's scale that under "loss_scale".
        """
        self.settle()
        state = self._storage.state()
        if self.target is not None:
            known = dict(named_params(self.target))
            state = {name: slots for name, slots in state.items() if name in known}
        more = {"schedule": self._lr.state_dict()} if isinstance(self._lr, Schedule) else {}
        if self._loss_scale is not None:
            more["loss_scale"] = self._loss_scale.state_dict()
        return {"t": self.t, "slots": state, **more}

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
        self.settle()
        if "schedule" in state and isinstance(self._lr, Schedule):
            self._lr.load_state_dict(state["schedule"])
        if self._loss_scale is not None and "loss_scale" in state:
            self._loss_scale.load_state_dict(state["loss_scale"])
        self.t = self._counted = state["t"]
        self._storage, self._is_loaded = Storage(saved), True

    def _release(self) -> None:
        """Give the blocks up, whose parameters are laid out anew at the next update."""
        self.settle()
        self._storage.release()

    def _lay_out(self, ready: list[Parameter]) -> None:
        """Move the parameters in `ready` into new blocks, together if they share settings."""
        self._release()
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

"""`Optimizer`: everything but the formula."""

import copy
import fnmatch
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from dezero.core import Parameter
from dezero.core.errors import nearest
from dezero.optimizers.schedule_base import Schedule
from dezero.optimizers.storage import Block, build_blocks

# Often enough that nothing decays from the threshold into subnormals in between.
FLUSH_EVERY = 128


class Optimizer:
    """Base class: keeps the state by parameter name and calls `step` on flat arrays.

    A subclass names its state arrays in `slots` and writes `step(self, x, g, *slots)`, which
    changes x and the slots in place and only reads g. `self.age` is the number of this update for
    these parameters, from 1. A subclass in the book's manner defines `update_one(param)` instead.

    Args:
        lr: learning rate, or a schedule: a callable from the number of updates done to a rate.
    """

    slots: tuple[str, ...] = ()

    def __init__(self, lr: float | Schedule = 0.01) -> None:
        self.lr = lr
        self._prepare()

    def _prepare(self) -> None:
        self.target: Any = None
        self.hooks: list[Callable[[list[Parameter]], None]] = []
        self.t = 0
        self.age = 0
        self._blocks: list[tuple[dict[str, Any], Block]] = []
        self._ready: list[int] = []
        self._settings: list[tuple[str, dict[str, Any]]] = []
        self._saved: dict[str, dict[str, Any]] = {}
        self._join = True

    @property
    def lr(self) -> float:
        """The learning rate of the next update; assign a number or a schedule."""
        return self._lr(self.t) if callable(self._lr) else self._lr

    @lr.setter
    def lr(self, value: float | Schedule) -> None:
        if not callable(value) and not value >= 0:
            raise ValueError(
                f"{type(self).__name__}: expected lr >= 0 or a schedule, got {value!r}. "
                "0.001 to 0.1 are usual."
            )
        self._lr = value
        self.__dict__.setdefault("t", 0)

    @property
    def schedule(self) -> Any:
        """The learning rate as it was given: a number or a schedule."""
        return self._lr

    def setup(self, target: Any) -> "Optimizer":
        """Take charge of the parameters of `target`, a Layer or anything with `params()`.

        Returns:
            self, so that `optimizer = Adam().setup(model)` reads as in the book.
        """
        self.target = target
        self._blocks, self._ready, self._join = [], [], True
        return self

    def add_hook(self, hook: Callable[[list[Parameter]], None]) -> None:
        """Have `hook(params)` called before each update with the parameters that have gradients."""
        self.hooks.append(hook)

    def set_for(self, pattern: str, **settings: Any) -> "Optimizer":
        """Give the parameters whose name matches `pattern` hyperparameters of their own.

        Args:
            pattern: a name or a wildcard, such as "l0/*" or "*/b".
            settings: hyperparameters of this optimizer, such as lr=0.001.
        Raises:
            ValueError: this optimizer has no such hyperparameter.
        """
        known = self.config()
        for name in settings:
            if name not in known or name == "name":
                raise ValueError(
                    f"{type(self).__name__}.set_for: unknown hyperparameter {name!r}. "
                    f"{nearest(name, set(known) - {'name'})}"
                )
        self._rule(settings)  # raises what a bad value raises, now and not in mid-training
        self._settings.append((pattern, settings))
        self._keep_state()
        return self

    def update(self) -> None:
        """Change every parameter that has a gradient, once.

        Raises:
            RuntimeError: `setup` was not called.
        """
        if self.target is None:
            raise RuntimeError(
                f"{type(self).__name__}.update: expected setup(model) first, got no target. "
                f"Write optimizer = {type(self).__name__}().setup(model)."
            )
        if self.hooks:
            ready = [p for p in self.target.params() if p.grad is not None and p.requires_grad]
            for hook in self.hooks:
                hook(ready)
        if type(self).update_one is not Optimizer.update_one:
            for param in self.target.params():
                if param.grad is not None and param.requires_grad:
                    self.update_one(param)
        else:
            self._update_blocks()
        self.t += 1

    def _update_blocks(self) -> None:
        ready = [p for p in self.target.params() if p.data is not None and p.requires_grad]
        if [id(p) for p in ready] != self._ready or not all(
            b.is_current() for _, b in self._blocks
        ):
            self._rebuild(ready)
        gradients = [block.gradient() for _, block in self._blocks]
        if self._join and any(
            g is None and block.is_partial()
            for g, (_, block) in zip(gradients, self._blocks, strict=True)
        ):
            # A parameter without a gradient among others: from now on each stands alone.
            self._join = False
            self._rebuild(ready)
            gradients = [block.gradient() for _, block in self._blocks]
        for g, (settings, block) in zip(gradients, self._blocks, strict=True):
            if g is not None:
                block.age += 1
                rule = self._rule(settings) if settings else self
                rule.age = block.age
                for piece, x, slots in block.pieces:
                    rule.step(x, g[piece], *slots)
                if block.age % FLUSH_EVERY == 0:
                    block.flush()

    def step(self, x: Any, g: Any, *slots: Any) -> None:
        """Change flat parameters `x` and `slots` in place by gradient `g`; the formula."""
        raise NotImplementedError(
            f"{type(self).__name__}.step: expected the subclass to define step(self, x, g, *slots) "
            "or update_one(self, param), got neither. Write one."
        )

    def update_one(self, param: Parameter) -> None:
        """Change one parameter; the book's way to write an optimizer."""
        raise NotImplementedError(
            f"{type(self).__name__}.update_one: expected update() to be called. "
            "It runs step on whole blocks of parameters."
        )

    def state_dict(self) -> dict[str, Any]:
        """Return {"t": updates done, "slots": {parameter name: {"age": int, slot: array}}}."""
        slots = dict(self._saved)
        for _, block in self._blocks:
            slots.update(block.state())
        return {"t": self.t, "slots": slots}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from what `state_dict` returned; parameters not shaped yet take theirs later.

        Raises:
            ValueError: a slot is missing, unknown or of the wrong shape.
        """
        for name, slots in state["slots"].items():
            unknown = set(slots) ^ {"age", *self.slots}
            if unknown:
                raise ValueError(
                    f"{type(self).__name__}.load_state_dict: expected slots {self.slots} for "
                    f"{name!r}, got {sorted(set(slots) - {'age'})}. "
                    "Load it into the kind of optimizer that saved it."
                )
        self.t = int(state["t"])
        self._saved = {name: dict(slots) for name, slots in state["slots"].items()}
        self._blocks, self._ready = [], []

    def config(self) -> dict[str, Any]:
        """Return {"name": class name, hyperparameter: value, ...}."""
        names = inspect.signature(type(self).__init__).parameters
        values = {
            name: getattr(self, "_lr" if name in ("lr", "alpha") else name)
            for name in names
            if name != "self"
        }
        return {"name": type(self).__name__, **values}

    def _named(self) -> Iterable[tuple[str, Parameter]]:
        if hasattr(self.target, "named_params"):
            return self.target.named_params()
        return ((p.name or f"param{i}", p) for i, p in enumerate(self.target.params()))

    def _keep_state(self) -> None:
        self._saved = self.state_dict()["slots"]
        self._blocks, self._ready = [], []

    def _rebuild(self, ready: list[Parameter]) -> None:
        """Lay out the parameters anew: some were shaped, frozen, freed or assigned from outside."""
        self._keep_state()
        self._ready = [id(p) for p in ready]
        wanted = set(self._ready)
        groups: dict[str, tuple[dict, list]] = {}
        for name, param in self._named():
            if id(param) not in wanted:
                continue
            self._check_saved(name, param)
            own: dict[str, Any] = {}
            for pattern, settings in self._settings:
                if fnmatch.fnmatchcase(name, pattern):
                    own.update(settings)
            groups.setdefault(repr(own), (own, []))[1].append((name, param))
        for own, named in groups.values():
            blocks = build_blocks(named, self.slots, self._saved, join=self._join)
            self._blocks.extend((own, block) for block in blocks)
            for name, _ in named:
                self._saved.pop(name, None)

    def _check_saved(self, name: str, param: Parameter) -> None:
        for slot in self.slots:
            array = self._saved.get(name, {}).get(slot)
            if array is not None and array.shape != param.shape:
                raise ValueError(
                    f"{type(self).__name__}: expected state {slot!r} of {name!r} to have the "
                    f"parameter's shape {param.shape}, got {array.shape}. "
                    "The state belongs to another model."
                )

    def _rule(self, settings: dict[str, Any]) -> "Optimizer":
        rule = copy.copy(self)
        for name, value in settings.items():
            setattr(rule, name, value)
        return rule

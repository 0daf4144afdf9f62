"""What a training step works on besides its arguments, found by looking at the step itself.

A captured step is bound to the memory of parameters, to layers' settings and to optimizers. Here
they are found, watched for change, and set back where a capture fails.
"""

import functools
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from dezero.backend import is_array, random
from dezero.backend.capture import GraphCaptureError
from dezero.backend.precision import PRECISION
from dezero.core import Variable
from dezero.core.config import STATE
from dezero.layers.members import Buffer, Members
from dezero.optimizers import Optimizer

__all__ = ["World", "owners"]

DEEP = 5  # references from the step to a model
WIDE = 256  # entries of a container that are looked at
MANY = 20_000  # objects that are looked at
PLAIN = (bool, int, float, str, type(None))


def owners(*roots: Any) -> tuple[list[Any], list[Optimizer]]:
    """Return the models and the optimizers that functions and objects refer to.

    Looked at are closures, defaults, the globals that a function names, attributes and containers.
    """
    models: dict[int, Any] = {}
    optimizers: dict[int, Optimizer] = {}
    seen: set[int] = set()
    stack = [(root, 0) for root in reversed(roots)]
    while stack and len(seen) < MANY:
        x, depth = stack.pop()
        if id(x) in seen or isinstance(x, (*PLAIN, type)) or depth > DEEP:
            continue
        seen.add(id(x))
        if isinstance(x, Optimizer):
            optimizers[id(x)] = x
            x_refers = [] if x.target is None else [x.target]
        elif callable(getattr(type(x), "params", None)):
            models[id(x)] = x
            x_refers = [v for v in getattr(x, "__dict__", {}).values() if isinstance(v, Optimizer)]
        else:
            x_refers = list(_references(x))
        stack.extend((y, depth + 1) for y in reversed(x_refers))
    return list(models.values()), list(optimizers.values())


def _references(x: Any) -> Iterator[Any]:
    if isinstance(x, types.FunctionType):
        yield from _of_function(x)
    elif isinstance(x, types.MethodType):
        yield from (x.__self__, x.__func__)
    elif isinstance(x, functools.partial):
        yield from (x.func, *x.args, *x.keywords.values())
    elif isinstance(x, list | tuple):
        yield from x[:WIDE]
    elif isinstance(x, dict):
        yield from list(x.values())[:WIDE]
    elif not isinstance(x, types.ModuleType | Variable) and not is_array(x):
        yield from list(getattr(x, "__dict__", {}).values())[:WIDE]


def _of_function(function: types.FunctionType) -> Iterator[Any]:
    yield from map(_content, function.__closure__ or ())
    yield from function.__defaults__ or ()
    yield from (function.__kwdefaults__ or {}).values()
    yield getattr(function, "__wrapped__", None)
    if function.__module__.startswith("dezero."):
        return  # its globals are functions of the library
    names = {name for code in _codes(function.__code__) for name in code.co_names}
    for name in sorted(names & function.__globals__.keys()):
        x = function.__globals__[name]
        if isinstance(x, types.ModuleType):
            inside = vars(x)
            for attribute in sorted(names & inside.keys()):
                if isinstance(inside[attribute], Members | Optimizer):
                    yield inside[attribute]
        else:
            yield x


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not assigned yet
        return None


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


class _Spent(Variable):
    """Stands for what an earlier call has left, while a step is captured."""

    __slots__ = ("what",)

    @property
    def data(self) -> Any:  # type: ignore[override]
        raise GraphCaptureError(self.what)


def _spent(what: str) -> Any:
    found = object.__new__(_Spent)
    found.what = what
    found.grad = found.name = found.creator = None
    found.generation, found.requires_grad, found.hooks = 0, False, ()
    return found


class World:
    """The models, optimizers and random numbers of one step."""

    def __init__(self) -> None:
        self.models: list[Any] = []
        self.optimizers: list[Optimizer] = []
        self._plain: tuple[Any, list[tuple[dict, str]]] = ([], [])
        self._before: list[Any] = []
        self._chance: Any = None

    def find(self, *roots: Any) -> None:
        """Look for models and optimizers anew."""
        self.models, self.optimizers = owners(*roots)

    def all_params(self) -> list[Any]:
        """Return all Parameters, shared ones once."""
        return list({id(p): p for model in self.models for p in model.params()}.values())

    def all_layers(self) -> list[Any]:
        """Return all layers."""
        found = [model for model in self.models if isinstance(model, Members)]
        return [layer for model in found for layer in (model, *model._census().layers)]

    def key(self) -> tuple:
        """Return what makes another graph of a step: modes, and what is there from before."""
        states = [
            layer.__dict__.get(n) is None for layer in self.all_layers() for n in _states(layer)
        ]
        grads = [p.grad is None for p in self.all_params()]
        return STATE.get(), PRECISION.get(), tuple(grads), tuple(states)

    def state(self) -> list[Any]:
        """Return the objects that a captured step is bound to."""
        found: list[Any] = []
        for param in self.all_params():
            found += (param, param.data, param.requires_grad)
        layers = self.all_layers()
        if layers != self._plain[0]:
            self._plain = layers, [(d, name) for d, name, _ in _plain_values(layers)]
        found += [d.get(name) for d, name in self._plain[1]]
        for layer in layers:
            found += [_array(layer.__dict__[name]) for name in layer._buffers]
        for optimizer in self.optimizers:
            found += (optimizer._storage, optimizer._storage.blocks)
            for hook in optimizer.hooks:
                found += (hook, *getattr(hook, "__dict__", {}).values())
        return found

    def snapshot(self) -> Callable[[], None]:
        """Return what sets all on the host back to how it is now."""
        params = [(p, p.data, p.grad) for p in self.all_params()]
        records = [(d, dict(d)) for d in _records(self)]
        buffers = [(b, b.data) for layer in self.all_layers() for b in _buffers(layer)]
        blocks = [(b, b.age) for o in self.optimizers for _, b in o._storage.blocks]
        lists = [(o._storage.saved, dict(o._storage.saved)) for o in self.optimizers]
        chance = _chance(self.all_layers())

        def back() -> None:
            for param, data, grad in params:
                param.data, param.grad = data, grad
            for record, before in [*records, *lists]:
                record.clear()
                record.update(before)
            for buffer, data in buffers:
                buffer.data = data
            for block, age in blocks:
                block.age = age
            for generator, state in chance:
                if generator.bit_generator.state != state:
                    generator.bit_generator.state = state

        return back

    def guard(self) -> None:
        """Make gradients and states from before unreadable: a replay would not find them."""
        self._before, self._chance = self.state(), _chance(self.all_layers())
        self._spent: list[tuple[Any, str, Any, Any]] = []
        for param in self.all_params():
            if param.grad is not None:
                what = (
                    f"the gradient of {param.name or 'a parameter'} is added to that of an earlier "
                    "call. Call cleargrads() inside the step, or before each call"
                )
                self._stand_in(param, "grad", what)
        for layer in self.all_layers():
            for name in _states(layer):
                if layer.__dict__.get(name) is not None:
                    what = (
                        f"{type(layer).__name__}.{name} is carried over from an earlier call. Call "
                        "reset_state() inside the step, or before each call"
                    )
                    self._stand_in(layer, name, what)

    def _stand_in(self, owner: Any, name: str, what: str) -> None:
        stand_in = _spent(what)
        self._spent.append((owner, name, getattr(owner, name), stand_in))
        setattr(owner, name, stand_in)

    def check(self) -> None:
        """Raise GraphCaptureError if the captured step did what a replay cannot do."""
        for owner, name, value, stand_in in self._spent:
            if getattr(owner, name) is stand_in:
                setattr(owner, name, value)
        self._spent = []
        for generator, state in self._chance:
            if generator.bit_generator.state != state:
                raise GraphCaptureError(
                    "the step draws random numbers on the host, which a replay would repeat. Draw "
                    "them before it, or leave rng to the library"
                )
        after = self.state()
        changed = [
            i for i, (a, b) in enumerate(zip(self._before, after, strict=False)) if a is not b
        ]
        if changed or len(after) != len(self._before):
            raise GraphCaptureError(self._what_changed())

    def _what_changed(self) -> str:
        before, after = iter(self._before), iter(self.state())
        for param in self.all_params():
            known, data, _ = (next(before, None) for _ in range(3))
            if next(after) is not known or next(after) is not data or next(after) is None:
                name = param.name or "a parameter"
                return (
                    f"{name} is given another array by each call. Write into it instead, as with "
                    "param.data[...] = array"
                )
        for record, name in self._plain[1]:
            if next(before, None) is not next(after, None):
                owner = next(x for x in self.all_layers() if x.__dict__ is record)
                return (
                    f"{type(owner).__name__}.{name} is changed on the host by each call, which a "
                    "replay does not do. Keep it on the device, or count outside of the step"
                )
        return (
            "buffers or optimizers are changed by each call. Write into arrays instead of "
            "replacing them"
        )

    def results(self) -> Callable[[], None]:
        """Return what leaves gradients and states as the captured step has left them."""
        grads = [(p, p.grad) for p in self.all_params()]
        states = [(x.__dict__, n, x.__dict__.get(n)) for x in self.all_layers() for n in _states(x)]

        def leave() -> None:
            for param, grad in grads:
                if param.grad is not grad:
                    param.grad = grad
            for record, name, value in states:
                record[name] = value

        return leave


def _records(world: World) -> Iterator[dict]:
    for layer in world.all_layers():
        yield layer.__dict__
    for optimizer in world.optimizers:
        yield optimizer.__dict__
        yield optimizer._storage.__dict__


def _states(layer: Any) -> tuple[str, ...]:
    return getattr(layer, "state_names", ())


def _plain_values(layers: list[Any]) -> Iterator[tuple[dict, str, Any]]:
    for layer in layers:
        for name, value in layer.__dict__.items():
            if isinstance(value, PLAIN) and name not in _states(layer):
                yield layer.__dict__, name, value


def _buffers(layer: Any) -> Iterator[Buffer]:
    for name in layer._buffers:
        if isinstance(layer.__dict__[name], Buffer):
            yield layer.__dict__[name]


def _array(buffer: Any) -> Any:
    return buffer.data if isinstance(buffer, Buffer) else buffer


def _chance(layers: list[Any]) -> list[tuple[Any, Any]]:
    """Return (generator, state) of all that draw on the host."""
    if "numpy.random" not in sys.modules:
        return []
    inside = [v for layer in layers for v in layer.__dict__.values()]
    generators = [random.default_rng(), *(v for v in inside if hasattr(v, "bit_generator"))]
    return [(generator, generator.bit_generator.state) for generator in generators]

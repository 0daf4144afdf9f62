"""What a training step works on besides its arguments, found by looking at the step itself.

A captured step is bound to the memory of parameters, to layers' settings and to optimizers. Here
they are found, watched for change, and set back where a capture fails.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dezero.backend import is_array, random
from dezero.backend.capture import GraphCaptureError
from dezero.backend.precision import PRECISION
from dezero.core import Variable
from dezero.core.config import STATE
from dezero.layers.members import Buffer, Members
from dezero.optimizers import Optimizer
from dezero.training.reached import PLAIN, Places, reached

__all__ = ["World"]


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
        self._read: set[str] = set()
        self._places = Places([])
        # What a step may change on the host: objects, and the dicts of their attributes.
        self.aside: Callable[[], Iterable[Any]] = tuple
        self.records: Callable[[], list[dict]] = list

    def find(self, *roots: Any) -> None:
        """Look for models, optimizers and whatever else the step reads anew."""
        self.models, self.optimizers, places = reached(*roots, read=self._read, aside=self.aside())
        self._places = Places(places, self._places)

    def all_params(self) -> list[Any]:
        """Return all Parameters, shared ones once, and Variables that belong to no model."""
        found = {id(p): p for model in self.models for p in model.params()}
        for v in self._places.variables:
            found[id(v)] = v
        return list(found.values())

    def arrays(self) -> list[Any]:
        """Return the arrays that tell on which device the step works."""
        found = [p.data for p in self.all_params() if p.data is not None]
        return found or [x for x in self._places.values() if is_array(x)]

    def all_layers(self) -> list[Any]:
        """Return all layers."""
        found = [model for model in self.models if isinstance(model, Members)]
        return [layer for model in found for layer in (model, *model._census().layers)]

    def key(self) -> tuple:
        """Return what makes another graph of a step: modes, and what is there from before."""
        self._places.values()  # which Variables are there
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
            scale = optimizer.loss_scale
            found += (scale, None if scale is None else scale._state)
            for hook in optimizer.hooks:
                found += (hook, *getattr(hook, "__dict__", {}).values())
        return found + self._places.values()

    def snapshot(self) -> Callable[[], None]:
        """Return what sets all on the host back to how it is now."""
        for optimizer in self.optimizers:
            optimizer.settle()
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
        now = [generator for generator, _ in _chance(self.all_layers())]
        if any(a is not b for (a, _), b in zip(self._chance, now, strict=False)):
            raise GraphCaptureError(
                "the step starts random numbers anew, which a replay does not do. Call seed() "
                "before it"
            )
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
        after = self.state()
        places = self._places.places
        for place, a, b in zip(
            places, self._before[-len(places) :], after[-len(places) :], strict=False
        ):
            if a is not b and not isinstance(a, Variable):
                return (
                    f"{place.name} is given another value by each call, which a replay does not "
                    "do. Write into an array instead, or let the step return it"
                )
        before, after = iter(self._before), iter(after)
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
        if optimizer.loss_scale is not None:
            yield optimizer.loss_scale.__dict__
    yield from world.records()


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

"""The names under which an optimizer keeps its state, and whether state fits a model."""

from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any

from dezero.backend import is_array
from dezero.core.errors import describe, nearest
from dezero.optimizers.storage import Named, State


def named_params(target: Any) -> Named:
    """Return (name, Parameter) of everything in `target`, each Parameter and each name once.

    A target without `named_params` gives its Parameters' own names, or their positions.
    """
    if hasattr(target, "named_params"):
        pairs = target.named_params()
    else:
        pairs = ((p.name or f"param{i}", p) for i, p in enumerate(target.params()))
    named: dict[str, Any] = {}
    known: set[int] = set()
    for name, param in pairs:
        if id(param) not in known:
            known.add(id(param))
            # Twins of one name, as the book's "W" of every layer, are told apart by position.
            named[f"{name}.{len(named)}" if name in named else name] = param
    return list(named.items())


def check_pattern(owner: str, pattern: str, target: Any) -> None:
    """Raise a ValueError unless `pattern` matches the name of a parameter of `target`."""
    names = [name for name, _ in named_params(target)]
    if not any(fnmatchcase(name, pattern) for name in names):
        raise ValueError(
            f"{owner}.set_for: no parameter is called {pattern!r}. {nearest(pattern, names)}"
        )


def check_fit(owner: str, state: State, target: Any) -> None:
    """Raise a ValueError unless each entry of `state` belongs to a parameter of its shape."""
    params = dict(named_params(target))
    unknown = [name for name in state if name not in params]
    if unknown:
        raise ValueError(
            f"{owner}: expected state for parameters of the model, got {unknown[0]!r}. "
            f"{nearest(unknown[0], params)} The state belongs to another model."
        )
    for name, slots in state.items():
        check_shape(owner, name, params[name], slots)


def check_shape(owner: str, name: str, param: Any, slots: Mapping[str, Any]) -> None:
    """Raise a ValueError unless the arrays in `slots` have the shape of `param`, if it has one."""
    for slot, array in slots.items():
        if slot != "age" and param.data is not None and array.shape != param.shape:
            raise ValueError(
                f"{owner}: expected state {slot!r} of {name!r} to have the parameter's shape "
                f"{param.shape}, got {array.shape}. The state belongs to another model."
            )


def checked_state(owner: str, state: Any, slots_of: Callable[[str], tuple[str, ...]]) -> State:
    """Return a copy of `state["slots"]` with all that the parameters' slots ask for.

    Raises:
        ValueError: a part is missing, unknown or of the wrong kind.
    """
    entries = state.get("slots") if isinstance(state, Mapping) else None
    if not isinstance(entries, Mapping) or not _is_count(state.get("t")):
        raise ValueError(
            f"{owner}.load_state_dict: expected what state_dict returned, with 't' and 'slots', "
            f"got {describe(state)}. Save it anew."
        )
    return {name: _checked_slots(owner, name, slots_of, slots) for name, slots in entries.items()}


def _checked_slots(owner: str, name: str, slots_of: Callable, slots: Any) -> dict[str, Any]:
    wanted = slots_of(name)
    if not isinstance(slots, Mapping) or set(slots) != {"age", *wanted}:
        got = sorted(map(str, slots)) if isinstance(slots, Mapping) else describe(slots)
        raise ValueError(
            f"{owner}.load_state_dict: expected slots {('age', *wanted)} for {name!r}, got {got}. "
            "Load it into the kind of optimizer that saved it."
        )
    for slot in wanted:
        if not is_array(slots[slot]) or slots[slot].dtype.kind != "f":
            raise ValueError(
                f"{owner}.load_state_dict: expected {slot!r} of {name!r} to be a floating array, "
                f"got {describe(slots[slot])}. Save it anew."
            )
    if not _is_count(slots["age"]):
        raise ValueError(
            f"{owner}.load_state_dict: expected 'age' of {name!r} to be an integer >= 0, "
            f"got {describe(slots['age'])}. Save it anew."
        )
    return {slot: slots[slot].copy() for slot in wanted} | {"age": slots["age"]}


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0

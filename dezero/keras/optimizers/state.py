"""What an optimizer remembers, as the arrays that Keras's files hold, in Keras's order.

Keras keeps the averages themselves, dezero sums without their constant factors; both go over into
each other by a factor and a summand.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from dezero.backend import backend_of, to_host
from dezero.core import Parameter
from dezero.core.errors import describe
from dezero.keras.optimizers import kinds
from dezero.keras.optimizers.base import Optimizer
from dezero.keras.optimizers.scaling import LossScaleOptimizer
from dezero.optimizers.state import named_params

__all__ = ["assign_variables", "keras_order", "variables"]


# Not among the optimizer's slots: gradients that wait for their mean.
GATHERED = "gathered"


class _Kept(NamedTuple):
    """Keras's array `name` is `factor * slot + shift`."""

    name: str
    slot: str
    factor: float = 1.0
    shift: float = 0.0


def _groups(optimizer: Any) -> list[list[_Kept]]:
    """Return what is kept; arrays of one group stand side by side for each parameter."""
    groups = _formula_groups(optimizer)
    if optimizer.gradient_accumulation_steps:
        groups.insert(0, [_Kept("gradient_accumulator", GATHERED)])
    return [[_Kept("average", "average")], *groups] if optimizer.use_ema else groups


def _formula_groups(optimizer: Any) -> list[list[_Kept]]:
    if isinstance(optimizer, kinds.SGD):
        return [[_Kept("momentum", "velocity")]] if optimizer.momentum else []
    if isinstance(optimizer, kinds.RMSprop):
        rest = 1 - optimizer.rho
        kept = [[_Kept("velocity", "square", rest)]]
        kept += [[_Kept("momentum", "velocity")]] if optimizer.momentum else []
        return kept + ([[_Kept("average_gradient", "mean", rest)]] if optimizer.centered else [])
    if isinstance(optimizer, kinds.Adam):
        one, two = 1 - optimizer.beta1, 1 - optimizer.beta2
        kept = [[_Kept("momentum", "m", one), _Kept("velocity", "v", two)]]
        return kept + ([[_Kept("velocity_hat", "v_max", two)]] if optimizer.amsgrad else [])
    if isinstance(optimizer, kinds.Adagrad):
        return [[_Kept("accumulator", "square_sum", 1.0, optimizer.initial)]]
    if isinstance(optimizer, kinds.Ftrl):
        sum_ = _Kept("accumulator", "square_sum", 1.0, optimizer.initial)
        return [[sum_, _Kept("linear", "linear")]]
    if isinstance(optimizer, kinds.Adadelta):
        square = _Kept("accumulated_grad", "square")
        return [[square, _Kept("accumulated_delta_var", "change_square")]]
    if isinstance(optimizer, kinds.Adamax):
        return [[_Kept("momentum", "m"), _Kept("norm", "u")]]
    if isinstance(optimizer, kinds.Nadam):
        return [[_Kept("momentum", "m"), _Kept("velocity", "v")]]
    raise TypeError(
        f"optimizer: expected one of Keras's own, got {type(optimizer).__name__}. "
        "The state of another can be kept by state_dict alone."
    )


def _layout(optimizer: Any, params: Iterable[Parameter]) -> list[tuple[str, Parameter, _Kept]]:
    """Return (name in the optimizer's state, parameter, what is kept), in Keras's order."""
    names = {id(p): name for name, p in named_params(optimizer.target)}
    params = list(params)
    return [
        (names[id(p)], p, kept) for group in _groups(optimizer) for p in params for kept in group
    ]


def variables(optimizer: Optimizer, params: Iterable[Parameter]) -> list[tuple[str, np.ndarray]]:
    """Return (name, array) of what Keras's optimizer would remember.

    Args:
        optimizer: one that has been set up for `params`.
        params: the trainable weights in the model's order.
    Raises:
        TypeError: the optimizer is none of Keras's.
    """
    if isinstance(optimizer, LossScaleOptimizer):
        inner = variables(optimizer.inner_optimizer, params)
        return _of_scale(optimizer) + inner
    layout, state = _layout(optimizer, params), optimizer.state_dict()["slots"]
    found: list[tuple[str, np.ndarray]] = [("iteration", np.array(optimizer.t, np.int64))]
    if not callable(optimizer.schedule):
        found.append(("learning_rate", np.array(optimizer.lr, np.float32)))
    for name, param, kept in layout:
        slots = {**state.get(name, {}), GATHERED: optimizer._gathered.get(name)}
        held = slots.get(kept.slot)
        array = np.zeros(param.shape, param.dtype) if held is None else to_host(held)
        array = (kept.factor * array + kept.shift).astype(array.dtype)
        found.append((f"{name}_{kept.name}", array))
    if isinstance(optimizer, kinds.Nadam):
        product = optimizer._momentum_product(n) if (n := int(optimizer.iterations)) else 1.0
        found.append(("momentum_product", np.array(product, np.float32)))
    return found


def _of_scale(optimizer: LossScaleOptimizer) -> list[tuple[str, np.ndarray]]:
    """Return what Keras keeps of a scale: two numbers of no use, its count, and itself."""
    found = {
        "iteration": np.array(0, np.int64),
        "learning_rate": np.array(0, np.float32),
        "step_counter": np.array(optimizer.step_counter, np.int64),
        "dynamic_scale": np.array(optimizer.dynamic_scale, np.float32),
    }
    return [(f"loss_scale_optimizer/{name}", array) for name, array in found.items()]


def assign_variables(
    optimizer: Optimizer, params: Iterable[Parameter], arrays: Sequence[Any]
) -> None:
    """Continue from the arrays of Keras's optimizer, in its order.

    Args:
        optimizer, params: as in `variables`.
        arrays: what a file holds.
    Raises:
        TypeError: the optimizer is none of Keras's.
        ValueError: another number of arrays is needed, or a shape does not fit; nothing is changed.
    """
    wanted = [(name, array.shape) for name, array in variables(optimizer, params)]
    given = [np.asarray(array) for array in arrays]
    if [shape for _, shape in wanted] != [array.shape for array in given]:
        pairs = zip(wanted, given, strict=False)
        wrong = next(((n, s, a) for (n, s), a in pairs if a.shape != s), None)
        what = "" if wrong is None else f", {wrong[0]} of {wrong[1]} being {describe(wrong[2])}"
        raise ValueError(
            f"{type(optimizer).__name__}: expected {len(wanted)} arrays, got {len(given)}{what}. "
            "The state belongs to another model or optimizer."
        )
    if isinstance(optimizer, LossScaleOptimizer):
        _, _, good, scale, *given = given
        optimizer, state = optimizer.inner_optimizer, {"good": int(good), "scale": float(scale)}
        optimizer.loss_scale.load_state_dict({"skipped": 0, **state})  # type: ignore[union-attr]
    count, rest = int(given[0]), given[1:]
    if not callable(optimizer.schedule):
        optimizer.learning_rate = float(rest[0])
        rest = rest[1:]
    slots: dict[str, dict[str, Any]] = {}
    gathered: dict[str, Any] = {}
    updates = count // (optimizer.gradient_accumulation_steps or 1)  # type: ignore[attr-defined]
    for (name, param, kept), array in zip(_layout(optimizer, params), rest, strict=False):
        plain = ((array - kept.shift) / kept.factor).astype(param.dtype)
        if kept.slot == GATHERED:
            gathered[name] = backend_of(param.data).from_host(plain)
        else:
            slots.setdefault(name, {"age": updates})[kept.slot] = plain
    optimizer.load_state_dict({"t": count, "slots": slots})
    optimizer._gathered = gathered


def keras_order(
    optimizer: Optimizer, params: Iterable[Parameter], state: Sequence[tuple[str, np.ndarray]]
) -> list[np.ndarray]:
    """Return the arrays of a file as Keras 3 orders them.

    Keras 2 wrote no learning rate and no product of Nadam's momenta, and before 2.11 the arrays of
    all parameters under one name side by side.

    Args:
        optimizer, params: as in `variables`.
        state: (name, array) in the order of the file.
    """
    wanted = variables(optimizer, params)
    if isinstance(optimizer, LossScaleOptimizer) and len(state) == len(wanted):
        return [array for _, array in state]
    names, arrays = [name for name, _ in state], [array for _, array in state]
    wide = [kept for group in _groups(optimizer) for kept in group]
    count = len(_layout(optimizer, params))
    if len(arrays) == len(wanted):
        return arrays
    if len(arrays) in (1, 2) and not np.any(arrays[0]):  # no more before the first update
        return [*arrays, *(array for _, array in wanted[len(arrays) :])]
    end = [array for name, array in wanted if name == "momentum_product"]
    first = [array for name, array in wanted if name == "learning_rate"]
    if names[0].split(":")[0].endswith("/iter") and wide:
        if end and np.shape(arrays[1]) == ():
            arrays = [arrays[0], *arrays[2:]]
        per, rest = count // len(wide), arrays[1:]
        by_slot = [rest[i * per : (i + 1) * per] for i in range(len(wide))]
        arrays = [arrays[0]]
        for group in _groups(optimizer):
            columns, by_slot = by_slot[: len(group)], by_slot[len(group) :]
            arrays += [array for row in zip(*columns, strict=True) for array in row]
    # The product follows from the number of updates.
    return [arrays[0], *first, *arrays[1:], *end]

"""`LossScale`: keeps the gradients of a training in half precision from vanishing."""

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from dezero.backend import backend_of, kernels, to_host, xp
from dezero.core import Variable
from dezero.core.errors import describe
from dezero.optimizers.hyperparameter import as_number

__all__ = ["LossScale"]

SCALE, FACTOR, GOOD, MISSED, FOUND, SKIPPED = range(6)  # places in the state, see numpy_scaling
STATE = ("scale", "good", "skipped")


class LossScale:
    """The factor of a loss: `optimizer.loss_scale = LossScale()`.

    The loss is multiplied by it, the gradients are divided by it before hooks see them. An update
    with a gradient of inf or NaN is skipped: parameters and state stay as they are, and so does
    the count of updates. The scale then falls; after many finite updates it grows.

    Args:
        initial: scale to begin with. 2^15 is the largest power of 2 that float16 can hold.
        growth: factor after `growth_steps` finite updates in a row; 1 for a scale that stays.
        backoff: factor after an overflow; 1 for a scale that stays.
        growth_steps: as above.
        lowest, highest: bounds. An overflow at `lowest` is skipped too, with a warning.
    Raises:
        TypeError, ValueError: an argument is no number, or out of its range.
    Note: on a device the scale lies there. The host looks at it every eighth update at most, to
        learn how many were skipped: until then `optimizer.t` counts them, `settle()` looks now.
    Reference: Micikevicius et al. 2018, "Mixed precision training", section 3.2.
    """

    def __init__(
        self,
        initial: float = 2.0**15,
        growth: float = 2.0,
        backoff: float = 0.5,
        growth_steps: int = 2000,
        *,
        lowest: float = 1.0,
        highest: float = 2.0**24,
    ) -> None:
        given = {"initial": initial, "growth": growth, "backoff": backoff}
        given |= {"growth_steps": growth_steps, "lowest": lowest, "highest": highest}
        self.settings = {name: _checked(name, value) for name, value in given.items()}
        low, first, high = (self.settings[name] for name in ("lowest", "initial", "highest"))
        if not low <= first <= high:
            raise ValueError(
                f"LossScale: expected lowest <= initial <= highest, got {low:g}, {first:g} and "
                f"{high:g}. 1, 2**15 and 2**24 are usual."
            )
        self._known = {"scale": first, "good": 0, "skipped": 0}
        self._state: Any = None
        self._is_told = self._is_scaled = self._is_owned = False
        # On a device: updates whose outcome the host does not know yet, what they have changed or
        # not, and the captured step that has one of them.
        self.since = 0
        self.blocks: list[Any] = []
        self.recorded: Any = None

    @classmethod
    def fixed(cls, scale: float) -> "LossScale":
        """Return a scale that stays as it is; updates that overflow are skipped all the same."""
        return cls(scale, 1.0, 1.0, lowest=scale, highest=scale)

    def __getstate__(self) -> dict[str, Any]:
        known = {**self.__dict__, "_known": self.state_dict(), "_state": None, "_is_owned": False}
        return known | {"since": 0, "blocks": [], "recorded": None}

    @property
    def scale(self) -> float:
        """The factor; on a device to read it waits for that."""
        return self.state_dict()["scale"]

    @property
    def skipped(self) -> int:
        """How many updates were skipped so far."""
        return self.state_dict()["skipped"]

    def state_dict(self) -> dict[str, Any]:
        """Return {"scale": now, "good": finite updates since it changed, "skipped": how many}."""
        if self._state is None:
            return dict(self._known)
        state = to_host(self._state, "LossScale")
        missed = self._known["skipped"] + int(state[MISSED])
        return {"scale": float(state[SCALE]), "good": int(state[GOOD]), "skipped": missed}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from what `state_dict` returned.

        Raises:
            ValueError: a number is missing, or out of its range.
        """
        numbers = [as_number(state.get(n)) if isinstance(state, Mapping) else None for n in STATE]
        if any(n is None or not 0 <= n < float("inf") for n in numbers) or not numbers[0]:
            raise ValueError(
                f"LossScale.load_state_dict: expected scale, good and skipped, got "
                f"{describe(state)}. Save it anew."
            )
        scale, good, skipped = numbers
        self._known = {"scale": scale, "good": int(good), "skipped": int(skipped)}  # type: ignore
        self._state, self.since = None, 0

    def config(self) -> dict[str, float]:
        """Return the constructor's arguments."""
        return dict(self.settings)

    def is_on(self, x: Any) -> bool:
        """Return whether the state is where x is."""
        return type(self._state) is type(x)

    def on(self, x: Any) -> Any:
        """Return the state as an array where x is."""
        if not self.is_on(x):
            now = self.state_dict()
            state = np.array([now["scale"], 1 / now["scale"], now["good"], 0, 0, 0], np.float64)
            self._known, self._state = now, backend_of(x).from_host(state)
        return self._state

    def times(self, loss: Variable) -> Variable:
        """Return the loss times the scale."""
        self._is_scaled = True
        state = self.on(loss.data)
        with np.errstate(over="ignore"):  # float16 has no number for it: an overflow as any other
            return loss * state[SCALE : SCALE + 1].reshape(()).astype(loss.dtype)

    def take_back(self, params: list[Any], owner: str) -> Any:
        """Divide gradients by the scale, and note whether one is not finite; return the state.

        Raises:
            RuntimeError: the loss was not multiplied by it.
        """
        if not self._is_scaled:
            raise RuntimeError(
                f"{owner}.update: expected gradients of optimizer.scale(loss), got those of a loss "
                "that was not scaled. Write optimizer.scale(loss).backward()."
            )
        self._is_scaled = False
        state = self.on(params[0].data)
        factor, found = state[FACTOR : FACTOR + 1].reshape(()), state[FOUND : FOUND + 1]
        for param in params:
            g = param.grad.data
            if type(g) is type(state):
                whole = g.astype(np.float32) if g.dtype == np.float16 else g
                param.grad = Variable.constant(kernels(g).unscale(whole, factor, found))
        return state

    def trust(self) -> None:
        """Take the gradients of the next update for those of a scaled loss."""
        self._is_scaled = True

    def adjust(self) -> Any:
        """Let the scale grow or shrink; return where it says whether to skip, an array ()."""
        state, rest = self._state, dict(self.settings)
        del rest["initial"]
        kernels(state).adjust_scale(state, every=rest.pop("growth_steps"), **rest)
        return state[SKIPPED : SKIPPED + 1].reshape(())

    def unless_skipped(self, new: Any, old: Any) -> Any:
        """Return an array `new`, but `old` if the last update was skipped."""
        if not self.is_on(new):
            return new
        return xp(new).where(self._state[SKIPPED : SKIPPED + 1].reshape(()) != 0, old, new)

    def ask(self) -> int:
        """Return how many updates were skipped since it was asked before."""
        before, now = self._known["skipped"], self.state_dict()
        self._known["skipped"], self.since = now["skipped"], 0
        missed = now["skipped"] - before
        if missed:
            self._state[MISSED] = 0
        if missed and now["scale"] <= self.settings["lowest"] and not self._is_told:
            self._is_told = True
            warnings.warn(
                f"LossScale: gradients are not finite even at the lowest scale, {now['scale']:g}; "
                f"{now['skipped']} updates were skipped so far, more may follow. Lower the "
                "learning rate, or look for large numbers in data and weights.",
                stacklevel=2,
            )
        return missed

    def owned(self) -> "LossScale":
        """Return it for an optimizer that takes it.

        Raises:
            ValueError: another has it already.
        """
        if self._is_owned:
            raise ValueError(
                "loss_scale: expected a LossScale of its own, got one of another optimizer. Make "
                "a LossScale() for each."
            )
        self._is_owned = True
        return self

    def let_go(self) -> None:
        """Be free for another optimizer."""
        self._is_owned, self.blocks, self.recorded = False, [], None


def _checked(name: str, value: Any) -> float:
    number = as_number(value)
    if number is None:
        raise TypeError(f"LossScale: expected {name} to be a number, got {describe(value)}.")
    ranges = {"growth": (1, 1e9), "backoff": (1e-9, 1), "growth_steps": (1, 1e15)}
    low, high = ranges.get(name, (2.0**-60, 2.0**100))
    if not low <= number <= high:
        raise ValueError(
            f"LossScale: expected {name} between {low:g} and {high:g}, got {describe(value)}."
        )
    return int(number) if name == "growth_steps" else number

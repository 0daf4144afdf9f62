"""What an optimizer is set to: for all parameters, for some of them, and written down."""

from fnmatch import fnmatchcase
from typing import Any

from dezero.core.errors import describe, nearest
from dezero.optimizers import schedules
from dezero.optimizers.hyperparameter import names_of, values_of
from dezero.optimizers.state import check_pattern

__all__ = ["Configured"]


class Configured:
    """What an optimizer has of hyperparameters."""

    target: Any = None
    _loss_scale: Any = None
    _settings: list[tuple[str, dict[str, Any]]]

    def set_for(self, pattern: str, **settings: Any) -> Any:
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
        self._release()  # type: ignore[attr-defined]
        return self

    def hyperparameters(self) -> dict[str, Any]:
        """Return {"name": class name, hyperparameter: value}, a schedule as it was given.

        What `set_for` was told is under "settings", in plain values.
        """
        values = values_of(self)
        if "lr" in values:
            values.pop("alpha", None)  # the same by another name
        more = {"settings": _plain([list(p) for p in self._settings])} if self._settings else {}
        if self._loss_scale is not None:
            more["loss_scale"] = self._loss_scale.config()
        return {"name": type(self).__name__, **values, **more}

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

    def _rule(self, settings: dict[str, Any]) -> Any:
        """Return this optimizer as it is now, but for `settings`."""
        rule = object.__new__(type(self))
        rule.__dict__.update(self.__dict__)
        for name, value in settings.items():
            setattr(rule, name, value)
        return rule


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(v) for key, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return schedules.serialize(schedules.get(value)) if callable(value) else value

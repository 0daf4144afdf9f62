"""Named points around every function call, forward and backward, for tools that watch."""

from typing import Any

from dezero.core.config import STATE, using_config


class FunctionHook:
    """Watch function calls: override what you need, then `with hook:` or `function.add_hook(hook)`.

    The arrays handed over are read-only views: a hook looks, it does not write.
    """

    name = "hook"

    def forward_pre(self, function: Any, xs: tuple) -> None:
        """Before `function.forward(*xs)`; `xs` are arrays."""

    def forward_post(self, function: Any, xs: tuple, ys: tuple) -> None:
        """After it; `ys` are the result arrays."""

    def backward_pre(self, function: Any, gys: tuple) -> None:
        """Before `function.backward`; `gys` are arrays, None where no gradient arrived."""

    def backward_post(self, function: Any, gys: tuple, gxs: tuple) -> None:
        """After it; `gxs` has one array or None per input."""

    def __enter__(self) -> "FunctionHook":
        scopes = self.__dict__.setdefault("_scopes", [])
        scopes.append(using_config("hooks", (*STATE.get().hooks, self)))
        scopes[-1].__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self.__dict__["_scopes"].pop().__exit__(*exc)


class HookHandle:
    """What registering a hook returns; `remove()` takes the hook off again."""

    def __init__(self, hooks: list, hook: Any) -> None:
        self._hooks, self._hook = hooks, hook

    @classmethod
    def added(cls, owner: Any, hook: Any) -> "HookHandle":
        """Append `hook` to `owner.hooks` and return its handle."""
        # One list for all, so that each handle finds its hook; and not the owner, so that a
        # forgotten handle keeps no graph alive.
        if not isinstance(owner.hooks, list):
            owner.hooks = []
        owner.hooks.append(hook)
        return cls(owner.hooks, hook)

    def remove(self) -> None:
        """Take the hook off; a second call does nothing."""
        self._hooks[:] = [hook for hook in self._hooks if hook is not self._hook]


def read_only(x: Any) -> Any:
    """Return a view of array `x` that refuses writes; a copy where the device has no such view."""
    if x is None:
        return None
    data = x.data if hasattr(x, "creator") else x
    if not hasattr(data, "setflags"):
        return data.copy()
    view = data.view()
    view.setflags(write=False)
    return view


def run_hooks(hooks: tuple, point: str, function: Any, *arrays: Any) -> None:
    """Call `point` of each hook with read-only views."""
    views = [tuple(read_only(x) for x in group) for group in arrays]
    for hook in hooks:
        getattr(hook, point)(function, *views)

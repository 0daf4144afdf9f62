"""What calling a layer does around its `forward`: weak memory, hooks, and errors that say where."""

from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import ref

import numpy as np

from dezero.core import Variable
from dezero.core.hooks import HookHandle
from dezero.layers import display
from dezero.layers.members import Members


class Callee(Members):
    """Members that are called: `layer(x)` runs `forward(x)`.

    After a call, `layer.inputs[0]()` and `layer.outputs[0]()` are its Variables for as long as
    somebody else keeps them.
    """

    name: str | None = None
    inputs: list | None = None
    outputs: list | None = None
    _hooks: dict[str, list] | None = None
    _left = ("_kept", "inputs", "outputs", "_hooks")

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        if self._hooks is not None:
            inputs = self._run_pre_hooks(inputs)
        try:
            outputs = self.forward(*inputs, **options) if options else self.forward(*inputs)
        except (TypeError, ValueError, IndexError) as error:
            _locate(self, error)
            raise
        # Through __dict__: no need to ask whether weak references are Parameters. The usual case of
        # one Variable is written out, since every call of every layer comes by here.
        memory = self.__dict__
        if len(inputs) == 1 and type(inputs[0]) is Variable:
            memory["inputs"] = [ref(inputs[0])]
        else:
            memory["inputs"] = [ref(x) if isinstance(x, REFERABLE) else _nothing for x in inputs]
        if type(outputs) is Variable:
            memory["outputs"] = [ref(outputs)]
        else:
            memory["outputs"] = [ref(y) for y in _variables_in(outputs)]
        if self._hooks is not None:
            outputs = self._run_post_hooks(inputs, outputs)
        return outputs

    def forward(self, *inputs: Any, **options: Any) -> Any:
        """Compute the outputs; the subclass writes it with dezero's functions."""
        raise NotImplementedError(
            f"{type(self).__name__}.forward: expected the subclass to define it. "
            "Write forward(self, x)."
        )

    def register_forward_pre_hook(self, hook: Callable[[Any, tuple], Any]) -> HookHandle:
        """Call `hook(layer, inputs)` before forward; it returns None, or inputs to use instead."""
        return self._register("before", hook)

    def register_forward_hook(self, hook: Callable[[Any, tuple, Any], Any]) -> HookHandle:
        """Call `hook(layer, inputs, output)` after forward; it returns None, or another output."""
        return self._register("after", hook)

    def register_backward_hook(self, hook: Callable[[Any, Variable], Any]) -> HookHandle:
        """Call `hook(layer, grad_output)` when backward reaches an output of a later call.

        The hook returns None, or another gradient of the same shape; grad_output is read-only.
        """
        return self._register("backward", hook)

    def _register(self, when: str, hook: Callable[..., Any]) -> HookHandle:
        if self._hooks is None:
            self.__dict__["_hooks"] = {"before": [], "after": [], "backward": []}
        hooks = self.__dict__["_hooks"][when]
        hooks.append(hook)
        return HookHandle(hooks, hook)

    def _run_pre_hooks(self, inputs: tuple) -> tuple:
        for hook in tuple(self.__dict__["_hooks"]["before"]):
            result = hook(self, inputs)
            if result is not None:
                inputs = result if isinstance(result, tuple) else (result,)
        return inputs

    def _run_post_hooks(self, inputs: tuple, outputs: Any) -> Any:
        hooks = self.__dict__["_hooks"]
        for hook in tuple(hooks["after"]):
            result = hook(self, inputs, outputs)
            outputs = outputs if result is None else result
        for hook in hooks["backward"]:
            for y in _variables_in(outputs):
                y.register_hook(partial(hook, self))
        return outputs


REFERABLE = (Variable, np.ndarray)


def _nothing() -> None:
    """Stand in for a weak reference to what cannot have one, such as a number."""


def _variables_in(outputs: Any) -> list[Variable]:
    if isinstance(outputs, Variable):
        return [outputs]
    if isinstance(outputs, list | tuple):
        return [y for y in outputs if isinstance(y, Variable)]
    return []


def _locate(layer: Callee, error: Exception) -> None:
    """Put the path of the layer where `error` arose at the end of its message.

    Each layer that the error passes on its way out makes the path one step longer.
    """
    known = getattr(error, "_layers", None)
    if known is None:
        if len(error.args) != 1 or not isinstance(error.args[0], str):
            return
        text, path, where = error.args[0], "", display.label(layer)
    else:
        text, path, where, inner = known
        steps = (p for p, below in layer.named_layers() if below is inner)
        path = "/".join(step for step in (next(steps, ""), path) if step)
    error._layers = (text, path, where, layer)  # type: ignore[attr-defined]
    shown = "/".join(step for step in (layer.name, path) if step)
    place = f"{shown!r} ({where})" if shown else where
    ending = " Raised in layer" if text.endswith(".") else ", in layer"
    error.args = (f"{text}{ending} {place}.",)

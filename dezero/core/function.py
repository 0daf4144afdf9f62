"""`Function`: one node of the graph, and how a call becomes one."""

import copy
from typing import Any
from weakref import ref

import numpy as np

from dezero.backend import explain_owners, is_array, marks_of, xp
from dezero.core.config import STATE
from dezero.core.hooks import FunctionHook, HookHandle, run_hooks
from dezero.core.registry import DIFFERENTIABLE, FUNCTION_CLASSES, NONDIFFERENTIABLE
from dezero.core.variable import Variable, as_array


class Function:
    """Base class of everything differentiable: write `forward` and `backward`, call an instance.

    `forward(self, *xs)` gets arrays and returns an array or a tuple of them; it never writes to
    its inputs. `backward(self, *gys)` gets one Variable per output and returns one per input (None
    where there is no gradient); written with dezero functions alone, it can be differentiated
    again. Inside it, `self.inputs` are the input Variables, `self.outputs[0]()` the first output.

    `fast_backward` may say the same on arrays, for when no second derivative is asked for. Where
    neither reads the inputs' values, `class Mine(Function, uses_inputs=False)` lets them be edited.
    """

    inputs: tuple[Variable, ...] = ()
    outputs: tuple[Any, ...] = ()
    generation: int = 0
    trail: list | None = None  # sketches of the graph, once backward has used this node up
    hooks: tuple | list = ()
    called: str = ""  # in errors, where that is not the public name of the class
    fast_backward: Any = None
    variable = Variable
    uses_inputs = True
    takes_none = False  # functions of the user's do, as the book's own Linear for no bias
    marks: list | tuple = ()  # of the inputs at the time of the call; see `Config.guard`
    _likes: tuple = ()

    def __init_subclass__(cls, uses_inputs: bool | None = None, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if uses_inputs is not None:
            cls.uses_inputs = uses_inputs
        cls.takes_none = not cls.__module__.startswith("dezero.")
        FUNCTION_CLASSES.append(cls)

    def __call__(self, *inputs: Any) -> Any:  # noqa: C901 - written out, to be quick
        if self.outputs:
            # A node belongs to one call; a second call of the same object gets its own.
            return self._fresh_copy()(*inputs)
        # One pass over the inputs and few calls: this is the cost of every small operation.
        variables, xs, generation = [], [], -1
        for x in inputs:
            if not isinstance(x, Variable):
                x = Variable(None) if x is None and self.takes_none else constant(x, inputs)
            elif x.requires_grad and x.generation > generation:
                generation = x.generation
            variables.append(x)
            xs.append(x.data)
        state = STATE.get()
        if not state.enable_backprop:
            generation = -1
        if state.hooks or self.hooks:
            return self._watched_call(variables, xs, generation)
        try:
            y = self.forward(*xs)
        except Exception as error:
            _explain(self, error, xs)
            raise
        if type(y) is tuple:
            outputs = self._record(y, generation, variables)
            return outputs if len(outputs) != 1 else outputs[0]
        output = _output(self, y, generation)
        if generation >= 0:
            self.generation, self.inputs = generation, tuple(variables)
            self.outputs = (ref(output),)
            if state.guard and (self.uses_inputs or state.guard == "all"):
                self.marks = marks_of(state.guard, variables, output)
        return output

    def _watched_call(self, variables: list[Variable], xs: list, generation: int) -> Any:
        hooks = (*STATE.get().hooks, *self.hooks)
        run_hooks(hooks, "forward_pre", self, xs)
        try:
            y = self.forward(*xs)
        except Exception as error:
            _explain(self, error, xs)
            raise
        ys = y if type(y) is tuple else (y,)
        outputs = self._record(ys, generation, variables)
        run_hooks(hooks, "forward_post", self, xs, outputs)
        return outputs if len(outputs) != 1 else outputs[0]

    def _record(self, ys: tuple, generation: int, variables: list[Variable]) -> list[Variable]:
        outputs = [_output(self, y, generation) for y in ys]
        if generation >= 0:
            self.generation, self.inputs = generation, tuple(variables)
            self.outputs = tuple([ref(output) for output in outputs])
            self._likes = tuple([(y.shape, y.dtype, xp(y.data)) for y in outputs])
            guard = STATE.get().guard
            if self.uses_inputs or guard == "all":
                self.marks = marks_of(guard, variables, *outputs)
        return outputs

    def forward(self, *xs: Any) -> Any:
        """Compute the result arrays from the input arrays."""
        raise NotImplementedError(
            f"{type(self).__name__}.forward: expected the subclass to define it. "
            "Write forward(self, *arrays)."
        )

    def backward(self, *gys: Any) -> Any:
        """Compute the gradients of the inputs from those of the outputs, Variables both."""
        raise NotImplementedError(
            f"{type(self).__name__}.backward: expected the subclass to define it. "
            "Write backward(self, *gradients)."
        )

    def explain_backward(self, error: Exception, gys: list) -> None:
        """Raise what names the operation if there was no memory, or two devices; else return."""
        if not isinstance(error.__cause__, MemoryError) and "on one device" not in str(error):
            found = [x.data if isinstance(x, Variable) else x for x in (*self.inputs, *gys)]
            explain_owners(f"{public_name(self)}.backward", error, found)

    def add_hook(self, hook: FunctionHook) -> HookHandle:
        """Have `hook` watch this function; returns a handle with `remove()`."""
        return HookHandle.added(self, hook)

    def zeros_like_output(self, i: int) -> Any:
        """Return zeros in the place of a gradient that never arrived at output `i`."""
        shape, dtype, module = self._likes[i]
        return module.zeros(shape, dtype)

    def _fresh_copy(self) -> "Function":
        twin = copy.copy(self)
        twin.inputs, twin.outputs, twin.trail, twin.marks = (), (), None, ()
        return twin


new = Variable.__new__


def _output(function: Function, y: Any, generation: int) -> Variable:
    """Wrap result `y`; a generation of -1 says that no gradient can be asked for."""
    output = new(Variable)
    if type(y) is not np.ndarray:
        y = np.asarray(y) if isinstance(y, np.generic) else _result(function, y)
    output.data = y
    output.grad = output.name = None
    output.hooks = ()
    output.generation = generation + 1
    if generation < 0:
        output.creator, output.requires_grad = None, False
    else:
        output.creator, output.requires_grad = function, True
    return output


def constant(x: Any, beside: tuple = ()) -> Variable:
    """Return `x` as a Variable without gradient; a scalar takes the dtype of the arrays beside it.

    A float beside integers becomes `Config.dtype`; scalars alone keep NumPy's own dtype.
    """
    if type(x) is np.ndarray:
        return Variable.constant(x)
    if isinstance(x, SCALARS):
        if len(beside) == 2:
            other = beside[0] if beside[1] is x else beside[1]
            if (
                isinstance(other, Variable)
                and other.data is not None
                and other.data.dtype.kind == "f"
            ):
                data = other.data
                module = np if type(data) is np.ndarray else xp(data)
                return Variable.constant(module.array(x, dtype=data.dtype))
        values = [v.data if isinstance(v, Variable) else v for v in beside]
        arrays = [v for v in values if is_array(v)]
        if arrays:
            dtype = _weak_dtype(x, arrays)
            # A Python number, for NumPy's own would wrap around where it does not fit.
            number = x.item() if isinstance(x, np.generic) else x
            return Variable.constant(xp(arrays[0]).asarray(number, dtype=dtype))
    return Variable.constant(as_array(x))


SCALARS = (bool, int, float, np.generic)


def _weak_dtype(x: Any, arrays: list) -> np.dtype:
    dtypes = [a.dtype for a in arrays]
    floats = [dtype for dtype in dtypes if dtype.kind in "fc"]
    if floats:
        return floats[0] if len(floats) == 1 else np.result_type(*floats)
    if isinstance(x, float | np.floating):
        return np.dtype(STATE.get().dtype)
    beside = np.result_type(*dtypes)
    # A bool beside bools stays bool, a number beside bools is a number.
    return beside if beside.kind != "b" or isinstance(x, bool | np.bool_) else np.asarray(x).dtype


def _result(function: Function, y: Any) -> Any:
    if isinstance(y, Variable) or y is None:
        raise TypeError(
            f"{type(function).__name__}.forward: expected an array, got {type(y).__name__}. "
            "forward gets arrays and returns arrays; Variables belong in backward."
        )
    return as_array(y)


def public_name(function: Function) -> str:
    """Return what users call this function: `softmax_cross_entropy` for SoftmaxCrossEntropy."""
    name = function.called or type(function).__name__
    known = (*DIFFERENTIABLE, *NONDIFFERENTIABLE)
    return next((k for k in known if k.replace("_", "") == name.lower()), name)


def _explain(function: Function, error: Exception, xs: list) -> None:
    """Raise an error with the operation and the shapes; return if `error` names them already."""
    name = public_name(function)
    if any(x is None for x in xs):
        raise RuntimeError(
            f"{name}: expected arrays, got a Parameter whose shape is not known yet. "
            "Call its layer once, or build(input_shape)."
        ) from error
    got = explain_owners(name, error, xs, vars(function).values())
    # Its own class if it is NumPy's AxisError; UnicodeDecodeError cannot be made from a text.
    kinds = (np.exceptions.AxisError, ValueError, TypeError, IndexError)
    kind = next((k for k in kinds if isinstance(error, k)), None)
    if kind is None or str(error).startswith((name, type(function).__name__)):
        return
    if "broadcast" in str(error):
        raise kind(f"{name}: expected shapes that broadcast, got {got}. Reshape one.") from error
    raise kind(f"{name}: {str(error).rstrip('.')}. Got {got}.") from error

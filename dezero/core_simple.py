"""The engine in one sitting: what `dezero.core` does, once more, for reading; imports NumPy only.

A Variable holds an array and remembers the Function that made it; `backward` walks from the result
back to the inputs, the newest function first, and adds up what arrives. Gradients are plain arrays
here, so there is no second derivative: for that `dezero.core` has gradients that are Variables.
"""

import contextlib
import heapq
import threading
from collections.abc import Iterator
from typing import Any
from weakref import ref

import numpy as np


class _Modes(threading.local):
    """The modes of this thread; a new thread starts with these."""

    enable_backprop = True


Config = _modes = _Modes()


@contextlib.contextmanager
def using_config(name: str, value: Any) -> Iterator[None]:
    """Set one mode inside a `with` block, and put the old value back."""
    old = getattr(_modes, name)
    setattr(_modes, name, value)
    try:
        yield
    finally:
        setattr(_modes, name, old)


def no_grad() -> contextlib.AbstractContextManager:
    """Remember no functions inside: `with no_grad():`."""
    return using_config("enable_backprop", False)


class Variable:
    """An array that knows which function made it; `grad` is an array once `backward` has run."""

    __array_priority__ = 200

    def __init__(self, data: Any, name: str | None = None) -> None:
        self.data: Any = None if data is None else as_array(data)
        self.name = name
        self.grad: Any = None
        self.creator: Function | None = None
        self.generation = 0

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the data."""
        return self.data.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.data.ndim

    @property
    def size(self) -> int:
        """Number of elements."""
        return self.data.size

    @property
    def dtype(self) -> np.dtype:
        """dtype of the data."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.data)

    def __repr__(self) -> str:
        return "variable(" + str(self.data).replace("\n", "\n" + " " * 9) + ")"

    def set_creator(self, func: "Function") -> None:
        """Remember who made this: one generation below."""
        self.creator = func
        self.generation = func.generation + 1

    def cleargrad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def backward(self, retain_grad: bool = False) -> None:
        """Put d(self)/d(x) into `x.grad` of every Variable x that self was computed from.

        Args:
            retain_grad: keep the gradients of the Variables in between as well.
        """
        if self.grad is None:
            self.grad = np.ones(self.shape, self.dtype if self.dtype.kind == "f" else float)
        # By generation, so that a function's turn comes when its whole gradient has arrived.
        waiting: list[tuple[int, int, Function]] = []
        seen = set()

        def add(function: Function | None) -> None:
            if function is not None and function not in seen:
                seen.add(function)
                heapq.heappush(waiting, (-function.generation, id(function), function))

        add(self.creator)
        while waiting:
            function = heapq.heappop(waiting)[-1]
            outputs = [output() for output in function.outputs]
            gxs = function.backward(*[None if y is None else y.grad for y in outputs])
            for x, gx in zip(function.inputs, _tuple(gxs), strict=True):
                x.grad = as_array(gx if x.grad is None else x.grad + gx)
                add(x.creator)
            for y in outputs:
                if y is not None and not retain_grad:
                    y.grad = None

    def __add__(self, other: Any) -> "Variable":
        return add(self, other)

    __radd__ = __add__

    def __mul__(self, other: Any) -> "Variable":
        return mul(self, other)

    __rmul__ = __mul__

    def __neg__(self) -> "Variable":
        return neg(self)

    def __sub__(self, other: Any) -> "Variable":
        return sub(self, other)

    def __rsub__(self, other: Any) -> "Variable":
        return rsub(self, other)

    def __truediv__(self, other: Any) -> "Variable":
        return div(self, other)

    def __rtruediv__(self, other: Any) -> "Variable":
        return rdiv(self, other)

    def __pow__(self, c: Any) -> "Variable":
        return pow(self, c)


def as_array(x: Any) -> np.ndarray:
    """Return `x` as an array; TypeError for what holds no numbers."""
    data = np.asarray(x)
    if data.dtype.kind not in "biufc":
        raise TypeError(f"Variable: expected an array or a number, got {x!r}. Use numpy.asarray.")
    return data


def as_variable(obj: Any) -> Variable:
    """Return `obj` itself if it is a Variable, else one around it."""
    return obj if isinstance(obj, Variable) else Variable(obj)


class Function:
    """One step of a computation: write `forward` and `backward`, both on arrays; call an object."""

    inputs: tuple[Variable, ...]
    outputs: tuple[Any, ...]
    generation: int

    def __call__(self, *inputs: Any) -> Any:
        variables = tuple(as_variable(x) for x in inputs)
        ys = _tuple(self.forward(*[x.data for x in variables]))
        outputs = [Variable(y) for y in ys]
        if _modes.enable_backprop:
            self.generation = max((x.generation for x in variables), default=0)
            for y in outputs:
                y.set_creator(self)
            self.inputs = variables
            # Weak, for the outputs know this function already: a cycle would outlive its use.
            self.outputs = tuple(ref(y) for y in outputs)
        return outputs if len(outputs) > 1 else outputs[0]

    def forward(self, *xs: Any) -> Any:
        """Compute the results from the inputs."""
        raise NotImplementedError(
            f"{type(self).__name__}.forward: expected one, got none. Write it."
        )

    def backward(self, *gys: Any) -> Any:
        """Compute the gradients by the inputs from those by the results, None for an unused one."""
        raise NotImplementedError(
            f"{type(self).__name__}.backward: expected one, got none. Write it."
        )


def _tuple(x: Any) -> tuple:
    return x if isinstance(x, tuple) else (x,)


def _sum_to(g: np.ndarray, x: Variable) -> np.ndarray:
    """Undo broadcasting: what was used several times gets the sum of its gradients."""
    g = g.sum(axis=tuple(range(g.ndim - x.ndim)))
    return g.sum(axis=tuple(i for i in range(x.ndim) if x.shape[i] != g.shape[i]), keepdims=True)


class Add(Function):
    """y = x0 + x1."""

    def forward(self, x0: Any, x1: Any) -> Any:
        return x0 + x1

    def backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return _sum_to(gy, x0), _sum_to(gy, x1)


class Mul(Function):
    """y = x0 * x1."""

    def forward(self, x0: Any, x1: Any) -> Any:
        return x0 * x1

    def backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return _sum_to(gy * x1.data, x0), _sum_to(gy * x0.data, x1)


class Neg(Function):
    """y = -x."""

    def forward(self, x: Any) -> Any:
        return -x

    def backward(self, gy: Any) -> Any:
        return -gy


class Sub(Function):
    """y = x0 - x1."""

    def forward(self, x0: Any, x1: Any) -> Any:
        return x0 - x1

    def backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return _sum_to(gy, x0), _sum_to(-gy, x1)


class Div(Function):
    """y = x0 / x1."""

    def forward(self, x0: Any, x1: Any) -> Any:
        return x0 / x1

    def backward(self, gy: Any) -> tuple:
        x0, x1 = self.inputs
        return _sum_to(gy / x1.data, x0), _sum_to(-gy * x0.data / x1.data**2, x1)


class Pow(Function):
    """y = x ** c for a number c."""

    def __init__(self, c: float) -> None:
        self.c = c

    def forward(self, x: Any) -> Any:
        return x**self.c

    def backward(self, gy: Any) -> Any:
        x = self.inputs[0].data
        # The derivative of x ** 0 is 0 at x = 0 too, where 0 * x ** -1 is not a number.
        return gy * 0 if self.c == 0 else self.c * x ** (self.c - 1) * gy


def _beside(x: Any, other: Any) -> Any:
    """Return a plain number `x` as an array of the dtype beside it, which it shall not widen."""
    if isinstance(x, int | float) and isinstance(other, Variable) and other.dtype.kind == "f":
        return np.asarray(x, other.dtype)
    return x


def add(x0: Any, x1: Any) -> Variable:
    """Sum of two."""
    return Add()(_beside(x0, x1), _beside(x1, x0))


def mul(x0: Any, x1: Any) -> Variable:
    """Product of two."""
    return Mul()(_beside(x0, x1), _beside(x1, x0))


def neg(x: Any) -> Variable:
    """Negative of one."""
    return Neg()(x)


def sub(x0: Any, x1: Any) -> Variable:
    """Difference x0 - x1."""
    return Sub()(_beside(x0, x1), _beside(x1, x0))


def rsub(x0: Any, x1: Any) -> Variable:
    """Difference x1 - x0, for a number on the left of the minus."""
    return sub(x1, x0)


def div(x0: Any, x1: Any) -> Variable:
    """Quotient x0 / x1."""
    return Div()(_beside(x0, x1), _beside(x1, x0))


def rdiv(x0: Any, x1: Any) -> Variable:
    """Quotient x1 / x0, for a number on the left of the slash."""
    return div(x1, x0)


def pow(x: Any, c: Any) -> Variable:
    """Power x ** c of a Variable and a number."""
    return Pow(c)(x)


def setup_variable() -> None:
    """Do nothing: Variables have their operators from the start. The book's scripts call it."""

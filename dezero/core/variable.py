"""`Variable`: an array with a gradient and a memory of the function that made it."""

import html
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from dezero.backend import Owned, as_cupy, is_array, needed_gpu, number_of, seed_like, to_host
from dezero.core.backprop import backprop, run_variable_hooks
from dezero.core.config import Config
from dezero.core.errors import describe, no_dispatch
from dezero.core.hooks import HookHandle
from dezero.core.operators import ArrayMethods
from dezero.core.registry import DISPLAYS, find

# NumPy's functions whose results are no numbers: nothing is lost with the graph.
COMPARISONS = ("allclose", "array_equal", "array_equiv", "isclose")


def as_array(x: Any, array_module: Any = np) -> Any:
    """Return `x` as an array: arrays as they are, numbers and lists through numpy.asarray.

    Args:
        x: array of any device, Variable, number or list of numbers.
        array_module: whose asarray is called; numpy, or that of another device.
    Raises:
        TypeError: x is no number, array or list of numbers.
    """
    if type(x) is np.ndarray and x.dtype.kind in "biufc":
        return x
    if isinstance(x, Variable):
        return x.data
    if _holds_variable(x):
        raise TypeError(
            "as_array: expected numbers or arrays, got a list of Variables. "
            "Join them with dezero.functions.stack, which keeps their graph."
        )
    # numpy.asarray also takes a matrix, whose product is another, for what it is.
    data = x if is_array(x) and not isinstance(x, np.ndarray) else array_module.asarray(x)
    if data.dtype.kind not in "biufc" or hasattr(x, "mask"):
        raise TypeError(
            f"Variable: expected an array, a number or a list of numbers, got {describe(x)}. "
            "Convert it with numpy.asarray(..., dtype=float) first."
        )
    return data


def _holds_variable(x: Any) -> bool:
    return isinstance(x, Variable) or (
        isinstance(x, list | tuple) and any(_holds_variable(v) for v in x)
    )


def as_variable(obj: Any) -> "Variable":
    """Return `obj` itself if it is a Variable, else a Variable around it."""
    return obj if isinstance(obj, Variable) else Variable(obj)


class Variable(ArrayMethods):
    """An array that remembers how it was computed, so that it can be differentiated.

    Args:
        data: array, number or (nested) list of numbers; an array is not copied.
        name: for people, in errors and drawings.
    Raises:
        TypeError: data is none of these.
    Note: `grad` is a Variable of the same shape after `backward`; `creator` the Function that
        made this one, None for a leaf; `requires_grad` False for constants.
    """

    __slots__ = (
        "__weakref__", "creator", "data", "generation", "grad", "hooks", "name", "requires_grad",
    )  # fmt: skip
    __array_priority__ = 200

    def __init__(self, data: Any, name: str | None = None) -> None:
        if isinstance(data, Variable):
            raise TypeError(
                "Variable: expected an array or number, got a Variable. "
                "Use it as it is, or Variable(x.data) for one without its graph."
            )
        self.data: Any = None if data is None else as_array(data)
        self.name = name
        self.grad: Variable | None = None
        self.creator: Any = None
        self.generation = 0
        self.requires_grad = True
        self.hooks: tuple | list = ()

    @staticmethod
    def constant(data: Any) -> "Variable":
        """Return a Variable around the array `data` that asks for no gradient."""
        return _constant(data)

    @staticmethod
    def wrap(x: Any) -> "Variable":
        """Return `x` itself if it is a Variable, else a constant around it."""
        return x if isinstance(x, Variable) else Variable.constant(as_array(x))

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

    def __iter__(self) -> Iterator["Variable"]:
        if self.ndim == 0:
            raise TypeError("iter: expected a Variable with axes, got a 0-d one. Use float(x).")
        return (self[i] for i in range(len(self)))

    def __contains__(self, item: Any) -> bool:
        return bool((self.data == as_array(item)).any())

    def __repr__(self) -> str:
        if self.data is None:
            return "variable(None)"
        return "variable(" + str(to_host(self.data, "repr")).replace("\n", "\n" + " " * 9) + ")"

    def _repr_html_(self) -> str:
        title = html.escape(self.name or type(self).__name__)
        if self.data is None:
            return f"<b>{title}</b> <i>not initialised</i>"
        values = html.escape(np.array2string(to_host(self.data, "repr"), threshold=64, edgeitems=3))
        more = "".join(show(self) for show in DISPLAYS.values())
        return f"<b>{title}</b> <i>{self.shape} {self.dtype}</i><pre>{values}</pre>{more}"

    def __bool__(self) -> bool:
        return bool(to_host(self.data, "bool"))

    def __float__(self) -> float:
        return float(number_of(self.data, "float"))

    def __int__(self) -> int:
        return int(number_of(self.data, "int"))

    def __index__(self) -> int:
        return to_host(self.data, "index").__index__()

    def __format__(self, spec: str) -> str:
        return format(number_of(self.data, "format"), spec) if spec else str(self)

    def item(self) -> float | int | bool:
        """Return the only element as a Python number; ValueError if there are more."""
        return number_of(self.data, "item")

    def numpy(self) -> Any:
        """Return a copy of the data as a NumPy array, a NumPy number if there are no axes."""
        return np.array(to_host(self.data, "numpy"))[()]

    def __array_ufunc__(self, ufunc: Any, method: str, *args: Any, **kwargs: Any) -> Any:
        func = find(ufunc.__name__)
        if func is None or method != "__call__" or kwargs:
            raise TypeError(no_dispatch(ufunc.__name__, method, kwargs))
        return func(*args)

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        # With its module: np.linalg.trace and np.trace, for one, take different axes.
        name = f"{func.__module__}.{func.__name__}".removeprefix("numpy.")
        ours = find(name)
        if name in COMPARISONS:
            arrays = [x.data if isinstance(x, Variable) else x for x in args]
            return func(*arrays, **kwargs)
        if ours is None:
            raise TypeError(no_dispatch(name, "__call__", {}))
        try:
            return ours(*args, **kwargs)
        except TypeError as error:
            if error.__traceback__.tb_next is not None:  # type: ignore[union-attr]
                raise  # from within, not because `ours` lacks an argument
            raise TypeError(no_dispatch(name, "__call__", kwargs)) from error

    def __reduce__(self) -> tuple:
        # The graph holds weak references and half the program: only values travel.
        state = (self.data, self.name, self.grad, self.requires_grad)
        return _rebuild, (type(self), state), getattr(self, "__dict__", None)

    def set_creator(self, func: Any) -> None:
        """Record Function `func` as the maker of this Variable, one generation below it."""
        self.creator = func
        self.generation = func.generation + 1

    def cleargrad(self) -> None:
        """Forget the gradient."""
        self.grad = None

    def unchain(self) -> None:
        """Forget the creator: this Variable becomes a leaf."""
        self.creator = None

    def unchain_backward(self) -> None:
        """Cut the whole graph behind this Variable, as truncated back-propagation does.

        All results of the functions behind it become leaves: a step of an LSTM gives output and
        memory, and of both the past is forgotten.
        """
        stack = [self]
        while stack:
            x = stack.pop()
            creator, x.creator = x.creator, None
            if creator is not None:
                stack.extend(creator.inputs)
                trail = creator.trail
                outputs = [creator.outputs] if trail is None else [sketch[1] for sketch in trail]
                stack.extend(
                    y for refs in outputs for y in (ref() for ref in refs) if y is not None
                )

    def detach(self) -> "Variable":
        """Return a constant that shares the data and knows no graph."""
        return Variable.constant(self.data)

    def register_hook(self, hook: Callable[["Variable"], Any]) -> HookHandle:
        """Call `hook(gradient)` when this Variable's whole gradient is known.

        Args:
            hook: gets the gradient as a read-only Variable; returns None, or another gradient of
                the same shape to go on with.
        Returns:
            A handle with `remove()`.
        """
        return HookHandle.added(self, hook)

    def backward(
        self,
        retain_grad: bool = False,
        create_graph: bool = False,
        *,
        retain_graph: bool | None = None,
    ) -> None:
        """Compute d(self)/d(leaf) and add it to `grad` of every leaf Variable behind this one.

        Args:
            retain_grad: set `grad` of the Variables in between as well.
            create_graph: make the gradients differentiable again.
            retain_graph: keep the graph for another backward; by default only with one of the
                two above. Without it arrays are let go as soon as they are used.
        Raises:
            RuntimeError: there is no graph to go back through, or it was used up.
            ValueError: `self.grad` is set and has another shape.
        Note: the seed is `self.grad` if set, else ones.
        """
        if not self.requires_grad:
            raise RuntimeError(
                "backward: expected a Variable with a graph, got one made under no_grad(), by a "
                "captured step or from constants. Wrap what you differentiate by in Variable."
            )
        keep = (retain_grad or create_graph) if retain_graph is None else retain_graph
        seed = _seed(self)
        kept: dict = {}
        leaves = backprop(
            [self],
            [seed if create_graph else seed.data],
            create_graph=create_graph,
            watch=kept.__setitem__ if retain_grad else None,
            release=() if keep else (self.creator,),
        )
        self.grad = None
        owned = Owned([seed.data])
        for y, gy in kept.items():
            y.grad = _own(gy, owned)
        for leaf, g in leaves.items():
            _deliver(leaf, run_variable_hooks(leaf, g) if leaf.hooks else g, owned)

    def to_cpu(self) -> None:
        """Move data and gradient to the host."""
        self._move(to_host)

    def to_gpu(self) -> None:
        """Move data and gradient to the GPU."""
        needed_gpu("to_gpu")
        self._move(as_cupy)

    def _move(self, move: Callable[[Any], Any]) -> None:
        if self.data is not None:
            self.data = move(self.data)
        if self.grad is not None:
            self.grad._move(move)


def _rebuild(cls: type[Variable], state: tuple) -> Variable:
    variable = cls.__new__(cls)
    Variable.__init__(variable, state[0], state[1])
    variable.grad, variable.requires_grad = state[2], state[3]
    return variable


def _seed(y: Variable) -> Variable:
    """Return ones, or the gradient that the user gave to `y`, in the dtype of gradients of `y`."""
    dtype = y.dtype if y.dtype.kind == "f" else Config.dtype
    if y.grad is None:
        return Variable.constant(seed_like(y.data, dtype, not y.hooks))
    seed = Variable.wrap(y.grad)
    if seed.shape != y.shape:
        raise ValueError(
            f"backward: expected grad of shape {y.shape} as the result has, got {seed.shape}. "
            "Set it to one number for each element, or to None for ones."
        )
    return seed if seed.dtype == dtype else seed.astype(dtype)


def _constant(data: Any) -> Variable:
    # Without __init__, whose checks the engine's own arrays do not need.
    variable = Variable.__new__(Variable)
    variable.data = data if type(data) is np.ndarray else as_array(data)
    variable.grad = variable.name = variable.creator = None
    variable.generation = 0
    variable.requires_grad = False
    variable.hooks = ()
    return variable


def _own(g: Any, owned: Owned) -> Variable:
    """Return gradient `g` as a Variable whose array no other gradient shares."""
    if isinstance(g, Variable):
        return g
    if type(g) is not np.ndarray and not is_array(g):
        g = np.asarray(g)
    if not owned.take(g):
        g = g.copy("K")  # in the order that the kernels of a convolution have in memory
        owned.take(g)
    return Variable.constant(g)


def _deliver(leaf: Variable, g: Any, owned: Owned) -> None:
    if leaf.grad is None:
        leaf.grad = _own(g, owned)
    elif isinstance(g, Variable):
        leaf.grad = leaf.grad + g
    else:
        leaf.grad = _own(leaf.grad.data + g, owned)


class Parameter(Variable):
    """A Variable that a layer owns and an optimizer changes.

    Args:
        data: array or number, integers become `Config.dtype`; None while its shape is not known.
        name: its path in the model, such as "l0/W".
    Raises:
        TypeError: data is neither floating nor integer.
    """

    __slots__ = ()

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, name)
        if self.data is not None and self.data.dtype.kind in "iu":
            self.data = self.data.astype(Config.dtype)
        if self.data is not None and self.data.dtype.kind != "f":
            raise TypeError(
                f"Parameter: expected floating data, got {describe(self.data)}. "
                "Convert it with .astype(numpy.float32)."
            )

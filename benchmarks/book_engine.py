"""A stand-in for the engine the book builds, so that its cost can be measured beside ours.

The book's package does not import on today's NumPy. This is not its code: it is the same design,
written anew and as small as the graph benchmark needs. One class per operation, weak references
to outputs, a list sorted at every push, a configuration context inside the backward loop.
"""

import contextlib
import weakref

import numpy as np


class Config:
    enable_backprop = True


@contextlib.contextmanager
def using_config(name, value):
    before = getattr(Config, name)
    setattr(Config, name, value)
    try:
        yield
    finally:
        setattr(Config, name, before)


def get_array_module(x):
    if isinstance(x, Variable):
        x = x.data
    return np


def as_array(x, module=np):
    return module.array(x) if np.isscalar(x) else x


def as_variable(x):
    return x if isinstance(x, Variable) else Variable(x)


class Variable:
    __array_priority__ = 200

    def __init__(self, data, name=None):
        if data is not None and not isinstance(data, (np.ndarray,)):
            raise TypeError(f"Variable: expected an array, got {type(data)}. Wrap it.")
        self.data = data
        self.name = name
        self.grad = None
        self.creator = None
        self.generation = 0

    @property
    def shape(self):
        return self.data.shape

    def set_creator(self, func):
        self.creator = func
        self.generation = func.generation + 1

    def __add__(self, other):
        return Add()(self, as_array(other, get_array_module(self.data)))

    def __mul__(self, other):
        return Mul()(self, as_array(other, get_array_module(self.data)))

    def backward(self, create_graph=False):
        if self.grad is None:
            self.grad = Variable(np.ones_like(self.data))
        pending, seen = [], set()

        def push(func):
            if func not in seen:
                pending.append(func)
                seen.add(func)
                pending.sort(key=lambda func: func.generation)

        push(self.creator)
        while pending:
            func = pending.pop()
            gys = [output().grad for output in func.outputs]
            with using_config("enable_backprop", create_graph):
                gxs = func.backward(*gys)
                if not isinstance(gxs, tuple):
                    gxs = (gxs,)
                for x, gx in zip(func.inputs, gxs, strict=True):
                    x.grad = gx if x.grad is None else x.grad + gx
                    if x.creator is not None:
                        push(x.creator)
            for output in func.outputs:
                output().grad = None


class Function:
    def __call__(self, *inputs):
        inputs = [as_variable(x) for x in inputs]
        ys = self.forward(*[x.data for x in inputs])
        if not isinstance(ys, tuple):
            ys = (ys,)
        outputs = [Variable(as_array(y)) for y in ys]
        if Config.enable_backprop:
            self.generation = max(x.generation for x in inputs)
            for output in outputs:
                output.set_creator(self)
            self.inputs = inputs
            self.outputs = [weakref.ref(output) for output in outputs]
        return outputs if len(outputs) > 1 else outputs[0]


class Add(Function):
    def forward(self, a, b):
        self.shapes = a.shape, b.shape
        return a + b

    def backward(self, gy):
        return sum_to(gy, self.shapes[0]), sum_to(gy, self.shapes[1])


class Mul(Function):
    def forward(self, a, b):
        return a * b

    def backward(self, gy):
        a, b = self.inputs
        return sum_to(gy * b, a.shape), sum_to(gy * a, b.shape)


def sum_to(x, shape):
    """Only equal shapes occur in the benchmark, so the broadcasting function is left out."""
    if x.shape != shape:
        raise ValueError(f"sum_to: expected {shape}, got {x.shape}. Use equal shapes here.")
    return x

"""Derivatives of derivatives: Newton's method, sines that come round, tanh drawn as a graph."""

import math

import numpy as np

import dezero.functions as F
from dezero import Function, Variable
from dezero.utils import plot_dot_graph

x = Variable(np.array(2.0))
for _ in range(10):
    y = x**4 - 2 * x**2
    x.cleargrad()
    y.backward(create_graph=True)
    gx = x.grad
    x.cleargrad()
    gx.backward()
    gx2 = x.grad
    x.data -= gx.data / gx2.data
root = float(x.data)

x = Variable(np.linspace(-7, 7, 50))
y = F.sin(x)
y.backward(create_graph=True)
logs = [y.data]
for _ in range(3):
    logs.append(x.grad.data)
    gx = x.grad
    x.cleargrad()
    gx.backward(create_graph=True)

x, y = Variable(np.array(1.0)), None
y = F.tanh(x)
x.name, y.name = "x", "y"
y.backward(create_graph=True)
for _ in range(2):
    gx = x.grad
    x.cleargrad()
    gx.backward(create_graph=True)
gx = x.grad
gx.name = "gx3"
plot_dot_graph(gx, verbose=False, to_file="tanh.svg")
third = float(gx.data)

# A gradient inside of what is differentiated.
x = Variable(np.array(2.0))
y = x**2
y.backward(create_graph=True)
gx = x.grad
x.cleargrad()
z = gx**3 + y
z.backward()
mixed = float(x.grad.data)


def taylor_sin(x, threshold=1e-10):
    y = 0
    for i in range(100):
        term = (-1) ** i / math.factorial(2 * i + 1) * x ** (2 * i + 1)
        y = y + term
        if abs(term.data) < threshold:
            return y
    return y


x = Variable(np.array(np.pi / 4))
y = taylor_sin(x)
y.backward()
series = (float(y.data), float(x.grad.data))


class Exp(Function):
    def forward(self, x):
        return np.exp(x)

    def backward(self, gy):
        y = self.outputs[0]()
        return gy * y


x = Variable(np.array([0.0, 1.0]))
y = Exp()(x)
y.backward(retain_grad=True, create_graph=True)
g1, x.grad = x.grad, None
g1.backward()
own = (y.grad.data, x.grad.data)

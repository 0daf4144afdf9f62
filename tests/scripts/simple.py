"""The first half of the book: gradients that are arrays, and a drawing of the graph."""

import numpy as np

from dezero.core_simple import Function, Variable, as_variable, no_grad, setup_variable
from dezero.utils import get_dot_graph, plot_dot_graph

setup_variable()


class Sin(Function):
    def forward(self, x):
        return np.sin(x)

    def backward(self, gy):
        x = self.inputs[0].data
        return gy * np.cos(x)


def matyas(x, y):
    return 0.26 * (x**2 + y**2) - 0.48 * x * y


x = Variable(np.array(1.0), "x")
y = Variable(np.array(1.0), "y")
z = matyas(x, y)
z.backward()
z.name = "z"
text = get_dot_graph(z, verbose=False)
plot_dot_graph(z, verbose=False, to_file="matyas.png")
slopes = (x.grad, y.grad)

a = Variable(np.array(np.pi / 4))
b = Sin()(a)
b.backward()
slope = a.grad

# Newton's method by hand, with the second derivative worked out on paper.
root = as_variable(np.array(2.0))
for _ in range(10):
    f = root**4 - 2 * root**2
    root.cleargrad()
    f.backward()
    root.data = root.data - root.grad / (12 * root.data**2 - 4)
with no_grad():
    free = (root + 1).creator

"""Lines and curves: gradients by hand, layers by hand, an optimizer, one after the other."""

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import Layer, Variable, optimizers

rng = np.random.default_rng(0)
x = rng.random((100, 1))
y = 5 + 2 * x + 0.1 * rng.random((100, 1))
x, y = Variable(x), Variable(y)
W = Variable(np.zeros((1, 1)))
b = Variable(np.zeros(1))


def mean_squared_error(x0, x1):
    diff = x0 - x1
    return F.sum(diff**2) / len(diff)


for _ in range(300):
    loss = mean_squared_error(F.matmul(x, W) + b, y)
    W.cleargrad()
    b.cleargrad()
    loss.backward()
    W.data -= 0.3 * W.grad.data
    b.data -= 0.3 * b.grad.data
line = (float(W.data.item()), float(b.data.item()))

t = np.sin(2 * np.pi * x.data) + 0.1 * rng.random((100, 1))
model = Layer()
model.l1 = L.Linear(10)
model.l2 = L.Linear(1)


def predict(x):
    return model.l2(F.sigmoid(model.l1(x)))


losses = []
for _ in range(200):
    loss = F.mean_squared_error(predict(x), t)
    model.cleargrads()
    loss.backward()
    for p in model.params():
        p.data -= 0.2 * p.grad.data
    losses.append(float(loss.data))

optimizer = optimizers.MomentumSGD(0.1)
optimizer.setup(model)
for _ in range(400):
    loss = F.mean_squared_error(predict(x), t)
    model.cleargrads()
    loss.backward()
    optimizer.update()
final = float(loss.data)

# Broadcasting, integers, sums: what the steps in between print.
x0, x1 = Variable(np.array([1, 2, 3])), Variable(np.array([10]))
added = x0 + x1
added.backward()
table = Variable(np.array([[1, 2, 3], [4, 5, 6]]))
table.sum(axis=0).backward()
rows = Variable(np.array([[1, 2, 3], [4, 5, 6]]))
picked = rows[np.array([0, 0, 1])]
picked.backward()
with dezero.test_mode():
    kept = F.dropout(np.ones(5)).data

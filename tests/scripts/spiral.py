"""Three arms apart: data loaders, an MLP, accuracy in training and out of it."""

import math

import numpy as np

import dezero
import dezero.functions as F
from dezero import DataLoader, optimizers
from dezero.models import MLP

max_epoch = 30
batch_size = 30
hidden_size = 10

train_set = dezero.datasets.Spiral(train=True)
test_set = dezero.datasets.Spiral(train=False)
train_loader = DataLoader(train_set, batch_size)
test_loader = DataLoader(test_set, batch_size, shuffle=False)

model = MLP((hidden_size, 3), activation=F.relu)
optimizer = optimizers.Adam(0.05).setup(model)
assert train_loader.max_iter == math.ceil(len(train_set) / batch_size)

for _ in range(max_epoch):
    sum_loss, sum_acc = 0, 0
    for x, t in train_loader:
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        acc = F.accuracy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss.data) * len(t)
        sum_acc += float(acc.data) * len(t)

test_acc = 0
with dezero.no_grad():
    for x, t in test_loader:
        test_acc += float(F.accuracy(model(x), t).data) * len(t)
test_acc /= len(test_set)

# Regions of the plane, as a picture.
xx, yy = np.meshgrid(np.arange(-1, 1, 0.1), np.arange(-1, 1, 0.1))
with dezero.no_grad():
    score = model(np.c_[xx.ravel(), yy.ravel()])
regions = np.argmax(score.data, axis=1).reshape(xx.shape)

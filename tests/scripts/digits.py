"""A loop over MNIST as old scripts write it: GPU if there is one, weights kept in a file."""

import os
import time

import numpy as np

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import DataLoader, Model, optimizers, test_mode


class Net(Model):
    def __init__(self):
        super().__init__()
        self.conv1 = L.Conv2d(4, kernel_size=3, stride=1, pad=1)
        self.bn1 = L.BatchNorm()
        self.fc1 = L.Linear(16)
        self.fc2 = L.Linear(10)

    def forward(self, x):
        x = F.pooling(F.relu(self.bn1(self.conv1(x))), 2, 2)
        x = F.reshape(x, (x.shape[0], -1))
        return self.fc2(F.dropout(F.relu(self.fc1(x)), 0.25))


def transform(x):
    return (x / 255.0).astype(np.float32)


train_set = dezero.datasets.MNIST(train=True, transform=transform)
train_loader = DataLoader(train_set, batch_size=5)
test_loader = DataLoader(train_set, 5, shuffle=False)
model = Net()
optimizer = optimizers.MomentumSGD(0.01, 0.9)
optimizer.setup(model)
optimizer.add_hook(optimizers.WeightDecay(1e-4))
optimizer.add_hook(optimizers.ClipGrad(5.0))

if dezero.cuda.gpu_enable:
    train_loader.to_gpu()
    test_loader.to_gpu()
    model.to_gpu()
if os.path.exists("net.npz"):
    model.load_weights("net.npz")

for epoch in range(2):
    start = time.time()
    sum_loss = 0
    for x, t in train_loader:
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss.data) * len(t)
    print(f"epoch: {epoch + 1}, loss: {sum_loss / len(train_set):.4f}")


def scores():
    with dezero.no_grad(), test_mode():
        return np.concatenate([model(x).data for x, _ in test_loader])


model.save_weights("net.npz")
before = scores()
twin = model
model = Net()
model.load_weights("net.npz")
after = scores()

"""A critic kept gentle: the length of its gradient by the input is part of the loss."""

import numpy as np

import dezero.functions as F
from dezero import Parameter, Variable
from dezero.models import MLP
from dezero.optimizers import Adam

rng = np.random.default_rng(0)
critic = MLP((32, 32, 1), activation=F.tanh)
optimizer = Adam(0.005, 0.5).setup(critic)
slopes = []

for _ in range(60):
    real = rng.normal(2.0, 0.1, (32, 2)).astype("f")
    fake = rng.normal(0.0, 0.1, (32, 2)).astype("f")
    mix = rng.random((32, 1)).astype("f")
    x = Variable(mix * real + (1 - mix) * fake)
    y = critic(x)
    y.backward(create_graph=True)
    gx = x.grad
    critic.cleargrads()
    slope = F.sum(gx**2, axis=1) ** 0.5
    penalty = F.mean((slope - 1) ** 2)
    loss = F.mean(critic(fake)) - F.mean(critic(real)) + 10 * penalty
    loss.backward()
    optimizer.update()
    slopes.append(float(F.mean(slope).data))
distance = float((F.mean(critic(real)) - F.mean(critic(fake))).data)
assert all(isinstance(p, Parameter) for p in critic.params())

"""Train on Fashion-MNIST with the book's explicit loop: forward, backward, update."""

import argparse

import dezero
import dezero.functions as F
from dezero import DataLoader, optimizers
from dezero.datasets import DataNotFound, FashionMNIST, SyntheticFashion
from dezero.models import MLP

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=5)
args = parser.parse_args()
dezero.seed(0)
try:
    train_set, test_set = FashionMNIST(train=True), FashionMNIST(train=False)
except DataNotFound:
    print("Fashion-MNIST was neither found nor reachable: training on synthetic garments.")
    train_set, test_set = SyntheticFashion(train=True), SyntheticFashion(train=False)
train_loader = DataLoader(train_set, 32)
test_loader = DataLoader(test_set, 1000, shuffle=False)
model = MLP((128, 10), activation=F.relu)
optimizer = optimizers.Adam().setup(model)

for epoch in range(args.epochs):
    sum_loss, sum_acc = 0.0, 0.0
    for x, t in train_loader:
        y = model(x)
        loss = F.softmax_cross_entropy(y, t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss) * len(t)
    with dezero.no_grad(), dezero.test_mode():
        for x, t in test_loader:
            sum_acc += float(F.accuracy(model(x), t)) * len(t)
    print(
        f"epoch {epoch + 1}: loss {sum_loss / len(train_set):.4f}, "
        f"test accuracy {sum_acc / len(test_set):.4f}"
    )

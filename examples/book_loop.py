"""Train on Fashion-MNIST with the book's explicit loop: forward, backward, update."""

import argparse

from devices import add_device, place

import dezero
import dezero.functions as F
from dezero import DataLoader, optimizers
from dezero.datasets import load_fashion
from dezero.models import MLP

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=5)
add_device(parser)
parser.add_argument("--quick", action="store_true", help="1 epoch of a few drawn garments")
args = parser.parse_args()
dezero.seed(0)
# The real pictures, or drawn ones, and then it says so.
train_set, test_set = load_fashion("synthetic", size=6000) if args.quick else load_fashion()
train_loader = DataLoader(train_set, 32)
test_loader = DataLoader(test_set, 1000, shuffle=False)
model = MLP((128, 10), activation=F.relu)
place(args.device, model, train_loader, test_loader)
optimizer = optimizers.Adam().setup(model)

for epoch in range(1, (1 if args.quick else args.epochs) + 1):
    sum_loss, hits = 0.0, 0.0
    for x, t in train_loader:
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        optimizer.update()
        sum_loss += float(loss) * len(t)
    with dezero.no_grad(), dezero.test_mode():
        for x, t in test_loader:
            hits += float(F.accuracy(model(x), t)) * len(t)
    mean_loss, accuracy = sum_loss / len(train_set), hits / len(test_set)
    print(f"epoch {epoch}: loss {mean_loss:.4f}, test accuracy {accuracy:.4f}: {test_set.title}")

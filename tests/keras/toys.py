"""A model with Keras's face for tests of training, over the toys of `tests.training`."""

from dezero import models
from dezero.keras.training import Trainer
from tests.training import toys

T, X, same, weights = toys.T, toys.X, toys.same, toys.weights


class Net(Trainer, models.Sequential):
    """Layers of dezero's own with Keras's compile, fit and the rest."""


def net(optimizer="sgd", loss="softmax_cross_entropy", metrics=None, *, kind=Net, **options):
    """A compiled 4-8-3 network whose first weights are the same every time."""
    model = kind(*toys.net().layers)
    model.compile(optimizer, loss, metrics, **options)
    return model

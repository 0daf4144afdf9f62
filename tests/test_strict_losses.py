"""All of Keras's losses on the double of a GPU: the host waits for nothing, and sends nothing."""

import numpy as np
import pytest

from dezero.backend import backend_of, no_sync
from dezero.core import Variable
from dezero.keras import losses as K
from tests.keras.metrics.test_figures import RECORDED
from tests.strict_device import strict_gpu

# Paths through labels are laid on the host, one sample after the other.
LOOKS = {"CTC"}
WEIGHT = np.array(RECORDED["weight"])
MORE = [
    ("BinaryFocalCrossentropy", {"apply_class_balancing": True}, "bits", None),
    ("CategoricalFocalCrossentropy", {}, "one_hot", None),
    ("CategoricalGeneralizedCrossEntropy", {}, "labels", None),
    ("Circle", {}, "labels", None),
    ("Dice", {}, "bits", None),
    ("Tversky", {"alpha": 0.3}, "bits", None),
]
LINES = [*RECORDED["losses"], *MORE]


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line[0]} {line[1]}")
def test_losses_of_keras(line):
    name, options, kind, _ = line
    t, y = (np.array(a) for a in RECORDED["data"][kind])
    y, loss = y.astype("f4"), getattr(K, name)(**options)
    for weight in (None, WEIGHT):
        weight = None if options.get("axis") == 0 else weight
        here = Variable(y)
        expected = loss(t, here, weight)
        expected.backward()
        with strict_gpu() as device:
            there = [None if v is None else device.from_host(v) for v in (t, y, weight)]
            for allowed in (True, False):  # constants are sent once
                x = Variable(there[1])
                with no_sync(sending=allowed):
                    found = loss(there[0], x, there[2])
                    found.backward()
            assert backend_of(x.grad.data).name == "cuda"
            np.testing.assert_allclose(found.data.get(), expected.data, rtol=2e-6, atol=1e-7)
            np.testing.assert_allclose(x.grad.data.get(), here.grad.data, rtol=1e-5, atol=1e-7)


def test_every_loss_is_tried():
    classes = {n for n in K.__all__ if isinstance(getattr(K, n), type)}
    classes = {getattr(K, n).__name__ for n in classes if issubclass(getattr(K, n), K.Loss)}
    seen = {line[0] for line in LINES}
    assert classes - seen - {"Loss", "LossFunctionWrapper"} == LOOKS


def test_numbers_of_classes_that_are_not_whole_show():
    y = np.full((3, 2), 0.5, "f4")
    with strict_gpu() as device, no_sync(sending=False):
        loss = K.SparseCategoricalCrossentropy(reduction="none")
    with strict_gpu() as device:
        t = device.from_host(np.array([0.0, 1.0, 0.5], "f4"))
        found = loss(t, Variable(device.from_host(y))).data.get()
    assert np.isnan(found[2]) and np.isfinite(found[:2]).all()

"""SqueezeNet 1.0 and 1.1: torch's numbers with torch's weights, parts, parameters."""

import numpy as np
import pytest

from dezero.core import no_grad, test_mode
from dezero.models import SqueezeNet, load_model
from tests.models import twins
from tests.models.comparing import PICTURES, compare

test_mode.__test__ = False
SMALL = {"width": 1 / 8, "classes": 10}
COUNTS = {"1.0": 1_248_424, "1.1": 1_235_496}


@pytest.mark.parametrize("version", COUNTS)
def test_fault_41_of_upstream_is_no_stub_here(version):
    model = SqueezeNet(version=version)
    assert sum(p.size for p in model.params() if p.data is not None) < 5000
    with no_grad(), test_mode():
        y = model(PICTURES[:1, :, :40, :40])
    assert y.shape == (1, 1000) and model.count_params() == COUNTS[version]


def test_parts():
    first, second = SqueezeNet().parts(), SqueezeNet(version="1.1").parts()
    assert first[:6] == ("conv1", "pool1", "fire2", "fire3", "fire4", "pool2")
    assert second[:6] == ("conv1", "pool1", "fire2", "fire3", "pool2", "fire4")
    assert sorted(first) == sorted(second) and first[-2:] == ("fire9", "conv10")
    model = SqueezeNet(**SMALL, features=True)
    assert model(PICTURES).shape == (2, 64, 3, 3) and not hasattr(model, "conv10")


@pytest.mark.parametrize("version", COUNTS)
def test_the_smallest_pictures(version):
    for features in ("fire9", "conv10", "fire4", "pool1", "conv1"):
        model = SqueezeNet(version=version, features=features, **SMALL)
        side = model.smallest()
        assert 0 not in model(np.zeros((1, 3, side, side), "f4")).shape
        with pytest.raises(ValueError, match=f"SqueezeNet: .*Resize them to at least {side} x"):
            model(np.zeros((1, 3, side, side - 1), "f4"))


def test_a_saved_model(tmp_path):
    model = SqueezeNet(version="1.1", dropout=0.25, **SMALL)
    with test_mode():
        y = model(PICTURES)
        model.save(tmp_path / "m.dz")
        again = load_model(tmp_path / "m.dz")
        np.testing.assert_array_equal(again(PICTURES).data, y.data)
    assert again.version == "1.1" and again.dropout == 0.25


def test_another_number_of_classes(tmp_path):
    model = SqueezeNet(**SMALL)
    model(PICTURES)
    model.save_weights(tmp_path / "w.npz")
    tuned = SqueezeNet(tmp_path / "w.npz", width=1 / 8, classes=3)
    assert tuned(PICTURES).shape == (2, 3)
    np.testing.assert_array_equal(tuned.fire9.squeeze.W.data, model.fire9.squeeze.W.data)


def test_arguments():
    with pytest.raises(ValueError, match="SqueezeNet: version: unknown name '2'. Known: 1.0, 1.1"):
        SqueezeNet(version="2")


@pytest.mark.oracle
@pytest.mark.parametrize("version", COUNTS)
def test_torchs_numbers(version, tmp_path):
    torch = pytest.importorskip("torch")
    twin = twins.randomised(torch, twins.squeezenet(torch.nn, version, **SMALL))
    torch.save(twin.state_dict(), tmp_path / "w.pth")
    model = SqueezeNet(tmp_path / "w.pth", version=version, dropout=0, **SMALL)
    compare(torch, model, twin)

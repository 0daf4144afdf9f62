"""Arrays of two devices in one call raise an error that names both, in whichever order."""

import re

import numpy as np
import pytest

from dezero import Variable, layers
from dezero import functions as F
from dezero.backend import backend_of
from tests.spec_draw import call, draw
from tests.specs import SPECS
from tests.specs.layers import SPECS as LAYERS
from tests.strict_device import strict_gpu
from tests.test_layer_specs import draw as draw_layer

NAMED = re.compile(r"expected arrays on one device, got (cuda and numpy|numpy and cuda)")
# Paths through labels are laid on the host, wherever they came from.
SENT = ("ctc_loss",)


def has_array(x):
    return isinstance(x, np.ndarray | Variable) and x.ndim > 0


def constants(spec):
    return [*(getattr(a, "value", None) for a in spec.args), *spec.kwargs.values()]


def complaint(run):
    """Return what was raised, None if nothing was."""
    try:
        run()
    except TypeError as error:
        return str(error)
    return None


SEVERAL = [spec for spec in SPECS if len(draw(spec)) > 1]
GIVEN = [spec for spec in SPECS if draw(spec) and any(map(has_array, constants(spec)))]


def test_functions_of_several_arrays():
    """Each array of each spec on the device and the others on the host: the first and the last."""
    wrong, tried = [], 0
    with strict_gpu() as device:
        for spec in SEVERAL:
            arrays = [a.astype("f4") for a in draw(spec)]
            if any(a.size == 0 for a in arrays):
                continue  # of nothing, nothing may be computed
            for index in {0, len(arrays) - 1}:
                xs = [device.from_host(a) if i == index else a for i, a in enumerate(arrays)]
                tried += 1
                said = complaint(lambda spec=spec, xs=xs: call(spec, [Variable(x) for x in xs]))
                if said is None or not NAMED.search(said):
                    wrong.append((spec.id, index, said))
    assert not wrong and tried > 200, wrong


def test_arrays_among_the_options_of_functions():
    wrong, tried = [], 0
    with strict_gpu() as device:
        for spec in GIVEN:
            if spec.id.startswith(SENT):
                continue
            xs = [Variable(device.from_host(a.astype("f4"))) for a in draw(spec)]
            tried += 1
            said = complaint(lambda spec=spec, xs=xs: call(spec, xs))
            if said is None or not NAMED.search(said):
                wrong.append((spec.id, said))
    assert not wrong and tried > 50, wrong


@pytest.mark.parametrize("spec", LAYERS, ids=lambda spec: spec.id)
def test_layers(spec, rng):
    layer, x = spec.make(), draw_layer(spec, rng)
    layer(x)
    holds = any(p.data is not None for p in layer.params()) or any(
        True for _ in layer.named_buffers()
    )
    with strict_gpu() as device:
        for move, given in ((layer.to_cpu, device.from_host(x)), (layer.to_gpu, x)):
            move()
            if holds:
                said = complaint(lambda given=given: layer(given))
                assert said is not None and NAMED.search(said), said
            else:  # it goes where its inputs are
                assert backend_of(layer(given).data) is backend_of(given)


def test_operators_and_gradients():
    with strict_gpu() as device:
        here, there = np.ones(3, "f4"), device.from_host(np.ones(3, "f4"))
        x, y = Variable(here), Variable(there)
        for run in (
            lambda: x + y, lambda: y + x, lambda: x @ there, lambda: here * y, lambda: y > x,
            lambda: F.where(there > 0, x, y), lambda: F.concat([x, y]),
            lambda: y // here, lambda: F.dropout(y, mask=here > 0),
        ):  # fmt: skip
            assert NAMED.search(complaint(run)), run
        z = y * 2.0
        z.grad = Variable(here)
        assert NAMED.search(complaint(z.backward))


def test_a_layer_is_named_with_the_devices():
    with strict_gpu() as device:
        layer = layers.Linear(2)
        layer(np.ones((1, 3), "f4"))
        with pytest.raises(TypeError, match=r"got cuda and numpy\..* Raised in layer Linear"):
            layer(device.from_host(np.ones((1, 3), "f4")))


def test_numpy_is_not_given_a_copy_unasked():
    with strict_gpu() as device:
        x = Variable(device.from_host(np.ones(3, "f4")))
        with pytest.raises(
            TypeError, match=r"asarray: expected an array of the host, got one on c"
        ):
            np.asarray(x)
        assert np.asarray(Variable(np.ones(3))).shape == (3,)

"""Whole trainings on the GPU, from the host's seed: the same figures, counted copies, files."""

import numpy as np
import pytest

from dezero import functions as F
from dezero import load_model, models, optimizers
from dezero.backend import backend_of, no_sync, to_host
from tests.test_strict_fit import LABELS, MODELS, made, trained

pytestmark = pytest.mark.usefixtures("seeded")
NAMES = [name for name in MODELS if name.split()[-1] in ("dense", "conv", "lstm")]


@pytest.mark.parametrize("name", NAMES)
def test_fit_is_the_hosts(name, gpu, record_property):
    here, expected, _ = trained(name)
    model, found, moved = trained(name, gpu=True)
    assert all(backend_of(p.data) is gpu for p in model.params())
    for key, values in expected.items():
        np.testing.assert_allclose(found[key], values, rtol=1e-3, atol=1e-4, err_msg=key)
    x = MODELS[name][1]
    np.testing.assert_allclose(model.predict(x), here.predict(x), rtol=5e-3, atol=5e-4)
    record_property("moved", repr(moved))
    # The figures of training and of validation, once in each of two epochs.
    assert moved.to_host == 2 * 2


@pytest.mark.parametrize("name", NAMES)
def test_the_host_never_waits_in_a_step(name, gpu):
    if name.startswith("keras"):
        pytest.skip("its step is fit's")
    model, x = made(name, gpu=True)
    optimizer = optimizers.Adam().setup(model)
    x, t = gpu.from_host(x[:16]), gpu.from_host(LABELS[:16])
    for step in range(3):
        with no_sync(sending=step == 0):  # the first one may build what it needs
            loss = F.softmax_cross_entropy(model(x), t)
            model.cleargrads()
            loss.backward()
            optimizer.update()
    assert np.isfinite(float(loss))


def test_saving_leaves_a_model_where_it_is(gpu, tmp_path):
    model, _, _ = trained("conv", gpu=True)
    before = {name: to_host(p.data) for name, p in model.named_params()}
    model.save_weights(tmp_path / "weights.npz")
    assert all(backend_of(p.data) is gpu for p in model.params())
    twin, _ = made("conv")
    twin.load_weights(tmp_path / "weights.npz")
    for name, p in twin.named_params():
        np.testing.assert_array_equal(p.data, before[name])


def test_a_whole_model_saved_from_the_gpu_opens_on_the_host(gpu, tmp_path):
    x = MODELS["dense"][1]
    model = models.MLP((8, 3))
    model(x[:2])
    model.to_gpu()
    model.compile(optimizer="adam", loss="softmax_cross_entropy")
    model.fit(x, LABELS, verbose=0)
    model.save(tmp_path / "model.dz")
    assert all(backend_of(p.data) is gpu for p in model.params())
    twin = load_model(tmp_path / "model.dz")
    assert all(type(p.data) is np.ndarray for p in twin.params())
    np.testing.assert_allclose(model.predict(x), twin.predict(x), rtol=1e-4, atol=1e-6)

"""Layers of normalisation; of `BatchNorm` statistics, files, freezing, and upstream's use."""

import copy
import pickle  # noqa: TID251 - layers may travel to worker processes

import numpy as np
import pytest

from dezero.core import Parameter, Variable, no_grad, test_mode
from dezero.io.npz import load_npz
from dezero.layers import (
    BatchNorm,
    Buffer,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    Linear,
    RMSNorm,
)
from dezero.models import Sequential, load_model
from dezero.optimizers import SGD, Adam
from tests.strict_device import strict_device

test_mode.__test__ = False


def x32(rng, *shape):
    return (3 + 2 * rng.standard_normal(shape)).astype(np.float32)


def trained(rng, steps=3, **options):
    layer = BatchNorm(**options)
    for _ in range(steps):
        layer(x32(rng, 8, 3, 2, 2))
    return layer


def statistics(layer):
    return np.array([layer.avg_mean.data, layer.avg_var.data])


class TestUpstream:
    def test_bug_25_running_statistics_are_no_parameters(self, rng):
        layer = trained(rng)
        assert [path for path, _ in layer.named_params()] == ["gamma", "beta"]
        assert [path for path, _ in layer.named_buffers()] == ["avg_mean", "avg_var"]
        assert not isinstance(layer.avg_mean, Parameter)
        before = statistics(layer)
        optimizer = Adam(0.1).setup(layer)
        with test_mode():
            layer(Variable(x32(rng, 4, 3))).sum().backward()
        optimizer.update()
        np.testing.assert_array_equal(statistics(layer), before)

    def test_everything_is_there_before_and_after_the_first_call(self, rng):
        layer = BatchNorm()
        for holder in (layer.gamma, layer.beta, layer.avg_mean, layer.avg_var):
            assert holder.data is None
        layer(x32(rng, 4, 3))
        for holder in (layer.gamma, layer.beta, layer.avg_mean, layer.avg_var):
            assert holder.data.shape == (3,) and holder.dtype == np.float32

    def test_statistics_set_by_hand_are_used(self, rng):
        layer, x = BatchNorm(), x32(rng, 4, 3)
        layer.avg_mean.data, layer.avg_var.data = np.full(3, 2.0, "f4"), np.full(3, 4.0, "f4")
        with test_mode():
            np.testing.assert_allclose(layer(x).data, (x - 2) / 2, rtol=1e-4, atol=1e-5)
        layer.avg_mean = np.ones(3, np.float32)
        assert type(layer.avg_mean) is Buffer
        with test_mode():
            np.testing.assert_allclose(layer(x).data, (x - 1) / 2, rtol=1e-4, atol=1e-5)

    def test_a_file_of_upstream_loads(self, tmp_path):
        arrays = {
            n: np.arange(3.0) + i for i, n in enumerate("avg_mean avg_var gamma beta".split())
        }
        np.savez_compressed(tmp_path / "w.npz", **{f"l0/{n}": a for n, a in arrays.items()})
        model = Sequential(BatchNorm())
        model.load_weights(tmp_path / "w.npz")
        assert model.l0.size == 3
        for name, array in arrays.items():
            np.testing.assert_array_equal(getattr(model.l0, name).data, array)


class TestTraining:
    def test_statistics_follow_the_batches(self, rng):
        layer, mean, var = BatchNorm(decay=0.7), np.zeros(3), np.ones(3)
        for _ in range(3):
            x = x32(rng, 8, 3, 2, 2)
            layer(x)
            mean = 0.7 * mean + 0.3 * x.mean((0, 2, 3))
            var = 0.7 * var + 0.3 * x.var((0, 2, 3), ddof=1)
        np.testing.assert_allclose(statistics(layer), [mean, var], rtol=1e-5)

    def test_evaluation_changes_nothing_and_training_without_a_graph_does(self, rng):
        layer = trained(rng)
        before = statistics(layer)
        with test_mode():
            layer(x32(rng, 8, 3))
        layer.build((3, 2, 2))
        np.testing.assert_array_equal(statistics(layer), before)
        with no_grad():
            layer(x32(rng, 8, 3))
        assert (statistics(layer) != before).all()

    def test_a_step_with_nan_or_of_a_wrong_shape_leaves_them_whole(self, rng):
        layer = trained(rng)
        before = statistics(layer)
        with np.errstate(invalid="ignore"):
            layer(np.full((4, 3), np.nan, np.float32))
        for shape in ((4, 5), (4,)):
            with pytest.raises(ValueError, match=r"batch_norm: .* Raised in layer BatchNorm 3\."):
                layer(x32(rng, *shape))
        np.testing.assert_array_equal(statistics(layer), before)

    def test_a_frozen_layer_uses_its_statistics_and_keeps_them(self, rng):
        model, x = Sequential(trained(rng)), x32(rng, 8, 3)
        before = statistics(model.l0)
        with test_mode():
            expected = model(x).data
        model.trainable = False
        np.testing.assert_array_equal(model(x).data, expected)
        np.testing.assert_array_equal(statistics(model.l0), before)
        model.trainable = True
        assert (model(x).data != expected).any() and (statistics(model.l0) != before).all()

    def test_half_precision_keeps_statistics_in_float32(self, rng):
        layer = BatchNorm(dtype="f2")
        y = layer(x32(rng, 8, 3).astype("f2"))
        assert y.dtype == layer.gamma.dtype == layer.beta.dtype == np.float16
        assert layer.avg_mean.dtype == layer.avg_var.dtype == np.float32

    @pytest.mark.oracle
    @pytest.mark.parametrize("shape", [(8, 3), (8, 3, 4), (4, 3, 5, 5), (2, 3, 4, 3, 2)])
    def test_three_steps_of_torch(self, rng, shape):
        torch = pytest.importorskip("torch")
        kinds = {2: "1d", 3: "1d", 4: "2d", 5: "3d"}
        theirs = getattr(torch.nn, f"BatchNorm{kinds[len(shape)]}")(3, eps=2e-5)
        ours = BatchNorm(3)
        step, optimizer = torch.optim.SGD(theirs.parameters(), 0.1), SGD(0.1).setup(ours)
        for _ in range(3):
            x, weight = x32(rng, *shape), x32(rng, *shape)
            step.zero_grad()
            (theirs(torch.tensor(x)) * torch.tensor(weight)).mean().backward()
            step.step()
            ours.cleargrads()
            (ours(x) * weight).mean().backward()
            optimizer.update()
        theirs.eval()
        with test_mode(), torch.no_grad():
            np.testing.assert_allclose(
                ours(x).data, theirs(torch.tensor(x)).numpy(), rtol=1e-4, atol=1e-5
            )
        for a, b in (
            (ours.avg_mean, theirs.running_mean),
            (ours.avg_var, theirs.running_var),
            (ours.gamma, theirs.weight),
            (ours.beta, theirs.bias),
        ):
            np.testing.assert_allclose(a.data, b.detach().numpy(), rtol=1e-5, atol=1e-6)


class TestFiles:
    def test_statistics_travel(self, rng, tmp_path):
        layer = trained(rng)
        layer.save_weights(tmp_path / "w")
        assert sorted(load_npz(tmp_path / "w")) == ["avg_mean", "avg_var", "beta", "gamma"]
        for again in (BatchNorm(), BatchNorm(3), BatchNorm(dtype="f8")):
            again.load_weights(tmp_path / "w")
            np.testing.assert_array_equal(statistics(again), statistics(layer))
            assert again.size == 3

    def test_sizes_must_agree(self, rng, tmp_path):
        trained(rng).save_weights(tmp_path / "w")
        with pytest.raises(ValueError, match=r"avg_var of shape \(3,\) instead of \(4,\)"):
            BatchNorm(4).load_weights(tmp_path / "w")

    def test_a_whole_model(self, rng, tmp_path):
        model = Sequential(Linear(4), BatchNorm(decay=0.5, name="bn"), Linear(2))
        for _ in range(3):
            model(x32(rng, 8, 5))
        model.save(tmp_path / "m.dz")
        again = load_model(tmp_path / "m.dz")
        np.testing.assert_array_equal(statistics(again.l1), statistics(model.l1))
        assert again.l1.decay == 0.5 and again.l1.name == "bn"
        x = x32(rng, 8, 5)
        with test_mode():
            np.testing.assert_array_equal(again(x).data, model(x).data)

    @pytest.mark.parametrize(
        "twin",
        [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))],  # noqa: S301
    )
    def test_copies(self, rng, twin):
        layer = trained(rng)
        again, before = twin(layer), statistics(layer)
        np.testing.assert_array_equal(statistics(again), before)
        again(x32(rng, 8, 3))
        np.testing.assert_array_equal(statistics(layer), before)

    def test_statistics_move_with_the_layer(self, rng, monkeypatch):
        layer = trained(rng)
        with strict_device() as device:
            monkeypatch.setattr(Variable, "to_gpu", lambda v: v._move(device.from_host))
            layer.to_gpu()
            layer(device.from_host(x32(rng, 8, 3)))
            assert isinstance(layer.avg_var.data, device.array_types)
            layer.to_cpu()
        assert type(layer.avg_mean.data) is np.ndarray


class TestSettings:
    def test_how_it_is_shown(self, rng):
        assert BatchNorm().details() == "?" and trained(rng).details() == "3"
        assert BatchNorm(3, layout="NHWC", shift=False).details() == "3, NHWC, no shift"
        assert BatchNorm(3, scale=False).details() == "3, no scale"

    @pytest.mark.parametrize("eps", [0, -1, float("nan")])
    def test_eps(self, eps):
        with pytest.raises(ValueError, match="BatchNorm: expected eps > 0"):
            BatchNorm(eps=eps)

    @pytest.mark.parametrize("decay", [-0.1, 1.1, float("nan")])
    def test_decay(self, decay):
        with pytest.raises(ValueError, match="BatchNorm: expected decay from 0 to 1"):
            BatchNorm(decay=decay)

    def test_layout(self):
        with pytest.raises(ValueError, match="BatchNorm: layout: unknown name 'CHWN'"):
            BatchNorm(layout="CHWN")

    def test_no_channels(self):
        with pytest.raises(ValueError, match="BatchNorm: expected x with at least one channel"):
            BatchNorm()(np.zeros((4, 0), np.float32))

    def test_too_few_axes(self):
        layer = BatchNorm()
        with pytest.raises(ValueError, match=r"BatchNorm: expected x \(N, C\)"):
            layer(np.zeros(4, np.float32))
        assert layer.size is None and layer.gamma.data is None


class TestGroups:
    def test_how_they_are_shown(self):
        assert GroupNorm(2).details() == "2 groups of ?"
        assert GroupNorm(2, 6, layout="NLC").details() == "2 groups of 6, NLC"
        assert InstanceNorm(3).details() == "3, no scale, no shift"

    def test_groups_must_divide_the_channels(self, rng):
        with pytest.raises(ValueError, match="GroupNorm: expected groups to divide size, got 4"):
            GroupNorm(4, 6)
        with pytest.raises(ValueError, match="group_norm: expected groups to divide the 3"):
            GroupNorm(2)(x32(rng, 4, 3, 5))
        with pytest.raises(TypeError, match="GroupNorm: expected groups, an integer"):
            GroupNorm(2.0)

    def test_instance_norm_without_parameters(self, rng, tmp_path):
        model = Sequential(InstanceNorm(), Linear(2))
        model(x32(rng, 4, 3, 5))
        assert [path for path, _ in model.named_params()] == ["l1/W", "l1/b"]
        model.save(tmp_path / "m.dz")
        assert load_model(tmp_path / "m.dz").l0.size == 3


class TestFeatures:
    def test_size_comes_from_the_first_call(self):
        layer = LayerNorm()
        y = layer(np.arange(12, dtype="f4").reshape(3, 4)).data
        assert layer.size == 4 and layer.gamma.data.tolist() == [1] * 4
        assert layer.beta.data.tolist() == [0] * 4
        np.testing.assert_allclose(y.mean(1), 0, atol=1e-6)
        np.testing.assert_allclose(y.std(1), 1, rtol=1e-4)

    def test_another_width_later(self):
        layer = LayerNorm(4)
        with pytest.raises(ValueError, match=r"layer_norm: .* Raised in layer LayerNorm 4\."):
            layer(np.ones((3, 5), "f4"))

    def test_eps_and_dtype(self):
        layer = LayerNorm(2, 1.0, "f8")
        assert layer.gamma.dtype == np.float64
        np.testing.assert_allclose(layer(np.array([[-1.0, 1.0]])).data, [[-(0.5**0.5), 0.5**0.5]])
        for eps in (0, -1, float("nan")):
            with pytest.raises(ValueError, match="LayerNorm: expected eps > 0"):
                LayerNorm(eps=eps)

    def test_rms_norm(self, rng, tmp_path):
        layer = RMSNorm()
        y = layer(x32(rng, 4, 6)).data
        assert layer.size == 6 and [path for path, _ in layer.named_params()] == ["gamma"]
        np.testing.assert_allclose((y * y).mean(1), 1, rtol=1e-4)
        layer.save_weights(tmp_path / "w")
        fresh = RMSNorm()
        fresh.load_weights(tmp_path / "w")
        assert fresh.size == 6 and fresh.eps == 1e-6
        with pytest.raises(ValueError, match="RMSNorm: expected eps > 0"):
            RMSNorm(eps=0)

"""ResNet of every depth and variant: torch's numbers, upstream's files, which weights want what."""

import numpy as np
import pytest

from dezero.core import no_grad, test_mode
from dezero.initializers import Initializer
from dezero.io import load_npz
from dezero.models import ResNet, ResNet18, ResNet34, ResNet50, ResNet101, ResNet152, load_model
from tests.models import twins
from tests.models.comparing import PICTURES, compare

test_mode.__test__ = False
SMALL = {"width": 1 / 16, "classes": 10}
X = PICTURES[:, :, :32, :32]
COUNTS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
KINDS = {18: ResNet18, 34: ResNet34, 50: ResNet50, 101: ResNet101, 152: ResNet152}


def built(n_layers=50, **options):
    model = ResNet(n_layers, **{**SMALL, **options})
    with no_grad():
        model(X)
    return model


def evaluated(model, x=X):
    with test_mode(), no_grad():
        return model(x).data


def arrays_of(model):
    return {name: p.data for name, p in model.named_params()} | dict(model.named_buffers())


class TestBook:
    def test_nothing_is_made_before_the_first_call(self):
        model = ResNet()
        assert model.n_layers == 152 and len(model.res4._forward) == 36
        assert all(p.data is None for p in model.res5.params())
        assert sum(p.size for p in model.params() if p.data is not None) < 2000

    def test_names_are_upstreams(self, tmp_path):
        built().save_weights(tmp_path / "w.npz")
        names = set(load_npz(tmp_path / "w.npz"))
        assert {"conv1/W", "conv1/b", "bn1/gamma", "bn1/avg_mean", "res2/a/conv4/W"} <= names
        assert {"res2/b1/conv1/W", "res5/b2/bn3/avg_var", "fc6/W", "fc6/b"} <= names
        blocks = sum(COUNTS[50])
        assert len(names) == 2 + 4 + blocks * 3 * 5 + 4 * 5 + 2

    def test_addresses_are_upstreams(self):
        url = "https://github.com/koki0702/dezero-models/releases/download/v0.1/resnet{}.npz"
        assert ResNet.WEIGHTS_PATH == url
        assert ResNet50().sources()["dezero"].url == url.format(50)
        assert next(iter(ResNet50().sources())) == "dezero"
        assert next(iter(ResNet50(variant="torchvision").sources())) == "torchvision"

    def test_a_file_of_upstream_loads(self, tmp_path):
        model = built()
        np.savez_compressed(tmp_path / "resnet50.npz", **arrays_of(model))
        again = ResNet50(tmp_path / "resnet50.npz", **SMALL)
        np.testing.assert_array_equal(evaluated(again), evaluated(model))
        assert again.preprocessing == "msra"


class TestVariants:
    @pytest.mark.slow
    def test_the_weights_choose(self, tmp_path):
        model = built(variant="torchvision")
        assert model.conv1.b is None and model.bn1.eps == 1e-5
        assert model.res3.a.conv1.stride == (1, 1) and model.res3.a.conv2.stride == (2, 2)
        model.save_weights(tmp_path / "w.safetensors")
        again = ResNet50(**SMALL)
        assert again.variant == "dezero" and again.conv1.b is not None
        assert again.res3.a.conv1.stride == (2, 2) and again.res3.b1.bn1.eps == 2e-5
        again.load_weights(tmp_path / "w.safetensors")
        assert again.variant == again.preprocessing == "torchvision"
        np.testing.assert_array_equal(evaluated(again), evaluated(model))
        upstreams = built()
        again.load_weights(arrays_of(upstreams))
        assert again.variant == "dezero" and again.preprocessing == "msra"
        np.testing.assert_array_equal(evaluated(again), evaluated(upstreams))

    @pytest.mark.slow
    def test_the_weights_tell_the_style_but_where_it_was_changed(self, tmp_path):
        for model, more in ((built(), 0), (built(variant="torchvision"), 0), (built(18), 0),
                            (built(preprocessing="vgg"), 1)):  # fmt: skip
            model.save_weights(tmp_path / "w.npz")
            assert len(load_npz(tmp_path / "w.npz")) == len(arrays_of(model)) + more
            again = ResNet(model.n_layers, tmp_path / "w.npz", **SMALL)
            assert again.preprocessing == model.preprocessing

    def test_a_failure_changes_nothing(self):
        model = built()
        before, y = arrays_of(model), evaluated(model)
        wrong = arrays_of(built(variant="torchvision"))
        wrong["res5/b2/bn3/gamma"] = np.ones(3)
        with pytest.raises(ValueError, match=r"res5/b2/bn3/gamma of shape \(3,\) instead of"):
            model.load_weights(wrong)
        assert model.variant == "dezero" and model.preprocessing == "msra"
        assert all(value is before[name] for name, value in arrays_of(model).items())
        np.testing.assert_array_equal(evaluated(model), y)

    def test_one_that_was_asked_for_stays(self):
        model = built(variant="torchvision")
        with pytest.raises(ValueError, match="expected weights of variant 'torchvision', got some"):
            model.load_weights(arrays_of(built()))
        model = built(variant="msra")
        model.load_weights(arrays_of(built()))
        assert model.variant == "msra"

    def test_caffes_pooling_rounds_up(self):
        ours, caffes = built(features="pool1"), built(features="pool1", variant="msra")
        caffes.load_weights(arrays_of(ours))
        np.testing.assert_array_equal(evaluated(caffes)[:, :, :-1, :-1], evaluated(ours))

    def test_names_of_the_users_choose_none(self):
        model = built()
        arrays = {f"x/{name}": a for name, a in arrays_of(built(variant="torchvision")).items()}
        with pytest.raises(ValueError, match="missing conv1/b"):
            model.load_weights(arrays, lambda name: name[2:])

    def test_a_saved_model(self, tmp_path):
        model = built(variant="torchvision", features="res4")
        model.save(tmp_path / "m.dz")
        again = load_model(tmp_path / "m.dz")
        np.testing.assert_array_equal(evaluated(again), evaluated(model))
        whole = ResNet34(width=1 / 16, name="x")
        with no_grad():
            whole(X)
        whole.save(tmp_path / "m.dz")
        again = load_model(tmp_path / "m.dz")
        assert type(again) is ResNet34 and again.n_layers == 34
        np.testing.assert_array_equal(evaluated(again), evaluated(whole))
        again.load_weights(arrays_of(whole))


class TestParts:
    def test_the_cuts(self):
        model = built(18)
        sizes = {part: y.shape[1:] for part, y in model.extract(X, model.parts()).items()}
        assert sizes == {
            "conv1": (4, 16, 16), "pool1": (4, 8, 8), "res2": (4, 8, 8), "res3": (8, 4, 4),
            "res4": (16, 2, 2), "res5": (32, 1, 1), "pool5": (32,), "fc6": (10,),
        }  # fmt: skip
        for part in model.parts():
            assert ResNet18(**SMALL, features=part)(X).shape[1:] == sizes[part]
        assert not hasattr(ResNet18(features=True), "fc6")

    def test_weights_of_the_whole_for_a_part(self, tmp_path):
        model = built(18)
        model.save_weights(tmp_path / "w.npz")
        part = ResNet18(tmp_path / "w.npz", **SMALL, features="res3")
        expected = model.extract(X, ["res3"])["res3"].data
        np.testing.assert_allclose(part(X).data, expected, rtol=1e-6)

    def test_another_number_of_classes(self, tmp_path):
        model = built(18)
        model.save_weights(tmp_path / "w.npz")
        tuned = ResNet18(tmp_path / "w.npz", width=1 / 16, classes=3)
        assert evaluated(tuned).shape == (2, 3)
        np.testing.assert_array_equal(tuned.res5.a.conv1.W.data, model.res5.a.conv1.W.data)
        with pytest.raises(ValueError, match=r"fc6/b of shape \(10,\) instead of \(3,\)"):
            ResNet18(width=1 / 16, classes=3).load_weights(tmp_path / "w.npz")

    def test_frozen_statistics_stay(self):
        model = built(18)
        model.freeze("res2")
        before = model.bn1.avg_mean.data.copy(), model.res3.a.bn1.avg_mean.data.copy()
        model(X)
        np.testing.assert_array_equal(model.bn1.avg_mean.data, before[0])
        assert not np.array_equal(model.res3.a.bn1.avg_mean.data, before[1])
        model.freeze()
        assert [name for name, p in model.named_params() if p.requires_grad] == ["fc6/W", "fc6/b"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"n_layers": 51}, "ResNet: expected n_layers of 18, 34, 50, 101 or 152, got int 51"),
        ({"n_layers": True}, "got bool True"),
        ({"n_layers": [50]}, r"got list \[50\]"),
        ({"variant": "x"}, "ResNet: variant: unknown name 'x'"),
        ({"features": "res6"}, "ResNet: features: unknown name 'res6'. Did you mean 'res5'"),
    ],
)
def test_arguments(options, match):
    with pytest.raises(ValueError, match=match):
        ResNet(**options)


def test_pictures_that_do_not_fit():
    with pytest.raises(ValueError, match="ResNet: .* Put the channels first"):
        ResNet(50, **SMALL)(np.zeros((1, 32, 32, 3), "f4"))
    with pytest.raises(ValueError, match="Resize them to at least 5 x 5"):
        ResNet(50, **SMALL)(np.zeros((1, 3, 4, 32), "f4"))
    assert ResNet(50, **SMALL)(np.zeros((2, 3, 5, 5), "f4")).shape == (2, 10)


@pytest.mark.oracle
class TestTorch:
    @pytest.fixture(autouse=True)
    def torch(self):
        return pytest.importorskip("torch")

    @pytest.mark.parametrize(
        "depth", [18, 34, 50, pytest.param(101, marks=pytest.mark.slow),
                  pytest.param(152, marks=pytest.mark.slow)],
    )  # fmt: skip
    def test_torchvisions(self, torch, tmp_path, depth):
        twin = twins.resnet(torch.nn, COUNTS[depth], basic=depth < 50, **SMALL)
        torch.save(twins.randomised(torch, twin).state_dict(), tmp_path / "w.pth")
        model = KINDS[depth](tmp_path / "w.pth", **SMALL)
        assert model.variant == model.preprocessing == "torchvision"
        compare(torch, model, twin)

    @pytest.mark.parametrize("variant", ["dezero", "msra"])
    def test_upstreams(self, torch, tmp_path, variant):
        twin = twins.resnet(torch.nn, COUNTS[50], variant=variant, **SMALL)
        twins.randomised(torch, twin)
        model = ResNet50(variant=variant, **SMALL)
        table = model.torch_names()
        words = {"running_mean": "avg_mean", "running_var": "avg_var"}
        arrays = {}
        for name, value in twin.state_dict().items():
            layer, _, word = name.rpartition(".")
            if word == "num_batches_tracked":
                continue
            norm = "bn" in table[layer]
            word = (
                words.get(word)
                or {"weight": "gamma" if norm else "W", "bias": "beta" if norm else "b"}[word]
            )
            value = value.numpy()
            path = f"{table[layer]}.{word}".replace(".", "/")
            arrays[path] = value.T if path == "fc6/W" else value
        np.savez_compressed(tmp_path / "resnet50.npz", **arrays)
        model.load_weights(tmp_path / "resnet50.npz")
        assert model.variant == variant
        compare(torch, model, twin, train=variant == "dezero")

    @pytest.mark.slow
    def test_at_full_size(self, torch, tmp_path):
        twin = twins.randomised(torch, twins.resnet(torch.nn, COUNTS[50]))
        torch.save(twin.state_dict(), tmp_path / "w.pth", _use_new_zipfile_serialization=False)
        compare(torch, ResNet50(tmp_path / "w.pth"), twin)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("depth", "count"),
    [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032), (101, 44_549_160), (152, 60_192_808)],
)
def test_parameters_as_published(depth, count, monkeypatch):
    zeros = lambda self, shape, dtype, *_, **__: np.zeros(shape, dtype)  # noqa: E731
    monkeypatch.setattr(Initializer, "__call__", zeros)
    for variant, more in (("torchvision", 0), ("dezero", 64)):  # the bias of conv1
        model = KINDS[depth](variant=variant)
        with no_grad(), test_mode():
            model(np.zeros((1, 3, 32, 32), "f4"))
        assert model.count_params() == count + more

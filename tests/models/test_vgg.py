"""VGG16 and VGG19: torch's numbers with torch's weights, upstream's files, cuts and errors."""

import numpy as np
import pytest

from dezero.core import Config, no_grad, test_mode
from dezero.initializers import Initializer
from dezero.io import load_npz
from dezero.models import VGG16, VGG19, load_model
from tests.models import twins
from tests.models.comparing import PICTURES, compare

test_mode.__test__ = False
SMALL = {"width": 1 / 16, "dropout": 0.0}
X = PICTURES[:1, :, :32, :32]


def built(kind=VGG16, **options):
    model = kind(**{**SMALL, "classes": 10, **options})
    model(X)
    return model


@pytest.fixture
def no_drawing(monkeypatch):
    """First values of zero, which cost nothing."""
    monkeypatch.setattr(
        Initializer, "__call__", lambda self, shape, dtype, *_, **__: np.zeros(shape, dtype)
    )


class TestBook:
    def test_nothing_is_made_before_the_first_call(self):
        model = VGG16()
        assert sum(p.size for p in model.params() if p.data is not None) < 15_000
        assert model.conv1_1.W.data is None and model.fc6.W.data is None

    def test_names_are_upstreams(self, tmp_path):
        built().save_weights(tmp_path / "w.npz")
        numbers = [f"{i}_{j}" for i, n in enumerate((2, 2, 3, 3, 3), 1) for j in range(1, n + 1)]
        names = [f"conv{n}" for n in numbers] + ["fc6", "fc7", "fc8"]
        assert list(load_npz(tmp_path / "w.npz")) == [f"{n}/{w}" for n in names for w in "Wb"]
        assert VGG16.WEIGHTS_PATH.endswith("dezero-models/releases/download/v0.1/vgg16.npz")

    def test_a_file_of_upstream_loads(self, tmp_path):
        model = built()
        arrays = {name: p.data for name, p in model.named_params()}
        np.savez_compressed(tmp_path / "vgg16.npz", **arrays)
        again = VGG16(str(tmp_path / "vgg16.npz"), **SMALL, classes=10, features="fc7")
        y = model.extract(X, ["fc7"])["fc7"]
        np.testing.assert_array_equal(again(X).data, y.data)
        again = VGG16(**SMALL, classes=10)
        again.load_weights(tmp_path / "vgg16.npz")
        np.testing.assert_array_equal(again(X).data, model(X).data)
        assert again.preprocessing == "vgg"

    def test_dropout_in_training_alone(self):
        model = built(dropout=0.5)
        with test_mode():
            assert np.array_equal(model(X).data, model(X).data)
        assert Config.train and not np.array_equal(model(X).data, model(X).data)


class TestParts:
    def test_the_cut(self):
        whole = VGG16(**SMALL, features=True)
        assert whole(PICTURES).shape == (2, 32, 2, 2) and whole(X).shape == (1, 32, 1, 1)
        assert not hasattr(whole, "fc6") and whole.features == "pool5"
        cut = VGG16(**SMALL, features="conv3_2")
        assert cut(PICTURES[:, :, :5, :4]).shape == (2, 16, 1, 1)
        assert cut.smallest() == 4 and not hasattr(cut, "conv3_3")

    def test_extract(self):
        model = built()
        found = model.extract(X, ["conv1_1", "pool5", "fc8"])
        assert list(found) == ["conv1_1", "pool5", "fc8"]
        np.testing.assert_array_equal(found["fc8"].data, model(X).data)
        assert (found["conv1_1"].data >= 0).all() and found["conv1_1"].shape == (1, 4, 32, 32)
        assert list(model.extract(X, "conv1_2")) == ["conv1_2"] and model.extract(X, []) == {}
        with pytest.raises(ValueError, match="VGG16.extract: unknown name 'conv1'"):
            model.extract(X, ["conv1"])

    def test_freezing(self):
        model = built()
        model.freeze("conv2_1")
        frozen = [name for name, p in model.named_params() if not p.requires_grad]
        assert frozen == [f"conv{n}/{w}" for n in ("1_1", "1_2", "2_1") for w in "Wb"]
        model.freeze()
        learning = [name for name, p in model.named_params() if p.requires_grad]
        assert learning == [f"fc{n}/{w}" for n in (6, 7, 8) for w in "Wb"]
        model(X).sum().backward()
        assert model.conv1_1.W.grad is None and model.fc6.W.grad is not None
        model.trainable = True
        assert all(p.requires_grad for p in model.params())
        cut = VGG16(**SMALL, features="conv1_2")
        cut.freeze()
        assert not any(p.requires_grad for p in cut.params())
        with pytest.raises(ValueError, match="VGG16.freeze: unknown name 'conv9'"):
            model.freeze("conv9")

    def test_a_saved_model(self, tmp_path):
        model = built(features="fc6", name="눈")
        model.preprocessing = "torchvision"
        model.save(tmp_path / "m.dz")
        again = load_model(tmp_path / "m.dz")
        assert type(again) is VGG16 and again.features == "fc6" and again.width == 1 / 16
        assert again.preprocessing == "torchvision" and again.name == "눈"
        np.testing.assert_array_equal(again(X).data, model(X).data)

    @pytest.mark.parametrize("name", ["w.npz", "w.safetensors", "w.dz"])
    def test_weights_alone_tell_their_style_where_it_is_not_the_usual(self, tmp_path, name):
        model = built(preprocessing="torchvision")
        model.save_weights(tmp_path / name)
        again = VGG16(tmp_path / name, **SMALL, classes=10)
        assert again.preprocessing == "torchvision"
        np.testing.assert_array_equal(again(X).data, model(X).data)
        assert (
            VGG16(tmp_path / name, **SMALL, classes=10, preprocessing="vgg").preprocessing == "vgg"
        )
        built().save_weights(tmp_path / name)
        again.load_weights(tmp_path / name)
        assert again.preprocessing == "vgg"
        again = VGG16(**SMALL, classes=10, preprocessing="msra")
        again.load_weights(tmp_path / name)
        assert again.preprocessing == "msra"

    def test_a_style_that_is_none(self):
        arrays = {name: p.data for name, p in built().named_params()}
        with pytest.raises(ValueError, match="unknown preprocessing/keras"):
            built().load_weights(arrays | {"preprocessing/keras": np.zeros(0)})

    def test_summary(self, capsys):
        built().summary()
        lines = capsys.readouterr().out.splitlines()
        assert lines[4].split() == ["conv1_1", "(Conv2d)", "(None,", "4,", "32,", "32)", "112"]
        assert lines[-3] == "Parameters: 134,638"


class TestErrors:
    @pytest.mark.parametrize(
        ("shape", "match"),
        [
            ((3, 32, 32), r"expected pictures \(N, 3, H, W\), got shape .* Add the batch axis"),
            ((1, 32, 32, 3), "Put the channels first: x.transpose"),
            ((1, 1, 32, 32), "Check the number of channels"),
            ((1, 3, 31, 32), "Resize them to at least 32 x 32"),
            ((1, 3, 3, 3), "Resize them to at least 32 x 32"),
            ((1, 3), "Check the number of channels"),
            ((1, 3, 64, 64), "leave 32 values at pool5, as of 32 x 32, got 128. Resize them, or"),
        ],
    )
    def test_pictures_that_do_not_fit(self, shape, match):
        with pytest.raises(ValueError, match=f"VGG16: .*{match}"):
            built()(np.zeros(shape, "f4"))

    def test_grey_pictures_for_a_new_network(self):
        assert VGG16(**SMALL, classes=3)(np.zeros((0, 1, 40, 40), "f4")).shape == (0, 3)

    @pytest.mark.parametrize(
        ("options", "match"),
        [
            ({"features": "conv9"}, "VGG16: features: unknown name 'conv9'. Did you mean"),
            ({"width": 0}, "VGG16: expected width above 0 and below 1000, got int 0"),
            ({"width": float("inf")}, "VGG16: expected width above 0 .*, got float inf"),
            ({"width": "wide"}, "VGG16: expected width above 0 .*, got str 'wide'"),
            ({"classes": 0}, "VGG16: expected classes >= 1, got int 0"),
            ({"classes": 2.5}, "VGG16: expected classes >= 1, got float 2.5"),
            ({"preprocessing": "x"}, "VGG16: preprocessing: unknown name 'x'"),
            ({"pretrained": "nope"}, "got str 'nope'. Known: dezero, torchvision"),
            ({"pretrained": 3}, "VGG16: expected pretrained to be True, a file that is there"),
        ],
    )
    def test_arguments(self, options, match):
        with pytest.raises(ValueError, match=match):
            VGG16(**options)


@pytest.mark.oracle
class TestTorch:
    @pytest.fixture(autouse=True)
    def torch(self):
        return pytest.importorskip("torch")

    @pytest.mark.parametrize(
        ("kind", "blocks"), [(VGG16, (2, 2, 3, 3, 3)), (VGG19, (2, 2, 4, 4, 4))]
    )
    @pytest.mark.parametrize("legacy", [False, True])
    def test_the_same_numbers(self, torch, tmp_path, kind, blocks, legacy):
        twin = twins.randomised(torch, twins.vgg(torch.nn, blocks, 1 / 8, 10))
        state = {f"module.{name}": value for name, value in twin.state_dict().items()}
        state = state if legacy else twin.state_dict()
        torch.save(state, tmp_path / "w.pth", _use_new_zipfile_serialization=not legacy)
        model = kind(width=1 / 8, classes=10, dropout=0)
        model.load_weights(tmp_path / "w.pth")
        compare(torch, model, twin)

    @pytest.mark.slow
    def test_at_full_size(self, torch, tmp_path):
        twin = twins.randomised(torch, twins.vgg(torch.nn, (2, 2, 3, 3, 3)))
        torch.save(twin.state_dict(), tmp_path / "w.pth")
        compare(torch, VGG16(tmp_path / "w.pth"), twin, train=False)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "count"), [(VGG16, 138_357_544), (VGG19, 143_667_240)])
def test_parameters_as_published(kind, count, no_drawing):
    model = kind()
    with no_grad(), test_mode():
        assert model(np.zeros((1, 3, 224, 224), "f4")).shape == (1, 1000)
    assert model.count_params() == count

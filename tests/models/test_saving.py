"""`.dz` files: what comes back, what is refused, and that nothing is half done."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.backend import random
from dezero.core import Parameter
from dezero.io.archive import load_archive, save_archive
from dezero.layers import Dropout, EmbedID, Flatten, Layer, LayerNorm, Linear
from dezero.models import MLP, Model, Sequential, load_model, save_model, saving
from dezero.models.saving import MAX_LAYERS

X = np.linspace(-1, 1, 8, dtype="f4").reshape(2, 4)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.dz"


def built():
    model = Sequential(Linear(6), F.relu, Dropout(0.2, seed=1), MLP((5, 3), "tanh"), name="모델")
    model.build(4)
    return model


class Own(Model):
    def __init__(self):
        self.l0 = Linear(3)

    def forward(self, x):
        return self.l0(x)


class TestRoundTrip:
    def test_a_model_of_dezeros_own(self, path):
        model = built()
        save_model(model, path)
        state = random.get_state()
        again = load_model(path)
        assert random.get_state() == state  # nothing is drawn that the file replaces
        assert repr(again) == repr(model) and again.name == "모델"
        np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
        assert [layer.in_size for layer in again.l3.layers] == [6, 5]

    def test_every_layer(self, path):
        model = Sequential(EmbedID(5, 4), LayerNorm(), Flatten(), Linear(2))
        model.build(3)
        save_model(model, path)
        x = np.array([[0, 4, 2]])
        np.testing.assert_array_equal(load_model(path)(x).data, model(x).data)

    def test_files_are_equal_byte_for_byte(self, path, tmp_path):
        save_model(built_once := built(), path)
        save_model(built_once, tmp_path / "b.dz")
        assert path.read_bytes() == (tmp_path / "b.dz").read_bytes()
        save_model(load_model(path), tmp_path / "b.dz")
        assert path.read_bytes() == (tmp_path / "b.dz").read_bytes()

    def test_large_arrays_as_first_values(self, path):
        """They would not fit into the manifest, and the weights take their place anyway."""
        vectors = np.random.default_rng(0).standard_normal((900, 900)).astype("f4")
        model = Sequential(EmbedID(900, 900, initializer=vectors), Linear(2, in_size=900))
        save_model(model, path)
        np.testing.assert_array_equal(load_model(path).l0.W.data, vectors)

    def test_frozen_parameters_stay_frozen(self, path):
        model = built()
        model.l3.l0.trainable = False
        model.l3.l1.b.requires_grad = False
        save_model(model, path)
        again = load_model(path)
        frozen = [name for name, p in again.named_params() if not p.requires_grad]
        assert frozen == ["l3/l0/W", "l3/l0/b", "l3/l1/b"]
        assert not again.l3.l0.trainable and again.l3.trainable and again.l0.trainable

    def test_dtypes_stay(self, path):
        model = Sequential(Linear(3, dtype="f8", in_size=4), Linear(2, dtype="f2", in_size=3))
        save_model(model, path)
        assert [p.dtype.name for p in load_model(path).params()] == ["float64"] * 2 + [
            "float16"
        ] * 2


class TestOwnClasses:
    def test_saved_and_loaded_into_a_new_one(self, path):
        model = Own()
        model.build(4)
        model.save(path)
        again = Own()
        assert load_model(path, again) is again
        np.testing.assert_array_equal(again(X).data, model(X).data)

    def test_without_one_the_error_says_how(self, path):
        model = Sequential(Own())
        model.build(4)
        model.save(path)
        advice = (
            r"your own code can build Own\. Write load_model\(path, model=Sequential\(\.\.\.\)\)"
        )
        with pytest.raises(ValueError, match=advice):
            load_model(path)
        assert load_model(path, Sequential(Own()))(X).shape == (2, 3)

    def test_a_class_that_only_has_the_name_of_one_of_ours(self, path):
        class MLP(Model):
            def __init__(self):
                self.l0 = Linear(3, in_size=4)

        save_model(MLP(), path)
        with pytest.raises(ValueError, match="only your own code can build MLP"):
            load_model(path)

    def test_a_lambda_in_ones_own_class_is_no_matter(self, path):
        model = Own()
        model.act = lambda x: x
        model.build(4)
        model.save(path)


class TestRefusals:
    def test_a_model_without_shapes(self, path):
        with pytest.raises(RuntimeError, match=r"save_model: .* none yet for l0/W, l1/W"):
            save_model(MLP((3, 2)), path)
        assert not path.exists()

    def test_a_lambda_is_named_and_the_old_file_stays(self, path):
        built().save(path)
        before = path.read_bytes()
        model = Sequential(Linear(3, in_size=4), lambda x: x)
        with pytest.raises(TypeError, match=r"got <lambda> in layer l1\. .*save_weights"):
            model.save(path)
        assert path.read_bytes() == before
        model.save_weights(path)

    def test_another_architecture(self, path):
        built().save(path)
        model = Sequential(Linear(6), F.relu, Dropout(0.2), MLP((7, 3)))
        model.build(4)
        before = {name: p.data.copy() for name, p in model.named_params()}
        with pytest.raises(ValueError, match=r"load_model: .*l3/l0/W of shape \(6, 5\) instead of"):
            load_model(path, model)
        for name, p in model.named_params():
            np.testing.assert_array_equal(p.data, before[name])

    def test_no_file(self, path):
        with pytest.raises(FileNotFoundError):
            load_model(path)


class TestChangedAfterwards:
    @pytest.mark.parametrize(
        "layer",
        [
            Linear(2, activation="relu"),
            Linear(2, nobias=True),
            Linear(2, dtype="f8"),
            Linear(2, initializer="zeros", kernel_regularizer="l2"),
            Linear(2, name="last"),
            LayerNorm(),
            F.tanh,
        ],
    )
    def test_what_stands_in_an_mlp_comes_back(self, path, layer):
        model = MLP((5, 3), "tanh")
        model.l1 = layer
        y = model(X)
        save_model(model, path)
        again = load_model(path)
        assert again(X).dtype == y.dtype and repr(again) == repr(model)
        np.testing.assert_array_equal(again(X).data, y.data)
        assert len(again.penalties()) == len(model.penalties())

    def test_another_dropout_in_an_mlp_comes_back(self, path):
        model = MLP((5, 3), dropout=0.3)
        model.dropout = Dropout(0.4, seed=7)
        y = model(X)
        save_model(model, path)
        np.testing.assert_array_equal(load_model(path)(X).data, y.data)

    def test_shared_layers_need_a_model_that_shares_them(self, path):
        def sharing():
            layer = Linear(4, in_size=4)
            return Sequential(layer, F.tanh, layer)

        model = sharing()
        save_model(model, path)
        with pytest.raises(ValueError, match=r"expected model=.* can build Sequential"):
            load_model(path)
        again = load_model(path, model=sharing())
        np.testing.assert_array_equal(again(X).data, model(X).data)

    def test_further_members_need_a_model_that_has_them(self, path):
        model = MLP((3, 2))
        model.extra = Parameter(np.ones(2))
        model.build(4)
        save_model(model, path)
        with pytest.raises(ValueError, match=r"expected model=.* can build MLP"):
            load_model(path)


def changed(path, change):
    """Rewrite the file with another manifest; its hashes are right again."""
    content, arrays = load_archive(path)
    change(content, arrays)
    save_archive(path, content, arrays)


def set_at(*keys):
    *way, last, value = keys

    def change(content, arrays):
        for key in way:
            content = content[key]
        content[last] = value

    return change


class TestHostileFiles:
    @pytest.mark.parametrize(
        ("change", "match"),
        [
            (set_at("model_version", 2), "expected model version 1, got 2"),
            (set_at("model_version", None), "expected model version 1, got None"),
            (set_at("class", 3), "expected a saved model, got an archive of something else"),
            (set_at("model", 3), "build_layer: expected a dict"),
            (set_at("model", {"class": "Own", "config": {}}), "unknown name 'Own'"),
            (set_at("model", {"class": "Layer", "config": {}}), "unknown name 'Layer'"),
            (set_at("model", "config", "layers", 3), "expected a configuration of Sequential"),
            (set_at("model", "config", "layers", [3]), "build_layer: expected a dict"),
            (set_at("model", "config", {}), "expected a configuration of Sequential"),
            (
                set_at("model", "config", "layers", 1, {"function": "system"}),
                "unknown name 'system'",
            ),
            (set_at("model", "config", "layers", 1, {"function": None}), "configuration of Seq"),
            (set_at("model", "config", "layers", 0, "config", "in_size", 10**12), "l0/W of shape"),
            (
                set_at("model", "config", "layers", 0, "config", "out_size", 1 << 80),
                "l0/W of shape",
            ),
            (set_at("model", "config", "layers", 0, "config", "out_size", 1e3), "an integer"),
            (
                set_at(
                    "model",
                    "config",
                    "layers",
                    3,
                    "config",
                    "fc_output_sizes",
                    [1] * (MAX_LAYERS + 1),
                ),
                "expected at most 100000 layers",
            ),
            (
                set_at("model", "config", "layers", 3, "config", "fc_output_sizes", 3),
                "expected a list of sizes, got int 3",
            ),
            (
                set_at("model", "config", "layers", 3, "config", "dropout", {"class": "Own"}),
                "build_layer: expected a dict with 'class' and 'config'",
            ),
            (set_at("model", None), "expected model="),
            (set_at("frozen", ["l9/W"]), "expected 'frozen' to list parameters"),
            (set_at("frozen", 3), "expected 'frozen' to list parameters"),
            (lambda content, arrays: arrays.pop("weights/l0/W"), "missing l0/W"),
            (lambda content, arrays: arrays.update({"weights/x": np.ones(1)}), "unknown x"),
            (lambda content, arrays: content.clear(), "expected a saved model"),
        ],
    )
    def test_each_damage_has_its_error(self, path, change, match):
        built().save(path)
        changed(path, change)
        with pytest.raises(ValueError, match=match):
            load_model(path)

    def test_a_file_that_is_no_archive(self, path):
        path.write_bytes(b"PK\x03\x04 nothing")
        with pytest.raises(ValueError, match=r"model\.dz"):
            load_model(path)

    def test_flipped_bytes_are_seen(self, path):
        built().save(path)
        data = bytearray(path.read_bytes())
        place = data.index(b"NUMPY") + 200
        data[place] ^= 1
        path.write_bytes(bytes(data))
        with pytest.raises(ValueError):
            load_model(path)

    def test_deep_nesting_ends_in_an_error_of_ours(self, path):
        built().save(path)
        entry = {"class": "Flatten", "config": {}}
        for _ in range(35):
            entry = {"class": "Sequential", "config": {"layers": [entry]}}
        changed(path, set_at("model", entry))
        with pytest.raises(ValueError, match="load_model: expected the weights of this Sequential"):
            load_model(path)

    def test_a_full_disk_leaves_the_old_file(self, path, monkeypatch):
        built().save(path)
        before = path.read_bytes()

        def full(*args):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(saving, "save_archive", full)
        with pytest.raises(OSError, match="No space left"):
            built().save(path)
        assert path.read_bytes() == before


def test_layers_alone_are_saved_too(path):
    layer = Linear(3, in_size=4)
    save_model(layer, path)
    np.testing.assert_array_equal(load_model(path)(X).data, layer(X).data)


def test_buffers_are_saved(path):
    class Counter(Layer):
        def __init__(self):
            self.W = Parameter(np.ones(1))
            self.add_buffer("steps", np.array(0))

    counter = Counter()
    counter.steps = np.array(5)
    save_model(counter, path)
    assert load_model(path, Counter()).steps == 5

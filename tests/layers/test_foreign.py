"""Names of other libraries: torch's words, a table or a function of the user's."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.layers import Conv2d, Deconv2d, EmbedID, Layer, LayerNorm, Linear
from dezero.models import MLP, VGG16, Model, Sequential
from tests.io.pickles import state_dict, write_zip

RNG = np.random.default_rng(0)
W, B = RNG.standard_normal((3, 4)).astype("f4"), RNG.standard_normal(3).astype("f4")
X = RNG.standard_normal((5, 4)).astype("f4")


class Norm(Layer):
    """What batch normalisation keeps."""

    def __init__(self):
        self.gamma, self.beta = Parameter(np.ones(3, "f4")), Parameter(np.zeros(3, "f4"))
        self.add_buffer("avg_mean", np.zeros(3, "f4"))
        self.add_buffer("avg_var", np.ones(3, "f4"))


class Net(Model):
    def __init__(self):
        self.fc = Linear(3)
        self.blocks = [Linear(3, nobias=True), LayerNorm(3)]
        self.norm = Norm()
        self.embed = EmbedID(3, 4)


NAMES = {
    "fc.weight": W,
    "fc.bias": B,
    "blocks.0.weight": W[:, :3],
    "blocks.1.weight": B + 1,
    "blocks.1.bias": B + 2,
    "norm.weight": B + 3,
    "norm.bias": B + 4,
    "norm.running_mean": B + 5,
    "norm.running_var": B + 6,
    "norm.num_batches_tracked": np.array(3),
    "embed.weight": W,
}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "w.pth"


def load(layer, path, arrays, names=None):
    content, storages = state_dict({k: a for k, a in arrays.items() if a.dtype != int})
    content |= {k: int(a) for k, a in arrays.items() if a.dtype == int}
    write_zip(path, content, storages)
    layer.load_weights(path, names)
    return layer


def test_torchs_words(path):
    net = load(Net(), path, NAMES)
    expected = {
        "fc/W": W.T, "fc/b": B, "blocks/0/W": W[:, :3].T, "blocks/1/gamma": B + 1,
        "blocks/1/beta": B + 2, "norm/gamma": B + 3, "norm/beta": B + 4, "embed/W": W,
        "norm/avg_mean": B + 5, "norm/avg_var": B + 6,
    }  # fmt: skip
    got = {path: p.data for path, p in net.named_params()} | dict(net.named_buffers())
    assert sorted(got) == sorted(expected)
    for name, value in expected.items():
        np.testing.assert_array_equal(got[name], value)


def test_a_layer_alone(path):
    layer = load(Linear(3), path, {"weight": W, "bias": B})
    np.testing.assert_allclose(layer(X).data, X @ W.T + B, rtol=1e-5)


def test_a_square_matrix_is_turned_too(path):
    square = RNG.standard_normal((4, 4)).astype("f4")
    layer = load(Linear(4, nobias=True), path, {"weight": square})
    np.testing.assert_array_equal(layer.W.data, square.T)
    layer = load(Linear(4, nobias=True), path, {"W": square})
    np.testing.assert_array_equal(layer.W.data, square)


@pytest.mark.parametrize("kind", [Conv2d, Deconv2d])
def test_convolutions_with_channels_last_are_turned(kind):
    """All four sizes are equal, so that no shape tells."""
    kernel, x = RNG.standard_normal((3, 3, 3, 3)).astype("f4"), RNG.standard_normal((2, 3, 5, 5))
    first, last = kind(3, 3, nobias=True), kind(3, 3, nobias=True, layout="NHWC")
    for layer in (first, last):
        layer.load_weights({"weight": kernel})
    np.testing.assert_array_equal(first.W.data, kernel)
    x = x.astype("f4")
    y = last(x.transpose(0, 2, 3, 1)).data.transpose(0, 3, 1, 2)
    np.testing.assert_allclose(y, first(x).data, atol=1e-5)
    again = kind(3, 3, nobias=True, layout="NHWC")
    again.load_weights({"W": last.W.data})
    np.testing.assert_array_equal(again.W.data, last.W.data)


def test_parameters_of_that_name_of_ones_own_are_not_turned(path):
    layer = Linear(4, nobias=True)
    layer.weight = Parameter(np.zeros((2, 2), "f4"))
    load(layer, path, {"weight": W[:2, :2], "W": W})
    np.testing.assert_array_equal(layer.weight.data, W[:2, :2])


def test_dots_for_slashes(path):
    model = load(MLP([3]), path, {"l0.W": W.T, "l0.b": B})
    np.testing.assert_array_equal(model.l0.W.data, W.T)


@pytest.mark.parametrize(
    "names",
    [
        {"0.weight": "l0.weight", "0.bias": "l0/b", "extra": None},
        lambda name: None if name == "extra" else f"l{name}",
    ],
)
def test_names_of_the_users(path, names):
    arrays = {"0.weight": W, "0.bias": B, "extra": B}
    model = load(Sequential(Linear(3)), path, arrays, names)
    np.testing.assert_array_equal(model.l0.W.data, W.T)
    np.testing.assert_array_equal(model.l0.b.data, B)


def test_a_dict_of_arrays_in_place_of_a_file():
    model = MLP([3])
    model.load_weights({"l0.weight": W, "l0/b": B})
    np.testing.assert_array_equal(model.l0.W.data, W.T)


def test_a_dict_of_variables_and_of_what_numpy_can_read():
    class Tensor:
        def __array__(self, dtype=None, copy=None):
            return B

    model = MLP([3])
    model.load_weights({"l0/W": Variable(W.T), "l0.bias": Tensor()})
    np.testing.assert_array_equal(model.l0.W.data, W.T)
    np.testing.assert_array_equal(model.l0.b.data, B)


@pytest.mark.parametrize(
    ("arrays", "shown"),
    [
        ({"l0/W": [[1.0]]}, r"list \[\[1.0\]\] called 'l0/W'"),
        ({"l0/W": None}, "NoneType None called 'l0/W'"),
        ({0: W}, r"\(3, 4\) float32 called 0"),
    ],
)
def test_a_dict_of_something_else(arrays, shown):
    with pytest.raises(TypeError, match=f"load_weights: expected arrays by name, got {shown}"):
        MLP([3]).load_weights(arrays)
    with pytest.raises(TypeError, match=f"load_weights: expected arrays by name, got {shown}"):
        VGG16().load_weights(arrays)


def test_what_no_rule_knows_is_listed(path):
    with pytest.raises(ValueError) as caught:
        load(MLP([3]), path, {"l0.weight": W, "l0.bias_ih": B, "l9.weight": W, "x": B})
    assert str(caught.value) == (
        "load_weights: expected the weights of this MLP, got missing l0/b; unknown l0.bias_ih; "
        "unknown l9.weight; unknown x. Nothing was loaded: build the model that saved them."
    )


def test_two_arrays_for_one_parameter(path):
    with pytest.raises(ValueError, match="one array for 'l0/W', got 'l0.weight' and 'a'. Let"):
        load(MLP([3]), path, {"l0.weight": W, "a": W, "l0.bias": B}, {"a": "l0/W"})


@pytest.mark.parametrize(
    ("names", "match"),
    [
        ([("a", "b")], "load_weights: expected names to be a dict or a function, got list"),
        (lambda name: 3, "load_weights: expected names to give strings, got int 3 for 'weight'"),
    ],
)
def test_names_that_are_none(path, names, match):
    with pytest.raises(TypeError, match=match):
        load(Linear(3), path, {"weight": W}, names)


@pytest.mark.oracle
def test_a_model_of_torch_computes_the_same(path):
    torch = pytest.importorskip("torch")
    nn = torch.nn
    theirs = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4), nn.Tanh(), nn.Linear(4, 2))
    torch.save({"state_dict": theirs.state_dict()}, path)
    import dezero.functions as F

    ours = Sequential(Linear(4), LayerNorm(), F.tanh, Linear(2))
    ours.load_weights(path, names=lambda name: f"l{name}")
    with torch.no_grad():
        expected = theirs(torch.tensor(X)).numpy()
    np.testing.assert_allclose(ours(X).data, expected, atol=1e-6)

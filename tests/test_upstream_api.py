"""Upstream's public names, one by one: old path, old signature, old call, right value.

The tables are in `tests/upstream/`.
"""

import importlib
import inspect

import pytest

import dezero
from tests.played import play_datasets
from tests.upstream import ANY, conv, core, data, functions, layers, models, nodes

TABLES = (core, functions, nodes, conv, layers, models, data)
NAMES = [name for table in TABLES for name in table.NAMES]

# What upstream's modules define; functions and functions_conv share what one imports.
UPSTREAM = {
    "": "is_simple_core __version__",
    "core": """
        Config using_config no_grad test_mode Variable Parameter as_variable as_array Function Add
        add Mul mul Neg neg Sub sub rsub Div div rdiv Pow pow setup_variable""",
    "core_simple": """
        Config using_config no_grad Variable as_variable as_array Function Add add Mul mul Neg neg
        Sub sub rsub Div div rdiv Pow pow setup_variable""",
    "cuda": "gpu_enable get_array_module as_numpy as_cupy",
    "functions": """
        Sin sin Cos cos Tanh tanh Exp exp Log log Reshape reshape expand_dims flatten Sum sum SumTo
        sum_to BroadcastTo broadcast_to average mean MatMul matmul Linear linear linear_simple
        Transpose transpose GetItem GetItemGrad get_item sigmoid_simple Sigmoid sigmoid ReLU relu
        softmax_simple Softmax softmax LogSoftmax log_softmax LeakyReLU leaky_relu
        mean_squared_error_simple MeanSquaredError mean_squared_error softmax_cross_entropy_simple
        SoftmaxCrossEntropy softmax_cross_entropy sigmoid_cross_entropy binary_cross_entropy
        accuracy embed_id dropout BatchNorm batch_nrom Max Min max min Clip clip
        conv2d deconv2d conv2d_simple im2col col2im pooling_simple pooling average_pooling
        add sub rsub mul div neg pow""",
    "functions_conv": """
        conv2d_simple pooling_simple Conv2d conv2d Deconv2d deconv2d Conv2DGradW Pooling
        Pooling2DGrad Pooling2DWithIndexes pooling AveragePooling average_pooling Im2col im2col
        Col2im col2im im2col_array col2im_array""",
    "layers": "Layer Linear Conv2d Deconv2d RNN LSTM EmbedID BatchNorm",
    "models": """
        Model Sequential MLP VGG16 ResNet ResNet152 ResNet101 ResNet50 BuildingBlock BottleneckA
        BottleneckB SqueezeNet""",
    "optimizers": """
        Optimizer WeightDecay ClipGrad FreezeParam SGD MomentumSGD AdaGrad AdaDelta Adam""",
    "datasets": """
        Dataset get_spiral Spiral MNIST CIFAR10 CIFAR100 ImageNet SinCurve Shakespear
        load_cache_npz save_cache_npz""",
    "dataloaders": "DataLoader SeqDataLoader",
    "transforms": """
        Compose Convert Resize CenterCrop ToArray ToPIL RandomHorizontalFlip Normalize Flatten
        AsType ToFloat ToInt""",
    "utils": """
        get_dot_graph plot_dot_graph sum_to reshape_sum_backward logsumexp max_backward_shape
        gradient_check numerical_grad array_equal array_allclose show_progress cache_dir get_file
        get_deconv_outsize get_conv_outsize pair""",
}


@pytest.fixture
def played(request, monkeypatch, tmp_path):
    """Published data sets played by arrays, and a cache folder of the test's own."""
    path = request.getfixturevalue("name").path
    if path.startswith(("datasets", "utils")):
        monkeypatch.setenv("DEZERO_CACHE", str(tmp_path / "cache"))
    if path.startswith("datasets"):
        play_datasets(monkeypatch, tmp_path)


def found_at(path):
    """Import the module that `path` begins with, and look the rest up as old scripts do."""
    first, *rest = path.split(".")
    if not rest:
        return getattr(dezero, first)
    found = importlib.import_module(f"dezero.{first}")
    for attribute in rest:
        found = getattr(found, attribute)
    return found


def each(names):
    return pytest.mark.parametrize("name", [pytest.param(n, id=n.path) for n in names])


@each([name for name in NAMES if name.like is not None])
def test_signature(name):
    found = found_at(name.path)
    ours = list(inspect.signature(found).parameters.values())
    theirs = list(inspect.signature(name.like).parameters.values())
    for own, old in zip(ours, theirs, strict=False):
        assert own.kind == old.kind and own.name in (old.name, f"_{old.name}") or old.kind in (
            old.VAR_POSITIONAL, old.VAR_KEYWORD
        ), f"{name.path}: expected {old}, got {own}"  # fmt: skip
        if old.default is not old.empty and old.default is not ANY:
            assert own.default == old.default, f"{name.path}: expected {old}, got {own}"
    assert len(ours) >= len(theirs)
    for own in ours[len(theirs) :]:
        assert own.default is not own.empty or own.kind in (own.VAR_POSITIONAL, own.VAR_KEYWORD)


@each(NAMES)
def test_call(name, played):
    name.check(found_at(name.path))


def test_the_tables_have_every_name():
    known = {name.path for name in NAMES}
    wanted = {f"{m}.{n}".lstrip(".") for m, names in UPSTREAM.items() for n in names.split()}
    assert not wanted - known, sorted(wanted - known)
    extra = {path for path in known - wanted if path.rpartition(".")[0] in UPSTREAM}
    assert extra <= {"functions.rdiv", "optimizers.Adam"}, sorted(extra)
    assert len(wanted) == 219


@pytest.mark.parametrize("room", core.ROOF)
def test_what_the_roof_offers(room):
    module = importlib.import_module(f"dezero.{room}")
    for name in core.ROOF[room].split():
        assert getattr(dezero, name) is getattr(module, name)


@pytest.mark.parametrize("room", [room for room in UPSTREAM if room])
def test_rooms_are_attributes_of_the_package(room):
    assert getattr(dezero, room) is importlib.import_module(f"dezero.{room}")

"""compile: names and objects."""

import pytest

import dezero.functions as F
from dezero import losses, metrics
from dezero.layers import Linear
from dezero.models import Sequential
from dezero.optimizers import SGD, Adam, RMSprop
from dezero.training import compile
from dezero.training.compile import compiled
from tests.training.toys import Plain, blobs, net

X, T = blobs()


def made(*args, **options):
    model = Plain()
    compile(model, *args, **options)
    return model.compiled


def test_names():
    chosen = made("adam", "softmax_cross_entropy", ["accuracy", "top_k"])
    assert type(chosen.optimizer) is Adam
    assert isinstance(chosen.loss, losses.Loss) and chosen.loss.name == "softmax_cross_entropy"
    assert [type(metric) for metric in chosen.metrics] == [metrics.Accuracy, metrics.TopK]
    assert chosen.names == ["loss", "accuracy", "top_k"]


def test_objects():
    optimizer, loss, metric = SGD(0.3), losses.get("mse"), metrics.F1()
    model = Plain()
    compile(model, optimizer, loss, (metric,))
    chosen = model.compiled
    assert chosen.optimizer is optimizer is model.optimizer and optimizer.target is model
    assert chosen.loss is loss and chosen.metrics == [metric]


def test_functions():
    def mine(y, t):
        return F.mean_squared_error(y, t)

    def hits(y, t):
        return (y.argmax(1) == t).astype(float)

    assert made("sgd", mine).loss.name == "mine"
    assert made("sgd", mine, hits).names == ["loss", "hits"]


def test_defaults():
    assert type(made(loss="mse").optimizer) is RMSprop
    assert made(loss="mse").names == ["loss"]


@pytest.mark.parametrize("name", ["acc", "accuracy", "sparse_categorical_accuracy", "mae"])
@pytest.mark.parametrize("form", [str, lambda name: [name]])
def test_a_metric_goes_by_the_name_it_was_asked_for(name, form):
    assert made("sgd", "mse", form(name)).names == ["loss", name]


def test_acc_in_the_history():
    model = net(metrics="acc")
    history = model.fit(X, T, verbose=0, validation_data=(X, T)).history
    assert list(history) == ["loss", "acc", "val_loss", "val_acc"]


@pytest.mark.parametrize(
    ("args", "match"),
    [
        (("adm", "mse"), "optimizer: unknown name 'adm'. Did you mean 'adam'"),
        (("sgd", "mean_square_error"), "loss: unknown name .* Did you mean 'mean_squared_error'"),
        (("sgd", "mse", "acuracy"), "metric: unknown name 'acuracy'. Did you mean 'accuracy'"),
        (("sgd", "mse", ["mae", "mae"]), r"compile: expected metrics of different names, got \['m"),
    ],
)
def test_wrong_names_and_the_nearest(args, match):
    model = Plain()
    with pytest.raises(ValueError, match=match):
        compile(model, *args)
    assert not hasattr(model, "compiled")


def test_wrong_kinds():
    with pytest.raises(TypeError, match="compile: expected a loss, got None. Name one"):
        compile(Plain(), "adam")
    with pytest.raises(TypeError, match="optimizer: expected a name or an Optimizer"):
        compile(Plain(), 0.1, "mse")
    with pytest.raises(TypeError, match="metric: expected a name, a Metric or a function"):
        compile(Plain(), "sgd", "mse", [3])


def test_a_model_without_compile():
    with pytest.raises(RuntimeError, match="fit: expected a compiled model, got Linear without"):
        compiled(Linear(3), "fit")


def test_compiling_again_starts_anew():
    model = Sequential(Linear(3))
    model.compile("adam", "softmax_cross_entropy")
    model.fit(X, T, verbose=0)
    first = model.compiled.optimizer
    model.compile("sgd", "softmax_cross_entropy", "accuracy")
    assert model.compiled.optimizer is not first and model.compiled.optimizer.t == 0
    assert list(model.fit(X, T, verbose=0).history) == ["loss", "accuracy"]

"""`Model`: its methods hand over to `dezero.training`."""

import io

import numpy as np
import pytest

import dezero.functions as F
from dezero import training
from dezero.layers import Linear
from dezero.models import Model, load_model


class Net(Model):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = Linear(8), Linear(3)

    def forward(self, x):
        return self.l2(F.relu(self.l1(x)))


@pytest.fixture
def data(rng):
    x = rng.standard_normal((64, 5)).astype("f4")
    return x, (x[:, :3]).argmax(1)


def test_the_whole_way(data, tmp_path, capsys):
    x, t = data
    model = Net()
    model.compile("adam", "softmax_cross_entropy", ["accuracy"])
    history = model.fit(x, t, 16, 3, 0)
    assert len(history.history["loss"]) == 3
    loss, accuracy = model.evaluate(x, t, verbose=0)
    assert loss < history.history["loss"][0] and 0 <= accuracy <= 1
    assert model.predict(x, verbose=0).shape == (64, 3)
    model.train_on_batch(x, t)
    model.test_on_batch(x, t)
    model.save(tmp_path / "m.dz")
    again = load_model(tmp_path / "m.dz", model=Net())
    np.testing.assert_allclose(again.predict(x, verbose=0), model.predict(x, verbose=0))
    assert capsys.readouterr().out == ""


def test_order_of_arguments_is_keras(monkeypatch):
    seen = {}
    monkeypatch.setattr(training, "fit", lambda *args, **kw: seen.update(args=args, **kw))
    model = Net()
    model.fit("x", "y", 7, 2, 0, shuffle=False, callbacks=["c"])
    assert seen == {
        "args": (model, "x", "y"), "batch_size": 7, "epochs": 2, "verbose": 0, "shuffle": False,
        "callbacks": ["c"],
    }  # fmt: skip


def test_defaults_of_compile():
    model = Net()
    model.compile(loss="mse")
    assert type(model.compiled.optimizer).__name__ == "RMSprop"


def test_summary_goes_where_it_is_told():
    file = io.StringIO()
    assert Net().summary((5,), file) is None
    assert file.getvalue().startswith("Net\n----")

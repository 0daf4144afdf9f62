"""Steps that cannot be captured run as they are, with the reason, and leave no other trace."""

import gc
import re

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero import cuda, optimizers
from dezero.core import Variable
from dezero.cuda import GraphCaptureError, graph
from dezero.optimizers import Adam
from tests.backend.cupy.fake_stream import FAKE
from tests.training.captured import Run, X, device_of_tests, moved, net, on_device, pair, refused  # noqa: F401

# Each capture collects garbage first, and a run of all tests holds much.
pytestmark = pytest.mark.slow


def read_on_the_host(x):
    y = F.exp(x)
    return y * float(y.sum())


def branch(x):
    return x * 2 if x.data.sum() > 3 else x


def mask(x):
    return x[x.data > 1]


def upload(x):
    return x + FAKE.from_host(X)


def download(x):
    return cuda.as_numpy(x).sum()


def where(x):
    return FAKE.xp.where(x.data)[0]


def random_numbers(x):
    return x * (FAKE.xp.random.default_rng(0) is not None)


def an_index_list(x):
    return x.data[[0, 1]]


def host_numbers(x):
    return x * float(np.random.default_rng(0).random())


CANNOT = {
    read_on_the_host: r"float: expected no value.*\[float, \w+.py:\d+ \(return y \* float\(",
    branch: r"a copy to the host.*\(return x \* 2 if x.data.sum\(\) > 3",
    mask: r"a boolean mask.*\(return x\[x.data > 1\]",
    upload: r"a copy from the host.*\(return x \+ FAKE.from_host\(X\)",
    download: r"to_host: expected no value.*\[as_numpy, \w+.py:\d+ \(return cuda.as_numpy",
    where: r"nonzero|where.*\(return FAKE.xp.where",
    random_numbers: r"random.default_rng: operation not permitted.*FAKE.xp.random.default_rng",
    an_index_list: r"a list as index.*\(return x.data\[\[0, 1\]\]\)",
}


@pytest.mark.parametrize("function", CANNOT)
def test_what_cannot_be_captured_is_named_with_its_line(gpu, function):
    x = Variable.constant(on_device(X))
    reason, results = refused(graph(function, 1), x)
    assert re.search(CANNOT[function], reason), reason
    assert gpu.capturing is None and gc.isenabled()
    last = results[-1]
    assert getattr(last, "shape", ()) == getattr(function(x), "shape", ())
    with pytest.raises(GraphCaptureError, match="graph: expected a step that can be captured, got"):
        demanding = graph(function, 1, required=True)
        for _ in range(3):
            demanding(x)


def test_arrays_of_the_host_among_the_arguments():
    step = graph(lambda x, t: x * t.sum(), 1)
    with pytest.warns(UserWarning, match="arrays of the host are among its arguments"):
        step(on_device(X), X)
    assert not step.captured


def test_on_the_host_it_just_calls():
    step = graph(lambda x, scale=2: x * scale)
    assert (step(X) == X * 2).all() and (step(X, scale=3) == X * 3).all()
    assert step.captured == 0 and step.reason == ""


def test_a_failed_capture_leaves_no_trace():
    class Reading(Run):
        def train(self, x, t):
            loss = super().train(x, t)
            float(loss)
            return loss

    plain, read = Run(False, Adam), Reading(True, Adam, required=False)
    with pytest.warns(UserWarning, match="train runs as it is: RuntimeError: float: exp"):
        assert plain.go(9).all() == read.go(9).all()


def test_an_error_of_the_users_own_leaves_things_as_it_would():
    class Failing(Run):
        calls = 0

        def train(self, x, t):
            self.calls += 1
            if self.calls in (4, 5):  # while it is captured, and as it then runs
                raise ValueError("not today")
            return super().train(x, t)

    run, plain = Failing(True, Adam, required=False).go(3), Run(False, Adam).go(3)
    x, t = on_device(np.ones((4, 5), "f4")), on_device(np.zeros(4, int))
    with pytest.warns(UserWarning), pytest.raises(ValueError, match="not today"):
        run.step(x, t)
    assert plain.all() == run.all()
    assert plain.go(5).all() == run.go(5).all()
    assert "ValueError: not today" in run.step.reason


def test_an_interrupted_capture_leaves_things_as_they_were(gpu):
    class Stopped(Run):
        calls = 0

        def train(self, x, t):
            self.calls += 1
            loss = super().train(x, t)
            if self.calls == 4:
                raise KeyboardInterrupt
            return loss

    run, plain = Stopped(True, Adam).go(3), Run(False, Adam).go(3)
    with pytest.raises(KeyboardInterrupt):
        run.step(on_device(np.ones((4, 5), "f4")), on_device(np.zeros(4, int)))
    assert plain.all() == run.all() and gpu.capturing is None and gc.isenabled()
    assert plain.go(5).all() == run.go(5).all() and run.step.captured == 1


def test_random_numbers_of_the_host_are_refused():
    def noisy(x):
        return x * float(dezero.backend.random.default_rng().random())

    dezero.seed(1)
    expected = [float(noisy(1.0)) for _ in range(5)]
    dezero.seed(1)
    reason, results = refused(graph(noisy, 1), on_device(np.ones(2, "f4")))
    assert "draws random numbers on the host" in reason
    assert np.allclose([float(r.get()[0]) for r in results], expected)


def test_what_a_layer_counts_on_the_host_is_refused():
    class Counting(dezero.Model):
        def __init__(self):
            self.count, self.l1 = 0, L.Linear(3)

        def forward(self, x):
            self.count += 1
            return self.l1(x)

    model = Counting()
    model.build(3)
    moved(model)
    before = model.count
    reason, _ = refused(graph(lambda x: model(x).data, 1), on_device(X), runs=20)
    assert "Counting.count is changed on the host" in reason or "not the same in any" in reason
    assert model.count == before + 20


def test_parameters_that_are_replaced_are_refused():
    model = net()

    def step(x, t):
        loss = F.softmax_cross_entropy(model(x), t)
        model.cleargrads()
        loss.backward()
        for p in model.params():
            p.data = p.data - 0.1 * p.grad.data
        return loss

    x, t = on_device(np.ones((2, 5), "f4")), on_device([0, 1])
    reason, losses = refused(graph(step), x, t, runs=25)
    assert "not the same in any two calls" in reason
    assert float(losses[-1]) < float(losses[0])


def test_gradients_of_earlier_calls_are_refused_or_cleared():
    def accumulate(x):
        loss = (model(x) ** 2).mean()
        loss.backward()
        return loss

    model, plain = net(), net()
    x = on_device(np.ones((2, 5), "f4"))
    step = graph(accumulate, 1)
    reason, _ = refused(step, x)
    assert "is added to that of an earlier call. Call cleargrads() inside" in reason
    for _ in range(5):
        (plain(x) ** 2).mean().backward()
    for p, q in zip(model.params(), plain.params(), strict=True):
        assert (p.grad.data.get() == q.grad.data.get()).all()
    between = graph(accumulate, 1, required=True)
    for _ in range(4):
        model.cleargrads()
        between(x)
    assert between.captured == 1


def test_states_of_earlier_calls_are_refused_or_reset():
    class Counted(dezero.Model):
        def __init__(self):
            self.rnn, self.out = L.RNN(3, stateful=True), L.Linear(1)

        def forward(self, x):
            return self.out(self.rnn(x))

    dezero.seed(0)
    model = Counted()
    model(np.ones((2, 4, 5), "f4"))
    model.reset_state()
    moved(model)

    def step(x, reset):
        if reset:
            model.reset_state()
        with dezero.no_grad():
            return model(x)

    x = on_device(np.ones((2, 4, 5), "f4"))
    carried = graph(lambda x: step(x, False), 1)
    reason, results = refused(carried, x)
    assert "is carried over from an earlier call" in reason
    assert float(abs(results[0] - results[2]).sum()) > 0
    fresh = graph(lambda x: step(x, True), 1, required=True)
    found = [fresh(x).data.get() for _ in range(4)]
    assert fresh.captured == 1 and all((found[0] == f).all() for f in found)


def test_optimizers_in_the_books_manner_are_refused():
    class Book(optimizers.Optimizer):
        def update_one(self, param):
            param.data -= 0.1 * param.grad.data

    class Unrated(optimizers.SGD):
        def step(self, x, g):
            x -= self.lr * g

    for optimizer, text in (
        (Book, "Book.update_one works on the host"),
        (Unrated, "Unrated.step is not one of the library's"),
    ):
        with pytest.warns(UserWarning, match=text):
            run = pair(8, optimizer=optimizer, required=False)
        assert text in run.step.reason

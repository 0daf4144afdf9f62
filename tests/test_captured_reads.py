"""Captured steps that read more than their arguments, or do more than a replay can: as they are."""

import types
import warnings
from typing import NamedTuple

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero.backend.cupy.graph import SEEN
from dezero.core import Parameter, Variable
from dezero.cuda import GraphCaptureError, graph
from dezero.functions import placing
from dezero.optimizers import SGD, Adam
from tests.training.captured import device_of_tests, moved, net, on_device  # noqa: F401

# Each capture collects garbage first, and a run of all tests holds much.
pytestmark = pytest.mark.slow


class Batch(NamedTuple):
    x: object
    t: object


def batch(i, n=4):
    draw = np.random.default_rng(i)
    x = on_device(draw.standard_normal((n, 5)).astype("f4"))
    return Batch(x, on_device(draw.integers(0, 3, n)))


def trained(model, optimizer, x, t):
    loss = F.softmax_cross_entropy(model(x), t)
    model.cleargrads()
    loss.backward()
    optimizer.update()
    return loss


def numbers(*found):
    """Return all numbers of arrays, Variables and models as they are now."""
    flat = []
    for x in found:
        for v in x.params() if hasattr(x, "params") else [x]:
            flat += np.ravel(v.data.get() if isinstance(v, Variable) else v.get()).tolist()
    return flat


# Each makes a call(i) of a step that was wrapped by `wrap`; it returns numbers to be compared.
def around(wrap):
    model = net()
    optimizer, now = SGD(0.1).setup(model), None
    step = wrap(lambda: trained(model, optimizer, *now))

    def call(i):
        nonlocal now
        now = batch(i)
        return numbers(step(), model)

    return call


def an_attribute(wrap):
    class Trainer:
        def __init__(self):
            self.model, self.calls = net(), 0
            self.optimizer = Adam(0.05).setup(self.model)

        def step(self):
            return trained(self.model, self.optimizer, self.x, self.t)

    trainer = Trainer()
    step = wrap(trainer.step)

    def call(i):
        trainer.x, trainer.t = batch(i)
        return numbers(step(), trainer.model)

    return call


def an_object_given(wrap):
    model, given = net(), types.SimpleNamespace()
    step = wrap(lambda given: model(given.x))

    def call(i):
        given.x = batch(i).x
        return numbers(step(given))

    return call


def a_number(wrap):
    model, share = net(), 1.0
    step = wrap(lambda x: model(x) * share)

    def call(i):
        nonlocal share
        share = float(i)
        return numbers(step(batch(i).x))

    return call


def a_counter(wrap):
    count = 0

    def step(x):
        nonlocal count
        count += 1
        return x * count

    step = wrap(step)
    return lambda i: numbers(step(batch(i).x))


def a_total(wrap):
    total = on_device(np.zeros((), "f4"))

    def step(x):
        nonlocal total
        total = total + x.sum()
        return total

    step = wrap(step)
    return lambda i: numbers(step(batch(i).x), total)


def an_average(wrap):
    model = net()
    optimizer, average = SGD(0.1).setup(model), [p.data.copy() for p in model.params()]

    def step(x, t):
        loss = trained(model, optimizer, x, t)
        for k, p in enumerate(model.params()):
            average[k] = average[k] * 0.9 + p.data * 0.1
        return loss

    step = wrap(step)
    return lambda i: numbers(step(*batch(i)), *average)


def a_state_of_its_own(wrap):
    class Recurrent(dezero.Model):
        def __init__(self):
            self.l1, self.h = L.Linear(5), None

        def forward(self, x):
            y = self.l1(x)
            self.h = F.tanh(y if self.h is None else y + self.h)
            return self.h

    model = Recurrent()
    model.l1.build(5)
    step = wrap(moved(model))
    return lambda i: numbers(step(batch(i).x))


def parameters_of_no_model(accumulated, wrap):
    W = Parameter(on_device(np.ones((5, 3), "f4")))

    def step(x, t):
        loss = F.softmax_cross_entropy(F.matmul(x, W), t)
        if not accumulated:
            W.cleargrad()
        loss.backward()
        return loss

    step = wrap(step)
    return lambda i: numbers(step(*batch(i)), W.grad)


def an_argument_written_to(wrap):
    def step(x):
        x *= 2
        return x + 1

    step = wrap(step)

    def call(i):
        x = batch(i).x
        return numbers(step(x), x)

    return call


def a_seed_inside(wrap):
    def step(x):
        dezero.seed(3)
        return F.dropout(x, 0.5)

    step = wrap(step)
    return lambda i: numbers(step(batch(i).x))


def settings_replaced(wrap):
    class Trainer:
        def __init__(self):
            self.model, self.scale, self.calls = net(), 1.0, 0

        def scaled(self, y):
            return y * self.scale

        def step(self, x):
            return self.scaled(self.model(x))

    trainer = Trainer()
    step = wrap(trainer.step)

    def call(i):
        trainer.calls += 1  # read by nobody
        trainer.scale = 1.0 + i // 6
        return numbers(step(batch(i).x))

    return call


def a_default_of_a_class(wrap):
    class Net(dezero.Model):
        scale = 1.0

        def __init__(self):
            self.l1 = L.Linear(3)

        def forward(self, x):
            return self.l1(x) * self.scale

    model = Net()
    model.l1.build(5)
    step = wrap(moved(model))

    def call(i):
        if i == 6:
            Net.scale = 2.0
        if i == 11:
            model.scale = 3.0
        return numbers(step(batch(i).x))

    return call


def settings_of_a_class(wrap):
    class Settings:
        scale = 1.0

    class Slots:
        __slots__ = ("shift",)

        @property
        def twice(self):
            return self.shift * 2

    slots, model = Slots(), net()
    slots.shift = 0.5
    step = wrap(lambda x: model(x) * Settings.scale + slots.twice)

    def call(i):
        if i == 6:
            Settings.scale = 2.0
        if i == 11:
            slots.shift = 1.5
        return numbers(step(batch(i).x))

    return call


def named_tuples(wrap):
    model = net()
    optimizer = Adam(0.05).setup(model)

    def step(given):
        return Batch(trained(model, optimizer, *given), given.t * 2)

    step = wrap(step)

    def call(i):
        found = step(batch(i))
        assert isinstance(found, Batch)
        return numbers(*found, model)

    return call


def one_in_another(wrap):
    model = net()
    optimizer, inner = Adam(0.05).setup(model), wrap(model)
    step = wrap(lambda x, t: trained(inner, optimizer, x, t))
    inner.cleargrads = model.cleargrads
    return lambda i: numbers(step(*batch(i)), model)


def both(make, calls=12):
    """Return the steps that `make` wrapped; as they are and captured they give the same numbers."""
    found = []
    for captured in (False, True):
        steps = []

        def wrap(step, captured=captured, steps=steps):
            made = graph(step) if captured else lambda *args: step(*args)
            steps.append(made)
            return made

        dezero.seed(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            call = make(wrap)
            found.append([call(i) for i in range(calls)])
    for i, (plain, captured) in enumerate(zip(*found, strict=True)):
        assert plain == captured, i
    return steps


AS_THEY_ARE = {
    around: "",
    an_attribute: "",
    an_object_given: "",
    a_number: "",
    a_counter: "",
    a_total: "",
    an_average: "",
    a_state_of_its_own: "",
    an_argument_written_to: "it writes to array 1 of those it is given",
    a_seed_inside: "the step starts random numbers anew",
}


@pytest.mark.parametrize("make", AS_THEY_ARE)
def test_what_no_replay_can_do_is_done_as_it_is(make):
    calls = 20 if not AS_THEY_ARE[make] else 6
    (step,) = both(make, calls)
    assert not step.captured
    assert (AS_THEY_ARE[make] or "what else it reads are not the same in any") in step.reason


def test_what_a_step_replaces_is_named():
    def step(x):
        nonlocal total
        total = x.sum() + total
        return total

    total, captured = on_device(np.zeros((), "f4")), graph(step, 1, required=True)
    captured(batch(0).x)
    before = total
    with pytest.raises(GraphCaptureError, match="^graph: .*total is given another value by each"):
        for _ in range(3):
            total = before
            captured(batch(0).x)


@pytest.mark.parametrize(
    "make",
    [settings_replaced, named_tuples, a_default_of_a_class, settings_of_a_class],
)
def test_what_is_replaced_now_and_then_is_captured_anew(make):
    (step,) = both(make, 14)
    assert step.captured == 1 and not step.reason


def test_parameters_of_no_model():
    (step,) = both(lambda wrap: parameters_of_no_model(False, wrap))
    assert step.captured == 1
    (step,) = both(lambda wrap: parameters_of_no_model(True, wrap))
    assert not step.captured and "is added to that of an earlier call" in step.reason


def test_a_captured_step_in_another_is_part_of_it():
    inner, outer = both(one_in_another)
    assert outer.captured == 1 and not outer.reason and not inner.captured


def test_arguments_that_are_never_the_same_are_said():
    step = graph(lambda given: given.x * 2)
    with pytest.warns(UserWarning, match=f"arguments were others in each of {SEEN} calls"):
        for _ in range(SEEN + 1):
            step(types.SimpleNamespace(x=on_device(np.ones(2))))


def test_constants_outlive_their_places_among_those_that_are_kept(monkeypatch):
    monkeypatch.setattr(placing, "MOST", 2)
    step = graph(lambda x: F.average_pooling(x, 3, 1, 1, count_include_pad=False), 1)
    x = on_device(np.ones((1, 1, 4, 4), "f4"))
    for _ in range(3):
        step(x)
    assert step.captured == 1
    for n in range(3):
        placing.kept(np.full(16, n, "f4"), x)
    np.testing.assert_allclose(step(x).data.get(), 1.0)


def test_minus_zero_is_no_zero():
    step = graph(lambda x, a: x / a, 1)
    x = on_device(np.ones(2))
    with np.errstate(divide="ignore"):
        signs = [step(x, a).get()[0] for a in (0.0, 0.0, 0.0, -0.0)]
    assert signs == [np.inf] * 3 + [-np.inf]

"""Trainings whose products take half precision: as good as in float32, on the CPU and captured."""

import numpy as np
import pytest

import dezero
import dezero.functions as F
import dezero.layers as L
from dezero.backend.precision import PRECISION, autocast
from dezero.datasets import load_fashion
from dezero.models import MLP, Sequential, load_model
from dezero.optimizers import SGD, Adam, LossScale
from dezero.training import Callback, TerminateOnNaN
from tests.spec_draw import call, draw, gradients, is_differentiable, locked, seeds_for
from tests.specs import SPECS
from tests.training.captured import device_of_tests, moved, net, on_device  # noqa: F401

X = np.random.default_rng(2).standard_normal((22, 5)).astype("f4")
T = np.random.default_rng(3).integers(0, 3, 22)


def fitted(model, *, optimizer=None, x=X, precision="float16", scale=None, **options):
    rule = optimizer or Adam(0.05)
    if scale is not None:
        rule.loss_scale = scale
    model.compile(rule, "softmax_cross_entropy", "accuracy", precision=precision)
    model.fit(x, T, **{"batch_size": 4, "epochs": 3, "verbose": 0, "jit": False, **options})
    return model


class Seen(Callback):
    def __init__(self):
        self.all = []

    def on_train_batch_end(self, step, logs):
        self.all.append((PRECISION.get().half, logs["loss"]))


def host_net():
    dezero.seed(3)
    model = MLP((6, 3), activation=F.tanh)
    model.build(5)
    return model


def test_compile_chooses_the_precision_and_a_scale(tmp_path):
    halves = []

    class Watched(L.Linear):
        def forward(self, x):
            halves.append(PRECISION.get().half)
            return super().forward(x)

    model = Sequential([Watched(3)])
    fitted(model, epochs=1)
    model.evaluate(X, T, verbose=0)
    model.predict(X)
    assert set(halves) == {"float16"} and PRECISION.get().half is None
    scale = model.optimizer.loss_scale
    assert scale.scale == 2.0**15 and scale.state_dict()["good"] == 6
    del halves[:]
    fitted(model, precision="bfloat16", optimizer=SGD(0.1), epochs=1)
    assert set(halves) == {"bfloat16"} and model.optimizer.loss_scale is None
    with pytest.raises(
        ValueError, match="compile: expected precision to be .float16., .bfloat16. or None"
    ):
        model.compile("sgd", "mean_squared_error", precision="float32")
    own = LossScale(4.0)
    assert fitted(host_net(), scale=own, epochs=1).optimizer.loss_scale is own


def test_a_saved_model_goes_on_with_precision_and_scale(tmp_path):
    model = fitted(host_net(), scale=LossScale(8.0, growth_steps=5))
    model.compiled.steps_per_execution = 3
    model.save(tmp_path / "m.dz")
    again = load_model(tmp_path / "m.dz")
    scale = again.optimizer.loss_scale
    assert again.compiled.precision == "float16" and again.compiled.steps_per_execution == 3
    assert scale.state_dict() == model.optimizer.loss_scale.state_dict()
    assert scale.config() == model.optimizer.loss_scale.config()
    for each in (model, again):
        each.fit(X, T, batch_size=4, epochs=1, verbose=0, shuffle=False)
    for a, b in zip(model.params(), again.params(), strict=True):
        np.testing.assert_array_equal(a.data, b.data)


def test_overflows_are_skipped_and_training_goes_on():
    model = fitted(host_net(), scale=LossScale(2.0**24))
    scale = model.optimizer.loss_scale
    assert 0 < scale.skipped < 12 and model.optimizer.t == 18 - scale.skipped
    assert all(np.isfinite(p.data).all() for p in model.params())
    assert all(np.isfinite(v) for v in model.history.history["loss"])


@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_a_loss_of_nan_still_ends_the_training():
    bad = X.copy()
    bad[3] = np.nan
    with pytest.raises(RuntimeError, match="expected a finite loss, got nan"):
        fitted(host_net(), x=bad)
    model = fitted(host_net(), x=bad, callbacks=TerminateOnNaN())
    assert len(model.history.epoch) <= 1


def test_limits_hold_and_skipped_updates_leave_them_alone():
    model = host_net()
    model.l0.W.data[...] = 1.0
    limited = []

    def limit(array):
        limited.append(array)
        return array / 2

    model.named_constraints = lambda: [("l0/W", model.l0.W, limit)]
    rule = SGD(0.0)
    rule.loss_scale = LossScale(2.0**24, lowest=2.0**24)
    with pytest.warns(UserWarning, match="lowest scale"):
        fitted(model, optimizer=rule, epochs=1, batch_size=22, shuffle=False)
    assert len(limited) == 1 and (model.l0.W.data == 1.0).all()


def test_without_a_scale_small_gradients_vanish():
    def trained(scale):
        dezero.seed(0)
        model = MLP((8, 1), activation=F.tanh)
        model.build(5)
        optimizer = SGD(1e7).setup(model)
        optimizer.loss_scale = scale
        before = [p.data.copy() for p in model.params()]
        with autocast("float16"):
            loss = F.mean(model(X)) * 1e-7  # its gradients are below float16's smallest number
            optimizer.scale(loss).backward()
            optimizer.update()
        pairs = zip(model.params(), before, strict=True)
        return [float(abs(p.data - old).max()) for p, old in pairs]

    assert trained(None)[0] == 0  # of the first layer's weights nothing arrives
    assert min(trained(LossScale(2.0**15))) > 1e-3


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float16", "bfloat16"])
def test_an_mlp_learns_garments_as_well_as_in_float32(precision):
    train, test = load_fashion("synthetic", size=1200)
    parts = [(np.stack([x for x, _ in part]), np.array([t for _, t in part]))
             for part in (train, test)]  # fmt: skip

    def accuracy(chosen):
        dezero.seed(1)
        model = MLP((64, 10), activation=F.relu)
        model.compile(Adam(0.003), "softmax_cross_entropy", "accuracy", precision=chosen)
        model.fit(*parts[0], batch_size=50, epochs=8, verbose=0)
        return model.evaluate(*parts[1], verbose=0)[1]

    plain, half = accuracy(None), accuracy(precision)
    assert plain > 0.75 and abs(half - plain) < 0.03


def both(**options):
    """Fit on the device, captured or not, and return the captured model; they must agree."""
    scale, found = options.pop("scale", None), []
    for jit in (False, True):
        seen = Seen()
        model = fitted(
            net(norm=True), jit=jit, callbacks=[seen], scale=scale and scale(), **options
        )
        state = model.optimizer.state_dict()
        params = [p.data.get().tobytes() for p in model.params()]
        found.append((seen.all, state["t"], state["loss_scale"], params))
    assert found[0] == found[1]
    return model


@pytest.mark.slow
def test_captured_steps_are_the_same(gpu):
    before = gpu.launches
    model = both(scale=lambda: LossScale(2.0**24, growth_steps=3), epochs=4)
    assert gpu.launches - before > 10 and model.optimizer.loss_scale.skipped > 0


@pytest.mark.slow
@pytest.mark.parametrize("steps", [2, 4])
def test_several_captured_steps_in_a_launch_are_the_same(steps, gpu):
    found = []
    for jit in (False, True):
        model, rule = net(norm=True), Adam(0.05)
        rule.loss_scale = LossScale(2.0**24, growth_steps=3)
        options = {"precision": "float16", "steps_per_execution": steps}
        model.compile(rule, "softmax_cross_entropy", "accuracy", **options)
        history = model.fit(X, T, batch_size=4, epochs=5, verbose=0, jit=jit).history
        params = [p.data.get().tobytes() for p in model.params()]
        found.append((history, rule.state_dict()["loss_scale"], rule.t, params))
    assert found[0] == found[1] and rule.loss_scale.skipped > 0


def test_a_graph_is_of_one_precision(gpu):
    model = net()
    step = dezero.cuda.graph(lambda x: model(x), 1, required=True)
    with dezero.no_grad():
        for _ in range(3):
            plain = step(on_device(X)).data.get()
        with autocast("float16"):
            for _ in range(3):
                half = step(on_device(X)).data.get()
        assert step.captured == 2 and not np.array_equal(plain, half)
        np.testing.assert_array_equal(step(on_device(X)).data.get(), plain)


# Products and convolutions; all that is not here computes as without autocast, gradients too.
ROUNDED = set(
    "conv1d conv2d conv2d_relu conv2d_simple deconv1d deconv2d dot einsum gru gru_step linear "
    "linear_relu linear_simple lstm lstm_step matmul rnn rnn_step scaled_dot_product_attention "
    "tensordot".split()
)


def figures(spec):
    """Return the bytes of results and gradients in float32."""
    dezero.seed(0)
    xs = locked([a.astype("f4") for a in draw(spec)])
    ys = call(spec, xs)
    found = [np.asarray(y.data) for y in ys]
    if is_differentiable(spec):
        ys = [y for y in ys if y.requires_grad]
        for whole in (False, True):
            grads = gradients(ys, xs, seeds_for(ys), create_graph=whole)
            found += [np.asarray(g.data) for g in grads if g is not None]
    assert all(a.dtype.char != "e" for a in found), spec.id
    return [a.tobytes() for a in found]


@pytest.mark.slow
def test_what_takes_half_precision_and_what_never_does():
    found, seen = set(), {}
    for spec in SPECS:
        name = spec.func.__name__
        seen[name] = seen.get(name, 0) + 1
        if name in F.__all__ and name not in found and (seen[name] < 4 or name in ROUNDED):
            plain = figures(spec)
            with autocast("float16"):
                if figures(spec) != plain:
                    found.add(name)
    assert found == ROUNDED
    assert len(seen) > 150

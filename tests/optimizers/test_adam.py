"""Adam's family: names of the rate, edges of the formulas, and where torch puts eps."""

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import Adam, Adamax, AdamW, AMSGrad, NAdam, RAdam
from dezero.optimizers.schedules import StepDecay

FAMILY = [Adam, AdamW, AMSGrad, NAdam, RAdam, Adamax]


def train(optimizer, gradients, start=1.0, dtype=np.float64):
    model = Layer()
    model.p = Parameter(np.full(np.shape(gradients[0]), start, dtype))
    optimizer.setup(model)
    for g in gradients:
        model.p.grad = Variable(np.asarray(g, dtype))
        optimizer.update()
    return model.p.data


@pytest.mark.parametrize("cls", FAMILY)
def test_alpha_and_lr_are_one(cls):
    optimizer = cls(0.25)
    assert optimizer.alpha == optimizer.lr == 0.25
    assert cls(alpha=0.5).lr == cls(lr=0.5).lr == cls(0.1, lr=0.5).lr == 0.5
    optimizer.alpha = 0.125
    assert optimizer.lr == 0.125
    assert optimizer.config()["lr"] == 0.125 and "alpha" not in optimizer.config()


@pytest.mark.parametrize("cls", [Adam, AdamW, AMSGrad, Adamax])
def test_first_step_has_the_size_of_the_rate(cls):
    """The bias corrections undo the averages of one gradient."""
    moved = train(cls(0.1, eps=0), [[3.0, -0.01, 100.0]], start=0.0)
    np.testing.assert_allclose(moved, [-0.1, 0.1, -0.1], rtol=1e-12)


def test_radam_begins_as_momentum():
    """rho_1 = 1: no division by the root of v until there is something to trust."""
    np.testing.assert_allclose(train(RAdam(0.1), [[3.0, -0.5]], 0.0), [-0.3, 0.05], rtol=1e-14)


@pytest.mark.parametrize("cls", FAMILY)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_zero_gradients_are_no_division_by_zero(cls, dtype):
    """1e-8 is 0 in float16."""
    start = train(cls(), [[0.0, 0.0]] * 8, dtype=dtype)
    assert start.dtype == dtype
    np.testing.assert_allclose(start, 1.0, rtol=1e-3 if cls is AdamW else 0)


@pytest.mark.parametrize("cls", FAMILY)
def test_float16_follows_float32(cls, rng):
    """Squares of 1e-4 vanish in float16, those of 1,000 overflow."""
    gradients = (rng.standard_normal((20, 3)) * [1e-4, 1.0, 1e3]).astype("f2").astype("f4")
    half = train(cls(0.1), list(gradients), dtype=np.float16)
    single = train(cls(0.1), list(gradients), dtype=np.float32)
    np.testing.assert_allclose(half, single, atol=20 * 1e-3)


@pytest.mark.parametrize("cls", FAMILY)
def test_without_averaging(cls):
    assert np.isfinite(train(cls(0.1, 0.0, 0.0), [[1.0, 2.0]] * 5)).all()


def test_adamw_decays_by_the_rate_of_the_day():
    moved = train(AdamW(StepDecay(0.4, 2, 0.5), weight_decay=0.5), [[0.0]] * 4)
    np.testing.assert_allclose(moved, (1 - 0.2) ** 2 * (1 - 0.1) ** 2, rtol=1e-14)


def test_amsgrad_remembers_the_largest_square():
    gradients = [[100.0]] + [[1.0]] * 50
    assert abs(train(AMSGrad(0.1), gradients, 0.0)) < abs(train(Adam(0.1), gradients, 0.0))


def test_nadam_keeps_the_product_of_its_momenta():
    optimizer = NAdam()
    train(optimizer, [[1.0]] * 300)
    assert list(optimizer._products) == [(0.9, 0.004, 300)]
    cold = NAdam()
    assert cold._momentum_product(300) == pytest.approx(optimizer._momentum_product(300), rel=1e-13)
    assert len(cold._products) == 1


def test_nadam_with_blocks_of_other_age_and_settings(rng):
    """What each parameter would do alone, whatever goes on beside it."""
    gradients = rng.standard_normal((9, 3))
    model = Layer()
    model.a, model.b, model.c = (Parameter(np.ones(1)) for _ in range(3))
    optimizer = NAdam(0.1).setup(model).set_for("c", beta1=0.5)
    for step, g in enumerate(gradients):
        model.cleargrads()
        for i, param in enumerate(model.params()):
            if i != 1 or step >= 4:
                param.grad = Variable(g[i : i + 1])
        optimizer.update()
    np.testing.assert_allclose(model.a.data, train(NAdam(0.1), gradients[:, :1]), rtol=1e-13)
    np.testing.assert_allclose(model.b.data, train(NAdam(0.1), gradients[4:, 1:2]), rtol=1e-13)
    np.testing.assert_allclose(model.c.data, train(NAdam(0.1, 0.5), gradients[:, 2:]), rtol=1e-13)
    assert len(optimizer._products) <= 3


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"beta1": 1.0}, "Adam: expected beta1 >= 0 and < 1"),
        ({"beta2": -0.5}, "Adam: expected beta2 >= 0 and < 1"),
        ({"beta2": 1.0}, "Adam: expected beta2"),
        ({"eps": -1.0}, "Adam: expected eps >= 0 and finite"),
        ({"eps": float("nan")}, "Adam: expected eps"),
        ({"lr": -1.0}, "Adam: expected lr to be a finite number >= 0"),
    ],
)
def test_hyperparameters_are_checked(options, match):
    with pytest.raises(ValueError, match=match):
        Adam(**options)


def test_hyperparameters_of_relatives_are_checked():
    with pytest.raises(ValueError, match="AdamW: expected weight_decay >= 0"):
        AdamW(weight_decay=-0.1)
    with pytest.raises(ValueError, match="NAdam: expected decay >= 0"):
        NAdam(decay=-1)


@pytest.mark.oracle
@pytest.mark.parametrize("cls", [Adam, AdamW, AMSGrad])
def test_torch_differs_by_the_size_of_eps(cls, rng):
    """torch adds eps to sqrt(v / (1 - beta2^t)), the book, Keras and the paper's section 2 to
    sqrt(v): our eps counts 1 / sqrt(1 - beta2^t) times as much, 32 times at the first step.
    """
    torch = pytest.importorskip("torch")
    gradients = rng.standard_normal((20, 5)) * [1e-6, 1e-3, 1.0, 1.0, 1e3]
    theirs = torch.ones(5, dtype=torch.float64, requires_grad=True)
    options = {"lr": 0.1, "eps": 1e-8}
    if cls is AMSGrad:
        options["amsgrad"] = True
    twin = (torch.optim.AdamW if cls is AdamW else torch.optim.Adam)([theirs], **options)
    for g in gradients:
        theirs.grad = torch.tensor(g)
        twin.step()
    off = np.abs(train(cls(0.1, eps=1e-8), list(gradients)) - theirs.detach().numpy())
    assert 1e-4 < off[0] < 0.5
    assert (off[2:] < 1e-5).all() and off[4] < off[2]

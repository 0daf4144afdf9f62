"""Every layer and model by its spec: values, derivatives, copies, files, devices, configuration."""

import copy
import json
import pickle  # noqa: TID251 - users pickle models; the library does not

import numpy as np
import pytest

import dezero.layers as L
from dezero.backend import random, to_host
from dezero.core import Parameter, Variable, no_grad, test_mode
from dezero.layers import LAYERS, build_layer, deferred, layer_config, weight_arrays
from dezero.layers.cell import Cell
from dezero.models import MODELS
from dezero.testing import check_grads
from tests.specs.layers import SPECS
from tests.strict_device import strict_device

with_spec = pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.id)


def drawn(spec):
    rng = np.random.default_rng(1)
    if spec.high:
        return rng.integers(0, spec.high, spec.shape)
    return rng.uniform(-1, 1, spec.shape).astype("f4")


def ready(spec):
    """Return a layer with weights drawn at random (zeros and ones hide mistakes), and x."""
    layer, x = spec.make(), drawn(spec)
    layer.build(spec.shape[1:])
    rng = np.random.default_rng(2)
    for param in layer.params():
        param.data = rng.uniform(0.5, 1.5, param.shape).astype("f4")
    return layer, x


def run(layer, x):
    with test_mode():
        return layer(x)


def test_every_layer_and_model_has_a_spec():
    covered = {type(spec.make()) for spec in SPECS}
    assert covered == set(MODELS.values())
    public = {v for v in vars(L).values() if isinstance(v, type) and issubclass(v, L.Layer)}
    assert public - {L.Layer} == set(LAYERS.values())


@with_spec
def test_value(spec):
    layer, x = ready(spec)
    y = run(layer, x)
    weights = {path: p.data.astype("f8") for path, p in layer.named_params()}
    wide = x if spec.high else x.astype("f8")
    expected = spec.oracle(wide, weights)
    assert y.dtype == np.float32
    np.testing.assert_allclose(y.data, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.slow  # check_layer asks each layer too, for one input
@with_spec
def test_derivatives_to_second_order_by_input_and_parameters(spec):
    layer, x = ready(spec)
    paths = dict(layer.named_params())

    def f(*inputs):
        inputs = list(inputs)
        first = x if spec.high else inputs.pop(0)
        for param, value in zip(paths.values(), inputs, strict=True):
            owner[param].__dict__[names[param]] = value
        return run(layer, first)

    owner, names = {}, {}
    for _, holder, name, value in layer._walk("", set()):
        if isinstance(value, Parameter):
            owner[value], names[value] = holder, name
    values = [p.data.astype("f8") for p in paths.values()]
    check_grads(f, *values if spec.high else (x.astype("f8"), *values))


@with_spec
def test_gradients_reach_every_parameter(spec):
    layer, x = ready(spec)
    y = run(layer, x if spec.high else Variable(x))
    y.sum().backward()
    for path, param in layer.named_params():
        assert param.grad is not None and param.grad.dtype == param.dtype, path


@with_spec
def test_float64_input_is_kept_wide(spec):
    layer, x = ready(spec)
    if not spec.high:
        assert run(layer, x.astype("f8")).dtype == np.float64


@with_spec
@pytest.mark.parametrize("twin", [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))])  # noqa: S301
def test_a_used_layer_is_copied(spec, twin):
    layer, x = ready(spec)
    y = run(layer, x)
    layer.register_forward_hook(lambda *_: pytest.fail("hooks stay behind"))
    again = twin(layer)
    np.testing.assert_array_equal(run(again, x).data, y.data)
    for (path, p), (other, q) in zip(layer.named_params(), again.named_params(), strict=True):
        assert path == other and p is not q and not np.shares_memory(p.data, q.data)


@with_spec
def test_weights_go_to_a_file_and_into_a_layer_without_shapes(spec, tmp_path):
    layer, x = ready(spec)
    layer.save_weights(tmp_path / "w")
    fresh = spec.make()
    fresh.load_weights(tmp_path / "w")
    np.testing.assert_array_equal(run(fresh, x).data, run(layer, x).data)
    assert repr(fresh) == repr(layer)


@with_spec
def test_configuration_makes_the_same_layer(spec):
    layer, x = ready(spec)
    entry = json.loads(json.dumps(layer_config(layer, MODELS)))
    state = random.get_state()
    with deferred():
        again = build_layer(entry, MODELS)
    assert all(p.data is None for p in again.params()) and random.get_state() == state
    assert again.name == layer.name
    assert layer_config(again, MODELS)["class"] == entry["class"]
    L.assign_weights("test", again, weight_arrays("test", layer))
    np.testing.assert_array_equal(run(again, x).data, run(layer, x).data)
    assert layer_config(again, MODELS) == entry
    assert type(build_layer(entry, MODELS)) is type(layer)


@with_spec
def test_a_device_is_never_left(spec):
    layer, x = ready(spec)
    expected = run(layer, x).data
    with strict_device() as device:
        fresh = spec.make()
        for param in (*layer.params(), *fresh.params()):
            if param.data is not None:
                param.data = device.from_host(param.data)
        for holder in [one for root in (layer, fresh) for one in (root, *root._census().layers)]:
            for name in holder._buffers:
                array = getattr(holder, name).data
                if array is not None:
                    setattr(holder, name, device.from_host(array))
        fresh(Variable(device.from_host(x)))
        assert all(isinstance(p.data, device.array_types) for p in fresh.params())
        y = run(layer, Variable(device.from_host(x)))
        assert isinstance(y.data, device.array_types)
        # The device has NumPy's kernels, the host perhaps compiled ones that round otherwise.
        np.testing.assert_allclose(to_host(y.data), expected, rtol=1e-6, atol=1e-6)


@with_spec
def test_an_empty_batch_passes(spec):
    layer, x = ready(spec)
    with no_grad():
        assert run(layer, x[:0]).shape[0] == 0


def test_configuration_of_foreign_layers_is_refused():
    class Linear(L.Linear):
        pass

    with pytest.raises(TypeError, match="expected a layer of dezero's own, got Linear"):
        layer_config(Linear(3))


@pytest.mark.parametrize(
    ("entry", "match"),
    [
        (3, "expected a dict with 'class' and 'config', got int 3"),
        ({"class": "Linear"}, "expected a dict with 'class' and 'config'"),
        ({"class": "Linaer", "config": {}}, "Did you mean 'Linear'"),
        ({"class": "os.system", "config": {}}, "unknown name 'os.system'"),
        ({"class": ["Linear"], "config": {}}, "unknown name"),
        ({"class": "Linear", "config": {"out": 3}}, "expected a configuration of Linear"),
        ({"class": "Linear", "config": {"out_size": "3"}}, "out_size, an integer, got str"),
        ({"class": "Linear", "config": {"out_size": 3, "dtype": "O"}}, "floating dtype"),
        ({"class": "Linear", "config": {"out_size": 3, "activation": "eval"}}, "unknown name"),
        (
            {"class": "Linear", "config": {"out_size": 3, "kernel_regularizer": {}}},
            "expected a name, a Regularizer",
        ),
        (
            {"class": "Linear", "config": {"out_size": 3, "initializer": {"name": 3}}},
            "unknown name",
        ),
        ({"class": "Dropout", "config": {"dropout_ratio": 2}}, "0 <= dropout_ratio < 1"),
        ({"class": "Flatten", "config": {}, "name": 3}, "expected a string as name, got int 3"),
    ],
)
def test_a_damaged_configuration_is_refused(entry, match):
    with pytest.raises(ValueError, match=match):
        build_layer(entry)


@pytest.mark.parametrize(
    "entry",
    [
        {"class": "x" * 10**6, "config": {}},
        {"class": [1] * 10**6, "config": {}},
        {"class": "Activation", "config": {"activation": "x" * 10**6}},
        {"class": "Linear", "config": {"x" * 10**6: 1}},
    ],
)
def test_a_hostile_name_does_not_fill_the_screen(entry):
    with pytest.raises(ValueError, match="build_layer: ") as caught:
        build_layer(entry)
    assert len(str(caught.value)) < 1000


def snapshot(layer):
    everything = [*layer.named_params(), *layer.named_buffers()]
    own = {k: v for k, v in vars(layer).items() if isinstance(v, int | None) and k[0] != "_"}
    return own, layer.details(), [(path, getattr(v, "data", v) is None) for path, v in everything]


def alone(spec):
    """Say whether a layer learns its sizes itself; cells hold what is theirs in layers below."""
    layer = spec.make()
    return isinstance(layer, Cell) or not any(layer.named_layers())


def wrong_inputs(x):
    return [
        np.ones((*x.shape[:-1], 7, 1), x.dtype),
        np.ones((*x.shape[:-1], 7), "c8"),
        x[..., :0],
        x[0],
    ]


@pytest.mark.parametrize("spec", [s for s in SPECS if alone(s)], ids=lambda spec: spec.id)
@pytest.mark.parametrize("i", range(4))
def test_a_failed_first_call_teaches_nothing(spec, i):
    layer, x = spec.make(), drawn(spec)
    before = snapshot(layer)
    try:
        run(layer, wrong_inputs(x)[i])
    except (TypeError, ValueError, IndexError):
        assert snapshot(layer) == before
        run(layer, x)


@pytest.mark.parametrize(
    ("make", "wrong", "right"),
    [
        (lambda: L.Linear(3, activation=lambda y: y @ np.ones(9)), (2, 5), None),
        (lambda: L.Conv2d(3, 3), (2, 7, 2, 2), (2, 4, 5, 5)),
        (lambda: L.Conv1d(3, 3), (2, 7, 2), (2, 4, 5)),
        (lambda: L.Deconv2d(3, 3, outsize=(7, 7)), (2, 7, 2, 2), (2, 4, 5, 5)),
        (lambda: L.GroupNorm(4), (2, 7, 3), (2, 8, 3)),
    ],
)
def test_a_layer_whose_first_call_failed_takes_another_size(make, wrong, right):
    layer = make()
    before = snapshot(layer)
    with pytest.raises(ValueError):
        layer(np.ones(wrong, "f4"))
    assert snapshot(layer) == before
    if right:
        assert len(layer(np.ones(right, "f4"))) == 2


@pytest.mark.parametrize("kind", [L.RNN, L.LSTM, L.GRU])
def test_a_cell_whose_first_call_failed_takes_another_size(kind):
    cell = kind(3)
    before = snapshot(cell)
    with pytest.raises(ValueError, match="mask"):
        cell(np.ones((2, 4, 7), "f4"), mask=np.ones((5, 5), bool))
    assert snapshot(cell) == before
    assert cell(np.ones((2, 4, 6), "f4")).shape == (2, 3)

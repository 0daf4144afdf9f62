"""Models of tensors: branches, sharing, several inputs and outputs."""

import copy
import pickle  # noqa: TID251

import numpy as np
import pytest

from dezero.keras.layers import LSTM, Dense, Dropout, Input, Lambda
from dezero.keras.models import Functional, Model, Sequential

A, B = np.ones((6, 3), "f4"), np.ones((6, 2), "f4")


def two_in_two_out():
    a, b = Input((3,), name="a"), Input((2,), name="b")
    hidden = Dense(4, "relu", name="hidden")(a)
    return Model([a, b], [Dense(1, name="y")(hidden), Dense(2, name="z")(b)], name="two")


def test_one_way():
    x = Input((3,))
    model = Model(inputs=x, outputs=Dense(2)(Dense(4)(x)))
    assert type(model) is Functional and model.output_shape == (None, 2)
    assert (
        model(A).shape == (6, 2) and [type(la).__name__ for la in model.layers][0] == "InputLayer"
    )


@pytest.mark.parametrize("given", [[A, B], (A, B), {"a": A, "b": B}])
def test_inputs_by_order_or_by_name(given):
    y, z = two_in_two_out()(given)
    assert y.shape == (6, 1) and z.shape == (6, 2)


def test_wrong_inputs_are_named():
    model = two_in_two_out()
    for wrong in ([A], {"a": A, "c": B}, A):
        with pytest.raises(ValueError, match=r"expected inputs \['a', 'b'\]"):
            model(wrong)


def test_training_with_several_outputs():
    model = two_in_two_out()
    model.compile("adam", {"y": "mse", "z": "mae"}, loss_weights={"y": 2.0}, metrics={"z": ["mae"]})
    targets = {"y": A[:, :1], "z": B}
    history = model.fit([A, B], targets, epochs=2, verbose=0).history
    assert set(history) == {"loss", "y_loss", "z_loss", "z_mae"}
    assert history["loss"][0] == pytest.approx(
        2 * history["y_loss"][0] + history["z_loss"][0], rel=1e-5
    )
    y, z = model.predict([A, B], verbose=0)
    assert y.shape == (6, 1) and z.shape == (6, 2)


def test_a_shared_layer_has_its_weights_once():
    a, b = Input((3,)), Input((3,))
    shared = Dense(4)
    model = Model([a, b], [shared(a), shared(b)])
    assert len(model.weights) == 2 and len(list(model.params())) == 2
    y, z = model([A, 2 * A])
    np.testing.assert_allclose(z.data, 2 * y.data, rtol=1e-6)
    assert model.output_names == [shared.name, f"{shared.name}_1"]


def test_models_are_layers():
    inner = two_in_two_out()
    x = Input((3,))
    y, z = inner([x, Lambda(lambda v: v[:, :2])(x)])
    outer = Model(x, [y, Dense(5)(z)])
    assert [t.shape for t in outer.outputs] == [(None, 1), (None, 5)]
    assert outer(A)[1].shape == (6, 5) and outer.get_layer("two") is inner
    backbone = Sequential([Dense(4, input_shape=(3,))])
    assert Model(x, backbone(x))(A).shape == (6, 4)


def test_a_part_of_a_model():
    model = two_in_two_out()
    part = Model(model.inputs[0], model.get_layer("hidden").output)
    assert part(A).shape == (6, 4) and part.layers[-1] is model.get_layer("hidden")
    assert part.compute_output_shape((7, 3)) == (7, 4)


def test_shapes_that_vary():
    x = Input((None, 3))
    model = Model(x, Dense(2)(x))
    assert model.output_shape == (None, None, 2)
    assert model.compute_output_shape((None, 9, 3)) == (None, 9, 2)
    assert model(np.ones((2, 5, 3), "f4")).shape == (2, 5, 2)


def test_what_does_not_hang_together_is_refused():
    a, b = Input((3,)), Input((3,))
    with pytest.raises(ValueError, match="another Input"):
        Model(a, Dense(1)(b))
    with pytest.raises(TypeError, match="expected inputs made by Input"):
        Model(A, Dense(1)(a))
    with pytest.raises(ValueError, match="'d' twice"):
        Model(a, Dense(1, name="d")(Dense(1, name="d")(a)))


def test_dicts_in_and_out():
    a, b = Input((3,)), Input((2,))
    model = Model({"left": a, "right": b}, {"sum": Dense(1)(a), "other": Dense(2)(b)})
    result = model({"right": B, "left": A})
    assert result["sum"].shape == (6, 1) and result["other"].shape == (6, 2)
    assert model.output_names == ["sum", "other"]


def test_dropout_inside_follows_training():
    x = Input((200,))
    model = Model(x, Dropout(0.5)(x))
    ones = np.ones((3, 200), "f4")
    np.testing.assert_array_equal(model.predict(ones, verbose=0), ones)
    assert (model(ones, training=True).data == 0).any()


def test_three_outputs_of_one_layer_have_names():
    inputs = Input((4, 2))
    model = Model(inputs, LSTM(3, return_state=True)(inputs))
    y, h, c = model(np.zeros((2, 4, 2), np.float32))
    assert y.shape == h.shape == c.shape == (2, 3)


class Stepping(Model):
    """A functional model with a step of its own."""

    steps = 0

    def train_step(self, data):
        type(self).steps += 1
        return super().train_step(data)


class Inside(Stepping):
    """One that makes its own tensors."""

    def __init__(self, units):
        x = Input((3,))
        super().__init__(inputs=x, outputs=Dense(units)(x), name="inside")


@pytest.mark.parametrize(
    "make",
    [
        lambda: (lambda x: Stepping(x, Dense(2)(x)))(Input((3,))),
        lambda: (lambda x: Stepping(inputs=[x], outputs=[Dense(2)(x)]))(Input((3,))),
        lambda: Inside(2),
    ],
)
def test_a_subclass_of_tensors(make):
    model = make()
    assert isinstance(model, Functional) and isinstance(model, Stepping)
    assert model.count_params() == 8 and len(model.layers) == 2
    model.compile("sgd", "mse")
    before = type(model).steps
    model.fit(np.ones((4, 3)), np.ones((4, 2)), batch_size=2, verbose=0)
    assert type(model).steps == before + 2 and type(model).__name__ in ("Stepping", "Inside")
    assert model.predict(np.ones((4, 3)), verbose=0).shape == (4, 2)


def test_a_model_of_hundreds_of_layers_can_be_copied_and_pickled():
    x = inputs = Input((2,))
    for _ in range(300):
        x = x + Lambda(abs)(x)
    model = Model(inputs, Dense(1)(x))
    for twin in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):  # noqa: S301
        assert len(twin.layers) == len(model.layers) and twin.layers[1] is not model.layers[1]
        assert np.array_equal(twin(np.zeros((1, 2))).data, model(np.zeros((1, 2))).data)


def test_targets_of_the_only_output_by_its_layers_name():
    x = Input((3,))
    model = Model(x, Dense(1, name="price")(x))
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(np.ones((4, 3)), {"price": np.ones((4, 1))}, verbose=0)
    assert list(history.history) == ["loss", "mae"]
    with pytest.raises(ValueError, match="targets: unknown name 'prize'"):
        model.fit(np.ones((4, 3)), {"prize": np.ones((4, 1))}, verbose=0)

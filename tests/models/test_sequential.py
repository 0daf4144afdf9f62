"""`Sequential`: both ways to write it, the list, the book's names."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.layers import Dropout, Linear
from dezero.models import Sequential

X = np.ones((2, 4), "f4")


class TestMaking:
    def test_positional_and_list_are_the_same(self):
        a, b = Linear(3), Linear(2)
        for model in (
            Sequential(a, F.relu, b),
            Sequential([a, F.relu, b]),
            Sequential((a, F.relu, b)),
        ):
            assert model.layers == [a, F.relu, b]

    def test_name(self):
        assert Sequential([], name="패션 MNIST 모델").name == "패션 MNIST 모델"
        assert Sequential(Linear(3), name="m").name == "m"

    def test_it_computes(self):
        a, b = Linear(3), Linear(2)
        model = Sequential(a, F.relu, b)
        np.testing.assert_array_equal(model(X).data, b(F.relu(a(X))).data)

    def test_empty_is_the_identity(self):
        assert Sequential()(X) is X and bool(Sequential())

    @pytest.mark.parametrize(
        ("member", "match"),
        [
            (Linear, r"expected a layer, got the class Linear. Write Linear\(\.\.\.\)"),
            ("relu", r"got str 'relu'. Use Activation\('relu'\)"),
            (3, "expected a layer, got int 3. Use a Layer or a function"),
            ([Linear(3)], "expected a layer, got list"),
        ],
    )
    def test_what_is_no_layer(self, member, match):
        with pytest.raises(TypeError, match=match):
            Sequential(Linear(3), member)

    def test_not_within_itself(self):
        model = Sequential(Linear(3))
        with pytest.raises(ValueError, match="expected another layer, got the model itself"):
            model.add(model)


class TestList:
    def test_add_and_pop(self):
        model = Sequential()
        model.add(Linear(3))
        model.add(last := Linear(2))
        assert len(model) == 2 and model.pop() is last and len(model) == 1
        model.pop()
        with pytest.raises(IndexError, match="Sequential.pop: expected a model with layers"):
            model.pop()

    def test_indexing_and_iteration(self):
        a, b, c = Linear(3), Linear(2), Linear(1)
        model = Sequential(a, b, c)
        assert model[0] is a and model[-1] is c and list(model) == [a, b, c]
        part = model[1:]
        assert type(part) is Sequential and part.layers == [b, c]
        with pytest.raises(IndexError):
            model[3]

    def test_popping_forgets_the_parameters(self):
        model = Sequential(Linear(3), Linear(2))
        assert len(list(model.params())) == 4
        model.pop()
        assert [path for path, _ in model.named_params()] == ["l0/W", "l0/b"]


class TestFiles:
    def test_functions_and_models_within(self):
        model = Sequential(Linear(3), F.relu, F.softmax, Sequential(Dropout(0.2)), name="m")
        again = Sequential.from_config(model.config())
        assert repr(again) == repr(model)
        assert again.l1 is F.relu and again.l2 is F.softmax

    def test_a_lambda_is_refused_by_name(self):
        model = Sequential(Linear(3), lambda x: x)
        model(X)
        with pytest.raises(TypeError, match=r"got <lambda> in layer l1\. .*save_weights"):
            model.config()

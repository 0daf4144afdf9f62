"""Calling a layer: memory, hooks, and the path in errors."""

import gc

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable, no_grad
from dezero.layers import Layer, Linear
from dezero.models import MLP, Sequential


class Identity(Layer):
    def forward(self, *xs):
        return xs[0] if len(xs) == 1 else xs


def x32(*shape):
    return Variable(np.ones(shape, "f4"))


class TestMemory:
    def test_inputs_and_outputs_as_in_the_book(self):
        layer, x = Linear(2), x32(3, 4)
        y = layer(x)
        assert layer.inputs[0]() is x and layer.outputs[0]() is y

    def test_it_keeps_nothing_alive(self):
        layer = Linear(2)
        gc.disable()
        try:
            y = layer(x32(3, 4))
            inner = layer.outputs[0]
            del y
            assert inner() is None
        finally:
            gc.enable()

    def test_several_inputs_and_outputs_of_any_kind(self):
        layer, x, array = Identity(), x32(2), np.ones(3)
        y = layer(x, array, 3, None)
        assert layer.inputs[0]() is x and layer.inputs[1]() is array
        assert layer.inputs[2]() is None and layer.inputs[3]() is None
        assert [ref() for ref in layer.outputs] == [x] and y[1] is array

    def test_an_output_that_is_no_variable(self):
        layer = Identity()
        assert layer({"x": 1}) == {"x": 1} and layer.outputs == []

    def test_keywords_reach_forward(self):
        class Scaled(Layer):
            def forward(self, x, factor=1):
                return x * factor

        assert Scaled()(x32(1), factor=3).item() == 3


class TestHooks:
    def test_order_and_removal(self):
        calls, layer = [], Identity()
        pre = layer.register_forward_pre_hook(lambda layer, xs: calls.append(("pre", layer, xs)))
        post = layer.register_forward_hook(lambda layer, xs, y: calls.append(("post", xs, y)))
        x = x32(2)
        layer(x)
        assert calls == [("pre", layer, (x,)), ("post", (x,), x)]
        pre.remove()
        pre.remove()
        post.remove()
        layer(x)
        assert len(calls) == 2

    def test_each_handle_removes_its_own(self):
        calls, layer = [], Identity()
        first = layer.register_forward_hook(lambda *_: calls.append("a"))
        layer.register_forward_hook(lambda *_: calls.append("b"))
        first.remove()
        layer(x32(1))
        assert calls == ["b"]

    def test_hooks_may_replace_inputs_and_output(self):
        layer = Identity()
        layer.register_forward_pre_hook(lambda layer, xs: xs[0] * 2)
        layer.register_forward_pre_hook(lambda layer, xs: (xs[0] + 1,))
        layer.register_forward_hook(lambda layer, xs, y: y * 10)
        assert layer(x32(1)).item() == 30

    def test_backward_hook_sees_the_gradient_of_the_output(self):
        seen, layer = [], Linear(2, in_size=3)
        handle = layer.register_backward_hook(lambda layer, gy: seen.append((layer, gy.data)))
        layer(x32(4, 3)).sum().backward()
        assert seen[0][0] is layer
        np.testing.assert_array_equal(seen[0][1], np.ones((4, 2)))
        handle.remove()
        layer(x32(4, 3)).sum().backward()
        assert len(seen) == 1

    def test_backward_hook_may_replace_the_gradient(self):
        layer, x = Linear(2, in_size=3), x32(4, 3)
        layer.register_backward_hook(lambda layer, gy: gy * 0)
        layer(x).sum().backward()
        assert not x.grad.data.any()

    def test_backward_hook_of_several_outputs(self):
        class Two(Layer):
            def forward(self, x):
                return x * 1, x * 2

        seen, layer = [], Two()
        layer.register_backward_hook(lambda layer, gy: seen.append(gy.item()))
        a, b = layer(x32(1))
        (a + b * 5).sum().backward()
        assert sorted(seen) == [1, 5]

    def test_hooks_without_a_graph(self):
        layer = Identity()
        layer.register_backward_hook(lambda *_: pytest.fail("there is no gradient"))
        with no_grad():
            layer(x32(1) * 2)


class TestErrors:
    def message(self, layer, *xs, error=ValueError):
        with pytest.raises(error) as caught:
            layer(*xs)
        return str(caught.value)

    def test_a_layer_alone(self):
        text = self.message(Linear(3, in_size=4), x32(2, 5))
        assert text.startswith("linear: expected x.shape[-1] == W.shape[0]")
        assert text.endswith("Raised in layer Linear 4 -> 3.")

    def test_path_through_models(self):
        class Outer(Layer):
            def __init__(self):
                self.body = Sequential(F.relu, [MLP((4, 3))][0])
                self.body.l1.l1 = Linear(3, in_size=9)

            def forward(self, x):
                return self.body(x)

        text = self.message(Outer(), x32(2, 5))
        assert text.endswith(" Raised in layer 'body/l1/l1' (Linear 9 -> 3).")
        assert text.count("Raised in") == 1 and "W (9, 3)" in text

    def test_the_name_of_the_outermost_comes_first(self):
        model = Sequential(Linear(3, in_size=4), name="mlp")
        assert self.message(model, x32(2, 5)).endswith("in layer 'mlp/l0' (Linear 4 -> 3).")
        outer = Sequential(model)
        assert self.message(outer, x32(2, 5)).endswith("in layer 'l0/l0' (Linear 4 -> 3).")

    def test_a_layer_far_below_that_is_called_directly(self):
        class Direct(Layer):
            def __init__(self):
                self.block = Sequential(Linear(3, in_size=4))

            def forward(self, x):
                return self.block.l0(x)

        assert "'block/l0'" in self.message(Direct(), x32(2, 5))

    def test_a_layer_that_is_no_member(self):
        stranger = Linear(3, in_size=4)

        class Direct(Layer):
            def forward(self, x):
                return stranger(x)

        assert self.message(Direct(), x32(2, 5)).endswith("in layer Linear 4 -> 3.")

    @pytest.mark.parametrize("error", [ValueError, TypeError, IndexError])
    def test_the_class_stays(self, error):
        class Raises(Layer):
            def forward(self, x):
                raise error("no")

        assert self.message(Raises(), 1, error=error) == "no, in layer Raises."

    def test_what_has_no_text_passes_as_it_is(self):
        class Raises(Layer):
            def forward(self, x):
                raise ValueError(1, 2)

        with pytest.raises(ValueError) as caught:
            Sequential(Raises())(1)
        assert caught.value.args == (1, 2)

    def test_other_errors_pass_as_they_are(self):
        class Raises(Layer):
            def forward(self, x):
                raise RuntimeError("state")

        with pytest.raises(RuntimeError, match="^state$"):
            Raises()(1)

    def test_no_forward(self):
        class Empty(Layer):
            pass

        with pytest.raises(NotImplementedError, match="Empty.forward: expected the subclass"):
            Empty()(1)

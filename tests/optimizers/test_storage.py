"""Flat storage: what shares a block, when it is laid out anew, and what it does to numbers."""

import numpy as np
import pytest

from dezero.backend import backend_of
from dezero.core import Parameter, Variable
from dezero.layers import Layer
from dezero.optimizers import Adam, MomentumSGD, storage
from dezero.optimizers.storage import FLUSH_EVERY, Block, Storage, build_blocks
from tests.strict_device import strict_device


def named(**values):
    return [(name, Parameter(np.asarray(value, np.float32))) for name, value in values.items()]


def model_of(**values):
    model = Layer()
    for name, value in values.items():
        setattr(model, name, Parameter(np.array(value)))
    return model


def step(optimizer, model, g=1.0):
    for param in model.params():
        param.grad = Variable(np.full(param.shape, g, param.dtype))
    optimizer.update()


def names_of(optimizer):
    return [[name for name, _ in block.named] for _, block in optimizer._storage.blocks]


class TestBlocks:
    def test_small_parameters_share_one_large_ones_stand_alone(self):
        pairs = named(a=np.ones(3), W=np.ones(storage.SMALL), b=np.ones(2), c=1.0)
        blocks = build_blocks(pairs, ("m",), {})
        assert [[name for name, _ in b.named] for b in blocks] == [["a", "b", "c"], ["W"]]
        small = blocks[0]
        for (_, param), size in zip(small.named, (3, 2, 1), strict=True):
            assert np.shares_memory(param.data, small.x) and param.size == size
            assert param.data.dtype == np.float32 and (param.data == 1).all()
        assert small.x.ctypes.data % 64 == small.slots["m"].ctypes.data % 64 == 0

    @pytest.mark.parametrize("small", [True, False])
    def test_order_in_memory_is_kept(self, small, rng):
        turned = rng.standard_normal((2, 3, 4, 5)).astype("f4").transpose(3, 2, 0, 1)
        values = {"W": turned, "b": np.ones(2, "f4")} if small else {"W": turned}
        pairs = named(**values)
        g = rng.standard_normal(turned.shape).astype("f4")
        pairs[0][1].grad = Variable(g.transpose(2, 3, 1, 0).copy().transpose(3, 2, 0, 1))
        if small:
            pairs[1][1].grad = Variable(np.zeros(2, "f4"))
        block = Block(pairs, ("m",), {"W": {"age": 0, "m": turned}})
        param = pairs[0][1]
        assert param.data.strides == turned.strides
        np.testing.assert_array_equal(param.data, turned)
        np.testing.assert_array_equal(block.state()["W"]["m"], turned)
        assert block.state()["W"]["m"].flags.c_contiguous
        block.x -= block.gradient()
        np.testing.assert_array_equal(param.data, turned - g)
        assert small or np.shares_memory(block.gradient(), param.grad.data)

    def test_dtype_and_age_part_them(self):
        pairs = named(a=1.0, b=1.0, c=1.0)
        pairs[1][1].data = pairs[1][1].data.astype(np.float64)
        old = {"c": {"age": 4, "m": np.array(2.0, np.float32)}}
        blocks = build_blocks(pairs, ("m",), old)
        assert [[n for n, _ in b.named] for b in blocks] == [["a"], ["b"], ["c"]]
        assert [b.age for b in blocks] == [0, 0, 4] and blocks[2].slots["m"] == 2

    def test_gradient_of_one_is_not_copied_of_several_gathered(self):
        (pair,) = named(a=np.ones((2, 2)))
        pair[1].grad = Variable(np.ones((2, 2), np.float32))
        assert np.shares_memory(Block([pair], (), {}).gradient(), pair[1].grad.data)
        pairs = named(a=np.ones((2, 2)), b=1.0)
        block = Block(pairs, (), {})
        assert block.gradient() is None and not block.is_partial()
        pairs[0][1].grad = Variable(np.full((2, 2), 3, np.float32))
        assert block.gradient() is None and block.is_partial()
        pairs[1][1].grad = Variable(np.array(4, np.float32))
        np.testing.assert_array_equal(block.gradient(), [3, 3, 3, 3, 4])

    @pytest.mark.parametrize("bad", [np.ones(1), np.ones((2, 1)), np.ones(4), np.float32(1)])
    def test_gradient_of_another_shape(self, bad):
        for pairs in (named(a=np.ones((2, 2))), named(a=np.ones((2, 2)), b=1.0)):
            block = Block(pairs, (), {})
            for _, param in pairs:
                param.grad = Variable(np.ones(param.shape))
            pairs[0][1].grad = Variable(bad)
            with pytest.raises(ValueError, match=r"gradient of 'a' to be a Variable of shape \(2,"):
                block.gradient()

    def test_gradient_that_is_a_bare_array(self):
        (pair,) = named(a=np.ones(2))
        pair[1].grad = np.ones(2)
        with pytest.raises(ValueError, match="got ndarray"):
            Block([pair], (), {}).gradient()

    def test_gradient_of_another_dtype_or_layout(self):
        model = model_of(a=np.ones((2, 3), np.float32))
        optimizer = MomentumSGD(1.0).setup(model)
        model.a.grad = Variable(np.arange(6.0).reshape(3, 2).T)
        optimizer.update()
        assert model.a.dtype == np.float32
        np.testing.assert_array_equal(model.a.data, 1 - np.arange(6.0).reshape(3, 2).T)


class TestLayingOut:
    def test_nothing_new_keeps_the_blocks(self):
        model = model_of(a=[1.0], b=[2.0])
        optimizer = Adam().setup(model)
        step(optimizer, model)
        before = optimizer._storage.blocks[0][1]
        step(optimizer, model)
        assert optimizer._storage.blocks[0][1] is before

    def test_a_block_is_split_only_where_gradients_are_missing(self):
        big = np.ones(storage.SMALL)
        model = model_of(W=big, a=[1.0], b=[2.0], c=[3.0])
        optimizer = Adam().setup(model)
        step(optimizer, model)
        large = optimizer._storage.blocks[0][1]
        model.b.grad = None
        optimizer.update()
        assert names_of(optimizer) == [["W"], ["a", "c"], ["b"]]
        assert optimizer._storage.blocks[0][1] is large
        ages = {name: s["age"] for name, s in optimizer.state_dict()["slots"].items()}
        assert ages == {"W": 2, "a": 2, "b": 1, "c": 2}
        blocks = [block for _, block in optimizer._storage.blocks]
        optimizer.update()
        assert [block for _, block in optimizer._storage.blocks] == blocks

    def test_one_parameter_in_place_of_another_with_the_same_array(self):
        model = model_of(a=[1.0])
        optimizer = MomentumSGD(1.0).setup(model)
        step(optimizer, model)
        model.a = Parameter(model.a.data)
        step(optimizer, model, 2.0)
        assert model.a.data == 1 - 1 - 2.9

    def test_in_pieces_it_is_the_same(self, monkeypatch, rng):
        start = rng.standard_normal(103)
        paths = []
        for small, piece in ((10**6, 10**6), (1, 10), (1, 51)):
            monkeypatch.setattr(storage, "SMALL", small)
            monkeypatch.setattr(storage, "PIECE", piece)
            model = model_of(a=start, b=start[:7])
            optimizer = Adam(0.1).setup(model)
            for i in range(5):
                step(optimizer, model, i - 1.5)
            paths.append([p.data.copy() for p in model.params()])
        for path in paths[1:]:
            for one, other in zip(path, paths[0], strict=True):
                np.testing.assert_array_equal(one, other)

    def test_empty_and_0d_parameters(self):
        model = model_of(a=np.ones((0, 3)), b=1.0, c=np.ones((1, 1)))
        optimizer = MomentumSGD(0.5).setup(model)
        for _ in range(2):
            step(optimizer, model)
        assert model.a.shape == (0, 3) and model.b.shape == () and model.c.shape == (1, 1)
        assert model.b.data == model.c.data == 1 - 0.5 - 0.95
        alone = model_of(a=np.ones((0, 3)))
        step(Adam().setup(alone), alone)
        assert alone.a.shape == (0, 3)


class TestFloat16:
    def test_state_and_step_are_float32(self):
        model = model_of(a=np.ones(2, np.float16), b=np.ones(2, np.float32))
        optimizer = Adam(0.1).setup(model)
        for _ in range(3):
            step(optimizer, model, 1e-4)  # its square is 0 in float16
        assert model.a.dtype == np.float16
        assert optimizer.state_dict()["slots"]["a"]["v"].dtype == np.float32
        np.testing.assert_allclose(model.a.data, model.b.data, rtol=1e-3)


class TestSubnormals:
    def test_they_vanish_and_nothing_else_changes(self):
        """A slot that decays from 1 would be subnormal after 829 updates by 0.9."""
        model, plain = model_of(a=np.ones(4, np.float32)), model_of(a=np.ones(4))
        optimizer, exact = MomentumSGD(0.1).setup(model), MomentumSGD(0.1).setup(plain)
        tiny = np.finfo(np.float32).tiny
        for t in range(1, 1201):
            g = np.array([1.0 if t == 1 else 0.0, 0.5, np.cos(t), 0.0], np.float32)
            for one, which in ((model, optimizer), (plain, exact)):
                one.a.grad = Variable(g.astype(one.a.dtype))
                which.update()
            v = np.abs(optimizer._storage.blocks[0][1].slots["velocity"])
            assert not ((v > 0) & (v < tiny)).any(), t
        assert v[0] == 0 and v[1] > 0
        np.testing.assert_allclose(model.a.data, plain.a.data, rtol=1e-3, atol=1e-5)

    def test_planted_ones_are_gone_at_the_next_flush(self):
        model = model_of(a=np.ones(3, np.float32))
        optimizer = Adam().setup(model)
        for t in range(1, FLUSH_EVERY + 1):
            step(optimizer, model, 0.0)
            if t == FLUSH_EVERY - 1:
                slots = optimizer._storage.blocks[0][1].slots
                slots["m"][:] = [1e-40, 1e-20, -1e-40]
        np.testing.assert_allclose(slots["m"], [0, 0.9e-20, 0], rtol=1e-6)


class TestStorage:
    def test_state_is_a_copy(self):
        kept = Storage({"a": {"age": 2, "m": np.ones(2)}})
        kept.state()["a"]["m"][:] = 7
        assert (kept.state()["a"]["m"] == 1).all()
        pairs = named(a=[1.0, 1.0])
        kept.lay_out([pairs[0][1]], [({}, ("m",), pairs)])
        kept.state()["a"]["m"][:] = 7
        assert (kept.state()["a"]["m"] == 1).all() and kept.state()["a"]["age"] == 2

    def test_moved_to_a_device_and_back(self):
        model = model_of(a=[1.0, 2.0])
        optimizer = MomentumSGD(0.5).setup(model)
        step(optimizer, model)
        with strict_device() as device:
            model.a.data = device.from_host(model.a.data)
            for _ in range(2):
                model.a.grad = Variable(device.from_host(np.ones(2)))
                optimizer.update()
            assert backend_of(model.a.data) is device
            state = optimizer.state_dict()["slots"]["a"]
            assert backend_of(state["velocity"]) is device and state["age"] == 3
            model.a.data = model.a.data.get()
            step(optimizer, model)
        v, x = 0.0, np.array([1.0, 2.0])
        for _ in range(4):
            v = 0.9 * v - 0.5
            x += v
        np.testing.assert_allclose(model.a.data, x, rtol=1e-15)

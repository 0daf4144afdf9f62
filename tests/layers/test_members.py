"""`Members`: what is recorded, in which order, under which path, and that it is counted once."""

import copy
import pickle  # noqa: TID251 - layers may travel to worker processes

import numpy as np
import pytest

from dezero.core import Parameter, Variable
from dezero.layers import BatchNorm, Buffer, Layer, Linear


def paths(layer):
    return [path for path, _ in layer.named_params()]


def holder(**members):
    layer = Layer()
    for name, value in members.items():
        setattr(layer, name, value)
    return layer


def p():
    return Parameter(np.zeros(1))


class TestOrderAndPaths:
    def test_attributes_in_order_of_assignment(self):
        layer = holder(z=p(), a=p(), inner=holder(W=p(), b=p()), last=p())
        assert paths(layer) == ["z", "a", "inner/W", "inner/b", "last"]
        assert list(layer.params()) == [param for _, param in layer.named_params()]

    def test_containers_of_containers(self):
        layer = holder(blocks=[holder(W=p()), (p(), [p()])], by_name={"x": p(), 3: holder(b=p())})
        assert paths(layer) == [
            "blocks/0/W", "blocks/1/0", "blocks/1/1/0", "by_name/x", "by_name/3/b",
        ]  # fmt: skip

    def test_the_books_way_of_keeping_a_list_beside_attributes(self):
        class Book(Layer):
            def __init__(self):
                super().__init__()
                self.layers = []
                for i in range(3):
                    layer = holder(W=p())
                    setattr(self, f"l{i}", layer)
                    self.layers.append(layer)

        assert paths(Book()) == ["l0/W", "l1/W", "l2/W"]

    def test_no_super_init_needed(self):
        class Careless(Layer):
            def __init__(self):
                self.W = p()

        assert paths(Careless()) == ["W"]

    def test_attributes_written_around_setattr_are_not_members(self):
        layer = holder(W=p())
        layer.__dict__["V"] = p()
        assert paths(layer) == ["W"]


class TestChanges:
    def test_appending_is_seen(self):
        layer = holder(blocks=[])
        assert paths(layer) == []
        layer.blocks.append(holder(W=p()))
        assert paths(layer) == ["blocks/0/W"] and len(list(layer.params())) == 1
        layer.blocks[0] = holder(V=p(), W=p())
        assert paths(layer) == ["blocks/0/V", "blocks/0/W"] and len(list(layer.params())) == 2
        layer.blocks.clear()
        assert list(layer.params()) == []

    def test_a_change_far_below_is_seen(self):
        deep = holder(inner=[{"k": [holder(W=p())]}])
        list(deep.params())
        deep.inner[0]["k"].append(p())
        assert len(list(deep.params())) == 2
        deep.inner[0]["k"][0].extra = p()
        assert len(list(deep.params())) == 3
        deep.inner[0]["other"] = p()
        assert len(list(deep.params())) == 4

    def test_equal_parameters_that_replace_each_other_are_told_apart(self):
        layer = holder(ws=[p()])
        old = next(layer.params())
        layer.ws[0] = new = p()
        assert next(layer.params()) is new is not old

    def test_assignment_replaces(self):
        layer = holder(a=p(), b=p())
        list(layer.params())
        layer.a = new = p()
        assert [q is new for q in layer.params()] == [True, False]
        layer.a = None
        assert paths(layer) == ["b"]
        layer.a = p()
        assert paths(layer) == ["b", "a"]

    def test_deletion_removes(self):
        layer = holder(a=p(), b=p())
        list(layer.params())
        del layer.a
        assert paths(layer) == ["b"] and len(list(layer.params())) == 1
        with pytest.raises(AttributeError):
            del layer.a

    def test_params_may_be_changed_while_they_are_read(self):
        layer = holder(a=p(), b=p())
        for i, _ in enumerate(layer.params()):
            setattr(layer, f"c{i}", p())
        assert len(list(layer.params())) == 4


class TestSharing:
    def test_a_shared_layer_counts_once(self):
        shared = holder(W=p())
        layer = holder(a=shared, b=shared, c=[shared], d=holder(e=shared))
        assert paths(layer) == ["a/W"] and len(list(layer.params())) == 1
        assert [path for path, _ in layer.named_layers()] == ["a", "d"]
        assert len(list(layer.sublayers())) == 2

    def test_a_shared_parameter_counts_once(self):
        shared = p()
        assert paths(holder(a=holder(W=shared), b=holder(W=shared))) == ["a/W"]

    def test_cycles_end(self):
        layer = holder(W=p(), inner=holder(V=p()))
        layer.inner.outer = layer
        layer.ring = ring = [p()]
        ring.append(ring)
        assert paths(layer) == ["W", "inner/V", "ring/0"]
        assert len(list(layer.params())) == 3
        assert [path for path, _ in layer.named_layers()] == ["inner"]

    def test_sublayers_are_the_direct_ones(self):
        inner = holder(deep=holder())
        layer = holder(a=inner, b=[inner, holder()])
        assert list(layer.sublayers()) == [inner, layer.b[1]]

    def test_a_shallow_copy_has_a_record_of_its_own(self):
        layer = holder(W=p(), b=p())
        layer.add_buffer("steps", np.zeros(1))
        twin = copy.copy(layer)
        twin.b, twin.steps, twin.c = None, p(), p()
        assert paths(layer) == ["W", "b"] and [n for n, _ in layer.named_buffers()] == ["steps"]
        assert paths(twin) == ["W", "steps", "c"] and twin.W is layer.W


class TestBuffers:
    def test_a_buffer_is_no_parameter(self):
        layer = holder(W=p())
        layer.add_buffer("mean", np.ones(2))
        outer = holder(inner=layer)
        assert paths(outer) == ["inner/W"]
        assert [path for path, _ in outer.named_buffers()] == ["inner/mean"]
        assert [path for path, _ in layer.named_buffers()] == ["mean"]

    def test_assignment_replaces_the_array(self):
        layer = Layer()
        layer.add_buffer("mean", np.ones(2))
        layer.mean = layer.mean * 3
        assert [(path, a.tolist()) for path, a in layer.named_buffers()] == [("mean", [3.0, 3.0])]
        layer.add_buffer("mean", np.zeros(1))
        assert len(list(layer.named_buffers())) == 1

    def test_a_parameter_in_its_place_ends_it(self):
        layer = Layer()
        layer.add_buffer("mean", np.ones(2))
        layer.mean = p()
        assert list(layer.named_buffers()) == [] and paths(layer) == ["mean"]

    def test_deletion_ends_it(self):
        layer = Layer()
        layer.add_buffer("mean", np.ones(2))
        del layer.mean
        assert list(layer.named_buffers()) == []

    @pytest.mark.parametrize(
        ("name", "array", "error", "match"),
        [
            (
                "mean",
                [1.0],
                TypeError,
                "add_buffer: expected an array for 'mean', got list",
            ),
            ("a/b", np.ones(1), ValueError, "expected an identifier as name, got 'a/b'"),
            (3, np.ones(1), ValueError, "expected an identifier as name, got 3"),
            ("params", np.ones(1), ValueError, "got 'params', which Layer has already"),
        ],
    )
    def test_bad_buffers(self, name, array, error, match):
        with pytest.raises(error, match=match):
            Layer().add_buffer(name, array)


class TestBufferVariables:
    def test_it_is_seen_as_a_buffer_and_asks_for_no_gradient(self):
        layer = holder(W=p(), mean=Buffer(None, "mean"))
        assert paths(layer) == ["W"] and list(layer.named_buffers()) == [("mean", None)]
        layer.mean.data = np.ones(2)
        assert list(layer.named_buffers()) == [("mean", layer.mean.data)]
        (layer.mean * layer.W).sum().backward()
        assert layer.mean.grad is None and layer.W.grad is not None

    @pytest.mark.parametrize("make", [np.asarray, Variable, Parameter])
    def test_assignment_replaces_the_data(self, make):
        buffer = Buffer(np.ones(2))
        layer = holder(mean=buffer)
        layer.mean = make(np.zeros(3))
        assert layer.mean is buffer and buffer.data.tolist() == [0, 0, 0]
        assert paths(layer) == [] and len(list(layer.named_buffers())) == 1

    def test_another_one_takes_its_place(self):
        layer = holder(mean=Buffer(np.ones(2)))
        layer.mean = other = Buffer(np.zeros(1))
        assert layer.mean is other and len(list(layer.named_buffers())) == 1

    def test_it_may_take_the_place_of_a_parameter(self):
        layer = holder(mean=p())
        layer.mean = Buffer(np.ones(1))
        assert paths(layer) == [] and len(list(layer.named_buffers())) == 1

    def test_names_of_the_class_are_refused(self):
        with pytest.raises(ValueError, match="expected a name of your own"):
            Layer().inputs = Buffer(None)

    @pytest.mark.parametrize(
        "twin",
        [copy.deepcopy, lambda v: pickle.loads(pickle.dumps(v))],  # noqa: S301
    )
    def test_copies_have_their_own(self, twin):
        layer = holder(mean=Buffer(np.ones(2), "mean"))
        again = twin(layer)
        again.mean.data[:] = 0
        assert layer.mean.data.all() and type(again.mean) is Buffer
        assert not again.mean.requires_grad and [n for n, _ in again.named_buffers()] == ["mean"]


def test_reading_is_quick_while_nothing_changes():
    layer = holder(a=Linear(2, in_size=2), b=[Linear(2, in_size=2)])
    assert layer._census() is layer._census()
    layer.note = "any other attribute"
    kept = layer._census()
    layer.step = 3
    assert layer._census() is kept
    Linear(2)  # a layer made anywhere may be one of ours
    assert layer._census() is not kept


def test_a_model_is_freed_without_the_garbage_collector():
    import gc
    from weakref import ref

    gc.disable()
    try:
        layer = holder(a=Linear(2, in_size=2), b=[Linear(2, in_size=2)])
        list(layer.params())
        layer.a(np.zeros((1, 2), "f4"))
        gone = ref(layer)
        del layer
        assert gone() is None
    finally:
        gc.enable()


class TestNamesThatScriptsKnow:
    """`_params` is printed, and `_flatten_params` called, by scripts of the book's manner."""

    def test_names_of_attributes(self):
        layer = holder(p1=Parameter(np.array(1)), inner=Linear(2), p3=Variable(np.ones(1)), p4="x")
        layer.held = [p()]
        assert layer._params == {"p1", "inner"}
        assert BatchNorm()._params == {"gamma", "beta", "avg_mean", "avg_var"}

    def test_paths_as_in_a_file_of_weights(self):
        layer = holder(inner=holder(bn=BatchNorm(), l0=Linear(2, in_size=3)), scale=p())
        flat, below = {}, {}
        layer._flatten_params(flat)
        layer._flatten_params(below, "top")
        assert set(below) == {f"top/{path}" for path in flat}
        assert flat["inner/l0/W"] is layer.inner.l0.W
        assert flat["inner/bn/avg_mean"] is layer.inner.bn.avg_mean
        assert set(flat) == {
            "scale",
            *(f"inner/bn/{name}" for name in ("gamma", "beta", "avg_mean", "avg_var")),
            *(f"inner/l0/{name}" for name in "Wb"),
        }

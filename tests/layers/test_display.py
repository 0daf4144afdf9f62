"""How layers look in a terminal and in a notebook."""

import dezero.functions as F
from dezero.core import Parameter
from dezero.layers import Dropout, EmbedID, Flatten, Layer, LayerNorm, Linear
from dezero.models import MLP, Sequential


def test_one_line():
    assert repr(Linear(10)) == "Linear(? -> 10)"
    assert repr(Linear(10, in_size=4, nobias=True)) == "Linear(4 -> 10, no bias)"
    assert repr(Linear(10, activation="relu")) == "Linear(? -> 10, relu)"
    assert repr(Linear(10, activation=F.softmax)) == "Linear(? -> 10, softmax)"
    assert repr(Dropout(0.25)) == "Dropout(0.25)"
    assert repr(EmbedID(5, 3)) == "EmbedID(5 -> 3)"
    assert repr(LayerNorm()) == "LayerNorm(?)" and repr(LayerNorm(4)) == "LayerNorm(4)"
    assert repr(Flatten()) == "Flatten()"


def test_a_tree():
    model = Sequential(Flatten(), F.relu, Sequential(Linear(3, in_size=2)), MLP((2, 1), F.tanh))
    assert repr(model) == (
        "Sequential(\n"
        "  l0: Flatten()\n"
        "  l1: relu\n"
        "  l2: Sequential(\n"
        "    l0: Linear(2 -> 3)\n"
        "  )\n"
        "  l3: MLP(tanh\n"
        "    l0: Linear(? -> 2)\n"
        "    l1: Linear(? -> 1)\n"
        "  )\n"
        ")"
    )


def test_a_cycle_ends():
    layer = Layer()
    layer.inner = Layer()
    layer.inner.outer = layer
    assert repr(layer).count("\n") == 4 and "outer: ... (a layer that holds it)" in repr(layer)


def test_notebook_table_is_escaped():
    layer = Layer()
    layer.name = "<b>"
    layer.d = {"<k>": Parameter([[1.0]]), "open": Parameter(None)}
    text = layer._repr_html_()
    assert "<b>&lt;b&gt;: Layer</b>" in text
    assert "<td>d/&lt;k&gt;</td><td>(1, 1)</td><td>float64</td><td>1</td>" in text
    assert "<td>d/open</td><td>not known yet</td>" in text
    assert "<b>Linear ? -&gt; 3</b>" in Linear(3)._repr_html_()

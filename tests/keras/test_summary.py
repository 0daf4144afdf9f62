"""The table of `summary`, as Keras 2 and Keras 3 print it."""

import numpy as np
import pytest

from dezero.keras.layers import Dense, Dot, Flatten, Input
from dezero.keras.models import Model, Sequential
from dezero.keras.naming import clear_names

PAGE = """\
Model: "sequential"
_________________________________________________________________
Layer (type)                 Output Shape              Param #   
=================================================================
flatten (Flatten)            (None, 784)               0         
_________________________________________________________________
dense (Dense)                (None, 100)               78500     
_________________________________________________________________
dense_1 (Dense)              (None, 10)                1010      
=================================================================
Total params: 79,510
Trainable params: 79,510
Non-trainable params: 0
_________________________________________________________________"""


def text(model, **options):
    found = []
    model.summary(print_fn=found.append, **options)
    return "\n".join(found)


@pytest.fixture(autouse=True)
def fresh_names():
    clear_names()


def tutorial_model():
    model = Sequential()
    model.add(Flatten(input_shape=(28, 28)))
    model.add(Dense(100, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    return model


def test_as_the_tutorials_print_it(capsys):
    model = tutorial_model()
    assert text(model) == PAGE
    model.summary()
    assert capsys.readouterr().out == PAGE + "\n"


def test_wide_letters_take_two_columns():
    model = Sequential([Dense(3, input_shape=(2,), name="은닉층")], name="패션 MNIST 모델")
    line = text(model).split("\n")[4]
    assert line.index("(None, 3)") == 29 - 3
    assert text(model).startswith('Model: "패션 MNIST 모델"\n')


def test_long_names_are_cut_where_the_next_column_begins():
    model = Sequential([Dense(3, input_shape=(2,), name="a" * 40)])
    assert text(model).split("\n")[4][:40] == "a" * 28 + " (None, 3)  "


def test_branches_are_told_apart():
    a, b = Input((8,), name="a"), Input((4,), name="b")
    shared = Dense(5, name="shared")
    y, z = Dense(1, name="y")(shared(a)), Dense(2, name="z")(b)
    lines = text(Model([a, b], [y, z])).split("\n")
    assert lines[1] == "_" * 98 and "Connected to" in lines[2]
    shared_line = next(line for line in lines if line.startswith("shared"))
    assert shared_line.index("a[0][0]") == 65 and shared_line[53:].startswith("45")


def test_style_of_keras_3():
    lines = text(tutorial_model(), style="keras3").split("\n")
    assert lines[1].startswith("┏━") and "│ flatten (Flatten) " in lines[4]
    assert "78,500 │" in lines[6] and lines[-1] == " Non-trainable params: 0 (0.00 B)"
    with pytest.raises(ValueError, match="expected style keras2 or keras3"):
        text(tutorial_model(), style="keras4")


def test_a_model_without_shapes_says_so():
    with pytest.raises(ValueError, match="expected a model that is built"):
        text(Sequential([Dense(3)]))


def test_frozen_weights_are_counted_apart():
    model = tutorial_model()
    model.layers[1].trainable = False
    assert "Trainable params: 1,010\nNon-trainable params: 78,500" in text(model)


def test_own_width_and_columns():
    lines = text(tutorial_model(), line_length=80, positions=[0.5, 0.8, 1.0]).split("\n")
    assert len(lines[1]) == 80 and lines[2].index("Output Shape") == 40


# Printed by Keras 3.15 on 80 columns, for the model of the test after it.
BOXES = """\
Model: "dots"
┏━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┓
┃ Layer (type)        ┃ Output Shape      ┃    Param # ┃ Connected to      ┃
┡━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━┩
│ input_layer         │ (None, 4)         │          0 │ -                 │
│ (InputLayer)        │                   │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ input_layer_1       │ (None, 4)         │          0 │ -                 │
│ (InputLayer)        │                   │            │                   │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense (Dense)       │ (None, 3)         │         15 │ input_layer[0][0] │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dense_1 (Dense)     │ (None, 3)         │         15 │ input_layer_1[0]… │
├─────────────────────┼───────────────────┼────────────┼───────────────────┤
│ dot (Dot)           │ (None, 1)         │          0 │ dense[0][0],      │
│                     │                   │            │ dense_1[0][0]     │
└─────────────────────┴───────────────────┴────────────┴───────────────────┘
 Total params: 30 (120.00 B)
 Trainable params: 30 (120.00 B)
 Non-trainable params: 0 (0.00 B)"""


def test_as_keras_3_draws_branches():
    a, b = Input((4,)), Input((4,))
    model = Model([a, b], Dot(axes=1)([Dense(3)(a), Dense(3)(b)]), name="dots")
    assert text(model, style="keras3", line_length=76) == BOXES


def test_as_keras_3_draws_long_names_and_large_counts():
    model = Sequential([Dense(4096, input_shape=(4096,), name="a" * 40), Dense(1000)])
    lines = text(model, style="keras3", line_length=76).split("\n")
    assert lines[4] == f"│ {'a' * 30}… │ (None, 4096)           │    16,781,312 │"
    assert lines[5].startswith("│ (Dense)      ")
    assert lines[-3] == " Total params: 20,878,312 (79.64 MB)"
    with pytest.raises(ValueError, match="expected line_length for 3 columns"):
        model.summary(style="keras3", line_length=9)


def test_layers_of_a_subclass_tell_their_shapes():
    class Mine(Model):
        def __init__(self):
            super().__init__()
            self.first, self.last, self.idle = Dense(3), Dense(2), Dense(1)

        def call(self, inputs):
            return self.last(self.first(inputs))

    model = Mine()
    model(np.zeros((5, 4), "f4"))
    shown = text(model, style="keras3", line_length=76)
    assert "│ (None, 3) " in shown and "│ (None, 2) " in shown and "?" in shown
    assert "0 (unbuilt) │" in shown and "(None, 3)      " in text(model)


def test_a_second_output_on_the_way_is_no_branch():
    x = Input((4,))
    h = Dense(3)(x)
    assert "Connected to" not in text(Model(x, [h, Dense(2)(h)]))
    assert "Connected to" in text(Model(x, [h, Dense(2)(x)]))
    shared = Dense(4)
    assert "Connected to" in text(Model(x, shared(shared(x))))

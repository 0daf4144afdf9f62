"""The table of `summary`, as Keras 2 and Keras 3 print it."""

import pytest

from dezero.keras.layers import Dense, Flatten, Input
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
    assert "78,500 │" in lines[6] and lines[-1] == " Non-trainable params: 0"
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

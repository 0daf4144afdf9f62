"""What the pages got wrong or leave out: typing faults, and names from chapters not shown."""

# Commas that the blog's editor swallowed, and two slips of the pen.
MENDS = (
    ("(1501503)", "(150, 150, 3)"),
    ("(150150)", "(150, 150)"),
    ("(33)", "(3, 3)"),
    ("(22)", "(2, 2)"),
    ("range(1len(acc)", "range(1, len(acc)"),
    ("in train_generator;", "in train_generator:"),
    ("'b' label=", "'b', label="),
)

# Printed inside a block of code, but no code: the number 3 as one-hot.
PROSE = ("3 -> [0 0 0 1 0 0 0 0 0 0]",)

CONVNET = """
import os
from dezero.keras import layers, models, optimizers
train_cats_dir = os.path.join(train_dir, 'cats')
model = models.Sequential()
model.add(layers.Conv2D(32, (3, 3), activation='relu', input_shape=(150, 150, 3)))
model.add(layers.MaxPooling2D((4, 4)))
model.add(layers.Flatten())
model.add(layers.Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['acc'])
"""

CLASSROOM = """
from dezero import keras
from dezero.keras.callbacks import EarlyStopping
(train_x, train_y), (test_x, test_y) = keras.datasets.mnist.load_data()
train_x, test_x = train_x.reshape(-1, 784), test_x.reshape(-1, 784)
min_n, max_n = train_x.min(), train_x.max()
train_y = keras.utils.to_categorical(train_y)
model = keras.Sequential([keras.layers.Dense(1, input_shape=(8,))])
"""

# What a page takes for granted from lessons before it, by the number in its file's name.
BEFORE = {"002": CLASSROOM, "004": CONVNET}

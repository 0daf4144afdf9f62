"""Write the files_* here with real Keras 3: `python record_files.py`, with h5py beside it."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

HERE = Path(__file__).parent


def main() -> None:
    keras.utils.set_random_seed(3)
    row = keras.Sequential(
        [
            keras.Input((4, 3)),
            layers.Bidirectional(layers.GRU(2, return_sequences=True)),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Flatten(),
            layers.Dense(2, activation="relu", kernel_regularizer="l2"),
        ],
        name="row",
    )
    x = np.random.default_rng(0).normal(size=(8, 4, 3)).astype("f4")
    t = np.random.default_rng(1).normal(size=(8, 2)).astype("f4")
    row.compile("adam", "mse")
    row.fit(x, t, epochs=2, verbose=0)
    a, b = keras.Input((3,), name="a"), keras.Input((3,), name="b")
    shared = layers.Dense(2)
    graph = keras.Model([a, b], layers.Concatenate()([shared(a), shared(b)]), name="graph")
    row.save(HERE / "files_row.keras")
    row.save(HERE / "files_row.h5")
    row.save_weights(HERE / "files_row.weights.h5")
    graph.save(HERE / "files_graph.keras")
    np.savez_compressed(
        HERE / "files.npz",
        x=x,
        row=row.predict(x, verbose=0),
        graph=graph.predict([x[:, 0], x[:, 1]], verbose=0),
        **{f"weight_{i}": w for i, w in enumerate(row.get_weights())},
    )


if __name__ == "__main__":
    main()

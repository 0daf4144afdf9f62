"""Write the keras2_* here with Keras 2 itself (package tf_keras): `python record_keras2.py`."""

from pathlib import Path

import numpy as np
import tf_keras as keras

HERE = Path(__file__).parent
L = keras.layers


def picture():
    return keras.Sequential(
        [
            L.Conv2D(4, 3, activation="relu", padding="same", input_shape=(8, 8, 3)),
            L.BatchNormalization(),
            L.MaxPooling2D(),
            L.DepthwiseConv2D(3),
            L.Conv2DTranspose(2, 2, strides=2),
            L.ZeroPadding2D(1),
            L.LeakyReLU(0.2),
            L.Flatten(),
            L.Dropout(0.25),
            L.Dense(3, activation="softmax", kernel_regularizer="l2"),
        ],
        name="picture",
    )


def words():
    a, b = L.Input((5,), name="a"), L.Input((5, 3), name="b")
    x = L.Embedding(11, 4, mask_zero=True, name="embedding")(a)
    x = L.Bidirectional(L.LSTM(3, return_sequences=True))(x)
    y = L.TimeDistributed(L.Dense(6, activation="tanh"))(b)
    x = L.Add()([L.GRU(6, reset_after=False)(x), L.GlobalAveragePooling1D()(y)])
    x = L.Dense(4)(x)
    y = L.GRU(4)(L.Concatenate()([y, b]))
    y = L.LayerNormalization()(L.Multiply()([x, y]))
    y = L.Dense(1, name="out")(L.Concatenate()([x, y]))
    return keras.Model([a, b], [y, L.Activation("sigmoid", name="yes")(x)], name="words")


def main() -> None:
    keras.utils.set_random_seed(3)
    rng = np.random.default_rng(0)
    x, t = rng.random((8, 8, 8, 3), "f4"), rng.integers(0, 3, 8)
    a, b = rng.integers(0, 11, (8, 5)), rng.random((8, 5, 3), "f4")
    u, v = rng.random((8, 1), "f4"), rng.integers(0, 2, (8, 4)).astype("f4")
    found = {"x": x, "t": t, "a": a, "b": b, "u": u, "v": v}
    legacy = keras.optimizers.legacy.Adam(0.01, decay=0.1)
    model = picture()
    model.layers[8].rate = 0.0  # whoever goes on drops the same units
    model.compile(legacy, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, t, epochs=3, batch_size=4, shuffle=False, verbose=0)
    for ending in ("h5", "keras", "weights.h5"):
        model.save_weights(HERE / f"keras2_picture.{ending}") if ending == "weights.h5" else (
            model.save(HERE / f"keras2_picture.{ending}")
        )
    found["picture"] = model.predict(x, verbose=0)
    found["picture_steps"] = [_step(model, x, t) for _ in range(3)]
    model = words()
    model.compile(
        keras.optimizers.RMSprop(0.01, momentum=0.5), {"out": "mse", "yes": "bce"}, {"out": ["mae"]}
    )
    for _ in range(3):
        model.train_on_batch([a, b], [u, v])
    model.save(HERE / "keras2_words.h5")
    model.save_weights(HERE / "keras2_words_only.h5")
    found["out"], found["yes"] = model.predict([a, b], verbose=0)
    found["words_steps"] = [_step(model, [a, b], [u, v])[:1] for _ in range(3)]
    np.savez_compressed(HERE / "keras2.npz", **found)
    print(found["picture_steps"], found["words_steps"])


def _step(model, x, t):
    model.reset_metrics()
    return model.train_on_batch(x, t)


if __name__ == "__main__":
    main()

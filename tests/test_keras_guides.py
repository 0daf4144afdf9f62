"""Programs as Keras's guides have them; each also ran with real Keras 3.15.1 on TensorFlow."""

import numpy as np

from dezero import keras, tf
from dezero.keras import layers

RNG = np.random.default_rng(0)


class GAN(keras.Model):
    def __init__(self, discriminator, generator, latent_dim):
        super().__init__()
        self.discriminator, self.generator = discriminator, generator
        self.latent_dim = latent_dim
        self.d_loss_metric = keras.metrics.Mean(name="d_loss")
        self.g_loss_metric = keras.metrics.Mean(name="g_loss")

    def compile(self, d_optimizer, g_optimizer, loss_fn):
        super().compile()
        self.d_optimizer, self.g_optimizer, self.loss_fn = d_optimizer, g_optimizer, loss_fn

    @property
    def metrics(self):
        return [self.d_loss_metric, self.g_loss_metric]

    def train_step(self, real_images):
        count = tf.shape(real_images)[0]
        fake = self.generator(tf.random.normal(shape=(count, self.latent_dim)))
        combined = tf.concat([fake, real_images], axis=0)
        labels = tf.concat([tf.ones((count, 1)), tf.zeros((count, 1))], axis=0)
        labels += 0.05 * tf.random.uniform(tf.shape(labels))
        with tf.GradientTape() as tape:
            d_loss = self.loss_fn(labels, self.discriminator(combined))
        grads = tape.gradient(d_loss, self.discriminator.trainable_weights)
        self.d_optimizer.apply_gradients(
            zip(grads, self.discriminator.trainable_weights, strict=True)
        )
        latent = tf.random.normal(shape=(count, self.latent_dim))
        with tf.GradientTape() as tape:
            g_loss = self.loss_fn(tf.zeros((count, 1)), self.discriminator(self.generator(latent)))
        grads = tape.gradient(g_loss, self.generator.trainable_weights)
        self.g_optimizer.apply_gradients(zip(grads, self.generator.trainable_weights, strict=True))
        self.d_loss_metric.update_state(d_loss)
        self.g_loss_metric.update_state(g_loss)
        return {"d_loss": self.d_loss_metric.result(), "g_loss": self.g_loss_metric.result()}


def test_a_gan():
    judge = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1),
        ]
    )
    maker = keras.Sequential(
        [
            keras.Input((6,)),
            layers.Dense(48),
            layers.Reshape((4, 4, 3)),
            layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="sigmoid"),
        ]
    )
    gan = GAN(judge, maker, 6)
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    gan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), loss)
    before = [model.get_weights()[0] for model in (judge, maker)]
    pictures = RNG.random((16, 8, 8, 1)).astype("f4")
    data = tf.data.Dataset.from_tensor_slices(pictures).shuffle(16).batch(8)
    history = gan.fit(data, epochs=2, verbose=0).history
    assert set(history) == {"d_loss", "g_loss"} and len(history["d_loss"]) == 2
    after = [model.get_weights()[0] for model in (judge, maker)]
    assert not any(np.array_equal(a, b) for a, b in zip(before, after, strict=True))
    assert keras.utils.array_to_img(maker(np.ones((1, 6), "f4"))[0] * 255).size == (8, 8)


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_var = inputs
        shape = (tf.shape(mean)[0], tf.shape(mean)[1])
        return mean + tf.exp(0.5 * log_var) * keras.random.normal(shape)


class VAE(keras.Model):
    def __init__(self, encoder, decoder, **options):
        super().__init__(**options)
        self.encoder, self.decoder = encoder, decoder
        self.tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.tracker]

    def train_step(self, data):
        with tf.GradientTape() as tape:
            mean, log_var, z = self.encoder(data)
            each = keras.losses.binary_crossentropy(data, self.decoder(z))
            kl = -0.5 * (1 + log_var - tf.square(mean) - tf.exp(log_var))
            total = tf.reduce_sum(each) / 16 + tf.reduce_mean(tf.reduce_sum(kl, axis=1))
        grads = tape.gradient(total, self.trainable_weights)
        self.optimizer.apply_gradients(zip(grads, self.trainable_weights, strict=True))
        self.tracker.update_state(total)
        return {"loss": self.tracker.result()}


def test_a_variational_autoencoder():
    x = keras.Input((6,))
    h = layers.Dense(8, activation="relu")(x)
    mean, log_var = layers.Dense(2)(h), layers.Dense(2)(h)
    encoder = keras.Model(x, [mean, log_var, Sampling()([mean, log_var])])
    z = keras.Input((2,))
    decoder = keras.Model(z, layers.Dense(6, activation="sigmoid")(z))
    vae = VAE(encoder, decoder)
    vae.compile(optimizer=keras.optimizers.Adam(0.01))
    rows = (RNG.random((64, 6)) > 0.3).astype("f4")
    losses = vae.fit(rows, epochs=8, batch_size=16, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    assert [a.shape for a in vae.encoder.predict(rows, verbose=0)] == [(64, 2)] * 3


def test_from_sequence_to_sequence():
    x, start = keras.Input((None, 5)), keras.Input((None, 4))
    _, *states = layers.LSTM(6, return_state=True)(x)
    decoder = layers.LSTM(6, return_sequences=True, return_state=True)
    sequence, _, _ = decoder(start, initial_state=states)
    dense = layers.Dense(4, activation="softmax")
    model = keras.Model([x, start], dense(sequence))
    model.compile("rmsprop", "categorical_crossentropy", metrics=["accuracy"])
    a, b = RNG.random((12, 5, 5)), np.eye(4)[RNG.integers(0, 4, (12, 3))]
    model.fit([a, b], b, batch_size=4, validation_split=0.25, verbose=0)
    reader = keras.Model(model.input[0], model.layers[2].output[1:])
    h, c = keras.Input((6,)), keras.Input((6,))
    y, h2, c2 = decoder(start, initial_state=[h, c])
    writer = keras.Model([start, h, c], [dense(y), h2, c2])
    found = reader.predict(a, verbose=0)
    steps = []
    for t in range(3):
        step, *found = writer.predict([b[:, t : t + 1], *found], verbose=0)
        steps.append(step)
    whole = model.predict([a, b], verbose=0)
    np.testing.assert_allclose(np.concatenate(steps, 1), whole, rtol=1e-4, atol=1e-6)


def test_where_a_network_looks():
    model = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(4, 3, activation="relu", name="last_conv"),
            layers.Flatten(),
            layers.Dense(2, activation="softmax"),
        ]
    )
    both = keras.Model(model.inputs, [model.get_layer("last_conv").output, model.layers[-1].output])
    with tf.GradientTape() as tape:
        maps, found = both(RNG.random((1, 8, 8, 3)).astype("f4"))
        score = found[:, tf.argmax(found[0])]
    pooled = tf.reduce_mean(tape.gradient(score, maps), axis=(0, 1, 2))
    heat = tf.squeeze(maps[0] @ pooled[..., tf.newaxis])
    heat = tf.maximum(heat, 0) / (tf.math.reduce_max(heat) + 1e-9)
    assert heat.numpy().shape == (6, 6)

"""Programs that make the tutorials' calls on Fashion-MNIST; each text runs from top to bottom."""

TF_KERAS = """
from dezero import tf

clothes = tf.keras.datasets.fashion_mnist
(x, t), (x_test, t_test) = clothes.load_data()
x = x / 255.0
x_test = x_test / 255.0

net = tf.keras.models.Sequential([
    tf.keras.layers.Flatten(input_shape=(28, 28)),
    tf.keras.layers.Dense(128, activation=tf.nn.relu),
    tf.keras.layers.Dense(10, activation=tf.nn.softmax),
])
net.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
net.fit(x, t, epochs=5)
net.evaluate(x_test, t_test)
guesses = net.predict(x_test)
print('guessed', list(guesses[0]).index(max(guesses[0])), 'is', t_test[0])


class Enough(tf.keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs={}):
        if logs.get('accuracy') > 0.0:
            print('enough')
            self.model.stop_training = True


net.compile(optimizer='adam', loss='sparse_categorical_crossentropy', metrics=['accuracy'])
stopped = net.fit(x, t, epochs=50, callbacks=[Enough()])
"""

DEEP = """
from dezero import keras
from sklearn.model_selection import train_test_split

(pictures, kinds), _ = keras.datasets.fashion_mnist.load_data()
flat = (pictures / 255.0).reshape(-1, 28 * 28)
x, x_val, t, t_val = train_test_split(flat, kinds, test_size=0.2, random_state=42)

first = keras.layers.Dense(100, activation='sigmoid', input_shape=(784,))
last = keras.layers.Dense(10, activation='softmax')
net = keras.Sequential([first, last])
net.summary()
net = keras.Sequential([
    keras.layers.Dense(100, activation='sigmoid', input_shape=(784,), name='hidden'),
    keras.layers.Dense(10, activation='softmax', name='output'),
], name='옷을 가르는 모델')
net.summary()
net.compile(loss='sparse_categorical_crossentropy', metrics='accuracy')
net.fit(x, t, epochs=5)

net = keras.Sequential()
net.add(keras.layers.Flatten(input_shape=(28, 28)))
net.add(keras.layers.Dense(100, activation='relu'))
net.add(keras.layers.Dense(10, activation='softmax'))
net.summary()
x, x_val = x.reshape(-1, 28, 28), x_val.reshape(-1, 28, 28)
scores = {}
for optimizer in (
    'sgd',
    keras.optimizers.SGD(),
    keras.optimizers.SGD(learning_rate=0.1),
    keras.optimizers.SGD(momentum=0.9, nesterov=True),
    keras.optimizers.Adagrad(),
    keras.optimizers.RMSprop(),
    'adam',
):
    net.compile(optimizer=optimizer, loss='sparse_categorical_crossentropy', metrics='accuracy')
    net.fit(x, t, epochs=2, verbose=0)
    scores[str(optimizer)] = net.evaluate(x_val, t_val)
"""

ONE_HOT = """
from dezero import keras
from dezero.keras import layers
import matplotlib
matplotlib.use('TkAgg')
import matplotlib.pyplot as plt

(x, t), (x_test, t_test) = keras.datasets.fashion_mnist.load_data()
x = x.reshape((len(x), 28 * 28)).astype('float32') / 255
x_test = x_test.reshape((len(x_test), 28 * 28)).astype('float32') / 255
t = keras.utils.to_categorical(t)
t_test = keras.utils.to_categorical(t_test)

net = keras.Sequential()
net.add(layers.Dense(256, activation='relu', input_shape=(784,)))
net.add(layers.Dropout(0.3))
net.add(layers.Dense(128, activation='relu'))
net.add(layers.Dense(10, activation='softmax'))
net.compile(optimizer='adam', loss='categorical_crossentropy', metrics=['accuracy'])
past = net.fit(x, t, epochs=10, batch_size=128, validation_split=0.2)
test_loss, test_accuracy = net.evaluate(x_test, t_test)
print(f'accuracy {test_accuracy:.4f}')

plt.plot(past.history['accuracy'], label='seen')
plt.plot(past.history['val_accuracy'], label='unseen')
plt.xlabel('epoch')
plt.ylabel('accuracy')
plt.legend()
plt.title('What was learnt')
plt.grid()
plt.show()
"""

EARLY = """
from dezero import keras
from dezero.keras.callbacks import EarlyStopping

keras.backend.clear_session()
net = keras.models.Sequential()
net.add(keras.layers.Input(shape=(8,)))
net.add(keras.layers.Dense(32, activation='relu'))
net.add(keras.layers.Dense(1, activation='sigmoid'))
net.compile(loss='binary_crossentropy', metrics=['accuracy'], optimizer='adam')
net.summary()

(x, t), _ = keras.datasets.mnist.load_data()
x = x.reshape(-1, 784)
x = (x - x.min()) / (x.max() - x.min())
t = keras.utils.to_categorical(t)

keras.backend.clear_session()
net = keras.models.Sequential()
net.add(keras.layers.Input(shape=(784,)))
net.add(keras.layers.Dense(256, activation='relu'))
net.add(keras.layers.Dense(256, activation='relu'))
net.add(keras.layers.Dense(10, activation='softmax'))
net.compile(loss=keras.losses.binary_crossentropy, metrics=['accuracy'], optimizer='adam')
net.summary()
stop = EarlyStopping(monitor='val_loss', min_delta=0, patience=5, verbose=1,
                     restore_best_weights=True)
past = net.fit(x, t, validation_split=0.2, callbacks=[stop], verbose=1, epochs=50)
"""

"""Programs that make the tutorials' calls on folders of cats and dogs."""

BEFORE = """
import os
from dezero.keras import layers, models, optimizers
from dezero.keras.preprocessing import image
from dezero.keras.preprocessing.image import ImageDataGenerator
import matplotlib.pyplot as plt
"""

PLAIN = (
    BEFORE
    + """
net = models.Sequential()
net.add(layers.Conv2D(8, (3, 3), activation='relu', input_shape=(50, 50, 3)))
net.add(layers.MaxPooling2D((2, 2)))
net.add(layers.Flatten())
net.add(layers.Dense(1, activation='sigmoid'))
net.compile(loss='binary_crossentropy', optimizer='rmsprop', metrics=['acc'])

scaled = ImageDataGenerator(rescale=1./255)
seen = scaled.flow_from_directory(
    train_dir, target_size=(50, 50), batch_size=20, class_mode='binary')
unseen = scaled.flow_from_directory(
    validation_dir, target_size=(50, 50), batch_size=20, class_mode='binary')
for pictures, kinds in seen:
    print(pictures.shape, kinds.shape)
    break
past = net.fit_generator(
    seen, steps_per_epoch=100, epochs=30, validation_data=unseen, validation_steps=50)

epochs = range(1, len(past.history['acc']) + 1)
plt.plot(epochs, past.history['acc'], 'bo', label='seen')
plt.plot(epochs, past.history['val_acc'], 'b', label='unseen')
plt.title('accuracy')
plt.legend()
plt.figure()
plt.plot(epochs, past.history['loss'], 'bo', label='seen')
plt.plot(epochs, past.history['val_loss'], 'b', label='unseen')
plt.title('loss')
plt.legend()
plt.show()
"""
)

VARIED = (
    BEFORE
    + """
varied = ImageDataGenerator(
    rotation_range=20, width_shift_range=0.1, height_shift_range=0.1, shear_range=0.1,
    zoom_range=0.1, horizontal_flip=True, fill_mode='nearest')
cats = os.path.join(train_dir, 'cats')
names = sorted(os.path.join(cats, name) for name in os.listdir(cats))
x = image.img_to_array(image.load_img(names[3], target_size=(150, 150)))
x = x.reshape((1,) + x.shape)
shown = 0
for batch in varied.flow(x, batch_size=1):
    plt.figure(shown)
    plt.imshow(image.array_to_img(batch[0]))
    shown += 1
    if shown % 4 == 0:
        break
plt.show()

net = models.Sequential()
for filters in (8, 16):
    net.add(layers.Conv2D(filters, (3, 3), activation='relu', input_shape=(50, 50, 3)))
    net.add(layers.MaxPooling2D((2, 2)))
net.add(layers.Flatten())
net.add(layers.Dropout(0.5))
net.add(layers.Dense(16, activation='relu'))
net.add(layers.Dense(1, activation='sigmoid'))
net.compile(loss='binary_crossentropy',
            optimizer=optimizers.RMSprop(learning_rate=1e-4), metrics=['acc'])
seen = ImageDataGenerator(
    rescale=1./255, rotation_range=40, width_shift_range=0.2, height_shift_range=0.2,
    shear_range=0.2, zoom_range=0.2, horizontal_flip=True,
).flow_from_directory(train_dir, target_size=(50, 50), batch_size=32, class_mode='binary')
unseen = ImageDataGenerator(rescale=1./255).flow_from_directory(
    validation_dir, target_size=(50, 50), batch_size=32, class_mode='binary')
past = net.fit(
    seen, steps_per_epoch=100, epochs=100, validation_data=unseen, validation_steps=50)
"""
)

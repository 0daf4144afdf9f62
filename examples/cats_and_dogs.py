"""Tell cats from dogs by few pictures: learnt by heart, then varied by chance, by dezero.keras.

    python examples/cats_and_dogs.py
    python examples/cats_and_dogs.py --data FOLDER

A folder has train/ and validation/, and a folder of pictures for either kind in both. Without one
the pictures are drawn. The network, its optimizer and how pictures are varied are those of the
tutorials on overfitting: trained on a few pictures as they are it soon knows these by heart; shown
another variation each time, and with dropout, it learns what the kinds have in common.
"""

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from devices import add_device, place
from drawn_pets import draw_folders

from dezero import keras
from dezero.inspection import plot_panels
from dezero.keras import layers, models, optimizers
from dezero.keras.preprocessing import image
from dezero.keras.preprocessing.image import DirectoryIterator, ImageDataGenerator

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp")
# Drawn pictures of each kind, to learn from and for validation.
PICTURES = (30, 75)
EPOCHS, STEPS, SIDE = 8, 30, 150
VARIATIONS = {
    "rotation_range": 40, "width_shift_range": 0.2, "height_shift_range": 0.2,
    "shear_range": 0.2, "zoom_range": 0.2, "horizontal_flip": True,
}  # fmt: skip


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--data", type=Path, help="folder of pictures; by default they are drawn")
    add(
        "--pictures",
        type=int,
        default=PICTURES[0],
        help="drawn for each kind to learn from",
    )
    add("--epochs", type=int, default=EPOCHS, help="of either training")
    add("--steps", type=int, default=STEPS, help="batches per epoch")
    add("--side", type=int, default=SIDE, help="pixels that pictures are shrunk to, 48 at least")
    add_device(parser)
    add("--seed", type=int, default=0, help="of weights, order, dropout and variations")
    add("--out", type=Path, default=Path("runs/cats_and_dogs"), help="folder for results")
    add("--quick", action="store_true", help="a few seconds on few small pictures, to try it out")
    return parser.parse_args()


def build_model(side: int, dropout: bool) -> Any:
    """Return the tutorials' network, compiled."""
    model = models.Sequential()
    model.add(layers.Conv2D(32, (3, 3), activation="relu", input_shape=(side, side, 3)))
    model.add(layers.MaxPooling2D((2, 2)))
    for filters in (64, 128, 128):
        model.add(layers.Conv2D(filters, (3, 3), activation="relu"))
        model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    if dropout:
        model.add(layers.Dropout(0.5))
    model.add(layers.Dense(512, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    optimizer = optimizers.RMSprop(learning_rate=1e-4)
    model.compile(loss="binary_crossentropy", optimizer=optimizer, metrics=["acc"])
    return model


def batches(folder: Path, side: int, size: int, **variations: Any) -> DirectoryIterator:
    """Return the folder's pictures in batches, endlessly, varied as asked."""
    generator = ImageDataGenerator(rescale=1.0 / 255, **variations)
    return generator.flow_from_directory(
        folder, target_size=(side, side), batch_size=size, class_mode="binary"
    )


def learn(
    data: Path,
    varied: bool,
    *,
    epochs: int = EPOCHS,
    steps: int = STEPS,
    side: int = SIDE,
    verbose: Any = 1,
    device: str = "cpu",
) -> dict[str, list[float]]:
    """Train the network on the pictures as they are, or varied and with dropout.

    Args:
        data: folder with train and validation.
        varied: whether each picture is varied by chance whenever it is shown.
        epochs: number of epochs.
        steps: batches per epoch.
        side: pixels of width and height.
        verbose: as `fit` takes it.
        device: "cpu", "gpu", or "auto" for a GPU if there is one.
    Returns:
        acc, loss, val_acc and val_loss of each epoch.
    """
    seen = batches(data / "train", side, 32 if varied else 20, **(VARIATIONS if varied else {}))
    unseen = batches(data / "validation", side, 50)  # these are never varied
    model = build_model(side, dropout=varied)
    place(device, model)
    options = {"steps_per_epoch": steps, "epochs": epochs, "verbose": verbose}
    return model.fit(seen, validation_data=unseen, **options).history


def draw_curves(histories: dict[str, dict[str, list[float]]], path: Path, title: str) -> None:
    """Draw accuracy and loss of either training: dots while training, a line for validation."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.6, 6.4), layout="constrained")
    panels = figure.subplots(2, 2, sharex="col", sharey="row")
    for (name, history), column in zip(histories.items(), panels.T, strict=True):
        for axes, key, word in zip(column, ("acc", "loss"), ("accuracy", "loss"), strict=True):
            epochs = range(1, len(history[key]) + 1)
            axes.plot(epochs, history[key], "bo", markersize=4, label="training")
            axes.plot(epochs, history[f"val_{key}"], "b", label="validation")
            axes.set(title=f"{name}: {word}", ylabel=word)
            axes.grid(alpha=0.3)
        column[-1].set_xlabel("epoch")
        column[-1].xaxis.get_major_locator().set_params(integer=True)
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    figure.suptitle(title)
    figure.savefig(path, dpi=120)


def draw_variations(data: Path, side: int, path: Path) -> None:
    """Draw a picture of either kind, and beside it some of its variations."""
    generator = ImageDataGenerator(**VARIATIONS)
    panels = {}
    for folder in sorted(path for path in (data / "train").iterdir() if path.is_dir()):
        name = min(file for file in folder.iterdir() if file.suffix.lower() in SUFFIXES)
        x = image.img_to_array(image.load_img(name, target_size=(side, side)))
        shown = [x]
        for batch in generator.flow(x.reshape((1, *x.shape)), batch_size=1):
            shown.append(batch[0])
            if len(shown) == 8:
                break
        panels[f"{folder.name}: {name.name}, then variations of it"] = np.stack(shown) / 255
    plot_panels(panels, path, columns=4, scale=2 if side < 100 else 1)


def main() -> None:
    """Train twice, print and draw."""
    args = parse_arguments()
    keras.utils.set_random_seed(args.seed)
    side, epochs, steps = (48, 2, 2) if args.quick else (args.side, args.epochs, args.steps)
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.data
    if data is None:
        data = args.out / "pictures"
        draw_folders(data, (8, 8) if args.quick else (args.pictures, PICTURES[1]))
    histories = {}
    for name, varied in (("as they are", False), ("varied, with dropout", True)):
        print(f"Pictures {name}")
        began = time.perf_counter()
        options = {"epochs": epochs, "steps": steps, "side": side, "device": args.device}
        history = learn(data, varied, **options)
        histories[name] = history
        print(
            f"Pictures {name}: accuracy {history['acc'][-1]:.3f} in training, "
            f"{history['val_acc'][-1]:.3f} on unseen pictures, "
            f"{time.perf_counter() - began:.0f} s"
        )
    draw_curves(histories, args.out / "curves.png", f"Cats and dogs, {epochs * steps} batches")
    draw_variations(data, side, args.out / "variations.png")
    print(f"pictures are in {args.out}")


if __name__ == "__main__":
    main()

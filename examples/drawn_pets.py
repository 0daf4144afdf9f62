"""Folders of drawn cats and dogs, JPEG of 150 by 150, for the examples that tell them apart.

python examples/drawn_pets.py

The animals differ in their ears alone, pointed and upright or round and hanging. Colour, pattern,
size, place, tilt, tail, what is behind them and what lies around are drawn by chance for both.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

CLASSES = ("cats", "dogs")
PARTS = ("train", "validation", "test")
# Everything is drawn this much larger and shrunk, so that edges are smooth.
FINE = 2

FURS = np.array([
    (226, 214, 196), (206, 164, 110), (236, 232, 226), (196, 140, 84), (186, 186, 194),
    (214, 150, 96),
])  # fmt: skip
Points = Sequence[tuple[float, float]]


class Animal:
    """A pen in the animal's own measures: the head's radius is 1, y goes up, the head at (0, 0)."""

    def __init__(self, picture: Image.Image, rng: np.random.Generator) -> None:
        side = picture.size[0]
        self.pen = ImageDraw.Draw(picture)
        self.unit = side * rng.uniform(0.17, 0.25)
        self.place = side * np.array([rng.uniform(0.3, 0.7), rng.uniform(0.45, 0.68)])
        turn = np.deg2rad(rng.uniform(-45, 45))
        turned = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        self.matrix = turned * np.array([rng.choice([-1.0, 1.0]), -1.0]) * self.unit

    def shape(self, points: Points, colour: np.ndarray) -> None:
        """Fill a polygon."""
        places = np.asarray(points) @ self.matrix.T + self.place
        self.pen.polygon([tuple(place) for place in places.tolist()], tuple(colour.tolist()))

    def blob(
        self, centre: Sequence[float], radii: Sequence[float], colour: np.ndarray, lean: float = 0.0
    ) -> None:
        """Fill an ellipse that leans by an angle."""
        angle = np.linspace(0, 2 * np.pi, 40)
        circle = np.stack([np.cos(angle) * radii[0], np.sin(angle) * radii[1]], axis=1)
        cos, sin = np.cos(lean), np.sin(lean)
        points = circle @ np.array([[cos, sin], [-sin, cos]]) + np.asarray(centre)
        self.shape(points.tolist(), colour)

    def line(self, points: Points, width: float, colour: np.ndarray) -> None:
        """Draw a line with round ends."""
        for point in points:
            self.blob(point, (width, width), colour)
        for (x, y), (u, v) in zip(points, points[1:], strict=False):
            across = np.array([y - v, u - x]) * (width / max(np.hypot(u - x, v - y), 1e-9))
            corners = [(x, y) + across, (u, v) + across, (u, v) - across, (x, y) - across]
            self.shape([tuple(corner) for corner in corners], colour)


def tinted(rng: np.random.Generator, colour: np.ndarray, spread: float) -> np.ndarray:
    """Return a colour like this one."""
    return (colour + rng.normal(0, spread, 3)).clip(0, 255).astype(int)


def surroundings(rng: np.random.Generator, side: int) -> Image.Image:
    """Draw a wall and a floor, and things on them."""
    wall, floor = (rng.uniform(20, 90, 3) for _ in range(2))
    shade = rng.normal(0, 8, 3) * np.linspace(-1, 1, side)[:, None, None]
    ground = np.arange(side)[:, None, None] > side * rng.uniform(0.55, 0.9)
    pixels = np.where(ground, floor, wall) + shade + rng.normal(0, 1, (side, side, 1))
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(rng.integers(3, 10)):
        centre, size = rng.uniform(0, side, 2), side * rng.uniform(0.03, 0.22)
        colour = tuple(rng.integers(10, 110, 3).tolist())
        corners = rng.integers(3, 7)
        if rng.random() < 0.4:
            pen.ellipse([*(centre - size), *(centre + size * rng.uniform(0.3, 1, 2))], colour)
        else:
            angle = np.sort(rng.uniform(0, 2 * np.pi, corners))
            points = centre + size * np.stack([np.cos(angle), np.sin(angle)], axis=1)
            pen.polygon([tuple(point) for point in points.tolist()], colour)
    return picture.filter(ImageFilter.GaussianBlur(rng.uniform(0, 2)))


def body(animal: Animal, rng: np.random.Generator, fur: np.ndarray, dark: np.ndarray) -> None:
    """Draw what is below the head: tail, trunk, legs, and stripes or spots."""
    bend = rng.normal(0, 0.7, 4).cumsum()
    tail = [(0.9 + 0.35 * i, -2.6 + 0.5 * i + 0.25 * bend[i]) for i in range(4)]
    animal.line(tail, rng.uniform(0.1, 0.24), fur)
    wide, high = rng.uniform(0.9, 1.3), rng.uniform(1.2, 1.7)
    animal.blob((0, -1.9), (wide, high), fur)
    for x in (-0.55, 0.45):
        animal.line([(x, -2.2), (x + rng.normal(0, 0.1), -3.4)], 0.26, fur)
    pattern = rng.random()
    for _ in range(int(rng.integers(3, 8))):
        x, y = rng.uniform(-0.6, 0.6), rng.uniform(-3, -1)
        if pattern < 0.35:
            animal.line([(x - 0.3, y), (x + 0.3, y + rng.normal(0, 0.1))], 0.06, dark)
        elif pattern < 0.65:
            animal.blob((x, y), rng.uniform(0.1, 0.35, 2), dark)


def ears(animal: Animal, rng: np.random.Generator, kind: str, colours: tuple) -> None:
    """Draw the one thing in which the animals differ."""
    fur, dark, pink = colours
    inside = (dark, pink)[rng.integers(2)]
    size, spread = rng.uniform(0.9, 1.3), rng.uniform(0.9, 1.1)
    for sign in (-1, 1):
        lean = sign * rng.normal(0.1, 0.12)
        if kind == "cats":
            base = np.array([(sign * 0.15, 0.85), (sign * 0.95, 0.4)]) * spread
            tip = np.array([sign * 0.75 * spread + 0.5 * lean, 0.55 + 0.95 * size])
            animal.shape([*map(tuple, base), tuple(tip)], fur)
            middle = (base.sum(axis=0) + tip) / 3
            inner = [middle + 0.55 * (corner - middle) for corner in (*base, tip)]
            animal.shape([tuple(corner) for corner in inner], inside)
        else:
            place = (sign * 0.95 * spread, 0.1 - 0.1 * size)
            animal.blob(place, (0.32 * size, 0.72 * size), fur, sign * 0.25 + lean)


def head(animal: Animal, rng: np.random.Generator, colours: tuple) -> None:
    """Draw a round head with eyes, a muzzle and whiskers, the same for both."""
    fur, dark, pink = colours
    animal.blob((0, 0), (1, rng.uniform(0.85, 1.0)), fur)
    if rng.random() < 0.4:
        animal.blob((rng.uniform(-0.4, 0.4), 0.35), rng.uniform(0.2, 0.45, 2), dark)
    pale = tinted(rng, fur + 35.0, 6)
    animal.blob((0, -0.42), (rng.uniform(0.4, 0.55), 0.36), pale)
    iris = tinted(rng, np.array([110, 130, 70]), 40)
    gap, black = rng.uniform(0.34, 0.46), np.array([15, 15, 18])
    for sign in (-1, 1):
        animal.blob((sign * gap, 0.16), (0.17, rng.uniform(0.12, 0.19)), iris)
        animal.blob((sign * gap, 0.16), (rng.uniform(0.05, 0.12), 0.12), black)
        if rng.random() < 0.5:
            for rise in (-0.1, 0.05, 0.2):
                end = (sign * rng.uniform(0.9, 1.3), -0.45 + rise * 1.6)
                animal.line([(sign * 0.3, -0.4 + 0.3 * rise), end], 0.02, pale)
    nose = pink if rng.random() < 0.5 else black
    animal.blob((0, -0.25), (rng.uniform(0.1, 0.18), 0.1), nose)
    animal.line([(-0.2, -0.52), (0, -0.62), (0.2, -0.52)], 0.03, black)


def pet(kind: str, rng: np.random.Generator, side: int = 150) -> Image.Image:
    """Draw a cat or a dog, one of `CLASSES`, `side` pixels wide and high."""
    picture = surroundings(rng, side * FINE)
    fur = tinted(rng, FURS[rng.integers(len(FURS))], 14)
    dark = tinted(rng, fur * rng.uniform(0.45, 0.8), 6)
    colours = (fur, dark, tinted(rng, np.array([216, 150, 150]), 12))
    animal = Animal(picture, rng)
    body(animal, rng, fur, dark)
    if kind == "cats":
        ears(animal, rng, kind, colours)
        head(animal, rng, colours)
    else:
        head(animal, rng, colours)
        ears(animal, rng, kind, colours)
    small = picture.resize((side, side), Image.Resampling.BOX)
    noise = rng.normal(0, rng.uniform(2, 9), (side, side, 3)) + rng.normal(0, 6)
    pixels = np.asarray(small) + noise
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def draw_folders(
    root: Path, counts: Sequence[int], *, seed: int = 0, side: int = 150
) -> dict[str, Path]:
    """Write root/train/cats/cat.0.jpg and so on.

    Args:
        root: folder to make them in.
        counts: pictures of each class in train, validation and test.
        seed: of the random numbers; each picture has its own, so that more pictures begin with
            the same ones.
        side: width and height in pixels.
    Returns:
        The folder of each part that has pictures.
    """
    folders = {}
    for part, count in enumerate(counts):
        for number, kind in enumerate(CLASSES if count else ()):
            folder = folders[PARTS[part]] = root / PARTS[part]
            (folder / kind).mkdir(parents=True, exist_ok=True)
            for i in range(count):
                picture = pet(kind, np.random.default_rng([seed, part, number, i]), side)
                picture.save(folder / kind / f"{kind[:-1]}.{i}.jpg", quality=90)
    return folders


def sheet(folder: Path, columns: int = 8) -> Image.Image:
    """Return the first pictures of both classes side by side."""
    rows = []
    for kind in CLASSES:
        paths = [folder / kind / f"{kind[:-1]}.{i}.jpg" for i in range(2 * columns)]
        pictures = [np.asarray(Image.open(path)) for path in paths if path.exists()]
        rows += [np.hstack(pictures[i : i + columns]) for i in range(0, len(pictures), columns)]
    width = min(row.shape[1] for row in rows)
    return Image.fromarray(np.vstack([row[:, :width] for row in rows]))


def main() -> None:
    """Write the folders, and a sheet of the first pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--train", type=int, default=1000, help="pictures of each class")
    parser.add_argument("--validation", type=int, default=500, help="pictures of each class")
    parser.add_argument("--test", type=int, default=0, help="pictures of each class")
    parser.add_argument("--side", type=int, default=150, help="pixels")
    parser.add_argument("--seed", type=int, default=0, help="of the random numbers")
    parser.add_argument("--quick", action="store_true", help="16 and 8 pictures of each class")
    parser.add_argument("--out", type=Path, default=Path("runs/drawn_pets"), help="folder")
    args = parser.parse_args()
    counts = (16, 8, 0) if args.quick else (args.train, args.validation, args.test)
    folders = draw_folders(args.out, counts, seed=args.seed, side=args.side)
    for part, folder in folders.items():
        print(f"{part}: {sum(1 for _ in folder.rglob('*.jpg'))} pictures in {folder}")
    first = next(iter(folders.values()))
    sheet(first).save(args.out / "sheet.png")
    print(f"The first of them are side by side in {args.out / 'sheet.png'}")


if __name__ == "__main__":
    main()

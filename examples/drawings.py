"""Two pictures drawn by code, for the other examples: a house by a lake, and a swirl of strokes.

python examples/drawings.py
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

# Everything is drawn four times as large and shrunk, so that edges are smooth.
FINE = 4

SKY, SUN, ROCK, SNOW = (176, 206, 230), (250, 226, 130), (128, 142, 170), (236, 240, 246)
GRASS, LAKE, WAVE, WALL = (104, 150, 90), (84, 128, 172), (128, 168, 200), (214, 196, 160)
ROOF, WOOD, GLASS, LEAF = (158, 62, 50), (96, 62, 44), (70, 90, 120), (58, 110, 60)
PALETTE = np.array([
    (20, 34, 90), (36, 72, 150), (74, 124, 190), (150, 190, 214), (236, 206, 96), (240, 160, 40),
])  # fmt: skip

# Polygons in hundredths of the side, from back to front.
LANDSCAPE = (
    (ROCK, "0,58 22,24 40,48 58,30 84,58 100,46 100,62 0,62"),
    (SNOW, "22,24 16.5,33 21,31 24,35 28.5,32"),
    (SNOW, "58,30 52,36.5 57,36 60,39 65,36.5"),
    (GRASS, "0,60 30,55 60,59 100,56 100,78 0,86"),
    (LAKE, "0,83 34,77 100,75 100,100 0,100"),
    (WAVE, "10,90 52,87 60,88 20,91.5"),
    (WAVE, "50,94 92,92 96,93 60,95.5"),
    (WALL, "46,52 72,52 72,75 46,75"),
    (ROOF, "42,53 59,38 76,53"),
    (ROOF, "66,38 69.5,38 69.5,47 66,44"),
    (WOOD, "56,62 63,62 63,75 56,75"),
    (GLASS, "49,57 53,57 53,63 49,63"),
    (GLASS, "66,57 70,57 70,63 66,63"),
    (WOOD, "20,60 24,60 25,80 19,80"),
)
CIRCLES = ((SUN, 76, 20, 8), (LEAF, 22, 48, 10), (LEAF, 15, 54, 8), (LEAF, 29, 54, 8))
# Centres of the swirl, the way each turns, and how far it glows.
CENTRES = np.array([(0.3, 0.32), (0.74, 0.58), (0.2, 0.86)])
TURNS, GLOWS = np.array([1, -1, 1]), np.array([0.012, 0.008, 0.006])


def landscape(side: int) -> Image.Image:
    """Draw a house by a lake, `side` pixels wide and high."""
    unit = side * FINE / 100
    picture = Image.new("RGB", (side * FINE, side * FINE), SKY)
    pen = ImageDraw.Draw(picture)
    for colour, points in LANDSCAPE:
        corners = (corner.split(",") for corner in points.split())
        pen.polygon([(float(x) * unit, float(y) * unit) for x, y in corners], colour)
    for colour, x, y, r in CIRCLES:
        pen.ellipse([(x - r) * unit, (y - r) * unit, (x + r) * unit, (y + r) * unit], colour)
    return picture.resize((side, side), Image.Resampling.BOX)


def strokes(side: int, seed: int = 0) -> Image.Image:
    """Draw 2600 short strokes that turn around three lights, in the colours of a night."""
    rng = np.random.default_rng(seed)
    picture = Image.new("RGB", (side * FINE, side * FINE), (24, 40, 92))
    pen = ImageDraw.Draw(picture)
    point = rng.uniform(-0.05, 1.05, (2600, 2))
    away = ((point[:, None] - CENTRES) ** 2).sum(axis=2)  # (2600, 3)
    shade = 6 * np.exp(-away / GLOWS).max(axis=1) + rng.normal(1.2, 0.6, 2600)
    shade += np.sin(5 * point[:, 0] + 9 * point[:, 1])
    colours = PALETTE[shade.clip(0, 5).astype(int)] + rng.normal(0, 10, (2600, 3))
    paths = [point]
    for _ in range(6):
        arm = paths[-1][:, None] - CENTRES  # (2600, 3, 2)
        pull = TURNS[:, None] / ((arm**2).sum(axis=2, keepdims=True) + 0.02)
        round_it = np.stack([-arm[..., 1], arm[..., 0]], axis=2)
        flow = (0.25, 0.05) + 0.2 * (round_it * pull).sum(axis=1)
        paths.append(paths[-1] + 0.012 * flow / np.linalg.norm(flow, axis=1, keepdims=True))
    lines = np.stack(paths, axis=1) * side * FINE  # (2600, 7, 2)
    for i, (line, colour) in enumerate(zip(lines, colours.clip(0, 255).astype(int), strict=True)):
        width = side * FINE * (0.016 if i < 1400 else 0.010)
        pen.line([tuple(p) for p in line], tuple(colour), round(width), joint="curve")
        for end in (line[0], line[-1]):
            pen.ellipse([*(end - width / 2), *(end + width / 2)], tuple(colour))
    return picture.resize((side, side), Image.Resampling.BOX)


def main() -> None:
    """Write both pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n")[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    parser.add_argument("--side", type=int, default=224, help="pixels")
    parser.add_argument("--out", type=Path, default=Path("runs/drawings"), help="folder")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    landscape(args.side).save(args.out / "landscape.png")
    strokes(args.side).save(args.out / "strokes.png")
    print(f"landscape.png and strokes.png are in {args.out}")


if __name__ == "__main__":
    main()

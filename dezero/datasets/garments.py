"""Ten kinds of clothes as functions from a generator to n pictures, each float32 (n, 28, 28).

The numbers are pixels on the 28 by 28 canvas unless they multiply another length. Pictures hold
brightness in [0, 1] before cloth, noise and light, which `synthetic` adds to all classes alike.
"""

from typing import NamedTuple

import numpy as np

from dezero.datasets.raster import (
    COLS,
    ROWS,
    chance,
    cover,
    curve,
    deep,
    draw,
    strip,
    triangle,
    wave,
)

__all__ = ["GARMENTS"]

Rng = np.random.Generator


class Frame(NamedTuple):
    """Where a hanging garment is: its top and bottom row, and the distance from its axis."""

    top: np.ndarray  # (n, 1)
    bottom: np.ndarray  # (n, 1)
    side: np.ndarray  # (n, 28, 28), right is positive
    away: np.ndarray  # (n, 28, 28), its absolute value


def hang(rng: Rng, n: int, top: tuple[float, float], bottom: tuple[float, float]) -> Frame:
    """Place n garments with a random shift, lean and bend of the axis."""
    first, last = draw(rng, n, *top), draw(rng, n, *bottom)
    height = (ROWS - 13.5) / 14.0
    axis = 13.5 + draw(rng, n, -1.5, 1.5) + draw(rng, n, -1.2, 1.2) * height
    axis += draw(rng, n, -0.8, 0.8) * (1.0 - height * height)
    side = COLS - axis[:, :, None]
    return Frame(first, last, side, np.abs(side))


def wide(cols: np.ndarray) -> np.ndarray:
    """Spread a curve over the columns (n, 28) to all rows."""
    return cols[:, None, :]


def torso(
    frame: Frame, neck: tuple[np.ndarray, np.ndarray], *widths: tuple[float, np.ndarray]
) -> np.ndarray:
    """Draw a body by half widths (position, (n, 1)), less a neckline of (half width, depth)."""
    half = curve(frame.top, frame.bottom, *widths)
    hole = neck[0] * (1.0 - (ROWS - frame.top) / neck[1])
    shape = np.minimum(deep(half) - frame.away, frame.away - deep(hole))
    return cover(shape) * deep(strip(frame.top, frame.bottom))


def sleeves(
    rng: Rng, frame: Frame, shoulder: np.ndarray, long: np.ndarray, reach: np.ndarray
) -> np.ndarray:
    """Draw both sleeves from the shoulder down; `reach` (n, 1) is their length in rows."""
    n = len(shoulder)
    start = frame.top + 0.8
    slope = np.where(long, draw(rng, n, 0.10, 0.32), draw(rng, n, 0.45, 0.8)).astype(np.float32)
    width = np.where(long, draw(rng, n, 2.2, 3.2), draw(rng, n, 3.2, 4.4)).astype(np.float32)
    outer = shoulder + 0.4 + slope * (ROWS - start)
    inner = outer - width - np.maximum(0.0, 0.12 * (start + 8.0 - ROWS))
    shape = np.minimum(deep(outer) - frame.away, frame.away - deep(inner))
    return cover(shape) * deep(strip(start, start + reach))


def mark(picture: np.ndarray, where: np.ndarray, strength: np.ndarray) -> None:
    """Brighten (strength > 0) or darken the picture in place where `where` is 1."""
    picture *= 1.0 + where * deep(strength)


def contrast(rng: Rng, n: int, low: float, high: float) -> np.ndarray:
    """Return strengths of either sign: a detail may be lighter or darker than its cloth."""
    size = draw(rng, n, low, high)
    return np.where(chance(rng, n, 0.5), size, -size * np.float32(0.85)).astype(np.float32)


def opening(rng: Rng, frame: Frame, start: np.ndarray, end: np.ndarray) -> np.ndarray:
    """Draw the line down the front where a garment is closed."""
    n = len(start)
    shift = draw(rng, n, -0.5, 0.5)
    half = draw(rng, n, 0.4, 0.9)
    return cover(deep(half) - np.abs(frame.side - deep(shift))) * deep(strip(start, end))


def upper(
    rng: Rng, n: int, bottom: tuple[float, float], long: np.ndarray, neck: tuple[float, float]
) -> tuple[Frame, np.ndarray]:
    """Draw body and sleeves of a T-shirt, pullover, coat or shirt: only lengths tell them apart."""
    frame = hang(rng, n, (2.5, 5.5), bottom)
    length = frame.bottom - frame.top
    shoulder = draw(rng, n, 5.6, 7.8)
    waist = shoulder * draw(rng, n, 0.72, 0.98)
    collar = draw(rng, n, 1.6, 2.8)
    body = torso(
        frame,
        (collar, draw(rng, n, *neck)),
        (0.0, collar + 1.2),
        (0.12, shoulder),
        (0.5, waist),
        (1.0, waist * draw(rng, n, 0.95, 1.18)),
    )
    reach = length * np.where(long, draw(rng, n, 0.72, 0.98), draw(rng, n, 0.22, 0.4))
    arms = sleeves(rng, frame, shoulder, long, reach.astype(np.float32))
    arms *= deep(draw(rng, n, 0.8, 1.05))
    return frame, np.maximum(body, arms, out=body)


def printed(rng: Rng, frame: Frame, picture: np.ndarray, share: float) -> None:
    """Put a block of another shade on the chest of some."""
    n = len(picture)
    middle = frame.top + (frame.bottom - frame.top) * draw(rng, n, 0.3, 0.55)
    tallness = draw(rng, n, 1.0, 3.0)
    block = cover(deep(draw(rng, n, 1.8, 3.8)) - frame.away)
    block *= deep(strip(middle - tallness, middle + tallness))
    mark(picture, block, contrast(rng, n, 0.3, 0.7) * chance(rng, n, share))


def t_shirt(rng: Rng, n: int) -> np.ndarray:
    """Draw n T-shirts: short sleeves, no opening, a print on half of them."""
    frame, picture = upper(rng, n, (21.5, 25.5), chance(rng, n, 0.0), (1.5, 4.5))
    printed(rng, frame, picture, 0.5)
    return picture


def pullover(rng: Rng, n: int) -> np.ndarray:
    """Draw n pullovers: long sleeves, no opening, a ribbed hem, some with a print."""
    frame, picture = upper(rng, n, (21.5, 25.5), chance(rng, n, 1.0), (1.0, 3.0))
    printed(rng, frame, picture, 0.4)
    ribs = deep(strip(frame.bottom - draw(rng, n, 1.5, 3.0), frame.bottom + 1.0))
    mark(picture, ribs, contrast(rng, n, 0.15, 0.35))
    return picture


def coat(rng: Rng, n: int) -> np.ndarray:
    """Draw n coats: long sleeves, lapels and a line down the front."""
    frame, picture = upper(rng, n, (23.0, 27.0), chance(rng, n, 1.0), (2.0, 5.0))
    depth = draw(rng, n, 7.0, 12.0)
    lapel = draw(rng, n, 3.0, 4.4) * (1.0 - (ROWS - frame.top) / depth)
    sign = contrast(rng, n, 0.5, 0.9)
    mark(picture, cover(deep(lapel) - frame.away), sign)
    mark(picture, opening(rng, frame, frame.top + depth * 0.7, frame.bottom + 1.0), sign)
    return picture


def shirt(rng: Rng, n: int) -> np.ndarray:
    """Draw n shirts: sleeves long or short, a collar, a row of buttons and a pocket."""
    frame, picture = upper(rng, n, (21.5, 26.0), chance(rng, n, 0.6), (1.0, 2.5))
    buttons = cover(deep(draw(rng, n, 0.7, 1.3)) - frame.away)
    beat = 1.5 * wave(draw(rng, n, 3.2, 4.2), draw(rng, n, 0.0, 1.0))
    buttons *= deep(cover(beat) * strip(frame.top + 3.0, frame.bottom))
    mark(picture, buttons, contrast(rng, n, 0.6, 1.0))
    collar = cover(deep(draw(rng, n, 3.4, 4.4)) - frame.away)
    collar *= deep(strip(frame.top - 1.0, frame.top + draw(rng, n, 1.6, 2.6)))
    mark(picture, collar, contrast(rng, n, 0.55, 0.95))
    pocket = cover(deep(draw(rng, n, 1.2, 1.8)) - np.abs(frame.side - 3.6))
    row = frame.top + draw(rng, n, 5.0, 7.5)
    pocket *= deep(strip(row, row + draw(rng, n, 2.4, 3.6)))
    mark(picture, pocket, contrast(rng, n, 0.4, 0.8))
    return picture


def dress(rng: Rng, n: int) -> np.ndarray:
    """Draw n dresses: narrow at the waist, with or without sleeves, any skirt."""
    frame = hang(rng, n, (1.0, 4.0), (23.5, 27.0))
    shoulder = draw(rng, n, 3.4, 5.0)
    waist = shoulder * draw(rng, n, 0.6, 0.9)
    hem = draw(rng, n, 3.8, 8.5)
    strap = draw(rng, n, 1.4, 2.4)
    picture = torso(
        frame,
        (strap, draw(rng, n, 2.0, 5.0)),
        (0.0, strap + 1.2),
        (0.1, shoulder),
        (0.38, waist),
        (1.0, hem),
    )
    long = chance(rng, n, 0.35)
    length = frame.bottom - frame.top
    reach = length * np.where(long, draw(rng, n, 0.4, 0.65), draw(rng, n, 0.1, 0.25))
    arms = sleeves(rng, frame, shoulder, long, reach.astype(np.float32))
    np.maximum(picture, arms * deep(chance(rng, n, 0.6)), out=picture)
    line = frame.top + length * draw(rng, n, 0.34, 0.45)
    mark(picture, deep(strip(line, line + draw(rng, n, 0.6, 1.6))), contrast(rng, n, 0.2, 0.6))
    return picture


def trouser(rng: Rng, n: int) -> np.ndarray:
    """Draw n pairs of trousers: two legs and a belt."""
    frame = hang(rng, n, (1.0, 4.0), (22.0, 27.0))
    hip = draw(rng, n, 3.6, 5.6)
    crotch = draw(rng, n, 0.24, 0.4)
    ankle = hip * draw(rng, n, 0.85, 1.3)
    half = curve(frame.top, frame.bottom, (0.0, hip * 0.85), (0.25, hip), (1.0, ankle))
    spread = draw(rng, n, 1.0, 2.6)
    gap = spread * ((ROWS - frame.top) / (frame.bottom - frame.top) - crotch) * 1.8
    gap = np.where(gap > 0.0, gap + 0.2, -1.0).astype(np.float32)
    picture = cover(np.minimum(deep(half) - frame.away, frame.away - deep(gap)))
    picture *= deep(strip(frame.top, frame.bottom))
    belt = deep(strip(frame.top, frame.top + draw(rng, n, 1.0, 2.2)))
    mark(picture, belt, contrast(rng, n, 0.2, 0.5))
    return picture


def bag(rng: Rng, n: int) -> np.ndarray:
    """Draw n bags: a body, a handle, a flap, some with a clasp."""
    frame = hang(rng, n, (8.0, 14.0), (20.0, 26.0))
    broad = draw(rng, n, 6.5, 12.0)
    half = curve(frame.top, frame.bottom, (0.0, broad * draw(rng, n, 0.7, 1.0)), (1.0, broad))
    picture = cover(deep(half) - frame.away) * deep(strip(frame.top, frame.bottom))
    rise = draw(rng, n, 3.0, 8.0)
    ring = broad * draw(rng, n, 0.3, 0.75)
    height = np.maximum(frame.top + 0.5 - ROWS, 0.0) / rise
    radius = np.sqrt((frame.away / deep(ring)) ** 2 + deep(height * height))
    handle = cover(deep(draw(rng, n, 0.6, 1.1)) - np.abs(radius - 1.0) * deep(ring))
    handle *= deep(strip(draw(rng, n, -2.0, -1.0), frame.top))
    np.maximum(picture, handle, out=picture)
    flap = frame.top + (frame.bottom - frame.top) * draw(rng, n, 0.25, 0.6)
    mark(picture, deep(strip(flap, flap + draw(rng, n, 0.6, 1.4))), contrast(rng, n, 0.3, 0.7))
    clasp = cover(deep(draw(rng, n, 0.8, 1.8)) - frame.away) * deep(strip(flap - 1, flap + 2))
    mark(picture, clasp, contrast(rng, n, 0.4, 0.8) * chance(rng, n, 0.6))
    return picture


class Last(NamedTuple):
    """The form a shoe is built on, seen from the side with the toe on the left."""

    toe: np.ndarray  # column (n, 1)
    heel: np.ndarray  # column (n, 1)
    ground: np.ndarray  # row (n, 1)


def last(rng: Rng, n: int, ground: tuple[float, float]) -> Last:
    """Make n lasts of random place and length."""
    toe = draw(rng, n, 1.0, 4.0)
    return Last(toe, toe + draw(rng, n, 20.0, 23.5), draw(rng, n, *ground))


def stand(form: Last, top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Fill between two curves over the columns, from toe to heel."""
    shape = np.minimum(ROWS[:, None] - wide(top), wide(bottom) - ROWS[:, None])
    return cover(shape) * wide(strip(form.toe, form.heel))


def turned(rng: Rng, picture: np.ndarray) -> np.ndarray:
    """Mirror some pictures: shoes point either way."""
    return np.where(deep(chance(rng, len(picture), 0.5)), picture[:, :, ::-1], picture)


def sole(rng: Rng, form: Last, picture: np.ndarray) -> None:
    """Mark the lowest rows of a shoe."""
    n = len(picture)
    band = strip(form.ground - draw(rng, n, 1.2, 2.6), form.ground + 1.0)
    mark(picture, deep(band), contrast(rng, n, 0.3, 0.8))


def sneaker(rng: Rng, n: int) -> np.ndarray:
    """Draw n sneakers: low, with laces and a sole."""
    form = last(rng, n, (18.5, 22.5))
    tip = draw(rng, n, 3.2, 5.0)
    rise = draw(rng, n, 6.5, 10.0)
    back = rise * draw(rng, n, 0.8, 1.05)
    outline = curve(
        form.toe,
        form.heel,
        (0.0, form.ground - tip * 0.6),
        (0.12, form.ground - tip),
        (0.32, form.ground - tip * 1.15),
        (0.62, form.ground - rise),
        (0.8, form.ground - rise * 0.85),
        (1.0, form.ground - back),
    )
    picture = stand(form, outline, np.broadcast_to(form.ground, outline.shape))
    laces = wide(strip(form.toe + 7.0, form.toe + draw(rng, n, 12.0, 14.5)))
    slant = ROWS[:, None] * 0.5 + COLS
    period = deep(draw(rng, n, 2.4, 3.4))
    mark(picture, np.maximum(triangle(slant / period), 0.0) * laces, contrast(rng, n, 0.3, 0.7))
    sole(rng, form, picture)
    return turned(rng, picture)


def boot(rng: Rng, n: int) -> np.ndarray:
    """Draw n ankle boots: a shaft, a cuff, and a heel on most."""
    form = last(rng, n, (23.5, 26.5))
    tip = draw(rng, n, 3.2, 5.0)
    shaft = draw(rng, n, 13.5, 21.0)
    outline = curve(
        form.toe,
        form.heel,
        (0.0, form.ground - tip * 0.6),
        (0.12, form.ground - tip),
        (0.36, form.ground - tip * 1.4),
        (0.52, form.ground - shaft * 0.6),
        (0.58, form.ground - shaft),
        (1.0, form.ground - shaft * draw(rng, n, 0.94, 1.04)),
    )
    arch = draw(rng, n, -1.0, 3.0)
    under = curve(
        form.toe,
        form.heel,
        (0.0, form.ground),
        (0.4, form.ground),
        (0.5, form.ground - np.maximum(arch, 0.0)),
        (0.68, form.ground - np.maximum(arch, 0.0)),
        (0.72, form.ground),
    )
    picture = stand(form, outline, under)
    cuff = strip(form.ground - shaft, form.ground - shaft + draw(rng, n, 1.5, 3.0))
    mark(picture, deep(cuff), contrast(rng, n, 0.2, 0.5))
    sole(rng, form, picture)
    return turned(rng, picture)


def sandal(rng: Rng, n: int) -> np.ndarray:
    """Draw n sandals: a foot bed, straps with gaps between them, a heel on some."""
    form = last(rng, n, (20.5, 24.5))
    lift = np.maximum(draw(rng, n, -6.0, 8.0), 0.0)
    rise = draw(rng, n, 5.5, 9.0)
    bed = curve(form.toe, form.heel, (0.3, form.ground - 1.0), (0.8, form.ground - 1.0 - lift))
    height = curve(
        form.toe, form.heel, (0.0, rise * 0.2), (0.25, rise * 0.7), (0.6, rise * 0.6), (1.0, rise)
    )
    shoe = stand(form, bed - height, bed)
    lean = deep(draw(rng, n, -0.7, 0.7))
    period = deep(draw(rng, n, 5.0, 8.0))
    turns = (COLS + lean * ROWS[:, None]) / period + deep(draw(rng, n, 0.0, 1.0))
    shoe *= cover((triangle(turns) - deep(draw(rng, n, -0.1, 0.24))) * period * 0.25)
    rim = draw(rng, n, 1.0, 1.8)
    ankle = stand(form, bed - height, bed - height + rim)
    ankle *= wide(strip(form.toe + draw(rng, n, 9.0, 14.0), form.heel + 1.0))
    np.maximum(shoe, ankle, out=shoe)
    base = stand(form, bed - draw(rng, n, 0.8, 2.0), bed + draw(rng, n, 0.3, 1.5))
    np.maximum(shoe, base * deep(draw(rng, n, 0.55, 1.0)), out=shoe)
    heel = cover(np.minimum(ROWS[:, None] - wide(bed), deep(form.ground) - ROWS[:, None]))
    heel *= wide(strip(form.heel - draw(rng, n, 1.5, 4.5), form.heel))
    return turned(rng, np.maximum(shoe, heel, out=shoe))


GARMENTS = (t_shirt, trouser, pullover, dress, coat, sandal, shirt, sneaker, bag, boot)

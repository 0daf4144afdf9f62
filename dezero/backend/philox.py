"""Random numbers by counting: any part of a `Stream` can be computed again, on any device.

Philox4x64-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") turns a counter
and a key into a block of four 64-bit words. Block b of a stream belongs to the counter b + 1: these
are the words of `numpy.random.Philox(key=key).random_raw`, which the kernels of a GPU compute too.
So a mask need not be kept: who knows its `Place` draws it again.

Annotations are strings: naming numpy.random would import it, a fifth of `import dezero`.
"""

import math
from typing import Any, NamedTuple

import numpy as np

__all__ = [
    "WORDS", "Place", "Stream", "keeps", "mask_blocks", "normal_blocks", "normals", "source_of",
    "stream_key", "words_at",
]  # fmt: skip

# Words of a block: draws are rounded up to whole blocks.
WORDS = 4


class Place(NamedTuple):
    """Where in which stream something was drawn.

    Args:
        key: two words.
        block: the first block.
        base: three words on a device to be added to key and block, so that a captured step draws
            anew each time it is replayed; None adds nothing.
    """

    key: tuple[int, int]
    block: int
    base: Any = None


def stream_key(seed: Any) -> tuple[int, int]:
    """Return the key that belongs to a seed: integer, integers, SeedSequence or None for chance.

    The key is no part of what `numpy.random.default_rng(seed)` starts from.
    """
    given = isinstance(seed, np.random.SeedSequence)
    sequence = seed if given else np.random.SeedSequence(seed)
    own = np.random.SeedSequence(sequence.entropy, spawn_key=(*sequence.spawn_key, 0x9E3779B9))
    first, second = own.generate_state(2, np.uint64).tolist()
    return first, second


def source_of(seed: Any) -> Any:
    """Return the stream of a seed; a numpy.random.Generator, which draws on the host, as it is."""
    return seed if isinstance(seed, np.random.Generator) else Stream(stream_key(seed))


class Stream:
    """The words that belong to one key, drawn one block after the other.

    Args:
        key: two words below 2**64; see `stream_key`.
        position: blocks that are drawn already.
    """

    def __init__(self, key: tuple[int, int], position: int = 0) -> None:
        self.key, self.position = key, position
        self._bits, self._at = None, 0

    def __repr__(self) -> str:
        return f"Stream({self.key}, {self.position})"

    def __getstate__(self) -> dict[str, Any]:
        return {"key": self.key, "position": self.position, "_bits": None, "_at": 0}

    def take(self, blocks: int) -> Place:
        """Pass over so many blocks, and return where they are."""
        place = Place(self.key, self.position)
        self.position += blocks
        return place

    def words(self, blocks: int) -> np.ndarray:
        """Return the words of the next blocks: uint64, four for each."""
        if self._bits is None or self._at > self.position:
            # One bit generator for all draws: to make another takes longer than a small mask.
            self._bits, self._at = _bits(self.key, self.position), self.position
        elif self._at < self.position:
            self._bits.advance(self.position - self._at)
        self.position += blocks
        self._at = self.position
        return self._bits.random_raw(blocks * WORDS)


def _bits(key: tuple[int, int], block: int) -> "np.random.Philox":
    return np.random.Philox(key=np.array(key, np.uint64), counter=block)


def words_at(place: Place, blocks: int) -> np.ndarray:
    """Return the words of so many blocks from a place on: uint64, four for each."""
    key, block = place.key, place.block
    if place.base is not None:
        first, second, more = (int(v) for v in place.base)
        key, block = ((key[0] + first) % 2**64, (key[1] + second) % 2**64), block + more
    return _bits(key, block).random_raw(blocks * WORDS)


def mask_blocks(n: int, dropped: int) -> int:
    """Return how many blocks the mask of n elements takes, see `keeps`."""
    return -(-n // (32 if dropped % 256 == 0 else 16))


def keeps(words: np.ndarray, shape: tuple[int, ...], dropped: int) -> np.ndarray:
    """Return booleans, False with the probability dropped / 65536, made of words.

    An element takes 16 bits of them, and 8 where those decide: for a half, for a quarter.
    """
    n = math.prod(shape)
    if dropped % 256 == 0 and dropped < 65536:
        keep = words.view(np.uint8) >= dropped >> 8
    elif dropped < 65536:
        keep = words.view(np.uint16) >= dropped
    else:
        keep = np.zeros(n, bool)
    return keep[:n].reshape(shape)


def normal_blocks(n: int) -> int:
    """Return how many blocks n normal numbers take."""
    return -(-n // (2 * WORDS))


# Words at a time, few enough for the processor's cache.
_CHUNK = 1 << 12


def normals(words: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return float32 of the standard normal distribution, two of each word.

    By the polar angle of Box and Muller 1958: the upper half of a word gives the distance, from 0
    to 6.8, the lower half the angle: two bits the quarter, thirty where in it.
    """
    n = math.prod(shape)
    y = np.empty((len(words), 2), np.float32)
    for start in range(0, len(words), _CHUNK):
        part = words[start : start + _CHUNK]
        low, high = part.astype(np.uint32), (part >> np.uint64(32)).astype(np.uint32)
        _box_muller(low, high, y[start : start + _CHUNK])
    return y.reshape(-1)[:n].reshape(shape)


def _box_muller(low: np.ndarray, high: np.ndarray, y: np.ndarray) -> None:
    single = np.float32
    distance = high.astype(single)
    distance *= single(2.0**-32)
    distance += single(2.0**-33)
    np.log(distance, distance)
    distance *= single(-2)
    np.sqrt(distance, distance)
    # From -pi/4 to pi/4, where sine and cosine lose nothing.
    angle = ((low & np.uint32(2**30 - 1)).astype(np.int32) - np.int32(2**29)).astype(single)
    angle *= single(math.pi * 2.0**-31)
    cos, sin = np.cos(angle), np.sin(angle)
    cos *= distance
    sin *= distance
    # A turn by quarters swaps them and changes signs: in their bits, without a branch.
    quarter, cos, sin = low >> np.uint32(30), cos.view(np.uint32), sin.view(np.uint32)
    swap = cos ^ sin
    swap &= np.uint32(0) - (quarter & np.uint32(1))
    cos ^= swap
    sin ^= swap
    cos ^= ((quarter + np.uint32(1)) & np.uint32(2)) << np.uint32(30)
    sin ^= (quarter & np.uint32(2)) << np.uint32(30)
    y[:, 0], y[:, 1] = cos.view(np.float32), sin.view(np.float32)

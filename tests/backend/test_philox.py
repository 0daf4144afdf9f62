"""Words by counting: those of NumPy's Philox, wherever one begins."""

import copy

import numpy as np
import pytest

from dezero.backend import philox
from dezero.backend.philox import Place, Stream, stream_key

# Random123's known answers (kat_vectors of Salmon et al. 2011): counter, key, words.
KNOWN = [
    (
        [0, 0, 0, 0],
        [0, 0],
        [0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B],
    ),
    (
        [2**64 - 1] * 4,
        [2**64 - 1] * 2,
        [0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0],
    ),
]


def philox_block(counter, key):
    """Philox4x64-10 in Python's integers, by the paper."""
    c, k = list(counter), list(key)
    for _ in range(10):
        first, second = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
        mask = 2**64 - 1
        c = [(second >> 64) ^ c[1] ^ k[0], second & mask, (first >> 64) ^ c[3] ^ k[1], first & mask]
        k = [(k[0] + 0x9E3779B97F4A7C15) & mask, (k[1] + 0xBB67AE8584CAA73B) & mask]
    return c


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(counter, key, words):
    assert philox_block(counter, key) == words
    before = (sum(v << 64 * i for i, v in enumerate(counter)) - 1) % 2**256
    bits = np.random.Philox(key=np.array(key, "u8"), counter=before)
    assert bits.random_raw(4).tolist() == words


def test_block_belongs_to_the_counter_one_above():
    stream = Stream((5, 7), 40)
    words = stream.words(2).tolist()
    assert words == philox_block([41, 0, 0, 0], (5, 7)) + philox_block([42, 0, 0, 0], (5, 7))
    assert philox.words_at(Place((5, 7), 40), 2).tolist() == words


def test_words_follow_each_other_however_they_are_taken():
    whole = Stream((1, 2)).words(9)
    stream = Stream((1, 2))
    parts = [stream.words(2)]
    place = stream.take(3)
    parts += [philox.words_at(place, 3), stream.words(0), stream.words(4)]
    np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert place == Place((1, 2), 2) and stream.position == 9
    stream.position = 1  # back
    np.testing.assert_array_equal(stream.words(2), whole[4:12])


def test_place_on_top_of_a_base():
    base = np.array([2**64 - 1, 3, 10], "u8")
    there = philox.words_at(Place((6, 1), 2, base), 3)
    np.testing.assert_array_equal(there, philox.words_at(Place((5, 4), 12), 3))


def test_copies_go_on_from_the_same_place():
    stream = Stream(stream_key(3))
    stream.words(5)
    other = copy.deepcopy(stream)
    np.testing.assert_array_equal(stream.words(2), other.words(2))
    assert stream.position == other.position == 7
    assert "Stream(" in repr(stream)


def test_keys():
    assert stream_key(0) == stream_key(0) != stream_key(1)
    assert stream_key([1, 2]) == stream_key(np.random.SeedSequence([1, 2]))
    assert stream_key(None) != stream_key(None)
    with pytest.raises(ValueError):
        stream_key(-1)
    own = np.random.default_rng(0)
    assert philox.source_of(own) is own
    assert philox.source_of(4).key == stream_key(4)


@pytest.mark.parametrize("dropped", [0, 1, 128, 256, 16384, 30000, 32768, 65280, 65535, 65536])
def test_kept_part(dropped):
    n = 100_003
    words = Stream((1, 2)).words(philox.mask_blocks(n, dropped))
    keep = philox.keeps(words, (n,), dropped)
    bits = 8 if dropped % 256 == 0 else 16
    assert keep.shape == (n,) and len(words) * 64 >= n * bits > (len(words) - 4) * 64
    share = 1 - dropped / 65536
    assert abs(keep.mean() - share) <= 5 * (share * (1 - share) / n) ** 0.5


@pytest.mark.slow
def test_normal_numbers():
    n = 1_000_001
    words = Stream((1, 2)).words(philox.normal_blocks(n))
    x = philox.normals(words, (n,)).astype("f8")
    for power, moment in ((1, 0), (2, 1), (3, 0), (4, 3)):
        assert abs((x**power).mean() - moment) < 0.02
    assert abs((x[::2][:-1] * x[1::2]).mean()) < 0.005 and 4.5 < abs(x).max() < 6.8
    # By the formula in float64: float32 loses no more than a few of its last digits.
    u = (words >> np.uint64(32)).astype("f4") * np.float32(2.0**-32) + np.float32(2.0**-33)
    low = (words & np.uint64(2**32 - 1)).astype("f8")
    angle = low * (2 * np.pi / 2**32) - np.pi / 4
    radius = np.sqrt(-2 * np.log(u.astype("f8")))
    expected = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).reshape(-1)[:n]
    assert (np.abs(x - expected) <= 8 * np.spacing(np.abs(expected).astype("f4"))).all()


def test_extreme_words():
    words = np.array([0, 2**64 - 1, 2**32 - 1, 2**63], "u8")
    x = philox.normals(words, (8,))
    assert np.isfinite(x).all() and abs(x).max() < 6.8
    assert not philox.normals(words[:0], (0,)).size

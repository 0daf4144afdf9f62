"""Random geometry: what each transform does, to one picture, to many, twice, and in threads."""

import copy
import threading

import numpy as np
import pytest
from PIL import Image

import dezero.transforms as T
from dezero.transforms import affine_matrix, resample

RNG = np.random.default_rng(0)
COLOUR = RNG.integers(0, 256, (6, 3, 8, 12), dtype=np.uint8)
GREY = COLOUR[:, :1]

RANDOM = {
    "horizontal": lambda seed: T.RandomHorizontalFlip(seed=seed),
    "vertical": lambda seed: T.RandomVerticalFlip(seed=seed),
    "affine": lambda seed: T.RandomAffine(20, 0.1, 10, 0.2, keep_aspect=False, seed=seed),
    "rotation": lambda seed: T.RandomRotation(20, fill_mode="reflect", seed=seed),
    "shift": lambda seed: T.RandomShift(0.2, 3, fill_mode="constant", fill=7, seed=seed),
    "shear": lambda seed: T.RandomShear((0, 30), order=0, seed=seed),
    "zoom": lambda seed: T.RandomZoom((0.5, 2.0), fill_mode="wrap", seed=seed),
    "crop": lambda seed: T.RandomCrop((5, 4), 2, seed=seed),
    "erasing": lambda seed: T.RandomErasing(0.7, fill=[1, 2, 3], seed=seed),
    "jitter": lambda seed: T.ColorJitter(0.4, 0.4, 0.4, 0.2, seed=seed),
}


@pytest.fixture(params=RANDOM)
def make(request):
    return RANDOM[request.param]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32, np.float64])
def test_batch_equals_samples_drawn_one_by_one(make, dtype):
    xs = COLOUR.astype(dtype)
    batch = make(3).batch(xs)
    one = make(3)
    samples = np.stack([one(x) for x in xs])
    assert batch.dtype == samples.dtype == dtype
    np.testing.assert_array_equal(batch, samples)


def test_each_picture_has_a_draw_of_its_own(make):
    ys = make(0).batch(np.repeat(COLOUR[:1], 24, axis=0))
    assert len({y.tobytes() for y in ys}) > 1


def test_seed_decides_and_draws_go_on(make):
    one, same, other = make(1), make(1), make(2)
    first = one.batch(COLOUR)
    np.testing.assert_array_equal(first, same.batch(COLOUR))
    assert not np.array_equal(first, other.batch(COLOUR))
    seen = {one.batch(COLOUR).tobytes() for _ in range(4)}
    assert len(seen) > 1


def test_pillow_image_is_changed_as_its_array_is(make):
    image = Image.fromarray(COLOUR[0].transpose(1, 2, 0))
    y = make(5)(image)
    assert isinstance(y, Image.Image) and y.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(y).transpose(2, 0, 1), make(5)(COLOUR[0]))


def test_inputs_are_left_alone(make):
    x = COLOUR.copy()
    x.flags.writeable = False
    make(0).batch(x)
    np.testing.assert_array_equal(x, COLOUR)


def test_no_pictures_and_copies(make):
    assert len(make(0).batch(COLOUR[:0])) == 0
    one = make(4)
    twin = copy.deepcopy(one)
    np.testing.assert_array_equal(one.batch(COLOUR), twin.batch(COLOUR))


def test_threads_share_one_transform_and_lose_no_draw(make):
    """Each call takes its numbers in one go, so 4 x 8 calls give the draws of 32 in a row."""
    shared, results = make(9), []

    def work():
        results.extend([shared(COLOUR[0]).tobytes() for _ in range(8)])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = make(9)
    assert sorted(results) == sorted(alone(COLOUR[0]).tobytes() for _ in range(32))


@pytest.mark.parametrize("name", [n for n in RANDOM if n != "erasing"])
def test_grey(name):
    make = RANDOM[name]
    flat = make(2).batch(GREY[:, 0])
    deep = make(2).batch(GREY)
    np.testing.assert_array_equal(flat[:, None], deep)
    image = make(2)(Image.fromarray(GREY[0, 0]))
    np.testing.assert_array_equal(np.asarray(image), deep[0, 0])


def test_bug_41_horizontal_flip_flips():
    flip = T.RandomHorizontalFlip()
    x = COLOUR[0]
    seen = [np.array_equal(flip(x), x[:, :, ::-1]) for _ in range(64)]
    assert 8 < sum(seen) < 56
    np.testing.assert_array_equal(T.RandomHorizontalFlip(p=1.0)(x), x[:, :, ::-1])
    np.testing.assert_array_equal(T.RandomVerticalFlip(p=1.0)(x), x[:, ::-1])
    np.testing.assert_array_equal(T.RandomVerticalFlip(p=0.0)(x), x)


@pytest.mark.parametrize(
    ("transform", "options"),
    [
        (T.RandomRotation((30, 30)), {"rotation": 30.0}),
        (T.RandomShear((20, 20)), {"shear": 20.0}),
        (T.RandomZoom((1.5, 1.5)), {"zoom": 1.5}),
        (T.RandomAffine((30, 30), shear=(20, 20)), {"rotation": 30.0, "shear": 20.0}),
    ],
)
def test_fixed_draws_are_the_matrices(transform, options):
    expected = resample(COLOUR, affine_matrix((8, 12), **options))
    np.testing.assert_array_equal(transform.batch(COLOUR), expected)


def shifts(width, height, n=400):
    """Drawn shifts (to the right, down) in pixels of 8 by 12 pictures."""
    shift = T.RandomShift(width, height, seed=0)
    matrices = shift.matrices((8, 12), shift.rng.random((n, 6)))
    return -matrices[:, 1, 2], -matrices[:, 0, 2]


def test_shifts_go_along_the_axis_they_are_named_after():
    right, down = shifts(0.25, 0.0)
    assert not down.any() and 2.9 < np.abs(right).max() <= 3.0  # a quarter of the width 12
    right, down = shifts(0.0, 0.25)
    assert not right.any() and 1.9 < np.abs(down).max() <= 2.0  # a quarter of the height 8


def test_integer_shifts_are_whole_pixels_evenly_drawn():
    right, down = shifts(2, 0)
    assert not down.any()
    values, counts = np.unique(right, return_counts=True)
    np.testing.assert_array_equal(values, [-2, -1, 0, 1, 2])
    assert counts.min() > 50
    moved = T.RandomShift(2, 0, fill_mode="wrap").batch(COLOUR)
    for y, x in zip(moved, COLOUR, strict=True):
        assert any(np.array_equal(y, np.roll(x, k, axis=2)) for k in range(-2, 3))


def test_translation_is_shift():
    assert T.RandomTranslation is T.RandomShift


def test_zoom_factors():
    zoom = T.RandomZoom(0.2, keep_aspect=False)
    matrices = zoom.matrices((8, 12), zoom.rng.random((500, 6)))
    factors = 1 / matrices[:, [0, 1], [0, 1]]
    assert factors.min() >= 0.8 and factors.max() <= 1.2 and factors.std(axis=0).min() > 0.1
    assert np.abs(factors[:, 0] - factors[:, 1]).max() > 0.1
    kept = T.RandomZoom(0.2)
    matrices = kept.matrices((8, 12), kept.rng.random((50, 6)))
    np.testing.assert_array_equal(matrices[:, 0, 0], matrices[:, 1, 1])


@pytest.mark.parametrize(
    ("make", "error", "match"),
    [
        (lambda: T.RandomHorizontalFlip(1.5), ValueError, "expected p from 0 to 1, got 1.5"),
        (lambda: T.RandomHorizontalFlip("x"), ValueError, "expected p from 0 to 1, got 'x'"),
        (lambda: T.RandomRotation("x"), TypeError, "RandomRotation: expected degrees to be"),
        (lambda: T.RandomShear(90), ValueError, "expected shear from a low to a finite high"),
        (lambda: T.RandomShear((0, 90)), ValueError, "expected shear within -89 to 89"),
        (lambda: T.RandomZoom(1), ValueError, "RandomZoom: expected zoom from a low .* 0 to 2"),
        (lambda: T.RandomZoom((0, 2)), ValueError, "RandomZoom: expected zoom from a low"),
        (lambda: T.RandomShift("x"), TypeError, "RandomShift: expected shift to be a number or"),
        (lambda: T.RandomAffine(shift=(1, 2, 3)), TypeError, "expected shift to be a number or"),
        (lambda: T.RandomShift(np.inf), ValueError, "RandomShift: expected a finite shift"),
        (lambda: T.RandomAffine(fill_mode="x"), ValueError, "expected fill_mode to be one of"),
        (lambda: T.RandomAffine(order=2), ValueError, "RandomAffine: expected order 0"),
    ],
)
def test_arguments_that_do_not_fit(make, error, match):
    with pytest.raises(error, match=match):
        make()

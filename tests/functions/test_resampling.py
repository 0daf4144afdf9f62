"""What specs cannot say of `dezero/functions/resampling.py`."""

import numpy as np
import pytest

import dezero.functions as F
from dezero.core import Variable
from tests.functions.torch_grid import agree, everywhere


def upsampled(torch, words):
    """Ours and torch's with these keywords, under all modes."""
    theirs = {("scale_factor" if k == "scale" else k): v for k, v in words.items()}
    for mode, extra in (
        ("nearest", {}),
        ("bilinear", {"align_corners": False}),
        ("bilinear", {"align_corners": True}),
    ):
        yield (
            lambda v, layout, m=mode, e=extra: F.upsample(v, mode=m, layout=layout, **words, **e),
            lambda t, m=mode, e=extra: torch.nn.functional.interpolate(t, mode=m, **theirs, **e),
        )


@pytest.mark.oracle
@pytest.mark.slow
@pytest.mark.parametrize("shape", [(2, 3, 5, 7), (2, 2, 1, 4), (1, 1, 1, 1), (2, 3, 8, 6)])
@pytest.mark.parametrize(
    "words",
    [
        *({"size": size} for size in ((1, 1), (3, 4), (5, 7), (11, 2), (2, 13))),
        *({"scale": scale} for scale in (2, 3, 1.5, (2, 3), (1.3, 2.6))),
    ],
)
def test_upsample_agrees_with_torch(rng, words, shape):
    torch = pytest.importorskip("torch")
    for ours, theirs in upsampled(torch, words):
        everywhere(ours, theirs, rng.standard_normal(shape), rng)


@pytest.mark.oracle
@pytest.mark.parametrize("words", [{"scale": 2}, {"scale": (0.7, 2.6)}, {"size": (3, 13)}])
def test_some_upsamplings_agree_with_torch(rng, words):
    torch = pytest.importorskip("torch")
    for ours, theirs in upsampled(torch, words):
        everywhere(ours, theirs, rng.standard_normal((2, 3, 5, 7)), rng)


@pytest.mark.oracle
@pytest.mark.parametrize("scale", [1.1, 1.3, 2.2, 2.4, 0.7])
@pytest.mark.parametrize("n", [2, 3, 4, 7])
def test_scales_beside_whole_ones_agree_with_torch(n, scale):
    torch = pytest.importorskip("torch")
    x = np.arange(n, dtype=float).reshape(1, 1, 1, n)
    for ours, theirs in upsampled(torch, {"scale": (1.0, scale)}):
        y = ours(x, layout="NCHW").data
        np.testing.assert_allclose(y, theirs(torch.tensor(x)).numpy(), atol=1e-12)


@pytest.mark.oracle
def test_sequences_agree_with_torch(rng):
    torch = pytest.importorskip("torch")
    agree(
        lambda v: F.upsample(v, 2.5, mode="linear", layout="NCL"),
        lambda t: torch.nn.functional.interpolate(t, scale_factor=2.5, mode="linear"),
        rng.standard_normal((2, 3, 7)),
        rng,
    )


@pytest.mark.oracle
@pytest.mark.parametrize(
    "mode, theirs",
    [("constant", "constant"), ("edge", "replicate"), ("reflect", "reflect"), ("wrap", "circular")],
)
def test_borders_agree_with_torch(rng, mode, theirs):
    torch = pytest.importorskip("torch")
    everywhere(
        lambda v, layout: F.pad2d(v, ((1, 2), (0, 3)), mode, layout=layout),
        lambda t: torch.nn.functional.pad(t, (0, 3, 1, 2), mode=theirs),
        rng.standard_normal((2, 3, 5, 6)),
        rng,
    )


@pytest.mark.oracle
def test_shuffling_agrees_with_torch(rng):
    torch = pytest.importorskip("torch")
    everywhere(
        lambda v, layout: F.pixel_shuffle(v, 2, layout=layout),
        lambda t: torch.nn.functional.pixel_shuffle(t, 2),
        rng.standard_normal((2, 12, 5, 3)),
        rng,
    )
    everywhere(
        lambda v, layout: F.pixel_unshuffle(v, 3, layout=layout),
        lambda t: torch.nn.functional.pixel_unshuffle(t, 3),
        rng.standard_normal((2, 2, 6, 9)),
        rng,
    )


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_unshuffling_undoes_shuffling(rng, layout):
    x = rng.standard_normal((2, 8, 4, 8))
    y = F.pixel_unshuffle(F.pixel_shuffle(x, 2, layout=layout), 2, layout=layout)
    np.testing.assert_array_equal(y.data, x)


def test_nearest_places_are_exact():
    # torch's single precision takes 37 * 6 / 74 = 3 for less.
    y = F.upsample(np.arange(6.0).reshape(1, 1, 1, 6), size=(1, 74))
    np.testing.assert_array_equal(y.data.ravel(), np.arange(74) * 6 // 74)


def test_infinity_stays_among_its_neighbours():
    x = np.zeros((1, 1, 1, 5))
    x[..., 0] = np.inf
    y = F.upsample(x, (1, 2), mode="bilinear").data.ravel()
    np.testing.assert_array_equal(np.isinf(y), [True, True, True, *[False] * 7])
    assert not np.isnan(y).any()


def test_padding_bytes_gives_bytes():
    x = np.ones((1, 1, 2, 2), np.uint8)
    assert F.pad2d(x, 1).dtype == np.uint8
    assert F.pad2d(x, 1, value=0.5).data.min() == 0.5


@pytest.mark.parametrize(
    "dtype, held, others",
    [
        (np.uint8, (0, 255, 7.0), (-1, 256, 0.5, np.nan, np.inf)),
        (np.int8, (-128, 127), (-129, 128)),
        (np.int64, (-(2**63), 2**62), (2.0**63, 1e30)),
        (bool, (0, 1, True), (2, -1, 0.5)),
    ],
)
def test_a_border_is_what_was_asked_for(dtype, held, others):
    # NumPy's own pad makes 255 of -1 in bytes.
    x = np.ones((1, 1, 1, 1), dtype)
    for value in held + others:
        y = F.pad2d(x, 1, value=value)
        assert y.dtype == (dtype if value in held else np.float32)
        np.testing.assert_array_equal(y.data[0, 0, 0, 0], np.asarray(value, y.dtype))


def test_gradients_of_float16_come_from_float32():
    x = Variable(np.ones((1, 1, 1, 1), np.float16))
    F.upsample(x, 64).backward()
    assert x.grad.dtype == np.float16 and x.grad.data.item() == 4096

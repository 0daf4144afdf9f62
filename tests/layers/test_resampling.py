"""What specs cannot say of `dezero/layers/resampling.py`: what is shown and what is refused."""

import pytest

import dezero.layers as L


@pytest.mark.parametrize(
    "layer, shown",
    [
        (L.Upsample(2), "Upsample(times 2, nearest)"),
        (
            L.Upsample(size=(5, 3), mode="bilinear", align_corners=True, layout="NHWC"),
            "Upsample(to [5, 3], bilinear, align corners, NHWC)",
        ),
        (L.Pad2d(1), "Pad2d([[1, 1], [1, 1]], 0)"),
        (L.Pad2d((1, 2), "edge", layout="NHWC"), "Pad2d([[1, 1], [2, 2]], edge, NHWC)"),
        (L.PixelShuffle(2), "PixelShuffle(2)"),
        (L.PixelUnshuffle(3, layout="NHWC"), "PixelUnshuffle(3, NHWC)"),
    ],
)
def test_layers_say_what_tells_them_apart(layer, shown):
    assert repr(layer) == shown


@pytest.mark.parametrize(
    "make, error, match",
    [
        (lambda: L.Upsample(), ValueError, "Upsample: expected scale or size"),
        (lambda: L.Upsample(2, size=3), ValueError, "Upsample: expected scale or size"),
        (lambda: L.Upsample(2, layout="NCDHW"), ValueError, "Upsample: expected layout 'NCHW'"),
        (lambda: L.Upsample(2, mode="cubic"), ValueError, "Upsample: unknown name 'cubic'"),
        (lambda: L.Pad2d(-1), ValueError, "Pad2d: expected pad >= 0"),
        (lambda: L.Pad2d("same"), ValueError, "Pad2d: expected pad as numbers of pixels"),
        (lambda: L.Pad2d(1, "mirror"), ValueError, "Pad2d: unknown name 'mirror'"),
        (lambda: L.PixelShuffle(0), ValueError, "PixelShuffle: expected factor >= 1"),
        (lambda: L.PixelUnshuffle(1.5), TypeError, "PixelUnshuffle: expected factor"),
    ],
)
def test_wrong_settings_are_refused_at_once(make, error, match):
    with pytest.raises(error, match=match):
        make()
